//! `bimanix builder`: what a Nix derivation runs. It takes no arguments: everything is in the
//! derivation's structured attributes (`nix/lib/buildImage.nix` is the other side).
//!
//! Nix has evaluated the args.nix to find its files. Here it is evaluated again, and the two values must
//! agree: else the image would not be the one that `bimanix build` makes.

use super::commands::{self, Commands, Places};
use super::pulled::Pull;
use super::{Outcome, ui, writing};
use crate::diag::{Diagnostic, Report, SourceMap};
use crate::driver::{self, ImageOptions, Images, Input};
use crate::eval::{Evaluator, Limits, Options, Stack, Value};
use crate::explain::code;
use crate::host;
use crate::image::{Image, Index, Known, WriteError};
use crate::recipe::draft::{BaseDraft, Draft, FileDraft, ImageDraft, InitDraft, SourceDraft};
use crate::world::Disk;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The largest set of attributes that is read.
const MAX_ATTRIBUTES: u64 = 256 << 20;

/// A file that is missing here is most often one that Nix was not told of.
const OTHER_FILES: &str = "the build sees args.nix, the `.nix` files beside it, and what `files` and `base` name; pass others as \
                           `buildImage { argsFile = …; sources = [ ./FILE ]; }`";

/// The attributes of the derivation that matter here.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    /// Where Nix wants the output.
    outputs: Outputs,
    /// What the image is made of: under the name of each architecture, or under an empty one.
    parts: BTreeMap<String, Part>,
    /// The args.nix, when the image comes from one.
    #[serde(default)]
    args_file: Option<PathBuf>,
    /// The arguments of an args.nix that is a function.
    #[serde(default)]
    arguments: Map<String, Json>,
    /// What is to be made, when it is not the image itself.
    #[serde(default)]
    commands: Option<Commands>,
    /// Among them, all that the paths of `rootfs.closure` refer to, as Nix writes it.
    #[serde(flatten)]
    others: Map<String, Json>,
}

/// What an image is made of.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    /// The value Nix came to, without `source` in `files`; images are named by their places in the store.
    recipe: Json,
    /// Where the content of each entry of `files` is.
    #[serde(default)]
    sources: BTreeMap<String, PathBuf>,
    /// The same for the entries of `rootfs.files`.
    #[serde(default)]
    rootfs_sources: BTreeMap<String, PathBuf>,
}

impl Attributes {
    /// All that the paths of `rootfs.closure` refer to, for an architecture.
    fn closure(&self, architecture: &str) -> Result<Option<Vec<PathBuf>>, Box<Diagnostic>> {
        let name = match architecture {
            "" => "closure".to_owned(),
            architecture => format!("closure-{architecture}"),
        };
        let Some(found) = self.others.get(&name) else { return Ok(None) };
        let stored: Vec<Stored> = parse(found.clone())?;
        let mut paths: Vec<PathBuf> = stored.into_iter().map(|stored| stored.path).collect();
        paths.sort();
        Ok(Some(paths))
    }
}

/// A path of the store.
#[derive(serde::Deserialize)]
struct Stored {
    path: PathBuf,
}

#[derive(serde::Deserialize)]
struct Outputs {
    out: PathBuf,
}

/// The attributes of a derivation that pulls an image.
#[derive(serde::Deserialize)]
struct Pulling {
    /// Where Nix wants the output.
    outputs: Outputs,
    pull: Pull,
}

pub(super) fn run(stack: Stack) -> Outcome {
    let done = attributes().and_then(|json| match json.get("pull") {
        Some(_) => parse(json).map(|Pulling { outputs, pull }| pull.run(&outputs.out)),
        None => parse(json).map(|attributes| image(&attributes, stack)),
    });
    match done {
        Ok(outcome) => outcome,
        Err(diagnostic) => ui::fail(&diagnostic, Outcome::Environment),
    }
}

/// Makes an image, or the programs that make it.
fn image(attributes: &Attributes, stack: Stack) -> Outcome {
    let mut sources = SourceMap::default();
    let mut report = Report::default();
    let index = decoded(attributes, stack, &mut sources, &mut report);
    driver::finish(&mut report);
    report.drop_notes();
    ui::findings(&report, &sources);
    let Some(index) = index else { return Outcome::Refused };
    let out = &attributes.outputs.out;
    let made = match &attributes.commands {
        None => {
            writing::archive(&index, out, &Known::nothing()).map(|summaries| summaries.render())
        }
        Some(commands) => match spelled(attributes) {
            Ok(recipes) => {
                commands.write(recipes, out).map(|()| String::new()).map_err(WriteError::Output)
            }
            Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Environment),
        },
    };
    match made {
        Ok(text) => ui::result(text.as_bytes()),
        Err(error) => writing::failed(&error, &out.display().to_string()),
    }
}

