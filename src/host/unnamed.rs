//! Files without a name, which are gone when nobody has them open, and get a name when they are whole.

use std::fs::File;
use std::io;
use std::path::Path;

/// Opens a file without a name in the folder of `target`, where the system has such files.
#[cfg(target_os = "linux")]
pub(super) fn unnamed_file(target: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    // It gets its name through there in the end.
    std::fs::metadata("/proc/self/fd").ok()?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    open(folder.unwrap_or(Path::new(".")), flags, Mode::from_raw_mode(0o666)).ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn unnamed_file(_: &Path) -> Option<File> {
    None
}

/// Gives a file without a name its name.
#[cfg(target_os = "linux")]
pub(super) fn name_file(file: &File, name: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd as _;
    let open_file = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, open_file, CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn name_file(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
