//! Output that is there whole or not at all.
//!
//! In: a target path. Out: a file or a folder to write to, and a commit that puts it in the place of the target.
//! What always holds: until the commit the target is as it was; what was written is removed when it is dropped
//! without one; and what a commit removes is what it may replace, also where that came to the target in the
//! meantime. Nothing waits for a disk, so what a computer without power loses is up to the file system.

mod folder;
mod hidden;

pub use folder::{OutputFile, OutputFolder};

use super::unnamed::{name_file, unnamed_file};
use hidden::{Hidden, exchange};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file that is being written beside its target.
///
/// Where the file system can, it has no name until it is whole, so that not even `kill -9` leaves
/// anything behind unless it comes while it is named; elsewhere it has a hidden name in the same folder.
#[derive(Debug)]
pub struct Output {
    file: File,
    name: Option<Hidden>,
    target: PathBuf,
}

impl Output {
    /// Starts an output beside `target`.
    ///
    /// # Errors
    /// The folder is missing or not writable, or a directory stands at the target.
    pub fn create(target: &Path) -> io::Result<Self> {
        if is_there(target) {
            refuse_directory(target)?;
        }
        let target = target.to_owned();
        if let Some(file) = unnamed_file(&target) {
            return Ok(Self { file, name: None, target });
        }
        let new =
            |name: &Path| OpenOptions::new().read(true).write(true).create_new(true).open(name);
        let (name, file) = Hidden::beside(&target, new)?;
        Ok(Self { file, name: Some(name), target })
    }

    /// The file to write to.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts the written file in the place of the target.
    ///
    /// # Errors
    /// The system's error, or a directory that has come to stand at the target.
    pub fn commit(self) -> io::Result<()> {
        let name = match self.name {
            Some(name) => name,
            None => match name_file(&self.file, &self.target) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    Hidden::beside(&self.target, |name| name_file(&self.file, name))?.0
                }
                named => return named,
            },
        };
        name.replace(&self.target, &refuse_directory)
    }
}

/// Writes a file that must not be there yet: whole or not at all.
///
/// # Errors
/// Something has that name, or the system's error.
pub fn write_new(target: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_there(target) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut out = Output::create(target)?;
    out.file.write_all(bytes)?;
    match out.name {
        None => name_file(&out.file, target),
        Some(name) => match std::fs::hard_link(&name.0, target) {
            // Some file systems have neither files without a name nor files with two.
            Err(_) if !is_there(target) => {
                std::fs::rename(&name.0, target)?;
                name.forget();
                Ok(())
            }
            linked => linked,
        },
    }
}

/// Puts a symlink to `to` in the place of `target`, where it stays if `keep` succeeds; else there is again what was
/// there before, and the error of `keep` comes back.
///
/// # Errors
/// A directory stands at the target, or the system's error.
pub fn link<E>(
    target: &Path,
    to: &Path,
    keep: impl FnOnce() -> Result<(), E>,
) -> io::Result<Result<(), E>> {
    if is_there(target) {
        refuse_directory(target)?;
    }
    let (new, ()) = Hidden::beside(target, |name| symlink(to, name))?;
    if exchange(&new.0, target) {
        // It is the old one that has the hidden name now.
        let old = new;
        if let Err(error) = refuse_directory(&old.0) {
            old.undo(target);
            return Err(error);
        }
        return match keep() {
            Ok(()) => old.remove_replaced().map(Ok),
            Err(error) => {
                old.undo(target);
                Ok(Err(error))
            }
        };
    }
    let away = |name: &Path| std::fs::rename(target, name);
    let old = match Hidden::beside(target, away) {
        Ok((old, ())) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let put_back = |old: Option<Hidden>| match old {
        Some(old) => {
            let back = std::fs::rename(&old.0, target);
            // Whether it is back or not, it is not to be removed.
            old.forget();
            back
        }
        None => std::fs::remove_file(target),
    };
    if let Err(error) = std::fs::rename(&new.0, target) {
        if old.is_some() {
            put_back(old)?;
        }
        return Err(error);
    }
    new.forget();
    match keep() {
        Ok(()) => Ok(Ok(())),
        Err(error) => put_back(old).map(|()| Err(error)),
    }
}

#[cfg(unix)]
fn symlink(to: &Path, name: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, name)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn refuse_directory(path: &Path) -> io::Result<()> {
    if std::fs::symlink_metadata(path)?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "a directory stands there"));
    }
    Ok(())
}

/// Removes a file or link.
///
/// # Errors
/// The system's error; of a folder, that it is one.
pub fn remove_file(path: &Path) -> io::Result<()> {
    std::fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    fn names(folder: &Path) -> Vec<OsString> {
        crate::host::read_dir(folder).unwrap().into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn a_link_stays_only_where_it_is_kept() {
        let folder = crate::host::scratch_folder("bimanix-link").unwrap();
        let target = folder.path().join("result");
        let read = || std::fs::read_link(&target).unwrap();
        // Nothing there.
        let refused = link(&target, Path::new("/new"), || {
            assert_eq!(read(), Path::new("/new"), "it is there while it is being kept");
            Err("no")
        });
        assert_eq!(refused.unwrap(), Err("no"));
        assert_eq!(names(folder.path()), Vec::<OsString>::new());
        // A file, and then a link.
        std::fs::write(&target, "old").unwrap();
        assert_eq!(link(&target, Path::new("/new"), || Err("no")).unwrap(), Err("no"));
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(names(folder.path()), ["result"]);
        assert_eq!(link(&target, Path::new("/new"), || Ok::<_, ()>(())).unwrap(), Ok(()));
        assert_eq!(read(), Path::new("/new"));
        assert_eq!(link(&target, Path::new("/newer"), || Err("no")).unwrap(), Err("no"));
        assert_eq!(read(), Path::new("/new"));
        assert_eq!(names(folder.path()), ["result"]);
        // A folder is not replaced, and nothing is asked.
        let inside = folder.path().join("folder");
        std::fs::create_dir(&inside).unwrap();
        let refused = link(&inside, Path::new("/new"), || -> Result<(), ()> { panic!("asked") });
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(names(folder.path()), ["folder", "result"]);
    }

    #[test]
    fn what_is_there_is_not_written_over() {
        let folder = crate::host::scratch_folder("bimanix-new").unwrap();
        let target = folder.path().join("file");
        write_new(&target, b"one").unwrap();
        let again = write_new(&target, b"two").unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        std::os::unix::fs::symlink("nowhere", folder.path().join("link")).unwrap();
        let link = write_new(&folder.path().join("link"), b"two").unwrap_err();
        assert_eq!(link.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&target).unwrap(), b"one");
        assert_eq!(names(folder.path()), ["file", "link"]);
    }
}
