//! What a text asks for, as it is written: every field with its place, and nothing of what it means.
//!
//! The rooms of `front` make drafts of texts: args.nix, Containerfiles, bunnyfiles. A value in a draft has the
//! type of its field, and no more is known about it: names, modes, users and annotations are judged when the
//! draft becomes a [`Recipe`](super::Recipe).

use super::{Place, Placed};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The kind of text that a draft comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// args.nix, or its JSON form.
    ArgsNix,
    /// A Containerfile or Dockerfile.
    Containerfile,
    /// A bunnyfile.
    Bunnyfile,
}

impl Kind {
    /// How messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::ArgsNix => "args.nix",
            Kind::Containerfile => "the Containerfile",
            Kind::Bunnyfile => "the bunnyfile",
        }
    }
}

/// Everything that a text asks for.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it comes from.
    pub kind: Kind,
    /// The name of the image.
    pub name: Option<Placed<String>>,
    /// The tag.
    pub tag: Option<Placed<String>>,
    /// The image to build on.
    pub base: Option<Placed<BaseDraft>>,
    /// The images of registries that the whole text names, as they are written: also in parts of it that are not built.
    pub references: Vec<Placed<String>>,
    /// Files and folders, in the order in which they are put into the image.
    pub files: Vec<FileDraft>,
    /// Paths of the base that are not in the image.
    pub remove: Vec<Placed<Vec<u8>>>,
    /// The kernel of a Linux guest.
    pub kernel: Option<FileDraft>,
    /// What a Linux guest starts before its process.
    pub init: Option<InitDraft>,
    /// The root file system that is made for the guest.
    pub rootfs: Option<RootfsDraft>,
    /// Annotations by their names as written: urunc's short or full names, and others.
    pub annotations: Vec<(String, Placed<Setting>)>,
    /// Labels beside those made from the annotations.
    pub labels: Vec<(String, Placed<String>)>,
    /// `Entrypoint`
    pub entrypoint: Option<Placed<Vec<String>>>,
    /// `Cmd`
    pub cmd: Option<Placed<Vec<String>>>,
    /// The environment, each as `NAME=value`.
    pub env: Vec<Placed<String>>,
    /// The working directory.
    pub working_dir: Option<Placed<String>>,
    /// The user, as `user`, `uid`, `user:group` or `uid:gid`.
    pub user: Option<Placed<String>>,
    /// Ports, each as `80` or `80/udp`.
    pub ports: Vec<Placed<String>>,
    /// Volumes, each an absolute path.
    pub volumes: Vec<Placed<String>>,
    /// The signal that asks the process to end.
    pub stop_signal: Option<Placed<String>>,
    /// The OCI architecture.
    pub architecture: Option<Placed<String>>,
    /// The creation time, in seconds since 1970 or as RFC 3339.
    pub created: Option<Placed<String>>,
    /// Codes of findings to turn down.
    pub allow: Vec<Placed<String>>,
    /// Where `annotations` are written, if anywhere.
    pub annotations_place: Option<Place>,
    /// Where the environment is written.
    pub env_place: Option<Place>,
    /// Where the files are written.
    pub files_place: Option<Place>,
    /// The paths of fields that are there with a value that cannot be used; why has been reported.
    pub unusable: BTreeSet<String>,
    /// Where the whole text is, for what it lacks.
    pub place: Place,
}

