//! What `diff` and `verify` compare: an archive, a layout folder, an image of a registry, or what a recipe makes.

use super::existing::Existing;
use super::source::{Source, Unpacking};
use super::{Outcome, session, ui, writing};
use crate::diag::Diagnostic;
use crate::driver::compare::Side;
use crate::driver::pull::{PullError, Registries};
use crate::eval::Stack;
use crate::explain::code;
use crate::host::{self, Scratch};
use crate::image::platform::Platform;
use crate::image::read::{self, Archive, Input, OneError};
use crate::image::{Check, Digest, Index, Known};
use crate::recipe::{ImageReference, Place, names_registry};
use std::convert::Infallible;
use std::path::{Path, PathBuf};

/// Where an image is that is given to a command.
#[derive(Debug, Clone)]
pub(super) enum Given {
    /// An archive or a layout folder.
    Image(PathBuf),
    /// A reference to a registry.
    Reference(ImageReference),
    /// An args.nix, Containerfile or bunnyfile.
    Recipe,
}

/// An image that was read, with what has to be there while it is looked at.
#[derive(Debug)]
pub(super) struct Opened {
    name: String,
    digest: Option<Digest>,
    archives: Vec<Archive>,
    _scratch: Option<Scratch>,
}

impl Given {
    /// What a text names. A path that is there comes first; `docker://` says that it is a reference.
    ///
    /// # Errors
    /// It is neither.
    pub(super) fn of(source: &Source) -> Result<Self, Box<Diagnostic>> {
        let path = &source.file;
        if source.containerfile.path.is_some() {
            return Ok(Given::Recipe);
        }
        let text = path.to_str().unwrap_or_default();
        let reference = text.strip_prefix("docker://");
        if reference.is_none() && host::stat(path).is_ok() {
            return Ok(match Existing::at(source)? {
                Some(_) => Given::Image(path.clone()),
                None => Given::Recipe,
            });
        }
        let written = reference.unwrap_or(text);
        if reference.is_none() && !names_registry(written) {
            let title = format!("there is no `{}`", path.display());
            let diagnostic = Diagnostic::error(code::COMPARE_MISSING, title);
            let help = "name an archive, a layout folder, an args.nix, or an image as `docker://REGISTRY/NAME:TAG`";
            return Err(Box::new(diagnostic.with_help(help)));
        }
        ImageReference::parse(written).map(Given::Reference).map_err(|fault| {
            let title = format!("`{written}` is not the name of an image");
            Box::new(Diagnostic::error(code::COMPARE_MISSING, title).with_why(fault.why))
        })
    }
}

impl Opened {
    /// Reads an image; with `platform`, that one alone.
    ///
    /// # Errors
    /// How the command ends; why has been said.
    pub(super) fn of(given: &Given, source: &Source, stack: Stack) -> Result<Self, Outcome> {
        match given {
            Given::Image(path) => {
                let name = path.display().to_string();
                Self::at(path, name, &source.unpacking, source.platform.as_ref())
                    .map_err(|diagnostic| ui::fail(&diagnostic, Outcome::Refused))
            }
            Given::Reference(reference) => Self::pulled(reference, source),
            Given::Recipe => {
                let planned = session::planned(source, None, stack)?;
                let opened = Self::made(&planned.index, source);
                match planned.after(Outcome::Done) {
                    Outcome::Done => opened,
                    outcome => Err(outcome),
                }
            }
        }
    }

    /// Reads an archive or a layout folder.
    fn at(
        path: &Path,
        name: String,
        unpacking: &Unpacking,
        platform: Option<&Platform>,
    ) -> Result<Self, Box<Diagnostic>> {
        let archive = read::read(&Input::Path(path), unpacking.max_unpacked)
            .map_err(|error| Box::new(error.report()))?;
        let opened =
            Opened { name, digest: archive.root_digest(), archives: vec![archive], _scratch: None };
        opened.keep(platform)
    }

    /// Keeps the images of a platform alone.
    ///
    /// # Errors
    /// There is none for it.
    fn keep(mut self, platform: Option<&Platform>) -> Result<Self, Box<Diagnostic>> {
        let Some(wanted) = platform else { return Ok(self) };
        let images = self.archives.iter().flat_map(|archive| &archive.images);
        let all: Vec<String> =
            images.map(|image| format!("`{}`", image.summary.platform())).collect();
        for archive in &mut self.archives {
            archive.images.retain(|image| image.summary.platform() == *wanted);
        }
        let mut images = self.archives.iter().flat_map(|archive| &archive.images);
        let Some(image) = images.next() else {
            let title = format!("`{}` has no image for {wanted}", self.name);
            let diagnostic = Diagnostic::error(code::COMPARE_PLATFORM, title);
            return Err(Box::new(diagnostic.with_help(format!("it has {}", all.join(", ")))));
        };
        self.digest = image.summary.manifest;
        Ok(self)
    }

