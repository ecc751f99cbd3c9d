//! What reading an image may take: small files that would become large ones in memory. The bound is that of
//! `src/image/read/budget.rs`; here the memory of the process is held against it.

use crate::foreign::{config, docker_archive, gzip, layer, member, sha256};
use crate::support::{Folder, bimanix};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use tar::EntryType;

/// The budget of 256 MiB, and what the process takes for itself.
const MAX_MEMORY: u64 = 320 << 20;

/// Runs `inspect` on a file of that name and gives its exit code, what it said, and the most memory that it had.
fn inspect(folder: &Path, more: &[&str]) -> (Option<i32>, String, u64) {
    let mut child = bimanix(folder)
        .arg("inspect")
        .arg("image")
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let said = std::thread::spawn(move || {
        let mut said = String::new();
        stderr.read_to_string(&mut said).unwrap();
        said
    });
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let code = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(kilobytes) = line {
            let kilobytes: u64 = kilobytes.trim().strip_suffix(" kB").unwrap().parse().unwrap();
            peak = peak.max(kilobytes << 10);
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    (code, said.join().unwrap(), peak)
}

/// Too large for the budget with this part.
fn too_large(what: &str, archive: &[u8], part: &str) {
    let folder = Folder::new();
    folder.write("image", archive);
    let (code, said, peak) = inspect(folder.path(), &[]);
    let with = match part {
        "the archive" => String::new(),
        part => format!("with `{part}`, "),
    };
    let expected = format!(
        "error[image/too-large]: `image` is too large to be read\n  = why: {with}its names, links and JSON take \
         more than 256.0 MiB of memory\n"
    );
    assert_eq!((code, said), (Some(1), expected), "{what}, {} bytes", archive.len());
    assert!(peak > 0 && peak < MAX_MEMORY, "{what}: {peak} bytes");
}

/// A member with a header for its name, as GNU tar writes it.
fn long_name(tar: &mut Vec<u8>, name: &[u8]) {
    let start = tar.len();
    member(tar, "././@LongLink", EntryType::GNULongName, 0, "", &[name, b"\0"].concat());
    assert!(tar.len() > start);
    member(tar, "short", EntryType::Regular, 0o644, "", b"");
}

/// A pax header with these records.
fn pax(tar: &mut Vec<u8>, records: &[(&str, &[u8])]) {
    let mut bytes = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let mut length = rest;
        while length != rest + length.to_string().len() {
            length = rest + length.to_string().len();
        }
        bytes.extend(format!("{length} {key}=").bytes());
        bytes.extend_from_slice(value);
        bytes.push(b'\n');
    }
    member(tar, "pax", EntryType::XHeader, 0o644, "", &bytes);
}

fn finish(mut tar: Vec<u8>) -> Vec<u8> {
    tar.extend([0; 1024]);
    tar
}

/// A symlink with the longest target, and many hard links to it, each of which is another one.
fn links(count: u32) -> Vec<u8> {
    let mut tar = Vec::new();
    pax(&mut tar, &[("linkpath", &[b't'; 4096])]);
    member(&mut tar, "s", EntryType::Symlink, 0o777, "", b"");
    for number in 0..count {
        member(&mut tar, &format!("l{number}"), EntryType::Link, 0o777, "s", b"");
    }
    finish(tar)
}

#[test]
fn names_in_the_archive() {
    for kind in ["GNU", "pax", "links"] {
        let mut tar = Vec::new();
        for number in 0..300 {
            let mut name = format!("{number}").into_bytes();
            name.resize(1_000_000, b'x');
            match kind {
                "GNU" => long_name(&mut tar, &name),
                "pax" => {
                    pax(&mut tar, &[("path", &name)]);
                    member(&mut tar, "x", EntryType::Regular, 0o644, "", b"");
                }
                _ => {
                    pax(&mut tar, &[("linkpath", &name)]);
                    member(&mut tar, &format!("{number}"), EntryType::Symlink, 0o644, "", b"");
                }
            }
        }
        let archive = gzip(&finish(tar));
        assert!(archive.len() < 3 << 20);
        too_large(kind, &archive, "the archive");
    }
}

