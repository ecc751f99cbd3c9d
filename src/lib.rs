//! bimanix packages unikernels as OCI images for the urunc container runtime.
//!
//! The way of an image, with the type each stage hands to the next:
//!
//! ```text
//! text ──front──▶ Draft ──recipe──▶ Recipe ──driver::assemble──▶ Assembled ──driver::layout──▶ Image
//! (eval for args.nix)     (urunc's rules)    (rootfs, judge)                                    │
//!                                                          Summary ◀──image::write── tar ◀──────┘
//! ```
//!
//! * [`cli`]: the command line; the only room that prints
//! * `buildkit`: a frontend for `docker build`, which takes the same stages (with the feature of that name)
//! * [`driver`]: the stages, one function each, and what `inspect` finds; sees every room
//! * [`front`]: texts to drafts: what was written and where; and the args.nix that `init` and `convert` write
//! * [`recipe`]: what to build: what the fields of a draft mean, every mistake reported
//! * [`urunc`]: urunc's contract: annotations, guests, monitors, `urunc.json`
//! * [`unikernel`]: what the bytes of a kernel, an initrd or a block image are
//! * [`judge`]: what urunc will do with an image: its boot files, its process, what is in the way
//! * [`rootfs`]: file trees
//! * [`image`]: OCI images, written in one pass and read
//! * [`registry`]: pushing to registries and pulling from them; what was pulled is kept
//! * [`eval`]: the Nix language; knows nothing of images
//! * [`explain`]: every code of a message as a constant, and what it means (leaf)
//! * [`world`]: the files a build reads, behind one trait
//! * [`diag`]: spans, texts, diagnostics
//! * [`host`]: files, environment, processes (leaf)
//!
//! Rooms only look towards the leaves; `tests/it/rooms.rs` holds the table of who may use whom.

#[cfg(feature = "buildkit")]
pub mod buildkit;
pub mod cli;
pub mod diag;
pub mod driver;
pub mod eval;
pub mod explain;
pub mod front;
pub mod host;
pub mod image;
pub mod judge;
pub mod recipe;
pub mod registry;
pub mod rootfs;
pub mod unikernel;
pub mod urunc;
pub mod world;
