//! The Nix language: source text in, values out.
//!
//! The way of a text: [`parse`] (rnix tree) → [`lower`] (expressions with their variables resolved to
//! slots) → [`interpret`] (lazy evaluation with thunks) → [`Value`]. In: texts and files. Out: a
//! [`Value`], or an [`EvalError`] with the place and the way in. What always holds: files are read through a
//! [`World`], and nothing else is asked of the machine; a failure is a located error, never a crash, however
//! deep the recursion; nothing here knows of images. rnix types stay inside.

mod attrs;
mod builtins;
mod call;
mod error;
mod expr;
mod interpret;
mod json;
mod limits;
mod list;
mod literal;
mod lower;
mod operations;
mod parse;
mod path;
mod print;
mod regex;
mod spelling;
mod stack;
mod string;
mod symbol;
mod syntax;
#[cfg(test)]
mod tests;
mod text;
mod toml;
mod value;

pub use error::{EvalError, Result};
pub use limits::Limits;
pub use path::as_path;
pub use print::Style;
pub use stack::{Stack, with_stack};
pub use symbol::Symbol;
pub use value::{Attr, Attrs, List, NixString, Place, Value};

use crate::diag::{Diagnostic, SourceMap, Span};
use crate::world::{Kind, MAX_LINKS, World, normalize, too_many_links};
use error::ErrorKind;
use limits::Meter;
use lower::{Origin, PlaceSpans};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use symbol::Symbols;
use value::Env;

/// The largest file of the language that is read. The largest of Nixpkgs have some 20 MiB; a syntax tree
/// takes a hundred times its text in the worst case.
const MAX_SOURCE: u64 = 32 << 20;
/// The largest file that a program may read.
const MAX_READ: u64 = 256 << 20;

/// What an evaluation may use besides the text.
#[derive(Debug, Default, Clone)]
pub struct Options {
    /// `-I name=path` and `-I path`, for `<name>`; relative ones start in [`Options::current_folder`].
    pub search_path: Vec<(Vec<u8>, PathBuf)>,
    /// The folder that the relative entries of a search path start in. Without it they find nothing.
    pub current_folder: Option<PathBuf>,
    /// The folder `~/` means.
    pub home: Option<PathBuf>,
    /// The folder that file names in messages are relative to, where they lie below it.
    pub shown_from: Option<PathBuf>,
    /// The value of `builtins.currentSystem`; absent, the name is not defined, as in pure evaluation.
    pub system: Option<String>,
    /// What to do about a file that cannot be read, where the world holds only some of the files, as in a Nix
    /// build. A path in a string need not exist then.
    pub absent_files: Option<&'static str>,
    /// Whether `builtins.warn` ends the evaluation, as Nix's setting `abort-on-warn` does.
    pub abort_on_warn: bool,
    /// Whether a text with static errors (an undefined variable, an attribute that is defined twice) is
    /// evaluated all the same, to see what is wrong besides. What depends on an error has no value then, and
    /// [`Evaluator::take_refused`] gives the errors. What does not is as it will be when they are mended,
    /// since nothing in it has been asked for what is missing.
    pub partial: bool,
    /// What the evaluation may use up.
    pub limits: Limits,
}

/// Evaluates texts. Values live as long as somebody holds them.
pub struct Evaluator<'w> {
    sources: &'w mut SourceMap,
    world: &'w dyn World,
    stack: Stack,
    meter: Meter,
    current_folder: Option<PathBuf>,
    home: Option<PathBuf>,
    absent_files: Option<&'static str>,
    abort_on_warn: bool,
    partial: bool,
    shown_from: Option<PathBuf>,
    symbols: Symbols,
    places: Vec<PlaceSpans>,
    globals: BTreeMap<Symbol, Value>,
    /// The values of files; none while a file is being evaluated.
    imports: BTreeMap<PathBuf, Option<Value>>,
    regexes: BTreeMap<Vec<u8>, Rc<regex::Regex>>,
    /// What `builtins.trace` and `builtins.warn` said, for whoever may print.
    messages: Vec<String>,
    /// The static errors of texts that have been evaluated all the same.
    refused: Vec<Diagnostic>,
}

