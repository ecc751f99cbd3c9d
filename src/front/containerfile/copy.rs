//! COPY and ADD: their flags, and what they are not for.

use super::find::{Item, Origin};
use super::ignore::{PATTERN_HELP, Patterns};
use super::reading::Reading;
use super::short;
use super::stage::{State, above_base};
use super::syntax::{Flag, Instruction, Source, Word};
use crate::diag::{Diagnostic, Span, nearest};

/// A COPY or an ADD.
pub(super) struct Copy<'i> {
    pub instruction: &'i Instruction,
    pub is_add: bool,
    /// The number of the stage it is in.
    pub index: usize,
    pub flags: &'i [Flag],
    pub sources: &'i [Source],
    pub destination: &'i Word,
}

/// What the flags say.
pub(super) struct Options {
    pub origin: Origin,
    /// `--chown`
    pub owner: Option<(u64, u64)>,
    /// `--chmod`
    pub mode: Option<u32>,
    /// `--parents`
    pub keeps_parents: bool,
    /// `--exclude`
    pub excluded: Patterns,
    /// Whether docker would unpack archives.
    pub unpacks: bool,
}

/// Where things go.
pub(super) struct Target<'c> {
    pub names: super::tree::Names,
    /// Whether it is written as a folder.
    pub is_folder: bool,
    pub copy: &'c Copy<'c>,
    pub options: &'c Options,
}

impl Reading<'_, '_> {
    /// Does what COPY or ADD says.
    pub fn copy(&mut self, state: &mut State, copy: &Copy<'_>) {
        let options = self.options(state, copy);
        let written = self.expand(state, copy.destination).map(|expanded| expanded.text);
        let Some(options) = options else { return };
        let mut items: Vec<(Item, Span)> = Vec::new();
        let mut is_whole = true;
        for source in copy.sources {
            let Source::Path(word) = source else { continue };
            let found = self.expand(state, word).and_then(|expanded| {
                let is_local = self.is_local(copy, &expanded.text, word.at);
                is_local.then(|| self.find(copy, &options, &expanded.text, word.at))?
            });
            match found {
                Some(found) => items.extend(found.into_iter().map(|item| (item, word.at))),
                None => is_whole = false,
            }
        }
        let Some(written) = written else { return };
        let is_folder = matches!(written.as_str(), "" | "." | "..")
            || ["/", "/.", "/.."].iter().any(|end| written.ends_with(end));
        let Some(names) = state.resolve(written.as_bytes()) else {
            self.report.push(above_base(copy.destination.at));
            return;
        };
        let documents = copy.sources.iter().filter(|source| !matches!(source, Source::Path(_)));
        let count = items.len().saturating_add(documents.clone().count());
        if is_whole && count == 0 {
            let title = "nothing matches these sources";
            self.report.push(
                Diagnostic::error("containerfile/no-match", title)
                    .with_label(copy.instruction.whole, "")
                    .with_why(
                        "a pattern that matches nothing is left out, and then nothing is left",
                    )
                    .with_help("correct the patterns, or remove the instruction"),
            );
            return;
        }
        if count > 1 && !is_folder {
            let title = "several sources go to one name";
            self.report.push(
                Diagnostic::error("containerfile/several-sources", title)
                    .with_label(copy.destination.at, "")
                    .with_why(format!("there are {count} of them, so this must be a folder"))
                    .with_help("end it with `/`"),
            );
            return;
        }
        let target = Target { names, is_folder, copy, options: &options };
        for (item, at) in items {
            self.put_item(state, &target, item, at);
        }
        for document in documents {
            self.put_document(state, &target, document);
        }
    }

