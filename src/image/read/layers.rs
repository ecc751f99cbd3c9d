//! Layers, one upon the other: what a container finds in its root.

use super::budget::Budget;
use super::members::{Member, Members, Stream};
use super::packed::{Bounded, Packing, unpack};
use super::shown;
use super::window::Window;
use crate::host;
use crate::image::Digest;
use crate::image::digest::Hashing;
use crate::rootfs::{self, Content, ImagePath, Node, PathFault, Tree};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write as _};
use tar::EntryType;

/// Where the bytes of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The number of the layer, lowest first.
    pub layer: usize,
    /// Where they begin in the unpacked layer; none for a sparse file, whose bytes are in pieces.
    offset: Option<u64>,
}

/// What a layer is, by its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verified {
    pub(super) digest: Digest,
    pub(super) diff_id: Digest,
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

/// The longest link target that Linux takes.
const MAX_LINK: usize = 4096;

/// Lays a layer upon the tree.
///
/// # Errors
/// Those of the reader; bytes that are no layer, or one that leaves the image.
pub(super) fn lay(
    blob: impl Read,
    layer: usize,
    tree: &mut Tree<Place>,
    budget: &Budget,
) -> io::Result<Verified> {
    let (mut packed, mut plain) = (Hashing::new(io::sink()), Hashing::new(io::sink()));
    let blob = BufReader::with_capacity(1 << 16, blob);
    let mut blob = HashingReader { inner: blob, hashing: &mut packed };
    let (packing, stream) = unpack(&mut blob)?;
    let stream = Bounded::new(stream, budget);
    let stream = HashingReader { inner: stream, hashing: &mut plain };
    let mut members = Members::new(Stream(BufReader::with_capacity(1 << 16, stream)));
    // Whiteouts remove what is below this layer, wherever in it they stand.
    let mut own = Tree::default();
    while let Some(member) = members.next()? {
        budget.member(&member.name, &member.link)?;
        put(member, layer, tree, &mut own, budget)?;
    }
    tree.lay(own);
    // Behind the archive's end there may be padding, which the digests cover.
    io::copy(&mut members.into_inner(), &mut io::sink())?;
    io::copy(&mut blob, &mut io::sink())?;
    Ok(Verified { digest: packed.finish().0, diff_id: plain.finish().0, packing })
}

fn broken(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn put(
    member: Member,
    layer: usize,
    below: &mut Tree<Place>,
    own: &mut Tree<Place>,
    budget: &Budget,
) -> io::Result<()> {
    let shown = || shown(&String::from_utf8_lossy(&member.name));
    let absolute = [b"/", member.name.as_slice()].concat();
    let name = member.name.strip_suffix(b"/").unwrap_or(&member.name);
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
        let folder = parse(&[b"/", folder].concat())?;
        if hidden == b".wh..opq" {
            below.remove_below(&folder);
        } else if !hidden.starts_with(b".wh.") {
            below.remove(&folder.join(hidden).map_err(|_| {
                broken(format!("`{}` removes what cannot be a path in an image", shown()))
            })?);
        }
        return Ok(());
    }
    let path = real(parse(&absolute)?, below, own);
    if path.is_root() {
        return Ok(());
    }
    if member.link.len() > MAX_LINK {
        return Err(broken(format!("`{}` is a link of {} bytes", shown(), member.link.len())));
    }
    let content = match member.kind {
        EntryType::Directory => Content::Directory,
        EntryType::Symlink => Content::Symlink(member.link),
        EntryType::Link => {
            let target = real(parse(&[b"/", member.link.as_slice()].concat())?, below, own);
            match own.get(&target).or(below.get(&target)) {
                Some(node) => {
                    if let Content::Symlink(target) = &node.content {
                        budget.keep(target.len() as u64)?;
                    }
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
        // Devices and FIFOs are nothing that urunc looks at.
        _ => return Ok(()),
    };
    if content != Content::Directory {
        own.remove_below(&path);
    }
    let Member { mode, uid, gid, .. } = member;
    own.insert(path, Node { content, mode, uid, gid });
    Ok(())
}

/// Where a path really leads: engines follow the symlinks above it, and not one at its end.
fn real(path: ImagePath, below: &Tree<Place>, own: &Tree<Place>) -> ImagePath {
    let mut path = path;
    // As many steps as Linux takes before it calls it a loop.
    for _ in 0..40 {
        let link = path.prefixes().find_map(|prefix| {
            let node = own.get(&prefix).or(below.get(&prefix))?;
            match &node.content {
                Content::Symlink(target) if prefix != path => Some((prefix, target)),
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

/// The bytes of a file in a layer: a window where the layer is plain, unpacked into a file without a
/// name where it is not.
///
/// # Errors
/// Those of the reader, and a sparse file.
pub(super) fn file(
    mut blob: Window,
    packing: Packing,
    place: Place,
    size: u64,
) -> io::Result<Window> {
    let Some(offset) = place.offset else {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "it is stored as a sparse file"));
    };
    if packing == Packing::Plain {
        return Ok(blob.narrow(offset, size));
    }
    blob.seek(SeekFrom::Start(0))?;
    // That it unpacks to no more than is allowed has been seen.
    let (_, mut stream) = unpack(BufReader::new(blob))?;
    io::copy(&mut stream.by_ref().take(offset), &mut io::sink())?;
    let mut file = host::nameless_file()?;
    let written = io::copy(&mut stream.by_ref().take(size), &mut file)?;
    file.flush()?;
    Ok(Window::new(file, 0, written))
}
