//! The value of an args.nix to a [`Draft`]: every field by its type.
//!
//! In: a value of `eval`, from args.nix or from the JSON form that Nix hands over. Out: the draft, and every
//! field that is unknown or of another type reported. What always holds: a field that cannot be used is in
//! [`Draft::unusable`], so that nobody takes it for one that is missing.

mod architectures;
mod base;
mod files;
mod references;
mod rootfs;
mod values;

pub use architectures::architectures;
pub use references::references;

use crate::diag::{Diagnostic, Report, nearest};
use crate::eval::{Attr, Attrs, Evaluator, Value};
use crate::explain::code;
use crate::recipe::draft::{Draft, Kind, Setting};
use crate::recipe::{FIELDS, Place, Placed};
use crate::urunc::Key;
use std::collections::BTreeSet;

/// The draft of an args.nix.
///
/// Every mistake goes to `report`. Nothing comes back when the value is no set at all.
pub fn draft(ev: &mut Evaluator<'_>, value: &Value, report: &mut Report) -> Option<Draft> {
    let root = match ev.force(value) {
        Ok(Value::Attrs(attrs)) => attrs,
        Ok(other) => {
            report.push(
                Diagnostic::error(
                    code::RECIPE_TYPE,
                    format!("args.nix is {}, not a set", other.kind()),
                )
                .with_help("write `{ name = \"…\"; files = { … }; annotations = { … }; }`"),
            );
            return None;
        }
        Err(error) => {
            report.findings.extend(error.report());
            report.findings.extend(ev.take_refused());
            report.push(nothing_checked("args.nix"));
            return None;
        }
    };
    let place = Place { spans: None, path: "args.nix".to_owned() };
    let draft = Draft::new(Kind::ArgsNix, place);
    let mut reader = Reader { ev, report, draft, unknown: Vec::new() };
    reader.read(&root);
    reader.tell_unknown();
    let Reader { ev, report, draft, .. } = reader;
    report.findings.extend(ev.take_refused());
    Some(draft)
}

/// Says that nothing of a text could be looked at, since it has no value.
pub fn nothing_checked(file: &str) -> Diagnostic {
    not_checked(format!("nothing else of {file} was checked")).with_subject(file)
}

fn not_checked(title: String) -> Diagnostic {
    Diagnostic::warning(code::RECIPE_NOT_CHECKED, title)
        .with_why("the value depends on an error of this report")
        .with_help("mend that error and check again")
}

struct Reader<'d, 'w> {
    ev: &'d mut Evaluator<'w>,
    report: &'d mut Report,
    draft: Draft,
    /// Values that depend on what was refused before anything was evaluated.
    unknown: Vec<Place>,
}

impl Reader<'_, '_> {
    fn read(&mut self, root: &Attrs) {
        self.refuse_unknown_fields(root);
        self.draft.name = self.text_field(root, "name");
        self.draft.tag = self.text_field(root, "tag");
        self.draft.allow = self.words_field(root, "allow").map(each).unwrap_or_default();
        self.base(root);
        self.files(root);
        self.kernel(root);
        self.init(root);
        self.rootfs(root);
        self.remove(root);
        self.annotations(root);
        self.draft.cmd = self.words_field(root, "cmd");
        self.draft.entrypoint = self.words_field(root, "entrypoint");
        self.env(root);
        self.draft.working_dir = self.text_field(root, "workingDir");
        self.draft.user = self.number_field(root, "user", "a string or a user number");
        self.labels(root);
        self.ports(root);
        self.draft.volumes = self.words_field(root, "volumes").map(each).unwrap_or_default();
        self.draft.stop_signal = self.number_field(root, "stopSignal", "a string or a number");
        self.draft.architecture = self.text_field(root, "architecture");
        let time = "a string or a number of seconds";
        self.draft.created = self.number_field(root, "created", time);
    }

    /// Names what depends on an error that was found before anything was evaluated.
    fn tell_unknown(&mut self) {
        let places = std::mem::take(&mut self.unknown);
        let names: Vec<String> = places.iter().map(|place| format!("`{}`", place.path)).collect();
        let title = match names.as_slice() {
            [] => return,
            [one] => format!("{one} was not checked"),
            [first @ .., last] => format!("{} and {last} were not checked", first.join(", ")),
        };
        let mut diagnostic = not_checked(title);
        let mut marked = BTreeSet::new();
        for place in &places {
            if marked.insert(place.spans) {
                diagnostic = place.mark_name(diagnostic, "");
            }
        }
        self.report.push(diagnostic);
    }

