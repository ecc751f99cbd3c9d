//! Why something with a registry did not work: facts, and the words for them.

use crate::diag::{Diagnostic, describe_io};
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
        sent: String,
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

    /// The failure in words; `subject` is what was to be pushed or pulled.
    pub fn report(&self, subject: &str) -> Diagnostic {
        let error = |slug, title: String| Diagnostic::error(slug, title).with_subject(subject);
        let reach = |host: &str| error("registry/unreachable", format!("cannot reach `{host}`"));
        match self {
            Error::Address { registry } => {
                error("registry/address", format!("`{registry}` is not a registry"))
                    .with_why("a registry is a host, and maybe `:port`")
            }
            Error::Authority { file, fault } => {
                let title = format!("cannot read certificates from `{}`", file.display());
                let why = match fault {
                    AuthorityFault::Io(error) => describe_io(error),
                    AuthorityFault::Malformed(said) => said.clone(),
                    AuthorityFault::Empty => "it has no `BEGIN CERTIFICATE`".to_owned(),
                };
                error("registry/certificates", title)
                    .with_why(why)
                    .with_help("give a file in PEM with the certificate of the authority")
            }
            Error::Proxy { variable, fault: ProxyFault::Url } => {
                error("registry/proxy", format!("`{variable}` does not hold the URL of a proxy"))
                    .with_help("write it as in `http://proxy.example:3128`, or unset it")
            }
            Error::Proxy { variable, fault: ProxyFault::Refused { host, said } } => {
                let title = format!("the proxy of `{variable}` does not connect to `{host}`");
                error("registry/proxy", title)
                    .with_why(said)
                    .with_help("put the host into `no_proxy` to go past the proxy")
            }
            Error::Lookup { host, said } => {
                reach(host).with_why(said).with_help("check the name of the host")
            }
            Error::NotLocal { host } => reach(host)
                .with_why("it does not speak TLS, and has an address on another machine")
                .with_help("use `--plain-http` to speak HTTP without TLS all the same"),
            Error::Connect { host, error } => reach(host)
                .with_why(describe_io(error))
                .with_help("check that the registry runs, and its port"),
            Error::Certificate { host, fault } => certificate(
                error(
                    "registry/certificate",
                    format!("the certificate of `{host}` is not trusted"),
                ),
                fault,
            ),
            Error::NotTls { host } => reach(host)
                .with_why("it does not speak TLS")
                .with_help("use `--plain-http` if it speaks HTTP without TLS"),
            Error::Tls { host, said } => reach(host).with_why(said),
            Error::Timeout { host, phase, limit } => {
                let seconds = limit.as_secs_f64();
                let (what, flag) = match phase {
                    Phase::Connect => ("no connection", "--connect-timeout"),
                    Phase::Send => ("nothing of the request was taken", "--send-timeout"),
                    Phase::Answer => ("nothing was answered", "--answer-timeout"),
                };
                error("registry/timeout", format!("`{host}` takes too long"))
                    .with_why(format!("{what} for {seconds} s"))
                    .with_help(format!("`{flag}` sets how long to wait"))
            }
            Error::Cut { host, said } => {
                error("registry/cut", format!("the connection to `{host}` broke off"))
                    .with_why(said)
            }
            Error::Nonsense { host, what } => {
                error("registry/nonsense", format!("`{host}` does not answer as a registry"))
                    .with_why(what)
            }
            Error::Busy { host, said, .. } => {
                error("registry/busy", format!("`{host}` cannot do it now"))
                    .with_why(said)
                    .with_help("try again later")
            }
            Error::Refused { host, said } => {
                error("registry/refused", format!("`{host}` refuses it")).with_why(said).with_help(
                    "check the name of the repository, and that the login may use it: `docker login` or \
                     `podman login`",
                )
            }
            Error::Login { host, fault } => login(
                error("registry/login", format!("`{host}` wants a login")),
                fault,
            ),
            Error::Location { from, location, fault } => place(
                |title| error("registry/location", title),
                from,
                location,
                *fault,
            ),
            Error::WrongDigest { host, sent, found } => {
                error("registry/wrong-digest", format!("`{host}` has other bytes than were sent"))
                    .with_why(format!("it says {found}, and {sent} was sent"))
            }
            Error::Attempts { what, attempts, last } => {
                let last = last.report(subject);
                let why = match &last.why {
                    Some(why) => format!("{}: {why}", last.title),
                    None => last.title,
                };
                error("registry/failed", format!("cannot {what}, in {attempts} attempts"))
                    .with_why(why)
                    .with_help(last.help.unwrap_or_else(|| "try again later".to_owned()))
            }
            Error::Source(diagnostic) => (**diagnostic).clone(),
        }
    }
}

