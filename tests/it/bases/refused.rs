//! Bases that are not as they should be: refused with the whole message in `tests/bases/NAME`, and nothing written.

use super::{ANNOTATIONS, Base, Packing, Parts, Tar, args, refusal};
use crate::foreign::{CONFIG, docker_archive, sha256};
use crate::support::{Expectations, Folder, bimanix, done, kernel};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bases").join(name)
}

/// What `build` says on a base at `./base`.
fn said(folder: &Folder, arguments: &[&str]) -> String {
    folder.write("args.nix", args(ANNOTATIONS));
    let all: Vec<&str> = ["build", "-o", "out"].iter().chain(arguments).copied().collect();
    let (code, said) = refusal(folder, &all);
    format!("exit {code}\n{said}")
}

/// A base whose second layer is this one, as it is stored.
fn with_blob(blob: &[u8], media_type: &str, tar: &[u8]) -> Parts {
    let mut parts = Parts::new();
    let lower = Tar::default().file("boot/kernel", &kernel()).end();
    let layers = [parts.blob(Packing::Plain.media_type(), &lower), parts.blob(media_type, blob)];
    let diff_ids = [lower.as_slice(), tar].map(|layer| format!("sha256:{}", sha256(layer)));
    let rootfs = json!({ "type": "layers", "diff_ids": diff_ids });
    let config = json!({ "architecture": "amd64", "os": "linux", "rootfs": rootfs });
    let config = parts.blob(CONFIG, config.to_string().as_bytes());
    let manifest = json!({ "schemaVersion": 2, "config": config, "layers": layers });
    let manifest = parts.blob(crate::foreign::MANIFEST, manifest.to_string().as_bytes());
    parts.index(&[manifest]);
    parts
}

/// The same with a layer that is what it says.
fn with_layer(tar: &[u8], packing: Packing) -> Parts {
    with_blob(&packing.pack(tar), packing.media_type(), tar)
}

/// The part that holds these bytes.
fn part(bytes: &[u8]) -> String {
    format!("blobs/sha256/{}", sha256(bytes))
}

