//! Whether the command line fits (contract section 8).

use super::super::eras;
use super::super::{Annotations, Finding, Guest, Key, Monitor, Process};
use super::line::Line;
use super::network::Network;
use super::start::is_known_in;
use super::storage::storage;
use crate::diag::Severity;
use crate::explain::code;

/// The longest command line of a Solo5 guest, in bytes (contract section 8).
const MAX_SOLO5_LINE: usize = 8191;

/// How many of them addresses may take that are known only when the container starts.
const ADDRESS_RESERVE: usize = 256;

/// What Linux reads of its command line, in bytes, on x86-64 and arm64.
const MAX_LINUX_LINE: usize = 2047;

/// The longest argument that Linux takes for a program, in bytes.
const MAX_ARGUMENT: usize = (128 << 10) - 1;

/// Whether the guest's command line fits, for each release that starts it.
pub fn check_command_line(annotations: &Annotations, process: &Process) -> Option<Finding> {
    let guest = annotations.get(Key::UnikernelType).and_then(Guest::from_name)?;
    let monitor = annotations.get(Key::Hypervisor).and_then(Monitor::from_name)?;
    let length = |era: &'static str| {
        let storage = storage(era, guest, monitor, annotations);
        let network = Network::Any;
        let line = Line { era, guest, monitor, annotations, process, storage: &storage, network };
        let known = is_known_in(era, guest.first_era()) && is_known_in(era, monitor.first_era());
        if known { line.text().map_or(0, |text| text.len()) } else { 0 }
    };
    let lengths = eras::ALL.iter().map(|era| (*era, length(era)));
    let lengths: Vec<(&'static str, usize)> = lengths.collect();
    let help = "shorten the arguments, or put them in a file of the guest";
    // A finding for the releases whose line is longer than this.
    let longer = |severity, who: &str, limit: usize, above: usize, why: &str| {
        let long = lengths.iter().filter(|(_, length)| *length > above);
        let long: Vec<(&'static str, usize)> = long.copied().collect();
        let longest = long.iter().map(|(_, length)| *length).max()?;
        let title = format!("the command line has {longest} bytes, and {who} {limit}");
        let finding = Finding::new(severity, code::URUNC_COMMAND_LINE, process.args_from, title);
        let eras = eras::matching(|era| long.iter().any(|(known, _)| *known == era));
        Some(finding.why(why).help(help).only_in(eras))
    };
    let found = match monitor {
        Monitor::Hvt | Monitor::Spt => {
            let who = format!("solo5-{monitor} takes");
            let limit = MAX_SOLO5_LINE;
            let why = "it ends with \"Guest command line too long\"; what urunc adds for the network counts as well";
            longer(Severity::Error, &who, limit, limit, why).or_else(|| {
                let why = "the addresses that urunc adds may make it too long";
                longer(Severity::Warning, &who, limit, limit - ADDRESS_RESERVE, why)
            })
        }
        Monitor::Qemu | Monitor::CloudHypervisor => {
            let why = "the system refuses to start the monitor: \"argument list too long\"";
            let who = "an argument of the monitor may have";
            longer(Severity::Error, who, MAX_ARGUMENT, MAX_ARGUMENT, why)
        }
        Monitor::Firecracker | Monitor::HyperlightUnikraft => None,
    };
    let cut_off = || {
        let why = "the kernel cuts off the rest, or the monitor refuses it";
        let linux = longer(Severity::Warning, "linux reads", MAX_LINUX_LINE, MAX_LINUX_LINE, why);
        linux.filter(|_| guest == Guest::Linux)
    };
    found.or_else(cut_off)
}
