//! A draft of a text that is no args.nix as the args.nix that says the same.
//!
//! In: a [`Draft`], the comments of its text, and what its files are. Out: the text of an args.nix from which the same
//! bytes are built, laid out as nixfmt does; or everything that no args.nix can say, each at its place. What always
//! holds: nothing is left out without a word but comments; what is wrong with the draft is wrong with the args.nix.

mod files;
mod look;
mod notes;
mod tree;
mod write;

pub use notes::{Note, of_lines};
pub(super) use write::quoted;

use super::Images;
use crate::diag::Report;
use crate::explain::code;
use crate::recipe::draft::{BaseDraft, Draft, FileDraft, ImageDraft, Setting};
use crate::recipe::{Place, Placed};
use crate::urunc::{Key, PREFIX};
use crate::world::World;
use look::Look;
use std::collections::BTreeSet;
use std::path::Path;
use write::{Binding, Value, name, path};

/// What is to be written, and where.
#[derive(Debug)]
pub struct Request<'r> {
    /// What the text is called in the first line.
    pub shown: &'r str,
    /// Where the sources of the draft start, an absolute path.
    pub context: &'r Path,
    /// The folder of the args.nix, an absolute path.
    pub folder: &'r Path,
    /// The files of this machine.
    pub world: &'r dyn World,
    /// The images that the draft names.
    pub images: &'r dyn Images,
    /// The comments and instructions of the text, by their starts.
    pub notes: &'r [Note],
    /// What is said of `name`, if anything.
    pub name_note: Option<&'r str>,
}

/// The text of the args.nix.
///
/// What it cannot say goes to `report`, and then nothing comes back.
pub fn args_nix(draft: &Draft, request: &Request<'_>, report: &mut Report) -> Option<String> {
    let look = Look { world: request.world, context: request.context, images: request.images };
    let before = report.findings.len();
    let files = tree::apart(&draft.files, &look, report);
    let mut writer = Writer { request, report, taken: BTreeSet::new() };
    let (head, bindings) = writer.whole(draft, files);
    (report.findings.len() == before).then(|| write::file(&head, &bindings))
}

struct Writer<'w, 'r> {
    request: &'w Request<'r>,
    report: &'w mut Report,
    /// The notes whose comments are written, by their starts.
    taken: BTreeSet<u32>,
}

impl Writer<'_, '_> {
    fn whole(&mut self, draft: &Draft, files: Vec<FileDraft>) -> (Vec<String>, Vec<Binding>) {
        let mut head = vec![format!("Made from {} by `bimanix convert`.", self.request.shown)];
        let comments = self.head(draft);
        head.extend(Some(String::new()).filter(|_| !comments.is_empty()));
        head.extend(comments);
        self.refuse_empty_commands(draft);
        let mut all = Vec::new();
        self.text(&mut all, "name", draft.name.as_ref());
        if let (Some(binding), Some(note)) = (all.last_mut(), self.request.name_note) {
            binding.comments.push(note.to_owned());
        }
        self.text(&mut all, "tag", draft.tag.as_ref());
        if let Some(base) = &draft.base {
            let value = self.image(&base.value, &base.place);
            all.push(self.binding("base", value, &base.place));
        }
        self.files(&mut all, files);
        let remove = draft.remove.iter().filter_map(|path| self.string(&path.value, &path.place));
        let remove: Vec<String> = remove.collect();
        self.words(&mut all, "remove", &remove, draft.remove.first().map(|path| &path.place));
        if let Some(rootfs) = &draft.rootfs {
            self.rootfs(&mut all, rootfs);
        }
        self.annotations(&mut all, draft);
        for (field, words) in [("entrypoint", &draft.entrypoint), ("cmd", &draft.cmd)] {
            if let Some(Placed { value, place }) = words {
                self.words(&mut all, field, value, Some(place));
            }
        }
        self.env(&mut all, draft);
        self.text(&mut all, "workingDir", draft.working_dir.as_ref());
        self.text(&mut all, "user", draft.user.as_ref());
        for (field, list) in
            [("ports", &draft.ports), ("volumes", &draft.volumes), ("allow", &draft.allow)]
        {
            let words: Vec<String> = list.iter().map(|word| word.value.clone()).collect();
            self.words(&mut all, field, &words, list.first().map(|word| &word.place));
        }
        self.text(&mut all, "stopSignal", draft.stop_signal.as_ref());
        self.labels(&mut all, draft);
        self.text(&mut all, "architecture", draft.architecture.as_ref());
        self.text(&mut all, "created", draft.created.as_ref());
        (head, all)
    }

