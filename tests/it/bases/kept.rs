//! The layers of a base are taken over byte for byte, and no blob is written twice.

use super::{ANNOTATIONS, Base, Built, Packing, Parts, Tar, args, build, build_on};
use crate::foreign::{docker_archive, sha256};
use crate::support::{Folder, bimanix, done, kernel};
use serde_json::{Value, json};
use std::process::Stdio;

/// Three layers, each stored in a way of its own.
fn mixed() -> Base {
    let mut base = Base::new(&[
        Tar::default().file("boot/kernel", &kernel()).end(),
        Tar::default().file("a", &[b'a'; 3000]).end(),
        Tar::default().file("b", b"b").end(),
    ]);
    base.layers[1].1 = Packing::Gzip;
    base.layers[2].1 = Packing::Zstd;
    base.layers[1].2 = json!({ "annotations": { "io.example.toc": "sha256:1", "b": "ü" } });
    base
}

/// What a manifest says of its layers.
fn descriptors(manifest: &Value) -> &[Value] {
    manifest["layers"].as_array().unwrap()
}

#[test]
fn layers_stay_as_they_are() {
    let base = mixed();
    let built = build_on(&base, ANNOTATIONS);
    let mut parts = Parts::new();
    let manifest = base.add_to(&mut parts);
    let digest = manifest["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap();
    let manifest: Value =
        serde_json::from_slice(&parts.0[&format!("blobs/sha256/{digest}")]).unwrap();
    // Digest, size, media type and annotations, in their order.
    assert_eq!(descriptors(&built.manifest)[..3], descriptors(&manifest)[..]);
    assert_eq!(descriptors(&built.manifest).len(), 4);
    for (number, (tar, packing, _)) in base.layers.iter().enumerate() {
        assert_eq!(built.layers[number], packing.pack(tar));
        let diff_id = format!("sha256:{}", sha256(tar));
        assert_eq!(built.config["rootfs"]["diff_ids"][number], diff_id);
    }
}

/// `--compression` is for what is made here.
#[test]
fn compression_is_for_new_layers() {
    let folder = Folder::new();
    let base = mixed();
    folder.write("base", base.parts().tar());
    folder.write("args.nix", args(ANNOTATIONS));
    for (method, media_type) in [("gzip", Packing::Gzip), ("zstd:1", Packing::Zstd)] {
        done(folder.path(), &["build", "-o", "out", "--compression", method]);
        let built = Built::open(&folder, "out", String::new());
        for (number, (tar, packing, _)) in base.layers.iter().enumerate() {
            assert_eq!(built.layers[number], packing.pack(tar));
            assert_eq!(descriptors(&built.manifest)[number]["mediaType"], packing.media_type());
        }
        assert_eq!(descriptors(&built.manifest)[3]["mediaType"], media_type.media_type());
    }
}

#[test]
fn media_types_of_docker_become_those_of_oci() {
    let docker = "application/vnd.docker.image.rootfs";
    let oci = "application/vnd.oci.image.layer";
    for (packing, written, expected) in [
        (Packing::Plain, format!("{docker}.diff.tar"), format!("{oci}.v1.tar")),
        (Packing::Gzip, format!("{docker}.diff.tar.gzip"), format!("{oci}.v1.tar+gzip")),
        (Packing::Zstd, format!("{docker}.diff.tar.zstd"), format!("{oci}.v1.tar+zstd")),
        // It has no type for plain layers, and skopeo writes them as they are.
        (Packing::Plain, format!("{docker}.diff.tar.gzip"), format!("{oci}.v1.tar")),
        (
            Packing::Gzip,
            format!("{docker}.foreign.diff.tar.gzip"),
            format!("{oci}.nondistributable.v1.tar+gzip"),
        ),
        (
            Packing::Plain,
            format!("{oci}.nondistributable.v1.tar"),
            format!("{oci}.nondistributable.v1.tar"),
        ),
    ] {
        let mut base = Base::with_kernel().packed(packing);
        base.layers[0].2 = json!({ "mediaType": written });
        let built = build_on(&base, ANNOTATIONS);
        assert_eq!(descriptors(&built.manifest)[0]["mediaType"], expected, "{written}");
    }
}

/// docker's own archive has no media types, its bytes have.
#[test]
fn layers_of_a_docker_archive() {
    let layers =
        [Tar::default().file("boot/kernel", &kernel()).end(), Tar::default().file("a", b"a").end()];
    let config = crate::foreign::config("amd64", &json!({}), &layers);
    for packing in [Packing::Plain, Packing::Gzip] {
        let folder = Folder::new();
        folder.write("base", docker_archive("base:1", &config, &layers, packing == Packing::Gzip));
        let built = build(&folder, &args(ANNOTATIONS));
        for (number, layer) in layers.iter().enumerate() {
            assert_eq!(built.layers[number], packing.pack(layer));
            assert_eq!(descriptors(&built.manifest)[number]["mediaType"], packing.media_type());
        }
    }
}

/// The same recipe and the same base give the same bytes, however the base is stored and wherever the image goes.
#[test]
fn every_way_gives_the_same_bytes() {
    let folder = Folder::new();
    let parts = mixed().parts();
    folder.write("file", b"new");
    folder.write("as-archive", parts.tar());
    folder.write("as-gzip", Packing::Gzip.pack(&parts.tar()));
    folder.write("as-zstd", Packing::Zstd.pack(&parts.tar()));
    parts.write(&folder, "as-layout");
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let mut known: Option<Vec<u8>> = None;
    for base in ["as-archive", "as-gzip", "as-zstd", "as-layout"] {
        let files = format!("{ANNOTATIONS}\n  files = {{ \"file\" = \"/etc/file\"; }};");
        folder.write("args.nix", args(&files).replace("./base", &format!("./{base}")));
        done(folder.path(), &["build", "-o", "out"]);
        let expected = known.get_or_insert_with(|| read("out"));
        assert_eq!(&read("out"), expected, "{base}");
        let stream = done(folder.path(), &["build", "-o", "-"]).stdout;
        assert_eq!(&stream, expected, "{base} to a stream");
        // A layout has the same blobs, and its index the same manifest.
        std::fs::remove_file(folder.path().join("out")).unwrap();
        done(folder.path(), &["build", "-o", "out", "--format", "layout"]);
        let archive = crate::archive::files(expected);
        for (name, bytes) in archive.iter().filter(|(name, _)| *name != "manifest.json") {
            assert_eq!(&read(&format!("out/{name}")), bytes, "{base}: {name}");
        }
        std::fs::remove_dir_all(folder.path().join("out")).unwrap();
    }
}

/// An image that is there is left alone only where it is this very image.
#[test]
fn if_changed() {
    let folder = Folder::new();
    let mut base = mixed();
    folder.write("base", base.parts().tar());
    folder.write("args.nix", args(ANNOTATIONS));
    let arguments = ["build", "-o", "out", "--if-changed"];
    let id = || {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(folder.path().join("out")).unwrap().ino()
    };
    done(folder.path(), &arguments);
    let first = id();
    done(folder.path(), &arguments);
    assert_eq!(id(), first);
    base.layers[2].0 = Tar::default().file("b", b"c").end();
    folder.write("base", base.parts().tar());
    done(folder.path(), &arguments);
    assert_ne!(id(), first);
}

/// A base in a FIFO can be read once, which is enough.
#[test]
fn base_in_a_fifo() {
    let folder = Folder::new();
    let archive = mixed().parts().tar();
    folder.write("args.nix", args(ANNOTATIONS));
    let fifo = folder.path().join("base");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    let bytes = archive.clone();
    let writer = std::thread::spawn(move || std::fs::write(fifo, bytes).unwrap());
    let child = bimanix(folder.path())
        .args(["build", "-o", "out"])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    writer.join().unwrap();
    let by_fifo = std::fs::read(folder.path().join("out")).unwrap();
    std::fs::remove_file(folder.path().join("base")).unwrap();
    folder.write("base", archive);
    done(folder.path(), &["build", "-o", "out"]);
    assert_eq!(std::fs::read(folder.path().join("out")).unwrap(), by_fifo);
}

/// A kernel that is put where the base has the same one makes a layer of the same bytes, which is there already.
#[test]
fn no_blob_twice() {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    let recipe = |base: &str| {
        let files = "  files = { \"kernel\" = \"/boot/kernel\"; };";
        format!("{{\n  name = \"a\";{base}{files}{ANNOTATIONS}\n}}\n")
    };
    let first = build(&folder, &recipe(""));
    std::fs::rename(folder.path().join("out"), folder.path().join("base")).unwrap();
    for method in ["none", "gzip"] {
        folder.write("args.nix", recipe("  base = ./base;"));
        done(folder.path(), &["build", "-o", "out", "--compression", method]);
        let second = Built::open(&folder, "out", String::new());
        // Where the new layers are compressed they have other bytes.
        let repeated = usize::from(method == "none") * 2;
        let mut names: Vec<String> = second.layers.iter().map(|layer| sha256(layer)).collect();
        assert_eq!(names.len(), 4);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 4 - repeated, "{method}");
        assert_eq!(second.layers[..2], first.layers[..]);
        // `files` refuses an archive in which a name stands twice.
        let stream = done(folder.path(), &["build", "-o", "-", "--compression", method]).stdout;
        assert_eq!(stream, std::fs::read(folder.path().join("out")).unwrap(), "{method}");
        let all = crate::archive::entries(&stream);
        let mut paths: Vec<&[u8]> = all.iter().map(|entry| entry.path.as_slice()).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), all.len(), "{method}");
    }
}

/// A base may name one blob for two layers, and one may be empty.
#[test]
fn a_base_that_repeats_itself() {
    let empty = Tar::default().end();
    let kernel = Tar::default().file("boot/kernel", &kernel()).end();
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let layers = [kernel.clone(), empty.clone(), empty.clone(), kernel.clone()];
        let base = Base::new(&layers).packed(packing);
        let built = build_on(&base, ANNOTATIONS);
        let expected: Vec<Vec<u8>> = layers.iter().map(|layer| packing.pack(layer)).collect();
        assert_eq!(built.layers[..4], expected[..]);
    }
}
