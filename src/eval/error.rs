//! What can go wrong in an evaluation: facts first, words in one place ([`EvalError::report`]).

use crate::diag::{self, Diagnostic, Frame, Span};
use crate::explain::code;
use std::path::PathBuf;

/// The result of evaluating something. The error is boxed: the way without one is the fast one.
pub type Result<T> = std::result::Result<T, Box<EvalError>>;

/// A failed evaluation.
#[derive(Debug)]
pub struct EvalError {
    kind: ErrorKind,
    span: Option<Span>,
    trace: Vec<Frame>,
}

/// The facts of a failure.
#[derive(Debug)]
pub(super) enum ErrorKind {
    /// `builtins.throw`
    Throw(String),
    /// `builtins.abort`
    Abort(String),
    /// `builtins.warn`, where a warning is to end the evaluation.
    Warning(String),
    /// `assert` with a false condition.
    Assertion,
    /// A value of another type than the operation takes.
    Type { expected: &'static str, found: String },
    /// A value that cannot become text.
    NotText { found: &'static str },
    /// A value that an operator of one operand does not take.
    Operand { operation: &'static str, operand: &'static str },
    /// Two values without an order or a sum.
    Operands { operation: &'static str, left: &'static str, right: &'static str },
    /// A set without the wanted attribute.
    MissingAttribute { name: String, nearest: Option<String> },
    /// A name that no `with` gives.
    Undefined { name: String, nearest: Option<String> },
    /// A function called without a needed argument.
    MissingArgument { function: String, name: String },
    /// A function called with an argument it does not take.
    UnexpectedArgument { function: String, name: String, nearest: Option<String> },
    /// A value that needs itself.
    InfiniteRecursion,
    /// Calls or values nested too deeply for the stack.
    TooDeep,
    /// Calls nested deeper than the limit.
    CallDepth { limit: u32 },
    /// More calls than the limit.
    TooManyCalls { limit: u64 },
    /// More memory than the limit, in bytes.
    OutOfMemory { limit: u64 },
    /// A result that does not fit 64 bits.
    Overflow { operation: &'static str },
    /// `x / 0`
    DivisionByZero,
    /// A file that cannot be read.
    Io { operation: &'static str, path: PathBuf, reason: String, help: Option<&'static str> },
    /// A path in a string that Nix could not copy into its store.
    NotCopied { path: PathBuf, reason: String },
    /// A builtin that needs a store or the network.
    Unavailable { builtin: &'static str, why: &'static str },
    /// `<name>` that no search path gives.
    NotOnSearchPath { name: String },
    /// An argument outside of what a builtin takes.
    Argument { message: String, help: Option<&'static str> },
    /// A text of another language (JSON, TOML, a regular expression) that is wrong.
    Malformed { language: &'static str, message: String },
    /// A file of the language that cannot be parsed, with its diagnostics.
    Syntax(Vec<Diagnostic>),
    /// What lowering has refused, and has said why.
    Refused,
}

impl From<ErrorKind> for Box<EvalError> {
    fn from(kind: ErrorKind) -> Self {
        Box::new(EvalError { kind, span: None, trace: Vec::new() })
    }
}

impl EvalError {
    /// Adds the place, unless a closer one is known.
    pub(super) fn at(mut self: Box<Self>, span: Span) -> Box<Self> {
        self.span.get_or_insert(span);
        self
    }

    /// Adds a point of the way in.
    pub(super) fn via(mut self: Box<Self>, span: Span, text: impl FnOnce() -> String) -> Box<Self> {
        // What the program says is at the place of the call that says it.
        let mut waited = false;
        for frame in self.trace.iter_mut().rev().take_while(|frame| frame.span.is_none()) {
            (frame.span, waited) = (Some(span), true);
        }
        if waited {
            return self;
        }
        // A point that only repeats the one before says nothing new.
        let repeats = self.trace.last().is_some_and(|last| last.span == Some(span));
        if !repeats && self.span != Some(span) {
            self.trace.push(Frame { span: Some(span), text: text(), said: false });
        }
        self
    }

    /// Adds what the program itself says about the way in.
    pub(super) fn with_context(mut self: Box<Self>, text: String) -> Box<Self> {
        self.trace.push(Frame { span: None, text, said: true });
        self
    }

    /// Whether `builtins.tryEval` catches it.
    pub(super) fn is_catchable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Throw(_) | ErrorKind::Assertion | ErrorKind::NotOnSearchPath { .. }
        )
    }

    /// The failure in words: one diagnostic, or one for each error of a file that cannot be parsed; none
    /// for what [`super::Options::partial`] has left out.
    pub fn report(self) -> Vec<Diagnostic> {
        let EvalError { kind, span, trace } = self;
        let mut diagnostic = match words(kind) {
            Ok(diagnostic) => diagnostic,
            Err(mut diagnostics) => {
                if let Some(last) = diagnostics.last_mut() {
                    let text = "imported".to_owned();
                    let import = span.map(|_| Frame { span, text, said: false });
                    last.trace.extend(import.into_iter().chain(trace));
                }
                return diagnostics;
            }
        };
        if let Some(span) = span {
            diagnostic = diagnostic.with_label(span, "");
        }
        diagnostic.trace = trace;
        vec![diagnostic]
    }
}

fn did_you_mean(nearest: Option<&String>) -> Option<String> {
    nearest.map(|name| format!("did you mean `{name}`?"))
}

fn words(kind: ErrorKind) -> std::result::Result<Diagnostic, Vec<Diagnostic>> {
    Ok(match kind {
        ErrorKind::Throw(message) => Diagnostic::error(code::EVAL_THROW, message),
        ErrorKind::Abort(message) => Diagnostic::error(
            code::EVAL_ABORT,
            format!("evaluation aborted with the following message: {message}"),
        ),
        ErrorKind::Warning(message) => {
            Diagnostic::error(code::EVAL_WARNING, format!("evaluation warning: {message}"))
                .with_why("`--abort-on-warn` ends the evaluation at the first warning")
        }
        ErrorKind::Assertion => Diagnostic::error(code::EVAL_ASSERTION, "assertion failed"),
        ErrorKind::Type { expected, found } => {
            Diagnostic::error(code::EVAL_TYPE, format!("expected {expected}, found {found}"))
        }
        ErrorKind::NotText { found } => {
            Diagnostic::error(code::EVAL_NOT_TEXT, format!("cannot turn {found} into a string"))
                .with_why("strings, paths and sets with `outPath` or `__toString` have a text")
                .with_help("convert it with `toString` or `builtins.toJSON`")
        }
        ErrorKind::Operands { operation, left, right } => {
            Diagnostic::error(code::EVAL_OPERANDS, format!("cannot {operation} {left} and {right}"))
        }
        ErrorKind::Operand { operation, operand } => {
            Diagnostic::error(code::EVAL_OPERANDS, format!("cannot {operation} {operand}"))
        }
        ErrorKind::MissingAttribute { name, nearest } => Diagnostic::error(
            code::EVAL_MISSING_ATTRIBUTE,
            format!("attribute `{name}` is missing"),
        )
        .with_help_if(did_you_mean(nearest.as_ref())),
        ErrorKind::Undefined { name, nearest } => {
            Diagnostic::error(code::EVAL_UNDEFINED_VARIABLE, format!("undefined variable `{name}`"))
                .with_why("neither a scope nor a surrounding `with` defines it")
                .with_help_if(did_you_mean(nearest.as_ref()))
        }
        ErrorKind::MissingArgument { function, name } => Diagnostic::error(
            code::EVAL_MISSING_ARGUMENT,
            format!("{function} is called without its argument `{name}`"),
        )
        .with_help(format!("pass `{name}`, or give it a default: `{name} ? …`")),
        ErrorKind::UnexpectedArgument { function, name, nearest } => Diagnostic::error(
            code::EVAL_UNEXPECTED_ARGUMENT,
            format!("{function} is called with the unexpected argument `{name}`"),
        )
        .with_help_if(did_you_mean(nearest.as_ref())),
        ErrorKind::InfiniteRecursion => {
            Diagnostic::error(code::EVAL_INFINITE_RECURSION, "infinite recursion encountered")
                .with_why("the value is needed to compute itself")
        }
        ErrorKind::CallDepth { limit } => Diagnostic::error(
            code::EVAL_CALL_DEPTH,
            format!("the calls are nested more than {limit} deep"),
        )
        .with_why("most often a function that calls itself without end")
        .with_help(
            "check the condition that ends the recursion, or allow more with `--max-call-depth`",
        ),
        ErrorKind::TooManyCalls { limit } => Diagnostic::error(
            code::EVAL_TOO_MANY_CALLS,
            format!("the evaluation takes more than {limit} calls"),
        )
        .with_why(
            "most often a function that calls itself without end, or builtins on very long lists",
        )
        .with_help("check the condition that ends the recursion, or allow more with `--max-calls`"),
        ErrorKind::OutOfMemory { limit } => Diagnostic::error(
            code::EVAL_OUT_OF_MEMORY,
            format!("the evaluation takes more than {}", diag::size(limit)),
        )
        .with_help("make the value smaller, or allow more with `--max-memory`"),
        ErrorKind::TooDeep => Diagnostic::error(
            code::EVAL_TOO_DEEP,
            "stack overflow; the evaluation is nested too deeply",
        )
        .with_why("most often a function that calls itself without end")
        .with_help("check the condition that ends the recursion, or use `builtins.foldl'`"),
        ErrorKind::Overflow { operation } => Diagnostic::error(
            code::EVAL_OVERFLOW,
            format!("integer overflow: the result of {operation} does not fit 64 bits"),
        ),
        ErrorKind::DivisionByZero => {
            Diagnostic::error(code::EVAL_DIVISION_BY_ZERO, "division by zero")
        }
        ErrorKind::Io { operation, path, reason, help } => {
            Diagnostic::error(code::EVAL_IO, format!("cannot {operation} `{}`", path.display()))
                .with_why(reason)
                .with_help_if(help.map(str::to_owned))
        }
        ErrorKind::NotCopied { path, reason } => Diagnostic::error(
            code::EVAL_IO,
            format!("cannot use the path `{}` in a string: {reason}", path.display()),
        )
        .with_why("Nix copies such a path into its store, so there must be something to copy")
        .with_help("mend the path; `toString` gives the name alone"),
        ErrorKind::Unavailable { builtin, why } => Diagnostic::error(
            code::EVAL_UNAVAILABLE,
            format!("`builtins.{builtin}` is not available here"),
        )
        .with_why(why)
        .with_help("name the file itself; with Nix, pass the derivation to `buildImage`"),
        ErrorKind::NotOnSearchPath { name } => Diagnostic::error(
            code::EVAL_SEARCH_PATH,
            format!("file `{name}` was not found in the Nix search path"),
        )
        .with_help(format!("add it with `-I {name}=PATH`")),
        ErrorKind::Argument { message, help } => {
            Diagnostic::error(code::EVAL_ARGUMENT, message).with_help_if(help.map(str::to_owned))
        }
        ErrorKind::Malformed { language, message } => {
            Diagnostic::error(code::EVAL_MALFORMED, format!("invalid {language}: {message}"))
        }
        ErrorKind::Syntax(diagnostics) => return Err(diagnostics),
        ErrorKind::Refused => return Err(Vec::new()),
    })
}
