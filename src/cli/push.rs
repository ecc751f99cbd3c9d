//! `bimanix push`: the image of an args.nix, or one that is there, straight into a registry. Layers are written
//! for the registry alone, those that it lacks; no tar is written to a disk.

use super::args::Push;
use super::existing::{self, Existing};
use super::session::{self, Planned};
use super::{Outcome, ui};
use crate::diag::Diagnostic;
use crate::eval::Stack;
use crate::explain::code;
use crate::host;
use crate::image::read::{Archive, Blobs, Link};
use crate::image::write::{self, Prepared};
use crate::image::{Check, Compression, Digest, WriteError};
use crate::recipe;
use crate::registry::{self, Blob, BlobError, Manifest, Pushed, Reference, Watch};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The media type of manifests as bimanix writes them.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The same of an index.
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

pub(super) fn run(push: Push, stack: Stack) -> Outcome {
    let push = match sorted(push) {
        Ok(push) => push,
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    };
    match Existing::at(&push.source) {
        Ok(None) => {}
        Ok(Some(_)) => return image(&push),
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    }
    let mut planned = match session::planned(&push.source, None, stack) {
        Ok(planned) => planned,
        Err(outcome) => return outcome,
    };
    planned.index.compress(push.compression);
    planned.after(made(&push, &planned))
}

/// Pushes the images of a recipe.
fn made(push: &Push, planned: &Planned) -> Outcome {
    let index = &planned.index;
    let mut to = match Target::of(push, Some(&index.name().familiar)) {
        Ok(to) => to,
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    };
    to.mount_from.extend(planned.repositories_of(&to.reference.host));
    let progress = ui::Progress::new(write::made_content_size(index));
    let prepared = match write::prepare(index, Check::Later, &push.reading.known(), &|bytes| {
        progress.add(bytes);
    }) {
        Ok(prepared) => prepared,
        Err(error) => {
            return ui::fail(&error.report(&to.reference.to_string()), Outcome::Environment);
        }
    };
    drop(progress);
    let mut manifests = Vec::new();
    let mut blobs: Vec<Box<dyn Blob + '_>> = Vec::new();
    let mut number = 0;
    for image in prepared.images() {
        manifests.push(Manifest::new(image.manifest().1.to_vec(), MANIFEST.to_owned()));
        let (digest, bytes) = image.config();
        blobs.push(Box::new(Bytes { digest, bytes: bytes.to_vec() }));
        for (digest, size) in image.layers() {
            blobs.push(Box::new(Layer { prepared: &prepared, number, digest, size }));
            number += 1;
        }
    }
    if let Some((_, bytes)) = prepared.index() {
        manifests.push(Manifest::new(bytes.to_vec(), INDEX.to_owned()));
    }
    send(push, &to, blobs, &manifests)
}

/// The arguments with each in its place: a reference may be alone, and is no file then.
fn sorted(mut push: Push) -> Result<Push, Box<Diagnostic>> {
    let file = &push.source.file;
    if push.reference.is_some() || host::lstat(file).is_ok() {
        return Ok(push);
    }
    let Some(text) = file.to_str() else { return Ok(push) };
    let is_file_name = ["nix", "json", "tar"].iter().any(|known| {
        file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(known))
    });
    let in_folder =
        text.split_once('/').is_some_and(|(first, _)| host::stat(Path::new(first)).is_ok());
    if is_file_name || in_folder || recipe::split_reference(text).is_err() {
        return Ok(push);
    }
    if recipe::names_registry(text) {
        push.reference = Some(text.to_owned());
        push.source.file = PathBuf::from("args.nix");
        return Ok(push);
    }
    // A word alone is a file name as much as a name on Docker Hub.
    if text.contains(':') {
        let title = format!("`{text}` is not a file, and names no registry");
        return Err(Box::new(no_registry(title, text)));
    }
    Ok(push)
}

