//! What a rule finds wrong with an image.

use super::{Field, Key, eras};
use crate::diag::{Diagnostic, Severity};
use crate::explain::Code;
use std::fmt;

/// The program that unpacks an image and calls urunc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// containerd, as `ctr` and Kubernetes use it.
    Containerd,
    /// docker with its own image store.
    Docker,
    /// nerdctl of the releases that hand labels to the runtime as annotations.
    Nerdctl,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Engine {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Containerd => "containerd",
            Engine::Docker => "docker",
            Engine::Nerdctl => "nerdctl",
        }
    }
}

/// What to do about a finding. The words of a text that makes an image are no help to somebody who only has the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Help {
    /// What holds wherever the image comes from.
    Words(String),
    /// What to change in `files`.
    Files(String),
    /// To name a block image.
    NameBlock,
}

impl From<&str> for Help {
    fn from(words: &str) -> Self {
        Help::Words(words.to_owned())
    }
}

impl From<String> for Help {
    fn from(words: String) -> Self {
        Help::Words(words)
    }
}

impl fmt::Display for Help {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Help::Words(words) | Help::Files(words) => words,
            Help::NameBlock => {
                "name an image in `block` and `blkMntPoint`, or build the kernel without it"
            }
        })
    }
}

/// A problem with an image, before it is known where its text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its stable name.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What to change.
    pub field: Field,
    /// The annotation it does not go with.
    pub other: Option<Key>,
    /// The broken rule.
    pub title: String,
    /// Who enforces it.
    pub why: String,
    /// What to do.
    pub help: Option<Help>,
    /// Whether urunc starts the guest in spite of an error: it ignores what was asked for, or the guest itself
    /// cannot go on.
    pub starts_anyway: bool,
    /// The releases it holds for, where they are fewer than those of its code.
    pub eras: &'static [&'static str],
    /// The engine it holds under, where it is not all of them.
    pub engine: Option<Engine>,
}

impl Finding {
    /// A problem of this severity.
    pub fn new(
        severity: Severity,
        code: Code,
        field: impl Into<Field>,
        title: impl Into<String>,
    ) -> Self {
        Finding {
            code,
            severity,
            field: field.into(),
            other: None,
            title: title.into(),
            why: String::new(),
            help: None,
            starts_anyway: false,
            eras: &[],
            engine: None,
        }
    }

    /// urunc fails, or starts something else.
    pub fn error(code: Code, field: impl Into<Field>, title: impl Into<String>) -> Self {
        Finding::new(Severity::Error, code, field, title)
    }

    /// urunc starts it, and not as was asked for.
    pub fn warning(code: Code, field: impl Into<Field>, title: impl Into<String>) -> Self {
        Finding::new(Severity::Warning, code, field, title)
    }

    /// It is good to know.
    pub fn note(code: Code, field: impl Into<Field>, title: impl Into<String>) -> Self {
        Finding::new(Severity::Note, code, field, title)
    }

    /// Names the annotation it does not go with.
    #[must_use]
    pub fn because(mut self, other: impl Into<Option<Key>>) -> Self {
        self.other = other.into();
        self
    }

    /// Says who enforces the rule.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Help>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what to do, when it is known.
    #[must_use]
    pub fn help_if(mut self, help: Option<String>) -> Self {
        self.help = help.map(Help::Words).or(self.help);
        self
    }

    /// Says that urunc starts the guest in spite of it.
    #[must_use]
    pub fn starts_anyway(mut self) -> Self {
        self.starts_anyway = true;
        self
    }

    /// Narrows the releases down.
    #[must_use]
    pub fn only_in(mut self, eras: &'static [&'static str]) -> Self {
        self.eras = eras;
        self
    }

    /// Narrows the engines down to one.
    #[must_use]
    pub fn under(mut self, engine: Engine) -> Self {
        self.engine = Some(engine);
        self
    }

    /// Only says that it is good to know.
    #[must_use]
    pub fn as_note(mut self) -> Self {
        self.severity = Severity::Note;
        self
    }

    /// The releases of urunc that it holds for; none when others enforce the rule.
    pub fn releases(&self) -> &'static [&'static str] {
        if self.eras.is_empty() { eras::of(self.code) } else { self.eras }
    }

    /// The finding in words; the caller adds its place.
    pub fn diagnostic(&self) -> Diagnostic {
        let worded = Diagnostic::error(self.code, self.title.clone());
        let engine = self.engine.map(Engine::name);
        Diagnostic { severity: self.severity, eras: self.releases(), engine, ..worded }
            .with_why(self.why.clone())
            .with_help_if(self.help.as_ref().map(ToString::to_string))
    }
}
