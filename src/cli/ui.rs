//! Printing: results to standard output, everything else to standard error.

use super::Outcome;
use crate::diag::{Colours, Diagnostic, Report, Severity, SourceMap, message};
use crate::driver::pull::Observer;
use crate::host;
use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Prints a result. A closed pipe is no error: the reader has seen enough.
pub(super) fn result(bytes: &[u8]) -> Outcome {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Outcome::Done,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Outcome::Done,
        Err(error) => {
            note(&format!("error: cannot write to standard output: {error}"));
            Outcome::Environment
        }
    }
}

/// What becomes of colours on standard error, by the conventions that Nix follows too.
fn colours() -> Colours {
    let set = |name| host::variable(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").is_none_or(|terminal| terminal == "dumb");
    let wanted = !dumb && set("NO_COLOR").is_none();
    if wanted && io::stderr().is_terminal() { Colours::Shown } else { Colours::Dropped }
}

/// Prints what a program says.
pub(super) fn said(text: &str) {
    note(&message(text, colours()));
}

/// Prints a line for people.
pub(super) fn note(text: &str) {
    // There is nobody to tell when standard error is closed.
    writeln!(io::stderr().lock(), "{text}").unwrap_or_default();
}

/// Prints one diagnostic and says how the command ends.
pub(super) fn fail(diagnostic: &Diagnostic, outcome: Outcome) -> Outcome {
    print(diagnostic, &SourceMap::default());
    outcome
}

/// Prints what may be wrong; the command goes on.
pub(super) fn warn(diagnostic: &Diagnostic) {
    print(diagnostic, &SourceMap::default());
}

fn print(diagnostic: &Diagnostic, sources: &SourceMap) {
    let text = diagnostic.render(sources, colours());
    io::stderr().lock().write_all(text.as_bytes()).unwrap_or_default();
}

/// Prints the findings and what they amount to.
pub(super) fn findings(report: &Report, sources: &SourceMap) {
    for (index, finding) in report.findings.iter().enumerate() {
        if index > 0 {
            note("");
        }
        print(finding, sources);
    }
    let count = |severity| report.findings.iter().filter(|f| f.severity == severity).count();
    if report.findings.len() > 1 {
        let plural = |count: usize, word: &str| match count {
            0 => None,
            1 => Some(format!("1 {word}")),
            more => Some(format!("{more} {word}s")),
        };
        let kinds = [Severity::Error, Severity::Warning, Severity::Note];
        let parts: Vec<String> = kinds
            .into_iter()
            .filter_map(|severity| plural(count(severity), severity.word()))
            .collect();
        note(&format!("\n{}", parts.join(", ")));
    }
}

/// Prints what clap has to say: help and version to standard output, mistakes to standard error.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    // A closed output leaves nothing to be done.
    error.print().unwrap_or_default();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// A path as one word of a shell, in quotes.
pub(super) fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// A path as one word of a shell, as people write it.
pub(super) fn word(path: &Path) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@%,".contains(&byte);
    match path.as_os_str().as_encoded_bytes() {
        bytes if !bytes.is_empty() && bytes.iter().copied().all(is_plain) => {
            path.display().to_string()
        }
        _ => quoted(path),
    }
}

/// A bar on a terminal for what takes long; silent elsewhere.
#[derive(Debug)]
pub(super) struct Progress {
    total: u64,
    started: Instant,
    terminal: bool,
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    done: u64,
    drawn: Option<Instant>,
}

/// Shorter work is done before a bar could be read.
const PATIENCE: Duration = Duration::from_millis(300);
const REDRAW: Duration = Duration::from_millis(100);
const BAR: u64 = 30;

impl Progress {
    pub(super) fn new(total: u64) -> Self {
        let terminal = io::stderr().is_terminal();
        Self { total, started: Instant::now(), terminal, shown: Mutex::default() }
    }

    pub(super) fn add(&self, bytes: u64) {
        if !self.terminal || self.total == 0 {
            return;
        }
        let Ok(mut shown) = self.shown.lock() else { return };
        shown.done = shown.done.saturating_add(bytes);
        let due = match shown.drawn {
            None => self.started.elapsed() > PATIENCE,
            Some(last) => last.elapsed() > REDRAW,
        };
        if due {
            shown.drawn = Some(Instant::now());
            let line = bar(shown.done, self.total);
            write!(io::stderr().lock(), "\r{line}").unwrap_or_default();
        }
    }
}

/// `[=====     ]  50%  1.0 GiB of 2.0 GiB`
fn bar(done: u64, total: u64) -> String {
    let done = done.min(total);
    let part = |of: u64| {
        let part = u128::from(done) * u128::from(of) / u128::from(total.max(1));
        u64::try_from(part).unwrap_or(of)
    };
    let filled = usize::try_from(part(BAR)).unwrap_or(0);
    let empty = usize::try_from(BAR).unwrap_or(0).saturating_sub(filled);
    format!(
        "[{}{}] {:3}%  {} of {} ",
        "=".repeat(filled),
        " ".repeat(empty),
        part(100),
        crate::diag::size(done),
        crate::diag::size(total)
    )
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.lock().is_ok_and(|shown| shown.drawn.is_some()) {
            write!(io::stderr().lock(), "\r\x1b[K").unwrap_or_default();
        }
    }
}

/// Shows what is pulled.
#[derive(Debug, Default)]
pub(super) struct Pulls {
    bar: RefCell<Option<Progress>>,
}

impl Observer for Pulls {
    fn begins(&self, bytes: u64) {
        *self.bar.borrow_mut() = Some(Progress::new(bytes));
    }

    fn progress(&self, bytes: u64) {
        if let Some(bar) = self.bar.borrow().as_ref() {
            bar.add(bytes);
        }
    }

    fn ends(&self) {
        *self.bar.borrow_mut() = None;
    }

    fn warn(&self, finding: Diagnostic) {
        warn(&finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word() {
        assert_eq!(quoted(Path::new("/a b/$c")), "'/a b/$c'");
        assert_eq!(quoted(Path::new("/it's")), r"'/it'\''s'");
        assert_eq!(word(Path::new("./a-b_c.nix")), "./a-b_c.nix");
        assert_eq!(word(Path::new("a b")), "'a b'");
        assert_eq!(word(Path::new("~/a")), "'~/a'");
        assert_eq!(word(Path::new("")), "''");
    }

    #[test]
    fn bars() {
        let half = "[===============               ]  50%  1.0 GiB of 2.0 GiB ";
        assert_eq!(bar(1 << 30, 2 << 30), half);
        assert!(bar(5, 3).contains("100%"));
        assert!(bar(u64::MAX, u64::MAX).contains("100%"));
        assert!(bar(0, 0).contains("0%"));
    }
}
