//! The images of registries that a file names, in stages that are not built as well.

use super::reading::{Reading, Root};
use super::syntax::What;
use crate::recipe::draft::ImageDraft;
use std::collections::BTreeSet;

impl Reading<'_, '_> {
    /// What stages are built on and copied from, as far as that is in a registry.
    pub fn references(&self) -> BTreeSet<String> {
        let roots = self.stages.iter().filter_map(|stage| match &stage.root {
            Root::Image(base) => Some(base.value.image.clone()),
            Root::Scratch { .. } | Root::Stage(_) | Root::Broken => None,
        });
        let instructions = self.stages.iter().flat_map(|stage| &stage.instructions);
        let flags = instructions.filter_map(|instruction| match &instruction.what {
            What::Copy { flags, .. } => Some(flags),
            _ => None,
        });
        let from = flags.flatten().filter(|flag| flag.name == "from");
        let from = from.filter_map(|flag| flag.value.as_ref().map(|value| value.text.as_str()));
        let is_image = |name: &&str| {
            !name.is_empty()
                && !name.eq_ignore_ascii_case("scratch")
                && name.parse::<usize>().is_err()
                && self.stage_named(name).is_none()
        };
        let from = from.filter(is_image).map(ImageDraft::written);
        roots
            .chain(from)
            .filter_map(|image| match image {
                ImageDraft::Reference(written) => Some(written),
                ImageDraft::Path(_) => None,
            })
            .collect()
    }
}
