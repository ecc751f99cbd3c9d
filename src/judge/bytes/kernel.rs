//! Whether the kernel is one, the guest that `unikernelType` says, and one that `hypervisor` starts.

use super::Check;
use crate::diag::Severity;
use crate::explain::code;
use crate::unikernel::{
    Architecture, BootProtocol, Format, Guest, Known, Malformed, Solo5Target, Unikernel,
};
use crate::urunc::{Finding, Help, Key, Monitor};

/// The number of x86-64 in an ELF header.
const EM_X86_64: u16 = 62;

impl Check<'_> {
    /// Whether the file is a kernel at all, whole or damaged.
    pub(super) fn kernel_file(&mut self, kernel: &Unikernel) -> bool {
        if kernel.size == 0 {
            self.findings.push(
                Finding::error(code::UNIKERNEL_EMPTY, Key::Binary, "the kernel is an empty file")
                    .why("no monitor can start it")
                    .help(Help::Files("build it again, or name the right file in `files`".into())),
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
            self.findings.push(
                Finding::new(
                    if refused { Severity::Error } else { Severity::Warning },
                    code::UNIKERNEL_DAMAGED,
                    Key::Binary,
                    "the kernel is damaged or cut off",
                )
                .why(format!("{first}{more}"))
                .help("compare its size with the original, or build it again"),
            );
        }
        if let Some(mark) = &kernel.program {
            self.findings.push(
                Finding::error(
                    code::UNIKERNEL_PROGRAM,
                    Key::Binary,
                    "the kernel is a program for an operating system",
                )
                .why(format!("it is known by {mark}, and no monitor can start it"))
                .help(
                    "name the unikernel; for hermit and linux the program belongs into the initrd",
                ),
            );
        }
        kernel.program.is_none()
    }

    /// Whether it is the guest that `unikernelType` says.
    pub(super) fn guest(&mut self, kernel: &Unikernel) {
        let Some(claimed) = self.guest else { return };
        let Some(Known { value: found, by }) = &kernel.guest else {
            if kernel.solo5.is_some() && !matches!(claimed, Guest::Mirage | Guest::Rumprun) {
                self.findings.push(
                    Finding::error(
                        code::UNIKERNEL_GUEST_MISMATCH,
                        Key::UnikernelType,
                        format!("the kernel is a Solo5 guest, not {claimed}"),
                    )
                    .because(Key::Binary)
                    .why("it carries the notes of Solo5, as mirage and rumprun do")
                    .help("write \"mirage\" or \"rumprun\", whichever it is")
                    .starts_anyway(),
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
        self.findings.push(
            Finding::new(
                severity,
                code::UNIKERNEL_GUEST_MISMATCH,
                Key::UnikernelType,
                format!("the kernel is {found}, not {claimed}"),
            )
            .because(Key::Binary)
            .why(format!("it is known by {by}"))
            .help(help)
            .starts_anyway(),
        );
    }

    /// Whether the monitor that `hypervisor` says can start it.
    pub(super) fn monitor(&mut self, kernel: &Unikernel) {
        let Some(monitor) = self.monitor else { return };
        let Some(solo5) = &kernel.solo5 else {
            if self.is_for_tender() {
                self.findings.push(
                    Finding::error(
                        code::UNIKERNEL_NOT_SOLO5,
                        Key::Hypervisor,
                        format!("the kernel is no Solo5 guest, and {monitor} starts no other"),
                    )
                    .because(Key::Binary)
                    .why(format!(
                        "solo5-{monitor} starts only files with Solo5's notes; this is a {}",
                        kernel.format
                    ))
                    .help(format!("build it for {monitor}, or choose another `hypervisor`")),
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
            self.findings.push(
                Finding::error(
                    code::UNIKERNEL_MONITOR_MISMATCH,
                    Key::Hypervisor,
                    format!("the kernel is built for Solo5's {}, not for {monitor}", abi.target),
                )
                .because(Key::Binary)
                .why("its ABI note says so, and the monitor refuses any other target")
                .help(help),
            );
        } else if abi.target == Solo5Target::Hvt && abi.version < 2 {
            self.findings.push(
                Finding::warning(
                    code::UNIKERNEL_SOLO5_ABI,
                    Key::Hypervisor,
                    format!("the kernel has version {} of hvt's interface", abi.version),
                )
                .because(Key::Binary)
                .why("solo5-hvt of 0.8.0 and later starts version 2 alone")
                .help("build it with Solo5 0.8.0 or later, or keep an older solo5-hvt"),
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
            let title = "qemu may not start this kernel";
            self.findings.push(
                Finding::warning(code::UNIKERNEL_NO_BOOT_PROTOCOL, Key::Binary, title)
                    .because(Key::Hypervisor)
                    .why(
                        "on x86-64 it starts an ELF file by its Multiboot header or its PVH note, and this \
                         has neither",
                    )
                    .help("build it for qemu, or choose another `hypervisor`"),
            );
        }
        if monitor != Monitor::Firecracker || !amd64 {
            return;
        }
        match kernel.format {
            Format::UnikraftElf32 { .. } => {
                let title = "the kernel is a Unikraft built for qemu, not for firecracker";
                self.findings.push(
                    Finding::error(code::UNIKERNEL_MONITOR_MISMATCH, Key::Hypervisor, title)
                        .because(Key::Binary)
                        .why(
                            "a 32-bit ELF header for Multiboot stands before it, and Firecracker wants \
                             64-bit ELF",
                        )
                        .help("write \"qemu\", or build it for the platform `fc`"),
                );
            }
            Format::BzImage | Format::EfiZboot(_) | Format::Compressed(_) => {
                let title = format!("firecracker may refuse this kernel: {}", kernel.format);
                self.findings.push(
                    Finding::warning(code::UNIKERNEL_COMPRESSED_KERNEL, Key::Hypervisor, title)
                        .because(Key::Binary)
                        .why("Firecracker starts uncompressed ELF kernels on x86-64")
                        .help("package the `vmlinux` that the bzImage holds"),
                );
            }
            _ => {}
        }
    }
}
