//! Whether the boot files are what the annotations say they are.
//!
//! In: the annotations of an image, and what the bytes of its kernel, initrd and block image say. Out:
//! a [`Finding`] for each contradiction. What always holds: a statement that a file makes about itself
//! can refuse an image, a guess only warns; what the bytes do not say is taken as claimed. Rules are
//! those of contract sections 2 and 3.

mod devices;
mod kernel;
mod storage;

use crate::unikernel::block::BlockFormat;
use crate::unikernel::initrd::Initrd;
use crate::unikernel::{Guest, Unikernel};
use crate::urunc::{Annotations, Finding, Key, Monitor};

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
    if check.kernel_file(&files.kernel) {
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
        check.kernel_file(&files.kernel);
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
    /// Whether a tender of Solo5 starts it.
    fn is_for_tender(&self) -> bool {
        matches!(self.monitor, Some(Monitor::Hvt | Monitor::Spt))
    }
}
