//! Values by their types, and fields by their names: what is of another type is reported.

use super::{Reader, item_place, not_utf_8};
use crate::eval::{Attr, Attrs, Value};
use crate::explain::code;
use crate::recipe::{Place, Placed};

impl Reader<'_, '_> {
    // Places.

    pub(super) fn place(&self, attr: &Attr, path: &str) -> Place {
        Place { spans: self.ev.binding(attr.place), path: path.to_owned() }
    }

    pub(super) fn field(&mut self, set: &Attrs, name: &str) -> Option<(Value, Place)> {
        let symbol = self.ev.symbol(name);
        let attr = set.get(symbol)?;
        let place = self.place(attr, name);
        Some((attr.value.clone(), place))
    }

    /// Notes that a field is there and cannot be used, when that is so.
    pub(super) fn usable<T>(&mut self, place: Place, value: Option<T>) -> Option<Placed<T>> {
        match value {
            Some(value) => Some(Placed { value, place }),
            None => {
                self.draft.unusable.insert(place.path);
                None
            }
        }
    }

    pub(super) fn text_field(&mut self, root: &Attrs, name: &str) -> Option<Placed<String>> {
        let (value, place) = self.field(root, name)?;
        let text = self.string(&value, &place);
        self.usable(place, text)
    }

    pub(super) fn words_field(&mut self, root: &Attrs, name: &str) -> Option<Placed<Vec<String>>> {
        let (value, place) = self.field(root, name)?;
        let words = self.strings(&value, &place);
        self.usable(place, words)
    }

    /// A field that is text, or a number that stands for the same text.
    pub(super) fn number_field(
        &mut self,
        root: &Attrs,
        name: &str,
        expected: &str,
    ) -> Option<Placed<String>> {
        let (value, place) = self.field(root, name)?;
        let text = self.number(&value, &place, expected);
        self.usable(place, text)
    }

    // Values by type.

    /// The value, unless it cannot be evaluated; why has been reported then.
    pub(super) fn force(&mut self, value: &Value, place: &Place) -> Option<Value> {
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

    pub(super) fn type_error(
        &mut self,
        place: &Place,
        expected: &str,
        found: &Value,
        help: Option<String>,
    ) {
        let title = format!("`{}` must be {expected}, not {}", place.path, found.kind());
        self.report.push(place.error(code::RECIPE_TYPE, title).with_help_if(help));
    }

    pub(super) fn text(&mut self, bytes: &[u8], place: &Place) -> Option<String> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.to_owned()),
            Err(_) => {
                self.report.push(place.mark(not_utf_8(place), ""));
                None
            }
        }
    }

    pub(super) fn string(&mut self, value: &Value, place: &Place) -> Option<String> {
        let bytes = self.bytes(value, place)?;
        self.text(&bytes, place)
    }

    pub(super) fn bytes(&mut self, value: &Value, place: &Place) -> Option<Vec<u8>> {
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

    /// Text, or a number that stands for the same text.
    pub(super) fn number(
        &mut self,
        value: &Value,
        place: &Place,
        expected: &str,
    ) -> Option<String> {
        match self.force(value, place)? {
            Value::Int(number) => Some(number.to_string()),
            Value::String(text) => self.text(text.as_bytes(), place),
            other => {
                self.type_error(place, expected, &other, None);
                None
            }
        }
    }

    pub(super) fn strings(&mut self, value: &Value, place: &Place) -> Option<Vec<String>> {
        let example = "`[ \"redis-server\" \"/data/conf\" ]`";
        let strings = self.items(value, place, example, Self::string)?;
        Some(strings.into_iter().map(|string| string.value).collect())
    }

    /// The items of a list of strings, each read by `read`; none when one of them cannot be used.
    pub(super) fn items<T>(
        &mut self,
        value: &Value,
        place: &Place,
        example: &str,
        mut read: impl FnMut(&mut Self, &Value, &Place) -> Option<T>,
    ) -> Option<Vec<Placed<T>>> {
        let list = match self.force(value, place)? {
            Value::List(list) => list,
            other => {
                let help = matches!(other, Value::String(_))
                    .then(|| format!("write one string for each, as in {example}"));
                self.type_error(place, "a list of strings", &other, help);
                return None;
            }
        };
        let mut items = Some(Vec::with_capacity(list.items().len()));
        for (index, item) in list.items().iter().enumerate() {
            let place = item_place(place, index);
            let value = read(self, item, &place);
            // Each item may have its own mistake.
            items = items.zip(value).map(|(mut items, value)| {
                items.push(Placed { value, place });
                items
            });
        }
        items
    }

    pub(super) fn set(
        &mut self,
        value: &Value,
        place: &Place,
        expected: &str,
    ) -> Option<Vec<(String, Attr)>> {
        match self.force(value, place)? {
            Value::Attrs(attrs) => Some(self.members(&attrs, &place.path)),
            other => {
                self.type_error(place, expected, &other, None);
                None
            }
        }
    }

    /// The members whose names are text; the others are reported.
    pub(super) fn members(&mut self, attrs: &Attrs, path: &str) -> Vec<(String, Attr)> {
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
}
