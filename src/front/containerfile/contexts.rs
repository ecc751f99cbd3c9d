//! `--build-context`: other names for folders and images; and the images that a file names itself.

use super::context::Context;
use super::copy::Copy;
use super::find::Origin;
use super::instruction::{Instruction, Word};
use super::reading::Reading;
use super::short;
use super::state::{place, placed};
use super::tree::Tree;
use crate::diag::{Diagnostic, Report, SourceMap, describe_io, nearest};
use crate::explain::code;
use crate::front::{Hint, OpenImage};
use crate::recipe::draft::{BaseDraft, ImageDraft};
use crate::recipe::{Place, Placed, split_reference};
use crate::world::{Kind, World};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// `--build-context NAME=VALUE`: what `FROM NAME` and `COPY --from=NAME` mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildContext {
    /// The name.
    pub name: String,
    /// What it stands for.
    pub value: ContextValue,
}

/// What the name of a context stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// An absolute path: of a folder with files, or of an image.
    Path(PathBuf),
    /// An image: an archive or a layout.
    Image(PathBuf),
    /// An image in a registry.
    Reference(String),
}

impl BuildContext {
    /// A context as docker has it: `NAME=oci-layout://PATH`, `NAME=docker-image://REFERENCE` or `NAME=PATH`, where
    /// the path may also be an archive or a layout. Relative paths begin at `here`.
    ///
    /// # Errors
    /// `containerfile/build-context`: it is none of these.
    pub fn parse(text: &str, here: &Path) -> Result<Self, Box<Diagnostic>> {
        let error = |title: String, help: &str| {
            Box::new(
                Diagnostic::error(code::CONTAINERFILE_BUILD_CONTEXT, title)
                    .with_subject(format!("--build-context {text}"))
                    .with_help(help),
            )
        };
        let forms = "write `NAME=FOLDER`, `NAME=IMAGE.tar`, `NAME=oci-layout://FOLDER` or \
                     `NAME=docker-image://REFERENCE`";
        let (name, value) = match text.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => (name, value),
            _ => return Err(error("a build context is a name and a value".to_owned(), forms)),
        };
        let value = if let Some(reference) = value.strip_prefix("docker-image://") {
            ContextValue::Reference(reference.to_owned())
        } else if let Some(path) = value.strip_prefix("oci-layout://") {
            ContextValue::Image(absolute(here, path))
        } else if value.contains("://") || value.starts_with("git@") {
            let title = format!("`{}` is on a server, and nothing is fetched", short(value));
            return Err(error(title, "download it first, and name the folder or the image"));
        } else {
            ContextValue::Path(absolute(here, value))
        };
        Ok(Self { name: name.to_owned(), value })
    }
}

/// A path that begins at `here`, without `.` in it.
fn absolute(here: &Path, path: &str) -> PathBuf {
    here.join(path).components().collect()
}

/// A context that is there.
#[derive(Debug, Clone)]
pub(super) struct NamedContext<'w> {
    name: String,
    what: Named<'w>,
    /// Whether the file names it.
    is_used: bool,
}

/// What a named context is.
#[derive(Debug, Clone)]
pub(super) enum Named<'w> {
    /// The files of a folder.
    Folder(Rc<Tree<'w>>),
    /// An image, which is opened where it is used.
    Image(BaseDraft),
    /// Why it cannot be used has been reported.
    Broken,
}

/// The contexts of the command line; what is wrong with one goes to the report.
pub(super) fn named_contexts<'w>(
    world: &'w dyn World,
    given: &[BuildContext],
    sources: &mut SourceMap,
    report: &mut Report,
) -> Vec<NamedContext<'w>> {
    let mut contexts: Vec<NamedContext<'w>> = Vec::with_capacity(given.len());
    for BuildContext { name, value } in given {
        let image = |path: &Path| {
            Named::Image(BaseDraft { image: ImageDraft::Path(path.to_owned()), platform: None })
        };
        let what = match value {
            ContextValue::Reference(reference) => Named::Image(BaseDraft {
                image: ImageDraft::Reference(reference.clone()),
                platform: None,
            }),
            ContextValue::Image(path) => image(path),
            ContextValue::Path(path) => match world.stat(path) {
                Ok(stat) if stat.kind != Kind::Folder => image(path),
                Ok(_) if world.stat(&path.join("oci-layout")).is_ok() => image(path),
                Ok(_) => {
                    let ignore = [path.join(".dockerignore")];
                    let (top, written) = (path.clone(), path.clone());
                    let context = Context::of_folder(world, top, written, &ignore, sources, report);
                    Named::Folder(Rc::new(Tree::of(Rc::new(context))))
                }
                Err(error) => {
                    let title = format!("cannot read `{}`", path.display());
                    report.push(
                        Diagnostic::error(code::CONTAINERFILE_BUILD_CONTEXT, title)
                            .with_subject(format!("--build-context {name}=…"))
                            .with_why(describe_io(&error))
                            .with_help("correct the path"),
                    );
                    Named::Broken
                }
            },
        };
        contexts.push(NamedContext { name: name.clone(), what, is_used: false });
    }
    contexts
}

