//! Images for several architectures: one args.nix, every form of its image, and images that were built apart.

use crate::support::{Folder, bimanix, done};
use bimanix::image::{Name, WriteError, read, write};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

const ARGS: &str = r#"{
  name = "hello";
  files."./data" = "/data";
  env.SHARED = "yes";
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
  architectures = {
    amd64.files."./amd64" = "/unikernel/kernel";
    arm64 = {
      files."./arm64" = "/unikernel/kernel";
      files."./more" = "/more";
      env.OWN = "arm64";
      annotations.cmdline = "b";
    };
  };
}
"#;

/// An ELF header for a machine.
fn elf(machine: u8) -> Vec<u8> {
    let mut header = vec![0; 64];
    header[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    header[16] = 2;
    header[18] = machine;
    header[20] = 1;
    header[52] = 64;
    header
}

fn project() -> Folder {
    let folder = Folder::new();
    folder.write("amd64", elf(62));
    folder.write("arm64", elf(183));
    folder.write("data", vec![7; 5000]);
    folder.write("more", b"more");
    folder.write("args.nix", ARGS);
    folder
}

fn names(archive: &Path) -> Vec<String> {
    let file = std::fs::File::open(archive).unwrap();
    let mut archive = tar::Archive::new(file);
    let entries = archive.entries().unwrap();
    entries.map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
}

fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn every_form_is_the_same_index() {
    let folder = project();
    let built = json(&done(folder.path(), &["build", "--json"]).stdout);
    // A change of this is a change of every such image: it has to be meant.
    let pinned = "sha256:a4860d099a130361a73463e479514fa9910ba211fb637d93818f13abdbff03fa";
    assert_eq!(built["index"], pinned);
    let platforms: Vec<&str> = built["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| image["architecture"].as_str().unwrap())
        .collect();
    assert_eq!(platforms, ["amd64", "arm64"]);
    assert_eq!(built["images"][1]["env"], serde_json::json!(["OWN=arm64", "SHARED=yes"]));
    let result = folder.path().join("result");
    let names = names(&result);
    // What is in both is there once, as are layers of one size that differ.
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    let blobs = names.iter().filter(|name| name.starts_with("blobs/sha256/") && name.len() > 20);
    // Two kernels, two sets of files, two urunc.json, two configurations, two manifests, and the index.
    assert_eq!(blobs.count(), 11);
    let stream = bimanix(folder.path()).args(["build", "-o", "-"]).output().unwrap();
    assert!(stream.stdout == std::fs::read(&result).unwrap());
    for more in
        [&["--format", "layout", "-o", "folder"][..], &["--compression", "gzip", "-o", "gzip"]]
    {
        done(folder.path(), &[&["build"], more].concat());
    }
    let index = std::fs::read(folder.path().join("folder/index.json")).unwrap();
    assert_eq!(json(&index)["manifests"][0]["digest"], pinned);
    let inspected = json(&done(folder.path(), &["inspect", "--json", "gzip"]).stdout);
    assert_eq!(inspected["images"].as_array().unwrap().len(), 2);
    done(folder.path(), &["build", "--if-changed"]);
    assert!(stream.stdout == std::fs::read(&result).unwrap());

    // Built apart.
    let mut apart = Vec::new();
    for platform in ["linux/arm64", "linux/amd64"] {
        let name = platform.replace('/', "-");
        done(folder.path(), &["build", "--platform", platform, "-o", &name]);
        apart.push(name);
    }
    let arguments: Vec<&str> =
        ["index"].into_iter().chain(apart.iter().map(String::as_str)).collect();
    done(folder.path(), &[&arguments[..], &["-o", "joined"]].concat());
    assert!(stream.stdout == std::fs::read(folder.path().join("joined")).unwrap());
    let joined = bimanix(folder.path()).args(&arguments).args(["-o", "-"]).output().unwrap();
    assert!(joined.stdout == stream.stdout);
}

#[test]
fn what_all_share_is_written_once() {
    let folder = project();
    folder.write("args.nix", ARGS.replace("files.\"./more\" = \"/more\";", ""));
    done(folder.path(), &["build"]);
    let names = names(&folder.path().join("result"));
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    let blobs = names.iter().filter(|name| name.starts_with("blobs/sha256/") && name.len() > 20);
    assert_eq!(blobs.count(), 10);
}

#[test]
fn a_blob_that_is_not_its_digest_is_no_image() {
    let folder = project();
    done(folder.path(), &["build"]);
    let path = folder.path().join("result");
    let archive = read::read(&read::Input::Path(&path), 1 << 30).unwrap();
    let blobs = archive.blobs().unwrap().unwrap();
    let word = || "hello".to_owned();
    let name = Name { familiar: word(), full: word(), tag: word() };
    for (is_changed, is_short) in [(false, false), (true, false), (false, true)] {
        let open = |digest| -> Result<Box<dyn Read>, WriteError> {
            let mut bytes = Vec::new();
            archive.blob_bytes(digest).unwrap().read_to_end(&mut bytes).unwrap();
            if is_changed {
                bytes[0] ^= 1;
            }
            if is_short {
                bytes.pop();
            }
            Ok(Box::new(std::io::Cursor::new(bytes)))
        };
        let written = write::gather(&name, &blobs, &path, &open, &mut std::io::sink());
        match written {
            Ok(()) => assert!(!is_changed && !is_short),
            Err(WriteError::WrongBlob { .. }) => assert!(is_changed || is_short),
            Err(other) => panic!("{other:?}"),
        }
    }
}
