//! `bimanix index`: images of several platforms, which were built apart, as one.

use super::args::{Format, Index};
use super::{Outcome, existing, ui, writing};
use crate::diag::Diagnostic;
use crate::explain::code;
use crate::host::output::{Output, OutputFolder};
use crate::host::target::{OpenStream, Target};
use crate::image::platform::Platform;
use crate::image::read::{Archive, Blobs, ImageLinks};
use crate::image::{Digest, Name, Summaries, Summary, WriteError, write};
use std::io::Read;
use std::path::Path;

/// An image that the index will lead to.
struct Part<'p> {
    platform: Platform,
    manifest: Vec<u8>,
    links: ImageLinks,
    summary: Summary,
    path: &'p Path,
}

pub(super) fn run(index: &Index) -> Outcome {
    let mut archives = Vec::with_capacity(index.images.len());
    let mut failed = Vec::new();
    for path in &index.images {
        match existing::read_one(path, &index.unpacking) {
            Ok((archive, blobs)) => archives.push((path.as_path(), archive, blobs)),
            Err(diagnostic) => failed.push(*diagnostic),
        }
    }
    let planned = if failed.is_empty() { planned(index, &archives) } else { Err(failed) };
    let (name, parts) = match planned {
        Ok(planned) => planned,
        Err(diagnostics) => {
            for diagnostic in &diagnostics {
                ui::fail(diagnostic, Outcome::Refused);
            }
            return Outcome::Refused;
        }
    };
    let target = Target::at(&index.output);
    let stream = match &target {
        Target::Name(_) => None,
        Target::Stream(stream) => {
            match writing::open_stream(stream, index.format == Format::Layout) {
                Ok(open) => Some(open),
                Err(outcome) => return outcome,
            }
        }
    };
    let has_standard_output = stream.as_ref().is_some_and(|open| open.is_standard_output);
    match written(index, &archives, &name, parts, stream) {
        Ok(_) if has_standard_output && !index.json => Outcome::Done,
        Ok(summaries) if has_standard_output => {
            ui::note(format!("{:#}", summaries.to_json()).trim_end());
            Outcome::Done
        }
        Ok(summaries) => {
            let text = if index.json {
                format!("{:#}\n", summaries.to_json())
            } else {
                summaries.render()
            };
            ui::result(text.as_bytes())
        }
        Err(error) => writing::failed(&error, &index.output.display().to_string()),
    }
}

type Opened<'o> = (&'o Path, Archive, Blobs);

/// What the images are called, and the images in the order of their platforms.
fn planned<'o>(
    index: &Index,
    archives: &'o [Opened<'o>],
) -> Result<(Name, Vec<Part<'o>>), Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut parts: Vec<Part<'o>> = Vec::new();
    for (path, archive, blobs) in archives {
        for (manifest, links) in &blobs.images {
            let digest = Digest::of(manifest);
            let mut images = archive.images.iter();
            // What is no image says something about one, such as how it was built.
            let Some(image) = images.find(|image| image.summary.manifest == Some(digest)) else {
                let path = path.display();
                ui::note(&format!("note: `{path}`: {digest} is no image, and is left out"));
                continue;
            };
            parts.push(Part {
                platform: image.summary.platform(),
                manifest: manifest.clone(),
                links: links.clone(),
                summary: image.summary.clone(),
                path,
            });
        }
    }
    parts.sort_by_key(|part| part.platform.to_string());
    for pair in parts.windows(2) {
        if let [first, second] = pair
            && first.platform == second.platform
        {
            let title = format!("two images are for {}", first.platform);
            let why = format!(
                "one is in `{}`, the other in `{}`, and an engine takes one of them",
                first.path.display(),
                second.path.display()
            );
            let diagnostic = Diagnostic::error(code::INDEX_PLATFORM, title).with_why(why);
            diagnostics.push(diagnostic.with_help("leave one of them out"));
        }
    }
    if let ([only], true) = (parts.as_slice(), diagnostics.is_empty()) {
        let title = format!("there is only one image, for {}", only.platform);
        let diagnostic = Diagnostic::error(code::INDEX_PLATFORM, title)
            .with_why("an index leads to images of several platforms")
            .with_help("name the archives of the other platforms as well");
        diagnostics.push(diagnostic);
    }
    match (name(index, archives), diagnostics.is_empty()) {
        (Ok(name), true) => Ok((name, parts)),
        (Ok(_), false) => Err(diagnostics),
        (Err(diagnostic), _) => {
            diagnostics.push(*diagnostic);
            Err(diagnostics)
        }
    }
}

