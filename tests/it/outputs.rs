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
    // The image did not arrive, which is said; an image that is cut off may not look like one.
    for (path, name) in [("-", "standard output"), ("/dev/stdout", "/dev/stdout")] {
        for more in [&[][..], &["--json"], &["--compression", "gzip"]] {
            let mut child = bimanix(folder.path())
                .args(["build", "-o", path])
                .args(more)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            drop(child.stdout.take());
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            let expected = format!(
                "error[image/output]: cannot write `{name}`\n  = why: it was closed before the whole image was \
                 written\n  = help: find out why its reader has stopped\n"
            );
            assert_eq!((output.status.code(), said), (Some(3), expected), "{path} {more:?}");
        }
    }
    // The words of a summary are not what was asked for; the image is there.
    for arguments in [vec!["build"], vec!["inspect", "result"], vec!["--help"], vec!["man"]] {
        let mut child =
            bimanix(folder.path()).args(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let status = child.wait().unwrap();
        assert!(matches!(status.code(), Some(0 | 2)), "{arguments:?}: {status}");
    }
}

const TERMINAL: &str =
    "error[cli/terminal]: `standard output` is a terminal, which cannot show an image
  = help: write it to a file with `-o FILE`, or into a pipe
";

#[test]
fn a_terminal_gets_no_image() {
    let folder = project();
    let terminal = || std::fs::OpenOptions::new().write(true).open("/dev/ptmx").unwrap();
    for (arguments, said) in [
        (&["build", "-o", "-"][..], TERMINAL.to_owned()),
        (&["build", "-o", "-", "--json"], TERMINAL.to_owned()),
        (&["build", "nowhere", "-o", "-"], TERMINAL.to_owned()),
        (&["build", "-o", "/dev/stdout"], TERMINAL.replace("standard output", "/dev/stdout")),
        (&["build", "-o", "/dev/fd/1"], TERMINAL.replace("standard output", "/dev/fd/1")),
    ] {
        let output = bimanix(folder.path()).args(arguments).stdout(terminal()).output().unwrap();
        let found = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), found), (Some(2), said), "{arguments:?}");
    }
    let mut command = bimanix(folder.path());
    let output = command.args(["build", "-o", "/dev/stderr"]).stderr(terminal()).output().unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
    // What is for people is shown.
    for arguments in
        [&["build"][..], &["inspect", "result"], &["init", "-o", "-"], &["check", "--json"]]
    {
        let output = bimanix(folder.path()).args(arguments).stdout(terminal()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

/// Runs a line of a shell in which `"$1"` is the program.
fn shell(folder: &Folder, line: &str) -> std::process::Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", line, "sh", env!("CARGO_BIN_EXE_bimanix")]);
    shell.current_dir(folder.path()).env_clear().env("PATH", "/usr/bin:/bin").output().unwrap()
}

/// What is open is written to where it is, and nothing but the image comes to where the image goes.
#[test]
fn open_files_are_written_to_as_they_are() {
    let folder = project();
    done(folder.path(), &["build", "-o", "expected"]);
    let summary = done(folder.path(), &["build", "-o", "expected"]).stdout;
    let image = std::fs::read(folder.path().join("expected")).unwrap();
    let links = ["/dev/stdout", "/dev/stderr", "/dev/fd"];
    let before = links.map(|link| std::fs::read_link(link).unwrap());
    symlink("/dev/stdout", folder.path().join("link")).unwrap();
    for path in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link", "\"$PWD/link\""] {
        for more in ["", "--json", "--if-changed"] {
            let piped = shell(&folder, &format!("\"$1\" build {more} -o {path} | cat"));
            assert!(
                piped.stdout == image,
                "{path} {more}: {}",
                String::from_utf8_lossy(&piped.stderr)
            );
            folder.write("out", "before ");
            let script = format!("\"$1\" build {more} -o {path} >>out && printf ' after' >>out");
            assert!(shell(&folder, &script).status.success());
            let expected = [b"before ", image.as_slice(), b" after"].concat();
            assert!(std::fs::read(folder.path().join("out")).unwrap() == expected, "{path} {more}");
            assert!(
                shell(&folder, &format!("\"$1\" build {more} -o {path} >out")).status.success()
            );
            assert!(std::fs::read(folder.path().join("out")).unwrap() == image, "{path} {more}");
        }
    }
    // Elsewhere than on standard output it does not meet the summary.
    for (path, redirection) in
        [("/dev/fd/3", "3>>out"), ("/proc/self/fd/9", "9>>out"), ("/dev/stderr", "2>>out")]
    {
        folder.write("out", "before ");
        let output = shell(&folder, &format!("exec \"$1\" build -o {path} {redirection}"));
        assert!(output.status.success());
        assert_eq!(output.stdout, summary, "{path}");
        let expected = [b"before ", image.as_slice()].concat();
        assert!(std::fs::read(folder.path().join("out")).unwrap() == expected, "{path}");
    }
    let both = shell(&folder, "exec \"$1\" build -o /dev/fd/3 3>&1");
    assert!(both.stdout == image, "the same pipe by another number");
    // A device and a FIFO.
    assert_eq!(done(folder.path(), &["build", "-o", "/dev/null"]).stdout, summary);
    let script = "mkfifo fifo; \"$1\" build -o fifo >summary & cat fifo; wait $!";
    let fifo = shell(&folder, script);
    assert!(fifo.stdout == image, "{}", String::from_utf8_lossy(&fifo.stderr));
    assert_eq!(std::fs::read(folder.path().join("summary")).unwrap(), summary);
    // Who waits for a recipe that is refused is told the end.
    let refused = shell(&folder, "\"$1\" build nowhere -o fifo & cat fifo; wait $!");
    assert_eq!((refused.status.code(), refused.stdout), (Some(1), Vec::new()));
    let is_fifo =
        std::fs::symlink_metadata(folder.path().join("fifo")).unwrap().file_type().is_fifo();
    let is_device = std::fs::symlink_metadata("/dev/null").unwrap().file_type().is_char_device();
    assert!(is_fifo && is_device);
    // `init` writes there too.
    let template = done(folder.path(), &["init", "-o", "-"]).stdout;
    for path in ["/dev/stdout", "/proc/self/fd/1", "link"] {
        assert_eq!(done(folder.path(), &["init", "-o", path]).stdout, template, "{path}");
    }
    let output = shell(&folder, "exec \"$1\" init -o /dev/fd/3 3>out");
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
    assert_eq!(std::fs::read(folder.path().join("out")).unwrap(), template);
    assert_eq!(links.map(|link| std::fs::read_link(link).unwrap()), before);
    assert!(std::fs::symlink_metadata(folder.path().join("link")).unwrap().is_symlink());
}

