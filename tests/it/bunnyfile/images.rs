//! Bunnyfiles to images: what bunny's documentation shows, with kernels that do nothing, and what urunc is told.

use crate::foreign::{CONFIG, Layout, MANIFEST, layer, sha256};
use crate::support::{Folder, TAP, bimanix, copy, done, kernel, solo5};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const UNIKRAFT: &[u8] = include_bytes!("../../../examples/hello-qemu/hello.elf");

/// The smallest archive that an initrd can be: its end.
fn cpio() -> Vec<u8> {
    let head = format!("070701{}{:08x}{:08x}", "0".repeat(88), 11, 0);
    let mut bytes = [head.as_bytes(), b"TRAILER!!!\0"].concat();
    bytes.resize(512, 0);
    bytes
}

/// An ext2 file system, as far as it is looked at.
fn ext2() -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    bytes[1080..1082].copy_from_slice(&[0x53, 0xef]);
    bytes
}

/// A project with everything that the examples name.
fn project() -> Folder {
    let folder = Folder::new();
    folder.write("kernel", UNIKRAFT);
    folder.write("linux", kernel());
    folder.write("redis.hvt", solo5(1, &[TAP]));
    folder.write("block.hvt", solo5(1, &[TAP, ("rootfs", 1)]));
    folder.write("mirage.hvt", solo5(1, &[("service", 2)]));
    folder.write("rootfs.cpio", cpio());
    folder.write("disk.ext2", ext2());
    folder.write("conf/redis.conf", "port 6379\n");
    image(&folder, "catalog", "qemu", &[("unikraft/bin/kernel", UNIKRAFT), ("etc/keep", b"kept")]);
    image(&folder, "nginx", "linux", &[("usr/bin/nginx", b"nginx")]);
    folder
}

/// An image in a layout of this name: one layer with these files.
fn image(folder: &Folder, name: &str, os: &str, files: &[(&str, &[u8])]) {
    let layout = Layout::new();
    let files: Vec<_> = files.iter().map(|(path, bytes)| (*path, 0o644, *bytes)).collect();
    let tar = layer(&files);
    let diff_id = format!("sha256:{}", sha256(&tar));
    let config = json!({
        "architecture": "amd64", "os": os,
        "config": { "Cmd": ["-c", "/of-base"], "Env": ["OF=base"], "Labels": { "of": name } },
        "rootfs": { "type": "layers", "diff_ids": [diff_id] }
    });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": layout.blob(CONFIG, config.to_string().as_bytes()),
        "layers": [layout.blob("application/vnd.oci.image.layer.v1.tar", &tar)]
    });
    layout.write_index(&[layout.blob(MANIFEST, manifest.to_string().as_bytes())]);
    copy(&layout.0.path().join("image"), &folder.path().join(name));
}

