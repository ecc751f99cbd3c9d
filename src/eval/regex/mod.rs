//! The regular expressions of `builtins.match` and `builtins.split`.
//!
//! What comes in is a pattern and a text, both bytes; what goes out is where the pattern matches
//! and what its groups hold. The language is POSIX extended as C++ understands it: Nix, also the
//! newest one (`prim_match` and `prim_split` in `src/libexpr/primops.cc`, 2026), hands both to
//! `std::regex` with the flag `extended`, and what decides is therefore the C++ library. This
//! module follows libstdc++, read in version 12 and compared with it; where POSIX differs, it
//! loses:
//!
//! * an alternative is chosen by length, a repetition by greed ([`run`] has the rule);
//! * a group keeps what it held in the last pass through it, also when a later pass of a repetition
//!   around it skips it;
//! * there are no back-references; a `\` may stand before a special character only; within brackets
//!   it stands for itself;
//! * `.` takes any byte but NUL; `^` and `$` know the ends of the text, not those of lines;
//! * nothing can be repeated at the beginning of the pattern, of a group or of an alternative, nor
//!   after `^` and `$`, but each of these may be empty: `()`, `a||b`.
//!
//! Unlike libstdc++, which searches with backtracking and recursion, time grows with the product of
//! text and pattern for each match, the stack not at all. In return two kinds of pattern are
//! refused as too big that libstdc++ takes in principle: more than six repetitions of something
//! that may be empty within one repetition (`((a*)*(b*)*)*` has three), and counts above 2³¹, which
//! overflow there.

mod bracket;
mod parse;
mod program;
mod run;
mod scan;
#[cfg(test)]
mod tests;

use std::ops::Range;

use self::program::Program;
use self::run::{Goal, Machine};

/// What the groups of a match hold, in the order of their `(`; none for a group that took no part.
pub(crate) type Captures = Vec<Option<Range<usize>>>;

/// Why a pattern was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegexError {
    /// It is not a regular expression; Nix says "invalid regular expression".
    Syntax {
        /// The rule it breaks, in words.
        why: &'static str,
    },
    /// Written out, it is longer than the 100,000 nodes libstdc++ allows, or nests too many
    /// repetitions of something that may be empty; Nix says "memory limit exceeded by regular
    /// expression".
    TooBig,
}

/// A regular expression that is ready to run.
#[derive(Debug)]
pub(crate) struct Regex {
    program: Program,
    literal: Option<Vec<u8>>,
}

impl Regex {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the pattern breaks a rule of libstdc++'s extended grammar or grows beyond its limit.
    pub(crate) fn new(pattern: &[u8]) -> Result<Self, RegexError> {
        let program = Program::new(parse::parse(pattern)?)?;
        // A group that is repeated no times leaves a literal behind, but is still reported.
        let literal = if program.groups == 0 { program.literal() } else { None };
        Ok(Self { program, literal })
    }

    /// Gives the number of groups.
    #[cfg(test)]
    pub(crate) fn groups(&self) -> usize {
        self.program.groups
    }

    /// Matches the whole text, as `std::regex_match` does; gives what the groups hold.
    pub(crate) fn full_match(&self, text: &[u8]) -> Option<Captures> {
        if let Some(literal) = &self.literal {
            return (literal == text).then(Vec::new);
        }
        Machine::new(&self.program, text).run(0, Goal::Whole).map(|(_, captures)| captures)
    }

    /// Gives all matches from left to right, as `std::regex_iterator` does.
    pub(crate) fn find_all<'r, 't>(&'r self, text: &'t [u8]) -> Matches<'r, 't> {
        let machine = Machine::new(&self.program, text);
        Matches { literal: self.literal.as_deref(), text, machine, from: Some(0), empty: false }
    }
}

/// The matches of a pattern in a text, each with what its groups hold.
///
/// After a match that takes nothing, one that takes something is tried at the same place; failing
/// that, the search goes on one byte further. So the same place never gives nothing twice, and `b*`
/// finds in `abc` nothing, `b`, nothing before the `c` and nothing at the end.
#[derive(Debug)]
pub(crate) struct Matches<'r, 't> {
    literal: Option<&'r [u8]>,
    text: &'t [u8],
    machine: Machine<'r, 't>,
    /// Where the last match ended; none when there are no more.
    from: Option<usize>,
    /// Whether the last match took nothing.
    empty: bool,
}

impl Iterator for Matches<'_, '_> {
    type Item = (Range<usize>, Captures);

    fn next(&mut self) -> Option<Self::Item> {
        let mut from = self.from.take()?;
        let mut found = None;
        if std::mem::take(&mut self.empty) {
            if from >= self.text.len() {
                return None;
            }
            found = self.at(from, Goal::NonEmptyPrefix);
            if found.is_none() {
                from = from.saturating_add(1);
            }
        }
        let found = match found {
            Some(found) => found,
            None => self.search(from)?,
        };
        self.empty = found.0.is_empty();
        self.from = Some(found.0.end);
        Some(found)
    }
}

impl Matches<'_, '_> {
    fn at(&mut self, begin: usize, goal: Goal) -> Option<(Range<usize>, Captures)> {
        let (end, captures) = self.machine.run(begin, goal)?;
        Some((begin..end, captures))
    }

    fn search(&mut self, from: usize) -> Option<(Range<usize>, Captures)> {
        let Some(literal) = self.literal.filter(|literal| !literal.is_empty()) else {
            let begin = self.machine.leftmost(from)?;
            return self.at(begin, Goal::Prefix);
        };
        let rest = self.text.get(from..)?;
        let begin = from.checked_add(position(rest, literal)?)?;
        Some((begin..begin.checked_add(literal.len())?, Vec::new()))
    }
}

fn position(text: &[u8], literal: &[u8]) -> Option<usize> {
    let first = literal.first()?;
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let begin = from.checked_add(rest.iter().position(|byte| byte == first)?)?;
        if text.get(begin..)?.starts_with(literal) {
            return Some(begin);
        }
        from = begin.checked_add(1)?;
    }
}
