//! What urunc gives a guest as its root or disk, and which combinations go together (contract section 2.2).

use super::eras::{self, E24, E25, E26};
use super::finding::{Engine, Finding};
use super::pairs::{Block, Guest, Monitor};
use super::{Annotations, Key};
use crate::explain::code;

/// Which root storage urunc picks, and what it does with the rest.
pub(super) fn check(
    annotations: &Annotations,
    guest: Option<Guest>,
    monitor: Option<Monitor>,
    findings: &mut Vec<Finding>,
) {
    let block = annotations.get(Key::Block);
    let mount_point = annotations.get(Key::BlkMntPoint);
    let initrd = annotations.get(Key::Initrd).is_some();
    let mount_key = if annotations.get(Key::MountRootfs).is_some() {
        Key::MountRootfs
    } else {
        Key::UseDMBlock
    };
    let mounts = annotations.boolean(mount_key) == Some(true);

    if block.is_some() && mount_point.is_none() {
        let help = match guest {
            Some(Guest::Rumprun) => "add `blkMntPoint = \"/data\";`",
            _ => "add `blkMntPoint = \"/\";`, or where the guest mounts it",
        };
        findings.push(
            Finding::error(
                code::URUNC_BLOCK_WITHOUT_MOUNT_POINT,
                Key::Block,
                "`block` needs `blkMntPoint`",
            )
            .why("urunc of 2026 fails to create a container whose block image has no mount point")
            .help(help),
        );
    }
    if block.is_none() && mount_point.is_some() {
        findings.push(
            Finding::warning(
                code::URUNC_MOUNT_POINT_WITHOUT_BLOCK,
                Key::BlkMntPoint,
                "`blkMntPoint` has no effect without `block`",
            )
            .why("urunc mounts nothing there")
            .help("leave it out, or add `block`"),
        );
    }
    if initrd && block.is_some() {
        findings.push(
            Finding::warning(
                code::URUNC_INITRD_AND_BLOCK,
                Key::Block,
                "the block image is never attached when there is an initrd",
            )
            .because(Key::Initrd)
            .why("urunc of 2026 picks one root storage, and the initrd comes first")
            .help("leave one of the two out"),
        );
    }
    if mounts && (initrd || block.is_some_and(|_| mount_point == Some("/"))) {
        let winner = if initrd { Key::Initrd } else { Key::Block };
        findings.push(
            Finding::warning(
                code::URUNC_ROOTFS_IGNORED,
                mount_key,
                format!("`{}` has no effect beside `{}`", mount_key.short(), winner.short()),
            )
            .because(winner)
            .why(
                "urunc picks one root storage: the initrd, then a block image at `/`, then the \
             container's rootfs",
            )
            .help("leave one of the two out"),
        );
    } else if mounts && block.is_some() {
        findings.push(Finding::warning(code::URUNC_BLOCK_IGNORED, Key::Block, format!("the block image has no effect beside `{}`", mount_key.short())).because(mount_key).why("urunc picks one root storage, and the container's rootfs comes before a block image \
             below `/`").help("leave one of the two out"));
    }
    if let Some(guest) = guest {
        check_guest_storage(annotations, guest, monitor, findings);
        if mounts && !guest.takes_rootfs() {
            findings.push(
                Finding::error(
                    code::URUNC_ROOTFS_UNSUPPORTED,
                    mount_key,
                    format!("{guest} cannot be given the container's rootfs"),
                )
                .because(Key::UnikernelType)
                .why("urunc of 2026 fails to create such a container")
                .help(format!("write `{} = false;`", mount_key.short())),
            );
        } else if mounts
            && let Some(monitor) = monitor
            && !monitor.shares_folders()
            && !initrd
            && !guest.takes_rootfs_as_block()
            && guest.monitors().contains(&monitor)
        {
            findings.push(
                Finding::error(
                    code::URUNC_ROOTFS_UNSUPPORTED,
                    mount_key,
                    format!("{guest} cannot be given the container's rootfs on {monitor}"),
                )
                .because(Key::Hypervisor)
                .why(format!(
                    "{guest} takes it as a shared folder only, which {monitor} does not have"
                ))
                .help(format!(
                    "write `{} = false;`, or `hypervisor = \"qemu\";`",
                    mount_key.short()
                )),
            );
        } else if let Some(monitor) = monitor {
            needs_snapshotter(annotations, guest, monitor, findings);
        }
    }
}

/// What an absent `useDMBlock`, which counts as true, does without a block snapshotter.
pub fn check_absent_switch(annotations: &Annotations, guest: Guest) -> Vec<Finding> {
    if annotations.get(Key::UseDMBlock).is_some() || !is_old_rootfs_disk(annotations, guest) {
        return Vec::new();
    }
    let title = "`useDMBlock` is not set, which counts as true";
    let error = || Finding::error(code::URUNC_ABSENT_BLOCK_SWITCH, Key::UseDMBlock, title);
    let help = "write `useDMBlock = false`";
    match guest {
        Guest::Linux | Guest::Freebsd => vec![
            error()
                .why(
                    "urunc unmounts the container's rootfs to give it as a disk, and does not start where the \
                     rootfs is an overlay",
                )
                .help(help),
        ],
        _ => vec![
            error()
                .why("urunc looks for the disk behind the container's rootfs, and docker's storage has none")
                .help(help)
                .under(Engine::Docker),
            Finding::warning(code::URUNC_ABSENT_BLOCK_SWITCH, Key::UseDMBlock, title)
                .why("the guest starts, and its container cannot be deleted afterwards")
                .help(help)
                .under(Engine::Containerd),
        ],
    }
}