    fn options(&mut self, state: &State, copy: &Copy<'_>) -> Option<Options> {
        let known: &[&str] = if copy.is_add {
            &["chmod", "chown", "exclude", "link", "unpack", "checksum", "keep-git-dir"]
        } else {
            &["chmod", "chown", "exclude", "from", "link", "parents"]
        };
        let mut options = Options {
            origin: Origin::Context,
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
                self.refuse(error.with_help("leave one of them out"))
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
        state: &State,
        copy: &Copy<'_>,
        flag: &Flag,
        options: &mut Options,
    ) -> Option<()> {
        let name = flag.name.as_str();
        match name {
            // Every file is put into its place for itself here, so there is nothing to link.
            "link" => return self.switch(flag).map(|_| ()),
            "parents" => return self.switch(flag).map(|is_on| options.keeps_parents = is_on),
            "unpack" => return self.switch(flag).map(|is_on| options.unpacks = is_on),
            "keep-git-dir" | "checksum" => {
                let title = format!("`--{name}` is for what a server has, and nothing is fetched");
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
            "chmod" => {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                let mode = u32::from_str_radix(&text, 8).ok();
                let Some(mode) = mode.filter(|mode| digits && *mode <= 0o7777) else {
                    let error =
                        flag_error(flag, format!("`{}` is not an octal mode", short(&text)));
                    return self.refuse(
                        error
                            .with_why("a mode in words would depend on what the file had before")
                            .with_help("write a mode such as `--chmod=0755`"),
                    );
                };
                options.mode = Some(mode);
            }
            "chown" => match self.owner(state, &text) {
                Ok(owner) => options.owner = Some(owner),
                Err(unknown) => {
                    let title = format!("the number of `{}` is not known", short(&unknown));
                    return self.refuse(
                        flag_error(flag, title)
                            .with_why(
                                "a name is looked up in /etc/passwd and /etc/group, as far as the stage's own files \
                                 have them",
                            )
                            .with_help("write numbers such as `--chown=1000:1000`"),
                    );
                }
            },
            _ => {
                if options.excluded.add(&text).is_err() {
                    let title = format!("`{}` is not a pattern of file names", short(&text));
                    return self.refuse(flag_error(flag, title).with_help(PATTERN_HELP));
                }
            }
        }
        Some(())
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

    /// What `--from` names.
    fn origin(&mut self, copy: &Copy<'_>, value: &Word) -> Option<Origin> {
        let name = value.text.as_str();
        let error =
            |title: String| Diagnostic::error("containerfile/from", title).with_label(value.at, "");
        if name.contains('$') {
            return self.refuse(
                error("`--from` takes no variables".to_owned())
                    .with_why("docker expands none here, too")
                    .with_help("make a stage, as in `FROM ${IMAGE} AS files`, and name it"),
            );
        }
        if name.is_empty() || name.eq_ignore_ascii_case("scratch") {
            return self.refuse(
                error(format!("there is nothing in `{name}` to copy"))
                    .with_help("leave the flag out to copy from the build context"),
            );
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
            let is_one_word = !name.contains(['/', ':', '@', '.']);
            if let Some(near) = self.near_stage(name).filter(|_| is_one_word) {
                let title = format!("`{}` is taken for an image", short(name));
                self.report.push(
                    Diagnostic::warning("containerfile/image-or-stage", title)
                        .with_label(value.at, "")
                        .with_why("no stage has this name")
                        .with_help(format!("did you mean the stage `{near}`?")),
                );
            }
            return Some(Origin::Image(super::image(name, None)));
        };
        if stage >= copy.index {
            let which = if stage == copy.index { "is this one" } else { "comes later" };
            let there = self.stages.get(stage).map_or(value.at, |stage| stage.at);
            return self.refuse(
                error(format!("the stage `{}` {which}", short(name)))
                    .with_label(there, "here")
                    .with_why("a stage is made of those before it, so that none is made of itself")
                    .with_help("move the stage up"),
            );
        }
        Some(Origin::Stage(stage))
    }

    /// Whether a source is a path; what is none is refused.
    fn is_local(&mut self, copy: &Copy<'_>, text: &str, at: Span) -> bool {
        let starts = |start: &&str| text.starts_with(*start);
        let is_url = ["http://", "https://"].iter().any(starts);
        let is_git = ["git@", "git://", "ssh://", "github.com/"].iter().any(starts);
        if !is_url && !is_git {
            return true;
        }
        let url = text.split('#').next().unwrap_or(text);
        let what =
            if is_git || url.strip_suffix(".git").is_some() { "git repository" } else { "URL" };
        let title = format!("`{}` fetches no {what}", copy.instruction.keyword);
        self.report.push(remote(at, title));
        false
    }

    /// Reports what is wrong.
    pub fn refuse<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.report.push(diagnostic);
        None
    }
}

fn flag_error(flag: &Flag, title: String) -> Diagnostic {
    Diagnostic::error("containerfile/flag", title).with_label(flag.at, "")
}

fn remote(at: Span, title: String) -> Diagnostic {
    Diagnostic::error("containerfile/remote", title)
        .with_label(at, "")
        .with_why(
            "an image follows from the files of its folder, and what a server answers may change",
        )
        .with_help("fetch it before the build, check its digest, and `COPY` it")
}
