//! The language by example: every file of `tests/eval` through `bimanix eval`.
//!
//! `ok/NAME.nix` prints `NAME.exp`, and `NAME.stderr` where it says something besides; `err/NAME.nix`
//! is refused with `NAME.stderr`. `NAME.args` holds further arguments. `UPDATE=1` rewrites what is
//! expected.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long one file may take. Far more than any needs: what hangs shall fail, not what is slow today.
const LIMIT: Duration = Duration::from_secs(60);

/// What a process did.
pub(crate) struct Outcome {
    /// Its exit code; none when a signal or [`LIMIT`] ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The folder of the fixtures of one kind.
pub(crate) fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eval").join(kind)
}

/// The names of the fixtures in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = files(folder)
        .into_iter()
        .filter_map(|file| file.strip_suffix(".nix").map(str::to_owned))
        .collect();
    names.sort();
    names
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the fixtures are there");
    entries
        .map(|entry| entry.expect("the folder can be read"))
        .filter(|entry| entry.file_type().expect("the file is there").is_file())
        .map(|entry| entry.file_name().into_string().expect("fixtures have plain names"))
        .collect()
}

/// The further arguments of a fixture.
pub(crate) fn arguments(folder: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.join(format!("{name}.args"))).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

/// Runs a command to its end, or to the end of [`LIMIT`].
pub(crate) fn run(command: &mut Command) -> Outcome {
    let program = command.get_program().to_os_string();
    #[allow(clippy::zombie_processes, reason = "a panic in between ends the test run")]
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", program.display()));
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut stderr = child.stderr.take().expect("it is piped");
    let errors = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stderr.read_to_end(&mut bytes).expect("the pipe can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let output = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).expect("the pipe can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let begun = Instant::now();
    let code = loop {
        if output.is_finished() && errors.is_finished() {
            break child.wait().expect("the child is ours").code();
        }
        if begun.elapsed() > LIMIT {
            child.kill().expect("the child is ours");
            child.wait().expect("the child is ours");
            break None;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    Outcome {
        code,
        stdout: output.join().expect("reading does not panic"),
        stderr: errors.join().expect("reading does not panic"),
    }
}

/// Runs `bimanix eval` on a fixture, in an environment where only `~` has a meaning.
fn evaluate(folder: &Path, name: &str) -> Outcome {
    let mut outcome = run(Command::new(env!("CARGO_BIN_EXE_bimanix"))
        .arg("eval")
        .args(arguments(folder, name))
        .arg(format!("{name}.nix"))
        .current_dir(folder)
        .env_clear()
        .env("HOME", "/home/user"));
    outcome.stdout = portable(&outcome.stdout, folder);
    outcome.stderr = portable(&outcome.stderr, folder);
    outcome
}

/// Paths are absolute in Nix; expectations name the folder instead.
pub(crate) fn portable(text: &str, folder: &Path) -> String {
    text.replace(folder.to_str().expect("the project has a plain path"), "$PWD")
}

/// Does `work` for each item on as many threads as there are cores, and gives the results in order.
pub(crate) fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    results.lock().expect("no thread panics").push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no thread panics");
    results.sort_by_key(|&(index, _)| index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The lines of both texts, those of only one marked.
fn difference(expected: &str, actual: &str) -> String {
    let expected: Vec<&str> = expected.split('\n').collect();
    let actual: Vec<&str> = actual.split('\n').collect();
    // The longest common subsequence; fixtures are small.
    let mut lengths = vec![vec![0_u32; actual.len() + 1]; expected.len() + 1];
    for i in (0..expected.len()).rev() {
        for j in (0..actual.len()).rev() {
            lengths[i][j] = if expected[i] == actual[j] {
                lengths[i + 1][j + 1] + 1
            } else {
                lengths[i + 1][j].max(lengths[i][j + 1])
            };
        }
    }
    let mut out = String::new();
    let (mut i, mut j) = (0, 0);
    while i < expected.len() || j < actual.len() {
        let (mark, line) = if i < expected.len() && j < actual.len() && expected[i] == actual[j] {
            i += 1;
            j += 1;
            (' ', expected[i - 1])
        } else if j == actual.len()
            || (i < expected.len() && lengths[i + 1][j] >= lengths[i][j + 1])
        {
            i += 1;
            ('-', expected[i - 1])
        } else {
            j += 1;
            ('+', actual[j - 1])
        };
        writeln!(out, "    {mark} {line}").expect("a String takes everything");
    }
    out
}

/// Whether a line of a message says where, not what.
fn is_place(line: &str) -> bool {
    line.starts_with(" -->") || line.contains(" |") || line.starts_with("  = while")
}

/// One thing that is not as expected.
fn problem(kind: &str, name: &str, what: &str) -> String {
    format!("{kind}/{name}.nix: {what}\n")
}

/// Compares a text with a file; an empty text and no file are the same.
fn compare(folder: &Path, kind: &str, name: &str, extension: &str, actual: &str) -> Option<String> {
    let file = folder.join(format!("{name}.{extension}"));
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        if actual.is_empty() {
            fs::remove_file(&file).unwrap_or_default();
        } else {
            fs::write(&file, actual).expect("the expectation can be written");
        }
        return None;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    (expected != actual).then(|| {
        let what = format!("not what {name}.{extension} says\n{}", difference(&expected, actual));
        problem(kind, name, what.trim_end())
    })
}

/// Fails with everything that is wrong, not with the first.
pub(crate) fn report(problems: impl IntoIterator<Item = String>) {
    let problems: Vec<String> = problems.into_iter().collect();
    assert!(problems.is_empty(), "{} problems\n\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn values() {
    let folder = folder("ok");
    let problems = parallel(&names(&folder), |name| {
        let outcome = evaluate(&folder, name);
        if outcome.code != Some(0) {
            let what = format!("exit code {:?}\n{}", outcome.code, outcome.stderr);
            return vec![problem("ok", name, &what)];
        }
        let value = compare(&folder, "ok", name, "exp", &outcome.stdout);
        let said = compare(&folder, "ok", name, "stderr", &outcome.stderr);
        value.into_iter().chain(said).collect()
    });
    report(problems.into_iter().flatten());
}

#[test]
fn refusals() {
    let folder = folder("err");
    let problems = parallel(&names(&folder), |name| {
        let outcome = evaluate(&folder, name);
        if outcome.code != Some(1) || !outcome.stdout.is_empty() {
            let Outcome { code, stdout, stderr } = outcome;
            let what = format!("exit code {code:?}, not 1 and no value\n{stdout}{stderr}");
            return Some(problem("err", name, &what));
        }
        // Where the stack ends depends on how the program was built.
        let said = if name.starts_with("deep-recursion") {
            let placed =
                outcome.stderr.lines().any(|line| is_place(line) || line.contains("= in:"));
            if !placed {
                return Some(problem("err", name, "nothing says where"));
            }
            let lines = outcome.stderr.lines();
            lines.filter(|line| !is_place(line)).map(|line| format!("{line}\n")).collect()
        } else {
            outcome.stderr
        };
        compare(&folder, "err", name, "stderr", &said)
    });
    report(problems.into_iter().flatten());
}

/// However deep a text is nested, it ends in a value or a located message, and soon.
#[test]
fn nesting() {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nesting");
    fs::create_dir_all(&scratch).expect("the folder can be made");
    let around = |open: &str, inner: &str, close: &str| {
        [open.repeat(10_000).as_str(), inner, close.repeat(10_000).as_str()].concat()
    };
    let texts = [
        around("(", "1", ")"),
        around("[", "", "]"),
        around("{a=", "1", ";}"),
        around("x:", "1", ""),
        around("{x}:", "1", ""),
        around("\"${", "\"\"", "}\""),
        around("''${", "\"\"", "}''"),
        around("let a=1;in ", "1", ""),
        around("let a=", "1", ";in a"),
        around("with {};", "1", ""),
        around("assert true;", "1", ""),
        around("if true then ", "1", " else 2"),
        around("!", "true", ""),
        around("-", "1", ""),
        around("1+(", "1", ")"),
        around("1+", "1", ""),
        around("[]++", "[]", ""),
        around("{}//", "{}", ""),
        around("true->", "true", ""),
        around("true&&", "true", ""),
        around("", "{}", " // {}"),
        around("", "x: x", " x"),
        around("", "{}", ".a or {}"),
        around("{}", "", ".a"),
        around("a.", "a", ""),
        around("{ a.", "a = 1;", "}"),
        around("1 |> ", "(x: x)", ""),
        around("(x: x) <| ", "1", ""),
        around("(", "", ""),
        around("[", "", ""),
        around("{a=", "", ""),
        around("\"${", "", ""),
        around("", "", ")"),
        around("/*", "", ""),
        around("''", "", ""),
        format!("1{}", " + 1".repeat(1_000_000)),
        format!("[]{}", " ++ []".repeat(1_000_000)),
        format!("f{}", " 1".repeat(100_000)),
        format!("a{}", ".a".repeat(100_000)),
        format!("{{}}{}", "?a".repeat(100_000)),
        format!("{{ a{} = 1; }}", " . a".repeat(1_000_000)),
        format!("[{}]", " {}".repeat(100_000)),
    ];
    let json = |open: &str, inner: &str, close: &str| {
        let name = "a".repeat(100);
        let open = open.replace("NAME", &name).repeat(100_000);
        format!("builtins.fromJSON ''{open}{inner}{}''", close.repeat(100_000))
    };
    let toml = |open: &str, inner: &str, close: &str| {
        let (open, close) = (open.repeat(500_000), close.repeat(500_000));
        format!("builtins.fromTOML ''{open}{inner}{close}''")
    };
    let data = [
        json("[\"NAME\",", "", ""),
        json("[\n\"NAME\"\n,", "", ""),
        json("{\"NAME\":", "", ""),
        json("[\"NAME\",", "x", "]"),
        json("{\"NAME\":", "\u{1}", "}"),
        json("[\"NAME\",", "1", "]"),
        json("{\"NAME\":", "{}", "}"),
        json("\\u0041\\\"NAME", "", ""),
        json("[", "[]", "]]"),
        toml("[", "", ""),
        toml("a=[", "", ""),
        toml("\na=[", "1", "]"),
        toml("a={", "", ""),
        toml("", "a=", "{a="),
        toml("", "a=", "["),
        toml("a.", "a=1", ""),
        toml("", "a=\"\"\"", "\\\""),
        toml("[[a]]\n", "", ""),
        toml("a=1\n", "", ""),
        toml("=\n", "", ""),
        ["builtins.fromTOML ''[", &"a.".repeat(500_000), "a]''"].concat(),
        ["builtins.fromTOML ''a={", &"b.c=1,".repeat(300_000), "}''"].concat(),
    ];
    let texts: Vec<(usize, String)> = texts.into_iter().chain(data).enumerate().collect();
    let problems = parallel(&texts, |(index, text)| {
        let file = scratch.join(format!("{index}.nix"));
        fs::write(&file, text).expect("the text can be written");
        let begun = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bimanix"));
        let outcome = run(command.arg("eval").arg(&file).env_clear());
        let shown: String = text.chars().take(20).collect();
        let refused = outcome.code == Some(1) && outcome.stderr.contains("-->");
        if outcome.code != Some(0) && !refused {
            let said: String = outcome.stderr.chars().take(500).collect();
            return Some(format!("{shown}…: exit code {:?}\n{said}", outcome.code));
        }
        // Debug builds are slow; what is quadratic takes minutes.
        let took = begun.elapsed();
        (took > Duration::from_secs(20)).then(|| format!("{shown}…: {took:?}"))
    });
    report(problems.into_iter().flatten());
}

/// An expectation whose fixture was renamed would rot unseen.
#[test]
fn no_expectation_without_a_fixture() {
    let mut problems = Vec::new();
    for kind in ["ok", "err"] {
        let folder = folder(kind);
        let known: BTreeSet<String> = names(&folder).into_iter().collect();
        for file in files(&folder) {
            let name = file.rsplit_once('.').map_or(file.as_str(), |(name, _)| name);
            if !known.contains(name) {
                problems.push(format!("{kind}/{file}: there is no {name}.nix\n"));
            }
        }
    }
    report(problems);
}
