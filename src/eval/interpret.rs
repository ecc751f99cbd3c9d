//! Evaluation: expressions and their variables to values. Calls are in [`super::call`].
//!
//! [`Evaluator::eval`] gives weak head normal form. A call in tail position does not recurse: a step
//! ends in [`Step::Tail`] and the loop in `eval` goes on with the body. Everything else recurses on
//! the Rust stack, which [`super::Stack`] guards. An error gets its place from the innermost expression
//! that knows it and collects the way in as it passes outwards.

use super::Evaluator;
use super::error::{ErrorKind, EvalError, Result};
use super::expr::{Expr, Field, Kind, Lambda, LetExpr, Name, Operator, Part, SetExpr};
use super::string::Builder;
use super::symbol::Symbol;
use super::value::{Attr, Attrs, Closure, Env, List, NixString, Place, State, Thunk, Value};
use crate::diag::{Span, nearest};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What one step of an evaluation ends in.
pub(super) enum Step {
    Value(Value),
    /// Go on with the body of a function.
    Tail(Rc<Lambda>, Rc<Env>, Span),
}

impl Evaluator<'_> {
    /// Evaluates an expression to weak head normal form.
    #[inline]
    pub(super) fn eval(&mut self, expr: &Expr, env: &Rc<Env>) -> Result<Value> {
        match known(expr, env) {
            Some(value) => Ok(value),
            None => self.eval_unknown(expr, env),
        }
    }

    fn eval_unknown(&mut self, expr: &Expr, env: &Rc<Env>) -> Result<Value> {
        if !self.stack.has_room() {
            return Err(Box::<EvalError>::from(ErrorKind::TooDeep).at(expr.span));
        }
        match self.step(expr, env) {
            Ok(Step::Value(value)) => Ok(value),
            Ok(Step::Tail(lambda, env, span)) => self.run(lambda, env, span),
            Err(error) => Err(error.at(expr.span)),
        }
    }

    pub(super) fn step(&mut self, expr: &Expr, env: &Rc<Env>) -> Result<Step> {
        let mut expr = expr;
        let mut scope: Rc<Env>;
        let mut env = env;
        loop {
            let result = match &expr.kind {
                Kind::Constant(value) => self.forced(value, expr.span).map(Step::Value),
                Kind::Variable { up, slot } => match env.get(*up, *slot) {
                    Some(Value::Thunk(thunk)) => {
                        let thunk = Rc::clone(thunk);
                        let value = self.force_thunk(&thunk);
                        value.map(Step::Value).map_err(|error| error.at(expr.span))
                    }
                    Some(value) => Ok(Step::Value(value.clone())),
                    None => Err(ErrorKind::InfiniteRecursion.into()),
                },
                Kind::If { condition, yes, no } => {
                    expr = if self.eval_bool(condition, env)? { yes } else { no };
                    continue;
                }
                Kind::Let(let_expr) => {
                    scope = self.enter_let(let_expr, env);
                    env = &scope;
                    expr = &let_expr.body;
                    continue;
                }
                Kind::With { scope: source, body } => {
                    let next = Env::new(Some(Rc::clone(env)), 1);
                    next.set(0, self.delay(source, env));
                    scope = next;
                    env = &scope;
                    expr = body;
                    continue;
                }
                Kind::Assert { condition, body } => {
                    if !self.eval_bool(condition, env)? {
                        return Err(Box::<EvalError>::from(ErrorKind::Assertion).at(condition.span));
                    }
                    expr = body;
                    continue;
                }
                Kind::Call { function, arguments } => {
                    self.step_call(function, arguments, env, expr.span)
                }
                Kind::Lambda(lambda) => {
                    let closure = Closure { lambda: Rc::clone(lambda), env: Rc::clone(env) };
                    Ok(Step::Value(Value::Lambda(Rc::new(closure))))
                }
                Kind::Select { subject, path, default } => {
                    match (self.select(subject, path, env, default.is_some()), default) {
                        (Ok(Some(value)), _) => Ok(Step::Value(value)),
                        (Ok(None), Some(default)) => {
                            expr = default;
                            continue;
                        }
                        (Ok(None), None) => Ok(Step::Value(Value::Null)),
                        (Err(error), _) => Err(error),
                    }
                }
                Kind::Binary { operator, left, right } => {
                    self.binary(*operator, left, right, env).map(Step::Value)
                }
                _ => self.eval_data(expr, env).map(Step::Value),
            };
            // What `let`, `if` and the like end in is where the failure is, not where they begin.
            return result.map_err(|error| error.at(expr.span));
        }
    }

    /// The expressions that build a value and call nothing in tail position.
    #[inline(never)]
    fn eval_data(&mut self, expr: &Expr, env: &Rc<Env>) -> Result<Value> {
        match &expr.kind {
            Kind::Text(parts) => self.eval_text_parts(parts, env, true).map(Value::String),
            Kind::PathText(parts) => self.eval_path_parts(parts, env),
            Kind::List(items) => {
                Ok(Value::list(items.iter().map(|item| self.delay(item, env)).collect()))
            }
            Kind::Set(set) => self.eval_set(set, env).map(Value::Attrs),
            Kind::FromWith { name, scopes } => self.with_attribute(*name, scopes, env),
            Kind::Has { subject, path } => self.has(subject, path, env).map(Value::Bool),
            Kind::Not(operand) => Ok(Value::Bool(!self.eval_bool(operand, env)?)),
            Kind::Negate(operand) => {
                let value = self.eval(operand, env)?;
                self.negate(&value)
            }
            Kind::CurrentPosition => Ok(self.position_value(expr.span)),
            Kind::Refused => Err(ErrorKind::Refused.into()),
            // `step` has dealt with the others.
            _ => Ok(Value::Null),
        }
    }

    fn eval_bool(&mut self, expr: &Expr, env: &Rc<Env>) -> Result<bool> {
        if let Kind::Binary { operator, left, right } = &expr.kind
            && let Some(Value::Bool(value)) = small(*operator, left, right, env)
        {
            return Ok(value);
        }
        match self.eval(expr, env)? {
            Value::Bool(value) => Ok(value),
            other => Err(self.type_error("a Boolean", &other).at(expr.span)),
        }
    }

    /// A value for an expression that may never be needed.
    ///
    /// What is known already, or follows from it by one sum or comparison of integers, is no promise
    /// but the value: no program can tell, and a thunk costs more than the sum.
    pub(super) fn delay(&mut self, expr: &Rc<Expr>, env: &Rc<Env>) -> Value {
        match &expr.kind {
            Kind::Constant(value) => value.clone(),
            Kind::Variable { up, slot } => match env.get(*up, *slot) {
                Some(value) => value.clone(),
                None => Thunk::code(Rc::clone(expr), Rc::clone(env)),
            },
            Kind::Binary { operator, left, right }
                if matches!(left.kind, Kind::Variable { .. }) =>
            {
                match small(*operator, left, right, env) {
                    Some(value) => value,
                    None => Thunk::code(Rc::clone(expr), Rc::clone(env)),
                }
            }
            Kind::Lambda(lambda) => {
                let closure = Closure { lambda: Rc::clone(lambda), env: Rc::clone(env) };
                Value::Lambda(Rc::new(closure))
            }
            _ => Thunk::code(Rc::clone(expr), Rc::clone(env)),
        }
    }

    /// A value to weak head normal form.
    pub fn force(&mut self, value: &Value) -> Result<Value> {
        match value {
            Value::Thunk(thunk) => {
                let thunk = Rc::clone(thunk);
                self.force_thunk(&thunk)
            }
            other => Ok(other.clone()),
        }
    }

    fn forced(&mut self, value: &Value, span: Span) -> Result<Value> {
        match value {
            Value::Thunk(_) => self.force(value).map_err(|error| error.at(span)),
            other => Ok(other.clone()),
        }
    }

    pub(super) fn force_thunk(&mut self, thunk: &Rc<Thunk>) -> Result<Value> {
        match thunk.take() {
            State::Done(value) => {
                thunk.put(State::Done(value.clone()));
                Ok(value)
            }
            // `take` has left the thunk running.
            State::Running => Err(ErrorKind::InfiniteRecursion.into()),
            State::Code(code, env) => match self.eval(&code, &env) {
                Ok(value) => {
                    thunk.put(State::Done(value.clone()));
                    Ok(value)
                }
                Err(error) => {
                    // Whoever comes again gets the same failure.
                    thunk.put(State::Code(code, env));
                    Err(error)
                }
            },
            State::Call(function, argument) => match self.call(&function, argument.clone()) {
                Ok(value) => {
                    thunk.put(State::Done(value.clone()));
                    Ok(value)
                }
                Err(error) => {
                    thunk.put(State::Call(function, argument));
                    Err(error)
                }
            },
            State::Call2(function, arguments) => {
                let (first, second) = arguments.as_ref();
                match self.call2(&function, first.clone(), second.clone()) {
                    Ok(value) => {
                        thunk.put(State::Done(value.clone()));
                        Ok(value)
                    }
                    Err(error) => {
                        thunk.put(State::Call2(function, arguments));
                        Err(error)
                    }
                }
            }
        }
    }

    fn enter_let(&mut self, let_expr: &LetExpr, env: &Rc<Env>) -> Rc<Env> {
        let slots = let_expr.fields.len() + let_expr.sources.len();
        let scope = Env::new(Some(Rc::clone(env)), slots);
        self.fill(&scope, env, &let_expr.fields, &let_expr.sources);
        scope
    }

    /// Fills the slots of a recursive scope: the fields, then the sources of `inherit (x)`.
    fn fill(&mut self, scope: &Rc<Env>, outer: &Rc<Env>, fields: &[Field], sources: &[Rc<Expr>]) {
        let first_source = u32::try_from(fields.len()).unwrap_or(u32::MAX);
        for (slot, source) in (first_source..).zip(sources) {
            scope.set(slot, self.delay(source, scope));
        }
        for (slot, field) in (0..).zip(fields) {
            let env = if field.outside { outer } else { scope };
            scope.set(slot, self.delay(&field.value, env));
        }
    }

    fn eval_set(&mut self, set: &SetExpr, env: &Rc<Env>) -> Result<Attrs> {
        let mut attrs = Vec::with_capacity(set.fields.len() + set.dynamic.len());
        let inner;
        let scope = if set.recursive {
            inner = Env::new(Some(Rc::clone(env)), set.fields.len() + set.sources.len());
            self.fill(&inner, env, &set.fields, &set.sources);
            for (slot, field) in (0..).zip(&set.fields) {
                // `fill` has set every slot.
                let value = inner.get(0, slot).cloned().unwrap_or(Value::Null);
                attrs.push(Attr { name: field.name, place: field.place, value });
            }
            &inner
        } else if set.sources.is_empty() {
            for field in &set.fields {
                let value = self.delay(&field.value, env);
                attrs.push(Attr { name: field.name, place: field.place, value });
            }
            env
        } else {
            inner = Env::new(Some(Rc::clone(env)), set.sources.len());
            for (slot, source) in (0..).zip(&set.sources) {
                inner.set(slot, self.delay(source, &inner));
            }
            for field in &set.fields {
                let value = self.delay(&field.value, if field.outside { env } else { &inner });
                attrs.push(Attr { name: field.name, place: field.place, value });
            }
            &inner
        };
        if set.recursive && set.fields.iter().any(|field| field.name == Symbol::OVERRIDES) {
            return self.override_set(set, env, scope);
        }
        if !set.dynamic.is_empty() {
            self.add_dynamic(set, scope, &mut attrs)?;
        }
        Ok(Attrs::from_unsorted(attrs))
    }

    fn add_dynamic(&mut self, set: &SetExpr, scope: &Rc<Env>, attrs: &mut Vec<Attr>) -> Result<()> {
        let mut known: BTreeSet<Symbol> = attrs.iter().map(|attr| attr.name).collect();
        for field in &set.dynamic {
            let name = match self.eval(&field.name, scope)? {
                // `${null}` leaves the attribute out.
                Value::Null => continue,
                other => self.attribute_name(&other).map_err(|error| error.at(field.name.span))?,
            };
            if !known.insert(name) {
                let message = format!("attribute `{}` is defined twice", self.symbols.text(name));
                let error: Box<EvalError> = ErrorKind::Argument { message, help: None }.into();
                return Err(error.at(field.name.span));
            }
            let value = self.delay(&field.value, scope);
            attrs.push(Attr { name, place: field.place, value });
        }
        Ok(())
    }

    /// `__overrides`: its attributes replace those of the recursive set, for the set's own parts too.
    /// `plain` is the scope without them, in which `__overrides` itself is evaluated.
    fn override_set(&mut self, set: &SetExpr, env: &Rc<Env>, plain: &Rc<Env>) -> Result<Attrs> {
        let at = set.fields.iter().position(|field| field.name == Symbol::OVERRIDES);
        let at = u32::try_from(at.unwrap_or(0)).unwrap_or(0);
        let own = plain.get(0, at).cloned().unwrap_or(Value::Null);
        let overrides = match self.force(&own)? {
            Value::Attrs(overrides) => overrides,
            other => return Err(self.type_error("a set", &other)),
        };
        let scope = Env::new(Some(Rc::clone(env)), set.fields.len() + set.sources.len());
        scope.set(at, own);
        for (slot, field) in (0..).zip(&set.fields) {
            if let Some(over) = overrides.get(field.name) {
                scope.set(slot, over.value.clone());
            }
        }
        // Slots that are set stay as they are.
        self.fill(&scope, env, &set.fields, &set.sources);
        let fields = (0..).zip(&set.fields).map(|(slot, field)| Attr {
            name: field.name,
            place: field.place,
            value: scope.get(0, slot).cloned().unwrap_or(Value::Null),
        });
        let mut attrs: Vec<Attr> = fields.collect();
        self.add_dynamic(set, &scope, &mut attrs)?;
        Ok(Attrs::from_unsorted(attrs).update(&overrides))
    }

    /// A name computed in an attribute path.
    pub(super) fn attribute_name(&mut self, value: &Value) -> Result<Symbol> {
        let name = match self.force(value)? {
            Value::String(name) => name,
            other => return Err(self.type_error("a string", &other)),
        };
        if name.context().is_some() {
            return Err(ErrorKind::Argument {
                message: format!(
                    "the attribute name `{}` may not refer to a store path",
                    name.to_text()
                ),
                help: Some("wrap it in `builtins.unsafeDiscardStringContext`"),
            }
            .into());
        }
        Ok(self.symbols.intern_string(&name))
    }

    fn resolve(&mut self, name: &Name, env: &Rc<Env>) -> Result<Symbol> {
        match name {
            Name::Static(symbol, _) => Ok(*symbol),
            Name::Dynamic(expr) => {
                let value = self.eval(expr, env)?;
                self.attribute_name(&value).map_err(|error| error.at(expr.span))
            }
        }
    }

    /// Follows an attribute path; none when it ends early and that is allowed. As in Nix, a name is
    /// evaluated before the value that it is looked up in.
    fn select(
        &mut self,
        subject: &Expr,
        path: &[Name],
        env: &Rc<Env>,
        optional: bool,
    ) -> Result<Option<Value>> {
        let mut value = self.eval(subject, env)?;
        let mut before: Option<(Symbol, Place, Span)> = None;
        for name in path {
            let symbol = self.resolve(name, env)?;
            if let Some(selected) = before {
                value = self.force_selected(&value, selected)?;
            }
            let attrs = match &value {
                Value::Attrs(attrs) => attrs,
                _ if optional => return Ok(None),
                other => return Err(self.type_error("a set", other).at(name.span())),
            };
            match attrs.get(symbol) {
                Some(attr) => {
                    before = Some((symbol, attr.place, name.span()));
                    value = attr.value.clone();
                }
                None if optional => return Ok(None),
                None => return Err(self.missing_attribute(attrs, symbol).at(name.span())),
            }
        }
        match before {
            Some(selected) => self.force_selected(&value, selected).map(Some),
            None => Ok(Some(value)),
        }
    }

    /// The value of an attribute: its name, where it was written, and where it was asked for.
    fn force_selected(
        &mut self,
        value: &Value,
        (name, place, span): (Symbol, Place, Span),
    ) -> Result<Value> {
        self.force(value).map_err(|error| {
            let error = error.at(span);
            match self.binding(place) {
                Some((key, _)) => {
                    error.via(key, || format!("while evaluating `{}`", self.symbols.text(name)))
                }
                None => error,
            }
        })
    }

    pub(super) fn missing_attribute(&self, attrs: &Attrs, name: Symbol) -> Box<EvalError> {
        let name = self.symbols.text(name);
        let known: Vec<String> = attrs.iter().map(|attr| self.symbols.text(attr.name)).collect();
        let near = nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
        ErrorKind::MissingAttribute { name, nearest: near }.into()
    }

    fn has(&mut self, subject: &Expr, path: &[Name], env: &Rc<Env>) -> Result<bool> {
        let mut value = self.eval(subject, env)?;
        for name in path {
            let subject = self.force(&value)?;
            // As in Nix, the name is evaluated whatever it is looked up in.
            let symbol = self.resolve(name, env)?;
            let Value::Attrs(attrs) = subject else { return Ok(false) };
            match attrs.get(symbol) {
                Some(attr) => value = attr.value.clone(),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn with_attribute(&mut self, name: Symbol, scopes: &[u32], env: &Rc<Env>) -> Result<Value> {
        for &up in scopes {
            // The slot of a `with` is set as its scope is made.
            let scope = env.get(up, 0).cloned().unwrap_or(Value::Null);
            match self.force(&scope)? {
                Value::Attrs(attrs) => {
                    if let Some(attr) = attrs.get(name) {
                        return self.force(&attr.value.clone());
                    }
                }
                other => return Err(self.type_error("a set", &other)),
            }
        }
        Err(self.undefined(name, scopes, env))
    }

    #[cold]
    fn undefined(&mut self, name: Symbol, scopes: &[u32], env: &Rc<Env>) -> Box<EvalError> {
        let name = self.symbols.text(name);
        let mut known = self.global_names();
        for &up in scopes {
            let scope = env.get(up, 0).cloned().unwrap_or(Value::Null);
            // They have been evaluated before, so this costs nothing.
            if let Ok(Value::Attrs(attrs)) = self.force(&scope) {
                known.extend(attrs.iter().map(|attr| self.symbols.text(attr.name)));
            }
        }
        let near = nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
        ErrorKind::Undefined { name, nearest: near }.into()
    }

    /// The text of parts one after the other. Paths in a string must exist, see
    /// [`Evaluator::copied_string`].
    fn eval_text_parts(
        &mut self,
        parts: &[Part],
        env: &Rc<Env>,
        copied: bool,
    ) -> Result<NixString> {
        let mut text = Builder::default();
        for part in parts {
            match part {
                Part::Text(bytes) => text.push_bytes(bytes),
                Part::Expr(expr) => {
                    let value = self.eval(expr, env)?;
                    let string = if copied {
                        self.copied_string(&value)
                    } else {
                        self.coerce_string(&value)
                    };
                    text.push(&string.map_err(|error| error.at(expr.span))?);
                }
            }
        }
        let text = text.finish();
        self.meter.announce_text(&text)?;
        Ok(text)
    }

    fn eval_path_parts(&mut self, parts: &[Part], env: &Rc<Env>) -> Result<Value> {
        let text = self.eval_text_parts(parts, env, false)?;
        if text.context().is_some() {
            return Err(ErrorKind::Argument {
                message: "a string that refers to a store path cannot be appended to a path".into(),
                help: None,
            }
            .into());
        }
        Ok(Value::Path(NixString::new(super::path::normalize(text.as_bytes()))))
    }

    fn binary(
        &mut self,
        operator: Operator,
        left: &Expr,
        right: &Expr,
        env: &Rc<Env>,
    ) -> Result<Value> {
        match operator {
            Operator::And => {
                return Ok(Value::Bool(self.eval_bool(left, env)? && self.eval_bool(right, env)?));
            }
            Operator::Or => {
                return Ok(Value::Bool(self.eval_bool(left, env)? || self.eval_bool(right, env)?));
            }
            Operator::Implies => {
                return Ok(Value::Bool(!self.eval_bool(left, env)? || self.eval_bool(right, env)?));
            }
            Operator::Concat => return self.concat(left, right, env),
            _ => {}
        }
        if let Some(value) = small(operator, left, right, env) {
            return Ok(value);
        }
        let (a, b) = match operator {
            // `a > b` is `b < a`, down to which of the two is evaluated first.
            Operator::Greater | Operator::LessEqual => {
                let b = self.eval(right, env)?;
                (self.eval(left, env)?, b)
            }
            _ => (self.eval(left, env)?, self.eval(right, env)?),
        };
        match operator {
            Operator::Add => self.add(&a, &b),
            Operator::Subtract | Operator::Multiply | Operator::Divide => {
                self.arithmetic(operator, &a, &b)
            }
            Operator::Equal => self.equal(&a, &b).map(Value::Bool),
            Operator::NotEqual => self.equal(&a, &b).map(|equal| Value::Bool(!equal)),
            Operator::Less => self.less(&a, &b).map(Value::Bool),
            Operator::Greater => self.less(&b, &a).map(Value::Bool),
            Operator::LessEqual => self.less(&b, &a).map(|less| Value::Bool(!less)),
            Operator::GreaterEqual => self.less(&a, &b).map(|less| Value::Bool(!less)),
            Operator::Update => match (&a, &b) {
                (Value::Attrs(under), Value::Attrs(over)) => Ok(Value::Attrs(under.update(over))),
                (Value::Attrs(_), other) => Err(self.type_error("a set", other).at(right.span)),
                (other, _) => Err(self.type_error("a set", other).at(left.span)),
            },
            // Dealt with above.
            Operator::And | Operator::Or | Operator::Implies | Operator::Concat => Ok(Value::Null),
        }
    }

    /// `a ++ b ++ c`: all lists at once, since `++` groups to the right and each on its own would copy
    /// what is behind it again.
    fn concat(&mut self, left: &Expr, right: &Expr, env: &Rc<Env>) -> Result<Value> {
        let mut operands = vec![(self.eval(left, env)?, left.span)];
        let mut last = right;
        while let Kind::Binary { operator: Operator::Concat, left, right } = &last.kind {
            operands.push((self.eval(left, env)?, left.span));
            last = right;
        }
        let last = (self.eval(last, env)?, last.span);
        // As in Nix, the innermost pair comes first, and of a pair the left one.
        let pair = operands.pop();
        let mut checked: Vec<List> = Vec::with_capacity(operands.len() + 2);
        for (value, span) in pair.into_iter().chain([last]).chain(operands.into_iter().rev()) {
            match value {
                Value::List(items) => checked.push(items),
                other => return Err(self.type_error("a list", &other).at(span)),
            }
        }
        // Back to the order of the text: all but the first pair stand the other way round.
        checked.get_mut(..2).unwrap_or_default().reverse();
        checked.reverse();
        // `[ ]` adds nothing, not even another list.
        checked.retain(|list| !list.is_empty());
        if let [only] = checked.as_slice() {
            return Ok(Value::List(only.clone()));
        }
        // Short ones are copied once, however many there are; a long one is shared.
        let mut joined = List::new(Vec::new());
        let mut short: Vec<Value> = Vec::new();
        for list in &checked {
            if list.len() < super::list::LONG {
                short.extend_from_slice(list.items());
                continue;
            }
            joined = joined.concat(&List::new(std::mem::take(&mut short))).concat(list);
        }
        joined = joined.concat(&List::new(short));
        self.meter.announce_list(&joined)?;
        Ok(Value::List(joined))
    }

    /// `{ file; line; column; }`, or `null` for a text that is no file.
    pub(super) fn position_value(&mut self, span: Span) -> Value {
        let position = self.sources.position(span);
        let Some(source) = self.sources.get(span.file) else { return Value::Null };
        let file = match &source.path {
            Some(path) => super::path::as_bytes(path).to_vec(),
            None => source.name.clone().into_bytes(),
        };
        let attr = |name, value| Attr { name, place: Place::NOWHERE, value };
        Value::Attrs(Attrs::from_unsorted(vec![
            attr(Symbol::FILE, Value::string(file)),
            attr(Symbol::LINE, Value::Int(position.line.into())),
            attr(Symbol::COLUMN, Value::Int(position.column.into())),
        ]))
    }

    /// Evaluates everything inside a value in weak head normal form. `seen` holds what has been walked:
    /// what is shared is walked once, and a value that contains itself ends.
    pub(super) fn deep(&mut self, value: &Value, seen: &mut BTreeSet<usize>) -> Result<()> {
        if !self.stack.has_room_to_walk() {
            return Err(ErrorKind::TooDeep.into());
        }
        match value {
            Value::List(list) => {
                if !seen.insert(list.address()) {
                    return Ok(());
                }
                for item in list.items() {
                    let item = self.force(item)?;
                    self.deep(&item, seen)?;
                }
            }
            Value::Attrs(attrs) => {
                if !seen.insert(attrs.address()) {
                    return Ok(());
                }
                let sorted: Vec<Attr> = self.sorted(attrs).into_iter().cloned().collect();
                for attr in sorted {
                    let result = match self.force(&attr.value) {
                        Ok(value) => self.deep(&value, seen),
                        Err(error) => Err(error),
                    };
                    result.map_err(|error| match self.binding(attr.place) {
                        Some((key, _)) => error.via(key, || {
                            format!("while evaluating `{}`", self.symbols.text(attr.name))
                        }),
                        None => error,
                    })?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The value of an expression that needs no evaluation (any more).
#[inline]
fn known(expr: &Expr, env: &Env) -> Option<Value> {
    match &expr.kind {
        Kind::Constant(Value::Thunk(_)) => None,
        Kind::Constant(value) => Some(value.clone()),
        Kind::Variable { up, slot } => match env.get(*up, *slot)? {
            Value::Thunk(thunk) => thunk.done(),
            value => Some(value.clone()),
        },
        _ => None,
    }
}

/// The integer of an expression that needs no evaluation.
#[inline]
fn known_int(expr: &Expr, env: &Env) -> Option<i64> {
    match &expr.kind {
        Kind::Constant(Value::Int(value)) => Some(*value),
        Kind::Variable { up, slot } => match env.get(*up, *slot)? {
            Value::Int(value) => Some(*value),
            Value::Thunk(thunk) => match thunk.done()? {
                Value::Int(value) => Some(value),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The result of an operator on two integers that are known, unless it is an error.
#[inline]
fn small(operator: Operator, left: &Expr, right: &Expr, env: &Env) -> Option<Value> {
    let a = known_int(left, env)?;
    let b = known_int(right, env)?;
    match operator {
        Operator::Add => a.checked_add(b).map(Value::Int),
        Operator::Subtract => a.checked_sub(b).map(Value::Int),
        Operator::Multiply => a.checked_mul(b).map(Value::Int),
        Operator::Equal => Some(Value::Bool(a == b)),
        Operator::NotEqual => Some(Value::Bool(a != b)),
        Operator::Less => Some(Value::Bool(a < b)),
        Operator::LessEqual => Some(Value::Bool(a <= b)),
        Operator::Greater => Some(Value::Bool(a > b)),
        Operator::GreaterEqual => Some(Value::Bool(a >= b)),
        _ => None,
    }
}
