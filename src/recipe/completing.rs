//! A draft whose `kernel`, `init` and `rootfs` become files and annotations; those of the first two are here.

use super::base::Base;
use super::draft::{Draft, InitDraft, Setting};
use super::{Place, Placed};
use crate::diag::{Diagnostic, Report};
use crate::explain::code;
use crate::urunc::{Guest, Key};

/// Where `kernel` goes in the image, as bunny has it, whose documentation says `/boot/kernel` (contract section 4.3).
pub const KERNEL_PATH: &str = "/.boot/kernel";
/// A draft on its way.
pub(super) struct Completing<'c> {
    pub(super) draft: Draft,
    pub(super) base: Base<'c>,
    pub(super) report: &'c mut Report,
}

impl Completing<'_> {
    /// What the text says for an annotation, when that is something.
    pub(super) fn said(&self, key: Key) -> Option<&Placed<Setting>> {
        let full = key.full();
        let named = |name: &str| name == key.short() || name == full;
        self.draft.annotations.iter().find_map(|(name, setting)| match &setting.value {
            Setting::Text(text) if text.is_empty() => None,
            _ if named(name) => Some(setting),
            _ => None,
        })
    }

    /// Whether the text or its base says something for an annotation, or may do so.
    fn is_said(&self, key: Key) -> bool {
        let of_base = self.base.known().is_some_and(|base| base.urunc.contains_key(&key.full()));
        let is_unusable = self.draft.is_unusable("annotations")
            && self.draft.unusable.contains(&format!("annotations.{}", key.short()));
        self.said(key).is_some() || of_base || is_unusable || matches!(self.base, Base::Unknown)
    }

    pub(super) fn annotate(&mut self, key: Key, value: &str, place: &Place) {
        let setting = Placed { value: Setting::Text(value.to_owned()), place: place.clone() };
        self.draft.annotations.push((key.short().to_owned(), setting));
        self.draft.annotations_place.get_or_insert_with(|| place.clone());
    }

    /// The guest, as the text or its base says it.
    pub(super) fn guest(&self) -> Option<(Guest, Option<Place>)> {
        match self.said(Key::UnikernelType) {
            Some(Placed { value: Setting::Text(name), place }) => {
                Guest::from_name(name).map(|guest| (guest, Some(place.clone())))
            }
            Some(_) => None,
            None => {
                let name = self.base.known()?.urunc.get(&Key::UnikernelType.full())?;
                Guest::from_name(name).map(|guest| (guest, None))
            }
        }
    }

    /// Says that a field is for Linux guests, where the guest is another one.
    fn is_for_linux(&mut self, field: &str, place: &Place) {
        let Some((guest, because)) = self.guest().filter(|(guest, _)| *guest != Guest::Linux)
        else {
            return;
        };
        let title = format!("`{field}` is for Linux guests, and this one is {guest}");
        let diagnostic = place.mark_name(Diagnostic::error(code::ROOTFS_INIT, title), "");
        let diagnostic = match because {
            Some(because) => because.mark(diagnostic, "because of this"),
            None => diagnostic,
        };
        let help = match field {
            "kernel" => "name the unikernel in `files`, and its path in `annotations.binary`",
            _ => "leave it out; the arguments of the guest are in `cmd`",
        };
        self.report.push(diagnostic.with_help(help));
    }

    /// The kernel is a file, and says what the annotations do not.
    pub(super) fn kernel(&mut self) {
        let Some(kernel) = self.draft.kernel.take() else {
            if self.draft.is_unusable("kernel") && self.draft.annotations_place.is_none() {
                self.draft.unusable.insert("annotations".to_owned());
            }
            return;
        };
        let place = kernel.place.clone();
        self.draft.files.push(kernel);
        let binary = self
            .said(Key::Binary)
            .filter(|said| !matches!(&said.value, Setting::Text(text) if text == KERNEL_PATH));
        if let Some(binary) = binary {
            let title = "`kernel` and `annotations.binary` both name the kernel";
            let diagnostic = binary.place.error(code::ROOTFS_CONFLICT, title);
            let diagnostic = place.mark_name(diagnostic, "");
            self.report.push(diagnostic.with_help("leave one of the two out"));
            return;
        }
        self.annotate(Key::Binary, KERNEL_PATH, &place);
        for (key, value) in [(Key::UnikernelType, "linux"), (Key::Hypervisor, "qemu")] {
            if !self.is_said(key) {
                self.annotate(key, value, &place);
            }
        }
        self.is_for_linux("kernel", &place);
        let storage = [Key::Initrd, Key::Block, Key::MountRootfs, Key::UseDMBlock];
        let has_files = self.draft.base.is_some() || self.draft.files.len() > 1;
        if self.draft.rootfs.is_none()
            && has_files
            && !storage.into_iter().any(|key| self.is_said(key))
        {
            self.annotate(Key::MountRootfs, "true", &place);
        }
    }

    /// The init is a file of the guest's root; gives its path there.
    pub(super) fn init(&mut self) -> Option<String> {
        let (path, place) = match self.draft.init.take()? {
            InitDraft::File(file) => {
                let path = String::from_utf8_lossy(&file.destination).into_owned();
                let place = file.place.clone();
                match &mut self.draft.rootfs {
                    // It is needed where the guest's root is.
                    Some(rootfs) => rootfs.files.push(file),
                    None => self.draft.files.push(file),
                }
                (path, place)
            }
            InitDraft::InImage(path) => (path.value, path.place),
        };
        self.is_for_linux("init", &place);
        Some(path)
    }
}
