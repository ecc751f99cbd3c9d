//! Whether the boot files are what the annotations say they are.
//!
//! In: the annotations of an image, and what the bytes of its kernel, initrd and block image say. Out:
//! a [`Finding`] for each contradiction. What always holds: a statement that a file makes about itself
//! can refuse an image, a guess only warns; what the bytes do not say is taken as claimed. Rules are
//! those of contract sections 2 and 3.

use crate::diag::Severity;
use crate::unikernel::block::{BlockFormat, Content};
use crate::unikernel::initrd::{ArchiveFormat, Cpio, Initrd};
use crate::unikernel::{
    Architecture, BootProtocol, DeviceKind, Format, Guest, Known, Malformed, Solo5, Solo5Target,
    Unikernel,
};
use crate::urunc::eras::{E24, E25};
use crate::urunc::{Annotations, Finding, Key, Monitor, files, rules};

/// The number of x86-64 in an ELF header.
const EM_X86_64: u16 = 62;

/// What the bytes of the boot files say.
#[derive(Debug)]
pub struct BootFiles {
    /// The file that `binary` names.
    pub kernel: Unikernel,
    /// The file that `initrd` names.
    pub initrd: Option<Initrd>,
    /// The file that `block` names.
    pub block: Option<BlockImage>,
}

/// What is known of a block image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockImage {
    /// Its format, when it is a known one.
    pub format: Option<BlockFormat>,
    /// Its size in bytes.
    pub size: u64,
}

/// Everything in which these files and annotations do not go together.
pub fn check(annotations: &Annotations, files: &BootFiles) -> Vec<Finding> {
    let mut check = Check {
        annotations,
        guest: annotations.get(Key::UnikernelType).and_then(Guest::from_name),
        monitor: annotations.get(Key::Hypervisor).and_then(Monitor::from_name),
        findings: Vec::new(),
    };
    // What is no kernel at all is no other guest's either; what is damaged still says what it can.
    if check.file(&files.kernel) {
        check.guest(&files.kernel);
        check.monitor(&files.kernel);
        if let Some(solo5) = &files.kernel.solo5 {
            check.devices(solo5);
        }
    }
    if let Some(initrd) = &files.initrd {
        check.initrd(initrd);
    }
    if let Some(block) = files.block {
        check.block(block);
    }
    check.findings
}

/// The monitors that would start this kernel as this guest.
pub fn monitors(files: &BootFiles, guest: Guest) -> Vec<Monitor> {
    let starts = |monitor: &Monitor| {
        let mut annotations = Annotations::default();
        annotations.set(Key::UnikernelType, guest.name().to_owned());
        annotations.set(Key::Hypervisor, monitor.name().to_owned());
        let mut check = Check {
            annotations: &annotations,
            guest: Some(guest),
            monitor: Some(*monitor),
            findings: Vec::new(),
        };
        check.file(&files.kernel);
        check.monitor(&files.kernel);
        check.findings.is_empty()
    };
    guest.monitors().iter().copied().filter(starts).collect()
}

