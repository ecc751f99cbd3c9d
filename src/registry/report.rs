//! The words for what did not work with a registry: what, why, and what to do.

use super::error::{
    AuthorityFault, CertificateFault, Error, LocationFault, LoginFault, Phase, ProxyFault,
};
use crate::diag::{Diagnostic, describe_io};
use crate::explain::code;

impl Error {
    /// The failure in words; `subject` is what was to be pushed or pulled.
    pub fn report(&self, subject: &str) -> Diagnostic {
        let error = |code, title: String| Diagnostic::error(code, title).with_subject(subject);
        let reach =
            |host: &str| error(code::REGISTRY_UNREACHABLE, format!("cannot reach `{host}`"));
        match self {
            Error::Address { registry } => {
                error(code::REGISTRY_ADDRESS, format!("`{registry}` is not a registry"))
                    .with_why("a registry is a host, and maybe `:port`")
            }
            Error::Authority { file, fault } => {
                let title = format!("cannot read certificates from `{}`", file.display());
                let why = match fault {
                    AuthorityFault::Io(error) => describe_io(error),
                    AuthorityFault::Malformed(said) => said.clone(),
                    AuthorityFault::Empty => "it has no `BEGIN CERTIFICATE`".to_owned(),
                };
                error(code::REGISTRY_CERTIFICATES, title)
                    .with_why(why)
                    .with_help("give a file in PEM with the certificate of the authority")
            }
            Error::Proxy { variable, fault: ProxyFault::Url } => {
                error(code::REGISTRY_PROXY, format!("`{variable}` does not hold the URL of a proxy"))
                    .with_help("write it as in `http://proxy.example:3128`, or unset it")
            }
            Error::Proxy { variable, fault: ProxyFault::Refused { host, said } } => {
                let title = format!("the proxy of `{variable}` does not connect to `{host}`");
                error(code::REGISTRY_PROXY, title)
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
                    code::REGISTRY_CERTIFICATE,
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
                error(code::REGISTRY_TIMEOUT, format!("`{host}` takes too long"))
                    .with_why(format!("{what} for {seconds} s"))
                    .with_help(format!("`{flag}` sets how long to wait"))
            }
            Error::Cut { host, said } => {
                error(code::REGISTRY_CUT, format!("the connection to `{host}` broke off"))
                    .with_why(said)
            }
            Error::Nonsense { host, what } => {
                error(code::REGISTRY_NONSENSE, format!("`{host}` does not answer as a registry"))
                    .with_why(what)
            }
            Error::Busy { host, said, .. } => {
                error(code::REGISTRY_BUSY, format!("`{host}` cannot do it now"))
                    .with_why(said)
                    .with_help("try again later")
            }
            Error::Refused { host, said } => {
                error(code::REGISTRY_REFUSED, format!("`{host}` refuses it")).with_why(said).with_help(
                    "check the name of the repository, and that the login may use it: `docker login` or \
                     `podman login`",
                )
            }
            Error::Login { host, fault } => login(
                error(code::REGISTRY_LOGIN, format!("`{host}` wants a login")),
                fault,
            ),
            Error::Location { from, location, fault } => place(
                |title| error(code::REGISTRY_LOCATION, title),
                from,
                location,
                *fault,
            ),
            Error::WrongDigest { host, sent, found } => {
                error(code::REGISTRY_WRONG_DIGEST, format!("`{host}` has other bytes than were sent"))
                    .with_why(format!("it says {found}, and {sent} was sent"))
            }
            Error::Attempts { what, attempts, last } => {
                let last = last.report(subject);
                let why = match &last.why {
                    Some(why) => format!("{}: {why}", last.title),
                    None => last.title,
                };
                error(code::REGISTRY_FAILED, format!("cannot {what}, in {attempts} attempts"))
                    .with_why(why)
                    .with_help(last.help.unwrap_or_else(|| "try again later".to_owned()))
            }
            Error::Missing { host, what } => {
                error(code::REGISTRY_MISSING, format!("`{host}` has no {what}"))
                    .with_help("check the name of the repository, and whether a login is needed")
            }
            Error::WrongBytes { host, wanted, found } => {
                error(code::REGISTRY_WRONG_BYTES, format!("`{host}` sends other bytes than it should"))
                    .with_why(format!("their digest is {found}, and {wanted} was asked for"))
                    .with_help("ask whoever runs the registry; nothing of it was kept")
            }
            Error::WrongSize { host, digest, size, found } => {
                let found = match found {
                    Some(found) => format!("it has {found} bytes, and should have {size}"),
                    None => format!("it does not have the {size} bytes that it should"),
                };
                error(code::REGISTRY_WRONG_BYTES, format!("`{host}` sends a blob of another size"))
                    .with_why(format!("{digest}: {found}"))
            }
            Error::TooLarge { host, what, limit } => {
                error(code::REGISTRY_TOO_LARGE, format!("`{host}` sends too much for {what}"))
                    .with_why(format!("{limit} bytes are read at most"))
            }
            Error::NotManifest { host, why } => {
                error(code::REGISTRY_NOT_A_MANIFEST, format!("`{host}` sends no image"))
                    .with_why(why)
                    .with_help("name an image: manifests and indexes of OCI and of docker are read")
            }
            Error::Cache { operation, path, error } => {
                Diagnostic::io(code::REGISTRY_CACHE, operation, path, error)
                    .with_subject(subject)
                    .with_help("`XDG_CACHE_HOME` says where what was pulled is kept")
            }
            Error::Output(cause) => {
                error(code::REGISTRY_OUTPUT, "what is pulled cannot be written".to_owned())
                    .with_why(describe_io(cause))
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
    // A query may hold a signature, which is as good as a login for a while.
    let bare = |url: &str| url.split('?').next().unwrap_or_default().to_owned();
    let (from, location) = (bare(from), bare(location));
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
