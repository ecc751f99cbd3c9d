//! Blobs and manifests that were pulled, kept by their digests, for the next time and for times without a network.
//!
//! In: digests and sizes, and where to pull from. Out: files. What always holds: a file gets its name when it is whole
//! and right; a damaged one is noticed by who reads it to its end, and fetched again; processes that want the same blob
//! fetch it once; what a killed one has left is gone on with, or removed when nobody wants it for a week.

use super::error::Error;
use super::pull::{MAX_MANIFEST, Pull, Version, parse};
use super::push::Manifest;
use super::verified::Verified;
use crate::host::partial::Partial;
use crate::host::{self, partial};
use crate::image::{Digest, Hashing};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the names of files end that are not whole yet.
const PART: &str = ".part";
/// How long such a file is kept that nobody goes on with.
const OLD: Duration = Duration::from_secs(7 * 24 * 3600);

/// A folder with what was pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
    blobs: PathBuf,
}

/// A blob of a cache.
#[derive(Debug)]
pub struct CachedBlob {
    file: File,
    path: PathBuf,
    digest: Digest,
    size: u64,
}

impl CachedBlob {
    /// Where it is. Whoever reads it there checks its digest.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its bytes, whose end is an error when they are not its own.
    pub fn reader(self) -> Verified<File> {
        Verified::new(self.file, self.digest, self.size)
    }
}

impl Cache {
    /// The cache in a folder, which is made when it is needed; blobs are below `blobs/sha256` of it.
    pub fn at(folder: &Path) -> Self {
        Cache { folder: folder.to_owned(), blobs: folder.join("blobs/sha256") }
    }

    /// The folder, in which blobs lie as in an OCI image layout.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The user's own: `$XDG_CACHE_HOME/bimanix`, else `~/.cache/bimanix`; none where neither can be said.
    pub fn of_user() -> Option<Self> {
        Self::from_variables(host::variable)
    }

