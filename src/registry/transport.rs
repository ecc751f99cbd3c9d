//! One request and its answer: which connection it takes, and what it means when there is no answer.

use super::address;
use super::blob::{self, Blob};
use super::error::{AuthorityFault, CertificateFault, Error, Phase, ProxyFault};
use super::proxy::Proxy;
use super::settings::{Limits, Security, Settings};
use crate::diag::describe_io;
use crate::host;
use rustls::CertificateError;
use std::fmt;
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::http::{HeaderMap, Method, Request, Response, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, SendBody, Timeout};
use url::Url;

/// The largest file of certificates that is read.
const MAX_CERTIFICATES: u64 = 16 << 20;
/// How much of an answer is read that is not a blob.
const MAX_ANSWER: u64 = 1 << 20;
/// How much of a body is read at once.
const BUFFER: usize = 1 << 16;
/// How long to wait for the word to go on before a body is sent; who does not give it gets the body.
const CONTINUE: Duration = Duration::from_secs(1);

/// What is sent to a URL.
pub(super) struct Call<'b> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Payload<'b>,
}

/// The body of a request.
pub(super) enum Payload<'b> {
    /// None, as in GET.
    None,
    /// These bytes.
    Bytes(&'b [u8]),
    /// A blob from a byte on; how much that is is in the headers.
    Blob { blob: &'b mut dyn Blob, from: u64 },
}

impl Payload<'_> {
    /// The same once more.
    pub(super) fn again(&mut self) -> Payload<'_> {
        match self {
            Payload::None => Payload::None,
            Payload::Bytes(bytes) => Payload::Bytes(bytes),
            Payload::Blob { blob, from } => Payload::Blob { blob: &mut **blob, from: *from },
        }
    }
}

/// What came back.
pub(super) struct Answer {
    /// The URL that answered.
    pub(super) url: Url,
    /// The status.
    pub(super) status: u16,
    /// The headers.
    pub(super) headers: HeaderMap,
    reason: &'static str,
    body: Body,
}

impl Answer {
    /// Whether what was asked for is done.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header, when it is there and text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// The host that answered, with its port.
    pub(super) fn host(&self) -> String {
        address::authority(&self.url)
    }

    /// Gives the body to `take`, part by part.
    ///
    /// # Errors
    /// That it breaks off, or what `take` says.
    pub(super) fn read(
        self,
        limits: &Limits,
        take: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut body = self.body.into_reader();
        let mut buffer = vec![0; BUFFER];
        loop {
            match body.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => take(buffer.get(..count).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failure(error.into(), &self.url, None, limits)),
            }
        }
    }

    /// The bytes of a short answer; of a long one the beginning.
    pub(super) fn bytes(self, limits: &Limits) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        match self.body.into_reader().take(MAX_ANSWER).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(failure(error.into(), &self.url, None, limits)),
        }
    }

    /// The status and what is said of it, in one line.
    pub(super) fn said(self, limits: &Limits) -> String {
        let status = format!("{} {}", self.status, self.reason).trim_end().to_owned();
        // A body that cannot be read has nothing to say.
        let bytes = self.bytes(limits).unwrap_or_default();
        match words(&bytes) {
            Some(words) => format!("{status}: {words}"),
            None => status,
        }
    }
}

/// What a registry says in the body of a failure, and what a server of tokens does.
fn words(body: &[u8]) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = |value: &serde_json::Value, key: &str| {
        value.get(key).and_then(serde_json::Value::as_str).map(str::to_owned)
    };
    let both = |value: &serde_json::Value, code: &str, message: &str| {
        let parts: Vec<String> =
            [code, message].iter().filter_map(|key| text(value, key)).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    let first = json.get("errors").and_then(|errors| errors.get(0));
    first
        .and_then(|first| both(first, "code", "message"))
        .or_else(|| both(&json, "error", "error_description"))
        .or_else(|| text(&json, "details"))
}