/// A gzip member that compresses nothing, so that other bytes of the same length make one of the same length.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder =
        lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn parts_that_are_not_what_is_said_of_them() {
    let mut expectations = Expectations::default();
    let good = Tar::default().file("a", b"good").end();
    let bad = Tar::default().file("a", b"evil").end();
    let gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    let plain = "application/vnd.oci.image.layer.v1.tar";
    let zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
    let edited = |mut parts: Parts, name: String, bytes: Option<Vec<u8>>| {
        assert!(parts.0.remove(&name).is_some());
        parts.0.extend(bytes.map(|bytes| (name, bytes)));
        parts
    };
    let image = || with_layer(&good, Packing::Plain);
    let manifest = |parts: &Parts| {
        let index: Value = serde_json::from_slice(&parts.0["index.json"]).unwrap();
        index["manifests"][0]["digest"].as_str().unwrap().replace("sha256:", "blobs/sha256/")
    };
    let config = |parts: &Parts| {
        let text: Value = serde_json::from_slice(&parts.0[&manifest(parts)]).unwrap();
        text["config"]["digest"].as_str().unwrap().replace("sha256:", "blobs/sha256/")
    };
    let cases = [
        ("missing-layer", edited(image(), part(&good), None)),
        ("missing-manifest", edited(image(), manifest(&image()), None)),
        ("missing-config", edited(image(), config(&image()), None)),
        ("wrong-digest-of-manifest", {
            let name = manifest(&image());
            let mut bytes = image().0[&name].clone();
            bytes[20] = b'x';
            edited(image(), name, Some(bytes))
        }),
        ("wrong-digest-of-config", {
            let name = config(&image());
            let mut bytes = image().0[&name].clone();
            bytes[20] = b'x';
            edited(image(), name, Some(bytes))
        }),
        (
            "wrong-digest-of-gzip-layer",
            edited(
                with_blob(&stored(&good), gzip, &good),
                part(&stored(&good)),
                Some(stored(&bad)),
            ),
        ),
        // Plain layers are held against their digests when they are copied.
        ("wrong-digest-of-plain-layer", edited(image(), part(&good), Some(bad.clone()))),
        ("wrong-diff-id-of-gzip-layer", with_blob(&stored(&good), gzip, &bad)),
        ("wrong-diff-id-of-plain-layer", with_blob(&good, plain, &bad)),
        (
            "wrong-size-of-plain-layer",
            edited(image(), part(&good), Some(good[..good.len() - 512].to_vec())),
        ),
        (
            "wrong-size-of-gzip-layer",
            edited(
                with_blob(&stored(&good), gzip, &good),
                part(&stored(&good)),
                Some([stored(&good), vec![0]].concat()),
            ),
        ),
        ("gzip-layer-that-is-plain", with_blob(&good, gzip, &good)),
        ("plain-layer-that-is-gzip", with_blob(&stored(&good), plain, &good)),
        ("gzip-layer-that-is-zstd", with_blob(&Packing::Zstd.pack(&good), gzip, &good)),
        ("zstd-layer-that-is-gzip", with_blob(&stored(&good), zstd, &good)),
        (
            "layer-of-docker-that-is-zstd",
            with_blob(
                &Packing::Zstd.pack(&good),
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
                &good,
            ),
        ),
        ("layer-of-an-unknown-type", with_blob(&good, "text/plain", &good)),
        ("xz-layer", with_blob(&xz(&good), plain, &good)),
        (
            "encrypted-layer",
            with_blob(&good, "application/vnd.oci.image.layer.v1.tar+encrypted", &good),
        ),
        ("layer-that-is-no-tar", with_blob(&[b'x'; 2000], plain, &[b'x'; 2000])),
        ("gzip-layer-that-breaks-off", {
            let bytes = Packing::Gzip.pack(&good);
            let bytes = &bytes[..bytes.len() - 9];
            with_blob(bytes, gzip, &good)
        }),
        (
            "gzip-layer-with-more-behind",
            with_blob(&[stored(&good), b"more".to_vec()].concat(), gzip, &good),
        ),
    ];
    for (name, parts) in cases {
        let folder = Folder::new();
        folder.write("base", parts.tar());
        let archive = said(&folder, &[]);
        expectations.check(&file(name), &archive);
        // To a stream, which is open already, nothing goes either.
        let (code, stream) = refusal(&folder, &["build", "-o", "-"]);
        assert_eq!(format!("exit {code}\n{stream}"), archive, "{name}");
        // check finds the same.
        let (code, check) = refusal(&folder, &["check"]);
        assert_eq!(code, 1, "{name}: {check}");
        std::fs::remove_file(folder.path().join("base")).unwrap();
        parts.write(&folder, "base");
        let layout = said(&folder, &[]);
        assert_eq!(layout, archive, "{name} as a layout");
    }
    expectations.finish();
}

#[test]
fn layers_that_lead_out() {
    let mut expectations = Expectations::default();
    let tar = Tar::default;
    for (name, layer) in [
        ("name-with-dots", tar().file("../../etc/passwd", b"x").end()),
        ("name-with-dots-inside", tar().file("a/../../b", b"x").end()),
        ("hard-link-with-dots", tar().hard_link("a", "../../etc/passwd").end()),
        ("hard-link-to-nothing", tar().hard_link("a", "/etc/passwd").end()),
        ("whiteout-with-dots", tar().file("../.wh.etc", b"").end()),
        ("whiteout-of-dots", tar().file("etc/.wh...", b"").end()),
        ("whiteout-of-nothing", tar().file("etc/.wh.", b"").end()),
    ] {
        for packing in [Packing::Plain, Packing::Zstd] {
            let folder = Folder::new();
            folder.write("base", with_layer(&layer, packing).tar());
            let blob = part(&packing.pack(&layer));
            expectations.check(&file(name), &said(&folder, &[]).replace(&blob, "BLOB"));
        }
    }
    expectations.finish();
}

/// What engines take for a name in the image.
#[test]
fn absolute_names_stay_inside() {
    let layer =
        Tar::default().file("/etc/a", b"x").symlink("/out", "../../..").file("out/b", b"y").end();
    let folder = Folder::new();
    folder.write("base", with_layer(&layer, Packing::Plain).tar());
    let files = "\n  remove = [ \"/etc/a\" \"/b\" ];";
    let built = super::build(&folder, &args(&format!("{ANNOTATIONS}{files}")));
    assert_eq!(
        built.lines_from(2),
        ["0 0644 0:0 .wh.b", "5 0755 0:0 etc/", "0 0644 0:0 etc/.wh.a"]
    );
}

