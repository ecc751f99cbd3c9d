//! Expressions with their variables resolved: what lowering makes of the syntax tree.
//!
//! Every variable is a pair of numbers (how many scopes out, which slot) or a constant, so evaluation
//! never looks up a name except below `with`. What can become a thunk is behind an `Rc`.

use super::symbol::Symbol;
use super::value::{Place, Value};
use crate::diag::Span;
use std::rc::Rc;

/// An expression and where it stands.
pub(super) struct Expr {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// The forms of expressions.
pub(super) enum Kind {
    /// A literal, or a name that always means the same value.
    Constant(Value),
    /// A variable `up` scopes out.
    Variable { up: u32, slot: u32 },
    /// A name that only a surrounding `with` can give, nearest first.
    FromWith { name: Symbol, scopes: Box<[u32]> },
    /// `"…${x}…"`
    Text(Box<[Part]>),
    /// `./a/${x}`
    PathText(Box<[Part]>),
    /// `[ … ]`
    List(Box<[Rc<Expr>]>),
    /// `{ … }` and `rec { … }`
    Set(Box<SetExpr>),
    /// `let … in body`
    Let(Box<LetExpr>),
    /// `subject.path or default`
    Select { subject: Box<Expr>, path: Box<[Name]>, default: Option<Box<Expr>> },
    /// `subject ? path`
    Has { subject: Box<Expr>, path: Box<[Name]> },
    /// A function.
    Lambda(Rc<Lambda>),
    /// `function argument argument …`
    Call { function: Box<Expr>, arguments: Box<[Rc<Expr>]> },
    /// `if condition then yes else no`
    If { condition: Box<Expr>, yes: Box<Expr>, no: Box<Expr> },
    /// `assert condition; body`
    Assert { condition: Box<Expr>, body: Box<Expr> },
    /// `with scope; body`
    With { scope: Rc<Expr>, body: Box<Expr> },
    /// `!x`
    Not(Box<Expr>),
    /// `-x`
    Negate(Box<Expr>),
    /// A binary operator.
    Binary { operator: Operator, left: Box<Expr>, right: Box<Expr> },
    /// `__curPos`
    CurrentPosition,
    /// What lowering has refused; only there where a text is evaluated all the same.
    Refused,
}

/// A piece of a string or path.
pub(super) enum Part {
    Text(Box<[u8]>),
    Expr(Expr),
}

/// A component of an attribute path.
pub(super) enum Name {
    Static(Symbol, Span),
    Dynamic(Expr),
}

impl Name {
    pub(super) fn span(&self) -> Span {
        match self {
            Name::Static(_, span) => *span,
            Name::Dynamic(expr) => expr.span,
        }
    }
}

/// Binary operators; `|>` and `<|` have become calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Concat,
    Update,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Implies,
}

/// A set expression.
///
/// A recursive set, and one with `inherit (x)`, has a scope of its own: first the attributes (when
/// recursive), then one slot for each `inherit (x)` source, evaluated once for all its names.
pub(super) struct SetExpr {
    pub(super) recursive: bool,
    pub(super) fields: Box<[Field]>,
    pub(super) sources: Box<[Rc<Expr>]>,
    pub(super) dynamic: Box<[DynamicField]>,
}

/// An attribute whose name is known.
pub(super) struct Field {
    pub(super) name: Symbol,
    pub(super) place: Place,
    pub(super) value: Rc<Expr>,
    /// `inherit name;`: the value belongs to the scope around the set.
    pub(super) outside: bool,
}

/// An attribute whose name is computed.
pub(super) struct DynamicField {
    pub(super) name: Expr,
    pub(super) place: Place,
    pub(super) value: Rc<Expr>,
}

/// `let`: a scope of fields, then the sources of `inherit (x)`.
pub(super) struct LetExpr {
    pub(super) fields: Box<[Field]>,
    pub(super) sources: Box<[Rc<Expr>]>,
    pub(super) body: Expr,
}

/// A function.
pub(super) struct Lambda {
    pub(super) parameter: Parameter,
    pub(super) body: Expr,
    pub(super) span: Span,
    /// The name of the whole argument: `x:` or `… @ x:`.
    pub(super) bound: Option<Symbol>,
    /// The name it is bound to, for messages.
    pub(super) name: Option<Symbol>,
}

/// What a function takes.
pub(super) enum Parameter {
    /// `x:`, in slot 0.
    Single,
    /// `{ a, b ? 1, ... } @ x:`: the whole set in slot 0 (named or not), then the formals.
    Pattern { formals: Box<[Formal]>, open: bool },
}

/// A named argument; its slot is its index + 1.
pub(super) struct Formal {
    pub(super) name: Symbol,
    pub(super) place: Place,
    pub(super) default: Option<Rc<Expr>>,
}