/// The connections to registries, kept for as long as they are of use.
pub(super) struct Transport<'s> {
    settings: &'s Settings,
    roots: Option<RootCerts>,
    /// One for each way to go: the proxy, and whether only addresses of this machine count.
    agents: Vec<(Option<Proxy>, bool, Agent)>,
}

impl<'s> Transport<'s> {
    pub(super) fn new(settings: &'s Settings) -> Self {
        Transport { settings, roots: None, agents: Vec::new() }
    }

    /// Sends a request. Redirects are answers like any other. `local` refuses to leave this machine.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(super) fn send(&mut self, call: Call<'_>, local: bool) -> Result<Answer, Error> {
        let Call { method, url, headers, body } = call;
        let proxy = self.settings.proxies.of(&url).cloned();
        let agent = self.agent(proxy.clone(), local)?;
        let mut request = Request::builder().method(method).uri(url.as_str());
        if let Some(map) = request.headers_mut() {
            *map = headers;
        }
        let limits = &self.settings.limits;
        let fault = |error| failure(error, &url, proxy.as_ref(), limits);
        let unsendable = |error| fault(ureq::Error::from(error));
        let answer = match body {
            Payload::None => agent.run(request.body(()).map_err(unsendable)?).map_err(fault),
            Payload::Bytes(bytes) => {
                agent.run(request.body(bytes).map_err(unsendable)?).map_err(fault)
            }
            Payload::Blob { blob, from } => blob::stream(blob, from, fault, |mut reader| {
                let body = SendBody::from_reader(&mut reader);
                agent.run(request.body(body).map_err(unsendable)?).map_err(fault)
            }),
        };
        Ok(arrived(url.clone(), answer?))
    }

    fn agent(&mut self, proxy: Option<Proxy>, local: bool) -> Result<Agent, Error> {
        let known = self.agents.iter().find(|(p, l, _)| (p, *l) == (&proxy, local));
        if let Some((_, _, agent)) = known {
            return Ok(agent.clone());
        }
        let through = match &proxy {
            None => None,
            Some(Proxy { variable, url }) => match ureq::Proxy::new(url) {
                Ok(proxy) => Some(proxy),
                Err(_) => return Err(Error::Proxy { variable, fault: ProxyFault::Url }),
            },
        };
        let limits = &self.settings.limits;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(through)
            .timeout_resolve(Some(limits.connect))
            .timeout_connect(Some(limits.connect))
            .timeout_per_write(Some(limits.send))
            .timeout_per_read(Some(limits.answer))
            // Less than the limit of a read, which would be an error.
            .timeout_await_100(Some(CONTINUE.min(limits.answer / 2)))
            .user_agent(concat!("bimanix/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(self.roots()?).build())
            .build();
        let lookup = Lookup { system: DefaultResolver::default(), local };
        let agent = Agent::with_parts(config, DefaultConnector::default(), lookup);
        self.agents.push((proxy, local, agent.clone()));
        Ok(agent)
    }

    fn roots(&mut self) -> Result<RootCerts, Error> {
        if let Some(roots) = &self.roots {
            return Ok(roots.clone());
        }
        let read = |file: &PathBuf| {
            certificates(file).map_err(|fault| Error::Authority { file: file.clone(), fault })
        };
        let authority = match &self.settings.security {
            Security::Tls { authority } => authority.as_ref(),
            Security::Plain => None,
        };
        let mut trusted = authority.map_or_else(|| Ok(Vec::new()), read)?;
        let mut is_machine = false;
        match &self.settings.certificates {
            Some(file) => trusted.extend(read(file)?),
            // What cannot be loaded of the machine's is not trusted, and that is what the handshake says.
            None => {
                let machine = rustls_native_certs::load_native_certs().certs;
                is_machine = authority.is_none() && !machine.is_empty();
                trusted.extend(machine.iter().map(|der| Certificate::from_der(der).to_owned()));
            }
        }
        let roots = if is_machine {
            RootCerts::PlatformVerifier
        } else {
            // The platform's verifier does not start where there are none, as in a container with nothing in it.
            RootCerts::from(trusted.into_iter())
        };
        Ok(self.roots.insert(roots).clone())
    }
}

fn certificates(file: &Path) -> Result<Vec<Certificate<'static>>, AuthorityFault> {
    let bytes = host::read(file, MAX_CERTIFICATES).map_err(AuthorityFault::Io)?;
    let mut found = Vec::new();
    for item in parse_pem(&bytes) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(AuthorityFault::Malformed(error.to_string())),
        }
    }
    if found.is_empty() { Err(AuthorityFault::Empty) } else { Ok(found) }
}

