//! The root file system that is made for a guest: its files collected, and an initrd or a block image made of them.

use super::files::{Finder, Wanted, collected};
use crate::diag::{Diagnostic, Report, describe_io};
use crate::explain::code;
use crate::front::Hint;
use crate::image::{self, read};
use crate::recipe::draft::{BaseDraft, FileDraft, ImageDraft, SourceDraft};
use crate::recipe::{Compression, Form, FsType, Placed, ROOTFS_PATH, Rootfs};
use crate::rootfs::{self, Content, Fault, Node, Origin, Pieces, Source, Tree, ext, fat};
use crate::urunc::Key;
use crate::world::{self, Kind};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A root file system as an entry of the image: one file, or files in the root of the image itself.
#[derive(Debug)]
pub(super) struct Made {
    /// Where it goes, and where it is asked for.
    pub(super) file: FileDraft,
    /// What is put there.
    pub(super) source: Source,
}

impl Made {
    pub(super) fn wanted(&self) -> Wanted<'_> {
        Wanted { file: &self.file, sources: None, made: Some(&self.source) }
    }
}

/// Makes what a recipe says of the guest's root file system. Every mistake goes to `report`; after one, nothing comes back.
pub(super) fn rootfs(rootfs: &Rootfs, finder: &Finder<'_>, report: &mut Report) -> Option<Made> {
    let closure = closure(rootfs, finder, report);
    let from = match &rootfs.from {
        Some(from) => start(from, finder, report),
        None => Some(Tree::default()),
    };
    let (closure, mut tree) = (closure?, from?);
    let sources = Some(&finder.input.rootfs_sources);
    let files = closure.iter().chain(&rootfs.files);
    let wanted: Vec<Wanted<'_>> = files.map(|file| Wanted { file, sources, made: None }).collect();
    let above = collected(&wanted, &tree, finder, report)?;
    tree.overlay(above);
    if rootfs.form == Form::Raw {
        let source = Source::Nodes(Node::parent(), tree.into_iter().collect());
        return Some(Made { file: entry("/.", rootfs), source });
    }
    tree.add_parents(|_| Node::parent());
    let (made, compression) = match &rootfs.form {
        Form::Raw => return None,
        Form::Initrd { keeps_links, compression } => {
            (rootfs::cpio(&tree, *keeps_links), *compression)
        }
        Form::Block { fs_type, size, label } => {
            let (size, label) = (size.as_ref().map(|size| size.value), label.clone());
            let ext = |tree, version| {
                ext::ext(tree, &ext::Options { version, size, label: label.clone() })
            };
            let made = match fs_type {
                FsType::Ext2 => ext(tree, ext::Version::Ext2),
                FsType::Ext4 => ext(tree, ext::Version::Ext4),
                FsType::Fat => fat::fat(&tree, &fat::Options { size, label }),
            };
            (made, Compression::None)
        }
    };
    let pieces = match made {
        Ok(pieces) => Arc::new(pieces),
        Err(fault) => {
            let (code, title, why, help) = fault.words();
            let diagnostic = Diagnostic::error(code, title);
            let diagnostic = match (&fault, &rootfs.form) {
                (Fault::TooSmall { .. }, Form::Block { size: Some(size), .. }) => {
                    size.place.mark(diagnostic, "")
                }
                _ => rootfs.place.mark_name(diagnostic, ""),
            };
            report.push(diagnostic.with_why(why).with_help(help));
            return None;
        }
    };
    let content = match packing(compression) {
        Some(packing) => match compressed(&pieces, packing, finder) {
            Ok(content) => content,
            Err(error) => {
                let diagnostic =
                    Diagnostic::error(code::ROOTFS_MADE, "the initrd cannot be compressed");
                let diagnostic = rootfs.place.mark_name(diagnostic, "");
                let help = "set TMPDIR to a folder with room, where temporary files can be made";
                report.push(diagnostic.with_why(describe_io(&error)).with_help(help));
                return None;
            }
        },
        None => {
            let size = pieces.size();
            Content::File { source: Origin::Pieces(pieces), size }
        }
    };
    // Monitors open a disk for writing, as whatever user the process has.
    let is_for_user = matches!(rootfs.form, Form::Block { .. }) && finder.contents.user.is_some();
    let permissions = if is_for_user { 0o666 } else { 0o644 };
    let node = Node { content, mode: permissions, uid: 0, gid: 0 };
    Some(Made { file: entry(ROOTFS_PATH, rootfs), source: Source::Nodes(node, Vec::new()) })
}

/// The entry of the image that stands for a root file system.
fn entry(destination: &str, rootfs: &Rootfs) -> FileDraft {
    FileDraft {
        source: SourceDraft::Folder,
        destination: destination.as_bytes().to_vec(),
        mode: None,
        owner: None,
        replaces: false,
        place: rootfs.place.clone(),
    }
}

