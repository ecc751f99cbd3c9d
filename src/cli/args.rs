//! The command line as clap reads it.

use super::access::Access;
use super::bima_args::{self, Bima};
use super::source::{Containerfile, FunctionArguments, Reading, Source, Unpacking, platform};
use crate::driver;
use crate::image::Compression;
use crate::image::platform::Platform;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Package unikernels as OCI images for the urunc container runtime
#[derive(Debug, Parser)]
#[command(
    name = "bimanix",
    version,
    about,
    long_about = "Package unikernels as OCI images for the urunc container runtime.\n\n\
        bimanix reads an args.nix (name, tag, files, annotations), checks what urunc will check, and \
        writes one reproducible tar that docker, containerd, podman and skopeo load. It needs neither \
        Nix nor a daemon; Nix runs it as a builder.",
    after_help = "The word after an option that takes a value is that value, even where it begins with a dash; \
        `--` ends the options.\n\n\
        Exit codes: 0 done, 1 input refused, 2 usage, 3 environment (a disk, a folder, a program).",
    max_term_width = 100
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

impl Arguments {
    /// Reads the arguments of the process.
    ///
    /// # Errors
    /// What is wrong with them, or the help that they ask for.
    pub(super) fn read() -> Result<Self, clap::Error> {
        let words: Vec<OsString> = std::env::args_os().collect();
        let called = words.first().and_then(|program| Path::new(program).file_name());
        if called.is_some_and(|name| name == bima_args::NAME) {
            let mut command = with_any_values(Bima::command());
            let mut matches = command.try_get_matches_from_mut(&words)?;
            let bima = Bima::from_arg_matches_mut(&mut matches)
                .map_err(|error| error.format(&mut command))?;
            return Ok(Arguments { command: Command::Bima(bima) });
        }
        let mut matches = Self::definition().try_get_matches_from(words)?;
        Self::from_arg_matches_mut(&mut matches)
            .map_err(|error| error.format(&mut Self::definition()))
    }

    /// What clap is told: the types of this file, and that the word after an option is its value whatever it begins
    /// with, as `-1` of `--arg n -1`.
    pub(super) fn definition() -> clap::Command {
        with_any_values(Self::command())
    }
}

/// Takes the word after an option for its value, in the subcommands too.
fn with_any_values(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let is_option = !arg.is_positional() && arg.get_action().takes_values();
        if is_option { arg.allow_hyphen_values(true) } else { arg }
    });
    command.mut_subcommands(with_any_values)
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write the image of an args.nix
    Build(Build),
    /// Report every problem of an args.nix, and write nothing
    Check(Check),
    /// Write the args.nix that says what a Containerfile or a bunnyfile does
    Convert(Convert),
    /// Show how two images differ
    Diff(Diff),
    /// Evaluate a Nix expression and print its value
    Eval(Eval),
    /// Put images of several platforms together as one
    Index(Index),
    /// Look at a kernel and write the args.nix for it
    Init(Init),
    /// Show an image as engines and urunc see it
    Inspect(Inspect),
    /// Give an image to an engine, without a tar on the disk
    Load(Load),
    /// Print the digest of an image in a registry, or write it into the file that names the image
    Pin(Pin),
    /// Push an image to a registry, without a tar on the disk
    Push(Push),
    /// Say whether an image is exactly what a recipe makes
    Verify(Verify),
    /// Say what the code of a finding means
    Explain(Explain),
    /// Build images with the command line of bima
    Bima(Bima),
    /// Run as the builder of a Nix derivation
    #[command(hide = true)]
    Builder,
    /// Build what `docker build` asks for, or write the image that does so
    #[cfg(feature = "buildkit")]
    #[command(hide = true)]
    Frontend(Frontend),
    /// Print completions for a shell
    #[command(hide = true)]
    Completions(Shell),
    /// Print the man page
    #[command(hide = true)]
    Man,
}

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// One tar that is an OCI image layout and a docker archive at once
    Archive,
    /// A folder that is an OCI image layout
    Layout,
}

