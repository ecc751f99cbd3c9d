//! `files`: each entry's source, or what is made in its place, and where it goes.

use super::Reader;
use crate::diag::Diagnostic;
use crate::eval::{Attr, Attrs, Value, as_path};
use crate::explain::code;
use crate::recipe::draft::{BaseDraft, FileDraft, SourceDraft};
use crate::recipe::{DESTINATION_FIELDS, MAX_OWNER, Place, Placed};
use std::path::{Path, PathBuf};

/// A destination that is a set, as far as it has been read.
#[derive(Default)]
struct Destination {
    path: Option<Vec<u8>>,
    mode: Option<Placed<u32>>,
    uid: Option<u64>,
    gid: Option<u64>,
    /// The source, where the key is not its path.
    source: Option<Placed<PathBuf>>,
    /// What is put there instead of a file or folder of this machine.
    contents: Vec<Placed<Content>>,
}

/// What is put there instead of a file or folder of this machine.
enum Content {
    Image(BaseDraft),
    Text(Vec<u8>),
    Link(Vec<u8>),
    Folder,
}

impl Content {
    fn name(&self) -> &'static str {
        match self {
            Content::Image(_) => "image",
            Content::Text(_) => "text",
            Content::Link(_) => "link",
            Content::Folder => "folder",
        }
    }
}

