//! The language as Nix has it: `nix-instantiate` on the fixtures and on random expressions.
//!
//! Nix is a tool of these tests like the compiler: where it is missing they fail.

use super::eval::{Outcome, arguments, folder, names, parallel, portable, report, run};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which releases of Nix do with a fixture as bimanix does.
#[derive(Clone, Copy)]
enum Agrees {
    /// That one and those after it.
    Since(u32, u32),
    /// None: bimanix means to differ.
    Never,
    /// The newest do; it is not known since when.
    Newest,
}
use Agrees::{Never, Newest, Since};

/// The values that the installed Nix may give otherwise, and why.
const VALUES: &[(&str, Agrees, &str)] = &[
    ("builtins-break", Since(2, 9), "no builtins.break"),
    ("builtins-convert-hash", Since(2, 19), "no builtins.convertHash"),
    ("builtins-filter-source", Never, "the result is a store path"),
    ("builtins-generic-closure-empty", Since(2, 9), "looks at the operator first"),
    ("builtins-get-env", Never, "has an environment"),
    ("builtins-path", Never, "the result is a store path"),
    ("builtins-read", Since(2, 14), "no builtins.readFileType"),
    ("builtins-replace-strings-lazy", Since(2, 17), "evaluates unused replacements"),
    ("builtins-to-json-float", Since(2, 10), "writes floats with fewer digits"),
    ("builtins-trace", Since(2, 23), "no builtins.traceVerbose and no builtins.warn"),
    ("builtins-trace-colours", Since(2, 23), "no builtins.warn"),
    ("builtins-unsafe-get-attr-pos-inherit", Since(2, 19), "takes the place of `inherit`"),
    ("dynamic-attributes-merge", Since(2, 25), "loses dynamic attributes of merged sets"),
    ("function-file", Never, "calls no function unless there are arguments"),
    ("keywords-printed", Since(2, 11), "quotes no keyword but `if`"),
    ("names-escaped", Since(2, 11), "escapes every `$` of a name"),
    ("pipe", Never, "wants an experimental feature"),
    ("raw", Since(2, 26), "no --raw"),
    ("tail-calls", Never, "has no tail calls"),
];

/// The files that Nix takes although bimanix refuses them, and why bimanix does.
const REFUSALS: &[(&str, Agrees, &str)] = &[
    ("argument-required-by-file", Never, "calls no function unless there are arguments"),
    ("argument-required-by-file-one", Never, "calls no function unless there are arguments"),
    ("builtins-ceil-largest-int", Newest, "gives the smallest integer"),
    ("builtins-current-system", Never, "knows the system it runs on"),
    ("builtins-current-time", Never, "knows the time"),
    ("builtins-floor-int", Newest, "gives the next integer that a double holds"),
    ("builtins-from-json-nul", Newest, "cuts a string at its NUL byte"),
    ("builtins-from-json-nul-key", Newest, "cuts a name at its NUL byte"),
    ("builtins-from-json-too-large", Newest, "wraps integers around"),
    ("builtins-from-toml-nul", Newest, "cuts a string at its NUL byte"),
    ("builtins-gen-list-not-function", Newest, "does not look at the function of an empty list"),
    ("overflow-add", Since(2, 25), "wraps integers around"),
    ("overflow-floor", Newest, "gives any integer"),
    ("overflow-multiply", Since(2, 25), "wraps integers around"),
    ("overflow-negate", Since(2, 25), "wraps integers around"),
    ("overflow-subtract", Since(2, 25), "wraps integers around"),
    ("syntax-nul", Newest, "ends the text at a NUL byte"),
    ("unavailable-derivation", Never, "has a store"),
    ("unavailable-placeholder", Never, "has a store"),
    ("unavailable-store-path", Never, "has a store"),
    ("unavailable-to-file", Never, "has a store"),
];

/// Nix on a text or file, in an environment without a store, settings or home. It has no limits of its own,
/// and some fixtures would take all the memory there is before they are refused.
pub(crate) fn nix(folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v 4194304 && exec nix-instantiate \"$@\"", "sh"])
        .args(["--eval", "--option", "pure-eval", "false"])
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/home/user")
        .env("NIX_REMOTE", "dummy://")
        .env("NIX_CONF_DIR", "/dev/null")
        .env("NIX_PATH", "");
    command
}

/// The release of the installed Nix.
fn version() -> (u32, u32) {
    let outcome = run(Command::new("nix-instantiate").arg("--version"));
    let text = outcome.stdout.trim().rsplit(' ').next().unwrap_or_default();
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

fn nix_on_fixture(folder: &Path, name: &str) -> Outcome {
    let mut command = nix(folder);
    let mut strict = true;
    let mut given = arguments(folder, name).into_iter();
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--lazy" => strict = false,
            "--xml" => drop(command.args(["--xml", "--no-location"])),
            "--system" => {
                command.args(["--option", "system"]).args(given.next());
            }
            _ => drop(command.arg(argument)),
        }
    }
    if strict {
        command.arg("--strict");
    }
    let mut outcome = run(command.arg(format!("{name}.nix")));
    outcome.stdout = portable(&outcome.stdout, folder);
    outcome
}

