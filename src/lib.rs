//! bimanix packages unikernels as OCI images for the urunc container runtime.
//!
//! The way of an image, with the type each stage hands to the next:
//!
//! ```text
//! args.nix ──eval──▶ Value ──recipe──▶ Recipe ──pipeline::assemble──▶ Assembled ──pipeline::plan──▶ Plan
//!                                 (urunc's rules)   (rootfs, unikernel, boot)                        │
//!                                                                  Summary ◀──image::write── tar ◀───┘
//! ```
//!
//! * [`cli`]: the command line; the only room that prints
//! * [`pipeline`]: the stages, one function each, and what `inspect` finds; sees every room
//! * [`recipe`]: what to build, every field with its place, every mistake reported
//! * [`urunc`]: urunc's contract: annotations, guests, monitors, `urunc.json`
//! * [`unikernel`]: what the bytes of a kernel, an initrd or a block image are
//! * [`boot`]: whether the boot files are what the annotations say
//! * [`init`]: from boot files to the args.nix that describes them
//! * [`rootfs`]: file trees
//! * [`image`]: OCI images, written in one pass and read
//! * [`registry`]: pushing to registries and pulling from them; what was pulled is kept
//! * [`eval`]: the Nix language; knows nothing of images
//! * [`explain`]: what the code of a finding means (leaf)
//! * [`diag`]: spans, texts, diagnostics (leaf)
//! * [`host`]: files, environment, processes (leaf)
//!
//! Rooms only look towards the leaves; `tests/it/rooms.rs` holds the table of who may use whom.

pub mod boot;
pub mod cli;
pub mod diag;
pub mod eval;
pub mod explain;
pub mod host;
pub mod image;
pub mod init;
pub mod pipeline;
pub mod recipe;
pub mod registry;
pub mod rootfs;
pub mod unikernel;
pub mod urunc;
