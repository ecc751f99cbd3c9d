//! Requests to one repository of one registry: with the login where it belongs, redirects, and further attempts.

use super::address;
use super::challenge::{self, Challenge};
use super::credentials::{self, Login};
use super::error::{Error, LocationFault, LoginFault};
use super::settings::{Security, Settings, Watch};
use super::transport::{Answer, Call, Payload, Transport};
use crate::image::Digest;
use std::cell::OnceCell;
use std::time::Duration;
use ureq::http::header::AUTHORIZATION;
use ureq::http::{HeaderMap, HeaderValue, Method};
use url::Url;

/// How many redirects are followed in a row.
const MAX_REDIRECTS: usize = 10;
/// How long a registry may ask to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What is to be done in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// To read.
    Pull,
    /// To read and to write.
    Push,
}

impl Access {
    fn actions(self) -> &'static str {
        match self {
            Access::Pull => "pull",
            Access::Push => "pull,push",
        }
    }
}

/// A request, which may be sent more than once.
pub(super) struct Exchange<'b> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Payload<'b>,
    /// Whether the body is for the host of the URL alone.
    pub(super) is_secret: bool,
}

impl Exchange<'_> {
    /// A request without a body.
    pub(super) fn of(method: Method, url: Url) -> Self {
        let body = match method {
            Method::GET | Method::HEAD => Payload::None,
            _ => Payload::Bytes(&[]),
        };
        Exchange { method, url, headers: HeaderMap::new(), body, is_secret: false }
    }

    /// Adds a header; one whose value cannot be sent is left out.
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// A repository of a registry, and what is known of it so far.
pub(super) struct Client<'s> {
    pub(super) settings: &'s Settings,
    watch: Watch<'s>,
    transport: Transport<'s>,
    pub(super) registry: &'s str,
    pub(super) repository: &'s str,
    access: Access,
    /// Other repositories of the registry that are read.
    others: Vec<String>,
    /// The root of the registry, once it is known whether it speaks TLS.
    root: Option<Url>,
    login: OnceCell<Option<Login>>,
    /// Whether large bodies wait for the registry's word.
    pub(super) asks_first: bool,
    /// What the registry has asked for, for its own scheme, host and port.
    authorization: Option<HeaderValue>,
}

impl<'s> Client<'s> {
    pub(super) fn new(
        registry: &'s str,
        repository: &'s str,
        access: Access,
        settings: &'s Settings,
        watch: Watch<'s>,
    ) -> Self {
        Client {
            settings,
            watch,
            transport: Transport::new(settings),
            registry,
            repository,
            access,
            others: Vec::new(),
            root: None,
            login: OnceCell::new(),
            asks_first: true,
            authorization: None,
        }
    }

    /// Asks for leave to read other repositories as well.
    pub(super) fn read_also(&mut self, repositories: &[String]) {
        self.others = repositories.to_vec();
    }

    /// Does something until it is done, has failed for good, or too often.
    pub(super) fn retry<T>(
        &mut self,
        what: &'static str,
        mut attempt: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.retry_moving(what, |client| (attempt(client), false))
    }

    /// Does something until it is done, has failed for good, or too often without getting anywhere.
    pub(super) fn retry_moving<T>(
        &mut self,
        what: &'static str,
        mut attempt: impl FnMut(&mut Self) -> (Result<T, Error>, bool),
    ) -> Result<T, Error> {
        let mut wait = self.settings.retries.first_wait;
        let mut attempts = 1;
        loop {
            let error = match attempt(self) {
                (Err(error), has_moved) if error.can_pass() => {
                    if has_moved {
                        (wait, attempts) = (self.settings.retries.first_wait, 1);
                    }
                    error
                }
                (done, _) => return done,
            };
            if attempts >= self.settings.retries.attempts {
                return Err(Error::Attempts { what, attempts, last: Box::new(error) });
            }
            attempts += 1;
            std::thread::sleep(error.wait().map_or(wait, |asked| asked.min(LONGEST_WAIT)));
            wait = wait.saturating_mul(2);
        }
    }

    /// The URL of something in a repository.
    pub(super) fn url(&mut self, repository: &str, path: &str) -> Result<Url, Error> {
        let root = self.root()?;
        let text = format!("v2/{repository}/{path}");
        root.join(&text).map_err(|_| Error::Address { registry: format!("{root}{text}") })
    }

