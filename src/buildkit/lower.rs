//! From an image to the operations that make it: an operation a layer, so that what did not change is known.
//!
//! A folder gets the time of its last change when something is put into it. So the folders of a layer, with all that is
//! small, are made apart, and copied over the files at the end: then every time, mode and owner is as it is said.

use super::llb::{Graph, Node, Steps, owner};
use super::messages::{Action, Copy, Definition, MakeFile, MakeFolder, Platform, Remove};
use crate::diag::Diagnostic;
use crate::explain::code;
use crate::image::{Image, Layer, Made, write};
use crate::rootfs::{Content, ImagePath, Origin, Window};
use crate::world::{ReadSeek, World};
use prost::Message as _;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The mode that leaves modes as they are.
const AS_IT_IS: i32 = -1;
/// The attribute of an image that says whether it is pulled when the engine has it.
const RESOLVE_MODE: &str = "image.resolvemode";
/// What the name of a whiteout begins with.
const WHITEOUT: &str = ".wh.";
/// BuildKit takes requests of 4 MiB; this leaves room for what else is in one.
const MAX_SIZE: usize = (4 << 20) - (4 << 10);
/// The name of an archive of symlinks, which is unpacked and gone.
const LINKS: &str = "/links.tar";

/// Where the files of an image come from.
pub(super) struct Sources<'s> {
    /// The operation of each root, which is given the paths that are used of it.
    pub(super) roots: BTreeMap<PathBuf, RootOp>,
    /// The base.
    pub(super) base: Option<RootOp>,
    /// Whether every layer is made anew.
    pub(super) ignore_cache: bool,
    /// What the files are read from that are put in line.
    pub(super) world: &'s Rc<dyn World>,
    /// Paths that have been fetched of a root, for some that are used of it.
    pub(super) known: &'s dyn Fn(&Path, &[PathBuf]) -> Vec<PathBuf>,
}

/// How a root is made.
#[derive(Debug, Clone)]
pub(super) enum RootOp {
    /// Files of the client: the name and the session.
    Client { name: String, session: Option<String> },
    /// An image.
    Image {
        /// Its whole name, with its digest where that is known.
        name: String,
        platform: Platform,
        resolve_mode: Option<String>,
    },
}

impl RootOp {
    pub(super) fn node(&self, graph: &mut Graph, paths: &[PathBuf]) -> Node {
        match self {
            RootOp::Client { name, session } => {
                super::files::local(graph, name, session.as_deref(), paths)
            }
            RootOp::Image { name, platform, resolve_mode } => {
                let mode = resolve_mode.iter().map(|mode| (RESOLVE_MODE.to_owned(), mode.clone()));
                let (identifier, shown) =
                    (format!("docker-image://{name}"), format!("FROM {name}"));
                graph.source(&identifier, mode.collect(), Some(platform.clone()), &shown)
            }
        }
    }
}

/// The operations that make an image.
///
/// # Errors
/// They do not fit into a request, or a file is not in one of the sources.
pub(super) fn lower(image: &Image, sources: &Sources<'_>) -> Result<Definition, Box<Diagnostic>> {
    let image = &with_made(image, sources.world)?;
    let made: Vec<&Made> = image
        .layers
        .iter()
        .filter_map(|layer| match layer {
            Layer::Made(made) => Some(made),
            Layer::Kept(_) => None,
        })
        .collect();
    let mut graph = Graph::new(sources.ignore_cache);
    let nodes = fetched(&mut graph, &made, sources);
    let nanoseconds = i64::try_from(image.created).unwrap_or(0).saturating_mul(1_000_000_000);
    let mut state = sources.base.as_ref().map(|base| base.node(&mut graph, &[]));
    for made in made {
        let layer = OneLayer { made, nanoseconds, created: image.created, nodes: &nodes };
        state = Some(layer.lower(&mut graph, state.as_ref())?);
    }
    // There is always a layer with urunc.json.
    let definition = state.map(|node| graph.definition(&node)).unwrap_or_default();
    let size = definition.encoded_len();
    if size > MAX_SIZE {
        let title = format!("it takes {size} bytes to describe the image to BuildKit");
        let diagnostic = Diagnostic::error(code::BUILDKIT_TOO_LARGE, title);
        return Err(Box::new(
            diagnostic
                .with_why(format!(
                    "BuildKit takes {MAX_SIZE}; each file takes some, and files whose text is in the file that is built take as much as they have"
                ))
                .with_help("put long texts into files of the build context, and many small files into one"),
        ));
    }
    Ok(definition)
}

