//! How a kernel or an initrd is compressed.

use std::fmt;

/// The compressions that Linux knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Compression {
    Gzip,
    Zstd,
    Xz,
    Lzma,
    Bzip2,
    Lz4,
    /// The framing that Linux calls lz4.
    Lz4Legacy,
    Lzop,
}

impl Compression {
    /// The compression of a file, by its first bytes.
    pub fn of(head: &[u8]) -> Option<Self> {
        let begins = |magic: &[u8]| head.starts_with(magic);
        Some(match () {
            () if begins(&[0x1f, 0x8b]) => Self::Gzip,
            () if begins(&[0x28, 0xb5, 0x2f, 0xfd]) => Self::Zstd,
            () if begins(&[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) => Self::Xz,
            () if begins(&[0x5d, 0x00, 0x00]) => Self::Lzma,
            () if begins(b"BZh") => Self::Bzip2,
            () if begins(&[0x04, 0x22, 0x4d, 0x18]) => Self::Lz4,
            () if begins(&[0x02, 0x21, 0x4c, 0x18]) => Self::Lz4Legacy,
            () if begins(&[0x89, 0x4c, 0x5a, 0x4f]) => Self::Lzop,
            () => return None,
        })
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Lzma => "lzma",
            Self::Bzip2 => "bzip2",
            Self::Lz4 => "lz4",
            Self::Lz4Legacy => "lz4 (legacy)",
            Self::Lzop => "lzop",
        })
    }
}
