//! The images that a text names, opened once each.
//!
//! In: an image as it is written, an archive, a layout or a reference. Out: an [`Opened`] image: what it says of itself,
//! its files, and its layers as another image takes them over. What always holds: of several platforms one is chosen by
//! what the text says, never by the machine; nothing is unpacked to a path.

mod config;
mod files;
mod opened;

pub use opened::{FilePlace, Opened};

use super::Input;
use super::pull::{PullError, Pulled, Registries};
use crate::diag::{Diagnostic, Report};
use crate::explain::code;
use crate::front::{self, Hint, OpenImage};
use crate::host;
use crate::image::Check;
use crate::image::platform::{self, Platform, Unchosen, Wanted};
use crate::image::read::{self, OneError, ReadError};
use crate::recipe::draft::{BaseDraft, ImageDraft};
use crate::recipe::{Place, Placed};
use crate::rootfs::Tree;
use crate::urunc::Monitor;
use crate::world::World;
use files::ImageFiles;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How the images of a text are opened.
#[derive(Debug)]
pub struct Images<'i> {
    /// Where relative paths start.
    folder: &'i Path,
    /// Images that are somewhere else than their path says, as in a Nix build.
    sources: &'i BTreeMap<String, PathBuf>,
    options: ImageOptions,
    /// Where images that are named by references come from; none where nothing may be pulled.
    registries: Option<&'i Registries>,
    /// Who has them instead, unpacked.
    keeper: Option<&'i dyn Keeper>,
    world: &'i Rc<dyn World>,
    opened: RefCell<Vec<(Key, Option<Rc<Opened>>)>>,
}

/// Somebody who has images, unpacked in the world that a build reads.
pub trait Keeper: std::fmt::Debug {
    /// The image of a reference, for the platform that is wanted.
    ///
    /// # Errors
    /// Why there is none, in words.
    fn fetch(&self, reference: &str, wanted: &Wanted<'_>) -> Result<Fetched, String>;
}

/// An image that somebody else has unpacked.
#[derive(Debug)]
pub struct Fetched {
    /// Its configuration, as JSON.
    pub configuration: Vec<u8>,
    /// Its files, each with the path in the world where its bytes are.
    pub files: Tree<PathBuf>,
}

/// What the command line says about the images that a text names.
#[derive(Debug, Clone)]
pub struct ImageOptions {
    /// The platform to take where the text says none.
    pub platform: Option<Platform>,
    /// How many bytes an image may unpack to.
    pub max_unpacked: u64,
    /// When the layers are checked that are not compressed.
    pub check: Check,
}

impl Default for ImageOptions {
    fn default() -> Self {
        ImageOptions { platform: None, max_unpacked: 16 << 30, check: Check::Later }
    }
}

/// By what an image is known that has been opened.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    image: ImageDraft,
    platform: Option<String>,
    /// That of the image which is made: it chooses where no platform is written.
    architecture: Option<String>,
}

impl<'i> Images<'i> {
    /// Those of an input.
    pub fn new(input: &'i Input, options: ImageOptions) -> Self {
        let (folder, sources) = (input.folder.as_path(), &input.sources);
        let (world, opened) = (&input.world, RefCell::default());
        Images { folder, sources, options, registries: None, keeper: None, world, opened }
    }

    /// The same, with images of registries.
    #[must_use]
    pub fn with_registries(self, registries: &'i Registries) -> Self {
        Images { registries: Some(registries), ..self }
    }

    /// The same, with images that somebody else has unpacked.
    #[must_use]
    pub fn with_keeper(self, keeper: &'i dyn Keeper) -> Self {
        Images { keeper: Some(keeper), ..self }
    }

    /// Opens an image, or gives the one that is open already. Why it cannot be opened goes to `report`, once.
    pub fn get(
        &self,
        image: &Placed<BaseDraft>,
        hint: Hint<'_>,
        report: &mut Report,
    ) -> Option<Rc<Opened>> {
        let BaseDraft { image: written, platform } = &image.value;
        let key = Key {
            image: written.clone(),
            platform: platform.as_ref().map(|platform| platform.value.clone()),
            architecture: hint.architecture.map(str::to_owned),
        };
        if let Some((_, known)) = self.opened.borrow().iter().find(|(known, _)| *known == key) {
            return known.clone();
        }
        let opened = match self.open(image, hint) {
            Ok(opened) => Some(Rc::new(opened)),
            Err(diagnostic) => {
                report.push(*diagnostic);
                None
            }
        };
        self.opened.borrow_mut().push((key, opened.clone()));
        opened
    }

