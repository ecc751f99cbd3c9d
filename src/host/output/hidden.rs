//! What is being written has a hidden name beside its target, until it takes the target's place.

use super::super::{Kind, read_dir};
use std::io;
use std::path::{Path, PathBuf};

/// A file or folder under a hidden name beside its target; removed when dropped.
#[derive(Debug)]
pub(super) struct Hidden(pub(super) PathBuf);

impl Hidden {
    /// Puts something under a hidden name that is free; `put` fails where one is not.
    pub(super) fn beside<T>(
        target: &Path,
        put: impl Fn(&Path) -> io::Result<T>,
    ) -> io::Result<(Self, T)> {
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
    pub(super) fn replace(
        self,
        target: &Path,
        may_go: &dyn Fn(&Path) -> io::Result<()>,
    ) -> io::Result<()> {
        if exchange(&self.0, target) {
            // It is the old one that has the hidden name now.
            if let Err(error) = may_go(&self.0) {
                self.undo(target);
                return Err(error);
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
                Err(error) => {
                    self.undo(target);
                    Err(error)
                }
            };
        }
        self.replace_in_steps(target, may_go)
    }

    /// Lets the two change places again.
    pub(super) fn undo(self, target: &Path) {
        if !exchange(&self.0, target) {
            // What may not be removed has the hidden name still.
            self.forget();
        }
    }

    /// Removes what has been replaced.
    pub(super) fn remove_replaced(self) -> io::Result<()> {
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
                make_removable(&self.0);
                std::fs::remove_dir_all(&self.0)
            });
        }
        // Held open, a large file loses its name at once, and its blocks when it is closed.
        let _held = keep_alive(&self.0);
        std::fs::remove_file(&self.0)
    }

    /// Nothing is there any more.
    pub(super) fn forget(self) {
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
fn make_removable(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder, mode).unwrap_or_default();
    }
    for entry in read_dir(folder).into_iter().flatten() {
        if entry.kind == Kind::Directory {
            make_removable(&folder.join(entry.name));
        }
    }
}

/// Keeps what stands at a path alive, a link not followed.
#[cfg(target_os = "linux")]
fn keep_alive(path: &Path) -> Option<std::os::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags, open};
    open(path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn keep_alive(_: &Path) {}

/// Lets two paths change places at once, where the system can.
#[cfg(target_os = "linux")]
pub(super) fn exchange(one: &Path, other: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn exchange(_: &Path, _: &Path) -> bool {
    false
}
