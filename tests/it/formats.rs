//! The forms in which other tools keep images: docker's list beside an index, skopeo's `dir:`, what is packed with xz
//! and bzip2, and parts that are links.

use crate::foreign::{
    CONFIG, HELLO, INDEX, Layout, MANIFEST, config, docker_archive, gzip, hello, inspect,
};
use crate::foreign::{layer, member, said, sha256, urunc_json};
use crate::project::Random;
use crate::support::{Folder, bimanix};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;

/// The configuration and the layers of an image that is as it should be.
fn image() -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut values = said(HELLO);
    values.insert("com.urunc.unikernel.useDMBlock".to_owned(), "false".to_owned());
    hello(&urunc_json(&values), &BTreeMap::new())
}

fn shown(folder: &Folder, image: &str) -> Value {
    let (code, json, said) = inspect(folder, &[image, "--json"]);
    assert_eq!((code, said.as_str()), (Some(0), ""), "{image}: {json}");
    serde_json::from_str(&json).unwrap()
}

/// The whole message of an image that is refused.
fn refused(folder: &Folder, image: &str) -> String {
    let (code, page, said) = inspect(folder, &[image]);
    assert_eq!((code, page.as_str()), (Some(1), ""), "{said}");
    said
}

fn pack(folder: &Folder, from: &str, to: &str) {
    let mut tar = Command::new("tar");
    tar.args(["-cf", to, "-C", from, "--format=ustar", "."]).current_dir(folder.path());
    assert!(tar.status().unwrap().success());
}

/// A configuration, its layers, and its tags.
type Saved<'s> = (&'s [u8], &'s [Vec<u8>], Value);

/// docker's list of images whose parts are blobs.
fn docker_list(images: &[Saved<'_>]) -> Value {
    let path = |bytes: &[u8]| format!("blobs/sha256/{}", sha256(bytes));
    let images = images.iter().map(|(config, layers, tags)| {
        let layers: Vec<String> = layers.iter().map(|layer| path(&gzip(layer))).collect();
        json!({ "Config": path(config), "RepoTags": tags, "Layers": layers })
    });
    images.collect()
}

/// Docker from 25 on writes both lists, and what it saves by digest into its own alone.
#[test]
fn a_save_by_digest() {
    let layout = Layout::new();
    let (config, layers) = image();
    let descriptor = layout.manifest(&config, &layers, &BTreeMap::new());
    layout.write_index(&[descriptor]);
    let expected = shown(&layout.0, "image");
    let list = docker_list(&[(&config, &layers, Value::Null)]);
    layout.0.write("image/manifest.json", list.to_string());
    for index in [
        json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": null }),
        json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [] }),
        json!({ "schemaVersion": 2 }),
    ] {
        layout.0.write("image/index.json", index.to_string());
        pack(&layout.0, "image", "image.tar");
        for image in ["image", "image.tar"] {
            let read = shown(&layout.0, image);
            for key in ["config", "uruncJson", "labels", "cmd", "architecture", "bootFiles"] {
                assert_eq!(read[key], expected[key], "{key} of {index}");
            }
            assert_eq!((&read["manifest"], &read["names"]), (&Value::Null, &json!([])));
        }
        std::fs::remove_file(layout.0.path().join("image/manifest.json")).unwrap();
        assert_eq!(
            refused(&layout.0, "image"),
            "error[image/broken-part]: `index.json` in `image` is broken\n  = why: it names no manifest\n"
        );
        layout.0.write("image/manifest.json", list.to_string());
    }
    layout.0.write("image/manifest.json", "[]");
    assert_eq!(
        refused(&layout.0, "image"),
        "error[image/broken-part]: `manifest.json` in `image` is broken\n  = why: it names no image\n"
    );
}

/// One saved by its name and one by its digest: each list alone does not have all.
#[test]
fn two_lists_of_images() {
    let layout = Layout::new();
    let (one, layers) = image();
    let other = config("amd64", &json!({ "Cmd": ["other"] }), &layers);
    layout.blob(CONFIG, &other);
    let mut descriptor = layout.manifest(&one, &layers, &BTreeMap::new());
    descriptor["annotations"] = json!({ "io.containerd.image.name": "docker.io/library/one:1" });
    layout.write_index(&[descriptor]);
    let configs = || -> Vec<String> {
        let read = shown(&layout.0, "image");
        let images = read["images"].as_array().cloned().unwrap_or(vec![read]);
        images.iter().map(|image| image["config"].as_str().unwrap().to_owned()).collect()
    };
    let digest = |config: &[u8]| format!("sha256:{}", sha256(config));
    assert_eq!(configs(), [digest(&one)]);
    let both =
        [(one.as_slice(), layers.as_slice(), json!(["one:1"])), (&other, &layers, Value::Null)];
    layout.0.write("image/manifest.json", docker_list(&both).to_string());
    assert_eq!(configs(), [digest(&one), digest(&other)]);
    // What else has that name, and what docker has left out, is no image of this one.
    for beside in [
        "{}",
        "null",
        "[]",
        "[1]",
        "{\"name\":\"an app\"}",
        "[{\"Config\":\"gone.json\"}]",
        "\u{1}",
    ] {
        layout.0.write("image/manifest.json", beside);
        assert_eq!(configs(), [digest(&one)], "{beside}");
    }
}

