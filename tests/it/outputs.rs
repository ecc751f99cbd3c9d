//! Where the image goes and where it cannot: the old output stays, nothing is left behind, and the exit
//! code says whose fault it is.

use crate::project::with_fields;
use crate::support::{Folder, bimanix, done, kernel};
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

fn project() -> Folder {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    folder.write("args.nix", with_fields(""));
    folder
}

/// Everything below a folder, with the kind of each.
fn listing(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        lines.push(format!("{} {kind:?}", entry.path().display()));
        if kind.is_dir() {
            lines.extend(listing(&entry.path()));
        }
    }
    lines.sort();
    lines
}

#[test]
fn an_output_that_cannot_be_is_the_environments_fault() {
    let folder = project();
    std::fs::create_dir_all(folder.path().join("taken/inside")).unwrap();
    folder.write("file", "mine");
    let before = listing(folder.path());
    for arguments in [
        vec!["build", "-o", "nowhere/result"],
        vec!["build", "-o", "taken"],
        vec!["build", "-o", "."],
        vec!["build", "-o", "file/result"],
        vec!["build", "-o", "/dev/full"],
        vec!["build", "--format", "layout", "-o", "taken"],
        vec!["build", "--format", "layout", "-o", "file"],
        vec!["build", "--format", "layout", "-o", "nowhere/layout"],
    ] {
        let output = bimanix(folder.path()).args(&arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {said}");
        assert!(said.starts_with("error[image/output]: "), "{arguments:?}: {said}");
        assert!(said.contains(arguments.last().unwrap()), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert_eq!(listing(folder.path()), before, "{arguments:?}");
        assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), b"mine");
    }
    let device = std::fs::metadata("/dev/full").unwrap();
    assert!(device.file_type().is_char_device(), "the device is still one");
}

#[test]
fn a_refused_recipe_leaves_the_old_image() {
    let folder = project();
    folder.write("result", "the old one");
    for text in ["{", "{ }", "throw \"x\"", &with_fields("tag = \"a b\";")] {
        folder.write("args.nix", text);
        let before = listing(folder.path());
        let output = bimanix(folder.path()).arg("build").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(listing(folder.path()), before);
        assert_eq!(std::fs::read(folder.path().join("result")).unwrap(), b"the old one");
    }
}

/// What `nix-build` left: the link is replaced, and what it leads to is not touched.
#[test]
fn links_at_the_output_are_replaced() {
    let folder = project();
    folder.write("store/image", "not to be touched");
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for target in ["store/image", "folder", "nowhere"] {
        let link = folder.path().join("result");
        std::fs::remove_file(&link).unwrap_or_default();
        symlink(target, &link).unwrap();
        done(folder.path(), &["build"]);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_file(), "{target}");
    }
    let stored = std::fs::read(folder.path().join("store/image")).unwrap();
    assert_eq!(stored, b"not to be touched");
}

#[test]
fn standard_output_holds_the_image_and_nothing_else() {
    let folder = project();
    done(folder.path(), &["build"]);
    let file = std::fs::read(folder.path().join("result")).unwrap();
    for arguments in [vec!["build", "-o", "-"], vec!["build", "-o", "-", "--json"]] {
        assert!(done(folder.path(), &arguments).stdout == file, "{arguments:?}");
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in [
        vec!["build", "-o", "-"],
        vec!["build", "-o", "other"],
        vec!["inspect", "result"],
        vec!["check", "--json"],
        vec!["eval"],
    ] {
        let mut command = bimanix(folder.path());
        let output = command.args(&arguments).stdout(full.try_clone().unwrap()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {said}");
        assert!(said.starts_with("error"), "{arguments:?}: {said}");
    }
}

#[test]
fn readers_that_go_away() {
    let folder = project();
    folder.write("big", vec![0; 4 << 20]);
    folder.write(
        "args.nix",
        with_fields("").replace("\"kernel\" = \"/k\";", "\"kernel\" = \"/k\"; \"big\" = \"/big\";"),
    );
    // The image did not arrive: no success, and no words either.
    let mut child = bimanix(folder.path())
        .args(["build", "-o", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(3), 0));
    // The words of a summary are not what was asked for; the image is there.
    for arguments in [vec!["build"], vec!["inspect", "result"], vec!["--help"], vec!["man"]] {
        let mut child =
            bimanix(folder.path()).args(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let status = child.wait().unwrap();
        assert!(matches!(status.code(), Some(0 | 2)), "{arguments:?}: {status}");
    }
}

/// With standard error closed, there is nobody to tell, and that is no reason to fail.
#[test]
fn closed_streams() {
    let folder = project();
    for (script, expected) in [
        ("exec \"$1\" build 2>&-", 0),
        ("exec \"$1\" check <&- 2>&-", 0),
        ("exec \"$1\" check nowhere 2>&-", 1),
        ("exec \"$1\" build -o - >/dev/null 2>&-", 0),
    ] {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_bimanix")]);
        let output = shell.current_dir(folder.path()).env_clear().output().unwrap();
        assert_eq!(output.status.code(), Some(expected), "{script}");
    }
}

/// Many at once, into one output: each is whole, and the last one stays.
#[test]
fn builds_side_by_side() {
    let folder = project();
    done(folder.path(), &["build", "-o", "expected"]);
    let mut children: Vec<_> = (0..8)
        .map(|_| bimanix(folder.path()).arg("build").stdout(Stdio::null()).spawn().unwrap())
        .collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("result") == read("expected"));
    let names = listing(folder.path());
    assert_eq!(names.len(), 4, "{names:?}");
}

/// The order in which a folder's entries were made shows in `readdir`, and nowhere else.
#[test]
fn the_order_of_creation_does_not_show() {
    let build = |reverse: bool| {
        let folder = project();
        let mut names: Vec<String> =
            (0..300).map(|number| format!("tree/{}/f", number * 7919)).collect();
        if reverse {
            names.reverse();
        }
        for name in &names {
            folder.write(name, name);
        }
        let files = "\"kernel\" = \"/k\"; \"tree\" = \"/t\";";
        folder.write("args.nix", with_fields("").replace("\"kernel\" = \"/k\";", files));
        done(folder.path(), &["build", "-o", "-"]).stdout
    };
    assert!(build(false) == build(true));
}
