//! The frontend: from the options of a build to its result.

use super::files::{CONTEXT, CONTEXTS, Files, Root, TEXT};
use super::gateway::{CallError, Gateway};
use super::images::BuildKitImages;
use super::lower::{self, RootOp, Sources};
use super::messages::BuildResult;
use super::options::Options;
use crate::diag::{Colours, Diagnostic, Report, Severity, SourceMap};
use crate::driver::{
    self, BuildContext, ContainerfileOptions, ContextValue, ImageOptions, Images, Input, Text,
};
use crate::eval::{self, Evaluator, Limits, Stack, Value};
use crate::explain::code;
use crate::host;
use crate::image::platform::Platform;
use crate::image::{Image, write};
use crate::recipe::draft::{Draft, ImageDraft};
use crate::recipe::{Place, Placed};
use crate::world::World;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The name of an image whose text says none: BuildKit names it by `--tag`, after it is built.
const UNNAMED: &str = "image";
/// How much memory an evaluation may take, in bytes.
const MAX_MEMORY: u64 = 1 << 30;

/// Builds what BuildKit asks for on standard input, as `environment` has it, and answers on standard output. What is
/// wrong with the build itself goes to the client of the build.
///
/// # Errors
/// BuildKit cannot be spoken to.
pub fn serve(
    environment: impl IntoIterator<Item = (String, String)>,
    stack: Stack,
) -> Result<(), CallError> {
    let options = Options::of(environment);
    let gateway = Rc::new(Gateway::on_standard_streams()?);
    let answered = answer(&gateway, &options, stack);
    if let Some(gateway) = Rc::into_inner(gateway) {
        gateway.close();
    }
    answered
}

/// Builds, and answers.
pub(super) fn answer(
    gateway: &Rc<Gateway>,
    options: &Options,
    stack: Stack,
) -> Result<(), CallError> {
    let mut build = Build::new(gateway.clone(), options);
    let result = match build.image(stack) {
        Some(image) if !build.report.has_errors() => build.result(&image),
        _ => None,
    };
    driver::finish(&mut build.report);
    let result = result.ok_or_else(|| build.message());
    gateway.finish(result)
}

/// A build.
struct Build<'o> {
    gateway: Rc<Gateway>,
    options: &'o Options,
    files: Rc<Files>,
    images: Rc<BuildKitImages>,
    /// The folders that the client names, with its names for them.
    contexts: Vec<(PathBuf, String)>,
    /// The base, as it is written.
    base: Option<String>,
    /// What `builtins.trace` and `builtins.warn` said.
    said: Vec<String>,
    sources: SourceMap,
    report: Report,
}

impl<'o> Build<'o> {
    fn new(gateway: Rc<Gateway>, options: &'o Options) -> Self {
        let files = Rc::new(Files::new(gateway.clone(), options.session.clone()));
        files.add(CONTEXT, Root::Client(options.context.clone()));
        files.add(TEXT, Root::Client(options.text.clone()));
        let (sources, report) = (SourceMap::default(), Report::default());
        let mode = options.resolve_mode.clone();
        let images = Rc::new(BuildKitImages::new(gateway.clone(), files.clone(), mode));
        let (contexts, said) = (Vec::new(), Vec::new());
        Build { gateway, options, files, images, contexts, base: None, said, sources, report }
    }

    /// What was found, in words, as the command line prints it.
    fn message(&self) -> String {
        let mut text = String::new();
        for finding in &self.report.findings {
            if finding.severity != Severity::Note {
                text.push('\n');
                text.push_str(&finding.render(&self.sources, Colours::Dropped));
            }
        }
        if text.is_empty() { "nothing was built".to_owned() } else { text }
    }

    fn error(&mut self, diagnostic: Diagnostic) {
        self.report.push(diagnostic);
    }

    /// The image that is asked for; none when it is refused.
    fn image(&mut self, stack: Stack) -> Option<Image> {
        for (what, why) in &self.options.refused {
            let title = format!("`{what}` is not supported");
            self.report.push(Diagnostic::error(code::BUILDKIT_OPTION, title).with_why(*why));
        }
        let platform = self.platform();
        let epoch = self.epoch();
        if self.report.has_errors() {
            return None;
        }
        let input = Input {
            world: self.files.clone(),
            file: Path::new(TEXT).join(&self.options.file),
            folder: PathBuf::from(CONTEXT),
            ..Input::default()
        };
        let text = Text::named(input, self.options.file.clone());
        let (Text::ArgsNix(input)
        | Text::Containerfile { input, .. }
        | Text::Bunnyfile { input, .. }) = &text;
        let image_options = ImageOptions { platform: platform.clone(), ..ImageOptions::default() };
        let kept = self.images.clone();
        let images = Images::new(input, image_options).with_keeper(&*kept);
        let mut draft = self.draft(&text, &images, platform.as_ref(), stack)?;
        for (name, value) in &self.options.labels {
            driver::label(&mut draft, name, value);
        }
        if draft.name.is_none() {
            let place = Place { spans: None, path: "--tag".to_owned() };
            draft.name = Some(Placed { value: UNNAMED.to_owned(), place });
        }
        if let Some(ImageDraft::Reference(written)) =
            draft.base.as_ref().map(|base| &base.value.image)
        {
            self.base = Some(written.clone());
        }
        let image = driver::image(&draft, input, &images, epoch, &mut self.report)?;
        self.check_platform(platform.as_ref(), &image);
        Some(image)
    }

