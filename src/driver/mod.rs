//! The stages of a build, one function each: the only room that sees every other.
//!
//! [`load`] (text to value) → [`draft`] (value to what is written) → [`recipe::resolve`] (to what it means) →
//! [`assemble`] (to files, found and judged) → [`layout`] (to an image) → `image::write` (to bytes).
//! [`image`] is the one way from a draft to an image. Every stage puts what it finds into the run's [`Report`]; a
//! stage runs when those before it have given it something to work on, so that all problems show at once.
//! [`inspect`] takes an image that is there through the same judgement, and `page` shows it.

mod assemble;
mod boot;
pub mod compare;
mod convert;
mod files;
mod guest;
mod images;
mod input;
pub mod inspect;
mod layout;
mod overlap;
mod page;
pub mod pin;
pub mod pull;
mod urunc_json;

use crate::explain::Code;
use crate::explain::code;
pub use crate::front::containerfile::{BuildContext, ContextValue};
pub use assemble::{Assembled, assemble};
pub use boot::{ImageBootFiles, boot_files, image_boot_files, image_config, is_image};
pub use convert::{Conversion, convert};
pub use images::{Fetched, ImageOptions, Images, Keeper};
pub use input::{DEFAULT_FILE, Input, Text, arguments, load};
use layout::MAX_LAYERS;
pub use layout::layout;

use crate::diag::{Diagnostic, Report, SourceMap};
use crate::eval::{EvalError, Evaluator, Value};
use crate::front::{self, Hint};
use crate::image::platform::Platform;
use crate::image::{Image, Index};
use crate::recipe::base::Base;
use crate::recipe::draft::{Draft, Setting};
use crate::recipe::{self, Decoded, Place, Placed};
use crate::urunc::{self, Annotations, Guest, Key, Monitor};

/// What an args.nix asks for, from its value.
///
/// Every mistake goes to `report`. Nothing comes back when the value is no set at all.
pub fn draft(ev: &mut Evaluator<'_>, value: &Value, report: &mut Report) -> Option<Draft> {
    front::nix::draft(ev, value, report)
}

/// What an args.nix says for one image.
#[derive(Debug, Clone)]
pub struct Part {
    /// The architecture, where the args.nix names several.
    pub architecture: Option<Placed<String>>,
    /// The value.
    pub value: Value,
}

impl Part {
    /// What it asks for, as [`draft`] says.
    pub fn draft(&self, ev: &mut Evaluator<'_>, report: &mut Report) -> Option<Draft> {
        let draft = draft(ev, &self.value, report)?;
        match self.architecture.clone() {
            None => Some(draft),
            architecture => Some(Draft { architecture, ..draft }),
        }
    }
}

/// What an args.nix says for each of its architectures, or for its only image.
///
/// Every mistake goes to `report`. Nothing comes back where the architectures cannot be told apart.
pub fn parts(ev: &mut Evaluator<'_>, value: &Value, report: &mut Report) -> Vec<Part> {
    match front::nix::architectures(ev, value, report) {
        None => vec![Part { architecture: None, value: value.clone() }],
        Some(parts) => {
            let part = |(name, value)| Part { architecture: Some(name), value };
            parts.into_iter().map(part).collect()
        }
    }
}

/// What an args.nix asks for, from its value: one image, or one for each of its architectures; with `platform`, the one
/// for that.
///
/// Every mistake goes to `report`. Nothing comes back when nothing can be made of the value.
pub fn drafts(
    ev: &mut Evaluator<'_>,
    value: &Value,
    platform: Option<&Platform>,
    report: &mut Report,
) -> Option<Vec<Draft>> {
    let parts = parts(ev, value, report);
    if parts.is_empty() {
        // What else is wrong with it.
        draft(ev, value, report)?;
        return None;
    }
    let mut drafts: Vec<Draft> = parts.iter().filter_map(|part| part.draft(ev, report)).collect();
    let names: Vec<String> = parts
        .iter()
        .filter_map(|part| Some(format!("`{}`", part.architecture.as_ref()?.value)))
        .collect();
    let platform = platform.filter(|_| !names.is_empty());
    let Some(platform) = platform else { return Some(drafts) };
    let wanted = platform.architecture();
    let is_wanted =
        |draft: &Draft| draft.architecture.as_ref().is_some_and(|own| own.value == wanted);
    drafts.retain(is_wanted);
    if drafts.is_empty() {
        let title = format!("args.nix has no architecture `{wanted}`");
        let diagnostic = Diagnostic::error(code::RECIPE_ARCHITECTURES, title);
        let place = Place { spans: None, path: "--platform".to_owned() };
        let help = format!("it has {}", names.join(", "));
        report.push(place.mark(diagnostic, "").with_help(help));
        return None;
    }
    Some(drafts)
}

