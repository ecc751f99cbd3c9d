//! The images of registries that a file names, in stages that are not built as well.

use super::instruction::{Instruction, What};
use super::reading::Reading;
use super::stages::{Root, Stage};
use crate::recipe::draft::ImageDraft;
use crate::recipe::{Place, Placed};

impl Reading<'_, '_> {
    /// What stages are built on and copied from, as far as that is in a registry.
    pub fn references(&self) -> Vec<Placed<String>> {
        self.stages.iter().flat_map(|stage| self.references_of(stage)).collect()
    }

    fn references_of(&self, stage: &Stage<'_>) -> Vec<Placed<String>> {
        let root = match &stage.root {
            Root::Image(base, _) => reference(&base.value.image, base.place.clone()),
            Root::Scratch { .. } | Root::Folder(_) | Root::Stage(_) | Root::Broken => None,
        };
        let copied = stage.instructions.iter().filter_map(|instruction| self.copied(instruction));
        root.into_iter().chain(copied).collect()
    }

    /// What an instruction copies from.
    fn copied(&self, instruction: &Instruction) -> Option<Placed<String>> {
        let What::Copy { flags, .. } = &instruction.what else { return None };
        let from = flags.iter().find(|flag| flag.name == "from")?.value.as_ref()?;
        let name = from.text.as_str();
        let is_image = !name.is_empty()
            && !name.eq_ignore_ascii_case("scratch")
            && name.parse::<usize>().is_err()
            && self.stage_named(name).is_none();
        let spans = Some((instruction.at, from.at));
        let place = Place { spans, path: format!("{} --from", instruction.keyword) };
        reference(&ImageDraft::written(name), place).filter(|_| is_image)
    }
}

fn reference(image: &ImageDraft, place: Place) -> Option<Placed<String>> {
    match image {
        ImageDraft::Reference(written) => Some(Placed { value: written.clone(), place }),
        ImageDraft::Path(_) => None,
    }
}
