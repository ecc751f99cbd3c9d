//! What is in the images: fixtures with a readable listing and pinned digests, and laws that hold for
//! random trees.
//!
//! `tests/image/NAME/` holds an args.nix and its files; `listing` has a line for each header of the
//! archive and of every layer, then the JSON files.

use crate::archive::{entries, files};
use crate::support::{Expectations, Folder, bimanix, copy, done, fixtures, kernel, kernel_for};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The parts of an archive, once what must hold of any has been checked.
struct Image {
    index: Value,
    docker: Value,
    manifest: Value,
    config: Value,
    manifest_digest: String,
    layers: Vec<Vec<u8>>,
    listing: String,
}

fn open(archive: &[u8]) -> Image {
    let all = entries(archive);
    let mut listing = String::from("archive\n");
    for entry in &all {
        writeln!(listing, "  {}", entry.line()).unwrap();
        assert!(entry.host.is_empty(), "owner names or devices in {}", entry.line());
    }
    let parts = files(archive);
    assert_eq!(
        parts.len(),
        all.iter().filter(|entry| entry.kind == '0').count(),
        "a part is there twice"
    );
    for (name, body) in &parts {
        if let Some(hex) = name.strip_prefix("blobs/sha256/") {
            assert_eq!(hex, digest(body), "a blob's name is its digest");
        }
    }
    let json = |name: &str| serde_json::from_slice::<Value>(&parts[name]).unwrap();
    let blob = |digest: &Value| {
        let hex = digest.as_str().unwrap().strip_prefix("sha256:").unwrap();
        parts[&format!("blobs/sha256/{hex}")].clone()
    };
    assert_eq!(json("oci-layout"), serde_json::json!({ "imageLayoutVersion": "1.0.0" }));
    let index = json("index.json");
    let manifest_digest = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
    let manifest: Value = serde_json::from_slice(&blob(&index["manifests"][0]["digest"])).unwrap();
    let config: Value = serde_json::from_slice(&blob(&manifest["config"]["digest"])).unwrap();
    let docker = json("manifest.json");
    let mut layers = Vec::new();
    for (number, layer) in manifest["layers"].as_array().unwrap().iter().enumerate() {
        let bytes = blob(&layer["digest"]);
        assert_eq!(layer["size"], bytes.len() as u64);
        assert_eq!(
            layer["digest"], config["rootfs"]["diff_ids"][number],
            "layers are not compressed"
        );
        let path = format!("blobs/sha256/{}", digest(&bytes));
        assert_eq!(docker[0]["Layers"][number], path, "docker sees the same blobs");
        writeln!(listing, "layer {number}").unwrap();
        for entry in entries(&bytes) {
            writeln!(listing, "  {}", entry.line()).unwrap();
            assert!(entry.host.is_empty());
        }
        layers.push(bytes);
    }
    // One part each: the layers, configuration, manifest, layout, index and docker's manifest.
    assert_eq!(parts.len(), layers.len() + 5, "a part that nothing names");
    Image { index, docker, manifest, config, manifest_digest, layers, listing }
}

#[test]
fn fixtures_are_laid_out_as_listed() {
    let mut expectations = Expectations::default();
    for fixture in fixtures("image") {
        let folder = Folder::new();
        copy(&fixture, folder.path());
        let text = std::fs::read_to_string(fixture.join("args.nix")).unwrap();
        folder.write("kernel", kernel_for(&text));
        // Git keeps the x bit and nothing else, so the rest is made here.
        std::fs::create_dir_all(folder.path().join("empty")).unwrap();
        done(folder.path(), &["build"]);
        let image = open(&std::fs::read(folder.path().join("result")).unwrap());
        let mut found = image.listing.clone();
        for (name, value) in [
            ("index.json", &image.index),
            ("manifest.json", &image.docker),
            ("manifest", &image.manifest),
            ("config", &image.config),
        ] {
            writeln!(found, "{name}\n{value:#}").unwrap();
        }
        let top = files(image.layers.last().unwrap());
        writeln!(found, "urunc.json\n{}", String::from_utf8_lossy(&top["urunc.json"])).unwrap();
        expectations.check(&fixture.join("listing"), &found);
    }
    expectations.finish();
}

