//! What a stage comes to: its base, its files and its configuration, instruction by instruction.

use super::copy::Copy;
use super::expand::{Expanded, Fault, Variable, What as Broken};
use super::reading::{MAX_NEAR, Reading};
use super::short;
use super::syntax::{Command, Instruction, Pair, What, Word};
use super::tree::{Lost, Shape, Tree, names, path};
use crate::diag::{Diagnostic, Span, nearest};
use crate::recipe::draft::{BaseDraft, FileDraft, SourceDraft};
use crate::recipe::{Place, Placed};
use crate::urunc::{self, PREFIX};
use std::collections::{BTreeMap, BTreeSet};

/// What BuildKit takes for `PATH` where an image sets none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Values by their names, in the order in which the names came; a later value replaces an earlier one.
#[derive(Debug, Clone)]
pub(super) struct Named<T> {
    items: Vec<(String, T)>,
    places: BTreeMap<String, usize>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { items: Vec::new(), places: BTreeMap::new() }
    }
}

impl<T> Named<T> {
    pub fn set(&mut self, name: String, value: T) {
        match self.places.get(&name).and_then(|&at| self.items.get_mut(at)) {
            Some(item) => item.1 = value,
            None => {
                self.places.insert(name.clone(), self.items.len());
                self.items.push((name, value));
            }
        }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn into_items(self) -> Vec<(String, T)> {
        self.items
    }
}

/// A stage so far.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// The image it is built on.
    pub base: Option<Placed<BaseDraft>>,
    /// The architecture that `FROM --platform` says where there is no base.
    pub architecture: Option<Placed<String>>,
    /// Its files.
    pub tree: Tree,
    /// The working directory; not absolute, it is below that of the base.
    pub directory: Vec<Vec<u8>>,
    pub working_dir: Option<Placed<String>>,
    pub env: Named<Placed<String>>,
    pub annotations: Named<Placed<String>>,
    pub labels: Named<Placed<String>>,
    pub ports: Named<Placed<String>>,
    pub volumes: Named<Placed<String>>,
    pub entrypoint: Option<Placed<Vec<String>>>,
    pub cmd: Option<Placed<Vec<String>>>,
    pub user: Option<Placed<String>>,
    pub stop_signal: Option<Placed<String>>,
    /// Whether something in it is wrong, so that what it lacks is no news.
    pub is_broken: bool,
    /// The values of ENV and ARG.
    variables: BTreeMap<String, String>,
    /// What ARG has named without a value.
    declared: BTreeSet<String>,
    /// Whether CMD is one of this stage's own, which ENTRYPOINT leaves alone.
    has_own_cmd: bool,
}

impl State {
    /// A stage on nothing.
    pub fn scratch(architecture: Option<Placed<String>>) -> Self {
        let directory = vec![b"/".to_vec()];
        let mut state = Self { architecture, directory, ..Self::default() };
        state.variables.insert("PATH".to_owned(), DEFAULT_PATH.to_owned());
        state
    }

    /// A stage on an image.
    pub fn on(base: Placed<BaseDraft>) -> Self {
        Self { base: Some(base), ..Self::default() }
    }

    /// A stage on this one.
    pub fn child(&self) -> Self {
        Self { has_own_cmd: false, ..self.clone() }
    }

    /// How much there is to copy.
    pub fn weight(&self) -> usize {
        let lists = [self.env.len(), self.annotations.len(), self.labels.len(), self.ports.len()];
        let more = [self.volumes.len(), self.variables.len(), self.declared.len(), self.tree.len()];
        lists.into_iter().chain(more).sum()
    }

    /// What is known of a variable.
    pub fn variable(&self, name: &str) -> Variable<'_> {
        match self.variables.get(name) {
            Some(value) => Variable::Set(value),
            None if self.base.is_some() && !self.declared.contains(name) => Variable::Unknown,
            None => Variable::Unset,
        }
    }

    /// A path of the image as its names; one that is not absolute is below the working directory. Nothing comes
    /// back when it goes above a working directory that only the base knows.
    pub fn resolve(&self, written: &[u8]) -> Option<Vec<Vec<u8>>> {
        let resolved = if written.starts_with(b"/") || self.directory.is_empty() {
            names(written)
        } else {
            names(&[path(&self.directory).as_slice(), b"/", written].concat())
        };
        resolved.first().is_none_or(|first| first != b"..").then_some(resolved)
    }
}

/// A value with the places of its keyword and of itself.
pub(super) fn placed<T>(instruction: &Instruction, at: Span, value: T) -> Placed<T> {
    Placed { value, place: place(instruction, at) }
}

