//! What a guest boots: `kernel` and `init` of a Linux guest, and `rootfs`, the root file system to make.

use super::Reader;
use crate::eval::{Attrs, Value};
use crate::explain::code;
use crate::recipe::draft::{BaseDraft, FileDraft, ImageDraft, InitDraft, RootfsDraft, SourceDraft};
use crate::recipe::{INIT_FIELDS, KERNEL_FIELDS, KERNEL_PATH, Place, Placed, ROOTFS_FIELDS};
use std::path::PathBuf;

impl Reader<'_, '_> {
    /// The kernel: a file, or one of an image.
    pub(super) fn kernel(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "kernel") else { return };
        if self.is_empty_string(&value, &place) {
            return;
        }
        let source = self.kernel_source(&value, &place);
        if let Some(Placed { value: source, place }) = self.usable(place, source) {
            self.draft.kernel = Some(boot_file(source, KERNEL_PATH, None, place));
        }
    }

    fn kernel_source(&mut self, value: &Value, place: &Place) -> Option<SourceDraft> {
        match self.force(value, place)? {
            Value::Attrs(attrs) if !self.is_derivation(&attrs) => {
                let (mut image, mut path, mut whole) = (None, None, true);
                for (name, attr) in self.members(&attrs, &place.path) {
                    let inner = self.place(&attr, &format!("{}.{name}", place.path));
                    match name.as_str() {
                        "image" => image = self.image(&attr.value, &inner),
                        "path" => path = self.bytes(&attr.value, &inner),
                        other => {
                            let set = format!("`{}`", place.path);
                            self.unknown_member(&inner, &set, other, &KERNEL_FIELDS);
                            whole = false;
                        }
                    }
                }
                for name in KERNEL_FIELDS {
                    let symbol = self.ev.symbol(name);
                    if attrs.get(symbol).is_none() {
                        let title = format!("`{}` has no `{name}`", place.path);
                        let example = "write `{ image = ./image.tar; path = \"/boot/vmlinuz\"; }`";
                        let diagnostic = place.error(code::RECIPE_MISSING_PATH, title);
                        self.report.push(diagnostic.with_help(example));
                        whole = false;
                    }
                }
                if !whole {
                    return None;
                }
                Some(SourceDraft::Image { image: image?, path: path? })
            }
            value => match self.location(&value, place, "a path, a string or a derivation")? {
                ImageDraft::Path(written) => Some(SourceDraft::Path { written, from: None }),
                // As in `files`, a string is a path whatever it begins with.
                ImageDraft::Reference(written) => {
                    Some(SourceDraft::Path { written: written.into(), from: None })
                }
            },
        }
    }

    /// The init: a file that is put into the image, or one that is there, which is a string that begins with `/`.
    pub(super) fn init(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "init") else { return };
        if self.is_empty_string(&value, &place) {
            return;
        }
        let found = match self.force(&value, &place) {
            Some(Value::String(text)) if text.as_bytes().starts_with(b"/") => {
                let text = self.text(text.as_bytes(), &place);
                text.map(|value| InitDraft::InImage(Placed { value, place: place.clone() }))
            }
            Some(value) => self.init_file(&value, &place).map(InitDraft::File),
            None => None,
        };
        self.draft.init = self.usable(place, found).map(|found| found.value);
    }

    fn init_file(&mut self, value: &Value, place: &Place) -> Option<FileDraft> {
        let Value::Attrs(attrs) = value else { return self.init_source(value, None, place) };
        if self.is_derivation(attrs) {
            return self.init_source(value, None, place);
        }
        let (mut source, mut path, mut whole) = (None, None, true);
        for (name, attr) in self.members(attrs, &place.path) {
            let inner = self.place(&attr, &format!("{}.{name}", place.path));
            match name.as_str() {
                "source" => source = Some((attr.value.clone(), inner)),
                "path" => path = Some(self.string(&attr.value, &inner)?),
                other => {
                    self.unknown_member(&inner, &format!("`{}`", place.path), other, &INIT_FIELDS);
                    whole = false;
                }
            }
        }
        let Some((source, inner)) = source else {
            let title = format!("`{}` has no `source`", place.path);
            let diagnostic = place.error(code::RECIPE_MISSING_PATH, title);
            self.report.push(diagnostic.with_help("add `source = ./urunit;`"));
            return None;
        };
        self.init_source(&source, path, &inner).filter(|_| whole)
    }

    fn init_source(
        &mut self,
        value: &Value,
        path: Option<String>,
        place: &Place,
    ) -> Option<FileDraft> {
        let expected = "a path, a string, a derivation, or a set of `source` and `path`";
        let written: PathBuf = match self.location(value, place, expected)? {
            ImageDraft::Path(written) => written,
            ImageDraft::Reference(written) => written.into(),
        };
        let name = written.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = SourceDraft::Path { written, from: None };
        let destination = path.unwrap_or_else(|| format!("/{name}"));
        Some(boot_file(source, &destination, Some(0o755), place.clone()))
    }

    /// The root file system to make.
    pub(super) fn rootfs(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "rootfs") else { return };
        let rootfs = match self.force(&value, &place) {
            Some(Value::Attrs(attrs)) => Some(self.rootfs_set(&attrs, place.clone())),
            Some(other) => {
                let help = "write `rootfs = { type = \"initrd\"; files = { … }; };`".to_owned();
                self.type_error(&place, "a set", &other, Some(help));
                None
            }
            None => None,
        };
        self.draft.rootfs = self.usable(place, rootfs).map(|rootfs| rootfs.value);
    }

    fn rootfs_set(&mut self, attrs: &Attrs, place: Place) -> RootfsDraft {
        let mut rootfs = RootfsDraft::new(place);
        for (name, attr) in self.members(attrs, "rootfs") {
            let inner = self.place(&attr, &format!("rootfs.{name}"));
            let value = &attr.value;
            match name.as_str() {
                "type" => rootfs.kind = self.rootfs_text(value, inner),
                "fsType" => rootfs.fs_type = self.rootfs_text(value, inner),
                "compression" => rootfs.compression = self.rootfs_text(value, inner),
                "label" => rootfs.label = self.rootfs_text(value, inner),
                "size" => {
                    let size = self.number(value, &inner, "a string or a number of bytes");
                    rootfs.size = self.usable(inner, size).filter(|size| !size.value.is_empty());
                }
                "files" => {
                    if let Some(files) = self.file_entries(value, &inner) {
                        rootfs.files = files;
                    }
                }
                "from" if self.is_empty_string(value, &inner) => {}
                "from" => {
                    let from: Option<BaseDraft> = self.image(value, &inner);
                    rootfs.from = self.usable(inner, from);
                }
                "closure" => {
                    let paths = self.items(value, &inner, "`[ pkgs.hello ]`", Self::store_path);
                    rootfs.closure = self.usable(inner, paths).map(|paths| Placed {
                        value: paths.value.into_iter().map(|path| path.value).collect(),
                        place: paths.place,
                    });
                }
                other => self.unknown_member(&inner, "`rootfs`", other, &ROOTFS_FIELDS),
            }
        }
        rootfs
    }

    /// Text, which is as if it were not there when it is empty.
    fn rootfs_text(&mut self, value: &Value, place: Place) -> Option<Placed<String>> {
        let text = self.string(value, &place);
        self.usable(place, text).filter(|text| !text.value.is_empty())
    }

    fn store_path(&mut self, value: &Value, place: &Place) -> Option<String> {
        match self.location(value, place, "a derivation or a store path")? {
            ImageDraft::Path(path) => self.text(path.as_os_str().as_encoded_bytes(), place),
            ImageDraft::Reference(text) => Some(text),
        }
    }

    fn is_empty_string(&mut self, value: &Value, place: &Place) -> bool {
        matches!(self.force(value, place), Some(Value::String(text)) if text.as_bytes().is_empty())
    }
}

fn boot_file(source: SourceDraft, destination: &str, mode: Option<u32>, place: Place) -> FileDraft {
    let destination = destination.as_bytes().to_vec();
    FileDraft { source, destination, mode, owner: None, replaces: false, place }
}
