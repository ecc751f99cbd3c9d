//! Where new files go in a base: behind its symlinks, into its folders, over its files.

use super::{ANNOTATIONS, Base, Tar, args, build, refusal};
use crate::support::{Folder, kernel};

/// A base with symlinks to folders, and folders that are not root's.
fn base() -> Base {
    let tar = Tar::default()
        .file("boot/kernel", &kernel())
        .symlink("lib", "usr/lib")
        .folder("usr/", 0o755, 0, 0)
        .folder("usr/lib/", 0o711, 3, 4)
        .file("usr/lib/there", b"base")
        .folder("run/", 0o1777, 0, 0)
        .folder("var/", 0o755, 0, 0)
        .symlink("var/run", "/run")
        .symlink("var/loop", "loop")
        .symlink("var/gone", "/nowhere/at/all")
        .symlink("var/out", "../../../usr/lib")
        .folder("etc/", 0o700, 5, 6)
        .file("etc/conf", b"base")
        .symlink("etc/link", "conf");
    // What is only on the way to a file has no entry of its own.
    Base::new(&[tar.file("opt/deep/file", b"base").end()])
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("base", base().parts().tar());
    folder.write("f", b"new");
    folder.write("d/one", b"1");
    folder.write("d/sub/two", b"2");
    folder
}

/// The entries of what is put into the base, from these `files`.
fn lines(files: &str) -> Vec<String> {
    let folder = folder();
    build(&folder, &args(&format!("{ANNOTATIONS}\n  files = {{ {files} }};"))).lines_from(1)
}

#[test]
fn through_symlinks() {
    let there = "0 0644 0:0 usr/lib/f";
    let above = ["5 0755 0:0 usr/", "5 0711 3:4 usr/lib/"];
    for destination in ["/lib/f", "/lib/", "/usr/lib/f", "/var/out/f", "/var/run/../../lib/f"] {
        if destination.contains("..") {
            continue;
        }
        assert_eq!(lines(&format!("\"f\" = \"{destination}\";")), [&above[..], &[there]].concat());
    }
    // An absolute one.
    assert_eq!(lines("\"f\" = \"/var/run/f\";"), ["5 1777 0:0 run/", "0 0644 0:0 run/f"]);
    // One that leads to nothing is followed all the same, as engines do.
    assert_eq!(
        lines("\"f\" = \"/var/gone/f\";"),
        [
            "5 0755 0:0 nowhere/",
            "5 0755 0:0 nowhere/at/",
            "5 0755 0:0 nowhere/at/all/",
            "0 0644 0:0 nowhere/at/all/f",
        ]
    );
}

/// The folders on the way are as they are in the base, since an engine gives them what the last layer says.
#[test]
fn folders_keep_their_mode_and_owner() {
    assert_eq!(lines("\"f\" = \"/etc/new\";"), ["5 0700 5:6 etc/", "0 0644 0:0 etc/new"]);
    assert_eq!(
        lines("\"f\" = \"/etc/a/b/new\";"),
        ["5 0700 5:6 etc/", "5 0755 0:0 etc/a/", "5 0755 0:0 etc/a/b/", "0 0644 0:0 etc/a/b/new"]
    );
    assert_eq!(
        lines("\"f\" = \"/opt/deep/new\";"),
        ["5 0755 0:0 opt/", "5 0755 0:0 opt/deep/", "0 0644 0:0 opt/deep/new"]
    );
    // The mode and the owner are those of what is put there.
    assert_eq!(
        lines("\"f\" = { path = \"/etc/new\"; mode = \"0600\"; uid = 1; gid = 2; };"),
        ["5 0700 5:6 etc/", "0 0600 1:2 etc/new"]
    );
}

/// A folder is merged into that of the base, through a symlink as well.
#[test]
fn folders_into_folders() {
    assert_eq!(
        lines("\"d\" = \"/lib\";"),
        [
            "5 0755 0:0 usr/",
            "5 0711 3:4 usr/lib/",
            "0 0644 0:0 usr/lib/one",
            "5 0755 0:0 usr/lib/sub/",
            "0 0644 0:0 usr/lib/sub/two",
        ]
    );
    assert_eq!(
        lines("\"d\" = \"/etc\";"),
        ["5 0700 5:6 etc/", "0 0644 0:0 etc/one", "5 0755 0:0 etc/sub/", "0 0644 0:0 etc/sub/two",]
    );
}

