//! What is said of a bunnyfile.

explanations! {
    /// The codes of bunnyfiles.
    BUNNYFILES:
    "bunnyfile/alias": "An anchor does not contain itself.",
        "An alias stands for the value of its anchor, so such a value would have no end.",
        "cmd: &words [ *words ]";
    "bunnyfile/depth": "Lists and mappings are nested at most 32 deep.",
        "A bunnyfile needs four levels.",
        "cmd: [[[[[[ and so on";
    "bunnyfile/deprecated": "`cmd` replaces `cmdline`.",
        "`cmdline` is split at spaces, so no argument can have one in it. Beside `cmd` it has no effect.",
        "cmdline: nginx -c /nginx.conf";
    "bunnyfile/documents": "A bunnyfile is one YAML document.",
        "One file describes one image.",
        "a line `---` in the middle of the file";
    "bunnyfile/duplicate-key": "A key is given once.",
        "YAML does not say which of two values would count.",
        "monitor: qemu, and monitor: firecracker below it";
    "bunnyfile/empty": "A key that is there has a value.",
        "An empty string names no file, image, guest or monitor.",
        "path: \"\"";
    "bunnyfile/input": "The bunnyfile can be read, and has at most 1 MiB.",
        "Everything else is in it.",
        "bimanix build -f no/bunnyfile";
    "bunnyfile/key": "A key is a word.",
        "Lists, mappings and nothing name no field.",
        "? [ cmd ] : hello";
    "bunnyfile/missing-key": "The keys are there that an image cannot do without.",
        "These are `version`, `platforms` with `framework` and `monitor`, and `kernel` with `from` and `path`.",
        "kernel: { from: local }";
    "bunnyfile/more": "A file has at most a hundred mistakes.",
        "After that, nothing more is looked for: it is probably not a bunnyfile.",
        "a list of a thousand keys in the place of a bunnyfile";
    "bunnyfile/not-utf-8": "A bunnyfile is UTF-8.",
        "Its values become JSON in the image, and JSON is UTF-8.",
        "a file saved as UTF-16";
    "bunnyfile/nul": "No value has a NUL character in it.",
        "Linux has no paths, arguments or variables with one.",
        r#"cmd: [ "a\0b" ]"#;
    "bunnyfile/outside": "A path stays in the build context, behind symlinks too.",
        "An image is made of what is in that folder, so that it is the same everywhere.",
        "path: ../kernel";
    "bunnyfile/rootfs": "The keys of `rootfs` fit together.",
        "A root file system is one file (`from` and `path`), or the files of the image (`type: raw`) and of `include`.",
        "rootfs: { from: local, type: raw, path: disk }";
    "bunnyfile/rootfs-made": "An initrd or a block image is made with other tools.",
        "bimanix packs the one that is there; it does not make one of the files in `include`.",
        "rootfs: { type: initrd, include: [ \"app:/app\" ] }";
    "bunnyfile/rootfs-type": "`type` is `raw`, `initrd` or `block`, and is there where nothing else says what a file is.",
        "urunc hands an initrd and a block image to the monitor in different ways.",
        "rootfs: { from: local, path: disk }, for linux";
    "bunnyfile/rootfs-unused": "The guest can be given the files of its image.",
        "MirageOS, Mewz and Hermit cannot, and urunc refuses to start them with `mountRootfs=true`.",
        "rootfs: { include: [ \"site:/site\" ] }, for mirage";
    "bunnyfile/scratch": "`scratch` has no files.",
        "It is the empty image.",
        "kernel: { from: scratch, path: /kernel }";
    "bunnyfile/tag": "No value has a YAML tag.",
        "The key decides the type of its value.",
        "version: !!float 0.1";
    "bunnyfile/type": "A value has the type that its key wants.",
        "`platforms`, `rootfs` and `kernel` are mappings; `cmd`, `entrypoint`, `envs` and `include` are lists; the rest are strings.",
        "cmd: hello";
    "bunnyfile/unknown-key": "A key is one that bunnyfiles have.",
        "A key that means nothing is most often misspelled.",
        "platfroms: { framework: unikraft }";
    "bunnyfile/version": "`version` is at most v0.1.",
        "In a newer version, the same keys could mean something else.",
        "version: v0.2";
    "bunnyfile/yaml": "A bunnyfile is YAML 1.2.",
        "Nothing can be said about the rest of a file that is not.",
        "cmd: [ \"a\", \"b\"";
}
