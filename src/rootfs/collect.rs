//! Requests to a tree: walks the sources and finds what cannot be.

use super::{Content, ImagePath, Node, PathFault, Request, Source, Tree};
use crate::diag::describe_io;
use crate::host::{self, Folder, Kind};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with a request, by its index.
#[derive(Debug)]
pub enum Problem {
    /// A source that cannot be looked at.
    Io {
        /// The request.
        request: usize,
        /// What was tried.
        operation: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// A FIFO, socket or device.
    Special {
        /// The request.
        request: usize,
        /// Where.
        path: PathBuf,
        /// What it is, in words.
        kind: &'static str,
    },
    /// A name in a source folder that cannot be in an image.
    Name {
        /// The request.
        request: usize,
        /// Where.
        path: PathBuf,
        /// The rule it breaks.
        fault: PathFault,
    },
    /// A file or symlink at the root of the image.
    Root {
        /// The request.
        request: usize,
    },
    /// Two sources for one path.
    Twice {
        /// The second request.
        request: usize,
        /// The first request.
        first: usize,
        /// The path.
        path: ImagePath,
    },
    /// Something below what is not a folder.
    BelowFile {
        /// The request that goes below.
        request: usize,
        /// The request that made the file or symlink.
        first: usize,
        /// The file or symlink.
        parent: ImagePath,
    },
}

/// The rule a path breaks, in words.
pub fn words(fault: PathFault) -> &'static str {
    match fault {
        PathFault::Relative => "it does not begin with `/`",
        PathFault::Parent => "it holds `..`",
        PathFault::Whiteout => "a name that begins with `.wh.` deletes files of the layers below",
        PathFault::Nul => "it holds a NUL byte",
        PathFault::TooLong => "a name has at most 255 bytes, and a path 4096",
    }
}

/// Looks at every source and puts it in its place.
///
/// # Errors
/// Everything that is wrong with any of the requests.
pub fn collect(requests: &[Request]) -> Result<Tree, Vec<Problem>> {
    let mut collector = Collector { nodes: BTreeMap::new(), problems: Vec::new() };
    for (index, request) in requests.iter().enumerate() {
        collector.add(index, request);
    }
    collector.check_parents();
    if collector.problems.is_empty() {
        Ok(collector.nodes.into_iter().map(|(path, (node, _))| (path, node)).collect())
    } else {
        Err(collector.problems)
    }
}

struct Collector {
    /// What stands at a path, and which request put it there.
    nodes: BTreeMap<ImagePath, (Node, usize)>,
    problems: Vec<Problem>,
}

impl Collector {
    fn io(&mut self, request: usize, operation: &'static str, path: &Path, error: io::Error) {
        self.problems.push(Problem::Io { request, operation, path: path.to_owned(), error });
    }

    fn add(&mut self, index: usize, request: &Request) {
        let source = match &request.source {
            Source::Path(source) => source,
            Source::Folder => return self.add_made(index, request, Content::Directory, 0o755),
            Source::Symlink(target) => {
                return self.add_made(index, request, Content::Symlink(target.clone()), 0o777);
            }
            Source::Bytes(bytes) => {
                let mode = request.mode.unwrap_or(0o644);
                return self.add_made(index, request, Content::Bytes(bytes.clone()), mode);
            }
        };
        let stat = match host::stat(source) {
            Ok(stat) => stat,
            Err(error) => return self.io(index, "read", source, error),
        };
        let destination = request.destination.clone();
        if destination.is_root() && stat.kind != Kind::Directory {
            return self.problems.push(Problem::Root { request: index });
        }
        // Folders still to be walked, with where they go: recursion would bound their depth.
        let mut waiting = Vec::new();
        self.place(index, request, source, destination, stat, &mut waiting);
        while let Some((folder, destination)) = waiting.pop() {
            self.walk(index, request, &folder, &destination, &mut waiting);
        }
    }

    /// Adds what is made here, without a source.
    fn add_made(&mut self, index: usize, request: &Request, content: Content, mode: u32) {
        let destination = request.destination.clone();
        if destination.is_root() && content != Content::Directory {
            return self.problems.push(Problem::Root { request: index });
        }
        self.insert(index, request, destination, content, mode);
    }

    fn walk(
        &mut self,
        index: usize,
        request: &Request,
        folder: &Path,
        destination: &ImagePath,
        waiting: &mut Vec<(PathBuf, ImagePath)>,
    ) {
        let listed = host::read_dir(folder).and_then(|names| Ok((names, Folder::open(folder)?)));
        let (entries, opened) = match listed {
            Ok(listed) => listed,
            Err(error) => return self.io(index, "read the folder", folder, error),
        };
        for entry in entries {
            let path = folder.join(&entry.name);
            let inner = match destination.join(entry.name.as_encoded_bytes()) {
                Ok(inner) => inner,
                Err(fault) => {
                    self.problems.push(Problem::Name { request: index, path, fault });
                    continue;
                }
            };
            match opened.lstat(&entry.name) {
                Ok(stat) => self.place(index, request, &path, inner, stat, waiting),
                Err(error) => self.io(index, "read", &path, error),
            }
        }
    }