    fn draft(
        &mut self,
        text: &Text,
        images: &Images<'_>,
        platform: Option<&Platform>,
        stack: Stack,
    ) -> Option<Draft> {
        match text {
            Text::ArgsNix(input) => {
                self.warn_of_options("an args.nix", false);
                let limits = Limits {
                    memory: MAX_MEMORY,
                    memory_in_use: host::memory_in_use,
                    ..Limits::default()
                };
                let options = eval::Options {
                    shown_from: Some(PathBuf::from(TEXT)),
                    partial: true,
                    limits,
                    ..eval::Options::default()
                };
                let world: &dyn World = &*self.files;
                let mut ev = Evaluator::new(&mut self.sources, world, stack, options);
                let arguments = self.options.arguments.iter();
                let arguments = arguments
                    .map(|(name, value)| (name.clone(), Value::string(value.as_bytes())))
                    .collect();
                let arguments = driver::arguments(&mut ev, arguments);
                let draft = match driver::load(&mut ev, input, &arguments) {
                    // Whoever names no platform builds for the machine that this runs on.
                    Ok(value) => {
                        let own = Platform::new("linux", std::env::consts::ARCH, None);
                        let wanted = platform.unwrap_or(&own);
                        let drafts =
                            driver::drafts(&mut ev, &value, Some(wanted), &mut self.report);
                        drafts.and_then(|drafts| drafts.into_iter().next())
                    }
                    Err(diagnostics) => {
                        self.report.findings.extend(diagnostics);
                        driver::no_value(&mut ev, input, &mut self.report);
                        None
                    }
                };
                self.said = ev.take_messages();
                draft
            }
            Text::Containerfile { input, shown } => {
                let arguments = self.options.arguments.iter();
                let build_args: Vec<_> =
                    arguments.map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
                let platform = platform.map(ToString::to_string);
                let build_contexts = self.build_contexts();
                let options = ContainerfileOptions {
                    build_args: &build_args,
                    target: self.options.target.as_deref(),
                    platform: platform.as_deref(),
                    build_contexts: &build_contexts,
                };
                let (sources, report) = (&mut self.sources, &mut self.report);
                driver::containerfile(input, shown, options, images, sources, report)
                    .filter(|_| !self.report.has_errors())
            }
            Text::Bunnyfile { input, shown } => {
                self.warn_of_options("a bunnyfile", true);
                driver::bunnyfile(input, shown, images, &mut self.sources, &mut self.report)
            }
        }
    }

    /// Says which options have no effect on a text, which messages call `text`.
    fn warn_of_options(&mut self, text: &str, with_arguments: bool) {
        let options = self.options;
        let given = [
            ("--target", options.target.is_some()),
            ("--build-arg", with_arguments && !options.arguments.is_empty()),
            ("--build-context", !options.contexts.is_empty()),
        ];
        for (name, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
            let title = format!("`{name}` has no effect on {text}");
            let diagnostic = Diagnostic::warning(code::CLI_FLAG, title);
            self.report.push(diagnostic.with_help("remove it, or check which file is built"));
        }
    }

    /// The folders and images that the client names.
    fn build_contexts(&mut self) -> Vec<BuildContext> {
        let mut contexts = Vec::with_capacity(self.options.contexts.len());
        for (name, value) in &self.options.contexts {
            let value = if let Some(reference) = value.strip_prefix("docker-image://") {
                ContextValue::Reference(reference.to_owned())
            } else if let Some(client) = value.strip_prefix("local:") {
                let root = Path::new(CONTEXTS).join(client);
                self.files.add(root.clone(), Root::Client(client.to_owned()));
                self.contexts.push((root.clone(), client.to_owned()));
                ContextValue::Path(root)
            } else {
                let title = format!("the build context `{name}` is no folder and no image");
                let diagnostic = Diagnostic::error(code::BUILDKIT_OPTION, title);
                let help = "give a folder, or `docker-image://REFERENCE`";
                self.report.push(diagnostic.with_subject(format!("`{value}`")).with_help(help));
                continue;
            };
            contexts.push(BuildContext { name: name.clone(), value });
        }
        contexts
    }

