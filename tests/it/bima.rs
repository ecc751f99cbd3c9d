//! bima's command line, with a `ctr` that is a script. The real one is in `tests/e2e/load.sh`.

use crate::support::{Folder, TAP, done, solo5};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Output};

/// The Containerfile of bima's documentation.
const REDIS: &str = r#"# the FROM instruction is read here
FROM scratch

COPY test-redis.hvt /unikernel/test-redis.hvt
COPY redis.conf /conf/redis.conf

LABEL com.urunc.unikernel.binary=/unikernel/test-redis.hvt
LABEL "com.urunc.unikernel.cmdline"='redis-server /data/conf/redis.conf'
LABEL "com.urunc.unikernel.unikernelType"="rumprun"
LABEL "com.urunc.unikernel.hypervisor"="hvt"
"#;

/// A project in `project`, a `ctr` that shows its arguments and keeps its input, and a program called `bima`.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("project/test-redis.hvt", solo5(1, &[TAP]));
    folder.write("project/redis.conf", "port 6379\n");
    folder.write("project/Containerfile", REDIS);
    let script = "#!/bin/sh\ncat >imported\necho \"ctr $*; $CONTAINERD_SNAPSHOTTER\"\n";
    let ctr = folder.write("bin/ctr", script);
    std::fs::set_permissions(ctr, std::fs::Permissions::from_mode(0o755)).unwrap();
    symlink(env!("CARGO_BIN_EXE_bimanix"), folder.path().join("bin/bima")).unwrap();
    folder
}

