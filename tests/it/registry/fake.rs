//! A registry in memory that does what the specification says, but for what rules of a test make it do.

use super::server::{Handler, Plan, Reply, Request, Server, reply};
use bimanix::image::Digest;
use rustls::ServerConfig;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The user, and the password, that registries of the tests know.
pub const USER: &str = "me";
pub const PASSWORD: &str = "sesame";
/// `me:sesame` in base64.
pub const BASIC: &str = "Basic bWU6c2VzYW1l";

type Rule = Box<dyn FnMut(&Request, &mut State) -> Option<Plan> + Send>;

/// What a registry keeps.
#[derive(Debug, Default)]
pub struct State {
    /// By repository and digest.
    pub blobs: BTreeMap<(String, String), Vec<u8>>,
    /// By repository and tag, or digest: the media type and the bytes.
    pub manifests: BTreeMap<(String, String), (String, Vec<u8>)>,
    /// What has come of uploads, by their number.
    pub uploads: BTreeMap<String, Vec<u8>>,
}

/// A registry, which a server runs.
#[derive(Clone, Default)]
pub struct Fake {
    state: Arc<Mutex<State>>,
    rules: Arc<Mutex<Vec<Rule>>>,
}

impl Fake {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule; the first that has a plan for a request decides.
    pub fn rule(
        self,
        rule: impl FnMut(&Request, &mut State) -> Option<Plan> + Send + 'static,
    ) -> Self {
        self.rules.lock().unwrap().push(Box::new(rule));
        self
    }

    /// Adds a rule that answers before the body has come, so many times.
    pub fn answers(
        self,
        times: usize,
        method: &'static str,
        path: &'static str,
        answer: impl Fn(&Request) -> Reply + Send + 'static,
    ) -> Self {
        let mut left = times;
        self.rule(move |request, _| {
            if left == 0 || !request.is(method, path) {
                return None;
            }
            left -= 1;
            Some(Plan::Answer(answer(request)))
        })
    }

    /// Adds a rule that lets nobody in without one of these headers `Authorization`, and asks for them so.
    pub fn guarded(self, headers: &[&str], challenges: &[String]) -> Self {
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        let challenges = challenges.to_vec();
        self.rule(move |request, _| {
            let known =
                request.authorization().is_some_and(|given| headers.iter().any(|h| h == given));
            (!known).then(|| Plan::Answer(unauthorized(&challenges)))
        })
    }

    pub fn start(&self) -> Server {
        Server::trusted(None, self.clone())
    }

    pub fn start_tls(&self, tls: &Arc<ServerConfig>) -> Server {
        Server::trusted(Some(Arc::clone(tls)), self.clone())
    }

    /// Somewhere that must not see a login.
    pub fn start_as_stranger(&self) -> Server {
        Server::stranger(None, self.clone())
    }

    pub fn start_as_stranger_tls(&self, tls: &Arc<ServerConfig>) -> Server {
        Server::stranger(Some(Arc::clone(tls)), self.clone())
    }

    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn add_blob(&self, repository: &str, bytes: &[u8]) -> String {
        let digest = Digest::of(bytes).to_string();
        let key = (repository.to_owned(), digest.clone());
        self.state().blobs.insert(key, bytes.to_vec());
        digest
    }

    pub fn has_tag(&self, repository: &str, tag: &str) -> bool {
        self.state().manifests.contains_key(&(repository.to_owned(), tag.to_owned()))
    }

    pub fn has_blob(&self, repository: &str, digest: &str) -> bool {
        self.state().blobs.contains_key(&(repository.to_owned(), digest.to_owned()))
    }
}