fn image(push: &Push) -> Outcome {
    let path = &push.source.file;
    if push.compression != Compression::None {
        let title = format!("the layers of `{}` stay as they are", path.display());
        let diagnostic = Diagnostic::error(code::PUSH_COMPRESSED, title)
            .with_why("their digests are in its manifest")
            .with_help("leave `--compression` out, or push the args.nix");
        return ui::fail(&diagnostic, Outcome::Refused);
    }
    let read = existing::read_one(path, &push.source.unpacking);
    let (archive, Blobs { images, indexes }) = match read {
        Ok(read) => read,
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    };
    let to = match Target::of(push, existing::name(&archive)) {
        Ok(to) => to,
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    };
    let archive = Mutex::new(archive);
    let mut blobs: Vec<Box<dyn Blob + '_>> = Vec::new();
    let mut manifests = Vec::new();
    for (manifest, links) in images {
        let media_type = media_type(&manifest, MANIFEST);
        manifests.push(Manifest::new(manifest, media_type));
        for Link { digest, size } in std::iter::once(links.config).chain(links.layers) {
            blobs.push(Box::new(Part { archive: &archive, path, digest, size }));
        }
    }
    for index in indexes {
        let media_type = media_type(&index, INDEX);
        manifests.push(Manifest::new(index, media_type));
    }
    send(push, &to, blobs, &manifests)
}

/// A manifest says what it is; an old one of docker does not have to, nor does an index.
fn media_type(manifest: &[u8], otherwise: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_slice(manifest).ok();
    let said = value.as_ref().and_then(|value| value.get("mediaType")?.as_str());
    said.unwrap_or(otherwise).to_owned()
}

/// Where an image goes.
struct Target {
    reference: Reference,
    /// Other repositories of the registry that may have its blobs.
    mount_from: Vec<String>,
}

impl Target {
    /// What the command line says, else the name of the image.
    fn of(push: &Push, own: Option<&str>) -> Result<Self, Box<Diagnostic>> {
        let Some(text) = push.reference.as_deref().or(own) else {
            let title = format!("the image in `{}` has no name", push.source.file.display());
            let diagnostic = Diagnostic::error(code::PUSH_REFERENCE, title)
                .with_why("it has a tag at most, and a push goes to a registry");
            return Err(Box::new(
                diagnostic.with_help(
                    "write where to: `bimanix push IMAGE registry.example.org/hello:v1`",
                ),
            ));
        };
        let reference = parse(text)?;
        // Docker's own images, which nobody else pushes, are what a name without a registry is completed to.
        let is_completed =
            reference.host == "docker.io" && reference.repository.starts_with("library/");
        if !recipe::names_registry(text) || push.reference.is_none() && is_completed {
            let title = format!("`{text}` names no registry to push to");
            return Err(Box::new(no_registry(title, text)));
        }
        let mut mount_from = push
            .mount_from
            .iter()
            .map(|text| repository(text, &reference.host))
            .collect::<Result<Vec<_>, _>>()?;
        // An image that goes to another repository than its own may be in its own.
        let own = own.and_then(|own| recipe::split_reference(own).ok());
        mount_from.extend(own.filter(|own| own.0 == reference.host).map(|own| own.1));
        Ok(Target { reference, mount_from })
    }
}

fn parse(text: &str) -> Result<Reference, Box<Diagnostic>> {
    recipe::split_reference(text)
        .map(|(host, repository, tag)| Reference { host, repository, tag })
        .map_err(|why| {
            let title = format!("`{text}` is no place to push to");
            let diagnostic = Diagnostic::error(code::PUSH_REFERENCE, title).with_why(why);
            Box::new(
                diagnostic
                    .with_help("write REGISTRY/NAME:TAG, as in `registry.example.org/hello:v1`"),
            )
        })
}

fn no_registry(title: String, text: &str) -> Diagnostic {
    let name = recipe::split_reference(text).map_or_else(
        |_| "hello:v1".to_owned(),
        |(_, repository, tag)| {
            let name = repository.strip_prefix("library/").unwrap_or(&repository);
            format!("{name}:{tag}")
        },
    );
    let on_hub = if name.contains('/') { name.clone() } else { format!("USER/{name}") };
    Diagnostic::error(code::PUSH_REFERENCE, title)
        .with_why("a push goes to a registry, and none is taken for granted")
        .with_help(format!(
            "write where to, as in `registry.example.org/{name}`; Docker Hub is `docker.io/{on_hub}`"
        ))
}

/// A repository of the registry, given with the registry or without.
fn repository(text: &str, host: &str) -> Result<String, Box<Diagnostic>> {
    let whole =
        if recipe::names_registry(text) { text.to_owned() } else { format!("{host}/{text}") };
    let fault = |why: String| {
        let title = format!("nothing can be mounted from `{text}`");
        let diagnostic = Diagnostic::error(code::PUSH_MOUNT, title).with_why(why);
        Box::new(diagnostic.with_help(format!("name another repository of `{host}`")))
    };
    match recipe::split_reference(&whole) {
        Ok((own, repository, _)) if own == host => Ok(repository),
        Ok((other, ..)) => {
            Err(fault(format!("it is in `{other}`, and the image goes to `{host}`")))
        }
        Err(why) => Err(fault(why)),
    }
}