/// Builds a text, and gives what was built. The args.nix that `convert` makes of it gives the same bytes.
fn build(folder: &Folder, text: &str) -> Value {
    folder.write("bunnyfile", text);
    let output = done(folder.path(), &["build", "-t", "a", "--json", "-o", "out"]);
    let converted = folder.path().join("converted.nix");
    std::fs::remove_file(&converted).unwrap_or_default();
    done(folder.path(), &["convert", "bunnyfile", "-t", "a", "-o", "converted.nix"]);
    done(folder.path(), &["build", "converted.nix", "-o", "by-nix"]);
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let written = std::fs::read_to_string(&converted).unwrap();
    assert!(bytes("out") == bytes("by-nix"), "{text}:\n{written}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// urunc's annotations of what was built, by their short names.
fn annotations(built: &Value) -> BTreeMap<&str, &str> {
    let all = built["annotations"].as_object().unwrap();
    all.iter()
        .filter_map(|(name, value)| {
            Some((name.strip_prefix("com.urunc.unikernel.")?, value.as_str().unwrap()))
        })
        .collect()
}

/// A bunnyfile, what bunny 0.0.5 tells urunc of it, and where this differs: a value, or nothing.
struct Case {
    text: &'static str,
    bunny: &'static [(&'static str, &'static str)],
    differs: &'static [(&'static str, Option<&'static str>)],
}

const CASES: &[Case] = &[
    // The README: an application with an initrd that is there.
    Case {
        text: "#syntax=registry.example/bunny:latest
version: v0.1
platforms: { framework: unikraft, version: 0.17.0, monitor: qemu, architecture: x86 }
rootfs: { from: local, path: rootfs.cpio }
kernel: { from: local, path: kernel }
cmd: [\"/server\"]
",
        bunny: &[
            ("binary", "/.boot/kernel"),
            ("cmdline", "/server"),
            ("hypervisor", "qemu"),
            ("initrd", "/.boot/rootfs"),
            ("mountRootfs", "false"),
            ("unikernelType", "unikraft"),
            ("unikernelVersion", "0.17.0"),
        ],
        differs: &[],
    },
    // The example nginx. bunny copies the kernel out of its image, and names an initrd that is not there.
    Case {
        text: "version: v0.1
platforms: { framework: unikraft, monitor: qemu, architecture: x86 }
kernel: { from: ./catalog, path: /unikraft/bin/kernel }
cmd: [\"-c\", \"/nginx/conf/nginx.conf\"]
",
        bunny: &[
            ("binary", "/.boot/kernel"),
            ("cmdline", "-c /nginx/conf/nginx.conf"),
            ("hypervisor", "qemu"),
            ("initrd", ""),
            ("mountRootfs", "false"),
            ("unikernelType", "unikraft"),
        ],
        differs: &[("binary", Some("/unikraft/bin/kernel")), ("initrd", None)],
    },
    // The example http, with an initrd that is there.
    Case {
        text: "version: v0.1
platforms: { framework: unikraft, version: 0.18.0, monitor: qemu, architecture: x86 }
rootfs: { from: local, path: rootfs.cpio, type: initrd }
kernel: { from: ./catalog, path: /unikraft/bin/kernel }
cmd: [\"/chttp\"]
",
        bunny: &[
            ("binary", "/unikraft/bin/kernel"),
            ("cmdline", "/chttp"),
            ("hypervisor", "qemu"),
            ("initrd", "/.boot/rootfs"),
            ("mountRootfs", "false"),
            ("unikernelType", "unikraft"),
            ("unikernelVersion", "0.18.0"),
        ],
        differs: &[],
    },
    // The example redis.
    Case {
        text: "version: v0.1
platforms:
  framework: rumprun
  monitor: hvt
  architecture: x86
rootfs:
  from: scratch
  type: raw
  include:
  - conf/:/conf
kernel: { from: local, path: redis.hvt }
cmd: [\"redis-server\", \"/data/conf/redis.conf\"]
",
        bunny: &[
            ("binary", "/.boot/kernel"),
            ("cmdline", "redis-server /data/conf/redis.conf"),
            ("hypervisor", "hvt"),
            ("mountRootfs", "true"),
            ("unikernelType", "rumprun"),
        ],
        differs: &[],
    },
    // A block image that is there.
    Case {
        text: "version: v0.1
platforms: { framework: rumprun, monitor: hvt }
rootfs: { from: local, path: disk.ext2, type: block }
kernel: { from: local, path: block.hvt }
cmdline: redis-server /data/redis.conf
",
        bunny: &[
            ("binary", "/.boot/kernel"),
            ("blkMntPoint", "/data"),
            ("block", "/.boot/rootfs"),
            ("cmdline", "redis-server /data/redis.conf"),
            ("hypervisor", "hvt"),
            ("mountRootfs", "false"),
            ("unikernelType", "rumprun"),
        ],
        differs: &[],
    },
    // A kernel alone. bunny asks for the files of the image, with which urunc of 2026 does not start it.
    Case {
        text: "version: v0.1
platforms: { framework: mirage, monitor: hvt }
kernel: { from: local, path: mirage.hvt }
",
        bunny: &[
            ("binary", "/.boot/kernel"),
            ("cmdline", ""),
            ("hypervisor", "hvt"),
            ("mountRootfs", "true"),
            ("unikernelType", "mirage"),
        ],
        differs: &[("mountRootfs", Some("false"))],
    },
    // A container image for Linux, with a kernel.
    Case {
        text: "version: v0.1
platforms: { framework: linux, monitor: qemu }
rootfs: { from: ./nginx, type: raw }
kernel: { from: local, path: linux }
entrypoint: [ /usr/bin/nginx ]
cmd: [ -g, daemon off; ]
",
        bunny: &[
            ("binary", "/.boot/kernel"),
            ("cmdline", "-g daemon off;"),
            ("hypervisor", "qemu"),
            ("mountRootfs", "true"),
            ("unikernelType", "linux"),
        ],
        // urunc up to v0.5 has no other arguments than these.
        differs: &[("cmdline", Some("/usr/bin/nginx -g daemon off;"))],
    },
];

#[test]
fn urunc_is_told_what_bunny_tells_it() {
    let folder = project();
    for case in CASES {
        let mut expected: BTreeMap<&str, &str> = case.bunny.iter().copied().collect();
        for (name, value) in case.differs {
            let old = match value {
                Some(value) => expected.insert(name, value),
                None => expected.remove(name),
            };
            assert!(old.is_some() && old != *value, "{name} does not differ: {}", case.text);
        }
        // Both spellings, since an absent `useDMBlock` counts as true in 2025 (contract 1.5).
        expected.insert("useDMBlock", expected["mountRootfs"]);
        let built = build(&folder, case.text);
        assert_eq!(annotations(&built), expected, "{}", case.text);
        assert_eq!((&built["architecture"], &built["os"]), (&json!("amd64"), &json!("linux")));
        let (code, page) = inspected(&folder);
        assert_eq!(code, 0, "{}: {page}", case.text);
    }
}

/// What `inspect` says of what was built.
fn inspected(folder: &Folder) -> (i32, String) {
    let output = bimanix(folder.path()).args(["inspect", "out"]).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// The names of the files of what was built.
fn files(folder: &Folder) -> String {
    inspected(folder).1
}

/// bunny gives the kernel's image up where `rootfs` has files of its own.
#[test]
fn a_kernel_of_an_image_keeps_that_image() {
    let folder = project();
    let built = build(
        &folder,
        "version: v0.1
platforms: { framework: unikraft, monitor: qemu }
rootfs: { type: raw, include: [ \"conf:/conf\" ] }
kernel: { from: ./catalog, path: unikraft/bin/kernel }
envs: [ OWN=1 ]
",
    );
    assert_eq!(built["cmd"], json!(["-c", "/of-base"]));
    assert_eq!(built["env"], json!(["OF=base", "OWN=1"]));
    assert_eq!(annotations(&built)["cmdline"], "-c /of-base");
    assert_eq!(annotations(&built)["binary"], "/unikraft/bin/kernel");
    assert_eq!(built["layers"].as_array().unwrap().len(), 3, "{built}");
    let page = files(&folder);
    assert!(page.contains("of = \"catalog\""), "{page}");
}

#[test]
fn a_kernel_of_another_image_is_copied() {
    let folder = project();
    let built = build(
        &folder,
        "version: v0.1
platforms: { framework: unikraft, monitor: qemu }
rootfs: { from: ./nginx, type: raw, include: [ { from: ./catalog, source: etc/keep, destination: /k } ] }
kernel: { from: ./catalog, path: unikraft/bin/kernel }
",
    );
    assert_eq!(annotations(&built)["binary"], "/.boot/kernel");
    assert_eq!(annotations(&built)["mountRootfs"], "true");
    assert!(files(&folder).contains("of = \"nginx\""));
}

/// Of an image for several platforms, the monitor and the architecture say which one is meant: for a base, and for a
/// file of another image.
#[test]
fn platforms_of_images_follow_from_the_monitor() {
    let folder = project();
    let layout = Layout::new();
    let mut images = Vec::new();
    for os in ["fc", "qemu", "xen"] {
        let name = os.as_bytes();
        let tar = layer(&[("unikraft/bin/kernel", 0o644, UNIKRAFT), ("name", 0o644, name)]);
        let config = json!({
            "architecture": "x86_64", "os": os, "config": { "Cmd": [os] },
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", sha256(&tar))] }
        });
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": layout.blob(CONFIG, config.to_string().as_bytes()),
            "layers": [layout.blob("application/vnd.oci.image.layer.v1.tar", &tar)]
        });
        let mut image = layout.blob(MANIFEST, manifest.to_string().as_bytes());
        image["platform"] = json!({ "os": os, "architecture": "x86_64" });
        images.push(image);
    }
    layout.write_index(&images);
    copy(&layout.0.path().join("image"), &folder.path().join("several"));
    for (monitor, os) in [("qemu", "qemu"), ("firecracker", "fc")] {
        let head =
            format!("version: v0.1\nplatforms: {{ framework: unikraft, monitor: {monitor} }}\n");
        let kernel = "kernel: { from: ./several, path: /unikraft/bin/kernel }\n";
        assert_eq!(build(&folder, &format!("{head}{kernel}"))["cmd"], json!([os]));
    }
    let built = build(
        &folder,
        "version: v0.1
platforms: { framework: unikraft, monitor: qemu }
rootfs: { from: ./nginx, type: raw }
kernel: { from: ./several, path: /unikraft/bin/kernel }
",
    );
    assert_eq!(annotations(&built)["binary"], "/.boot/kernel");
}

/// What the form of a file has to do with it, and what the files are, shows at once.
#[test]
fn mistakes_of_the_text_and_of_the_image_show_together() {
    let folder = project();
    let refused = |text: &str, expected: &[&str]| {
        folder.write("bunnyfile", text);
        let output = bimanix(folder.path()).args(["build", "-t", "a"]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        for words in expected {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert_eq!(said.matches("error[").count(), expected.len(), "{said}");
        assert!(!folder.path().join("result").exists());
    };
    refused(
        "version: v0.1
platforms: { framework: unikarft, monitor: qmeu, architecture: m68k, url: x }
kernel: { from: local, path: kernel }
",
        &[
            "error[urunc/unknown-guest]: ",
            "error[urunc/unknown-hypervisor]: ",
            "error[recipe/architecture]: ",
            "error[bunnyfile/unknown-key]: ",
        ],
    );
    // What bunny never looks at.
    refused(
        "version: v0.1
platforms: { framework: rumprun, monitor: qemu }
kernel: { from: local, path: redis.hvt }
cmd: [ redis ]
",
        &["error[urunc/unsupported-pair]: ", "error[unikernel/monitor-mismatch]: "],
    );
    refused(
        "version: v0.1
platforms: { framework: unikraft, monitor: qemu, architecture: arm64 }
kernel: { from: local, path: kernel }
",
        &["error[unikernel/architecture-mismatch]: the kernel is built for amd64, not for arm64"],
    );
    refused(
        "version: v0.1
platforms: { framework: unikraft, monitor: qemu }
rootfs: { from: local, path: rootfs.cipo }
kernel: { from: local, path: kernle }
",
        &["bunnyfile:3:30", "bunnyfile:4:30"],
    );
    refused(
        "version: v0.1
platforms: { framework: unikraft, monitor: qemu }
kernel: { from: ./catalog, path: /unikraft/bin/kernle }
",
        &["error[files/not-in-image]: "],
    );
    refused(
        "version: v0.1
platforms: { framework: unikraft, monitor: qemu }
rootfs: { type: raw, include: [ \"kernel:/.boot/kernel\" ] }
kernel: { from: local, path: kernel }
",
        &["bunnyfile:4:30"],
    );
}

#[test]
fn bunnyfiles_are_found_and_built() {
    let folder = project();
    let text = CASES[0].text;
    let manifest = build(&folder, text)["manifest"].clone();
    let built = |arguments: &[&str]| {
        let arguments = [&["build", "--json", "-t", "a", "-o", "out"], arguments].concat();
        let output = done(folder.path(), &arguments);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["manifest"].clone()
    };
    for name in ["bunnyfile", "bunnyfile.yaml", "bunnyfile.yml"] {
        std::fs::remove_file(folder.path().join("bunnyfile")).ok();
        folder.write(name, text);
        for arguments in [&[][..], &["."], &[name], &["-f", name], &["-f", name, "."]] {
            assert_eq!(built(arguments), manifest, "{arguments:?}");
        }
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    for name in ["web.bunnyfile", "Bunnyfile", "bunnyfile.prod", "sub/web.yaml"] {
        folder.write(name, text);
        assert_eq!(built(&["-f", name, "."]), manifest, "{name}");
    }
    assert_eq!(built(&["web.bunnyfile"]), manifest);
    // Flags of other texts are not ignored in silence.
    for flag in ["--build-arg=A=1", "--build-context=a=conf", "--target=web"] {
        let arguments = ["check", "-t", "a", "web.bunnyfile", flag];
        let said = String::from_utf8(done(folder.path(), &arguments).stderr).unwrap();
        let name = flag.split('=').next().unwrap();
        let title = format!("warning[cli/flag]: `{name}` has no effect on a bunnyfile\n");
        assert!(said.contains(&title), "{said}");
    }
    // The other texts come first.
    folder.write("bunnyfile", text);
    folder.write("Dockerfile", "FROM scratch\nRUN x\n");
    let output = bimanix(folder.path()).args(["check"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("Dockerfile:2:1"), "{said}");
    let output = bimanix(folder.path()).args(["check", "-f", "no/bunnyfile"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("error[bunnyfile/input]: cannot read `no/bunnyfile`"), "{said}");
}