/// The recipe of each architecture, with the places in the store written out.
fn spelled(attributes: &Attributes) -> Result<BTreeMap<String, Json>, Box<Diagnostic>> {
    let spell = |(architecture, part): (&String, &Part)| {
        let closure = attributes.closure(architecture)?.unwrap_or_default();
        let places =
            Places { files: &part.sources, rootfs_files: &part.rootfs_sources, closure: &closure };
        Ok((architecture.clone(), commands::spelled(part.recipe.clone(), &places)))
    };
    attributes.parts.iter().map(spell).collect()
}

fn attributes() -> Result<Json, Box<Diagnostic>> {
    // Nix 2.8 names a path of the host in the variable, which does not exist in the sandbox.
    let named = host::variable("NIX_ATTRS_JSON_FILE").map(PathBuf::from);
    let file = named.filter(|file| host::stat(file).is_ok()).unwrap_or(".attrs.json".into());
    let bytes = host::read(&file, MAX_ATTRIBUTES).map_err(|error| {
        Box::new(
            Diagnostic::io(code::BUILDER_ATTRIBUTES, "read", &file, &error)
                .with_why(
                    "`bimanix builder` runs inside of a Nix derivation with structured attributes",
                )
                .with_help("run `bimanix build`, or use `buildImage` from Nix"),
        )
    })?;
    serde_json::from_slice(&bytes).map_err(|error| unexpected(&error))
}

fn parse<T: serde::de::DeserializeOwned>(json: Json) -> Result<T, Box<Diagnostic>> {
    serde_json::from_value(json).map_err(|error| unexpected(&error))
}

fn unexpected(error: &serde_json::Error) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(
            code::BUILDER_ATTRIBUTES,
            "the derivation's attributes are not as expected",
        )
        .with_why(error.to_string())
        .with_help("use the same version of bimanix for `buildImage` and for its builder"),
    )
}

