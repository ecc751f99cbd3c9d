//! What several commands take: where a recipe comes from, and how it and images are read.

use super::access::Access;
use super::allow::allowed;
use crate::driver;
use crate::eval::Limits;
use crate::explain::Code;
use crate::host::{self, Kind};
use crate::image::Known;
use crate::image::platform::Platform;
use crate::registry::Cache;
use clap::Args;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where a recipe comes from.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// The args.nix, Containerfile or bunnyfile, the folder of one, or a recipe in JSON; with `-f`, the build context
    #[arg(default_value = driver::DEFAULT_FILE, value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) containerfile: Containerfile,
    #[command(flatten)]
    pub(super) arguments: FunctionArguments,
    /// Turn a finding down: an error warns, a warning is not shown
    #[arg(long, value_name = "CODE", value_parser = allowed)]
    pub(super) allow: Vec<Code>,
    /// Build for this platform, such as `linux/arm64`: of an args.nix for several architectures that one, and of a base
    /// for several platforms, such as `qemu/amd64`, that one
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", value_parser = platform)]
    pub(super) platform: Option<Platform>,
    /// Refuse a tag that `bimanix.lock` has no digest of, and leave the lock as it is
    #[arg(long)]
    pub(super) locked: bool,
    #[command(flatten)]
    pub(super) unpacking: Unpacking,
    #[command(flatten)]
    pub(super) access: Access,
}

/// What a Containerfile is read with.
#[derive(Debug, Default, Args)]
pub(super) struct Containerfile {
    /// Build this Containerfile, or bunnyfile where it is named so
    #[arg(short = 'f', long = "file", value_name = "CONTAINERFILE")]
    pub(super) path: Option<PathBuf>,
    /// Call the image this, instead of what the file says
    #[arg(short, long, value_name = "NAME[:TAG]")]
    pub(super) tag: Option<String>,
    /// Set an ARG of a Containerfile; without a value it is taken from the environment
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]")]
    pub(super) build_args: Vec<String>,
    /// Build this stage of a Containerfile instead of the last one
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,
    /// What `FROM NAME` and `COPY --from=NAME` mean: a folder, an archive, `oci-layout://FOLDER` or `docker-image://REF`
    #[arg(long = "build-context", value_name = "NAME=VALUE")]
    pub(super) build_contexts: Vec<String>,
}

impl Containerfile {
    /// A file and the name of its image, and nothing else.
    pub(super) fn at(path: PathBuf, tag: String) -> Self {
        let (build_args, build_contexts) = (Vec::new(), Vec::new());
        Containerfile { path: Some(path), tag: Some(tag), build_args, target: None, build_contexts }
    }
}

impl Source {
    /// A file, and nothing else said of it.
    pub(super) fn at(
        path: &Path,
        platform: Option<Platform>,
        unpacking: &Unpacking,
        access: &Access,
    ) -> Self {
        Source {
            file: path.to_owned(),
            containerfile: Containerfile::default(),
            arguments: FunctionArguments::default(),
            allow: Vec::new(),
            platform,
            locked: false,
            unpacking: unpacking.clone(),
            access: access.clone(),
        }
    }

    /// The file: in a folder its args.nix.
    pub(super) fn args_nix(&self) -> PathBuf {
        match host::stat(&self.file) {
            Ok(stat) if stat.kind == Kind::Directory => self.file.join("args.nix"),
            _ => self.file.clone(),
        }
    }
}

/// A platform as it is written.
pub(super) fn platform(text: &str) -> Result<Platform, String> {
    Platform::parse(text).map_err(|fault| fault.to_string())
}

/// Arguments for a file that is a function.
#[derive(Debug, Args)]
pub(super) struct FunctionArguments {
    /// Pass the value of a Nix expression to an args.nix that is a function
    #[arg(long, num_args = 2, value_names = ["NAME", "EXPR"])]
    pub(super) arg: Vec<OsString>,
    /// Pass a string to an args.nix that is a function
    #[arg(long, num_args = 2, value_names = ["NAME", "STRING"])]
    pub(super) argstr: Vec<OsString>,
    /// Add a folder to the places where `<name>` is looked for
    #[arg(short = 'I', long = "include", value_name = "[NAME=]PATH")]
    pub(super) include: Vec<OsString>,
    /// End the evaluation where `builtins.warn` would warn, to see what led there
    #[arg(long)]
    pub(super) abort_on_warn: bool,
    /// End an evaluation of more function calls than this; what builtins go through counts too
    #[arg(long, value_name = "N", default_value_t = Limits::default().calls, hide_default_value = true)]
    pub(super) max_calls: u64,
    /// End an evaluation whose calls are nested deeper than this
    #[arg(long, value_name = "N", default_value_t = Limits::default().depth, hide_default_value = true)]
    pub(super) max_call_depth: u32,
    /// End an evaluation that takes more memory than this, such as `500M` or `8G`
    #[arg(long, value_name = "SIZE", value_parser = bytes, default_value = "4G")]
    pub(super) max_memory: u64,
}

impl Default for FunctionArguments {
    fn default() -> Self {
        let Limits { calls, depth, memory, .. } = Limits::default();
        FunctionArguments {
            arg: Vec::new(),
            argstr: Vec::new(),
            include: Vec::new(),
            abort_on_warn: false,
            max_calls: calls,
            max_call_depth: depth,
            max_memory: memory,
        }
    }
}

/// A number of bytes, with a binary unit or none.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let unit = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let number = text.strip_suffix(unit).unwrap_or(text);
    let factor: u64 = match unit.strip_suffix("iB").or(unit.strip_suffix('B')).unwrap_or(unit) {
        "" => 1,
        "K" | "k" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        "T" => 1 << 40,
        _ => return Err(format!("`{unit}` is no unit; use K, M, G or T")),
    };
    let number: u64 = number.parse().map_err(|_| "it does not start with a number".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "it is too large".to_owned())
}

/// How files are read.
#[derive(Debug, Args)]
pub(super) struct Reading {
    /// Read every file, also one whose digest is known from an earlier run
    #[arg(long)]
    no_cache: bool,
}

impl Reading {
    /// What is known of files from earlier runs.
    pub(super) fn known(&self) -> Known {
        match Cache::of_user().filter(|_| !self.no_cache) {
            Some(cache) => Known::at(&cache.folder().join("layers")),
            None => Known::nothing(),
        }
    }
}

/// What reading an image may take.
#[derive(Debug, Clone, Args)]
pub(super) struct Unpacking {
    /// Unpack no more than this of an image, such as `500M` or `8G`
    #[arg(long, value_name = "SIZE", value_parser = bytes, default_value = "16G")]
    pub(super) max_unpacked: u64,
}

impl Default for Unpacking {
    fn default() -> Self {
        Unpacking { max_unpacked: driver::ImageOptions::default().max_unpacked }
    }
}
