//! Pushing an image: the blobs that the registry lacks, and the manifest last.

use super::Reference;
use super::blob::Blob;
use super::client::{Access, Client};
use super::error::Error;
use super::settings::{Settings, Watch};
use super::upload::Upload;
use crate::image::Digest;

/// A manifest and its media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The media type.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
}

impl Manifest {
    /// The manifest that has these bytes.
    pub fn new(bytes: Vec<u8>, media_type: String) -> Self {
        Manifest { digest: Digest::of(&bytes), bytes, media_type }
    }
}

/// What a push came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pushed {
    /// How many blobs were sent.
    pub sent: usize,
    /// How many the registry had.
    pub known: usize,
    /// How many it had in another repository, and took from there.
    pub mounted: usize,
    /// How many bytes were sent.
    pub bytes: u64,
}

/// Pushes images: their blobs, then their manifests, each by its digest but for the last one, which gets the tag: that is
/// the index, where there are several images. Blobs that one of the repositories `mount_from` of the same registry has are taken from there.
///
/// # Errors
/// The first thing that fails for good, and what was done before it.
pub fn push(
    to: &Reference,
    blobs: &mut [Box<dyn Blob + '_>],
    manifests: &[Manifest],
    mount_from: &[String],
    settings: &Settings,
    watch: Watch<'_>,
) -> Result<Pushed, (Error, Pushed)> {
    let mut client = Client::new(&to.host, &to.repository, Access::Push, settings, watch);
    let mut repositories = mount_from.to_vec();
    repositories.retain(|repository| *repository != to.repository);
    client.read_also(&repositories);
    let mut pushed = Pushed::default();
    for blob in blobs {
        let digest = blob.digest();
        let known = client
            .retry("ask the registry for a blob", |client| client.has_blob(&to.repository, digest));
        match known {
            Ok(true) => pushed.known += 1,
            Ok(false) => match client.upload(blob.as_mut(), &mut repositories) {
                Ok(Upload::Mounted) => pushed.mounted += 1,
                Ok(Upload::Sent) => {
                    pushed.sent += 1;
                    pushed.bytes += blob.size();
                }
                Err(error) => return Err((error, pushed)),
            },
            Err(error) => return Err((error, pushed)),
        }
        client.progress(blob.size());
    }
    for (left, manifest) in (0..manifests.len()).rev().zip(manifests) {
        let name = if left == 0 { to.tag.clone() } else { manifest.digest.to_string() };
        client.put_manifest(manifest, &name).map_err(|error| (error, pushed))?;
    }
    Ok(pushed)
}