/// The places of a keyword and of what it is given.
pub(super) fn place(instruction: &Instruction, at: Span) -> Place {
    Place { spans: Some((instruction.at, at)), path: instruction.keyword.to_owned() }
}

impl Reading<'_, '_> {
    /// Expands a word; what is wrong with it goes to the report.
    pub fn expand(&mut self, state: &State, word: &Word) -> Option<Expanded> {
        let expanded = self.expander.word(&word.text, &|name| state.variable(name));
        self.expanded(state, word, expanded)
    }

    /// Reports what expanding a word has come to.
    pub fn expanded(
        &mut self,
        state: &State,
        word: &Word,
        expanded: Result<Expanded, Fault>,
    ) -> Option<Expanded> {
        match expanded {
            Ok(expanded) => {
                for (name, range) in &expanded.unset {
                    if !state.declared.contains(name) {
                        let known = state.variables.keys().chain(&state.declared).take(MAX_NEAR);
                        self.warn_unset(name, known, within(word, range.clone()));
                    }
                }
                Some(expanded)
            }
            Err(fault) => {
                let at = within(word, fault.at.clone());
                self.report.push(fault_words(&fault.what, at));
                None
            }
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
                "containerfile/unset-variable",
                format!("`{}` has no value", short(name)),
            )
            .with_label(at, "nothing is written here")
            .with_why("a variable without a value is replaced by nothing")
            .with_help(help),
        );
    }

    /// Does what an instruction says.
    pub fn apply(&mut self, state: &mut State, instruction: &Instruction, index: usize) {
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
            What::Volume(words) => {
                for word in words {
                    let Some(expanded) = self.expand(state, word) else { continue };
                    if expanded.text.trim().is_empty() {
                        let title = "a volume has no path";
                        let diagnostic = Diagnostic::error("containerfile/empty", title);
                        self.report.push(diagnostic.with_label(word.at, ""));
                        continue;
                    }
                    let value = expanded.text;
                    state.volumes.set(value.clone(), placed(instruction, word.at, value));
                }
            }
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

    /// A word that must say something.
    fn one(&mut self, state: &State, instruction: &Instruction, word: &Word) -> Option<String> {
        let text = self.expand(state, word)?.text;
        if text.is_empty() {
            let title = format!("`{}` comes to nothing", instruction.keyword);
            let diagnostic = Diagnostic::error("containerfile/empty", title);
            self.report.push(
                diagnostic.with_label(word.at, "").with_help("write a value, or leave it out"),
            );
            return None;
        }
        Some(text)
    }

    fn arg(&mut self, state: &mut State, pairs: &[Pair]) {
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
    fn pairs(&mut self, state: &State, pairs: &[Pair]) -> Vec<(String, String, Span, Span)> {
        let mut done = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let Some(written) = &pair.value else { continue };
            let name = self.expand(state, &pair.name);
            let value = self.expand(state, written);
            let (Some(name), Some(value)) = (name, value) else { continue };
            if name.text.is_empty() {
                let diagnostic = Diagnostic::error("containerfile/pair", "a name comes to nothing");
                self.report.push(diagnostic.with_label(pair.name.at, ""));
                continue;
            }
            done.push((name.text, value.text, pair.name.at, written.at));
        }
        done
    }

    fn env(&mut self, state: &mut State, instruction: &Instruction, pairs: &[Pair]) {
        for (name, value, _, at) in self.pairs(state, pairs) {
            let variable = placed(instruction, at, format!("{name}={value}"));
            state.env.set(name.clone(), variable);
            state.variables.insert(name, value);
        }
    }

    fn label(&mut self, state: &mut State, instruction: &Instruction, pairs: &[Pair]) {
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

    fn command(
        &mut self,
        instruction: &Instruction,
        command: &Command,
    ) -> Option<Placed<Vec<String>>> {
        let word = match command {
            Command::Exec(words, at) => return Some(placed(instruction, *at, words.clone())),
            Command::Shell(word) => word,
        };
        let words = match urunc::words::split(&word.text) {
            Ok(words) => words,
            Err(at) => {
                let quote = word.text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('"');
                self.report
                    .push(fault_words(&Broken::Quote(quote), within(word, at..word.text.len())));
                return None;
            }
        };
        let json = serde_json::to_string(&words).unwrap_or_default();
        let help = format!("write `{} {json}`", instruction.keyword);
        let needs_shell = shell_syntax(&word.text);
        self.report.push(match needs_shell {
            Some(syntax) => {
                let title = format!("`{syntax}` is left to a shell, and a unikernel has none");
                Diagnostic::warning("containerfile/shell-syntax", title)
                    .with_label(word.at, "")
                    .with_why("the guest is given the words as they are written")
                    .with_help(help)
            }
            None => {
                let title = format!("`{}` is split into words here", instruction.keyword);
                Diagnostic::note("containerfile/shell-form", title)
                    .with_label(word.at, "")
                    .with_why(
                        "docker would give the line to `/bin/sh -c`, and a unikernel has no shell",
                    )
                    .with_help(help)
            }
        });
        Some(placed(instruction, word.at, words))
    }

    fn work_dir(&mut self, state: &mut State, instruction: &Instruction, word: &Word) {
        let Some(text) = self.one(state, instruction, word) else { return };
        let Some(directory) = state.resolve(text.as_bytes()) else {
            self.report.push(above_base(word.at));
            return;
        };
        let written = String::from_utf8_lossy(&path(&directory)).into_owned();
        if !self.is_path_short(written.as_bytes(), word.at) {
            return;
        }
        state.directory.clone_from(&directory);
        state.working_dir = Some(placed(instruction, word.at, written.clone()));
        if directory.len() <= 1 && written.starts_with('/') {
            return;
        }
        match state.tree.look(&self.context, &directory) {
            Ok(None) | Err(Lost::OfImage) => {}
            Ok(Some(_)) => return,
            Err(lost) => return self.report_lost(lost, word.at),
        }
        let owner = Some(self.owner_of_folder(state, word.at));
        let file = FileDraft {
            source: SourceDraft::Folder,
            destination: written.into_bytes(),
            mode: None,
            owner,
            replaces: true,
            place: place(instruction, word.at),
        };
        self.put(state, file, Shape::Folder, word.at);
    }

    /// The owner of the folder that WORKDIR makes: the user of USER.
    fn owner_of_folder(&mut self, state: &State, at: Span) -> (u64, u64) {
        let Some(user) = &state.user else { return (0, 0) };
        match self.owner(state, &user.value) {
            Ok(owner) => owner,
            Err(name) => {
                let title = format!("the folder belongs to root, not to `{name}`");
                self.report.push(
                    Diagnostic::warning("containerfile/unknown-owner", title)
                        .with_label(at, "")
                        .with_label(user.place.spans.map_or(at, |(_, value)| value), "because of this")
                        .with_why("a name is looked up in /etc/passwd, which the files of this file do not hold")
                        .with_help("write the number of the user"),
                );
                (0, 0)
            }
        }
    }

    fn maintainer(&mut self, state: &mut State, instruction: &Instruction, word: &Word) {
        let key = "org.opencontainers.image.authors";
        self.report.push(
            Diagnostic::note(
                "containerfile/maintainer",
                format!("`MAINTAINER` becomes the label `{key}`"),
            )
            .with_label(instruction.at, "")
            .with_why("docker has given up the instruction, and the field that it set")
            .with_help(format!("write `LABEL {key}=\"{}\"`", word.text)),
        );
        state.labels.set(key.to_owned(), placed(instruction, word.at, word.text.clone()));
    }

    fn expose(&mut self, state: &mut State, instruction: &Instruction, words: &[Word]) {
        for word in words {
            let Some(expanded) = self.expand(state, word) else { continue };
            for written in &expanded.words {
                match super::ports::parse(written) {
                    Ok(ports) => {
                        if ports.has_host {
                            let title = format!("`{}` names a port of the host", short(written));
                            let shown = ports.shown();
                            self.report.push(
                                Diagnostic::warning("containerfile/port-of-host", title)
                                    .with_label(word.at, "")
                                    .with_why("an image says the ports of the container alone")
                                    .with_help(format!("write `EXPOSE {shown}`")),
                            );
                        }
                        if !self.spend(ports.len(), word.at) {
                            return;
                        }
                        for port in ports.all() {
                            state.ports.set(port.clone(), placed(instruction, word.at, port));
                        }
                    }
                    Err(why) => {
                        self.report.push(
                            Diagnostic::error(
                                "containerfile/port",
                                format!("`{}` is not a port", short(written)),
                            )
                            .with_label(word.at, "")
                            .with_why(why)
                            .with_help("write `80`, `80/udp` or `8000-8010`"),
                        );
                    }
                }
            }
        }
    }

    fn refuse_instruction(&mut self, instruction: &Instruction) {
        let (why, help) = match instruction.keyword {
            "RUN" => (
                "bimanix starts no container, so that an image follows from its files alone",
                "make the files before, and `COPY` them; or make an image of this stage with docker and name it in \
                 `FROM`",
            ),
            "SHELL" => (
                "a unikernel has no shell",
                "leave it out, and write `CMD` and `ENTRYPOINT` as JSON arrays",
            ),
            "ONBUILD" => (
                "what it says would be done in a build that uses the image as its base, and only docker does so",
                "write the instruction into the files that build on this image",
            ),
            _ => (
                "an engine would start a process inside of the guest, and a unikernel is one process",
                "leave it out, and look at the guest from outside: at its port, or at its output",
            ),
        };
        let title = format!("`{}` is not for images of unikernels", instruction.keyword);
        self.report.push(
            Diagnostic::error("containerfile/refused", title)
                .with_label(instruction.whole, "")
                .with_why(why)
                .with_help(help),
        );
    }
}

/// What of a command only a shell would see.
fn shell_syntax(text: &str) -> Option<&'static str> {
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None | Some('"'), '\\') => {
                characters.next();
            }
            (None | Some('"'), '`') => return Some("`…`"),
            (None | Some('"'), '$') => {
                let starts = |c: &char| c.is_ascii_alphabetic() || "_{(?@*#".contains(*c);
                if characters.peek().is_some_and(starts) {
                    return Some("$");
                }
            }
            (None, '&') => return Some("&"),
            (None, '|') => return Some("|"),
            (None, ';') => return Some(";"),
            (None, '<') => return Some("<"),
            (None, '>') => return Some(">"),
            _ => {}
        }
    }
    None
}

