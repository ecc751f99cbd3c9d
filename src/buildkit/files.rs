//! The files of the client, and of images, as a world: each is fetched when something asks for it.
//!
//! A path begins with one of the roots: [`CONTEXT`], [`TEXT`], or the one of an image.

use super::gateway::{CallError, Gateway};
use super::llb::{Graph, Node};
use super::messages::{self, Definition};
use crate::rootfs::{self, Content, ImagePath, Tree};
use crate::world::{Entry, Kind, MAX_LINKS, ReadSeek, Stat, World, normalize, too_many_links};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// Where the build context is.
pub(super) const CONTEXT: &str = "/context";
/// Where the folder of the text is that is built.
pub(super) const TEXT: &str = "/dockerfile";
/// Where other folders are that the client names.
pub(super) const CONTEXTS: &str = "/contexts";
/// Where images are, each below a number.
pub(super) const IMAGES: &str = "/images";
/// How much of a file is asked for at once: a header of a kernel is in it, and a large file is not held.
const CHUNK: usize = 1 << 20;

/// ENOENT
const NOT_FOUND: i32 = 2;

/// What Go says of a file besides its permissions (`io/fs.FileMode`).
mod go {
    pub(super) const FOLDER: u32 = 1 << 31;
    pub(super) const SYMLINK: u32 = 1 << 27;
    pub(super) const DEVICE: u32 = 1 << 26;
    pub(super) const FIFO: u32 = 1 << 25;
    pub(super) const SOCKET: u32 = 1 << 24;

    /// The bits of a mode as the system has them.
    pub(super) fn mode(mode: u32) -> u32 {
        let special = [(1 << 23, 0o4000), (1 << 22, 0o2000), (1 << 20, 0o1000)];
        let special = special.iter().filter(|(bit, _)| mode & bit != 0);
        (mode & 0o777) | special.map(|(_, bit)| bit).sum::<u32>()
    }
}

/// Where the files of a root come from.
#[derive(Debug, Clone)]
pub(super) enum Root {
    /// The client, by a name such as `context`.
    Client(String),
    /// An image.
    Image(Definition),
}

/// A part of a root that BuildKit has.
#[derive(Debug)]
struct Part {
    /// What was asked for; the rest is not there, whether the client has it or not.
    paths: Vec<PathBuf>,
    reference: Rc<str>,
}

type Folder = Rc<BTreeMap<OsString, messages::Stat>>;

/// The files at the other end of a gateway.
pub(super) struct Files {
    gateway: Rc<Gateway>,
    session: Option<String>,
    roots: RefCell<BTreeMap<PathBuf, Root>>,
    parts: RefCell<BTreeMap<PathBuf, Vec<Part>>>,
    folders: RefCell<BTreeMap<(Rc<str>, PathBuf), Folder>>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("roots", &self.roots).finish_non_exhaustive()
    }
}

/// The operation that fetches files of the client.
pub(super) fn local(
    graph: &mut Graph,
    name: &str,
    session: Option<&str>,
    paths: &[PathBuf],
) -> Node {
    let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let mut patterns: Vec<String> = shown.iter().map(|path| pattern(path)).collect();
    patterns.sort();
    patterns.dedup();
    let mut attrs = BTreeMap::from([
        ("local.followpaths".to_owned(), serde_json::Value::from(patterns).to_string()),
        ("local.sharedkeyhint".to_owned(), name.to_owned()),
    ]);
    if let Some(session) = session {
        attrs.insert("local.session".to_owned(), session.to_owned());
    }
    let few = match shown.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one}, {two}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    };
    graph.source(&format!("local://{name}"), attrs, None, &format!("[{name}] load {few}"))
}

/// A pattern that a path matches, and hardly another one: the list travels in a header, where clients before docker 23 do
/// not read what is not plain ASCII.
fn pattern(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    for character in path.chars() {
        match character {
            '*' | '?' | '[' | ']' | '\\' => pattern.push('?'),
            _ if character.is_ascii() => pattern.push(character),
            _ if pattern.ends_with('*') => {}
            _ => pattern.push('*'),
        }
    }
    pattern
}

