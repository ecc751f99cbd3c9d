//! What a guest's root file system cannot hold, and how that is said.

use super::{ImagePath, Node};
use crate::diag;
use crate::explain::{Code, code};

/// Why a root file system cannot be made from a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// What is to go in needs more room than it is given.
    TooSmall {
        /// The size that was given, in bytes.
        size: u64,
        /// The least that would do, in bytes.
        needed: u64,
    },
    /// No file system of this kind is that large.
    TooLarge {
        /// How large it may be, in words.
        most: &'static str,
    },
    /// A file has more names than the file system counts.
    Links {
        /// One of them.
        path: ImagePath,
        /// How many there are.
        count: u64,
        /// How many there may be.
        most: u64,
    },
    /// A folder has more folders in it than the file system counts.
    Folders {
        /// The folder.
        path: ImagePath,
        /// How many there are.
        count: u64,
        /// How many there may be.
        most: u64,
    },
    /// The target of a symlink is too long.
    Target {
        /// The symlink.
        path: ImagePath,
        /// The length of the target in bytes.
        length: usize,
    },
    /// A file is too large.
    File {
        /// The file.
        path: ImagePath,
        /// Its size in bytes.
        size: u64,
        /// How large it may be.
        most: u64,
    },
    /// A file belongs to a user or group whose number is too large.
    Owner {
        /// The file.
        path: ImagePath,
        /// The number.
        owner: u64,
    },
    /// A file whose name ends the archive.
    Trailer,
    /// A file that FAT cannot hold.
    Name {
        /// The file.
        path: ImagePath,
        /// Why it cannot.
        fault: NameFault,
    },
    /// A folder of FAT that has too much in it.
    Entries {
        /// The folder.
        path: ImagePath,
        /// How many entries of 32 bytes it may have.
        most: usize,
    },
}

/// Why FAT cannot hold a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameFault {
    /// Its name has characters that FAT does not take, or ends with a full stop or a space.
    Characters,
    /// Another file has its name, for those who do not tell upper from lower case.
    Taken,
    /// It is a symlink.
    Symlink,
    /// It is a device or FIFO.
    Special,
}

impl Fault {
    /// Checks that owner and group of a file have numbers that there can be.
    pub(super) fn of_owner<S>(path: &ImagePath, node: &Node<S>) -> Result<(), Fault> {
        match node.uid.max(node.gid) {
            owner if u32::try_from(owner).is_ok() => Ok(()),
            owner => Err(Fault::Owner { path: path.clone(), owner }),
        }
    }

    /// Code, title, reason and advice.
    pub fn words(&self) -> (Code, String, String, String) {
        match self {
            Fault::TooSmall { size, needed } => (
                code::ROOTFS_TOO_SMALL,
                format!("{} is too small for the files", diag::size(*size)),
                format!("they need {needed} bytes with the tables of the file system"),
                format!(
                    "write `size = \"{} MiB\";` or more, or leave `size` out",
                    needed.div_ceil(1 << 20)
                ),
            ),
            Fault::TooLarge { most } => (
                code::ROOTFS_TOO_LARGE,
                "the file system would be too large".to_owned(),
                (*most).to_owned(),
                "leave files out, or give a smaller `size`".to_owned(),
            ),
            Fault::Links { path, count, most } => (
                code::ROOTFS_LINKS,
                format!("`{path}` has {count} hard links"),
                format!("the file system counts up to {most}"),
                match most {
                    // ext4 counts further.
                    32_000 if *count <= 65_000 => "write `fsType = \"ext4\";`".to_owned(),
                    _ => "make some of them symlinks or copies".to_owned(),
                },
            ),
            Fault::Folders { path, count, most } => (
                code::ROOTFS_LINKS,
                format!("`{path}` has {count} folders in it"),
                format!("a folder of ext2 has at most {most}"),
                "write `fsType = \"ext4\";`".to_owned(),
            ),
            Fault::Target { path, length } => (
                code::ROOTFS_TARGET,
                format!("the target of the symlink `{path}` has {length} bytes"),
                "Linux takes at most 4095".to_owned(),
                "shorten the path".to_owned(),
            ),
            Fault::File { path, size, most } => (
                code::ROOTFS_FILE,
                format!("`{path}` has {}", diag::size(*size)),
                format!("a file has at most {most} bytes here"),
                match most {
                    0xffff_ffff => "use `type = \"block\";`, or leave the file out".to_owned(),
                    _ => "leave the file out, or split it".to_owned(),
                },
            ),
            Fault::Owner { path, owner } => (
                code::ROOTFS_OWNER,
                format!("`{path}` belongs to the user or group {owner}"),
                "Linux counts them with 32 bits".to_owned(),
                "give the file another owner".to_owned(),
            ),
            Fault::Trailer => (
                code::ROOTFS_TRAILER,
                "a cpio archive cannot hold `/TRAILER!!!`".to_owned(),
                "an entry of this name ends the archive".to_owned(),
                "rename it".to_owned(),
            ),
            Fault::Name { path, fault } => fault.words(path),
            Fault::Entries { path, most } => (
                code::ROOTFS_LINKS,
                format!("`{path}` has too many files in it"),
                format!("a folder of FAT has {most} entries at most, and long names take several"),
                "spread the files over several folders, or write `fsType = \"ext2\";`".to_owned(),
            ),
        }
    }
}

impl NameFault {
    fn words(self, path: &ImagePath) -> (Code, String, String, String) {
        let (title, why) = match self {
            NameFault::Characters => (
                format!("FAT cannot hold a file called `{path}`"),
                "its names are UTF-8, without `\"*/:<>?\\|` and control characters, and end with neither a full stop nor a space",
            ),
            NameFault::Taken => (
                format!("FAT cannot tell `{path}` from another file"),
                "it ignores upper and lower case, and gives each long name a short one as well",
            ),
            NameFault::Symlink => {
                (format!("FAT cannot hold the symlink `{path}`"), "it has only files and folders")
            }
            NameFault::Special => (
                format!("FAT cannot hold `{path}`, a device or FIFO"),
                "it has only files and folders",
            ),
        };
        let help = match self {
            NameFault::Characters | NameFault::Taken => {
                "rename it, or write `fsType = \"ext2\";` where the guest reads that"
            }
            NameFault::Symlink | NameFault::Special => {
                "leave it out, or write `fsType = \"ext2\";` where the guest reads that"
            }
        };
        (code::ROOTFS_FAT, title, why.to_owned(), help.to_owned())
    }
}
