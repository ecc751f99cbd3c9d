//! An image that has been pulled, as an archive: its blobs as they are.

use super::{Pulled, Registries, parse};
use crate::host;
use crate::image::read::Blobs;
use crate::image::write;
use crate::image::{Digest, Name, WriteError};
use crate::registry::Cache;
use std::io::{self, Read, Write};

/// The largest manifest, which is what registries take.
const MAX_MANIFEST: u64 = 4 << 20;

impl Registries {
    /// Writes an image that has been pulled as an archive, which `written` is the name of. The bytes follow from the
    /// name and the manifest.
    ///
    /// # Errors
    /// A blob that cannot be read, or the output.
    pub fn write_archive(
        &self,
        pulled: &Pulled,
        written: &str,
        out: &mut dyn Write,
    ) -> Result<(), WriteError> {
        let cache = Cache::at(&pulled.layout);
        let open = |digest: Digest| -> Result<Box<dyn Read>, WriteError> {
            let path = cache.path(digest);
            match host::open(&path) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) => Err(WriteError::Source { path, error }),
            }
        };
        let path = cache.path(pulled.manifest);
        let fault = |error: io::Error| WriteError::Source { path: path.clone(), error };
        let manifest = host::read(&path, MAX_MANIFEST).map_err(fault)?;
        let blobs = Blobs::of_manifest(manifest).map_err(|why| fault(io::Error::other(why)))?;
        let Ok(reference) = parse(written) else {
            return Err(fault(io::Error::other("it has no name")));
        };
        let name = Name {
            familiar: reference.familiar(),
            full: reference.completed(),
            tag: reference.tag().unwrap_or("latest").to_owned(),
        };
        write::gather(&name, &blobs, &pulled.layout, &open, out)
    }
}