impl Draft {
    /// Whether a field, or a part of it, cannot be used.
    pub fn is_unusable(&self, field: &str) -> bool {
        self.unusable.iter().any(|path| {
            path.strip_prefix(field)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }

    /// A draft that asks for nothing yet.
    pub fn new(kind: Kind, place: Place) -> Self {
        Draft {
            kind,
            name: None,
            tag: None,
            base: None,
            references: Vec::new(),
            files: Vec::new(),
            remove: Vec::new(),
            kernel: None,
            init: None,
            rootfs: None,
            annotations: Vec::new(),
            labels: Vec::new(),
            entrypoint: None,
            cmd: None,
            env: Vec::new(),
            working_dir: None,
            user: None,
            ports: Vec::new(),
            volumes: Vec::new(),
            stop_signal: None,
            architecture: None,
            created: None,
            allow: Vec::new(),
            annotations_place: None,
            env_place: None,
            files_place: None,
            unusable: BTreeSet::new(),
            place,
        }
    }
}

/// A root file system for the guest, as it is written.
#[derive(Debug, Clone)]
pub struct RootfsDraft {
    /// What is made: `initrd`, `block` or `raw`.
    pub kind: Option<Placed<String>>,
    /// Files and folders, in the order in which they are put into it.
    pub files: Vec<FileDraft>,
    /// The folder, tar archive or image whose files are in it.
    pub from: Option<Placed<BaseDraft>>,
    /// Paths of the Nix store that are in it with all that they refer to.
    pub closure: Option<Placed<Vec<String>>>,
    /// The size of a block image.
    pub size: Option<Placed<String>>,
    /// The file system of a block image.
    pub fs_type: Option<Placed<String>>,
    /// How an initrd is compressed.
    pub compression: Option<Placed<String>>,
    /// The name of the file system.
    pub label: Option<Placed<String>>,
    /// Where it is written.
    pub place: Place,
}

impl RootfsDraft {
    /// One that has nothing in it yet.
    pub fn new(place: Place) -> Self {
        RootfsDraft {
            kind: None,
            files: Vec::new(),
            from: None,
            closure: None,
            size: None,
            fs_type: None,
            compression: None,
            label: None,
            place,
        }
    }
}

/// What a Linux guest starts before its process, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InitDraft {
    /// A file that is put into the image.
    File(FileDraft),
    /// A path of the image.
    InImage(Placed<String>),
}

/// The value of an annotation, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Text.
    Text(String),
    /// A Boolean.
    Flag(bool),
}

/// The image to build on, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseDraft {
    /// An archive or layout folder, or a reference to an image in a registry.
    pub image: ImageDraft,
    /// The platform to take of an index, as `os/architecture[/variant]`.
    pub platform: Option<Placed<String>>,
}

/// Where an image is, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageDraft {
    /// A file or folder of this machine, relative to the folder of the text, or absolute.
    Path(PathBuf),
    /// A reference such as `unikraft.org/nginx:1.15@sha256:…`.
    Reference(String),
}

impl ImageDraft {
    /// An image as it is written in a text: a path when it begins with `./`, `../` or `/`, else a reference.
    /// No reference begins so.
    pub fn written(text: &str) -> Self {
        if ["./", "../", "/"].iter().any(|start| text.starts_with(start)) {
            ImageDraft::Path(PathBuf::from(text))
        } else {
            ImageDraft::Reference(text.to_owned())
        }
    }
}

/// A file or folder of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDraft {
    /// What is put there.
    pub source: SourceDraft,
    /// Where it goes in the image; at its end, `/` means "into that folder".
    pub destination: Vec<u8>,
    /// The mode of its regular files, or of a folder that is made, when it is given.
    pub mode: Option<u32>,
    /// The user and the group that everything from this source belongs to, when they are given. Otherwise what
    /// comes from an image keeps its owner, and the rest belongs to root.
    pub owner: Option<(u64, u64)>,
    /// Whether it may replace what an entry before it has put there. The folders below a source, and one that is made,
    /// give their owners and modes to those that are there in any case.
    pub replaces: bool,
    /// Where the entry is.
    pub place: Place,
}

/// What a file of the image is made from, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceDraft {
    /// A file, or a folder with all that is in it, relative to the folder of the text, or absolute. A symlink
    /// here is followed; below it, symlinks are kept.
    Path {
        /// As it is written, which is how a build by Nix knows it.
        written: PathBuf,
        /// Another path that overrides it.
        from: Option<PathBuf>,
    },
    /// A regular file with these bytes.
    Bytes(Vec<u8>),
    /// A symlink to this target.
    Symlink(Vec<u8>),
    /// A folder with nothing in it.
    Folder,
    /// A file or folder of another image.
    Image {
        /// The image.
        image: BaseDraft,
        /// The path in it.
        path: Vec<u8>,
    },
}
