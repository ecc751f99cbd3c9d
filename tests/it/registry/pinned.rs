//! Tags: pinned in an args.nix, locked beside a Containerfile.

use super::based::{Project, with_base};
use super::*;
use crate::support::kernel;

/// Moves the tag to another image.
fn moved(fake: &Fake) -> String {
    let image = fake.add_image("v1", "linux/amd64", &[("kernel", &kernel()), ("new", b"new")]);
    image["digest"].as_str().unwrap().to_owned()
}

fn digest_in(text: &str) -> String {
    let at = text.find("sha256:").unwrap();
    text[at..at + 71].to_owned()
}

#[test]
fn a_tag_without_a_digest_is_an_error_with_the_digest() {
    let fake = with_base();
    let server = fake.start();
    let reference = format!("{}/team/base:v1", server.host());
    let project = Project::new();
    project.args_nix(&format!("\"{reference}\""));
    let pinned = project.done(&["pin", &reference]);
    let said = project.refuses(1, &[]);
    assert_eq!(
        said,
        format!(
            "error[pull/no-digest]: `{reference}` has no digest\n --> args.nix:3:10\n  |\n3 |   base = \
             \"{reference}\";\n  |          {}\n  = why: what its tag means can change, and the image would change \
             with it\n  = help: write \"{}\"\n",
            "^".repeat(reference.len() + 2),
            pinned.trim_end()
        )
    );
    assert!(project.kept().is_empty(), "it is only asked for");
    project.args_nix(&format!("\"{}\"", pinned.trim_end()));
    project.build(&[]);
    // Where nobody answers, it says how to find out.
    drop(server);
    project.args_nix(&format!("\"{reference}\""));
    let said = project.refuses(1, &[]);
    assert!(said.contains("the registry cannot be asked for it: cannot reach"), "{said}");
    assert!(said.contains(&format!("run `bimanix pin {reference}`")), "{said}");
}

#[test]
fn pin_prints_what_can_be_pasted() {
    let fake = with_base();
    fake.add_image("latest", "linux/amd64", &[]);
    let server = fake.start();
    let project = Project::new();
    let name = format!("{}/team/base", server.host());
    let v1 = project.done(&["pin", &format!("{name}:v1")]);
    assert_eq!(v1, format!("{name}:v1@{}\n", digest_in(&v1)));
    let latest = project.done(&["pin", &name]);
    assert_eq!(latest, format!("{name}:latest@{}\n", digest_in(&latest)));
    // What is pinned is looked up anew by its tag, or stays without one.
    let old = format!("sha256:{}", "0".repeat(64));
    assert_eq!(project.done(&["pin", &format!("{name}:v1@{old}")]), v1);
    assert_eq!(project.done(&["pin", &format!("{name}@{old}")]), format!("{name}@{old}\n"));
    for (code, arguments, word) in [
        (3, vec![format!("{name}:none")], "error[registry/missing]"),
        (1, vec![format!("{name}:no tag")], "error[pull/reference]"),
        (1, vec!["Nginx:1.25".to_owned()], "write \"nginx:1.25\""),
        (1, vec!["scratch".to_owned()], "no image at all"),
        (2, vec![], "required"),
        (2, vec![".".to_owned()], "pin --update ."),
        (2, vec!["x".to_owned(), "--build-arg".to_owned(), "A=1".to_owned()], "--update"),
    ] {
        let mut all = vec!["pin"];
        all.extend(arguments.iter().map(String::as_str));
        let said = project.fails(code, &all);
        assert!(said.contains(word), "{all:?}: {said}");
    }
}

