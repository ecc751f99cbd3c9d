//! A file while it is read: what is known of it, and the order in which it is gone through.

use super::context::Context;
use super::contexts::{NamedContext, named_contexts};
use super::expand::Expander;
use super::instruction::{Instruction, What};
use super::stages::Stage;
use super::state::{self, State};
use super::tree::Tree;
use super::{MAX_FINDINGS, Request, draft, is_error};
use crate::diag::{Diagnostic, Report, SourceMap, Span};
use crate::explain::code;
use crate::front::Images;
use crate::recipe::Place;
use crate::recipe::draft::{BaseDraft, Draft};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The entries that all stages may have together.
const MAX_ENTRIES: usize = 1_000_000;
/// As many names are compared with one that is not known.
pub(super) const MAX_NEAR: usize = 1000;

/// Counts errors, so that a file full of mistakes is not read to its end.
#[derive(Debug)]
pub(super) struct Errors {
    seen: usize,
    count: usize,
}

impl Errors {
    /// Counts those that come from here on.
    pub fn after(report: &Report) -> Self {
        Self { seen: report.findings.len(), count: 0 }
    }

    /// Whether there are more than are shown.
    pub fn are_many(&mut self, report: &Report) -> bool {
        let new = report.findings.get(self.seen..).unwrap_or_default();
        self.count =
            self.count.saturating_add(new.iter().filter(|finding| is_error(finding)).count());
        self.seen = report.findings.len();
        self.count > MAX_FINDINGS
    }
}

/// Everything that is known while a file is read.
pub(super) struct Reading<'w, 'r> {
    /// The build context.
    pub context: Rc<Context<'w>>,
    /// Its files.
    pub context_tree: Rc<Tree<'w>>,
    /// Those that the command line names.
    pub contexts: Vec<NamedContext<'w>>,
    /// The images that the file may name.
    pub images: &'w dyn Images,
    /// The files of those that `COPY --from` has named.
    pub image_trees: Vec<(BaseDraft, Rc<Tree<'w>>)>,
    pub expander: Expander,
    pub report: &'r mut Report,
    /// How many errors there are.
    pub errors: Errors,
    /// `--build-arg`, those with a value.
    pub build_args: BTreeMap<String, String>,
    /// The values of ARG in front of the first FROM, and of the platform.
    pub globals: BTreeMap<String, String>,
    pub is_platform_given: bool,
    /// The monitor that the target's labels name.
    pub monitor: Option<String>,
    pub stages: Vec<Stage<'w>>,
    /// The last stage of each name.
    pub by_name: BTreeMap<String, usize>,
    /// What FROM and `--from` name beside stages.
    pub names: BTreeSet<String>,
    /// The stages that are done, by their numbers; none for one that cannot be begun.
    pub built: Vec<Option<Rc<State<'w>>>>,
    /// The entries that stages may still get.
    pub left: usize,
}

impl<'w, 'r> Reading<'w, 'r> {
    /// Begins.
    pub fn new(
        world: &'w dyn World,
        request: &Request<'w>,
        escape: char,
        sources: &mut SourceMap,
        report: &'r mut Report,
    ) -> Self {
        let given = request.build_args.iter();
        let given = given.filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        let context = Rc::new(build_context(world, request, sources, report));
        let contexts = named_contexts(world, request.build_contexts, sources, report);
        Self {
            context_tree: Rc::new(Tree::of(Rc::clone(&context))),
            context,
            contexts,
            images: request.images,
            image_trees: Vec::new(),
            expander: Expander::new(escape),
            errors: Errors::after(report),
            report,
            build_args: given.collect(),
            globals: BTreeMap::new(),
            is_platform_given: request.platform.is_some(),
            monitor: None,
            stages: Vec::new(),
            by_name: BTreeMap::new(),
            names: BTreeSet::new(),
            built: Vec::new(),
            left: MAX_ENTRIES,
        }
    }

    /// Reads everything.
    pub fn whole(
        &mut self,
        request: &Request<'_>,
        parsed: Vec<Instruction>,
        start: Span,
    ) -> Option<Draft> {
        let place = self.read_stages(request, parsed, start)?;
        let target = self.target(request)?;
        self.monitor = self.monitor_of(target);
        for index in self.needed(target) {
            self.build(index);
        }
        if !self.report.has_errors() {
            self.check_contexts();
        }
        let state = self.built.get(target).cloned().flatten()?;
        let state = Rc::unwrap_or_clone(state);
        Some(Draft { references: self.references(), ..draft(state, request, place) })
    }

    /// Finds the stages, and gives the place of the first; none is built yet.
    pub fn read_stages(
        &mut self,
        request: &Request<'_>,
        parsed: Vec<Instruction>,
        start: Span,
    ) -> Option<Place> {
        self.platform(request);
        self.check_build_args(request, &parsed);
        let mut parsed = parsed.into_iter().peekable();
        while let Some(instruction) =
            parsed.next_if(|first| !matches!(first.what, What::From { .. }))
        {
            self.global(&instruction);
        }
        let Some(first) = parsed.peek() else {
            // A mistake may have taken the FROM away.
            if !self.report.has_errors() {
                self.report.push(
                    Diagnostic::error(code::CONTAINERFILE_NO_STAGE, "the file has no `FROM`")
                        .with_label(start, "")
                        .with_why("it says what the image is built on")
                        .with_help("begin with `FROM scratch`"),
                );
            }
            return None;
        };
        let place = state::place(first, first.whole);
        let mut current: Option<(Instruction, Vec<Instruction>)> = None;
        for instruction in parsed {
            if matches!(instruction.what, What::From { .. }) {
                if let Some((from, instructions)) = current.replace((instruction, Vec::new())) {
                    self.stage(from, instructions);
                }
            } else if let Some((_, instructions)) = &mut current {
                instructions.push(instruction);
            }
        }
        if let Some((from, instructions)) = current {
            self.stage(from, instructions);
        }
        Some(place)
    }

    /// Takes entries from those that stages may have together.
    pub fn spend(&mut self, count: usize, at: Span) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left = self.left.saturating_sub(count);
        if self.left > 0 {
            return true;
        }
        self.report.push(
            Diagnostic::error(code::CONTAINERFILE_TOO_MUCH, "the stages have too many entries")
                .with_label(at, "")
                .with_why(format!(
                    "all stages together may have {MAX_ENTRIES} files, names and values"
                ))
                .with_help("copy folders as a whole, and remove stages that only repeat others"),
        );
        false
    }
}

/// The build context. `FILE.dockerignore` beside the file goes before its own `.dockerignore`.
fn build_context<'w>(
    world: &'w dyn World,
    request: &Request<'_>,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Context<'w> {
    let mut own = request.file.as_os_str().to_owned();
    own.push(".dockerignore");
    let ignore = [own.into(), request.context.join(".dockerignore")];
    let top = request.context.to_owned();
    Context::of_folder(world, top, std::path::PathBuf::new(), &ignore, sources, report)
}