impl Files {
    pub(super) fn new(gateway: Rc<Gateway>, session: Option<String>) -> Self {
        Files {
            gateway,
            session,
            roots: RefCell::default(),
            parts: RefCell::default(),
            folders: RefCell::default(),
        }
    }

    /// Adds a root at a path such as [`CONTEXT`].
    pub(super) fn add(&self, at: impl Into<PathBuf>, root: Root) {
        self.roots.borrow_mut().insert(at.into(), root);
    }

    /// The root that a path is in, and the rest of it.
    pub(super) fn place(&self, path: &Path) -> io::Result<(PathBuf, Root, PathBuf)> {
        let path = normalize(path);
        let roots = self.roots.borrow();
        let found = roots.iter().find_map(|(at, root)| {
            let rest = path.strip_prefix(at).ok()?;
            Some((at.clone(), root.clone(), rest.to_owned()))
        });
        found.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "`docker build` sends what is in the build context, and nothing from outside of it",
            )
        })
    }

    /// The part of a root that has these paths. A part with what is in a folder has the folder as well, but not all of
    /// it: `whole` asks for that.
    fn part(&self, at: &Path, root: &Root, paths: &[PathBuf], whole: bool) -> io::Result<Rc<str>> {
        let has = |part: &Part, path: &PathBuf| {
            part.paths.iter().any(|known| {
                path.starts_with(known)
                    || known == Path::new(".")
                    || (!whole && known.starts_with(path))
            })
        };
        if let Some(parts) = self.parts.borrow().get(at)
            && let Some(part) = parts.iter().find(|part| paths.iter().all(|path| has(part, path)))
        {
            return Ok(part.reference.clone());
        }
        let (definition, paths) = match root {
            Root::Image(definition) => (definition.clone(), vec![PathBuf::from(".")]),
            Root::Client(name) => {
                let paths: Vec<PathBuf> = paths.iter().cloned().map(or_dot).collect();
                let mut graph = Graph::default();
                let node = local(&mut graph, name, self.session.as_deref(), &paths);
                (graph.definition(&node), paths)
            }
        };
        let solved = self.gateway.solve(definition, false);
        let reference: Rc<str> = solved.map_err(CallError::into_io)?.into();
        let part = Part { paths, reference: reference.clone() };
        self.parts.borrow_mut().entry(at.to_owned()).or_default().push(part);
        Ok(reference)
    }

    /// Paths of a root that have been fetched, and all of these in them: what is asked for again need not travel again.
    pub(super) fn known(&self, at: &Path, wanted: &[PathBuf]) -> Vec<PathBuf> {
        let parts = self.parts.borrow();
        let parts = parts.get(at).map(Vec::as_slice).unwrap_or_default();
        let covers = |part: &&Part| {
            let is_in = |path: &PathBuf| {
                part.paths.iter().any(|known| path.starts_with(known) || known == Path::new("."))
            };
            wanted.iter().all(is_in)
        };
        parts.iter().find(covers).map_or_else(|| wanted.to_vec(), |part| part.paths.clone())
    }

    /// All that is in an image, each file with the path that it has here.
    pub(super) fn tree(&self, at: &Path) -> io::Result<Tree<PathBuf>> {
        let (at, root, _) = self.place(at)?;
        let reference = self.part(&at, &root, &[PathBuf::new()], true)?;
        let mut tree = Tree::default();
        let mut waiting = vec![(PathBuf::new(), ImagePath::default())];
        while let Some((folder, path)) = waiting.pop() {
            for (name, stat) in &*self.folder(&reference, &folder)? {
                let inner = folder.join(name);
                let Ok(path) = path.join(name.as_encoded_bytes()) else { continue };
                let content = match kind(stat) {
                    Kind::Folder => {
                        waiting.push((inner, path.clone()));
                        Content::Directory
                    }
                    Kind::File => Content::File {
                        source: at.join(inner),
                        size: u64::try_from(stat.size).unwrap_or(0),
                    },
                    Kind::Symlink => Content::Symlink(stat.linkname.clone().into_bytes()),
                    // Devices are of no account here, and stay in the image.
                    Kind::Other(_) => continue,
                };
                let (uid, gid) = (stat.uid.into(), stat.gid.into());
                tree.insert(path, rootfs::Node { content, mode: go::mode(stat.mode), uid, gid });
            }
        }
        Ok(tree)
    }

    /// What a folder has, as far as a part of its root has it.
    fn folder(&self, reference: &Rc<str>, path: &Path) -> io::Result<Folder> {
        let key = (reference.clone(), path.to_owned());
        if let Some(known) = self.folders.borrow().get(&key) {
            return Ok(known.clone());
        }
        let inside = inside(path)?;
        // Nothing at all is a part without files.
        let entries = if reference.is_empty() {
            Vec::new()
        } else {
            let read = self.gateway.read_folder(reference, &inside);
            read.map_err(CallError::into_io)?
        };
        let named = entries.into_iter().map(|stat| {
            let name = stat.path.rsplit('/').next().unwrap_or_default();
            (OsString::from(name), stat)
        });
        let folder: Folder = Rc::new(named.collect());
        self.folders.borrow_mut().insert(key, folder.clone());
        Ok(folder)
    }

    fn found(&self, path: &Path, whole: bool) -> io::Result<messages::Stat> {
        let (at, root, rest) = self.place(path)?;
        let (Some(folder), Some(name)) = (rest.parent(), rest.file_name()) else {
            return Ok(messages::Stat { mode: go::FOLDER | 0o755, ..messages::Stat::default() });
        };
        let reference = self.part(&at, &root, std::slice::from_ref(&rest), whole)?;
        let folder = self.folder(&reference, folder)?;
        folder.get(name).cloned().ok_or_else(not_found)
    }
}

