//! Texts to drafts: what was written and where, and nothing of what it means.
//!
//! In: a text that asks for an image, a [`World`] with the files it speaks of, and the [`Images`] that it may name.
//! Out: its [`Draft`](crate::recipe::draft::Draft), or every mistake of its form at once. What always holds: each
//! value has the type of its field and its place in the text; files are looked at through the world alone, and none
//! of their bytes are judged; names, modes and annotations are judged later, by `recipe`.

pub mod bunnyfile;
pub mod containerfile;
pub mod convert;
pub mod init;
pub mod nix;
mod text;

use crate::diag::Report;
use crate::recipe::Placed;
use crate::recipe::base::BaseConfig;
use crate::recipe::draft::BaseDraft;
use crate::world::World;
use std::fmt::Debug;
use std::rc::Rc;

/// The images that a text may name.
pub trait Images: Debug {
    /// Opens an image; one that is named more than once is opened once.
    ///
    /// Why it cannot be opened goes to `report`, at the place of its name.
    fn open(
        &self,
        image: &Placed<BaseDraft>,
        hint: Hint<'_>,
        report: &mut Report,
    ) -> Option<OpenImage>;
}

/// What a text says elsewhere by which one of several platforms can be chosen, where it names none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hint<'h> {
    /// The architecture of the image that is made, by its OCI name.
    pub architecture: Option<&'h str>,
    /// urunc's monitor, as the annotation `hypervisor` names it.
    pub monitor: Option<&'h str>,
}

/// An image that a text names.
#[derive(Debug, Clone)]
pub struct OpenImage {
    /// What it says of itself.
    pub config: BaseConfig,
    /// Its files, all layers together, by their absolute paths in it.
    pub files: Rc<dyn World>,
}
