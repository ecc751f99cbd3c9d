//! The command line: exit codes, which stream says what, and the forms for programs.

use crate::support::{Expectations, Folder, bimanix, done, kernel, kernel_for};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const ARGS: &str = "{ tag ? \"dev\" }: { name = \"hello\"; inherit tag; files.\"./kernel\" = \"/k\";
  annotations = { unikernelType = \"rumprun\"; hypervisor = \"hvt\"; binary = \"/k\"; cmdline = \"a b\"; }; }";

fn project() -> Folder {
    let folder = Folder::new();
    folder.write("kernel", kernel_for(ARGS));
    folder.write("args.nix", ARGS);
    folder
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn build_and_inspect_say_the_same() {
    let folder = project();
    let built = json(&done(folder.path(), &["build", "--json"]).stdout);
    let inspected = json(&done(folder.path(), &["inspect", "result", "--json"]).stdout);
    for (key, value) in built.as_object().unwrap() {
        assert_eq!(inspected[key], *value, "{key}");
    }
    assert_eq!(built["names"][0], "docker.io/library/hello:dev");
    assert_eq!(built["architecture"], "amd64");
    assert_eq!(built["cmd"], serde_json::json!(["a", "b"]));
    assert_eq!(built["uruncJson"]["com.urunc.unikernel.cmdline"], "a b");
    assert_eq!(built["layers"].as_array().unwrap().len(), 2);
    let text = done(folder.path(), &["build"]).stdout;
    let page = done(folder.path(), &["inspect", "result"]).stdout;
    assert!(page.starts_with(&text), "{}", String::from_utf8_lossy(&page));
}

#[test]
fn arguments_reach_the_function() {
    let folder = project();
    let tag = |arguments: &[&str]| {
        let mut all = vec!["eval", "-A", "tag", "--raw"];
        all.extend(arguments);
        String::from_utf8(done(folder.path(), &all).stdout).unwrap()
    };
    assert_eq!(tag(&[]), "dev");
    assert_eq!(tag(&["--argstr", "tag", "1.0"]), "1.0");
    assert_eq!(tag(&["--arg", "tag", "\"a\" + \"b\""]), "ab");
    for command in ["build", "check", "eval"] {
        let output =
            bimanix(folder.path()).args([command, "--argstr", "tagg", "x"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("error[recipe/argument]: args.nix takes no argument `tagg`"),
            "{said}"
        );
        assert!(said.contains("did you mean `tag`?"), "{said}");
        assert!(!folder.path().join("result").exists());
    }
}

#[test]
fn eval_prints_what_is_asked_for() {
    let folder = project();
    for (arguments, expected) in [
        (vec!["-E", "1 + 2"], "3\n"),
        (vec!["-E", "{ a = [ 1 \"x\" ]; }"], "{ a = [ 1 \"x\" ]; }\n"),
        (vec!["-E", "{ a = 1 + 1; }", "--lazy"], "{ a = <CODE>; }\n"),
        (vec!["-E", "{ a = [ 1 null ]; }", "--json"], "{\"a\":[1,null]}\n"),
        (vec!["-E", "\"a\\nb\"", "--raw"], "a\nb"),
        (vec!["-E", "{ a.b = [ 1 2 ]; }", "-A", "a.b.1"], "2\n"),
        (vec!["-E", "x: x"], "<LAMBDA>\n"),
        (vec!["-E", "builtins.currentSystem", "--system", "x86_64-linux"], "\"x86_64-linux\"\n"),
        (vec!["-E", "{ x ? 1 }: x", "--arg", "x", "2"], "2\n"),
        // A call in tail position nests nothing, unlike in Nix.
        (
            vec![
                "-E",
                "let f = n: if n == 0 then n else f (n - 1); in f 99",
                "--max-call-depth",
                "9",
            ],
            "0\n",
        ),
    ] {
        let mut all = vec!["eval"];
        all.extend(&arguments);
        let output = done(folder.path(), &all);
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{arguments:?}");
    }
    folder.write("lib/default.nix", "7");
    assert_eq!(
        done(folder.path(), &["eval", "-E", "import <lib>", "-I", "lib=lib"]).stdout,
        b"7\n"
    );
}

#[test]
fn findings_have_a_form_for_programs() {
    let folder = project();
    folder.write("args.nix", "{ name = \"Hello\"; }");
    let output = bimanix(folder.path()).args(["check", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty());
    let findings = json(&output.stdout);
    let first = &findings[0];
    assert_eq!(first["code"], "recipe/name");
    assert_eq!(first["severity"], "error");
    assert_eq!(
        (&first["file"], &first["line"], &first["column"]),
        (&"args.nix".into(), &1.into(), &10.into())
    );
    assert_eq!(first["help"], "write \"hello\"");
    let notes = json(&done(project().path(), &["check", "--json"]).stdout);
    assert_eq!(notes.as_array().unwrap().len(), 1);
    assert_eq!(
        (&notes[0]["severity"], &notes[0]["code"]),
        (&"note".into(), &"unikernel/needs-network".into())
    );
}

#[test]
fn findings_have_a_form_for_code_scanning() {
    let folder = project();
    let text = "{\n  name = \"a\";\n  files.\"kernel\" = \"/k\";\n  annotations = { unikernelType = \"linux\"; \
                hypervisor = \"hvt\"; binary = \"/k\"; cmdline = \"x\"; };\n}\n";
    folder.write("args.nix", text);
    let output = bimanix(folder.path()).args(["check", ".", "--format", "sarif"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty());
    let log = json(&output.stdout);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "bimanix");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    let codes: Vec<&str> =
        results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    assert!(codes.contains(&"urunc/unsupported-pair"), "{codes:?}");
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty());
        let level = match result["ruleId"].as_str().unwrap() {
            // That the kernel looks like a rumprun is a guess.
            "unikernel/guest-mismatch" => "warning",
            "unikernel/needs-network" => "note",
            _ => "error",
        };
        assert_eq!(result["level"], level, "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "args.nix");
    }
    let pair = results.iter().find(|result| result["ruleId"] == "urunc/unsupported-pair").unwrap();
    let region = &pair["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"], &region["endColumn"]),
        (&4.into(), &57.into(), &62.into())
    );
    assert_eq!(pair["properties"]["eras"], serde_json::json!(["2026"]));
    // What has no place is put at the head of the file.
    std::fs::remove_file(folder.path().join("args.nix")).unwrap();
    let output = bimanix(folder.path()).args(["check", "--format", "sarif"]).output().unwrap();
    let place = &json(&output.stdout)["runs"][0]["results"][0]["locations"][0];
    assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "args.nix");
}