/// The images of registries that an args.nix names, from its value.
///
/// # Errors
/// A value that cannot be evaluated.
pub fn references(
    ev: &mut Evaluator<'_>,
    value: &Value,
) -> Result<Vec<Placed<String>>, Box<EvalError>> {
    front::nix::references(ev, value)
}

/// Says that nothing of an args.nix could be checked, since it has no value; why is in the report, but for what
/// the evaluator has kept.
pub fn no_value(ev: &mut Evaluator<'_>, input: &Input, report: &mut Report) {
    let file = input.file.file_name().unwrap_or_default().display().to_string();
    report.findings.extend(ev.take_refused());
    report.push(front::nix::nothing_checked(&file));
}

/// How a Containerfile is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ContainerfileOptions<'o> {
    /// `--build-arg`: the values of ARGs.
    pub build_args: &'o [(String, Option<String>)],
    /// `--target`: the stage to build.
    pub target: Option<&'o str>,
    /// `--platform`, as `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: Option<&'o str>,
    /// `--build-context`: other names for folders and images.
    pub build_contexts: &'o [BuildContext],
}

/// What a Containerfile asks for.
///
/// Every mistake goes to `report`; after one, nothing comes back.
pub fn containerfile(
    input: &Input,
    shown: &str,
    options: ContainerfileOptions<'_>,
    images: &Images<'_>,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Draft> {
    let request = containerfile_request(input, shown, options, images);
    front::containerfile::read(&*input.world, sources, &request, report)
}

/// The images of registries that a Containerfile names; none of them is opened.
///
/// Every mistake up to there goes to `report`; after one, nothing comes back.
pub fn containerfile_references(
    input: &Input,
    shown: &str,
    options: ContainerfileOptions<'_>,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Vec<Placed<String>>> {
    let images = Images::new(input, ImageOptions::default());
    let request = containerfile_request(input, shown, options, &images);
    front::containerfile::references(&*input.world, sources, &request, report)
}

fn containerfile_request<'r>(
    input: &'r Input,
    shown: &'r str,
    options: ContainerfileOptions<'r>,
    images: &'r Images<'r>,
) -> front::containerfile::Request<'r> {
    front::containerfile::Request {
        shown,
        file: &input.file,
        context: &input.folder,
        build_args: options.build_args,
        target: options.target,
        platform: options.platform,
        build_contexts: options.build_contexts,
        images,
        name: None,
        tag: None,
    }
}

/// What a bunnyfile asks for.
///
/// Every mistake goes to `report`. Nothing comes back where nothing of it can be judged.
pub fn bunnyfile(
    input: &Input,
    shown: &str,
    images: &Images<'_>,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Draft> {
    let (file, context) = (&input.file, &input.folder);
    let request = front::bunnyfile::Request { shown, file, context, images };
    front::bunnyfile::read(&*input.world, sources, &request, report)
}