    /// The root of the registry. One of this machine is asked whether it speaks TLS, unless that is said.
    fn root(&mut self) -> Result<Url, Error> {
        if let Some(root) = &self.root {
            return Ok(root.clone());
        }
        let scheme = if self.settings.security == Security::Plain { "http" } else { "https" };
        let mut root = address::root(self.registry, scheme)?;
        let may_be_plain = self.settings.security == Security::Tls { authority: None };
        if may_be_plain
            && address::is_local(&root)
            && let Some(why) = self.why_no_tls(&root)?
        {
            root = address::root(self.registry, "http")?;
            // Servers that do speak TLS answer 400 to who does not.
            if self.send(Exchange::of(Method::GET, address::ping(&root)))?.status == 400 {
                return Err(why);
            }
        }
        Ok(self.root.insert(root).clone())
    }

    /// Why a registry seems not to speak TLS; none when it does.
    fn why_no_tls(&mut self, root: &Url) -> Result<Option<Error>, Error> {
        match self.send(Exchange::of(Method::GET, address::ping(root))) {
            Ok(_) => Ok(None),
            Err(why @ (Error::NotTls { .. } | Error::Cut { .. })) => Ok(Some(why)),
            // Without a port the two are asked at different ones.
            Err(why @ Error::Connect { .. }) if root.port().is_none() => Ok(Some(why)),
            Err(error) => Err(error),
        }
    }

    /// The user's login for the repository, looked for once.
    pub(super) fn login(&self) -> Option<Login> {
        let files = &self.settings.logins;
        let find = || credentials::find(files, self.registry, self.repository, self.watch.warn);
        self.login.get_or_init(find).clone()
    }

    /// What tokens are to allow: what is needed, and what the registry asks for beside it.
    pub(super) fn scopes(&self, asked: Option<&str>) -> Vec<String> {
        let own = format!("repository:{}:{}", self.repository, self.access.actions());
        let others = self.others.iter().map(|other| format!("repository:{other}:pull"));
        let mut scopes: Vec<String> = std::iter::once(own).chain(others).collect();
        let resource =
            |scope: &str| scope.rsplit_once(':').map(|(resource, _)| resource.to_owned());
        for scope in asked.unwrap_or_default().split_whitespace() {
            if !scopes.iter().any(|own| resource(own) == resource(scope)) {
                scopes.push(scope.to_owned());
            }
        }
        scopes
    }

    /// Sends a request, and once more when the registry wants a login, or another token than it was given.
    ///
    /// # Errors
    /// Why there is no answer, or none without a login.
    pub(super) fn request(&mut self, mut exchange: Exchange<'_>) -> Result<Answer, Error> {
        let answer = self.once(&mut exchange)?;
        if answer.status != 401 {
            return Ok(answer);
        }
        self.renew(answer)?;
        let answer = self.once(&mut exchange)?;
        if answer.status == 401 { Err(self.unwelcome(answer)) } else { Ok(answer) }
    }

