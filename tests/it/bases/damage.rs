//! Bytes of a base that are damaged: the build fails, or its image is the one that it should be.

use super::{Base, Packing, Tar};
use crate::foreign::{PREFIX, docker_archive};
use crate::project::Random;
use crate::support::{Folder, kernel};
use bimanix::diag::{Report, SourceMap};
use bimanix::driver::{self, ContainerfileOptions, ImageOptions, Images, Input};
use bimanix::image::{Known, write};
use serde_json::json;

/// Builds the Containerfile of a folder; gives the archive, or what is wrong.
fn build(folder: &Folder) -> Result<Vec<u8>, String> {
    let input = Input {
        file: folder.path().join("Containerfile"),
        folder: folder.path().to_owned(),
        ..Input::default()
    };
    let (mut sources, mut report) = (SourceMap::default(), Report::default());
    let options = ContainerfileOptions::default();
    let limit = ImageOptions { max_unpacked: 64 << 20, ..ImageOptions::default() };
    let images = Images::new(&input, limit);
    let draft =
        driver::containerfile(&input, "Containerfile", options, &images, &mut sources, &mut report);
    let plan = draft.and_then(|mut draft| {
        driver::rename(&mut draft, "a");
        driver::image(&draft, &input, &images, 0, &mut report)
    });
    let Some(plan) = plan else {
        assert!(report.has_errors());
        return Err(format!("{:?}", report.findings));
    };
    let mut bytes = Vec::new();
    match write::to_stream(&plan.into(), &mut bytes, &Known::nothing(), &|_| ()) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            assert!(bytes.is_empty(), "something was written");
            Err(format!("{error:?}"))
        }
    }
}

/// Changes some bytes of a text.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(8) {
            0 => bytes.truncate(at.max(1)),
            1 => {
                let end = (at + random.below(600)).min(bytes.len());
                bytes[at..end].fill(0);
            }
            2 => {
                let end = (at + 1 + random.below(600)).min(bytes.len());
                bytes.drain(at..end);
                bytes.push(0);
            }
            3 => bytes.insert(at, b'0'),
            4 => {
                let from = random.below(bytes.len());
                let end = (from + random.below(512)).min(bytes.len());
                let part = bytes[from..end].to_vec();
                let end = (at + part.len()).min(bytes.len());
                bytes[at..end].copy_from_slice(&part[..end - at]);
            }
            5 => bytes[at] = b"0129\"{}[],:/.-x\n"[random.below(16)],
            _ => bytes[at] ^= 1 << random.below(8),
        }
    }
}

fn folder() -> Folder {
    let folder = Folder::new();
    let labels = ["unikernelType=hermit", "hypervisor=qemu", "binary=/boot/kernel"];
    let labels = labels.map(|label| format!("LABEL {PREFIX}{label}\n")).concat();
    folder.write("Containerfile", format!("FROM ./base\n{labels}COPY new /etc/new\nCMD [\"x\"]\n"));
    folder.write("new", "new");
    folder
}

fn base() -> Base {
    let lower = Tar::default()
        .folder("etc/", 0o755, 0, 0)
        .file("etc/old", b"old")
        .symlink("boot", "vm")
        .file("vm/k", &kernel());
    let upper = Tar::default().file("etc/.wh.old", b"").hard_link("vm/kernel", "vm/k");
    let mut base = Base::new(&[lower.end(), upper.end(), Tar::default().file("etc/z", b"z").end()])
        .process(json!({ "Env": ["A=1"], "Cmd": ["x"], "Labels": { "a": "b" } }));
    base.layers[1].1 = Packing::Gzip;
    base.layers[2].1 = Packing::Zstd;
    base
}

/// Everything in an OCI archive has a digest, up to the index: what is built is what should be, or nothing.
#[test]
fn of_an_oci_archive() {
    let folder = folder();
    let good = base().parts().tar();
    folder.write("base", &good);
    let expected = build(&folder).unwrap();
    let mut random = Random(0x0c1a_11ce_5eed);
    let (mut same, mut failed) = (0, 0);
    for round in 0..1500 {
        let mut bytes = good.clone();
        damage(&mut bytes, &mut random);
        folder.write("base", &bytes);
        match build(&folder) {
            Ok(built) => {
                same += 1;
                assert!(built == expected, "round {round}: another image");
            }
            Err(why) => {
                failed += 1;
                assert!(!why.is_empty());
            }
        }
    }
    assert!(same > 10 && failed > 500, "{same} built, {failed} failed");
}

/// The configuration of a docker archive has none, but its layers have.
#[test]
fn of_a_docker_archive() {
    let folder = folder();
    let layers: Vec<Vec<u8>> = base().layers.into_iter().map(|layer| layer.0).collect();
    let config = crate::foreign::config("amd64", &json!({ "Env": ["A=1"] }), &layers);
    let good = docker_archive("a:1", &config, &layers, true);
    folder.write("base", &good);
    let layers_of = |archive: &[u8]| {
        let parts = crate::archive::files(archive);
        let list: serde_json::Value = serde_json::from_slice(&parts["manifest.json"]).unwrap();
        let names: Vec<String> = serde_json::from_value(list[0]["Layers"].clone()).unwrap();
        names.iter().map(|name| parts[name].clone()).collect::<Vec<_>>()
    };
    let expected = layers_of(&build(&folder).unwrap());
    let mut random = Random(0xd0c4_e7a1_5eed);
    let (mut same, mut failed) = (0, 0);
    for round in 0..1000 {
        let mut bytes = good.clone();
        damage(&mut bytes, &mut random);
        folder.write("base", &bytes);
        match build(&folder) {
            Ok(built) => {
                same += 1;
                assert_eq!(layers_of(&built), expected, "round {round}");
            }
            Err(_) => failed += 1,
        }
    }
    assert!(same > 10 && failed > 300, "{same} built, {failed} failed");
}

/// In a gzip'd archive nothing but the check sum of gzip itself may be wrong.
#[test]
fn of_a_packed_archive() {
    let folder = folder();
    let good = Packing::Gzip.pack(&base().parts().tar());
    folder.write("base", &good);
    let expected = build(&folder).unwrap();
    let mut random = Random(0x9219_5eed);
    let mut failed = 0;
    for round in 0..500 {
        let mut bytes = good.clone();
        damage(&mut bytes, &mut random);
        folder.write("base", &bytes);
        match build(&folder) {
            Ok(built) => assert!(built == expected, "round {round}: another image"),
            Err(_) => failed += 1,
        }
    }
    assert!(failed > 100, "{failed} failed");
}
