//! Images: the one to build on, and those that files come from.

use super::Reader;
use crate::eval::{Attrs, Value, as_path};
use crate::explain::code;
use crate::recipe::draft::{BaseDraft, ImageDraft};
use crate::recipe::{IMAGE_FIELDS, Place, Placed};

/// What may stand for an image.
const EXPECTED: &str = "a path, a string or a derivation";

impl Reader<'_, '_> {
    pub(super) fn base(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "base") else { return };
        if let Some(Value::String(text)) = self.force(&value, &place)
            && text.as_bytes().is_empty()
        {
            // As everywhere, an empty string is as if it were not there.
            return;
        }
        let base = self.image(&value, &place);
        self.draft.base = self.usable(place, base);
    }

    /// An image as it is written, with the platform to take of it.
    pub(super) fn image(&mut self, value: &Value, place: &Place) -> Option<BaseDraft> {
        match self.force(value, place)? {
            Value::Attrs(attrs) if !self.is_derivation(&attrs) => self.image_set(&attrs, place),
            value => {
                let expected = format!("{EXPECTED}, or a set of `image` and `platform`");
                let image = self.location(&value, place, &expected)?;
                Some(BaseDraft { image, platform: None })
            }
        }
    }

    fn image_set(&mut self, attrs: &Attrs, place: &Place) -> Option<BaseDraft> {
        let mut image = None;
        let mut platform = None;
        let mut whole = true;
        let symbol = self.ev.symbol("image");
        if attrs.get(symbol).is_none() {
            let diagnostic =
                place.error(code::RECIPE_MISSING_IMAGE, format!("`{}` has no `image`", place.path));
            self.report.push(diagnostic.with_help("add `image = ./image.tar;`"));
        }
        for (name, attr) in self.members(attrs, &place.path) {
            let inner = self.place(&attr, &format!("{}.{name}", place.path));
            match name.as_str() {
                "image" => image = self.location(&attr.value, &inner, EXPECTED),
                "platform" => {
                    let text = self.string(&attr.value, &inner);
                    whole &= text.is_some();
                    let text = text.filter(|text| !text.is_empty());
                    platform = text.map(|value| Placed { value, place: inner });
                }
                other => {
                    self.unknown_member(&inner, &format!("`{}`", place.path), other, &IMAGE_FIELDS);
                    whole = false;
                }
            }
        }
        image.filter(|_| whole).map(|image| BaseDraft { image, platform })
    }

    pub(super) fn location(
        &mut self,
        value: &Value,
        place: &Place,
        expected: &str,
    ) -> Option<ImageDraft> {
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
    pub(super) fn is_derivation(&mut self, attrs: &Attrs) -> bool {
        let symbol = self.ev.symbol("outPath");
        attrs.get(symbol).is_some()
    }
}