#[test]
fn annotations_stand_in_three_places() {
    let folder = Folder::new();
    let fixture = &fixtures("image")[0];
    copy(fixture, folder.path());
    let text = std::fs::read_to_string(fixture.join("args.nix")).unwrap();
    folder.write("kernel", kernel_for(&text));
    std::fs::create_dir_all(folder.path().join("empty")).unwrap();
    done(folder.path(), &["build"]);
    let image = open(&std::fs::read(folder.path().join("result")).unwrap());
    let urunc = |value: &Value| -> BTreeMap<String, String> {
        let object = value.as_object().unwrap().iter();
        object
            .filter(|(key, _)| key.starts_with("com.urunc."))
            .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
            .collect()
    };
    let annotations = urunc(&image.manifest["annotations"]);
    assert!(annotations.len() >= 6);
    assert_eq!(urunc(&image.config["config"]["Labels"]), annotations);
    let json: Value =
        serde_json::from_slice(&files(image.layers.last().unwrap())["urunc.json"]).unwrap();
    let decoded: BTreeMap<String, String> = json
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.clone(), base64_text(value.as_str().unwrap())))
        .collect();
    assert_eq!(decoded, annotations);
}

/// Padded standard base64, decoded by the book (RFC 4648 section 4).
fn base64_text(text: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    assert_eq!(text.len() % 4, 0);
    let mut bytes = Vec::new();
    for group in text.as_bytes().chunks(4) {
        let value = |digit: &u8| {
            let position = alphabet.iter().position(|known| known == digit).unwrap_or(0);
            u32::try_from(position).unwrap()
        };
        let number = group.iter().fold(0, |number, digit| number << 6 | value(digit));
        let keep = 3 - std::str::from_utf8(group).unwrap().matches('=').count();
        bytes.extend(&number.to_be_bytes()[1..=keep]);
    }
    String::from_utf8(bytes).unwrap()
}

const ARGS: &str =
    "{ name = \"t\"; files = { \"./kernel\" = \"/unikernel/kernel\"; \"./tree\" = \"/.\"; };
  annotations = { unikernelType = \"linux\"; hypervisor = \"qemu\"; binary = \"/unikernel/kernel\";
  cmdline = \"x\"; }; }";

#[test]
fn random_trees_come_back() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).unwrap()
    };
    let names =
        ["a", "b c", "é", "-x", "a\nb", "…", "%s", "$HOME", "'", "\"", "\\", "x.", "..x", "~"];
    for _ in 0..12 {
        let folder = Folder::new();
        folder.write("kernel", kernel());
        folder.write("args.nix", ARGS);
        let root = folder.path().join("tree");
        std::fs::create_dir(&root).unwrap();
        let mut expected: BTreeMap<String, (char, u64, Vec<u8>)> = BTreeMap::new();
        let mut folders = vec![String::new()];
        for number in 0..25 {
            let parent = folders[next(folders.len())].clone();
            let mut name = format!("{}{number}", names[next(names.len())]);
            if next(6) == 0 {
                name += &"n".repeat(60 + next(120));
            }
            let path = if parent.is_empty() { name } else { format!("{parent}/{name}") };
            let place = root.join(&path);
            match next(4) {
                0 => {
                    std::fs::create_dir(&place).unwrap();
                    expected.insert(format!("{path}/"), ('5', 0o755, Vec::new()));
                    folders.push(path);
                }
                1 => {
                    let target = "t/".repeat(1 + next(80));
                    symlink(&target, &place).unwrap();
                    expected.insert(path, ('2', 0o777, target.into_bytes()));
                }
                _ => {
                    let body: Vec<u8> =
                        (0..next(1500)).map(|byte| u8::try_from(byte % 251).unwrap()).collect();
                    std::fs::write(&place, &body).unwrap();
                    let executable = next(2) == 0;
                    let mode = if executable { 0o711 } else { 0o604 };
                    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(mode))
                        .unwrap();
                    expected.insert(path, ('0', if executable { 0o755 } else { 0o644 }, body));
                }
            }
        }
        done(folder.path(), &["build"]);
        let image = open(&std::fs::read(folder.path().join("result")).unwrap());
        let found: BTreeMap<String, (char, u64, Vec<u8>)> = entries(&image.layers[1])
            .into_iter()
            .map(|entry| {
                let content = if entry.kind == '2' { entry.link } else { entry.body };
                (String::from_utf8(entry.path).unwrap(), (entry.kind, entry.mode, content))
            })
            .collect();
        let differ: Vec<&String> = expected
            .keys()
            .chain(found.keys())
            .filter(|path| expected.get(*path) != found.get(*path))
            .collect();
        assert!(differ.is_empty(), "{differ:?}");
    }
}

