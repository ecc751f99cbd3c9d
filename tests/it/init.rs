//! `bimanix init` on kernels: the args.nix it writes, which `check` takes.

use crate::support::{Expectations, Folder, bimanix, done};
use std::path::Path;

/// Fixtures of `tests/check` whose kernel says enough, and the further arguments it needs.
const KNOWN: &[(&str, &[&str])] = &[
    ("kernel-bzimage-firecracker", &[]),
    ("kernel-guest-guessed", &[]),
    ("kernel-guest-mirage", &[]),
    ("kernel-net-name", &[]),
    ("kernel-ok-mirage", &["--block", "disk"]),
    ("kernel-spt-for-hvt", &[]),
    ("kernel-unikraft-qemu-for-firecracker", &[]),
    ("block-rumprun-squashfs", &["--block", "disk"]),
];

/// Fixtures whose kernel has no args.nix, and what is said.
const REFUSED: &[(&str, &str)] = &[
    ("kernel-block-missing", "unikernel/block-missing"),
    ("kernel-muen", "init/monitor"),
    ("kernel-not-solo5", "init/unknown-guest"),
    ("kernel-program", "init/unknown-guest"),
    ("kernel-two-nets", "unikernel/too-many-devices"),
    ("kernel-empty", "init/unknown-guest"),
];

/// A folder with the boot files of a fixture, and no args.nix.
fn project(fixture: &str) -> Folder {
    let folder = Folder::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check").join(fixture);
    for name in ["kernel", "disk"] {
        if let Ok(bytes) = std::fs::read(from.join(name)) {
            folder.write(name, bytes);
        }
    }
    folder
}

#[test]
fn what_it_writes_passes_every_check() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/init");
    let mut expectations = Expectations::default();
    for (fixture, more) in KNOWN {
        let folder = project(fixture);
        let arguments = [&["init", "kernel"], *more].concat();
        let printed = done(folder.path(), &[&arguments[..], &["-o", "-"]].concat()).stdout;
        assert!(!folder.path().join("args.nix").exists(), "{fixture}: it only prints");
        done(folder.path(), &arguments);
        let written = std::fs::read_to_string(folder.path().join("args.nix")).unwrap();
        assert_eq!(written.as_bytes(), printed, "{fixture}");
        expectations.check(&root.join(format!("{fixture}.nix")), &written);
        done(folder.path(), &["check"]);
        // It is not written over.
        let again = bimanix(folder.path()).args(&arguments).output().unwrap();
        assert_eq!(again.status.code(), Some(1), "{fixture}");
        let after = std::fs::read_to_string(folder.path().join("args.nix")).unwrap();
        assert_eq!(after, written, "{fixture}");
    }
    expectations.finish();
}

#[test]
fn what_cannot_be_told_is_refused() {
    for (fixture, slug) in REFUSED {
        let folder = project(fixture);
        let output = bimanix(folder.path()).args(["init", "kernel"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{fixture}: {said}");
        assert!(said.contains(&format!("error[{slug}]")), "{fixture}: {said}");
        assert!(!folder.path().join("args.nix").exists(), "{fixture}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = Folder::new();
    folder.write("kernel", b"x");
    for arguments in [&["init", "nothing"][..], &["init", "kernel", "--initrd", "nothing"]] {
        let output = bimanix(folder.path()).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("error[init/input]: cannot read `nothing`"), "{said}");
    }
}

#[test]
fn without_a_kernel_it_writes_the_template() {
    let folder = Folder::new();
    done(folder.path(), &["init"]);
    let template = include_bytes!("../../nix/template/args.nix");
    assert_eq!(std::fs::read(folder.path().join("args.nix")).unwrap(), template);
}

#[test]
fn a_file_elsewhere_is_named_in_full() {
    let (folder, other) = (project("kernel-net-name"), Folder::new());
    let kernel = folder.path().join("kernel");
    let arguments = ["init", kernel.to_str().unwrap()];
    done(other.path(), &arguments);
    let written = std::fs::read_to_string(other.path().join("args.nix")).unwrap();
    assert!(written.contains(&format!("\"{}\" = ", kernel.display())), "{written}");
    done(other.path(), &["check"]);
}
