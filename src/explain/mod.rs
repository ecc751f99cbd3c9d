//! What each code means: the rule, its reason, and an example that breaks it.
//!
//! In: a code. Out: an [`Explanation`]. What always holds: every code that is printed is here and no other
//! (`tests/it/codes.rs`). The releases of urunc that a rule holds for come from the room of urunc.

/// Makes a list of explanations, which is sorted by code.
macro_rules! explanations {
    ($(#[$doc:meta])* $name:ident: $($code:literal: $rule:literal, $reason:literal, $example:literal;)*) => {
        $(#[$doc])*
        pub(super) const $name: &[$crate::explain::Explanation] = &[$($crate::explain::Explanation {
            code: $code, rule: $rule, reason: $reason, example: $example,
        }),*];
    };
}

mod bunnyfile;
mod containerfile;
mod running;

use crate::urunc;
use std::fmt::Write as _;

/// A code in words.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// The rule, in a sentence.
    pub rule: &'static str,
    /// Who enforces it, and what happens when it is broken.
    pub reason: &'static str,
    /// A line that breaks it.
    pub example: &'static str,
}

fn every() -> impl Iterator<Item = &'static Explanation> {
    let texts = bunnyfile::BUNNYFILES.iter().chain(containerfile::CONTAINERFILES);
    texts.chain(IMAGES).chain(running::RUNNING)
}

/// Every explanation, sorted by code.
pub fn all() -> Vec<&'static Explanation> {
    let mut all: Vec<&Explanation> = every().collect();
    all.sort_by_key(|explanation| explanation.code);
    all
}

/// The explanation of a code.
pub fn find(code: &str) -> Option<&'static Explanation> {
    every().find(|explanation| explanation.code == code)
}

/// Whether a finding with this code may be turned down: what urunc does with an image is somebody's
/// decision; a file that is missing is not.
pub fn may_be_allowed(code: &str) -> bool {
    (code.starts_with("urunc/") || code.starts_with("unikernel/")) && code != UNKNOWN_ARCHITECTURE
}

/// An image names an architecture; where the kernel says none, only the recipe can.
pub const UNKNOWN_ARCHITECTURE: &str = "unikernel/unknown-architecture";

impl Explanation {
    /// The explanation for people.
    pub fn render(&self) -> String {
        let Explanation { code, rule, reason, example } = self;
        let mut text = format!("{code}\n\n{rule}\n\nwhy:     {reason}\nexample: {example}\n");
        let eras = urunc::eras::of(code);
        if !eras.is_empty() {
            writeln!(text, "urunc:   {}", eras.join(", ")).unwrap_or_default();
        }
        if may_be_allowed(code) {
            let line =
                format!("allow:   `--allow {code}`, or `allow = [ \"{code}\" ];` in args.nix");
            writeln!(text, "{line}").unwrap_or_default();
        }
        text
    }
}