/// Go writes an empty list as `null`.
#[test]
fn lists_that_are_null() {
    let layout = Layout::new();
    for rootfs in [
        json!({ "type": "layers", "diff_ids": null }),
        json!({ "type": "layers", "diff_ids": [] }),
        json!({ "type": "layers" }),
        Value::Null,
    ] {
        let config = json!({
            "architecture": "amd64", "os": "linux", "rootfs": rootfs, "history": null, "config": null,
        });
        let config = layout.blob(CONFIG, config.to_string().as_bytes());
        for layers in [Value::Null, json!([])] {
            let manifest = json!({
                "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers,
                "annotations": null,
            });
            let mut descriptor = layout.blob(MANIFEST, manifest.to_string().as_bytes());
            descriptor["platform"] = Value::Null;
            layout.write_index(&[descriptor]);
            let (code, json, said) = inspect(&layout.0, &["image", "--json"]);
            assert_eq!(
                (code, said.as_str()),
                (Some(1), ""),
                "an image without files starts nothing"
            );
            let json: Value = serde_json::from_str(&json).unwrap();
            assert_eq!((&json["layers"], &json["config"]), (&json!([]), &config["digest"]));
        }
    }
}

/// An image as `skopeo copy … dir:` writes it: all parts side by side.
fn skopeo(manifest: &Value, parts: &[&[u8]]) -> Folder {
    let folder = Folder::new();
    folder.write("image/version", "Directory Transport Version: 1.1\n");
    folder.write("image/manifest.json", manifest.to_string());
    for part in parts {
        folder.write(&format!("image/{}", sha256(part)), part);
    }
    folder
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": format!("sha256:{}", sha256(bytes)), "size": bytes.len() })
}

#[test]
fn a_folder_of_skopeo() {
    let (config, layers) = image();
    let layout = Layout::new();
    layout.write_index(&[layout.manifest(&config, &layers, &BTreeMap::new())]);
    let expected = shown(&layout.0, "image");
    let packed = gzip(&layers[0]);
    let docker = |kind: &str| format!("application/vnd.docker.{kind}");
    let manifest = |of: &str, of_config: &str, of_layer: &str| {
        json!({
            "schemaVersion": 2, "mediaType": of, "config": descriptor(of_config, &config),
            "layers": [descriptor(of_layer, &packed)],
        })
    };
    let oci = manifest(MANIFEST, CONFIG, "application/vnd.oci.image.layer.v1.tar+gzip");
    let schema2 = manifest(
        &docker("distribution.manifest.v2+json"),
        &docker("container.image.v1+json"),
        &docker("image.rootfs.diff.tar.gzip"),
    );
    for manifest in [&oci, &schema2] {
        let folder = skopeo(manifest, &[&config, &packed]);
        let bytes = manifest.to_string();
        pack(&folder, "image", "image.tar");
        for image in ["image", "image.tar"] {
            let read = shown(&folder, image);
            assert_eq!(read["manifest"], format!("sha256:{}", sha256(bytes.as_bytes())));
            for key in ["config", "uruncJson", "bootFiles", "cmd"] {
                assert_eq!(read[key], expected[key], "{key}");
            }
            assert_eq!(read["layers"][0]["digest"], expected["layers"][0]["digest"]);
            assert_eq!(read["names"], json!([]));
        }
        // It has no name for an engine, and needs none where one is said.
        let loaded =
            bimanix(folder.path()).args(["load", "image", "--into", "docker"]).output().unwrap();
        let said = String::from_utf8(loaded.stderr).unwrap();
        assert_eq!(loaded.status.code(), Some(1), "{said}");
        assert!(
            said.starts_with("error[load/no-name]: the image in `image` has no name\n"),
            "{said}"
        );
    }
    // `--all`: an index, and a manifest of each image beside it.
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor(MANIFEST, oci.to_string().as_bytes())] });
    let folder = skopeo(&index, &[&config, &packed]);
    let text = oci.to_string();
    folder.write(&format!("image/{}.manifest.json", sha256(text.as_bytes())), &text);
    let (code, json, _) = inspect(&folder, &["image", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["config"], expected["config"]);
}

