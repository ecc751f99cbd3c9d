//! Guests, monitors and storage: sections 2.1 and 2.2 of the contract, as a table that was written
//! from it and not from the code, for every combination there is.

use crate::project::{Project, recipe};
use std::fmt::Write as _;

/// What a guest can be given.
struct Guest {
    name: &'static str,
    monitors: &'static [&'static str],
    initrd: bool,
    block: Block,
    /// The container's rootfs as a block device.
    rootfs_block: bool,
    /// The monitors that share the container's rootfs with it as a folder.
    shares: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Never,
    BelowRoot,
    On(&'static [&'static str]),
}

const GUESTS: &[Guest] = &[
    Guest {
        name: "rumprun",
        monitors: &["hvt", "spt"],
        initrd: false,
        block: Block::BelowRoot,
        rootfs_block: true,
        shares: &[],
    },
    Guest {
        name: "unikraft",
        monitors: &["qemu", "firecracker", "hyperlight-unikraft"],
        initrd: true,
        block: Block::Never,
        rootfs_block: false,
        shares: &["qemu"],
    },
    Guest {
        name: "mirage",
        monitors: &["hvt", "spt", "qemu"],
        initrd: false,
        block: Block::On(&["hvt", "spt"]),
        rootfs_block: false,
        shares: &[],
    },
    Guest {
        name: "mewz",
        monitors: &["qemu"],
        initrd: false,
        block: Block::Never,
        rootfs_block: false,
        shares: &[],
    },
    Guest {
        name: "linux",
        monitors: &["qemu", "firecracker", "cloud-hypervisor"],
        initrd: true,
        block: Block::On(&["qemu", "firecracker"]),
        rootfs_block: true,
        shares: &["qemu", "cloud-hypervisor"],
    },
    Guest {
        name: "hermit",
        monitors: &["qemu"],
        initrd: true,
        block: Block::Never,
        rootfs_block: false,
        shares: &[],
    },
    Guest {
        name: "freebsd",
        monitors: &["qemu", "firecracker"],
        initrd: false,
        block: Block::On(&["qemu", "firecracker"]),
        rootfs_block: true,
        shares: &["qemu"],
    },
];

/// What the image says about storage: an initrd, where its block image is mounted, whether the guest
/// gets the container's rootfs.
#[derive(Debug, Clone, Copy)]
struct Storage {
    initrd: bool,
    /// `Some("")` is a block image without a mount point.
    block: Option<&'static str>,
    mounts: Option<bool>,
}

fn errors(guest: &Guest, monitor: &str, storage: Storage) -> Vec<&'static str> {
    let mut codes = Vec::new();
    if storage.block == Some("") {
        codes.push("urunc/block-without-mount-point");
    }
    if storage.initrd && !guest.initrd {
        codes.push("urunc/initrd-unsupported");
    }
    match (storage.block, guest.block) {
        (Some(_), Block::Never) => codes.push("urunc/block-unsupported"),
        (Some("/"), Block::BelowRoot) => codes.push("urunc/block-at-root"),
        _ => {}
    }
    let reachable = guest.rootfs_block || guest.shares.contains(&monitor);
    if storage.mounts == Some(true) && !reachable && !is_open(guest, storage) {
        codes.push("urunc/rootfs-unsupported");
    }
    codes
}

/// The contract leaves open whether the rootfs is looked at where an initrd comes before it.
fn is_open(guest: &Guest, storage: Storage) -> bool {
    storage.initrd && guest.initrd
}

fn warnings(guest: &Guest, monitor: &str, storage: Storage) -> Vec<&'static str> {
    let mut codes = Vec::new();
    if storage.initrd && storage.block.is_some() {
        codes.push("urunc/initrd-and-block");
    }
    if let Block::On(monitors) = guest.block
        && storage.block.is_some()
        && !monitors.contains(&monitor)
    {
        codes.push("urunc/block-not-on-monitor");
    }
    if guest.block == Block::BelowRoot && storage.block == Some("/srv") {
        codes.push("urunc/block-mount-point");
    }
    if storage.mounts == Some(true) {
        match (storage.initrd, storage.block) {
            (true, _) | (false, Some("/")) => codes.push("urunc/rootfs-ignored"),
            (false, Some(_)) => codes.push("urunc/block-ignored"),
            (false, None) => {}
        }
        // Before 2026 there was no other way, whatever the monitor shares now, and only a block image
        // came before it.
        let has_disk = matches!(guest.block, Block::BelowRoot | Block::On(_));
        let before = guest.rootfs_block && has_disk && storage.block.is_none();
        let now = guest.rootfs_block
            && !guest.shares.contains(&monitor)
            && !storage.initrd
            && storage.block != Some("/");
        if before || now {
            codes.push("urunc/rootfs-needs-block-snapshotter");
        }
    }
    codes
}

#[test]
fn every_combination_of_storage() {
    let project = Project::new();
    let mut count = 0;
    let mut wrong = Vec::new();
    for guest in GUESTS {
        for &monitor in guest.monitors {
            for initrd in [false, true] {
                for block in [None, Some(""), Some("/"), Some("/data"), Some("/srv")] {
                    for mounts in [None, Some(false), Some(true)] {
                        let storage = Storage { initrd, block, mounts };
                        wrong.extend(one(&project, guest, monitor, storage));
                        count += 1;
                    }
                }
            }
        }
    }
    assert_eq!(count, 15 * 30);
    assert!(
        wrong.is_empty(),
        "{} of {count} are judged otherwise:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn one(project: &Project, guest: &Guest, monitor: &str, storage: Storage) -> Option<String> {
    let mut text = format!(
        "unikernelType = \"{}\"; hypervisor = \"{monitor}\"; binary = \"/k\"; cmdline = \"{}\";",
        guest.name,
        if guest.name == "linux" { "/init" } else { "" }
    );
    if storage.initrd {
        text += " initrd = \"/i\";";
    }
    if let Some(point) = storage.block {
        write!(text, " block = \"/b\"; blkMntPoint = \"{point}\";").unwrap();
    }
    if let Some(flag) = storage.mounts {
        write!(text, " mountRootfs = {flag};").unwrap();
    }
    let files = "\"kernel\" = \"/k\"; \"./kernel\" = \"/i\"; \"././kernel\" = \"/b\";";
    let (_, findings) = project.check(&recipe(files, &text, ""));
    let of = |severity: bool| {
        // That mewz needs much memory is none of storage's matters.
        let of = findings
            .iter()
            .filter(|finding| finding.is_error == severity && finding.code != "urunc/memory");
        let mut codes: Vec<&str> = of.map(|finding| finding.code.as_str()).collect();
        codes.sort_unstable();
        codes
    };
    let sorted = |mut codes: Vec<&'static str>| {
        codes.sort_unstable();
        codes
    };
    let mut found = of(true);
    if is_open(guest, storage) {
        found.retain(|code| *code != "urunc/rootfs-unsupported");
    }
    let expected = sorted(errors(guest, monitor, storage));
    // Beside an error, advice on the same storage may be left out.
    let advice = sorted(warnings(guest, monitor, storage));
    let agrees = found == expected && (!expected.is_empty() || of(false) == advice);
    (!agrees).then(|| {
        let what = format!("{} on {monitor}, {storage:?}", guest.name);
        let (said, given) = (of(false), found);
        format!("{what}:\n  expected {expected:?}, {advice:?}\n  found    {given:?}, {said:?}")
    })
}
