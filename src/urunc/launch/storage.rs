//! What the guest gets as its root or disk (contract section 2.2).

use super::super::eras::E26;
use super::super::{Annotations, Block, Guest, Key, Monitor};
use std::fmt;

/// What the guest gets as its root or disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Storage {
    None,
    /// An initrd, and before 2026 a block image beside it.
    Initrd {
        path: String,
        block: Option<String>,
    },
    /// A block image, and where it is mounted when that is said.
    Block {
        path: String,
        at: String,
    },
    /// The container's rootfs: as a block device, or by a shared file system, or by whichever there is.
    Rootfs {
        as_block: bool,
        shared: Option<&'static str>,
    },
}

impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let as_device = "the container's rootfs as a block device, where the snapshotter makes one";
        match self {
            Storage::None => f.write_str("none"),
            Storage::Initrd { path, block: None } => write!(f, "initrd {path}"),
            Storage::Initrd { path, block: Some(block) } => {
                write!(f, "initrd {path}, and block image {block}")
            }
            Storage::Block { path, at } if at.is_empty() => write!(f, "block image {path}"),
            Storage::Block { path, at } => write!(f, "block image {path} at {at}"),
            Storage::Rootfs { as_block: true, shared: None } => f.write_str(as_device),
            Storage::Rootfs { as_block: true, shared: Some(shared) } => {
                write!(f, "{as_device}; else by {shared}")
            }
            Storage::Rootfs { as_block: false, shared } => {
                write!(f, "the container's rootfs by {}", shared.unwrap_or("nothing"))
            }
        }
    }
}

/// The storage that urunc picks (section 2.2).
pub(super) fn storage(
    era: &str,
    guest: Guest,
    monitor: Monitor,
    annotations: &Annotations,
) -> Storage {
    let owned = |key: Key| annotations.get(key).unwrap_or("").to_owned();
    let has_disk = guest.block() != Block::Never
        && !matches!(
            (guest, monitor),
            (Guest::Mirage, Monitor::Qemu) | (Guest::Linux, Monitor::CloudHypervisor)
        );
    let block = annotations.get(Key::Block).filter(|_| has_disk);
    if annotations.get(Key::Initrd).is_some() {
        return match (guest.takes_initrd(), block) {
            (true, block) => Storage::Initrd {
                path: owned(Key::Initrd),
                block: block.filter(|_| era != E26).map(str::to_owned),
            },
            // urunc of 2026 has picked the initrd, which then goes nowhere.
            (false, Some(path)) if era != E26 => {
                Storage::Block { path: path.to_owned(), at: old_mount_point(guest, annotations) }
            }
            (false, _) => Storage::None,
        };
    }
    // An absent `useDMBlock` counts as true, as does one that is no Boolean.
    let mounts = match era {
        E26 => annotations.boolean(Key::MountRootfs).unwrap_or(false),
        _ => annotations.boolean(Key::UseDMBlock).unwrap_or(true),
    };
    if let Some(path) = block {
        let path = path.to_owned();
        let at = owned(Key::BlkMntPoint);
        if era != E26 {
            return Storage::Block { path, at: old_mount_point(guest, annotations) };
        }
        if at == "/" || !mounts {
            return Storage::Block { path, at };
        }
    }
    if !mounts || !guest.takes_rootfs() {
        return Storage::None;
    }
    let as_block = guest.takes_rootfs_as_block();
    let shared = match (guest, monitor) {
        _ if era != E26 => None,
        (Guest::Linux, Monitor::Qemu | Monitor::CloudHypervisor) => Some("virtiofs"),
        (Guest::Unikraft | Guest::Freebsd, Monitor::Qemu) => Some("9p"),
        _ => None,
    };
    match (as_block, shared) {
        (false, None) => Storage::None,
        _ => Storage::Rootfs { as_block, shared },
    }
}

/// Before 2026 the mount point was not read, and rumprun always had `/data`.
fn old_mount_point(guest: Guest, annotations: &Annotations) -> String {
    match guest {
        Guest::Rumprun => guest.mount_point().to_owned(),
        _ => annotations.get(Key::BlkMntPoint).unwrap_or("").to_owned(),
    }
}
