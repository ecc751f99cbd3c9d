//! The fields of args.nix, in one table: what the README, the messages and the decoder agree on.

/// A field of args.nix.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type, in words.
    pub type_name: &'static str,
    /// What it is when it is left out, as it would be written.
    pub default: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
}

/// Every field, in the order of the documentation.
pub const FIELDS: &[Field] = &[
    Field {
        name: "name",
        type_name: "string",
        default: "required",
        meaning: "image name; may hold a registry and a path, as in `harbor.io/x/hello`",
    },
    Field { name: "tag", type_name: "string", default: "`\"latest\"`", meaning: "image tag" },
    Field {
        name: "base",
        type_name: "path, string, derivation or set",
        default: "none",
        meaning: "image to build on: an OCI or docker archive, a layout folder (a string is a path when it begins \
                  with `./`, `../` or `/`), else a reference such as `harbor.io/x/nginx:1.15@sha256:…`; or a set \
                  `{ image; platform; }`",
    },
    Field {
        name: "files",
        type_name: "set: source = destination",
        default: "`{ }`",
        meaning: "files and folders of the image; sources are relative to the folder of args.nix, or \
                  absolute; a destination is an absolute path (`/` at its end: into that folder; `/.`: a \
                  folder's content at the root) or a set `{ path; mode; uid; gid; source; }`; in it `image` \
                  takes the source from another image, and `text`, `link` or `folder = true` make a file with that \
                  text, a symlink to that target or an empty folder instead",
    },
    Field {
        name: "remove",
        type_name: "list of strings",
        default: "`[ ]`",
        meaning: "absolute paths of the base that are not in the image",
    },
    Field {
        name: "annotations",
        type_name: "set of strings",
        default: "required",
        meaning: "urunc's annotations by their short or full names; a key with a dot is an OCI \
                  annotation, verbatim",
    },
    Field {
        name: "cmd",
        type_name: "list of strings",
        default: "the words of `cmdline`",
        meaning: "`Cmd` of the image: the guest's arguments",
    },
    Field {
        name: "entrypoint",
        type_name: "list of strings",
        default: "none",
        meaning: "`Entrypoint` of the image",
    },
    Field {
        name: "env",
        type_name: "set of strings, or list of `NAME=value`",
        default: "`{ }`",
        meaning: "environment of the process",
    },
    Field {
        name: "workingDir",
        type_name: "string",
        default: "none",
        meaning: "working directory, an absolute path",
    },
    Field {
        name: "user",
        type_name: "string or integer",
        default: "none",
        meaning: "user of the process, as `user`, `uid` or `uid:gid`",
    },
    Field {
        name: "labels",
        type_name: "set of strings",
        default: "`{ }`",
        meaning: "labels beside those made from the annotations",
    },
    Field {
        name: "ports",
        type_name: "list of strings or integers",
        default: "`[ ]`",
        meaning: "ports that the guest listens on, as `80`, `80/tcp` or `53/udp`",
    },
    Field {
        name: "volumes",
        type_name: "list of strings",
        default: "`[ ]`",
        meaning: "absolute paths that engines keep outside of the container",
    },
    Field {
        name: "stopSignal",
        type_name: "string or integer",
        default: "none",
        meaning: "signal that asks the process to end, as `SIGTERM` or `15`",
    },
    Field {
        name: "architecture",
        type_name: "string",
        default: "from the kernel's bytes",
        meaning: "OCI architecture, such as `amd64` or `arm64`",
    },
    Field {
        name: "architectures",
        type_name: "set: architecture = set",
        default: "none",
        meaning: "one image for several architectures: what each has of its own, as `{ amd64 = { files = { … }; }; \
                  arm64 = { … }; }`; what is outside is shared, and `files`, `annotations`, `env`, `labels` and \
                  `rootfs` are taken from both",
    },
    Field {
        name: "created",
        type_name: "string or integer",
        default: "`SOURCE_DATE_EPOCH`, else 0",
        meaning: "creation time: seconds since 1970, or RFC 3339, to the second",
    },
    Field {
        name: "allow",
        type_name: "list of strings",
        default: "`[ ]`",
        meaning: "codes of findings to turn down, as `--allow` does: an error warns, a warning is not shown",
    },
    Field {
        name: "kernel",
        type_name: "path, string, derivation or set",
        default: "none",
        meaning: "Linux kernel, put at `/.boot/kernel`; or a set `{ image; path; }` that takes it from an image. \
                  `unikernelType`, `hypervisor` and `binary` are `linux`, `qemu` and that path unless \
                  `annotations` says otherwise, and the files of the image are the guest's unless `rootfs` or \
                  `annotations` says otherwise",
    },
    Field {
        name: "init",
        type_name: "path, string, derivation or set",
        default: "none",
        meaning: "program that a Linux guest starts, in front of `entrypoint`: a file, put into the root of the \
                  guest, or elsewhere with a set `{ source; path; }`; a string that begins with `/` is a path in the image",
    },
    Field {
        name: "rootfs",
        type_name: "set",
        default: "none",
        meaning: "root file system to make for the guest, of `files`, of `from` (a folder, a tar archive or an \
                  image) and of `closure` (store paths, with Nix): `type` is `initrd`, `block` or `raw` (the \
                  files of the image); a block image has a `size` (as `\"64 MiB\"`), an `fsType` (`ext2`, \
                  `ext4` or `fat`) and a `label`, an initrd a `compression` (`none`, `gzip`, `zstd` or `xz`)",
    },
];

/// The attributes of `rootfs`.
pub const ROOTFS_FIELDS: [&str; 8] =
    ["type", "files", "from", "closure", "size", "fsType", "compression", "label"];

/// The attributes of an init that is a set.
pub const INIT_FIELDS: [&str; 2] = ["source", "path"];

/// The attributes of a kernel that is a set.
pub const KERNEL_FIELDS: [&str; 2] = ["image", "path"];

/// The attributes of a destination set.
pub const DESTINATION_FIELDS: [&str; 9] =
    ["path", "mode", "uid", "gid", "source", "image", "text", "link", "folder"];

/// The attributes of an image that is a set.
pub const IMAGE_FIELDS: [&str; 2] = ["image", "platform"];
