//! Any text as a program of the language, evaluated to its end and printed in every form.
//!
//! Mutations of bytes rarely parse, so half of them put one expression in the place of another.

#![no_main]

use bimanix::diag::{Colours, SourceMap};
use bimanix::eval::{self, Evaluator, Limits, Options, Style, Value};
use bimanix::host::memory_in_use;
use bimanix::world::Disk;
use libfuzzer_sys::{Corpus, fuzz_crossover, fuzz_mutator, fuzz_target, fuzzer_mutate};
use rnix::ast::Expr;
use rowan::ast::AstNode as _;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where relative paths start: a folder with nothing in it.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join("bimanix-fuzz-empty");
        std::fs::create_dir_all(&folder).expect("there is a temporary folder");
        folder
    })
}

/// Where each input is kept while it runs, if somebody wants that: a thread whose stack overflows
/// ends the process before libFuzzer can write anything.
fn last() -> Option<&'static File> {
    static LAST: OnceLock<Option<File>> = OnceLock::new();
    let file = LAST.get_or_init(|| {
        let path = std::env::var_os("BIMANIX_FUZZ_LAST")?;
        Some(File::create(path).expect("the script made its folder"))
    });
    file.as_ref()
}

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if let Some(last) = last() {
        last.set_len(0).expect("the file is ours");
        last.write_all_at(bytes, 0).expect("the file is ours");
    }
    eval::with_stack(|stack| {
        let mut sources = SourceMap::default();
        let limits = Limits { calls: 100_000, memory: 1 << 30, memory_in_use, depth: 1_000 };
        let options = Options { limits, ..Options::default() };
        let mut evaluator = Evaluator::new(&mut sources, &Disk, stack, options);
        let said = evaluate(&mut evaluator, bytes);
        drop(evaluator);
        if let Err(error) = said {
            for diagnostic in error.report() {
                diagnostic.render(&sources, Colours::Shown);
                diagnostic.to_json(&sources);
            }
        }
    })
    .expect("a thread can be made");
    Corpus::Keep
});

fn evaluate(evaluator: &mut Evaluator<'_>, text: &[u8]) -> eval::Result<()> {
    let value = evaluator.eval_text("fuzz.nix", text, folder())?;
    evaluator.print(&value, Style::Lazy)?;
    evaluator.print(&value, Style::Strict)?;
    // Functions have no JSON but have XML; a failure of one form says nothing about the next.
    let json = evaluator.json(&value);
    evaluator.xml(&value)?;
    if let Value::Attrs(_) | Value::List(_) = value {
        let (json, _) = json?;
        let again = evaluator.parse_json(&json)?;
        evaluator.print(&again, Style::Strict)?;
    }
    Ok(())
}

/// Marsaglia's xorshift: random enough, and the same for the same seed.
struct Random(u64);

impl Random {
    fn new(seed: u32) -> Self {
        Random(u64::from(seed) << 1 | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }
}

/// Expressions that many a function does not expect.
const ODD: &[&str] = &[
    "null",
    "true",
    "0",
    "(-1)",
    "9223372036854775807",
    "(-9223372036854775807 - 1)",
    "1.0e308",
    "(1.0e308 * 10.0)",
    "\"\"",
    "\"é\u{10000}\"",
    "''\n  a\n''",
    "./.",
    "/",
    "[ ]",
    "{ }",
    "[ [ ] { } ]",
    "builtins",
    "(x: x)",
    "(x: y: x)",
    "({ a ? 1, ... }@b: b)",
    "(rec { a = a; })",
    "(let a = [ a ]; in a)",
    "(let a = { b = a; }; in a)",
    "(throw \"x\")",
    "{ __functor = self: x: x; }",
    "{ __toString = self: \"x\"; }",
    "{ type = \"derivation\"; outPath = \"/x\"; }",
    "(builtins.genList (x: x) 100)",
];

/// The places of all expressions of a text.
fn expressions(text: &str) -> Vec<Range<usize>> {
    let root = rnix::Root::parse(text).syntax();
    root.descendants()
        .filter(|node| Expr::can_cast(node.kind()))
        .map(|node| node.text_range().into())
        .collect()
}

/// `text` with an expression of `donor`, or an odd one, in the place of one of its own.
fn splice(text: &[u8], donor: &[u8], seed: u32) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let donor = std::str::from_utf8(donor).ok()?;
    let mut random = Random::new(seed);
    let places = expressions(text);
    let place = places.get(random.below(places.len()))?;
    let new = if random.below(4) == 0 {
        ODD.get(random.below(ODD.len())).copied()?
    } else {
        let given = expressions(donor);
        let given = given.get(random.below(given.len()))?;
        donor.get(given.clone())?
    };
    let (before, after) = (text.get(..place.start)?, text.get(place.end..)?);
    let (open, close) = if random.below(8) == 0 { ("", "") } else { ("(", ")") };
    Some([before, open, new, close, after].concat())
}

fuzz_mutator!(|bytes: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let spliced =
        if seed % 2 == 0 { splice(&bytes[..size], &bytes[..size], seed / 2) } else { None };
    match spliced {
        Some(text) if text.len() <= max_size => {
            bytes[..text.len()].copy_from_slice(text.as_bytes());
            text.len()
        }
        _ => fuzzer_mutate(bytes, size, max_size),
    }
});

fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    match splice(one, other, seed) {
        Some(text) if text.len() <= out.len() => {
            out[..text.len()].copy_from_slice(text.as_bytes());
            text.len()
        }
        _ => 0,
    }
});
