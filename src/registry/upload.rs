//! Uploading (distribution-spec, "Pushing blobs" and "Pushing manifests").
//!
//! A blob is sent as one body. When that breaks off, the registry is asked how much of it has come, and the rest is
//! sent; one that cannot say so gets all of it again.

use super::address;
use super::blob::Blob;
use super::client::{Client, Exchange};
use super::error::Error;
use super::push::Manifest;
use super::transport::{Answer, Payload};
use crate::image::Digest;
use ureq::http::Method;
use url::Url;

/// Larger bodies are sent only once the registry has said that it wants them: it may want a login first, or send on.
const LARGE: u64 = 1 << 14;

/// How a blob has come to the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upload {
    /// Its bytes were sent.
    Sent,
    /// The registry had it in another repository.
    Mounted,
}

/// Where an upload has begun.
enum Begun {
    /// There, from this byte on.
    At(Url, u64),
    /// It is done already.
    Mounted,
}

/// What has become of the bytes of a blob.
enum Sending {
    Done,
    /// The registry wants another token, which it says here.
    Expired(Box<Answer>),
    /// It has to be sent anew: the registry knows nothing of what was sent before, or wants it in another way.
    Anew,
}

impl Client<'_> {
    /// Uploads a blob, or lets the registry take it from one of these repositories.
    ///
    /// # Errors
    /// Why it is not there.
    pub(super) fn upload(
        &mut self,
        blob: &mut dyn Blob,
        repositories: &mut Vec<String>,
    ) -> Result<Upload, Error> {
        let digest = blob.digest();
        let size = blob.size();
        let mut broken: Option<Url> = None;
        let mut expired = false;
        self.retry("upload a blob", |client| {
            loop {
                let begun = match &broken {
                    Some(url) => client.resume(url, size)?,
                    None => None,
                };
                let begun = match begun {
                    Some(begun) => begun,
                    None => client.begin(digest, repositories)?,
                };
                let Begun::At(url, from) = begun else { return Ok(Upload::Mounted) };
                broken = None;
                match client.send_from(&url, from, blob) {
                    Ok(Sending::Done) => return Ok(Upload::Sent),
                    Ok(Sending::Expired(answer)) if expired => {
                        return Err(client.unwelcome(*answer));
                    }
                    Ok(Sending::Expired(answer)) => {
                        expired = true;
                        client.renew(*answer)?;
                    }
                    Ok(Sending::Anew) => {}
                    Err(error) => {
                        broken = Some(url);
                        return Err(error);
                    }
                }
            }
        })
    }

    /// Begins an upload; where another repository has the blob, that is all.
    fn begin(&mut self, digest: Digest, repositories: &mut Vec<String>) -> Result<Begun, Error> {
        let url = self.url(self.repository, "blobs/uploads/")?;
        if let Some(from) = self.repository_with(digest, repositories) {
            let mut mount = url.clone();
            mount
                .query_pairs_mut()
                .append_pair("mount", &digest.to_string())
                .append_pair("from", &from);
            match self.request(Exchange::of(Method::POST, mount)) {
                Ok(answer) if answer.status == 201 => return Ok(Begun::Mounted),
                // It goes on as any other.
                Ok(answer) if answer.is_success() => {
                    return Ok(Begun::At(location(&answer)?, 0));
                }
                Err(error) if error.can_pass() => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        let answer = self.request(Exchange::of(Method::POST, url))?;
        if answer.is_success() {
            Ok(Begun::At(location(&answer)?, 0))
        } else {
            Err(self.refused(answer))
        }
    }

    /// A repository that has a blob. One that may not be read is not asked again.
    fn repository_with(
        &mut self,
        digest: Digest,
        repositories: &mut Vec<String>,
    ) -> Option<String> {
        let mut found = None;
        repositories.retain(|repository| {
            if found.is_some() {
                return true;
            }
            match self.has_blob(repository, digest) {
                Ok(true) => {
                    found = Some(repository.clone());
                    true
                }
                Ok(false) => true,
                Err(error) => error.can_pass(),
            }
        });
        found
    }

    /// Asks how much of an upload has come; none when nothing is known of it.
    fn resume(&mut self, url: &Url, size: u64) -> Result<Option<Begun>, Error> {
        let root = self.url(self.repository, "")?;
        if !address::same_origin(&root, url) {
            return Ok(None);
        }
        let answer = match self.request(Exchange::of(Method::GET, url.clone())) {
            Ok(answer) if answer.is_success() => answer,
            Err(error) if error.can_pass() => return Err(error),
            Ok(_) | Err(_) => return Ok(None),
        };
        let Some(from) = answer.header("range").and_then(received) else { return Ok(None) };
        if from > size {
            return Ok(None);
        }
        let next =
            if answer.header("location").is_some() { location(&answer)? } else { url.clone() };
        Ok(Some(Begun::At(next, from)))
    }

    /// Sends a blob from a byte on, and closes the upload.
    fn send_from(&mut self, url: &Url, from: u64, blob: &mut dyn Blob) -> Result<Sending, Error> {
        let digest = blob.digest();
        let left = blob.size().saturating_sub(from);
        let is_all = from == 0;
        let mut last = url.clone();
        if !is_all && left > 0 {
            let end = blob.size() - 1;
            let part = self.body(Method::PATCH, url.clone(), blob, from, left);
            let mut part = part.header("content-range", &format!("{from}-{end}"));
            let answer = self.once(&mut part)?;
            match answer.status {
                401 => return Ok(Sending::Expired(Box::new(answer))),
                404 | 416 => return Ok(Sending::Anew),
                417 if self.asks_first => return Ok(self.send_unasked()),
                _ if !answer.is_success() => return Err(self.refused(answer)),
                _ => last = location(&answer)?,
            }
        }
        last.query_pairs_mut().append_pair("digest", &digest.to_string());
        let mut close = if is_all {
            self.body(Method::PUT, last, blob, 0, left)
        } else {
            Exchange::of(Method::PUT, last)
        };
        let answer = self.once(&mut close)?;
        match answer.status {
            401 => Ok(Sending::Expired(Box::new(answer))),
            404 | 416 if !is_all => Ok(Sending::Anew),
            417 if self.asks_first => Ok(self.send_unasked()),
            _ if !answer.is_success() => Err(self.refused(answer)),
            _ => check_digest(&answer, digest).map(|()| Sending::Done),
        }
    }

    /// There are servers that do not know `Expect` (RFC 9110, section 10.1.1).
    fn send_unasked(&mut self) -> Sending {
        self.asks_first = false;
        Sending::Anew
    }

    fn body<'b>(
        &self,
        method: Method,
        url: Url,
        blob: &'b mut dyn Blob,
        from: u64,
        left: u64,
    ) -> Exchange<'b> {
        let mut exchange = Exchange::of(method, url)
            .header("content-type", "application/octet-stream")
            .header("content-length", &left.to_string());
        if left >= LARGE && self.asks_first {
            exchange = exchange.header("expect", "100-continue");
        }
        if left > 0 {
            exchange.body = Payload::Blob { blob, from };
        }
        exchange
    }

    /// Puts a manifest at a tag.
    ///
    /// # Errors
    /// Why it is not there.
    pub(super) fn put_manifest(&mut self, manifest: &Manifest, tag: &str) -> Result<(), Error> {
        self.retry("put the manifest", |client| {
            let url = client.url(client.repository, &format!("manifests/{tag}"))?;
            let put = Exchange::of(Method::PUT, url).header("content-type", &manifest.media_type);
            let answer =
                client.request(Exchange { body: Payload::Bytes(&manifest.bytes), ..put })?;
            if !answer.is_success() {
                return Err(client.refused(answer));
            }
            check_digest(&answer, manifest.digest)
        })
    }
}