fn certificate(diagnostic: Diagnostic, fault: &CertificateFault) -> Diagnostic {
    match fault {
        CertificateFault::UnknownIssuer => {
            diagnostic.with_why("no authority that this machine trusts has signed it").with_help(
                "give the certificate of its authority with `--ca FILE`, or install it on this machine",
            )
        }
        CertificateFault::Expired => diagnostic
            .with_why("it has expired")
            .with_help("renew it, or set the clock of this machine"),
        CertificateFault::NotYetValid => diagnostic
            .with_why("it is not valid yet")
            .with_help("set the clock of this machine, or of the one that made it"),
        CertificateFault::WrongHost { hosts } if hosts.is_empty() => {
            diagnostic.with_why("it is for no host").with_help("make one with the host in it")
        }
        CertificateFault::WrongHost { hosts } => diagnostic
            .with_why(format!("it is for {}", hosts.join(", ")))
            .with_help("use a name that it is for, or make one with the host in it"),
        CertificateFault::IsAuthority => diagnostic
            .with_why("it is the certificate of an authority, which may not be that of a host")
            .with_help("sign one for the host with it, and give the authority with `--ca FILE`"),
        CertificateFault::Other(said) => diagnostic.with_why(said),
    }
}

fn login(diagnostic: Diagnostic, fault: &LoginFault) -> Diagnostic {
    let log_in = "log in with `docker login` or `podman login`";
    match fault {
        LoginFault::Unknown => diagnostic.with_why("none is known").with_help(log_in),
        LoginFault::Rejected { said } => {
            diagnostic.with_why(format!("it does not take the one that is known: {said}")).with_help(
                "log in again with `docker login` or `podman login`, and check the name of the repository",
            )
        }
        LoginFault::Ways(ways) => diagnostic
            .with_why(format!("it takes {}; `Basic` and `Bearer` are known", ways.join(", "))),
        LoginFault::NoChallenge => {
            diagnostic.with_why("it does not say how").with_help(log_in)
        }
        LoginFault::Token => diagnostic
            .with_why("it takes a password, and an identity token is known")
            .with_help(log_in),
        LoginFault::Realm(realm) => diagnostic
            .with_why(format!("tokens are given at `{realm}`, where everybody on the way could read it"))
            .with_help("ask whoever runs the registry for a realm with `https`"),
        LoginFault::Elsewhere { registry } => diagnostic
            .with_why(format!("`{registry}` has sent there; its own login is not for another host"))
            .with_help("name that host as the registry, if it is one"),
    }
}

fn place(
    error: impl Fn(String) -> Diagnostic,
    from: &str,
    location: &str,
    fault: LocationFault,
) -> Diagnostic {
    let goes = |what: &str| error(format!("`{from}` leads to `{location}`, {what}"));
    match fault {
        LocationFault::Missing => error(format!("`{from}` does not say where to go on"))
            .with_why("its answer has no header `Location`"),
        LocationFault::Invalid => goes("which is not a URL"),
        LocationFault::Scheme => goes("which is not HTTP"),
        LocationFault::Downgrade => goes("which leaves TLS")
            .with_why("everybody on the way could read and change what goes there")
            .with_help(
                "behind a proxy that does TLS, a registry has to be told so: by `X-Forwarded-Proto: https`",
            ),
        LocationFault::TooMany => goes("and does so without end"),
        LocationFault::Method => goes("which only 307 and 308 do to such a request"),
        LocationFault::Secret => goes("which is another host, and must not see the login"),
    }
}
