//! The command line of bima as clap reads it.

use super::allow::allowed;
use crate::explain::Code;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The name that the program is called by.
pub(super) const NAME: &str = "bima";

/// Build images with the command line of bima
#[derive(Debug, Parser)]
#[command(name = NAME, version = concat!(env!("CARGO_PKG_VERSION"), " (bimanix)"))]
pub(super) struct Bima {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Build the image of a Containerfile, and import it into containerd
    Build(Build),
}

/// `bima build`
#[derive(Debug, Args)]
#[command(
    after_help = "An import prints the digest of the image. A tar is called like the image, without what comes before \
    the last slash: `image:tag` for `registry.example/x/image:tag`.\n\n\
    The Containerfile is read by Docker's rules. These differ from bima's:\n  \
    - FROM names the image to build on; bima ignores it.\n  \
    - CMD, ENTRYPOINT, ENV, ARG and so on work; bima refuses them.\n  \
    - A LABEL can hold several pairs, so a value with spaces needs quotes.\n  \
    - `$` begins a variable, except in single quotes.\n  \
    - `LABEL a = b` sets `a` to `= b`; bima sets `a ` to ` b`.\n  \
    - COPY to a path that ends in `/` puts the file into that folder.\n  \
    - The file that `--file` names has to exist; bima takes another one instead.\n\n\
    `ctr` reads CONTAINERD_ADDRESS, CONTAINERD_NAMESPACE and CONTAINERD_SNAPSHOTTER as well."
)]
pub(super) struct Build {
    /// The build context: the folder with the sources of COPY
    #[arg(value_name = "CONTEXT")]
    pub(super) context: PathBuf,
    /// What the image is called
    #[arg(short, long, value_name = "NAME[:TAG]")]
    pub(super) tag: String,
    /// The Containerfile [default: ./Containerfile, else ./Dockerfile]
    #[arg(short, long, value_name = "CONTAINERFILE")]
    pub(super) file: Option<PathBuf>,
    /// Where to put the image
    #[arg(short, long, alias = "out", value_enum, default_value_t = Output::Ctr)]
    pub(super) output: Output,
    /// The same as `--output tar`
    #[arg(long, conflicts_with = "output")]
    pub(super) tar: bool,
    /// containerd's namespace, such as `k8s.io` for Kubernetes [default: default]
    #[arg(short, long, value_name = "NAMESPACE")]
    pub(super) namespace: Option<String>,
    /// containerd's socket [default: /run/containerd/containerd.sock]
    #[arg(short, long, value_name = "ADDRESS")]
    pub(super) address: Option<String>,
    /// The snapshotter to unpack the image with [default: containerd's own]
    #[arg(long, value_name = "SNAPSHOTTER")]
    pub(super) snapshotter: Option<String>,
    /// Turn a finding down: an error warns, a warning is not shown
    #[arg(long, value_name = "CODE", value_parser = allowed)]
    pub(super) allow: Vec<Code>,
}

/// Where an image goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// Into containerd, by its client `ctr`
    Ctr,
    /// Into a tar in the current folder
    Tar,
}