#[test]
fn a_folder_of_skopeo_that_is_broken() {
    let (config, layers) = image();
    let layer = &layers[0];
    let manifest = json!({
        "schemaVersion": 2, "config": descriptor(CONFIG, &config), "layers": [descriptor("x", layer)],
    });
    let broken = |part: &str, why: &str| {
        format!("error[image/broken-part]: `{part}` in `image` is broken\n  = why: {why}\n")
    };
    for (manifest, why) in [
        (
            json!({ "schemaVersion": 1, "fsLayers": [], "history": [] }),
            "it is a manifest of docker's schema 1, which has no configuration",
        ),
        (json!({ "schemaVersion": 2 }), "it is neither docker's list of images nor a manifest"),
        (json!("x"), "it is neither docker's list of images nor a manifest"),
        (json!({ "manifests": [] }), "it names no manifest"),
        (json!([]), "it names no image"),
    ] {
        let folder = skopeo(&manifest, &[&config, layer]);
        assert_eq!(refused(&folder, "image"), broken("manifest.json", why));
    }
    let (name, hex) = (sha256(&config), sha256(layer));
    for missing in [&name, &hex] {
        let folder = skopeo(&manifest, &[&config, layer]);
        std::fs::remove_file(folder.path().join("image").join(missing)).unwrap();
        let expected = format!(
            "error[image/missing-part]: `image` has no `{missing}`\n  = why: another part of the image names it\n"
        );
        assert_eq!(refused(&folder, "image"), expected);
        let mut bytes = if missing == &name { config.clone() } else { layer.clone() };
        let end = bytes.len() - 1;
        bytes[end] ^= 1;
        folder.write(&format!("image/{missing}"), &bytes);
        let said = refused(&folder, "image");
        assert!(said.starts_with(&broken(missing, "its digest is")[..60]), "{said}");
    }
}

type Packing = fn(&[u8]) -> Vec<u8>;

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(6);
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A docker archive of layers as they are given.
fn archive_of(config: &[u8], layers: &[Vec<u8>]) -> Vec<u8> {
    let names: Vec<String> = (0..layers.len()).map(|number| format!("{number}.tar")).collect();
    let list =
        json!([{ "Config": "c.json", "RepoTags": ["hello:1"], "Layers": names }]).to_string();
    let mut files = vec![("c.json", 0o644, config), ("manifest.json", 0o644, list.as_bytes())];
    files.extend(
        names.iter().zip(layers).map(|(name, bytes)| (name.as_str(), 0o644, bytes.as_slice())),
    );
    layer(&files)
}

#[test]
fn xz_and_bzip2() {
    let (config, layers) = image();
    let plain = docker_archive("hello:1", &config, &layers, false);
    let folder = Folder::new();
    folder.write("image", &plain);
    let expected = shown(&folder, "image");
    let half = plain.len() / 2;
    let packings: [(&str, Packing); 2] = [("xz", xz), ("bzip2", bzip2)];
    for (name, pack) in packings {
        // One stream, several, and the layers.
        let streams = [pack(&plain[..half]), pack(&plain[half..])].concat();
        for bytes in [pack(&plain), streams] {
            folder.write("packed", &bytes);
            assert_eq!(shown(&folder, "packed"), expected, "{name}");
            let stdin = std::fs::File::open(folder.path().join("packed")).unwrap();
            let output = bimanix(folder.path())
                .args(["inspect", "-", "--json"])
                .stdin(stdin)
                .output()
                .unwrap();
            let json: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(json, expected, "{name} as a stream");
        }
        let packed: Vec<Vec<u8>> = layers.iter().map(|layer| pack(layer)).collect();
        folder.write("layers", archive_of(&config, &packed));
        let read = shown(&folder, "layers");
        for key in ["config", "uruncJson", "bootFiles"] {
            assert_eq!(read[key], expected[key], "{name}: {key}");
        }
        // Too much comes out of it.
        let zeros = pack(&vec![0; 8 << 20]);
        folder.write("bomb", &zeros);
        let (code, _, said) = inspect(&folder, &["bomb", "--max-unpacked", "1M"]);
        let message = "error[image/too-large]: `bomb` is too large to be read
  = why: it unpacks to more than 1.0 MiB
  = help: allow more with `--max-unpacked SIZE`
";
        assert_eq!((code, said.as_str()), (Some(1), message), "{name}");
        folder.write("layers", archive_of(&config, &[zeros]));
        let (code, _, said) = inspect(&folder, &["layers", "--max-unpacked", "1M"]);
        let message =
            message.replace("`bomb`", "`layers`").replace("why: it", "why: with `0.tar`, it");
        assert_eq!((code, said), (Some(1), message), "{name}");
        // Whatever is wrong with it, it is said.
        let whole = pack(&plain);
        let mut random = Random(0x5eed_1e55_c0ff_ee11);
        for round in 0..150 {
            let mut bytes = whole.clone();
            match round % 3 {
                0 => bytes.truncate(random.below(whole.len())),
                1 => bytes[random.below(whole.len())] ^= 1 << random.below(8),
                _ => bytes.extend(
                    (0..=random.below(40)).map(|_| u8::try_from(random.below(256)).unwrap()),
                ),
            }
            folder.write("damaged", &bytes);
            let (code, page, said) = inspect(&folder, &["damaged"]);
            let is_refused = code == Some(1) && page.is_empty() && said.starts_with("error[image/");
            assert!(is_refused || code == Some(0), "{name} {round}: {said}");
        }
    }
}