impl Reader<'_, '_> {
    pub(super) fn files(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "files") else { return };
        if let Some(files) = self.file_entries(&value, &place) {
            self.draft.files_place = Some(place);
            self.draft.files = files;
        }
    }

    /// The entries of a set of files; none where it is no set.
    pub(super) fn file_entries(&mut self, value: &Value, whole: &Place) -> Option<Vec<FileDraft>> {
        let members = match self.force(value, whole) {
            Some(Value::Attrs(attrs)) => attrs,
            other => {
                if let Some(other) = other {
                    self.type_error(whole, "a set", &other, None);
                }
                self.draft.unusable.insert(whole.path.clone());
                return None;
            }
        };
        let members: Vec<Attr> = self.ev.sorted(&members).into_iter().cloned().collect();
        let mut files = Vec::with_capacity(members.len());
        for attr in members {
            // The names of files are bytes.
            let source = as_path(self.ev.name_bytes(attr.name));
            let place = self.place(&attr, &format!("{}.\"{}\"", whole.path, source.display()));
            let found = match self.force(&attr.value, &place) {
                Some(Value::String(text)) => {
                    let source = SourceDraft::Path { written: source, from: None };
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
            files.extend(found.map(|found| found.value));
        }
        Some(files)
    }

    fn file_set(&mut self, key: PathBuf, attrs: &Attrs, place: &Place) -> Option<FileDraft> {
        let mut set = Destination::default();
        let mut whole = true;
        for (name, attr) in self.members(attrs, &place.path) {
            let inner = self.place(&attr, &format!("{}.{name}", place.path));
            whole &= self.attribute(&name, &attr.value, inner, &mut set).is_some();
        }
        let symbol = self.ev.symbol("path");
        if attrs.get(symbol).is_none() {
            self.report.push(
                place
                    .error(code::RECIPE_MISSING_PATH, format!("`{}` has no `path`", place.path))
                    .with_help("add `path = \"/…\";`, where the file goes in the image"),
            );
        }
        whole &= self.is_one_content(&set, place);
        let mut destination = set.path?;
        let from = set.source.map(|source| source.value);
        let source = match set.contents.into_iter().next().map(|content| content.value) {
            None => SourceDraft::Path { written: key, from },
            Some(Content::Image(image)) => {
                let path = from.unwrap_or(key).into_os_string().into_encoded_bytes();
                SourceDraft::Image { image, path }
            }
            Some(Content::Folder) => SourceDraft::Folder,
            Some(Content::Link(target)) => {
                into_folder(&mut destination, &key);
                SourceDraft::Symlink(target)
            }
            Some(Content::Text(bytes)) => {
                into_folder(&mut destination, &key);
                SourceDraft::Bytes(bytes)
            }
        };
        let owner = match (set.uid, set.gid) {
            (None, None) => None,
            (uid, gid) => Some((uid.unwrap_or(0), gid.unwrap_or(0))),
        };
        let mode = set.mode.map(|mode| mode.value);
        let file = FileDraft { mode, owner, ..file(source, destination, place.clone()) };
        whole.then_some(file)
    }

    /// Reads an attribute of a destination set; none when it cannot be used.
    fn attribute(
        &mut self,
        name: &str,
        value: &Value,
        place: Place,
        set: &mut Destination,
    ) -> Option<()> {
        let content = match name {
            "path" => {
                set.path = Some(self.bytes(value, &place)?);
                return Some(());
            }
            "mode" => {
                let mode = self.mode(value, &place)?;
                set.mode = Some(Placed { value: mode, place });
                return Some(());
            }
            "uid" => {
                set.uid = Some(self.owner(value, &place)?);
                return Some(());
            }
            "gid" => {
                set.gid = Some(self.owner(value, &place)?);
                return Some(());
            }
            "source" => {
                let source = self.file_source(value, &place)?;
                set.source = Some(Placed { value: source, place });
                return Some(());
            }
            "image" => Content::Image(self.image(value, &place)?),
            "text" => Content::Text(self.bytes(value, &place)?),
            "link" => Content::Link(self.link(value, &place)?),
            "folder" => {
                if !self.flag(value, &place)? {
                    return Some(());
                }
                Content::Folder
            }
            other => {
                self.unknown_member(&place, "a destination", other, &DESTINATION_FIELDS);
                return None;
            }
        };
        set.contents.push(Placed { value: content, place });
        Some(())
    }

    /// Whether a destination says no more than once what is put there, and says a mode of files alone.
    fn is_one_content(&mut self, set: &Destination, place: &Place) -> bool {
        let contents = set.contents.iter().map(|content| (content.value.name(), &content.place));
        // The source may be one in an image.
        let source = set.source.as_ref().map(|source| ("source", &source.place));
        let source = source.filter(|_| {
            !matches!(set.contents.as_slice(), [Placed { value: Content::Image(_), .. }])
        });
        let said: Vec<_> = contents.chain(source).collect();
        if let [(one, first), (other, second), ..] = said.as_slice() {
            let title = format!("`{}` has both `{one}` and `{other}`", place.path);
            let diagnostic = Diagnostic::error(code::RECIPE_TWO_CONTENTS, title);
            let diagnostic = second.mark_name(first.mark_name(diagnostic, ""), "");
            self.report.push(
                diagnostic
                    .with_why("each of them says what is put there")
                    .with_help("leave all but one out"),
            );
            return false;
        }
        let content = set.contents.first().map(|content| &content.value);
        let mode = set.mode.as_ref().filter(|_| matches!(content, Some(Content::Link(_))));
        let Some(given) = mode else { return true };
        let diagnostic = given.place.error(code::RECIPE_MODE, "a symlink has no mode of its own");
        self.report.push(
            diagnostic
                .with_why("what counts is the mode of the file that it leads to")
                .with_help("leave it out"),
        );
        false
    }

    fn link(&mut self, value: &Value, place: &Place) -> Option<Vec<u8>> {
        let target = self.bytes(value, place)?;
        if target.is_empty() {
            let diagnostic = place.error(code::RECIPE_LINK, format!("`{}` is empty", place.path));
            self.report.push(
                diagnostic
                    .with_why("a symlink points to something")
                    .with_help("write what it points to, as in \"/bin/init\""),
            );
            return None;
        }
        Some(target)
    }

    fn flag(&mut self, value: &Value, place: &Place) -> Option<bool> {
        match self.force(value, place)? {
            Value::Bool(flag) => Some(flag),
            other => {
                self.type_error(place, "a Boolean", &other, None);
                None
            }
        }
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
                .error(code::RECIPE_MODE, title)
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
                self.report.push(place.error(code::RECIPE_OWNER, title));
                None
            }
            other => {
                self.type_error(place, "an integer", &other, None);
                None
            }
        }
    }
}

fn file(source: SourceDraft, destination: Vec<u8>, place: Place) -> FileDraft {
    FileDraft { source, destination, mode: None, owner: None, replaces: false, place }
}

/// Into a folder, what is made here goes by the name of its key, as a source does.
fn into_folder(destination: &mut Vec<u8>, key: &Path) {
    if destination.ends_with(b"/") {
        destination.extend_from_slice(key.file_name().unwrap_or_default().as_encoded_bytes());
    }
}
