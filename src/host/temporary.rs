//! Files and folders that are only there while this process is.

use super::unnamed::unnamed_file;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A new file in the system's temporary folder, which is gone when it is closed.
///
/// # Errors
/// The system's error.
pub fn nameless_file() -> io::Result<File> {
    let folder = std::env::temp_dir();
    if let Some(file) = unnamed_file(&folder.join("x")) {
        return Ok(file);
    }
    let path = folder.join(format!("bimanix-{}", std::process::id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// A folder for this process alone, removed with everything in it when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing is left to do about a folder that cannot be removed.
        std::fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

/// Makes a new folder below the system's temporary folder.
///
/// # Errors
/// The system's error, and a folder of that name that is there already.
pub fn scratch_folder(purpose: &str) -> io::Result<Scratch> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("{purpose}-{}-{number}", std::process::id()));
    std::fs::create_dir(&path)?;
    Ok(Scratch(path))
}
