//! What urunc needs of the files in an image: where the boot files are, how large they are, and what must
//! not be in the way of what it mounts (contract sections 1.1, 2.1, 7 and 8).

use super::{Engine, Field, Finding, Guest, Help, Key, Monitor};
use crate::explain::code;

/// The memory urunc gives a guest, in bytes.
const MEMORY: u64 = 256 << 20;
/// The unit of a Solo5 block device, in bytes.
const SECTOR: u64 = 512;
/// Files that docker replaces in every container.
pub const ENGINE_FILES: [&str; 3] = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];

/// A folder of the image that urunc of 2025 mounts something over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mount {
    /// The folder.
    pub path: &'static str,
    /// What is mounted, in words.
    what: &'static str,
    /// The engine under which it is; under the other something is mounted there before urunc runs.
    engine: Option<Engine>,
}

/// What urunc of 2025 mounts over before it starts a monitor, in its order. It runs the monitor inside of the
/// image, with the libraries of the host; firecracker needs none.
pub fn mounts(monitor: Option<Monitor>) -> Vec<Mount> {
    let host = "the host's libraries";
    let mount = |path, what| Mount { path, what, engine: None };
    let mut mounts = Vec::new();
    if monitor != Some(Monitor::Firecracker) {
        mounts.extend([mount("/lib", host), mount("/lib64", host), mount("/usr/lib", host)]);
    }
    if monitor == Some(Monitor::Qemu) {
        mounts.push(mount("/usr/share/qemu", "QEMU's own files"));
    }
    let dev = mount("/dev", "an empty file system");
    mounts.push(Mount { engine: Some(Engine::Containerd), ..dev });
    mounts.push(mount("/tmp", "an empty file system"));
    mounts.push(mount("/old_root", "the old root file system"));
    mounts
}

/// A boot file that lies below a folder which is mounted over, perhaps by way of a symlink.
pub fn check_hidden(key: Key, mount: Mount, folder: &str) -> Finding {
    let name = key.short();
    let Mount { path, what, engine } = mount;
    let title = if folder == path {
        format!("`{name}` lies below `{path}`, where urunc cannot see it")
    } else {
        format!(
            "`{name}` lies below `{folder}`, which `{path}` leads to, where urunc cannot see it"
        )
    };
    // A folder of that name is hidden under every engine; only what a link leads to differs.
    let engine = engine.filter(|_| folder != path);
    let finding = Finding::error(code::URUNC_HIDDEN_FOLDER, key, title)
        .why(format!("urunc of 2025 mounts {what} over `{path}` before it starts the monitor"))
        .help(if folder == path {
            "put it below `/unikernel/`".to_owned()
        } else {
            format!(
                "leave the symlink out, or put the file in a folder that `{path}` does not lead to"
            )
        });
    Finding { engine, ..finding }
}

/// A boot file in a folder that urunc deletes together with the container.
pub fn check_deleted(key: Key, path: &str) -> Option<Finding> {
    if !path.starts_with("/usr/") {
        return None;
    }
    let name = key.short();
    let title = format!("`{name}` lies below `/usr`, which urunc deletes with the container");
    Some(
        Finding::warning(code::URUNC_DELETED_FOLDER, key, title)
            .why(
                "urunc of 2025 removes `/dev`, `/tmp`, `/lib`, `/lib64` and `/usr` of the container when it \
                 ends, so `docker start` of the same container fails; new containers are not affected",
            )
            .help("put it below `/unikernel/`"),
    )
}

/// A boot file that is one of [`ENGINE_FILES`].
pub fn check_engine_file(key: Key, path: &str) -> Option<Finding> {
    let file = ENGINE_FILES.into_iter().find(|file| *file == path)?;
    let title = format!("`{}` is `{file}`, which docker replaces", key.short());
    Some(
        Finding::error(code::URUNC_ENGINE_FILE, key, title)
            .why("docker mounts a file of its own there in every container")
            .help("put it below `/unikernel/`")
            .under(Engine::Docker),
    )
}

/// What is in the way of a mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InTheWay {
    /// A file at this path, which is the folder or one above it.
    File(String),
    /// An absolute symlink at this path: it leads out of the image.
    AbsoluteLink(String),
    /// A symlink to nothing.
    Dangling,
    /// Symlinks without an end.
    Loop,
}