#[test]
fn names_in_layers() {
    let layers = [links(70_000)];
    let config = config("amd64", &json!({}), &layers);
    too_large("links", &docker_archive("a:1", &config, &layers, true), "0/layer.tar.gz");
}

/// Each layer alone is small enough, and one may be named as often as one likes.
#[test]
fn many_layers() {
    let blob = gzip(&links(3000));
    let diff_id = format!("sha256:{}", sha256(&links(3000)));
    let config = json!({
        "architecture": "amd64", "os": "linux",
        "rootfs": { "type": "layers", "diff_ids": vec![diff_id; 100] },
    });
    let list = json!([{ "Config": "c", "RepoTags": ["a:1"], "Layers": vec!["l"; 100] }]);
    let (config, list) = (config.to_string(), list.to_string());
    let files: [(&str, u32, &[u8]); 3] =
        [("c", 0, config.as_bytes()), ("l", 0, &blob), ("manifest.json", 0, list.as_bytes())];
    too_large("the same layer", &layer(&files), "l");
}

/// An archive of this configuration, packed.
fn with_config(config: &str) -> Vec<u8> {
    let list = json!([{ "Config": "c", "RepoTags": ["a:1"], "Layers": null }]).to_string();
    gzip(&layer(&[("c", 0, config.as_bytes()), ("manifest.json", 0, list.as_bytes())]))
}

#[test]
fn entries_of_json() {
    let configuration =
        |more: &str| format!("{{\"architecture\":\"amd64\",\"os\":\"linux\",{more}}}");
    let list = |entry: &str, count: usize| vec![entry; count].join(",");
    for (what, more) in [
        ("history", format!("\"history\":[{}]", list("{}", 1_300_000))),
        ("variables", format!("\"config\":{{\"Env\":[{}]}}", list("\"\"", 1_300_000))),
        ("words", format!("\"config\":{{\"Cmd\":[{}]}}", list("\"\"", 1_300_000))),
        ("nobody knows it", format!("\"x\":[{}]", list("1", 2_000_000))),
        ("deep", format!("\"variant\":{}", "[".repeat(1_300_000))),
    ] {
        too_large(what, &with_config(&configuration(&more)), "c");
    }
    let archive = |name: &str, text: &str| gzip(&layer(&[(name, 0, text.as_bytes())]));
    let index = format!("{{\"manifests\":[{}]}}", list("null", 800_000));
    too_large("manifests", &archive("index.json", &index), "index.json");
    // A text is longer than others take.
    let large = format!("[{}]", " ".repeat(5 << 20));
    let folder = Folder::new();
    folder.write("image", archive("index.json", &large));
    let (code, said, peak) = inspect(folder.path(), &[]);
    let expected = "error[image/broken-part]: `index.json` in `image` is broken
  = why: it has 5242882 bytes, and 4194304 are read at most
";
    assert_eq!((code, said.as_str()), (Some(1), expected));
    assert!(peak < MAX_MEMORY);
}

/// Long texts are copied, and printed with escapes: of all images together they are bounded too.
#[test]
fn texts_of_many_images() {
    for (text, code) in [("a", 1), ("\u{7f}", 1)] {
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        let mut images: Vec<Value> = Vec::new();
        for number in 0..8 {
            let labels = json!({ format!("x{number}"): text.repeat(3_000_000) });
            files.push((number.to_string(), config("amd64", &json!({ "Labels": labels }), &[])));
            images.push(json!({ "Config": number.to_string(), "Layers": null }));
        }
        for count in [4, 8] {
            let list = Value::Array(images[..count].to_vec()).to_string();
            let mut all: Vec<(&str, u32, &[u8])> =
                files.iter().map(|(name, bytes)| (name.as_str(), 0, bytes.as_slice())).collect();
            all.push(("manifest.json", 0, list.as_bytes()));
            let archive = gzip(&layer(&all));
            if count == 8 {
                too_large("labels", &archive, "5");
                continue;
            }
            let folder = Folder::new();
            folder.write("image", archive);
            for more in [&[][..], &["--json"]] {
                let (found, said, peak) = inspect(folder.path(), more);
                assert_eq!((found, said.as_str()), (Some(code), ""));
                assert!(peak < MAX_MEMORY, "{more:?}: {peak} bytes");
            }
        }
    }
}