/// Runs `bima` in the project.
fn bima(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(folder.path().join("bin/bima"));
    command.current_dir(folder.path().join("project")).env_clear();
    command.env("PATH", format!("{}/bin:/usr/bin:/bin", folder.path().display()));
    command.env("CONTAINERD_SNAPSHOTTER", "of-environment");
    command.args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Runs `bima` and expects it to be done; gives what it says on standard output and on standard error.
fn says(folder: &Folder, arguments: &[&str]) -> (String, String) {
    let output = bima(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    (text(&output.stdout).to_owned(), text(&output.stderr).to_owned())
}

/// The digest of the manifest that `build` makes of the project.
fn manifest(folder: &Folder, tag: &str) -> String {
    let arguments = ["build", "-f", "Containerfile", "-t", tag, "--json", "-o", "../built", "."];
    let built = done(&folder.path().join("project"), &arguments).stdout;
    let built: serde_json::Value = serde_json::from_slice(&built).unwrap();
    built["manifest"].as_str().unwrap().to_owned()
}

#[test]
fn images_go_into_containerd() {
    let folder = folder();
    let digest = format!("{}\n", manifest(&folder, "harbor.example/x/image:tag"));
    let file = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    for (more, expected) in [
        (&[][..], "ctr images import -"),
        (&["-o", "ctr"], "ctr images import -"),
        (&["-n", "k8s.io"], "ctr --namespace k8s.io images import -"),
        (
            &["--namespace", "a", "--address", "/b"],
            "ctr --address /b --namespace a images import -",
        ),
        (&["-a", "-x", "--out=ctr"], "ctr --address -x images import -"),
        (&["--snapshotter", "devmapper"], "ctr images import --snapshotter devmapper -"),
    ] {
        let arguments = [&["build", "-t", "harbor.example/x/image:tag"], more, &["."]].concat();
        let (digests, notes) = says(&folder, &arguments);
        assert_eq!(digests, digest, "{more:?}");
        assert_eq!(notes, format!("{expected}; of-environment\n"));
        assert!(file("project/imported") == file("built"), "{more:?}");
        std::fs::remove_file(folder.path().join("project/imported")).unwrap();
    }
    // Nothing is left but what was there.
    let mut names: Vec<_> = folder
        .path()
        .join("project")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["Containerfile", "redis.conf", "test-redis.hvt"]);
}

/// bima's documentation does not say what a tar is called; its test looks for the last part of the name, with the tag.
#[test]
fn tars_are_called_like_their_image() {
    let folder = folder();
    let file = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    for (tag, name) in [
        ("harbor.example/nubificus/image:tag", "image:tag"),
        ("bima/testimage:v1-2-gabc", "testimage:v1-2-gabc"),
        ("localhost:5000/a", "a"),
        ("image", "image"),
    ] {
        manifest(&folder, tag);
        for more in [&["--tar"][..], &["-o", "tar"], &["--output", "tar"], &["--out", "tar"]] {
            let arguments = [&["build", "-t", tag], more, &["."]].concat();
            let (output, notes) = says(&folder, &arguments);
            assert_eq!((output.as_str(), notes), ("", format!("wrote `{name}`\n")), "{more:?}");
            assert!(file(&format!("project/{name}")) == file("built"), "{tag}");
            std::fs::remove_file(folder.path().join("project").join(name)).unwrap();
        }
    }
    assert!(!folder.path().join("project/imported").exists());
}

#[test]
fn containerfiles_are_those_of_the_current_folder() {
    let folder = folder();
    let digest = manifest(&folder, "a:b");
    let build = |more: &[&str]| says(&folder, &[&["build", "-t", "a:b"], more].concat()).0;
    folder.write("project/sub/test-redis.hvt", solo5(1, &[TAP]));
    folder.write("project/sub/redis.conf", "port 6379\n");
    folder.write("project/Containerfile.redis", REDIS);
    for more in [
        &["."][..],
        &["-f", "Containerfile", "."],
        &["--file", "./Containerfile.redis", "."],
        // The context is another folder than that of the file.
        &["sub"],
        &["-f", "Containerfile.redis", "./sub/"],
    ] {
        assert_eq!(build(more).trim_end(), digest, "{more:?}");
    }
    std::fs::rename(
        folder.path().join("project/Containerfile"),
        folder.path().join("project/Dockerfile"),
    )
    .unwrap();
    assert_eq!(build(&["."]).trim_end(), digest);
    // `bimanix bima` is the same.
    let mut command = Command::new(env!("CARGO_BIN_EXE_bimanix"));
    command.current_dir(folder.path().join("project")).env_clear();
    command.env("PATH", format!("{}/bin:/usr/bin:/bin", folder.path().display()));
    let output = command.args(["bima", "build", "-t", "a:b", "."]).output().unwrap();
    assert_eq!(text(&output.stdout).trim_end(), digest, "{}", text(&output.stderr));
}

#[test]
fn mistakes_are_said() {
    let folder = folder();
    let fails = |arguments: &[&str], code: i32, words: &str| {
        let output = bima(&folder, arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
        assert!(!folder.path().join("project/imported").exists(), "{arguments:?}");
    };
    fails(&[], 2, "Usage: bima <COMMAND>");
    fails(&["build", "."], 2, "--tag <NAME[:TAG]>");
    fails(&["build", "-t", "a"], 2, "Usage: bima build --tag <NAME[:TAG]> <CONTEXT>");
    fails(&["build", "-t", "a", ".", "."], 2, "unexpected argument '.'");
    fails(&["build", "-t", "a", "-o", "oci", "."], 2, "[possible values: ctr, tar]");
    fails(&["build", "-t", "a", "-o", "ctr", "--tar", "."], 2, "cannot be used with");
    fails(&["build", "-t", "A", "."], 1, "error[recipe/name]: `A` is not an image name");
    fails(&["build", "-t", "../a", "--tar", "."], 1, "error[recipe/name]: ");
    fails(&["build", "-t", "a", "nowhere"], 1, "`nowhere` is not a folder to build from");
    fails(&["build", "-t", "a", "redis.conf"], 1, "it is a regular file");
    // bima would build ./Containerfile instead.
    fails(
        &["build", "-t", "a", "-f", "no", "."],
        1,
        "error[containerfile/input]: cannot read `no`",
    );
    folder.write("project/Containerfile", REDIS.replace("hvt\"", "qemu\""));
    fails(&["build", "-t", "a", "."], 1, "urunc cannot run rumprun on qemu");
    folder.write("project/Containerfile", REDIS.replace("COPY redis.conf", "COPY missing"));
    fails(&["build", "-t", "a", "."], 1, "Containerfile:5:6");
    std::fs::remove_file(folder.path().join("project/Containerfile")).unwrap();
    let nothing = "error[containerfile/input]: there is no Containerfile here\n";
    fails(&["build", "-t", "a", "."], 1, nothing);
    folder.write("project/Containerfile", REDIS);
    folder.write("bin/ctr", "#!/bin/sh\ncat >/dev/null\necho no such namespace >&2\nexit 1\n");
    fails(
        &["build", "-t", "a", "-n", "x", "."],
        3,
        "error[load/failed]: `ctr --namespace x images import -` failed\n  = why: no such namespace\n",
    );
    std::fs::remove_file(folder.path().join("bin/ctr")).unwrap();
    let mut command = Command::new(folder.path().join("bin/bima"));
    command.current_dir(folder.path().join("project")).env_clear().env("PATH", "/nowhere");
    let output = command.args(["build", "-t", "a", "."]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let expected = "error[load/no-client]: `ctr` is not on the PATH\n  = why: the image is given to the engine by \
                    its own client\n  = help: install it, or write a tar with `--tar`\n";
    assert_eq!(text(&output.stderr), expected);
}

#[test]
fn findings_can_be_allowed() {
    let folder = folder();
    let text = REDIS.replace("hvt\"", "qemu\"");
    folder.write("project/Containerfile", text);
    let allow = ["--allow", "urunc/unsupported-pair", "--allow", "unikernel/monitor-mismatch"];
    let (_, notes) =
        says(&folder, &[&["build", "-t", "a:b", "--tar"], &allow[..], &["."]].concat());
    assert!(notes.contains("warning[urunc/unsupported-pair]"), "{notes}");
}

#[test]
fn bima_says_what_it_is() {
    let folder = folder();
    assert_eq!(
        says(&folder, &["--version"]).0,
        format!("bima {} (bimanix)\n", env!("CARGO_PKG_VERSION"))
    );
    let (help, _) = says(&folder, &["build", "--help"]);
    assert!(help.contains("Usage: bima build [OPTIONS] --tag <NAME[:TAG]> <CONTEXT>\n"), "{help}");
}