fn send(
    push: &Push,
    to: &Target,
    blobs: Vec<Box<dyn Blob + '_>>,
    manifests: &[Manifest],
) -> Outcome {
    let Target { reference, mount_from } = to;
    // Images of one index have layers in common.
    let mut seen = BTreeSet::new();
    let mut blobs = blobs;
    blobs.retain(|blob| seen.insert(blob.digest()));
    let total = blobs.iter().map(|blob| blob.size()).sum();
    let progress = ui::Progress::new(total);
    let watch = Watch { progress: &|bytes| progress.add(bytes), warn: &|found| ui::warn(&found) };
    let settings = push.source.access.settings();
    let pushed = registry::push(reference, &mut blobs, manifests, mount_from, &settings, watch);
    drop(progress);
    match pushed {
        Ok(pushed) => done(push, reference, manifests, pushed),
        Err((error, pushed)) => {
            let mut diagnostic = error.report(&reference.to_string());
            if pushed.sent > 0 {
                let kept = format!("the registry keeps the blobs that were sent: {}", pushed.sent);
                diagnostic.help = Some(match diagnostic.help {
                    Some(help) => format!("{help}; {kept}"),
                    None => kept,
                });
            }
            ui::fail(&diagnostic, Outcome::Environment)
        }
    }
}

fn done(push: &Push, to: &Reference, manifests: &[Manifest], pushed: Pushed) -> Outcome {
    let Pushed { sent, known, mounted, bytes } = pushed;
    let Some(manifest) = manifests.last() else { return Outcome::Done };
    let text = if push.json {
        let json = serde_json::json!({
            "reference": to.to_string(), "manifest": manifest.digest.to_string(),
            "sentBlobs": sent, "knownBlobs": known, "mountedBlobs": mounted, "sentBytes": bytes,
        });
        format!("{json:#}\n")
    } else {
        let size = crate::diag::size(bytes);
        let mounted = match mounted {
            0 => String::new(),
            count => format!(", {count} were taken from another repository"),
        };
        let digest = manifest.digest;
        format!("{to}@{digest}\n{sent} blobs of {size} sent, {known} were there{mounted}\n")
    };
    ui::result(text.as_bytes())
}

struct Bytes {
    digest: Digest,
    bytes: Vec<u8>,
}

impl Blob for Bytes {
    fn digest(&self) -> Digest {
        self.digest
    }

    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn write(&mut self, out: &mut (dyn Write + Send)) -> Result<(), BlobError> {
        out.write_all(&self.bytes).map_err(BlobError::Output)
    }
}

struct Layer<'p> {
    prepared: &'p Prepared<'p>,
    number: usize,
    digest: Digest,
    size: u64,
}

impl Blob for Layer<'_> {
    fn digest(&self) -> Digest {
        self.digest
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn write(&mut self, out: &mut (dyn Write + Send)) -> Result<(), BlobError> {
        let mut out = io::BufWriter::with_capacity(1 << 16, out);
        self.prepared
            .write_layer(self.number, &mut out, &|_| ())
            .and_then(|()| out.flush().map_err(WriteError::Output))
            .map_err(failed)
    }
}

struct Part<'a> {
    archive: &'a Mutex<Archive>,
    path: &'a Path,
    digest: Digest,
    size: u64,
}

impl Blob for Part<'_> {
    fn digest(&self) -> Digest {
        self.digest
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn write(&mut self, out: &mut (dyn Write + Send)) -> Result<(), BlobError> {
        let window = match self.archive.lock() {
            Ok(archive) => archive.blob_bytes(self.digest),
            Err(_) => return Err(failed(WriteError::Stopped)),
        };
        let mut window = window.map_err(|error| BlobError::Source(Box::new(error.report())))?;
        write::pass_on(&mut window, out, self.path).map(drop).map_err(failed)
    }
}

fn failed(error: WriteError) -> BlobError {
    match error {
        WriteError::Output(error) => BlobError::Output(error),
        source => BlobError::Source(Box::new(source.report("the registry"))),
    }
}