/// `build`
#[allow(clippy::struct_excessive_bools, reason = "one for each flag")]
#[derive(Debug, Args)]
#[command(after_help = "Load the result with one of:\n  docker load < result\n  \
    ctr images import result\n  podman load < result\n  \
    skopeo copy oci-archive:result docker://REGISTRY/NAME:TAG\n\n\
    Docker takes zstd layers from 23.0 on, umoci none.\n\n\
    An image of a registry that it is built on is kept in $XDG_CACHE_HOME/bimanix, else in ~/.cache/bimanix, and needs no \
    network the next time; logins and proxies are those that `push` uses.\n\n\
    Times in the image are those of SOURCE_DATE_EPOCH, or 0.")]
pub(super) struct Build {
    #[command(flatten)]
    pub(super) source: Source,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Where to write the image; `-` writes it to standard output
    #[arg(short, long, default_value = "result", value_name = "PATH")]
    pub(super) output: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Archive)]
    pub(super) format: Format,
    /// How to compress the layers: `none`, `gzip` or `zstd`, with a level as in `zstd:19`
    #[arg(long, value_name = "METHOD[:LEVEL]", default_value_t = Compression::None)]
    pub(super) compression: Compression,
    /// Leave an output alone that holds this very image already
    #[arg(long, conflicts_with = "store")]
    pub(super) if_changed: bool,
    /// Add the image to the local Nix store, and make the output a link to it that keeps it alive
    #[arg(long, conflicts_with = "format")]
    pub(super) store: bool,
    /// Print the operations for `buildctl build`, and its `--output`
    #[cfg(feature = "buildkit")]
    #[arg(long, conflicts_with_all = ["output", "format", "compression", "if_changed", "store", "json"])]
    pub(super) llb: bool,
    /// Print what was written as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// `check`
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) source: Source,
    /// How to print the findings: as text on standard error, or on standard output
    #[arg(long, value_enum, default_value_t = FindingFormat::Text)]
    pub(super) format: FindingFormat,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    pub(super) json: bool,
}

/// The form of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FindingFormat {
    /// For people, with the marked lines
    Text,
    /// A list with an object for each finding
    Json,
    /// A SARIF 2.1.0 log, for code-scanning services
    Sarif,
}

/// `diff`
#[derive(Debug, Args)]
#[command(
    after_help = "Each side is an OCI or docker archive, a layout folder, an args.nix, Containerfile or bunnyfile, or an image of a \
    registry, as `docker://registry.example.org/hello:v1`. What a recipe makes is written into a temporary folder.\n\n\
    Exit codes are those of diff: 0 the images are the same, 1 they differ, or one cannot be read."
)]
pub(super) struct Diff {
    /// One image
    #[arg(value_name = "A")]
    pub(super) first: PathBuf,
    /// The other one
    #[arg(value_name = "B")]
    pub(super) second: PathBuf,
    /// Print the differences as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Compare the images for this platform alone
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", value_parser = platform)]
    pub(super) platform: Option<Platform>,
    #[command(flatten)]
    pub(super) unpacking: Unpacking,
    #[command(flatten)]
    pub(super) access: Access,
}

impl Diff {
    /// One of the sides, as a command takes it that knows recipes.
    pub(super) fn source(&self, path: &Path) -> Source {
        Source::at(path, self.platform.clone(), &self.unpacking, &self.access)
    }
}

/// `verify`
#[derive(Debug, Args)]
#[command(
    after_help = "The recipe is built without writing anything, and its digest is compared with that of the image; only where \
    they differ is it written into a temporary folder, to say where. An image of a registry, as \
    `docker://registry.example.org/hello:v1`, is pulled for that alone.\n\n\
    Exit codes: 0 it is that image, 1 it is another one, or one of the two is refused."
)]
pub(super) struct Verify {
    /// The archive, layout folder, or image of a registry
    #[arg(value_name = "IMAGE")]
    pub(super) image: PathBuf,
    #[command(flatten)]
    pub(super) source: Source,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// How its layers were compressed
    #[arg(long, value_name = "METHOD[:LEVEL]", default_value_t = Compression::None)]
    pub(super) compression: Compression,
    /// Print the result as JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Verify {
    /// The image, as a command takes it that knows recipes.
    pub(super) fn image_source(&self) -> Source {
        let Source { platform, unpacking, access, .. } = &self.source;
        Source::at(&self.image, platform.as_ref().map(Platform::of_made), unpacking, access)
    }
}