/// Whether the installed Nix is expected to agree; none when either may be.
fn expected(table: &[(&str, Agrees, &str)], name: &str, version: (u32, u32)) -> Option<bool> {
    match table.iter().find(|entry| entry.0 == name) {
        None => Some(true),
        Some((_, Since(major, minor), _)) => Some(version >= (*major, *minor)),
        Some((_, Never, _)) => Some(false),
        Some((_, Newest, _)) => None,
    }
}

#[test]
fn values_of_the_fixtures() {
    let folder = folder("ok");
    let version = version();
    let problems = parallel(&names(&folder), |name| {
        let outcome = nix_on_fixture(&folder, name);
        let wanted = fs::read_to_string(folder.join(format!("{name}.exp"))).unwrap_or_default();
        let agrees = outcome.code == Some(0) && outcome.stdout.trim_end() == wanted.trim_end();
        match (agrees, expected(VALUES, name, version)) {
            (_, None) | (true, Some(true)) | (false, Some(false)) => None,
            (true, Some(false)) => {
                Some(format!("ok/{name}.nix: Nix agrees, so VALUES need not name it\n"))
            }
            (false, Some(true)) => Some(format!(
                "ok/{name}.nix: Nix says otherwise\n    - {}\n    + {}\n{}",
                wanted.trim_end(),
                outcome.stdout.trim_end(),
                outcome.stderr
            )),
        }
    });
    report(problems.into_iter().flatten());
}

#[test]
fn refusals_of_the_fixtures() {
    let folder = folder("err");
    let version = version();
    let problems = parallel(&names(&folder), |name| {
        let refused = nix_on_fixture(&folder, name).code != Some(0);
        match (refused, expected(REFUSALS, name, version)) {
            (_, None) | (true, Some(true)) | (false, Some(false)) => None,
            (true, Some(false)) => {
                Some(format!("err/{name}.nix: Nix refuses it, so REFUSALS need not name it\n"))
            }
            (false, Some(true)) => Some(format!("err/{name}.nix: Nix accepts it\n")),
        }
    });
    report(problems.into_iter().flatten());
}

#[test]
fn the_tables_name_fixtures() {
    let mut problems = Vec::new();
    for (kind, table) in [("ok", VALUES), ("err", REFUSALS)] {
        let known = names(&folder(kind));
        for (name, _, why) in table {
            if !known.iter().any(|known| known == name) {
                problems.push(format!("{name} ({why}) is no fixture of {kind}/\n"));
            }
        }
    }
    report(problems);
}

/// How many expressions one process evaluates. One that Nix refuses outright ends its whole batch,
/// which is then halved until that one stands alone.
const BATCH: usize = 200;
const BATCHES: u64 = 60;

#[test]
fn random_expressions() {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle");
    fs::create_dir_all(&scratch).expect("the folder can be made");
    let seeds: Vec<u64> = (1..=BATCHES).collect();
    let disagreements = parallel(&seeds, |&seed| {
        let mut generator = Generator::new(seed);
        let expressions: Vec<String> = (0..BATCH).map(|_| generator.expression()).collect();
        let mut found = Vec::new();
        compare(&scratch, seed, &expressions, &mut found);
        found
    });
    report(disagreements.into_iter().flatten().take(20));
}

/// How many texts of random tokens there are. Most are refused, so each has a process of its own.
const TEXTS: u64 = 300;

/// Lists of what is hard to tell apart: numbers, names, dots, slashes, paths and comparisons, without
/// blanks between.
#[test]
fn random_tokens() {
    const PIECES: [&str; 46] = [
        "0",
        "0.",
        "1",
        "1.5",
        ".5",
        "00",
        "9",
        "e",
        "E",
        "e2",
        "e-",
        "x",
        "x-",
        ".",
        "..",
        "...",
        "/",
        "/x",
        "//",
        "./",
        "~/",
        "<",
        "<x",
        ">",
        "<=",
        "+",
        "-",
        "->",
        "*",
        "/*c*/",
        "(x)",
        "\"t\"",
        "''t''",
        "[ 1 ]",
        "{ }",
        "${\"t\"}",
        "/${\"t\"}",
        ":",
        "x:x",
        "_",
        "'",
        "#c\n",
        "#c\r",
        " ",
        "\t",
        "\x0c",
    ];
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle-tokens");
    fs::create_dir_all(&scratch).expect("the folder can be made");
    let seeds: Vec<u64> = (1..=TEXTS).collect();
    let disagreements = parallel(&seeds, |&seed| {
        let mut generator = Generator::new(seed);
        let length = 2 + generator.below(4);
        let text: String = (0..length).map(|_| generator.pick(&PIECES)).collect();
        let names = "e = \"e\"; E = e; e2 = 2; x = 6; _ = 1; x- = 1; e- = 2; xe = 3; ee = 4;";
        let mut found = Vec::new();
        compare(&scratch, seed, &[format!("let {names} in [ {text}\n ]")], &mut found);
        found
    });
    report(disagreements.into_iter().flatten().take(200));
}