    fn platform(&mut self) -> Option<Platform> {
        let written = self.options.platform.as_deref()?;
        if written.contains(',') {
            let title = format!("`{written}` are several platforms, and an image is for one");
            let diagnostic = Diagnostic::error(code::BUILDKIT_PLATFORM, title);
            self.error(diagnostic.with_help("build once for each, with `--platform`"));
            return None;
        }
        match Platform::parse(written) {
            Ok(platform) => Some(platform),
            Err(fault) => {
                let title = format!("`{written}` is not a platform");
                let diagnostic = Diagnostic::error(code::BUILDKIT_PLATFORM, title);
                self.error(diagnostic.with_why(fault.to_string()));
                None
            }
        }
    }

    fn epoch(&mut self) -> u64 {
        match driver::source_date_epoch(self.options.epoch.as_deref().unwrap_or_default()) {
            Ok(seconds) => seconds,
            Err(diagnostic) => {
                self.error(*diagnostic);
                0
            }
        }
    }

    /// An image is for the platform that was asked for, or it would be pulled by the wrong machines.
    fn check_platform(&mut self, wanted: Option<&Platform>, image: &Image) {
        let Some(wanted) = wanted else { return };
        let architecture = &image.config.architecture;
        if wanted.architecture() != architecture {
            let title = format!("the kernel is for {architecture}, not for the platform {wanted}");
            let diagnostic = Diagnostic::error(code::BUILDKIT_PLATFORM, title);
            let help = format!(
                "leave `--platform` out or give linux/{architecture}, or take a kernel for {}",
                wanted.architecture()
            );
            self.error(diagnostic.with_help(help));
        }
    }

    /// The result of the build: the operations that make the image, and what the image says of itself.
    fn result(&mut self, image: &Image) -> Option<BuildResult> {
        match self.try_result(image) {
            Ok(result) => Some(result),
            Err(diagnostic) => {
                self.error(*diagnostic);
                None
            }
        }
    }

    fn try_result(&mut self, image: &Image) -> Result<BuildResult, Box<Diagnostic>> {
        let session = &self.options.session;
        let client =
            |name: &str| RootOp::Client { name: name.to_owned(), session: session.clone() };
        let mut roots = BTreeMap::from([
            (PathBuf::from(CONTEXT), client(&self.options.context)),
            (PathBuf::from(TEXT), client(&self.options.text)),
        ]);
        roots.extend(self.images.roots());
        roots.extend(self.contexts.iter().map(|(root, name)| (root.clone(), client(name))));
        let base = self.base.as_ref().and_then(|written| self.images.op(written));
        let world: Rc<dyn World> = self.files.clone();
        let definition = lower::lower(
            image,
            &Sources {
                roots,
                base,
                ignore_cache: self.options.no_cache,
                world: &world,
                known: &|at, paths| self.files.known(at, paths),
            },
        )?;
        let last = definition.metadata.keys().next().cloned().unwrap_or_default();
        let metadata = metadata(image)?;
        let failed = |error: CallError| {
            let title = "BuildKit does not take the operations that make the image";
            let diagnostic = Diagnostic::error(code::BUILDKIT_SOLVE, title);
            Box::new(diagnostic.with_why(error.to_string()))
        };
        let reference = self.gateway.solve(definition, false).map_err(failed)?;
        self.warn(&last);
        Ok(BuildResult { r#ref: Some(super::messages::Ref { id: reference }), metadata })
    }

    /// Shows the warnings in the output of the build, where BuildKit can.
    fn warn(&mut self, digest: &str) {
        driver::finish(&mut self.report);
        // Releases before 0.10 have no such call.
        for said in &self.said {
            drop(self.gateway.warn(digest, said, &[]));
        }
        for finding in &self.report.findings {
            if finding.severity != Severity::Warning {
                continue;
            }
            let text = finding.render(&self.sources, Colours::Dropped);
            let mut lines = text.lines().map(str::to_owned);
            let short = lines.next().unwrap_or_default();
            let detail: Vec<String> = lines.collect();
            drop(self.gateway.warn(digest, &short, &detail));
        }
    }
}

/// What the image says of itself, as an exporter takes it.
pub(super) fn metadata(image: &Image) -> Result<BTreeMap<String, Vec<u8>>, Box<Diagnostic>> {
    let config =
        write::configuration(image).map_err(|error| Box::new(error.report("the image")))?;
    let mut metadata = BTreeMap::from([("containerimage.config".to_owned(), config)]);
    // It would change the times in the history of a base, too.
    if image.config.inherited.history.is_empty() {
        metadata.insert("source.date.epoch".to_owned(), image.created.to_string().into_bytes());
    }
    for (name, value) in &image.annotations {
        metadata.insert(format!("annotation-manifest.{name}"), value.clone().into_bytes());
    }
    Ok(metadata)
}