impl<'w> Reading<'w, '_> {
    /// The last context of the command line with a name: that of a stage, or of an image in any of its spellings.
    pub fn named_context(&mut self, name: &str) -> Option<Named<'w>> {
        let is_it = |context: &NamedContext<'w>| {
            context.name.eq_ignore_ascii_case(name)
                || split_reference(&context.name)
                    .is_ok_and(|own| split_reference(name).is_ok_and(|asked| own == asked))
        };
        let found = self.contexts.iter_mut().rev().find(|context| is_it(context))?;
        found.is_used = true;
        Some(found.what.clone())
    }

    /// Says which contexts of the command line nothing names.
    pub fn check_contexts(&mut self) {
        let unused = self.contexts.iter().filter(|context| !context.is_used);
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let warnings: Vec<Diagnostic> = unused
            .map(|context| {
                let name = &context.name;
                let help = match nearest(name, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write `COPY --from={name}` or `FROM {name}`, or leave it out"),
                };
                Diagnostic::warning(
                    code::CONTAINERFILE_UNUSED_BUILD_CONTEXT,
                    format!("nothing is copied from `{}`, or built on it", short(name)),
                )
                .with_subject(format!("--build-context {name}=…"))
                .with_help(help)
            })
            .collect();
        self.report.findings.extend(warnings);
    }

    /// What a context is to `COPY --from`.
    pub fn origin_of_context(
        &mut self,
        context: &Named<'w>,
        copy: &Copy<'_>,
        value: &Word,
    ) -> Option<Origin<'w>> {
        match context {
            Named::Folder(tree) => Some(Origin::Folder(Rc::clone(tree))),
            Named::Image(image) => self.image(image.clone(), copy, value),
            Named::Broken => None,
        }
    }

    /// An image that `COPY --from` names.
    pub fn image(&mut self, image: BaseDraft, copy: &Copy<'_>, value: &Word) -> Option<Origin<'w>> {
        let image = placed(copy.instruction, value.at, image);
        if let Some((_, tree)) = self.image_trees.iter().find(|(known, _)| *known == image.value) {
            return Some(Origin::Image(Rc::clone(tree)));
        }
        let OpenImage { files, .. } = self.open(&image)?;
        let tree = Rc::new(Tree::of(Rc::new(Context::of_image(files, image.value.clone()))));
        self.image_trees.push((image.value, Rc::clone(&tree)));
        Some(Origin::Image(tree))
    }

    /// Opens an image. Why it cannot be opened is in the report.
    pub fn open(&mut self, image: &Placed<BaseDraft>) -> Option<OpenImage> {
        let monitor = self.monitor.clone();
        let hint = Hint { architecture: None, monitor: monitor.as_deref() };
        self.images.open(image, hint, self.report)
    }

    /// Refuses a base that would have docker do more than the file says.
    pub fn check_triggers(&mut self, from: &Instruction, image: &Word, open: &OpenImage) -> bool {
        let Some(first) = open.config.triggers.first() else { return true };
        let place: Place = place(from, image.at);
        let rest = open.config.triggers.len().saturating_sub(1);
        let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        self.report.push(
            place
                .error(code::CONTAINERFILE_BASE_TRIGGERS, "this base has `ONBUILD` triggers")
                .with_why(format!("docker would run `{}`{more} after this line", short(first)))
                .with_help(
                    "build `FROM` this base alone with docker once, and take that image as the base; or write the \
                     instructions here, and take a base without triggers",
                ),
        );
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_as_docker_has_them() {
        let here = Path::new("/here");
        let value = |text: &str| BuildContext::parse(text, here).map(|context| context.value).ok();
        let path = |path: &str| PathBuf::from(path);
        assert_eq!(value("a=b"), Some(ContextValue::Path(path("/here/b"))));
        assert_eq!(value("a=../b=c"), Some(ContextValue::Path(path("/here/../b=c"))));
        assert_eq!(value("a=/b.tar"), Some(ContextValue::Path(path("/b.tar"))));
        assert_eq!(value("a=oci-layout://b"), Some(ContextValue::Image(path("/here/b"))));
        assert_eq!(value("a=oci-layout:///b"), Some(ContextValue::Image(path("/b"))));
        let reference = ContextValue::Reference("b:1".to_owned());
        assert_eq!(value("a=docker-image://b:1"), Some(reference));
        for wrong in ["a", "=b", "a=", "a=https://example.org/b", "a=git@example.org:b"] {
            assert_eq!(value(wrong), None, "{wrong}");
        }
    }
}