/// What is wrong with what is in the way of a mount.
pub fn check_mount_place(mount: Mount, found: &InTheWay) -> Finding {
    let Mount { path, what, engine } = mount;
    let title = match found {
        InTheWay::File(file) => format!("`{file}` in the image is a file"),
        InTheWay::AbsoluteLink(link) => {
            format!(
                "`{link}` in the image is an absolute symlink, which urunc follows out of the image"
            )
        }
        InTheWay::Dangling => {
            format!("`{path}` in the image is a symlink to no folder of the image")
        }
        InTheWay::Loop => format!("`{path}` in the image leads round in a circle of symlinks"),
    };
    let finding = Finding::error(code::URUNC_MOUNT_PLACE, Field::Files, title)
        .why(format!(
            "urunc of 2025 mounts {what} at `{path}`, and fails to start without a folder there"
        ))
        .help("leave it out, or make it a folder");
    Finding { engine, ..finding }
}

/// Whether a monitor takes a block image of this size.
pub fn check_block_size(monitor: Monitor, size: u64) -> Option<Finding> {
    let rest = size % SECTOR;
    if rest == 0 {
        return None;
    }
    let title = format!("the block image has {size} bytes, which is no multiple of {SECTOR}");
    match monitor {
        Monitor::Hvt | Monitor::Spt => Some(
            Finding::error(code::UNIKERNEL_BLOCK_SIZE, Key::Block, title)
                .because(Key::Hypervisor)
                .why(format!("solo5-{monitor} refuses it: \"must be block aligned ({SECTOR})\""))
                .help(format!("fill it up: `truncate -s %{SECTOR} IMAGE`")),
        ),
        Monitor::Firecracker => Some(
            Finding::warning(code::UNIKERNEL_BLOCK_SIZE, Key::Block, title)
                .because(Key::Hypervisor)
                .why(format!("the guest does not see the last {rest} bytes"))
                .help(format!("fill it up: `truncate -s %{SECTOR} IMAGE`")),
        ),
        Monitor::Qemu | Monitor::CloudHypervisor | Monitor::HyperlightUnikraft => None,
    }
}

/// Whether an initrd or a block image has bytes at all; kernels have a rule of their own.
pub fn check_size(key: Key, size: u64) -> Option<Finding> {
    let what = match key {
        Key::Initrd => "the initrd",
        Key::Block => "the block image",
        _ => return None,
    };
    (size == 0).then(|| {
        Finding::error(code::UNIKERNEL_EMPTY, key, format!("{what} is an empty file"))
            .why("no guest can make anything of it")
            .help(Help::Files("build it again, or name the right file in `files`".into()))
    })
}

/// Whether the boot files fit the memory that urunc gives a guest.
pub fn check_memory(guest: Option<Guest>, kernel: u64, initrd: u64) -> Option<Finding> {
    let size = crate::diag::size;
    let sum = kernel.saturating_add(initrd);
    if guest == Some(Guest::Mewz) {
        return Some(
            Finding::note(
                code::URUNC_MEMORY,
                Key::UnikernelType,
                "mewz needs more memory than urunc gives",
            )
            .why("it needs 512 MiB at least, and the default is 256 MiB")
            .help("raise the memory limit of the container, or the default of urunc"),
        );
    }
    if sum < MEMORY {
        return None;
    }
    let (key, what) = if initrd > kernel {
        (Key::Initrd, "kernel and initrd have")
    } else {
        (Key::Binary, "the kernel has")
    };
    let title = format!("{what} {}, and the guest gets {}", size(sum), size(MEMORY));
    Some(
        Finding::warning(code::URUNC_MEMORY, key, title)
            .why("they are loaded into the guest's memory, whose default is 256 MiB")
            .help("raise the memory limit of the container, or make them smaller"),
    )
}

/// Whether urunc runs on an architecture at all.
pub fn check_architecture(architecture: &str) -> Option<Finding> {
    if matches!(architecture, "amd64" | "arm64") {
        return None;
    }
    let title = format!("the kernel is for {architecture}, and urunc runs on amd64 and arm64");
    Some(
        Finding::warning(code::URUNC_ARCHITECTURE, Key::Binary, title)
            .why("there is no urunc that could start it")
            .help("build the kernel for amd64 or arm64"),
    )
}
