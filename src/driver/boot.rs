//! Boot files that are given by name, without a recipe.

use crate::diag::Diagnostic;
use crate::host;
use crate::judge::{BlockImage, BootFiles};
use crate::unikernel::{self, block, initrd};
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::path::Path;

/// What the bytes of boot files on the disk say.
///
/// # Errors
/// Those that cannot be read.
pub fn boot_files(
    kernel: &Path,
    initrd: Option<&Path>,
    block: Option<&Path>,
) -> Result<BootFiles, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let kernel = read_file(kernel, &mut faults, unikernel::read);
    let initrd = initrd.and_then(|path| read_file(path, &mut faults, initrd::read));
    let block = block.and_then(|path| {
        read_file(path, &mut faults, |file| {
            let format = block::read(file)?;
            Ok(BlockImage { format, size: file.seek(SeekFrom::End(0))? })
        })
    });
    match kernel {
        Some(kernel) if faults.is_empty() => Ok(BootFiles { kernel, initrd, block }),
        _ => Err(faults),
    }
}

fn read_file<T>(
    path: &Path,
    faults: &mut Vec<Diagnostic>,
    read: impl FnOnce(&mut File) -> io::Result<T>,
) -> Option<T> {
    host::open(path)
        .and_then(|mut file| read(&mut file))
        .map_err(|error| faults.push(Diagnostic::io("init/input", "read", path, &error)))
        .ok()
}