/// The images of registries that a bunnyfile names; none of them is opened.
///
/// Every mistake goes to `report`; after one, nothing comes back.
pub fn bunnyfile_references(
    input: &Input,
    shown: &str,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Vec<Placed<String>>> {
    let images = Images::new(input, ImageOptions::default());
    let (file, context) = (&input.file, &input.folder);
    let request = front::bunnyfile::Request { shown, file, context, images: &images };
    front::bunnyfile::references(&*input.world, sources, &request, report)
}

/// Gives the image of a draft another name, `NAME` or `NAME:TAG`, as `--tag` does.
pub fn rename(draft: &mut Draft, reference: &str) {
    let place = || Place { spans: None, path: "--tag".to_owned() };
    let (name, tag) = match reference.rsplit_once(':') {
        // A colon before a slash is that of a port.
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (reference, None),
    };
    draft.name = Some(Placed { value: name.to_owned(), place: place() });
    draft.tag = tag.map(|tag| Placed { value: tag.to_owned(), place: place() });
}

/// The variable by which reproducible builds agree on a time.
pub const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// The time that [`SOURCE_DATE_EPOCH`] is set to, in seconds since 1970; 0 where it is set to nothing.
///
/// # Errors
/// `cli/source-date-epoch`: it is no time.
pub fn source_date_epoch(text: &str) -> Result<u64, Box<Diagnostic>> {
    // RFC 3339 has four digits for the year.
    match text.parse::<u64>() {
        Ok(seconds) if seconds <= 253_402_300_799 => Ok(seconds),
        _ if text.is_empty() => Ok(0),
        _ => {
            let title = format!("`{SOURCE_DATE_EPOCH}` is `{text}`, which is no time");
            let diagnostic = Diagnostic::error(code::CLI_SOURCE_DATE_EPOCH, title);
            Err(Box::new(diagnostic.with_help("set it to seconds since 1970, or unset it")))
        }
    }
}

/// Adds a label, in the place of one that is there: as an annotation as well, where it is one of urunc's.
pub fn label(draft: &mut Draft, name: &str, value: &str) {
    let place = || Place { spans: None, path: format!("--label {name}") };
    if let Some(key) = Key::ALL.iter().find(|key| key.full() == name) {
        draft.annotations.retain(|(known, _)| known != name && known != key.short());
        let value = Setting::Text(value.to_owned());
        draft.annotations.push((name.to_owned(), Placed { value, place: place() }));
    } else {
        draft.labels.retain(|(known, _)| known != name);
        draft.labels.push((name.to_owned(), Placed { value: value.to_owned(), place: place() }));
    }
}

/// The image that a draft asks for, made at `epoch` unless it says when; none when it is refused.
///
/// Everything that is wrong goes to `report`.
pub fn image(
    draft: &Draft,
    input: &Input,
    images: &Images<'_>,
    epoch: u64,
    report: &mut Report,
) -> Option<Image> {
    let base = draft.base.as_ref().map(|base| (images.get(base, hint(draft), report), &base.place));
    overlap::check(draft, input, images, report);
    let known = match &base {
        None => Base::None,
        Some((None, _)) => Base::Unknown,
        Some((Some(opened), place)) => Base::Known(opened.config(), place),
    };
    let decoded = recipe::resolve(draft, known, report);
    let opened = base.and_then(|(opened, _)| opened);
    let assembled = assemble(decoded.contents(), input, images, opened, report)?;
    let image = match decoded {
        Decoded::Whole(recipe) if !report.has_errors() => layout(&recipe, assembled, epoch),
        _ => return None,
    };
    let count = image.layers.len();
    if count > MAX_LAYERS
        && let Some(base) = &draft.base
    {
        let title = format!("the image has {count} layers, and docker takes {MAX_LAYERS}");
        let diagnostic = base.place.warning(code::IMAGE_MANY_LAYERS, title);
        let help = "take a base with fewer layers";
        report.push(
            diagnostic.with_why("the layers of the base are kept one by one").with_help(help),
        );
    }
    Some(image)
}

/// The images that drafts of one text ask for, as one; none when any of them is refused.
///
/// Everything that is wrong goes to `report`, once.
pub fn index(
    drafts: &[Draft],
    input: &Input,
    images: &Images<'_>,
    epoch: u64,
    report: &mut Report,
) -> Option<Index> {
    let made: Vec<Option<Image>> =
        drafts.iter().map(|draft| image(draft, input, images, epoch, report)).collect();
    let mut seen = Vec::new();
    report.findings.retain(|finding| {
        let is_new = drafts.len() == 1 || !seen.contains(finding);
        if is_new && drafts.len() > 1 {
            seen.push(finding.clone());
        }
        is_new
    });
    if drafts.len() > 1
        && let Some(place) = drafts.first().and_then(|draft| draft.annotations_place.as_ref())
    {
        let title = "urunc does not read the annotations of an image for several architectures";
        let diagnostic = Diagnostic::note(code::URUNC_INDEX, title);
        report.push(
            place
                .mark_name(diagnostic, "")
                .with_why("the image's name leads to an index, which urunc's shim does not follow")
                .with_help("nothing is to be done: the labels and /urunc.json say the same"),
        );
    }
    if report.has_errors() {
        return None;
    }
    Index::of(made.into_iter().collect::<Option<Vec<Image>>>()?)
}

/// What a draft says by which one of several platforms can be chosen.
fn hint(draft: &Draft) -> Hint<'_> {
    let hypervisor = Key::Hypervisor.full();
    let named = |name: &str| name == Key::Hypervisor.short() || name == hypervisor;
    let monitor = draft.annotations.iter().find_map(|(name, setting)| match &setting.value {
        Setting::Text(text) if named(name) => Some(text.as_str()),
        _ => None,
    });
    let architecture = draft.architecture.as_ref().map(|given| given.value.as_str());
    Hint { architecture: architecture.filter(|given| !given.is_empty()), monitor }
}

/// The first release that runs what these annotations ask for.
fn first_era(annotations: &Annotations) -> &'static str {
    let guest = annotations.get(Key::UnikernelType).and_then(Guest::from_name);
    let monitor = annotations.get(Key::Hypervisor).and_then(Monitor::from_name);
    urunc::first_era(guest, monitor)
}

/// The releases of urunc that the rule with this code holds for; none where others enforce it.
pub fn releases(code: Code) -> &'static [&'static str] {
    urunc::eras::of(code)
}

/// Says of each finding which releases of urunc it holds for, of those that run the guest.
fn label_releases(report: &mut Report, first: &str) {
    for finding in &mut report.findings {
        if finding.eras.is_empty() {
            finding.eras = releases(finding.code);
        }
        finding.eras = urunc::eras::since(finding.eras, first);
    }
}

/// Says of each finding which releases of urunc it holds for, and brings all in the order of the text.
pub fn finish(report: &mut Report) {
    label_releases(report, urunc::eras::E24);
    report.sort();
}
