//! What urunc needs of the files in an image: where the boot files lie, who may read them, and what
//! stands where it mounts something (contract sections 1.1, 2.1 and 7).

use super::rules::Finding;
use super::{Field, Guest, Key, Process};

/// urunc of 2025 mounts the host's libraries and empty file systems over these.
pub const HIDDEN: [&str; 5] = ["/dev", "/tmp", "/lib", "/lib64", "/usr/lib"];

/// The memory urunc gives a guest, in bytes.
const MEMORY: u64 = 256 << 20;

/// What is wrong with the place of a boot file: E25 starts the monitor inside of the image, with the
/// host's libraries mounted over it. Symlinks in the path have been followed by the caller, too.
pub fn check_place(key: Key, path: &str) -> Option<Finding> {
    let name = key.short();
    let below = |folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if let Some(folder) = HIDDEN.into_iter().find(|folder| below(folder)) {
        let title = format!("`{name}` lies below `{folder}`, where urunc cannot see it");
        Some(
            Finding::error("urunc/hidden-folder", key, title)
                .why(format!("urunc of 2025 mounts over `{folder}` before it starts the monitor"))
                .help("put it below `/unikernel/`"),
        )
    } else if below("/usr") {
        let title = format!("`{name}` lies below `/usr`, which urunc deletes after the first run");
        Some(
            Finding::warning("urunc/deleted-folder", key, title)
                .why(
                    "urunc of 2025 removes `/dev`, `/tmp`, `/lib`, `/lib64` and `/usr` from the image \
                     when the container is deleted",
                )
                .help("put it below `/unikernel/`"),
        )
    } else {
        None
    }
}

/// What is wrong with the mode of a boot file for the user that the process runs as.
pub fn check_mode(key: Key, mode: u32, owner: u64, process: &Process) -> Vec<Finding> {
    let name = key.short();
    let mut findings = Vec::new();
    let user = process.user.as_deref().unwrap_or("0");
    let owns = user.split(':').next().and_then(|id| id.parse().ok()) == Some(owner);
    let may = |others: u32, own: u32| mode & others != 0 || (owns && mode & own != 0);
    if process.is_unprivileged() && !may(0o004, 0o400) {
        let title = format!("user {user} may not read `{name}`, whose mode is {mode:04o}");
        findings.push(
            Finding::error("urunc/boot-file-mode", key, title)
                .why("urunc starts the monitor as that user")
                .help("give it a mode that everybody may read, as in `mode = \"0644\";`"),
        );
    } else if !process.is_unprivileged() && mode & 0o004 == 0 {
        let title = format!("only some users may read `{name}`, whose mode is {mode:04o}");
        findings.push(
            Finding::note("urunc/boot-file-mode", key, title)
                .why("it starts as root, and fails where the container is given another user")
                .help("give it a mode that everybody may read, as in `mode = \"0644\";`"),
        );
    }
    if key == Key::Block && process.is_unprivileged() && !may(0o002, 0o200) {
        let title = format!("user {user} may not write the block image, whose mode is {mode:04o}");
        findings.push(
            Finding::warning("urunc/block-read-only", key, title)
                .why("monitors open a disk for reading and writing")
                .help("give it `mode = \"0666\";`, or leave `user` out"),
        );
    }
    findings
}

/// What is wrong with a folder above a boot file for the user that the process runs as.
pub fn check_folder(
    key: Key,
    folder: &str,
    mode: u32,
    owner: u64,
    process: &Process,
) -> Option<Finding> {
    let user = process.user.as_deref().unwrap_or("0");
    let owns = user.split(':').next().and_then(|id| id.parse().ok()) == Some(owner);
    if !process.is_unprivileged() || mode & 0o001 != 0 || (owns && mode & 0o100 != 0) {
        return None;
    }
    let title = format!("user {user} may not enter `{folder}`, whose mode is {mode:04o}");
    Some(
        Finding::error("urunc/boot-file-mode", key, title)
            .why("urunc starts the monitor as that user")
            .help("give the folder a mode that everybody may enter, as 0755"),
    )
}

/// Whether an initrd or a block image has bytes at all; kernels have a rule of their own.
pub fn check_size(key: Key, size: u64) -> Option<Finding> {
    let what = match key {
        Key::Initrd => "the initrd",
        Key::Block => "the block image",
        _ => return None,
    };
    (size == 0).then(|| {
        Finding::error("unikernel/empty", key, format!("{what} is an empty file"))
            .why("no guest can make anything of it")
            .help("build it again, or name the right file in `files`")
    })
}

/// What stands at a path of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// A folder, or a relative symlink that leads to one.
    Folder,
    /// A file.
    File,
    /// A symlink that is absolute, or leads to no folder.
    Astray,
}

/// What is wrong with what stands where urunc mounts something, for a path of [`HIDDEN`].
pub fn check_mount_place(path: &str, stands: Stands) -> Option<Finding> {
    let what = match stands {
        Stands::Folder => return None,
        Stands::File => "a file",
        Stands::Astray => "a symlink to no folder of the image",
    };
    let title = format!("`{path}` in the image is {what}");
    Some(
        Finding::error("urunc/mount-place", Field::Files, title)
            .why(format!("urunc of 2025 mounts over `{path}` and fails to start"))
            .help("leave it out, or make it a folder"),
    )
}

/// Whether the boot files fit the memory that urunc gives a guest.
pub fn check_memory(guest: Option<Guest>, kernel: u64, initrd: u64) -> Option<Finding> {
    let size = crate::diag::size;
    let sum = kernel.saturating_add(initrd);
    if guest == Some(Guest::Mewz) {
        return Some(
            Finding::note(
                "urunc/memory",
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
        Finding::warning("urunc/memory", key, title)
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
        Finding::warning("urunc/architecture", Key::Binary, title)
            .why("there is no urunc that could start it")
            .help("build the kernel for amd64 or arm64"),
    )
}
