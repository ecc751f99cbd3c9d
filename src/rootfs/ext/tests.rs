use super::*;
use crate::rootfs::{Content, Device, Extent, ImagePath, Node, Origin, Special};
use crate::world::Memory;
use std::fs::File;
use std::io::Read as _;
use std::rc::Rc;
use std::sync::Arc;

fn path(text: &str) -> ImagePath {
    ImagePath::parse(text.as_bytes()).unwrap()
}

fn tree(nodes: &[(&str, Node)]) -> Tree {
    let mut tree: Tree = nodes.iter().map(|(at, node)| (path(at), node.clone())).collect();
    tree.add_parents(|_| Node::parent());
    tree
}

fn node(content: Content) -> Node {
    Node { content, mode: 0o644, uid: 0, gid: 0 }
}

fn options(version: Version, size: Option<u64>) -> Options {
    Options { version, size, label: String::new() }
}

fn bytes(pieces: Pieces) -> Vec<u8> {
    let mut bytes = Vec::new();
    Arc::new(pieces).open(Rc::new(Memory::default())).read_to_end(&mut bytes).unwrap();
    bytes
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

#[test]
fn counts_agree_with_each_other() {
    for version in [Version::Ext2, Version::Ext4] {
        for size in [None, Some(64 << 10), Some(129 << 20), Some(300 << 20), Some(1 << 30)] {
            let small = tree(&[
                ("/bin/sh", node(Content::Bytes(vec![7; 5000]))),
                ("/etc", Node::parent()),
                ("/link", node(Content::Symlink(vec![b'x'; 60]))),
                (
                    "/dev/null",
                    node(Content::Special(Special::Character(Device { major: 1, minor: 3 }))),
                ),
            ]);
            let pieces = ext(small, &options(version, size)).unwrap();
            assert_eq!(size.unwrap_or(pieces.size()), pieces.size());
            let (_, first) = pieces.iter().next().unwrap();
            let super::super::Piece::Bytes(block) = first else { panic!("{first:?}") };
            let (inodes, blocks) = (number(block, 0), number(block, 4));
            let (free_blocks, free_inodes) = (number(block, 12), number(block, 16));
            assert!(free_blocks < blocks && free_inodes < inodes);
            // Ten are reserved, and then lost+found, bin, bin/sh, dev, dev/null, etc and link.
            assert_eq!(inodes - free_inodes, 17);
        }
    }
}

#[test]
fn the_size_that_is_said_to_be_needed_is_enough_and_the_least() {
    let files: Vec<(String, Node)> = (0..500)
        .map(|file| (format!("/folder/{file}"), node(Content::Bytes(vec![1; 3000 + file]))))
        .collect();
    let files: Vec<(&str, Node)> =
        files.iter().map(|(at, node)| (at.as_str(), node.clone())).collect();
    for version in [Version::Ext2, Version::Ext4] {
        let of = |size| ext(tree(&files), &options(version, Some(size)));
        let Err(Fault::TooSmall { size: 65_536, needed }) = of(65_536) else { panic!() };
        assert!(of(needed).is_ok());
        assert_eq!(of(needed - 4096), Err(Fault::TooSmall { size: needed - 4096, needed }));
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let long = tree(&[("/long", node(Content::Symlink(vec![b'x'; 4096])))]);
    let fault = Fault::Target { path: path("/long"), length: 4096 };
    assert_eq!(ext(long, &options(Version::Ext2, None)), Err(fault));
    let huge = Content::File { source: Origin::Path("/huge".into()), size: 1 << 42 };
    let found = ext(tree(&[("/huge", node(huge))]), &options(Version::Ext4, None));
    assert!(matches!(found, Err(Fault::File { size: 0x400_0000_0000, .. })), "{found:?}");
    let most = u64::from(u32::MAX) * BLOCK;
    let found = ext(Tree::default(), &options(Version::Ext4, Some(most + 1)));
    assert_eq!(found, Err(Fault::TooLarge { most: MOST }));
}

#[test]
fn links_and_folders_are_counted() {
    let file = Arc::new(File::open("/dev/null").unwrap());
    let part = Extent { path: "a.tar".into(), file, start: 512 };
    let one = node(Content::File { source: Origin::Part(part), size: 0 });
    let names = |count: usize| {
        let names = (0..count).map(|number| (path(&format!("/{number}")), one.clone()));
        names.collect::<Tree>()
    };
    let folders = |count: usize| {
        let folders = (0..count).map(|number| (path(&format!("/{number}")), Node::parent()));
        folders.collect::<Tree>()
    };
    for (version, most) in [(Version::Ext2, 32_000), (Version::Ext4, 65_000)] {
        let options = options(version, None);
        assert!(ext(names(most), &options).is_ok());
        let found = ext(names(70_000), &options);
        assert!(matches!(found, Err(Fault::Links { count: 70_000, .. })), "{found:?}");
    }
    // lost+found is one more.
    assert!(ext(folders(31_997), &options(Version::Ext2, None)).is_ok());
    let found = ext(folders(31_998), &options(Version::Ext2, None));
    assert!(matches!(found, Err(Fault::Folders { count: 31_999, most: 31_998, .. })), "{found:?}");
    assert!(ext(folders(70_000), &options(Version::Ext4, None)).is_ok());
}

#[test]
fn files_are_read_through_their_pieces() {
    let world = Memory::default().file("/a", vec![b'z'; 5000]);
    let content = Content::File { source: Origin::Path("/a".into()), size: 5000 };
    let pieces = ext(tree(&[("/a", node(content))]), &options(Version::Ext2, None)).unwrap();
    let size = pieces.size();
    let mut all = Vec::new();
    Arc::new(pieces).open(Rc::new(world)).read_to_end(&mut all).unwrap();
    assert_eq!(all.len() as u64, size);
    let found = all.windows(5000).position(|window| window.iter().all(|&byte| byte == b'z'));
    assert_eq!(found.unwrap() % 4096, 0);
    let end = found.unwrap() + 5000;
    assert!(!all[end..].contains(&b'z'));
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let one = || {
        bytes(ext(tree(&[("/a", Node::bytes(vec![1]))]), &options(Version::Ext4, None)).unwrap())
    };
    assert_eq!(one(), one());
}
