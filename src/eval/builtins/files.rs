//! Paths and files. Files are read; nothing is copied to a store, so a path stays the path it is.

use super::super::Evaluator;
use super::super::MAX_READ;
use super::super::error::{ErrorKind, EvalError, Result};
use super::super::path::{as_bytes, as_path, normalize};
use super::super::symbol::Symbol;
use super::super::value::{Attrs, NixString, State, Thunk, Value};
use super::{Builtin, Run, argument, attr, builtin, global};
use crate::diag::describe_io;
use crate::world::{self, Kind};
use std::io;
use std::path::{Path, PathBuf};

pub(super) const BUILTINS: &[Builtin] = &[
    global("baseNameOf", Run::One(base_name_of)),
    global("dirOf", Run::One(dir_of)),
    builtin("filterSource", Run::Two(filter_source)),
    builtin("findFile", Run::Two(find_file)),
    global("import", Run::One(import)),
    builtin("isPath", Run::One(|ev, v| Ok(Value::Bool(matches!(ev.force(v)?, Value::Path(_)))))),
    builtin("path", Run::One(path)),
    builtin("pathExists", Run::One(path_exists)),
    builtin("readDir", Run::One(read_dir)),
    builtin("readFile", Run::One(read_file)),
    builtin("readFileType", Run::One(read_file_type)),
    global("scopedImport", Run::Two(scoped_import)),
    builtin("toPath", Run::One(to_path)),
];

impl Evaluator<'_> {
    fn io_error(&self, operation: &'static str, path: &Path, error: &io::Error) -> Box<EvalError> {
        let path = PathBuf::from(self.display_name(path));
        let help = self.absent_files;
        ErrorKind::Io { operation, path, reason: describe_io(error), help }.into()
    }

    /// Refuses a path that Nix could not copy into its store.
    pub(in super::super) fn must_exist(&self, path: &NixString) -> Result<()> {
        if self.absent_files.is_some() {
            return Ok(());
        }
        let path = as_path(path.as_bytes());
        match self.world.lstat(&path) {
            Ok(_) => Ok(()),
            Err(error) => {
                let path = PathBuf::from(self.display_name(&path));
                Err(ErrorKind::NotCopied { path, reason: describe_io(&error) }.into())
            }
        }
    }

    /// A path that starts in the current folder if it is relative, `.` and `..` resolved by name; none when it is
    /// relative and there is no such folder.
    fn absolute(&self, path: &Path) -> Option<PathBuf> {
        if path.is_absolute() {
            return Some(world::normalize(path));
        }
        self.current_folder.as_ref().map(|folder| world::normalize(&folder.join(path)))
    }

    /// An absolute path out of a path, or of a string that holds one.
    fn path_argument(&mut self, value: &Value) -> Result<PathBuf> {
        let text = self.coerce_string(value)?;
        if !text.as_bytes().starts_with(b"/") {
            return Err(argument(format!(
                "the string `{}` is not an absolute path",
                text.to_text()
            )));
        }
        Ok(as_path(&normalize(text.as_bytes())))
    }

    /// The bytes of a file named by a path or string.
    pub(super) fn file_bytes(&mut self, path: &Value) -> Result<Vec<u8>> {
        let path = self.path_argument(path)?;
        self.world.read(&path, MAX_READ).map_err(|error| self.io_error("read", &path, &error))
    }
}

/// The value of `builtins.nixPath`: one list, wherever it is used.
pub(super) fn search_path_value(entries: &[(Vec<u8>, PathBuf)]) -> Value {
    let entries = entries.iter().map(|(prefix, path)| {
        Value::Attrs(Attrs::from_unsorted(vec![
            attr(Symbol::PREFIX, Value::string(prefix.clone())),
            attr(Symbol::PATH, Value::string(as_bytes(path))),
        ]))
    });
    let (itself, value) = Thunk::unset();
    itself.put(State::Done(Value::list(entries.collect())));
    value
}

fn import(ev: &mut Evaluator<'_>, path: &Value) -> Result<Value> {
    let path = ev.path_argument(path)?;
    ev.import(&path, None)
}

fn scoped_import(ev: &mut Evaluator<'_>, scope: &Value, path: &Value) -> Result<Value> {
    let scope = ev.attrs(scope)?;
    let path = ev.path_argument(path)?;
    ev.import(&path, Some(&scope))
}

fn read_file(ev: &mut Evaluator<'_>, path: &Value) -> Result<Value> {
    let bytes = ev.file_bytes(path)?;
    if bytes.contains(&0) {
        let path = ev.path_argument(path)?;
        return Err(argument(format!(
            "the contents of `{}` hold a NUL byte, which no Nix string can",
            path.display()
        )));
    }
    Ok(Value::string(bytes))
}

fn path_exists(ev: &mut Evaluator<'_>, path: &Value) -> Result<Value> {
    let text = ev.coerce_string(path)?;
    let must_be_folder = text.as_bytes().ends_with(b"/") || text.as_bytes().ends_with(b"/.");
    let path = ev.path_argument(path)?;
    Ok(Value::Bool(if must_be_folder {
        ev.world.stat(&path).is_ok_and(|stat| stat.kind == Kind::Folder)
    } else {
        ev.world.lstat(&path).is_ok()
    }))
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "regular",
        Kind::Folder => "directory",
        Kind::Symlink => "symlink",
        Kind::Other(_) => "unknown",
    }
}

