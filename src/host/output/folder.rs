//! A folder that is there whole or not at all.

use super::super::read_dir;
use super::super::unnamed::{name_file, unnamed_file};
use super::hidden::Hidden;
use super::is_there;
use std::cell::OnceCell;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

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
        && (path.join(marker).is_file() || read_dir(path)?.is_empty());
    if is_ours {
        return Ok(());
    }
    let why = "something that is not an image layout stands there";
    Err(io::Error::new(io::ErrorKind::AlreadyExists, why))
}
