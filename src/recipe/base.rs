//! What a base image says of itself, as an image that is built on it takes it over.

use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

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
    /// `OnBuild`: what docker would do in a build on this image.
    pub triggers: Vec<String>,
    /// The other members of `config`, as they are: `ExposedPorts`, `Volumes`, `StopSignal`, `Healthcheck` and so on.
    pub other: Map<String, Json>,
}
