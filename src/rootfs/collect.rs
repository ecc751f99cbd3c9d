//! Requests to a tree: walks the sources and finds what cannot be.

use super::{Content, ImagePath, Node, Origin, Problem, Request, Source, Tree};
use crate::world::{Kind, Stat, World};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// Looks at every source and puts it in its place, over what is there in the base. Folders that the base has are not
/// in the tree, unless their owner or mode changes.
///
/// # Errors
/// Everything that is wrong with any of the requests.
pub fn collect<S>(
    requests: &[Request],
    base: &Tree<S>,
    world: &dyn World,
) -> Result<Tree, Vec<Problem>> {
    let mut collector = Collector {
        world,
        base,
        nodes: BTreeMap::new(),
        alone: BTreeSet::new(),
        problems: Vec::new(),
    };
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

struct Collector<'b, S> {
    /// Where the sources are.
    world: &'b dyn World,
    /// What is there already.
    base: &'b Tree<S>,
    /// What is at a path, and which request put it there.
    nodes: BTreeMap<ImagePath, (Node, usize)>,
    /// The requests that make a folder.
    alone: BTreeSet<usize>,
    problems: Vec<Problem>,
}

impl<S> Collector<'_, S> {
    fn io(&mut self, request: usize, operation: &'static str, path: &Path, error: io::Error) {
        self.problems.push(Problem::Io { request, operation, path: path.to_owned(), error });
    }

    fn add(&mut self, index: usize, request: &Request) {
        let source = match &request.source {
            Source::Path(source) => source,
            Source::Folder => {
                let mode = request.mode.unwrap_or(0o755);
                return self.add_made(index, request, Content::Directory, mode);
            }
            Source::Symlink(target) => {
                return self.add_made(index, request, Content::Symlink(target.clone()), 0o777);
            }
            Source::Bytes(bytes) => {
                let mode = request.mode.unwrap_or(0o644);
                return self.add_made(index, request, Content::Bytes(bytes.clone()), mode);
            }
            Source::Nodes(node, below) => return self.add_nodes(index, request, node, below),
        };
        let stat = match self.world.stat(source) {
            Ok(stat) => stat,
            Err(error) => return self.io(index, "read", source, error),
        };
        let destination = request.destination.clone();
        if destination.is_root() && stat.kind != Kind::Folder {
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
        let (uid, gid) = (0, 0);
        self.add_nodes(index, request, &Node { content, mode, uid, gid }, &[]);
    }

    /// Adds what an image has at a path, with what is below it.
    fn add_nodes(
        &mut self,
        index: usize,
        request: &Request,
        node: &Node,
        below: &[(ImagePath, Node)],
    ) {
        let destination = &request.destination;
        if destination.is_root() && node.content != Content::Directory {
            return self.problems.push(Problem::Root { request: index });
        }
        self.insert(index, request, destination.clone(), with_mode(node, request));
        for (path, node) in below {
            match path.below(destination) {
                Ok(inner) => self.insert(index, request, inner, with_mode(node, request)),
                Err(fault) => {
                    let path = PathBuf::from(path.to_string());
                    self.problems.push(Problem::Name { request: index, path, fault });
                }
            }
        }
    }

    fn walk(
        &mut self,
        index: usize,
        request: &Request,
        folder: &Path,
        destination: &ImagePath,
        waiting: &mut Vec<(PathBuf, ImagePath)>,
    ) {
        let entries = match self.world.list_stats(folder) {
            Ok(entries) => entries,
            Err(error) => return self.io(index, "read the folder", folder, error),
        };
        for (name, stat) in entries {
            let path = folder.join(&name);
            let inner = match destination.join(name.as_encoded_bytes()) {
                Ok(inner) => inner,
                Err(fault) => {
                    self.problems.push(Problem::Name { request: index, path, fault });
                    continue;
                }
            };
            match stat {
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
        stat: Stat,
        waiting: &mut Vec<(PathBuf, ImagePath)>,
    ) {
        let plain = if stat.is_executable { 0o755 } else { 0o644 };
        let (content, mode) = match stat.kind {
            Kind::Folder => {
                waiting.push((source.to_owned(), destination.clone()));
                (Content::Directory, 0o755)
            }
            Kind::File => {
                // An unreadable file is found before anything is written, unless only an access list says so.
                if !stat.is_readable_by_all
                    && let Err(error) = self.world.check_readable(source)
                {
                    return self.io(index, "read", source, error);
                }
                let origin = Origin::Path(source.to_owned());
                let content = Content::File { source: origin, size: stat.size };
                (content, request.mode.unwrap_or(plain))
            }
            Kind::Symlink => match self.world.read_link(source) {
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
        self.insert(index, request, destination, Node { content, mode, uid: 0, gid: 0 });
    }

    fn insert(&mut self, index: usize, request: &Request, destination: ImagePath, node: Node) {
        if destination.is_root() {
            return;
        }
        let node = match request.owner {
            Some((uid, gid)) => Node { uid, gid, ..node },
            None => node,
        };
        // Folders are merged. As with docker, one that is there keeps its owner and its mode only where the whole
        // source is put into it. A folder that is made says them, whatever comes before it or after it.
        let is_alone = matches!(request.source, Source::Folder);
        let overrides = is_alone || destination != request.destination;
        let Some(destination) = self.over_base(index, destination, &node, overrides) else {
            return;
        };
        match self.nodes.get(&destination) {
            None => {}
            Some((there, first))
                if there.content == Content::Directory && node.content == Content::Directory =>
            {
                let is_said = !request.replaces && self.alone.contains(first);
                if is_said && is_alone && *there != node {
                    let problem =
                        Problem::Twice { request: index, first: *first, path: destination };
                    return self.problems.push(problem);
                }
                if is_said || !overrides {
                    return;
                }
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
        if is_alone {
            self.alone.insert(index);
        }
        self.nodes.insert(destination, (node, index));
    }

    /// Where a node goes that is put over the base: behind the base's symlinks. Nothing comes back for a folder that is
    /// there and does not change, and for what cannot be.
    fn over_base(
        &mut self,
        index: usize,
        destination: ImagePath,
        node: &Node,
        overrides: bool,
    ) -> Option<ImagePath> {
        if self.base.is_empty() {
            return Some(destination);
        }
        let path = self.base.follow_parents(destination);
        let is_folder = match self.base.walk(&[b"/", path.as_bytes()].concat()) {
            // A symlink is replaced by a file, and followed by a folder.
            Ok(found) if node.content == Content::Directory => {
                if !self.base.is_folder(&found.path) {
                    self.in_the_way(index, found.path, false);
                    return None;
                }
                let there =
                    found.node.map_or((0o755, 0, 0), |node| (node.mode, node.uid, node.gid));
                let changes = there != (node.mode, node.uid, node.gid);
                return (overrides && changes).then_some(found.path);
            }
            _ => self.base.is_folder(&path),
        };
        if is_folder && node.content != Content::Directory {
            self.problems.push(Problem::OverFolder { request: index, path });
            return None;
        }
        // Symlinks that go somewhere have been followed.
        let in_the_way = path.prefixes().filter(|parent| *parent != path).find_map(|parent| {
            let is_link = match self.base.get(&parent)?.content {
                Content::Directory => return None,
                Content::Symlink(_) => true,
                Content::File { .. } | Content::Bytes(_) | Content::Special(_) => false,
            };
            Some((parent, is_link))
        });
        match in_the_way {
            None => Some(path),
            Some((parent, is_link)) => {
                self.in_the_way(index, parent, is_link);
                None
            }
        }
    }

    /// Says that a file or symlink of the base is where a request needs a folder, once for all that it puts there.
    fn in_the_way(&mut self, request: usize, parent: ImagePath, is_link: bool) {
        let is_known = self.problems.iter().any(|problem| match problem {
            Problem::BelowBaseFile { request: known, parent: other }
            | Problem::BelowBaseLink { request: known, parent: other } => {
                (*known, other) == (request, &parent)
            }
            _ => false,
        });
        if !is_known {
            self.problems.push(if is_link {
                Problem::BelowBaseLink { request, parent }
            } else {
                Problem::BelowBaseFile { request, parent }
            });
        }
    }

    fn check_parents(&mut self) {
        let mut reported = BTreeSet::new();
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

/// A node with the mode that the request gives its regular files.
fn with_mode(node: &Node, request: &Request) -> Node {
    let mode = match node.content {
        Content::File { .. } | Content::Bytes(_) => request.mode.unwrap_or(node.mode),
        Content::Directory | Content::Symlink(_) | Content::Special(_) => node.mode,
    };
    Node { mode, ..node.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    fn path(text: &str) -> ImagePath {
        ImagePath::parse(text.as_bytes()).unwrap()
    }

    fn request(source: &str, destination: &str) -> Request {
        Request {
            source: Source::Path(source.into()),
            destination: path(destination),
            mode: None,
            owner: None,
            replaces: false,
        }
    }

    fn base() -> Tree<()> {
        let node = |content| Node { content, mode: 0o700, uid: 5, gid: 5 };
        [
            ("/usr/lib", Content::Directory),
            ("/usr/lib/old", Content::File { source: (), size: 1 }),
            ("/lib", Content::Symlink(b"usr/lib".to_vec())),
            ("/loop", Content::Symlink(b"loop".to_vec())),
        ]
        .into_iter()
        .map(|(at, content)| (path(at), node(content)))
        .collect()
    }

    #[test]
    fn files_go_through_the_symlinks_of_the_base() {
        let world = Memory::default()
            .file("/p/new", "1")
            .program("/p/dir/lib/run", "22")
            .symlink("/p/dir/link", "x");
        let requests = [request("/p/new", "/lib/new"), request("/p/dir", "/")];
        let tree = collect(&requests, &base(), &world).unwrap();
        let found: Vec<String> = tree.iter().map(|(path, _)| path.to_string()).collect();
        // A folder below a source gives its mode to the one that is there, as with docker; the folder that the source is
        // put into keeps its own.
        assert_eq!(found, ["/link", "/usr/lib", "/usr/lib/new", "/usr/lib/run"]);
        assert_eq!(tree.get(&path("/usr/lib")).map(|node| (node.mode, node.uid)), Some((0o755, 0)));
        assert_eq!(tree.get(&path("/usr/lib/run")).unwrap().mode, 0o755);
    }

    #[test]
    fn what_the_base_does_not_allow() {
        let world = Memory::default().file("/p/new", "1").folder("/p/dir");
        let problem = |destination: &str, source: &str| {
            let problems = collect(&[request(source, destination)], &base(), &world).unwrap_err();
            problems.first().map(|problem| problem.report(Path::new("/p")).1).unwrap()
        };
        let over = "is a folder in the base, and a file cannot take its place";
        assert_eq!(problem("/usr/lib", "/p/new"), format!("`/usr/lib` {over}"));
        assert_eq!(problem("/usr", "/p/new"), format!("`/usr` {over}"));
        let below = "is a file in the base, so nothing can be below it";
        assert_eq!(problem("/lib/old/x", "/p/new"), format!("`/usr/lib/old` {below}"));
        assert_eq!(problem("/lib/old", "/p/dir"), format!("`/usr/lib/old` {below}"));
        // A symlink is replaced by a file, and a file by another one.
        for destination in ["/lib", "/usr/lib/old", "/loop"] {
            assert!(collect(&[request("/p/new", destination)], &base(), &world).is_ok());
        }
    }

    /// COPY of docker: a folder that is there keeps its owner only where all of a source is put into it.
    #[test]
    fn folders_below_a_source_give_their_owners() {
        let node = |mode, uid| Node { content: Content::Directory, mode, uid, gid: 0 };
        let folder = |at: &str, owner, mode| Request {
            source: Source::Folder,
            owner,
            mode,
            replaces: true,
            ..request("", at)
        };
        let below = vec![(path("/b"), node(0o711, 1)), (path("/c"), node(0o755, 0))];
        let copied = Request {
            source: Source::Nodes(node(0o700, 2), below),
            replaces: true,
            ..request("", "/a")
        };
        let requests =
            [folder("/a", Some((3, 4)), Some(0o750)), folder("/a/b", None, None), copied];
        let tree = collect(&requests, &Tree::<()>::default(), &Memory::default()).unwrap();
        let found = |at: &str| tree.get(&path(at)).map(|node| (node.mode, node.uid, node.gid));
        assert_eq!(found("/a"), Some((0o750, 3, 4)));
        assert_eq!(found("/a/b"), Some((0o711, 1, 0)));
        assert_eq!(found("/a/c"), Some((0o755, 0, 0)));
        // Over a base, too, and only where something changes.
        let base: Tree<()> = [
            (path("/a"), Node { content: Content::Directory, mode: 0o700, uid: 5, gid: 5 }),
            (path("/a/c"), Node { content: Content::Directory, mode: 0o755, uid: 0, gid: 0 }),
        ]
        .into_iter()
        .collect();
        let tree = collect(&requests[2..], &base, &Memory::default()).unwrap();
        let found = |at: &str| tree.get(&path(at)).map(|node| (node.mode, node.uid, node.gid));
        assert_eq!(found("/a"), None);
        assert_eq!(found("/a/b"), Some((0o711, 1, 0)));
        assert_eq!(found("/a/c"), None);
    }
}
