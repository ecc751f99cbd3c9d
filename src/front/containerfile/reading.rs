//! The stages of a file: what each is built on, which of them are needed, and what they come to.

use super::expand::{Expander, Variable};
use super::ignore::Context;
use super::stage::{self, State};
use super::syntax::{Flag, Instruction, What, Word};
use super::tree::Tree;
use super::{MAX_FINDINGS, Request, draft, is_error, short};
use crate::diag::{Diagnostic, Report, Span, nearest};
use crate::recipe::Placed;
use crate::recipe::draft::{BaseDraft, Draft};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The platform where none is asked for: its system and its architecture.
const DEFAULT_PLATFORM: (&str, &str) = ("linux", "amd64");
/// The entries that all stages may have together.
const MAX_ENTRIES: usize = 1_000_000;
/// As many names are compared with one that is not known.
pub(super) const MAX_NEAR: usize = 1000;

/// A stage as it is written.
#[derive(Debug)]
pub(super) struct Stage {
    /// The line of its FROM.
    pub at: Span,
    pub instructions: Vec<Instruction>,
    pub root: Root,
}

/// Counts errors, so that a file of mistakes is not read to its end.
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

/// What a stage is built on.
#[derive(Debug, Clone)]
pub(super) enum Root {
    Scratch {
        architecture: Option<Placed<String>>,
    },
    Image(Placed<BaseDraft>),
    Stage(usize),
    /// What is wrong has been said.
    Broken,
}

/// Everything that is known while a file is read.
pub(super) struct Reading<'w, 'r> {
    pub context: Context<'w>,
    /// The build context as a tree.
    pub context_tree: Rc<Tree>,
    pub expander: Expander,
    pub report: &'r mut Report,
    /// How many errors there are.
    errors: Errors,
    /// `--build-arg`, those with a value.
    pub build_args: BTreeMap<String, String>,
    /// The values of ARG in front of the first FROM, and of the platform.
    pub globals: BTreeMap<String, String>,
    is_platform_given: bool,
    pub stages: Vec<Stage>,
    /// The last stage of each name.
    by_name: BTreeMap<String, usize>,
    /// The stages that are done, by their numbers; none for one that cannot be begun.
    pub built: Vec<Option<Rc<State>>>,
    /// The entries that stages may still get.
    left: usize,
}

impl<'w, 'r> Reading<'w, 'r> {
    /// Begins.
    pub fn new(
        context: Context<'w>,
        context_tree: Tree,
        escape: char,
        request: &Request<'_>,
        report: &'r mut Report,
    ) -> Self {
        let given = request.build_args.iter();
        let given = given.filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        Self {
            context,
            context_tree: Rc::new(context_tree),
            expander: Expander::new(escape),
            errors: Errors::after(report),
            report,
            build_args: given.collect(),
            globals: BTreeMap::new(),
            is_platform_given: request.platform.is_some(),
            stages: Vec::new(),
            by_name: BTreeMap::new(),
            built: Vec::new(),
            left: MAX_ENTRIES,
        }
    }

