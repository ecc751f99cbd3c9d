//! The ways to write an image: all give the same bytes, whatever the sizes, holes, threads and outputs.

use crate::support::{Folder, bimanix, done, kernel};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

const CHUNK: u64 = 256 << 10;

/// Bytes that do not repeat.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

fn project(files: &[(&str, Vec<u8>)]) -> Folder {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    let mut entries = String::new();
    for (name, bytes) in files {
        folder.write(name, bytes);
        write!(entries, "\"{name}\" = \"/data/{name}\"; ").unwrap();
    }
    let initrd = files.first().map_or("kernel", |(name, _)| name);
    let initrd = if initrd == "kernel" { "/k".to_owned() } else { format!("/data/{initrd}") };
    folder.write(
        "args.nix",
        format!(
            "{{ name = \"a\"; files = {{ \"kernel\" = \"/k\"; \
             {entries} }}; annotations = {{ unikernelType = \"hermit\"; hypervisor = \"qemu\"; binary = \
             \"/k\"; initrd = \"{initrd}\"; cmdline = \"/init\"; }}; }}"
        ),
    );
    folder
}

fn built(folder: &Folder, arguments: &[&str]) -> Value {
    let all: Vec<&str> = ["build", "--json"].into_iter().chain(arguments.iter().copied()).collect();
    serde_json::from_slice(&done(folder.path(), &all).stdout).unwrap()
}

fn bytes(folder: &Folder, name: &str) -> Vec<u8> {
    std::fs::read(folder.path().join(name)).unwrap()
}

#[test]
fn sizes_around_a_chunk() {
    let sizes = [0, 1, 511, 512, 513, CHUNK - 512, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7];
    let files: Vec<(String, Vec<u8>)> = sizes
        .iter()
        .map(|size| (format!("f{size}"), noise(usize::try_from(*size).unwrap())))
        .collect();
    let named: Vec<(&str, Vec<u8>)> =
        files.iter().rev().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let folder = project(&named);
    built(&folder, &["-o", "result"]);
    // GNU tar reads what is in the layers.
    let layout = built(&folder, &["--format", "layout", "-o", "layout"]);
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    for layer in layout["layers"].as_array().unwrap() {
        let hex = layer["digest"].as_str().unwrap().trim_start_matches("sha256:");
        let blob = folder.path().join("layout/blobs/sha256").join(hex);
        let status = Command::new("tar").arg("-xf").arg(blob).arg("-C").arg(&out).status().unwrap();
        assert!(status.success());
    }
    for (name, bytes) in &named {
        assert_eq!(std::fs::read(out.join("data").join(name)).unwrap(), *bytes, "{name}");
    }
}

