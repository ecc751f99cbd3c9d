//! A tree as a cpio archive of the form `newc`, which Linux and Unikraft unpack as their initrd
//! (Linux, `Documentation/driver-api/early-userspace/buffer-format.rst`).

use super::links::Links;
use super::pieces::{Piece, Pieces};
use super::{Content, Fault, ImagePath, Node, Special, Tree};

/// What the last entry is called.
const TRAILER: &[u8] = b"TRAILER!!!";
/// Archives end at a multiple of this many bytes.
const BLOCK: u64 = 512;
/// The largest file, as sizes have eight hexadecimal digits.
const MAX_FILE: u64 = 0xffff_ffff;
/// The longest target that Linux takes.
const MAX_TARGET: usize = 4095;

/// What a header says of an entry.
struct Entry<'e> {
    inode: u32,
    mode: u32,
    uid: u64,
    gid: u64,
    links: u32,
    size: u64,
    device: (u32, u32),
    name: &'e [u8],
}

/// Makes an archive of a tree whose folders are all in it. `keeps_links` says whether names of one file become hard
/// links, with the bytes at the last of them; else each gets the bytes, for those who do not know hard links.
///
/// # Errors
/// What such an archive cannot hold.
pub fn cpio(tree: &Tree, keeps_links: bool) -> Result<Pieces, Fault> {
    let mut links = Links::new();
    if keeps_links {
        for (_, node) in tree.iter() {
            links.note(node, ());
        }
    }
    let (mut seen, mut next) = (Links::new(), 1);
    let mut out = Pieces::default();
    for (path, node) in tree.iter() {
        Fault::of_owner(path, node)?;
        if path.as_bytes() == TRAILER {
            return Err(Fault::Trailer);
        }
        let first = if keeps_links { seen.note(node, next) } else { None };
        let inode = first.unwrap_or(next);
        if first.is_none() {
            next += 1;
        }
        let names = if keeps_links { links.count(node) } else { 1 };
        let is_last = !keeps_links || seen.count(node) == names;
        add(path, node, inode, names, is_last, &mut out)?;
    }
    let trailer = Entry {
        inode: 0,
        mode: 0,
        uid: 0,
        gid: 0,
        links: 1,
        size: 0,
        device: (0, 0),
        name: TRAILER,
    };
    header(&trailer, &mut out);
    let end = out.size().next_multiple_of(BLOCK);
    pad(&mut out, end);
    Ok(out)
}

fn add(
    path: &ImagePath,
    node: &Node,
    inode: u32,
    names: u32,
    is_last: bool,
    out: &mut Pieces,
) -> Result<(), Fault> {
    let size = match &node.content {
        Content::File { size, .. } => *size,
        Content::Bytes(bytes) => bytes.len() as u64,
        Content::Symlink(target) if target.len() > MAX_TARGET => {
            return Err(Fault::Target { path: path.clone(), length: target.len() });
        }
        Content::Symlink(target) => target.len() as u64,
        Content::Directory | Content::Special(_) => 0,
    };
    if size > MAX_FILE {
        return Err(Fault::File { path: path.clone(), size, most: MAX_FILE });
    }
    let device = match &node.content {
        Content::Special(Special::Character(device) | Special::Block(device)) => {
            (device.major, device.minor)
        }
        _ => (0, 0),
    };
    let entry = Entry {
        inode,
        mode: node.content.mode_bits(node.mode),
        uid: node.uid,
        gid: node.gid,
        links: if node.content == Content::Directory { 2 } else { names },
        size: if is_last { size } else { 0 },
        device,
        name: path.as_bytes(),
    };
    header(&entry, out);
    if !is_last {
        return Ok(());
    }
    match &node.content {
        Content::File { source, size } => {
            let (origin, size) = (source.clone(), *size);
            out.push(Piece::File { origin, size, start: 0, length: size });
        }
        Content::Bytes(bytes) => out.push_bytes(bytes),
        Content::Symlink(target) => out.push_bytes(target),
        Content::Directory | Content::Special(_) => {}
    }
    let end = out.size().next_multiple_of(4);
    pad(out, end);
    Ok(())
}

