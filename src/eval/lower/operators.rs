//! Operators and calls.

use super::super::expr::{Expr, Kind, Operator};
use super::super::symbol::Symbol;
use super::super::value::Value;
use super::Lowering;
use crate::diag::{Diagnostic, Span};
use crate::explain::code;
use rnix::ast::{self, BinOpKind};
use rowan::ast::AstNode as _;
use std::rc::Rc;

/// How an operator is the call of a function by a name that a program may define.
struct Meaning {
    function: Symbol,
    /// Whether the right operand comes first.
    swapped: bool,
    /// Whether the result is turned round.
    negated: bool,
}

impl Operator {
    /// The call that this operator is in Nix; none for those that no program can redefine.
    fn meaning(self) -> Option<Meaning> {
        let (function, swapped, negated) = match self {
            Operator::Subtract => (Symbol::SUB, false, false),
            Operator::Multiply => (Symbol::MUL, false, false),
            Operator::Divide => (Symbol::DIV, false, false),
            Operator::Less => (Symbol::LESS_THAN, false, false),
            Operator::LessEqual => (Symbol::LESS_THAN, true, true),
            Operator::Greater => (Symbol::LESS_THAN, true, false),
            Operator::GreaterEqual => (Symbol::LESS_THAN, false, true),
            Operator::Add
            | Operator::Concat
            | Operator::Update
            | Operator::Equal
            | Operator::NotEqual
            | Operator::And
            | Operator::Or
            | Operator::Implies => return None,
        };
        Some(Meaning { function, swapped, negated })
    }
}

impl Lowering<'_, '_> {
    pub(super) fn call(&mut self, apply: &ast::Apply) -> Kind {
        let mut arguments = Vec::new();
        let mut function = Some(ast::Expr::Apply(apply.clone()));
        let mut parent = apply.syntax().clone();
        // Arguments come last first: `f a b` is `(f a) b`.
        while let Some(ast::Expr::Apply(inner)) = &function {
            let inner = inner.clone();
            parent = inner.syntax().clone();
            arguments.push((inner.argument(), parent.clone()));
            function = inner.lambda();
        }
        let function = Box::new(self.operand(function, &parent));
        let arguments: Vec<_> = arguments
            .into_iter()
            .rev()
            .map(|(argument, parent)| Rc::new(self.operand(argument, &parent)))
            .collect();
        Kind::Call { function, arguments: arguments.into() }
    }

    pub(super) fn binary(&mut self, operation: &ast::BinOp, span: Span) -> Kind {
        let syntax = operation.syntax();
        let operator = match operation.operator() {
            Some(BinOpKind::PipeRight | BinOpKind::PipeLeft) if self.mixes_pipes(operation) => {
                self.report(
                    Diagnostic::error(code::EVAL_SYNTAX, "`|>` and `<|` do not mix")
                        .with_label(span, "")
                        .with_help("put one of the two in parentheses"),
                );
                return Kind::Refused;
            }
            Some(BinOpKind::PipeRight) => {
                let argument = Rc::new(self.operand(operation.lhs(), syntax));
                let function = Box::new(self.operand(operation.rhs(), syntax));
                return Kind::Call { function, arguments: Box::new([argument]) };
            }
            Some(BinOpKind::PipeLeft) => {
                let function = Box::new(self.operand(operation.lhs(), syntax));
                let argument = Rc::new(self.operand(operation.rhs(), syntax));
                return Kind::Call { function, arguments: Box::new([argument]) };
            }
            Some(BinOpKind::Concat) => Operator::Concat,
            Some(BinOpKind::Update) => Operator::Update,
            Some(BinOpKind::Add) => Operator::Add,
            Some(BinOpKind::Sub) => Operator::Subtract,
            Some(BinOpKind::Mul) => Operator::Multiply,
            Some(BinOpKind::Div) => Operator::Divide,
            Some(BinOpKind::And) => Operator::And,
            Some(BinOpKind::Equal) => Operator::Equal,
            Some(BinOpKind::Implication) => Operator::Implies,
            Some(BinOpKind::Less) => Operator::Less,
            Some(BinOpKind::LessOrEq) => Operator::LessEqual,
            Some(BinOpKind::More) => Operator::Greater,
            Some(BinOpKind::MoreOrEq) => Operator::GreaterEqual,
            Some(BinOpKind::NotEqual) => Operator::NotEqual,
            Some(BinOpKind::Or) => Operator::Or,
            None => {
                self.syntax_error("unknown operator", span, "");
                return Kind::Refused;
            }
        };
        let left = self.operand(operation.lhs(), syntax);
        let right = self.operand(operation.rhs(), syntax);
        let own = operator.meaning().and_then(|meaning| {
            self.own_function(meaning.function, span).map(|function| (meaning, function))
        });
        let Some((meaning, function)) = own else {
            return Kind::Binary { operator, left: Box::new(left), right: Box::new(right) };
        };
        let arguments = if meaning.swapped { [right, left] } else { [left, right] };
        let call = Kind::Call { function, arguments: Box::new(arguments.map(Rc::new)) };
        if meaning.negated { Kind::Not(Box::new(Expr { kind: call, span })) } else { call }
    }

    /// `-x`, which is `__sub 0 x`.
    pub(super) fn negation(&mut self, operand: Expr, span: Span) -> Kind {
        let Some(function) = self.own_function(Symbol::SUB, span) else {
            return Kind::Negate(Box::new(operand));
        };
        let zero = Expr { kind: Kind::Constant(Value::Int(0)), span };
        Kind::Call { function, arguments: Box::new([zero, operand].map(Rc::new)) }
    }

    /// `<name>`, which is `__findFile __nixPath "name"`.
    pub(super) fn search_path(&mut self, name: &str, span: Span) -> Kind {
        let function = self.variable(Symbol::FIND_FILE, span);
        let path = self.variable(Symbol::NIX_PATH, span);
        let name = Kind::Constant(Value::string(name));
        let arguments = [path, name].map(|kind| Rc::new(Expr { kind, span }));
        Kind::Call {
            function: Box::new(Expr { kind: function, span }),
            arguments: arguments.into(),
        }
    }

    /// What the program calls by the name of an operator's function; none where that is the builtin.
    fn own_function(&mut self, name: Symbol, span: Span) -> Option<Box<Expr>> {
        let kind = self.variable(name, span);
        if let (Kind::Constant(Value::Builtin(found)), Some(Value::Builtin(builtin))) =
            (&kind, self.evaluator.global(name))
            && std::ptr::eq(*found, builtin)
        {
            return None;
        }
        Some(Box::new(Expr { kind, span }))
    }

    /// Whether a pipe has an operand that is a pipe in the other direction.
    fn mixes_pipes(&self, operation: &ast::BinOp) -> bool {
        let own = operation.operator();
        [operation.lhs(), operation.rhs()].into_iter().flatten().any(|operand| match operand {
            ast::Expr::BinOp(inner) => {
                let pipe =
                    matches!(inner.operator(), Some(BinOpKind::PipeRight | BinOpKind::PipeLeft));
                pipe && inner.operator() != own
            }
            _ => false,
        })
    }
}
