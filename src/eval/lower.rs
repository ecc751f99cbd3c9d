//! Syntax tree to expressions: variables become slots, and what rnix lets pass is refused.
//!
//! In: a tree of [`super::parse`]. Out: an [`Expr`], or every static error of the text: undefined
//! variables, duplicate attributes and arguments, numbers out of range, lambdas where Nix's grammar
//! has none. What always holds: a [`Kind::Variable`] names a slot that exists when it is read.

use super::Evaluator;
use super::expr::{
    DynamicField, Expr, Field, Formal, Kind, Lambda, LetExpr, Name, Operator, Parameter, Part,
    SetExpr,
};
use super::literal::{self, Piece};
use super::symbol::Symbol;
use super::value::{NixString, Place, Value};
use crate::diag::{Diagnostic, FileId, Span, nearest};
use crate::host;
use rnix::ast::{self, AstToken as _, BinOpKind, LiteralKind, UnaryOpKind};
use rnix::{NodeOrToken, SyntaxKind, SyntaxNode};
use rowan::ast::AstNode as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Lowers the tree of one file.
///
/// # Errors
/// Every static error of the file.
pub(super) fn lower(
    evaluator: &mut Evaluator<'_>,
    tree: &ast::Expr,
    file: FileId,
    folder: &Path,
    extra: Option<&super::value::Attrs>,
) -> Result<Expr, Vec<Diagnostic>> {
    let mut lowering = Lowering {
        evaluator,
        file,
        folder: folder.to_owned(),
        scopes: Vec::new(),
        errors: Vec::new(),
        too_deep: false,
        extra,
    };
    let expr = lowering.expr(tree, None);
    if lowering.errors.is_empty() {
        return Ok(expr);
    }
    Err(lowering.errors)
}

/// How many errors of one file are reported.
const MAX_ERRORS: usize = 20;

/// How many names an attribute path may have: each makes a set in a set.
const MAX_PATH: usize = 10_000;

/// A level of the environment, as lowering sees it.
enum Scope {
    /// Names and their slots.
    Names(BTreeMap<Symbol, u32>),
    /// A level whose slots have no names: sources of `inherit (x)`.
    Nameless,
    /// `with`.
    With,
}

struct Lowering<'e, 'w> {
    evaluator: &'e mut Evaluator<'w>,
    file: FileId,
    folder: PathBuf,
    scopes: Vec<Scope>,
    errors: Vec<Diagnostic>,
    /// Whether nesting has been refused.
    too_deep: bool,
    /// The names `builtins.scopedImport` adds.
    extra: Option<&'e super::value::Attrs>,
}

/// A set while its attribute paths are being merged.
#[derive(Default)]
struct Draft {
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
}

/// A component of an attribute path before lowering.
enum Component {
    Static(Symbol, Span),
    Dynamic(ast::Expr, Span),
}

impl Component {
    fn span(&self) -> Span {
        match self {
            Component::Static(_, span) | Component::Dynamic(_, span) => *span,
        }
    }

    /// The same name, standing where the whole path begins.
    fn from(self, start: u32) -> Self {
        match self {
            Component::Static(symbol, span) => Component::Static(symbol, Span { start, ..span }),
            Component::Dynamic(expr, span) => Component::Dynamic(expr, Span { start, ..span }),
        }
    }
}

