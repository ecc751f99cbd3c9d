//! Why something with a registry did not work: facts, which `report` words.

use crate::diag::Diagnostic;
use crate::image::Digest;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why something with a registry did not work.
#[derive(Debug)]
pub enum Error {
    /// What should be a registry is no host.
    Address {
        /// What was given.
        registry: String,
    },
    /// The file of certificates to trust cannot be used.
    Authority {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        fault: AuthorityFault,
    },
    /// A proxy cannot be used.
    Proxy {
        /// The variable that names it.
        variable: &'static str,
        /// What is wrong.
        fault: ProxyFault,
    },
    /// A host has no address.
    Lookup {
        /// The host.
        host: String,
        /// What the system says.
        said: String,
    },
    /// A name that stands for this machine has an address elsewhere, where TLS is not left out.
    NotLocal {
        /// The host.
        host: String,
    },
    /// A host cannot be connected to.
    Connect {
        /// The host and the port.
        host: String,
        /// The system's error.
        error: io::Error,
    },
    /// A host has no certificate that is trusted.
    Certificate {
        /// The host and the port.
        host: String,
        /// What is wrong with it.
        fault: CertificateFault,
    },
    /// A host that should speak TLS speaks something else.
    NotTls {
        /// The host and the port.
        host: String,
    },
    /// TLS with a host fails in another way.
    Tls {
        /// The host and the port.
        host: String,
        /// What the library says.
        said: String,
    },
    /// A host does nothing for too long.
    Timeout {
        /// The host and the port.
        host: String,
        /// What it should do.
        phase: Phase,
        /// How long was waited.
        limit: Duration,
    },
    /// A connection ends before the answer does.
    Cut {
        /// The host and the port.
        host: String,
        /// What the system says.
        said: String,
    },
    /// An answer that is none of the protocol.
    Nonsense {
        /// The host and the port.
        host: String,
        /// What is wrong with it.
        what: String,
    },
    /// A registry asks to come back later, or has a fault of its own.
    Busy {
        /// The host and the port.
        host: String,
        /// What it says.
        said: String,
        /// How long it asks to wait.
        wait: Option<Duration>,
    },
    /// A registry does not do what it is asked.
    Refused {
        /// The host and the port.
        host: String,
        /// What it says.
        said: String,
    },
    /// A registry wants a login that cannot be given.
    Login {
        /// The host and the port.
        host: String,
        /// Why not.
        fault: LoginFault,
    },
    /// A place that an answer names cannot be gone to.
    Location {
        /// The URL that answered.
        from: String,
        /// What it names.
        location: String,
        /// What is wrong with it.
        fault: LocationFault,
    },
    /// A registry has other bytes than were sent.
    WrongDigest {
        /// The host and the port.
        host: String,
        /// The digest of what was sent.
        sent: Digest,
        /// The digest that it answers.
        found: String,
    },
    /// Something failed every time.
    Attempts {
        /// What should be done, as in "cannot …".
        what: &'static str,
        /// How often it was tried.
        attempts: u32,
        /// How it failed the last time.
        last: Box<Error>,
    },
    /// A registry does not have what it is asked for.
    Missing {
        /// The host and the port.
        host: String,
        /// What that is.
        what: String,
    },
    /// A registry sends other bytes than those of the digest that was asked for.
    WrongBytes {
        /// The host and the port.
        host: String,
        /// That digest.
        wanted: Digest,
        /// The digest of what came.
        found: Digest,
    },
    /// A registry has a blob of another size.
    WrongSize {
        /// The host and the port.
        host: String,
        /// Its digest.
        digest: Digest,
        /// The size that it should have.
        size: u64,
        /// The size that it has, where that is known.
        found: Option<u64>,
    },
    /// A registry sends more than is read.
    TooLarge {
        /// The host and the port.
        host: String,
        /// What that is.
        what: String,
        /// How many bytes are read.
        limit: u64,
    },
    /// What should be a manifest is none that is known.
    NotManifest {
        /// The host and the port.
        host: String,
        /// Why not.
        why: String,
    },
    /// What was pulled cannot be kept, or not be read.
    Cache {
        /// What should be done to the file: "read", "write" or "remove".
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// What is pulled cannot be passed on.
    Output(io::Error),
    /// What should be sent cannot be read.
    Source(Box<Diagnostic>),
}

/// What is wrong with a file of certificates.
#[derive(Debug)]
pub enum AuthorityFault {
    /// It cannot be read.
    Io(io::Error),
    /// It is no PEM.
    Malformed(String),
    /// It has no certificate.
    Empty,
}

/// What is wrong with a proxy.
#[derive(Debug)]
pub enum ProxyFault {
    /// The variable holds no URL of a proxy.
    Url,
    /// It does not connect to the host.
    Refused {
        /// The host and the port.
        host: String,
        /// What it says.
        said: String,
    },
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFault {
    /// No authority that is trusted has signed it.
    UnknownIssuer,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It is for other hosts.
    WrongHost {
        /// Those.
        hosts: Vec<String>,
    },
    /// It is that of an authority, and not that of a host.
    IsAuthority,
    /// Something else.
    Other(String),
}

/// A step of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// To connect.
    Connect,
    /// To take the request.
    Send,
    /// To answer.
    Answer,
}

/// Why a login cannot be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginFault {
    /// None is known.
    Unknown,
    /// The one that is known is refused.
    Rejected {
        /// What the registry says.
        said: String,
    },
    /// The registry takes none of the ways that are known.
    Ways(Vec<String>),
    /// The registry does not say how.
    NoChallenge,
    /// The one that is known is a token, and a password is wanted.
    Token,
    /// Tokens are given where the login would be readable on the way.
    Realm(String),
    /// It is another host that wants it, to which the registry has sent.
    Elsewhere {
        /// The registry.
        registry: String,
    },
}

/// What is wrong with a place that an answer names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocationFault {
    /// There is none.
    Missing,
    /// It is no URL.
    Invalid,
    /// It is no URL of HTTP.
    Scheme,
    /// It leaves TLS.
    Downgrade,
    /// It is one in a long row of redirects.
    TooMany,
    /// The request would have to become another one.
    Method,
    /// The login would go to another host.
    Secret,
}

impl Error {
    /// Whether it may go away by itself.
    pub fn can_pass(&self) -> bool {
        match self {
            Error::Timeout { phase, .. } => *phase != Phase::Connect,
            Error::Cut { .. } | Error::Busy { .. } => true,
            _ => false,
        }
    }

    /// How long the other side asks to wait.
    pub(super) fn wait(&self) -> Option<Duration> {
        match self {
            Error::Busy { wait, .. } => *wait,
            _ => None,
        }
    }
}