fn decoded(
    attributes: &Attributes,
    stack: Stack,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Index> {
    let file = attributes.args_file.clone().unwrap_or_default();
    let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
    let options = Options {
        shown_from: Some(folder.clone()),
        absent_files: Some(OTHER_FILES),
        current_folder: host::absolute(Path::new(".")).ok(),
        limits: Limits { memory_in_use: host::memory_in_use, ..Limits::default() },
        ..Options::default()
    };
    let mut ev = Evaluator::new(sources, &Disk, stack, options);
    let input = Input { file, folder, ..Input::default() };
    let values = match evaluate(&mut ev, attributes, &input, report) {
        Ok(values) => values,
        Err(diagnostics) => {
            report.findings.extend(diagnostics);
            return None;
        }
    };
    let mut drafts = Vec::with_capacity(values.len());
    for (architecture, image) in &values {
        drafts.push(image.draft(&mut ev, report));
        if attributes.args_file.is_some()
            && let Some(part) = attributes.parts.get(architecture)
            && let Err(diagnostics) = compare(&mut ev, &image.value, &part.recipe)
        {
            report.findings.extend(diagnostics);
        }
    }
    let mut made = Vec::with_capacity(drafts.len());
    for ((architecture, _), draft) in values.iter().zip(drafts) {
        let mut draft = draft?;
        let Some(part) = attributes.parts.get(architecture) else {
            let title = format!("Nix has no recipe for the architecture `{architecture}`");
            report.push(Diagnostic::error(code::BUILDER_DISAGREEMENT, title));
            return None;
        };
        if attributes.args_file.is_some()
            && let Some(by_nix) = by_nix(&mut ev, &part.recipe)
        {
            take_images(&mut draft, &by_nix);
        }
        if let Err(diagnostics) = refuse_references(&draft) {
            report.findings.extend(diagnostics);
            return None;
        }
        let closure = match attributes.closure(architecture) {
            Ok(closure) => closure,
            Err(diagnostic) => {
                report.push(*diagnostic);
                return None;
            }
        };
        let (sources, rootfs_sources) = (part.sources.clone(), part.rootfs_sources.clone());
        let input = Input { sources, rootfs_sources, closure, ..input.clone() };
        made.push((draft, input));
    }
    let images = made.iter().map(|(draft, input)| {
        let images = Images::new(input, ImageOptions::default());
        driver::image(draft, input, &images, 0, report)
    });
    let images: Vec<Option<Image>> = images.collect();
    Index::of(images.into_iter().collect::<Option<Vec<Image>>>()?)
}

/// The draft of what Nix came to. What is wrong with it has been found in our own.
fn by_nix(ev: &mut Evaluator<'_>, recipe: &Json) -> Option<Draft> {
    let value = ev.parse_json(recipe.to_string().as_bytes()).ok()?;
    driver::draft(ev, &value, &mut Report::default())
}

/// Takes the places of images from Nix, which has put them into the store: a path of args.nix leads nowhere here.
fn take_images(draft: &mut Draft, by_nix: &Draft) {
    if let (Some(own), Some(stored)) = (&mut draft.base, &by_nix.base) {
        take_image(&mut own.value, &stored.value);
    }
    take_files(&mut draft.files, &by_nix.files);
    if let (Some(own), Some(stored)) = (&mut draft.kernel, &by_nix.kernel) {
        own.source.clone_from(&stored.source);
    }
    if let (Some(InitDraft::File(own)), Some(InitDraft::File(stored))) =
        (&mut draft.init, &by_nix.init)
    {
        own.source.clone_from(&stored.source);
    }
    if let (Some(own), Some(stored)) = (&mut draft.rootfs, &by_nix.rootfs) {
        take_files(&mut own.files, &stored.files);
        if let (Some(own), Some(stored)) = (&mut own.from, &stored.from) {
            take_image(&mut own.value, &stored.value);
        }
    }
}

fn take_files(files: &mut [FileDraft], by_nix: &[FileDraft]) {
    let stored: BTreeMap<&str, &FileDraft> =
        by_nix.iter().map(|file| (file.place.path.as_str(), file)).collect();
    for file in files {
        if let SourceDraft::Image { image: own, .. } = &mut file.source
            && let Some(FileDraft { source: SourceDraft::Image { image: stored, .. }, .. }) =
                stored.get(file.place.path.as_str())
        {
            take_image(own, stored);
        }
    }
}

fn take_image(own: &mut BaseDraft, stored: &BaseDraft) {
    if let (ImageDraft::Path(own), ImageDraft::Path(stored)) = (&mut own.image, &stored.image) {
        own.clone_from(stored);
    }
}

/// Refuses images that would have to be pulled.
fn refuse_references(draft: &Draft) -> Result<(), Vec<Diagnostic>> {
    let base = draft.base.iter().map(|base| ("base", &base.value, &base.place));
    let of_rootfs = draft.rootfs.iter().flat_map(|rootfs| &rootfs.files);
    let files = draft.files.iter().chain(&draft.kernel).chain(of_rootfs);
    let files = files.filter_map(|file| match &file.source {
        SourceDraft::Image { image, .. } => Some(("image", image, &file.place)),
        _ => None,
    });
    let from = draft.rootfs.iter().filter_map(|rootfs| rootfs.from.as_ref());
    let from = from.map(|from| ("from", &from.value, &from.place));
    let diagnostics: Vec<Diagnostic> = base
        .chain(files)
        .chain(from)
        .filter_map(|(field, image, place)| match &image.image {
            ImageDraft::Reference(reference) => Some((field, reference, place)),
            ImageDraft::Path(_) => None,
        })
        .map(|(field, reference, place)| {
            let title = format!("`{reference}` would have to be pulled");
            let diagnostic = place.error(code::BUILDER_REFERENCE, title);
            diagnostic.with_why("a build of Nix has no network").with_help(format!(
                "let Nix fetch it: `{field} = lib.pullImage {{ … }};` in a set that `buildImage` is given, or in \
                 `arguments` of an args.nix that is a function: `{{ {field} ? \"…\" }}: {{ … }}`",
            ))
        })
        .collect();
    if diagnostics.is_empty() { Ok(()) } else { Err(diagnostics) }
}

/// The value of each architecture, under the name that its part has.
fn evaluate(
    ev: &mut Evaluator<'_>,
    attributes: &Attributes,
    input: &Input,
    report: &mut Report,
) -> Result<Vec<(String, driver::Part)>, Vec<Diagnostic>> {
    if attributes.args_file.is_none() {
        let mut values = Vec::with_capacity(attributes.parts.len());
        for (architecture, part) in &attributes.parts {
            let text = part.recipe.to_string();
            let value = ev.parse_json(text.as_bytes()).map_err(|error| error.report())?;
            values.push((architecture.clone(), driver::Part { architecture: None, value }));
        }
        return Ok(values);
    }
    let mut values = Vec::new();
    for (name, value) in &attributes.arguments {
        let value = ev.parse_json(value.to_string().as_bytes()).map_err(|error| error.report())?;
        values.push((name.clone(), value));
    }
    let arguments = driver::arguments(ev, values);
    let value = driver::load(ev, input, &arguments)?;
    let named = |part: driver::Part| {
        let name = part.architecture.as_ref().map(|name| name.value.clone());
        (name.unwrap_or_default(), part)
    };
    Ok(driver::parts(ev, &value, report).into_iter().map(named).collect())
}

/// Compares the value with the one Nix came to.
fn compare(ev: &mut Evaluator<'_>, value: &Value, by_nix: &Json) -> Result<(), Vec<Diagnostic>> {
    let (bytes, _) = ev.json(value).map_err(|error| error.report())?;
    let mut ours: Json = serde_json::from_slice(&bytes).unwrap_or(Json::Null);
    let mut by_nix = by_nix.clone();
    forget_places(&mut ours);
    forget_places(&mut by_nix);
    let mut differences = Vec::new();
    differ(&mut Vec::new(), Some(&ours), Some(&by_nix), &mut differences);
    let diagnostics: Vec<Diagnostic> = differences
        .into_iter()
        .map(|(path, ours, nix)| {
            let shown = path.join(".");
            let title = format!("Nix and bimanix disagree on `{shown}`");
            let diagnostic = Diagnostic::error(code::BUILDER_DISAGREEMENT, title)
                .with_why(format!("Nix came to {nix}, bimanix to {ours}"))
                .with_help(
                    "make it independent of the evaluator (`builtins.currentSystem`, `nixVersion`, the \
                     environment, store paths), or report it as a bug of bimanix",
                );
            match place(ev, value, &path) {
                Some(span) => diagnostic.with_label(span, ""),
                None => diagnostic.with_subject(format!("`{shown}`")),
            }
        })
        .collect();
    if diagnostics.is_empty() { Ok(()) } else { Err(diagnostics) }
}

/// Leaves out where sources and images are: that is a path here and a store path there. Sources are compared by their
/// content, and images by what is made of them.
fn forget_places(recipe: &mut Json) {
    recipe.get_mut("base").map(forget_image);
    forget_sources(recipe);
    if let Some(set) = recipe.as_object_mut() {
        set.remove("kernel");
        set.remove("init");
    }
    if let Some(rootfs) = recipe.get_mut("rootfs") {
        rootfs.get_mut("from").map(forget_image);
        forget_sources(rootfs);
        rootfs.as_object_mut().and_then(|set| set.remove("closure"));
    }
}

fn forget_sources(set: &mut Json) {
    let Some(files) = set.get_mut("files").and_then(Json::as_object_mut) else { return };
    for file in files.values_mut().filter_map(Json::as_object_mut) {
        match file.get_mut("image") {
            Some(image) => forget_image(image),
            None => drop(file.remove("source")),
        }
    }
}

fn forget_image(image: &mut Json) {
    let image = match image {
        Json::Object(set) => set.get_mut("image"),
        image => Some(image),
    };
    if let Some(Json::String(text)) = image
        && let ImageDraft::Path(_) = ImageDraft::written(text)
    {
        text.clear();
    }
}

/// Where the attribute at a path was written.
fn place(ev: &mut Evaluator<'_>, value: &Value, path: &[String]) -> Option<crate::diag::Span> {
    let mut value = ev.force(value).ok()?;
    let mut span = None;
    for name in path {
        let Value::Attrs(attrs) = &value else { break };
        let symbol = ev.symbol(name);
        let attr = attrs.get(symbol)?.clone();
        span = ev.binding(attr.place).map(|(_, value)| value).or(span);
        value = ev.force(&attr.value).ok()?;
    }
    span
}

type Difference = (Vec<String>, String, String);

fn differ(
    path: &mut Vec<String>,
    ours: Option<&Json>,
    nix: Option<&Json>,
    differences: &mut Vec<Difference>,
) {
    if let (Some(Json::Object(a)), Some(Json::Object(b))) = (ours, nix) {
        let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for name in names {
            path.push(name.clone());
            differ(path, a.get(name), b.get(name), differences);
            path.pop();
        }
        return;
    }
    if ours != nix {
        let show = |value: Option<&Json>| match value {
            None => "nothing".to_owned(),
            Some(value) => {
                let text = value.to_string();
                let short: String = text.chars().take(80).collect();
                if short.len() < text.len() { format!("{short}…") } else { text }
            }
        };
        differences.push((path.clone(), show(ours), show(nix)));
    }
}
