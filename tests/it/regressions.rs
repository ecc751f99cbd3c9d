//! What was once wrong and found by looking, not by a table.

use crate::project::{Project, annotations, recipe};
use crate::support::{Folder, bimanix, done, kernel};
use serde_json::Value;
use std::os::unix::fs::symlink;

/// A source that holds the output would give another image in every build.
#[test]
fn an_image_never_holds_itself() {
    let project = Project::new();
    for source in ["./.", "."] {
        let files = format!("\"{source}\" = \"/x\";");
        project.0.write("args.nix", recipe(&files, &annotations("/x/kernel"), ""));
        let build = || {
            let output = bimanix(project.0.path()).arg("build").output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{source}: {said}");
            assert!(said.contains("error[files/output]") && said.contains("args.nix"), "{said}");
            std::fs::read(project.0.path().join("result")).ok()
        };
        assert_eq!(build(), None, "{source}");
        // Elsewhere it is not in the way.
        let other = Folder::new();
        let elsewhere = other.path().join("image");
        let output = bimanix(project.0.path()).args(["build", "-o"]).arg(elsewhere).output();
        assert!(output.unwrap().status.success(), "{source}");
    }
}

#[test]
fn urunc_json_is_no_folder() {
    let project = Project::new();
    let files = "\"kernel\" = \"/k\"; \"./kernel\" = \"/urunc.json/x\";";
    assert_eq!(project.codes(&recipe(files, &annotations("/k"), "")), ["files/urunc-json"]);
}

#[test]
fn an_empty_source_is_not_the_whole_folder() {
    let project = Project::new();
    let files = "\"kernel\" = \"/k\"; \"\" = \"/x/\";";
    assert_ne!(project.check(&recipe(files, &annotations("/k"), "")).0, 0);
}

#[test]
fn a_source_does_not_leave_the_project_through_a_symlink() {
    let project = Project::new();
    let outer = Folder::new();
    outer.write("secret", "x");
    symlink(outer.path(), project.0.path().join("way-out")).unwrap();
    for source in ["way-out", "way-out/secret"] {
        let files = format!("\"kernel\" = \"/k\"; \"{source}\" = \"/x\";");
        let codes = project.codes(&recipe(&files, &annotations("/k"), ""));
        assert_eq!(codes, ["files/outside"], "{source}");
    }
}

#[test]
fn hidden_folders_are_hidden_behind_symlinks_too() {
    let project = Project::new();
    std::fs::create_dir(project.0.path().join("t")).unwrap();
    symlink("/lib/k", project.0.path().join("t/b")).unwrap();
    let files = "\"kernel\" = \"/lib/k\"; \"t\" = \"/t\";";
    let codes = project.codes(&recipe(files, &annotations("/t/b"), ""));
    assert_eq!(codes, ["urunc/hidden-folder"]);
}

/// As docker and containerd complete them, or `ctr run` would not find the image.
#[test]
fn names_on_the_default_registry() {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    for (name, full) in [
        ("docker.io/a", "docker.io/library/a:latest"),
        ("index.docker.io/a", "docker.io/library/a:latest"),
        ("docker.io/x/a", "docker.io/x/a:latest"),
    ] {
        let text = recipe("\"kernel\" = \"/k\";", &annotations("/k"), "");
        folder.write("args.nix", text.replacen("\"a\"", &format!("\"{name}\""), 1));
        let built = done(folder.path(), &["build", "--json"]).stdout;
        let built: Value = serde_json::from_slice(&built).unwrap();
        assert_eq!(built["names"][0], full, "{name}");
    }
}

/// Bytes that are no tar are not shown to a terminal.
#[test]
fn inspect_keeps_garbage_to_itself() {
    let folder = Folder::new();
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/hello.hvt");
    let output = bimanix(folder.path()).args(["inspect", guest]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.is_ascii() && !said.contains("cksum"), "{said}");
}

/// A flipped byte in a layer is found, as engines find it.
#[test]
fn inspect_checks_the_digests_of_layers() {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    folder.write("args.nix", recipe("\"kernel\" = \"/k\";", &annotations("/k"), ""));
    done(folder.path(), &["build"]);
    let mut bytes = std::fs::read(folder.path().join("result")).unwrap();
    let at = bytes.windows(4).position(|window| window == b"\x7fELF").unwrap();
    bytes[at + 40] ^= 1;
    folder.write("result", bytes);
    let output = bimanix(folder.path()).args(["inspect", "result"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("its digest is"));
}