impl std::fmt::Debug for Evaluator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evaluator").finish_non_exhaustive()
    }
}

impl<'w> Evaluator<'w> {
    /// An evaluator that reads the files of `world`, and adds the texts among them to `sources`.
    pub fn new(
        sources: &'w mut SourceMap,
        world: &'w dyn World,
        stack: Stack,
        options: Options,
    ) -> Self {
        let mut evaluator = Self {
            sources,
            world,
            stack,
            meter: Meter::new(options.limits),
            current_folder: options.current_folder,
            home: options.home,
            absent_files: options.absent_files,
            abort_on_warn: options.abort_on_warn,
            partial: options.partial,
            shown_from: options.shown_from,
            symbols: Symbols::default(),
            places: Vec::new(),
            globals: BTreeMap::new(),
            imports: BTreeMap::new(),
            regexes: BTreeMap::new(),
            messages: Vec::new(),
            refused: Vec::new(),
        };
        evaluator.globals = builtins::globals(
            &mut evaluator.symbols,
            options.system.as_deref(),
            &options.search_path,
        );
        evaluator
    }

    /// Evaluates a text to weak head normal form. `folder` is where its relative paths start.
    pub fn eval_text(&mut self, name: &str, text: &[u8], folder: &Path) -> Result<Value> {
        self.eval_source(name.to_owned(), None, text, folder, None)
    }

    /// Evaluates a file; a folder means its `default.nix`.
    pub fn eval_file(&mut self, path: &Path) -> Result<Value> {
        self.import(path, None)
    }

    fn import(&mut self, path: &Path, scope: Option<&Attrs>) -> Result<Value> {
        let shown = PathBuf::from(self.display_name(path));
        let help = self.absent_files;
        let io = |error: std::io::Error| ErrorKind::Io {
            operation: "import",
            path: shown.clone(),
            reason: crate::diag::describe_io(&error),
            help,
        };
        let mut file = self.follow_links(path).map_err(io)?;
        if self.world.stat(&file).map_err(io)?.kind == Kind::Folder {
            file = self.follow_links(&file.join("default.nix")).map_err(io)?;
        }
        if scope.is_none()
            && let Some(known) = self.imports.get(&file)
        {
            return known.clone().ok_or_else(|| ErrorKind::InfiniteRecursion.into());
        }
        let bytes = self.world.read(&file, MAX_SOURCE).map_err(io)?;
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        let name = self.display_name(&file);
        if scope.is_some() {
            return self.eval_source(name, Some(file), &bytes, &folder, scope);
        }
        self.imports.insert(file.clone(), None);
        let value = self.eval_source(name, Some(file.clone()), &bytes, &folder, scope);
        match &value {
            Ok(value) => self.imports.insert(file, Some(value.clone())),
            // Whoever comes again gets the same failure, and not a loop.
            Err(_) => self.imports.remove(&file),
        };
        value
    }

