//! What a build is given: a text, the folder it speaks of, and the value it comes to.

use crate::diag::{Diagnostic, describe_io, nearest};
use crate::eval::{self, Attr, Attrs, EvalError, Evaluator, Value};
use crate::explain::code;
use crate::host;
use crate::world::{Disk, World};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The largest JSON form of a recipe that is read.
const MAX_RECIPE: u64 = 64 << 20;
/// The file that is read where none is named.
pub const DEFAULT_FILE: &str = "args.nix";
/// What is looked for in a folder without an args.nix.
const CONTAINERFILES: [&str; 2] = ["Containerfile", "Dockerfile"];
/// What is looked for in a folder that has none of these.
const BUNNYFILES: [&str; 3] = ["bunnyfile", "bunnyfile.yaml", "bunnyfile.yml"];

/// The kind of text that a build is given.
#[derive(Debug)]
pub enum Text {
    /// An args.nix, or the JSON form of a recipe.
    ArgsNix(Input),
    /// A Containerfile. Sources are relative to the folder of the input, which is its build context.
    Containerfile {
        /// What is built.
        input: Input,
        /// What the file is called in messages: as it was named.
        shown: String,
    },
    /// A bunnyfile. Sources are relative to the folder of the input, which is its build context.
    Bunnyfile {
        /// What is built.
        input: Input,
        /// What the file is called in messages: as it was named.
        shown: String,
    },
}

impl Text {
    /// The text at a path as the user gives it: the file itself, or that of a folder. With a Containerfile or
    /// bunnyfile of its own the path is the build context.
    ///
    /// # Errors
    /// Nothing is there.
    pub fn at(path: &Path, named: Option<&Path>) -> Result<Self, Box<Diagnostic>> {
        let is_default = path == Path::new(DEFAULT_FILE);
        let is_there = |path: &Path| host::stat(path).is_ok();
        if let Some(file) = named {
            let context = if is_default { Path::new(".") } else { path };
            return Self::with_context(file, context);
        }
        let folder = match host::stat(path) {
            Ok(stat) if stat.kind == host::Kind::Directory => Some(path),
            Err(_) if is_default => Some(Path::new("")),
            _ => None,
        };
        if let Some(folder) = folder.filter(|folder| !is_there(&folder.join(DEFAULT_FILE))) {
            let known = CONTAINERFILES.iter().chain(&BUNNYFILES);
            let found = known.map(|name| folder.join(name));
            if let Some(file) = found.into_iter().find(|file| is_there(file)) {
                let context = if folder == Path::new("") { Path::new(".") } else { folder };
                return Self::with_context(&file, context);
            }
        }
        let has_context = is_containerfile(path) || is_bunnyfile(path);
        if folder.is_none() && has_context && is_there(path) {
            let context = path.parent().filter(|folder| *folder != Path::new(""));
            return Self::with_context(path, context.unwrap_or(Path::new(".")));
        }
        Input::at(path).map(Text::ArgsNix)
    }

    /// The text at a path that is to become an args.nix: the file itself, whatever it is called, or the Containerfile or
    /// bunnyfile of a folder, which may have an args.nix as well. With a file of its own the path is the build context.
    ///
    /// # Errors
    /// Nothing is there that could be converted.
    pub fn to_convert(path: &Path, named: Option<&Path>) -> Result<Self, Box<Diagnostic>> {
        if let Some(file) = named {
            return Self::with_context(file, path);
        }
        let fault = |title: String| Diagnostic::error(code::CONVERT_INPUT, title);
        let stat = host::stat(path)
            .map_err(|error| Box::new(Diagnostic::io(code::CONVERT_INPUT, "read", path, &error)))?;
        if stat.kind == host::Kind::Directory {
            let known = CONTAINERFILES.iter().chain(&BUNNYFILES);
            let found = known.map(|name| path.join(name)).find(|file| host::stat(file).is_ok());
            let Some(file) = found else {
                let title =
                    format!("there is no Containerfile and no bunnyfile in `{}`", path.display());
                return Err(Box::new(
                    fault(title).with_help("name the file that is to be converted"),
                ));
            };
            let file = file.strip_prefix(".").unwrap_or(&file);
            return Self::with_context(file, path);
        }
        if path.extension().is_some_and(|extension| extension == "nix" || extension == "json") {
            let title = format!("`{}` is no Containerfile and no bunnyfile", path.display());
            let help = "name one of these; an args.nix is built as it is";
            return Err(Box::new(fault(title).with_help(help)));
        }
        let context = path.parent().filter(|folder| *folder != Path::new(""));
        Self::with_context(path, context.unwrap_or(Path::new(".")))
    }

