//! What a guest boots besides its annotations: `kernel`, `init` and `rootfs`, as the files and annotations that they stand
//! for.

use super::base::Base;
use super::completing::Completing;
use super::draft::Draft;
use super::rootfs::Rootfs;
use crate::diag::Report;

/// A draft in which all that is booted is files and annotations.
pub(super) struct Boot {
    pub(super) draft: Draft,
    pub(super) rootfs: Option<Rootfs>,
    /// What is started in front of the process.
    pub(super) init: Option<String>,
}

/// Turns `kernel`, `init` and `rootfs` into the files and annotations that they stand for. Every mistake goes to `report`.
pub(super) fn complete(draft: &Draft, base: Base<'_>, report: &mut Report) -> Boot {
    let mut boot = Completing { draft: draft.clone(), base, report };
    boot.kernel();
    let init = boot.init();
    let rootfs = boot.rootfs();
    Boot { draft: boot.draft, rootfs, init }
}