struct Check<'a> {
    annotations: &'a Annotations,
    guest: Option<Guest>,
    monitor: Option<Monitor>,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn add(
        &mut self,
        severity: Severity,
        slug: &'static str,
        (key, other): (Key, Option<Key>),
        title: String,
        why: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        let finding = Finding::new(severity, slug, key, title);
        let finding = finding.because(other).why(why);
        self.findings.push(Finding { help: help.into(), ..finding });
    }

    /// Whether a tender of Solo5 starts it.
    fn is_for_tender(&self) -> bool {
        matches!(self.monitor, Some(Monitor::Hvt | Monitor::Spt))
    }

    /// Whether the file is a kernel at all, whole or damaged.
    fn file(&mut self, kernel: &Unikernel) -> bool {
        if kernel.size == 0 {
            self.add(
                Severity::Error,
                "unikernel/empty",
                (Key::Binary, None),
                "the kernel is an empty file".into(),
                "no monitor can start it",
                Some("build it again, or name the right file in `files`".into()),
            );
            return false;
        }
        if let Some(first) = kernel.problems.first() {
            let more = match kernel.problems.len() {
                1 => String::new(),
                count => format!(" ({} more)", count - 1),
            };
            // The tenders look at every header before they start anything; others are less strict.
            let refused =
                self.is_for_tender() && kernel.problems.iter().any(Malformed::stops_a_tender);
            self.add(
                if refused { Severity::Error } else { Severity::Warning },
                "unikernel/damaged",
                (Key::Binary, None),
                "the kernel is damaged or cut off".into(),
                format!("{first}{more}"),
                Some("compare its size with the original, or build it again".into()),
            );
        }
        if let Some(mark) = &kernel.program {
            self.add(
                Severity::Error,
                "unikernel/program",
                (Key::Binary, None),
                "the kernel is a program for an operating system".into(),
                format!("it is known by {mark}, and no monitor can start it"),
                Some(
                    "name the unikernel; for hermit and linux the program belongs into the initrd"
                        .into(),
                ),
            );
        }
        kernel.program.is_none()
    }

    /// Whether it is the guest that `unikernelType` says.
    fn guest(&mut self, kernel: &Unikernel) {
        let Some(claimed) = self.guest else { return };
        let keys = (Key::UnikernelType, Some(Key::Binary));
        let Some(Known { value: found, by }) = &kernel.guest else {
            if kernel.solo5.is_some() && !matches!(claimed, Guest::Mirage | Guest::Rumprun) {
                self.add(
                    Severity::Error,
                    "unikernel/guest-mismatch",
                    keys,
                    format!("the kernel is a Solo5 guest, not {claimed}"),
                    "it carries the notes of Solo5, as mirage and rumprun do",
                    Some("write \"mirage\" or \"rumprun\", whichever it is".into()),
                );
            }
            return;
        };
        if *found == claimed {
            return;
        }
        // The loader starts a Hermit application, which comes as the initrd.
        let help = if *found == Guest::Hermit || claimed == Guest::Hermit {
            "for hermit, `binary` is the loader and `initrd` the application".to_owned()
        } else {
            format!("write \"{found}\", or name another kernel")
        };
        let severity = if by.is_guess() { Severity::Warning } else { Severity::Error };
        self.add(
            severity,
            "unikernel/guest-mismatch",
            keys,
            format!("the kernel is {found}, not {claimed}"),
            format!("it is known by {by}"),
            Some(help),
        );
    }

    /// Whether the monitor that `hypervisor` says can start it.
    fn monitor(&mut self, kernel: &Unikernel) {
        let Some(monitor) = self.monitor else { return };
        let keys = (Key::Hypervisor, Some(Key::Binary));
        let Some(solo5) = &kernel.solo5 else {
            if self.is_for_tender() {
                self.add(
                    Severity::Error,
                    "unikernel/not-solo5",
                    keys,
                    format!("the kernel is no Solo5 guest, and {monitor} starts no other"),
                    format!(
                        "solo5-{monitor} starts only files with Solo5's notes; this is a {}",
                        kernel.format
                    ),
                    Some(format!("build it for {monitor}, or choose another `hypervisor`")),
                );
            }
            self.other_formats(kernel, monitor);
            return;
        };
        let Some(abi) = solo5.abi else { return };
        if abi.target.monitor() != Some(monitor.name()) {
            let help = match abi.target.monitor() {
                Some(right) => format!("write \"{right}\", or build the kernel for {monitor}"),
                None => format!("build it for {monitor}; urunc starts no {} guests", abi.target),
            };
            self.add(
                Severity::Error,
                "unikernel/monitor-mismatch",
                keys,
                format!("the kernel is built for Solo5's {}, not for {monitor}", abi.target),
                "its ABI note says so, and the monitor refuses any other target",
                Some(help),
            );
        } else if abi.target == Solo5Target::Hvt && abi.version < 2 {
            self.add(
                Severity::Warning,
                "unikernel/solo5-abi",
                keys,
                format!("the kernel has version {} of hvt's interface", abi.version),
                "solo5-hvt of 0.8.0 and later starts version 2 alone",
                Some("build it with Solo5 0.8.0 or later, or keep an older solo5-hvt".into()),
            );
        }
    }

    fn other_formats(&mut self, kernel: &Unikernel, monitor: Monitor) {
        let amd64 = kernel.architecture.as_ref().is_some_and(|a| a.value == Architecture::Amd64);
        let elf =
            matches!(kernel.format, Format::Elf32 | Format::Elf64 | Format::UnikraftElf32 { .. });
        // QEMU loads no x86-64 ELF by a Multiboot header that does not say where to; Unikraft and Mewz
        // call themselves i386 for that.
        let by_its_elf = kernel.machine != Some(EM_X86_64);
        let known_to_qemu = kernel.boot.iter().any(|protocol| match protocol {
            BootProtocol::Multiboot1 { address_fields, .. } => *address_fields || by_its_elf,
            BootProtocol::Pvh { .. } => true,
            _ => false,
        });
        if monitor == Monitor::Qemu && amd64 && elf && !known_to_qemu {
            self.add(
                Severity::Warning,
                "unikernel/no-boot-protocol",
                (Key::Binary, Some(Key::Hypervisor)),
                "qemu may not start this kernel".into(),
                "on x86-64 it starts an ELF file by its Multiboot header or its PVH note, and this has neither",
                Some("build it for qemu, or choose another `hypervisor`".into()),
            );
        }
        if monitor != Monitor::Firecracker || !amd64 {
            return;
        }
        let keys = (Key::Hypervisor, Some(Key::Binary));
        match kernel.format {
            Format::UnikraftElf32 { .. } => self.add(
                Severity::Error,
                "unikernel/monitor-mismatch",
                keys,
                "the kernel is a Unikraft built for qemu, not for firecracker".into(),
                "a 32-bit ELF header for Multiboot stands before it, and Firecracker wants 64-bit ELF",
                Some("write \"qemu\", or build it for the platform `fc`".into()),
            ),
            Format::BzImage | Format::EfiZboot(_) | Format::Compressed(_) => self.add(
                Severity::Warning,
                "unikernel/compressed-kernel",
                keys,
                format!("firecracker may refuse this kernel: {}", kernel.format),
                "Firecracker starts uncompressed ELF kernels on x86-64",
                Some("package the `vmlinux` that the bzImage holds".into()),
            ),
            _ => {}
        }
    }

    /// Whether the devices that a Solo5 guest declares are those that it will be given.
    fn devices(&mut self, solo5: &Solo5) {
        let (Some(guest), Some(devices)) = (self.guest, &solo5.devices) else { return };
        // A virtio guest takes what the machine has, whatever its name.
        if !self.is_for_tender() {
            return;
        }
        // Devices are attached by what is said and by what is not.
        let names = [Key::Solo5NetDev, Key::Solo5BlkDev];
        if !self.annotations.knows(&Key::STORAGE) || !self.annotations.knows(&names) {
            return;
        }
        for (kind, word) in [(DeviceKind::Net, "network"), (DeviceKind::Block, "block")] {
            let names: Vec<&str> = devices
                .iter()
                .filter(|device| device.kind == kind)
                .map(|device| device.name.as_str())
                .collect();
            match names.as_slice() {
                [] => self.missing_device(guest, kind),
                [name] => {
                    self.device(guest, kind, word, name);
                    if kind == DeviceKind::Net {
                        self.network(name);
                    }
                }
                _ => self.add(
                    Severity::Error,
                    "unikernel/too-many-devices",
                    (Key::Binary, None),
                    format!("the kernel declares {} {word} devices", names.len()),
                    format!(
                        "urunc attaches one, and Solo5 starts no guest without all: {}",
                        names.join(", ")
                    ),
                    Some(format!("build it with one {word} device")),
                ),
            }
        }
    }

    fn network(&mut self, name: &str) {
        self.add(
            Severity::Note,
            "unikernel/needs-network",
            (Key::Binary, None),
            format!("the kernel declares the network device `{name}`"),
            "Solo5 starts no guest without every device of its manifest, so the container needs a network",
            Some("do not run it with `--network none`".into()),
        );
    }

    fn missing_device(&mut self, guest: Guest, kind: DeviceKind) {
        if kind == DeviceKind::Net {
            let name = if guest == Guest::Mirage { "service" } else { "tap" };
            self.add(
                Severity::Warning,
                "unikernel/no-network-device",
                (Key::Binary, None),
                "the kernel declares no network device, and does not start in a container with a network"
                    .into(),
                format!(
                    "urunc attaches `{name}` where the container has a network, as it has by default under \
                     docker, nerdctl and Kubernetes, and Solo5 ends with \"Resource not declared in \
                     manifest: '{name}'\""
                ),
                Some(format!(
                    "run it with `--network none`, or build it with the network device `{name}`"
                )),
            );
        }
        if kind == DeviceKind::Block && self.annotations.get(Key::Block).is_some() {
            self.add(
                Severity::Error,
                "unikernel/no-block-device",
                (Key::Block, Some(Key::Binary)),
                "the kernel declares no block device".into(),
                "Solo5 refuses a device that the guest's manifest does not name",
                Some(
                    "leave `block` and `blkMntPoint` out, or build the kernel with a block device"
                        .into(),
                ),
            );
        }
    }

    fn device(&mut self, guest: Guest, kind: DeviceKind, word: &str, name: &str) {
        let (fixed, key) = match (guest, kind) {
            (Guest::Mirage, DeviceKind::Net) => ("service", Some(Key::Solo5NetDev)),
            (Guest::Mirage, _) => ("storage", Some(Key::Solo5BlkDev)),
            (_, DeviceKind::Net) => ("tap", None),
            _ => ("rootfs", None),
        };
        let given = key.and_then(|key| self.annotations.get(key)).unwrap_or(fixed);
        if given == name && fixed != name {
            let title = format!(
                "older urunc attaches `{fixed}`, and the kernel's {word} device is `{name}`"
            );
            self.findings.push(
                Finding::warning("unikernel/device-name", key.unwrap_or(Key::Binary), title)
                    .why(
                        "the annotation for the name is read since 2026; Solo5 refuses other names",
                    )
                    .help(format!("build it with the name `{fixed}` to work everywhere"))
                    .only_in(&[E24, E25]),
            );
        }
        if given != name {
            let help = match key {
                Some(key) => format!("write `{} = \"{name}\";`", key.short()),
                None => format!("build it with the name `{fixed}`"),
            };
            self.add(
                Severity::Error,
                "unikernel/device-name",
                (
                    key.filter(|key| self.annotations.get(*key).is_some()).unwrap_or(Key::Binary),
                    None,
                ),
                format!("the kernel's {word} device is `{name}`, and urunc attaches `{given}`"),
                "Solo5 attaches devices by the names in the guest's manifest",
                Some(help),
            );
        }
        if kind != DeviceKind::Block || self.annotations.get(Key::Block).is_some() {
            return;
        }
        let mounts =
            self.annotations.get(Key::MountRootfs).and_then(rules::parse_bool) == Some(true);
        if guest == Guest::Rumprun && mounts {
            return;
        }
        self.add(
            Severity::Error,
            "unikernel/block-missing",
            (Key::Binary, None),
            format!("the kernel declares the block device `{name}`, and there is no `block`"),
            "Solo5 starts no guest without every device of its manifest",
            Some(
                "name an image in `block` and `blkMntPoint`, or build the kernel without it".into(),
            ),
        );
    }

    fn initrd(&mut self, initrd: &Initrd) {
        let Some(guest) = self.guest else { return };
        let keys = (Key::Initrd, Some(Key::UnikernelType));
        let first = initrd.archives.first().map(|archive| archive.format);
        match (guest, first) {
            (Guest::Linux | Guest::Unikraft, None | Some(ArchiveFormat::Elf)) => self.add(
                Severity::Error,
                "unikernel/initrd-format",
                keys,
                "the initrd is no cpio archive".into(),
                format!("{guest} unpacks a cpio archive, and this file does not begin like one"),
                Some("pack it with `cpio -o -H newc`".into()),
            ),
            (Guest::Hermit, first) if first != Some(ArchiveFormat::Elf) => self.add(
                Severity::Warning,
                "unikernel/initrd-format",
                keys,
                "the initrd is no ELF file".into(),
                "Hermit's loader starts the application that it finds as its initrd",
                Some("name the application as `initrd`, and the loader as `binary`".into()),
            ),
            (Guest::Unikraft, Some(format))
                if format != ArchiveFormat::Cpio(Cpio::Newc) || initrd.archives.len() > 1 =>
            {
                self.add(
                    Severity::Warning,
                    "unikernel/initrd-format",
                    keys,
                    "the initrd is not one uncompressed newc archive".into(),
                    "urunc of 2026 adds files to it, which needs the plain format",
                    Some("pack it with `cpio -o -H newc`, without compression".into()),
                );
            }
            _ => {}
        }
    }

    fn block(&mut self, image: BlockImage) {
        if let Some(monitor) = self.monitor {
            self.findings.extend(files::check_block_size(monitor, image.size));
        }
        let Some(block) = image.format else { return };
        if block.content() == Content::Disk {
            self.add(
                Severity::Error,
                "unikernel/block-format",
                (Key::Block, None),
                format!("the block image is a {block} disk"),
                "urunc tells every monitor that the image is raw, so the guest sees the wrong bytes",
                Some("convert it: `qemu-img convert -O raw`".into()),
            );
            return;
        }
        let root = self.annotations.get(Key::BlkMntPoint) == Some("/");
        let keys = (Key::Block, Some(Key::UnikernelType));
        match (self.guest, block.content()) {
            (Some(Guest::Rumprun), _)
                if !matches!(block, BlockFormat::Ext2 | BlockFormat::Ufs2) =>
            {
                self.add(
                    Severity::Warning,
                    "unikernel/block-format",
                    keys,
                    format!("the block image holds {block}, which rumprun may not mount"),
                    "its kernel mounts ext2 and FFS",
                    Some("make it with `mke2fs -t ext2`".into()),
                );
            }
            (Some(Guest::Linux), Content::Partitions) if root => self.add(
                Severity::Warning,
                "unikernel/block-format",
                keys,
                format!("the block image holds a {block}, not a file system"),
                "urunc writes `root=/dev/vda`, which is the whole disk and no partition",
                Some("make a file system without partitions".into()),
            ),
            _ => {}
        }
    }
}
