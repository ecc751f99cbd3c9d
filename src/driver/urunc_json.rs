//! `/urunc.json` of an image that was read.

use crate::image::read::{Archive, ReadError, SmallFile};
use crate::urunc::json::{self, Fault};
use std::collections::BTreeMap;
use std::io;

/// Where it is.
pub(super) const PATH: &str = "/urunc.json";
/// The largest one that is read, whose values have at most 4096 bytes each.
const MAX: u64 = 1 << 20;

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UruncJson {
    /// A file: its decoded values, and what urunc would stumble over.
    File(BTreeMap<String, String>, Vec<Fault>),
    /// A folder or a symlink, in words.
    Other(&'static str),
}

impl UruncJson {
    /// That of an image; none where there is nothing.
    ///
    /// # Errors
    /// It cannot be read, or is too large.
    pub(super) fn of(archive: &Archive, image: usize) -> Result<Option<Self>, ReadError> {
        let found = archive.small_file(image, PATH, MAX)?;
        Ok(found.map(|file| match file {
            SmallFile::Bytes(bytes) => {
                let (values, faults) = json::decode(&bytes);
                UruncJson::File(values, faults)
            }
            SmallFile::Other(what) => UruncJson::Other(what),
        }))
    }

    /// That of an image whose files `read` gives the bytes of; none where there is no file.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(
        read: impl FnOnce(&[u8]) -> io::Result<io::Result<Vec<u8>>>,
    ) -> io::Result<Option<Self>> {
        match read(PATH.as_bytes()) {
            Ok(bytes) => {
                let (values, faults) = json::decode(&bytes?);
                Ok(Some(UruncJson::File(values, faults)))
            }
            Err(_) => Ok(None),
        }
    }

    /// Its values, where it is a file.
    pub(super) fn values(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            UruncJson::File(values, _) => Some(values),
            UruncJson::Other(_) => None,
        }
    }
}
