//! What each code means: the rule, its reason, and an example that breaks it.
//!
//! In: a code. Out: an [`Explanation`]. What always holds: every code that is printed is here and no other
//! (`tests/it/codes.rs`). No room can print a code of its own.

/// Makes the constants of some codes, and a list of what they mean.
macro_rules! explanations {
    ($(#[$doc:meta])* $name:ident: $($constant:ident = $code:literal: $rule:literal, $reason:literal, $example:literal;)*) => {
        $(
            #[doc = $rule]
            pub const $constant: $crate::explain::Code = $crate::explain::Code($code);
        )*
        $(#[$doc])*
        pub(super) const $name: &[$crate::explain::Explanation] = &[$($crate::explain::Explanation {
            code: $constant, rule: $rule, reason: $reason, example: $example,
        }),*];
    };
}

mod buildkit;
mod bunnyfile;
mod containerfile;
mod guest;
mod image;
mod pulling;
mod recipe;
mod rootfs;
mod running;

use std::borrow::Borrow;
use std::fmt::{self, Write as _};

/// Every code as a constant, named after its text.
pub mod code {
    pub use super::buildkit::*;
    pub use super::bunnyfile::*;
    pub use super::containerfile::*;
    pub use super::guest::*;
    pub use super::image::*;
    pub use super::pulling::*;
    pub use super::recipe::*;
    pub use super::rootfs::*;
    pub use super::running::*;
}

/// What a message is about: a text such as `files/missing` that never changes its meaning.
///
/// Only this room makes codes, each with its explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// The text of the code.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether a finding with this code may be turned down: what urunc does with an image is somebody's
    /// decision; a file that is missing is not, nor is an image without an architecture, which no engine takes.
    pub fn may_be_allowed(self) -> bool {
        (self.0.starts_with("urunc/") || self.0.starts_with("unikernel/"))
            && self != code::UNIKERNEL_UNKNOWN_ARCHITECTURE
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl Borrow<str> for Code {
    fn borrow(&self) -> &str {
        self.0
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// A code in words.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// The rule, in a sentence.
    pub rule: &'static str,
    /// Who enforces it, and what happens when it is broken.
    pub reason: &'static str,
    /// A line that breaks it.
    pub example: &'static str,
}

fn every() -> impl Iterator<Item = &'static Explanation> {
    let tables = [
        recipe::RECIPES,
        buildkit::BUILDKIT,
        bunnyfile::BUNNYFILES,
        containerfile::CONTAINERFILES,
        guest::GUESTS,
        image::IMAGES,
        pulling::PULLING,
        rootfs::ROOTFS,
        running::RUNNING,
    ];
    tables.into_iter().flatten()
}

/// Every explanation, sorted by code.
pub fn all() -> Vec<&'static Explanation> {
    let mut all: Vec<&Explanation> = every().collect();
    all.sort_by_key(|explanation| explanation.code);
    all
}

/// The explanation of a code.
pub fn find(code: &str) -> Option<&'static Explanation> {
    every().find(|explanation| explanation.code.as_str() == code)
}

impl Explanation {
    /// The explanation for people; `releases` are those of urunc that the rule holds for, where it is urunc's.
    pub fn render(&self, releases: &[&str]) -> String {
        let Explanation { code, rule, reason, example } = self;
        let mut text = format!("{code}\n\n{rule}\n\nwhy:     {reason}\nexample: {example}\n");
        if !releases.is_empty() {
            writeln!(text, "urunc:   {}", releases.join(", ")).unwrap_or_default();
        }
        if code.may_be_allowed() {
            let line = format!("`--allow {code}`, or `allow = [ \"{code}\" ];` in args.nix");
            writeln!(text, "allow:   {line}").unwrap_or_default();
        }
        text
    }
}
