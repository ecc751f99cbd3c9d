//! Registries (OCI distribution-spec 1.1): pushing an image to one, and pulling from one.
//!
//! In: where to, blobs that can be written more than once, a manifest, and [`Settings`]; or where from, and digests.
//! Out: what was sent, or manifests and blobs, or an [`Error`] of facts, which `report` words. What always holds:
//!
//! * A login and its tokens go to the scheme, host and port that they are for, and to no other: not behind a
//!   redirect, not to where an upload is sent on to, never from https to http.
//! * What can pass is tried again, a few times; what cannot ends at once, with its cause.
//! * No wait is without a limit: to connect, to send, for an answer.
//! * A blob that the registry has is not sent; the manifest comes last, so that a push which fails leaves no tag.
//!
//! * What is pulled has the digest and the size that were asked for, from the [`Cache`] too.
//!
//! One file a subject: `settings` (what the user decides), `address` (URLs), `proxy`, `transport` (one request),
//! `credentials` (where logins are kept), `challenge` and `authorize` (what a registry asks for, and the answer),
//! `client` (requests with all of it), `blob`, `upload` and `push`, `pull`, `verified` and `cache`.

mod address;
mod authorize;
mod blob;
mod cache;
mod challenge;
mod client;
mod credentials;
mod error;
mod proxy;
mod pull;
mod push;
mod report;
mod settings;
mod transport;
mod upload;
mod verified;

pub use blob::{Blob, BlobError};
pub use cache::{Cache, CachedBlob};
pub use error::{
    AuthorityFault, CertificateFault, Error, LocationFault, LoginFault, Phase, ProxyFault,
};
pub use proxy::Proxies;
pub use pull::{Pull, Repository, Version};
pub use push::{Manifest, Pushed, push};
pub use settings::{Limits, Retries, Security, Settings, Watch};
pub use verified::Verified;

use std::fmt;

/// A tag in a repository of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The registry: a host, and a port where it is not the usual one.
    pub host: String,
    /// The path in the registry.
    pub repository: String,
    /// The tag.
    pub tag: String,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.host, self.repository, self.tag)
    }
}