#[test]
fn files_that_are_no_base() {
    let mut expectations = Expectations::default();
    let archive = Base::with_kernel().parts().tar();
    for (name, bytes) in [
        ("archive-that-breaks-off", archive[..archive.len() / 2].to_vec()),
        ("archive-that-breaks-off-in-gzip", {
            let packed = Packing::Gzip.pack(&archive);
            packed[..packed.len() / 2].to_vec()
        }),
        ("empty-file", Vec::new()),
        ("text-file", b"FROM scratch\n".to_vec()),
        ("tar-of-something-else", Tar::default().file("a", b"a").end()),
        ("layout-without-images", {
            let mut parts = Parts::new();
            parts.index(&[]);
            parts.tar()
        }),
        ("index-that-is-no-json", {
            let mut parts = Parts::new();
            parts.0.insert("index.json".into(), b"{".to_vec());
            parts.tar()
        }),
        ("config-that-is-no-json", {
            let layers = [Tar::default().end()];
            docker_archive("a", b"[]", &layers, false)
        }),
        ("fewer-layers-than-diff-ids", {
            let layers = [Tar::default().end(), Tar::default().end()];
            let config = crate::foreign::config("amd64", &json!({}), &layers);
            docker_archive("a", &config, &layers[..1], false)
        }),
        ("artifact", {
            let mut base = Base::with_kernel().parts();
            let empty = base.blob("application/vnd.oci.empty.v1+json", b"{}");
            let manifest = json!({ "schemaVersion": 2, "config": empty, "layers": [] });
            let manifest = base.blob(crate::foreign::MANIFEST, manifest.to_string().as_bytes());
            base.index(&[manifest]);
            base.tar()
        }),
    ] {
        let folder = Folder::new();
        folder.write("base", bytes);
        expectations.check(&file(name), &said(&folder, &[]));
    }
    let folder = Folder::new();
    expectations.check(&file("no-file"), &said(&folder, &[]));
    std::fs::create_dir(folder.path().join("base")).unwrap();
    expectations.check(&file("folder-without-index"), &said(&folder, &[]));
    std::fs::remove_dir(folder.path().join("base")).unwrap();
    std::os::unix::fs::symlink("gone", folder.path().join("base")).unwrap();
    expectations.check(&file("symlink-to-nothing"), &said(&folder, &[]));
    std::fs::remove_file(folder.path().join("base")).unwrap();
    std::os::unix::fs::symlink("base", folder.path().join("base")).unwrap();
    expectations.check(&file("symlink-to-itself"), &said(&folder, &[]));
    expectations.finish();
}

/// A symlink to an archive is one.
#[test]
fn symlink_to_an_archive() {
    let folder = Folder::new();
    folder.write("images/base.tar", Base::with_kernel().parts().tar());
    std::os::unix::fs::symlink("images/base.tar", folder.path().join("base")).unwrap();
    super::build(&folder, &args(ANNOTATIONS));
}

/// Writes zeros as a file of a layer, compressed as it goes.
fn zeros(size: u64, members: u64) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![0; 1 << 20];
    for number in 0..members {
        let mut header = tar::Header::new_gnu();
        header.set_path(format!("zeros{number}")).unwrap();
        header.set_mode(0o644);
        header.set_size(size);
        header.set_cksum();
        encoder.write_all(header.as_bytes()).unwrap();
        let mut left = size;
        while left > 0 {
            let now = left.min(block.len() as u64);
            encoder.write_all(&block[..usize::try_from(now).unwrap()]).unwrap();
            left -= now;
        }
    }
    encoder.finish().unwrap()
}