    /// The one that these variables say. A relative path is none (XDG base directory specification).
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let folder =
            |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?;
        Some(Self::at(&caches.join("bimanix")))
    }

    /// Where a blob is, or would be.
    pub fn path(&self, digest: Digest) -> PathBuf {
        self.blobs.join(digest.hex())
    }

    /// Whether a blob is here, as far as its size tells.
    pub fn has(&self, digest: Digest, size: u64) -> bool {
        self.found(digest, size).is_ok_and(|found| found.is_some())
    }

    /// A blob, from here or from a repository. Nobody is asked for one that is here.
    ///
    /// # Errors
    /// Why it cannot be fetched, or not be kept.
    pub fn blob(
        &self,
        pull: &mut Pull<'_>,
        digest: Digest,
        size: u64,
    ) -> Result<CachedBlob, Error> {
        if let Some(blob) = self.found(digest, size)? {
            return Ok(blob);
        }
        self.fetch(pull, digest, size)?;
        // Somebody else may have removed it since.
        self.found(digest, size)?
            .ok_or_else(|| fault("read", &self.path(digest), io::ErrorKind::NotFound.into()))
    }

    /// Lets `read` read a blob, and once more when that was damaged, after it is fetched again.
    ///
    /// # Errors
    /// What `read` says, or why the blob cannot be fetched.
    pub fn read_blob<T>(
        &self,
        pull: &mut Pull<'_>,
        digest: Digest,
        size: u64,
        mut read: impl FnMut(&mut dyn Read) -> io::Result<T>,
    ) -> Result<T, Error> {
        let mut again = true;
        loop {
            let mut reader = self.blob(pull, digest, size)?.reader();
            let value = read(&mut reader);
            // What was not read may be damaged as well, and what was read may have been why `read` failed.
            let checked = io::copy(&mut reader, &mut io::sink());
            match (value, checked) {
                (_, Err(error)) if again && error.kind() == io::ErrorKind::InvalidData => {
                    again = false;
                    self.forget(digest)?;
                }
                (Ok(value), Ok(_)) => return Ok(value),
                (_, Err(error)) | (Err(error), _) => {
                    return Err(fault("read", &self.path(digest), error));
                }
            }
        }
    }

    /// A manifest or an index by its digest, from here or from a repository.
    ///
    /// # Errors
    /// Why it cannot be fetched, or not be kept.
    pub fn manifest(&self, pull: &mut Pull<'_>, digest: Digest) -> Result<Manifest, Error> {
        let path = self.path(digest);
        if let Ok(bytes) = host::read(&path, MAX_MANIFEST)
            && Digest::of(&bytes) == digest
            && let Ok(manifest) = parse(bytes)
        {
            return Ok(manifest);
        }
        let manifest = pull.manifest(&Version::Digest(digest))?;
        let mut partial = self.partial(digest)?;
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.write_all(&manifest.bytes)
        };
        write(partial.file()).map_err(|error| fault("write", &path, error))?;
        partial.finish(&path).map_err(|error| fault("write", &path, error))?;
        Ok(manifest)
    }

    /// Removes a blob, as one that is damaged.
    ///
    /// # Errors
    /// The system's error.
    pub fn forget(&self, digest: Digest) -> Result<(), Error> {
        let path = self.path(digest);
        match host::output::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(fault("remove", &path, error))
            }
            _ => Ok(()),
        }
    }

    /// A blob that is here, with the size that it should have.
    fn found(&self, digest: Digest, size: u64) -> Result<Option<CachedBlob>, Error> {
        let path = self.path(digest);
        match host::open_as(&path) {
            Ok((file, opened)) if opened.size == size => {
                Ok(Some(CachedBlob { file, path, digest, size }))
            }
            Ok(_) => Ok(None),
            // A folder or the like in its place is nothing that is removed.
            Err(error) => match host::lstat(&path).map(|stat| stat.kind) {
                Err(absent) if absent.kind() == io::ErrorKind::NotFound => Ok(None),
                _ => Err(fault("read", &path, error)),
            },
        }
    }

    fn partial(&self, digest: Digest) -> Result<Partial, Error> {
        let path = self.blobs.join(digest.hex() + PART);
        Partial::open(&path).map_err(|error| fault("write", &path, error))
    }

    fn fetch(&self, pull: &mut Pull<'_>, digest: Digest, size: u64) -> Result<(), Error> {
        let path = self.path(digest);
        let failed = |error| fault("write", &path, error);
        let mut partial = self.partial(digest)?;
        // Another process may have fetched it while this one waited.
        if self.found(digest, size)?.is_some() {
            return partial.remove().map_err(failed);
        }
        // What is left of others is no reason to stop.
        partial::remove_old(&self.blobs, PART, OLD).unwrap_or_default();
        let mut come = begun(partial.file(), size).map_err(failed)?;
        let mut goes_on = come.count() > 0;
        loop {
            let file = partial.file();
            let mut take = |bytes: &[u8]| file.write_all(bytes).map_err(failed);
            match pull.rest(digest, size, &mut come, &mut take) {
                Ok(()) => return partial.finish(&path).map_err(failed),
                // The part may have been that of other bytes, or have been damaged.
                Err(Error::WrongBytes { .. } | Error::WrongSize { .. }) if goes_on => {
                    goes_on = false;
                    partial.file().set_len(0).map_err(failed)?;
                    come = begun(partial.file(), size).map_err(failed)?;
                }
                Err(error) => {
                    let wrong = matches!(error, Error::WrongBytes { .. } | Error::WrongSize { .. });
                    let is_empty = host::look_at(partial.file()).is_ok_and(|file| file.size == 0);
                    if wrong || is_empty {
                        partial.remove().map_err(failed)?;
                    }
                    return Err(error);
                }
            }
        }
    }
}

/// What a part holds so far; one that is too long holds nothing. Writing goes on at its end.
fn begun(file: &mut File, size: u64) -> io::Result<Hashing<io::Sink>> {
    if host::look_at(file)?.size > size {
        file.set_len(0)?;
    }
    file.seek(SeekFrom::Start(0))?;
    let mut come = Hashing::new(io::sink());
    io::copy(file, &mut come)?;
    Ok(come)
}

fn fault(operation: &'static str, path: &Path, error: io::Error) -> Error {
    Error::Cache { operation, path: path.to_owned(), error }
}
