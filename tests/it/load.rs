//! `bimanix load` with clients that are scripts: what they are told, what they do with their input, and how they end.
//! The real ones are in `tests/e2e/load.sh`.

use crate::project::with_fields;
use crate::support::{Folder, bimanix, kernel};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

const CLIENTS: [(&str, &str); 3] =
    [("docker", "docker"), ("containerd", "ctr"), ("podman", "podman")];

/// A project whose image is larger than a pipe, and a client of each engine that does what the script says.
fn project(script: &str) -> Folder {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    folder.write("big", vec![7; 1 << 20]);
    let files = "\"kernel\" = \"/k\"; \"big\" = \"/big\";";
    folder.write("args.nix", with_fields("").replace("\"kernel\" = \"/k\";", files));
    for (_, client) in CLIENTS {
        let path = folder.write(&format!("bin/{client}"), format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

fn load(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = bimanix(folder.path());
    command.env("PATH", format!("{}/bin:/usr/bin:/bin", folder.path().display()));
    command.envs(variables.iter().copied()).arg("load").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn clients_are_told_what_the_user_said() {
    let folder = project(
        "cat >/dev/null; echo \"${0##*/} $*\"; echo \"$CONTAINERD_NAMESPACE $DOCKER_HOST\" >&2",
    );
    for (arguments, expected) in [
        (&["--into", "docker"][..], "docker load --quiet"),
        (&["--into", "podman"], "podman load --quiet"),
        (&["--into", "containerd"], "ctr images import -"),
        (
            &["--into", "containerd", "--namespace", "k8s.io"],
            "ctr --namespace k8s.io images import -",
        ),
        (&["--into", "containerd", "--namespace=-x"], "ctr --namespace -x images import -"),
    ] {
        let variables = [("CONTAINERD_NAMESPACE", "own"), ("DOCKER_HOST", "unix:///x")];
        let output = load(&folder, arguments, &variables);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stderr), format!("{expected}\nown unix:///x\n"), "{arguments:?}");
    }
    for engine in ["docker", "podman"] {
        let output = load(&folder, &["--into", engine, "--namespace", "x"], &[]);
        let expected = "error[load/namespace]: only containerd has namespaces\n  = help: leave `--namespace` \
                        out, or load with `--into containerd`\n";
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(2), expected), "{engine}");
    }
}

/// A client may write more than a pipe holds, before, while and after it reads.
#[test]
fn clients_that_say_much() {
    let much = "dd if=/dev/zero bs=1000 count=300 2>/dev/null | tr '\\0' '.'; echo";
    for script in [
        format!("{much}; {much} >&2; cat >/dev/null; echo loaded"),
        format!("cat >/dev/null; {much} >&2; {much}; echo loaded"),
        format!("{much} >&2; tee copy >&2; echo loaded"),
    ] {
        for (engine, _) in CLIENTS {
            let output = load(&project(&script), &["--into", engine], &[]);
            assert_eq!(output.status.code(), Some(0), "{script}");
            assert!(String::from_utf8_lossy(&output.stderr).contains("loaded"), "{script}");
            assert!(text(&output.stdout).starts_with("image "), "{script}");
        }
    }
}

#[test]
fn clients_that_fail() {
    let command = "`docker load --quiet`";
    let failed = |why: &str| format!("error[load/failed]: {command} failed\n{why}");
    let early = format!("error[load/failed]: {command} ended before it had read the whole image\n");
    let many: String = (81..=100).map(|number| format!("\n         line {number}")).collect();
    for (script, expected) in [
        ("cat >/dev/null; echo no room >&2; exit 1", failed("  = why: no room\n")),
        ("echo no daemon >&2; exit 1", failed("  = why: no daemon\n")),
        ("exec <&-; sleep 0.3; echo slow >&2; exit 1", failed("  = why: slow\n")),
        ("echo said on the other one; exit 7", failed("  = why: said on the other one\n")),
        ("exit 1", failed("")),
        ("kill -KILL $$", failed("")),
        (
            "for n in $(seq 100); do echo line $n >&2; done; exit 1",
            failed(&format!("  = why:{}\n", many.trim_start_matches("\n        "))),
        ),
        // It has taken a part, and calls that a success.
        ("exit 0", early.clone()),
        ("head -c 5000 >/dev/null; echo fine", format!("{early}  = why: fine\n")),
    ] {
        let output = load(&project(script), &["--into", "docker"], &[]);
        assert_eq!(
            (output.status.code(), text(&output.stderr)),
            (Some(3), expected.as_str()),
            "{script}"
        );
        assert!(output.stdout.is_empty(), "{script}");
    }
    // The whole image was there, or the client never hears of its end.
    let folder = project("cat >copy; echo done >end");
    assert!(load(&folder, &["--into", "docker"], &[]).status.success());
    let made = bimanix(folder.path()).args(["build", "-o", "-"]).output().unwrap().stdout;
    assert!(std::fs::read(folder.path().join("copy")).unwrap() == made);
    // What the client starts and leaves running is not waited for.
    let folder = project("cat >/dev/null; sleep 60 & echo $!");
    let begun = std::time::Instant::now();
    let output = load(&folder, &["--into", "docker"], &[]);
    assert!(output.status.success() && begun.elapsed().as_secs() < 30);
    let left = text(&output.stderr).trim();
    assert!(std::process::Command::new("kill").arg(left).status().unwrap().success());
}

/// What a client says reaches a terminal as text.
#[test]
fn what_clients_say_is_only_shown() {
    let folder = project("cat >/dev/null; printf 'a\\033[31mb\\rc\\377\\n'");
    let output = load(&folder, &["--into", "docker"], &[]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "a␛[31mb␍c\u{fffd}\n");
    let folder = project("cat >/dev/null; printf 'a\\033]0;x\\007b\\n' >&2; exit 1");
    let output = load(&folder, &["--into", "docker"], &[]);
    assert!(!text(&output.stderr).contains(['\u{1b}', '\u{7}']), "{:?}", text(&output.stderr));
}
