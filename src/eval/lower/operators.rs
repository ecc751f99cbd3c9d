//! Operators and calls.

use super::super::expr::{Kind, Operator};
use super::super::value::Value;
use super::Lowering;
use crate::diag::{Diagnostic, Span};
use rnix::ast::{self, BinOpKind};
use rowan::ast::AstNode as _;
use std::rc::Rc;

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
                    Diagnostic::error("eval/syntax", "`|>` and `<|` do not mix")
                        .with_label(span, "")
                        .with_help("put one of the two in parentheses"),
                );
                return Kind::Constant(Value::Null);
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
                return Kind::Constant(Value::Null);
            }
        };
        let left = Box::new(self.operand(operation.lhs(), syntax));
        let right = Box::new(self.operand(operation.rhs(), syntax));
        Kind::Binary { operator, left, right }
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