    /// Sends a request with what the registry has asked for so far.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(super) fn once(&mut self, exchange: &mut Exchange<'_>) -> Result<Answer, Error> {
        let own = self.root.as_ref().is_some_and(|root| address::same_origin(root, &exchange.url));
        exchange.headers.remove(AUTHORIZATION);
        if let Some(authorization) = self.authorization.as_ref().filter(|_| own) {
            exchange.headers.insert(AUTHORIZATION, authorization.clone());
        }
        self.follow(exchange)
    }

    /// Does what an answer of 401 asks for.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub(super) fn renew(&mut self, answer: Answer) -> Result<(), Error> {
        let root = self.root()?;
        if !address::same_origin(&root, &answer.url) {
            return Err(self.unwelcome(answer));
        }
        let mut challenges = challenge::all(&answer.headers);
        if challenges.is_empty() {
            let mut ping = Exchange::of(Method::GET, address::ping(&root));
            challenges = challenge::all(&self.follow(&mut ping)?.headers);
        }
        self.authorization = Some(self.meet(&challenges, &answer.url)?);
        Ok(())
    }

    fn meet(&mut self, challenges: &[Challenge], url: &Url) -> Result<HeaderValue, Error> {
        match self.answer_to(challenges, url) {
            // Somebody may read one repository and not the others.
            Err(Error::Login { .. } | Error::Refused { .. }) if !self.others.is_empty() => {
                self.others.clear();
                self.answer_to(challenges, url)
            }
            done => done,
        }
    }

    /// What it means that a login does not help.
    pub(super) fn unwelcome(&self, answer: Answer) -> Error {
        let host = answer.host();
        let own = self.root.as_ref().is_some_and(|root| address::same_origin(root, &answer.url));
        let fault = match self.login() {
            _ if !own => LoginFault::Elsewhere { registry: self.registry.to_owned() },
            Some(_) => LoginFault::Rejected { said: answer.said(&self.settings.limits) },
            None => LoginFault::Unknown,
        };
        Error::Login { host, fault }
    }

    /// Sends a request, and again to where the answer leads, with the same method and body. What the headers say
    /// of a login goes to the host of the first URL alone.
    ///
    /// # Errors
    /// Why there is no answer; a server that cannot do it now has given none.
    pub(super) fn follow(&mut self, exchange: &mut Exchange<'_>) -> Result<Answer, Error> {
        let start = exchange.url.clone();
        let mut url = start.clone();
        let mut headers = exchange.headers.clone();
        for _ in 0..=MAX_REDIRECTS {
            let call = Call {
                method: exchange.method.clone(),
                url: url.clone(),
                headers: headers.clone(),
                body: exchange.body.again(),
            };
            let answer = self.transport.send(call, self.stays_here(&url))?;
            let kept = matches!(answer.status, 307 | 308);
            if !kept && !matches!(answer.status, 301..=303) {
                return self.unless_busy(answer);
            }
            let location = answer.header("location").unwrap_or_default();
            let next = address::resolve(&url, location)?;
            let refuse = |fault| {
                let (from, location) = (url.to_string(), location.to_owned());
                Err(Error::Location { from, location, fault })
            };
            if !kept && !matches!(exchange.method, Method::GET | Method::HEAD) {
                return refuse(LocationFault::Method);
            }
            if !address::same_origin(&start, &next) {
                if exchange.is_secret {
                    return refuse(LocationFault::Secret);
                }
                headers.remove(AUTHORIZATION);
            }
            url = next;
        }
        let (from, location) = (start.to_string(), url.to_string());
        Err(Error::Location { from, location, fault: LocationFault::TooMany })
    }

    fn send(&mut self, exchange: Exchange<'_>) -> Result<Answer, Error> {
        let Exchange { method, url, headers, body, .. } = exchange;
        let here = self.stays_here(&url);
        self.transport.send(Call { method, url, headers, body }, here)
    }

    /// Whether a request has to stay on this machine: where the registry was left without TLS for that reason.
    fn stays_here(&self, url: &Url) -> bool {
        self.settings.security != Security::Plain
            && url.scheme() == "http"
            && address::is_local(url)
    }

    fn unless_busy(&self, answer: Answer) -> Result<Answer, Error> {
        if !matches!(answer.status, 408 | 425 | 429 | 500 | 502 | 503 | 504) {
            return Ok(answer);
        }
        let wait = answer.header("retry-after").and_then(|text| text.trim().parse().ok());
        let wait = wait.map(Duration::from_secs);
        Err(Error::Busy { host: answer.host(), said: answer.said(&self.settings.limits), wait })
    }

    /// An answer that is none of those that were hoped for.
    pub(super) fn refused(&self, answer: Answer) -> Error {
        Error::Refused { host: answer.host(), said: answer.said(&self.settings.limits) }
    }

    /// Whether a repository has a blob.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub(super) fn has_blob(&mut self, repository: &str, digest: Digest) -> Result<bool, Error> {
        let url = self.url(repository, &format!("blobs/{digest}"))?;
        let own = url.clone();
        // Where blobs are kept elsewhere, that place may allow to read them and not to ask.
        let answer = match self.request(Exchange::of(Method::HEAD, url)) {
            Err(Error::Login { fault: LoginFault::Elsewhere { .. }, .. }) => return Ok(false),
            answer => answer?,
        };
        match answer.status {
            200..=299 => Ok(true),
            404 => Ok(false),
            _ if !address::same_origin(&own, &answer.url) => Ok(false),
            _ => Err(self.refused(answer)),
        }
    }

    /// More bytes are done.
    pub(super) fn progress(&self, bytes: u64) {
        (self.watch.progress)(bytes);
    }
}
