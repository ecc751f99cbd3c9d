//! Small files that save time when they are there, and that nobody misses.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The largest file that is read.
const MAX_SIZE: u64 = 4096;
/// How many files are kept when there is a look at all of them; the oldest go.
const MAX_FILES: usize = 4096;
/// A file whose name begins so is a reason to look at all of them: with digests as names, one in 256.
const LOOK: &str = "00";

/// A folder of such files. What cannot be written is not kept, and what cannot be read is not there.
#[derive(Debug, Clone)]
pub struct Kept(PathBuf);

impl Kept {
    /// Those in a folder, which is made when it is needed.
    pub fn at(folder: &Path) -> Self {
        Kept(folder.to_owned())
    }

    /// The content of a file.
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        let file = super::open(&self.0.join(name)).ok()?;
        let mut bytes = Vec::new();
        file.take(MAX_SIZE).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Keeps a file, which is there whole or not at all.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        if std::fs::create_dir_all(&self.0).is_err() {
            return;
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let part = self.0.join(format!("{}-{number}.part", std::process::id()));
        let written = std::fs::File::create(&part)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| std::fs::rename(&part, self.0.join(name)));
        if written.is_err() {
            std::fs::remove_file(&part).unwrap_or_default();
        } else if name.starts_with(LOOK) {
            self.forget_oldest();
        }
    }

    /// Forgets a file.
    pub fn forget(&self, name: &str) {
        std::fs::remove_file(self.0.join(name)).unwrap_or_default();
    }

    fn forget_oldest(&self) {
        let Ok(entries) = super::read_dir(&self.0) else { return };
        let mut files: Vec<(SystemTime, PathBuf)> = entries
            .into_iter()
            .filter_map(|entry| {
                let path = self.0.join(entry.name);
                Some((std::fs::metadata(&path).ok()?.modified().ok()?, path))
            })
            .collect();
        files.sort();
        let too_many = files.len().saturating_sub(MAX_FILES);
        for (_, path) in files.into_iter().take(too_many) {
            std::fs::remove_file(path).unwrap_or_default();
        }
    }
}

/// Which file is at a path, and in which state, as far as the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The device and the number of the file on it.
    pub place: (u64, u64),
    /// Its size in bytes.
    pub size: u64,
    /// When its content changed last: seconds and nanoseconds since 1970.
    pub modified: (i64, i64),
    /// When what is known of it changed last, in the same way.
    pub changed: (i64, i64),
}

impl Identity {
    /// That of the regular file at a path, behind any symlinks; none where there is none, or it is something else.
    #[cfg(unix)]
    pub fn at(path: &Path) -> Option<Self> {
        Self::of(&std::fs::metadata(path).ok()?)
    }

    /// That of an open file.
    #[cfg(unix)]
    pub fn of_file(file: &std::fs::File) -> Option<Self> {
        Self::of(&file.metadata().ok()?)
    }

    #[cfg(unix)]
    fn of(metadata: &std::fs::Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        metadata.is_file().then(|| Identity {
            place: (metadata.dev(), metadata.ino()),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// Other systems do not tell.
    #[cfg(not(unix))]
    pub fn at(_: &Path) -> Option<Self> {
        None
    }

    /// Other systems do not tell.
    #[cfg(not(unix))]
    pub fn of_file(_: &std::fs::File) -> Option<Self> {
        None
    }

    /// Whether it was changed so lately that another change might leave the same times: file systems count them in ticks,
    /// of some milliseconds most often, and of up to two seconds where they keep whole seconds.
    pub fn is_recent(&self) -> bool {
        #[allow(clippy::disallowed_methods, reason = "what is kept says nothing of when that was")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (seconds, nanoseconds) = self.modified.max(self.changed);
        let tick = if self.modified.1 == 0 || self.changed.1 == 0 { 2500 } else { 100 };
        let at = Duration::new(
            u64::try_from(seconds).unwrap_or(0),
            u32::try_from(nanoseconds).unwrap_or(0),
        );
        // What lies in the future cannot be trusted.
        now.checked_sub(at).is_none_or(|age| age < Duration::from_millis(tick))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_there_and_the_oldest_go() {
        let folder = std::env::temp_dir().join(format!("bimanix-kept-{}", std::process::id()));
        let kept = Kept::at(&folder.join("deep"));
        assert_eq!(kept.get("a"), None);
        kept.put("a", b"one");
        kept.put("a", b"two");
        assert_eq!(kept.get("a").as_deref(), Some(&b"two"[..]));
        kept.forget("a");
        assert_eq!(kept.get("a"), None);
        for number in 0..MAX_FILES + 10 {
            std::fs::write(folder.join(format!("deep/x{number}")), b"x").unwrap();
        }
        kept.put("00", b"new");
        assert_eq!(super::super::read_dir(&folder.join("deep")).unwrap().len(), MAX_FILES);
        assert_eq!(kept.get("00").as_deref(), Some(&b"new"[..]));
        std::fs::remove_dir_all(&folder).unwrap();
        // Nowhere to write to.
        let kept = Kept::at(Path::new("/proc/nowhere"));
        kept.put("a", b"one");
        assert_eq!(kept.get("a"), None);
    }

    #[test]
    fn a_file_of_now_is_recent() {
        let path = std::env::temp_dir().join(format!("bimanix-recent-{}", std::process::id()));
        std::fs::write(&path, b"x").unwrap();
        let identity = Identity::at(&path).unwrap();
        assert!(identity.is_recent());
        let old = (1_000_000_000, 5);
        assert!(!Identity { modified: old, changed: old, ..identity }.is_recent());
        let future = (i64::from(u32::MAX), 5);
        assert!(Identity { modified: old, changed: future, ..identity }.is_recent());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(Identity::at(&path), None);
        assert_eq!(Identity::at(&std::env::temp_dir()), None);
    }
}
