//! `bimanix diff`: two images side by side.

use super::args::Diff;
use super::side::{Given, Opened};
use super::{Outcome, ui};
use crate::driver::compare::{Comparison, compare};
use crate::eval::Stack;

pub(super) fn run(diff: &Diff, stack: Stack) -> Outcome {
    let sources = [diff.source(&diff.first), diff.source(&diff.second)];
    let mut given = Vec::with_capacity(sources.len());
    let mut refused = false;
    for source in &sources {
        match Given::of(source) {
            Ok(found) => given.push((found, source)),
            Err(diagnostic) => {
                ui::fail(&diagnostic, Outcome::Refused);
                refused = true;
            }
        }
    }
    if refused {
        return Outcome::Refused;
    }
    let mut opened = Vec::with_capacity(given.len());
    for (found, source) in given {
        match Opened::of(&found, source, stack) {
            Ok(image) => opened.push(image),
            Err(outcome) => return outcome,
        }
    }
    let [first, second] = opened.as_slice() else { return Outcome::Refused };
    match compare(&first.side(), &second.side()) {
        Ok(comparison) => show(&comparison, diff.json),
        Err(error) => ui::fail(&error.report(), Outcome::Refused),
    }
}

/// Prints what differs, and says by the exit code whether anything does.
pub(super) fn show(comparison: &Comparison, json: bool) -> Outcome {
    let text = match (json, comparison.is_same()) {
        (true, _) => format!("{:#}\n", comparison.to_json()),
        (false, true) => String::new(),
        (false, false) => comparison.render(),
    };
    match ui::result(text.as_bytes()) {
        Outcome::Done if !comparison.is_same() => Outcome::Refused,
        outcome => outcome,
    }
}
