//! What a path that is to be written stands for.
//!
//! In: a path as the user gives it. Out: a [`Target`], a name for a new file or a [`Stream`] to write to as it is.
//! What always holds: a device, a FIFO, a socket and what is open already are streams, and no stream is ever
//! replaced. `/dev/stdout` and `/proc/self/fd/3` mean the open file itself with its place in it, not the file that
//! can be opened at its name once more.

use super::{Kind, lstat, read_link};
use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A name, which a new file gets when it is whole.
    Name(PathBuf),
    /// What is written to as it is.
    Stream(Stream),
}

/// What is written to as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    name: String,
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    StandardOutput,
    StandardError,
    /// An open file, by the process that has it and its number there.
    Open {
        process: i32,
        number: i32,
    },
    /// A device, a FIFO or a socket.
    Special(PathBuf),
}

/// A stream that can be written to.
#[derive(Debug)]
pub struct OpenStream {
    /// The file.
    pub file: File,
    /// Whether somebody looks at what is written.
    pub is_terminal: bool,
    /// Whether it goes where standard output goes.
    pub is_standard_output: bool,
}

/// As many symlinks as Linux follows before it calls them a loop.
const MAX_LINKS: usize = 40;

impl Target {
    /// What the path stands for; `-` is standard output.
    pub fn at(path: &Path) -> Self {
        let stream = |name: String, place| Target::Stream(Stream { name, place });
        if path == Path::new("-") {
            return stream("standard output".to_owned(), Place::StandardOutput);
        }
        let mut way = path.to_owned();
        for _ in 0..MAX_LINKS {
            if let Some(place) = open_file(&way) {
                return stream(path.display().to_string(), place);
            }
            match lstat(&way).map(|stat| stat.kind) {
                Ok(Kind::Symlink) => match read_link(&way) {
                    Ok(target) => way = way.parent().unwrap_or(Path::new("")).join(target),
                    Err(_) => break,
                },
                Ok(Kind::Other(_)) => {
                    return stream(path.display().to_string(), Place::Special(way));
                }
                Ok(Kind::File | Kind::Directory) | Err(_) => break,
            }
        }
        Target::Name(path.to_owned())
    }
}

impl Stream {
    /// What it is called in messages: the path as given, or `standard output`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Opens it, which waits for a reader where it is a FIFO.
    ///
    /// # Errors
    /// The system's error.
    pub fn open(&self) -> io::Result<OpenStream> {
        let file = match &self.place {
            Place::StandardOutput => duplicate(io::stdout())?,
            Place::StandardError => duplicate(io::stderr())?,
            Place::Open { process, number } => of_process(*process, *number)?,
            Place::Special(path) => File::options().write(true).open(path)?,
        };
        let is_terminal = file.is_terminal();
        let is_standard_output = is_same(&file, &duplicate(io::stdout())?);
        Ok(OpenStream { file, is_terminal, is_standard_output })
    }
}

