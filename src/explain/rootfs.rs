//! What is said of a guest's root file system.

explanations! {
    /// The codes of a guest's root file system.
    ROOTFS:
    ROOTFS_CLOSURE = "rootfs/closure": "The closure of a store path is known to Nix alone.",
        "`buildImage` asks Nix for it before the build; elsewhere nobody says what a store path refers to.",
        "rootfs.closure = [ \"/nix/store/…-hello\" ]; # built by `bimanix build`";
    ROOTFS_CONFLICT = "rootfs/conflict": "`rootfs` sets the annotations of its type, and no other root storage stands beside it.",
        "urunc picks one root storage, so the other would have no effect.",
        "rootfs.type = \"initrd\"; annotations.block = \"/disk\";";
    ROOTFS_EMPTY = "rootfs/empty": "`rootfs` has `files`, `from` or `closure`.",
        "A guest with an empty root file system has nothing to start.",
        "rootfs = { type = \"initrd\"; };";
    ROOTFS_FAT = "rootfs/fat": "Every file has a name that FAT can hold, and is a regular file or a folder.",
        "FAT knows no links, devices, owners or modes, and does not tell upper from lower case.",
        "rootfs.fsType = \"fat\"; with a symlink in `from`";
    ROOTFS_FIELD = "rootfs/field": "`size`, `fsType` and `label` are for block images, and `compression` is for initrds.",
        "They would have no effect elsewhere.",
        "rootfs = { type = \"initrd\"; size = \"64 MiB\"; };";
    ROOTFS_FILE = "rootfs/file": "A file fits into the root file system.",
        "Sizes in a cpio archive have 32 bits, and ext2 and ext4 count the blocks of a file with 32 bits.",
        "rootfs.type = \"initrd\"; with a file of 5 GiB";
    ROOTFS_FROM = "rootfs/from": "`from` is a folder, a tar archive, or an image.",
        "The guest's files start from what is in it.",
        "rootfs.from = ./vmlinuz;";
    ROOTFS_GUEST = "rootfs/guest": "The guest can use a root file system of this type.",
        "urunc gives each guest only what it can mount: an initrd, a block image, or the files of the image.",
        "unikernelType = \"unikraft\"; rootfs.type = \"block\";";
    ROOTFS_INIT = "rootfs/init": "`kernel` and `init` are for Linux guests.",
        "Other unikernels are a kernel and its program in one file, which `annotations.binary` names.",
        "unikernelType = \"unikraft\"; init = ./urunit;";
    ROOTFS_LABEL = "rootfs/label": "A label has at most 16 bytes, and no NUL byte; on FAT, at most 11 upper-case characters.",
        "The file system has no more room for it.",
        "rootfs.label = \"the root of the web server\";";
    ROOTFS_LINKS = "rootfs/links": "A file has no more names, and a folder no more folders, than the file system counts.",
        "ext2 counts up to 32000, and ext4 up to 65000.",
        "rootfs.from = ./links.tar; with 70000 hard links to one file";
    ROOTFS_MADE = "rootfs/made": "The files of a compressed initrd can be read, and its bytes can be kept in a temporary file.",
        "Its size has to be known before it is written.",
        "a full disk below TMPDIR";
    ROOTFS_OWNER = "rootfs/owner": "Users and groups have numbers of 32 bits.",
        "No file system of Linux holds larger ones.",
        "a tar archive with a file of user 5000000000";
    ROOTFS_SIZE = "rootfs/size": "`size` is a number of bytes, or a string such as \"64 MiB\".",
        "It is the size of the block image.",
        "rootfs.size = \"64 MB or so\";";
    ROOTFS_TARGET = "rootfs/target": "The target of a symlink has at most 4095 bytes.",
        "Linux follows no longer ones.",
        "a symlink to a path of 5000 bytes";
    ROOTFS_TOO_LARGE = "rootfs/too-large": "A block image has at most 16 TiB, and 2 TiB with FAT.",
        "ext2 and ext4 count their blocks of 4 KiB with 32 bits, and FAT its sectors of 512 bytes.",
        "rootfs.size = \"20 TiB\";";
    ROOTFS_TOO_SMALL = "rootfs/too-small": "The files fit into the `size` that is given.",
        "The tables of the file system take room as well.",
        "rootfs.size = \"1 MiB\"; with files of 2 MiB";
    ROOTFS_TRAILER = "rootfs/trailer": "No file at the root of an initrd is called `TRAILER!!!`.",
        "An entry of this name ends the archive.",
        "rootfs.files.\"a\" = \"/TRAILER!!!\";";
    ROOTFS_TYPE = "rootfs/type": "`type` is \"initrd\", \"block\" or \"raw\"; `fsType` is \"ext2\", \"ext4\" or \"fat\"; `compression` is \"none\", \"gzip\", \"zstd\" or \"xz\".",
        "These are what bimanix makes.",
        "rootfs.type = \"ext4\";";
}
