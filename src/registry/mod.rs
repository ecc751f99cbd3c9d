//! Pushing to a registry (OCI distribution-spec 1.1, "Push").
//!
//! In: where to, blobs that can be written more than once, and a manifest. Out: what was uploaded, or the
//! first reason why not. What always holds: a blob that the registry has is not sent; the manifest comes
//! last, so that a push which fails leaves no tag; what can pass is tried again, a few times.

mod credentials;

use crate::diag::{Diagnostic, describe_io};
use credentials::Credentials;
use std::fmt;
use std::io::{self, Read, Write};
use std::time::Duration;
use ureq::http::{HeaderMap, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, SendBody};

/// How often something is tried.
const ATTEMPTS: u32 = 5;
/// How long to wait before the second attempt; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// How long a registry may ask to wait.
const LONGEST_WAIT: u64 = 60;
/// How much of an answer is read.
const MAX_ANSWER: u64 = 1 << 20;

/// Where an image goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The registry, with its port.
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

/// Something that a registry keeps by its digest.
pub trait Blob: std::marker::Send {
    /// Its digest, `sha256:` and 64 digits.
    fn digest(&self) -> String;
    /// How many bytes it has.
    fn size(&self) -> u64;
    /// Writes it; called once for each attempt.
    ///
    /// # Errors
    /// What keeps it from being written.
    fn write(&mut self, out: &mut (dyn Write + std::marker::Send)) -> Result<(), Box<Diagnostic>>;
}

/// A manifest and its media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The media type.
    pub media_type: String,
    /// Its digest.
    pub digest: String,
}

/// What a push came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pushed {
    /// How many blobs were sent.
    pub sent: usize,
    /// How many the registry had.
    pub known: usize,
    /// How many bytes were sent.
    pub bytes: u64,
}

/// Pushes an image. `plain` speaks HTTP without TLS; with registries on this machine that is the rule.
///
/// # Errors
/// The first thing that fails for good.
pub fn push(
    to: &Reference,
    blobs: &mut [Box<dyn Blob + '_>],
    manifest: &Manifest,
    plain: bool,
    progress: &dyn Fn(u64),
) -> Result<Pushed, Box<Diagnostic>> {
    let mut session = Session::new(to, plain);
    let mut pushed = Pushed::default();
    for blob in blobs {
        if session.has_blob(&blob.digest())? {
            pushed.known += 1;
        } else {
            session.upload(blob.as_mut())?;
            pushed.sent += 1;
            pushed.bytes += blob.size();
        }
        progress(blob.size());
    }
    session.put_manifest(manifest)?;
    Ok(pushed)
}

/// What a registry answers for credentials.
#[derive(serde::Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

struct Session<'r> {
    agent: Agent,
    to: &'r Reference,
    base: String,
    /// The header `Authorization`, once the registry has asked for one.
    authorization: Option<String>,
}

/// Why an attempt failed.
enum Failure {
    /// It may pass; after so many seconds, when the registry says so.
    Passing(String, Option<u64>),
    /// It will not.
    Lasting(Box<Diagnostic>),
}

type Answer = Response<Body>;

/// Sends a request with this header `Authorization`.
type Send<'s> = dyn FnMut(&Agent, Option<&str>) -> Result<Answer, ureq::Error> + 's;