fn pad(out: &mut Pieces, end: u64) {
    let missing = usize::try_from(end - out.size()).unwrap_or(0);
    out.push_bytes([0; 512].get(..missing).unwrap_or_default());
}

fn header(entry: &Entry<'_>, out: &mut Pieces) {
    let (major, minor) = entry.device;
    // The devices that hold the file are left 0, and so is the time.
    let text = format!(
        "070701{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{major:08X}{minor:08X}{:08X}{:08X}",
        entry.inode,
        entry.mode,
        entry.uid,
        entry.gid,
        entry.links,
        0,
        entry.size,
        0,
        0,
        entry.name.len() + 1,
        0,
    );
    out.push_bytes(text.as_bytes());
    out.push_bytes(entry.name);
    out.push_bytes(&[0]);
    let end = out.size().next_multiple_of(4);
    pad(out, end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::{Device, Extent, Origin};
    use crate::world::Memory;
    use std::fs::File;
    use std::io::Read as _;
    use std::rc::Rc;
    use std::sync::Arc;

    /// Of each entry: its name, inode, mode, number of links, size and device.
    fn entries(tree: &Tree, keeps_links: bool) -> Vec<(String, [u32; 6])> {
        let pieces = Arc::new(cpio(tree, keeps_links).unwrap());
        let mut bytes = Vec::new();
        pieces.open(Rc::new(Memory::default())).read_to_end(&mut bytes).unwrap();
        assert_eq!((bytes.len() as u64, bytes.len() % 512), (pieces.size(), 0));
        let (mut found, mut at) = (Vec::new(), 0);
        loop {
            let start = at;
            assert_eq!(&bytes[start..start + 6], b"070701");
            let field = |number: usize| {
                let digits = &bytes[start + 6 + 8 * number..][..8];
                u32::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap()
            };
            let length = field(11) as usize;
            let name = String::from_utf8(bytes[at + 110..at + 109 + length].to_vec()).unwrap();
            let of = [field(0), field(1), field(4), field(6), field(9), field(10)];
            at = (at + 110 + length).next_multiple_of(4);
            at = (at + field(6) as usize).next_multiple_of(4);
            if name == "TRAILER!!!" {
                return found;
            }
            found.push((name, of));
        }
    }

    #[test]
    fn names_of_one_file_are_links_for_those_who_know_them() {
        let file = Arc::new(File::open("/dev/zero").unwrap());
        let part = Extent { path: "a.tar".into(), file, start: 0 };
        let file = Content::File { source: Origin::Part(part), size: 5 };
        let node = |content, mode| Node { content, mode, uid: 0, gid: 0 };
        let device = Content::Special(Special::Character(Device { major: 1, minor: 3 }));
        let path = |name: &str| ImagePath::parse(name.as_bytes()).unwrap();
        let tree: Tree = [
            (path("/a"), node(file.clone(), 0o600)),
            (path("/b"), node(Content::Symlink(b"a".to_vec()), 0o644)),
            (path("/c"), node(file, 0o600)),
            (path("/d"), node(Content::Directory, 0o700)),
            (path("/e"), node(device, 0o666)),
        ]
        .into_iter()
        .collect();
        let others = |first| {
            [
                ("d".to_owned(), [first, 0o040_700, 2, 0, 0, 0]),
                ("e".to_owned(), [first + 1, 0o020_666, 1, 0, 1, 3]),
            ]
        };
        let symlink = ("b".to_owned(), [2, 0o120_777, 1, 1, 0, 0]);
        let file = |name: &str, inode, links, size| {
            (name.to_owned(), [inode, 0o100_600, links, size, 0, 0])
        };
        // The bytes are at the last name.
        let linked = [file("a", 1, 2, 0), symlink.clone(), file("c", 1, 2, 5)];
        assert_eq!(entries(&tree, true), [&linked[..], &others(3)].concat());
        let apart = [file("a", 1, 1, 5), symlink, file("c", 3, 1, 5)];
        assert_eq!(entries(&tree, false), [&apart[..], &others(4)].concat());
    }
}
