//! Images of registries: from a reference to blobs in the cache.
//!
//! In: a reference as it is written, what is known of the platform that is meant, and the lock of a text whose tags may
//! move. Out: the folder in which the blobs lie as in an OCI image layout, and the digest of the manifest; or a
//! [`PullError`] of facts. What always holds: an image is what its digest says, and a text without a digest gets it
//! from its lock; nobody is asked for what is in the cache; a lock changes when an image has been made, and not before.

mod archive;
mod error;
mod fetch;
mod lock;

pub use error::PullError;
pub use lock::Lock;

use crate::diag::Diagnostic;
use crate::image::Digest;
use crate::image::platform::Wanted;
use crate::recipe::{ImageReference, Placed};
use crate::registry::{self, Cache, Pull, Repository, Settings, Watch};
use fetch::Fetch;
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

/// Who is told of pulls.
pub trait Observer: std::fmt::Debug {
    /// So many bytes are to come.
    fn begins(&self, bytes: u64);
    /// So many more have come.
    fn progress(&self, bytes: u64);
    /// All have come, or nothing more will.
    fn ends(&self);
    /// Something may be wrong.
    fn warn(&self, finding: Diagnostic);
}

/// The registries that a run pulls from, what is kept of them, and the lock of its text.
#[derive(Debug)]
pub struct Registries {
    settings: Settings,
    cache: Option<Cache>,
    /// How many bytes the layers of an image may have.
    max_size: u64,
    observer: Box<dyn Observer>,
    lock: RefCell<Option<Lock>>,
    /// The repositories of the images that were asked for.
    used: RefCell<Vec<Repository>>,
    has_failed: Cell<bool>,
}

/// An image that has been pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The folder in which its blobs lie as in an OCI image layout, beside others.
    pub layout: PathBuf,
    /// Its manifest.
    pub manifest: Digest,
    from: Repository,
}

/// Where the digest of a reference comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// It is written.
    Written,
    /// The lock has it.
    Lock,
    /// The registry has been asked.
    Registry,
}

impl Registries {
    /// Those that are reached with these settings, and what is kept of them in the user's cache. The layers of an image
    /// have at most `max_size` bytes together.
    pub fn new(settings: Settings, max_size: u64, observer: Box<dyn Observer>) -> Self {
        Registries {
            settings,
            cache: Cache::of_user(),
            max_size,
            observer,
            lock: RefCell::default(),
            used: RefCell::default(),
            has_failed: Cell::default(),
        }
    }

    /// The same with another cache.
    #[must_use]
    pub fn with_cache(self, cache: Cache) -> Self {
        Registries { cache: Some(cache), ..self }
    }

    /// Lets a text name images by tags, which this lock has the digests of.
    pub fn set_lock(&self, lock: Lock) {
        *self.lock.borrow_mut() = Some(lock);
    }

