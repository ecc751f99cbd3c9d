//! The blobs of one image of one repository: which manifest is meant, and what belongs to it.

use super::{Observer, PullError};
use crate::image::Digest;
use crate::image::platform::{self, Platform, Wanted};
use crate::image::read::{self, Branch, Link, Links};
use crate::registry::{self, Cache, Pull};
use std::io::Read as _;

/// The largest configuration, which is what registries take of a manifest.
const MAX_CONFIG: u64 = 4 << 20;
/// How many images an index may name.
const MAX_IMAGES: usize = 256;
/// How deep indexes may point at indexes.
const MAX_INDEXES: usize = 4;

/// A pull into the cache.
pub(super) struct Fetch<'f, 'p> {
    /// What messages call the image.
    pub(super) image: &'f str,
    pub(super) cache: &'f Cache,
    pub(super) pull: &'f mut Pull<'p>,
    pub(super) max_size: u64,
    pub(super) observer: &'f dyn Observer,
}

/// The image that is meant.
pub(super) struct Chosen {
    pub(super) manifest: Digest,
    config: Link,
    layers: Vec<Link>,
}

impl Fetch<'_, '_> {
    /// Finds the image that is meant behind a digest, which may be that of an index.
    pub(super) fn choose(
        &mut self,
        digest: Digest,
        wanted: &Wanted<'_>,
    ) -> Result<Chosen, PullError> {
        let (digest, links) = match self.links(digest, None)? {
            Links::Index(branches) => {
                let mut candidates = Vec::new();
                self.list(branches, 0, &mut candidates)?;
                let (links, platforms): (Vec<Link>, Vec<Platform>) = candidates.into_iter().unzip();
                let number = self.chosen(&platforms, wanted)?;
                match links.get(number) {
                    Some(link) => (link.digest, self.links(link.digest, Some(link.size))?),
                    None => return Err(self.malformed(digest, "it names no image")),
                }
            }
            links @ Links::Image { config, .. } => {
                if wanted.platform.is_some() {
                    let platform = self.platform(config)?;
                    self.chosen(&[platform], wanted)?;
                }
                (digest, links)
            }
            Links::Artifact => (digest, Links::Artifact),
        };
        match links {
            Links::Image { config, layers } => Ok(Chosen { manifest: digest, config, layers }),
            Links::Index(_) => Err(self.malformed(digest, "an index calls it an image")),
            Links::Artifact => Err(self.malformed(digest, "it is an artifact")),
        }
    }

    /// All images behind a digest, which may be that of an index.
    pub(super) fn every(&mut self, digest: Digest) -> Result<Vec<Chosen>, PullError> {
        let mut found = Vec::new();
        match self.links(digest, None)? {
            Links::Index(branches) => self.list(branches, 0, &mut found)?,
            Links::Image { config, layers } => {
                return Ok(vec![Chosen { manifest: digest, config, layers }]);
            }
            Links::Artifact => return Err(self.malformed(digest, "it is an artifact")),
        }
        let mut images = Vec::with_capacity(found.len());
        for (link, _) in found {
            match self.links(link.digest, Some(link.size))? {
                Links::Image { config, layers } => {
                    images.push(Chosen { manifest: link.digest, config, layers });
                }
                Links::Index(_) | Links::Artifact => {}
            }
        }
        Ok(images)
    }

    /// Fetches what belongs to an image and is not here.
    pub(super) fn blobs(&mut self, chosen: &Chosen) -> Result<(), PullError> {
        let Chosen { config, layers, .. } = chosen;
        self.check_config(*config)?;
        let size = layers.iter().try_fold(0_u64, |sum, layer| sum.checked_add(layer.size));
        if size.is_none_or(|size| size > self.max_size) {
            let (image, most) = (self.image.to_owned(), self.max_size);
            return Err(PullError::TooLarge { image, size, most });
        }
        let missing: Vec<Link> = std::iter::once(config)
            .chain(layers)
            .copied()
            .filter(|link| !self.cache.has(link.digest, link.size))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.observer.begins(missing.iter().map(|link| link.size).sum());
        let done = missing.iter().try_for_each(|link| {
            let fetched = self.cache.blob(self.pull, link.digest, link.size);
            fetched.map(drop)
        });
        self.observer.ends();
        done.map_err(|error| self.failed(error))
    }