/// `index`
#[derive(Debug, Args)]
#[command(
    after_help = "The images stay as they are, to the byte; what they have in common is written once. One args.nix with \
    `architectures` gives the same without this command: it is for images that were built apart."
)]
pub(super) struct Index {
    /// The archives or layout folders, each with an image for another platform
    #[arg(required = true, value_name = "IMAGE")]
    pub(super) images: Vec<PathBuf>,
    /// Where to write it; `-` writes it to standard output
    #[arg(short, long, default_value = "result", value_name = "PATH")]
    pub(super) output: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Archive)]
    pub(super) format: Format,
    /// Call it this; without it, all images have one name, and keep it
    #[arg(short, long, value_name = "NAME[:TAG]")]
    pub(super) tag: Option<String>,
    /// Print what was written as JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) unpacking: Unpacking,
}

/// `convert`
#[derive(Debug, Args)]
#[command(
    after_help = "Both give the same image, to the byte. What no args.nix can say is refused with its line. The image is \
    called after the folder of its files, as docker calls projects, unless `--tag` names it.\n\n\
    Variables, wildcards and the digests of images are written out, as they are now."
)]
pub(super) struct Convert {
    /// The Containerfile or bunnyfile, or the folder of one; with `-f`, the build context
    #[arg(default_value = ".", value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) containerfile: Containerfile,
    /// The platform to convert for, such as `linux/arm64`
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", value_parser = platform)]
    pub(super) platform: Option<Platform>,
    /// Where to write it, which must not be there yet; `-` writes it to standard output
    #[arg(short, long, default_value = driver::DEFAULT_FILE, value_name = "PATH")]
    pub(super) output: PathBuf,
    #[command(flatten)]
    pub(super) access: Access,
}

/// `eval`
#[allow(clippy::struct_excessive_bools, reason = "one for each flag")]
#[derive(Debug, Args)]
pub(super) struct Eval {
    /// The file to evaluate, or the folder whose args.nix
    #[arg(default_value = "args.nix", value_name = "FILE", conflicts_with = "expr")]
    pub(super) file: PathBuf,
    /// Evaluate this expression
    #[arg(short = 'E', long, value_name = "EXPR")]
    pub(super) expr: Option<OsString>,
    /// Print the attribute at this path, such as `annotations.binary`
    #[arg(short = 'A', long, value_name = "PATH")]
    pub(super) attr: Option<String>,
    #[command(flatten)]
    pub(super) arguments: FunctionArguments,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["xml", "raw"])]
    pub(super) json: bool,
    /// Print XML, as `builtins.toXML` makes it
    #[arg(long, conflicts_with = "raw")]
    pub(super) xml: bool,
    /// Print a string without quotes and escapes
    #[arg(long)]
    pub(super) raw: bool,
    /// Do not evaluate what is inside of the value
    #[arg(long, conflicts_with_all = ["json", "xml", "raw"])]
    pub(super) lazy: bool,
    /// The value of `builtins.currentSystem`, which is not defined otherwise
    #[arg(long, value_name = "SYSTEM")]
    pub(super) system: Option<String>,
}

/// `explain`
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The code, such as `urunc/path`; without one, all are listed
    #[arg(value_name = "CODE")]
    pub(super) code: Option<String>,
}

/// `init`
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The kernel, or an image that has one, to build on; without it, a template is written
    #[arg(value_name = "BINARY|IMAGE")]
    pub(super) binary: Option<PathBuf>,
    /// Take this platform of an image that is for several, such as `linux/arm64` or `qemu/amd64`
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", value_parser = platform)]
    pub(super) platform: Option<Platform>,
    /// The initrd that goes with it
    #[arg(long, value_name = "FILE")]
    pub(super) initrd: Option<PathBuf>,
    /// The block image that goes with it
    #[arg(long, value_name = "FILE")]
    pub(super) block: Option<PathBuf>,
    /// The container image whose program a Linux kernel starts: an archive or a layout folder
    #[arg(long, value_name = "IMAGE", conflicts_with_all = ["initrd", "block"])]
    pub(super) base: Option<PathBuf>,
    /// Where to write it, which must not be there yet; `-` writes it to standard output
    #[arg(short, long, default_value = "args.nix", value_name = "PATH")]
    pub(super) output: PathBuf,
}

/// `inspect`
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// An OCI archive, a docker archive, an OCI image layout, or a folder of skopeo's `dir:`; `-` reads standard input
    #[arg(value_name = "IMAGE")]
    pub(super) image: PathBuf,
    #[command(flatten)]
    pub(super) unpacking: Unpacking,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// `load`