    /// A reference with its digest: the one that is written, that of the lock, or that of now.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub fn pinned(&self, written: &str) -> Result<String, PullError> {
        let reference = parse(written)?;
        match self.digest(&reference)? {
            (_, Source::Written) => Ok(written.to_owned()),
            (digest, _) => Ok(reference.pinned(&digest.to_string())),
        }
    }

    /// Says which references the whole text names: the lock forgets the others.
    pub fn names(&self, written: &[Placed<String>]) {
        if let Some(lock) = self.lock.borrow_mut().as_mut() {
            let parsed = written.iter().filter_map(|text| ImageReference::parse(&text.value).ok());
            let by_tag = parsed.filter(|reference| reference.digest().is_none());
            lock.names(by_tag.map(|reference| reference.completed()).collect());
        }
    }

    /// Writes the lock, where it has changed. That is for who has made the image.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn keep_lock(&self) -> Result<(), Box<Diagnostic>> {
        self.lock.borrow().as_ref().map_or(Ok(()), Lock::write)
    }

    /// The repositories of a registry that images of this run are from, whose blobs it has.
    pub fn repositories_of(&self, host: &str) -> Vec<String> {
        let used = self.used.borrow();
        used.iter().filter(|used| used.host == host).map(|used| used.name.clone()).collect()
    }

    /// Whether a registry, or the cache, was why a pull has failed: not the text.
    pub fn has_failed(&self) -> bool {
        self.has_failed.get()
    }

    /// Pulls the image that a reference means, unless it is in the cache.
    ///
    /// # Errors
    /// Why it is not there.
    pub fn pull(&self, written: &str, wanted: &Wanted<'_>) -> Result<Pulled, PullError> {
        let reference = parse(written)?;
        let (digest, source) = self.digest(&reference)?;
        self.fetch(&reference, digest, wanted).map_err(|error| match error {
            PullError::Registry { image, error, .. } => {
                PullError::Registry { image, error, is_locked: source == Source::Lock }
            }
            other => other,
        })
    }

    /// Pulls all images that a digest leads to, of the repository of a reference, unless they are in the cache: the folder
    /// with the blobs, and the digests of the manifests.
    ///
    /// # Errors
    /// Why one is not there.
    pub fn pull_every(
        &self,
        reference: &ImageReference,
        digest: Digest,
    ) -> Result<(PathBuf, Vec<Digest>), PullError> {
        let (from, image) = (repository(reference), reference.to_string());
        let manifests = self.with_fetch(&image, &from, |fetch| {
            let images = fetch.every(digest)?;
            for image in &images {
                fetch.blobs(image)?;
            }
            Ok(images.iter().map(|image| image.manifest).collect())
        })?;
        Ok((self.cache()?.folder().to_owned(), manifests))
    }

    /// Reads every blob of an image, and fetches those again that were damaged; says whether there were any.
    ///
    /// # Errors
    /// Why one cannot be fetched.
    pub fn mend(&self, pulled: &Pulled) -> Result<bool, PullError> {
        let image = format!("{}/{}@{}", pulled.from.host, pulled.from.name, pulled.manifest);
        self.with_fetch(&image, &pulled.from, |fetch| fetch.mend(pulled.manifest))
    }

    /// The digest that a reference has now, whatever is written or locked.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub fn resolve(&self, reference: &ImageReference) -> Result<Digest, PullError> {
        self.ask(reference).map_err(|error| {
            self.has_failed.set(true);
            let (image, error) = (reference.to_string(), Box::new(error));
            PullError::Registry { image, error, is_locked: false }
        })
    }

    /// Puts the digest that a tag has now into the lock, in place of the one that is there.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub fn refresh(&self, reference: &ImageReference) -> Result<Digest, PullError> {
        let digest = self.resolve(reference)?;
        if let Some(lock) = self.lock.borrow_mut().as_mut() {
            lock.set(reference.completed(), digest);
        }
        Ok(digest)
    }

    /// The digest of the image that a reference means.
    fn digest(&self, reference: &ImageReference) -> Result<(Digest, Source), PullError> {
        if let Some(digest) = reference.digest().and_then(Digest::parse) {
            return Ok((digest, Source::Written));
        }
        if let Some(lock) = self.lock.borrow_mut().as_mut() {
            match lock.digest(&reference.completed()) {
                Some(digest) => return Ok((digest, Source::Lock)),
                None if lock.is_fixed() => {
                    let (image, lock) = (reference.to_string(), lock.shown().to_owned());
                    return Err(PullError::NotLocked { image, lock });
                }
                None => {}
            }
        } else {
            let (reference, digest) = (reference.clone(), self.ask(reference).map_err(Box::new));
            return Err(PullError::NoDigest { reference, digest });
        }
        self.refresh(reference).map(|digest| (digest, Source::Registry))
    }

    /// Asks the registry for the digest of a tag.
    fn ask(&self, reference: &ImageReference) -> Result<Digest, registry::Error> {
        let tag = reference.tag().unwrap_or("latest");
        self.with_pull(&repository(reference), |pull| pull.resolve(tag))
    }

    fn fetch(
        &self,
        reference: &ImageReference,
        digest: Digest,
        wanted: &Wanted<'_>,
    ) -> Result<Pulled, PullError> {
        let from = repository(reference);
        let image = reference.to_string();
        let manifest = self.with_fetch(&image, &from, |fetch| {
            let chosen = fetch.choose(digest, wanted)?;
            fetch.blobs(&chosen)?;
            Ok(chosen.manifest)
        })?;
        let layout = self.cache()?.folder().to_owned();
        if !self.used.borrow().contains(&from) {
            self.used.borrow_mut().push(from.clone());
        }
        Ok(Pulled { layout, manifest, from })
    }

    fn cache(&self) -> Result<&Cache, PullError> {
        self.cache.as_ref().ok_or(PullError::NoCache)
    }

    fn with_fetch<T>(
        &self,
        image: &str,
        from: &Repository,
        run: impl FnOnce(&mut Fetch<'_, '_>) -> Result<T, PullError>,
    ) -> Result<T, PullError> {
        let cache = self.cache().inspect_err(|_| self.has_failed.set(true))?;
        let done = self.with_pull(from, |pull| {
            let (observer, max_size) = (&*self.observer, self.max_size);
            run(&mut Fetch { image, cache, pull, max_size, observer })
        });
        if let Err(PullError::Registry { .. }) = done {
            self.has_failed.set(true);
        }
        done
    }

    fn with_pull<T>(&self, from: &Repository, run: impl FnOnce(&mut Pull<'_>) -> T) -> T {
        let watch = Watch {
            progress: &|bytes| self.observer.progress(bytes),
            warn: &|finding| self.observer.warn(finding),
        };
        run(&mut Pull::new(from, &self.settings, watch))
    }
}

/// Reads a reference.
///
/// # Errors
/// The rule it breaks.
pub fn parse(written: &str) -> Result<ImageReference, PullError> {
    ImageReference::parse(written)
        .map_err(|fault| PullError::Reference { image: written.to_owned(), fault })
}

fn repository(reference: &ImageReference) -> Repository {
    Repository { host: reference.host(), name: reference.repository() }
}

/// The lock of a text lies beside it.
pub fn lock_of(text: &Path) -> PathBuf {
    text.with_file_name(lock::NAME)
}
