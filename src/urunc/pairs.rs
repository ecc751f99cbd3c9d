//! Guests, monitors, and which of them urunc starts together (contract sections 2.1 and 2.2).

use super::eras::{self, E24, E25, E26};
use std::fmt;

/// A guest: the value of `unikernelType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Guest {
    Rumprun,
    Unikraft,
    Mirage,
    Mewz,
    Linux,
    Hermit,
    Freebsd,
}

/// A monitor: the value of `hypervisor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Monitor {
    Hvt,
    Spt,
    Qemu,
    Firecracker,
    CloudHypervisor,
    HyperlightUnikraft,
}

/// What a guest can do with a block image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// It is never attached.
    Never,
    /// It is mounted, but not as the root.
    BelowRoot,
    /// It is mounted anywhere.
    Anywhere,
}

impl Guest {
    /// Every guest urunc knows.
    pub const ALL: [Guest; 7] = [
        Guest::Rumprun,
        Guest::Unikraft,
        Guest::Mirage,
        Guest::Mewz,
        Guest::Linux,
        Guest::Hermit,
        Guest::Freebsd,
    ];

    /// The guest that urunc calls by this name; exact, lower case.
    pub fn from_name(name: &str) -> Option<Guest> {
        Guest::ALL.into_iter().find(|guest| guest.name() == name)
    }

    /// How urunc spells it.
    pub fn name(self) -> &'static str {
        match self {
            Guest::Rumprun => "rumprun",
            Guest::Unikraft => "unikraft",
            Guest::Mirage => "mirage",
            Guest::Mewz => "mewz",
            Guest::Linux => "linux",
            Guest::Hermit => "hermit",
            Guest::Freebsd => "freebsd",
        }
    }

    /// The monitors urunc starts it on.
    pub fn monitors(self) -> &'static [Monitor] {
        match self {
            Guest::Rumprun => &[Monitor::Hvt, Monitor::Spt],
            Guest::Unikraft => &[Monitor::Qemu, Monitor::Firecracker, Monitor::HyperlightUnikraft],
            Guest::Mirage => &[Monitor::Hvt, Monitor::Spt, Monitor::Qemu],
            Guest::Mewz | Guest::Hermit => &[Monitor::Qemu],
            Guest::Linux => &[Monitor::Qemu, Monitor::Firecracker, Monitor::CloudHypervisor],
            Guest::Freebsd => &[Monitor::Qemu, Monitor::Firecracker],
        }
    }

    /// Whether it takes an initrd.
    pub fn takes_initrd(self) -> bool {
        matches!(self, Guest::Unikraft | Guest::Linux | Guest::Hermit)
    }

    /// What it can do with a block image.
    pub fn block(self) -> Block {
        match self {
            Guest::Unikraft | Guest::Mewz | Guest::Hermit => Block::Never,
            Guest::Rumprun => Block::BelowRoot,
            Guest::Mirage | Guest::Linux | Guest::Freebsd => Block::Anywhere,
        }
    }

    /// Where it mounts a block image unless it is told otherwise. Rumprun's root is part of its kernel.
    pub fn mount_point(self) -> &'static str {
        match self.block() {
            Block::BelowRoot => "/data",
            Block::Anywhere | Block::Never => "/",
        }
    }

    /// Whether it can be given the container's rootfs at all.
    pub fn takes_rootfs(self) -> bool {
        !matches!(self, Guest::Mirage | Guest::Mewz | Guest::Hermit)
    }
}

impl Guest {
    /// The first release of urunc that knows it (contract section 2.1).
    pub fn first_era(self) -> &'static str {
        match self {
            Guest::Rumprun | Guest::Unikraft | Guest::Mirage => E24,
            Guest::Mewz | Guest::Linux => E25,
            Guest::Hermit | Guest::Freebsd => E26,
        }
    }

    /// Whether it can be given the container's rootfs as a block device; unikraft only takes 9p.
    pub fn takes_rootfs_as_block(self) -> bool {
        self.takes_rootfs() && self != Guest::Unikraft
    }
}

impl fmt::Display for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Monitor {
    /// Every monitor urunc knows.
    pub const ALL: [Monitor; 6] = [
        Monitor::Hvt,
        Monitor::Spt,
        Monitor::Qemu,
        Monitor::Firecracker,
        Monitor::CloudHypervisor,
        Monitor::HyperlightUnikraft,
    ];

    /// The monitor that urunc calls by this name; exact, lower case.
    pub fn from_name(name: &str) -> Option<Monitor> {
        Monitor::ALL.into_iter().find(|monitor| monitor.name() == name)
    }

    /// How urunc spells it.
    pub fn name(self) -> &'static str {
        match self {
            Monitor::Hvt => "hvt",
            Monitor::Spt => "spt",
            Monitor::Qemu => "qemu",
            Monitor::Firecracker => "firecracker",
            Monitor::CloudHypervisor => "cloud-hypervisor",
            Monitor::HyperlightUnikraft => "hyperlight-unikraft",
        }
    }

    /// What Unikraft calls the platform that it starts, where it starts any of Unikraft's guests (contract 4.2, 4.3).
    pub fn unikraft_platform(self) -> Option<&'static str> {
        match self {
            Monitor::Qemu => Some("qemu"),
            Monitor::Firecracker => Some("fc"),
            Monitor::Hvt
            | Monitor::Spt
            | Monitor::CloudHypervisor
            | Monitor::HyperlightUnikraft => None,
        }
    }

    /// The monitor that starts a platform of Unikraft.
    pub fn of_unikraft_platform(platform: &str) -> Option<Monitor> {
        Monitor::ALL.into_iter().find(|monitor| monitor.unikraft_platform() == Some(platform))
    }

    /// The first release of urunc that knows it (contract section 2.1).
    pub fn first_era(self) -> &'static str {
        match self {
            Monitor::Hvt | Monitor::Spt | Monitor::Qemu | Monitor::Firecracker => E24,
            Monitor::CloudHypervisor | Monitor::HyperlightUnikraft => E26,
        }
    }

    /// Whether it can share the container's rootfs with the guest as a folder (9p or virtiofs), so
    /// that no block snapshotter is needed.
    pub fn shares_folders(self) -> bool {
        matches!(self, Monitor::Qemu | Monitor::CloudHypervisor)
    }
}

impl fmt::Display for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The first release that knows both a guest and a monitor.
pub fn first_era(guest: Option<Guest>, monitor: Option<Monitor>) -> &'static str {
    let first = [guest.map(Guest::first_era), monitor.map(Monitor::first_era)];
    let rank = |era: &&str| eras::ALL.iter().position(|known| known == era);
    first.into_iter().flatten().max_by_key(rank).unwrap_or(E24)
}

/// `a, b and c`
pub(super) fn listed<T: fmt::Display>(items: &[T]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [only] => only.to_string(),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}
