//! Output that is there whole or not at all.
//!
//! In: a target path. Out: a file to write to, and a commit that renames it onto the target. What
//! always holds: until [`Output::commit`] the target is as it was, and dropping an uncommitted output
//! removes what was written.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A file that is being written beside its target.
///
/// Where the file system can, it has no name until it is whole, so that not even `kill -9` leaves
/// anything behind; elsewhere it has a hidden name in the same folder.
#[derive(Debug)]
pub struct Output {
    file: File,
    temporary: PathBuf,
    named: bool,
    target: PathBuf,
}

impl Output {
    /// Starts an output beside `target`.
    ///
    /// # Errors
    /// The folder is missing or not writable, or a directory stands at the target.
    pub fn create(target: &Path) -> io::Result<Self> {
        refuse_directory(target)?;
        let temporary = temporary_beside(target)?;
        let target = target.to_owned();
        if let Some(file) = unnamed_file(&target) {
            return Ok(Self { file, temporary, named: false, target });
        }
        clear_stale(&temporary)?;
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&temporary)?;
        Ok(Self { file, temporary, named: true, target })
    }

    /// The file to write to.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts the written file in the place of the target.
    ///
    /// # Errors
    /// The system's error.
    pub fn commit(mut self) -> io::Result<()> {
        if !self.named {
            clear_stale(&self.temporary)?;
            name_file(&self.file, &self.temporary)?;
            self.named = true;
        }
        replace(&self.temporary, &self.target)?;
        self.named = false;
        Ok(())
    }
}

/// Puts a file in the place of the target.
///
/// ext4 writes a file to the disk before its rename onto another returns, which takes longer than all the rest;
/// not when they change places. What a computer without power loses is then up to the file system, as with any
/// new file: images are checked by their digests.
fn replace(file: &Path, target: &Path) -> io::Result<()> {
    if !exchange(file, target) {
        return std::fs::rename(file, target);
    }
    // Held open, a large file loses its name at once, and its blocks when it is dropped.
    let _old = hold(file);
    std::fs::remove_file(file)
}

/// Keeps what stands at a path alive, a link not followed.
#[cfg(target_os = "linux")]
fn hold(path: &Path) -> Option<std::os::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags, open};
    open(path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn hold(_: &Path) {}

impl Drop for Output {
    fn drop(&mut self) {
        if self.named {
            // Nothing is left to do about a file that cannot be removed.
            std::fs::remove_file(&self.temporary).unwrap_or_default();
        }
    }
}

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
fn name_file(file: &File, name: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd as _;
    let open_file = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, open_file, CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
fn name_file(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A folder that is being written beside its target.
///
/// Where the file system can, its files have no names until all are whole, so that `kill -9` leaves nothing
/// behind unless it comes while they are named.
#[derive(Debug)]
pub struct OutputFolder {
    temporary: PathBuf,
    target: PathBuf,
}

/// A file of an [`OutputFolder`] that is being written.
#[derive(Debug)]
pub struct OutputFile {
    file: File,
    /// The name it has so far.
    name: Option<PathBuf>,
}

impl OutputFile {
    /// The file to write to.
    pub fn file(&self) -> &File {
        &self.file
    }
}

impl OutputFolder {
    /// Starts a folder beside `target`.
    ///
    /// # Errors
    /// Something other than a folder of an earlier run, which has the file `marker`, stands at the target,
    /// or the parent is missing.
    pub fn create(target: &Path, marker: &str) -> io::Result<Self> {
        if let Ok(metadata) = std::fs::symlink_metadata(target) {
            let replaceable = metadata.is_dir()
                && (target.join(marker).is_file() || super::read_dir(target)?.is_empty());
            if !replaceable {
                return Err(io::Error::new(
                    io::ErrorKind::AlreadyExists,
                    "something that is not an image layout stands there",
                ));
            }
        }
        let temporary = temporary_beside(target)?;
        clear_stale(&temporary)?;
        Ok(Self { temporary, target: target.to_owned() })
    }

    /// Starts a file whose name will be known later. `number` keeps the files apart until then.
    ///
    /// # Errors
    /// The system's error.
    pub fn start(&self, number: usize) -> io::Result<OutputFile> {
        if let Some(file) = unnamed_file(&self.target) {
            return Ok(OutputFile { file, name: None });
        }
        let name = self.place(&format!("{number}.partial"))?;
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&name)?;
        Ok(OutputFile { file, name: Some(name) })
    }

    /// Gives a file its name, relative to the folder.
    ///
    /// # Errors
    /// The system's error.
    pub fn name(&self, file: OutputFile, name: &str) -> io::Result<()> {
        let place = self.place(name)?;
        match file.name {
            Some(before) => std::fs::rename(before, place),
            // The same blob twice.
            None if place.exists() => Ok(()),
            None => name_file(&file.file, &place),
        }
    }

    /// Writes a file, by its name relative to the folder.
    ///
    /// # Errors
    /// The system's error.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(self.place(name)?, bytes)
    }

    /// Writes a file that everybody may execute, by its name relative to the folder.
    ///
    /// # Errors
    /// The system's error.
    pub fn write_program(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(name, bytes)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(self.temporary.join(name), mode)?;
        }
        Ok(())
    }

    /// Puts the written folder in the place of the target.
    ///
    /// # Errors
    /// The system's error of the removal or the rename.
    pub fn commit(self) -> io::Result<()> {
        if self.target.is_dir() {
            // Dropped, what is under the temporary name is removed: the folder that stood here.
            if exchange(&self.temporary, &self.target) {
                return Ok(());
            }
            std::fs::remove_dir_all(&self.target)?;
        }
        std::fs::rename(&self.temporary, &self.target)
    }

    /// The path of a name, with the folders above it made; where this one shall be has to be there.
    fn place(&self, name: &str) -> io::Result<PathBuf> {
        match std::fs::create_dir(&self.temporary) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let path = self.temporary.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(path)
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.temporary).unwrap_or_default();
    }
}

/// Lets two paths change places at once, where the system can.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> bool {
    false
}

/// Removes a file or link, if there is one.
///
/// # Errors
/// A directory stands there, or the system's error.
pub fn remove_file(path: &Path) -> io::Result<()> {
    refuse_directory(path)?;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn refuse_directory(target: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(target) {
        Ok(metadata) if metadata.is_dir() => {
            Err(io::Error::new(io::ErrorKind::IsADirectory, "a directory stands there"))
        }
        _ => Ok(()),
    }
}

/// The hidden name an output has until it is whole. The process number keeps two runs apart.
fn temporary_beside(target: &Path) -> io::Result<PathBuf> {
    let name = target
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.partial", std::process::id()));
    Ok(target.with_file_name(hidden))
}

/// A killed run of the same process number may have left its file.
fn clear_stale(temporary: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(temporary) {
        Err(_) => Ok(()),
        Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(temporary),
        Ok(_) => std::fs::remove_file(temporary),
    }
}
