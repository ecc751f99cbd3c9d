//! What an instruction is: its keyword, flags, words, JSON arrays and here-documents, as they are written.

use crate::diag::Span;

/// A word as it is written, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The text, with its quotes, escape characters and variables.
    pub text: String,
    /// Where it is.
    pub at: Span,
}

/// `--name=value`, `--name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flag {
    /// The name, without `--`.
    pub name: String,
    /// The value, if there is an `=`.
    pub value: Option<Word>,
    /// Where it is.
    pub at: Span,
}

/// A name and its value, as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    /// The name.
    pub name: Word,
    /// The value; ARG may go without.
    pub value: Option<Word>,
}

/// What CMD and ENTRYPOINT are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// A JSON array.
    Exec(Vec<String>, Span),
    /// Anything else.
    Shell(Word),
}

/// What COPY and ADD are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A path.
    Path(Word),
    /// A here-document.
    Document {
        /// The word that ends it, which is the name of the file.
        name: String,
        /// Whether variables in it are expanded.
        expands: bool,
        /// The text.
        text: String,
        /// Where its name is announced.
        at: Span,
    },
}

/// An instruction, by what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// `FROM image [AS name]`
    From { flags: Vec<Flag>, image: Word, name: Option<Word> },
    /// `COPY` or `ADD`
    Copy { is_add: bool, flags: Vec<Flag>, sources: Vec<Source>, destination: Word },
    /// `ARG`
    Arg(Vec<Pair>),
    /// `ENV`
    Env(Vec<Pair>),
    /// `LABEL`
    Label(Vec<Pair>),
    /// `CMD`
    Cmd(Command),
    /// `ENTRYPOINT`
    Entrypoint(Command),
    /// `EXPOSE`
    Expose(Vec<Word>),
    /// `VOLUME`
    Volume(Vec<Word>),
    /// `USER`
    User(Word),
    /// `WORKDIR`
    WorkDir(Word),
    /// `STOPSIGNAL`
    StopSignal(Word),
    /// `MAINTAINER`
    Maintainer(Word),
    /// `RUN`, `SHELL`, `ONBUILD`, `HEALTHCHECK`: what no image of a unikernel has.
    Other,
}

/// An instruction and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instruction {
    /// The keyword, in upper case.
    pub keyword: &'static str,
    /// Where the keyword is.
    pub at: Span,
    /// Where everything is.
    pub whole: Span,
    /// What it is given.
    pub what: What,
}

/// Every keyword.
pub(super) const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// How an instruction is written.
pub(super) fn usage(keyword: &str) -> &'static str {
    match keyword {
        "ADD" => "ADD SOURCE… DESTINATION",
        "ARG" => "ARG NAME=default",
        "CMD" => "CMD [\"program\", \"argument\"]",
        "COPY" => "COPY SOURCE… DESTINATION",
        "ENTRYPOINT" => "ENTRYPOINT [\"program\", \"argument\"]",
        "ENV" => "ENV NAME=value",
        "EXPOSE" => "EXPOSE 80",
        "FROM" => "FROM IMAGE [AS NAME]",
        "LABEL" => "LABEL name=value",
        "MAINTAINER" => "MAINTAINER name",
        "STOPSIGNAL" => "STOPSIGNAL SIGTERM",
        "USER" => "USER 1000:1000",
        "VOLUME" => "VOLUME /data",
        "WORKDIR" => "WORKDIR /srv",
        _ => "",
    }
}