    // Comments.

    /// What stands at the head of the text, and above its first stage. What is above the base stays there.
    fn head(&mut self, draft: &Draft) -> Vec<String> {
        let first = self.request.notes.first().map(|note| note.start);
        let stage = draft.place.spans.map(|(at, _)| at.start);
        let base = draft.base.as_ref().and_then(|base| base.place.spans);
        let base = base.and_then(|(at, _)| Some(self.notes(at.start).next()?.start));
        let at: Vec<u32> = first.into_iter().chain(stage).collect();
        let starts: Vec<u32> =
            at.into_iter().filter_map(|at| Some(self.notes(at).next()?.start)).collect();
        let own = starts.into_iter().filter(|start| Some(*start) != base).collect::<Vec<_>>();
        own.into_iter().flat_map(|start| self.comments_at(start)).collect()
    }

    /// The notes about a place: that of its line, and that of its instruction, which comes first.
    fn notes(&self, at: u32) -> impl Iterator<Item = &'_ Note> {
        let notes = self.request.notes;
        let own = notes.partition_point(|note| note.start <= at);
        let until = notes.get(..own).unwrap_or_default();
        let first = until.iter().rposition(|note| !note.instruction.is_empty());
        let first = first.and_then(|first| until.get(first));
        let last = until.last().filter(|last| first.is_none_or(|first| first.start != last.start));
        first.into_iter().chain(last)
    }

    fn comments_at(&mut self, at: u32) -> Vec<String> {
        let notes: Vec<(u32, Vec<String>)> =
            self.notes(at).map(|note| (note.start, note.comments.clone())).collect();
        let new = notes.into_iter().filter(|(start, _)| self.taken.insert(*start));
        new.flat_map(|(_, comments)| comments).collect()
    }

    fn binding(&mut self, written: impl Into<String>, value: Value, place: &Place) -> Binding {
        let comments = place.spans.map(|(at, _)| self.comments_at(at.start)).unwrap_or_default();
        Binding { comments, name: written.into(), value }
    }

    // Values.

    /// Bytes as a string; a string has no NUL, and the text is UTF-8.
    fn string(&mut self, bytes: &[u8], place: &Place) -> Option<String> {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Some(text.to_owned()),
            _ => {
                let shown = String::from_utf8_lossy(bytes);
                let short: String = shown.chars().take(60).collect();
                let title = format!("args.nix cannot say `{short}`");
                self.report.push(
                    place
                        .error(code::CONVERT_NOT_TEXT, title)
                        .with_why("it is UTF-8 without NUL bytes")
                        .with_help("give the file another name, or copy it from a file"),
                );
                None
            }
        }
    }

    fn quoted(&mut self, text: &str, place: &Place) -> Value {
        Value::Text(self.string(text.as_bytes(), place).unwrap_or_default())
    }

    fn text(&mut self, all: &mut Vec<Binding>, field: &str, text: Option<&Placed<String>>) {
        let Some(Placed { value, place }) = text else { return };
        let value = self.quoted(value, place);
        all.push(self.binding(field, value, place));
    }

    fn words(
        &mut self,
        all: &mut Vec<Binding>,
        field: &str,
        words: &[String],
        place: Option<&Place>,
    ) {
        let Some(place) = place.filter(|_| !words.is_empty()) else { return };
        let words = words.iter().map(|word| self.quoted(word, place)).collect();
        all.push(self.binding(field, Value::List(words), place));
    }

    // Fields.

    /// In an args.nix an empty list is as good as none: it takes nothing away from the base, or from `cmdline`.
    fn refuse_empty_commands(&mut self, draft: &Draft) {
        let is_empty = |words: &Option<Placed<Vec<String>>>| {
            words.as_ref().filter(|words| words.value.is_empty()).map(|words| words.place.clone())
        };
        let has_base = draft.base.is_some();
        let says_cmdline =
            draft.annotations.iter().any(|(name, _)| key(name) == Some(Key::Cmdline));
        let has_entrypoint = draft.entrypoint.as_ref().is_some_and(|words| !words.value.is_empty());
        let entrypoint = is_empty(&draft.entrypoint).filter(|_| has_base);
        let cmd = is_empty(&draft.cmd)
            .filter(|_| has_base && !has_entrypoint || has_entrypoint && says_cmdline);
        for place in entrypoint.into_iter().chain(cmd) {
            let title = format!("args.nix cannot say that `{}` is empty", place.path);
            let diagnostic = place.error(code::CONVERT_EMPTY_COMMAND, title);
            self.report.push(
                diagnostic
                    .with_why("there an empty list is as if it were not given")
                    .with_help("write the words that the guest is to get"),
            );
        }
    }

    /// How the args.nix names a file of this machine: from its folder on where it can.
    fn local(&self, written: &Path) -> std::path::PathBuf {
        let whole: std::path::PathBuf = self.request.context.join(written).components().collect();
        match whole.strip_prefix(self.request.folder) {
            Ok(below) if below.as_os_str().is_empty() => "./.".into(),
            Ok(below) => Path::new(".").join(below),
            Err(_) => whole,
        }
    }

    fn image(&mut self, image: &BaseDraft, place: &Place) -> Value {
        let location = match &image.image {
            ImageDraft::Reference(reference) => self.quoted(reference, place),
            ImageDraft::Path(written) => {
                let is_same = self.request.folder == self.request.context;
                let local = if is_same { written.clone() } else { self.local(written) };
                let text = self.string(local.as_os_str().as_encoded_bytes(), place);
                path(&text.unwrap_or_default())
            }
        };
        match &image.platform {
            None => location,
            Some(platform) => Value::Set(vec![
                Binding::new("image", location),
                Binding::new("platform", self.quoted(&platform.value, &platform.place)),
            ]),
        }
    }

    fn annotations(&mut self, all: &mut Vec<Binding>, draft: &Draft) {
        let mut set = Vec::with_capacity(draft.annotations.len());
        for (written, Placed { value: setting, place }) in &draft.annotations {
            let value = match setting {
                Setting::Flag(flag) => Value::Plain(flag.to_string()),
                Setting::Text(text) => match (key(written), text.as_str()) {
                    (Some(key), "true" | "false") if key.is_bool() => Value::Plain(text.clone()),
                    _ => self.quoted(text, place),
                },
            };
            let short =
                written.strip_prefix(PREFIX).filter(|short| Key::from_short(short).is_some());
            let written = self.string(short.unwrap_or(written).as_bytes(), place);
            set.push(self.binding(name(&written.unwrap_or_default()), value, place));
        }
        let is_said = draft.entrypoint.is_some() || draft.cmd.is_some();
        let words = draft.entrypoint.iter().chain(&draft.cmd).flat_map(|words| &words.value);
        let says_cmdline =
            draft.annotations.iter().any(|(name, _)| key(name) == Some(Key::Cmdline));
        if is_said && words.count() == 0 && !says_cmdline && draft.base.is_none() {
            set.push(Binding::new(Key::Cmdline.short(), Value::Text(String::new())));
        }
        all.push(Binding::new("annotations", Value::Set(set)));
    }

    /// A set where its order is that of the text, else a list, which keeps the order.
    fn env(&mut self, all: &mut Vec<Binding>, draft: &Draft) {
        let pairs: Vec<(&str, &str, &Place)> = draft
            .env
            .iter()
            .filter_map(|Placed { value, place }| {
                value.split_once('=').map(|(name, value)| (name, value, place))
            })
            .filter(|(name, ..)| !name.is_empty())
            .collect();
        let is_sorted = pairs.windows(2).all(|pair| match pair {
            [(first, ..), (second, ..)] => first < second,
            _ => true,
        });
        if pairs.len() < draft.env.len() || !is_sorted {
            let words: Vec<String> =
                draft.env.iter().map(|variable| variable.value.clone()).collect();
            self.words(all, "env", &words, draft.env.first().map(|variable| &variable.place));
            return;
        }
        let mut set = Vec::with_capacity(pairs.len());
        for (variable, text, place) in pairs {
            let (variable, value) =
                (self.string(variable.as_bytes(), place), self.quoted(text, place));
            set.push(self.binding(name(&variable.unwrap_or_default()), value, place));
        }
        if !set.is_empty() {
            all.push(Binding::new("env", Value::Set(set)));
        }
    }

    fn labels(&mut self, all: &mut Vec<Binding>, draft: &Draft) {
        let mut set = Vec::with_capacity(draft.labels.len());
        for (label, Placed { value, place }) in &draft.labels {
            let (label, value) = (self.string(label.as_bytes(), place), self.quoted(value, place));
            set.push(self.binding(name(&label.unwrap_or_default()), value, place));
        }
        if !set.is_empty() {
            all.push(Binding::new("labels", Value::Set(set)));
        }
    }
}

/// urunc's key of an annotation, by its short or its full name.
fn key(written: &str) -> Option<Key> {
    Key::from_short(written.strip_prefix(PREFIX).unwrap_or(written))
}