    fn refuse_unknown_fields(&mut self, root: &Attrs) {
        let attrs: Vec<Attr> = self.ev.sorted(root).into_iter().cloned().collect();
        for attr in attrs {
            let name = self.ev.name(attr.name);
            let place = self.place(&attr, &name);
            if FIELDS.iter().all(|field| field.name != name) {
                let known = FIELDS.iter().map(|field| field.name);
                let near = nearest(&name, known.clone());
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if Key::from_short(&name).is_some() => {
                        format!("write it as `annotations.{name}`")
                    }
                    None => {
                        format!("the fields are {}", known.collect::<Vec<_>>().join(", "))
                    }
                };
                let diagnostic = Diagnostic::error(
                    code::RECIPE_UNKNOWN_FIELD,
                    format!("args.nix has no field `{name}`"),
                );
                self.report.push(place.mark_name(diagnostic, "").with_help(help));
            }
        }
    }

    /// Reports a member that a set of some kind does not have.
    fn unknown_member(&mut self, place: &Place, set: &str, name: &str, known: &[&str]) {
        let title = format!("{set} has no field `{name}`");
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the fields are {}", known.join(", ")),
        };
        let diagnostic = Diagnostic::error(code::RECIPE_UNKNOWN_FIELD, title);
        self.report.push(place.mark_name(diagnostic, "").with_help(help));
    }

    // Fields.

    /// Paths are bytes.
    fn remove(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "remove") else { return };
        let paths = self.items(&value, &place, "`[ \"/etc/nginx\" ]`", Self::bytes);
        self.draft.remove = self.usable(place, paths).map(|paths| paths.value).unwrap_or_default();
    }

    /// A port may be a number, which stands for the same text.
    fn ports(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "ports") else { return };
        let ports = self.items(&value, &place, "`[ \"80\" \"53/udp\" ]`", |reader, port, place| {
            reader.number(port, place, "a string or a number")
        });
        self.draft.ports = self.usable(place, ports).map(|ports| ports.value).unwrap_or_default();
    }

    fn annotations(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "annotations") else { return };
        let members = self.set(&value, &place, "a set");
        let Some(Placed { value: members, place }) = self.usable(place, members) else { return };
        self.draft.annotations_place = Some(place);
        for (name, attr) in members {
            let place = self.place(&attr, &format!("annotations.{name}"));
            // Which of them are Booleans is not known here; no other type is one of an annotation.
            let setting = match self.force(&attr.value, &place) {
                Some(Value::Bool(flag)) => Some(Setting::Flag(flag)),
                Some(value) => self.string(&value, &place).map(Setting::Text),
                None => None,
            };
            let setting = self.usable(place, setting);
            self.draft.annotations.extend(setting.map(|setting| (name, setting)));
        }
    }

    fn env(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "env") else { return };
        self.draft.env_place = Some(place.clone());
        let variables: Option<Vec<Placed<String>>> = match self.force(&value, &place) {
            Some(Value::List(_)) => self.strings(&value, &place).map(|words| {
                let placed = |value| Placed { value, place: place.clone() };
                words.into_iter().map(placed).collect()
            }),
            Some(Value::Attrs(attrs)) => Some(self.variables(&attrs, &place)),
            Some(other) => {
                self.type_error(&place, "a set or a list of strings", &other, None);
                None
            }
            None => None,
        };
        let variables = self.usable(place, variables);
        self.draft.env.extend(variables.into_iter().flat_map(|variables| variables.value));
    }

    /// The variables of a set, each as `NAME=value`.
    fn variables(&mut self, attrs: &Attrs, place: &Place) -> Vec<Placed<String>> {
        let mut variables = Vec::with_capacity(attrs.len());
        for (name, attr) in self.members(attrs, &place.path) {
            let inner = self.place(&attr, &format!("env.{name}"));
            if name.is_empty() || name.contains('=') {
                let title = format!("`{name}` is not the name of an environment variable");
                let diagnostic = Diagnostic::error(code::RECIPE_ENV, title)
                    .with_why("a name has a character at least, and ends at the first `=`");
                self.report.push(inner.mark_name(diagnostic, ""));
                continue;
            }
            let text = self.string(&attr.value, &inner);
            let variable = self.usable(inner, text.map(|text| format!("{name}={text}")));
            variables.extend(variable);
        }
        variables
    }

    fn labels(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "labels") else { return };
        for (name, attr) in self.set(&value, &place, "a set of strings").unwrap_or_default() {
            let place = self.place(&attr, &format!("labels.\"{name}\""));
            if let Some(value) = self.string(&attr.value, &place) {
                self.draft.labels.push((name, Placed { value, place }));
            }
        }
    }
}

/// The place of an item of a list: no item has one of its own in the text.
fn item_place(list: &Place, index: usize) -> Place {
    Place { path: format!("{}[{index}]", list.path), ..list.clone() }
}

/// Each of a list's words.
fn each(words: Placed<Vec<String>>) -> Vec<Placed<String>> {
    let Placed { value: words, place } = words;
    let placed = |(index, value)| Placed { value, place: item_place(&place, index) };
    words.into_iter().enumerate().map(placed).collect()
}

fn not_utf_8(place: &Place) -> Diagnostic {
    Diagnostic::error(code::RECIPE_NOT_UTF_8, format!("`{}` is not UTF-8", place.path))
        .with_why("the image's configuration is JSON, which holds text only")
}
