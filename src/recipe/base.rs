//! What a base image says of itself, as an image that is built on it takes it over.

use super::Place;
use crate::urunc::Monitor;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// What is known of the image that a draft builds on.
#[derive(Debug, Clone, Copy)]
pub enum Base<'b> {
    /// There is none.
    None,
    /// There is one, and it could not be opened; why has been reported.
    Unknown,
    /// What it says of itself, and where the text names it.
    Known(&'b BaseConfig, &'b Place),
}

impl<'b> Base<'b> {
    /// What it says of itself, where that is known.
    pub fn known(self) -> Option<&'b BaseConfig> {
        match self {
            Base::Known(known, _) => Some(known),
            Base::None | Base::Unknown => None,
        }
    }
}

/// What an image says of itself that Unikraft's tools have made: they mark the layers of the boot files with
/// `org.unikraft.kernel.image` and `org.unikraft.kernel.initrd`, and say the rest in annotations or labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnikraftImage {
    /// The path of the kernel.
    pub kernel: String,
    /// The path of the initrd.
    pub initrd: Option<String>,
    /// The version of Unikraft.
    pub version: Option<String>,
    /// The platform of Unikraft, such as `qemu` or `fc`.
    pub platform: String,
}

impl UnikraftImage {
    /// The monitor of urunc that starts its platform.
    pub fn monitor(&self) -> Option<Monitor> {
        Monitor::of_unikraft_platform(&self.platform)
    }
}

/// The configuration of a base image (OCI image-spec, `config.md`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BaseConfig {
    /// `os`, as it is written: Unikraft's images name a platform there, such as `qemu`.
    pub os: String,
    /// `architecture`, by its OCI name.
    pub architecture: String,
    /// `variant`, for example `v7`.
    pub variant: Option<String>,
    /// `Entrypoint`
    pub entrypoint: Vec<String>,
    /// `Cmd`
    pub cmd: Vec<String>,
    /// `Env`, each as `NAME=value`.
    pub env: Vec<String>,
    /// `WorkingDir`
    pub working_dir: Option<String>,
    /// `User`
    pub user: Option<String>,
    /// `Labels`, urunc's left out.
    pub labels: BTreeMap<String, String>,
    /// urunc's annotations by their full names, as urunc would find them in the base (contract 1.4).
    pub urunc: BTreeMap<String, String>,
    /// What it is as one of Unikraft's images.
    pub unikraft: Option<UnikraftImage>,
    /// `OnBuild`: what docker would do in a build on this image.
    pub triggers: Vec<String>,
    /// The other members of `config` that images hand on, as they are: `ExposedPorts`, `Volumes`, `StopSignal`,
    /// `Healthcheck`, `Shell`.
    pub other: Map<String, Json>,
}