explanations! {
    /// What is said of a recipe, an image, an engine or a registry.
    IMAGES:
    "files/below-file": "A path in the image cannot lie below a file.",
        "A file has no folder in it, so the one of the two that comes second could not be unpacked.",
        r#"files = { "a" = "/x"; "b" = "/x/b"; };"#;
    "files/destination": "A destination is an absolute path without `..`, NUL and whiteout names.",
        "Engines unpack layers below a root, and read names that begin with `.wh.` as removals.",
        r#"files."kernel" = "unikernel/kernel";"#;
    "files/empty-source": "A source has a name.",
        "An empty one would mean the whole folder of args.nix, which is hardly ever meant.",
        r#"files."" = "/x";"#;
    "files/missing": "A source is there.",
        "Nothing can be packed from a path that does not exist.",
        r#"files."./kernle" = "/unikernel/kernel";"#;
    "files/name": "A file that goes into a folder has a name that can stand in an image.",
        "Without a name, or with one that engines read as a removal, it could not be unpacked.",
        r#"files."./.wh.x" = "/data/";"#;
    "files/not-in-image": "What `binary`, `initrd` and `block` name is a file of the image.",
        "urunc looks for it in the unpacked image and fails to start the container without it.",
        r#"binary = "/unikernel/kernle";"#;
    "files/output": "A source does not hold the image that is being written.",
        "Each build would pack the one before, so no two would be the same.",
        r#"files."./." = "/data"; with the output in the same folder"#;
    "files/outside": "A relative source stays below the folder of args.nix, behind symlinks too.",
        "An image is made of what its folder holds, so that it is the same everywhere.",
        r#"files."../kernel" = "/unikernel/kernel";"#;
    "files/over-folder": "A file goes where the base has a folder.",
        "It would take the folder's place, with everything in it.",
        r#"files."./hosts" = "/etc";, on a base with a folder /etc"#;
    "files/root": "A file cannot be the root of the image.",
        "The root is a folder; the content of a folder can be put there with `/.`.",
        r#"files."./kernel" = "/.";"#;
    "files/special": "A source is a file, a folder or a symlink.",
        "A FIFO, a socket or a device has no content that could be packed.",
        r#"files."/dev/kvm" = "/kvm";"#;
    "files/twice": "A path in the image comes from one source.",
        "Of two, the later would hide the other, and which one that is should not be left to chance.",
        r#"files = { "a" = "/x"; "b" = "/x"; };"#;
    "files/unreadable": "A source can be read by whoever builds.",
        "A Nix build runs as a user of its own, which sees the store and little else.",
        r#"files."./secret" = "/secret"; with mode 0600 and another owner"#;
    "files/urunc-json": "`/urunc.json` belongs to bimanix.",
        "urunc reads it, so it must say the same as the annotations.",
        r#"files."./urunc.json" = "/urunc.json";"#;
    "image/broken-part": "A part of an image is what its name and the other parts say.",
        "Digests and sizes are how engines know what they have; a part that differs is damaged, or another one.",
        "a layer cut off by a full disk";
    "image/config": "The configuration of the image is one that the specification allows.",
        "It is made here, so this is a mistake of bimanix.",
        "none is known";
    "image/many-layers": "The image has more layers than docker takes.",
        "The layers of the base are kept one by one, and docker takes 127 in all.",
        "FROM ./image.tar, an image of 126 layers";
    "image/missing-part": "An image holds every part that it names.",
        "Engines refuse an image with a part that is not there.",
        "a layout folder without one of its blobs";
    "image/not-an-image": "`inspect` and `load` are given an image.",
        "Others than OCI archives, docker archives, OCI image layouts and folders of skopeo's `dir:` are not read.",
        "bimanix inspect hello.hvt";
    "image/not-one": "`push`, and `load` of a layout, are given one image that has a manifest.",
        "A docker archive has none, and a push has one tag.",
        "a tar of docker save of old";
    "image/output": "The output can be written.",
        "A disk may be full, a folder may be missing or not be yours, and whoever reads a pipe may end too early.",
        "bimanix build -o /nowhere/result";
    "image/read": "The image can be read.",
        "What cannot be read cannot be shown.",
        "bimanix inspect ./nothing";
    "image/source": "A file stays readable while the image is built.",
        "It was there when the build began.",
        "a file that is removed during the build";
    "image/source-changed": "A file stays the same while the image is built.",
        "The image would hold a part of the old and a part of the new file.",
        "a log that grows during the build";
    "image/stopped": "A build goes on to its end.",
        "Another part of it has failed, which is reported in its place.",
        "none is known";
    "image/too-large": "Reading an image takes no more memory than 256 MiB, and unpacks no more than `--max-unpacked`.",
        "A few bytes can claim to be many; what is kept of names, links and JSON is paid for before it is kept.",
        "a megabyte of gzip with a million long names";
    "image/wrong-blob": "A layer of a base image has the bytes that its digest says.",
        "A digest names exactly one content; a file that was damaged or replaced would make another image.",
        "a base archive in which a byte was changed";
    "init/input": "The boot files given to `init` can be read.",
        "What cannot be read cannot be described.",
        "bimanix init ./nothing";
    "init/monitor": "The kernel is built for a monitor that urunc starts.",
        "Solo5 also builds for muen, genode and xen, which urunc does not know.",
        "bimanix init hello.muen";
    "init/no-kernel": "An initrd and a block image come with a kernel.",
        "Guest and monitor follow from the kernel.",
        "bimanix init --initrd initrd.cpio";
    "init/output": "`init` writes a new file.",
        "An args.nix that is there was written by somebody.",
        "bimanix init, twice";
    "init/unknown-guest": "The kernel carries the marks of a guest that urunc runs.",
        "Without them nothing could be filled in but guesses.",
        "bimanix init /bin/true";
    "load/failed": "The engine takes the image.",
        "Its client has said why it does not, or has ended before it had read the image.",
        "a daemon that does not run";
    "load/namespace": "A namespace is one of containerd.",
        "docker and podman have none.",
        "bimanix load --into docker --namespace k8s.io";
    "load/no-client": "The engine's client is on the PATH.",
        "The image is given to the engine by its own client.",
        "bimanix load --into podman, without podman";
    "load/no-name": "A layout says what its image is called.",
        "An engine keeps an image by its name; a tag alone is none.",
        "a layout that skopeo has written";
    "push/compressed": "The layers of an image that is there are pushed as they are.",
        "Its manifest has their digests, and the digest of the image is that of the manifest.",
        "bimanix push --compression zstd result";
    "push/mount": "Blobs are mounted from another repository of the same registry.",
        "A registry looks for them in itself alone.",
        "bimanix push --mount-from other.example/base . registry.example/hello:v1";
    "push/reference": "A place to push to is REGISTRY/NAME:TAG.",
        "It is what engines pull from.",
        "bimanix push args.nix Registry/X";
    "recipe/allow": "`allow` lists codes that begin with `urunc/` or `unikernel/`.",
        "What urunc does with an image is yours to decide; what cannot be packed is not.",
        r#"allow = [ "files/missing" ];"#;
    "recipe/architecture": "`architecture` is a name that OCI images use.",
        "Engines compare it with their own and refuse to run an image of another.",
        r#"architecture = "x86_64";"#;
    "recipe/argument": "An `--arg` is an argument that the file takes.",
        "One that nothing takes is most often a slip of its name.",
        "bimanix build --argstr tga v1";
    "recipe/base": "The base cannot be found.",
        "An image is built on an archive, on an image layout, or on an image of a registry.",
        "FROM docker.io/library/nginx";
    "recipe/cmdline-quote": "A quote in `cmdline` ends.",
        "The words of the command line become `Cmd`, split as a shell does.",
        r#"cmdline = "echo 'a";"#;
    "recipe/created": "`created` is a number of seconds since 1970, or a time in RFC 3339.",
        "The image records it; \"now\" would make every build another image.",
        r#"created = "now";"#;
    "recipe/env": "A variable has a name, `=` and a value without NUL.",
        "Runtimes refuse others, or drop them without a word.",
        r#"env = [ "PATH" ];"#;
    "recipe/input": "The args.nix can be read.",
        "Everything else follows from it.",
        "bimanix build ./no/args.nix";
    "recipe/link": "A symlink points to something.",
        "Linux has no symlink without a target.",
        r#"files."init" = { path = "/init"; link = ""; };"#;
    "recipe/missing-field": "`name` and `annotations` are there.",
        "An image has a name, and urunc runs nothing without annotations.",
        r#"{ name = "hello"; }"#;
    "recipe/missing-image": "An image written as a set has an `image`.",
        "It says where the image is: a file, a folder or a reference.",
        r#"base = { platform = "linux/amd64"; };"#;
    "recipe/missing-path": "A destination written as a set has a `path`.",
        "It says where in the image the file goes.",
        r#"files."kernel" = { mode = "0644"; };"#;
    "recipe/mode": "`mode` is an octal number up to 7777, as a string.",
        "Nix has no octal numbers, so 0644 as a number would mean another mode.",
        "mode = 644;";
    "recipe/name": "`name` is a repository name as registries take it.",
        "Upper case, doubled separators and the like are refused by every registry.",
        r#"name = "Hello";"#;
    "recipe/not-checked": "Every field of an args.nix can be checked.",
        "What depends on an undefined variable or another error has no value, so its own mistakes do not show yet.",
        "tag = version; # where no version is defined";
    "recipe/not-utf-8": "A string is UTF-8.",
        "The image says it in JSON, which has no other bytes.",
        r#"cmdline = builtins.substring 0 1 "é";"#;
    "recipe/owner": "`uid` and `gid` are numbers from 0 to 4294967294.",
        "An image has no other owners: 4294967295 is -1 to the system, which means that the owner stays as it is.",
        "uid = -1;";
    "recipe/platform": "No one image of the base is for the platform that is meant.",
        "An image can be there for several platforms; which one is taken never depends on the machine that builds.",
        r#"base = { image = ./nginx.tar; platform = "linux/s390x"; };"#;
    "recipe/port": "A port is a number from 1 to 65535, with `/tcp`, `/udp` or `/sctp` behind it or nothing.",
        "Engines take no other ports of an image.",
        r#"ports = [ "http" ];"#;
    "recipe/remove": "A path cannot be removed from the base.",
        "What is removed has to be there; the layer that removes it names it.",
        r#"remove = [ "/etc/nginx.cnf" ];"#;
    "recipe/reserved-field": "`rootfs` is reserved.",
        "It will say what the guest's root file system is made of; until then it would be ignored without a word.",
        "rootfs = { };";
    "recipe/stop-signal": "`stopSignal` is a signal of Linux, by its name or its number.",
        "Engines send no other signals.",
        r#"stopSignal = "SIGEND";"#;
    "recipe/tag": "`tag` has up to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two.",
        "Registries take no other tags.",
        r#"tag = "-1";"#;
    "recipe/two-contents": "What is put at a path comes from one source.",
        "A destination says `source`, `image`, `text`, `link` or `folder`, or none of them: then its key is the source. \
         With `image`, `source` is a path in it.",
        r#"files."motd" = { path = "/etc/motd"; source = ./motd; text = "hello"; };"#;
    "recipe/type": "A field has the type that the documentation gives.",
        "Nothing is converted behind your back.",
        "name = 1;";
    "recipe/unknown-field": "A field is one of those documented.",
        "An unknown one is most often a slip, and would have no effect.",
        r#"nmae = "hello";"#;
    "recipe/urunc-label": "`labels` holds no label of urunc.",
        "urunc's values are written as labels already, and must be the same everywhere.",
        r#"labels."com.urunc.unikernel.binary" = "/k";"#;
    "recipe/volume": "A volume is an absolute path.",
        "docker builds an image with another one, and then starts no container of it.",
        r#"volumes = [ "data" ];"#;
    "recipe/working-dir": "`workingDir` is an absolute path.",
        "Runtimes refuse a relative one.",
        r#"workingDir = "srv";"#;
    "registry/address": "A registry is a host, and maybe a port.",
        "Everything else of where an image is comes behind it.",
        "registry.example:99999";
    "registry/busy": "The registry can do what it is asked.",
        "It says itself that it cannot do it now, and was asked several times.",
        "a registry that answers 503";
    "registry/cache": "What was pulled can be kept.",
        "It is kept by its digest, so that it is fetched once, and is there without a network.",
        "XDG_CACHE_HOME=/nowhere";
    "registry/certificate": "The certificate of the registry is trusted.",
        "Without that, somebody else could answer in its place, and be given the login.",
        "a registry with a certificate of its own authority, without `--ca`";
    "registry/certificates": "The file of `--ca` holds certificates in PEM.",
        "They are what the certificate of the registry is checked with.",
        "--ca registry.key";
    "registry/cut": "A connection lasts until the answer has come.",
        "The registry, or something on the way, has closed it.",
        "a registry that is restarted";
    "registry/failed": "What can pass is done after some attempts.",
        "The last attempt failed as is said.",
        "a registry that answers 503";
    "registry/location": "A registry sends on to a place that may be gone to.",
        "Nothing leaves TLS, no login goes to another host, and a request stays what it is.",
        "`Location: http://…` behind a proxy that does TLS";
    "registry/login": "A login that the registry wants is known.",
        "Logins are those of docker and podman; they are for one registry, and go to no other.",
        "a push without `docker login`";
    "registry/logins": "The files with logins can be read.",
        "What cannot be read in them is left out, so a login may be missed.",
        r#"{ "auths": { "registry.example": null } }"#;
    "registry/missing": "The registry has what it is asked for.",
        "A tag may be gone; some registries say the same to who may not read.",
        "registry.example/hello:v9";
    "registry/nonsense": "What answers is a registry.",
        "Something else may listen at that port.",
        "a push to a mail server";
    "registry/not-a-manifest": "What has a tag is an image.",
        "Registries keep other things as well; manifests and indexes of OCI and of docker are read.",
        "a tag that docker before 1.10 has pushed";
    "registry/output": "What is pulled can be written.",
        "A disk may be full.",
        "none is known";
    "registry/proxy": "A proxy that the environment names can be used.",
        "Registries are reached through it, but for those on this machine and those in `no_proxy`.",
        "https_proxy=gopher://x";
    "registry/refused": "The registry does what it is asked.",
        "It says itself why it does not.",
        "a push to somebody else's repository";
    "registry/timeout": "A registry does something within the limits.",
        "Otherwise one that does nothing would be waited for without end.",
        "--answer-timeout 1, and a registry that takes two seconds";
    "registry/too-large": "A manifest has at most 4 MiB.",
        "That is what registries have to take; more would be read into memory without need.",
        "a registry that sends without end";
    "registry/unreachable": "The registry can be reached.",
        "Its name must have an address, something must listen there, and speak TLS unless it is on this machine.",
        "a registry that does not run";
    "registry/wrong-bytes": "What is pulled has the digest and the size that were asked for.",
        "Something else would be another image; nothing of it is kept.",
        "a registry that sends damaged blobs";
    "registry/wrong-digest": "The registry keeps the bytes that were sent.",
        "An image that differs would be refused by whoever pulls it.",
        "a registry that answers with another digest";
    "unikernel/architecture-mismatch": "`architecture` is what the kernel is built for.",
        "The engine would pull the image on machines that cannot run it.",
        r#"architecture = "amd64"; for an arm64 kernel"#;
    "unikernel/block-format": "The block image is raw, and holds what the guest mounts.",
        "urunc tells every monitor that a disk is raw; rumprun mounts ext2 and FFS; a Linux at `/` is given `/dev/vda` and no partition.",
        r#"block = "/disk.qcow2";"#;
    "unikernel/block-missing": "A block device that a Solo5 guest declares is attached.",
        "Solo5 starts no guest without every device of its manifest, and urunc attaches one only for `block`.",
        "a mirage with a device `storage`, and no `block`";
    "unikernel/block-size": "The size of a block image is a multiple of 512 bytes on hvt, spt and firecracker.",
        "solo5-hvt and solo5-spt refuse any other size; firecracker leaves the last bytes out. Fill the image up with `truncate -s %512 IMAGE`.",
        "a block image of 100 bytes";
    "unikernel/compressed-kernel": "On firecracker and amd64 the kernel is an uncompressed ELF file.",
        "Firecracker does not unpack a bzImage.",
        r#"hypervisor = "firecracker"; with a vmlinuz"#;
    "unikernel/damaged": "The kernel is whole.",
        "A file that was cut off or changed starts nowhere or half: the tenders of Solo5 refuse it, which is an error, and other monitors may start it. Compare its size with the original, or build it again.",
        "a kernel of which a download brought one half";
    "unikernel/device-name": "A Solo5 device has the name under which urunc attaches it.",
        "That is `service` and `storage` for mirage, unless `solo5NetDev` and `solo5BlkDev` say otherwise, and `tap` and `rootfs` for rumprun.",
        r#"a mirage with a device `net0`, without solo5NetDev = "net0";"#;
    "unikernel/empty": "The kernel has bytes.",
        "No monitor starts an empty file.",
        "a kernel of 0 bytes";
    "unikernel/guest-mismatch": "`unikernelType` is what the kernel is.",
        "urunc makes command line and devices for the type it is told. What the file says of itself is an error, what it seems to be by a word inside is a warning.",
        r#"unikernelType = "linux"; for a Solo5 guest"#;
    "unikernel/initrd-format": "The initrd is what the guest unpacks: cpio for linux and unikraft, an ELF file for hermit.",
        "Unikraft's should be one uncompressed newc archive, since urunc of 2026 adds files to it.",
        r#"initrd = "/rootfs.tar";"#;
    "unikernel/monitor-mismatch": "`hypervisor` is the monitor that the kernel is built for.",
        "The ABI note of a Solo5 guest names its target, and the tenders refuse any other; firecracker does not start a Unikraft with a Multiboot header.",
        r#"hypervisor = "hvt"; for hello.spt"#;
    "unikernel/needs-network": "A guest that declares a network device is run with a network.",
        "Solo5 starts no guest without every device of its manifest. Run it with the engine's default network, and not with `--network none`.",
        "docker run --network none, for such a guest";
    "unikernel/no-block-device": "`block` is given to a Solo5 guest that declares a block device.",
        "Solo5 refuses a device that the manifest does not name.",
        r#"block = "/disk"; for a mirage without a block device"#;
    "unikernel/no-boot-protocol": "On qemu and amd64 the kernel has a Multiboot header, a PVH note, or Linux' own header.",
        "QEMU refuses any other file as `-kernel`.",
        r#"hypervisor = "qemu"; for an ELF file built for firecracker"#;
    "unikernel/no-network-device": "A guest for hvt or spt that declares no network device is run without a network.",
        "docker, nerdctl and Kubernetes give every container a network, urunc attaches it to the guest, and Solo5 refuses a device that the manifest does not name. Type `docker run --network none …` or `nerdctl run --network none …`; Kubernetes has no such switch, so build the guest with the network device `tap` (rumprun) or `service` (mirage).",
        "a Solo5 guest whose manifest is empty";
    "unikernel/not-solo5": "On hvt and spt the kernel is a Solo5 guest.",
        "The tenders start only files with Solo5's notes.",
        r#"hypervisor = "hvt"; for a Linux kernel"#;
    "unikernel/program": "The kernel is no program of an operating system.",
        "It names an interpreter that only a running Linux or BSD has.",
        r#"binary = "/bin/nginx";"#;
    "unikernel/solo5-abi": "A guest for hvt has version 2 of its interface.",
        "solo5-hvt of 0.8.0 and later starts no other.",
        "a guest built with Solo5 0.7";
    "unikernel/too-many-devices": "A Solo5 guest declares at most one network and one block device.",
        "urunc attaches one of each, and Solo5 starts no guest without all.",
        "a mirage with two networks";
    "unikernel/unknown-architecture": "The architecture is known: from the kernel's bytes or from `architecture`.",
        "Engines choose images by it.",
        "a gzip-compressed arm64 kernel";
    "unikernel/unused-initrd": "One of Unikraft's images is the base, and its initrd is not given to the guest.",
        "The files of the application are in it, and the kernel mounts it as its root.",
        "LABEL com.urunc.unikernel.binary=/unikraft/bin/kernel, without com.urunc.unikernel.initrd";
    "urunc/absent-block-switch": "`useDMBlock` is set.",
        "urunc before 2026 takes its absence for true and looks for a disk behind the container's files. Without a block snapshotter a linux does not start, others start under containerd and cannot be deleted, and docker starts none. Package the image again with `useDMBlock = false;`.",
        "an image of bima without that label";
    "urunc/annotation-twice": "An annotation is given once, by its short or its full name.",
        "Of two values one would win without a word.",
        r#"binary = "/a"; "com.urunc.unikernel.binary" = "/b";"#;
    "urunc/architecture": "The kernel is for amd64 or arm64.",
        "urunc runs on no other machines.",
        "a kernel for riscv64";
    "urunc/arguments-ignored": "The guest gets the arguments it is given.",
        "urunc gives mewz nothing but addresses, and a Unikraft on hyperlight-unikraft no command line at all.",
        r#"cmdline = "serve"; for mewz"#;
    "urunc/bad-urunc-json": "`/urunc.json` is a file, and in it an object of strings in standard base64 with padding.",
        "urunc takes an image whose file it cannot read for an ordinary container, and runs plain runc.",
        r#"{ "com.urunc.unikernel.hypervisor": "hvt" } in /urunc.json"#;
    "urunc/block-at-root": "rumprun's block image is not mounted at `/`.",
        "Its kernel has a root of its own; urunc passes the mount point on and the guest fails.",
        r#"blkMntPoint = "/";"#;
    "urunc/block-ignored": "The block image is used.",
        "Where `mountRootfs` or an initrd gives the guest its root, urunc of 2026 leaves `block` out.",
        r#"block = "/disk"; blkMntPoint = "/data"; mountRootfs = true;"#;
    "urunc/block-mount-point": "`blkMntPoint` is an absolute path.",
        "The guest mounts the image there.",
        r#"blkMntPoint = "data";"#;
    "urunc/block-not-on-monitor": "The monitor gives the guest a disk.",
        "urunc attaches none to mirage on qemu and to linux on cloud-hypervisor.",
        r#"hypervisor = "qemu"; block = "/disk"; for mirage"#;
    "urunc/block-read-only": "The user of the container may write the block image.",
        "Monitors open disks for reading and writing, and fail when they may not.",
        "user = 1000; with a block image of mode 0644";
    "urunc/block-unsupported": "The guest takes a block image.",
        "unikraft, mewz and hermit are never given one; it would lie unused in the image.",
        r#"unikernelType = "unikraft"; block = "/disk";"#;
    "urunc/block-without-mount-point": "`block` comes with `blkMntPoint`.",
        "urunc of 2026 refuses to create the container; older ones attach the image anyway.",
        r#"block = "/disk";"#;
    "urunc/boot-file-mode": "The user of the container may read the boot files and enter the folders above them.",
        "urunc starts the monitor as that user. A user without a group, such as 1000, has the group 0.",
        r#"mode = "0600"; for the kernel, and user = 1000;"#;
    "urunc/cmdline-differs": "`cmdline` and the arguments of the process say the same.",
        "urunc up to v0.5 gives the guest the one, and later ones the other.",
        r#"cmdline = "redis-server", beside Cmd = [ "unikernel" ]"#;
    "urunc/command-line": "The command line of the guest fits the monitor.",
        "solo5-hvt and solo5-spt take 8191 bytes in all, what urunc adds and rumprun's JSON included; Linux reads 2047; an argument of a program has at most 131071. Shorten the arguments, or put them in a file of the guest.",
        r#"cmdline = "…"; of 9000 bytes, on hvt"#;
    "urunc/deleted-folder": "Boot files do not lie below `/usr`.",
        "urunc of 2025 deletes that folder of a container when the container ends, so `docker start` of the same container fails. New containers of the image work.",
        r#"binary = "/usr/share/kernel";"#;
    "urunc/device-name": "A Solo5 device name has 1 to 67 letters and digits.",
        "Solo5's tools take no other.",
        r#"solo5NetDev = "net-0";"#;
    "urunc/engine-file": "A boot file is none of `/etc/hostname`, `/etc/hosts` and `/etc/resolv.conf`.",
        "docker mounts files of its own there in every container, so the monitor would start those.",
        r#"binary = "/etc/hosts";"#;
    "urunc/env-ignored": "The guest gets the environment it is given.",
        "mirage, mewz and hermit get none; rumprun and unikraft do from newer urunc only.",
        r#"env = { A = "1"; }; for mirage"#;
    "urunc/hidden-folder": "Boot files do not lie where urunc mounts something.",
        "urunc of 2025 mounts the host's libraries over `/lib`, `/lib64` and `/usr/lib`, empty file systems over `/dev` and `/tmp`, and pivots to `/old_root`. Where one of them is a symlink, what it leads to is hidden. Put boot files below `/unikernel/`.",
        r#"binary = "/lib/kernel";"#;
    "urunc/ignored-device-name": "`solo5NetDev` and `solo5BlkDev` are for mirage.",
        "urunc passes them to no other guest.",
        r#"unikernelType = "rumprun"; solo5NetDev = "tap";"#;
    "urunc/index": "The image's name leads to its manifest.",
        "urunc's shim of 2026 does not follow an index, and sees no annotations behind one.",
        "an image that buildx pushed with attestations";
    "urunc/initrd-and-block": "An initrd and a block image are not given together.",
        "The initrd is the root, and urunc of 2026 never attaches the block image.",
        r#"initrd = "/initrd"; block = "/disk"; blkMntPoint = "/data";"#;
    "urunc/initrd-unsupported": "The guest takes an initrd.",
        "rumprun, mirage, mewz and freebsd are not given one.",
        r#"unikernelType = "mirage"; initrd = "/initrd";"#;
    "urunc/label-too-long": "A label and its key have at most 4096 bytes together.",
        "containerd refuses to create a container with a longer one, and every annotation of urunc is a label as well. docker takes them.",
        r#"cmdline = "…"; of 5000 bytes"#;
    "urunc/memory": "The boot files fit the memory of the guest.",
        "urunc gives 256 MiB unless the container has a limit; mewz alone needs 512 MiB.",
        "an initrd of 300 MiB";
    "urunc/missing-annotation": "`unikernelType`, `hypervisor`, `binary` and `cmdline` are there.",
        "Without one of them urunc takes the image for an ordinary container.",
        r#"annotations = { binary = "/k"; };"#;
    "urunc/mount-place": "`/dev`, `/tmp`, `/lib`, `/lib64`, `/usr/lib`, `/old_root` and what is above them are folders of the image, or not there.",
        "urunc of 2025 makes them and mounts over them from outside of the image, so a file, an absolute symlink or one that leads to nothing makes it fail. Leave them out.",
        r#"files."./libs" = "/usr";, where libs is a file"#;
    "urunc/mount-point-without-block": "`blkMntPoint` comes with `block`.",
        "Alone it has no effect.",
        r#"blkMntPoint = "/data";"#;
    "urunc/no-command": "An image has a command.",
        "docker does not start an image without one unless the user types one; containerd does. An empty word will do where the guest takes none: `cmd = [ \"\" ];`.",
        "an image of dockerTools with a kernel alone";
    "urunc/no-init": "A Linux guest is given the program to start.",
        "The first word becomes `init=`, and a kernel without it panics.",
        r#"cmdline = ""; for linux"#;
    "urunc/no-urunc-json": "An image has a `/urunc.json`.",
        "docker hands over no annotations, and urunc before 2026 reads nothing else.",
        "an image of dockerTools with labels alone";
    "urunc/not-a-boolean": "A Boolean is spelled as Go's ParseBool takes it.",
        "urunc refuses every other word, \"yes\" and \"no\" among them.",
        r#"mountRootfs = "yes";"#;
    "urunc/nul": "A value holds no NUL byte.",
        "No program can be given such an argument.",
        r#""cmdline": "a\u0000b""#;
    "urunc/os": "The system of the image is linux.",
        "Engines look for images for linux, whatever the guest is; docker refuses others.",
        "an image of kraft, whose system is qemu";
    "urunc/path": "A path has letters, digits, `.`, `_`, `/` and `-`, is clean, and stays in the image.",
        "urunc of 2026 refuses others, and older ones split their command at blanks.",
        r#"binary = "/my kernel";"#;
    "urunc/program-name": "The first word means the same in every urunc.",
        "For unikraft it is the application's name up to 2025, and an argument like the others since 2026.",
        r#"cmdline = "nginx -c /nginx.conf"; for unikraft"#;
    "urunc/relative-path": "A path begins with `/`.",
        "urunc v0.5.0 refuses relative ones.",
        r#"binary = "kernel";"#;
    "urunc/rootfs-ignored": "`mountRootfs` has an effect.",
        "Where an initrd is given it is the root, and the flag is ignored.",
        r#"initrd = "/initrd"; mountRootfs = true;"#;
    "urunc/rootfs-needs-block-snapshotter": "The container's files reach a guest on this monitor as a block device.",
        "It shares no folders, so containerd must use a snapshotter that makes block devices (devmapper, blockfile).",
        r#"hypervisor = "firecracker"; mountRootfs = true;"#;
    "urunc/rootfs-unsupported": "The guest takes the container's files as its root.",
        "urunc of 2026 refuses to create the container where they cannot be given.",
        r#"unikernelType = "mewz"; mountRootfs = true;"#;
    "urunc/runtime-annotation": "An annotation is one of the image, not of the runtime.",
        "urunc sets some keys itself when it starts a container.",
        r#""com.urunc.internal.x" = "y";"#;
    "urunc/sources-differ": "Annotations, labels and `/urunc.json` say the same.",
        "Which of them urunc goes by depends on its release and on the engine.",
        "an annotation `hypervisor = qemu` beside a /urunc.json that says hvt";
    "urunc/too-many-words": "A Linux guest without urunit gets at most 32 arguments and 32 variables.",
        "The kernel has tables of that size and panics when one is full.",
        "env with 40 variables, for linux";
    "urunc/unknown-annotation": "An annotation without a dot is one of urunc's.",
        "An unknown one is most often a slip, and urunc would not see it.",
        r#"binray = "/k";"#;
    "urunc/unknown-guest": "`unikernelType` is a guest that urunc knows, in lower case.",
        "urunc compares the word exactly.",
        r#"unikernelType = "Unikraft";"#;
    "urunc/unknown-hypervisor": "`hypervisor` is a monitor that urunc knows.",
        "urunc compares the word exactly; one monitor or another cannot be asked for.",
        r#"hypervisor = "kvm";"#;
    "urunc/unsupported-pair": "The monitor runs the guest.",
        "urunc of 2026 refuses any other pair when the container is created; older releases try it.",
        r#"unikernelType = "rumprun"; hypervisor = "qemu";"#;
    "urunc/user": "The user and the group are numbers up to 2147483647, or names that the image's `/etc/passwd` and `/etc/group` list.",
        "Engines look a name up there and refuse to start a container whose name they cannot find.",
        r#"user = "nobody"; without /etc/passwd"#;
    "urunc/value-too-long": "A value has at most 4096 bytes.",
        "urunc refuses a longer one.",
        "cmdline of 5000 bytes";
    "urunc/words-joined": "A word of the command line has no blanks.",
        "urunc joins the words with blanks; only a Linux that urunit starts gets them one by one.",
        r#"cmd = [ "echo" "a b" ];"#;
}