/// The name of the command line, else the one that all images have.
fn name(index: &Index, archives: &[Opened<'_>]) -> Result<Name, Box<Diagnostic>> {
    let refused = |title: String, why: &str| {
        Err(Box::new(
            Diagnostic::error(code::INDEX_NAME, title)
                .with_why(why)
                .with_help("say what it is called: `--tag NAME:TAG`"),
        ))
    };
    if let Some(text) = &index.tag {
        return match existing::named(text) {
            Ok(name) => Ok(name),
            Err(why) => refused(format!("`{text}` is not the name of an image"), &why),
        };
    }
    let mut known: Option<(Name, &Path)> = None;
    for (path, archive, _) in archives {
        let Some(name) = existing::full_name(archive) else {
            let title = format!("the image in `{}` has no name", path.display());
            return refused(title, "it has a tag at most, and engines keep images by their names");
        };
        match &known {
            None => known = Some((name, path)),
            Some((first, _)) if *first == name => {}
            Some((first, other)) => {
                let title = format!(
                    "the images have different names: `{}` in `{}`, and `{}` in `{}`",
                    first.familiar,
                    other.display(),
                    name.familiar,
                    path.display()
                );
                return refused(title, "one name leads to all of them");
            }
        }
    }
    match known {
        Some((name, _)) => Ok(name),
        None => refused("there are no images".to_owned(), "an index leads to images"),
    }
}

fn written(
    index: &Index,
    archives: &[Opened<'_>],
    name: &Name,
    parts: Vec<Part<'_>>,
    stream: Option<OpenStream>,
) -> Result<Summaries, WriteError> {
    let entries: Vec<(&[u8], &Platform)> =
        parts.iter().map(|part| (part.manifest.as_slice(), &part.platform)).collect();
    let root = write::index_of(&entries)?;
    let digest = Digest::of(&root);
    let mut blobs = Blobs { images: Vec::new(), indexes: vec![root] };
    let mut images = Vec::with_capacity(parts.len());
    let path = parts.first().map_or(Path::new("."), |part| part.path);
    for part in parts {
        blobs.images.push((part.manifest, part.links));
        images.push(Summary { names: vec![name.full.clone()], ..part.summary });
    }
    let open_blob = |digest: Digest| -> Result<Box<dyn Read>, WriteError> {
        let mut failed = None;
        for (path, archive, _) in archives {
            match existing::open(archive, path, digest) {
                Ok(bytes) => return Ok(bytes),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or(WriteError::Stopped))
    };
    match (stream, index.format) {
        (Some(mut open), _) => write::gather(name, &blobs, path, &open_blob, &mut open.file)?,
        (None, Format::Archive) => {
            let mut out = Output::create(&index.output).map_err(WriteError::Output)?;
            write::gather(name, &blobs, path, &open_blob, &mut out.file())?;
            out.commit().map_err(WriteError::Output)?;
        }
        (None, Format::Layout) => {
            let folder =
                OutputFolder::create(&index.output, "oci-layout").map_err(WriteError::Output)?;
            write::gather_folder(name, &blobs, path, &open_blob, &folder)?;
            folder.commit().map_err(WriteError::Output)?;
        }
    }
    Ok(Summaries { index: Some(digest), images })
}
