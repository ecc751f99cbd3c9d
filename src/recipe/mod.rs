//! What to build: an args.nix, decoded.
//!
//! In: a [`Value`] of `eval` (from args.nix, or from the JSON form that Nix hands over). Out: a
//! [`Recipe`] in which every field carries its [`Place`], or every mistake of the file at once. What
//! always holds: names and tags follow the grammar of OCI references, every field is known, every value
//! has its type, and the annotations obey urunc's rules. Whether the files exist is left to the
//! pipeline.

mod created;
mod decode;
mod fields;
mod reference;

pub use decode::decode;
pub use fields::FIELDS;
pub use reference::{ImageName, Tag, names_registry, split_reference};

use crate::diag::{Diagnostic, Span};
use crate::urunc::{Annotations, Field, Finding};
use std::collections::BTreeMap;

/// Where a field stands: in a text when it has one, and its path in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name and the value in the text; none in the JSON form, and for what a function made.
    pub spans: Option<(Span, Span)>,
    /// For example `annotations.hypervisor`.
    pub path: String,
}

impl Place {
    /// An error that marks the value.
    pub fn error(&self, slug: &'static str, title: impl Into<String>) -> Diagnostic {
        self.mark(Diagnostic::error(slug, title), "")
    }

    /// A warning that marks the value.
    pub fn warning(&self, slug: &'static str, title: impl Into<String>) -> Diagnostic {
        self.mark(Diagnostic::warning(slug, title), "")
    }

    /// Adds the value as a marked place, or the path where there is no text.
    pub fn mark(&self, diagnostic: Diagnostic, text: &str) -> Diagnostic {
        match self.spans {
            Some((_, value)) => diagnostic.with_label(value, text),
            None if diagnostic.subject.is_some() => diagnostic,
            None => diagnostic.with_subject(format!("`{}`", self.path)),
        }
    }

    /// Adds the name as a marked place, or the path where there is no text.
    pub fn mark_name(&self, diagnostic: Diagnostic, text: &str) -> Diagnostic {
        match self.spans {
            Some((name, _)) => diagnostic.with_label(name, text),
            None if diagnostic.subject.is_some() => diagnostic,
            None => diagnostic.with_subject(format!("`{}`", self.path)),
        }
    }
}

/// The words of a finding about annotations at its places.
pub fn mark_finding(finding: &Finding, places: &BTreeMap<Field, Place>) -> Diagnostic {
    let diagnostic = finding.diagnostic();
    let diagnostic = match places.get(&finding.field) {
        Some(place) => place.mark(diagnostic, ""),
        None => diagnostic,
    };
    match finding.other.and_then(|other| places.get(&other.into())) {
        Some(place) => place.mark(diagnostic, "because of this"),
        None => diagnostic,
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// What decoding an args.nix came to.
#[derive(Debug, Clone)]
pub enum Decoded {
    /// Every field is as it should be.
    Whole(Box<Recipe>),
    /// A field is not. What is known of the contents can still be checked, so that all problems show at
    /// once.
    Broken(Box<Contents>),
}

impl Decoded {
    /// The contents of the image.
    pub fn contents(&self) -> &Contents {
        match self {
            Decoded::Whole(recipe) => &recipe.contents,
            Decoded::Broken(contents) => contents,
        }
    }
}

/// What is in the image and what urunc shall do with it.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// `files`, in the order of their sources.
    pub files: Vec<FileRequest>,
    /// The annotations that urunc reads.
    pub urunc: Annotations,
    /// Where what urunc looks at stands.
    pub places: BTreeMap<Field, Place>,
    /// `entrypoint`
    pub entrypoint: Option<Vec<String>>,
    /// `cmd`; absent, it is made from `cmdline`.
    pub cmd: Option<Vec<String>>,
    /// `env`, as `NAME=value`.
    pub env: Vec<String>,
    /// `user`
    pub user: Option<String>,
    /// `architecture`, which must be that of the kernel's bytes when they say one.
    pub architecture: Option<Placed<String>>,
}

/// What an args.nix asks for.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// What is in the image.
    pub contents: Contents,
    /// `name`
    pub name: ImageName,
    /// `tag`
    pub tag: Tag,
    /// The annotations with a dot in their key, as they are.
    pub annotations: BTreeMap<String, String>,
    /// `workingDir`
    pub working_dir: Option<String>,
    /// `labels`
    pub labels: BTreeMap<String, String>,
    /// `created`, in seconds since 1970.
    pub created: Option<u64>,
}

/// One entry of `files`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRequest {
    /// The key: a path relative to the folder of args.nix, or absolute, or only a name when `from` is
    /// set.
    pub source: String,
    /// `source` of the destination set: a path that overrides the key.
    pub from: Option<String>,
    /// Where it goes; at its end, `/` means "into that folder".
    pub destination: String,
    /// `mode` of the regular files.
    pub mode: Option<u32>,
    /// `uid` of everything from this source.
    pub uid: u64,
    /// `gid` of everything from this source.
    pub gid: u64,
    /// Where the entry stands.
    pub place: Place,
}
