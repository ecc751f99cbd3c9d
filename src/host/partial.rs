//! Files that come into being slowly, under a name that is known beforehand, and by one process at a time.
//!
//! In: the path of a part. Out: a file that is locked, with what an earlier process has left in it, to be gone on with
//! and renamed when it is whole. What always holds: two processes never write to one part; a process that is killed
//! leaves the part and no lock; a part that nobody has touched for long can be removed while others are at work.

use super::{open_any, read_dir};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A part of a file, which this process alone writes to.
#[derive(Debug)]
pub struct Partial {
    file: File,
    path: PathBuf,
}

impl Partial {
    /// Opens a part, or makes it and its folders. Waits while another process has it.
    ///
    /// # Errors
    /// The system's error.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            let flags = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
            std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
        }
        loop {
            let file = options.open(path)?;
            lock(&file)?;
            // Whoever had it may have renamed or removed it in the meantime.
            if is_at(&file, path) {
                return Ok(Partial { file, path: path.to_owned() });
            }
        }
    }

    /// The file.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives the whole file its name, in the place of one that has it.
    ///
    /// # Errors
    /// The system's error; the part stays.
    pub fn finish(self, target: &Path) -> io::Result<()> {
        std::fs::rename(&self.path, target)
    }

    /// Removes it.
    ///
    /// # Errors
    /// The system's error.
    pub fn remove(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// Removes the files of a folder whose names end in `suffix`, that nobody has written to for as long as `age`, and that
/// no process has open as a [`Partial`].
///
/// # Errors
/// The system's error; a file that cannot be removed is none.
pub fn remove_old(folder: &Path, suffix: &str, age: Duration) -> io::Result<()> {
    // The time is that of a file that is new; no other clock is asked.
    let now = super::nameless_file()?.metadata()?.modified()?;
    for entry in read_dir(folder)? {
        if !entry.name.as_encoded_bytes().ends_with(suffix.as_bytes()) {
            continue;
        }
        let path = folder.join(&entry.name);
        let Ok(file) = open_any(&path) else { continue };
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        let is_old = modified.is_ok_and(|at| now.duration_since(at).is_ok_and(|past| past >= age));
        if is_old && try_lock(&file) && is_at(&file, &path) {
            // Another process may have done it.
            std::fs::remove_file(&path).unwrap_or_default();
        }
    }
    Ok(())
}

#[cfg(unix)]
fn lock(file: &File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    loop {
        match flock(file, FlockOperation::LockExclusive) {
            Err(rustix::io::Errno::INTR) => {}
            done => return Ok(done?),
        }
    }
}

#[cfg(unix)]
fn try_lock(file: &File) -> bool {
    rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_ok()
}

/// Whether a path is that of an open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), std::fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Elsewhere two processes at once get in each other's way, which the digest of the whole shows.
#[cfg(not(unix))]
fn lock(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn try_lock(_: &File) -> bool {
    true
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn one_at_a_time_and_the_next_one_begins_anew() {
        let scratch = super::super::scratch_folder("bimanix-partial").unwrap();
        let (part, whole) = (scratch.path().join("a/x.part"), scratch.path().join("a/x"));
        let inside = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for number in 0..8_u8 {
                let (part, whole, inside) = (&part, &whole, &inside);
                scope.spawn(move || {
                    let mut partial = Partial::open(part).unwrap();
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    assert_eq!(partial.file().metadata().unwrap().len(), 0);
                    partial.file().write_all(&[number; 100]).unwrap();
                    std::thread::sleep(Duration::from_millis(2));
                    inside.fetch_sub(1, Ordering::SeqCst);
                    if number % 2 == 0 { partial.finish(whole) } else { partial.remove() }.unwrap();
                });
            }
        });
        assert!(!part.exists());
        assert_eq!(whole.metadata().unwrap().len(), 100);
    }

    #[test]
    fn what_is_old_and_nobodys_is_removed() {
        let scratch = super::super::scratch_folder("bimanix-old").unwrap();
        let folder = scratch.path();
        let past = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        for name in ["old.part", "held.part", "old", "new.part"] {
            let file = File::create(folder.join(name)).unwrap();
            if name != "new.part" {
                file.set_modified(past).unwrap();
            }
        }
        let held = Partial::open(&folder.join("held.part")).unwrap();
        remove_old(folder, ".part", Duration::from_secs(3600)).unwrap();
        let names: Vec<_> = read_dir(folder).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["held.part", "new.part", "old"]);
        drop(held);
        remove_old(folder, ".part", Duration::from_secs(3600)).unwrap();
        assert!(!folder.join("held.part").exists());
    }
}
