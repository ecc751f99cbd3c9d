//! One stream of compressed bytes, as those want who unpack them in one go: the kernel, for its initrd.

use crate::host;
use crate::rootfs::Extent;
use flate2::{GzBuilder, write::GzEncoder};
use lzma_rust2::{CheckType, XzOptions, XzWriter};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// How a file is compressed as one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Packer {
    Gzip,
    Zstd,
    Xz,
}

/// How hard zstd tries: 3 is its default.
const ZSTD_LEVEL: i32 = 3;
/// How hard xz tries: 6 is its default.
const XZ_LEVEL: u32 = 6;

/// Zeros follow up to a multiple of this: urunc appends a plain archive, which the kernel looks for there (contract
/// section 2.2; Linux, `init/initramfs.c`).
const ALIGNMENT: u64 = 4;

impl Packer {
    /// Compresses `size` bytes into a file without a name; gives where the result is, and its size in bytes.
    ///
    /// # Errors
    /// Those of the reader and of the file.
    pub fn pack(self, from: &mut dyn Read, size: u64) -> io::Result<(Extent, u64)> {
        let file = host::nameless_file()?;
        let out = BufWriter::new(&file);
        let copied = match self {
            Packer::Gzip => {
                // No name, no time and no system are in its header.
                let mut packed: GzEncoder<_> = GzBuilder::new()
                    .mtime(0)
                    .operating_system(255)
                    .write(out, flate2::Compression::default());
                let copied = io::copy(from, &mut packed)?;
                packed.finish()?.flush()?;
                copied
            }
            Packer::Zstd => {
                let mut packed = zstd::Encoder::new(out, ZSTD_LEVEL)?;
                packed.set_pledged_src_size(Some(size))?;
                packed.include_checksum(true)?;
                let copied = io::copy(from, &mut packed)?;
                packed.finish()?.flush()?;
                copied
            }
            Packer::Xz => {
                let mut options = XzOptions::with_preset(XZ_LEVEL);
                // Linux knows no other.
                options.set_check_sum_type(CheckType::Crc32);
                let mut packed = XzWriter::new(out, options)?;
                let copied = io::copy(from, &mut packed)?;
                packed.finish()?.flush()?;
                copied
            }
        };
        if copied != size {
            return Err(io::Error::other("a source changed while it was read"));
        }
        let length = file.metadata()?.len().next_multiple_of(ALIGNMENT);
        file.set_len(length)?;
        Ok((extent(file), length))
    }
}

fn extent(file: File) -> Extent {
    Extent { path: PathBuf::from("the compressed initrd"), file: Arc::new(file), start: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Window;

    #[test]
    fn what_is_packed_ends_where_the_kernel_looks_for_more() {
        for length in 0..40_u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            let length = u64::from(length);
            for packer in [Packer::Gzip, Packer::Zstd, Packer::Xz] {
                let (part, size) = packer.pack(&mut bytes.as_slice(), length).unwrap();
                assert_eq!(size % ALIGNMENT, 0, "{packer:?} of {length}");
                let mut packed = Window::new(part, size);
                let mut unpacked = Vec::new();
                match packer {
                    Packer::Gzip => flate2::read::GzDecoder::new(packed).read_to_end(&mut unpacked),
                    Packer::Xz => {
                        lzma_rust2::XzReader::new(packed, false).read_to_end(&mut unpacked)
                    }
                    Packer::Zstd => {
                        let frame = zstd::Decoder::new(&mut packed).unwrap().single_frame();
                        { frame }.read_to_end(&mut unpacked)
                    }
                }
                .unwrap();
                assert_eq!(unpacked, bytes, "{packer:?} of {length}");
            }
        }
        let shorter = Packer::Gzip.pack(&mut &b"a"[..], 2).unwrap_err();
        assert!(shorter.to_string().contains("changed"), "{shorter}");
    }
}