    fn open(&self, image: &Placed<BaseDraft>, hint: Hint<'_>) -> Result<Opened, Box<Diagnostic>> {
        let platform =
            match &image.value.platform {
                None => self.options.platform.clone(),
                Some(written) => Some(Platform::parse(&written.value).map_err(|fault| {
                    let title = format!("`{}` is not a platform", written.value);
                    let diagnostic = written.place.error(code::RECIPE_PLATFORM, title);
                    Box::new(diagnostic.with_why(fault.to_string()).with_help(
                        "write `OS/ARCHITECTURE`, such as `linux/amd64` or `qemu/amd64`",
                    ))
                })?),
            };
        let os = hint.monitor.and_then(Monitor::from_name).and_then(Monitor::unikraft_platform);
        let wanted = Wanted { platform, architecture: hint.architecture, os };
        if let Some(keeper) = self.keeper {
            return self.fetch(keeper, image, &wanted);
        }
        match &image.value.image {
            ImageDraft::Path(written) => {
                let path = self.path(written);
                // args.nix has absolute paths alone.
                let shown = written.strip_prefix(self.folder).unwrap_or(written);
                self.read(image, &path, shown, &wanted)
            }
            ImageDraft::Reference(written) => self.pull(image, written, &wanted),
        }
    }

    /// An image that somebody else has unpacked.
    fn fetch(
        &self,
        keeper: &dyn Keeper,
        image: &Placed<BaseDraft>,
        wanted: &Wanted<'_>,
    ) -> Result<Opened, Box<Diagnostic>> {
        let written = match &image.value.image {
            ImageDraft::Reference(written) => written,
            ImageDraft::Path(path) => {
                let title = format!("`{}` is a file, and an image is wanted", path.display());
                let diagnostic = image.place.error(code::RECIPE_BASE, title);
                return Err(Box::new(
                    diagnostic
                        .with_why("`docker build` takes images from a registry or from the engine")
                        .with_help("load it with `docker load`, and write its name; or build with `bimanix build`"),
                ));
            }
        };
        let fetched = keeper.fetch(written, wanted);
        fetched.and_then(|fetched| Opened::fetched(fetched, self.world.clone())).map_err(|why| {
            let title = format!("cannot get the image `{written}`");
            Box::new(image.place.error(code::RECIPE_BASE, title).with_why(why))
        })
    }

    fn pull(
        &self,
        image: &Placed<BaseDraft>,
        written: &str,
        wanted: &Wanted<'_>,
    ) -> Result<Opened, Box<Diagnostic>> {
        let Some(registries) = self.registries else {
            let title = format!("`{written}` is in a registry");
            let diagnostic = image.place.error(code::RECIPE_BASE, title);
            return Err(Box::new(
                diagnostic
                    .with_why("nothing is pulled for this command")
                    .with_help("name an archive or a layout folder"),
            ));
        };
        let failed = |error: PullError| Box::new(error.report(&image.place));
        let pulled = registries.pull(written, wanted).map_err(failed)?;
        let read = self.read_pulled(image, &pulled, written);
        let Err(found) = read else { return read };
        // A blob that was in the cache may have been damaged there.
        match registries.mend(&pulled) {
            Ok(true) => self.read_pulled(image, &pulled, written),
            Ok(false) => Err(found),
            Err(error) => {
                let mut diagnostic = failed(error);
                let why = diagnostic.why.take().map_or_else(String::new, |why| format!("{why}; "));
                diagnostic.why = Some(why + "what the cache has of the image is damaged");
                Err(diagnostic)
            }
        }
    }