fn arrived(url: Url, answer: Response<Body>) -> Answer {
    let (parts, body) = answer.into_parts();
    Answer {
        url,
        status: parts.status.as_u16(),
        reason: parts.status.canonical_reason().unwrap_or_default(),
        headers: parts.headers,
        body,
    }
}

/// The system's addresses of hosts, and its refusals as what they are.
#[derive(Debug)]
struct Lookup {
    system: DefaultResolver,
    local: bool,
}

/// Why a host is not connected to.
#[derive(Debug)]
enum LookupFault {
    System { host: String, said: String },
    NotLocal { host: String },
}

impl fmt::Display for LookupFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LookupFault::System { host, said } => write!(f, "{host}: {said}"),
            LookupFault::NotLocal { host } => write!(f, "{host} is not on this machine"),
        }
    }
}

impl std::error::Error for LookupFault {}

impl Resolver for Lookup {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = || uri.host().unwrap_or_default().to_owned();
        let fault = |fault: LookupFault| Err(ureq::Error::Other(Box::new(fault)));
        match self.system.resolve(uri, config, timeout) {
            Ok(addresses) => {
                let is_local = |address: IpAddr| address.to_canonical().is_loopback();
                if self.local && !addresses.iter().all(|address| is_local(address.ip())) {
                    return fault(LookupFault::NotLocal { host: host() });
                }
                Ok(addresses)
            }
            Err(ureq::Error::Io(error)) => {
                fault(LookupFault::System { host: host(), said: describe_io(&error) })
            }
            Err(ureq::Error::HostNotFound) => {
                let said = "it has no address".to_owned();
                fault(LookupFault::System { host: host(), said })
            }
            Err(other) => Err(other),
        }
    }
}

/// What the lack of an answer means.
fn failure(error: ureq::Error, url: &Url, proxy: Option<&Proxy>, limits: &Limits) -> Error {
    let host = address::authority(url);
    match error {
        ureq::Error::Other(other) => match other.downcast::<LookupFault>() {
            Ok(fault) => match *fault {
                LookupFault::System { host, said } => Error::Lookup { host, said },
                LookupFault::NotLocal { host } => Error::NotLocal { host },
            },
            Err(other) => Error::Nonsense { host, what: other.to_string() },
        },
        ureq::Error::Timeout(reason) => {
            let (phase, limit) = match reason {
                Timeout::Resolve | Timeout::Connect => (Phase::Connect, limits.connect),
                Timeout::PerWrite | Timeout::SendRequest | Timeout::SendBody => {
                    (Phase::Send, limits.send)
                }
                _ => (Phase::Answer, limits.answer),
            };
            Error::Timeout { host, phase, limit }
        }
        ureq::Error::ConnectProxyFailed(said) => {
            let variable = proxy.map_or("", |proxy| proxy.variable);
            Error::Proxy { variable, fault: ProxyFault::Refused { host, said } }
        }
        ureq::Error::Rustls(error) => tls(host, &error),
        ureq::Error::Tls(said) => Error::Tls { host, said: said.to_owned() },
        ureq::Error::Io(error) => {
            let inner = error.get_ref();
            if let Some(fault) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return tls(host, fault);
            }
            match (error.kind(), proxy) {
                (
                    io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::HostUnreachable
                    | io::ErrorKind::NetworkUnreachable
                    | io::ErrorKind::NetworkDown
                    | io::ErrorKind::AddrNotAvailable
                    | io::ErrorKind::PermissionDenied,
                    proxy,
                ) => match proxy {
                    None => Error::Connect { host, error },
                    Some(Proxy { variable, .. }) => {
                        let said = describe_io(&error);
                        Error::Proxy { variable, fault: ProxyFault::Refused { host, said } }
                    }
                },
                _ => Error::Cut { host, said: describe_io(&error) },
            }
        }
        ureq::Error::ConnectionFailed => Error::Cut { host, said: "it ended at once".to_owned() },
        other => Error::Nonsense { host, what: other.to_string() },
    }
}