/// What the system says where nothing is.
fn not_found() -> io::Error {
    io::Error::from_raw_os_error(NOT_FOUND)
}

/// A path where the empty one is `.`.
fn or_dot(path: PathBuf) -> PathBuf {
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

/// A path as BuildKit takes it, from its own root.
fn inside(path: &Path) -> io::Result<String> {
    let text = Path::new("/").join(path).into_os_string().into_string();
    text.map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "its name is not UTF-8"))
}

fn kind(stat: &messages::Stat) -> Kind {
    let has = |bit: u32| stat.mode & bit != 0;
    if has(go::FOLDER) {
        Kind::Folder
    } else if has(go::SYMLINK) {
        Kind::Symlink
    } else if has(go::DEVICE) {
        Kind::Other("a device")
    } else if has(go::FIFO) {
        Kind::Other("a FIFO")
    } else if has(go::SOCKET) {
        Kind::Other("a socket")
    } else {
        Kind::File
    }
}

fn known(stat: &messages::Stat) -> Stat {
    Stat {
        kind: kind(stat),
        size: u64::try_from(stat.size).unwrap_or(0),
        is_executable: stat.mode & 0o100 != 0,
        is_readable_by_all: true,
    }
}

impl World for Files {
    fn announce(&self, paths: &[PathBuf]) {
        let mut wanted: BTreeMap<PathBuf, (Root, Vec<PathBuf>)> = BTreeMap::new();
        for path in paths {
            if let Ok((at, root, rest)) = self.place(path) {
                wanted.entry(at).or_insert_with(|| (root, Vec::new())).1.push(rest);
            }
        }
        for (at, (root, mut paths)) in wanted {
            paths.sort();
            paths.dedup();
            // What cannot be fetched is asked for again, one by one, and whoever asks sees why.
            drop(self.part(&at, &root, &paths, true));
        }
    }