#[derive(Debug, Args)]
#[command(
    after_help = "FILE may be an image that is there as well: an archive, or a folder as for `inspect`.\n\n\
    The client is started with the whole environment, so DOCKER_HOST, DOCKER_CONTEXT, CONTAINERD_ADDRESS, \
    CONTAINERD_NAMESPACE, CONTAINER_HOST and their like say where the engine is."
)]
pub(super) struct Load {
    #[command(flatten)]
    pub(super) source: Source,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// The engine, whose client is looked for on the PATH: docker, ctr or podman
    #[arg(long, value_enum)]
    pub(super) into: Engine,
    /// containerd's namespace, else that of `$CONTAINERD_NAMESPACE`, else `default`; Kubernetes has `k8s.io`
    #[arg(long, value_name = "NAME")]
    pub(super) namespace: Option<String>,
}

/// `pin`
#[derive(Debug, Args)]
#[command(after_help = "Without `--update` it prints REF with its digest, as in \
    `registry.example.org/hello:v1@sha256:…`: that goes into `base` of an args.nix. With `--update` the strings of an \
    args.nix that name images get the digests that their tags have now, and nothing else in it changes; for a \
    Containerfile it is `bimanix.lock` beside it that gets them.\n\n\
    An image for several platforms has one digest: which of them is meant is said where it is used.")]
pub(super) struct Pin {
    /// The image, as REGISTRY/NAME:TAG; with `--update` the args.nix or Containerfile, or its folder
    #[arg(value_name = "REF|FILE", required_unless_present = "update")]
    pub(super) target: Option<OsString>,
    /// Write the digests into the file that names the images
    #[arg(long)]
    pub(super) update: bool,
    /// Refresh the lock of this Containerfile; FILE is its build context then
    #[arg(short = 'f', long = "file", value_name = "CONTAINERFILE", requires = "update")]
    pub(super) containerfile: Option<PathBuf>,
    /// Set an ARG of a Containerfile; without a value it is taken from the environment
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]", requires = "update")]
    pub(super) build_args: Vec<String>,
    #[command(flatten)]
    pub(super) arguments: FunctionArguments,
    #[command(flatten)]
    pub(super) access: Access,
}

/// `push`
#[derive(Debug, Args)]
#[command(
    after_help = "FILE may be an image that is there as well: an archive, or a folder as for `inspect`. REF may be \
    alone: `bimanix push registry.example.org/hello:v1` pushes the image of ./args.nix.\n\n\
    Credentials are those of docker and podman: $DOCKER_CONFIG/config.json or ~/.docker/config.json, \
    with its credential helpers, $REGISTRY_AUTH_FILE, and containers/auth.json. Proxies are those of \
    http_proxy, https_proxy, all_proxy and no_proxy; a registry on this machine never goes through one."
)]
pub(super) struct Push {
    #[command(flatten)]
    pub(super) source: Source,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Where to push to, as REGISTRY/NAME:TAG; else the name of the image says it
    #[arg(value_name = "REF")]
    pub(super) reference: Option<String>,
    /// How to compress the layers: `none`, `gzip` or `zstd`, with a level as in `zstd:19`
    #[arg(long, value_name = "METHOD[:LEVEL]", default_value_t = Compression::None)]
    pub(super) compression: Compression,
    /// Let the registry take blobs from this other repository of it, where they are there
    #[arg(long, value_name = "REPOSITORY")]
    pub(super) mount_from: Vec<String>,
    /// Print what was pushed as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// What runs containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Engine {
    Docker,
    Containerd,
    Podman,
}

/// `completions`
#[derive(Debug, Args)]
pub(super) struct Shell {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

/// Build what `docker build` asks for, or write the image that does so
///
/// BuildKit starts this program in a container when a file begins with `# syntax=IMAGE`. With `--image` it writes that
/// image: this program and nothing else.
#[cfg(feature = "buildkit")]
#[derive(Debug, clap::Args)]
pub(super) struct Frontend {
    /// Write the image of the frontend to this file
    #[arg(long, value_name = "FILE")]
    pub(super) image: Option<PathBuf>,
    /// Name the image
    #[arg(
        short,
        long,
        value_name = "NAME[:TAG]",
        default_value = "bimanix:latest",
        requires = "image"
    )]
    pub(super) tag: String,
}
