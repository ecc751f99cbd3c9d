//! Sets and `let`: first a draft in which attribute paths are merged, then the lowered form.

use super::super::expr::{DynamicField, Expr, Field, Kind, LetExpr, Name, SetExpr};
use super::super::symbol::Symbol;
use super::names::Component;
use super::{Lowering, Scope};
use crate::diag::{Diagnostic, Span};
use crate::explain::code;
use rnix::ast;
use rowan::ast::AstNode as _;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A set while its attribute paths are being merged.
#[derive(Default)]
pub(super) struct Draft {
    recursive: bool,
    fields: Vec<(Symbol, Span, DraftValue)>,
    /// Where a name is in `fields`.
    index: BTreeMap<Symbol, usize>,
    sources: Vec<ast::Expr>,
    dynamic: Vec<(ast::Expr, Span, DraftValue)>,
}

impl Draft {
    /// The place of a field, made with `value` when the name is new; else `value` comes back.
    fn field(
        &mut self,
        name: Symbol,
        span: Span,
        value: DraftValue,
    ) -> (usize, Option<DraftValue>) {
        if let Some(&index) = self.index.get(&name) {
            return (index, Some(value));
        }
        self.index.insert(name, self.fields.len());
        self.fields.push((name, span, value));
        (self.fields.len() - 1, None)
    }
}

enum DraftValue {
    Expr(ast::Expr),
    Set(Draft, Span),
    /// `inherit name;`
    Outside,
    /// `inherit (source) name;`
    From(usize),
    /// Defined twice, so that nobody knows what it is.
    Refused(Span),
}

impl Lowering<'_, '_> {
    pub(super) fn draft<N: ast::HasEntry>(
        &mut self,
        set: &N,
        recursive: bool,
        is_let: bool,
    ) -> Draft {
        let mut draft = Draft { recursive, ..Draft::default() };
        for entry in set.entries() {
            match entry {
                ast::Entry::Inherit(inherit) => self.draft_inherit(&mut draft, &inherit),
                ast::Entry::AttrpathValue(binding) => {
                    let path = self.components(binding.attrpath());
                    let Some(value) = binding.value() else {
                        let span = self.span(binding.syntax());
                        self.syntax_error("the attribute has no value", span, "");
                        continue;
                    };
                    if is_let && let Some(Component::Dynamic(_, span)) = path.first() {
                        let span = *span;
                        self.syntax_error("dynamic attributes are not allowed in `let`", span, "");
                        continue;
                    }
                    let value = self.draft_value(value);
                    self.insert(&mut draft, path, value);
                }
            }
        }
        draft
    }

    /// Set literals stay drafts, so that `a = { x = 1; }; a.y = 2;` can merge.
    fn draft_value(&mut self, value: ast::Expr) -> DraftValue {
        let mut inner = value.clone();
        while let ast::Expr::Paren(paren) = &inner {
            match paren.expr() {
                Some(next) if paren.r_paren_token().is_some() => inner = next,
                _ => return DraftValue::Expr(value),
            }
        }
        if let ast::Expr::AttrSet(set) = &inner {
            let span = self.span(value.syntax());
            return DraftValue::Set(self.draft(set, set.rec_token().is_some(), false), span);
        }
        DraftValue::Expr(value)
    }

    fn draft_inherit(&mut self, draft: &mut Draft, inherit: &ast::Inherit) {
        let source = inherit.from().map(|from| {
            if let Some(expr) = from.expr() {
                draft.sources.push(expr);
            } else {
                let span = self.span(from.syntax());
                self.syntax_error("`inherit ( )` has no source", span, "");
            }
            draft.sources.len().saturating_sub(1)
        });
        for attr in inherit.attrs() {
            let value = match source {
                Some(index) => DraftValue::From(index),
                None => DraftValue::Outside,
            };
            match self.component(&attr) {
                Some(Component::Static(symbol, span)) => {
                    self.insert(draft, vec![Component::Static(symbol, span)], value);
                }
                Some(Component::Dynamic(_, span)) => {
                    self.syntax_error("dynamic attributes are not allowed in `inherit`", span, "");
                }
                None => {}
            }
        }
    }

    fn insert(&mut self, draft: &mut Draft, path: Vec<Component>, value: DraftValue) {
        let shown = self.show_path(&path);
        // As in Nix, each attribute of a path stands where the path begins.
        let start = path.first().map_or(0, |component| component.span().start);
        let mut target = draft;
        let mut components = path.into_iter().peekable();
        while let Some(component) = components.next() {
            let last = components.peek().is_none();
            let component = component.from(start);
            match component {
                Component::Dynamic(name, span) if last => {
                    target.dynamic.push((name, span, value));
                    return;
                }
                Component::Dynamic(name, span) => {
                    target.dynamic.push((name, span, DraftValue::Set(Draft::default(), span)));
                    let Some((_, _, DraftValue::Set(inner, _))) = target.dynamic.last_mut() else {
                        return;
                    };
                    target = inner;
                }
                Component::Static(name, span) if last => {
                    self.insert_field(target, name, span, value, &shown);
                    return;
                }
                Component::Static(name, span) => {
                    let inner = DraftValue::Set(Draft::default(), span);
                    let (index, _) = target.field(name, span, inner);
                    let Some((_, first, known)) = target.fields.get_mut(index) else { return };
                    let DraftValue::Set(inner, _) = known else {
                        *known = DraftValue::Refused(span);
                        let first = *first;
                        self.duplicate_attribute(&shown, span, first);
                        return;
                    };
                    target = inner;
                }
            }
        }
    }

