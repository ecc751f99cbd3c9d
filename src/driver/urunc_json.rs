//! `/urunc.json` of an image that was read.

use crate::image::read::{Archive, ReadError, SmallFile};
use crate::urunc::json::{self, Fault};
use std::collections::BTreeMap;

/// Where it is.
pub(super) const PATH: &str = "/urunc.json";
/// The largest one that is read, whose values have at most 4096 bytes each.
pub(super) const MAX: u64 = 1 << 20;

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
            SmallFile::Bytes(bytes) => Self::decode(&bytes),
            SmallFile::Other(what) => UruncJson::Other(what),
        }))
    }

    /// That with these bytes.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let (values, faults) = json::decode(bytes);
        UruncJson::File(values, faults)
    }

    /// Its values, where it is a file.
    pub(super) fn values(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            UruncJson::File(values, _) => Some(values),
            UruncJson::Other(_) => None,
        }
    }
}