    fn lstat(&self, path: &Path) -> io::Result<Stat> {
        self.found(path, false).map(|stat| known(&stat))
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        let found = self.found(path, false)?;
        if kind(&found) != Kind::Symlink {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(found.linkname.into())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let (at, root, rest) = self.place(path)?;
        let reference = self.part(&at, &root, std::slice::from_ref(&rest), true)?;
        let folder = self.folder(&reference, &rest)?;
        let entry = |(name, stat): (&OsString, &messages::Stat)| Entry {
            name: name.clone(),
            kind: kind(stat),
        };
        Ok(folder.iter().map(entry).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        let path = self.canonicalize(path)?;
        let found = self.found(&path, true)?;
        match kind(&found) {
            Kind::File => {}
            Kind::Folder => return Err(io::ErrorKind::IsADirectory.into()),
            other => return Err(io::Error::other(format!("it is {}", other.words()))),
        }
        let (at, root, rest) = self.place(&path)?;
        let reference = self.part(&at, &root, std::slice::from_ref(&rest), true)?;
        Ok(Box::new(Open {
            gateway: self.gateway.clone(),
            reference,
            path: inside(&rest)?,
            size: u64::try_from(found.size).unwrap_or(0),
            at: 0,
            chunk: Vec::new(),
            chunk_at: 0,
        }))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        // The whole path is asked for first, or its first folder would be fetched with all that is in it.
        let (at, root, rest) = self.place(path)?;
        if rest.as_os_str().is_empty() {
            return Ok(at);
        }
        self.part(&at, &root, std::slice::from_ref(&rest), false)?;
        let mut real = PathBuf::new();
        let mut rest: Vec<OsString> = names(&normalize(path), &at);
        let mut links = 0;
        while let Some(name) = rest.pop() {
            if name == ".." {
                real.pop();
                continue;
            }
            let next = real.join(&name);
            let whole = at.join(&next);
            match self.lstat(&whole)?.kind {
                Kind::Symlink => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(too_many_links());
                    }
                    let target = self.read_link(&whole)?;
                    if target.is_absolute() {
                        // An absolute one means the root of whoever follows it, which here is the context.
                        real = PathBuf::new();
                    }
                    rest.extend(names(&target, Path::new("/")));
                    // What it leads to is asked for whole, too.
                    let wanted =
                        rest.iter().rev().fold(at.join(&real), |path, name| path.join(name));
                    if let Ok((at, root, rest)) = self.place(&wanted) {
                        self.part(&at, &root, std::slice::from_ref(&rest), false)?;
                    }
                }
                Kind::File | Kind::Other(_) if !rest.is_empty() => {
                    return Err(io::ErrorKind::NotADirectory.into());
                }
                _ => real = next,
            }
        }
        Ok(at.join(real))
    }
}

/// The names of a path below a folder, the last one first.
fn names(path: &Path, folder: &Path) -> Vec<OsString> {
    let path = path.strip_prefix(folder).unwrap_or(path);
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        _ => None,
    };
    path.components().rev().filter_map(name).collect()
}

/// A file that is read in parts.
struct Open {
    gateway: Rc<Gateway>,
    reference: Rc<str>,
    path: String,
    size: u64,
    at: u64,
    chunk: Vec<u8>,
    chunk_at: u64,
}

impl Read for Open {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let inside = self.at.checked_sub(self.chunk_at).and_then(|at| usize::try_from(at).ok());
        let there = inside.and_then(|at| self.chunk.get(at..)).filter(|bytes| !bytes.is_empty());
        let bytes = match there {
            Some(bytes) => bytes,
            None => {
                let offset = i64::try_from(self.at).map_err(io::Error::other)?;
                let length = i64::try_from(CHUNK).map_err(io::Error::other)?;
                let read = self.gateway.read_file(&self.reference, &self.path, offset, length);
                self.chunk = read.map_err(CallError::into_io)?;
                self.chunk_at = self.at;
                if self.chunk.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                &self.chunk
            }
        };
        let count = bytes.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Open {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