/// The paths of the Nix store that go in, with all that they refer to, each where it is.
fn closure(rootfs: &Rootfs, finder: &Finder<'_>, report: &mut Report) -> Option<Vec<FileDraft>> {
    let Some(Placed { value: asked, place }) = &rootfs.closure else { return Some(Vec::new()) };
    if asked.is_empty() {
        return Some(Vec::new());
    }
    let Some(paths) = &finder.input.closure else {
        let title = "what these store paths refer to is not known";
        let diagnostic = place.error(code::ROOTFS_CLOSURE, title);
        report.push(
            diagnostic
                .with_why("Nix knows it, and says so to the builds that it runs")
                .with_help("build the image with Nix: `buildImage`"),
        );
        return None;
    };
    let entry = |path: &PathBuf| FileDraft {
        source: SourceDraft::Path { written: path.clone(), from: None },
        destination: path.as_os_str().as_encoded_bytes().to_vec(),
        mode: None,
        owner: None,
        replaces: false,
        place: place.clone(),
    };
    Some(paths.iter().map(entry).collect())
}

/// The files that a root file system starts from: those of a folder, of a tar archive, or of an image.
fn start(from: &Placed<BaseDraft>, finder: &Finder<'_>, report: &mut Report) -> Option<Tree> {
    let ImageDraft::Path(written) = &from.value.image else {
        return image_files(from, finder, report);
    };
    if finder.images.are_fetched() {
        return fetched_files(from, written, finder, report);
    }
    let path = finder.images.file(&from.value)?;
    // args.nix has absolute paths alone.
    let written = written.strip_prefix(&finder.input.folder).unwrap_or(written);
    let failed = |error: &io::Error, report: &mut Report| {
        let title = format!("cannot read `{}`", written.display());
        report.push(from.place.error(code::ROOTFS_FROM, title).with_why(describe_io(error)));
    };
    let world = &finder.input.world;
    match world.stat(&path) {
        Ok(stat) if stat.kind == Kind::Folder => {
            let is_there = |name: &str| world.stat(&path.join(name)).is_ok();
            if is_there("oci-layout") || is_there("manifest.json") {
                return image_files(from, finder, report);
            }
            folder_files(from, &path, finder, report)
        }
        Ok(stat) if stat.kind == Kind::File => match read::tar(&path, finder.images.max_unpacked())
        {
            Ok(Some(tree)) => Some(tree),
            Ok(None) => image_files(from, finder, report),
            Err(error) => {
                let title = format!("`{}` cannot be read as a tar archive", written.display());
                let diagnostic = from.place.error(code::ROOTFS_FROM, title);
                report.push(
                    diagnostic
                        .with_why(describe_io(&error))
                        .with_help("name a folder, a tar archive, or an image"),
                );
                None
            }
        },
        Ok(stat) => {
            failed(&io::Error::other(format!("it is {}", stat.kind.words())), report);
            None
        }
        Err(error) => {
            failed(&error, report);
            None
        }
    }
}

/// A folder of the build context; archives cannot be opened there.
fn fetched_files(
    from: &Placed<BaseDraft>,
    written: &Path,
    finder: &Finder<'_>,
    report: &mut Report,
) -> Option<Tree> {
    let path = world::normalize(&finder.input.folder.join(written));
    match finder.input.world.stat(&path) {
        Ok(stat) if stat.kind != Kind::Folder => {
            let title =
                format!("`{}` is {}, and not a folder", written.display(), stat.kind.words());
            let diagnostic = from.place.error(code::ROOTFS_FROM, title);
            report.push(diagnostic.with_why("`docker build` reads no archives").with_help(
                "name a folder, or an image by its reference; or build with `bimanix build`",
            ));
            None
        }
        _ => folder_files(from, written, finder, report),
    }
}

fn folder_files(
    from: &Placed<BaseDraft>,
    written: &Path,
    finder: &Finder<'_>,
    report: &mut Report,
) -> Option<Tree> {
    let file = FileDraft {
        source: SourceDraft::Path { written: written.to_owned(), from: None },
        destination: b"/.".to_vec(),
        mode: None,
        owner: None,
        replaces: false,
        place: from.place.clone(),
    };
    let wanted = Wanted { file: &file, sources: Some(&finder.input.sources), made: None };
    collected(&[wanted], &Tree::<()>::default(), finder, report)
}

fn image_files(from: &Placed<BaseDraft>, finder: &Finder<'_>, report: &mut Report) -> Option<Tree> {
    let contents = finder.contents;
    let architecture = contents.architecture.as_ref().map(|given| given.value.as_str());
    let hint = Hint { architecture, monitor: contents.urunc.get(Key::Hypervisor) };
    let opened = finder.images.get(from, hint, report)?;
    match opened.nodes(b"/") {
        Ok((_, nodes)) => Some(nodes.into_iter().collect()),
        Err(error) => {
            let title = "the files of the image cannot be read";
            report.push(from.place.error(code::ROOTFS_FROM, title).with_why(describe_io(&error)));
            None
        }
    }
}

fn packing(compression: Compression) -> Option<image::Packer> {
    match compression {
        Compression::None => None,
        Compression::Gzip => Some(image::Packer::Gzip),
        Compression::Zstd => Some(image::Packer::Zstd),
        Compression::Xz => Some(image::Packer::Xz),
    }
}

/// Compresses a file into one without a name, since its size has to be known before it is written.
fn compressed(
    pieces: &Arc<Pieces>,
    packer: image::Packer,
    finder: &Finder<'_>,
) -> io::Result<Content> {
    let mut reader = pieces.open(finder.input.world.clone());
    let (part, size) = packer.pack(&mut reader, pieces.size())?;
    Ok(Content::File { source: Origin::Part(part), size })
}
