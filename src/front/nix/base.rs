//! `base`: the image to build on.

use super::Reader;
use crate::eval::{Attrs, Value, as_path};
use crate::recipe::draft::{BaseDraft, ImageDraft};
use crate::recipe::{BASE_FIELDS, Place, Placed};

/// What may stand for an image.
const EXPECTED: &str = "a path, a string or a derivation";

impl Reader<'_, '_> {
    pub(super) fn base(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "base") else { return };
        let base = match self.force(&value, &place) {
            // As everywhere, an empty string is as if it were not there.
            Some(Value::String(text)) if text.as_bytes().is_empty() => return,
            Some(Value::Attrs(attrs)) if !self.is_derivation(&attrs) => {
                self.base_set(&attrs, &place)
            }
            Some(value) => {
                let expected = format!("{EXPECTED}, or a set of `image` and `platform`");
                let image = self.image(&value, &place, &expected);
                image.map(|image| BaseDraft { image, platform: None })
            }
            None => None,
        };
        self.draft.base = self.usable(place, base);
    }

    fn base_set(&mut self, attrs: &Attrs, place: &Place) -> Option<BaseDraft> {
        let mut image = None;
        let mut platform = None;
        let mut whole = true;
        let symbol = self.ev.symbol("image");
        if attrs.get(symbol).is_none() {
            let diagnostic = place.error("recipe/missing-image", "`base` has no `image`");
            self.report.push(diagnostic.with_help("add `image = ./image.tar;`"));
        }
        for (name, attr) in self.members(attrs, &place.path) {
            let inner = self.place(&attr, &format!("{}.{name}", place.path));
            match name.as_str() {
                "image" => image = self.image(&attr.value, &inner, EXPECTED),
                "platform" => {
                    let text = self.string(&attr.value, &inner);
                    whole &= text.is_some();
                    let text = text.filter(|text| !text.is_empty());
                    platform = text.map(|value| Placed { value, place: inner });
                }
                other => {
                    self.unknown_member(&inner, "`base`", other, &BASE_FIELDS);
                    whole = false;
                }
            }
        }
        image.filter(|_| whole).map(|image| BaseDraft { image, platform })
    }

    fn image(&mut self, value: &Value, place: &Place, expected: &str) -> Option<ImageDraft> {
        match self.force(value, place)? {
            Value::Path(path) => Some(ImageDraft::Path(as_path(path.as_bytes()))),
            Value::String(text) => {
                self.text(text.as_bytes(), place).map(|text| ImageDraft::written(&text))
            }
            Value::Attrs(attrs) if self.is_derivation(&attrs) => {
                let (out, _) = self.field(&attrs, "outPath")?;
                match self.force(&out, place)? {
                    Value::String(path) | Value::Path(path) => {
                        Some(ImageDraft::Path(as_path(path.as_bytes())))
                    }
                    other => {
                        self.type_error(place, expected, &other, None);
                        None
                    }
                }
            }
            other => {
                self.type_error(place, expected, &other, None);
                None
            }
        }
    }

    /// Whether a set stands for what it is built to, as the sets of derivations do.
    fn is_derivation(&mut self, attrs: &Attrs) -> bool {
        let symbol = self.ev.symbol("outPath");
        attrs.get(symbol).is_some()
    }
}
