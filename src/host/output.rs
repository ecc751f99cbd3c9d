//! Output that is there whole or not at all.
//!
//! In: a target path. Out: a file or a folder to write to, and a commit that puts it in the place of the target.
//! What always holds: until the commit the target is as it was; what was written is removed when it is dropped
//! without one; and what a commit removes is what it may replace, also where that came to the target in the
//! meantime. Nothing waits for a disk, so what a computer without power loses is up to the file system.

use std::cell::OnceCell;
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

/// A file or folder under a hidden name beside its target; removed when dropped.
#[derive(Debug)]
struct Hidden(PathBuf);

impl Hidden {
    /// Puts something under a hidden name that is free; `put` fails where one is not.
    fn beside<T>(target: &Path, put: impl Fn(&Path) -> io::Result<T>) -> io::Result<(Self, T)> {
        let name = target
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
        // No name may be longer than 255 bytes.
        let name = if name.len() > 200 { "bimanix".as_ref() } else { name };
        // The process number says whose it is; two that have the same one, in containers, differ by the other.
        let mut number = 0;
        loop {
            let mut hidden = std::ffi::OsString::from(".");
            hidden.push(name);
            hidden.push(format!(".{}-{number}.partial", std::process::id()));
            let hidden = target.with_file_name(hidden);
            match put(&hidden) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                done => return done.map(|value| (Hidden(hidden), value)),
            }
        }
    }

    /// Puts it in the place of the target, of which `may_go` says whether it may be removed.
    ///
    /// Where the system can, the two change places. That also spares the wait for the disk on ext4, which writes
    /// a file out before it is renamed onto another: most of the time of a build.
    fn replace(self, target: &Path, may_go: &dyn Fn(&Path) -> io::Result<()>) -> io::Result<()> {
        if exchange(&self.0, target) {
            // It is the old one that has the hidden name now.
            if let Err(error) = may_go(&self.0) {
                return self.take_back(target, error);
            }
            // A part of a folder may be gone when it cannot be removed.
            if self.0.is_dir() {
                return self.remove_replaced();
            }
            return match self.remove() {
                Ok(()) => {
                    self.forget();
                    Ok(())
                }
                Err(error) => self.take_back(target, error),
            };
        }
        self.replace_in_steps(target, may_go)
    }

    /// Lets the two change places again.
    fn take_back(self, target: &Path, error: io::Error) -> io::Result<()> {
        self.back_to(target);
        Err(error)
    }

    fn back_to(self, target: &Path) {
        if !exchange(&self.0, target) {
            // What may not be removed has the hidden name still.
            self.forget();
        }
    }

    /// Removes what has been replaced.
    fn remove_replaced(self) -> io::Result<()> {
        let removed = self.remove().map_err(|error| {
            let why = format!("the new one is there, and {} is left: {error}", self.0.display());
            io::Error::new(error.kind(), why)
        });
        self.forget();
        removed
    }

    /// The same where two names cannot be exchanged.
    fn replace_in_steps(
        self,
        target: &Path,
        may_go: &dyn Fn(&Path) -> io::Result<()>,
    ) -> io::Result<()> {
        let is_folder = || std::fs::symlink_metadata(target).is_ok_and(|there| there.is_dir());
        if !is_folder() {
            return match std::fs::rename(&self.0, target) {
                Ok(()) => {
                    self.forget();
                    Ok(())
                }
                // Another build may have put a folder there in the meantime.
                Err(_) if is_folder() => self.replace(target, may_go),
                Err(error) => Err(error),
            };
        }
        let away = |name: &Path| match std::fs::symlink_metadata(name) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => std::fs::rename(target, name),
        };
        let old = match Hidden::beside(target, away) {
            // Another build may have taken it away.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return self.replace(target, may_go);
            }
            moved => moved?.0,
        };
        match may_go(&old.0).and_then(|()| std::fs::rename(&self.0, target)) {
            Ok(()) => {
                self.forget();
                Ok(())
            }
            Err(error) => {
                let back = std::fs::rename(&old.0, target);
                // Whether it is back or not, it is not to be removed.
                old.forget();
                back?;
                Err(error)
            }
        }
    }

    /// Removes what is there.
    fn remove(&self) -> io::Result<()> {
        if std::fs::symlink_metadata(&self.0)?.is_dir() {
            return std::fs::remove_dir_all(&self.0).or_else(|_| {
                open_up(&self.0);
                std::fs::remove_dir_all(&self.0)
            });
        }
        // Held open, a large file loses its name at once, and its blocks when it is closed.
        let _held = hold(&self.0);
        std::fs::remove_file(&self.0)
    }

    /// Nothing is there any more.
    fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Nothing is left to do about what cannot be removed.
        self.remove().unwrap_or_default();
    }
}

