//! An evaluation needs no disk: every file comes from the world it is given.

use super::{Evaluator, Options, with_stack};
use crate::diag::{Colours, SourceMap};
use crate::world::Memory;
use std::path::{Path, PathBuf};

/// The JSON of a file's value, or the messages that refuse it.
fn json(world: &Memory, file: &str) -> Result<String, String> {
    with_stack(|stack| {
        let mut sources = SourceMap::default();
        let options = Options {
            search_path: vec![(b"lib".to_vec(), PathBuf::from("shared"))],
            current_folder: Some(PathBuf::from("/p")),
            shown_from: Some(PathBuf::from("/p")),
            ..Options::default()
        };
        let mut ev = Evaluator::new(&mut sources, world, stack, options);
        let value = ev.eval_file(Path::new(file)).and_then(|value| ev.json(&value));
        value.map(|(bytes, _)| String::from_utf8(bytes).unwrap()).map_err(|error| {
            let report = error.report();
            report.iter().map(|finding| finding.render(&sources, Colours::Dropped)).collect()
        })
    })
    .unwrap()
}

#[test]
fn args_nix_with_its_imports() {
    let world = Memory::default()
        .file(
            "/p/args.nix",
            r#"let
              common = import ./shared;
              names = builtins.attrNames (builtins.readDir ./kernels);
            in common // {
              name = builtins.readFile ./NAME;
              files = builtins.listToAttrs (map (name: { inherit name; value = "/boot/${name}"; }) names);
              annotations.binary = <lib/binary.nix> + "";
              cmd = import ./cmd.nix { verbose = builtins.pathExists ./VERBOSE; };
            }"#,
        )
        .file("/p/shared/default.nix", "{ tag = import ./tag.nix; }")
        .file("/p/shared/tag.nix", r#""v1""#)
        .file("/p/shared/binary.nix", "{ }")
        .symlink("/p/cmd.nix", "elsewhere/cmd.nix")
        // Relative paths in a linked file start where it really is.
        .file("/p/elsewhere/cmd.nix", "{ verbose }: if verbose then import ./loud.nix else [ ]")
        .file("/p/elsewhere/loud.nix", r#"[ "-v" ]"#)
        .file("/p/NAME", "hello")
        .file("/p/VERBOSE", "")
        .file("/p/kernels/a.hvt", "")
        .file("/p/kernels/b.hvt", "");
    let wanted = concat!(
        r#"{"annotations":{"binary":"/p/shared/binary.nix"},"cmd":["-v"],"#,
        r#""files":{"a.hvt":"/boot/a.hvt","b.hvt":"/boot/b.hvt"},"name":"hello","tag":"v1"}"#
    );
    assert_eq!(json(&world, "/p/args.nix"), Ok(wanted.to_owned()));
}

#[test]
fn every_builtin_that_reads_asks_the_world() {
    let world = Memory::default()
        .file("/p/a.nix", "[ ]")
        .file("/p/d/x", "abc")
        .folder("/p/d/e")
        .symlink("/p/d/l", "x")
        .file(
            "/p/default.nix",
            r#"{
              scoped = scopedImport { one = 1; } ./one.nix;
              types = builtins.readDir ./d;
              type = builtins.readFileType ./d/l;
              hash = builtins.hashFile "md5" ./d/l;
              filtered = builtins.filterSource (path: type: true) ./d + "";
              path = builtins.path { path = ./d; name = "d"; };
              found = builtins.findFile [ { path = "d"; prefix = ""; } ] "x" + "";
              missing = map builtins.pathExists [ ./none ./d/x ./d/l/. ./d/e/. ];
              copied = "${./d/x}";
            }"#,
        )
        .file("/p/one.nix", "one");
    let wanted = concat!(
        r#"{"copied":"/p/d/x","filtered":"/p/d","found":"/p/d/x","#,
        r#""hash":"900150983cd24fb0d6963f7d28e17f72","missing":[false,true,true,true],"#,
        r#""path":"/p/d","scoped":1,"type":"symlink","#,
        r#""types":{"e":"directory","l":"symlink","x":"regular"}}"#
    );
    assert_eq!(json(&world, "/p"), Ok(wanted.to_owned()));
}

#[test]
fn what_is_missing_has_a_place() {
    let world = Memory::default().file("/p/args.nix", "{\n  tag = import ./tag.nix;\n}");
    let said = json(&world, "/p/args.nix").unwrap_err();
    assert!(said.starts_with("error[eval/io]: "), "{said}");
    assert!(said.contains("--> args.nix:2:9"), "{said}");
    assert!(said.contains("entity not found"), "{said}");
}
