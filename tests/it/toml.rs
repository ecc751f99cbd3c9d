//! `builtins.fromTOML` row by row: TOML 1.0 without extensions, as Nix has it.

use super::eval::{Outcome, parallel, report, run};
use super::oracle;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What comes of a text.
#[derive(Clone, Copy)]
enum Row {
    /// This value, printed.
    Is(&'static str),
    /// A refusal that says this.
    Not(&'static str),
    /// The same, though releases of Nix with an older reader take the text.
    Newest(&'static str),
}
use Row::{Is, Newest, Not};

const LINE: &str = "an inline table of TOML 1.0 is on one line at line 1 column";
const COMMA: &str = "no comma ends an inline table of TOML 1.0 at line 1 column";
const ESCAPE: &str = "TOML 1.0 has no escapes `\\e` and `\\x` at line";

const ROWS: &[(&str, Row)] = &[
    // What 1.1 has added, and what is like it and in 1.0.
    ("a = {b = 1,}", Not(COMMA)),
    ("a = {b = 1 , }", Not(COMMA)),
    ("a = [{b = 1,}]", Not(COMMA)),
    ("a = {b = {c = 1,}}", Not(COMMA)),
    ("a = {b = {c = 1},}", Not(COMMA)),
    ("a = {b = [1,],}", Not(COMMA)),
    ("a = {,}", Not("extra comma")),
    ("a = {b = 1,,c = 2}", Not("extra comma")),
    ("a = [1,]", Is("{ a = [ 1 ]; }")),
    ("a = {b = [1,]}", Is("{ a = { b = [ 1 ]; }; }")),
    ("a = [{b = 1}, {},]", Is("{ a = [ { b = 1; } { } ]; }")),
    ("a = {\nb = 1}", Not(LINE)),
    ("a = {b = 1\n}", Not(LINE)),
    ("a = {b = 1,\nc = 2}", Not(LINE)),
    ("a = {\r\n}", Not(LINE)),
    ("a = { # c\n}", Not(LINE)),
    ("a = {b = 1 # c\n}", Not(LINE)),
    ("a = {b = [{c = 1\n}]}", Not(LINE)),
    ("a = [\n{b =\n1}]", Not("an inline table of TOML 1.0 is on one line at line 2 column 5")),
    ("a = {b = [1,\n2 # c\n]}", Is("{ a = { b = [ 1 2 ]; }; }")),
    ("a = {b = [\n{c = 1},\n]}", Is("{ a = { b = [ { c = 1; } ]; }; }")),
    ("a = [ # c\n  1, # d\n]", Is("{ a = [ 1 ]; }")),
    ("a = {b = \"\"\"\nx\ny\"\"\"}", Is("{ a = { b = \"x\\ny\"; }; }")),
    ("a = {\t}", Is("{ a = { }; }")),
    ("a = \"\\e\"", Not(ESCAPE)),
    ("a = \"\\x41\"", Not(ESCAPE)),
    ("a = \"b\\\\\\e\"", Not(ESCAPE)),
    ("a = \"\"\"\n\\e\"\"\"", Not("`\\x` at line 2 column 1")),
    ("a = \"\"\"\\x41\"\"\"", Not(ESCAPE)),
    ("\"\\e\" = 1", Not(ESCAPE)),
    ("a.\"\\x41\" = 1", Not(ESCAPE)),
    ("[\"\\x41\"]", Not(ESCAPE)),
    ("[[a.\"\\e\"]]", Not(ESCAPE)),
    ("a = {\"\\e\" = 1}", Not(ESCAPE)),
    ("a = [\"\\e\"]", Not(ESCAPE)),
    ("a = '\\e\\x41'", Is("{ a = \"\\\\e\\\\x41\"; }")),
    ("a = '''\\e'''", Is("{ a = \"\\\\e\"; }")),
    ("'\\e' = 1", Is("{ \"\\\\e\" = 1; }")),
    ("a = \"\\\\e\\\\x41\"", Is("{ a = \"\\\\e\\\\x41\"; }")),
    ("a = 1 # \"\\e\"", Is("{ a = 1; }")),
    ("a = \"\\E\"", Not("invalid")),
    ("a = \"\\X41\"", Not("invalid")),
    ("a = \"\\/\"", Not("invalid")),
    ("a = \"\\u0041\\U00000042\\b\\f\\\"\\\\\"", Is("{ a = \"AB\u{8}\u{c}\\\"\\\\\"; }")),
    ("a = \"\\ud800\"", Not("invalid")),
    ("a = \"\\u12\"", Not("invalid")),
    ("a = 07:32", Not("dates and times have no value in Nix")),
    ("a = 1979-05-27T07:32", Not("dates and times have no value in Nix")),
    ("a = 1979-05-27T07:32Z", Not("dates and times have no value in Nix")),
    ("a = 07:32:00", Not("dates and times have no value in Nix")),
    ("a = 1979-05-27", Not("dates and times have no value in Nix")),
    ("a = [1979-05-27 07:32:00Z]", Not("dates and times have no value in Nix")),
    ("é = 1", Not("line 1 column 1")),
    ("a.é = 1", Not("line 1 column 3")),
    ("[é]", Not("line 1 column 2")),
    ("a = {é = 1}", Not("line 1 column")),
    ("\"é\" = 'é'", Is("{ \"é\" = \"é\"; }")),
    ("-1.0_ = 1", Is("{ \"-1\" = { \"0_\" = 1; }; }")),
    // Numbers.
    ("a = [+1, -0, 0, 1_000, 0xFF_ff, 0o17, 0b1_0]", Is("{ a = [ 1 0 0 1000 65535 15 2 ]; }")),
    ("a = 01", Not("line 1 column")),
    ("a = 1__0", Not("line 1 column")),
    ("a = _1", Not("line 1 column")),
    ("a = 1_", Not("line 1 column")),
    ("a = +0x1", Not("line 1 column")),
    ("a = 0X1", Not("line 1 column")),
    ("a = -9223372036854775808", Is("{ a = -9223372036854775808; }")),
    ("a = 9223372036854775808", Newest("9223372036854775808 does not fit 64 bits")),
    ("a = 0xffffffffffffffff", Newest("does not fit 64 bits")),
    ("a = [1.5, 1e3, 1E+3, -1_0.0_1, 0e0]", Is("{ a = [ 1.5 1000 1000 -10.01 0 ]; }")),
    ("a = [inf, +inf, -inf]", Is("{ a = [ inf inf -inf ]; }")),
    ("a = nan", Is("{ a = nan; }")),
    ("a = 1.", Not("line 1 column")),
    ("a = .5", Not("line 1 column")),
    ("a = 1.e5", Not("line 1 column")),
    ("a = 1_.0", Not("line 1 column")),
    ("a = 1e_5", Not("line 1 column")),
    ("a = Inf", Not("line 1 column")),
    ("a = 1e400", Newest("1e400 does not fit a double")),
    ("a = [-1_0e400]", Newest("-10e400 does not fit a double")),
    ("a = 1e-400", Is("{ a = 0; }")),
    // Tables.
    ("a.b.c = 1\na.b.d = 2", Is("{ a = { b = { c = 1; d = 2; }; }; }")),
    ("[a.b]\n[a]\nc = 1", Is("{ a = { b = { }; c = 1; }; }")),
    ("[[a]]\n[a.b]\nc = 1\n[[a]]", Is("{ a = [ { b = { c = 1; }; } { } ]; }")),
    ("[ \"a\" . b ]\nc = 1", Is("{ a = { b = { c = 1; }; }; }")),
    ("a = 1\na = 2", Not("duplicate key")),
    ("[a]\n[a]", Not("duplicate key")),
    ("a.b = 1\n[a]", Newest("duplicate key")),
    ("[a]\nb.c = 1\n[a.b]", Newest("duplicate key")),
    ("a = {b = 1}\na.c = 1", Not("line 2")),
    ("a = {b = {c = 1}, b.d = 2}", Not("line 1")),
    ("a = [{}]\n[[a]]", Not("line 2")),
    ("[[a]]\n[a]", Not("duplicate key")),
    ("[[a] ]", Not("line 1")),
    ("a = 1 b = 2", Not("line 1")),
    ("a..b = 1", Not("line 1")),
    ("\"\"\"a\"\"\" = 1", Not("line 1")),
    // Blanks and control characters.
    ("", Is("{ }")),
    ("# no line end", Is("{ }")),
    ("\t a\t= 1\t\r\n\r\n", Is("{ a = 1; }")),
    ("a = 1\rb = 2", Not("line 1")),
    ("# \u{1}", Not("line 1")),
    ("# \u{7f}", Not("line 1")),
    ("a = \"\u{1}\"", Not("line 1")),
    ("a = \"\t\"", Is("{ a = \"\\t\"; }")),
    ("a = 1\u{c}", Not("line 1")),
    ("\u{a0}a = 1", Not("line 1")),
    ("\u{feff}a = 1", Is("{ a = 1; }")),
    ("a = \"\"\"\r\nx\\\r\n  y\"\"\"", Is("{ a = \"xy\"; }")),
];

#[test]
fn every_row() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("toml");
    fs::create_dir_all(&folder).expect("the folder can be made");
    let rows: Vec<(usize, &(&str, Row))> = ROWS.iter().enumerate().collect();
    let problems = parallel(&rows, |&(index, (text, row))| {
        let file = folder.join(format!("{index}.toml"));
        fs::write(&file, text).expect("the text can be written");
        let expression = format!("builtins.fromTOML (builtins.readFile {})", file.display());
        let mut command = Command::new(env!("CARGO_BIN_EXE_bimanix"));
        let ours = run(command.args(["eval", "-E", &expression]).env_clear());
        let theirs = run(oracle::nix(&folder).args(["--strict", "-E", &expression]));
        let is = |outcome: &Outcome, value: &str| {
            outcome.code == Some(0) && outcome.stdout.trim_end() == value
        };
        let (here, there) = match row {
            Is(value) => (is(&ours, value), is(&theirs, value)),
            Not(words) => {
                (ours.code == Some(1) && ours.stderr.contains(words), theirs.code != Some(0))
            }
            Newest(words) => (ours.code == Some(1) && ours.stderr.contains(words), true),
        };
        let said = |who: &str, outcome: &Outcome| {
            Some(format!("{text:?}: {who} says {}{}", outcome.stdout, outcome.stderr))
        };
        match (here, there) {
            (false, _) => said("bimanix", &ours),
            (true, false) => said("Nix", &theirs),
            (true, true) => None,
        }
    });
    report(problems.into_iter().flatten());
}

/// Bytes that are not UTF-8 are no TOML, wherever they are.
#[test]
fn bytes_are_refused() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("toml-bytes");
    fs::create_dir_all(&folder).expect("the folder can be made");
    let texts: [&[u8]; 5] =
        [b"a = \"\xff\"", b"# \xff", b"\"\xff\" = 1", b"a = '\xc3'", b"a = \xff"];
    for (index, text) in texts.into_iter().enumerate() {
        let file = folder.join(format!("{index}.toml"));
        fs::write(&file, text).expect("the text can be written");
        let expression = format!("builtins.fromTOML (builtins.readFile {})", file.display());
        let mut command = Command::new(env!("CARGO_BIN_EXE_bimanix"));
        let ours = run(command.args(["eval", "-E", &expression]).env_clear());
        assert_eq!(ours.code, Some(1), "{text:?}: {}", ours.stdout);
        assert!(ours.stderr.contains("the text is not UTF-8"), "{text:?}: {}", ours.stderr);
    }
}
