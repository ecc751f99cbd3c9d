//! Where the named parts of an image are: in a folder, or in a tar archive, which may itself be
//! compressed or come as a stream.

use super::members::{Member, Members};
use super::packed::{Bounded, Packing, unpack};
use super::window::Window;
use super::{Input, ReadError, Result};
use crate::host::{self, Kind};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};
use tar::EntryType;

/// How many links may lead to a part.
const MAX_LINKS: usize = 4;

/// The named parts of an image.
#[derive(Debug)]
pub(super) enum Parts {
    Folder(PathBuf),
    Archive { file: File, entries: BTreeMap<String, Entry> },
}

/// A name in an archive.
#[derive(Debug)]
pub(super) enum Entry {
    Bytes { offset: u64, size: u64 },
    Link(String),
}

impl Parts {
    pub(super) fn open(input: &Input<'_>, unpacked: &mut u64) -> Result<Self> {
        let io = |error| ReadError::Io { path: input.path(), error };
        let Input::Path(path) = input else {
            return Self::archive(input, spool(io::stdin().lock(), unpacked).map_err(io)?);
        };
        match host::stat(path).map_err(io)?.kind {
            Kind::Directory => Ok(Parts::Folder((*path).to_owned())),
            // `<(docker save …)` is a FIFO, and can be read once.
            Kind::Other(_) => {
                let stream = host::open_stream(path).map_err(io)?;
                Self::archive(input, spool(stream, unpacked).map_err(io)?)
            }
            _ => {
                let mut file = host::open(path).map_err(io)?;
                let mut head = Vec::new();
                file.by_ref().take(6).read_to_end(&mut head).map_err(io)?;
                file.rewind().map_err(io)?;
                if Packing::of(&head) != Packing::Plain {
                    file = spool(file, unpacked).map_err(io)?;
                }
                Self::archive(input, file)
            }
        }
    }

    fn archive(input: &Input<'_>, mut file: File) -> Result<Self> {
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
                Err(error) => {
                    let (path, part) = (input.path(), "the archive".to_owned());
                    return Err(ReadError::Broken {
                        path,
                        part,
                        why: crate::diag::describe_io(&error),
                    });
                }
            };
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
        Ok(Parts::Archive { file, entries })
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
                    let why = "its name leads out of the image";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, why));
                }
                let path = folder.join(name);
                if host::stat(&path).is_err() {
                    return Ok(None);
                }
                let file = host::open(&path)?;
                let size = file.metadata()?.len();
                Ok(Some((Window::new(file, 0, size), size)))
            }
            Parts::Archive { file, entries } => {
                let mut name = name;
                for _ in 0..MAX_LINKS {
                    match entries.get(name) {
                        None => return Ok(None),
                        Some(Entry::Link(target)) => name = target,
                        Some(&Entry::Bytes { offset, size }) => {
                            return Ok(Some((Window::new(file.try_clone()?, offset, size), size)));
                        }
                    }
                }
                Ok(None)
            }
        }
    }
}

/// The unpacked bytes of a stream, in a file without a name.
pub(super) fn spool(stream: impl Read, unpacked: &mut u64) -> io::Result<File> {
    let (_, stream) = unpack(stream)?;
    let mut file = host::nameless_file()?;
    io::copy(&mut Bounded::new(stream, unpacked), &mut file)?;
    file.rewind()?;
    Ok(file)
}
