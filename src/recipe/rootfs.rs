//! `rootfs`: the root file system that is made for a guest, and what each guest can use.

use super::completing::Completing;
use super::draft::{BaseDraft, FileDraft, RootfsDraft, Setting};
use super::{Place, Placed};
use crate::diag::{Diagnostic, nearest};
use crate::explain::code;
use crate::urunc::{Block, Guest, Key};

/// Where an initrd or block image goes that is made.
pub const ROOTFS_PATH: &str = "/.boot/rootfs";

/// A root file system that is made for the guest.
#[derive(Debug, Clone)]
pub struct Rootfs {
    /// What it is.
    pub form: Form,
    /// Files and folders, in the order in which they are put into it.
    pub files: Vec<FileDraft>,
    /// The folder, tar archive or image whose files are in it.
    pub from: Option<Placed<BaseDraft>>,
    /// Paths of the Nix store that are in it with all that they refer to.
    pub closure: Option<Placed<Vec<String>>>,
    /// Where it is written.
    pub place: Place,
}

/// What is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A cpio archive.
    Initrd {
        /// How it is compressed.
        compression: Compression,
        /// Whether the guest knows hard links.
        keeps_links: bool,
    },
    /// A block image.
    Block {
        /// Its file system.
        fs_type: FsType,
        /// Its size in bytes; absent, it follows from the files.
        size: Option<Placed<u64>>,
        /// Its name.
        label: String,
    },
    /// The files of the image itself.
    Raw,
}

/// How an initrd is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Compression {
    None,
    Gzip,
    Zstd,
    Xz,
}

impl Compression {
    const ALL: [(&'static str, Compression); 4] = [
        ("none", Compression::None),
        ("gzip", Compression::Gzip),
        ("zstd", Compression::Zstd),
        ("xz", Compression::Xz),
    ];
}

/// The file system of a block image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum FsType {
    Ext2,
    Ext4,
    Fat,
}