/// Compares both on all of the expressions; where that fails, on each half.
fn compare(scratch: &Path, seed: u64, expressions: &[String], found: &mut Vec<String>) {
    let file = batch(scratch, seed, expressions);
    let mut command = Command::new(env!("CARGO_BIN_EXE_bimanix"));
    let ours = run(command.arg("eval").arg(&file).env_clear().env("HOME", "/home/user"));
    let theirs = run(nix(scratch).arg("--strict").arg(&file));
    if ours.code == Some(0) && theirs.code == Some(0) && ours.stdout == theirs.stdout {
        return;
    }
    if let [expression] = expressions {
        if ours.code == Some(1) && theirs.code != Some(0) {
            return;
        }
        found.push(format!(
            "seed {seed}: {expression}\n  bimanix: {}{}\n  Nix:     {}{}",
            ours.stdout, ours.stderr, theirs.stdout, theirs.stderr
        ));
        return;
    }
    let before = found.len();
    let (left, right) = expressions.split_at(expressions.len() / 2);
    compare(scratch, seed, left, found);
    compare(scratch, seed, right, found);
    if found.len() == before && (ours.code == Some(0)) != (theirs.code == Some(0)) {
        found.push(format!("seed {seed}: {} expressions differ only together", expressions.len()));
    }
}

/// A file with all expressions. XML shows everything of a value, and nothing of what is shared in
/// memory, which changed between releases of Nix.
fn batch(scratch: &Path, seed: u64, expressions: &[String]) -> PathBuf {
    let mut text = String::from("[\n");
    for expression in expressions {
        writeln!(text, "(builtins.tryEval (builtins.toXML ({expression})))")
            .expect("a String takes everything");
    }
    text.push_str("]\n");
    let file = scratch.join(format!("{seed}.nix"));
    fs::write(&file, text).expect("the batch can be written");
    file
}

/// What an expression is meant to be.
#[derive(Clone, Copy, PartialEq)]
enum Type {
    Int,
    Float,
    Bool,
    Text,
    Ints,
    Texts,
    /// Has `a`, an integer, `b`, a text, and `c`, a list of integers.
    Set,
}

const TYPES: [Type; 7] =
    [Type::Int, Type::Float, Type::Bool, Type::Text, Type::Ints, Type::Texts, Type::Set];

/// The members of a [`Type::Set`].
const MEMBERS: [(&str, Type); 3] = [("a", Type::Int), ("b", Type::Text), ("c", Type::Ints)];

/// Few, so that they shadow each other; some are also members.
const NAMES: [&str; 8] = ["a", "b", "c", "x", "y", "z", "f'", "n-1"];

/// A name in scope.
struct Variable {
    name: &'static str,
    /// None while its own value is being made, as that would be infinite recursion.
    kind: Option<Type>,
    /// Whether a `with` brings it: then any other binding hides it.
    with: bool,
}

/// Makes expressions that nearly always have the type they are meant to have.
struct Generator {
    state: u64,
    scope: Vec<Variable>,
    /// How many parts the current expression may still have.
    budget: u32,
}

impl Generator {
    fn new(seed: u64) -> Self {
        // Neighbouring seeds shall not begin alike.
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Generator { state, scope: Vec::new(), budget: 0 }
    }

    /// Marsaglia's xorshift with the multiplier of Vigna's xorshift64*.
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("it is below a usize")
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn expression(&mut self) -> String {
        self.budget = 60;
        let kind = self.pick(&TYPES);
        self.make(kind)
    }

    /// An expression of a type, in parentheses unless it needs none.
    fn make(&mut self, kind: Type) -> String {
        self.budget = self.budget.saturating_sub(1);
        if self.one_in(1500) {
            // A type error, which no `tryEval` catches.
            let other = self.pick(&TYPES);
            return self.leaf(other);
        }
        if self.budget == 0 {
            return self.leaf(kind);
        }
        match self.below(12) {
            0..=1 => self.leaf(kind),
            2..=5 => self.general(kind),
            _ => match kind {
                Type::Int => self.int(),
                Type::Float => self.float(),
                Type::Bool => self.boolean(),
                Type::Text => self.text(),
                Type::Ints => self.ints(),
                Type::Texts => self.texts(),
                Type::Set => self.set(),
            },
        }
    }

