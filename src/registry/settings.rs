//! What the user decides about registries, and what is found in the environment.

use super::proxy::Proxies;
use crate::diag::Diagnostic;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How registries are talked to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// TLS, or not.
    pub security: Security,
    /// How long to wait.
    pub limits: Limits,
    /// How often to try.
    pub retries: Retries,
    /// A file of certificates in PEM that are trusted in place of those of this machine.
    pub certificates: Option<PathBuf>,
    /// The proxies on the way.
    pub proxies: Proxies,
    /// The files in which logins are looked for, the first one first.
    pub logins: Vec<PathBuf>,
}

/// TLS, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// TLS. Where no authority is given, a registry on a loopback address that does not speak it is spoken to
    /// without.
    Tls {
        /// A file of certificates in PEM that are trusted beside those of this machine.
        authority: Option<PathBuf>,
    },
    /// HTTP without TLS.
    Plain,
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection: to find the host, to reach it, and for its part of the TLS handshake.
    pub connect: Duration,
    /// For the other side to take a further byte of a request.
    pub send: Duration,
    /// For the other side to send a further byte of an answer.
    pub answer: Duration,
}

/// How often to try what fails in a way that can pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// How many times, the first one included.
    pub attempts: u32,
    /// How long to wait before the second; each further wait is twice as long. A registry that asks for another
    /// wait gets it.
    pub first_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(30),
            send: Duration::from_secs(60),
            // Some look through a large blob as a whole before they take it.
            answer: Duration::from_secs(300),
        }
    }
}

impl Default for Retries {
    fn default() -> Self {
        Retries { attempts: 5, first_wait: Duration::from_millis(250) }
    }
}

impl Settings {
    /// The proxies and logins of the environment, and for all else what is usual.
    pub fn from_environment() -> Self {
        Settings {
            security: Security::Tls { authority: None },
            limits: Limits::default(),
            retries: Retries::default(),
            certificates: None,
            proxies: Proxies::from_environment(),
            logins: super::credentials::files(),
        }
    }
}

/// Who is told of what happens on the way.
#[derive(Clone, Copy)]
pub struct Watch<'w> {
    /// So many more bytes are done.
    pub progress: &'w dyn Fn(u64),
    /// What may be wrong.
    pub warn: &'w dyn Fn(Diagnostic),
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