fn read_dir(ev: &mut Evaluator<'_>, path: &Value) -> Result<Value> {
    let path = ev.path_argument(path)?;
    let entries =
        ev.world.list(&path).map_err(|error| ev.io_error("read the folder", &path, &error))?;
    let attrs = entries.into_iter().map(|entry| {
        let name = ev.symbols.intern(entry.name.as_encoded_bytes());
        attr(name, Value::string(kind_name(entry.kind)))
    });
    Ok(Value::Attrs(Attrs::from_unsorted(attrs.collect())))
}

fn read_file_type(ev: &mut Evaluator<'_>, path: &Value) -> Result<Value> {
    let path = ev.path_argument(path)?;
    let stat = ev.world.lstat(&path).map_err(|error| ev.io_error("look at", &path, &error))?;
    Ok(Value::string(kind_name(stat.kind)))
}

/// Copying is what a store does; here the folder itself is the result, and the filter is called as Nix
/// would, so that its errors show.
fn filter_source(ev: &mut Evaluator<'_>, filter: &Value, path: &Value) -> Result<Value> {
    let filter = ev.function(filter)?;
    let path = ev.path_argument(path)?;
    walk_filtered(ev, &filter, &path)?;
    Ok(Value::Path(NixString::new(as_bytes(&path).to_vec())))
}

fn walk_filtered(ev: &mut Evaluator<'_>, filter: &Value, path: &Path) -> Result<()> {
    let mut waiting = vec![path.to_owned()];
    while let Some(path) = waiting.pop() {
        let kind =
            ev.world.lstat(&path).map_err(|error| ev.io_error("look at", &path, &error))?.kind;
        if kind != Kind::Folder {
            continue;
        }
        let entries =
            ev.world.list(&path).map_err(|error| ev.io_error("read the folder", &path, &error))?;
        for entry in entries {
            let inner = path.join(&entry.name);
            let text = Value::string(as_bytes(&inner).to_vec());
            let keep = ev.call2(filter, text, Value::string(kind_name(entry.kind)))?;
            if ev.bool(&keep)? {
                waiting.push(inner);
            }
        }
    }
    Ok(())
}

fn path(ev: &mut Evaluator<'_>, arguments: &Value) -> Result<Value> {
    let arguments = ev.attrs(arguments)?;
    for attr in &arguments {
        let known = [Symbol::NAME, Symbol::PATH, Symbol::FILTER, Symbol::RECURSIVE, Symbol::SHA256];
        if !known.contains(&attr.name) {
            let name = ev.symbols.text(attr.name);
            return Err(argument(format!("unsupported argument `{name}` to `builtins.path`")));
        }
    }
    let path = ev.member(&arguments, Symbol::PATH)?;
    let path = ev.path_argument(&path)?;
    if let Some(filter) = arguments.get(Symbol::FILTER) {
        let filter = ev.function(&filter.value.clone())?;
        walk_filtered(ev, &filter, &path)?;
    }
    ev.world.lstat(&path).map_err(|error| ev.io_error("read", &path, &error))?;
    Ok(Value::string(as_bytes(&path).to_vec()))
}

/// The first entry of a search path that has the file.
fn find_file(ev: &mut Evaluator<'_>, list: &Value, name: &Value) -> Result<Value> {
    let list = ev.list(list)?;
    let mut entries = Vec::new();
    for item in list.items() {
        let entry = ev.attrs(item)?;
        let prefix = match entry.get(Symbol::PREFIX) {
            Some(attr) => ev.string(&attr.value.clone())?,
            None => NixString::new(Vec::new()),
        };
        let path = ev.member(&entry, Symbol::PATH)?;
        entries.push((prefix, ev.coerce_string(&path)?));
    }
    let name = ev.string(name)?;
    for (prefix, folder) in entries {
        let Some(below) = below(prefix.as_bytes(), name.as_bytes()) else { continue };
        if folder.is_empty() {
            continue;
        }
        let found = as_path(&[folder.as_bytes(), b"/", below].concat());
        if let Some(found) = ev.absolute(&found)
            && ev.world.stat(&found).is_ok()
        {
            return Ok(Value::Path(NixString::new(as_bytes(&found).to_vec())));
        }
    }
    Err(ErrorKind::NotOnSearchPath { name: name.to_text() }.into())
}

/// What of a name an entry of the search path looks for; none when it is not for that name.
fn below<'n>(prefix: &[u8], name: &'n [u8]) -> Option<&'n [u8]> {
    match (prefix, name.strip_prefix(prefix)?) {
        (b"", rest) | (_, rest @ ([b'/', ..] | [])) => Some(rest),
        _ => None,
    }
}

fn base_name_of(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    let text = ev.coerce_string(value)?;
    let bytes = text.as_bytes();
    let trimmed = match bytes {
        [rest @ .., b'/'] if !rest.is_empty() => rest,
        _ => bytes,
    };
    let name = trimmed.rsplit(|&byte| byte == b'/').next().unwrap_or(trimmed);
    let context = text.context().map(|own| (**own).clone()).unwrap_or_default();
    Ok(Value::String(NixString::with_context(name.to_vec(), context)))
}

fn dir_of(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    let value = ev.force(value)?;
    let text = ev.coerce_string(&value)?;
    let bytes = text.as_bytes();
    let folder = match bytes.iter().rposition(|&byte| byte == b'/') {
        Some(0) => b"/".to_vec(),
        Some(at) => bytes.get(..at).unwrap_or(&[]).to_vec(),
        None => b".".to_vec(),
    };
    Ok(match value {
        Value::Path(_) => Value::Path(NixString::new(folder)),
        _ => {
            let context = text.context().map(|own| (**own).clone()).unwrap_or_default();
            Value::String(NixString::with_context(folder, context))
        }
    })
}

fn to_path(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    let path = ev.path_argument(value)?;
    Ok(Value::string(as_bytes(&path).to_vec()))
}