/// Lets the owner change a folder and those in it, as far as that goes: what is in one that is not writable cannot
/// be removed.
fn open_up(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder, mode).unwrap_or_default();
    }
    for entry in super::read_dir(folder).into_iter().flatten() {
        if entry.kind == super::Kind::Directory {
            open_up(&folder.join(entry.name));
        }
    }
}

/// Keeps what stands at a path alive, a link not followed.
#[cfg(target_os = "linux")]
fn hold(path: &Path) -> Option<std::os::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags, open};
    open(path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn hold(_: &Path) {}

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
    /// Made with the first name in it.
    folder: OnceCell<Hidden>,
    target: PathBuf,
    marker: &'static str,
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
    /// Something other than a folder of an earlier run, which has the file `marker`, stands at the target.
    pub fn create(target: &Path, marker: &'static str) -> io::Result<Self> {
        if is_there(target) {
            refuse_other_folders(target, marker)?;
        }
        Ok(Self { folder: OnceCell::new(), target: target.to_owned(), marker })
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
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&name)?;
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
            std::fs::set_permissions(self.place(name)?, mode)?;
        }
        Ok(())
    }

    /// Puts the written folder in the place of the target.
    ///
    /// # Errors
    /// The system's error, or something that has come to stand at the target and may not be removed.
    pub fn commit(self) -> io::Result<()> {
        self.folder()?;
        let marker = self.marker;
        match self.folder.into_inner() {
            Some(folder) => folder.replace(&self.target, &|old| refuse_other_folders(old, marker)),
            None => Ok(()),
        }
    }

    /// The path of a name, with the folders above it made.
    fn place(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.folder()?.join(name);
        if let Some(folder) = Path::new(name).parent() {
            let mut above = self.folder()?.to_owned();
            for part in folder.components() {
                above.push(part);
                match std::fs::create_dir(&above) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(error);
                    }
                    _ => {}
                }
            }
        }
        Ok(path)
    }

    fn folder(&self) -> io::Result<&Path> {
        if self.folder.get().is_none() {
            let (folder, ()) = Hidden::beside(&self.target, |name| std::fs::create_dir(name))?;
            self.folder.get_or_init(|| folder);
        }
        self.folder
            .get()
            .map(|folder| folder.0.as_path())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Refuses all but a folder that has the file `marker` or is empty.
fn refuse_other_folders(path: &Path, marker: &str) -> io::Result<()> {
    let is_ours = std::fs::symlink_metadata(path)?.is_dir()
        && (path.join(marker).is_file() || super::read_dir(path)?.is_empty());
    if is_ours {
        return Ok(());
    }
    let why = "something that is not an image layout stands there";
    Err(io::Error::new(io::ErrorKind::AlreadyExists, why))
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
            return old.take_back(target, error).map(Ok);
        }
        return match keep() {
            Ok(()) => old.remove_replaced().map(Ok),
            Err(error) => {
                old.back_to(target);
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

#[cfg(unix)]
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
        super::super::read_dir(folder).unwrap().into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn a_link_stays_only_where_it_is_kept() {
        let folder = super::super::scratch_folder("bimanix-link").unwrap();
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
        let folder = super::super::scratch_folder("bimanix-new").unwrap();
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