/// Where an answer says to go on.
fn location(answer: &Answer) -> Result<Url, Error> {
    address::resolve(&answer.url, answer.header("location").unwrap_or_default())
}

/// How many bytes a header `Range` says have come: `0-9` is ten. `0-0` says nothing: registries answer that of no
/// byte as of one.
fn received(range: &str) -> Option<u64> {
    let (first, last) =
        range.trim().strip_prefix("bytes=").unwrap_or(range.trim()).split_once('-')?;
    let last: u64 = last.parse().ok()?;
    if first == "0" && last > 0 { last.checked_add(1) } else { None }
}

fn check_digest(answer: &Answer, sent: Digest) -> Result<(), Error> {
    match answer.header("docker-content-digest") {
        Some(found) if found != sent.to_string() => {
            Err(Error::WrongDigest { host: answer.host(), sent, found: found.to_owned() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (range, expected) in [
            ("0-9", Some(10)),
            ("0-1", Some(2)),
            ("0-0", None),
            ("bytes=0-9", Some(10)),
            (" 0-9 ", Some(10)),
            ("5-9", None),
            ("0-", None),
            ("", None),
            ("0-x", None),
            ("0--1", None),
            ("0-18446744073709551615", None),
        ] {
            assert_eq!(received(range), expected, "{range}");
        }
    }
}
