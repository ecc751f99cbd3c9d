//! What to build, whatever text it was written in.
//!
//! In: a [`Draft`](draft::Draft), made by `front`. Out: a [`Recipe`] in which every field carries its
//! [`Place`], or every mistake at once. What always holds: names and tags follow the grammar of OCI
//! references, and the annotations obey urunc's rules. Knows no Nix and no other language; whether the
//! files exist is left to the driver.

mod annotations;
mod boot;
mod completing;
mod created;
mod engines;
mod fields;
mod process;
mod reference;
mod resolve;
mod rootfs;

pub mod base;
pub mod draft;

pub use completing::KERNEL_PATH;
pub use fields::{
    DESTINATION_FIELDS, FIELDS, IMAGE_FIELDS, INIT_FIELDS, KERNEL_FIELDS, ROOTFS_FIELDS,
};
pub use reference::{
    ImageName, ImageReference, ReferenceFault, Tag, names_registry, split_reference,
};
pub use resolve::resolve;
pub use rootfs::{Compression, Form, FsType, ROOTFS_PATH, Rootfs};

/// The largest owner of a file: to the system, the number above it means "leave the owner as it is" (chown(2)).
pub const MAX_OWNER: i64 = 4_294_967_294;

use crate::diag::{Diagnostic, Span};
use crate::explain::Code;
use crate::urunc::{Annotations, Field, Finding};
use draft::FileDraft;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

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
    pub fn error(&self, code: Code, title: impl Into<String>) -> Diagnostic {
        self.mark(Diagnostic::error(code, title), "")
    }

    /// A warning that marks the value.
    pub fn warning(&self, code: Code, title: impl Into<String>) -> Diagnostic {
        self.mark(Diagnostic::warning(code, title), "")
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
    let marked = places.get(&finding.field);
    match finding.other.and_then(|other| places.get(&other.into())) {
        // Several annotations may stand for one field.
        Some(place) if marked.is_none_or(|marked| marked.spans != place.spans) => {
            place.mark(diagnostic, "because of this")
        }
        _ => diagnostic,
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

/// What resolving a draft came to.
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
    /// `files`, in their order.
    pub files: Vec<FileDraft>,
    /// Paths of the base that are not in the image.
    pub remove: Vec<Placed<Vec<u8>>>,
    /// The root file system that is made for the guest.
    pub rootfs: Option<Rootfs>,
    /// The annotations that urunc reads.
    pub urunc: Annotations,
    /// Where what urunc looks at stands.
    pub places: BTreeMap<Field, Place>,
    /// `entrypoint`
    pub entrypoint: Option<Vec<String>>,
    /// `cmd`, or the base's; absent, it is made from `cmdline`.
    pub cmd: Option<Vec<String>>,
    /// `env` and the base's, as `NAME=value`.
    pub env: Vec<String>,
    /// `user`
    pub user: Option<String>,
    /// `workingDir`
    pub working_dir: Option<String>,
    /// `architecture`, which must be that of the kernel's bytes when they say one.
    pub architecture: Option<Placed<String>>,
    /// The architecture and the variant of the base, which must be that of the kernel as well.
    pub base_architecture: Option<Placed<(String, Option<String>)>>,
    /// What is not wholly known, since a field has a value that cannot be used: nothing may be concluded from
    /// what is missing there.
    pub unknown: BTreeSet<Part>,
}

/// A part of an image of which something may not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its files.
    Files,
    /// The arguments of its process.
    Cmd,
    /// Its process: arguments, entrypoint, environment or user.
    Process,
    /// The architecture that it is given.
    Architecture,
}

/// What a text asks for.
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
    /// `labels`
    pub labels: BTreeMap<String, String>,
    /// Ports, each with its protocol, as `80/tcp`.
    pub ports: Vec<String>,
    /// Volumes, each an absolute path.
    pub volumes: Vec<String>,
    /// The signal that asks the process to end.
    pub stop_signal: Option<String>,
    /// `created`, in seconds since 1970.
    pub created: Option<u64>,
    /// What the base's configuration says besides, as it is.
    pub inherited: Map<String, Json>,
}
