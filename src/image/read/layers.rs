//! Layers, one upon the other: what a container finds in its root.

use super::budget::Budget;
use super::members::{Member, Members, Skip, Stream};
use super::packed::{self, Bounded, Packing, unpack};
use super::shown;
use crate::host;
use crate::image::digest::Hashing;
use crate::image::{Check, Digest};
use crate::rootfs::{
    self, Content, Extent, ImagePath, Node, Origin, PathFault, Special, Tree, Window,
};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Seek as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use tar::EntryType;

/// Where the bytes of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The number of the layer, lowest first.
    pub layer: usize,
    /// Where they begin in the unpacked layer; none for a sparse file, whose bytes are in pieces.
    offset: Option<u64>,
}

impl Place {
    /// Where the bytes begin in the unpacked layer; none where they are in pieces.
    pub fn offset(self) -> Option<u64> {
        self.offset
    }
}

/// A layer of an image that was read.
#[derive(Debug)]
pub(super) struct LayerFile {
    /// The part that holds it.
    pub(super) name: String,
    /// Its bytes.
    pub(super) window: Window,
    pub(super) packing: Packing,
    pub(super) digest: Digest,
    pub(super) diff_id: Digest,
    /// As its descriptor says it; empty in a docker archive.
    pub(super) media_type: String,
    /// Those of its descriptor.
    pub(super) annotations: BTreeMap<String, String>,
    /// Whether the bytes have the digest.
    pub(super) is_checked: bool,
    /// The same layer unpacked and checked, once somebody has asked for it.
    pub(super) unpacked: OnceCell<Window>,
}

/// What a layer is, by its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadLayer {
    /// The digest of the bytes and that of the unpacked ones; none where they were not all read.
    pub(super) digests: Option<(Digest, Digest)>,
    pub(super) packing: Packing,
}

/// Reads as it hashes.
struct HashingReader<'h, R> {
    inner: R,
    hashing: &'h mut Hashing<io::Sink>,
}

impl<R: Read> Read for HashingReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hashing.write_all(buffer.get(..count).unwrap_or(&[]))?;
        Ok(count)
    }
}

/// How much is read at once.
const BUFFER: usize = 1 << 16;
/// The longest link target that Linux takes.
const MAX_LINK: usize = 4096;

/// Reads a layer into the tree of those below it.
///
/// # Errors
/// Those of the reader; bytes that are no layer, or one that leaves the image.
pub(super) fn read(
    mut blob: Window,
    layer: usize,
    tree: &mut Tree<Place>,
    budget: &Budget,
    check: Check,
) -> io::Result<ReadLayer> {
    if check == Check::Later {
        let mut start = Vec::new();
        blob.by_ref().take(packed::HEAD).read_to_end(&mut start)?;
        blob.rewind()?;
        if Packing::of(&start) == Packing::Plain {
            budget.unpack(blob.length())?;
            let mut members = Members::new(BufReader::new(blob));
            read_members(&mut members, layer, tree, budget, u64::MAX)?;
            return Ok(ReadLayer { digests: None, packing: Packing::Plain });
        }
    }
    let (mut packed, mut plain) = (Hashing::new(io::sink()), Hashing::new(io::sink()));
    let blob = BufReader::with_capacity(BUFFER, blob);
    let mut blob = HashingReader { inner: blob, hashing: &mut packed };
    let (packing, stream) = unpack(&mut blob)?;
    let stream = Bounded::new(stream, budget);
    let stream = HashingReader { inner: stream, hashing: &mut plain };
    let mut members = Members::new(Stream(BufReader::with_capacity(BUFFER, stream)));
    read_members(&mut members, layer, tree, budget, BUFFER as u64)?;
    // Behind the archive's end there may be padding, which the digests cover.
    io::copy(&mut members.into_inner(), &mut io::sink())?;
    io::copy(&mut blob, &mut io::sink())?;
    Ok(ReadLayer { digests: Some((packed.finish().0, plain.finish().0)), packing })
}

/// Reads the members, of whose bytes so many may be paid for before they are asked for.
fn read_members<R: Skip>(
    members: &mut Members<R>,
    layer: usize,
    tree: &mut Tree<Place>,
    budget: &Budget,
    ahead: u64,
) -> io::Result<()> {
    // Whiteouts remove what is below this layer, wherever in it they are.
    let mut own = Tree::default();
    while let Some(member) = members.next()? {
        budget.member(&member.name, &member.link)?;
        // What a header claims is too much before any of it has been unpacked.
        budget.fits(member.size.saturating_sub(ahead))?;
        put(member, layer, tree, &mut own, budget)?;
    }
    tree.overlay(own);
    Ok(())
}