/// Small files that would become large ones: the limit is held, and `--max-unpacked` moves it.
#[test]
fn bombs() {
    let mut expectations = Expectations::default();
    let gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    let folder = Folder::new();
    // Its header says what would come, so that none of it need be unpacked.
    let bomb = {
        let mut header = tar::Header::new_gnu();
        header.set_path("zeros").unwrap();
        header.set_mode(0o644);
        header.set_size(16 << 30);
        header.set_cksum();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(header.as_bytes()).unwrap();
        encoder.write_all(&vec![0; 4 << 20]).unwrap();
        encoder.finish().unwrap()
    };
    folder.write("base", with_blob(&bomb, gzip, b"").tar());
    let started = std::time::Instant::now();
    let found = said(&folder, &[]).replace(&part(&bomb), "BLOB");
    expectations.check(&file("bomb-of-one-file"), &found);
    assert!(started.elapsed().as_secs() < 5);
    let many = zeros(8 << 20, 9);
    let tar = {
        use std::io::Read as _;
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(many.as_slice()).read_to_end(&mut bytes).unwrap();
        bytes
    };
    folder.write("base", with_blob(&many, gzip, &tar).tar());
    let found = said(&folder, &["--max-unpacked", "64M"]).replace(&part(&many), "BLOB");
    expectations.check(&file("bomb-of-many-files"), &found);
    // It is what the user says that counts.
    done(folder.path(), &["build", "-o", "out", "--max-unpacked", "128M"]);
    std::fs::remove_file(folder.path().join("out")).unwrap();
    // The archive itself.
    let archive = Tar::default().file("zeros", &vec![0; 65 << 20]).end();
    folder.write("base", Packing::Gzip.pack(&archive));
    expectations.check(&file("bomb-of-an-archive"), &said(&folder, &["--max-unpacked", "64M"]));
    expectations.finish();
}

/// The image is not written over its own base, by whatever name.
#[test]
fn output_that_is_the_base() {
    let mut expectations = Expectations::default();
    let archive = Base::with_kernel().parts().tar();
    let folder = Folder::new();
    folder.write("base", &archive);
    folder.write("args.nix", args(ANNOTATIONS));
    let build = |output: &str| {
        let (code, said) = refusal(&folder, &["build", "-o", output]);
        assert_eq!(std::fs::read(folder.path().join("base")).unwrap(), archive);
        format!("exit {code}\n{said}")
    };
    expectations.check(&file("output-is-the-base"), &build("base"));
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    let absolute = folder.path().join("base");
    for output in ["./base", &format!("../{name}/base"), absolute.to_str().unwrap()] {
        assert_eq!(build(output), build("base"), "{output}");
    }
    std::os::unix::fs::symlink("base", folder.path().join("link")).unwrap();
    folder.write("args.nix", args(ANNOTATIONS).replace("./base", "./link"));
    expectations.check(&file("output-is-the-base-behind-a-symlink"), &build("base"));
    // The link itself is replaced, and not what it leads to.
    folder.write("args.nix", args(ANNOTATIONS));
    done(folder.path(), &["build", "-o", "link"]);
    assert_eq!(std::fs::read(folder.path().join("base")).unwrap(), archive);
    expectations.finish();
    let folder = Folder::new();
    Base::with_kernel().parts().write(&folder, "base");
    folder.write("args.nix", args(ANNOTATIONS));
    let (code, said) = refusal(&folder, &["build", "-o", "base", "--format", "layout"]);
    assert_eq!(code, 1, "{said}");
    // Nor over what its root file system is made from.
    let from = "rootfs = { type = \"initrd\"; from = ./base; }; annotations";
    folder.write(
        "args.nix",
        args(ANNOTATIONS).replace("base = ./base;", "").replace("annotations", from),
    );
    let (code, said) = refusal(&folder, &["build", "-o", "base", "--format", "layout"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("over what its root file system is made from"), "{said}");
    folder.write("args.nix", args(ANNOTATIONS));
    // What is in the folder of the base is in the base as well.
    let (code, said) = refusal(&folder, &["build", "-o", "base/out"]);
    assert_eq!(code, 1, "{said}");
}

/// A folder that holds the base would put the whole of it into the image once more.
#[test]
fn base_among_the_files() {
    let mut expectations = Expectations::default();
    let folder = Folder::new();
    folder.write("site/base", Base::with_kernel().parts().tar());
    folder.write("site/index.html", "x");
    let text = args(&format!("{ANNOTATIONS}\n  files.\"site\" = \"/site\";"));
    folder.write("args.nix", text.replace("./base", "site/base"));
    let output = bimanix(folder.path()).args(["build", "-o", "out"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    expectations.check(
        &file("base-among-the-files"),
        &format!("exit {}\n{said}", output.status.code().unwrap()),
    );
    expectations.finish();
}