#[cfg(unix)]
fn duplicate(stream: impl std::os::fd::AsFd) -> io::Result<File> {
    stream.as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn duplicate(stream: impl std::os::windows::io::AsHandle) -> io::Result<File> {
    stream.as_handle().try_clone_to_owned().map(File::from)
}

#[cfg(unix)]
fn is_same(one: &File, other: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |file: &File| file.metadata().map(|found| (found.dev(), found.ino(), found.rdev()));
    matches!((place(one), place(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_same(_: &File, _: &File) -> bool {
    false
}

/// The open file that a name in `/proc/PROCESS/fd` means.
#[cfg(target_os = "linux")]
fn open_file(path: &Path) -> Option<Place> {
    use rustix::fs::{PROC_SUPER_MAGIC, statfs};
    let number: i32 = path.file_name()?.to_str()?.parse().ok()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = super::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
    if folder.file_name()? != "fd" || statfs(&folder).ok()?.f_type != PROC_SUPER_MAGIC {
        return None;
    }
    let mut owner = folder.parent()?;
    // A thread has its own folder below that of its process.
    if owner.parent().and_then(Path::file_name).is_some_and(|above| above == "task") {
        owner = owner.parent()?.parent()?;
    }
    let process: i32 = owner.file_name()?.to_str()?.parse().ok()?;
    let is_own = u32::try_from(process) == Ok(std::process::id());
    Some(match number {
        1 if is_own => Place::StandardOutput,
        2 if is_own => Place::StandardError,
        number => Place::Open { process, number },
    })
}

/// Elsewhere the files in `/dev` are the open files.
#[cfg(not(target_os = "linux"))]
fn open_file(path: &Path) -> Option<Place> {
    match path.to_str()? {
        "/dev/stdout" | "/dev/fd/1" => Some(Place::StandardOutput),
        "/dev/stderr" | "/dev/fd/2" => Some(Place::StandardError),
        path if path.starts_with("/dev/fd/") => Some(Place::Special(path.into())),
        _ => None,
    }
}

/// To open `/proc/self/fd/3` would open the file once more, at its beginning.
#[cfg(target_os = "linux")]
fn of_process(process: i32, number: i32) -> io::Result<File> {
    use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
    let process = Pid::from_raw(process).ok_or(io::ErrorKind::NotFound)?;
    let process = pidfd_open(process, PidfdFlags::empty())?;
    Ok(pidfd_getfd(process, number, PidfdGetfdFlags::empty())?.into())
}

#[cfg(not(target_os = "linux"))]
fn of_process(_: i32, _: i32) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Seek as _, Write as _};
    use std::os::fd::AsRawFd as _;

    fn place(path: &str) -> Option<Place> {
        match Target::at(Path::new(path)) {
            Target::Name(name) => {
                assert_eq!(name, Path::new(path), "a name stays as it is");
                None
            }
            Target::Stream(stream) => Some(stream.place),
        }
    }

    #[test]
    fn open_files_and_devices_are_streams() {
        let own = i32::try_from(std::process::id()).unwrap();
        let open = |number| Some(Place::Open { process: own, number });
        for path in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/../dev/fd/1"] {
            assert_eq!(place(path), Some(Place::StandardOutput), "{path}");
        }
        for path in ["/dev/stderr", "/dev/fd/2", "/proc/thread-self/fd/2"] {
            assert_eq!(place(path), Some(Place::StandardError), "{path}");
        }
        assert_eq!(place("/proc/self/fd/77"), open(77));
        assert_eq!(place(&format!("/proc/{own}/fd/77")), open(77));
        assert_eq!(place("/dev/stdin"), open(0));
        assert_eq!(place("/dev/null"), Some(Place::Special("/dev/null".into())));
        for path in
            ["x", "./-", "fd/1", "/tmp", "/tmp/fd/1", "/nowhere/1", "/proc/self/fd", "1", ""]
        {
            assert_eq!(place(path), None, "{path}");
        }
    }

    #[test]
    fn links_to_streams_are_streams() {
        let folder = crate::host::scratch_folder("bimanix-target").unwrap();
        let link = |name: &str, to: &str| {
            let path = folder.path().join(name);
            std::os::unix::fs::symlink(to, &path).unwrap();
            place(path.to_str().unwrap())
        };
        assert_eq!(link("out", "/dev/stdout"), Some(Place::StandardOutput));
        let null = format!("{}/null", folder.path().display());
        assert_eq!(link("null", "/dev/null"), Some(Place::Special("/dev/null".into())));
        assert_eq!(link("again", &null), Some(Place::Special("/dev/null".into())));
        assert_eq!(link("folder", "/proc/self/fd"), None);
        assert_eq!(link("loop", "loop"), None);
        assert_eq!(link("nothing", "nowhere"), None);
    }

    #[test]
    fn an_open_file_goes_on_where_it_is() {
        let folder = crate::host::scratch_folder("bimanix-target-open").unwrap();
        let path = folder.path().join("file");
        let mut file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        file.write_all(b"before").unwrap();
        let Target::Stream(stream) =
            Target::at(Path::new(&format!("/dev/fd/{}", file.as_raw_fd())))
        else {
            panic!("it is a stream")
        };
        let mut open = stream.open().unwrap();
        assert!(!open.is_terminal && !open.is_standard_output);
        open.file.write_all(b" after").unwrap();
        file.write_all(b" the end").unwrap();
        file.rewind().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "before after the end");
    }
}