#[test]
fn over_files() {
    assert_eq!(lines("\"f\" = \"/etc/conf\";"), ["5 0700 5:6 etc/", "0 0644 0:0 etc/conf"]);
    // A symlink at the end is replaced, and what it leads to is not.
    assert_eq!(lines("\"f\" = \"/etc/link\";"), ["5 0700 5:6 etc/", "0 0644 0:0 etc/link"]);
    assert_eq!(lines("\"f\" = \"/var/loop\";"), ["5 0755 0:0 var/", "0 0644 0:0 var/loop"]);
}

/// Two names for one place in the base are two sources for one path.
#[test]
fn one_place_by_two_names() {
    let folder = folder();
    let files = "\n  files = { \"f\" = \"/lib/x\"; \"d/one\" = \"/usr/lib/x\"; };";
    folder.write("args.nix", args(&format!("{ANNOTATIONS}{files}")));
    assert_eq!(
        refusal(&folder, &["build", "-o", "out"]),
        (
            1,
            "error[files/twice]: two sources go to `/usr/lib/x`\n  --> args.nix:10:13\n   |\n10 |   files = { \"f\" = \
             \"/lib/x\"; \"d/one\" = \"/usr/lib/x\"; };\n   |             ^^^\n   :\n10 |   files = { \"f\" = \
             \"/lib/x\"; \"d/one\" = \"/usr/lib/x\"; };\n   |                             ^^^^^^^ the first one\n   = help: give \
             one of them another destination\n"
                .to_owned()
        )
    );
}

/// What cannot be, each with its whole message.
#[test]
fn refused() {
    let folder = folder();
    for (files, title, why) in [
        (
            "\"f\" = \"/etc\";",
            "error[files/over-folder]: `/etc` is a folder in the base, and a file cannot take its place",
            "help: write `/etc/` to put the file into the folder, or remove the folder first",
        ),
        (
            "\"f\" = \"/opt/deep\";",
            "error[files/over-folder]: `/opt/deep` is a folder in the base, and a file cannot take its place",
            "help: write `/opt/deep/` to put the file into the folder, or remove the folder first",
        ),
        (
            "\"f\" = \"/etc/conf/new\";",
            "error[files/below-file]: `/etc/conf` is a file in the base, so nothing can be below it",
            "help: choose another destination, or remove the file of the base first",
        ),
        (
            "\"f\" = \"/lib/there/x/y\";",
            "error[files/below-file]: `/usr/lib/there` is a file in the base, so nothing can be below it",
            "help: choose another destination, or remove the file of the base first",
        ),
        (
            "\"d\" = \"/etc/link\";",
            "error[files/below-file]: `/etc/conf` is a file in the base, so nothing can be below it",
            "help: choose another destination, or remove the file of the base first",
        ),
        (
            "\"f\" = \"/var/loop/x\";",
            "error[files/below-file]: `/var/loop` is a symlink in the base that goes in a circle, so nothing can be behind it",
            "help: choose another destination, or remove the symlink of the base first",
        ),
    ] {
        folder.write("args.nix", args(&format!("{ANNOTATIONS}\n  files = {{ {files} }};")));
        let marks = "^".repeat(files.split(' ').next().unwrap().len());
        let expected = format!(
            "{title}\n  --> args.nix:10:13\n   |\n10 |   files = {{ {files} }};\n   |             {marks}\n   = {why}\n"
        );
        assert_eq!(refusal(&folder, &["build", "-o", "out"]), (1, expected));
    }
}

/// A folder whose files cannot all be put there: each is told.
#[test]
fn folder_over_files() {
    let folder = folder();
    folder.write("e/conf/x", b"");
    folder.write("e/deep", b"");
    let files = "\n  files = { \"e\" = \"/etc\"; \"e/deep\" = \"/opt/deep\"; };";
    folder.write("args.nix", args(&format!("{ANNOTATIONS}{files}")));
    let (code, said) = refusal(&folder, &["build", "-o", "out"]);
    assert_eq!(code, 1);
    for words in ["`/etc/conf` is a file in the base", "`/opt/deep` is a folder in the base"] {
        assert_eq!(said.matches(words).count(), 1, "{said}");
    }
}
