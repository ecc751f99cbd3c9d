//! The contract of urunc: what an image must say so that urunc runs it.
//!
//! In: the annotations of an image, its process, and facts about its files. Out: [`Finding`]s about them
//! ([`rules`], [`process`], [`user`], [`files`]), the form annotations are written in ([`Annotations::emitted`],
//! [`json::encode`]), what other images say ([`json::decode`]), and what each release does with them
//! ([`launch`]). What always holds: every rule comes from the behaviour of urunc's releases, in
//! the eras E24 (v0.2 to v0.5.0), E25 (mid-2025) and E26 (mid to late 2026), and what is written works
//! in all three. Knows no Nix, no tar and no place in a file: a finding names the [`Field`] it is about.

mod finding;
mod keys;
mod pairs;
mod storage;

pub mod eras;
pub mod files;
pub mod json;
pub mod launch;
pub mod process;
pub mod rules;
pub mod user;
pub mod words;

pub use finding::{Engine, Finding, Help};
pub use keys::{Field, Key, PREFIX, RUNTIME_ONLY};
pub use pairs::{Block, Guest, Monitor, first_era};
pub use process::Process;
pub use rules::{check, check_label};
pub use storage::check_absent_switch;

use std::collections::{BTreeMap, BTreeSet};

/// The annotations of one image. Empty values are absent, except for the command line, which may be
/// there and empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotations {
    values: BTreeMap<Key, String>,
    /// Those that are there with a value that nobody knows.
    unknown: BTreeSet<Key>,
}

impl Annotations {
    /// Sets a value; an empty one only counts for the command line.
    pub fn set(&mut self, key: Key, value: String) {
        if !value.is_empty() || key == Key::Cmdline {
            self.values.insert(key, value);
        }
    }

    /// The value of a key, when it is there.
    pub fn get(&self, key: Key) -> Option<&str> {
        self.values.get(&key).map(String::as_str)
    }

    /// What a switch says, when it is there and a Boolean that urunc reads.
    pub fn boolean(&self, key: Key) -> Option<bool> {
        self.get(key).and_then(parse_bool)
    }

    /// Notes that a key is there with a value that is not known: nothing may be concluded from its absence.
    pub fn set_unknown(&mut self, key: Key) {
        self.unknown.insert(key);
    }

    /// Whether it is known of each of these keys what it says, or that it is absent.
    pub fn knows(&self, keys: &[Key]) -> bool {
        keys.iter().all(|key| !self.unknown.contains(key))
    }

    /// What the image says, by full key.
    ///
    /// `useDMBlock` and `mountRootfs` are two generations of one setting: given one, the other follows,
    /// and both are always written, since urunc of 2025 takes an absent `useDMBlock` for true.
    pub fn emitted(&self) -> BTreeMap<String, String> {
        let mut all = self.values.clone();
        let mount = self.get(Key::MountRootfs).or(self.get(Key::UseDMBlock)).unwrap_or("false");
        let old = self.get(Key::UseDMBlock).unwrap_or(mount);
        all.insert(Key::UseDMBlock, canonical_bool(old));
        all.insert(Key::MountRootfs, canonical_bool(mount));
        all.into_iter().map(|(key, value)| (key.full(), value)).collect()
    }
}

/// What Go's `strconv.ParseBool` takes, which is what urunc asks.
fn parse_bool(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// A Boolean that passed [`rules::check`], in the one spelling that is written.
fn canonical_bool(value: &str) -> String {
    parse_bool(value).unwrap_or(false).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_generations_of_the_block_switch_are_written() {
        for (old, new, expected) in [
            (None, None, ("false", "false")),
            (Some("true"), None, ("true", "true")),
            (None, Some("T"), ("true", "true")),
            (Some("0"), Some("1"), ("false", "true")),
            (Some(""), Some(""), ("false", "false")),
        ] {
            let mut annotations = Annotations::default();
            for (key, value) in [(Key::UseDMBlock, old), (Key::MountRootfs, new)] {
                if let Some(value) = value {
                    annotations.set(key, value.into());
                }
            }
            let emitted = annotations.emitted();
            assert_eq!(emitted["com.urunc.unikernel.useDMBlock"], expected.0);
            assert_eq!(emitted["com.urunc.unikernel.mountRootfs"], expected.1);
        }
    }
}