/// The same image with the bytes of what is in no file that BuildKit can get: what is made here, and what is in an archive.
///
/// # Errors
/// They do not fit into a request, or one of their sources cannot be read.
fn with_made(image: &Image, world: &Rc<dyn World>) -> Result<Image, Box<Diagnostic>> {
    let mut image = image.clone();
    for layer in &mut image.layers {
        let Layer::Made(made) = layer else { continue };
        for (path, node) in &mut made.entries {
            let Content::File { source, size } = &node.content else { continue };
            let mut reader: Box<dyn ReadSeek> = match source {
                Origin::Pieces(pieces) => Box::new(pieces.open(Rc::clone(world))),
                Origin::Part(part) => Box::new(Window::new(part.clone(), *size)),
                Origin::Path(_) => continue,
            };
            if *size > MAX_SIZE as u64 {
                let title = format!("`{path}` is too large for BuildKit");
                let diagnostic = Diagnostic::error(code::BUILDKIT_TOO_LARGE, title);
                return Err(Box::new(
                    diagnostic
                        .with_why(format!(
                            "it has {size} bytes and is no file of the build context; BuildKit takes {MAX_SIZE} bytes with a request"
                        ))
                        .with_help(
                            "build the image with `bimanix build`, or put the file itself into the build context",
                        ),
                ));
            }
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map_err(|error| {
                Box::new(Diagnostic::io(
                    code::ROOTFS_MADE,
                    "make",
                    Path::new(&path.to_string()),
                    &error,
                ))
            })?;
            node.content = Content::Bytes(bytes);
        }
    }
    Ok(image)
}

/// The operation that fetches what is used of each root.
fn fetched(graph: &mut Graph, made: &[&Made], sources: &Sources<'_>) -> BTreeMap<PathBuf, Node> {
    let mut used: BTreeMap<&PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for (_, node) in made.iter().flat_map(|made| &made.entries) {
        let Content::File { source: Origin::Path(path), .. } = &node.content else { continue };
        let root = sources.roots.iter().find(|(root, _)| path.starts_with(root));
        let Some((root, _)) = root else { continue };
        let rest = path.strip_prefix(root).unwrap_or(path);
        used.entry(root).or_default().push(rest.to_owned());
    }
    let mut nodes = BTreeMap::new();
    for (root, mut paths) in used {
        paths.sort();
        paths.dedup();
        if let Some(op) = sources.roots.get(root) {
            let paths = (sources.known)(root, &paths);
            nodes.insert(root.clone(), op.node(graph, &paths));
        }
    }
    nodes
}

struct OneLayer<'l> {
    made: &'l Made,
    created: u64,
    nanoseconds: i64,
    nodes: &'l BTreeMap<PathBuf, Node>,
}

