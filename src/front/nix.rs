//! The value of an args.nix to a [`Draft`]: every field by its type.
//!
//! In: a value of `eval`, from args.nix or from the JSON form that Nix hands over. Out: the draft, and every
//! field that is unknown or of another type reported. What always holds: a field that cannot be used is in
//! [`Draft::unusable`], so that nobody takes it for one that is missing.

use crate::diag::{Diagnostic, Report, nearest};
use crate::eval::{Attr, Attrs, Evaluator, Value, as_path};
use crate::recipe::draft::{Draft, FileDraft, Kind, Setting, SourceDraft};
use crate::recipe::{DESTINATION_FIELDS, FIELDS, MAX_OWNER, Place, Placed, RESERVED};
use crate::urunc::Key;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The draft of an args.nix.
///
/// Every mistake goes to `report`. Nothing comes back when the value is no set at all.
pub fn draft(ev: &mut Evaluator<'_>, value: &Value, report: &mut Report) -> Option<Draft> {
    let root = match ev.force(value) {
        Ok(Value::Attrs(attrs)) => attrs,
        Ok(other) => {
            report.push(
                Diagnostic::error(
                    "recipe/type",
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
    Diagnostic::warning("recipe/not-checked", title)
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
        self.files(root);
        self.annotations(root);
        self.draft.cmd = self.words_field(root, "cmd");
        self.draft.entrypoint = self.words_field(root, "entrypoint");
        self.env(root);
        self.draft.working_dir = self.text_field(root, "workingDir");
        self.draft.user = self.number_field(root, "user", "a string or a user number");
        self.labels(root);
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

    // Places.

    fn place(&self, attr: &Attr, path: &str) -> Place {
        Place { spans: self.ev.binding(attr.place), path: path.to_owned() }
    }

    fn field(&mut self, set: &Attrs, name: &str) -> Option<(Value, Place)> {
        let symbol = self.ev.symbol(name);
        let attr = set.get(symbol)?;
        let place = self.place(attr, name);
        Some((attr.value.clone(), place))
    }

    /// Notes that a field is there and cannot be used, when that is so.
    fn usable<T>(&mut self, place: Place, value: Option<T>) -> Option<Placed<T>> {
        match value {
            Some(value) => Some(Placed { value, place }),
            None => {
                self.draft.unusable.insert(place.path);
                None
            }
        }
    }

    fn text_field(&mut self, root: &Attrs, name: &str) -> Option<Placed<String>> {
        let (value, place) = self.field(root, name)?;
        let text = self.string(&value, &place);
        self.usable(place, text)
    }

    fn words_field(&mut self, root: &Attrs, name: &str) -> Option<Placed<Vec<String>>> {
        let (value, place) = self.field(root, name)?;
        let words = self.strings(&value, &place);
        self.usable(place, words)
    }

    /// A field that is text, or a number that stands for the same text.
    fn number_field(&mut self, root: &Attrs, name: &str, expected: &str) -> Option<Placed<String>> {
        let (value, place) = self.field(root, name)?;
        let text = match self.force(&value, &place) {
            Some(Value::Int(number)) => Some(number.to_string()),
            Some(Value::String(text)) => self.text(text.as_bytes(), &place),
            Some(other) => {
                self.type_error(&place, expected, &other, None);
                None
            }
            None => None,
        };
        self.usable(place, text)
    }

    fn refuse_unknown_fields(&mut self, root: &Attrs) {
        let attrs: Vec<Attr> = self.ev.sorted(root).into_iter().cloned().collect();
        for attr in attrs {
            let name = self.ev.name(attr.name);
            let place = self.place(&attr, &name);
            if RESERVED.contains(&name.as_str()) {
                let diagnostic = Diagnostic::error(
                    "recipe/reserved-field",
                    format!("`{name}` is reserved and not built yet"),
                );
                self.report.push(place.mark_name(diagnostic, "").with_help("leave it out"));
            } else if FIELDS.iter().all(|field| field.name != name) {
                let known = FIELDS.iter().map(|field| field.name);
                let near = nearest(&name, known.clone());
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if Key::from_short(&name).is_some() => {
                        format!("write it as `annotations.{name}`")
                    }
                    None => {
                        let open = known.filter(|name| !RESERVED.contains(name));
                        format!("the fields are {}", open.collect::<Vec<_>>().join(", "))
                    }
                };
                let diagnostic = Diagnostic::error(
                    "recipe/unknown-field",
                    format!("args.nix has no field `{name}`"),
                );
                self.report.push(place.mark_name(diagnostic, "").with_help(help));
            }
        }
    }

    // Values by type.

    /// The value, unless it cannot be evaluated; why has been reported then.
    fn force(&mut self, value: &Value, place: &Place) -> Option<Value> {
        match self.ev.force(value) {
            Ok(value) => Some(value),
            Err(error) => {
                let findings = error.report();
                if findings.is_empty() {
                    self.unknown.push(place.clone());
                }
                self.report.findings.extend(findings);
                None
            }
        }
    }

    fn type_error(&mut self, place: &Place, expected: &str, found: &Value, help: Option<String>) {
        let title = format!("`{}` must be {expected}, not {}", place.path, found.kind());
        self.report.push(place.error("recipe/type", title).with_help_if(help));
    }

    fn text(&mut self, bytes: &[u8], place: &Place) -> Option<String> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.to_owned()),
            Err(_) => {
                self.report.push(place.mark(not_utf_8(place), ""));
                None
            }
        }
    }

    fn string(&mut self, value: &Value, place: &Place) -> Option<String> {
        let bytes = self.bytes(value, place)?;
        self.text(&bytes, place)
    }

    fn bytes(&mut self, value: &Value, place: &Place) -> Option<Vec<u8>> {
        match self.force(value, place)? {
            Value::String(text) => Some(text.as_bytes().to_vec()),
            other => {
                let help = match &other {
                    Value::Int(_) | Value::Float(_) => Some("put the number in quotes".to_owned()),
                    Value::Path(_) => Some("put the path in quotes".to_owned()),
                    _ => None,
                };
                self.type_error(place, "a string", &other, help);
                None
            }
        }
    }

    fn strings(&mut self, value: &Value, place: &Place) -> Option<Vec<String>> {
        let list = match self.force(value, place)? {
            Value::List(list) => list,
            other => {
                let help = matches!(other, Value::String(_)).then(|| {
                    "write one string for each word, as in `[ \"redis-server\" \"/data/conf\" ]`".into()
                });
                self.type_error(place, "a list of strings", &other, help);
                return None;
            }
        };
        let mut strings = Some(Vec::with_capacity(list.items().len()));
        for (index, item) in list.items().iter().enumerate() {
            let place = Place { path: format!("{}[{index}]", place.path), ..place.clone() };
            let string = self.string(item, &place);
            // Each item may have its own mistake.
            strings = strings.zip(string).map(|(mut strings, string)| {
                strings.push(string);
                strings
            });
        }
        strings
    }

    fn set(&mut self, value: &Value, place: &Place, expected: &str) -> Option<Vec<(String, Attr)>> {
        match self.force(value, place)? {
            Value::Attrs(attrs) => Some(self.members(&attrs, &place.path)),
            other => {
                self.type_error(place, expected, &other, None);
                None
            }
        }
    }

    /// The members whose names are text; the others are reported.
    fn members(&mut self, attrs: &Attrs, path: &str) -> Vec<(String, Attr)> {
        let mut members = Vec::with_capacity(attrs.len());
        for attr in self.ev.sorted(attrs) {
            match std::str::from_utf8(self.ev.name_bytes(attr.name)) {
                Ok(name) => members.push((name.to_owned(), attr.clone())),
                Err(_) => {
                    let name = self.ev.name(attr.name);
                    let place = self.place(attr, &format!("{path}.\"{name}\""));
                    self.report.push(place.mark_name(not_utf_8(&place), ""));
                }
            }
        }
        members
    }

    // Fields.

    fn files(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "files") else { return };
        let members = match self.force(&value, &place) {
            Some(Value::Attrs(attrs)) => attrs,
            other => {
                if let Some(other) = other {
                    self.type_error(&place, "a set", &other, None);
                }
                self.draft.unusable.insert(place.path);
                return;
            }
        };
        self.draft.files_place = Some(place);
        let members: Vec<Attr> = self.ev.sorted(&members).into_iter().cloned().collect();
        for attr in members {
            // The names of files are bytes.
            let source = as_path(self.ev.name_bytes(attr.name));
            let place = self.place(&attr, &format!("files.\"{}\"", source.display()));
            let found = match self.force(&attr.value, &place) {
                Some(Value::String(text)) => {
                    Some(file(source, text.as_bytes().to_vec(), place.clone()))
                }
                Some(Value::Attrs(attrs)) => self.file_set(source, &attrs, &place),
                Some(other) => {
                    let help =
                        "write the absolute path in the image, as in `\"/unikernel/kernel\"`";
                    self.type_error(&place, "a string or a set", &other, Some(help.into()));
                    None
                }
                None => None,
            };
            let found = self.usable(place, found);
            self.draft.files.extend(found.map(|found| found.value));
        }
    }

    fn file_set(&mut self, source: PathBuf, attrs: &Attrs, place: &Place) -> Option<FileDraft> {
        let mut file = file(source.clone(), Vec::new(), place.clone());
        let mut from = None;
        let mut owner = (None, None);
        let mut whole = true;
        let mut path = None;
        for (name, attr) in self.members(attrs, &place.path) {
            let inner = self.place(&attr, &format!("{}.{name}", place.path));
            let value = attr.value.clone();
            let decoded = match name.as_str() {
                "path" => self.bytes(&value, &inner).map(|bytes| path = Some(bytes)),
                "source" => self.file_source(&value, &inner).map(|path| from = Some(path)),
                "mode" => self.mode(&value, &inner).map(|mode| file.mode = Some(mode)),
                "uid" => self.owner(&value, &inner).map(|uid| owner.0 = Some(uid)),
                "gid" => self.owner(&value, &inner).map(|gid| owner.1 = Some(gid)),
                other => {
                    let near = nearest(other, DESTINATION_FIELDS);
                    let diagnostic = Diagnostic::error(
                        "recipe/unknown-field",
                        format!("a destination has no field `{other}`"),
                    );
                    let help = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the fields are {}", DESTINATION_FIELDS.join(", ")),
                    };
                    self.report.push(inner.mark_name(diagnostic, "").with_help(help));
                    None
                }
            };
            whole &= decoded.is_some();
        }
        let symbol = self.ev.symbol("path");
        if attrs.get(symbol).is_none() {
            self.report.push(
                place
                    .error("recipe/missing-path", format!("`{}` has no `path`", place.path))
                    .with_help("add `path = \"/…\";`, where the file goes in the image"),
            );
            return None;
        }
        file.destination = path?;
        file.owner = match owner {
            (None, None) => None,
            (uid, gid) => Some((uid.unwrap_or(0), gid.unwrap_or(0))),
        };
        file.source = SourceDraft::Path { written: source, from };
        whole.then_some(file)
    }

    fn file_source(&mut self, value: &Value, place: &Place) -> Option<PathBuf> {
        match self.force(value, place)? {
            Value::String(path) | Value::Path(path) => Some(as_path(path.as_bytes())),
            other => {
                self.type_error(place, "a path or a string", &other, None);
                None
            }
        }
    }

    /// A mode is written as a string of octal digits; Nix has no octal integers.
    fn mode(&mut self, value: &Value, place: &Place) -> Option<u32> {
        let value = self.force(value, place)?;
        if let Value::String(text) = &value {
            let text = text.to_text();
            let digits = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
            if let Ok(mode) = u32::from_str_radix(&text, 8)
                && digits
                && mode <= 0o7777
            {
                return Some(mode);
            }
        }
        let title = format!("`{}` is not a file mode", place.path);
        self.report.push(
            place
                .error("recipe/mode", title)
                .with_why("Nix has no octal integers, so a mode is a string of octal digits")
                .with_help("write `mode = \"0644\";`"),
        );
        None
    }

    fn owner(&mut self, value: &Value, place: &Place) -> Option<u64> {
        match self.force(value, place)? {
            Value::Int(id) if (0..=MAX_OWNER).contains(&id) => u64::try_from(id).ok(),
            Value::Int(_) => {
                let title = format!("`{}` is not between 0 and {}", place.path, MAX_OWNER);
                self.report.push(place.error("recipe/owner", title));
                None
            }
            other => {
                self.type_error(place, "an integer", &other, None);
                None
            }
        }
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
                let diagnostic = Diagnostic::error("recipe/env", title)
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

/// Each of a list's words, at the place of the list.
fn each(words: Placed<Vec<String>>) -> Vec<Placed<String>> {
    let place = words.place;
    words.value.into_iter().map(|value| Placed { value, place: place.clone() }).collect()
}

fn file(written: PathBuf, destination: Vec<u8>, place: Place) -> FileDraft {
    let source = SourceDraft::Path { written, from: None };
    FileDraft { source, destination, mode: None, owner: None, replaces: false, place }
}

fn not_utf_8(place: &Place) -> Diagnostic {
    Diagnostic::error("recipe/not-utf-8", format!("`{}` is not UTF-8", place.path))
        .with_why("the image's configuration is JSON, which holds text only")
}
