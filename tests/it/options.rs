//! Options and their values: the word after an option that takes a value is that value, whatever it begins with.

use crate::project::with_fields;
use crate::support::{Folder, bimanix, done, kernel};

/// `x` and `y` as text, and in `"-z"` a list.
const FUNCTION: &str =
    "{ x ? 0, y ? 0 }: { xy = \"${toString x} ${toString y}\"; \"-z\" = [ 1 2 ]; }";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("args.nix", FUNCTION);
    folder.write("-f.nix", "{ x ? \"none\" }: { xy = \"-f ${toString x}\"; }");
    folder.write("-d/lib.nix", "{ }: 7");
    folder
}

/// What `eval` prints, or its exit code and its first line.
fn eval(folder: &Folder, words: &[&str]) -> Result<String, (i32, String)> {
    let output = bimanix(folder.path()).arg("eval").args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    match output.status.code() {
        Some(0) => Ok(text(output.stdout).trim_end().to_owned()),
        code => Err((code.unwrap(), text(output.stderr).lines().next().unwrap().to_owned())),
    }
}

#[test]
fn values_that_begin_with_a_dash() {
    let folder = folder();
    for (words, expected) in [
        // The arguments of a function, and what looks like an option of this very command.
        (&["--raw", "-A", "xy", "--arg", "x", "-1"][..], "-1 0"),
        (&["--raw", "-A", "xy", "--arg", "x", "-1", "--arg", "y", "- 2"], "-1 -2"),
        (&["--raw", "-A", "xy", "--argstr", "x", "--ipv4=10.0.0.2/24"], "--ipv4=10.0.0.2/24 0"),
        (&["-A", "xy", "--argstr", "x", "--json", "--argstr", "y", "-h"], "\"--json -h\""),
        (
            &["-A", "xy", "--argstr", "x", "--argstr", "--argstr", "y", "--arg"],
            "\"--argstr --arg\"",
        ),
        // `--` is a value there, and behind it ends the options.
        (&["-A", "xy", "--argstr", "x", "--"], "\"-- 0\""),
        (&["-A", "xy", "--argstr", "x", "--", "--", "args.nix"], "\"-- 0\""),
        (&["-A", "xy", "--argstr", "x", "--", "--", "-f.nix"], "\"-f --\""),
        (&["-A", "xy", "--", "-f.nix"], "\"-f none\""),
        // Expressions, in every spelling.
        (&["-E", "-1"], "-1"),
        (&["-E-1"], "-1"),
        (&["-E=-1"], "-1"),
        (&["--expr", "-1"], "-1"),
        (&["--expr=-1"], "-1"),
        (&["--expr", "-(2 + 3)"], "-5"),
        // Attributes, folders and systems.
        (&["-A", "-z"], "[ 1 2 ]"),
        (&["--attr=-z.1"], "2"),
        (&["-A-z.0"], "1"),
        (&["-I", "-l=-d", "-E", "import <-l/lib.nix> { }"], "7"),
        (&["-I", "-d", "-E", "import <lib.nix> { }"], "7"),
        (&["--include=-d", "-E", "import <lib.nix> { }"], "7"),
        (&["--system", "-s", "-E", "builtins.currentSystem"], "\"-s\""),
    ] {
        assert_eq!(eval(&folder, words), Ok(expected.to_owned()), "{words:?}");
    }
}

#[test]
fn an_option_without_its_value() {
    let folder = folder();
    for (words, expected) in [
        (
            &["--arg", "x"][..],
            "error: 2 values required for '--arg <NAME> <EXPR>' but 1 was provided",
        ),
        (
            &["--arg=x", "-1"],
            "error: 2 values required for '--arg <NAME> <EXPR>' but 1 was provided",
        ),
        (
            &["--argstr"],
            "error: a value is required for '--argstr <NAME> <STRING>' but none was supplied",
        ),
        (&["-E"], "error: a value is required for '--expr <EXPR>' but none was supplied"),
        // What a value must be is said of the value.
        (
            &["--max-calls", "-1"],
            "error: invalid value '-1' for '--max-calls <N>': invalid digit found in string",
        ),
        (
            &["--max-memory", "--json"],
            "error: invalid value '--json' for '--max-memory <SIZE>': `--json` is no unit; use K, M, G or T",
        ),
        // No option, and no value of one.
        (&["-1"], "error: unexpected argument '-1' found"),
        (&["--nope"], "error: unexpected argument '--nope' found"),
    ] {
        assert_eq!(eval(&folder, words), Err((2, expected.to_owned())), "{words:?}");
    }
}

/// Every command that takes such options takes them alike.
#[test]
fn other_commands() {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    let recipe = with_fields("").replace("cmdline = \"x\"", "inherit cmdline");
    let recipe = format!("{{ cmdline ? \"x\" }}: {recipe}");
    folder.write("args.nix", &recipe);
    folder.write("-recipe.nix", &recipe);
    done(folder.path(), &["check", "--argstr", "cmdline", "--ipv4=10.0.0.2/24"]);
    for path in ["-image", "--json"] {
        let words =
            ["build", "--argstr", "cmdline", "-x", "-o", path, "--json", "--", "-recipe.nix"];
        let built = done(folder.path(), &words).stdout;
        let built: serde_json::Value = serde_json::from_slice(&built).unwrap();
        assert_eq!(built["cmd"], serde_json::json!(["-x"]));
        let shown = done(folder.path(), &["inspect", "--json", "--", path]).stdout;
        let shown: serde_json::Value = serde_json::from_slice(&shown).unwrap();
        assert_eq!(shown["manifest"], built["manifest"], "{path}");
    }
    folder.write("-kernel", kernel());
    folder.write("-initrd", b"070701");
    let words = ["init", "--initrd", "-initrd", "-o", "-new.nix", "--", "-kernel"];
    let output = bimanix(folder.path()).args(words).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    // The kernel is none of a known guest; what counts is that the words were read.
    assert!(said.starts_with("error[init/unknown-guest]: "), "{said}");
}
