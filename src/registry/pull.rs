//! Pulling from a repository (distribution-spec, "Pull"): manifests by tag or digest, and blobs.
//!
//! What always holds: what comes by its digest has that digest, and the size that was said; what breaks off goes on
//! where it did; nothing larger than was said is read.

use super::client::{Access, Client, Exchange};
use super::error::Error;
use super::push::Manifest;
use super::settings::{Settings, Watch};
use super::transport::Answer;
use crate::image::{Digest, Hashing};
use std::io::{self, Write};
use ureq::http::Method;

/// The largest manifest that is read, which is what registries take at most (distribution-spec).
pub(super) const MAX_MANIFEST: u64 = 4 << 20;
/// How much of a blob has to come for an attempt to count as none.
const MOVED: u64 = 1 << 16;
/// An index of OCI.
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// A manifest of OCI.
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An index and a manifest of docker, of which OCI has made its own.
const DOCKER: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// A repository of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The registry: a host, and a port where it is not the usual one.
    pub host: String,
    /// The path in the registry.
    pub name: String,
}

/// One of the images of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// Whatever has this name now.
    Tag(String),
    /// The one with this digest.
    Digest(Digest),
}

/// Pulls from a repository; nothing is connected to before something is asked for.
pub struct Pull<'s> {
    client: Client<'s>,
}

impl std::fmt::Debug for Pull<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pull")
    }
}

impl<'s> Pull<'s> {
    /// Pulls from a repository.
    pub fn new(from: &'s Repository, settings: &'s Settings, watch: Watch<'s>) -> Self {
        let client = Client::new(&from.host, &from.name, Access::Pull, settings, watch);
        Pull { client }
    }

    /// The digest that a tag has now. It is what the registry says, where it does; what is fetched by it is checked.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub fn resolve(&mut self, tag: &str) -> Result<Digest, Error> {
        let version = Version::Tag(tag.to_owned());
        let said = self.client.retry("ask for a tag", |client| {
            let exchange = asking(client, Method::HEAD, &version)?;
            let answer = client.request(exchange)?;
            let digest = answer.header("docker-content-digest").and_then(Digest::parse);
            Ok(digest.filter(|_| answer.is_success()))
        })?;
        match said {
            Some(digest) => Ok(digest),
            // Not every registry says it without the manifest.
            None => self.manifest(&version).map(|manifest| manifest.digest),
        }
    }

    /// A manifest, or an index.
    ///
    /// # Errors
    /// Why there is none.
    pub fn manifest(&mut self, version: &Version) -> Result<Manifest, Error> {
        self.client.retry("fetch the manifest", |client| {
            let exchange = asking(client, Method::GET, version)?;
            let answer = client.request(exchange)?;
            let host = answer.host();
            if answer.status == 404 {
                return Err(Error::Missing { host, what: words(version) });
            }
            if !answer.is_success() {
                return Err(client.refused(answer));
            }
            let said = answer.header("docker-content-digest").and_then(Digest::parse);
            let bytes = short(answer, client.settings, &words(version))?;
            let found = Digest::of(&bytes);
            let wanted = match version {
                Version::Digest(digest) => Some(*digest),
                Version::Tag(_) => said,
            };
            match wanted {
                Some(wanted) if wanted != found => Err(Error::WrongBytes { host, wanted, found }),
                _ => parse(bytes).map_err(|why| Error::NotManifest { host, why }),
            }
        })
    }

    /// Writes a blob of `size` bytes to `out`. What was written before a failure is a part of it, or of other bytes.
    ///
    /// # Errors
    /// Why it is not there as a whole.
    pub fn blob(&mut self, digest: Digest, size: u64, out: &mut dyn Write) -> Result<(), Error> {
        let mut come = Hashing::new(io::sink());
        self.rest(digest, size, &mut come, &mut |bytes| out.write_all(bytes).map_err(Error::Output))
    }

    /// Gives what is left of a blob to `take`, when so much of it has come.
    ///
    /// # Errors
    /// Why it does not come, or that all of it together is another blob.
    pub(super) fn rest(
        &mut self,
        digest: Digest,
        size: u64,
        come: &mut Hashing<io::Sink>,
        take: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.client.retry_moving("fetch a blob", |client| {
            let before = come.count();
            let done = part(client, digest, size, come, take);
            (done, come.count() - before >= MOVED)
        })?;
        let (found, _) = std::mem::replace(come, Hashing::new(io::sink())).finish();
        if found == digest {
            return Ok(());
        }
        let host = self.client.registry.to_owned();
        Err(Error::WrongBytes { host, wanted: digest, found })
    }
}

