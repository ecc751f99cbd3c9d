use super::disk::{ENTRY, OWN_NAME};
use super::*;
use crate::rootfs::{Device, Origin, Piece, Special};
use crate::world::Memory;
use std::io::Read as _;
use std::rc::Rc;
use std::sync::Arc;

fn tree(files: &[(&str, Content)]) -> Tree {
    let node = |content: &Content| Node { content: content.clone(), ..Node::parent() };
    let mut tree: Tree = files
        .iter()
        .map(|(path, content)| (ImagePath::parse(path.as_bytes()).unwrap(), node(content)))
        .collect();
    tree.add_parents(|_| Node::parent());
    tree
}

fn options(size: Option<u64>) -> Options {
    Options { size, label: String::new() }
}

fn bytes(pieces: Pieces) -> Vec<u8> {
    let mut bytes = Vec::new();
    Arc::new(pieces).open(Rc::new(Memory::default())).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn what_is_written_is_read() {
    let noise: Vec<u8> =
        (0..200_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    let contents = |length: usize| Content::Bytes(noise[..length].to_vec());
    let lengths = [0, 1, 511, 512, 513, 4096, 199_999];
    let paths: Vec<String> =
        lengths.iter().map(|length| format!("/a/Longer than eight {length}")).collect();
    let mut files: Vec<(&str, Content)> =
        paths.iter().zip(lengths).map(|(path, length)| (path.as_str(), contents(length))).collect();
    files.push(("/b/c/d", Content::Directory));
    let tree = tree(&files);
    for size in [None, Some(512 << 10), Some(5 << 20), Some(70 << 20)] {
        let made = bytes(fat(&tree, &options(size)).unwrap());
        assert_eq!(made, bytes(fat(&tree, &options(size)).unwrap()), "{size:?}");
        assert_eq!(size.unwrap_or(made.len() as u64), made.len() as u64);
        let system = FileSystem::new(io::Cursor::new(made), FsOptions::new()).unwrap();
        for (path, length) in paths.iter().zip(lengths) {
            let mut found = Vec::new();
            system.root_dir().open_file(path).unwrap().read_to_end(&mut found).unwrap();
            assert_eq!(found, noise[..length], "{size:?}: {path}");
        }
        assert!(system.root_dir().open_dir("/b/c/d").is_ok());
    }
}

#[test]
fn a_folder_begins_with_itself_and_the_one_above() {
    let file = Content::Bytes(vec![1]);
    let made = bytes(fat(&tree(&[("/outer/inner/a", file)]), &options(None)).unwrap());
    let own: Vec<usize> =
        (0..made.len()).step_by(ENTRY).filter(|&at| made[at..].starts_with(OWN_NAME)).collect();
    assert_eq!(own.len(), 2);
    let above = |at: &usize| u16::from_le_bytes([made[at + ENTRY + 26], made[at + ENTRY + 27]]);
    // The root is known by 0.
    assert_eq!(own.iter().filter(|at| above(at) == 0).count(), 1);
    for at in own {
        assert_eq!(at % 512, 0, "it is not the first entry");
        assert!(made[at + ENTRY..].starts_with(b"..         "));
        assert_ne!(made[at + 2 * ENTRY], 0, "nothing is in it");
    }
}

#[test]
fn the_size_that_is_named_is_enough() {
    for length in [1, 100_000, 3_000_000] {
        let tree = tree(&[("/file", Content::Bytes(vec![7; length]))]);
        let Err(Fault::TooSmall { needed, .. }) = fat(&tree, &options(Some(512))) else {
            panic!("{length} bytes fit into a sector")
        };
        assert!(fat(&tree, &options(Some(needed))).is_ok());
        assert!(needed < 2 * length as u64 + (128 << 10), "{length}: {needed}");
    }
}

#[test]
fn what_fat_cannot_hold_is_refused() {
    let file = || Content::Bytes(Vec::new());
    let null = Content::Special(Special::Character(Device { major: 1, minor: 3 }));
    let cases: [(&[(&str, Content)], NameFault); 8] = [
        (&[("/a:b", file())], NameFault::Characters),
        (&[("/a\u{1f600}", file())], NameFault::Characters),
        (&[("/end.", file())], NameFault::Characters),
        (&[("/end ", file())], NameFault::Characters),
        (&[("/LICENSE", file()), ("/license", Content::Directory)], NameFault::Taken),
        (&[("/LONGNA~1", file()), ("/LONGNAME FOR SHORT", file())], NameFault::Taken),
        (&[("/link", Content::Symlink(b"x".to_vec()))], NameFault::Symlink),
        (&[("/null", null)], NameFault::Special),
    ];
    for (files, expected) in cases {
        let found = fat(&tree(files), &options(None));
        let Err(Fault::Name { fault, .. }) = found else { panic!("{files:?}: {found:?}") };
        assert_eq!(fault, expected, "{files:?}");
    }
    let large = Content::File { source: Origin::Path("/x".into()), size: 1 << 32 };
    assert!(matches!(fat(&tree(&[("/x", large)]), &options(None)), Err(Fault::File { .. })));
    assert!(matches!(fat(&tree(&[]), &options(Some(3 << 40))), Err(Fault::TooLarge { .. })));
}

#[test]
fn a_file_is_a_piece_where_its_clusters_follow_each_other() {
    let large = Content::File { source: Origin::Path("/x".into()), size: 300 << 20 };
    let pieces = fat(&tree(&[("/x", large)]), &options(None)).unwrap();
    let files: Vec<_> =
        pieces.iter().filter(|(_, piece)| matches!(piece, Piece::File { .. })).collect();
    assert_eq!(files.len(), 1);
}