/// Whether urunc before 2026 gives a guest the container's rootfs as a disk: that is what `useDMBlock` asks
/// for, an absent one counts as true, and a block image comes before it.
pub(super) fn is_old_rootfs_disk(annotations: &Annotations, guest: Guest) -> bool {
    let asked = annotations.boolean(Key::UseDMBlock).unwrap_or(true);
    asked && guest.block() != Block::Never && annotations.get(Key::Block).is_none()
}

/// A block device needs a snapshotter that makes one; before 2026 there was no other way.
fn needs_snapshotter(
    annotations: &Annotations,
    guest: Guest,
    monitor: Monitor,
    findings: &mut Vec<Finding>,
) {
    let asked = |key: Key| annotations.boolean(key) == Some(true);
    let absent = |key: Key| annotations.get(key).is_none();
    let mount = asked(Key::MountRootfs) || (absent(Key::MountRootfs) && asked(Key::UseDMBlock));
    let new = mount
        && !monitor.shares_folders()
        && guest.takes_rootfs_as_block()
        && absent(Key::Initrd)
        && annotations.get(Key::BlkMntPoint) != Some("/");
    let old_key = if absent(Key::UseDMBlock) { Key::MountRootfs } else { Key::UseDMBlock };
    let old = asked(old_key) && guest.block() != Block::Never && absent(Key::Block);
    let new_key = if absent(Key::MountRootfs) { Key::UseDMBlock } else { Key::MountRootfs };
    let (key, eras): (_, &'static [&'static str]) = match (old, new) {
        (true, true) => (new_key, eras::ALL),
        (true, false) => (old_key, &[E24, E25]),
        (false, true) => (new_key, &[E26]),
        (false, false) => return,
    };
    let (title, why) = match (old, new, guest) {
        (_, true, _) => (
            format!("{monitor} gets the container's rootfs only from a block snapshotter"),
            "it has no shared file system, so urunc of 2026 fails where the rootfs is an overlay",
        ),
        (_, _, Guest::Linux | Guest::Freebsd) => (
            format!(
                "older urunc gives {guest} the container's rootfs only from a block snapshotter"
            ),
            "before 2026 it unmounts the rootfs to give it as a disk, and fails to start where the rootfs \
             is an overlay",
        ),
        _ => (
            format!(
                "older urunc gives {guest} the container's rootfs only from a block snapshotter"
            ),
            "without one the guest starts under containerd and its container cannot be deleted; under \
             docker it does not start",
        ),
    };
    findings.push(
        Finding::warning(code::URUNC_ROOTFS_NEEDS_BLOCK_SNAPSHOTTER, key, title)
            .because(Key::Hypervisor)
            .why(why)
            .help("run it with the devmapper or blockfile snapshotter")
            .only_in(eras),
    );
}

fn check_guest_storage(
    annotations: &Annotations,
    guest: Guest,
    monitor: Option<Monitor>,
    findings: &mut Vec<Finding>,
) {
    if annotations.get(Key::Initrd).is_some() && !guest.takes_initrd() {
        findings.push(
            Finding::error(
                code::URUNC_INITRD_UNSUPPORTED,
                Key::Initrd,
                format!("{guest} takes no initrd"),
            )
            .because(Key::UnikernelType)
            .why("urunc does not pass it on, and drops other storage because of it")
            .help("leave it out")
            .starts_anyway(),
        );
    }
    if annotations.get(Key::Block).is_none() {
        return;
    }
    let mount_point = annotations.get(Key::BlkMntPoint);
    match guest.block() {
        Block::Never => findings.push(
            Finding::error(
                code::URUNC_BLOCK_UNSUPPORTED,
                Key::Block,
                format!("{guest} takes no block image"),
            )
            .because(Key::UnikernelType)
            .why("urunc leaves it unused without a word")
            .help(if guest.takes_initrd() { "use `initrd`" } else { "leave it out" })
            .starts_anyway(),
        ),
        Block::BelowRoot if mount_point == Some("/") => findings.push(
            Finding::error(
                code::URUNC_BLOCK_AT_ROOT,
                Key::BlkMntPoint,
                format!("{guest} cannot mount a block image at `/`"),
            )
            .because(Key::UnikernelType)
            .why("its root is part of the kernel")
            .help("write \"/data\"")
            .starts_anyway(),
        ),
        Block::BelowRoot if mount_point.is_some_and(|point| point != "/data") => findings.push(
            Finding::warning(
                code::URUNC_BLOCK_MOUNT_POINT,
                Key::BlkMntPoint,
                "older urunc mounts the block image at `/data`",
            )
            .why("the mount point is read since 2026; before, rumprun always got `/data`")
            .help("write \"/data\" to work everywhere"),
        ),
        Block::BelowRoot | Block::Anywhere => {}
    }
    if guest == Guest::Mirage && monitor == Some(Monitor::Qemu) {
        findings.push(
            Finding::warning(
                code::URUNC_BLOCK_NOT_ON_MONITOR,
                Key::Block,
                "urunc gives mirage no disk on qemu",
            )
            .because(Key::Hypervisor)
            .why("block images are attached on hvt and spt only")
            .help("write `hypervisor = \"hvt\";` or \"spt\""),
        );
    }
    if guest == Guest::Linux && monitor == Some(Monitor::CloudHypervisor) {
        findings.push(
            Finding::warning(
                code::URUNC_BLOCK_NOT_ON_MONITOR,
                Key::Block,
                "urunc gives linux no block image on cloud-hypervisor",
            )
            .because(Key::Hypervisor)
            .why("block images are attached on qemu and firecracker only")
            .help("write `hypervisor = \"qemu\";` or \"firecracker\""),
        );
    }
}
