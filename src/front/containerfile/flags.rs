//! The flags of COPY and ADD.

use super::copy::{Copy, Options};
use super::find::Origin;
use super::instruction::{Flag, Word};
use super::patterns::{PATTERN_HELP, Patterns};
use super::reading::Reading;
use super::short;
use super::state::State;
use crate::diag::{Diagnostic, Span, nearest};
use crate::explain::code;
use std::rc::Rc;

impl<'w> Reading<'w, '_> {
    /// What the flags say; none when one of them is wrong.
    pub fn options(&mut self, state: &State<'w>, copy: &Copy<'_>) -> Option<Options<'w>> {
        let known: &[&str] = if copy.is_add {
            &["chmod", "chown", "exclude", "link", "unpack", "checksum", "keep-git-dir"]
        } else {
            &["chmod", "chown", "exclude", "from", "link", "parents"]
        };
        let mut options = Options {
            origin: Origin::BuildContext(Rc::clone(&self.context_tree)),
            owner: None,
            mode: None,
            keeps_parents: false,
            excluded: Patterns::default(),
            unpacks: copy.is_add,
        };
        let mut seen: Vec<&str> = Vec::new();
        let mut is_whole = true;
        for flag in copy.flags {
            let name = flag.name.as_str();
            let taken = if !known.contains(&name) {
                let help = match nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `--{near}`?"),
                    None => format!("the flags are --{}", known.join(", --")),
                };
                let title =
                    format!("`{}` has no flag `--{}`", copy.instruction.keyword, short(name));
                self.refuse(flag_error(flag, title).with_help(help))
            } else if seen.contains(&name) && name != "exclude" {
                let error = flag_error(flag, format!("`--{name}` is given twice"));
                self.refuse(error.with_help("remove one of them"))
            } else {
                seen.push(name);
                self.option(state, copy, flag, &mut options)
            };
            is_whole &= taken.is_some();
        }
        is_whole.then_some(options)
    }

    /// Takes a flag.
    fn option(
        &mut self,
        state: &State<'w>,
        copy: &Copy<'_>,
        flag: &Flag,
        options: &mut Options<'w>,
    ) -> Option<()> {
        let name = flag.name.as_str();
        match name {
            // It makes layers that do not depend on those below, and all of ours are made at once. The symlinks of a
            // destination are followed all the same, which docker would put a folder over.
            "link" => return self.switch(flag).map(|_| ()),
            "parents" => return self.switch(flag).map(|is_on| options.keeps_parents = is_on),
            "unpack" => return self.switch(flag).map(|is_on| options.unpacks = is_on),
            "keep-git-dir" | "checksum" => {
                let title = format!("`--{name}` is for what is fetched, and nothing is");
                return self.refuse(remote(flag.at, title));
            }
            _ => {}
        }
        let Some(value) = &flag.value else {
            let error = flag_error(flag, format!("`--{name}` has no value"));
            return self.refuse(error.with_help(format!("write `--{name}=…`")));
        };
        if name == "from" {
            options.origin = self.origin(copy, value)?;
            return Some(());
        }
        let text = self.expand(state, value)?.text;
        match name {
            "chmod" => options.mode = Some(self.mode(flag, &text)?),
            "chown" => options.owner = Some(self.chown(state, flag, &text)?),
            _ => {
                if options.excluded.add(&text).is_err() {
                    let title = format!("`{}` is not a pattern of file names", short(&text));
                    return self.refuse(flag_error(flag, title).with_help(PATTERN_HELP));
                }
            }
        }
        Some(())
    }

    fn mode(&mut self, flag: &Flag, text: &str) -> Option<u32> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let mode = u32::from_str_radix(text, 8).ok();
        let mode = mode.filter(|mode| is_number && *mode <= 0o7777);
        if mode.is_none() {
            let error = flag_error(flag, format!("`{}` is not an octal mode", short(text)));
            self.report.push(
                error
                    .with_why("a symbolic mode would depend on the mode that the file has on this machine")
                    .with_help("write a mode such as `--chmod=0755`"),
            );
        }
        mode
    }

    fn chown(&mut self, state: &State<'w>, flag: &Flag, text: &str) -> Option<(u64, u64)> {
        match self.owner(state, text) {
            Ok(owner) => Some(owner),
            Err(unknown) => {
                let title = match unknown.as_str() {
                    "" => "`--chown` names no user".to_owned(),
                    name => format!("there is no user or group `{}` in this stage", short(name)),
                };
                self.refuse(
                    flag_error(flag, title)
                        .with_why("names are looked up in its /etc/passwd and /etc/group")
                        .with_help("write numbers, such as `--chown=1000:1000`"),
                )
            }
        }
    }

    /// The value of a flag that is on or off.
    fn switch(&mut self, flag: &Flag) -> Option<bool> {
        let value = flag.value.as_ref().map(|value| value.text.to_ascii_lowercase());
        match value.as_deref() {
            None | Some("true") => Some(true),
            Some("false") => Some(false),
            Some(other) => {
                let title = format!("`--{}` is true or false, not `{}`", flag.name, short(other));
                self.refuse(flag_error(flag, title).with_help("write the flag alone"))
            }
        }
    }

    /// What `--from` names: a context of the command line, a stage, or an image. Nothing comes back without words
    /// for a stage that cannot be begun, of which has been said why.
    fn origin(&mut self, copy: &Copy<'_>, value: &Word) -> Option<Origin<'w>> {
        let name = value.text.as_str();
        let error = |title: String| {
            Diagnostic::error(code::CONTAINERFILE_FROM, title).with_label(value.at, "")
        };
        if name.contains('$') {
            return self.refuse(
                error("`--from` takes no variables".to_owned())
                    .with_why("docker does not expand them here either")
                    .with_help("make it a stage, as in `FROM ${IMAGE} AS files`, and name that"),
            );
        }
        if name.is_empty() || name.eq_ignore_ascii_case("scratch") {
            return self.refuse(
                error(format!("there is nothing in `{name}` to copy"))
                    .with_help("leave the flag out to copy from the build context"),
            );
        }
        if let Some(context) = self.named_context(name) {
            return self.origin_of_context(&context, copy, value);
        }
        let digits = name.strip_prefix(['-', '+']).unwrap_or(name);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let stage = match name.parse::<usize>() {
            Ok(number) if number < self.stages.len() => Some(number),
            _ if is_number => {
                let last = self.stages.len().saturating_sub(1);
                return self.refuse(
                    error(format!("there is no stage {}", short(name)))
                        .with_help(format!("the stages are numbered from 0 to {last}")),
                );
            }
            _ => self.stage_named(name),
        };
        let Some(stage) = stage else {
            self.warn_near_stage(name, value.at);
            return self.image(super::base_of(name, None), copy, value);
        };
        if stage >= copy.index {
            let which = if stage == copy.index { "is this one" } else { "comes later" };
            let there = self.stages.get(stage).map_or(value.at, |stage| stage.at);
            return self.refuse(
                error(format!("the stage `{}` {which}", short(name)))
                    .with_label(there, "it begins here")
                    .with_why("a stage can only copy from the stages above it")
                    .with_help("move the stage up"),
            );
        }
        Some(Origin::Stage(self.built.get(stage)?.clone()?))
    }

    /// A slip in the name of a stage looks like the name of an image.
    fn warn_near_stage(&mut self, name: &str, at: Span) {
        let is_one_word = !name.contains(['/', ':', '@', '.']);
        if let Some(near) = self.near_stage(name).filter(|_| is_one_word) {
            let title = format!("`{}` is taken for an image", short(name));
            self.report.push(
                Diagnostic::warning(code::CONTAINERFILE_IMAGE_OR_STAGE, title)
                    .with_label(at, "")
                    .with_why("no stage has this name")
                    .with_help(format!("did you mean the stage `{near}`?")),
            );
        }
    }
}

fn flag_error(flag: &Flag, title: String) -> Diagnostic {
    Diagnostic::error(code::CONTAINERFILE_FLAG, title).with_label(flag.at, "")
}

/// What only a server has.
pub(super) fn remote(at: Span, title: String) -> Diagnostic {
    Diagnostic::error(code::CONTAINERFILE_REMOTE, title)
        .with_label(at, "")
        .with_why("an image is made of files that are here, since what a server answers may change")
        .with_help("download it before the build, check its digest, and `COPY` it")
}
