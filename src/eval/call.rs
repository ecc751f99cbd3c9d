//! Calls: a function and its arguments to the scope its body runs in, and the body to its value.
//!
//! A call in tail position ends in [`Step::Tail`] and the loop in `run_bodies` goes on with its body; any
//! other call nests on the Rust stack. A function that is given all its arguments makes none in between.

use super::Evaluator;
use super::builtins::{self, Builtin};
use super::error::{ErrorKind, EvalError, Result};
use super::expr::{Expr, Formal, Kind, Lambda, Parameter};
use super::interpret::Step;
use super::symbol::Symbol;
use super::value::{Attrs, Env, Partial, Thunk, Value};
use crate::diag::{Span, nearest};
use std::rc::Rc;

impl Evaluator<'_> {
    /// Evaluates the body of a function, and the bodies it ends in.
    pub(super) fn run(&mut self, lambda: Rc<Lambda>, env: Rc<Env>, span: Span) -> Result<Value> {
        self.meter.enter().map_err(|error| error.at(span))?;
        let result = self.run_bodies(lambda, env, span);
        self.meter.leave();
        result
    }

    fn run_bodies(&mut self, lambda: Rc<Lambda>, env: Rc<Env>, span: Span) -> Result<Value> {
        let (mut lambda, mut env, mut span) = (lambda, env, span);
        loop {
            self.meter.call().map_err(|error| error.at(span))?;
            match self.step(&lambda.body, &env) {
                Ok(Step::Value(value)) => return Ok(value),
                Ok(Step::Tail(next, next_env, next_span)) => {
                    (lambda, env, span) = (next, next_env, next_span);
                }
                Err(error) => {
                    return Err(error
                        .at(lambda.body.span)
                        .via(span, || format!("while calling {}", self.describe(&lambda))));
                }
            }
        }
    }

    /// How a function is called in messages.
    pub(super) fn describe(&self, lambda: &Lambda) -> String {
        match lambda.name {
            Some(name) => format!("function `{}`", self.symbols.text(name)),
            None => "an anonymous function".to_owned(),
        }
    }

    pub(super) fn step_call(
        &mut self,
        function: &Expr,
        arguments: &[Rc<Expr>],
        env: &Rc<Env>,
        span: Span,
    ) -> Result<Step> {
        let mut function = self.eval(function, env)?;
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            function = match &function {
                Value::Lambda(closure) => {
                    let value = self.delay(argument, env);
                    let mut lambda = &closure.lambda;
                    let mut scope =
                        self.bind(lambda, &closure.env, value).map_err(|error| error.at(span))?;
                    // `a: b: …` with both arguments makes no function in between.
                    while let (Kind::Lambda(inner), [argument, ..]) =
                        (&lambda.body.kind, arguments.as_slice())
                    {
                        arguments.next();
                        let value = self.delay(argument, env);
                        lambda = inner;
                        scope = self.bind(lambda, &scope, value).map_err(|error| error.at(span))?;
                    }
                    let lambda = Rc::clone(lambda);
                    if arguments.len() == 0 {
                        return Ok(Step::Tail(lambda, scope, span));
                    }
                    self.nested(lambda, scope, span)?
                }
                // The common builtins get their arguments without a detour.
                Value::Builtin(builtin) => {
                    let first = self.delay(argument, env);
                    let result = match (builtin.run, arguments.as_slice()) {
                        (builtins::Run::One(run), _) => run(self, &first),
                        (builtins::Run::Two(run), [second, ..]) => {
                            arguments.next();
                            let second = self.delay(second, env);
                            run(self, &first, &second)
                        }
                        (builtins::Run::Three(run), [second, third, ..]) => {
                            arguments.next();
                            arguments.next();
                            let second = self.delay(second, env);
                            let third = self.delay(third, env);
                            run(self, &first, &second, &third)
                        }
                        _ => self.call(&function, first),
                    };
                    result.map_err(|error| {
                        error.at(span).via(span, || format!("while calling `{}`", builtin.name))
                    })?
                }
                _ => {
                    let value = self.delay(argument, env);
                    self.call(&function, value).map_err(|error| error.at(span))?
                }
            };
        }
        Ok(Step::Value(function))
    }

    fn nested(&mut self, lambda: Rc<Lambda>, scope: Rc<Env>, span: Span) -> Result<Value> {
        if !self.stack.has_room() {
            return Err(Box::<EvalError>::from(ErrorKind::TooDeep).at(span));
        }
        self.run(lambda, scope, span)
    }

    /// Calls a value as a function, from a builtin or from outside.
    pub(super) fn call(&mut self, function: &Value, argument: Value) -> Result<Value> {
        match function {
            Value::Lambda(closure) => {
                let scope = self.bind(&closure.lambda, &closure.env, argument)?;
                let lambda = Rc::clone(&closure.lambda);
                let span = lambda.span;
                self.nested(lambda, scope, span)
            }
            Value::Builtin(builtin) => match builtin.run {
                builtins::Run::One(run) => run(self, &argument),
                builtins::Run::Two(_) | builtins::Run::Three(_) => {
                    let partial = Partial { builtin, arguments: vec![argument] };
                    Ok(Value::Partial(Rc::new(partial)))
                }
            },
            Value::Partial(partial) => match (partial.builtin.run, partial.arguments.as_slice()) {
                (builtins::Run::Two(run), [first]) => run(self, first, &argument),
                (builtins::Run::Three(run), [first, second]) => run(self, first, second, &argument),
                (_, known) => {
                    let mut arguments = known.to_vec();
                    arguments.push(argument);
                    let partial = Partial { builtin: partial.builtin, arguments };
                    Ok(Value::Partial(Rc::new(partial)))
                }
            },
            Value::Attrs(attrs) => match attrs.get(Symbol::FUNCTOR) {
                Some(functor) => {
                    if !self.stack.has_room() {
                        return Err(ErrorKind::TooDeep.into());
                    }
                    self.meter.call()?;
                    let functor = self.force(&functor.value.clone())?;
                    let bound = self.call(&functor, function.clone())?;
                    self.call(&bound, argument)
                }
                None => Err(self.type_error("a function", function)),
            },
            Value::Thunk(thunk) => {
                let function = self.force_thunk(&Rc::clone(thunk))?;
                self.call(&function, argument)
            }
            other => Err(self.type_error("a function", other)),
        }
    }

    /// Calls a function with two arguments.
    pub(super) fn call2(&mut self, function: &Value, first: Value, second: Value) -> Result<Value> {
        match function {
            Value::Lambda(closure) => {
                if let Kind::Lambda(inner) = &closure.lambda.body.kind {
                    let scope = self.bind(&closure.lambda, &closure.env, first)?;
                    let scope = self.bind(inner, &scope, second)?;
                    return self.nested(Rc::clone(inner), scope, inner.span);
                }
            }
            Value::Builtin(Builtin { run: builtins::Run::Two(run), .. }) => {
                return run(self, &first, &second);
            }
            _ => {}
        }
        let partial = self.call(function, first)?;
        self.call(&partial, second)
    }

    /// The scope of a function's body for this argument.
    #[inline]
    fn bind(&mut self, lambda: &Lambda, env: &Rc<Env>, argument: Value) -> Result<Rc<Env>> {
        match &lambda.parameter {
            Parameter::Single => Ok(Env::single(Rc::clone(env), argument)),
            Parameter::Pattern { formals, open } => {
                self.bind_pattern(lambda, formals, *open, env, &argument)
            }
        }
    }

    fn bind_pattern(
        &mut self,
        lambda: &Lambda,
        formals: &[Formal],
        open: bool,
        env: &Rc<Env>,
        argument: &Value,
    ) -> Result<Rc<Env>> {
        let attrs = match self.force(argument)? {
            Value::Attrs(attrs) => attrs,
            other => return Err(self.type_error("a set", &other)),
        };
        let scope = Env::new(Some(Rc::clone(env)), formals.len() + 1);
        scope.set(0, Value::Attrs(attrs.clone()));
        let mut used = 0;
        for (slot, formal) in (1..).zip(formals) {
            match (attrs.get(formal.name), &formal.default) {
                (Some(attr), _) => {
                    used += 1;
                    scope.set(slot, attr.value.clone());
                }
                (None, Some(default)) => {
                    // Defaults see every argument, so they must not look at slots yet.
                    let value = match &default.kind {
                        Kind::Constant(value) => value.clone(),
                        _ => Thunk::code(Rc::clone(default), Rc::clone(&scope)),
                    };
                    scope.set(slot, value);
                }
                (None, None) => {
                    return Err(ErrorKind::MissingArgument {
                        function: self.describe(lambda),
                        name: self.symbols.text(formal.name),
                    }
                    .into());
                }
            }
        }
        if !open && used < attrs.len() {
            return Err(self.unexpected_argument(lambda, formals, &attrs));
        }
        Ok(scope)
    }

    #[cold]
    fn unexpected_argument(
        &self,
        lambda: &Lambda,
        formals: &[Formal],
        attrs: &Attrs,
    ) -> Box<EvalError> {
        let extra = self
            .sorted(attrs)
            .into_iter()
            .find(|attr| formals.iter().all(|formal| formal.name != attr.name));
        let name = extra.map_or_else(String::new, |attr| self.symbols.text(attr.name));
        let known: Vec<String> =
            formals.iter().map(|formal| self.symbols.text(formal.name)).collect();
        let near = nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
        let function = self.describe(lambda);
        ErrorKind::UnexpectedArgument { function, name, nearest: near }.into()
    }
}