    fn read_pulled(
        &self,
        image: &Placed<BaseDraft>,
        pulled: &Pulled,
        written: &str,
    ) -> Result<Opened, Box<Diagnostic>> {
        let shown = Path::new(written);
        let words =
            |error: ReadError| Box::new(image.place.mark(error.shown_as(shown).report(), ""));
        let input = read::Input::Path(&pulled.layout);
        // The platform has been chosen, and what the cache holds may have been damaged since it was written.
        let choose = |_: &[read::Candidate]| Ok::<_, Infallible>(0);
        let max_unpacked = self.options.max_unpacked;
        match read::read_one(&input, Some(pulled.manifest), max_unpacked, Check::Now, choose) {
            Ok(archive) => Opened::new(archive, shown).map_err(words),
            Err(OneError::Read(error)) => Err(words(error)),
            Err(OneError::Unchosen(never)) => match never {},
        }
    }

    /// A reference with the digest that is taken for it, where it has none of its own.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub(super) fn pinned(&self, written: &str, place: &Place) -> Result<String, Box<Diagnostic>> {
        let Some(registries) = self.registries else { return Ok(written.to_owned()) };
        registries.pinned(written).map_err(|error| Box::new(error.report(place)))
    }

    /// Whether somebody else has the images, unpacked.
    pub(super) fn are_fetched(&self) -> bool {
        self.keeper.is_some()
    }

    /// How many bytes an image or archive may unpack to.
    pub(super) fn max_unpacked(&self) -> u64 {
        self.options.max_unpacked
    }

    /// The file or folder that an image is in, where it is one of this machine.
    pub(super) fn file(&self, image: &BaseDraft) -> Option<PathBuf> {
        match &image.image {
            ImageDraft::Path(written) => Some(self.path(written)),
            ImageDraft::Reference(_) => None,
        }
    }

    /// Where the image at a path is.
    fn path(&self, written: &Path) -> PathBuf {
        let known = written.to_str().and_then(|written| self.sources.get(written));
        known.cloned().unwrap_or_else(|| host::normalize(&self.folder.join(written)))
    }

    fn read(
        &self,
        image: &Placed<BaseDraft>,
        path: &Path,
        shown: &Path,
        wanted: &Wanted<'_>,
    ) -> Result<Opened, Box<Diagnostic>> {
        let ImageOptions { max_unpacked, check, .. } = self.options;
        let input = read::Input::Path(path);
        let archive = read::read_one(&input, None, max_unpacked, check, |candidates| {
            let platforms: Vec<Platform> = candidates.iter().map(platform_of).collect();
            platform::choose(&platforms, wanted)
        });
        let refused = |error: ReadError| Box::new(refused(image, shown, error));
        let archive = archive.map_err(|error| match error {
            OneError::Read(error) => refused(error),
            OneError::Unchosen(unchosen) => Box::new(unchosen_words(image, shown, &unchosen)),
        })?;
        Opened::new(archive, shown).map_err(refused)
    }
}

/// Why an image cannot be read, and what to do with one that is wanted.
fn refused(image: &Placed<BaseDraft>, shown: &Path, error: ReadError) -> Diagnostic {
    let help = match &error {
        ReadError::Missing { .. } | ReadError::Broken { .. } => {
            Some("get the image again, or make it again with the tool that made it")
        }
        ReadError::Io { error, .. } if error.kind() == io::ErrorKind::NotFound => {
            Some("name an image that is there: an archive, or the folder of an OCI image layout")
        }
        _ => None,
    };
    let diagnostic = image.place.mark(error.shown_as(shown).report(), "");
    match help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}

fn platform_of(candidate: &read::Candidate) -> Platform {
    let read::Candidate { os, architecture, variant } = candidate;
    Platform::new(os, architecture, variant.as_deref())
}

fn unchosen_words(image: &Placed<BaseDraft>, shown: &Path, unchosen: &Unchosen) -> Diagnostic {
    let (title, why, help) = unchosen.words(&shown.display().to_string());
    image.place.error(code::RECIPE_PLATFORM, title).with_why(why).with_help(help)
}

impl front::Images for Images<'_> {
    fn open(
        &self,
        image: &Placed<BaseDraft>,
        hint: Hint<'_>,
        report: &mut Report,
    ) -> Option<OpenImage> {
        let opened = self.get(image, hint, report)?;
        let config = opened.config().clone();
        Some(OpenImage { config, files: Rc::new(ImageFiles(opened)) })
    }
}