    /// Pulls an image into the cache, and reads it there.
    fn pulled(reference: &ImageReference, source: &Source) -> Result<Self, Outcome> {
        let registries = session::registries(source);
        let place = Place { spans: None, path: reference.to_string() };
        let failed =
            |diagnostic: Box<Diagnostic>| Err(ui::fail(&diagnostic, session::refused(&registries)));
        let digest = match digest_of(reference, &registries) {
            Ok(digest) => digest,
            Err(error) => return failed(Box::new(error.report(&place))),
        };
        let (layout, manifests) = match registries.pull_every(reference, digest) {
            Ok(pulled) => pulled,
            Err(error) => return failed(Box::new(error.report(&place))),
        };
        let mut archives = Vec::with_capacity(manifests.len());
        for manifest in manifests {
            let choose = |_: &[read::Candidate]| Ok::<_, Infallible>(0);
            let (input, most) = (Input::Path(&layout), source.unpacking.max_unpacked);
            match read::read_one(&input, Some(manifest), most, Check::Now, choose) {
                Ok(mut archive) => {
                    for image in &mut archive.images {
                        image.summary.names = vec![reference.completed()];
                        image.in_index = manifest != digest;
                    }
                    archives.push(archive);
                }
                Err(OneError::Read(error)) => return failed(Box::new(error.report())),
                Err(OneError::Unchosen(never)) => match never {},
            }
        }
        let name = reference.to_string();
        let opened = Opened { name, digest: Some(digest), archives, _scratch: None };
        opened.keep(source.platform.as_ref()).or_else(failed)
    }

    /// Writes what a recipe makes into a temporary folder, and reads it there.
    pub(super) fn made(index: &Index, source: &Source) -> Result<Self, Outcome> {
        let scratch = host::scratch_folder("bimanix-compare").map_err(|error| {
            let title = "cannot make a temporary folder";
            let diagnostic = Diagnostic::error(code::COMPARE_SCRATCH, title);
            ui::fail(
                &diagnostic
                    .with_why(crate::diag::describe_io(&error))
                    .with_help("set TMPDIR to a folder with room"),
                Outcome::Environment,
            )
        })?;
        let path = scratch.path().join("image");
        writing::archive(index, &path, &Known::nothing())
            .map_err(|error| writing::failed(&error, &path.display().to_string()))?;
        let name = source.containerfile.path.as_ref().unwrap_or(&source.file).display().to_string();
        let platform = source.platform.as_ref().map(Platform::of_made);
        let opened = Self::at(&path, name, &source.unpacking, platform.as_ref())
            .map_err(|diagnostic| ui::fail(&diagnostic, Outcome::Refused))?;
        Ok(Opened { _scratch: Some(scratch), ..opened })
    }

    /// The digest that its name leads to.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The digest of the configuration of its only image.
    pub(super) fn config(&self) -> Option<Digest> {
        let mut images = self.archives.iter().flat_map(|archive| &archive.images);
        images.next().and_then(|image| image.summary.config)
    }

    /// What is compared.
    pub(super) fn side(&self) -> Side<'_> {
        let images = self
            .archives
            .iter()
            .flat_map(|archive| (0..archive.images.len()).map(move |number| (archive, number)));
        Side { name: self.name.clone(), digest: self.digest, images: images.collect() }
    }
}

/// The digest that a name in a registry leads to, for which nothing is pulled.
///
/// # Errors
/// How the command ends; why has been said.
pub(super) fn remote_digest(
    reference: &ImageReference,
    source: &Source,
) -> Result<Digest, Outcome> {
    let registries = session::registries(source);
    let place = Place { spans: None, path: reference.to_string() };
    digest_of(reference, &registries)
        .map_err(|error| ui::fail(&error.report(&place), session::refused(&registries)))
}

/// The digest that a reference has: as it is written, or as the registry says.
fn digest_of(reference: &ImageReference, registries: &Registries) -> Result<Digest, PullError> {
    match reference.digest().and_then(Digest::parse) {
        Some(digest) => Ok(digest),
        None => registries.resolve(reference),
    }
}