#[test]
fn pin_writes_digests_into_an_args_nix() {
    let fake = with_base();
    let server = fake.start();
    let reference = format!("{}/team/base:v1", server.host());
    let project = Project::new();
    let pinned = project.done(&["pin", &reference]).trim_end().to_owned();
    let update = |text: &str| {
        project.folder.write("args.nix", text);
        let said = project.done(&["pin", "--update"]);
        let new = std::fs::read_to_string(project.path("args.nix")).unwrap();
        (said, new)
    };
    for text in [
        "# first\n{ base = \"REF\"; name = \"REF2\"; }\n",
        "{ base = { platform = \"qemu/amd64\"; image = \"REF\"; }; }",
        "{ base.image = \"REF\"; }",
        "let image = \"REF\"; in { base = image; files.a = { inherit image; }; }",
        "{ base ? \"REF\" }: { inherit base; }",
        "{ architectures = { arm64 = { base = \"REF\"; }; }; }",
        "{ files = { a = { image = { image = \"REF\"; }; }; }; }",
        "{ base =\r\n\t\"REF\" # \"REF\"\r\n;}",
    ] {
        let text = text.replace("REF2", "other").replace("REF", &reference);
        let (said, new) = update(&text);
        // In a comment the same string stays.
        let expected = match text.split_once(" # ") {
            Some((code, comment)) => format!("{} # {comment}", code.replace(&reference, &pinned)),
            None => text.replace(&reference, &pinned),
        };
        assert_eq!(new, expected);
        let times = text.matches(".image").count().max(1);
        let lines = if text.contains("files.a") { 2 } else { times };
        assert_eq!(said, format!("{pinned}\n").repeat(lines), "{text}");
        // Once more changes nothing.
        let before = std::fs::metadata(project.path("args.nix")).unwrap().modified().unwrap();
        project.done(&["pin", "--update", "."]);
        let after = std::fs::metadata(project.path("args.nix")).unwrap().modified().unwrap();
        assert_eq!(before, after);
    }
    // The tag moves, and the digest follows.
    let (_, text) = update(&format!("{{ base = \"{reference}\"; }}"));
    let digest = moved(&fake);
    let (_, new) = update(&text);
    assert_eq!(new, format!("{{ base = \"{reference}@{digest}\"; }}"));
    project.folder.write("x.json", format!("{{ \"base\": \"{reference}\" }}"));
    project.done(&["pin", "--update", "x.json"]);
    let json = std::fs::read_to_string(project.path("x.json")).unwrap();
    assert_eq!(json, format!("{{ \"base\": \"{reference}@{digest}\" }}"));
    // Without a tag nothing says where to.
    let bare = new.replace(":v1@", "@");
    assert_eq!(update(&bare).1, bare);
    assert_eq!(update("{ base = ./base.tar; files.a = \"/a\"; }").0, "");
}

#[test]
fn what_is_not_a_plain_string_is_refused() {
    let server = with_base().start();
    let host = server.host();
    let reference = format!("{host}/team/base:v1");
    let project = Project::new();
    for text in [
        format!("{{ base = \"{host}/team\" + \"/base:v1\"; }}"),
        format!("let v = \"v1\"; in {{ base = \"{host}/team/base:${{v}}\"; }}"),
        format!("{{ base = ''{reference}''; }}"),
        // It is in the text, but not where the value comes from.
        format!("# \"{reference}\"\n{{ base = \"{host}/team\" + \"/base:v1\"; }}"),
        // Twice, and which one it is nobody knows.
        format!(
            "let a = \"{reference}\"; b = \"{reference}\"; in {{ base = if a == b then a else b; }}"
        ),
        "{ base = import ./ref.nix; }".to_owned(),
    ] {
        project.folder.write("ref.nix", format!("\"{reference}\""));
        project.folder.write("args.nix", &text);
        let said = project.fails(1, &["pin", "--update"]);
        assert!(said.contains("error[pin/not-literal]"), "{text}: {said}");
        assert!(said.contains("--> args.nix:") && said.contains("yourself"), "{text}: {said}");
        assert_eq!(std::fs::read_to_string(project.path("args.nix")).unwrap(), text);
    }
    // A mistake in one of two keeps the other as it is.
    let text = format!("{{ base = \"{reference}\"; files.a.image = \"{host}/team/base:none\"; }}");
    project.folder.write("args.nix", &text);
    let said = project.fails(3, &["pin", "--update"]);
    assert!(said.contains("error[registry/missing]") && said.contains("args.nix:1:"), "{said}");
    assert_eq!(std::fs::read_to_string(project.path("args.nix")).unwrap(), text);
    project.folder.write("args.nix", "{ base = throw \"no\"; }");
    assert!(project.fails(1, &["pin", "--update"]).contains("no"));
    project.folder.write("args.nix", "{ base = ");
    project.fails(1, &["pin", "--update"]);
    std::fs::remove_file(project.path("args.nix")).unwrap();
    assert!(project.fails(1, &["pin", "--update"]).contains("recipe/input"));
}