    /// Reads every blob of an image to its end.
    pub(super) fn mend(&mut self, manifest: Digest) -> Result<bool, PullError> {
        let Links::Image { config, layers } = self.links(manifest, None)? else {
            return Ok(false);
        };
        let mut was_damaged = false;
        for link in std::iter::once(config).chain(layers) {
            let mut times = 0_u32;
            let read = self.cache.read_blob(self.pull, link.digest, link.size, |reader| {
                times += 1;
                std::io::copy(reader, &mut std::io::sink())
            });
            read.map_err(|error| self.failed(error))?;
            was_damaged |= times > 1;
        }
        Ok(was_damaged)
    }

    /// The images that an index leads to, with their platforms.
    fn list(
        &mut self,
        branches: Vec<Branch>,
        depth: usize,
        found: &mut Vec<(Link, Platform)>,
    ) -> Result<(), PullError> {
        for Branch { link, is_index, platform } in branches {
            if found.len() >= MAX_IMAGES {
                let why = format!("it names more than {MAX_IMAGES} images");
                return Err(self.malformed(link.digest, why));
            }
            if let (false, Some(platform)) = (is_index, platform) {
                found.push((link, platform));
                continue;
            }
            match self.links(link.digest, Some(link.size))? {
                Links::Index(_) if depth >= MAX_INDEXES => {
                    let why = "its indexes point at indexes without end";
                    return Err(self.malformed(link.digest, why));
                }
                Links::Index(branches) => self.list(branches, depth + 1, found)?,
                Links::Image { config, .. } => {
                    let platform = self.platform(config)?;
                    found.push((link, platform));
                }
                Links::Artifact => {}
            }
        }
        Ok(())
    }

    /// What the manifest or index with a digest leads to.
    fn links(&mut self, digest: Digest, size: Option<u64>) -> Result<Links, PullError> {
        let manifest =
            self.cache.manifest(self.pull, digest).map_err(|error| self.failed(error))?;
        let found = manifest.bytes.len() as u64;
        if let Some(size) = size.filter(|size| *size != found) {
            let why = format!("it has {found} bytes, and its index says {size}");
            return Err(self.malformed(digest, why));
        }
        Links::of(&manifest.bytes).map_err(|why| self.malformed(digest, why))
    }

    /// The platform that a configuration says.
    fn platform(&mut self, config: Link) -> Result<Platform, PullError> {
        self.check_config(config)?;
        let bytes = self.cache.read_blob(self.pull, config.digest, config.size, |reader| {
            let mut bytes = Vec::new();
            reader.take(MAX_CONFIG).read_to_end(&mut bytes).map(|_| bytes)
        });
        let bytes = bytes.map_err(|error| self.failed(error))?;
        read::platform_of(&bytes).map_err(|why| self.malformed(config.digest, why))
    }

    fn check_config(&self, config: Link) -> Result<(), PullError> {
        if config.size <= MAX_CONFIG {
            return Ok(());
        }
        let why = format!("a configuration has at most {MAX_CONFIG} bytes, not {}", config.size);
        Err(self.malformed(config.digest, why))
    }

    fn chosen(&self, platforms: &[Platform], wanted: &Wanted<'_>) -> Result<usize, PullError> {
        platform::choose(platforms, wanted).map_err(|unchosen| {
            let image = self.image.to_owned();
            PullError::Unchosen { image, unchosen }
        })
    }

    fn malformed(&self, part: Digest, why: impl Into<String>) -> PullError {
        PullError::Malformed { image: self.image.to_owned(), part, why: why.into() }
    }

    fn failed(&self, error: registry::Error) -> PullError {
        let image = self.image.to_owned();
        PullError::Registry { image, error: Box::new(error), is_locked: false }
    }
}
