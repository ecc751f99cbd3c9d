//! OCI images: from an [`Image`] to bytes, and from bytes to summaries and files.
//!
//! In: an [`Image`] (layers of files, configuration, names), or an [`Index`] of several. Out: one tar that is an OCI image layout and
//! a docker archive at once, or a layout folder ([`write`](mod@write)); and the [`Summary`] of what was written.
//! [`read`] gives that of anybody's images, with their files. What always holds: the bytes depend on the
//! image and the file contents alone, not on the number of threads; no blob is written twice; memory does
//! not grow with the size of a file. Knows no Nix
//! and none of urunc's rules. oci-spec types stay inside.
//!
//! Followed: OCI image-spec 1.1 (`image-layout.md`, `manifest.md`, `config.md`, `layer.md`), the
//! docker archive as docker 20.10 reads it, POSIX.1-2001 ustar and pax.

mod compression;
mod config;
mod digest;
mod index;
mod known;
mod layer;
mod packer;
mod pass;
mod summary;
mod tar;

pub mod platform;
pub mod read;
pub mod write;

pub use compression::Compression;
pub use digest::{Digest, Hashing};
pub use index::Index;
pub use known::Known;
pub use packer::Packer;
pub use summary::{LayerSummary, Summaries, Summary};

use crate::diag::{Diagnostic, describe_io};
use crate::explain::code;
use crate::rootfs::{Extent, ImagePath, Node};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Everything an image is made of.
#[derive(Debug, Clone)]
pub struct Image {
    /// The layers, lowest first.
    pub layers: Vec<Layer>,
    /// What the image is called.
    pub name: Name,
    /// The configuration.
    pub config: Config,
    /// Annotations of the manifest.
    pub annotations: BTreeMap<String, String>,
    /// What `/urunc.json` says, for the summary; its bytes are in a layer.
    pub urunc_json: Option<BTreeMap<String, String>>,
    /// How the layers are compressed.
    pub compression: Compression,
    /// Seconds since 1970: the `created` of the configuration and the time of every file.
    pub created: u64,
}

/// The names an engine finds in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As docker prints it: `hello:latest`.
    pub familiar: String,
    /// Completed, for containerd: `docker.io/library/hello:latest`.
    pub full: String,
    /// The tag alone, for OCI tools.
    pub tag: String,
}

/// Whether the digest of a layer that is not compressed is checked when it is read, which takes reading all of it, or
/// by whoever copies it. Of a compressed one it is always checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// When it is read.
    Now,
    /// When it is copied.
    Later,
}

/// One layer.
#[derive(Debug, Clone)]
pub enum Layer {
    /// Made here, from files.
    Made(Made),
    /// That of a base image, untouched.
    Kept(Kept),
}

/// A layer made from files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it holds, for the history.
    pub title: String,
    /// Its entries in the order of their paths, parents included.
    pub entries: Vec<(ImagePath, Node)>,
}

/// A layer of another image, byte for byte.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The digest of the blob, which is held against its bytes whenever they are read.
    pub digest: Digest,
    /// The digest of the uncompressed tar.
    pub diff_id: Digest,
    /// The size of the blob in bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    /// The annotations of its descriptor, by which lazy snapshotters find their way in it.
    pub annotations: BTreeMap<String, String>,
    /// Where its bytes are.
    pub blob: Extent,
}

/// The fields of an image configuration that urunc and engines use.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `GOARCH`
    pub architecture: String,
    /// For example `v7`.
    pub variant: Option<String>,
    /// `Entrypoint`
    pub entrypoint: Option<Vec<String>>,
    /// `Cmd`
    pub cmd: Option<Vec<String>>,
    /// `Env`
    pub env: Vec<String>,
    /// `WorkingDir`
    pub working_dir: Option<String>,
    /// `User`
    pub user: Option<String>,
    /// `Labels`
    pub labels: BTreeMap<String, String>,
    /// What a base image says besides.
    pub inherited: Inherited,
}

/// What an image takes over from the configuration of its base, as it is written there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inherited {
    /// Members of `config` that [`Config`] does not know, such as `ExposedPorts` and `Volumes`.
    pub process: Map<String, Json>,
    /// The history of its layers.
    pub history: Vec<Json>,
}

/// Why an image could not be written.
#[derive(Debug)]
pub enum WriteError {
    /// A source could not be read.
    Source {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// A source changed between being looked at and being read.
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The blob of a base is not what its digest says.
    WrongBlob {
        /// The digest that was expected.
        digest: Digest,
        /// The file that holds it.
        path: PathBuf,
    },
    /// A file changed between the pass that hashes a stream and the pass that writes it.
    LayerChanged {
        /// What the layer holds.
        title: String,
    },
    /// The output could not be written.
    Output(io::Error),
    /// The configuration breaks a rule of oci-spec.
    Invalid(String),
    /// Another layer has failed; whoever sees that one reports it.
    Stopped,
}

impl WriteError {
    /// The failure in words; `output` is where the image was going.
    pub fn report(&self, output: &str) -> Diagnostic {
        match self {
            WriteError::Source { path, error } => {
                Diagnostic::io(code::IMAGE_SOURCE, "read", path, error)
            }
            WriteError::Changed { path } => Diagnostic::error(
                code::IMAGE_SOURCE_CHANGED,
                format!("`{}` changed while it was read", path.display()),
            )
            .with_why("its size is not what it was when the build began")
            .with_help("let whatever writes it finish, and build again"),
            WriteError::LayerChanged { title } => Diagnostic::error(
                code::IMAGE_SOURCE_CHANGED,
                format!("the files of the layer `{title}` changed while they were read"),
            )
            .with_help("let whatever writes them finish, and build again"),
            WriteError::WrongBlob { digest, path } => Diagnostic::error(
                code::IMAGE_WRONG_BLOB,
                format!("a layer in `{}` is damaged", path.display()),
            )
            .with_why(format!("its bytes do not have the digest {digest}"))
            .with_help("get the base image again"),
            WriteError::Output(error) => {
                let diagnostic =
                    Diagnostic::error(code::IMAGE_OUTPUT, format!("cannot write `{output}`"));
                match error.kind() {
                    io::ErrorKind::BrokenPipe => diagnostic
                        .with_why("it was closed before the whole image was written")
                        .with_help("find out why its reader has stopped"),
                    _ => diagnostic.with_why(describe_io(error)),
                }
            }
            WriteError::Stopped => Diagnostic::error(code::IMAGE_STOPPED, "the build was stopped"),
            WriteError::Invalid(why) => {
                Diagnostic::error(code::IMAGE_CONFIG, "the image configuration is invalid")
                    .with_why(why)
            }
        }
    }
}