impl<'r> Session<'r> {
    fn new(to: &'r Reference, plain: bool) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(30)))
            .timeout_recv_response(Some(Duration::from_secs(120)))
            .user_agent(concat!("bimanix/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build();
        let scheme = if plain || is_local(&to.host) { "http" } else { "https" };
        let host = match to.host.as_str() {
            "docker.io" => "registry-1.docker.io",
            other => other,
        };
        let base = format!("{scheme}://{host}");
        Session { agent: config.into(), to, base, authorization: None }
    }

    fn fault(&self, slug: &'static str, title: impl Into<String>) -> Diagnostic {
        Diagnostic::error(slug, title).with_subject(self.to.to_string())
    }

    /// Tries until it is done, or has failed for good.
    fn retry<T>(
        &mut self,
        what: &str,
        mut attempt: impl FnMut(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Box<Diagnostic>> {
        let mut wait = FIRST_WAIT;
        let mut tries = 1;
        loop {
            let (why, asked) = match attempt(self) {
                Ok(value) => return Ok(value),
                Err(Failure::Lasting(diagnostic)) => return Err(diagnostic),
                Err(Failure::Passing(why, asked)) => (why, asked),
            };
            if tries >= ATTEMPTS {
                let title = format!("cannot {what}, in {ATTEMPTS} attempts");
                let diagnostic = self.fault("push/failed", title).with_why(why);
                return Err(Box::new(
                    diagnostic.with_help("try again later; what was uploaded is kept"),
                ));
            }
            tries += 1;
            let asked = asked.map(|seconds| Duration::from_secs(seconds.min(LONGEST_WAIT)));
            std::thread::sleep(asked.unwrap_or(wait));
            wait *= 2;
        }
    }

    /// Sends a request, and once more with credentials when the registry asks for them.
    fn request(&mut self, send: &mut Send<'_>) -> Result<Answer, Failure> {
        let first = send(&self.agent, self.authorization.as_deref());
        let answer = self.judge(first)?;
        if answer.status() != 401 {
            return Ok(answer);
        }
        let challenge = header(answer.headers(), "www-authenticate").unwrap_or_default();
        self.authorization = Some(self.authorize(&challenge)?);
        let second = send(&self.agent, self.authorization.as_deref());
        let answer = self.judge(second)?;
        if answer.status() == 401 {
            return Err(Failure::Lasting(Box::new(self.refused(answer))));
        }
        Ok(answer)
    }

    fn judge(&self, answer: Result<Answer, ureq::Error>) -> Result<Answer, Failure> {
        let answer = answer.map_err(|error| match error {
            ureq::Error::HostNotFound | ureq::Error::Tls(_) | ureq::Error::BadUri(_) => {
                let title = format!("cannot reach the registry `{}`", self.to.host);
                let diagnostic = self.fault("push/unreachable", title).with_why(error.to_string());
                Failure::Lasting(Box::new(diagnostic))
            }
            ureq::Error::Io(error) => Failure::Passing(describe_io(&error), None),
            other => Failure::Passing(other.to_string(), None),
        })?;
        let status = answer.status().as_u16();
        if status == 429 || status >= 500 {
            let asked = header(answer.headers(), "retry-after").and_then(|text| text.parse().ok());
            return Err(Failure::Passing(said(answer), asked));
        }
        Ok(answer)
    }

    fn refused(&self, answer: Answer) -> Diagnostic {
        self.fault("push/refused", format!("the registry `{}` refuses the push", self.to.host))
            .with_why(said(answer))
            .with_help("log in with `docker login` or `podman login`, and check the name of the repository")
    }

    /// The header that a challenge asks for (RFC 7235; the distribution project's token protocol).
    fn authorize(&self, challenge: &str) -> Result<String, Failure> {
        let known = credentials::find(&self.to.host);
        let (scheme, rest) = challenge.split_once(' ').unwrap_or((challenge, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return known.as_ref().map(Credentials::basic).ok_or_else(|| {
                let title = format!("the registry `{}` wants a login", self.to.host);
                let diagnostic = self.fault("push/refused", title);
                Failure::Lasting(Box::new(
                    diagnostic.with_help("log in with `docker login` or `podman login`"),
                ))
            });
        }
        let parameters = parameters(rest);
        let of = |name: &str| {
            parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        };
        let Some(realm) = of("realm").filter(|_| scheme.eq_ignore_ascii_case("bearer")) else {
            let title =
                format!("the registry `{}` asks for a login in an unknown way", self.to.host);
            let diagnostic = self.fault("push/refused", title).with_why(challenge.to_owned());
            return Err(Failure::Lasting(Box::new(diagnostic)));
        };
        let scope = format!("repository:{}:pull,push", self.to.repository);
        let mut request = self.agent.get(realm).query("scope", scope);
        if let Some(service) = of("service") {
            request = request.query("service", service);
        }
        if let Some(known) = &known {
            request = request.header("Authorization", known.basic());
        }
        let answer = self.judge(request.call())?;
        if !answer.status().is_success() {
            return Err(Failure::Lasting(Box::new(self.refused(answer))));
        }
        let mut bytes = Vec::new();
        let read = answer.into_body().into_reader().take(MAX_ANSWER).read_to_end(&mut bytes);
        read.map_err(|error| Failure::Passing(error.to_string(), None))?;
        let token: Option<Token> = serde_json::from_slice(&bytes).ok();
        match token.and_then(|token| token.token.or(token.access_token)) {
            Some(token) => Ok(format!("Bearer {token}")),
            None => Err(Failure::Passing("the registry gives no token".to_owned(), None)),
        }
    }

    fn has_blob(&mut self, digest: &str) -> Result<bool, Box<Diagnostic>> {
        let url = format!("{}/v2/{}/blobs/{digest}", self.base, self.to.repository);
        self.retry("ask the registry for a blob", |session| {
            let answer = session.request(&mut |agent, authorization| {
                let request = agent.head(&url);
                match authorization {
                    Some(value) => request.header("Authorization", value).call(),
                    None => request.call(),
                }
            })?;
            match answer.status().as_u16() {
                200 => Ok(true),
                404 => Ok(false),
                _ => Err(Failure::Lasting(Box::new(session.refused(answer)))),
            }
        })
    }

    fn upload(&mut self, blob: &mut (dyn Blob + '_)) -> Result<(), Box<Diagnostic>> {
        let start = format!("{}/v2/{}/blobs/uploads/", self.base, self.to.repository);
        let digest = blob.digest();
        self.retry("upload a blob", |session| {
            let answer = session.request(&mut |agent, authorization| {
                let request = agent.post(&start);
                match authorization {
                    Some(value) => request.header("Authorization", value).send_empty(),
                    None => request.send_empty(),
                }
            })?;
            if answer.status() != 202 {
                return Err(Failure::Lasting(Box::new(session.refused(answer))));
            }
            let Some(location) = header(answer.headers(), "location") else {
                return Err(Failure::Passing(
                    "the registry names no place to upload to".into(),
                    None,
                ));
            };
            let location = if location.starts_with('/') {
                format!("{}{location}", session.base)
            } else {
                location
            };
            let mark = if location.contains('?') { '&' } else { '?' };
            let url = format!("{location}{mark}digest={}", digest.replace(':', "%3A"));
            let answer = session.send(&url, blob)?;
            let status = answer.status().as_u16();
            if status != 201 && status != 204 {
                return Err(Failure::Lasting(Box::new(session.refused(answer))));
            }
            session.check_digest(&answer, &digest)
        })
    }

    /// Streams a blob: it is written into a pipe that the request reads.
    fn send(&self, url: &str, blob: &mut (dyn Blob + '_)) -> Result<Answer, Failure> {
        let passing = |error: &dyn fmt::Display| Failure::Passing(error.to_string(), None);
        let (mut reader, mut writer) = io::pipe().map_err(|error| passing(&error))?;
        let size = blob.size();
        std::thread::scope(|scope| {
            let written = scope.spawn(move || {
                let written = blob.write(&mut writer);
                drop(writer);
                written
            });
            let mut request = self
                .agent
                .put(url)
                .header("Content-Type", "application/octet-stream")
                .header("Content-Length", size.to_string());
            if let Some(value) = &self.authorization {
                request = request.header("Authorization", value);
            }
            let answer = request.send(SendBody::from_reader(&mut reader));
            // Whoever still writes must not wait for a reader.
            drop(reader);
            let written = written.join();
            match (answer, written) {
                // A source that cannot be read is why the request ended.
                (_, Ok(Err(diagnostic))) if diagnostic.slug != "image/output" => {
                    Err(Failure::Lasting(diagnostic))
                }
                (answer, _) => self.judge(answer),
            }
        })
    }

    fn check_digest(&self, answer: &Answer, expected: &str) -> Result<(), Failure> {
        match header(answer.headers(), "docker-content-digest") {
            Some(found) if found != expected => {
                let title =
                    format!("the registry `{}` has other bytes than were sent", self.to.host);
                let why = format!("it says {found} of {expected}");
                let diagnostic = self.fault("push/wrong-digest", title).with_why(why);
                Err(Failure::Lasting(Box::new(diagnostic)))
            }
            _ => Ok(()),
        }
    }

    fn put_manifest(&mut self, manifest: &Manifest) -> Result<(), Box<Diagnostic>> {
        let url = format!("{}/v2/{}/manifests/{}", self.base, self.to.repository, self.to.tag);
        self.retry("put the manifest", |session| {
            let answer = session.request(&mut |agent, authorization| {
                let mut request = agent.put(&url).header("Content-Type", &manifest.media_type);
                if let Some(value) = authorization {
                    request = request.header("Authorization", value);
                }
                request.send(&manifest.bytes)
            })?;
            if answer.status() != 201 {
                return Err(Failure::Lasting(Box::new(session.refused(answer))));
            }
            session.check_digest(&answer, &manifest.digest)
        })
    }
}

/// Registries on this machine speak plain HTTP, as docker takes for granted too.
fn is_local(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost" || name.starts_with("127.") || name == "[::1]"
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The status and what the registry says of it, in one line.
fn said(answer: Answer) -> String {
    #[derive(serde::Deserialize)]
    struct Fault {
        code: Option<String>,
        message: Option<String>,
    }
    #[derive(serde::Deserialize)]
    struct Faults {
        errors: Vec<Fault>,
    }
    let status = answer.status();
    let mut bytes = Vec::new();
    // A body that cannot be read has nothing to say.
    answer.into_body().into_reader().take(MAX_ANSWER).read_to_end(&mut bytes).unwrap_or_default();
    let faults: Option<Faults> = serde_json::from_slice(&bytes).ok();
    let first = faults.and_then(|faults| faults.errors.into_iter().next());
    match first {
        Some(Fault { code, message }) => {
            format!("{status}: {} {}", code.unwrap_or_default(), message.unwrap_or_default())
                .trim_end()
                .to_owned()
        }
        None => status.to_string(),
    }
}

/// `key="value"` pairs with commas between.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut rest = text.trim();
    while let Some((key, after)) = rest.split_once('=') {
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        pairs.push((key.trim().to_ascii_lowercase(), value.to_owned()));
        rest = next.trim_start_matches([',', ' ']);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges() {
        let text =
            r#"realm="https://auth.x/token",service="x.io", scope="repository:a/b:pull,push",x=1"#;
        let expected = [
            ("realm", "https://auth.x/token"),
            ("service", "x.io"),
            ("scope", "repository:a/b:pull,push"),
            ("x", "1"),
        ];
        let expected: Vec<(String, String)> =
            expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        assert_eq!(parameters(text), expected);
        assert_eq!(parameters(""), []);
        assert_eq!(parameters("nonsense"), []);
    }

    #[test]
    fn registries_of_this_machine() {
        for (host, local) in [
            ("localhost", true),
            ("localhost:5000", true),
            ("127.0.0.1:5000", true),
            ("[::1]:5000", true),
            ("docker.io", false),
            ("localhost.example.org", false),
        ] {
            assert_eq!(is_local(host), local, "{host}");
        }
    }
}
