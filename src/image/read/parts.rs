//! Where the named parts of an image are: in a folder, or in a tar archive, which may itself be
//! compressed or come as a stream.

use super::budget::Budget;
use super::error::{ARCHIVE, ReadError, Result};
use super::members::{Member, Members};
use super::packed::{self, Bounded, Packing, unpack};
use super::{Input, shown};
use crate::diag::describe_io;
use crate::host::{self, Kind};
use crate::rootfs::{Extent, Window};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use tar::EntryType;

/// How many links may lead to a part.
const MAX_LINKS: usize = 4;

/// The named parts of an image.
#[derive(Debug)]
pub(super) enum Parts {
    Folder(PathBuf),
    Archive { file: Arc<File>, path: PathBuf, entries: BTreeMap<String, Entry> },
}

/// A name in an archive.
#[derive(Debug)]
pub(super) enum Entry {
    Bytes { offset: u64, size: u64 },
    Link(String),
}

impl Parts {
    pub(super) fn open(input: &Input<'_>, budget: &Budget) -> Result<Self> {
        let io = |error: io::Error| match error.kind() {
            // What a packed archive is unpacked from.
            io::ErrorKind::FileTooLarge
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::UnexpectedEof => ReadError::part(input.path(), ARCHIVE, &error),
            _ => ReadError::Io { path: input.path(), error },
        };
        let Input::Path(path) = input else {
            let file = spool(io::stdin().lock(), budget).map_err(io)?;
            return Self::archive(input, file, budget);
        };
        match host::stat(path).map_err(io)?.kind {
            Kind::Directory => Ok(Parts::Folder((*path).to_owned())),
            // `<(docker save …)` is a FIFO, and can be read once.
            Kind::Other(_) => {
                let stream = host::open_stream(path).map_err(io)?;
                Self::archive(input, spool(stream, budget).map_err(io)?, budget)
            }
            _ => {
                let mut file = host::open(path).map_err(io)?;
                let mut head = Vec::new();
                file.by_ref().take(packed::HEAD).read_to_end(&mut head).map_err(io)?;
                file.rewind().map_err(io)?;
                if Packing::of(&head) != Packing::Plain {
                    file = spool(file, budget).map_err(io)?;
                }
                Self::archive(input, file, budget)
            }
        }
    }

    fn archive(input: &Input<'_>, mut file: File, budget: &Budget) -> Result<Self> {
        let io = |error| ReadError::Io { path: input.path(), error };
        let length = file.seek(SeekFrom::End(0)).map_err(io)?;
        file.rewind().map_err(io)?;
        let mut entries = BTreeMap::new();
        let mut members = Members::new(BufReader::new(&file));
        loop {
            let member = match members.next() {
                Ok(Some(member)) => member,
                Ok(None) => break,
                // What other bytes are read as says nothing about them.
                Err(_) if entries.is_empty() => {
                    let why = "it is no tar archive, or a damaged one".to_owned();
                    return Err(ReadError::NotAnImage { path: input.path(), why });
                }
                Err(error) => return Err(ReadError::part(input.path(), ARCHIVE, &error)),
            };
            budget
                .member(&member.name, &member.link)
                .map_err(|error| ReadError::part(input.path(), ARCHIVE, &error))?;
            let name = String::from_utf8_lossy(&member.name).into_owned();
            let name = name.trim_start_matches("./").trim_end_matches('/').to_owned();
            match member.kind {
                EntryType::Regular | EntryType::Continuous => {
                    let Member { offset, size, .. } = member;
                    if offset.checked_add(size).is_none_or(|end| end > length) {
                        let why = "the archive ends before it does".to_owned();
                        return Err(ReadError::Broken { path: input.path(), part: name, why });
                    }
                    entries.insert(name, Entry::Bytes { offset, size });
                }
                // Older docker stores equal layers once and links to them.
                EntryType::Symlink | EntryType::Link => {
                    let target = String::from_utf8_lossy(&member.link).into_owned();
                    let base = match member.kind {
                        EntryType::Symlink => Path::new(&name).parent().unwrap_or(Path::new("")),
                        _ => Path::new(""),
                    };
                    let resolved = host::normalize(&Path::new("/").join(base).join(target));
                    let resolved = resolved.to_string_lossy().trim_start_matches('/').to_owned();
                    entries.insert(name, Entry::Link(resolved));
                }
                _ => {}
            }
        }
        drop(members);
        if entries.is_empty() {
            let why = "it is an empty tar archive, or a damaged one".to_owned();
            return Err(ReadError::NotAnImage { path: input.path(), why });
        }
        Ok(Parts::Archive { file: Arc::new(file), path: input.path(), entries })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Parts::Folder(folder) => {
                host::stat(&folder.join(name)).is_ok_and(|stat| stat.kind == Kind::File)
            }
            Parts::Archive { entries, .. } => entries.contains_key(name),
        }
    }

    /// The bytes of a part, and how many they are.
    pub(super) fn part(&self, name: &str) -> io::Result<Option<(Window, u64)>> {
        match self {
            Parts::Folder(folder) => {
                let inside =
                    Path::new(name).components().all(|c| matches!(c, Component::Normal(_)));
                if !inside {
                    return Err(broken("its name leads out of the image"));
                }
                let path = folder.join(name);
                if let Err(error) = host::stat(&path) {
                    return match host::read_link(&path) {
                        Ok(target) => Err(dangling(&target.to_string_lossy(), &error)),
                        Err(_) => Ok(None),
                    };
                }
                let file = host::open(&path)?;
                let size = file.metadata()?.len();
                let extent = Extent { path, file: Arc::new(file), start: 0 };
                Ok(Some((Window::new(extent, size), size)))
            }
            Parts::Archive { file, path, entries } => {
                let mut entry = entries.get(name);
                for _ in 0..MAX_LINKS {
                    match entry {
                        None => return Ok(None),
                        Some(Entry::Link(target)) => match entries.get(target) {
                            None => return Err(dangling(target, &io::ErrorKind::NotFound.into())),
                            next => entry = next,
                        },
                        Some(&Entry::Bytes { offset, size }) => {
                            let (path, file) = (path.clone(), Arc::clone(file));
                            let extent = Extent { path, file, start: offset };
                            return Ok(Some((Window::new(extent, size), size)));
                        }
                    }
                }
                Err(broken("it is a link that leads through too many others"))
            }
        }
    }
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// A part that is a link and leads to nothing.
fn dangling(target: &str, error: &io::Error) -> io::Error {
    let target = shown(target);
    match error.kind() {
        io::ErrorKind::NotFound => {
            broken(&format!("it is a link to `{target}`, which is not there"))
        }
        _ => broken(&format!("it is a link to `{target}`: {}", describe_io(error))),
    }
}

/// The unpacked bytes of a stream, in a file without a name.
fn spool(stream: impl Read, budget: &Budget) -> io::Result<File> {
    let (_, stream) = unpack(stream)?;
    let mut file = host::nameless_file()?;
    io::copy(&mut Bounded::new(stream, budget), &mut file)?;
    file.rewind()?;
    Ok(file)
}