    /// The names that mean something of this type here.
    fn visible(&self, kind: Type) -> Vec<&'static str> {
        let meaning = |name: &str| {
            let named = || self.scope.iter().rev().filter(|variable| variable.name == name);
            named().find(|variable| !variable.with).or_else(|| named().next())
        };
        let fits = |name: &&str| meaning(name).is_some_and(|variable| variable.kind == Some(kind));
        NAMES.into_iter().filter(fits).collect()
    }

    fn leaf(&mut self, kind: Type) -> String {
        let names = self.visible(kind);
        if !names.is_empty() && !self.one_in(4) {
            return self.pick(&names).to_owned();
        }
        match kind {
            Type::Int => match self.below(3) {
                0 => format!("(-{})", self.below(30)),
                _ => self.below(100).to_string(),
            },
            Type::Float => self.pick(&["0.5", "1.25", "3.0", "(-2.75)", "1.0e3", ".125"]).into(),
            Type::Bool => self.pick(&["true", "false"]).into(),
            Type::Text => self
                .pick(&[
                    r#""""#,
                    r#""a""#,
                    r#""foo bar""#,
                    r#""1.2.3pre4""#,
                    r#""é→\n\t\"\\\${x}$$""#,
                    r#""x/y/z""#,
                    "''\n    in\n      dented\n  ''",
                    r"''a''${b}''\n'''$''",
                    r#""-1""#,
                    r#""foo-2.0""#,
                ])
                .into(),
            Type::Ints => self.pick(&["[ ]", "[ 1 ]", "[ 3 1 2 ]", "[ 5 (-5) 5 0 ]"]).into(),
            Type::Texts => self.pick(&["[ ]", r#"[ "b" "a" ]"#, r#"[ "x" "" "x" "yz" ]"#]).into(),
            Type::Set => {
                let (a, b) = (self.below(9), self.below(9));
                format!(r#"{{ a = {a}; b = "b{b}"; c = [ {b} {a} ]; }}"#)
            }
        }
    }

    /// An operator that means something else inside.
    fn with_own_operator(&mut self, kind: Type) -> String {
        let (name, function, own) = match kind {
            Type::Int => self.pick(&[
                ("__sub", "a: b: b * 2 + a", "-"),
                ("__mul", "a: b: builtins.bitAnd a b", "*"),
                ("__div", "a: _: a", "/"),
                ("__sub", "builtins.add", "-"),
            ]),
            Type::Bool => self.pick(&[
                ("__lessThan", "a: b: b == a", "<"),
                ("__lessThan", "a: b: b == a", ">="),
                ("__lessThan", "a: b: builtins.lessThan b a", "<="),
                ("__lessThan", "a: _: builtins.lessThan a 5", ">"),
            ]),
            _ => return self.leaf(kind),
        };
        let (left, right) = (self.make(Type::Int), self.make(Type::Int));
        let body = format!("({left} {own} {right})");
        match self.below(6) {
            0 => format!("(rec {{ {name} = {function}; v = {body}; }}).v"),
            1 => format!("(({name}: {body}) ({function}))"),
            2 => format!("(({{ {name} ? {function} }}: {body}) {{ }})"),
            // Neither of these means anything to the operator.
            3 => format!("(with {{ {name} = null; }}; {body})"),
            4 => format!("{{ {name} = null; v = {body}; }}.v"),
            _ => format!("(let {name} = {function}; in {body})"),
        }
    }

    /// The forms that make a value of any type.
    fn general(&mut self, kind: Type) -> String {
        match self.below(13) {
            0 => {
                let condition = self.make(Type::Bool);
                let (yes, no) = (self.make(kind), self.make(kind));
                format!("(if {condition} then {yes} else {no})")
            }
            1 | 2 => {
                let depth = self.scope.len();
                let (bindings, _) = self.bindings();
                let body = self.make(kind);
                self.scope.truncate(depth);
                format!("(let {bindings} in {body})")
            }
            3 => {
                let scope = self.make(Type::Set);
                let depth = self.scope.len();
                for (name, kind) in MEMBERS {
                    self.scope.push(Variable { name, kind: Some(kind), with: true });
                }
                let body = self.make(kind);
                self.scope.truncate(depth);
                format!("(with {scope}; {body})")
            }
            4 => {
                let given = self.pick(&TYPES);
                let argument = self.make(given);
                let (name, body) = self.lambda(given, kind);
                match self.below(4) {
                    0 => format!("({{ __functor = self: {name}: {body}; }} {argument})"),
                    1 => format!("(let fun = {name}: {body}; in fun {argument})"),
                    _ => format!("(({name}: {body}) {argument})"),
                }
            }
            5 => self.call_with_set(kind),
            6 => {
                let member = MEMBERS.iter().find(|member| member.1 == kind);
                let Some((name, _)) = member else { return self.leaf(kind) };
                let set = self.make(Type::Set);
                match self.below(4) {
                    0 => format!("{set}.{name}"),
                    1 => format!("{set}.${{\"{name}\"}}"),
                    2 => format!("(builtins.getAttr \"{name}\" {set})"),
                    _ => {
                        let default = self.make(kind);
                        let path = self.pick(&["missing", "a.deeper", "b.x.y"]);
                        format!("({set}.{path} or {default})")
                    }
                }
            }
            7 => {
                let condition = self.make(Type::Bool);
                let body = self.make(kind);
                format!("(assert {condition}; {body})")
            }
            12 => self.with_own_operator(kind),
            8 => {
                let forced = self.pick(&TYPES);
                let first = self.make(forced);
                let how = self.pick(&["seq", "deepSeq"]);
                let value = self.make(kind);
                format!("(builtins.{how} {first} {value})")
            }
            9 => {
                let risky = if self.one_in(2) { "(throw \"t\")".into() } else { self.make(kind) };
                let fallback = self.make(kind);
                format!(
                    "(let t = builtins.tryEval {risky}; in if t.success then t.value else {fallback})"
                )
            }
            10 if self.one_in(6) => "(throw \"thrown\")".into(),
            10 => {
                let (first, rest) = (self.make(kind), self.make(kind));
                match self.below(3) {
                    0 => format!("(builtins.head [ {first} {rest} ])"),
                    1 => format!("(builtins.elemAt [ {first} {rest} ] 1)"),
                    _ => format!("(builtins.head (builtins.tail [ {first} {rest} ]))"),
                }
            }
            _ => {
                let start = self.make(kind);
                let list = self.make(Type::Ints);
                let depth = self.scope.len();
                let name = self.bind(kind);
                let item = self.bind(Type::Int);
                let body = self.make(kind);
                self.scope.truncate(depth);
                format!("(builtins.foldl' ({name}: {item}: {body}) {start} {list})")
            }
        }
    }

    /// A fresh variable of a type; it may hide others.
    fn bind(&mut self, kind: Type) -> &'static str {
        let name = self.pick(&NAMES);
        self.scope.push(Variable { name, kind: Some(kind), with: false });
        name
    }

    /// The argument and body of a function. A name given twice would mean the inner one.
    fn lambda(&mut self, given: Type, result: Type) -> (&'static str, String) {
        let depth = self.scope.len();
        let name = self.bind(given);
        let body = self.make(result);
        self.scope.truncate(depth);
        (name, body)
    }

    /// Bindings whose values only look at earlier ones, in another order; they stay in scope.
    fn bindings(&mut self) -> (String, Vec<(&'static str, Type)>) {
        let mut wanted: Vec<(&'static str, Type)> = Vec::new();
        for _ in 0..=self.below(3) {
            let name = self.pick(&NAMES);
            if wanted.iter().all(|(known, _)| *known != name) {
                let kind = self.pick(&TYPES);
                wanted.push((name, kind));
            }
        }
        (self.values(&wanted), wanted)
    }

    /// The text of bindings for these names, which come into scope.
    fn values(&mut self, wanted: &[(&'static str, Type)]) -> String {
        let first = self.scope.len();
        for (name, _) in wanted {
            self.scope.push(Variable { name, kind: None, with: false });
        }
        let mut texts = Vec::new();
        for (index, &(name, kind)) in wanted.iter().enumerate() {
            let value = self.make(kind);
            let member = MEMBERS.contains(&(name, kind));
            texts.push(if member && self.one_in(3) {
                let source = self.make(Type::Set);
                format!("inherit ({source}) {name};")
            } else {
                format!("{name} = {value};")
            });
            self.scope[first + index].kind = Some(kind);
        }
        self.shuffle(&mut texts);
        texts.join(" ")
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            let other = self.below(index + 1);
            items.swap(index, other);
        }
    }

    /// A function of a set, called.
    fn call_with_set(&mut self, kind: Type) -> String {
        let (given, default) = (self.pick(&TYPES), self.pick(&TYPES));
        let argument = self.make(given);
        let passed = if self.one_in(2) { Some(self.make(default)) } else { None };
        let depth = self.scope.len();
        self.scope.push(Variable { name: "x", kind: Some(given), with: false });
        self.scope.push(Variable { name: "y", kind: None, with: false });
        self.scope.push(Variable { name: "z", kind: None, with: false });
        let value = self.make(default);
        self.scope[depth + 1].kind = Some(default);
        let body = self.make(kind);
        self.scope.truncate(depth);
        let passed = passed.map(|value| format!("y = {value}; ")).unwrap_or_default();
        match self.below(3) {
            0 => format!("(({{ x, y ? {value} }}@z: {body}) {{ x = {argument}; {passed}}})"),
            1 => format!(
                "((z@{{ x, y ? {value}, ... }}: {body}) {{ x = {argument}; {passed}w = 1; }})"
            ),
            _ => {
                format!(
                    "(let z = 0; in ({{ x, y ? {value} }}: {body}) {{ {passed}x = {argument}; }})"
                )
            }
        }
    }

    fn int(&mut self) -> String {
        match self.below(15) {
            0 | 1 => {
                let (a, b) = (self.make(Type::Int), self.make(Type::Int));
                let operator = self.pick(&["+", "-"]);
                format!("({a} {operator} {b})")
            }
            // Small factors: overflow wraps in older releases and is an error in newer ones.
            2 => format!("({} * {})", self.make(Type::Int), self.below(4)),
            3 => format!("({} / {})", self.make(Type::Int), self.pick(&["2", "(-3)", "7", "1"])),
            4 => format!("(-{})", self.make(Type::Int)),
            5 => format!("(builtins.length {})", self.make(Type::Ints)),
            6 => format!("(builtins.stringLength {})", self.make(Type::Text)),
            7 => format!("(builtins.foldl' builtins.add 0 {})", self.make(Type::Ints)),
            8 => {
                let how = self.pick(&["bitAnd", "bitOr", "bitXor", "sub", "add"]);
                format!("(builtins.{how} {} {})", self.make(Type::Int), self.make(Type::Int))
            }
            9 => format!("(builtins.{} {})", self.pick(&["floor", "ceil"]), self.make(Type::Float)),
            10 => format!(
                "(builtins.compareVersions {} {})",
                self.make(Type::Text),
                self.make(Type::Text)
            ),
            11 => format!("(builtins.length (builtins.attrNames {}))", self.make(Type::Set)),
            12 => format!("(builtins.fromJSON (builtins.toJSON {}))", self.make(Type::Int)),
            13 => format!("{}.d.e", self.nested_set()),
            _ => format!("(builtins.length (builtins.split \"[a-c]\" {}))", self.make(Type::Text)),
        }
    }

    /// A set with `d.e`, an integer, written in one of the ways that merge.
    fn nested_set(&mut self) -> String {
        let (a, b) = (self.make(Type::Int), self.make(Type::Int));
        match self.below(4) {
            0 => format!("{{ d.e = {a}; d.f = {b}; }}"),
            1 => format!("{{ d = {{ e = {a}; }}; d.f = {b}; }}"),
            2 => format!("{{ d = rec {{ e = g; g = {a}; }}; d.f = {b}; }}"),
            _ => format!("{{ d.${{\"e\"}} = {a}; \"d\".g.h = {b}; }}"),
        }
    }

    fn float(&mut self) -> String {
        match self.below(4) {
            0 => format!("({} + {})", self.make(Type::Float), self.make(Type::Float)),
            1 => format!("({} * {})", self.make(Type::Int), self.leaf(Type::Float)),
            2 => format!("({} / 4.0)", self.make(Type::Int)),
            _ => format!("({} - {})", self.make(Type::Float), self.make(Type::Int)),
        }
    }

    fn boolean(&mut self) -> String {
        match self.below(14) {
            0 => format!("(!{})", self.make(Type::Bool)),
            1 | 2 => {
                let operator = self.pick(&["&&", "||", "->"]);
                format!("({} {operator} {})", self.make(Type::Bool), self.make(Type::Bool))
            }
            3 | 4 => {
                let kind =
                    self.pick(&[Type::Int, Type::Float, Type::Text, Type::Ints, Type::Texts]);
                let operator = self.pick(&["<", "<=", ">", ">="]);
                format!("({} {operator} {})", self.make(kind), self.make(kind))
            }
            5 | 6 => {
                let kind = self.pick(&TYPES);
                let other = if self.one_in(5) { self.pick(&TYPES) } else { kind };
                let operator = self.pick(&["==", "!="]);
                format!("({} {operator} {})", self.make(kind), self.make(other))
            }
            7 => {
                let path = self.pick(&["a", "missing", "a.b", "\"c\"", "${\"b\"}"]);
                format!("({} ? {path})", self.make(Type::Set))
            }
            8 => format!("(builtins.elem {} {})", self.make(Type::Int), self.make(Type::Ints)),
            9 => {
                let (name, body) = self.lambda(Type::Int, Type::Bool);
                let how = self.pick(&["all", "any"]);
                format!("(builtins.{how} ({name}: {body}) {})", self.make(Type::Ints))
            }
            10 => {
                let kind = self.pick(&TYPES);
                let how =
                    self.pick(&["isInt", "isString", "isList", "isAttrs", "isFloat", "isBool"]);
                format!("(builtins.{how} {})", self.make(kind))
            }
            11 => {
                let pattern =
                    self.pick(&[".*", "[a-z]+", "(a|ab)(.*)", "[[:space:]]*x?.{0,3}", "a{2}"]);
                format!("(builtins.match \"{pattern}\" {} == null)", self.make(Type::Text))
            }
            12 => format!("(builtins.hasAttr {} {})", self.make(Type::Text), self.make(Type::Set)),
            _ => format!("(builtins.lessThan {} {})", self.make(Type::Int), self.make(Type::Int)),
        }
    }

    fn text(&mut self) -> String {
        match self.below(16) {
            0 | 1 => format!("({} + {})", self.make(Type::Text), self.make(Type::Text)),
            2 => format!("\"<${{{}}}-${{{}}}>\"", self.make(Type::Text), self.make(Type::Text)),
            3 => {
                let (a, b) = (self.make(Type::Text), self.make(Type::Text));
                format!("''\n    first ${{{a}}}\n      second\n  ${{{b}}}''")
            }
            4 => {
                let kind =
                    self.pick(&[Type::Int, Type::Float, Type::Bool, Type::Ints, Type::Texts]);
                format!("(toString {})", self.make(kind))
            }
            5 => {
                let length = self.pick(&["0", "1", "3", "100", "(-1)"]);
                format!("(builtins.substring {} {length} {})", self.below(6), self.make(Type::Text))
            }
            6 => {
                let rules = self.pick(&[
                    r#"[ "a" ] [ "bb" ]"#,
                    r#"[ "" ] [ "." ]"#,
                    r#"[ "o" "oo" "\n" ] [ "0" "8" "" ]"#,
                    r#"[ "x" "" ] [ "y" "-" ]"#,
                ]);
                format!("(builtins.replaceStrings {rules} {})", self.make(Type::Text))
            }
            7 => {
                let separator = self.make(Type::Text);
                format!("(builtins.concatStringsSep {separator} {})", self.make(Type::Texts))
            }
            8 => {
                // Neither floats, whose digits differ between releases, nor texts that may have been
                // cut inside of a character, which newer releases refuse.
                let kind = self.pick(&[Type::Int, Type::Bool, Type::Ints]);
                let (text, value) = (self.leaf(Type::Bool), self.make(kind));
                format!(
                    "(builtins.toJSON {{ \"é\\n\" = {value}; t = \"${{toString {text}}}\\\"\"; }})"
                )
            }
            9 => {
                let kind = self.pick(&TYPES);
                format!("(builtins.typeOf {})", self.make(kind))
            }
            10 => format!("(builtins.hashString \"sha1\" {})", self.make(Type::Text)),
            11 => format!("({} {})", self.pick(&["baseNameOf", "dirOf"]), self.make(Type::Text)),
            12 => {
                let part = self.pick(&["name", "version"]);
                format!("(builtins.parseDrvName {}).{part}", self.make(Type::Text))
            }
            13 => format!("(toString {{ outPath = {}; }})", self.make(Type::Text)),
            14 => {
                format!("\"${{{{ __toString = self: self.v; v = {}; }}}}\"", self.make(Type::Text))
            }
            _ => {
                let kind = self.pick(&TYPES);
                format!("(builtins.toXML {})", self.make(kind))
            }
        }
    }

    fn ints(&mut self) -> String {
        match self.below(14) {
            0 => format!("[ {} {} ]", self.make(Type::Int), self.make(Type::Int)),
            1 => format!("({} ++ {})", self.make(Type::Ints), self.make(Type::Ints)),
            2 | 3 => {
                let (name, body) = self.lambda(Type::Int, Type::Int);
                format!("(map ({name}: {body}) {})", self.make(Type::Ints))
            }
            4 => {
                let (name, body) = self.lambda(Type::Int, Type::Bool);
                format!("(builtins.filter ({name}: {body}) {})", self.make(Type::Ints))
            }
            5 => {
                let (name, body) = self.lambda(Type::Int, Type::Int);
                format!("(builtins.genList ({name}: {body}) {})", self.below(5))
            }
            6 => {
                let order = self.pick(&["builtins.lessThan", "(p: q: p < q)", "(p: q: q < p)"]);
                format!("(builtins.sort {order} {})", self.make(Type::Ints))
            }
            7 => format!("(builtins.tail ([ 0 ] ++ {}))", self.make(Type::Ints)),
            8 => {
                let (name, body) = self.lambda(Type::Int, Type::Ints);
                format!("(builtins.concatMap ({name}: {body}) {})", self.make(Type::Ints))
            }
            9 => {
                let side = self.pick(&["right", "wrong"]);
                let (name, body) = self.lambda(Type::Int, Type::Bool);
                format!("(builtins.partition ({name}: {body}) {}).{side}", self.make(Type::Ints))
            }
            10 => {
                let (a, b) = (self.make(Type::Set), self.make(Type::Set));
                format!("(builtins.catAttrs \"a\" [ {a} {b} ])")
            }
            11 => format!(
                "(builtins.concatLists [ {} {} ])",
                self.make(Type::Ints),
                self.make(Type::Ints)
            ),
            12 => {
                let key = self.pick(&["k", "k - k / 3 * 3"]);
                let list = self.make(Type::Ints);
                format!(
                    "(map (e: e.key) (builtins.genericClosure {{ startSet = map (k: {{ key = {key}; }}) {list}; \
                     operator = e: if e.key > 0 && e.key < 40 then [ {{ key = e.key / 2; }} ] else [ ]; }}))"
                )
            }
            _ => {
                let list = self.make(Type::Ints);
                format!(
                    "(map builtins.length (builtins.attrValues (builtins.groupBy (g: toString (g / 4)) {list})))"
                )
            }
        }
    }

    fn texts(&mut self) -> String {
        match self.below(8) {
            0 => format!("[ {} {} ]", self.make(Type::Text), self.make(Type::Text)),
            1 => format!("({} ++ {})", self.make(Type::Texts), self.make(Type::Texts)),
            2 => format!("(map toString {})", self.make(Type::Ints)),
            3 => format!("(builtins.attrNames {})", self.make(Type::Set)),
            4 => {
                let pattern = self.pick(&["[ /.-]", "(o)|x", "a*", "[[:digit:]]+", "b?c|^f"]);
                format!(
                    "(builtins.filter builtins.isString (builtins.split \"{pattern}\" {}))",
                    self.make(Type::Text)
                )
            }
            5 => format!("(builtins.splitVersion {})", self.make(Type::Text)),
            6 => format!("(builtins.sort builtins.lessThan {})", self.make(Type::Texts)),
            _ => {
                let (name, body) = self.lambda(Type::Text, Type::Text);
                format!("(map ({name}: {body}) {})", self.make(Type::Texts))
            }
        }
    }

    fn set(&mut self) -> String {
        match self.below(12) {
            0 | 1 => {
                let mut members = Vec::new();
                for (name, kind) in MEMBERS {
                    let value = self.make(kind);
                    let written = match self.below(4) {
                        0 => format!("${{\"{name}\"}}"),
                        1 => format!("\"{name}\""),
                        _ => name.to_owned(),
                    };
                    members.push(format!("{written} = {value};"));
                }
                if self.one_in(3) {
                    let kind = self.pick(&TYPES);
                    members.push(format!(
                        "\"{}\" = {};",
                        self.pick(&["m 1", "if", "z", "é"]),
                        self.make(kind)
                    ));
                }
                self.shuffle(&mut members);
                format!("{{ {} }}", members.join(" "))
            }
            2 | 3 => {
                let depth = self.scope.len();
                let mut order = MEMBERS;
                self.shuffle(&mut order);
                let members = self.values(&order);
                self.scope.truncate(depth);
                format!("(rec {{ {members} }})")
            }
            4 => {
                let depth = self.scope.len();
                let bindings = self.values(&MEMBERS);
                self.scope.truncate(depth);
                format!("(let {bindings} in {{ inherit a b c; }})")
            }
            5 => {
                let source = self.make(Type::Set);
                format!("{{ inherit ({source}) a c; b = {}; }}", self.make(Type::Text))
            }
            6 | 7 => {
                let (name, kind) = self.pick(&MEMBERS);
                format!("({} // {{ {name} = {}; }})", self.make(Type::Set), self.make(kind))
            }
            8 => format!("(builtins.mapAttrs (k: v: v) {})", self.make(Type::Set)),
            9 => format!("(removeAttrs {} [ \"missing\" \"z\" ])", self.make(Type::Set)),
            10 => format!(
                "(builtins.intersectAttrs {} {})",
                self.make(Type::Set),
                self.make(Type::Set)
            ),
            _ => {
                let (a, b) = (self.make(Type::Int), self.make(Type::Text));
                let c = self.make(Type::Ints);
                format!(
                    "(builtins.listToAttrs [ {{ name = \"a\"; value = {a}; }} {{ name = \"b\"; value = {b}; }} \
                     {{ name = \"c\"; value = {c}; }} {{ name = \"a\"; value = 0; }} ])"
                )
            }
        }
    }
}
