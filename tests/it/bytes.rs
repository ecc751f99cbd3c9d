//! Bytes that are not UTF-8: on the command line, in the names of files, and in what is read.

use crate::archive::{entries, files};
use crate::project::{annotations, recipe};
use crate::support::{Folder, bimanix, done, kernel};
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

fn name(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

fn words(words: &[&[u8]]) -> Vec<OsString> {
    words.iter().map(|word| OsString::from_vec(word.to_vec())).collect()
}

#[test]
fn the_command_line_takes_them() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join(name(b"lib\xfe"))).unwrap();
    std::fs::write(folder.path().join(name(b"lib\xfe/one.nix")), b"\"one\xff\"").unwrap();
    folder.write("args.nix", b"{ x, y }: \"<\xff\" + x + y");
    let cases: &[(&[&[u8]], &[u8])] = &[
        (&[b"-E", b"\"\xff\" # \xfe"], b"\xff"),
        (&[b"-E", b"''\n  \xff${\"\xc3\"}\n''"], b"\xff\xc3\n"),
        (&[b"-E", b"{ x }: x", b"--argstr", b"x", b"a\xffb"], b"a\xffb"),
        (&[b"-E", b"{ x }: x", b"--arg", b"x", b"''\xff'' /* \xfe */"], b"\xff"),
        (&[b"--argstr", b"x", b"\xff", b"--arg", b"y", b"\"\xfe\""], b"<\xff\xff\xfe"),
        (&[b"-E", b"import <here/one.nix>", b"-I", b"here=lib\xfe"], b"one\xff"),
        (&[b"-E", b"import <one.nix>", b"-I", b"lib\xfe"], b"one\xff"),
        (&[b"-E", b"(builtins.head builtins.nixPath).path", b"-I", b"a=\xff"], b"\xff"),
        (&[b"-E", b"(builtins.head __nixPath).prefix", b"-I", b"\xff=a"], b"\xff"),
    ];
    for (arguments, wanted) in cases {
        let output =
            bimanix(folder.path()).args(["eval", "--raw"]).args(words(arguments)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.stdout, *wanted, "{arguments:?}: {said}");
    }
    // A name that no argument can have.
    let output = bimanix(folder.path())
        .arg("eval")
        .args(words(&[b"--argstr", b"\xff", b"1"]))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("takes no argument `\u{fffd}`"));
}

#[test]
fn names_of_files_are_bytes() {
    let folder = Folder::new();
    let make =
        |path: &[u8], bytes: &[u8]| std::fs::write(folder.path().join(name(path)), bytes).unwrap();
    make(b"k\xff", b"the right file");
    // What a reader of text would take for it.
    make("k\u{fffd}".as_bytes(), b"another file");
    make(b"m\xff.nix", b"\"imported \xff\"");
    make("m\u{fffd}.nix".as_bytes(), b"\"another import\"");
    let cases: &[(&[u8], &[u8])] = &[
        (b"builtins.readFile (./. + \"/k\xff\")", b"the right file"),
        (b"builtins.readFile ./k${\"\xff\"}", b"the right file"),
        (b"builtins.readFile ./x/../${\"k\xff\"}", b"the right file"),
        (b"import (toString ./. + \"/m\xff.nix\")", b"imported \xff"),
        (b"baseNameOf (/. + \"/a/\xff\")", b"\xff"),
        (b"toString (dirOf (/. + \"/\xff/a\"))", b"/\xff"),
        (b"if builtins.pathExists ./k${\"\xfe\"} then \"yes\" else \"no\"", b"no"),
        (b"if builtins.pathExists ./k${\"\xff\"} then \"yes\" else \"no\"", b"yes"),
        (b"(builtins.readDir ./.).\"k\xff\"", b"regular"),
        (b"builtins.readFileType ./k${\"\xff\"}", b"regular"),
        (
            b"builtins.concatStringsSep \",\" (builtins.attrNames (builtins.readDir ./.))",
            b"k\xef\xbf\xbd,k\xff,m\xef\xbf\xbd.nix,m\xff.nix",
        ),
    ];
    for (text, wanted) in cases {
        let output = bimanix(folder.path())
            .args(["eval", "--raw", "-E"])
            .arg(OsStr::from_bytes(text))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.stdout, *wanted, "{}: {said}", String::from_utf8_lossy(text));
    }
    // Where there is no such file, the message says so, and nothing like it is read.
    let output = bimanix(folder.path())
        .args(["eval", "-E"])
        .arg(OsStr::from_bytes(b"builtins.readFile ./k${\"\xfe\"}"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot read `k\u{fffd}`"));
}

#[test]
fn sources_of_an_image_are_bytes() {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    let make =
        |path: &[u8], bytes: &[u8]| std::fs::write(folder.path().join(name(path)), bytes).unwrap();
    make(b"d\xff", b"right");
    make("d\u{fffd}".as_bytes(), b"wrong");
    let text = recipe(
        "\"kernel\" = \"/k\"; \"./d?\" = \"/renamed\"; \"d?\" = \"/data/\"; \"x\" = { path = \"/given\"; \
         source = ./. + \"/d?\"; }; \"d? \" = { path = \"/own?\"; source = \"d?\"; };",
        &annotations("/k"),
        "# a comment with ?",
    );
    let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'?' { 0xff } else { byte }).collect();
    folder.write("args.nix", bytes);
    let parts = files(&done(folder.path(), &["build", "-o", "-"]).stdout);
    let docker: Value = serde_json::from_slice(&parts["manifest.json"]).unwrap();
    let mut found: Vec<(Vec<u8>, Vec<u8>)> = docker[0]["Layers"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|layer| entries(&parts[layer.as_str().unwrap()]))
        .filter(|entry| entry.body == b"right" || entry.body == b"wrong")
        .map(|entry| (entry.path, entry.body))
        .collect();
    found.sort();
    let wanted: [&[u8]; 4] = [b"data/d\xff", b"given", b"own\xff", b"renamed"];
    let wanted: Vec<(Vec<u8>, Vec<u8>)> =
        wanted.iter().map(|path| (path.to_vec(), b"right".to_vec())).collect();
    assert_eq!(found, wanted);
}