fn asking(
    client: &mut Client<'_>,
    method: Method,
    version: &Version,
) -> Result<Exchange<'static>, Error> {
    let name = match version {
        Version::Tag(tag) => tag.clone(),
        Version::Digest(digest) => digest.to_string(),
    };
    let url = client.url(client.repository, &format!("manifests/{name}"))?;
    let [list, manifest] = DOCKER;
    let accept = [OCI_INDEX, OCI_MANIFEST, list, manifest].join(", ");
    Ok(Exchange::of(method, url).header("accept", &accept))
}

fn words(version: &Version) -> String {
    match version {
        Version::Tag(tag) => format!("tag `{tag}`"),
        Version::Digest(digest) => format!("manifest `{digest}`"),
    }
}

/// All of an answer, unless that is too much.
fn short(answer: Answer, settings: &Settings, what: &str) -> Result<Vec<u8>, Error> {
    let host = answer.host();
    let mut bytes = Vec::new();
    answer.read(&settings.limits, &mut |part| {
        bytes.extend_from_slice(part);
        if bytes.len() as u64 > MAX_MANIFEST {
            let (host, what) = (host.clone(), what.to_owned());
            return Err(Error::TooLarge { host, what, limit: MAX_MANIFEST });
        }
        Ok(())
    })?;
    Ok(bytes)
}

/// Tells what a manifest is, by itself alone, so that it is the same from everywhere.
pub(super) fn parse(bytes: Vec<u8>) -> Result<Manifest, String> {
    let json: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| format!("it is not JSON: {error}"))?;
    let is_list = |name: &str| json.get(name).is_some_and(serde_json::Value::is_array);
    let is_image =
        is_list("layers") && json.get("config").is_some_and(serde_json::Value::is_object);
    let is_index = is_list("manifests");
    let said = match json.get("mediaType") {
        None => None,
        Some(serde_json::Value::String(said)) => Some(said.as_str()),
        Some(_) => return Err("its `mediaType` is not a string".to_owned()),
    };
    let [list, manifest] = DOCKER;
    let media_type = match (said, is_index, is_image) {
        // What is both would be one thing here, and another elsewhere (CVE-2021-41190).
        (_, true, true) => return Err("it is an index and a manifest at once".to_owned()),
        (Some(said), true, _) if [OCI_INDEX, list].contains(&said) => said,
        (Some(said), _, true) if [OCI_MANIFEST, manifest].contains(&said) => said,
        (Some(said), ..) => return Err(format!("it is `{said}`")),
        (None, true, _) => OCI_INDEX,
        (None, _, true) => OCI_MANIFEST,
        (None, ..) => return Err("it has neither `manifests` nor `config` and `layers`".to_owned()),
    };
    Ok(Manifest { media_type: media_type.to_owned(), digest: Digest::of(&bytes), bytes })
}