    /// Follows the symlinks at the end of a path, as Nix does with what it imports. Folders on the way stay
    /// as they are named, since relative paths in the file start there.
    fn follow_links(&self, path: &Path) -> std::io::Result<PathBuf> {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            if self.world.lstat(&path)?.kind != Kind::Symlink {
                return Ok(path);
            }
            let target = self.world.read_link(&path)?;
            path = normalize(&path.parent().unwrap_or(Path::new("/")).join(target));
        }
        Err(too_many_links())
    }

    /// How a file is called in messages.
    fn display_name(&self, file: &Path) -> String {
        let base = self.shown_from.as_deref();
        let below = base.and_then(|base| file.strip_prefix(base).ok());
        below.unwrap_or(file).display().to_string()
    }

    fn eval_source(
        &mut self,
        name: String,
        path: Option<PathBuf>,
        text: &[u8],
        folder: &Path,
        scope: Option<&Attrs>,
    ) -> Result<Value> {
        let text: Rc<[u8]> = text.into();
        let file = self.sources.add(name, path, Rc::clone(&text));
        let (tree, offsets) = parse::parse(&text, file, self.stack).map_err(ErrorKind::Syntax)?;
        let origin = Origin { file, text: &text, offsets, folder };
        let (expr, errors) = lower::lower(self, &tree, origin, scope);
        if !errors.is_empty() && !self.partial {
            return Err(ErrorKind::Syntax(errors).into());
        }
        self.refused.extend(errors);
        self.eval(&expr, &Env::new(None, 0))
    }

    /// Calls a value as a function.
    pub fn apply(&mut self, function: &Value, argument: Value) -> Result<Value> {
        self.call(function, argument)
    }

    /// Calls `function` with attributes when it is a function of a set, as `nix-build` does with the
    /// value of a file; anything else comes back as it is.
    pub fn auto_call(&mut self, function: &Value, arguments: &Attrs) -> Result<Value> {
        let value = self.force(function)?;
        let Value::Lambda(closure) = &value else { return Ok(value) };
        let expr::Parameter::Pattern { formals, open } = &closure.lambda.parameter else {
            return Ok(value);
        };
        let passed = if *open {
            arguments.clone()
        } else {
            arguments.filtered(|attr| formals.iter().any(|formal| formal.name == attr.name))
        };
        let missing = formals
            .iter()
            .find(|formal| formal.default.is_none() && passed.get(formal.name).is_none())
            .and_then(|formal| self.binding(formal.place));
        // Nobody wrote this call, so the argument itself is the place.
        self.call(&value, Value::Attrs(passed)).map_err(|error| match missing {
            Some((name, _)) => error.at(name),
            None => error,
        })
    }

    /// The arguments a function of a set takes, and whether it takes others too; none for anything else.
    pub fn formals(&self, function: &Value) -> Option<(Vec<String>, bool)> {
        let Value::Lambda(closure) = function else { return None };
        match &closure.lambda.parameter {
            expr::Parameter::Single => None,
            expr::Parameter::Pattern { formals, open } => {
                let names = formals.iter().map(|formal| self.symbols.text(formal.name));
                Some((names.collect(), *open))
            }
        }
    }

    /// The number of a name.
    pub fn symbol(&mut self, name: &str) -> Symbol {
        self.symbols.intern(name.as_bytes())
    }

    /// The name of a number, for messages: what is not UTF-8 is replaced.
    pub fn name(&self, symbol: Symbol) -> String {
        self.symbols.text(symbol)
    }

    /// The name of a number.
    pub fn name_bytes(&self, symbol: Symbol) -> &[u8] {
        self.symbols.bytes(symbol)
    }

    /// The attributes of a set in the order of their names.
    pub fn sorted<'a>(&self, attrs: &'a Attrs) -> Vec<&'a Attr> {
        let mut sorted: Vec<&Attr> = attrs.iter().collect();
        sorted.sort_by(|a, b| self.symbols.bytes(a.name).cmp(self.symbols.bytes(b.name)));
        sorted
    }

    /// Where an attribute was written: its name, and its value.
    pub fn binding(&self, place: Place) -> Option<(Span, Span)> {
        let index = (place.0 as usize).checked_sub(1)?;
        self.places.get(index).map(|spans| (spans.key, spans.value))
    }

    /// Takes what `trace` and `warn` have said so far.
    pub fn take_messages(&mut self) -> Vec<String> {
        std::mem::take(&mut self.messages)
    }

    /// Takes the static errors of the texts that were evaluated all the same; see [`Options::partial`].
    pub fn take_refused(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.refused)
    }

    /// The texts read so far.
    pub fn sources(&self) -> &SourceMap {
        self.sources
    }

    fn global(&self, name: Symbol) -> Option<Value> {
        self.globals.get(&name).cloned()
    }

    fn global_names(&self) -> Vec<String> {
        self.globals.keys().map(|&symbol| self.symbols.text(symbol)).collect()
    }
}