fn tls(host: String, error: &rustls::Error) -> Error {
    let certificate = match error {
        rustls::Error::InvalidMessage(_) => return Error::NotTls { host },
        rustls::Error::InvalidCertificate(certificate) => certificate,
        other => return Error::Tls { host, said: other.to_string() },
    };
    let fault = match certificate {
        // The second is an authority that is called as one that is trusted.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            CertificateFault::UnknownIssuer
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            CertificateFault::Expired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateFault::NotYetValid
        }
        CertificateError::NotValidForName => CertificateFault::WrongHost { hosts: Vec::new() },
        CertificateError::NotValidForNameContext { presented, .. } => {
            CertificateFault::WrongHost { hosts: presented.iter().map(|name| bare(name)).collect() }
        }
        other => {
            let said = other.to_string();
            if said.contains("CaUsedAsEndEntity") {
                CertificateFault::IsAuthority
            } else {
                CertificateFault::Other(said)
            }
        }
    };
    Error::Certificate { host, fault }
}

/// A name as rustls presents it, `DnsName("x.example")`, without its kind.
fn bare(presented: &str) -> String {
    let inner = presented.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(presented).trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where TLS was left out because of a name, the addresses of the name have to agree.
    #[test]
    fn what_stays_on_this_machine_goes_nowhere_else() {
        let resolve = |url: &str, local: bool| {
            let lookup = Lookup { system: DefaultResolver::default(), local };
            let uri: Uri = url.parse().unwrap();
            lookup.resolve(&uri, &ureq::config::Config::default(), NextTimeout::default())
        };
        for (url, is_local) in [
            ("http://127.0.0.1:5000/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:5000/", true),
            ("http://[::ffff:127.0.0.1]/", true),
            ("http://192.0.2.1:5000/", false),
            ("http://0.0.0.0/", false),
            ("http://[2001:db8::1]/", false),
        ] {
            assert!(resolve(url, false).is_ok(), "{url}");
            match resolve(url, true) {
                Ok(_) => assert!(is_local, "{url}"),
                Err(ureq::Error::Other(fault)) => {
                    let fault = fault.downcast::<LookupFault>().unwrap();
                    assert!(matches!(*fault, LookupFault::NotLocal { .. }) && !is_local, "{url}");
                }
                Err(error) => panic!("{url}: {error}"),
            }
        }
    }

    #[test]
    fn what_a_registry_says_of_a_failure() {
        for (body, expected) in [
            (r#"{"errors":[{"code":"DENIED","message":"not yours"}]}"#, Some("DENIED not yours")),
            (r#"{"errors":[{"code":"DENIED"}]}"#, Some("DENIED")),
            (r#"{"errors":[{"message":"not yours"},{"code":"X"}]}"#, Some("not yours")),
            (r#"{"error":"invalid_scope","error_description":"no"}"#, Some("invalid_scope no")),
            (r#"{"details":"incorrect password"}"#, Some("incorrect password")),
            (r#"{"errors":[]}"#, None),
            (r#"{"errors":7,"error":7}"#, None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(words(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn names_in_certificates() {
        for (presented, expected) in [
            ("DnsName(\"x.example\")", "x.example"),
            ("IpAddress(127.0.0.1)", "127.0.0.1"),
            ("x.example", "x.example"),
        ] {
            assert_eq!(bare(presented), expected);
        }
    }
}