/// What would have to be replaced is refused, before anything is made.
#[test]
fn what_is_open_becomes_no_folder_and_no_link() {
    let folder = project();
    symlink("/dev/null", folder.path().join("link")).unwrap();
    let before = listing(folder.path());
    for (path, name) in [("-", "standard output"), ("/dev/stdout", "/dev/stdout"), ("link", "link")]
    {
        let output =
            bimanix(folder.path()).args(["build", "--store", "-o", path]).output().unwrap();
        let expected = format!(
            "error[store/output]: `{name}` cannot become a link to the Nix store\n  = why: it is written to as it is, \
             and never replaced\n  = help: name the link with `-o`, or leave `--store` out\n"
        );
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said), (Some(2), expected), "{path}");
        let arguments = ["build", "--format", "layout", "-o", path];
        let output = bimanix(folder.path()).args(arguments).output().unwrap();
        let expected = format!(
            "error[cli/layout]: a folder cannot be written to `{name}`\n  = help: name a folder with `-o`, or leave \
             `--format layout` out\n"
        );
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said), (Some(2), expected), "{path}");
    }
    assert_eq!(listing(folder.path()), before);
    let closed = shell(&folder, "exec \"$1\" build -o /dev/fd/77 77>&-");
    let said = String::from_utf8(closed.stderr).unwrap();
    let expected = "error[image/output]: cannot write `/dev/fd/77`\n  = why: bad file descriptor\n";
    assert_eq!((closed.status.code(), said.as_str()), (Some(3), expected));
}

/// `nix-store` as far as `--store` needs it: it adds a file, and keeps it alive or fails to.
const NIX_STORE: &str = "#!/bin/sh
case $1 in
  --add-fixed) cp \"$3\" \"$STORE\" && echo \"$STORE/${3##*/}\" ;;
  --realise)
    [ -L \"$4\" ] && [ \"$(readlink \"$4\")\" = \"$2\" ] || { echo 'no link' >&2; exit 1; }
    [ -z \"$REFUSE\" ] || { echo 'it is full' >&2; exit 1; }
    echo \"$4\" ;;
esac
";

/// The old output stays until the new one is kept alive.
#[test]
fn a_store_that_refuses_leaves_the_old_output() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = project();
    let program = folder.write("bin/nix-store", NIX_STORE);
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir(folder.path().join("store")).unwrap();
    done(folder.path(), &["build", "-o", "expected"]);
    let image = std::fs::read(folder.path().join("expected")).unwrap();
    let store = |refuse: &str| {
        let path = format!("{}/bin:/usr/bin:/bin", folder.path().display());
        let mut command = bimanix(folder.path());
        command.env("PATH", path).env("STORE", folder.path().join("store")).env("REFUSE", refuse);
        let output = command.args(["build", "--store"]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let refused = "error[store/failed]: the image could not be added to the Nix store
  = why: nix-store failed: it is full
";
    let link = folder.path().join("result");
    let names = || {
        let names = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().contains("result")).count()
    };
    // Nothing, a file, a link and a dangling link: each is there again.
    assert_eq!(store("yes"), (Some(3), refused.to_owned()));
    assert_eq!(names(), 0);
    folder.write("result", "the old one");
    assert_eq!(store("yes"), (Some(3), refused.to_owned()));
    assert_eq!(std::fs::read_to_string(&link).unwrap(), "the old one");
    assert_eq!(names(), 1);
    for target in ["expected", "nowhere"] {
        std::fs::remove_file(&link).unwrap();
        symlink(target, &link).unwrap();
        assert_eq!(store("yes"), (Some(3), refused.to_owned()));
        assert_eq!(std::fs::read_link(&link).unwrap(), Path::new(target));
        assert_eq!(names(), 1);
    }
    assert_eq!(store(""), (Some(0), String::new()));
    assert!(std::fs::read_link(&link).unwrap().starts_with(folder.path().join("store")));
    assert!(std::fs::read(&link).unwrap() == image);
    assert_eq!(names(), 1);
    // A folder is not asked about at all.
    std::fs::remove_file(&link).unwrap();
    folder.write("result/mine", "");
    let said = "error[store/output]: cannot replace `result`\n  = why: a directory stands there\n";
    assert_eq!(store(""), (Some(3), said.to_owned()));
    assert!(folder.path().join("result/mine").is_file());
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