/// The place of a part of a word; of a word that goes on over lines, all of it.
fn within(word: &Word, range: std::ops::Range<usize>) -> Span {
    let length = usize::try_from(word.at.end.saturating_sub(word.at.start)).unwrap_or(0);
    if length != word.text.len() {
        return word.at;
    }
    let at = |offset: usize| {
        word.at.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX)).min(word.at.end)
    };
    Span { file: word.at.file, start: at(range.start), end: at(range.end) }
}

/// A path that goes above a working directory that only the base knows.
pub(super) fn above_base(at: Span) -> Diagnostic {
    Diagnostic::error(
        "containerfile/above-base",
        "the path goes above the base's working directory",
    )
    .with_label(at, "")
    .with_why("the working directory of the base is known only when the image is put together")
    .with_help("write an absolute path")
}

/// The words for a fault of a word.
pub(super) fn fault_words(what: &Broken, at: Span) -> Diagnostic {
    let error = |slug, title: String| Diagnostic::error(slug, title).with_label(at, "");
    match what {
        Broken::Quote(quote) => error("containerfile/quote", format!("a `{quote}` does not end"))
            .with_help(format!("add `{quote}`, or write `\\{quote}` for the character")),
        Broken::Open(character) => {
            error("containerfile/substitution", format!("`${{` has no `{character}`"))
                .with_help("end it, or write `\\$` for the character")
        }
        Broken::Substitution => {
            error("containerfile/substitution", "`${` is followed by no name".to_owned())
                .with_help("write `${name}`, or `\\$` for the character")
        }
        Broken::Modifier(modifier) => {
            error("containerfile/substitution", format!("`{modifier}` is not known in `${{…}}`"))
                .with_help(
                    "`:-`, `-`, `:+`, `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, `/` and `//` are",
                )
        }
        Broken::Escape(character) => error(
            "containerfile/substitution",
            format!("`\\{character}` is not known in a pattern"),
        )
        .with_help("`\\*`, `\\?`, `\\\\`, `\\/` and `\\}` are"),
        Broken::Required { name, message } => error(
            "containerfile/required-variable",
            format!("`{}`: {}", short(name), short(message)),
        )
        .with_why("`?` says that the file cannot do without it")
        .with_help(format!("give it a value: `ARG {name}=…`, or `--build-arg {name}=…`")),
        Broken::OfBase(name) => error(
            "containerfile/base-variable",
            format!("`{}` may be a variable of the base", short(name)),
        )
        .with_why("the base is looked at only when the image is put together")
        .with_help(format!("write its value, or declare it: `ARG {name}=…`")),
        Broken::TooLong => {
            error("containerfile/too-much", "the variables make too much text".to_owned())
                .with_why("a word has at most 1 MiB from variables, a file 64 MiB")
        }
        Broken::TooDeep => error("containerfile/too-much", "`${…}` is nested too deep".to_owned())
            .with_why("64 levels are enough for every file that a person reads"),
    }
}