impl Lowering<'_, '_> {
    /// The place of a node. rnix keeps blanks and comments outside of nodes.
    fn span(&self, node: &SyntaxNode) -> Span {
        let range = node.text_range();
        Span { file: self.file, start: range.start().into(), end: range.end().into() }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        // A text with more than this is most often no Nix at all.
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(diagnostic);
        }
    }

    fn syntax_error(&mut self, title: impl Into<String>, span: Span, label: &str) {
        self.report(Diagnostic::error("eval/syntax", title).with_label(span, label));
    }

    /// Whether lowering may recurse; says once where it could not.
    fn has_room(&mut self, span: Span) -> bool {
        if self.too_deep || !self.evaluator.stack.has_room() {
            if !self.too_deep {
                self.too_deep = true;
                self.report(
                    Diagnostic::error("eval/syntax", "expressions are nested too deeply")
                        .with_label(span, "at this depth")
                        .with_help("give the inner parts names with `let`"),
                );
            }
            return false;
        }
        true
    }

    /// Stands for what could not be lowered; an error has been reported.
    fn nothing(span: Span) -> Expr {
        Expr { kind: Kind::Constant(Value::Null), span }
    }

    fn required(&mut self, node: Option<ast::Expr>, parent: &SyntaxNode) -> Expr {
        if let Some(node) = node {
            self.expr(&node, None)
        } else {
            let span = self.span(parent);
            self.syntax_error("an expression is missing", span, "in here");
            Self::nothing(span)
        }
    }

    fn boxed(&mut self, node: Option<ast::Expr>, parent: &SyntaxNode) -> Box<Expr> {
        Box::new(self.required(node, parent))
    }

    /// An operand, where the grammar of Nix has no bare function.
    fn operand(&mut self, node: Option<ast::Expr>, parent: &SyntaxNode) -> Expr {
        if let Some(ast::Expr::Lambda(lambda)) = &node {
            let span = self.span(lambda.syntax());
            self.report(
                Diagnostic::error("eval/syntax", "a function needs parentheses here")
                    .with_label(span, "")
                    .with_help("write `(x: …)`"),
            );
        }
        self.required(node, parent)
    }

    fn expr(&mut self, node: &ast::Expr, name: Option<Symbol>) -> Expr {
        let syntax = node.syntax();
        let span = self.span(syntax);
        if !self.has_room(span) {
            return Self::nothing(span);
        }
        let kind = match node {
            ast::Expr::Paren(paren) => {
                if paren.r_paren_token().is_none() {
                    let opener = Span { end: span.start.saturating_add(1), ..span };
                    self.syntax_error("`)` is missing", opener, "opened here");
                }
                return match paren.expr() {
                    Some(inner) => Expr { span, ..self.expr(&inner, name) },
                    None => self.required(None, syntax),
                };
            }
            ast::Expr::Root(root) => return self.required(root.expr(), syntax),
            ast::Expr::Literal(literal) => self.literal(literal, span),
            ast::Expr::Str(string) => self.string(string),
            ast::Expr::PathAbs(_) | ast::Expr::PathRel(_) | ast::Expr::PathHome(_) => {
                self.path(node, span)
            }
            ast::Expr::PathSearch(path) => {
                let text = path.syntax().text().to_string();
                let inner = text.trim_matches(['<', '>']).as_bytes().into();
                Kind::SearchPath(inner)
            }
            ast::Expr::Ident(ident) => {
                let symbol = self.ident(ident);
                self.variable(symbol, span)
            }
            ast::Expr::CurPos(_) => Kind::CurrentPosition,
            ast::Expr::List(list) => {
                if list.r_brack_token().is_none() {
                    let opener = Span { end: span.start.saturating_add(1), ..span };
                    self.syntax_error("`]` is missing", opener, "opened here");
                }
                let items: Vec<_> =
                    list.items().map(|item| Rc::new(self.operand(Some(item), syntax))).collect();
                Kind::List(items.into())
            }
            ast::Expr::AttrSet(set) => {
                let draft = self.draft(set, set.rec_token().is_some(), false);
                Kind::Set(Box::new(self.set(draft)))
            }
            ast::Expr::LegacyLet(set) => {
                let draft = self.draft(set, true, false);
                let set = Expr { kind: Kind::Set(Box::new(self.set(draft))), span };
                Kind::Select {
                    subject: Box::new(set),
                    path: Box::new([Name::Static(Symbol::BODY, span)]),
                    default: None,
                }
            }
            ast::Expr::LetIn(let_in) => self.let_in(let_in),
            ast::Expr::Select(select) => self.select(select),
            ast::Expr::HasAttr(has) => {
                let subject = Box::new(self.operand(has.expr(), syntax));
                let path = self.names(has.attrpath());
                Kind::Has { subject, path }
            }
            ast::Expr::Lambda(lambda) => Kind::Lambda(Rc::new(self.lambda(lambda, span, name))),
            ast::Expr::Apply(apply) => self.call(apply),
            ast::Expr::IfElse(if_else) => Kind::If {
                condition: self.boxed(if_else.condition(), syntax),
                yes: self.boxed(if_else.body(), syntax),
                no: self.boxed(if_else.else_body(), syntax),
            },
            ast::Expr::Assert(assert) => Kind::Assert {
                condition: self.boxed(assert.condition(), syntax),
                body: self.boxed(assert.body(), syntax),
            },
            ast::Expr::With(with) => {
                let scope = Rc::new(self.required(with.namespace(), syntax));
                self.scopes.push(Scope::With);
                let body = self.boxed(with.body(), syntax);
                self.scopes.pop();
                Kind::With { scope, body }
            }
            ast::Expr::UnaryOp(operation) => {
                let operand = Box::new(self.operand(operation.expr(), syntax));
                match operation.operator() {
                    Some(UnaryOpKind::Negate) => Kind::Negate(operand),
                    _ => Kind::Not(operand),
                }
            }
            ast::Expr::BinOp(operation) => self.binary(operation, span),
            ast::Expr::Error(_) => {
                self.syntax_error("this is no expression", span, "");
                return Self::nothing(span);
            }
        };
        Expr { kind, span }
    }

    fn ident(&mut self, ident: &ast::Ident) -> Symbol {
        let text = ident.syntax().text().to_string();
        self.evaluator.symbols.intern(text.trim().as_bytes())
    }

    fn literal(&mut self, literal: &ast::Literal, span: Span) -> Kind {
        match literal.kind() {
            LiteralKind::Integer(token) => match token.syntax().text().parse::<i64>() {
                Ok(value) => return Kind::Constant(Value::Int(value)),
                Err(_) => self.report(
                    Diagnostic::error("eval/syntax", "the integer is too large")
                        .with_label(span, "")
                        .with_why("integers have 64 bits, so the largest is 9223372036854775807"),
                ),
            },
            LiteralKind::Float(token) => match token.syntax().text().parse::<f64>() {
                Ok(value) if value.is_finite() && !is_underflow(value, token.syntax().text()) => {
                    return Kind::Constant(Value::Float(value));
                }
                _ => self.syntax_error("the number is out of range", span, ""),
            },
            LiteralKind::Uri(token) => {
                return Kind::Constant(Value::string(token.syntax().text()));
            }
        }
        Kind::Constant(Value::Null)
    }

    /// The raw pieces between the delimiters of a string.
    fn pieces(&mut self, string: &ast::Str) -> (bool, Vec<Piece<ast::Expr>>) {
        let mut multiline = false;
        let mut pieces = Vec::new();
        for child in string.syntax().children_with_tokens() {
            match child {
                NodeOrToken::Token(token) => match token.kind() {
                    SyntaxKind::TOKEN_STRING_START => multiline = token.text() == "''",
                    SyntaxKind::TOKEN_STRING_CONTENT => {
                        pieces.push(Piece::Text(token.text().as_bytes().to_vec()));
                    }
                    _ => {}
                },
                NodeOrToken::Node(node) => {
                    if let Some(expr) = ast::Interpol::cast(node.clone()).and_then(|i| i.expr()) {
                        pieces.push(Piece::Interpolation(expr));
                    } else {
                        let span = self.span(&node);
                        self.syntax_error("empty interpolation", span, "");
                    }
                }
            }
        }
        if multiline {
            return (true, literal::indented(pieces));
        }
        let unescaped = pieces.into_iter().map(|piece| match piece {
            Piece::Text(raw) => {
                Piece::Text(literal::unescape(std::str::from_utf8(&raw).unwrap_or_default()))
            }
            Piece::Interpolation(expr) => Piece::Interpolation(expr),
        });
        (false, unescaped.collect())
    }

    fn string(&mut self, string: &ast::Str) -> Kind {
        let (_, pieces) = self.pieces(string);
        let mut parts: Vec<Part> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Text(text) => parts.push(Part::Text(text.into())),
                Piece::Interpolation(expr) => parts.push(Part::Expr(self.expr(&expr, None))),
            }
        }
        let only_text = parts.iter().all(|part| matches!(part, Part::Text(_)));
        if only_text {
            let mut bytes = Vec::new();
            for part in &parts {
                if let Part::Text(text) = part {
                    bytes.extend_from_slice(text);
                }
            }
            return Kind::Constant(Value::string(bytes));
        }
        Kind::Text(parts.into())
    }

    fn path(&mut self, node: &ast::Expr, span: Span) -> Kind {
        let mut parts = Vec::new();
        for child in node.syntax().children_with_tokens() {
            match child {
                NodeOrToken::Token(token) if !token.kind().is_trivia() => {
                    let text = token.text();
                    let bytes = if parts.is_empty() {
                        self.first_path_part(text, span)
                    } else {
                        text.as_bytes().to_vec()
                    };
                    parts.push(Part::Text(bytes.into()));
                }
                NodeOrToken::Token(_) => {}
                NodeOrToken::Node(node) => {
                    let expr = ast::Interpol::cast(node.clone()).and_then(|i| i.expr());
                    parts.push(Part::Expr(self.required(expr, &node)));
                }
            }
        }
        if let [Part::Text(only)] = parts.as_slice() {
            return Kind::Constant(Value::Path(NixString::new(normalize(only))));
        }
        Kind::PathText(parts.into())
    }

    /// The first piece of a path literal, made absolute; a trailing `/` before `${` is kept.
    fn first_path_part(&mut self, text: &str, span: Span) -> Vec<u8> {
        let base = if let Some(below_home) = text.strip_prefix("~/") {
            match &self.evaluator.home {
                Some(home) => home.join(below_home),
                None => {
                    self.syntax_error("`~` has no meaning: no home folder is known", span, "");
                    PathBuf::from("/")
                }
            }
        } else {
            self.folder.join(text)
        };
        let mut bytes = normalize(base.as_os_str().as_encoded_bytes());
        if text.ends_with('/') && bytes != b"/" {
            bytes.push(b'/');
        }
        bytes
    }

    fn variable(&mut self, name: Symbol, span: Span) -> Kind {
        let mut withs = Vec::new();
        for (up, scope) in (0_u32..).zip(self.scopes.iter().rev()) {
            match scope {
                Scope::Names(names) => {
                    if let Some(&slot) = names.get(&name) {
                        return Kind::Variable { up, slot };
                    }
                }
                Scope::Nameless => {}
                Scope::With => withs.push(up),
            }
        }
        if let Some(attr) = self.extra.and_then(|extra| extra.get(name)) {
            return Kind::Constant(attr.value.clone());
        }
        if let Some(value) = self.evaluator.global(name) {
            return Kind::Constant(value);
        }
        if withs.is_empty() {
            self.undefined(name, span);
            return Kind::Constant(Value::Null);
        }
        Kind::FromWith { name, scopes: withs.into() }
    }

    fn undefined(&mut self, name: Symbol, span: Span) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let text = self.evaluator.symbols.text(name);
        let mut known: Vec<String> = self
            .scopes
            .iter()
            .filter_map(|scope| match scope {
                Scope::Names(names) => Some(names.keys()),
                Scope::Nameless | Scope::With => None,
            })
            .flatten()
            .map(|&symbol| self.evaluator.symbols.text(symbol))
            .collect();
        known.extend(self.evaluator.global_names());
        let near = nearest(&text, known.iter().map(String::as_str));
        self.report(
            Diagnostic::error("eval/undefined-variable", format!("undefined variable `{text}`"))
                .with_label(span, "")
                .with_help_if(near.map(|name| format!("did you mean `{name}`?"))),
        );
    }

    fn call(&mut self, apply: &ast::Apply) -> Kind {
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

    fn binary(&mut self, operation: &ast::BinOp, span: Span) -> Kind {
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

    fn select(&mut self, select: &ast::Select) -> Kind {
        let subject = Box::new(self.operand(select.expr(), select.syntax()));
        let path = self.names(select.attrpath());
        let default =
            select.default_expr().map(|expr| Box::new(self.operand(Some(expr), select.syntax())));
        match known_member(&subject, &path) {
            Some(value) => Kind::Constant(value),
            None => Kind::Select { subject, path, default },
        }
    }

    fn names(&mut self, path: Option<ast::Attrpath>) -> Box<[Name]> {
        let components = self.components(path);
        let names = components.into_iter().map(|component| match component {
            Component::Static(symbol, span) => Name::Static(symbol, span),
            Component::Dynamic(expr, _) => Name::Dynamic(self.expr(&expr, None)),
        });
        names.collect()
    }

    fn components(&mut self, path: Option<ast::Attrpath>) -> Vec<Component> {
        if let Some(path) = &path
            && path.attrs().nth(MAX_PATH).is_some()
        {
            let span = self.span(path.syntax());
            self.syntax_error("the attribute path is too long", span, "");
            return Vec::new();
        }
        let attrs = path.into_iter().flat_map(|path| path.attrs());
        attrs.filter_map(|attr| self.component(&attr)).collect()
    }

    fn component(&mut self, attr: &ast::Attr) -> Option<Component> {
        let span = self.span(attr.syntax());
        match attr {
            ast::Attr::Ident(ident) => Some(Component::Static(self.ident(ident), span)),
            ast::Attr::Str(string) => Some(self.text_component(string, span)),
            ast::Attr::Dynamic(dynamic) => match dynamic.expr() {
                Some(ast::Expr::Str(string)) => Some(self.text_component(&string, span)),
                Some(expr) => Some(Component::Dynamic(expr, span)),
                None => {
                    self.syntax_error("empty attribute name", span, "");
                    None
                }
            },
        }
    }

    fn text_component(&mut self, string: &ast::Str, span: Span) -> Component {
        let (_, pieces) = self.pieces(string);
        let mut name = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => name.extend(text),
                Piece::Interpolation(_) => {
                    return Component::Dynamic(ast::Expr::Str(string.clone()), span);
                }
            }
        }
        Component::Static(self.evaluator.symbols.intern(&name), span)
    }

    fn lambda(&mut self, lambda: &ast::Lambda, span: Span, name: Option<Symbol>) -> Lambda {
        let mut bound = None;
        let (parameter, names) = match lambda.param() {
            Some(ast::Param::IdentParam(parameter)) => {
                let mut names = BTreeMap::new();
                if let Some(ident) = parameter.ident() {
                    let symbol = self.ident(&ident);
                    bound = Some(symbol);
                    names.insert(symbol, 0);
                }
                (None, names)
            }
            Some(ast::Param::Pattern(pattern)) => {
                let names = self.pattern_names(&pattern);
                let bind = pattern.pat_bind().and_then(|bind| bind.ident());
                bound = bind.map(|ident| self.ident(&ident));
                (Some(pattern), names)
            }
            None => {
                self.syntax_error("the function has no argument", span, "");
                (None, BTreeMap::new())
            }
        };
        self.scopes.push(Scope::Names(names));
        let parameter = match parameter {
            None => Parameter::Single,
            Some(pattern) => self.pattern(&pattern),
        };
        let body = self.required(lambda.body(), lambda.syntax());
        self.scopes.pop();
        Lambda { parameter, body, span, bound, name }
    }

    fn pattern_names(&mut self, pattern: &ast::Pattern) -> BTreeMap<Symbol, u32> {
        let mut names = BTreeMap::new();
        for (slot, entry) in (1_u32..).zip(pattern.pat_entries()) {
            let Some(ident) = entry.ident() else { continue };
            let symbol = self.ident(&ident);
            if names.insert(symbol, slot).is_some() {
                self.duplicate_argument(symbol, &ident);
            }
        }
        if let Some(ident) = pattern.pat_bind().and_then(|bind| bind.ident()) {
            let symbol = self.ident(&ident);
            if names.insert(symbol, 0).is_some() {
                self.duplicate_argument(symbol, &ident);
            }
        }
        names
    }

    fn duplicate_argument(&mut self, symbol: Symbol, ident: &ast::Ident) {
        let title =
            format!("duplicate formal function argument `{}`", self.evaluator.symbols.text(symbol));
        let span = self.span(ident.syntax());
        self.syntax_error(title, span, "given twice");
    }

    fn pattern(&mut self, pattern: &ast::Pattern) -> Parameter {
        let mut formals = Vec::new();
        for entry in pattern.pat_entries() {
            let Some(ident) = entry.ident() else { continue };
            let name = self.ident(&ident);
            let span = self.span(ident.syntax());
            let default = entry.default().map(|expr| Rc::new(self.expr(&expr, None)));
            let place = self.evaluator.add_place(span, span);
            formals.push(Formal { name, place, default });
        }
        Parameter::Pattern { formals: formals.into(), open: pattern.ellipsis_token().is_some() }
    }

    // Sets: first a draft in which attribute paths are merged, then the lowered form.

    fn draft<N: ast::HasEntry>(&mut self, set: &N, recursive: bool, is_let: bool) -> Draft {
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
        self.report(
            Diagnostic::error(
                "eval/duplicate-attribute",
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

    fn set(&mut self, draft: Draft) -> SetExpr {
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
                    let kind = self.variable(name, span);
                    self.scopes.extend(inner);
                    Expr { kind, span }
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
            DraftValue::Set(_, span) if !self.has_room(span) => Self::nothing(span),
            DraftValue::Set(draft, span) => {
                Expr { kind: Kind::Set(Box::new(self.set(draft))), span }
            }
            // Only fields are inherited, and `parts` has dealt with them.
            DraftValue::Outside | DraftValue::From(_) => {
                Self::nothing(Span { file: self.file, start: 0, end: 0 })
            }
        }
    }

    fn let_in(&mut self, let_in: &ast::LetIn) -> Kind {
        let draft = self.draft(let_in, true, true);
        let scope = Self::scope_of(&draft, true);
        let (fields, sources, _) = self.parts(draft, true);
        self.scopes.extend(scope);
        let body = self.required(let_in.body(), let_in.syntax());
        self.scopes.pop();
        Kind::Let(Box::new(LetExpr { fields, sources, body }))
    }
}

/// Whether a number is too small for a double to hold in full, which C's `strtod` reports as an error.
fn is_underflow(value: f64, text: &str) -> bool {
    let digits = text.split(['e', 'E']).next().unwrap_or(text);
    !value.is_normal() && digits.contains(|digit: char| ('1'..='9').contains(&digit))
}

/// Resolves `.` and `..` in an absolute path by name.
pub(super) fn normalize(path: &[u8]) -> Vec<u8> {
    // Safe paths are bytes on every system Nix runs on.
    let text = String::from_utf8_lossy(path);
    host::normalize(Path::new(text.as_ref())).into_os_string().into_encoded_bytes()
}

/// Where an attribute stands: its name and its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlaceSpans {
    pub(super) key: Span,
    pub(super) value: Span,
}

impl Evaluator<'_> {
    pub(super) fn add_place(&mut self, key: Span, value: Span) -> Place {
        self.places.push(PlaceSpans { key, value });
        // Number 0 is `Place::NOWHERE`.
        Place(u32::try_from(self.places.len()).unwrap_or(0))
    }
}

/// What `builtins.name` means, when nobody has hidden `builtins`.
fn known_member(subject: &Expr, path: &[Name]) -> Option<Value> {
    let (Kind::Constant(Value::Attrs(members)), [Name::Static(name, _)]) = (&subject.kind, path)
    else {
        return None;
    };
    let attr = members.get(*name)?;
    if matches!(attr.value, Value::Thunk(_)) { None } else { Some(attr.value.clone()) }
}