    fn insert_field(
        &mut self,
        target: &mut Draft,
        name: Symbol,
        span: Span,
        value: DraftValue,
        shown: &str,
    ) {
        let (index, Some(value)) = target.field(name, span, value) else { return };
        let Some(known) = target.fields.get_mut(index) else { return };
        let first = known.1;
        let (DraftValue::Set(into, _), DraftValue::Set(from, _)) = (&mut known.2, value) else {
            known.2 = DraftValue::Refused(span);
            self.duplicate_attribute(shown, span, first);
            return;
        };
        let offset = into.sources.len();
        into.sources.extend(from.sources);
        into.dynamic.extend(from.dynamic);
        for (name, span, value) in from.fields {
            let value = match value {
                DraftValue::From(index) => DraftValue::From(index + offset),
                other => other,
            };
            let shown = format!("{shown}.{}", self.evaluator.symbols.text(name));
            self.insert_field(into, name, span, value, &shown);
        }
    }

    fn duplicate_attribute(&mut self, shown: &str, span: Span, first: Span) {
        self.report_error(
            Diagnostic::error(
                code::EVAL_DUPLICATE_ATTRIBUTE,
                format!("attribute `{shown}` is defined twice"),
            )
            .with_label(span, "again here")
            .with_label(first, "first defined here")
            .with_help("keep one of the two"),
        );
    }

    fn show_path(&self, path: &[Component]) -> String {
        let names: Vec<String> = path
            .iter()
            .map(|component| match component {
                Component::Static(symbol, _) => self.evaluator.symbols.text(*symbol),
                Component::Dynamic(_, _) => "${…}".to_owned(),
            })
            .collect();
        names.join(".")
    }

    /// The scope that a set or `let` makes for its own parts.
    fn scope_of(draft: &Draft, recursive: bool) -> Option<Scope> {
        if recursive {
            let names = draft.fields.iter().map(|(name, _, _)| *name).zip(0..).collect();
            Some(Scope::Names(names))
        } else if draft.sources.is_empty() {
            None
        } else {
            Some(Scope::Nameless)
        }
    }

    pub(super) fn set(&mut self, draft: Draft) -> SetExpr {
        let recursive = draft.recursive;
        let dynamic_draft = draft.dynamic.len();
        let (fields, sources, dynamic) = self.parts(draft, recursive);
        debug_assert_eq!(dynamic.len(), dynamic_draft);
        SetExpr { recursive, fields, sources, dynamic }
    }

    #[allow(clippy::type_complexity, reason = "three lists that belong to one scope")]
    fn parts(
        &mut self,
        draft: Draft,
        recursive: bool,
    ) -> (Box<[Field]>, Box<[Rc<Expr>]>, Box<[DynamicField]>) {
        // The slots of the sources come after those of the attributes.
        let first_source = if recursive { draft.fields.len() } else { 0 };
        let outer = self.scopes.len();
        self.scopes.extend(Self::scope_of(&draft, recursive));
        let sources: Vec<_> =
            draft.sources.iter().map(|source| Rc::new(self.expr(source, None))).collect();
        let mut fields = Vec::with_capacity(draft.fields.len());
        for (name, span, value) in draft.fields {
            let mut value_span = span;
            let outside = matches!(value, DraftValue::Outside);
            let expr = match value {
                DraftValue::Outside => {
                    let inner = self.scopes.split_off(outer);
                    let expr = self.lower_or_refuse(span, |lowering| lowering.variable(name, span));
                    self.scopes.extend(inner);
                    expr
                }
                DraftValue::From(index) => {
                    let slot = u32::try_from(first_source + index).unwrap_or(u32::MAX);
                    let subject = Expr { kind: Kind::Variable { up: 0, slot }, span };
                    Expr {
                        kind: Kind::Select {
                            subject: Box::new(subject),
                            path: Box::new([Name::Static(name, span)]),
                            default: None,
                        },
                        span,
                    }
                }
                other => {
                    let expr = self.draft_expr(other, Some(name));
                    value_span = expr.span;
                    expr
                }
            };
            let place = self.evaluator.add_place(span, value_span);
            fields.push(Field { name, place, value: Rc::new(expr), outside });
        }
        let mut dynamic = Vec::with_capacity(draft.dynamic.len());
        for (name, span, value) in draft.dynamic {
            let name = self.expr(&name, None);
            let value = self.draft_expr(value, None);
            let place = self.evaluator.add_place(span, value.span);
            dynamic.push(DynamicField { name, place, value: Rc::new(value) });
        }
        self.scopes.truncate(outer);
        (fields.into(), sources.into(), dynamic.into())
    }

    fn draft_expr(&mut self, value: DraftValue, name: Option<Symbol>) -> Expr {
        match value {
            DraftValue::Expr(expr) => self.expr(&expr, name),
            DraftValue::Set(_, span) if !self.has_room(span) => Self::refused(span),
            DraftValue::Set(draft, span) => {
                self.lower_or_refuse(span, |lowering| Kind::Set(Box::new(lowering.set(draft))))
            }
            DraftValue::Refused(span) => Self::refused(span),
            // Only fields are inherited, and `parts` has dealt with them.
            DraftValue::Outside | DraftValue::From(_) => {
                Self::refused(Span { file: self.origin.file, start: 0, end: 0 })
            }
        }
    }

    pub(super) fn let_in(&mut self, let_in: &ast::LetIn) -> Kind {
        let draft = self.draft(let_in, true, true);
        let scope = Self::scope_of(&draft, true);
        let (fields, sources, _) = self.parts(draft, true);
        self.scopes.extend(scope);
        let body = self.required(let_in.body(), let_in.syntax());
        self.scopes.pop();
        Kind::Let(Box::new(LetExpr { fields, sources, body }))
    }
}