/// Each member of `/urunc.json` that is wrong is a finding of its own.
#[test]
fn urunc_json_of_many_members() {
    let with = |count: u32| {
        let members: Vec<String> =
            (0..count).map(|number| format!("\"com.urunc.unikernel.{number:x}\":1")).collect();
        let layers =
            [layer(&[("urunc.json", 0o644, format!("{{{}}}", members.join(",")).as_bytes())])];
        docker_archive("a:1", &config("amd64", &json!({ "Cmd": ["x"] }), &layers), &layers, true)
    };
    let folder = Folder::new();
    folder.write("image", with(200_000));
    let (code, said, peak) = inspect(folder.path(), &[]);
    assert_eq!(code, Some(1));
    assert!(
        said.starts_with(
            "error[image/broken-part]: `/urunc.json` in `image` is broken\n  = why: it has "
        ),
        "{said}"
    );
    assert!(said.ends_with(" bytes, and 1048576 are read at most\n"), "{said}");
    assert!(peak < MAX_MEMORY, "{peak} bytes");
    folder.write("image", with(30_000));
    let (code, said, peak) = inspect(folder.path(), &[]);
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(peak < MAX_MEMORY, "{peak} bytes");
}

/// The list of the parts of a sparse file may go on without end; what is unpacked does not.
#[test]
fn lists_of_sparse_parts() {
    let mut tar = Vec::new();
    member(&mut tar, "sparse", EntryType::GNUSparse, 0o644, "", b"");
    tar[257..265].copy_from_slice(b"ustar  \0");
    tar[482] = 1;
    let sum: u32 = tar[..512]
        .iter()
        .enumerate()
        .map(|(at, &byte)| if (148..156).contains(&at) { 32 } else { u32::from(byte) })
        .sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut block = [0; 512];
    block[504] = 1;
    tar.extend(block.repeat(40_000));
    let layers = [tar];
    let folder = Folder::new();
    folder.write(
        "image",
        docker_archive("a:1", &config("amd64", &json!({}), &layers), &layers, true),
    );
    let (code, said, peak) = inspect(folder.path(), &["--max-unpacked", "16M"]);
    let expected = "error[image/too-large]: `image` is too large to be read
  = why: with `0/layer.tar.gz`, it unpacks to more than 16.0 MiB
  = help: allow more with `--max-unpacked SIZE`
";
    assert_eq!((code, said.as_str()), (Some(1), expected));
    assert!(peak < MAX_MEMORY, "{peak} bytes");
    let (_, said, _) = inspect(folder.path(), &[]);
    assert!(said.contains("the archive ends in the middle of a member"), "{said}");
}

/// A name is as long as an image likes, and a message is not.
#[test]
fn messages_stay_short() {
    let mut tar = Vec::new();
    pax(&mut tar, &[("path", "é/".repeat(200_000).as_bytes())]);
    member(&mut tar, "x", EntryType::Directory, 0o755, "", b"");
    let layers = [finish(tar)];
    let deep = docker_archive("a:1", &config("amd64", &json!({}), &layers), &layers, true);
    let digest = format!(
        "{{\"manifests\":[{{\"mediaType\":\"x\",\"size\":1,\"digest\":\"sha256:{}\"}}]}}",
        "z".repeat(1_000_000)
    );
    let missing = json!([{ "Config": "c".repeat(1_000_000) }]).to_string();
    for (what, archive) in [
        ("a path", deep),
        ("a digest", layer(&[("index.json", 0, digest.as_bytes())])),
        ("a part", layer(&[("manifest.json", 0, missing.as_bytes())])),
        (
            "a type",
            layer(&[(
                "manifest.json",
                0,
                format!("[{{\"Config\":{{\"{}\":1}}}}]", "k".repeat(100_000)).as_bytes(),
            )]),
        ),
    ] {
        let folder = Folder::new();
        folder.write("image", archive);
        let (code, said, _) = inspect(folder.path(), &[]);
        assert_eq!(code, Some(1), "{what}");
        assert!(said.len() < 2500, "{what}: {} bytes", said.len());
    }
}