    fn place(
        &mut self,
        index: usize,
        request: &Request,
        source: &Path,
        destination: ImagePath,
        stat: host::Stat,
        waiting: &mut Vec<(PathBuf, ImagePath)>,
    ) {
        let plain = if stat.executable { 0o755 } else { 0o644 };
        let (content, mode) = match stat.kind {
            Kind::Directory => {
                waiting.push((source.to_owned(), destination.clone()));
                (Content::Directory, 0o755)
            }
            Kind::File => {
                // An unreadable file is found before anything is written, unless only an access list says so.
                if !stat.readable_by_all
                    && let Err(error) = host::check_readable(source)
                {
                    return self.io(index, "read", source, error);
                }
                let content = Content::File { source: source.to_owned(), size: stat.size };
                (content, request.mode.unwrap_or(plain))
            }
            Kind::Symlink => match host::read_link(source) {
                Ok(target) => {
                    (Content::Symlink(target.into_os_string().into_encoded_bytes()), 0o777)
                }
                Err(error) => return self.io(index, "read the link", source, error),
            },
            Kind::Other(kind) => {
                let path = source.to_owned();
                return self.problems.push(Problem::Special { request: index, path, kind });
            }
        };
        self.insert(index, request, destination, content, mode);
    }

    fn insert(
        &mut self,
        index: usize,
        request: &Request,
        destination: ImagePath,
        content: Content,
        mode: u32,
    ) {
        if destination.is_root() {
            return;
        }
        let (uid, gid) = request.owner.unwrap_or((0, 0));
        let node = Node { content, mode, uid, gid };
        match self.nodes.get(&destination) {
            None => {}
            // Two folders are merged.
            Some((Node { content: Content::Directory, .. }, _))
                if node.content == Content::Directory =>
            {
                return;
            }
            Some((Node { content: Content::Directory, .. }, _)) if request.replaces => {
                self.nodes.retain(|path, _| !path.is_below(&destination));
            }
            Some(_) if request.replaces => {}
            Some(&(_, first)) => {
                let problem = Problem::Twice { request: index, first, path: destination };
                return self.problems.push(problem);
            }
        }
        self.nodes.insert(destination, (node, index));
    }

    fn check_parents(&mut self) {
        let mut reported = std::collections::BTreeSet::new();
        let mut checked = None;
        for (path, &(_, request)) in &self.nodes {
            // What follows is most often in the same folder, put there by the same request.
            let folder = (path.parent_bytes(), request);
            if checked == Some(folder) {
                continue;
            }
            checked = Some(folder);
            for parent in path.prefixes().filter(|parent| parent != path) {
                let Some((node, first)) = self.nodes.get(&parent) else { continue };
                if node.content != Content::Directory && reported.insert((request, parent.clone()))
                {
                    self.problems.push(Problem::BelowFile { request, first: *first, parent });
                }
            }
        }
    }
}

impl Problem {
    /// The request to mend.
    pub fn request(&self) -> usize {
        match self {
            Problem::Io { request, .. }
            | Problem::Special { request, .. }
            | Problem::Name { request, .. }
            | Problem::Root { request }
            | Problem::Twice { request, .. }
            | Problem::BelowFile { request, .. } => *request,
        }
    }

    /// The other request it is about.
    pub fn other(&self) -> Option<usize> {
        match self {
            Problem::Twice { first, .. } | Problem::BelowFile { first, .. } => Some(*first),
            _ => None,
        }
    }

    /// Slug, title, reason and advice; paths below `folder` are shown from there.
    pub fn report(&self, folder: &Path) -> (&'static str, String, Option<String>, Option<String>) {
        let shown = |path: &Path| path.strip_prefix(folder).unwrap_or(path).display().to_string();
        match self {
            Problem::Io { operation, path, error, .. } => {
                let missing = error.kind() == io::ErrorKind::NotFound;
                (
                    if missing { "files/missing" } else { "files/unreadable" },
                    format!("cannot {operation} `{}`", shown(path)),
                    Some(describe_io(error)),
                    None,
                )
            }
            Problem::Special { path, kind, .. } => (
                "files/special",
                format!("`{}` is {kind}", shown(path)),
                Some("an image is made of regular files, folders and symlinks".into()),
                Some("leave it out of the folder, or name the files one by one".into()),
            ),
            Problem::Name { path, fault, .. } => (
                "files/name",
                format!("`{}` cannot be in an image", shown(path)),
                Some(words(*fault).into()),
                Some("rename it".into()),
            ),
            Problem::Root { .. } => (
                "files/root",
                "a file cannot be the root of the image".into(),
                None,
                Some(
                    "write \"/NAME\", or end the destination in `/` to put it into a folder".into(),
                ),
            ),
            Problem::Twice { path, .. } => (
                "files/twice",
                format!("two sources go to `{path}`"),
                None,
                Some("give one of them another destination".into()),
            ),
            Problem::BelowFile { parent, .. } => (
                "files/below-file",
                format!("`{parent}` is no folder, so nothing can be below it"),
                None,
                Some("give one of them another destination".into()),
            ),
        }
    }
}
