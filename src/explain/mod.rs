//! What each code means: the rule, its reason, and an example that breaks it.
//!
//! In: a code. Out: an [`Explanation`]. What always holds: every code that is printed is here and no other
//! (`tests/it/codes.rs`). The releases of urunc that a rule holds for come from the room of urunc.

/// Makes a list of explanations, which is sorted by code.
macro_rules! explanations {
    ($(#[$doc:meta])* $name:ident: $($code:literal: $rule:literal, $reason:literal, $example:literal;)*) => {
        $(#[$doc])*
        pub(super) const $name: &[$crate::explain::Explanation] = &[$($crate::explain::Explanation {
            code: $code, rule: $rule, reason: $reason, example: $example,
        }),*];
    };
}

mod bunnyfile;
mod containerfile;
mod guest;
mod image;
mod pulling;
mod recipe;
mod running;

use crate::urunc;
use std::fmt::Write as _;

/// A code in words.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
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
        bunnyfile::BUNNYFILES,
        containerfile::CONTAINERFILES,
        guest::GUESTS,
        image::IMAGES,
        pulling::PULLING,
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
    every().find(|explanation| explanation.code == code)
}

/// Whether a finding with this code may be turned down: what urunc does with an image is somebody's
/// decision; a file that is missing is not.
pub fn may_be_allowed(code: &str) -> bool {
    (code.starts_with("urunc/") || code.starts_with("unikernel/")) && code != UNKNOWN_ARCHITECTURE
}

/// An image names an architecture; where the kernel says none, only the recipe can.
pub const UNKNOWN_ARCHITECTURE: &str = "unikernel/unknown-architecture";

impl Explanation {
    /// The explanation for people.
    pub fn render(&self) -> String {
        let Explanation { code, rule, reason, example } = self;
        let mut text = format!("{code}\n\n{rule}\n\nwhy:     {reason}\nexample: {example}\n");
        let eras = urunc::eras::of(code);
        if !eras.is_empty() {
            writeln!(text, "urunc:   {}", eras.join(", ")).unwrap_or_default();
        }
        if may_be_allowed(code) {
            let line =
                format!("allow:   `--allow {code}`, or `allow = [ \"{code}\" ];` in args.nix");
            writeln!(text, "{line}").unwrap_or_default();
        }
        text
    }
}