impl OneLayer<'_> {
    fn lower(&self, graph: &mut Graph, state: Option<&Node>) -> Result<Node, Box<Diagnostic>> {
        let mut steps = Steps::on(state);
        for (path, node) in &self.made.entries {
            let source = match &node.content {
                Content::File { source: Origin::Path(source), .. } => Some(source),
                _ => None,
            };
            let Some(source) = source else {
                if let Some(removed) = removed(path) {
                    let allow_not_found = false;
                    steps.then(None, Action::Remove(Remove { path: removed, allow_not_found }));
                }
                continue;
            };
            let found = self
                .nodes
                .iter()
                .find_map(|(root, node)| Some((node, source.strip_prefix(root).ok()?)));
            let Some((from, rest)) = found else { return Err(Box::new(elsewhere(source))) };
            let copy = Copy {
                src: text(&Path::new("/").join(rest)),
                dest: path.to_string(),
                owner: Some(owner(node.uid, node.gid)),
                mode: mode(node.mode),
                create_dest_path: true,
                timestamp: self.nanoseconds,
                ..Copy::default()
            };
            steps.then(Some(from), Action::Copy(copy));
        }
        if let Some(skeleton) = self.skeleton(graph)? {
            let copy = Copy {
                src: "/".to_owned(),
                dest: "/".to_owned(),
                mode: AS_IT_IS,
                dir_copy_contents: true,
                timestamp: self.nanoseconds,
                ..Copy::default()
            };
            steps.then(Some(&skeleton), Action::Copy(copy));
        }
        Ok(graph.files(steps.done(), &self.made.title))
    }

    /// The folders of the layer, and all in them that has no source.
    fn skeleton(&self, graph: &mut Graph) -> Result<Option<Node>, Box<Diagnostic>> {
        let mut steps = Steps::on(None);
        for (path, node) in &self.made.entries {
            let owner = Some(owner(node.uid, node.gid));
            let (path, mode, timestamp) = (path.to_string(), mode(node.mode), self.nanoseconds);
            match &node.content {
                Content::Directory => {
                    let make_parents = false;
                    let folder = MakeFolder { path, mode, make_parents, owner, timestamp };
                    steps.then(None, Action::MakeFolder(folder));
                }
                Content::Bytes(_) if is_whiteout(&path) => {}
                Content::Bytes(bytes) => {
                    let data = bytes.clone();
                    let file = MakeFile { path, mode, data, owner, timestamp };
                    steps.then(None, Action::MakeFile(file));
                }
                Content::File { .. } | Content::Symlink(_) | Content::Special(_) => {}
            }
        }
        let name = format!("{}: folders", self.made.title);
        let made = (!steps.is_empty()).then(|| graph.files(steps.done(), &name));
        self.with_links(graph, made)
    }

    /// The same with symlinks and devices, which only the newest releases can make: all can unpack them.
    fn with_links(
        &self,
        graph: &mut Graph,
        skeleton: Option<Node>,
    ) -> Result<Option<Node>, Box<Diagnostic>> {
        let is_link =
            |content: &Content| matches!(content, Content::Symlink(_) | Content::Special(_));
        let links: Vec<_> =
            self.made.entries.iter().filter(|(_, node)| is_link(&node.content)).cloned().collect();
        if links.is_empty() {
            return Ok(skeleton);
        }
        let archive = Made { title: String::new(), entries: links };
        let data = write::layer_tar(&archive, self.created)
            .map_err(|error| Box::new(error.report("a layer")))?;
        let mut steps = Steps::on(None);
        let (path, owner, timestamp) = (LINKS.to_owned(), Some(owner(0, 0)), self.nanoseconds);
        steps.then(None, Action::MakeFile(MakeFile { path, mode: 0o644, data, owner, timestamp }));
        let name = format!("{}: symlinks", self.made.title);
        let archive = graph.files(steps.done(), &name);
        let mut steps = Steps::on(skeleton.as_ref());
        let copy = Copy {
            src: LINKS.to_owned(),
            dest: "/".to_owned(),
            mode: AS_IT_IS,
            attempt_unpack: true,
            timestamp: AS_IT_IS.into(),
            ..Copy::default()
        };
        steps.then(Some(&archive), Action::Copy(copy));
        Ok(Some(graph.files(steps.done(), &name)))
    }
}

/// That a file is not where BuildKit can get it.
fn elsewhere(source: &Path) -> Diagnostic {
    let title = format!("`{}` is not in the build context", source.display());
    Diagnostic::error(code::BUILDKIT_SOURCE, title)
        .with_why("BuildKit is given the files of one folder")
        .with_help("move the file there")
}

fn mode(mode: u32) -> i32 {
    i32::try_from(mode).unwrap_or(0o644)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn is_whiteout(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with(WHITEOUT))
}

/// What a whiteout removes.
fn removed(path: &ImagePath) -> Option<String> {
    let path = path.to_string();
    let (folder, name) = path.rsplit_once('/')?;
    name.strip_prefix(WHITEOUT).map(|name| format!("{folder}/{name}"))
}
