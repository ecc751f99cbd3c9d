//! Images that BuildKit has: resolved by it, unpacked by it, and read through it.

use super::files::{Files, IMAGES, Root};
use super::gateway::{CallError, Gateway};
use super::llb::Graph;
use super::lower::RootOp;
use super::messages::{Platform as Asked, ResolveImageConfigRequest};
use crate::driver::{Fetched, Keeper};
use crate::image::platform::{Platform, Wanted};
use crate::recipe::ImageReference;
use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What an image is for that nothing is said of.
const ARCHITECTURE: &str = "amd64";

/// The images of BuildKit.
pub(super) struct BuildKitImages {
    gateway: Rc<Gateway>,
    files: Rc<Files>,
    /// `--pull`, as BuildKit spells it.
    resolve_mode: Option<String>,
    fetched: RefCell<Vec<(String, RootOp)>>,
}

impl fmt::Debug for BuildKitImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BuildKitImages").field("fetched", &self.fetched).finish_non_exhaustive()
    }
}

impl BuildKitImages {
    pub(super) fn new(
        gateway: Rc<Gateway>,
        files: Rc<Files>,
        resolve_mode: Option<String>,
    ) -> Self {
        BuildKitImages { gateway, files, resolve_mode, fetched: RefCell::default() }
    }

    /// The operation that gives the image which a text names so.
    pub(super) fn op(&self, written: &str) -> Option<RootOp> {
        let fetched = self.fetched.borrow();
        fetched.iter().find(|(known, _)| known == written).map(|(_, op)| op.clone())
    }

    /// The roots of the images, with their operations.
    pub(super) fn roots(&self) -> Vec<(PathBuf, RootOp)> {
        let fetched = self.fetched.borrow();
        fetched.iter().enumerate().map(|(number, (_, op))| (root(number), op.clone())).collect()
    }

    /// The digest and the configuration of an image, for the first of some platforms that it is there for.
    fn resolve(
        &self,
        reference: &str,
        platforms: &[Platform],
    ) -> Result<(String, Vec<u8>, Asked), CallError> {
        let mut first = None;
        for platform in platforms {
            let asked = Asked {
                architecture: platform.architecture().to_owned(),
                os: platform.os().to_owned(),
                variant: platform.variant().unwrap_or_default().to_owned(),
            };
            let request = ResolveImageConfigRequest {
                r#ref: reference.to_owned(),
                platform: Some(asked.clone()),
                resolve_mode: self.resolve_mode.clone().unwrap_or_default(),
                log_name: format!("load the configuration of {reference}"),
            };
            match self.gateway.resolve_image(&request) {
                Ok(answer) => return Ok((answer.digest, answer.config, asked)),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or_else(|| CallError::Broken("no platform is asked for".to_owned())))
    }
}

/// Where the image of a number is.
fn root(number: usize) -> PathBuf {
    Path::new(IMAGES).join(number.to_string())
}

/// The platforms that an image may be for: the one that is said; else that of Linux, and that of Unikraft for the monitor.
fn platforms(wanted: &Wanted<'_>) -> Vec<Platform> {
    if let Some(platform) = &wanted.platform {
        return vec![platform.clone()];
    }
    let architecture = wanted.architecture.unwrap_or(ARCHITECTURE);
    let of = |os: &str| Platform::new(os, architecture, None);
    [Some("linux"), wanted.os].into_iter().flatten().map(of).collect()
}

impl Keeper for BuildKitImages {
    fn fetch(&self, written: &str, wanted: &Wanted<'_>) -> Result<Fetched, String> {
        let reference = ImageReference::parse(written).map_err(|fault| fault.why)?;
        let mut name = reference.completed();
        if let Some(digest) = reference.digest() {
            name = format!("{name}@{digest}");
        }
        let resolved = self.resolve(&name, &platforms(wanted));
        let (digest, configuration, platform) = resolved.map_err(|error| error.to_string())?;
        // An image that only the engine has is known by its name alone.
        if reference.digest().is_none() && !digest.is_empty() {
            name = format!("{name}@{digest}");
        }
        let op = RootOp::Image { name, platform, resolve_mode: self.resolve_mode.clone() };
        let mut graph = Graph::default();
        let node = op.node(&mut graph, &[]);
        let number = self.fetched.borrow().len();
        self.files.add(root(number), Root::Image(graph.definition(&node)));
        self.fetched.borrow_mut().push((written.to_owned(), op));
        let files = self.files.tree(&root(number)).map_err(|error| error.to_string())?;
        Ok(Fetched { configuration, files })
    }
}
