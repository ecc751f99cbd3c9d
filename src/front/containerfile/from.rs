//! FROM: what a stage is built on, and what it is called.

use super::contexts::Named;
use super::instruction::{Flag, Instruction, What, Word};
use super::reading::{MAX_NEAR, Reading};
use super::short;
use super::stages::{Root, Stage};
use super::state::placed;
use super::{Request, base_of};
use crate::diag::{Diagnostic, nearest};
use crate::explain::code;
use crate::recipe::Placed;
use crate::recipe::draft::BaseDraft;
use std::rc::Rc;

impl<'w> Reading<'w, '_> {
    /// Takes a stage, and finds out what it is built on.
    pub fn stage(&mut self, from: Instruction, instructions: Vec<Instruction>) {
        let What::From { flags, image, name } = &from.what else { return };
        let name = name.as_ref().and_then(|name| self.stage_name(name));
        let mut instructions: Rc<[Instruction]> = instructions.into();
        // As with docker, a context with the name of a stage takes the place of all of it.
        let context = name.as_ref().and_then(|name| self.named_context(name));
        let root = match context {
            Some(context) => {
                instructions = Rc::new([]);
                root_of(context, &from, image)
            }
            None => self.root(&from, flags, image),
        };
        let index = self.stages.len();
        if let Some(name) = &name
            && let Some(earlier) = self.by_name.insert(name.clone(), index)
        {
            let diagnostic = Diagnostic::warning(
                code::CONTAINERFILE_STAGE_TWICE,
                format!("two stages are called `{name}`"),
            )
            .with_label(from.whole, "again here");
            let diagnostic = match self.stages.get(earlier) {
                Some(earlier) => diagnostic.with_label(earlier.at, "first here"),
                None => diagnostic,
            };
            self.report.push(
                diagnostic
                    .with_why("from here on, the name means the second one")
                    .with_help("give one of them another name"),
            );
        }
        self.stages.push(Stage { at: from.whole, from: Rc::new(from), instructions, root });
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
        let title = format!("`{}` cannot be the name of a stage", short(&name.text));
        self.refuse(
            Diagnostic::error(code::CONTAINERFILE_STAGE_NAME, title)
                .with_label(name.at, "")
                .with_why(
                    "a name begins with a letter, followed by letters, digits, `-`, `_` and `.`",
                ),
        )
    }

    /// What a stage is built on.
    fn root(&mut self, from: &Instruction, flags: &[Flag], image: &Word) -> Root<'w> {
        let platform = self.platform_of(from, flags);
        let Some(written) = self.expand_global(image) else { return Root::Broken };
        let Ok(platform) = platform else { return Root::Broken };
        if written.is_empty() {
            self.report.push(
                Diagnostic::error(code::CONTAINERFILE_EMPTY, "`FROM` names no image")
                    .with_label(image.at, "this is empty")
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
        self.names.insert(written.clone());
        match self.named_context(&written) {
            Some(Named::Image(image_of_context)) => {
                let base = BaseDraft { platform, ..image_of_context };
                Root::Image(placed(from, image.at, base), image.clone())
            }
            Some(context) => root_of(context, from, image),
            None => {
                let base = placed(from, image.at, base_of(&written, platform));
                Root::Image(base, image.clone())
            }
        }
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
                    Diagnostic::error(code::CONTAINERFILE_FLAG, title)
                        .with_label(flag.at, "")
                        .with_help("write `--platform=linux/amd64`, or remove the flag"),
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
                let title = format!("`{}` is not a platform", short(&text));
                self.report.push(
                    Diagnostic::error(code::CONTAINERFILE_PLATFORM, title)
                        .with_label(value.at, "")
                        .with_why("a platform is a system and an architecture, maybe with a variant")
                        .with_help("write `linux/amd64`, `linux/arm64` or, for Unikraft's images, `qemu/amd64`"),
                );
                continue;
            }
            platform = Some(placed(from, value.at, text));
        }
        if is_whole { Ok(platform) } else { Err(()) }
    }

    /// The number of the last stage with a name.
    pub fn stage_named(&self, name: &str) -> Option<usize> {
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }

    /// The name of a stage that was probably meant.
    pub fn near_stage(&self, name: &str) -> Option<String> {
        nearest(&name.to_ascii_lowercase(), self.by_name.keys().take(MAX_NEAR).map(String::as_str))
            .map(str::to_owned)
    }

    /// The stage that becomes the image.
    pub fn target(&mut self, request: &Request<'_>) -> Option<usize> {
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
        self.refuse(
            Diagnostic::error(code::CONTAINERFILE_TARGET, format!("there is no stage `{target}`"))
                .with_subject(format!("--target {target}"))
                .with_help(help),
        )
    }
}

/// What a stage is built on that a context of the command line stands for.
fn root_of<'w>(context: Named<'w>, from: &Instruction, image: &Word) -> Root<'w> {
    match context {
        Named::Folder(tree) => Root::Folder(tree),
        Named::Image(base) => Root::Image(placed(from, image.at, base), image.clone()),
        Named::Broken => Root::Broken,
    }
}
