//! The codes of messages: each one that the sources print is explained, and no other.

use crate::support::{Folder, bimanix, done};
use bimanix::driver::releases;
use bimanix::explain::{self, Code};
use std::collections::BTreeSet;
use std::path::Path;

/// The code of the sources below a path: what is neither a test nor a comment nor an explanation.
fn code(path: &Path) -> String {
    let name = path.file_name().unwrap();
    if path.is_dir() {
        let mut entries: Vec<_> =
            path.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        let below = entries.iter().filter(|_| name != "explain");
        return below.map(|entry| code(entry)).collect();
    }
    if name == "tests.rs" || path.extension().is_none_or(|extension| extension != "rs") {
        return String::new();
    }
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The name of the constant of a code.
fn constant(code: Code) -> String {
    code.as_str().to_ascii_uppercase().replace(['/', '-'], "_")
}

#[test]
fn every_code_is_printed_and_explained_once() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let text = code(&source);
    let is_of_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let printed: BTreeSet<&str> = text
        .split("code::")
        .skip(1)
        .map(|rest| rest.split(|c| !is_of_name(c)).next().unwrap())
        .collect();
    let all = explain::all();
    let silent: Vec<_> =
        all.iter().filter(|known| !printed.contains(&*constant(known.code))).collect();
    assert!(silent.is_empty(), "codes that nothing prints: {silent:?}");
    let explained: BTreeSet<Code> = all.iter().map(|known| known.code).collect();
    assert_eq!(explained.len(), all.len(), "a code is explained twice");
    assert!(all.is_sorted_by_key(|known| known.code));
    for known in all {
        for text in [known.rule, known.reason] {
            assert!(text.ends_with('.'), "{}: a sentence ends: {text}", known.code);
        }
        // A build context at its end is no full stop.
        let ends = known.example.strip_suffix(" .").unwrap_or(known.example).ends_with('.');
        assert!(!known.example.is_empty() && !ends, "{}", known.code);
        let text = known.render(releases(known.code));
        let allowed = text.contains(&format!("--allow {}", known.code));
        assert_eq!(allowed, known.code.may_be_allowed(), "{text}");
    }
}

#[test]
fn explain_knows_what_is_printed() {
    let folder = Folder::new();
    let list = String::from_utf8(done(folder.path(), &["explain"]).stdout).unwrap();
    for known in explain::all() {
        let text = String::from_utf8(done(folder.path(), &["explain", known.code.as_str()]).stdout)
            .unwrap();
        assert_eq!(text, known.render(releases(known.code)));
        assert!(list.contains(&format!("{} ", known.code)), "{list}");
    }
    assert_eq!(list.lines().count(), explain::all().len());
    let output = bimanix(folder.path()).args(["explain", "eval/sytax"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    let expected = "error[cli/explain]: there is no code `eval/sytax`\n  = help: did you mean `eval/syntax`?\n";
    assert_eq!(said, expected);
}

/// An example that is a command of `eval` shows its code.
#[test]
fn examples_of_the_language_show_their_codes() {
    let folder = Folder::new();
    let mut count = 0;
    for known in explain::all() {
        let Some(words) = known.example.strip_prefix("bimanix eval ") else { continue };
        let words = bimanix::urunc::words::split(words).unwrap();
        let output = bimanix(folder.path()).arg("eval").args(&words).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{}: {said}", known.example);
        assert!(said.starts_with(&format!("error[{}]: ", known.code)), "{}: {said}", known.example);
        count += 1;
    }
    let of_language =
        explain::all().iter().filter(|known| known.code.as_str().starts_with("eval/")).count();
    assert!(count >= of_language, "{count} of {of_language}");
}