    /// A text that speaks of the files of a build context. What is not named like a bunnyfile is a Containerfile.
    fn with_context(file: &Path, context: &Path) -> Result<Self, Box<Diagnostic>> {
        let absolute = |path: &Path| {
            host::absolute(path)
                .map_err(|error| Box::new(Diagnostic::io(code::RECIPE_INPUT, "read", path, &error)))
        };
        match host::stat(context) {
            Ok(stat) if stat.kind == host::Kind::Directory => {}
            found => {
                let why = match found {
                    Ok(stat) => format!("it is {}", stat.kind.words()),
                    Err(error) => describe_io(&error),
                };
                let title = format!("`{}` is not a folder to build from", context.display());
                let diagnostic = Diagnostic::error(code::RECIPE_INPUT, title).with_why(why);
                return Err(Box::new(diagnostic.with_help(
                    "name the build context: `bimanix build -f Containerfile -t NAME:TAG FOLDER`",
                )));
            }
        }
        let shown = file.display().to_string();
        let is_bunnyfile = is_bunnyfile(file);
        let (file, folder) = (absolute(file)?, absolute(context)?);
        let input = Input { file, folder, ..Input::default() };
        Ok(if is_bunnyfile {
            Text::Bunnyfile { input, shown }
        } else {
            Text::Containerfile { input, shown }
        })
    }

    /// The kind of text that a file has by its name: an args.nix ends with `.nix` or `.json`, and what is not named like a
    /// bunnyfile either is a Containerfile, which messages call `shown`.
    pub fn named(input: Input, shown: String) -> Self {
        let ends_with = |end: &str| input.file.extension().is_some_and(|known| known == end);
        if ends_with("nix") || ends_with("json") {
            Text::ArgsNix(input)
        } else if is_bunnyfile(&input.file) {
            Text::Bunnyfile { input, shown }
        } else {
            Text::Containerfile { input, shown }
        }
    }

    /// What it is, in words.
    pub fn what(&self) -> &'static str {
        match self {
            Text::ArgsNix(_) => "an args.nix",
            Text::Containerfile { .. } => "a Containerfile",
            Text::Bunnyfile { .. } => "a bunnyfile",
        }
    }

    /// What is built.
    pub fn input(&mut self) -> &mut Input {
        match self {
            Text::ArgsNix(input)
            | Text::Containerfile { input, .. }
            | Text::Bunnyfile { input, .. } => input,
        }
    }
}

/// Whether a file is named as Containerfiles are: `Containerfile`, `Dockerfile.x`, `x.Containerfile`.
fn is_containerfile(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    CONTAINERFILES.iter().any(|known| {
        name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            || name.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'))
    })
}

/// Whether a file is named as bunnyfiles are: `bunnyfile`, `bunnyfile.x`, `x.bunnyfile`, or as YAML is.
fn is_bunnyfile(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let [stem, ..] = BUNNYFILES;
    name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        || [".bunnyfile", ".yaml", ".yml"].iter().any(|end| name.ends_with(end))
}

/// What to build, and where its files are.
#[derive(Clone, Debug)]
pub struct Input {
    /// What the files are read from.
    pub world: Rc<dyn World>,
    /// The args.nix, or the JSON form of a recipe.
    pub file: PathBuf,
    /// Where relative sources start.
    pub folder: PathBuf,
    /// Sources that are somewhere else than their key says, as in a Nix build.
    pub sources: BTreeMap<String, PathBuf>,
    /// The same for the sources of `rootfs.files`.
    pub rootfs_sources: BTreeMap<String, PathBuf>,
    /// All that the store paths of `rootfs.closure` refer to, when that is known.
    pub closure: Option<Vec<PathBuf>>,
    /// Where the image is going, when that is a file or folder: no source may hold it.
    pub output: Option<PathBuf>,
}

