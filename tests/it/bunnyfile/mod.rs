//! Bunnyfiles to drafts, and to images: fixtures with a file, its build context, and what it comes to.
//!
//! `tests/bunnyfile/ok` pins the drafts, `err` the findings.

mod images;

use crate::containerfile::{Distribution, render};
use crate::support::{Expectations, fixtures};
use bimanix::diag::{Colours, Report, SourceMap};
use bimanix::front::bunnyfile::{Request, read};
use bimanix::recipe::draft::Draft;
use bimanix::world::{Disk, Memory, World};
use std::collections::BTreeSet;
use std::path::Path;

/// Reads the file of a context, and gives the draft and the findings in words.
fn run(world: &dyn World, context: &Path) -> (Option<Draft>, Report, String) {
    let mut sources = SourceMap::default();
    let mut report = Report::default();
    let (shown, file) = ("bunnyfile", &context.join("bunnyfile"));
    let request = Request { shown, file, context, images: &Distribution };
    let draft = read(world, &mut sources, &request, &mut report);
    report.sort();
    let words: Vec<String> =
        report.findings.iter().map(|found| found.render(&sources, Colours::Dropped)).collect();
    (draft, report, words.join("\n"))
}

#[test]
fn fixtures_give_what_is_expected() {
    let mut expectations = Expectations::default();
    let mut wrong = Vec::new();
    for kind in ["bunnyfile/ok", "bunnyfile/err"] {
        for fixture in fixtures(kind) {
            let (draft, report, said) = run(&Disk, &fixture);
            let is_ok = kind.ends_with("ok");
            if report.has_errors() == is_ok {
                wrong.push(format!("{}: {said}", fixture.display()));
            }
            let found = match draft.filter(|_| is_ok) {
                Some(draft) => {
                    let text = std::fs::read_to_string(fixture.join("bunnyfile")).unwrap();
                    format!("{}{said}", render(&draft, &text))
                }
                None => said,
            };
            expectations.check(&fixture.join("expected"), &found);
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
    expectations.finish();
}

/// Codes that no fixture can bring about, and where they are tested.
const ELSEWHERE: &[(&str, &str)] = &[
    ("bunnyfile/more", "a_file_of_something_else_is_not_answered_line_by_line"),
    ("bunnyfile/input", "large_files"),
    ("bunnyfile/not-utf-8", "bytes_that_are_no_text"),
];

#[test]
fn every_code_has_a_fixture() {
    let expected: String = ["bunnyfile/ok", "bunnyfile/err"]
        .iter()
        .flat_map(|kind| fixtures(kind))
        .map(|fixture| std::fs::read_to_string(fixture.join("expected")).unwrap())
        .collect();
    let codes: BTreeSet<&str> = bimanix::explain::all()
        .into_iter()
        .map(|known| known.code.as_str())
        .filter(|code| code.starts_with("bunnyfile/"))
        .collect();
    assert!(codes.len() > 20, "{codes:?}");
    let is_shown = |code: &str| {
        expected.contains(&format!("[{code}]")) || ELSEWHERE.iter().any(|(known, _)| *known == code)
    };
    let missing: Vec<_> = codes.iter().filter(|code| !is_shown(code)).collect();
    assert!(missing.is_empty(), "no fixture shows {missing:?}");
}

/// What is said of a text.
fn said(text: impl Into<Vec<u8>>) -> (Option<Draft>, String) {
    let world = Memory::default().file("/p/bunnyfile", text);
    let (draft, _, said) = run(&world, Path::new("/p"));
    (draft, said)
}

const KERNEL: &str = "kernel: { from: local, path: kernel }\n";
const LINUX: &str = "version: v0.1\nplatforms: { framework: linux, monitor: qemu }\n";

#[test]
fn large_files() {
    let text = format!("{LINUX}{KERNEL}#");
    let room = (1024 * 1024_usize).checked_sub(text.len()).unwrap();
    let (draft, words) = said(format!("{text}{}", "x".repeat(room)));
    assert!(draft.is_some() && words.is_empty(), "{words}");
    let (draft, words) = said(format!("{text}{}", "x".repeat(10 << 20)));
    assert!(draft.is_none());
    assert!(
        words.starts_with(
            "error[bunnyfile/input]: cannot read `bunnyfile`\n  = why: it is larger than 1 MiB\n"
        ),
        "{words}"
    );
    let (draft, words) = {
        let (draft, _, words) = run(&Memory::default().folder("/p"), Path::new("/p"));
        (draft, words)
    };
    assert!(draft.is_none() && words.starts_with("error[bunnyfile/input]: "), "{words}");
}

#[test]
fn bytes_that_are_no_text() {
    let (draft, words) = said([LINUX.as_bytes(), b"cmd: [ \"\xff\" ]\n"].concat());
    assert!(draft.is_none());
    assert!(words.starts_with("error[bunnyfile/not-utf-8]: the file is not UTF-8\n"), "{words}");
    assert!(words.contains("--> bunnyfile:3:9\n"), "{words}");
}

#[test]
fn a_file_of_something_else_is_not_answered_line_by_line() {
    let keys: String = (0..500).map(|number| format!("key{number}: {{ a: b }}\n")).collect();
    let twice = "a: 1\n".repeat(500);
    for text in [keys, twice] {
        let (draft, words) = said(text);
        assert!(draft.is_none());
        assert!(
            words.contains("error[bunnyfile/more]: there are more problems than these 100"),
            "{words}"
        );
        assert_eq!(words.matches("error[").count(), 101);
    }
}

/// Texts that make other readers slow or large.
#[test]
fn hostile_texts_end_soon() {
    let many = |piece: &str| piece.repeat((1_000_000_usize).checked_div(piece.len()).unwrap());
    let aliases = format!("a: &a [{}]\nb: [{}]\n", many("x,"), "*a,".repeat(1000));
    let anchors: String = (0..60_000).map(|number| format!("- &a{number} x\n")).collect();
    let tags = format!("%TAG !e! {}\n---\n{}", "x".repeat(400_000), "- !e!x y\n".repeat(60_000));
    for text in [
        many("- "),
        many("? "),
        many("["),
        many("{"),
        many("[]"),
        many("a: "),
        many("a:\n "),
        many("\t"),
        many("\"\\n"),
        many("a\n"),
        many("- - &a *a\n"),
        many("%TAG ! x\n"),
        many("--- |\n"),
        many("é: ü\n"),
        many("\r"),
        many("!"),
        many("&"),
        many("{a: b},"),
        aliases,
        anchors,
        tags,
    ] {
        let text: String = text.chars().take(1_000_000).collect();
        let (_, words) = said(text);
        assert!(words.starts_with("error[bunnyfile/"), "{words}");
        assert!(words.matches("error[").count() <= 101);
    }
}

/// Every beginning of a file, and every file with one byte replaced, is read or refused.
#[test]
fn cut_and_changed_texts_are_read_or_refused() {
    let mut count = 0_usize;
    let names = ["aliases", "include", "strings-are-taken-as-they-are-written"];
    let whole = |fixture: &Path| names.iter().any(|name| fixture.ends_with(name));
    for fixture in fixtures("bunnyfile/ok").iter().filter(|fixture| whole(fixture)) {
        let text = std::fs::read(fixture.join("bunnyfile")).unwrap();
        for at in 0..text.len() {
            let (draft, words) = said(&text[..at]);
            assert!(draft.is_some() || words.contains("error["), "{words}");
            for byte in [b'\n', b' ', b':', b'"', b'[', b'}', b'&', b'*', b'\t', b'-', b'%', 0] {
                let mut text = text.clone();
                text[at] = byte;
                let (draft, words) = said(text);
                assert!(draft.is_some() || words.contains("error["), "{words}");
                count = count.checked_add(1).unwrap();
            }
        }
    }
    assert!(count > 5000, "{count}");
}