/// Asks once for what is left of a blob.
fn part(
    client: &mut Client<'_>,
    digest: Digest,
    size: u64,
    come: &mut Hashing<io::Sink>,
    take: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = come.count();
    if start == size {
        return Ok(());
    }
    let url = client.url(client.repository, &format!("blobs/{digest}"))?;
    let mut exchange = Exchange::of(Method::GET, url);
    if start > 0 {
        exchange = exchange.header("range", &format!("bytes={start}-"));
    }
    let answer = client.request(exchange)?;
    let host = answer.host();
    let wrong = |found| Error::WrongSize { host: host.clone(), digest, size, found };
    let length = answer.header("content-length").and_then(|text| text.parse::<u64>().ok());
    // How much of what comes is known already.
    let mut known = match answer.status {
        206 => match answer.header("content-range").and_then(first) {
            Some(at) if at <= start => start - at,
            _ => {
                let what = "it sends another part of a blob than was asked for".to_owned();
                return Err(Error::Nonsense { host, what });
            }
        },
        416 => return Err(wrong(None)),
        404 => return Err(Error::Missing { host, what: format!("blob `{digest}`") }),
        200..=299 => match length {
            Some(length) if length != size => return Err(wrong(Some(length))),
            _ => start,
        },
        _ => return Err(client.refused(answer)),
    };
    let settings = client.settings;
    answer.read(&settings.limits, &mut |bytes| {
        let skip = usize::try_from(known).unwrap_or(usize::MAX).min(bytes.len());
        known -= skip as u64;
        let bytes = bytes.get(skip..).unwrap_or_default();
        if come.count() + bytes.len() as u64 > size {
            return Err(wrong(None));
        }
        take(bytes)?;
        come.write_all(bytes).map_err(Error::Output)?;
        client.progress(bytes.len() as u64);
        Ok(())
    })?;
    // The end of an answer without a length is all that tells of its end.
    if come.count() < size {
        let said = format!("{} of {size} bytes have come", come.count());
        return Err(Error::Cut { host, said });
    }
    Ok(())
}

/// The first byte of a header `Content-Range`, as in `bytes 5-9/10`.
fn first(range: &str) -> Option<u64> {
    range.trim().strip_prefix("bytes ")?.split_once('-')?.0.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_say_what_they_are() {
        let [list, manifest] = DOCKER;
        for (text, expected) in [
            (r#"{"manifests":[]}"#.to_owned(), Ok(OCI_INDEX)),
            (r#"{"config":{},"layers":[]}"#.to_owned(), Ok(OCI_MANIFEST)),
            (format!(r#"{{"mediaType":"{list}","manifests":[]}}"#), Ok(list)),
            (format!(r#"{{"mediaType":"{manifest}","config":{{}},"layers":[]}}"#), Ok(manifest)),
            (format!(r#"{{"mediaType":"{OCI_INDEX}","config":{{}},"layers":[]}}"#), Err("it is `")),
            (format!(r#"{{"mediaType":"{manifest}","manifests":[]}}"#), Err("it is `")),
            (r#"{"manifests":[],"config":{},"layers":[]}"#.to_owned(), Err("at once")),
            (r#"{"mediaType":7,"manifests":[]}"#.to_owned(), Err("not a string")),
            (r#"{"schemaVersion":1,"fsLayers":[]}"#.to_owned(), Err("neither")),
            (r#"{"manifests":{}}"#.to_owned(), Err("neither")),
            ("[]".to_owned(), Err("neither")),
            ("<html>".to_owned(), Err("not JSON")),
            (String::new(), Err("not JSON")),
        ] {
            match (parse(text.clone().into_bytes()), expected) {
                (Ok(found), Ok(expected)) => {
                    assert_eq!(found.media_type, expected);
                    assert_eq!(found.digest, Digest::of(text.as_bytes()));
                }
                (Err(why), Err(expected)) => assert!(why.contains(expected), "{text}: {why}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }

    #[test]
    fn ranges() {
        for (range, expected) in [
            ("bytes 5-9/10", Some(5)),
            ("bytes 0-9/*", Some(0)),
            (" bytes 5-9/10 ", Some(5)),
            ("bytes */10", None),
            ("5-9/10", None),
            ("bytes x-9/10", None),
            ("", None),
        ] {
            assert_eq!(first(range), expected, "{range}");
        }
    }
}
