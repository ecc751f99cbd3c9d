//! `rootfs`: what the guest is given as its root file system.

use super::files::{Files, From, from};
use super::include::include;
use super::keys::{Keys, Value};
use super::platforms::Platform;
use super::yaml::{Entry, Node};
use crate::diag::{Diagnostic, Report, nearest};
use crate::explain::code;
use crate::front::text::short;
use crate::recipe::draft::{BaseDraft, FileDraft, RootfsDraft};
use crate::recipe::{Place, Placed};
use crate::urunc::{Block, Guest};

const KEYS: [&str; 4] = ["from", "path", "type", "include"];
const TYPES: [&str; 3] = ["raw", "initrd", "block"];

/// What the guest is given.
#[derive(Debug)]
pub(super) enum Rootfs {
    /// Nothing.
    None,
    /// The files of the image itself.
    Raw {
        /// The image that has them.
        image: Option<Placed<BaseDraft>>,
        /// More of them.
        include: Vec<FileDraft>,
        /// What says so.
        place: Place,
    },
    /// One file that holds all of them.
    File {
        form: Form,
        /// The image that it is in; none for the build context.
        image: Option<Placed<BaseDraft>>,
        path: Placed<String>,
    },
    /// One file that is made.
    Made(Box<RootfsDraft>),
    /// Why it cannot be used has been reported.
    Unusable,
}

/// A root file system that is one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Initrd,
    Block,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Form::Initrd => "initrd",
            Form::Block => "block",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Form::Initrd => "an initrd",
            Form::Block => "a block image",
        }
    }
}

/// What `type` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Raw,
    File(Form),
}

/// The keys of `rootfs` as they are written.
struct Written<'n, 'k, 'r> {
    keys: Keys<'n, 'r>,
    path: Option<Placed<String>>,
    kind: Option<(Type, Place)>,
    include: Option<(&'n Entry, &'n [Node])>,
    platform: &'k Platform,
    files: &'k Files<'k>,
}

/// Reads `rootfs`.
pub(super) fn rootfs(keys: &mut Keys<'_, '_>, platform: &Platform, files: &Files<'_>) -> Rootfs {
    let mut keys = match keys.map("rootfs", &KEYS) {
        Value::Given(keys) => keys,
        Value::Missing => return Rootfs::None,
        Value::Unusable => return Rootfs::Unusable,
    };
    let source = keys.text("from");
    let path = keys.text("path");
    let kind = match keys.text("type") {
        Value::Given(written) => read_type(&written, keys.report),
        Value::Missing => Value::Missing,
        Value::Unusable => Value::Unusable,
    };
    let include = keys.list("include");
    if matches!(source, Value::Unusable)
        || matches!(path, Value::Unusable)
        || matches!(kind, Value::Unusable)
        || matches!(include, Value::Unusable)
    {
        return Rootfs::Unusable;
    }
    let include = include.given().filter(|(_, items)| !items.is_empty());
    let source = source.given().map_or(From::Scratch, |written| from(&written));
    let written =
        Written { keys, path: path.given(), kind: kind.given(), include, platform, files };
    match source {
        From::Scratch => written.of_scratch(),
        From::Local => written.of_local(),
        From::Image(image) => written.of_image(image),
    }
}

fn read_type(written: &Placed<String>, report: &mut Report) -> Value<(Type, Place)> {
    let kind = match written.value.as_str() {
        "raw" => Type::Raw,
        "initrd" => Type::File(Form::Initrd),
        "block" => Type::File(Form::Block),
        other => {
            let title = format!("`{}` is not a type of `rootfs`", short(other));
            let help = match nearest(other, TYPES) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "use `raw`, `initrd` or `block`".to_owned(),
            };
            let diagnostic = written.place.error(code::BUNNYFILE_ROOTFS_TYPE, title);
            report.push(diagnostic.with_help(help));
            return Value::Unusable;
        }
    };
    Value::Given((kind, written.place.clone()))
}