/// A header of xz that asks for a dictionary of 1.5 GiB.
#[test]
fn xz_that_asks_for_too_much() {
    let (config, _) = image();
    let mut stream = xz(&vec![0; 100_000]);
    // The block header begins behind the 12 bytes of the stream's: size, flags, filter, size of its properties, and
    // the size of the dictionary in half powers of two, then zeros and the CRC32 of it all.
    assert_eq!(stream[14..16], [0x21, 1]);
    stream[16] = 39;
    let size = (usize::from(stream[12]) + 1) * 4;
    let sum = crc32(&stream[12..12 + size - 4]).to_le_bytes();
    stream[12 + size - 4..12 + size].copy_from_slice(&sum);
    let folder = Folder::new();
    folder.write("image", archive_of(&config, &[stream]));
    let expected = "error[image/broken-part]: `0.tar` in `image` is broken
  = why: it takes more than 132.0 MiB of memory to unpack its xz
";
    assert_eq!(refused(&folder, "image"), expected);
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}

/// A layer that is a link to nothing is not just missing.
#[test]
fn links_that_lead_nowhere() {
    let (config, _) = image();
    let list = json!([{ "Config": "c.json", "Layers": ["2/layer.tar"] }]).to_string();
    let with = |links: &[(&str, tar::EntryType, &str)]| {
        let mut tar = Vec::new();
        member(&mut tar, "c.json", tar::EntryType::Regular, 0o644, "", &config);
        member(&mut tar, "manifest.json", tar::EntryType::Regular, 0o644, "", list.as_bytes());
        for (name, kind, link) in links {
            member(&mut tar, name, *kind, 0o777, link, b"");
        }
        tar.extend([0; 1024]);
        tar
    };
    let (soft, hard) = (tar::EntryType::Symlink, tar::EntryType::Link);
    let folder = Folder::new();
    let broken = |why: &str| {
        format!("error[image/broken-part]: `2/layer.tar` in `image` is broken\n  = why: {why}\n")
    };
    for (links, why) in [
        (
            &[("2/layer.tar", soft, "../1/layer.tar")][..],
            "it is a link to `1/layer.tar`, which is not there",
        ),
        (
            &[("2/layer.tar", hard, "1/layer.tar")],
            "it is a link to `1/layer.tar`, which is not there",
        ),
        (
            &[("2/layer.tar", soft, "/etc/hostname")],
            "it is a link to `etc/hostname`, which is not there",
        ),
        (
            &[("2/layer.tar", soft, "../3"), ("3", soft, "4")],
            "it is a link to `4`, which is not there",
        ),
        (&[("2/layer.tar", soft, "layer.tar")], "it is a link that leads through too many others"),
        (
            &[("2/layer.tar", soft, "../3"), ("3", soft, "2/layer.tar")],
            "it is a link that leads through too many others",
        ),
    ] {
        folder.write("image", with(links));
        assert_eq!(refused(&folder, "image"), broken(why));
    }
    // In a folder as well.
    let folder = Folder::new();
    folder.write("image/c.json", &config);
    folder.write("image/manifest.json", &list);
    std::fs::create_dir(folder.path().join("image/2")).unwrap();
    let link = folder.path().join("image/2/layer.tar");
    for (target, why) in [
        ("../1/layer.tar", "it is a link to `../1/layer.tar`, which is not there"),
        ("layer.tar", "it is a link to `layer.tar`: too many levels of symbolic links"),
        ("../c.json/x", "it is a link to `../c.json/x`: not a directory"),
    ] {
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert_eq!(refused(&folder, "image"), broken(why));
        std::fs::remove_file(&link).unwrap();
    }
    let missing = "error[image/missing-part]: `image` has no `2/layer.tar`\n  = why: another part of the image names it\n";
    assert_eq!(refused(&folder, "image"), missing);
}