impl Default for Input {
    fn default() -> Self {
        Input {
            world: Rc::new(Disk),
            file: PathBuf::new(),
            folder: PathBuf::new(),
            sources: BTreeMap::new(),
            rootfs_sources: BTreeMap::new(),
            closure: None,
            output: None,
        }
    }
}

impl Input {
    /// The input at a path as the user gives it; a folder means its `args.nix`.
    ///
    /// # Errors
    /// Nothing is there.
    pub fn at(path: &Path) -> Result<Self, Box<Diagnostic>> {
        let fault = |path: &Path, error: &io::Error| {
            let diagnostic = Diagnostic::io(code::RECIPE_INPUT, "read", path, error);
            Box::new(if error.kind() == io::ErrorKind::NotFound {
                diagnostic.with_help(
                    "name the args.nix, Containerfile or bunnyfile, or the folder it is in",
                )
            } else {
                diagnostic
            })
        };
        let kind = host::stat(path).map_err(|error| fault(path, &error))?.kind;
        let given =
            if kind == host::Kind::Directory { path.join("args.nix") } else { path.to_owned() };
        let file = host::absolute(&given).map_err(|error| fault(&given, &error))?;
        match host::stat(&file) {
            Ok(stat) if stat.kind == host::Kind::File => {}
            Ok(stat) => {
                let why = format!("it is {}", stat.kind.words());
                return Err(fault(&given, &io::Error::other(why)));
            }
            Err(error) => return Err(fault(&given, &error)),
        }
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        Ok(Input { file, folder, ..Input::default() })
    }

    /// Whether it is the JSON form of a recipe.
    pub fn is_json(&self) -> bool {
        self.file.extension().is_some_and(|extension| extension == "json")
    }
}

/// Evaluates the file. A function is called with `arguments`.
///
/// # Errors
/// The failure of the evaluation, or arguments that the function does not take.
pub fn load(
    ev: &mut Evaluator<'_>,
    input: &Input,
    arguments: &Attrs,
) -> Result<Value, Vec<Diagnostic>> {
    let report = |error: Box<EvalError>| error.report();
    if input.is_json() {
        let bytes = input.world.read(&input.file, MAX_RECIPE).map_err(|error| {
            vec![Diagnostic::io(code::RECIPE_INPUT, "read", &input.file, &error)]
        })?;
        return ev.parse_json(&bytes).map_err(report);
    }
    let value = ev.eval_file(&input.file).map_err(report)?;
    refuse_unknown_arguments(ev, input, &value, arguments)?;
    ev.auto_call(&value, arguments).map_err(report)
}

/// `--arg` that nothing takes is a slip, most often of the name.
fn refuse_unknown_arguments(
    ev: &Evaluator<'_>,
    input: &Input,
    value: &Value,
    arguments: &Attrs,
) -> Result<(), Vec<Diagnostic>> {
    let formals = ev.formals(value);
    let file = input.file.file_name().unwrap_or_default().display();
    let mut faults = Vec::new();
    for argument in ev.sorted(arguments) {
        let name = ev.name(argument.name);
        let taken = formals.as_ref().is_some_and(|(names, open)| *open || names.contains(&name));
        if !taken {
            let known = formals.iter().flat_map(|(names, _)| names).map(String::as_str);
            let near = nearest(&name, known).map(|near| format!("did you mean `{near}`?"));
            faults.push(
                Diagnostic::error(
                    code::RECIPE_ARGUMENT,
                    format!("{file} takes no argument `{name}`"),
                )
                .with_help_if(near.or_else(|| {
                    formals
                        .is_none()
                        .then(|| "make it a function: `{ tag ? \"dev\" }: { … }`".to_owned())
                })),
            );
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// A set of arguments from names and values.
pub fn arguments(ev: &mut Evaluator<'_>, values: Vec<(String, Value)>) -> Attrs {
    let attrs = values.into_iter().map(|(name, value)| Attr {
        name: ev.symbol(&name),
        place: eval::Place::NOWHERE,
        value,
    });
    Attrs::from_unsorted(attrs.collect())
}