impl Written<'_, '_, '_> {
    /// What `rootfs` is where `type` is not written: bunny makes an initrd for Unikraft and copies files for others.
    fn default_type(&self) -> Type {
        match self.platform.guest {
            Some(Guest::Unikraft) => Type::File(Form::Initrd),
            _ => Type::Raw,
        }
    }

    fn refuse(mut self, diagnostic: Diagnostic) -> Rootfs {
        // Mistakes inside of it are shown as well.
        if let Some((_, items)) = self.include.take() {
            include(items, self.files, self.keys.report);
        }
        self.keys.report.push(diagnostic);
        Rootfs::Unusable
    }

    fn of_scratch(self) -> Rootfs {
        if let Some(path) = &self.path {
            let diagnostic = path.place.error(code::BUNNYFILE_ROOTFS, "`path` needs a `from`");
            return self.refuse(
                diagnostic
                    .with_why(
                        "without `from`, the root file system is made of the files in `include`",
                    )
                    .with_help("add `from: local`, or name the image that the file is in"),
            );
        }
        match (&self.kind, self.include) {
            (None, None) => Rootfs::None,
            (Some((Type::File(form), place)), None) => {
                let title = format!("there is nothing to make {} from", form.words());
                let diagnostic = place.error(code::BUNNYFILE_ROOTFS, title);
                self.refuse(diagnostic.with_help("add `from: local` and the `path` of the file"))
            }
            _ => self.raw_or_made(None),
        }
    }

    /// The files of an image, or none, with those of `include`.
    fn raw_or_made(self, image: Option<Placed<BaseDraft>>) -> Rootfs {
        let kind = self.kind.as_ref().map_or_else(|| self.default_type(), |(kind, _)| *kind);
        match kind {
            Type::Raw => self.raw(image),
            Type::File(form) => self.made(form, image),
        }
    }

    fn raw(self, image: Option<Placed<BaseDraft>>) -> Rootfs {
        let of_include = self.include.map(|(entry, _)| Place {
            spans: Some((entry.at, entry.at)),
            path: "rootfs.include".to_owned(),
        });
        let place = self.kind.map(|(_, place)| place).or(of_include);
        let place = place.or_else(|| image.as_ref().map(|image| image.place.clone()));
        let place = place.unwrap_or_else(|| self.keys.place());
        let items = self.include.map(|(_, items)| items).unwrap_or_default();
        let include = include(items, self.files, self.keys.report);
        Rootfs::Raw { image, include, place }
    }

    /// A root file system that is made of files, and of those of an image.
    fn made(self, form: Form, image: Option<Placed<BaseDraft>>) -> Rootfs {
        let whole = self.keys.place();
        let of_include = self.include.as_ref().map(|(entry, _)| Place {
            spans: Some((entry.at, entry.at)),
            path: "rootfs.include".to_owned(),
        });
        let kind = match self.kind {
            Some((_, place)) => Placed { value: form.name().to_owned(), place },
            None => Placed { value: form.name().to_owned(), place: of_include.unwrap_or(whole) },
        };
        let items = self.include.map(|(_, items)| items).unwrap_or_default();
        let files = include(items, self.files, self.keys.report);
        let mut draft = RootfsDraft::new(kind.place.clone());
        (draft.kind, draft.files, draft.from) = (Some(kind), files, image);
        Rootfs::Made(Box::new(draft))
    }

    fn of_local(mut self) -> Rootfs {
        if let Some((Type::Raw, place)) = &self.kind {
            let title = "`type: raw` cannot be combined with `from: local`";
            let diagnostic = place.error(code::BUNNYFILE_ROOTFS, title);
            return self.refuse(
                diagnostic
                    .with_why(
                        "`from: local` means a single file, and `raw` the files of the image itself",
                    )
                    .with_help("list the files in `include`, and remove `from`"),
            );
        }
        if let Some((entry, _)) = self.include {
            return self.refuse(not_with_include(entry, "`from: local`"));
        }
        let Some(path) = self.path.take() else {
            let why = "`from: local` needs the file that holds the root file system";
            self.keys.missing("path", "path: FILE", why);
            return Rootfs::Unusable;
        };
        self.one_file(None, path)
    }

    fn of_image(mut self, image: Placed<BaseDraft>) -> Rootfs {
        let Some(path) = self.path.take() else {
            let kind = self.kind.as_ref().map_or_else(|| self.default_type(), |(kind, _)| *kind);
            let Type::File(form) = kind else { return self.raw(Some(image)) };
            if self.kind.is_some() {
                return self.made(form, Some(image));
            }
            if let Some((entry, _)) = self.include {
                let diagnostic = not_with_include(entry, form.words());
                return self.refuse(diagnostic.with_help("add `type: raw`, or remove `include`"));
            }
            let why = "for unikraft it is an initrd, unless `type` says otherwise";
            self.keys.missing("path", "path: FILE", why);
            return Rootfs::Unusable;
        };
        if let Some((Type::Raw, place)) = &self.kind {
            let diagnostic =
                place.error(code::BUNNYFILE_ROOTFS, "`type: raw` cannot be combined with `path`");
            let diagnostic = path.place.mark(diagnostic, "one file");
            return self.refuse(
                diagnostic
                    .with_why("`raw` gives the guest the files of the whole image")
                    .with_help("remove one of the two"),
            );
        }
        if let Some((entry, _)) = self.include {
            return self.refuse(not_with_include(entry, "`path`"));
        }
        self.one_file(Some(image), path)
    }

    /// A file that is there, once it is known what it is.
    fn one_file(self, image: Option<Placed<BaseDraft>>, path: Placed<String>) -> Rootfs {
        let form = match (&self.kind, self.platform.guest) {
            (Some((Type::File(form), _)), _) => Some(*form),
            (_, Some(Guest::Unikraft)) => Some(Form::Initrd),
            // Most guests take but one of the two.
            (_, Some(guest)) => match (guest.takes_initrd(), guest.block() != Block::Never) {
                (true, true) => None,
                (false, true) => Some(Form::Block),
                (_, false) => Some(Form::Initrd),
            },
            (_, None) => None,
        };
        match form {
            Some(form) => Rootfs::File { form, image, path },
            // Nothing follows from a guest that is not said.
            None if !self.platform.is_said => Rootfs::Unusable,
            None => {
                let why = match self.platform.guest {
                    Some(guest) => format!("{guest} takes either"),
                    None => "a guest is given the two in different ways".to_owned(),
                };
                let title = "it is unclear whether this file is an initrd or a block image";
                let diagnostic = path.place.error(code::BUNNYFILE_ROOTFS_TYPE, title);
                self.refuse(
                    diagnostic.with_why(why).with_help("add `type: initrd` or `type: block`"),
                )
            }
        }
    }
}

fn not_with_include(entry: &Entry, other: &str) -> Diagnostic {
    let title = format!("`include` cannot be combined with {other}");
    Diagnostic::error(code::BUNNYFILE_ROOTFS, title)
        .with_label(entry.at, "")
        .with_why("files cannot be added to a root file system that is a single file")
        .with_help("remove one of the two")
}

/// Says that the guest does not see the files of the image.
pub(super) fn unused(platform: &Platform, place: &Place) -> Diagnostic {
    let guest = platform.guest.map_or("the guest", Guest::name);
    let title = format!("{guest} cannot use the files of its image");
    let diagnostic = place.warning(code::BUNNYFILE_ROOTFS_UNUSED, title);
    let diagnostic = match &platform.place {
        Some(place) => place.mark(diagnostic, "because of this"),
        None => diagnostic,
    };
    let help = match platform.guest {
        Some(guest) if guest.takes_initrd() => {
            "use an initrd instead: `from: local` and `type: initrd`"
        }
        Some(guest) if guest.block() != Block::Never => "use a block image instead: `type: block`",
        _ => "remove `rootfs`",
    };
    diagnostic
        .with_why("urunc does not start it with `mountRootfs=true`, so that is not set")
        .with_help(help)
}