fn broken(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn put(
    mut member: Member,
    layer: usize,
    below: &mut Tree<Place>,
    own: &mut Tree<Place>,
    budget: &Budget,
) -> io::Result<()> {
    let shown_name = String::from_utf8_lossy(&member.name).into_owned();
    let shown = || shown(&shown_name);
    let absolute = [b"/", member.name.as_slice()].concat();
    let whole = std::mem::take(&mut member.name);
    let name = whole.strip_suffix(b"/").unwrap_or(&whole);
    let (folder, name) = match name.iter().rposition(|&byte| byte == b'/') {
        Some(at) => (name.get(..at).unwrap_or(&[]), name.get(at + 1..).unwrap_or(&[])),
        None => (&[][..], name),
    };
    let parse = |path: &[u8]| {
        let fault = |fault: PathFault| {
            broken(format!("`{}` cannot be a path in an image: {}", shown(), rootfs::words(fault)))
        };
        ImagePath::parse(path).map_err(fault)
    };
    if let Some(hidden) = name.strip_prefix(b".wh.") {
        let folder = behind_links(parse(&[b"/", folder].concat())?, true, below, own);
        if hidden == b".wh..opq" {
            below.remove_below(&folder);
        } else if !hidden.starts_with(b".wh.") {
            // To some engines no name is the folder itself.
            let hidden = match hidden {
                b"" | b"." => None,
                name => folder.join(name).ok(),
            };
            let refused =
                || broken(format!("`{}` removes what cannot be a path in an image", shown()));
            below.remove(&hidden.ok_or_else(refused)?);
        }
        return Ok(());
    }
    let path = behind_links(parse(&absolute)?, false, below, own);
    if path.is_root() {
        return Ok(());
    }
    if let Some(parent) = parent_that_is_none(&path, below, own) {
        return Err(broken(format!("`{}` is below `{parent}`, which is no folder", shown())));
    }
    if member.link.len() > MAX_LINK {
        return Err(broken(format!("`{}` is a link of {} bytes", shown(), member.link.len())));
    }
    let content = match member.kind {
        EntryType::Directory => Content::Directory,
        EntryType::Symlink => Content::Symlink(std::mem::take(&mut member.link)),
        EntryType::Link => {
            let target = parse_target(&member.link, &shown())?;
            let target = behind_links(target, false, below, own);
            match own.get(&target).or(below.get(&target)) {
                Some(node) => {
                    if let Content::Symlink(target) = &node.content {
                        budget.keep(target.len() as u64)?;
                    }
                    // It is the same file, whatever this header says of its mode and owner.
                    (member.mode, member.uid, member.gid) = (node.mode, node.uid, node.gid);
                    node.content.clone()
                }
                None => {
                    let target = super::shown(&String::from_utf8_lossy(&member.link));
                    let name = shown();
                    return Err(broken(format!(
                        "`{name}` is a link to `{target}`, which is not there"
                    )));
                }
            }
        }
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => Content::File {
            source: Place { layer, offset: (!member.is_sparse).then_some(member.offset) },
            size: member.size,
        },
        EntryType::Char => Content::Special(Special::Character(member.device)),
        EntryType::Block => Content::Special(Special::Block(member.device)),
        EntryType::Fifo => Content::Special(Special::Fifo),
        _ => return Ok(()),
    };
    if content != Content::Directory {
        own.remove_below(&path);
    }
    let Member { mode, uid, gid, .. } = member;
    own.insert(path, Node { content, mode, uid, gid });
    Ok(())
}

/// What is above a path and is no folder, nor a symlink to one.
fn parent_that_is_none(
    path: &ImagePath,
    below: &Tree<Place>,
    own: &Tree<Place>,
) -> Option<ImagePath> {
    path.prefixes().filter(|prefix| prefix != path).find(|prefix| {
        let node = own.get(prefix).or_else(|| below.get(prefix));
        node.is_some_and(|node| {
            node.content.is_file() || matches!(node.content, Content::Special(_))
        })
    })
}

/// The target of a hard link: a path from the root, whether it begins with a slash or not.
fn parse_target(link: &[u8], name: &str) -> io::Result<ImagePath> {
    ImagePath::parse(&[b"/", link].concat()).map_err(|fault| {
        let target = shown(&String::from_utf8_lossy(link));
        broken(format!(
            "`{name}` is a link to `{target}`, which cannot be a path in an image: {}",
            rootfs::words(fault)
        ))
    })
}

/// Where a path really leads: engines follow the symlinks above it, and one at its end only where that is a folder to
/// go through.
fn behind_links(
    path: ImagePath,
    at_end: bool,
    below: &Tree<Place>,
    own: &Tree<Place>,
) -> ImagePath {
    let mut path = path;
    // As many steps as Linux takes before it calls it a loop.
    for _ in 0..40 {
        let link = path.prefixes().find_map(|prefix| {
            let node = own.get(&prefix).or(below.get(&prefix))?;
            match &node.content {
                Content::Symlink(target) if at_end || prefix != path => Some((prefix, target)),
                _ => None,
            }
        });
        match link.and_then(|(prefix, target)| path.redirect(&prefix, target)) {
            Some(next) => path = next,
            None => break,
        }
    }
    path
}

/// The files of a tar archive, packed or not; what it holds is read as a layer is, but from a file without a name where it
/// is packed.
///
/// # Errors
/// Those of the reader; bytes that are no archive, and a sparse file.
pub(super) fn tar(path: &Path, max_unpacked: u64) -> io::Result<Tree> {
    let budget = Budget::new(max_unpacked);
    let (file, opened) = host::open_as(path)?;
    let path = path.to_owned();
    let whole = Window::new(Extent { path, file: Arc::new(file), start: 0 }, opened.size);
    let mut start = Vec::new();
    whole.clone().take(packed::HEAD).read_to_end(&mut start)?;
    let plain = if Packing::of(&start) == Packing::Plain {
        whole
    } else {
        let mut blob = BufReader::with_capacity(BUFFER, whole.clone());
        let (_, stream) = unpack(&mut blob)?;
        let mut out = host::nameless_file()?;
        let length = io::copy(&mut Bounded::new(stream, &budget), &mut out)?;
        let path = whole.extent().path.clone();
        Window::new(Extent { path, file: Arc::new(out), start: 0 }, length)
    };
    let mut tree = Tree::default();
    let budget = Budget::new(max_unpacked);
    read(plain.clone(), 0, &mut tree, &budget, Check::Later)?;
    let sparse = tree.iter().find(|(_, node)| {
        matches!(node.content, Content::File { source: Place { offset: None, .. }, .. })
    });
    if let Some((path, _)) = sparse {
        return Err(broken(format!("`{path}` is stored as a sparse file")));
    }
    let part = |place: &Place| {
        let offset = place.offset.unwrap_or(0);
        let Extent { path, file, start } = plain.extent().clone();
        Origin::Part(Extent { path, file, start: start + offset })
    };
    Ok(tree.map(part))
}

/// The bytes of a file in a layer: a window where the layer is plain, unpacked into a file without a
/// name where it is not.
///
/// # Errors
/// Those of the reader, and a sparse file.
pub(super) fn file(layer: &LayerFile, place: Place, size: u64) -> io::Result<Window> {
    let offset = offset(place)?;
    let mut blob = layer.window.clone();
    if layer.packing == Packing::Plain {
        return Ok(blob.narrow(offset, size));
    }
    if let Some(unpacked) = layer.unpacked.get() {
        return Ok(unpacked.clone().narrow(offset, size));
    }
    blob.rewind()?;
    // That it unpacks to no more than is allowed has been seen.
    let (_, mut stream) = unpack(BufReader::new(blob))?;
    io::copy(&mut stream.by_ref().take(offset), &mut io::sink())?;
    nameless(&mut stream.by_ref().take(size), layer).map(|(window, _)| window)
}

/// The same, out of a layer that has been unpacked as a whole and has the right digest.
///
/// # Errors
/// Those of the reader, a sparse file, and a layer that is not what its digest says.
pub(super) fn verified_file(layer: &LayerFile, place: Place, size: u64) -> io::Result<Window> {
    let offset = offset(place)?;
    if let Some(unpacked) = layer.unpacked.get() {
        return Ok(unpacked.clone().narrow(offset, size));
    }
    let unpacked = verified(layer)?;
    Ok(layer.unpacked.get_or_init(|| unpacked).clone().narrow(offset, size))
}

fn verified(layer: &LayerFile) -> io::Result<Window> {
    let mut blob = layer.window.clone();
    blob.rewind()?;
    let (window, digest) = if layer.packing != Packing::Plain {
        let (_, mut stream) = unpack(BufReader::new(blob))?;
        nameless(&mut stream, layer)?
    } else if layer.is_checked {
        return Ok(blob);
    } else {
        let mut hashing = Hashing::new(io::sink());
        io::copy(&mut BufReader::with_capacity(1 << 16, blob), &mut hashing)?;
        (layer.window.clone(), hashing.finish().0)
    };
    if digest != layer.diff_id {
        let why = format!("unpacked, its digest is {digest}, and not {}", layer.diff_id);
        return Err(broken(why));
    }
    Ok(window)
}

fn offset(place: Place) -> io::Result<u64> {
    let sparse = || io::Error::new(io::ErrorKind::Unsupported, "it is stored as a sparse file");
    place.offset.ok_or_else(sparse)
}

/// Bytes in a file without a name, and their digest.
fn nameless(bytes: &mut dyn Read, layer: &LayerFile) -> io::Result<(Window, Digest)> {
    let mut out = Hashing::new(host::nameless_file()?);
    let length = io::copy(bytes, &mut out)?;
    let (file, digest) = out.into_inner();
    let path = layer.window.extent().path.clone();
    Ok((Window::new(Extent { path, file: Arc::new(file), start: 0 }, length), digest))
}