#[test]
fn a_tag_that_moves_changes_nothing_until_it_is_asked() {
    let fake = with_base();
    let server = fake.start();
    let reference = format!("{}/team/base:v1", server.host());
    let project = Project::new();
    project.containerfile(&reference);
    let first = project.build(&[]);
    let lock = project.lock();
    let digest = moved(&fake);
    assert!(project.build(&[]) == first);
    assert_eq!(project.lock(), lock);
    let said = project.done(&["pin", "--update", "Containerfile"]);
    assert_eq!(said, format!("{reference}@{digest}\n"));
    assert_eq!(project.lock(), lock.replace(&digest_in(&lock), &digest));
    assert!(project.build(&[]) != first);
    // The digest of the file goes before that of the lock.
    project.containerfile(&format!("{reference}@{}", digest_in(&lock)));
    assert!(project.build(&[]) == first);
    assert_eq!(project.lock(), "{\n  \"version\": 1,\n  \"images\": {}\n}\n", "it needs none");
}

#[test]
fn a_lock_is_kept_by_who_has_made_an_image() {
    let fake = with_base();
    let server = fake.start();
    let reference = format!("{}/team/base:v1", server.host());
    let project = Project::new();
    project.containerfile(&reference);
    project.done(&["check", "-t", "x:1"]);
    assert!(!project.path("bimanix.lock").exists());
    // It is refused, or cannot be written.
    project.fails(1, &["build"]);
    assert!(!project.path("bimanix.lock").exists());
    project.fails(3, &["build", "-t", "x:1", "-o", "no/folder/result"]);
    assert!(!project.path("bimanix.lock").exists());
    let said = project.refuses(1, &["--locked"]);
    assert!(
        said.contains("error[lock/missing]") && said.contains("--> Containerfile:1:6"),
        "{said}"
    );
    for arguments in [
        vec!["build", "-t", "x:1", "-o", "out", "--format", "layout"],
        vec!["push", ".", "-t", "x:1", &*format!("{}/team/app:v1", server.host())],
        vec!["pin", "--update"],
    ] {
        project.done(&arguments);
        let lock = project.lock();
        assert!(lock.contains(&reference), "{arguments:?}");
        std::fs::remove_file(project.path("bimanix.lock")).unwrap();
        if arguments[0] == "pin" {
            project.folder.write("bimanix.lock", &lock);
        }
    }
    project.build(&["--locked"]);
    // A folder that cannot be written to: the image is there, and the command says what is not.
    std::fs::remove_file(project.path("bimanix.lock")).unwrap();
    std::fs::create_dir(project.path("bimanix.lock")).unwrap();
    let said = project.fails(1, &["build", "-t", "x:1"]);
    assert!(said.contains("error[lock/input]"), "{said}");
}

#[test]
fn a_damaged_lock_is_an_error() {
    let server = with_base().start();
    let project = Project::new();
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    project.build(&[]);
    let lock = project.lock();
    for (text, place, word) in [
        (lock.replace("{ \"digest\"", "<<<<<<<"), "bimanix.lock:4:", "is damaged"),
        (lock.replace("sha256:", "sha256:0"), "bimanix.lock:4:", "is not a SHA-256 digest"),
        (lock.replace("\"version\": 1", "\"version\": 2"), "bimanix.lock:1:", "newer bimanix"),
        (lock.replace(":v1", ""), "bimanix.lock:4:", "should be written as"),
        (String::new(), "bimanix.lock:1:", "is damaged"),
    ] {
        project.folder.write("bimanix.lock", &text);
        for command in
            [vec!["build", "-t", "x:1"], vec!["check", "-t", "x:1"], vec!["pin", "--update"]]
        {
            let said = project.fails(1, &command);
            assert!(said.contains("error[lock/damaged]") && said.contains(place), "{said}");
            assert!(said.contains(word), "{said}");
            assert_eq!(project.lock(), text);
        }
    }
}