/// Builds in the folder with changes of the surroundings that may not matter, as a shell makes them.
fn build_as(folder: &Path, shell: &str) -> Vec<u8> {
    let status = std::process::Command::new("sh")
        .args(["-c", shell, "sh", env!("CARGO_BIN_EXE_bimanix")])
        .current_dir(folder)
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{shell}");
    let bytes = std::fs::read(folder.join("out")).unwrap();
    std::fs::remove_file(folder.join("out")).unwrap();
    bytes
}

#[test]
fn surroundings_do_not_change_a_byte() {
    let folder = Folder::new();
    let fixture = &fixtures("image")[0];
    copy(fixture, folder.path());
    let text = std::fs::read_to_string(fixture.join("args.nix")).unwrap();
    folder.write("kernel", kernel_for(&text));
    std::fs::create_dir_all(folder.path().join("empty")).unwrap();
    let first = build_as(folder.path(), "\"$1\" build -o out");
    for shell in [
        "umask 077; \"$1\" build -o out",
        "TZ=Asia/Tokyo LANG=tr_TR.UTF-8 LC_ALL=C \"$1\" build -o out",
        "env -i \"$1\" build -o out",
        "find . -exec touch -h -d 2001-02-03 {} +; \"$1\" build -o out",
        "\"$1\" build -o - > out",
        "\"$1\" build \"$PWD\" -o out",
        "cd / && \"$1\" build \"$OLDPWD/args.nix\" -o \"$OLDPWD/out\"",
        "taskset 1 \"$1\" build -o out",
        "mkfifo pipe; cat pipe > out & \"$1\" build -o pipe; wait; rm pipe",
    ] {
        assert!(build_as(folder.path(), shell) == first, "other bytes: {shell}");
    }
    let other = Folder::new();
    copy(folder.path(), &other.path().join("elsewhere"));
    assert!(build_as(&other.path().join("elsewhere"), "\"$1\" build -o out") == first);
    let later = build_as(folder.path(), "SOURCE_DATE_EPOCH=1700000000 \"$1\" build -o out");
    let image = open(&later);
    assert_eq!(image.config["created"], "2023-11-14T22:13:20Z");
    assert!(entries(&image.layers[0]).iter().all(|entry| entry.mtime == 1_700_000_000));
}

#[test]
fn a_layout_holds_the_same_blobs() {
    let folder = Folder::new();
    let fixture = &fixtures("image")[0];
    copy(fixture, folder.path());
    let text = std::fs::read_to_string(fixture.join("args.nix")).unwrap();
    folder.write("kernel", kernel_for(&text));
    std::fs::create_dir_all(folder.path().join("empty")).unwrap();
    done(folder.path(), &["build"]);
    done(folder.path(), &["build", "--format", "layout", "-o", "layout"]);
    // A layout is replaced by a layout, and nothing else is.
    done(folder.path(), &["build", "--format", "layout", "-o", "layout"]);
    let refused =
        bimanix(folder.path()).args(["build", "--format", "layout", "-o", "empty/.."]).output();
    assert_eq!(refused.unwrap().status.code(), Some(3));
    for (name, bytes) in files(&std::fs::read(folder.path().join("result")).unwrap()) {
        if name != "manifest.json" {
            assert_eq!(
                std::fs::read(folder.path().join("layout").join(&name)).unwrap(),
                bytes,
                "{name}"
            );
        }
    }
    let inspect = |path: &str| done(folder.path(), &["inspect", path, "--json"]).stdout;
    assert_eq!(inspect("layout"), inspect("result"));
}

#[test]
fn images_that_share_a_kernel_share_its_blob() {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    folder.write("tree/a", "one");
    folder.write("args.nix", ARGS);
    done(folder.path(), &["build", "-o", "one"]);
    folder.write("tree/a", "two");
    folder.write("args.nix", ARGS.replace("cmdline = \"x\"", "cmdline = \"y\""));
    done(folder.path(), &["build", "-o", "two"]);
    let image = |name: &str| open(&std::fs::read(folder.path().join(name)).unwrap());
    let (one, two) = (image("one"), image("two"));
    assert_ne!(one.manifest_digest, two.manifest_digest);
    assert_eq!(one.layers[0], two.layers[0]);
    assert_ne!(one.layers[1], two.layers[1]);
}
