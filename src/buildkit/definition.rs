//! A definition for `buildctl build`, which somebody else gives to BuildKit.

use super::frontend::metadata;
use super::lower::{self, RootOp, Sources};
use super::messages::Platform;
use crate::diag::Diagnostic;
use crate::explain::code;
use crate::image::{Image, Layer};
use crate::recipe::ImageReference;
use crate::world::{Disk, World};
use prost::Message as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The name under which `buildctl` is given the folder.
const CONTEXT: &str = "context";

/// What `buildctl build` needs to make an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForBuildctl {
    /// The definition, which it reads on standard input.
    pub definition: Vec<u8>,
    /// The value of `--output`, without a type and a place.
    pub output: String,
}

/// What `buildctl build --local context=FOLDER` needs to make an image of the files of a folder.
///
/// # Errors
/// A file is somewhere else, or the base is no image of a registry with its digest.
pub fn for_buildctl(image: &Image, folder: &Path) -> Result<ForBuildctl, Box<Diagnostic>> {
    let disk: Rc<dyn World> = Rc::new(Disk);
    let client = RootOp::Client { name: CONTEXT.to_owned(), session: None };
    let roots = BTreeMap::from([(folder.to_owned(), client)]);
    let as_they_are = |_: &Path, paths: &[PathBuf]| paths.to_vec();
    let base = base(image)?;
    let sources = Sources { roots, base, ignore_cache: false, world: &disk, known: &as_they_are };
    let definition = lower::lower(image, &sources)?.encode_to_vec();
    let mut fields = vec![format!("name={}", image.name.full)];
    for (name, value) in metadata(image)? {
        let value = String::from_utf8_lossy(&value).into_owned();
        let name = if name == "source.date.epoch" { "source-date-epoch".to_owned() } else { name };
        fields.push(format!("{name}={value}"));
    }
    let fields: Vec<String> = fields.iter().map(|field| csv(field)).collect();
    Ok(ForBuildctl { definition, output: fields.join(",") })
}

/// The operation that gives the base of an image.
fn base(image: &Image) -> Result<Option<RootOp>, Box<Diagnostic>> {
    let kept = image.layers.iter().find_map(|layer| match layer {
        Layer::Kept(kept) => Some(kept),
        Layer::Made(_) => None,
    });
    let Some(kept) = kept else { return Ok(None) };
    let written = kept.blob.path.to_string_lossy();
    let reference = ImageReference::parse(&written).ok();
    let name = reference
        .and_then(|reference| Some(format!("{}@{}", reference.completed(), reference.digest()?)));
    let Some(name) = name else {
        let title = format!("BuildKit cannot get the base `{written}`");
        let diagnostic = Diagnostic::error(code::BUILDKIT_SOURCE, title);
        return Err(Box::new(
            diagnostic
                .with_why("it takes a base from a registry, by a reference with a digest")
                .with_help("write it as `REGISTRY/NAME:TAG@sha256:…`, which `bimanix pin` prints"),
        ));
    };
    let platform = Platform {
        architecture: image.config.architecture.clone(),
        os: "linux".to_owned(),
        variant: image.config.variant.clone().unwrap_or_default(),
    };
    Ok(Some(RootOp::Image { name, platform, resolve_mode: None }))
}

/// A field of a line of comma-separated values.
fn csv(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) || field.starts_with(' ') {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