    /// Reads everything.
    pub fn whole(
        &mut self,
        request: &Request<'_>,
        parsed: Vec<Instruction>,
        end: Span,
    ) -> Option<Draft> {
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
                    Diagnostic::error("containerfile/no-stage", "the file has no `FROM`")
                        .with_label(end, "")
                        .with_why("it says what the image is built on")
                        .with_help("begin with `FROM scratch`"),
                );
            }
            return None;
        };
        let place = stage::place(first, first.whole);
        let mut current: Option<(Instruction, Vec<Instruction>)> = None;
        for instruction in parsed {
            if matches!(instruction.what, What::From { .. }) {
                if let Some((from, instructions)) = current.replace((instruction, Vec::new())) {
                    self.stage(&from, instructions);
                }
            } else if let Some((_, instructions)) = &mut current {
                instructions.push(instruction);
            }
        }
        if let Some((from, instructions)) = current {
            self.stage(&from, instructions);
        }
        let target = self.target(request)?;
        for index in self.needed(target) {
            self.build(index);
        }
        let state = self.built.get(target).cloned().flatten()?;
        let state = Rc::unwrap_or_clone(state);
        Some(Draft { references: self.references(), ..draft(state, request, place) })
    }

    /// The values of `TARGETPLATFORM` and the like.
    fn platform(&mut self, request: &Request<'_>) {
        let (os, architecture) = DEFAULT_PLATFORM;
        let default = format!("{os}/{architecture}");
        let target = request.platform.unwrap_or(&default);
        for (prefix, platform) in [("BUILD", default.as_str()), ("TARGET", target)] {
            let mut parts = platform.splitn(3, '/');
            let [os, architecture, variant] = [(); 3].map(|()| parts.next().unwrap_or(""));
            for (suffix, value) in [
                ("PLATFORM", platform),
                ("OS", os),
                ("OSVERSION", ""),
                ("ARCH", architecture),
                ("VARIANT", variant),
            ] {
                self.globals.insert(format!("{prefix}{suffix}"), value.to_owned());
            }
        }
        let stage = request.target.unwrap_or("default");
        self.globals.insert("TARGETSTAGE".to_owned(), stage.to_owned());
        for (name, value) in &mut self.globals {
            if let Some(given) = self.build_args.get(name) {
                value.clone_from(given);
            }
        }
    }

    /// Says which `--build-arg` no ARG asks for.
    fn check_build_args(&mut self, request: &Request<'_>, parsed: &[Instruction]) {
        /// What docker takes without an ARG.
        const PROXIES: [&str; 10] = [
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "FTP_PROXY",
            "ftp_proxy",
            "NO_PROXY",
            "no_proxy",
            "ALL_PROXY",
            "all_proxy",
        ];
        let mut asked: BTreeSet<&str> = self.globals.keys().map(String::as_str).collect();
        asked.extend(PROXIES);
        for instruction in parsed {
            if let What::Arg(pairs) = &instruction.what {
                asked.extend(pairs.iter().map(|pair| pair.name.text.as_str()));
            }
        }
        for (name, _) in request.build_args {
            if asked.contains(name.as_str()) {
                continue;
            }
            let help = match nearest(name, asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it with `ARG {name}`, or leave it out"),
            };
            self.report.push(
                Diagnostic::warning(
                    "containerfile/unused-build-arg",
                    format!("no `ARG` asks for `{name}`"),
                )
                .with_subject(format!("--build-arg {name}"))
                .with_help(help),
            );
        }
    }

    /// An instruction in front of the first FROM.
    fn global(&mut self, instruction: &Instruction) {
        let What::Arg(pairs) = &instruction.what else {
            let title = format!("`{}` is in front of the first `FROM`", instruction.keyword);
            self.report.push(
                Diagnostic::error("containerfile/no-stage", title)
                    .with_label(instruction.whole, "")
                    .with_why("only `ARG` may be there; everything else belongs to a stage")
                    .with_help("write `FROM scratch` above it"),
            );
            return;
        };
        for pair in pairs {
            let name = &pair.name.text;
            let value = match (self.build_args.get(name), &pair.value) {
                (Some(given), _) => Some(given.clone()),
                (None, Some(default)) => self.expand_global(default),
                (None, None) => None,
            };
            if let Some(value) = value {
                self.globals.insert(name.clone(), value);
            }
        }
    }

    /// Expands a word of FROM, or of an ARG in front of it.
    pub fn expand_global(&mut self, word: &Word) -> Option<String> {
        let globals = &self.globals;
        let lookup = |name: &str| match globals.get(name) {
            Some(value) => Variable::Set(value),
            None => Variable::Unset,
        };
        let expanded = self.expander.word(&word.text, &lookup);
        match expanded {
            Ok(expanded) => {
                for (name, _) in &expanded.unset {
                    let known: Vec<String> = self.globals.keys().take(MAX_NEAR).cloned().collect();
                    self.warn_unset(name, known.iter(), word.at);
                }
                Some(expanded.text)
            }
            Err(fault) => {
                self.report.push(stage::fault_words(&fault.what, word.at));
                None
            }
        }
    }

    /// Takes a stage, and finds out what it is built on.
    fn stage(&mut self, from: &Instruction, instructions: Vec<Instruction>) {
        let What::From { flags, image, name } = &from.what else { return };
        let name = name.as_ref().and_then(|name| self.stage_name(name));
        let root = self.root(from, flags, image);
        let index = self.stages.len();
        if let Some(name) = &name
            && let Some(earlier) = self.by_name.insert(name.clone(), index)
        {
            let diagnostic = Diagnostic::warning(
                "containerfile/stage-twice",
                format!("two stages are called `{name}`"),
            )
            .with_label(from.whole, "again here");
            let diagnostic = match self.stages.get(earlier) {
                Some(earlier) => diagnostic.with_label(earlier.at, "first here"),
                None => diagnostic,
            };
            self.report.push(
                diagnostic
                    .with_why("the name means the second one from here on")
                    .with_help("give one of them another name"),
            );
        }
        let at = from.whole;
        self.stages.push(Stage { at, instructions, root });
    }

    /// The name behind AS, in lower case as docker has it.
    fn stage_name(&mut self, name: &Word) -> Option<String> {
        let lower = name.text.to_ascii_lowercase();
        let is_name = lower.starts_with(|c: char| c.is_ascii_lowercase())
            && lower.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.')
            });
        if is_name {
            return Some(lower);
        }
        let title = format!("`{}` is not the name of a stage", short(&name.text));
        self.report.push(
            Diagnostic::error("containerfile/stage-name", title)
                .with_label(name.at, "")
                .with_why("a name begins with a letter, and has letters, digits, `-`, `_` and `.`"),
        );
        None
    }

    /// What a stage is built on.
    fn root(&mut self, from: &Instruction, flags: &[Flag], image: &Word) -> Root {
        let platform = self.platform_of(from, flags);
        let Some(written) = self.expand_global(image) else { return Root::Broken };
        let Ok(platform) = platform else { return Root::Broken };
        if written.is_empty() {
            self.report.push(
                Diagnostic::error("containerfile/empty", "`FROM` names no image")
                    .with_label(image.at, "this comes to nothing")
                    .with_help("give the variable a default with `ARG` above `FROM`"),
            );
            return Root::Broken;
        }
        if written == "scratch" {
            // A platform that nobody has said is no reason to name an architecture.
            let is_said = self.is_platform_given
                || flags
                    .iter()
                    .all(|flag| flag.value.as_ref().is_some_and(|value| !value.text.contains('$')));
            let architecture = platform.filter(|_| is_said).and_then(|platform| {
                let value = platform.value.split('/').nth(1)?.to_owned();
                Some(Placed { value, place: platform.place })
            });
            return Root::Scratch { architecture };
        }
        if let Some(&earlier) = self.by_name.get(&written) {
            return Root::Stage(earlier);
        }
        Root::Image(stage::placed(from, image.at, super::image(&written, platform)))
    }

    fn platform_of(
        &mut self,
        from: &Instruction,
        flags: &[Flag],
    ) -> Result<Option<Placed<String>>, ()> {
        let mut platform = None;
        let mut is_whole = true;
        for flag in flags {
            let value = flag.value.as_ref().filter(|_| flag.name == "platform");
            let Some(value) = value else {
                is_whole = false;
                let title = match flag.name.as_str() {
                    "platform" => "`--platform` has no value".to_owned(),
                    other => format!("`FROM` has no flag `--{}`", short(other)),
                };
                self.report.push(
                    Diagnostic::error("containerfile/flag", title)
                        .with_label(flag.at, "")
                        .with_help("write `--platform=linux/amd64`, or leave it out"),
                );
                continue;
            };
            let Some(text) = self.expand_global(value) else {
                is_whole = false;
                continue;
            };
            let parts: Vec<&str> = text.split('/').collect();
            let is_part = |part: &&str| {
                !part.is_empty()
                    && part
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
            };
            if !(2..=3).contains(&parts.len()) || !parts.iter().all(is_part) {
                is_whole = false;
                self.report.push(
                    Diagnostic::error("containerfile/platform", format!("`{}` is not a platform", short(&text)))
                        .with_label(value.at, "")
                        .with_why("a platform is a system and an architecture, and maybe a variant")
                        .with_help("write `linux/amd64`, `linux/arm64` or, for Unikraft's images, `qemu/amd64`"),
                );
                continue;
            }
            platform = Some(stage::placed(from, value.at, text));
        }
        if is_whole { Ok(platform) } else { Err(()) }
    }

    /// The number of the last stage with a name.
    pub fn stage_named(&self, name: &str) -> Option<usize> {
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }

    pub fn near_stage(&self, name: &str) -> Option<String> {
        nearest(&name.to_ascii_lowercase(), self.by_name.keys().take(MAX_NEAR).map(String::as_str))
            .map(str::to_owned)
    }

    /// The stage that becomes the image.
    fn target(&mut self, request: &Request<'_>) -> Option<usize> {
        let last = self.stages.len().checked_sub(1)?;
        let Some(target) = request.target else { return Some(last) };
        let number = target.parse::<usize>().ok().filter(|number| *number <= last);
        if let Some(found) = self.stage_named(target).or(number) {
            return Some(found);
        }
        let help = match self.near_stage(target) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.by_name.is_empty() => "give the stage a name: `FROM … AS name`".to_owned(),
            None => {
                let names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
                format!("the stages are {}", names.join(", "))
            }
        };
        self.report.push(
            Diagnostic::error("containerfile/target", format!("there is no stage `{target}`"))
                .with_subject(format!("--target {target}"))
                .with_help(help),
        );
        None
    }

    /// The stages that a stage is made of, itself the last.
    fn needed(&self, target: usize) -> Vec<usize> {
        let mut needed = BTreeSet::from([target]);
        for index in (0..=target).rev() {
            let Some(stage) = self.stages.get(index).filter(|_| needed.contains(&index)) else {
                continue;
            };
            if let Root::Stage(root) = stage.root {
                needed.insert(root);
            }
            for instruction in &stage.instructions {
                let What::Copy { flags, .. } = &instruction.what else { continue };
                for flag in flags.iter().filter(|flag| flag.name == "from") {
                    let Some(value) = &flag.value else { continue };
                    let number = value.text.parse::<usize>().ok();
                    let from = number.or_else(|| self.stage_named(&value.text));
                    needed.extend(from.filter(|from| *from < index));
                }
            }
        }
        needed.into_iter().collect()
    }

    /// Does what a stage says.
    fn build(&mut self, index: usize) {
        if self.built.len() < self.stages.len() {
            self.built.resize(self.stages.len(), None);
        }
        let Some(written) = self.stages.get(index) else { return };
        let at = written.at;
        let instructions = written.instructions.clone();
        let errors = self.report.findings.len();
        let mut state = match written.root.clone() {
            Root::Broken => return,
            Root::Scratch { architecture } => State::scratch(architecture),
            Root::Image(base) => State::on(base),
            Root::Stage(root) => {
                let Some(root) = self.built.get(root).cloned().flatten() else { return };
                if !self.spend(root.weight(), at) {
                    return;
                }
                root.child()
            }
        };
        for instruction in &instructions {
            if self.left == 0 || self.errors.are_many(self.report) {
                break;
            }
            self.apply(&mut state, instruction, index);
        }
        state.is_broken |= self.report.findings.iter().skip(errors).any(is_error);
        if let Some(built) = self.built.get_mut(index) {
            *built = Some(Rc::new(state));
        }
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
        let most = MAX_ENTRIES;
        self.report.push(
            Diagnostic::error("containerfile/too-much", "the stages have too many entries")
                .with_label(at, "")
                .with_why(format!(
                    "all stages together have at most {most} files, names and values"
                ))
                .with_help("copy folders as a whole, and leave out stages that only repeat others"),
        );
        false
    }
}
