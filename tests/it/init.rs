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
    for (fixture, code) in REFUSED {
        let folder = project(fixture);
        let output = bimanix(folder.path()).args(["init", "kernel"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{fixture}: {said}");
        assert!(said.contains(&format!("error[{code}]")), "{fixture}: {said}");
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

/// The words that follow `with` in a message, as a shell takes them.
fn next_step(said: &str) -> Vec<String> {
    let command = said.split('`').nth(1).unwrap_or_else(|| panic!("no command: {said}"));
    let words = command.strip_prefix("bimanix ").unwrap_or_else(|| panic!("no command: {said}"));
    bimanix::urunc::words::split(words).unwrap()
}

#[test]
fn the_next_step_is_one_that_works() {
    for (output, expected) in [
        ("args.nix", "wrote args.nix; check it with `bimanix check`"),
        ("./args.nix", "wrote ./args.nix; check it with `bimanix check ./args.nix`"),
        ("x.nix", "wrote x.nix; check it with `bimanix check x.nix`"),
        ("sub/args.nix", "wrote sub/args.nix; check it with `bimanix check sub/args.nix`"),
        ("my own.nix", "wrote my own.nix; check it with `bimanix check 'my own.nix'`"),
        ("-x.nix", "wrote -x.nix; check it with `bimanix check -- -x.nix`"),
        ("it's", "wrote it's; check it with `bimanix check 'it'\\''s'`"),
    ] {
        let folder = project("kernel-net-name");
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let said = done(folder.path(), &["init", "kernel", "-o", output]).stderr;
        let said = String::from_utf8(said).unwrap();
        assert_eq!(said, format!("{expected}\n"));
        let words = next_step(&said);
        done(folder.path(), &words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    // The template has no kernel yet.
    let folder = project("kernel-net-name");
    std::fs::rename(folder.path().join("kernel"), folder.path().join("other")).unwrap();
    let said = String::from_utf8(done(folder.path(), &["init", "-o", "x.nix"]).stderr).unwrap();
    let expected =
        "wrote x.nix; name your kernel in `files` and check it with `bimanix check x.nix`\n";
    assert_eq!(said, expected);
    // A folder is not removed to make room.
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for output in ["folder", "folder/"] {
        let output = bimanix(folder.path()).args(["init", "-o", output]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("\n  = help: name a file in it: `-o folder/args.nix`\n"), "{said}");
    }
}

/// A Linux kernel that starts the program of a container image.
#[test]
fn a_container_image_for_linux() {
    let folder = project("kernel-bzimage-firecracker");
    let base = "{ name = \"web\"; files.\"./kernel\" = { path = \"/bin/httpd\"; mode = \"0755\"; }; \
                annotations = { unikernelType = \"linux\"; hypervisor = \"qemu\"; binary = \"/bin/httpd\"; }; \
                entrypoint = [ \"/bin/httpd\" \"-f\" ]; cmd = [ \"-p\" \"80\" ]; }";
    folder.write("base.nix", base);
    done(folder.path(), &["build", "base.nix", "-o", "web.tar"]);
    done(folder.path(), &["init", "kernel", "--base", "web.tar"]);
    let written = std::fs::read_to_string(folder.path().join("args.nix")).unwrap();
    for line in ["name = \"web\";", "base = \"./web.tar\";", "kernel = \"./kernel\";"] {
        assert!(written.contains(line), "{written}");
    }
    let built = done(folder.path(), &["build", "--json", "-o", "image"]).stdout;
    let built: serde_json::Value = serde_json::from_slice(&built).unwrap();
    let annotation =
        |name: &str| built["annotations"][format!("com.urunc.unikernel.{name}")].clone();
    assert_eq!(built["entrypoint"], serde_json::json!(["/bin/httpd", "-f"]));
    assert_eq!(built["cmd"], serde_json::json!(["-p", "80"]));
    assert_eq!(annotation("binary"), "/.boot/kernel");

    let refused = |arguments: &[&str]| {
        let output = bimanix(folder.path()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let alone = refused(&["init", "--base", "web.tar", "-o", "x.nix"]);
    assert!(alone.contains("`web.tar` needs a kernel"), "{alone}");
    let other = project("kernel-net-name");
    std::fs::copy(other.path().join("kernel"), folder.path().join("solo5")).unwrap();
    let other = refused(&["init", "solo5", "--base", "web.tar", "-o", "x.nix"]);
    assert!(other.contains("a container image needs Linux"), "{other}");
    assert!(!folder.path().join("x.nix").exists());
}