#[test]
fn a_recipe_may_be_json() {
    let folder = project();
    let recipe = done(folder.path(), &["eval", "--json"]).stdout;
    folder.write("recipe.json", recipe);
    done(folder.path(), &["build", "-o", "by-nix"]);
    done(folder.path(), &["build", "recipe.json", "-o", "by-json"]);
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("by-nix") == read("by-json"));
    folder.write("recipe.json", "{ \"name\": \"Hello\" }");
    let output = bimanix(folder.path()).args(["check", "recipe.json"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`Hello` is not an image name\n  = in: `name`"), "{said}");
}

#[test]
fn usage_is_exit_code_two() {
    let folder = project();
    for arguments in [
        vec!["build", "--nope"],
        vec!["nope"],
        vec![],
        vec!["eval", "a", "-E", "1"],
        vec!["eval", "--max-memory", "G"],
        vec!["eval", "--max-memory", "1X"],
        vec!["eval", "--max-memory", "99999999999999999999"],
        vec!["eval", "--max-memory", "99999999999T"],
        vec!["eval", "--max-calls", "-1"],
        vec!["check", "--allow", "urunc/pth"],
    ] {
        let output = bimanix(folder.path()).args(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn the_time_of_the_environment_is_checked() {
    let folder = project();
    for bad in ["yesterday", "-1", "1.5", "999999999999999"] {
        let output =
            bimanix(folder.path()).arg("build").env("SOURCE_DATE_EPOCH", bad).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{bad}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("SOURCE_DATE_EPOCH"));
        assert!(!folder.path().join("result").exists());
    }
}

#[test]
fn help_is_what_it_was() {
    let folder = Folder::new();
    let mut expectations = Expectations::default();
    for command in [
        "",
        "build",
        "check",
        "convert",
        "diff",
        "eval",
        "index",
        "inspect",
        "pin",
        "push",
        "verify",
        "bima build",
    ] {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let found = String::from_utf8(done(folder.path(), &arguments).stdout).unwrap();
        let name = if command.is_empty() { "bimanix" } else { &command.replace(' ', "-") };
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/help/{name}.txt"));
        // What the feature `buildkit` adds.
        let paragraphs =
            found.split("\n\n").filter(|text| !text.trim_start().starts_with("--llb\n"));
        let found = paragraphs.collect::<Vec<_>>().join("\n\n");
        expectations.check(&file, &found);
    }
    expectations.finish();
}

#[test]
fn completions_and_man_page() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish"] {
        let text = String::from_utf8(done(folder.path(), &["completions", shell]).stdout).unwrap();
        assert!(text.contains("inspect") && text.contains("argstr"), "{shell}");
    }
    let page = String::from_utf8(done(folder.path(), &["man"]).stdout).unwrap();
    assert!(page.contains(".TH bimanix 1") && page.contains("argstr"));
    assert!(page.contains("bimanix bima build") && page.contains("snapshotter"));
}

/// A docker archive as docker 20.10 saves it: no index, a layer that is gzipped.
#[test]
fn inspect_reads_images_of_others() {
    let folder = project();
    done(folder.path(), &["build", "--format", "layout", "-o", "layout"]);
    let built = json(&done(folder.path(), &["inspect", "layout", "--json"]).stdout);
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let blob = |digest: &Value| {
        let hex = digest.as_str().unwrap().trim_start_matches("sha256:").to_owned();
        folder.path().join("layout/blobs/sha256").join(hex)
    };
    std::fs::copy(blob(&built["config"]), other.join("config.json")).unwrap();
    for (number, layer) in built["layers"].as_array().unwrap().iter().enumerate() {
        let path = other.join(format!("{number}.tar"));
        std::fs::copy(blob(&layer["digest"]), &path).unwrap();
        let status = Command::new("gzip").arg(&path).status().unwrap();
        assert!(status.success());
    }
    let manifest =
        r#"[{"Config":"config.json","RepoTags":["x:1"],"Layers":["0.tar.gz","1.tar.gz"]}]"#;
    std::fs::write(other.join("manifest.json"), manifest).unwrap();
    let packed = Command::new("tar")
        .args(["-cf", "other.tar", "-C", "other", "."])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(packed.success());
    let read = json(&done(folder.path(), &["inspect", "other.tar", "--json"]).stdout);
    assert_eq!(read["names"], serde_json::json!(["x:1"]));
    assert_eq!(read["config"], built["config"]);
    assert_eq!(read["uruncJson"], built["uruncJson"]);
    assert_eq!(read["labels"], built["labels"]);
    assert_eq!(read["manifest"], Value::Null);
}

#[test]
fn inspect_refuses_what_is_broken() {
    let folder = project();
    done(folder.path(), &["build"]);
    let whole = std::fs::read(folder.path().join("result")).unwrap();
    let refused = |name: &str, bytes: &[u8], expected: &str| {
        folder.write("broken", bytes);
        let output = bimanix(folder.path()).args(["inspect", "broken"]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(expected) && said.contains("broken"), "{name}: {said}");
    };
    refused("garbage", &[7; 3000], "image/not-an-image");
    refused("empty", b"", "image/not-an-image");
    refused("a kernel", &kernel(), "image/not-an-image");
    refused("cut", &whole[..whole.len() / 2], "error[image/");
    let mut flipped = whole.clone();
    let at = whole.windows(5).position(|window| window == b"linux").unwrap();
    flipped[at] = b'L';
    refused("another configuration", &flipped, "its digest is");
    for cut in (0..whole.len()).step_by(97) {
        folder.write("broken", &whole[..cut]);
        let code =
            bimanix(folder.path()).args(["inspect", "broken"]).output().unwrap().status.code();
        assert!(matches!(code, Some(0 | 1)), "cut at {cut}");
    }
    let output = bimanix(folder.path()).args(["inspect", "nowhere"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let folder = project();
    let mut child = bimanix(folder.path())
        .args(["eval", "-E", "builtins.genList (x: x) 100000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn the_builder_wants_to_be_run_by_nix() {
    let folder = project();
    let output = bimanix(folder.path()).arg("builder").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stderr).unwrap().contains("bimanix build"));
    let mut file = std::fs::File::create(folder.path().join(".attrs.json")).unwrap();
    file.write_all(b"{}").unwrap();
    let output = bimanix(folder.path()).arg("builder").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
}

/// Nix copies what the recipe names, and no other file: that is told wherever one is asked for.
#[test]
fn the_builder_says_how_it_sees_more_files() {
    let folder = project();
    folder.write("args.nix", b"{ name = \"x\"; tag = import ./tag.nix; annotations = { }; }");
    let file = folder.path().join("args.nix");
    let attributes = serde_json::json!({
        "outputs": { "out": folder.path().join("out") },
        "parts": { "": { "recipe": { "name": "x" } } },
        "argsFile": file,
    });
    folder.write(".attrs.json", attributes.to_string());
    let output = bimanix(folder.path()).arg("builder").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    let expected = concat!(
        "error[eval/io]: cannot import `tag.nix`\n",
        " --> args.nix:1:21\n",
        "  |\n",
        "1 | { name = \"x\"; tag = import ./tag.nix; annotations = { }; }\n",
        "  |                     ^^^^^^^^^^^^^^^^\n",
        "  = why: no such file or directory\n",
        "  = help: the build sees args.nix, the `.nix` files beside it, and what `files` and `base` name; ",
        "pass others as `buildImage { argsFile = …; sources = [ ./FILE ]; }`\n",
    );
    assert!(said.starts_with(expected), "{said}");
    assert!(!folder.path().join("out").exists());
}

/// A program may colour what it says; it may not do anything else to a terminal.
#[test]
fn colours_are_for_terminals() {
    let folder = Folder::new();
    folder.write(
        "args.nix",
        "let esc = builtins.fromJSON ''\"\\u001b\"''; in builtins.trace \"${esc}[32mtraced\" (throw \
         \"${esc}[31mthrown${esc}[0m ${esc}[2J${esc}]0;title\")",
    );
    // util-linux's `script` runs a command on a terminal of its own.
    let on_terminal = |environment: &[(&str, &str)], command: &str| {
        let line = format!("{} {command}", env!("CARGO_BIN_EXE_bimanix"));
        let output = Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for command in ["eval", "check", "build"] {
        let said = on_terminal(&[("TERM", "xterm")], command);
        assert!(said.contains("trace: \u{1b}[32mtraced\u{1b}[0m"), "{command}: {said:?}");
        assert!(said.contains("[eval/throw]: \u{1b}[31mthrown\u{1b}[0m ␛[2J␛]0;title"), "{said:?}");
        let piped = bimanix(folder.path()).arg(command).env("TERM", "xterm").output().unwrap();
        let piped = String::from_utf8(piped.stderr).unwrap();
        let plain = [
            piped,
            on_terminal(&[("TERM", "dumb")], command),
            on_terminal(&[], command),
            on_terminal(&[("TERM", "xterm"), ("NO_COLOR", "1")], command),
        ];
        for said in plain {
            assert!(said.contains("trace: traced"), "{said:?}");
            assert!(said.contains("[eval/throw]: thrown ␛[2J␛]0;title"), "{said:?}");
            assert!(!said.contains('\u{1b}'), "{said:?}");
        }
    }
    // Programs that read the findings get none of it, wherever they read.
    for form in ["--format json", "--format sarif"] {
        let said = on_terminal(&[("TERM", "xterm")], &format!("check {form} 2>/dev/null"));
        assert!(said.contains("thrown"), "{said}");
        assert!(!said.contains('\u{1b}') && !said.contains("[31m"), "{said:?}");
    }
}
