//! Whether the initrd and the block image are what the guest takes.

use super::{BlockImage, Check};
use crate::explain::code;
use crate::unikernel::Guest;
use crate::unikernel::block::{BlockFormat, Content};
use crate::unikernel::initrd::{ArchiveFormat, Cpio, Initrd};
use crate::urunc::{Finding, Key, files};

impl Check<'_> {
    pub(super) fn initrd(&mut self, initrd: &Initrd) {
        let Some(guest) = self.guest else { return };
        let first = initrd.archives.first().map(|archive| archive.format);
        match (guest, first) {
            (Guest::Linux | Guest::Unikraft, None | Some(ArchiveFormat::Elf)) => {
                self.findings.push(
                    Finding::error(
                        code::UNIKERNEL_INITRD_FORMAT,
                        Key::Initrd,
                        "the initrd is no cpio archive",
                    )
                    .because(Key::UnikernelType)
                    .why(format!(
                        "{guest} unpacks a cpio archive, and this file does not begin like one"
                    ))
                    .help("pack it with `cpio -o -H newc`")
                    .starts_anyway(),
                );
            }
            (Guest::Hermit, first) if first != Some(ArchiveFormat::Elf) => self.findings.push(
                Finding::warning(
                    code::UNIKERNEL_INITRD_FORMAT,
                    Key::Initrd,
                    "the initrd is no ELF file",
                )
                .because(Key::UnikernelType)
                .why("Hermit's loader starts the application that it finds as its initrd")
                .help("name the application as `initrd`, and the loader as `binary`"),
            ),
            (Guest::Unikraft, Some(format))
                if format != ArchiveFormat::Cpio(Cpio::Newc) || initrd.archives.len() > 1 =>
            {
                self.findings.push(
                    Finding::warning(
                        code::UNIKERNEL_INITRD_FORMAT,
                        Key::Initrd,
                        "the initrd is not one uncompressed newc archive",
                    )
                    .because(Key::UnikernelType)
                    .why("urunc of 2026 adds files to it, which needs the plain format")
                    .help("pack it with `cpio -o -H newc`, without compression"),
                );
            }
            _ => {}
        }
    }

    pub(super) fn block(&mut self, image: BlockImage) {
        if let Some(monitor) = self.monitor {
            self.findings.extend(files::check_block_size(monitor, image.size));
        }
        let Some(block) = image.format else { return };
        if block.content() == Content::Disk {
            let title = format!("the block image is a {block} disk");
            self.findings.push(
                Finding::error(code::UNIKERNEL_BLOCK_FORMAT, Key::Block, title)
                    .why(
                        "urunc tells every monitor that the image is raw, so the guest sees the wrong bytes",
                    )
                    .help("convert it: `qemu-img convert -O raw`")
                    .starts_anyway(),
            );
            return;
        }
        let root = self.annotations.get(Key::BlkMntPoint) == Some("/");
        match (self.guest, block.content()) {
            (Some(Guest::Rumprun), _)
                if !matches!(block, BlockFormat::Ext2 | BlockFormat::Ufs2) =>
            {
                self.findings.push(
                    Finding::warning(
                        code::UNIKERNEL_BLOCK_FORMAT,
                        Key::Block,
                        format!("the block image holds {block}, which rumprun may not mount"),
                    )
                    .because(Key::UnikernelType)
                    .why("its kernel mounts ext2 and FFS")
                    .help("make it with `mke2fs -t ext2`"),
                );
            }
            (Some(Guest::Linux), Content::Partitions) if root => self.findings.push(
                Finding::warning(
                    code::UNIKERNEL_BLOCK_FORMAT,
                    Key::Block,
                    format!("the block image holds a {block}, not a file system"),
                )
                .because(Key::UnikernelType)
                .why("urunc writes `root=/dev/vda`, which is the whole disk and no partition")
                .help("make a file system without partitions"),
            ),
            _ => {}
        }
    }
}
