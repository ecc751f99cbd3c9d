//! Every name that the newest Nix has in `builtins`, and what becomes of it here.

use super::eval::run;
use std::collections::BTreeSet;
use std::process::Command;

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A constant.
    Value,
    /// A function that does what it does in Nix.
    Function,
    /// A function that does less, and what.
    Partly(&'static str),
    /// A function that is there and says that it is not available.
    Refuses,
    /// Not there, and why.
    Absent(&'static str),
}
use Kind::{Absent, Function, Partly, Refuses, Value};

/// Nix 2.36, with flakes and the other experimental features.
const NAMES: &[(&str, Kind)] = &[
    ("abort", Function),
    ("add", Function),
    ("addDrvOutputDependencies", Function),
    ("addErrorContext", Function),
    ("all", Function),
    ("any", Function),
    ("appendContext", Function),
    ("attrNames", Function),
    ("attrValues", Function),
    ("baseNameOf", Function),
    ("bitAnd", Function),
    ("bitOr", Function),
    ("bitXor", Function),
    ("break", Function),
    ("builtins", Value),
    ("catAttrs", Function),
    ("ceil", Function),
    ("compareVersions", Function),
    ("concatLists", Function),
    ("concatMap", Function),
    ("concatStringsSep", Function),
    ("convertHash", Function),
    ("currentSystem", Absent("the result may not depend on the machine; `--system` gives it")),
    ("currentTime", Absent("the result may not depend on the time")),
    ("deepSeq", Function),
    ("derivation", Partly("only its paths are refused")),
    ("derivationStrict", Refuses),
    ("dirOf", Function),
    ("div", Function),
    ("elem", Function),
    ("elemAt", Function),
    ("exec", Absent("runs programs; Nix has it only when allowed to")),
    ("false", Value),
    ("fetchClosure", Refuses),
    ("fetchFinalTree", Absent("an inner part of flakes, not in `builtins`")),
    ("fetchGit", Refuses),
    ("fetchMercurial", Refuses),
    ("fetchTarball", Refuses),
    ("fetchTree", Refuses),
    ("fetchurl", Refuses),
    ("filter", Function),
    ("filterSource", Partly("nothing is copied: a path stays where it is")),
    ("findFile", Function),
    ("flakeRefToString", Refuses),
    ("floor", Function),
    ("foldl'", Function),
    ("forceLazyFetcherAttr", Absent("an inner part of the fetchers, not in `builtins`")),
    ("fromJSON", Function),
    ("fromTOML", Function),
    ("functionArgs", Function),
    ("genList", Function),
    ("genericClosure", Function),
    ("getAttr", Function),
    ("getContext", Function),
    ("getEnv", Partly("no variable is set")),
    ("getFlake", Refuses),
    ("groupBy", Function),
    ("hasAttr", Function),
    ("hasContext", Function),
    ("hashFile", Function),
    ("hashString", Function),
    ("head", Function),
    ("import", Function),
    ("importNative", Absent("loads machine code; Nix has it only when allowed to")),
    ("intersectAttrs", Function),
    ("isAttrs", Function),
    ("isBool", Function),
    ("isFloat", Function),
    ("isFunction", Function),
    ("isInt", Function),
    ("isList", Function),
    ("isNull", Function),
    ("isPath", Function),
    ("isString", Function),
    ("langVersion", Value),
    ("length", Function),
    ("lessThan", Function),
    ("listToAttrs", Function),
    ("map", Function),
    ("mapAttrs", Function),
    ("match", Function),
    ("mul", Function),
    ("nixPath", Value),
    ("nixVersion", Value),
    ("null", Value),
    ("outputOf", Refuses),
    ("parseDrvName", Function),
    ("parseFlakeRef", Refuses),
    ("partition", Function),
    ("path", Partly("nothing is copied: a path stays where it is")),
    ("pathExists", Function),
    ("placeholder", Refuses),
    ("readDir", Function),
    ("readFile", Function),
    ("readFileType", Function),
    ("removeAttrs", Function),
    ("replaceStrings", Function),
    ("scopedImport", Function),
    ("seq", Function),
    ("sort", Function),
    ("split", Function),
    ("splitVersion", Function),
    ("storeDir", Value),
    ("storePath", Refuses),
    ("stringLength", Function),
    ("sub", Function),
    ("substring", Function),
    ("tail", Function),
    ("throw", Function),
    ("toFile", Refuses),
    ("toJSON", Function),
    ("toPath", Function),
    ("toString", Function),
    ("toXML", Function),
    ("trace", Function),
    ("traceVerbose", Function),
    ("true", Value),
    ("tryEval", Function),
    ("typeOf", Function),
    ("unsafeDiscardOutputDependency", Function),
    ("unsafeDiscardStringContext", Function),
    ("unsafeGetAttrPos", Function),
    ("warn", Function),
    ("zipAttrsWith", Function),
];

/// What an expression comes to: its exit code and everything said.
fn evaluate(expression: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bimanix"));
    let outcome = run(command.args(["eval", "--raw", "--expr", expression]).env_clear());
    (outcome.code, outcome.stdout + &outcome.stderr)
}

#[test]
fn every_name_of_nix_and_no_other() {
    let (code, said) = evaluate("builtins.concatStringsSep \" \" (builtins.attrNames builtins)");
    assert_eq!(code, Some(0), "{said}");
    let found: BTreeSet<&str> = said.split_whitespace().collect();
    let there = NAMES.iter().filter(|(_, kind)| !matches!(kind, Absent(_)));
    let wanted: BTreeSet<&str> = there.map(|(name, _)| *name).collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_name_is_what_the_table_says() {
    for (name, kind) in NAMES {
        let (code, said) = evaluate(&format!("builtins.typeOf builtins.{name}"));
        match kind {
            Function | Refuses => assert_eq!(said, "lambda", "{name}"),
            Partly(what) => assert!(said == "lambda" && !what.is_empty(), "{name}: {said}"),
            Value => assert!(code == Some(0) && said != "lambda", "{name}: {said}"),
            Absent(why) => {
                assert!(!why.is_empty(), "{name}");
                assert!(
                    code == Some(1) && said.contains("eval/missing-attribute"),
                    "{name}: {said}"
                );
            }
        }
        if matches!(kind, Refuses) {
            // `toFile` takes two.
            let (code, said) = evaluate(&format!(
                "let once = builtins.{name} \"a\"; in if builtins.isFunction once then once \"b\" else once"
            ));
            let refusal =
                format!("error[eval/unavailable]: `builtins.{name}` is not available here");
            assert!(code == Some(1) && said.contains(&refusal), "{name}: {said}");
        }
    }
}
