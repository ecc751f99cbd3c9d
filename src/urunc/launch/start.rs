//! What one release starts: the monitor, the kernel, and what the container's network must be.

use super::super::eras::{self, E26};
use super::super::{Annotations, Engine, Guest, Key, Monitor, storage as rules};
use super::Facts;
use super::line::Line;
use super::network::Network;
use super::storage::storage;

/// What urunc starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The program that is looked up in `PATH`.
    pub monitor: String,
    /// The kernel's path in the image.
    pub kernel: String,
    /// What the guest gets as its root or disk.
    pub storage: String,
    /// The guest's command line; none where it is given none.
    pub command_line: Option<String>,
    /// What the container's network must be.
    pub network: Network,
}

/// What a release of urunc starts under an engine, or why it does not.
pub(super) fn start(
    era: &'static str,
    engine: Engine,
    annotations: &Annotations,
    facts: Facts<'_>,
) -> Result<Start, String> {
    let named = |key: Key| {
        annotations.get(key).ok_or_else(|| format!("fails: `{}` is not set", key.short()))
    };
    let name = named(Key::UnikernelType)?;
    let guest = Guest::from_name(name)
        .filter(|guest| is_known_in(era, guest.first_era()))
        .ok_or_else(|| format!("fails: it knows no guest `{name}`"))?;
    let name = named(Key::Hypervisor)?;
    let monitor = Monitor::from_name(name)
        .filter(|monitor| is_known_in(era, monitor.first_era()))
        .ok_or_else(|| format!("fails: it knows no monitor `{name}`"))?;
    let kernel = named(Key::Binary)?.to_owned();
    // Only since 2026 are pairs looked at.
    if era == E26 && !guest.monitors().contains(&monitor) {
        return Err(format!("fails: it does not run {guest} on {monitor}"));
    }
    if era != E26 && engine == Engine::Docker && rules::is_old_rootfs_disk(annotations, guest) {
        return Err(
            "fails: `useDMBlock` asks for the container's rootfs as a disk, and docker's storage makes none"
                .to_owned(),
        );
    }
    let network = match (monitor, facts.declares_net) {
        (Monitor::Hvt | Monitor::Spt, Some(true)) => Network::Needed,
        (Monitor::Hvt | Monitor::Spt, Some(false)) => Network::Refused,
        _ => Network::Any,
    };
    let process = facts.process;
    let storage = storage(era, guest, monitor, annotations);
    let line = Line { era, guest, monitor, annotations, process, storage: &storage, network };
    Ok(Start {
        monitor: program(monitor, facts.architecture),
        kernel,
        command_line: line.text(),
        storage: storage.to_string(),
        network,
    })
}

/// Whether a release knows what came with `first`.
pub(super) fn is_known_in(era: &str, first: &str) -> bool {
    eras::since(eras::ALL, first).contains(&era)
}

/// The monitor's program.
fn program(monitor: Monitor, architecture: &str) -> String {
    match monitor {
        Monitor::Hvt | Monitor::Spt => format!("solo5-{monitor}"),
        Monitor::Qemu if architecture == "arm64" => "qemu-system-aarch64".to_owned(),
        Monitor::Qemu => "qemu-system-x86_64".to_owned(),
        Monitor::Firecracker | Monitor::CloudHypervisor | Monitor::HyperlightUnikraft => {
            monitor.to_string()
        }
    }
}