#[test]
fn every_way_gives_the_same_bytes() {
    let large = noise(5 * usize::try_from(CHUNK).unwrap() + 99);
    let text = b"compressible ".repeat(300_000);
    let folder = project(&[("initrd", large), ("text", text), ("empty", Vec::new())]);
    for method in ["none", "gzip", "gzip:1", "zstd", "zstd:9"] {
        let first = built(&folder, &["--compression", method, "-o", "first"]);
        let again = built(&folder, &["--compression", method, "-o", "again"]);
        assert_eq!(first, again, "{method}");
        assert_eq!(bytes(&folder, "first"), bytes(&folder, "again"), "{method}");
        // One processor, and so one thread of each kind.
        let output = Command::new("taskset")
            .args(["-c", "0", env!("CARGO_BIN_EXE_bimanix"), "build"])
            .args(["--compression", method, "-o", "single"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(bytes(&folder, "first"), bytes(&folder, "single"), "{method}, one processor");
        let streamed = done(folder.path(), &["build", "--compression", method, "-o", "-"]).stdout;
        assert_eq!(bytes(&folder, "first"), streamed, "{method}, streamed");
        let layout =
            built(&folder, &["--compression", method, "--format", "layout", "-o", "layout"]);
        assert_eq!(layout["manifest"], first["manifest"], "{method}, as a folder");
        // `inspect` unpacks every layer and checks both digests.
        for output in ["first", "layout"] {
            let read = done(folder.path(), &["inspect", "--json", output]).stdout;
            let read: Value = serde_json::from_slice(&read).unwrap();
            assert_eq!(read["layers"], first["layers"], "{method}, {output}");
        }
    }
    let of = |method: &str| built(&folder, &["--compression", method, "-o", "x"]);
    let (plain, gzip, zstd) = (of("none"), of("gzip"), of("zstd"));
    for (packed, kind) in [(&gzip, "gzip"), (&zstd, "zstd")] {
        assert_eq!(packed["config"], plain["config"], "the configuration has diff ids alone");
        let layers = packed["layers"].as_array().unwrap();
        for (layer, plain) in layers.iter().zip(plain["layers"].as_array().unwrap()) {
            assert_eq!(layer["diffId"], plain["digest"]);
            assert!(layer["mediaType"].as_str().unwrap().ends_with(&format!("tar+{kind}")));
        }
        assert!(packed["size"].as_u64().unwrap() < plain["size"].as_u64().unwrap());
    }
}

/// The first large file of a layer begins where the block of a file system does, so that the two can share it.
#[test]
fn large_files_begin_at_a_block() {
    let large = noise(3 << 20);
    let first = &large[..64];
    for depth in 0..9 {
        let folder = Folder::new();
        folder.write("kernel", kernel());
        folder.write("large", &large);
        let place = format!("/{}large", "folder/".repeat(depth));
        let text = format!(
            "{{ name = \"a\"; files = {{ kernel = \"/k\"; large = \"{place}\"; }}; annotations = {{ \
             unikernelType = \"hermit\"; hypervisor = \"qemu\"; binary = \"/k\"; cmdline = \"a\"; }}; }}"
        );
        folder.write("args.nix", text);
        built(&folder, &["-o", "result"]);
        let archive = bytes(&folder, "result");
        let at = archive.windows(64).position(|window| window == first).unwrap();
        assert_eq!(at % 4096, 0, "{place}");
        assert_eq!(archive[at..at + large.len()], large);
        assert_eq!(archive, done(folder.path(), &["build", "-o", "-"]).stdout);
        let listing =
            Command::new("tar").arg("-tf").arg(folder.path().join("result")).output().unwrap();
        assert!(listing.status.success() && listing.stderr.is_empty(), "GNU tar reads it");
    }
}

/// An entry that has a pax header of its own gets no second one in front, which some readers refuse.
#[test]
fn no_entry_has_two_pax_headers() {
    let folder = project(&[("initrd", noise(2 << 20))]);
    let text = std::fs::read_to_string(folder.path().join("args.nix")).unwrap();
    for created in ["0", "\"9999-12-31T23:59:59Z\""] {
        folder.write("args.nix", text.replacen('{', &format!("{{ created = {created};"), 1));
        built(&folder, &["-o", "result"]);
        let file = File::open(folder.path().join("result")).unwrap();
        let mut archive = tar::Archive::new(file);
        let mut count = 0;
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let late = created != "0";
            let records: Vec<String> = entry
                .pax_extensions()
                .unwrap()
                .into_iter()
                .flatten()
                .map(|record| record.unwrap().key().unwrap().to_owned())
                .collect();
            assert_eq!(records.contains(&"mtime".to_owned()), late, "{records:?}");
            count += 1;
        }
        assert_eq!(count, 10, "{created}");
    }
}

/// Holes are gone over, and give the zeros that they stand for.
#[test]
fn holes_are_zeros() {
    let size = 6 * CHUNK + 12_345;
    let pieces: &[(u64, &[u8])] =
        &[(0, b"begin"), (2 * CHUNK + 4096, b"middle"), (2 * CHUNK + 70_000, b"more")];
    let mut results = Vec::new();
    for (sparse, ends_in_hole) in [(true, true), (false, true), (true, false), (false, false)] {
        let folder = project(&[("disk", Vec::new())]);
        let mut file = File::create(folder.path().join("disk")).unwrap();
        if sparse {
            file.set_len(size).unwrap();
        } else {
            file.write_all(&vec![0; usize::try_from(size).unwrap()]).unwrap();
        }
        for (at, piece) in pieces {
            file.write_all_at(piece, *at).unwrap();
        }
        if !ends_in_hole {
            file.seek(SeekFrom::Start(size - 3)).unwrap();
            file.write_all(b"end").unwrap();
        }
        drop(file);
        let mut bytes_of = Vec::new();
        for method in ["none", "zstd"] {
            built(&folder, &["--compression", method, "-o", method]);
            bytes_of.push(bytes(&folder, method));
            let streamed = done(folder.path(), &["build", "--compression", method, "-o", "-"]);
            assert_eq!(streamed.stdout, bytes(&folder, method), "streamed, {method}");
        }
        let layout = built(&folder, &["--format", "layout", "-o", "layout"]);
        done(folder.path(), &["inspect", "layout"]);
        results.push((ends_in_hole, layout, bytes_of));
    }
    assert!(results[0] == results[1], "a hole at the end changes the bytes");
    assert!(results[2] == results[3], "holes change the bytes");
}

/// A large file is alone in its layer, which stays what it is when another one changes.
#[test]
fn large_files_have_their_own_layers() {
    let large = 16 << 20;
    let folder = project(&[
        ("initrd", noise(9)),
        ("a", noise(large)),
        ("b", noise(large - 1)),
        ("c", vec![0; large]),
    ]);
    let first = built(&folder, &[]);
    let titles = |built: &Value| -> Vec<String> {
        let layers = built["layers"].as_array().unwrap().iter();
        layers.map(|layer| layer["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        titles(&first),
        ["binary /k", "initrd /data/initrd", "file /data/a", "file /data/c", "files", "urunc.json"]
    );
    folder.write("c", vec![1; large]);
    let second = built(&folder, &[]);
    let changed: Vec<bool> = first["layers"]
        .as_array()
        .unwrap()
        .iter()
        .zip(second["layers"].as_array().unwrap())
        .map(|(first, second)| first["digest"] != second["digest"])
        .collect();
    assert_eq!(changed, [false, false, false, true, false, false]);
}

#[test]
fn an_output_that_is_right_is_left_alone() {
    let folder = project(&[("initrd", noise(400_000))]);
    for (format, index) in [("archive", "result"), ("layout", "result/index.json")] {
        let arguments = ["--format", format, "--if-changed"];
        let first = built(&folder, &arguments);
        let stat = || std::fs::metadata(folder.path().join(index)).unwrap();
        let (inode, time) = (stat().ino(), stat().modified().unwrap());
        assert_eq!(built(&folder, &arguments), first);
        assert_eq!((stat().ino(), stat().modified().unwrap()), (inode, time), "{format}");
        // Without being asked, and for any other image, it is written anew.
        built(&folder, &["--format", format]);
        assert_ne!(stat().ino(), inode, "{format}");
        let inode = stat().ino();
        let compressed = ["--format", format, "--if-changed", "--compression", "zstd"];
        built(&folder, &compressed);
        assert_ne!(stat().ino(), inode, "{format}: another compression");
        let inode = stat().ino();
        folder.write("initrd", noise(400_001));
        let second = built(&folder, &compressed);
        assert_ne!(second["manifest"], first["manifest"]);
        assert_ne!(stat().ino(), inode, "{format}: other files");
        folder.write("initrd", noise(400_000));
        if format == "archive" {
            std::fs::remove_file(folder.path().join("result")).unwrap();
        }
    }
    // A layout whose layer has been cut off is not the image, whatever its index says.
    let layout = ["--format", "layout", "--if-changed"];
    let image = built(&folder, &layout);
    let hex =
        image["layers"][1]["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    let blob = folder.path().join("result/blobs/sha256").join(hex);
    let size = std::fs::metadata(&blob).unwrap().len();
    File::options().write(true).open(&blob).unwrap().set_len(size - 512).unwrap();
    assert_eq!(built(&folder, &layout), image);
    assert_eq!(std::fs::metadata(&blob).unwrap().len(), size);
    // What is no image, or one with a part missing, is replaced.
    std::fs::remove_dir_all(folder.path().join("result")).unwrap();
    folder.write("result", b"garbage");
    let image = built(&folder, &["--if-changed"]);
    done(folder.path(), &["inspect", "result"]);
    let whole = bytes(&folder, "result");
    folder.write("result", &whole[..whole.len() / 2]);
    assert_eq!(built(&folder, &["--if-changed"]), image);
    assert_eq!(bytes(&folder, "result"), whole);
}

/// A byte that is damaged anywhere makes it another image, whatever its index and its sizes say.
#[test]
fn an_output_that_is_damaged_is_written_anew() {
    let folder = project(&[("initrd", noise(30_000))]);
    for compression in ["none", "gzip"] {
        let arguments = ["--if-changed", "--compression", compression];
        let image = built(&folder, &arguments);
        let whole = bytes(&folder, "result");
        let mut damaged: Vec<Vec<u8>> = Vec::new();
        // Headers, padding, layers, both lists of the image, and the blocks at the end.
        for at in (0..whole.len()).step_by(whole.len() / 60).chain([whole.len() - 1]) {
            damaged.push(whole.clone());
            damaged.last_mut().unwrap()[at] ^= 0x20;
        }
        let list = whole.windows(10).rposition(|window| window == b"\"RepoTags\"").unwrap();
        damaged.push(whole.clone());
        damaged.last_mut().unwrap()[list + 20] ^= 1;
        for size in [whole.len() - 1, whole.len() - 1024, 512, 0] {
            damaged.push(whole[..size].to_vec());
        }
        damaged.push([whole.as_slice(), b"x"].concat());
        for there in damaged {
            folder.write("result", &there);
            assert_eq!(built(&folder, &arguments), image);
            assert!(bytes(&folder, "result") == whole, "{compression}");
        }
    }
    let arguments = ["--if-changed", "--format", "layout"];
    std::fs::remove_file(folder.path().join("result")).unwrap();
    built(&folder, &arguments);
    let root = folder.path().join("result");
    let blobs = root.join("blobs/sha256").read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = blobs.collect();
    files.extend([root.join("index.json"), root.join("oci-layout")]);
    assert!(files.len() >= 6);
    for file in files {
        let whole = std::fs::read(&file).unwrap();
        let middle = whole.len() / 2;
        let mut flipped = whole.clone();
        flipped[middle] ^= 1;
        for damaged in [&flipped, &whole[..middle], &[whole.as_slice(), b" "].concat()] {
            std::fs::write(&file, damaged).unwrap();
            built(&folder, &arguments);
            assert!(std::fs::read(&file).unwrap() == whole, "{}", file.display());
        }
        // By that file a folder is known as one that may be replaced.
        if file.ends_with("oci-layout") {
            continue;
        }
        std::fs::remove_file(&file).unwrap();
        built(&folder, &arguments);
        assert!(std::fs::read(&file).unwrap() == whole, "{}", file.display());
    }
}

#[test]
fn compression_is_asked_for_in_words() {
    let folder = project(&[]);
    for bad in ["xz", "gzip:0", "gzip:10", "zstd:20", "zstd:", "none:3", ""] {
        let output = bimanix(folder.path()).args(["build", "--compression", bad]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{bad}");
    }
    assert!(!folder.path().join("result").exists());
}