pub fn unauthorized(challenges: &[String]) -> Reply {
    challenges.iter().fold(
        reply(401).body(r#"{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}"#),
        |reply, challenge| reply.header("WWW-Authenticate", challenge),
    )
}

/// A server of tokens. It gives `token` to who has one of these headers `Authorization` (`""` is none).
pub fn tokens(headers: &[&'static str], token: &'static str) -> impl Handler + use<> {
    let headers = headers.to_vec();
    move |request: &Request| {
        if headers.contains(&request.authorization().unwrap_or_default()) {
            reply(200).body(format!(r#"{{"token":"{token}"}}"#))
        } else {
            unauthorized(&[])
        }
    }
}

impl Handler for Fake {
    fn plan(&self, head: &Request) -> Plan {
        let mut state = self.state.lock().unwrap();
        let mut rules = self.rules.lock().unwrap();
        rules.iter_mut().find_map(|rule| rule(head, &mut state)).unwrap_or(Plan::Read)
    }

    fn answer(&self, request: &Request) -> Reply {
        self.state.lock().unwrap().answer(request)
    }

    fn broken(&self, request: &Request) {
        if let Some((_, number)) = request.path().split_once("/blobs/uploads/")
            && let Some(upload) = self.state().uploads.get_mut(number)
        {
            upload.extend(&request.body);
        }
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Reply {
        let path = request.path();
        if path == "/v2/" {
            return reply(200).body("{}");
        }
        let rest = path.strip_prefix("/v2/").unwrap_or_else(|| panic!("{request:?}"));
        if let Some((repository, number)) = rest.split_once("/blobs/uploads/") {
            return self.upload(request, repository, number);
        }
        let get = matches!(request.method.as_str(), "GET" | "HEAD");
        if let Some((repository, digest)) = rest.split_once("/blobs/").filter(|_| get) {
            let key = (repository.to_owned(), digest.to_owned());
            return match self.blobs.get(&key) {
                Some(bytes) => part(request, bytes),
                None => missing("BLOB_UNKNOWN"),
            };
        }
        if let Some((repository, name)) = rest.split_once("/manifests/") {
            let key = (repository.to_owned(), name.to_owned());
            if request.method == "PUT" {
                let kind = request.header("content-type").unwrap().to_owned();
                let digest = Digest::of(&request.body).to_string();
                let value = (kind, request.body.clone());
                self.manifests.insert((repository.to_owned(), digest.clone()), value.clone());
                self.manifests.insert(key, value);
                return reply(201).header("Docker-Content-Digest", digest);
            }
            return match self.manifests.get(&key).filter(|_| get) {
                Some((kind, bytes)) => reply(200)
                    .header("Content-Type", kind)
                    .header("Docker-Content-Digest", Digest::of(bytes).to_string())
                    .body(bytes.clone()),
                None => missing("MANIFEST_UNKNOWN"),
            };
        }
        missing("UNSUPPORTED")
    }

    fn upload(&mut self, request: &Request, repository: &str, number: &str) -> Reply {
        let place = |number: &str| format!("/v2/{repository}/blobs/uploads/{number}");
        if request.method == "POST" {
            if let ([digest], [from]) = (&request.query("mount")[..], &request.query("from")[..])
                && let Some(bytes) = self.blobs.get(&(from.clone(), digest.clone()))
            {
                let bytes = bytes.clone();
                self.blobs.insert((repository.to_owned(), digest.clone()), bytes);
                return reply(201);
            }
            let number = format!("u{}", self.uploads.len());
            self.uploads.insert(number.clone(), Vec::new());
            return reply(202).header("Location", place(&number));
        }
        let Some(upload) = self.uploads.get_mut(number) else {
            return missing("BLOB_UPLOAD_UNKNOWN");
        };
        let range = |upload: &[u8]| format!("0-{}", upload.len().saturating_sub(1));
        match request.method.as_str() {
            "GET" => reply(204).header("Range", range(upload)).header("Location", place(number)),
            "PATCH" => {
                let range_given = request.header("content-range").unwrap();
                if range_given.split('-').next() != Some(&upload.len().to_string()) {
                    return reply(416);
                }
                upload.extend(&request.body);
                reply(202).header("Range", range(upload)).header("Location", place(number))
            }
            "PUT" => {
                upload.extend(&request.body);
                let bytes = upload.clone();
                self.uploads.remove(number);
                let digest = Digest::of(&bytes).to_string();
                if request.query("digest") != [digest.clone()] {
                    return reply(400).body(r#"{"errors":[{"code":"DIGEST_INVALID"}]}"#);
                }
                self.blobs.insert((repository.to_owned(), digest.clone()), bytes);
                reply(201).header("Docker-Content-Digest", digest)
            }
            _ => reply(405),
        }
    }
}

/// Bytes, or what a header `Range` asks for of them.
pub fn part(request: &Request, bytes: &[u8]) -> Reply {
    let from = request.header("range").and_then(|range| range.strip_prefix("bytes="));
    let from = from.and_then(|range| range.strip_suffix('-')).map(|from| from.parse().unwrap());
    match from {
        None => reply(200).body(bytes),
        Some(from) if from >= bytes.len() => reply(416),
        Some(from) => {
            let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
            reply(206).header("Content-Range", range).body(&bytes[from..])
        }
    }
}

fn missing(code: &str) -> Reply {
    reply(404).body(format!(r#"{{"errors":[{{"code":"{code}","message":"not here"}}]}}"#))
}
