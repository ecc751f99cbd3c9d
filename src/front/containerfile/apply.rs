//! What each instruction does to its stage.

use super::copy::Copy;
use super::expand::{Expanded, Fault};
use super::instruction::{Instruction, Pair, What, Word};
use super::paths::path;
use super::reading::{MAX_NEAR, Reading};
use super::state::{State, place, placed};
use super::tree::{Entry, Item};
use super::{ports, short, wording};
use crate::diag::{Diagnostic, Span, nearest};
use crate::explain::code;
use crate::recipe::{Place, Placed};
use crate::urunc::PREFIX;

impl<'w> Reading<'w, '_> {
    /// Expands a word; what is wrong with it goes to the report.
    pub fn expand(&mut self, state: &State<'w>, word: &Word) -> Option<Expanded> {
        let expanded = self.expander.word(&word.text, &|name| state.variable(name));
        self.expanded(state, word, expanded)
    }

    /// Reports what expanding a word has come to.
    pub fn expanded(
        &mut self,
        state: &State<'w>,
        word: &Word,
        expanded: Result<Expanded, Fault>,
    ) -> Option<Expanded> {
        match expanded {
            Ok(expanded) => {
                for (name, range) in &expanded.unset {
                    if !state.declared.contains(name) {
                        let known = state.variables.keys().chain(&state.declared).take(MAX_NEAR);
                        self.warn_unset(name, known, wording::within(word, range.clone()));
                    }
                }
                Some(expanded)
            }
            Err(fault) => self.refuse(wording::fault(&fault, word)),
        }
    }

    /// Says that a variable has no value.
    pub fn warn_unset<'n>(
        &mut self,
        name: &str,
        known: impl Iterator<Item = &'n String>,
        at: Span,
    ) {
        let help = match nearest(name, known.map(String::as_str)) {
            Some(near) => format!("did you mean `${near}`?"),
            None if !name.starts_with(|c: char| c == '_' || c.is_alphabetic()) => {
                format!("write `\\${name}` for the characters themselves")
            }
            None => {
                format!("declare it with `ARG {name}`, or write `${{{name}:-}}` if it may be empty")
            }
        };
        self.report.push(
            Diagnostic::warning(
                code::CONTAINERFILE_UNSET_VARIABLE,
                format!("`{}` has no value", short(name)),
            )
            .with_label(at, "nothing is written here")
            .with_why("a variable without a value is replaced by nothing")
            .with_help(help),
        );
    }

    /// Does what an instruction says.
    pub fn apply(&mut self, state: &mut State<'w>, instruction: &Instruction, index: usize) {
        match &instruction.what {
            What::From { .. } => {}
            What::Copy { is_add, flags, sources, destination } => {
                let is_add = *is_add;
                let copy = Copy { instruction, is_add, index, flags, sources, destination };
                self.copy(state, &copy);
            }
            What::Arg(pairs) => self.arg(state, pairs),
            What::Env(pairs) => self.env(state, instruction, pairs),
            What::Label(pairs) => self.label(state, instruction, pairs),
            What::Cmd(command) => {
                state.cmd = self.command(instruction, command);
                state.has_own_cmd = true;
            }
            What::Entrypoint(command) => {
                state.entrypoint = self.command(instruction, command);
                if !state.has_own_cmd {
                    state.cmd = None;
                }
            }
            What::Expose(words) => self.expose(state, instruction, words),
            What::Volume(words) => self.volume(state, instruction, words),
            What::User(word) => {
                if let Some(text) = self.one(state, instruction, word) {
                    state.user = Some(placed(instruction, word.at, text));
                }
            }
            What::WorkDir(word) => self.work_dir(state, instruction, word),
            What::StopSignal(word) => {
                if let Some(text) = self.one(state, instruction, word) {
                    state.stop_signal = Some(placed(instruction, word.at, text));
                }
            }
            What::Maintainer(word) => self.maintainer(state, instruction, word),
            What::Other => self.refuse_instruction(instruction),
        }
    }

    /// A word that must not be empty.
    fn one(&mut self, state: &State<'w>, instruction: &Instruction, word: &Word) -> Option<String> {
        let text = self.expand(state, word)?.text;
        if text.is_empty() {
            let title = format!("the value of `{}` is empty", instruction.keyword);
            let diagnostic = Diagnostic::error(code::CONTAINERFILE_EMPTY, title);
            return self.refuse(
                diagnostic
                    .with_label(word.at, "")
                    .with_help("write a value, or remove the instruction"),
            );
        }
        Some(text)
    }

    fn arg(&mut self, state: &mut State<'w>, pairs: &[Pair]) {
        for pair in pairs {
            let name = &pair.name.text;
            let value = match (self.build_args.get(name), &pair.value) {
                (Some(given), _) => Some(given.clone()),
                (None, Some(default)) => match self.expand(state, default) {
                    Some(expanded) => Some(expanded.text),
                    None => continue,
                },
                (None, None) => self.globals.get(name).cloned(),
            };
            match value {
                Some(value) => {
                    state.variables.insert(name.clone(), value);
                }
                None => {
                    state.declared.insert(name.clone());
                }
            }
        }
    }

    /// The names and values of ENV and LABEL. All of them are expanded before one is set.
    fn pairs(&mut self, state: &State<'w>, pairs: &[Pair]) -> Vec<(String, String, Span, Span)> {
        let mut done = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let Some(written) = &pair.value else { continue };
            let name = self.expand(state, &pair.name);
            let value = self.expand(state, written);
            let (Some(name), Some(value)) = (name, value) else { continue };
            if name.text.is_empty() {
                let diagnostic = Diagnostic::error(code::CONTAINERFILE_PAIR, "this name is empty");
                self.report.push(diagnostic.with_label(pair.name.at, ""));
                continue;
            }
            done.push((name.text, value.text, pair.name.at, written.at));
        }
        done
    }

    fn env(&mut self, state: &mut State<'w>, instruction: &Instruction, pairs: &[Pair]) {
        for (name, value, _, at) in self.pairs(state, pairs) {
            let variable = placed(instruction, at, format!("{name}={value}"));
            state.env.set(name.clone(), variable);
            state.variables.insert(name, value);
        }
    }

    fn label(&mut self, state: &mut State<'w>, instruction: &Instruction, pairs: &[Pair]) {
        for (name, value, name_at, at) in self.pairs(state, pairs) {
            let place = Place {
                spans: Some((name_at, at)),
                path: format!("{} {name}", instruction.keyword),
            };
            let value = Placed { value, place };
            if name.starts_with(PREFIX) {
                state.annotations.set(name, value);
            } else {
                state.labels.set(name, value);
            }
        }
    }

    fn volume(&mut self, state: &mut State<'w>, instruction: &Instruction, words: &[Word]) {
        for word in words {
            let Some(expanded) = self.expand(state, word) else { continue };
            if expanded.text.trim().is_empty() {
                let diagnostic =
                    Diagnostic::error(code::CONTAINERFILE_EMPTY, "a volume has no path");
                self.report.push(diagnostic.with_label(word.at, ""));
                continue;
            }
            let value = expanded.text;
            state.volumes.set(value.clone(), placed(instruction, word.at, value));
        }
    }

    fn work_dir(&mut self, state: &mut State<'w>, instruction: &Instruction, word: &Word) {
        let Some(text) = self.one(state, instruction, word) else { return };
        let directory = state.resolve(text.as_bytes());
        if !self.is_path_short(&directory, word.at) {
            return;
        }
        let written = String::from_utf8_lossy(&path(&directory)).into_owned();
        state.working_dir = Some(placed(instruction, word.at, written));
        state.directory.clone_from(&directory);
        let there = state.tree.destination(&directory).and_then(|names| {
            let there = state.tree.look(&names)?;
            Ok((names, there))
        });
        let names = match there {
            Ok((names, None)) => names,
            Ok((_, Some(_))) => return,
            Err(lost) => return self.report_lost(&lost, word.at),
        };
        let owner = self.owner_of_folder(state, word.at);
        let item = Item { owner: Some(owner), ..Item::folder() };
        let place = place(instruction, word.at);
        self.put(state, Entry { item: item.clone(), at: names, place }, &item, word.at);
    }

    fn maintainer(&mut self, state: &mut State<'w>, instruction: &Instruction, word: &Word) {
        let key = "org.opencontainers.image.authors";
        self.report.push(
            Diagnostic::note(
                code::CONTAINERFILE_MAINTAINER,
                format!("`MAINTAINER` becomes the label `{key}`"),
            )
            .with_label(instruction.at, "")
            .with_why("docker has deprecated the instruction and the field that it sets")
            .with_help(format!("write `LABEL {key}=\"{}\"`", word.text)),
        );
        state.labels.set(key.to_owned(), placed(instruction, word.at, word.text.clone()));
    }

    fn expose(&mut self, state: &mut State<'w>, instruction: &Instruction, words: &[Word]) {
        for word in words {
            let Some(expanded) = self.expand(state, word) else { continue };
            for written in &expanded.words {
                let ports = match ports::parse(written) {
                    Ok(ports) => ports,
                    Err(why) => {
                        let title = format!("`{}` is not a port", short(written));
                        self.report.push(
                            Diagnostic::error(code::CONTAINERFILE_PORT, title)
                                .with_label(word.at, "")
                                .with_why(why)
                                .with_help("write `80`, `80/udp` or `8000-8010`"),
                        );
                        continue;
                    }
                };
                if ports.has_host {
                    let title = format!("`{}` names a port of the host", short(written));
                    self.report.push(
                        Diagnostic::warning(code::CONTAINERFILE_PORT_OF_HOST, title)
                            .with_label(word.at, "")
                            .with_why("an image lists the ports of the container alone")
                            .with_help(format!("write `EXPOSE {}`", ports.shown())),
                    );
                }
                if !self.spend(ports.len(), word.at) {
                    return;
                }
                for port in ports.all() {
                    state.ports.set(port.clone(), placed(instruction, word.at, port));
                }
            }
        }
    }

    fn refuse_instruction(&mut self, instruction: &Instruction) {
        let keyword = instruction.keyword;
        let (title, why, help) = match keyword {
            "RUN" => (
                "needs a running container",
                "bimanix starts none, so that an image follows from its files alone",
                "create the files beforehand and `COPY` them; or build this stage with docker, and name its image \
                 in `FROM`",
            ),
            "SHELL" => (
                "has no use here",
                "a unikernel has no shell",
                "remove it, and write `CMD` and `ENTRYPOINT` as JSON arrays",
            ),
            "ONBUILD" => (
                "is for images that are built on this one",
                "only docker would do what it says there",
                "write the instruction into the files that build on this image",
            ),
            _ => (
                "needs a second process in the guest",
                "a unikernel is a single process",
                "remove it, and check the guest from outside: at its port, or in its output",
            ),
        };
        let title = format!("`{keyword}` {title}");
        self.report.push(
            Diagnostic::error(code::CONTAINERFILE_REFUSED, title)
                .with_label(instruction.whole, "")
                .with_why(why)
                .with_help(help),
        );
    }
}