#[test]
fn a_lock_has_what_the_text_names() {
    let fake = with_base();
    for tag in ["a", "b", "c", "d"] {
        fake.add_image(tag, "linux/amd64", &[("kernel", &kernel()), (tag, b"")]);
    }
    let server = fake.start();
    let base = format!("{}/team/base", server.host());
    let project = Project::new();
    let labels = "LABEL com.urunc.unikernel.unikernelType=unikraft com.urunc.unikernel.hypervisor=qemu \
                  com.urunc.unikernel.binary=/kernel com.urunc.unikernel.cmdline=x\n";
    let text = format!(
        "ARG TAG=a\nFROM {base}:b AS other\n{labels}FROM {base}:c AS unused\nCOPY --from={base}:d /kernel /k\n\
         FROM {base}:${{TAG}}\n{labels}"
    );
    project.folder.write("Containerfile", &text);
    let tags = || -> String {
        let lock = project.lock();
        ["a", "b", "c", "d", "v1"]
            .into_iter()
            .filter(|tag| lock.contains(&format!("{base}:{tag}\"")))
            .collect()
    };
    project.build(&[]);
    assert_eq!(tags(), "a", "what is built is locked");
    project.build(&["--target", "other"]);
    assert_eq!(tags(), "ab");
    project.build(&[]);
    assert_eq!(tags(), "ab", "another stage names it");
    project.build(&["--build-arg", "TAG=v1"]);
    assert_eq!(tags(), "abv1");
    project.build(&["--build-arg", "TAG=v1"]);
    project.done(&["pin", "--update"]);
    assert_eq!(tags(), "abcd", "with no other values, nothing names the last one");
    project.folder.write("Containerfile", format!("FROM {base}:c\n{labels}"));
    project.build(&[]);
    assert_eq!(tags(), "c");
    // Another text of the folder has its own.
    project.folder.write("Dockerfile.other", format!("FROM {base}:a\n{labels}"));
    project.build(&["-f", "Dockerfile.other"]);
    project.build(&[]);
    assert_eq!(tags(), "ac");
    assert!(project.lock().contains("[\"Dockerfile.other\"]"));
}

/// An args.nix has no lock, so it gets the digest that the lock of the Containerfile has, or the one of now.
#[test]
fn convert_writes_the_digest_of_a_tag() {
    let fake = with_base();
    let project = Project::new();
    let first = {
        let server = fake.start();
        let reference = format!("{}/team/base:v1", server.host());
        project.containerfile(&reference);
        project.done(&["convert", "-t", "x:1", "-o", "new.nix"]);
        assert!(!project.path("bimanix.lock").exists(), "no image has been made");
        let pinned = project.done(&["pin", &reference]);
        let text = std::fs::read_to_string(project.path("new.nix")).unwrap();
        assert!(text.contains(&format!("base = \"{}\";", pinned.trim_end())), "{text}");
        let by_docker = project.build(&["-f", "Containerfile", "."]);
        project.done(&["build", "new.nix", "-o", "by-nix"]);
        assert!(std::fs::read(project.path("by-nix")).unwrap() == by_docker);
        text
    };
    // The tag moves, and the lock stays.
    moved(&fake);
    let _server = fake.start();
    assert_eq!(project.done(&["convert", "-t", "x:1", "-o", "-"]), first);
}

/// A bunnyfile's tags are locked as those of a Containerfile are: of its base, and of what it copies from.
#[test]
fn a_bunnyfile_is_built_on_what_its_tags_meant_first() {
    let fake = with_base();
    fake.add_image("raw", "linux/amd64", &[("site", b"hello")]);
    let server = fake.start();
    let name = format!("{}/team/base", server.host());
    let project = Project::new();
    project.folder.write(
        "bunnyfile",
        format!(
            "version: v0.1\nplatforms: {{ framework: unikraft, monitor: qemu, architecture: x86 }}\n\
             kernel: {{ from: '{name}:v1', path: /kernel }}\nrootfs: {{ from: '{name}:raw', type: raw }}\n"
        ),
    );
    project.done(&["check", "-t", "x:1"]);
    assert!(!project.path("bimanix.lock").exists());
    let first = project.build(&[]);
    let lock = project.lock();
    assert!(lock.contains(&format!("\"{name}:v1\"")) && lock.contains(&format!("\"{name}:raw\"")));
    assert!(lock.contains("\"files\": [\"bunnyfile\"]"), "{lock}");
    let digest = moved(&fake);
    assert!(project.build(&["--locked"]) == first);
    assert_eq!(project.lock(), lock);
    let pinned = project.done(&["pin", "--update", "bunnyfile"]);
    assert!(pinned.contains(&format!("{name}:v1@{digest}\n")), "{pinned}");
    assert_eq!(pinned.lines().count(), 2);
    assert_ne!(project.lock(), lock);
    project.build(&["--locked"]);
    // Without the network as well.
    drop(server);
    project.build(&["--locked"]);
}
