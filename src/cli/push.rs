//! `bimanix push`: the image of an args.nix, or one that is there, straight into a registry. Layers are written
//! for the registry alone, those that it lacks; no tar is written to a disk.

use super::args::Push;
use super::existing::{self, Existing};
use super::{Outcome, session, ui};
use crate::diag::Diagnostic;
use crate::eval::Stack;
use crate::image::read::{Archive, Blobs};
use crate::image::write::{self, Prepared};
use crate::image::{Compression, Digest, WriteError};
use crate::recipe;
use crate::registry::{self, Blob, Manifest, Pushed, Reference};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

/// The media type of manifests as bimanix writes them.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

pub(super) fn run(push: &Push, stack: Stack) -> Outcome {
    match Existing::at(&push.source) {
        Ok(None) => {}
        Ok(Some(_)) => return image(push),
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    }
    let mut plan = match session::planned(&push.source, None, stack) {
        Ok(plan) => plan,
        Err(outcome) => return outcome,
    };
    plan.compression = push.compression;
    let to = match reference(push, &plan.name.full) {
        Ok(to) => to,
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    };
    let progress = ui::Progress::new(write::content_size(&plan));
    let prepared = match write::prepare(&plan, &|bytes| progress.add(bytes)) {
        Ok(prepared) => prepared,
        Err(error) => return ui::fail(&error.report(&to.to_string()), Outcome::Environment),
    };
    drop(progress);
    let summary = prepared.summary();
    let (digest, bytes) = prepared.manifest();
    let manifest = Manifest {
        bytes: bytes.to_vec(),
        media_type: MANIFEST.to_owned(),
        digest: digest.to_string(),
    };
    let (config, bytes) = prepared.config();
    let mut blobs: Vec<Box<dyn Blob + '_>> =
        vec![Box::new(Bytes { digest: config, bytes: bytes.to_vec() })];
    for (number, layer) in summary.layers.iter().enumerate() {
        let (digest, size) = (layer.digest, layer.size);
        blobs.push(Box::new(Layer { prepared: &prepared, number, digest, size }));
    }
    send(push, &to, &mut blobs, &manifest)
}

fn image(push: &Push) -> Outcome {
    let path = &push.source.file;
    if push.compression != Compression::None {
        let title = format!("the layers of `{}` stay as they are", path.display());
        let diagnostic = Diagnostic::error("push/compressed", title)
            .with_why("their digests are in its manifest")
            .with_help("leave `--compression` out, or push the args.nix");
        return ui::fail(&diagnostic, Outcome::Refused);
    }
    let (archive, Blobs { manifest: bytes, blobs: digests }) =
        match existing::read_one(path, &push.unpacking) {
            Ok(read) => read,
            Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
        };
    let to = match existing::name(&archive).or(push.reference.as_deref()) {
        Some(name) => reference(push, name),
        None => {
            let title = format!("the image in `{}` has no name", path.display());
            Err(Box::new(
                Diagnostic::error("push/reference", title)
                    .with_why("it has a tag at most, and a push goes to a registry")
                    .with_help(
                        "write where to: `bimanix push IMAGE registry.example.org/hello:v1`",
                    ),
            ))
        }
    };
    let to = match to {
        Ok(to) => to,
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    };
    let manifest =
        Manifest { digest: Digest::of(&bytes).to_string(), media_type: media_type(&bytes), bytes };
    let archive = Mutex::new(archive);
    let mut blobs: Vec<Box<dyn Blob + '_>> = Vec::new();
    for (digest, size) in digests {
        blobs.push(Box::new(Part { archive: &archive, path, digest, size }));
    }
    send(push, &to, &mut blobs, &manifest)
}

/// A manifest says what it is; an old one of docker does not have to.
fn media_type(manifest: &[u8]) -> String {
    let value: Option<serde_json::Value> = serde_json::from_slice(manifest).ok();
    let said = value.as_ref().and_then(|value| value.get("mediaType")?.as_str());
    said.unwrap_or(MANIFEST).to_owned()
}

fn reference(push: &Push, own: &str) -> Result<Reference, Box<Diagnostic>> {
    let text = push.reference.as_deref().unwrap_or(own);
    let fault = |why: String| {
        let title = format!("`{text}` is no place to push to");
        let diagnostic = Diagnostic::error("push/reference", title).with_why(why);
        Box::new(
            diagnostic.with_help("write REGISTRY/NAME:TAG, as in `registry.example.org/hello:v1`"),
        )
    };
    recipe::split_reference(text)
        .map(|(host, repository, tag)| Reference { host, repository, tag })
        .map_err(fault)
}

fn send(
    push: &Push,
    to: &Reference,
    blobs: &mut [Box<dyn Blob + '_>],
    manifest: &Manifest,
) -> Outcome {
    let total = blobs.iter().map(|blob| blob.size()).sum();
    let progress = ui::Progress::new(total);
    let pushed = registry::push(to, blobs, manifest, push.plain_http, &|bytes| progress.add(bytes));
    drop(progress);
    match pushed {
        Ok(pushed) => done(push, to, manifest, pushed),
        Err(diagnostic) => ui::fail(&diagnostic, Outcome::Environment),
    }
}

fn done(push: &Push, to: &Reference, manifest: &Manifest, pushed: Pushed) -> Outcome {
    let Pushed { sent, known, bytes } = pushed;
    let text = if push.json {
        let json = serde_json::json!({
            "reference": to.to_string(), "manifest": manifest.digest,
            "sentBlobs": sent, "knownBlobs": known, "sentBytes": bytes,
        });
        format!("{json:#}\n")
    } else {
        let size = crate::diag::size(bytes);
        format!("{to}@{}\n{sent} blobs of {size} sent, {known} were there\n", manifest.digest)
    };
    ui::result(text.as_bytes())
}

struct Bytes {
    digest: Digest,
    bytes: Vec<u8>,
}

impl Blob for Bytes {
    fn digest(&self) -> String {
        self.digest.to_string()
    }

    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn write(&mut self, out: &mut (dyn Write + Send)) -> Result<(), Box<Diagnostic>> {
        out.write_all(&self.bytes).map_err(|error| failed(&WriteError::Output(error)))
    }
}

struct Layer<'p> {
    prepared: &'p Prepared<'p>,
    number: usize,
    digest: Digest,
    size: u64,
}

impl Blob for Layer<'_> {
    fn digest(&self) -> String {
        self.digest.to_string()
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn write(&mut self, out: &mut (dyn Write + Send)) -> Result<(), Box<Diagnostic>> {
        let mut out = io::BufWriter::with_capacity(1 << 16, out);
        self.prepared
            .write_layer(self.number, &mut out, &|_| ())
            .and_then(|()| out.flush().map_err(WriteError::Output))
            .map_err(|error| failed(&error))
    }
}

struct Part<'a> {
    archive: &'a Mutex<Archive>,
    path: &'a Path,
    digest: Digest,
    size: u64,
}

impl Blob for Part<'_> {
    fn digest(&self) -> String {
        self.digest.to_string()
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn write(&mut self, out: &mut (dyn Write + Send)) -> Result<(), Box<Diagnostic>> {
        let window = match self.archive.lock() {
            Ok(archive) => archive.blob_bytes(self.digest),
            Err(_) => return Err(failed(&WriteError::Stopped)),
        };
        let mut window = window.map_err(|error| Box::new(error.report()))?;
        write::pass_on(&mut window, out, self.path).map(drop).map_err(|error| failed(&error))
    }
}

fn failed(error: &WriteError) -> Box<Diagnostic> {
    Box::new(error.report("the registry"))
}