impl FsType {
    const ALL: [(&'static str, FsType); 3] =
        [("ext2", FsType::Ext2), ("ext4", FsType::Ext4), ("fat", FsType::Fat)];

    /// The one that is made where none is written.
    fn default_of(guest: Option<Guest>) -> FsType {
        if guest == Some(Guest::Mirage) { FsType::Fat } else { FsType::Ext2 }
    }

    /// Why a guest cannot read it, and what to write instead.
    fn refused_by(self, guest: Guest) -> Option<(&'static str, &'static str)> {
        match (guest, self) {
            (Guest::Rumprun, FsType::Ext4) => {
                Some(("its drivers know ext2 and FAT", "write \"ext2\" or \"fat\""))
            }
            (Guest::Mirage, FsType::Ext2 | FsType::Ext4) => {
                Some(("the libraries of MirageOS read FAT", "write \"fat\""))
            }
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            FsType::Ext2 => "ext2",
            FsType::Ext4 => "ext4",
            FsType::Fat => "fat",
        }
    }

    /// The largest block image in bytes, and the reason.
    fn max_size(self) -> (u64, &'static str) {
        match self {
            FsType::Ext2 | FsType::Ext4 => {
                (16 << 40, "ext2 and ext4 with blocks of 4 KiB have at most 16 TiB")
            }
            FsType::Fat => (2 << 40, "FAT with sectors of 512 bytes has at most 2 TiB"),
        }
    }

    /// Why a text cannot be its label.
    fn refuses_label(self, label: &str) -> Option<(String, &'static str)> {
        let length = label.len();
        let is_short = |byte: u8| {
            byte.is_ascii_uppercase()
                || byte.is_ascii_digit()
                || b" !#$%&'()-@^_`{}~".contains(&byte)
        };
        match self {
            FsType::Ext2 | FsType::Ext4 if length > 16 || label.contains('\0') => Some((
                format!("it has {length} bytes; a label has at most 16, and no NUL byte"),
                "shorten it",
            )),
            FsType::Fat if length > 11 || !label.bytes().all(is_short) => Some((
                "FAT takes at most 11 characters: upper-case letters, digits, spaces and some signs"
                    .to_owned(),
                "shorten it, and write it in upper case",
            )),
            _ => None,
        }
    }
}

/// The type of a root file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Initrd,
    Block,
    Raw,
}

impl Type {
    const ALL: [(&'static str, Type); 3] =
        [("initrd", Type::Initrd), ("block", Type::Block), ("raw", Type::Raw)];

    fn name(self) -> &'static str {
        match self {
            Type::Initrd => "initrd",
            Type::Block => "block",
            Type::Raw => "raw",
        }
    }

    /// Those that are made and that a guest can use (contract section 2.2). Hermit's initrd is its application, and
    /// FreeBSD reads its root from UFS.
    fn of(guest: Guest) -> Vec<Type> {
        let takes = |kind: &Type| match kind {
            Type::Initrd => guest.takes_initrd() && guest != Guest::Hermit,
            Type::Block => guest.block() != Block::Never && guest != Guest::Freebsd,
            Type::Raw => guest.takes_rootfs(),
        };
        Type::ALL.into_iter().map(|(_, kind)| kind).filter(takes).collect()
    }

    /// The one that is made where none is written, as bunny has it (contract section 4.3): an initrd for unikraft, the
    /// files of the image for others, and what is left for those that cannot be given these.
    fn default_of(guest: Guest) -> Option<Type> {
        let types = Type::of(guest);
        let first = if guest == Guest::Unikraft { Type::Initrd } else { Type::Raw };
        types.iter().find(|kind| **kind == first).or(types.first()).copied()
    }
}

/// `a, b or c`
fn either(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

impl Completing<'_> {
    /// What `rootfs` says, with the annotations that follow.
    pub(super) fn rootfs(&mut self) -> Option<Rootfs> {
        let written = self.draft.rootfs.take()?;
        let kind = self.kind(&written);
        let form = kind.and_then(|kind| self.form(kind, &written));
        let nothing = ["files", "from", "closure"]
            .into_iter()
            .all(|field| !self.draft.is_unusable(&format!("rootfs.{field}")))
            && written.files.is_empty()
            && written.from.is_none()
            && written.closure.as_ref().is_none_or(|closure| closure.value.is_empty());
        if nothing && kind != Some(Type::Raw) {
            let diagnostic = Diagnostic::error(code::ROOTFS_EMPTY, "`rootfs` has nothing in it");
            let diagnostic = written.place.mark_name(diagnostic, "");
            let help = "add `files`, or `from` with a folder, a tar archive or an image";
            self.report.push(diagnostic.with_help(help));
        }
        let (Some(kind), Some(form)) = (kind, form) else {
            // Nothing follows from what is not made.
            self.draft.unusable.insert("rootfs".to_owned());
            return None;
        };
        self.storage(kind, &written);
        let RootfsDraft { files, from, closure, place, .. } = written;
        Some(Rootfs { form, files, from, closure, place })
    }

    /// Which type it is: the one that is written, where the guest can use it, else the guest's own.
    fn kind(&mut self, written: &RootfsDraft) -> Option<Type> {
        let said = match &written.kind {
            Some(kind) => {
                Some((self.one_of("type", "`rootfs`", kind, &Type::ALL)?, kind.place.clone()))
            }
            None if self.draft.is_unusable("rootfs.type") => return None,
            None => None,
        };
        let Some((guest, because)) = self.guest() else { return said.map(|(kind, _)| kind) };
        let types = Type::of(guest);
        let names: Vec<String> = types.iter().map(|kind| format!("`{}`", kind.name())).collect();
        let help = match guest {
            Guest::Hermit => {
                "leave `rootfs` out, and name the application as `annotations.initrd`".to_owned()
            }
            _ if types.is_empty() => "leave `rootfs` out".to_owned(),
            _ => format!("use {}", either(&names)),
        };
        let (title, place) = match &said {
            Some((kind, _)) if types.contains(kind) => return Some(*kind),
            Some((kind, place)) => {
                (format!("{guest} cannot use a root file system of type `{}`", kind.name()), place)
            }
            None => match Type::default_of(guest) {
                Some(kind) => return Some(kind),
                None => (format!("{guest} cannot use a root file system"), &written.place),
            },
        };
        let diagnostic = place.error(code::ROOTFS_GUEST, title);
        let diagnostic = match because {
            Some(because) => because.mark(diagnostic, "because of this"),
            None => diagnostic,
        };
        let why = match (guest, said.map(|(kind, _)| kind)) {
            (Guest::Freebsd, Some(Type::Block)) => {
                "FreeBSD reads its root from UFS, which bimanix does not make"
            }
            (Guest::Hermit, _) => {
                "the initrd of Hermit is its application, and it is given nothing else"
            }
            _ => "urunc does not give it to this guest",
        };
        self.report.push(diagnostic.with_why(why).with_help(help));
        None
    }

    fn one_of<T: Copy>(
        &mut self,
        field: &str,
        of: &str,
        written: &Placed<String>,
        known: &[(&str, T)],
    ) -> Option<T> {
        let text = written.value.as_str();
        if let Some((_, value)) = known.iter().find(|(name, _)| *name == text) {
            return Some(*value);
        }
        let names: Vec<String> = known.iter().map(|(name, _)| format!("`{name}`")).collect();
        let help = match nearest(text, known.iter().map(|(name, _)| *name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use {}", either(&names)),
        };
        let title = format!("`{text}` is not a `{field}` of {of}");
        self.report.push(written.place.error(code::ROOTFS_TYPE, title).with_help(help));
        None
    }

    fn form(&mut self, kind: Type, written: &RootfsDraft) -> Option<Form> {
        let block =
            [("size", &written.size), ("fsType", &written.fs_type), ("label", &written.label)];
        let initrd = [("compression", &written.compression)];
        let of_block = block.into_iter().map(|(name, field)| (name, field, Type::Block));
        let of_initrd = initrd.into_iter().map(|(name, field)| (name, field, Type::Initrd));
        for (name, field, needed) in of_block.chain(of_initrd) {
            if let Some(field) = field
                && kind != needed
            {
                let title = format!("`{name}` has no effect on type `{}`", kind.name());
                let diagnostic =
                    field.place.mark_name(Diagnostic::error(code::ROOTFS_FIELD, title), "");
                let why = format!("it is for type `{}`", needed.name());
                self.report.push(diagnostic.with_why(why).with_help("leave it out"));
            }
        }
        match kind {
            Type::Raw => Some(Form::Raw),
            Type::Initrd => {
                let is_unikraft = self.guest().is_some_and(|(guest, _)| guest == Guest::Unikraft);
                let compression = match &written.compression {
                    None => Compression::None,
                    Some(text) => {
                        self.one_of("compression", "an initrd", text, &Compression::ALL)?
                    }
                };
                if let Some(text) = &written.compression
                    && is_unikraft
                    && compression != Compression::None
                {
                    let title = "unikraft cannot read a compressed initrd";
                    let diagnostic = text.place.error(code::ROOTFS_GUEST, title);
                    let why = "it unpacks plain cpio archives of the form newc alone";
                    self.report.push(diagnostic.with_why(why).with_help("leave `compression` out"));
                    return None;
                }
                Some(Form::Initrd { compression, keeps_links: !is_unikraft })
            }
            Type::Block => {
                let guest = self.guest().map(|(guest, _)| guest);
                let fs_type = match &written.fs_type {
                    None => Some(FsType::default_of(guest)),
                    Some(text) => self.one_of("fsType", "a block image", text, &FsType::ALL),
                };
                let size = match &written.size {
                    None => Some(None),
                    Some(text) => self.size(text, fs_type).map(|value| {
                        let place = text.place.clone();
                        Some(Placed { value, place })
                    }),
                };
                let label = written.label.as_ref().map_or(Some(String::new()), |label| {
                    self.label(label, fs_type).then(|| label.value.clone())
                });
                if let (Some(fs_type), Some(text), Some(guest)) = (fs_type, &written.fs_type, guest)
                    && let Some((why, help)) = fs_type.refused_by(guest)
                {
                    let title = format!("{guest} cannot read {}", fs_type.name());
                    let diagnostic = text.place.error(code::ROOTFS_GUEST, title);
                    self.report.push(diagnostic.with_why(why).with_help(help));
                    return None;
                }
                Some(Form::Block { fs_type: fs_type?, size: size?, label: label? })
            }
        }
    }

    fn size(&mut self, written: &Placed<String>, fs_type: Option<FsType>) -> Option<u64> {
        let (most, why) = fs_type.unwrap_or(FsType::Ext2).max_size();
        let text = written.value.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let factor = match unit.trim() {
            "" | "B" => Some(1),
            "K" | "KiB" => Some(1 << 10),
            "M" | "MiB" => Some(1 << 20),
            "G" | "GiB" => Some(1 << 30),
            "T" | "TiB" => Some(1 << 40),
            _ => None,
        };
        let size = number.parse::<u64>().ok().zip(factor);
        let size = size.and_then(|(number, factor)| number.checked_mul(factor));
        match size {
            Some(size) if size > most => {
                let title = format!("`{}` is more than a block image has", written.value);
                let diagnostic = written.place.error(code::ROOTFS_TOO_LARGE, title);
                self.report.push(diagnostic.with_why(why).with_help("give a smaller size"));
                None
            }
            Some(size) if size > 0 => Some(size),
            _ => {
                let title = format!("`{}` is not a size", written.value);
                let diagnostic = written.place.error(code::ROOTFS_SIZE, title);
                let help = "write a number of bytes, or one with a unit: \"512 KiB\", \"64 MiB\", \"2 GiB\"";
                self.report.push(diagnostic.with_help(help));
                None
            }
        }
    }

    fn label(&mut self, written: &Placed<String>, fs_type: Option<FsType>) -> bool {
        let refused = fs_type.unwrap_or(FsType::Ext2).refuses_label(&written.value);
        let Some((why, help)) = refused else { return true };
        let title = format!("`{}` cannot be a label", written.value.replace('\0', "\\0"));
        let diagnostic = written.place.error(code::ROOTFS_LABEL, title);
        self.report.push(diagnostic.with_why(why).with_help(help));
        false
    }

    /// Sets the annotations that give the guest its root, and refuses others that give it another.
    fn storage(&mut self, kind: Type, written: &RootfsDraft) {
        let place = written.kind.as_ref().map_or(&written.place, |kind| &kind.place).clone();
        let path = ROOTFS_PATH;
        let mut refused = Vec::new();
        for key in [Key::Initrd, Key::Block] {
            refused.extend(self.said(key).map(|said| (key, said.place.clone())));
        }
        if kind == Type::Raw {
            let is_false = |said: &&Placed<Setting>| match &said.value {
                Setting::Flag(flag) => !flag,
                Setting::Text(text) => {
                    !matches!(text.as_str(), "1" | "t" | "T" | "TRUE" | "true" | "True")
                }
            };
            for key in [Key::MountRootfs, Key::UseDMBlock] {
                let said = self.said(key).filter(is_false);
                refused.extend(said.map(|said| (key, said.place.clone())));
            }
        }
        let is_refused = !refused.is_empty();
        for (key, said) in refused {
            let title = format!("`{}` goes against `rootfs`", key.short());
            let diagnostic = said.error(code::ROOTFS_CONFLICT, title);
            let diagnostic = place.mark(diagnostic, "this sets what the guest is given");
            let why = "urunc gives a guest one root file system";
            self.report.push(diagnostic.with_why(why).with_help("leave one of the two out"));
        }
        if is_refused {
            return;
        }
        match kind {
            Type::Initrd => self.annotate(Key::Initrd, path, &place),
            Type::Block => {
                self.annotate(Key::Block, path, &place);
                if self.said(Key::BlkMntPoint).is_none() {
                    let mount_point = self.guest().map_or("/", |(guest, _)| guest.mount_point());
                    self.annotate(Key::BlkMntPoint, mount_point, &place);
                }
            }
            Type::Raw if self.said(Key::MountRootfs).or(self.said(Key::UseDMBlock)).is_none() => {
                self.annotate(Key::MountRootfs, "true", &place);
            }
            Type::Raw => {}
        }
    }
}
