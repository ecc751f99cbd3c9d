//! What is said of a bunnyfile.

explanations! {
    /// The codes of bunnyfiles.
    BUNNYFILES:
    BUNNYFILE_ALIAS = "bunnyfile/alias": "An anchor does not contain itself.",
        "An alias stands for the value of its anchor, so such a value would never end.",
        "cmd: &words [ *words ]";
    BUNNYFILE_DEPTH = "bunnyfile/depth": "Lists and mappings are nested at most 32 deep.",
        "A bunnyfile needs four levels.",
        "cmd: [[[[[[ and so on";
    BUNNYFILE_DEPRECATED = "bunnyfile/deprecated": "`cmd` replaces `cmdline`.",
        "`cmdline` is split at spaces, so an argument cannot contain one. It is ignored where there is a `cmd`.",
        "cmdline: nginx -c /nginx.conf";
    BUNNYFILE_DOCUMENTS = "bunnyfile/documents": "A bunnyfile is one YAML document.",
        "One file describes one image.",
        "a line `---` in the middle of the file";
    BUNNYFILE_DUPLICATE_KEY = "bunnyfile/duplicate-key": "A key is given once.",
        "YAML does not say which of two values would count.",
        "monitor: qemu, and monitor: firecracker below it";
    BUNNYFILE_EMPTY = "bunnyfile/empty": "A key that is there has a value.",
        "An empty string does not name a file, an image, a guest or a monitor.",
        "path: \"\"";
    BUNNYFILE_INPUT = "bunnyfile/input": "The bunnyfile can be read, and has at most 1 MiB.",
        "Everything else is in it.",
        "bimanix build -f no/bunnyfile";
    BUNNYFILE_KEY = "bunnyfile/key": "A key is a string.",
        "The fields of a bunnyfile have names.",
        "? [ cmd ] : hello";
    BUNNYFILE_MISSING_KEY = "bunnyfile/missing-key": "The required keys are there.",
        "They are `version`, `platforms` with `framework` and `monitor`, and `kernel` with `from` and `path`.",
        "kernel: { from: local }";
    BUNNYFILE_MORE = "bunnyfile/more": "A file has at most a hundred mistakes.",
        "With more, it is probably not a bunnyfile.",
        "-f values.yaml";
    BUNNYFILE_NOT_UTF_8 = "bunnyfile/not-utf-8": "A bunnyfile is UTF-8.",
        "Its values become JSON in the image, and JSON is UTF-8.",
        "a file saved as UTF-16";
    BUNNYFILE_NUL = "bunnyfile/nul": "No value contains a NUL character.",
        "Paths, arguments and variables cannot contain one.",
        r#"cmd: [ "a\0b" ]"#;
    BUNNYFILE_OUTSIDE = "bunnyfile/outside": "A path stays in the build context, behind symlinks too.",
        "An image is made of what is in that folder, so that it is the same everywhere.",
        "path: ../kernel";
    BUNNYFILE_ROOTFS = "bunnyfile/rootfs": "The keys of `rootfs` fit together.",
        "A root file system is a single file (`from` and `path`), or the files of the image and of `include` (`type: raw`).",
        "rootfs: { from: local, type: raw, path: disk }";
    BUNNYFILE_ROOTFS_TYPE = "bunnyfile/rootfs-type": "`type` is `raw`, `initrd` or `block`. It is required where the guest could take the file as either.",
        "urunc passes an initrd to the monitor in another way than a block image.",
        "rootfs: { from: local, path: disk }, for linux";
    BUNNYFILE_ROOTFS_UNUSED = "bunnyfile/rootfs-unused": "The guest can use the files of its image.",
        "MirageOS, Mewz and Hermit cannot, and urunc does not start them with `mountRootfs=true`.",
        "rootfs: { include: [ \"site:/site\" ] }, for mirage";
    BUNNYFILE_SCRATCH = "bunnyfile/scratch": "`scratch` has no files.",
        "It is the empty image.",
        "kernel: { from: scratch, path: /kernel }";
    BUNNYFILE_TAG = "bunnyfile/tag": "No value has a YAML tag.",
        "The type of a value follows from its key.",
        "version: !!float 0.1";
    BUNNYFILE_TYPE = "bunnyfile/type": "A value has the type that its key wants.",
        "`platforms`, `rootfs` and `kernel` are mappings; `cmd`, `entrypoint`, `envs` and `include` are lists; the rest are strings.",
        "cmd: hello";
    BUNNYFILE_UNKNOWN_KEY = "bunnyfile/unknown-key": "A key is one that bunnyfiles have.",
        "An unknown key is usually a typo.",
        "platfroms: { framework: unikraft }";
    BUNNYFILE_VERSION = "bunnyfile/version": "`version` is at most v0.1.",
        "In a newer version, the same keys could mean something else.",
        "version: v0.2";
    BUNNYFILE_YAML = "bunnyfile/yaml": "A bunnyfile is YAML 1.2.",
        "The rest of the file cannot be checked before that is fixed.",
        "cmd: [ \"a\", \"b\"";
}
