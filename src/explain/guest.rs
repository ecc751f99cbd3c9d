//! The codes of urunc's rules and of kernels.

explanations! {
    /// The codes of urunc's rules and of kernels.
    GUESTS:
    UNIKERNEL_ARCHITECTURE_MISMATCH = "unikernel/architecture-mismatch": "`architecture` is what the kernel is built for.",
        "The engine would pull the image on machines that cannot run it.",
        r#"architecture = "amd64"; for an arm64 kernel"#;
    UNIKERNEL_BLOCK_FORMAT = "unikernel/block-format": "The block image is raw, and holds what the guest mounts.",
        "urunc tells every monitor that a disk is raw; rumprun mounts ext2 and FFS; a Linux at `/` is given `/dev/vda` and no partition.",
        r#"block = "/disk.qcow2";"#;
    UNIKERNEL_BLOCK_MISSING = "unikernel/block-missing": "A block device that a Solo5 guest declares is attached.",
        "Solo5 starts no guest without every device of its manifest, and urunc attaches one only for `block`.",
        "a mirage with a device `storage`, and no `block`";
    UNIKERNEL_BLOCK_SIZE = "unikernel/block-size": "The size of a block image is a multiple of 512 bytes on hvt, spt and firecracker.",
        "solo5-hvt and solo5-spt refuse any other size; firecracker leaves the last bytes out. Fill the image up with `truncate -s %512 IMAGE`.",
        "a block image of 100 bytes";
    UNIKERNEL_COMPRESSED_KERNEL = "unikernel/compressed-kernel": "On firecracker and amd64 the kernel is an uncompressed ELF file.",
        "Firecracker does not unpack a bzImage.",
        r#"hypervisor = "firecracker"; with a vmlinuz"#;
    UNIKERNEL_DAMAGED = "unikernel/damaged": "The kernel is whole.",
        "A file that was cut off or changed starts nowhere or half: the tenders of Solo5 refuse it, which is an error, and other monitors may start it. Compare its size with the original, or build it again.",
        "a kernel of which a download brought one half";
    UNIKERNEL_DEVICE_NAME = "unikernel/device-name": "A Solo5 device has the name under which urunc attaches it.",
        "That is `service` and `storage` for mirage, unless `solo5NetDev` and `solo5BlkDev` say otherwise, and `tap` and `rootfs` for rumprun.",
        r#"a mirage with a device `net0`, without solo5NetDev = "net0";"#;
    UNIKERNEL_EMPTY = "unikernel/empty": "The kernel has bytes.",
        "No monitor starts an empty file.",
        "a kernel of 0 bytes";
    UNIKERNEL_GUEST_MISMATCH = "unikernel/guest-mismatch": "`unikernelType` is what the kernel is.",
        "urunc makes command line and devices for the type it is told. What the file says of itself is an error, what it seems to be by a word inside is a warning.",
        r#"unikernelType = "linux"; for a Solo5 guest"#;
    UNIKERNEL_INITRD_FORMAT = "unikernel/initrd-format": "The initrd is what the guest unpacks: cpio for linux and unikraft, an ELF file for hermit.",
        "Unikraft's should be one uncompressed newc archive, since urunc of 2026 adds files to it.",
        r#"initrd = "/rootfs.tar";"#;
    UNIKERNEL_MONITOR_MISMATCH = "unikernel/monitor-mismatch": "`hypervisor` is the monitor that the kernel is built for.",
        "The ABI note of a Solo5 guest names its target, and the tenders refuse any other; firecracker does not start a Unikraft with a Multiboot header.",
        r#"hypervisor = "hvt"; for hello.spt"#;
    UNIKERNEL_NEEDS_NETWORK = "unikernel/needs-network": "A guest that declares a network device is run with a network.",
        "Solo5 starts no guest without every device of its manifest. Run it with the engine's default network, and not with `--network none`.",
        "docker run --network none, for such a guest";
    UNIKERNEL_NO_BLOCK_DEVICE = "unikernel/no-block-device": "`block` is given to a Solo5 guest that declares a block device.",
        "Solo5 refuses a device that the manifest does not name.",
        r#"block = "/disk"; for a mirage without a block device"#;
    UNIKERNEL_NO_BOOT_PROTOCOL = "unikernel/no-boot-protocol": "On qemu and amd64 the kernel has a Multiboot header, a PVH note, or Linux' own header.",
        "QEMU refuses any other file as `-kernel`.",
        r#"hypervisor = "qemu"; for an ELF file built for firecracker"#;
    UNIKERNEL_NO_NETWORK_DEVICE = "unikernel/no-network-device": "A guest for hvt or spt that declares no network device is run without a network.",
        "docker, nerdctl and Kubernetes give every container a network, urunc attaches it to the guest, and Solo5 refuses a device that the manifest does not name. Type `docker run --network none …` or `nerdctl run --network none …`; Kubernetes has no such switch, so build the guest with the network device `tap` (rumprun) or `service` (mirage).",
        "a Solo5 guest whose manifest is empty";
    UNIKERNEL_NOT_SOLO5 = "unikernel/not-solo5": "On hvt and spt the kernel is a Solo5 guest.",
        "The tenders start only files with Solo5's notes.",
        r#"hypervisor = "hvt"; for a Linux kernel"#;
    UNIKERNEL_PROGRAM = "unikernel/program": "The kernel is no program of an operating system.",
        "It names an interpreter that only a running Linux or BSD has.",
        r#"binary = "/bin/nginx";"#;
    UNIKERNEL_SOLO5_ABI = "unikernel/solo5-abi": "A guest for hvt has version 2 of its interface.",
        "solo5-hvt of 0.8.0 and later starts no other.",
        "a guest built with Solo5 0.7";
    UNIKERNEL_TOO_MANY_DEVICES = "unikernel/too-many-devices": "A Solo5 guest declares at most one network and one block device.",
        "urunc attaches one of each, and Solo5 starts no guest without all.",
        "a mirage with two networks";
    UNIKERNEL_UNKNOWN_ARCHITECTURE = "unikernel/unknown-architecture": "The architecture is known: from the kernel's bytes or from `architecture`.",
        "Engines choose images by it.",
        "a gzip-compressed arm64 kernel";
    UNIKERNEL_UNUSED_INITRD = "unikernel/unused-initrd": "One of Unikraft's images is the base, and its initrd is not given to the guest.",
        "The files of the application are in it, and the kernel mounts it as its root.",
        "LABEL com.urunc.unikernel.binary=/unikraft/bin/kernel, without com.urunc.unikernel.initrd";
    URUNC_ABSENT_BLOCK_SWITCH = "urunc/absent-block-switch": "`useDMBlock` is set.",
        "urunc before 2026 takes its absence for true and looks for a disk behind the container's files. Without a block snapshotter a linux does not start, others start under containerd and cannot be deleted, and docker starts none. Package the image again with `useDMBlock = false;`.",
        "an image of bima without that label";
    URUNC_ANNOTATION_TWICE = "urunc/annotation-twice": "An annotation is given once, by its short or its full name.",
        "Of two values one would win without a word.",
        r#"binary = "/a"; "com.urunc.unikernel.binary" = "/b";"#;
    URUNC_ARCHITECTURE = "urunc/architecture": "The kernel is for amd64 or arm64.",
        "urunc runs on no other machines.",
        "a kernel for riscv64";
    URUNC_ARGUMENTS_IGNORED = "urunc/arguments-ignored": "The guest gets the arguments it is given.",
        "urunc gives mewz nothing but addresses, and a Unikraft on hyperlight-unikraft no command line at all.",
        r#"cmdline = "serve"; for mewz"#;
    URUNC_BAD_URUNC_JSON = "urunc/bad-urunc-json": "`/urunc.json` is a file, and in it an object of strings in standard base64 with padding.",
        "urunc takes an image whose file it cannot read for an ordinary container, and runs plain runc.",
        r#"{ "com.urunc.unikernel.hypervisor": "hvt" } in /urunc.json"#;
    URUNC_BLOCK_AT_ROOT = "urunc/block-at-root": "rumprun's block image is not mounted at `/`.",
        "Its kernel has a root of its own; urunc passes the mount point on and the guest fails.",
        r#"blkMntPoint = "/";"#;
    URUNC_BLOCK_IGNORED = "urunc/block-ignored": "The block image is used.",
        "Where `mountRootfs` or an initrd gives the guest its root, urunc of 2026 leaves `block` out.",
        r#"block = "/disk"; blkMntPoint = "/data"; mountRootfs = true;"#;
    URUNC_BLOCK_MOUNT_POINT = "urunc/block-mount-point": "`blkMntPoint` is an absolute path.",
        "The guest mounts the image there.",
        r#"blkMntPoint = "data";"#;
    URUNC_BLOCK_NOT_ON_MONITOR = "urunc/block-not-on-monitor": "The monitor gives the guest a disk.",
        "urunc attaches none to mirage on qemu and to linux on cloud-hypervisor.",
        r#"hypervisor = "qemu"; block = "/disk"; for mirage"#;
    URUNC_BLOCK_READ_ONLY = "urunc/block-read-only": "The user of the container may write the block image.",
        "Monitors open disks for reading and writing, and fail when they may not.",
        "user = 1000; with a block image of mode 0644";
    URUNC_BLOCK_UNSUPPORTED = "urunc/block-unsupported": "The guest takes a block image.",
        "unikraft, mewz and hermit are never given one; it would lie unused in the image.",
        r#"unikernelType = "unikraft"; block = "/disk";"#;
    URUNC_BLOCK_WITHOUT_MOUNT_POINT = "urunc/block-without-mount-point": "`block` comes with `blkMntPoint`.",
        "urunc of 2026 refuses to create the container; older ones attach the image anyway.",
        r#"block = "/disk";"#;
    URUNC_BOOT_FILE_MODE = "urunc/boot-file-mode": "The user of the container may read the boot files and enter the folders above them.",
        "urunc starts the monitor as that user. A user without a group, such as 1000, has the group 0.",
        r#"mode = "0600"; for the kernel, and user = 1000;"#;
    URUNC_CMDLINE_DIFFERS = "urunc/cmdline-differs": "`cmdline` and the arguments of the process say the same.",
        "urunc up to v0.5 gives the guest the one, and later ones the other.",
        r#"cmdline = "redis-server", beside Cmd = [ "unikernel" ]"#;
    URUNC_COMMAND_LINE = "urunc/command-line": "The command line of the guest fits the monitor.",
        "solo5-hvt and solo5-spt take 8191 bytes in all, what urunc adds and rumprun's JSON included; Linux reads 2047; an argument of a program has at most 131071. Shorten the arguments, or put them in a file of the guest.",
        r#"cmdline = "…"; of 9000 bytes, on hvt"#;
    URUNC_DELETED_FOLDER = "urunc/deleted-folder": "Boot files do not lie below `/usr`.",
        "urunc of 2025 deletes that folder of a container when the container ends, so `docker start` of the same container fails. New containers of the image work.",
        r#"binary = "/usr/share/kernel";"#;
    URUNC_DEVICE_NAME = "urunc/device-name": "A Solo5 device name has 1 to 67 letters and digits.",
        "Solo5's tools take no other.",
        r#"solo5NetDev = "net-0";"#;
    URUNC_ENGINE_FILE = "urunc/engine-file": "A boot file is none of `/etc/hostname`, `/etc/hosts` and `/etc/resolv.conf`.",
        "docker mounts files of its own there in every container, so the monitor would start those.",
        r#"binary = "/etc/hosts";"#;
    URUNC_ENV_IGNORED = "urunc/env-ignored": "The guest gets the environment it is given.",
        "mirage, mewz and hermit get none; rumprun and unikraft do from newer urunc only.",
        r#"env = { A = "1"; }; for mirage"#;
    URUNC_HIDDEN_FOLDER = "urunc/hidden-folder": "Boot files do not lie where urunc mounts something.",
        "urunc of 2025 mounts the host's libraries over `/lib`, `/lib64` and `/usr/lib`, empty file systems over `/dev` and `/tmp`, and pivots to `/old_root`. Where one of them is a symlink, what it leads to is hidden. Put boot files below `/unikernel/`.",
        r#"binary = "/lib/kernel";"#;
    URUNC_IGNORED_DEVICE_NAME = "urunc/ignored-device-name": "`solo5NetDev` and `solo5BlkDev` are for mirage.",
        "urunc passes them to no other guest.",
        r#"unikernelType = "rumprun"; solo5NetDev = "tap";"#;
    URUNC_INDEX = "urunc/index": "The image's name leads to its manifest.",
        "urunc's shim of 2026 does not follow an index, and sees no annotations behind one.",
        "an image that buildx pushed with attestations";
    URUNC_INITRD_AND_BLOCK = "urunc/initrd-and-block": "An initrd and a block image are not given together.",
        "The initrd is the root, and urunc of 2026 never attaches the block image.",
        r#"initrd = "/initrd"; block = "/disk"; blkMntPoint = "/data";"#;
    URUNC_INITRD_UNSUPPORTED = "urunc/initrd-unsupported": "The guest takes an initrd.",
        "rumprun, mirage, mewz and freebsd are not given one.",
        r#"unikernelType = "mirage"; initrd = "/initrd";"#;
    URUNC_LABEL_TOO_LONG = "urunc/label-too-long": "A label and its key have at most 4096 bytes together.",
        "containerd refuses to create a container with a longer one, and every annotation of urunc is a label as well. docker takes them.",
        r#"cmdline = "…"; of 5000 bytes"#;
    URUNC_MEMORY = "urunc/memory": "The boot files fit the memory of the guest.",
        "urunc gives 256 MiB unless the container has a limit; mewz alone needs 512 MiB.",
        "an initrd of 300 MiB";
    URUNC_MISSING_ANNOTATION = "urunc/missing-annotation": "`unikernelType`, `hypervisor`, `binary` and `cmdline` are there.",
        "Without one of them urunc takes the image for an ordinary container.",
        r#"annotations = { binary = "/k"; };"#;
    URUNC_MOUNT_PLACE = "urunc/mount-place": "`/dev`, `/tmp`, `/lib`, `/lib64`, `/usr/lib`, `/old_root` and what is above them are folders of the image, or not there.",
        "urunc of 2025 makes them and mounts over them from outside of the image, so a file, an absolute symlink or one that leads to nothing makes it fail. Leave them out.",
        r#"files."./libs" = "/usr";, where libs is a file"#;
    URUNC_MOUNT_POINT_WITHOUT_BLOCK = "urunc/mount-point-without-block": "`blkMntPoint` comes with `block`.",
        "Alone it has no effect.",
        r#"blkMntPoint = "/data";"#;
    URUNC_NO_COMMAND = "urunc/no-command": "An image has a command.",
        "docker does not start an image without one unless the user types one; containerd does. An empty word will do where the guest takes none: `cmd = [ \"\" ];`.",
        "an image of dockerTools with a kernel alone";
    URUNC_NEEDS_URUNIT = "urunc/needs-urunit": "A Linux guest whose program runs as another user, or in another folder, is started by urunit.",
        "A kernel starts its init as root in `/`; urunit is given user and folder in a file.",
        r#"user = "1000"; cmd = [ "/bin/server" ];"#;
    URUNC_NO_INIT = "urunc/no-init": "A Linux guest is given the program to start.",
        "The first word becomes `init=`, and a kernel without it panics.",
        r#"cmdline = ""; for linux"#;
    URUNC_NO_URUNC_JSON = "urunc/no-urunc-json": "An image has a `/urunc.json`.",
        "docker hands over no annotations, and urunc before 2026 reads nothing else.",
        "an image of dockerTools with labels alone";
    URUNC_NOT_A_BOOLEAN = "urunc/not-a-boolean": "A Boolean is spelled as Go's `ParseBool` takes it.",
        "urunc refuses every other word, \"yes\" and \"no\" among them.",
        r#"mountRootfs = "yes";"#;
    URUNC_NUL = "urunc/nul": "A value holds no NUL byte.",
        "No program can be given such an argument.",
        r#""cmdline": "a\u0000b""#;
    URUNC_OS = "urunc/os": "The system of the image is linux.",
        "Engines look for images for linux, whatever the guest is; docker refuses others.",
        "an image of kraft, whose system is qemu";
    URUNC_PATH = "urunc/path": "A path has letters, digits, `.`, `_`, `/` and `-`, is clean, and stays in the image.",
        "urunc of 2026 refuses others, and older ones split their command at blanks.",
        r#"binary = "/my kernel";"#;
    URUNC_PROGRAM_NAME = "urunc/program-name": "The first word means the same in every urunc.",
        "For unikraft it is the application's name up to 2025, and an argument like the others since 2026.",
        r#"cmdline = "nginx -c /nginx.conf"; for unikraft"#;
    URUNC_RELATIVE_PATH = "urunc/relative-path": "A path begins with `/`.",
        "urunc v0.5.0 refuses relative ones.",
        r#"binary = "kernel";"#;
    URUNC_ROOTFS_IGNORED = "urunc/rootfs-ignored": "`mountRootfs` has an effect.",
        "Where an initrd is given it is the root, and the flag is ignored.",
        r#"initrd = "/initrd"; mountRootfs = true;"#;
    URUNC_ROOTFS_NEEDS_BLOCK_SNAPSHOTTER = "urunc/rootfs-needs-block-snapshotter": "The container's files reach a guest on this monitor as a block device.",
        "It shares no folders, so containerd must use a snapshotter that makes block devices (devmapper, blockfile).",
        r#"hypervisor = "firecracker"; mountRootfs = true;"#;
    URUNC_ROOTFS_UNSUPPORTED = "urunc/rootfs-unsupported": "The guest takes the container's files as its root.",
        "urunc of 2026 refuses to create the container where they cannot be given.",
        r#"unikernelType = "mewz"; mountRootfs = true;"#;
    URUNC_RUNTIME_ANNOTATION = "urunc/runtime-annotation": "An annotation is one of the image, not of the runtime.",
        "urunc sets some keys itself when it starts a container.",
        r#""com.urunc.internal.x" = "y";"#;
    URUNC_SOURCES_DIFFER = "urunc/sources-differ": "Annotations, labels and `/urunc.json` say the same.",
        "Which of them urunc goes by depends on its release and on the engine.",
        "an annotation `hypervisor = qemu` beside a /urunc.json that says hvt";
    URUNC_TOO_MANY_WORDS = "urunc/too-many-words": "A Linux guest without urunit gets at most 32 arguments and 32 variables.",
        "The kernel has tables of that size and panics when one is full.",
        "env with 40 variables, for linux";
    URUNC_UNKNOWN_ANNOTATION = "urunc/unknown-annotation": "An annotation without a dot is one of urunc's.",
        "An unknown one is most often a slip, and urunc would not see it.",
        r#"binray = "/k";"#;
    URUNC_UNKNOWN_GUEST = "urunc/unknown-guest": "`unikernelType` is a guest that urunc knows, in lower case.",
        "urunc compares the word exactly.",
        r#"unikernelType = "Unikraft";"#;
    URUNC_UNKNOWN_HYPERVISOR = "urunc/unknown-hypervisor": "`hypervisor` is a monitor that urunc knows.",
        "urunc compares the word exactly; one monitor or another cannot be asked for.",
        r#"hypervisor = "kvm";"#;
    URUNC_UNSUPPORTED_PAIR = "urunc/unsupported-pair": "The monitor runs the guest.",
        "urunc of 2026 refuses any other pair when the container is created; older releases try it.",
        r#"unikernelType = "rumprun"; hypervisor = "qemu";"#;
    URUNC_USER = "urunc/user": "The user and the group are numbers up to 2147483647, or names that the image's `/etc/passwd` and `/etc/group` list.",
        "Engines look a name up there and refuse to start a container whose name they cannot find.",
        r#"user = "nobody"; without /etc/passwd"#;
    URUNC_VALUE_TOO_LONG = "urunc/value-too-long": "A value has at most 4096 bytes.",
        "urunc refuses a longer one.",
        "cmdline of 5000 bytes";
    URUNC_WORDS_JOINED = "urunc/words-joined": "A word of the command line has no blanks.",
        "urunc joins the words with blanks; only a Linux that urunit starts gets them one by one.",
        r#"cmd = [ "echo" "a b" ];"#;
}
