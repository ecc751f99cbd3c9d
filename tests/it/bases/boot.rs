//! Boot files that are files of the base: found as an engine finds them, judged as local ones are.

use super::{ANNOTATIONS, Base, Packing, Tar, args, build, build_on, refusal};
use crate::support::{Folder, kernel};
use serde_json::{Value, json};

/// A kernel that is not the one of the other layers.
fn other() -> Vec<u8> {
    let mut bytes = kernel();
    bytes.resize(5000, 7);
    bytes
}

/// Where the kernel really is, and its size.
fn found(built: &super::Built) -> (String, u64) {
    let kernel = &built.page["bootFiles"][0];
    (kernel["path"].as_str().unwrap().to_owned(), kernel["size"].as_u64().unwrap())
}

/// The layers of a base, and where in it `/boot/kernel` is that is meant: of [`other`], all others are none.
fn layers() -> Vec<(&'static str, Vec<Vec<u8>>, &'static str)> {
    let tar = Tar::default;
    let text = || tar().file("boot/kernel", b"no kernel").end();
    vec![
        ("alone", vec![tar().file("boot/kernel", &other()).end()], "/boot/kernel"),
        ("with `./`", vec![tar().file("./boot/kernel", &other()).end()], "/boot/kernel"),
        ("absolute", vec![tar().file("/boot/kernel", &other()).end()], "/boot/kernel"),
        ("over another", vec![text(), tar().file("boot/kernel", &other()).end()], "/boot/kernel"),
        (
            "twice in one layer",
            vec![tar().file("boot/kernel", b"no kernel").file("boot/kernel", &other()).end()],
            "/boot/kernel",
        ),
        (
            "removed and put there again",
            vec![
                text(),
                tar().file(".wh.boot", b"").end(),
                tar().file("boot/kernel", &other()).end(),
            ],
            "/boot/kernel",
        ),
        // A whiteout is for what is below its layer, wherever in it the whiteout is.
        (
            "beside its whiteout",
            vec![text(), tar().file("boot/kernel", &other()).file("boot/.wh.kernel", b"").end()],
            "/boot/kernel",
        ),
        (
            "beside an opaque mark",
            vec![text(), tar().file("boot/kernel", &other()).file("boot/.wh..wh..opq", b"").end()],
            "/boot/kernel",
        ),
        (
            "behind an opaque mark",
            vec![
                tar().symlink("boot/kernel", "gone").end(),
                tar().folder("boot/", 0o755, 0, 0).file("boot/.wh..wh..opq", b"").end(),
                tar().file("boot/kernel", &other()).end(),
            ],
            "/boot/kernel",
        ),
        (
            "a hard link",
            vec![tar().file("a", &other()).hard_link("boot/kernel", "a").end()],
            "/boot/kernel",
        ),
        (
            "a hard link with a slash",
            vec![tar().file("a", &other()).hard_link("boot/kernel", "/a").end()],
            "/boot/kernel",
        ),
        (
            "a hard link to a lower layer",
            vec![tar().file("a", &other()).end(), tar().hard_link("boot/kernel", "./a").end()],
            "/boot/kernel",
        ),
        (
            "a hard link to what has been replaced since",
            vec![
                tar().file("a", &other()).hard_link("boot/kernel", "a").end(),
                tar().file("a", b"no kernel").end(),
            ],
            "/boot/kernel",
        ),
        (
            "a hard link to what has been removed since",
            vec![
                tar().file("a", &other()).hard_link("boot/kernel", "a").end(),
                tar().file(".wh.a", b"").end(),
            ],
            "/boot/kernel",
        ),
        (
            "behind symlinks",
            vec![
                tar().symlink("boot/kernel", "../vm/latest").symlink("vm", "/usr/vm").end(),
                tar().symlink("usr/vm/latest", "./v2/../v2/image").end(),
                tar().file("usr/vm/v2/image", &other()).end(),
            ],
            "/usr/vm/v2/image",
        ),
        (
            "in a folder behind a symlink",
            vec![
                tar().symlink("boot", "usr/boot").folder("usr/boot/", 0o755, 0, 0).end(),
                tar().file("boot/kernel", &other()).end(),
            ],
            "/usr/boot/kernel",
        ),
        // The folder takes the place of the symlink.
        (
            "in a folder over a symlink",
            vec![
                tar().symlink("boot", "usr/boot").file("usr/boot/kernel", b"no kernel").end(),
                tar().folder("boot/", 0o755, 0, 0).file("boot/kernel", &other()).end(),
            ],
            "/boot/kernel",
        ),
        (
            "behind a symlink over a folder",
            vec![text(), tar().symlink("boot", "b").file("b/kernel", &other()).end()],
            "/b/kernel",
        ),
    ]
}

#[test]
fn kernels_of_a_base() {
    for (what, layers, expected) in layers() {
        for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
            let built = build_on(&Base::new(&layers).packed(packing), ANNOTATIONS);
            let kernel = (expected.to_owned(), other().len() as u64);
            assert_eq!(found(&built), kernel, "{what}, {packing:?}");
            // Nothing of it is in a layer of its own.
            assert_eq!(built.layers.len(), layers.len() + 1, "{what}, {packing:?}");
        }
    }
}

/// Engines look at a whiteout where its folder really is.
#[test]
fn whiteouts_behind_symlinks() {
    let lower = Tar::default()
        .symlink("b", "boot")
        .symlink("c", "/boot")
        .file("boot/kernel", &other())
        .file("boot/other", &other());
    for whiteout in ["b/.wh.kernel", "c/.wh.kernel", "b/.wh..wh..opq"] {
        let upper = Tar::default().file(whiteout, b"");
        let base = Base::new(&[Tar(lower.0.clone()).end(), upper.end()]);
        let folder = Folder::new();
        folder.write("base", base.parts().tar());
        folder.write("args.nix", args(ANNOTATIONS));
        let (code, said) = refusal(&folder, &["build", "-o", "out"]);
        // An opaque mark is not one behind a symlink: engines walk the folder that is there.
        assert_eq!(code, 1, "{whiteout}");
        assert!(said.contains("error[files/not-in-image]"), "{whiteout}: {said}");
    }
}

/// A new kernel over that of the base.
#[test]
fn a_kernel_over_the_base() {
    let folder = Folder::new();
    let base = Base::new(&[Tar::default().file("boot/kernel", b"no kernel").end()]);
    folder.write("base", base.parts().tar());
    folder.write("k", other());
    let built = build(&folder, &args(&format!("{ANNOTATIONS}\n  files.\"k\" = \"/boot/kernel\";")));
    assert_eq!(found(&built), ("/boot/kernel".to_owned(), other().len() as u64));
    assert_eq!(built.layers.len(), 3);
}

/// A kernel that is put where a symlink of the base leads.
#[test]
fn a_kernel_behind_a_symlink_of_the_base() {
    let folder = Folder::new();
    let tar = Tar::default().symlink("boot", "usr/boot").folder("usr/boot/", 0o700, 1, 1);
    folder.write("base", Base::new(&[tar.end()]).parts().tar());
    folder.write("k", other());
    let built = build(&folder, &args(&format!("{ANNOTATIONS}\n  files.\"k\" = \"/boot/kernel\";")));
    assert_eq!(found(&built).0, "/usr/boot/kernel");
    assert_eq!(
        built.lines_from(1),
        ["5 0755 0:0 usr/", "5 0700 1:1 usr/boot/", "0 0644 0:0 usr/boot/kernel"]
    );
}

/// The initrd and the block image as well.
#[test]
fn initrd_and_block() {
    let mut initrd = b"070701".to_vec();
    initrd.resize(1024, b'0');
    let tar = Tar::default().file("boot/kernel", &kernel()).file("boot/initrd", &initrd);
    let base = Base::new(&[tar.end()]).packed(Packing::Gzip);
    let text = ANNOTATIONS
        .replace("hermit", "linux")
        .replace("cmdline", "initrd = \"/boot/initrd\";\n    cmdline");
    let built = build_on(&base, &text);
    let files = built.page["bootFiles"].as_array().unwrap();
    let paths: Vec<&Value> = files.iter().map(|file| &file["path"]).collect();
    assert_eq!(paths, ["/boot/kernel", "/boot/initrd"]);
}

/// The whole message for a base of these layers.
fn said(layers: &[Vec<u8>], config: &Value, more: &str) -> (i32, String) {
    let folder = Folder::new();
    let mut base = Base::new(layers).packed(Packing::Gzip);
    for (name, value) in config.as_object().unwrap() {
        base.config[name] = value.clone();
    }
    folder.write("base", base.parts().tar());
    folder.write("args.nix", args(more));
    refusal(&folder, &["build", "-o", "out"])
}

/// Where nothing is found, the text that names it is marked; the whole message each.
#[test]
fn what_is_not_there() {
    let mut expectations = crate::support::Expectations::default();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bases");
    let tar = Tar::default;
    let arm = {
        let mut bytes = kernel();
        bytes[18] = 183;
        bytes
    };
    for (name, layers, config, more) in [
        (
            "symlink-loop-at-binary",
            vec![tar().symlink("boot/kernel", "a").symlink("boot/a", "kernel").end()],
            json!({}),
            ANNOTATIONS.to_owned(),
        ),
        (
            "symlink-loop-above-binary",
            vec![tar().symlink("boot", "/b").symlink("b", "boot").end()],
            json!({}),
            ANNOTATIONS.to_owned(),
        ),
        (
            "symlink-to-nothing-at-binary",
            vec![tar().symlink("boot/kernel", "/vm/gone").end()],
            json!({}),
            ANNOTATIONS.to_owned(),
        ),
        (
            "binary-not-in-base",
            vec![tar().file("boot/kernels", &kernel()).end()],
            json!({}),
            ANNOTATIONS.to_owned(),
        ),
        (
            "binary-removed-in-base",
            vec![
                tar().file("boot/kernel", &kernel()).end(),
                tar().file("boot/.wh.kernel", b"").end(),
            ],
            json!({}),
            ANNOTATIONS.to_owned(),
        ),
        (
            "binary-is-a-folder-of-base",
            vec![tar().file("boot/kernel/image", &kernel()).end()],
            json!({}),
            ANNOTATIONS.to_owned(),
        ),
        (
            "binary-of-base-is-not-for-hvt",
            vec![tar().file("boot/kernel", &kernel()).end()],
            json!({}),
            ANNOTATIONS.replace("hermit", "rumprun").replace("qemu", "hvt"),
        ),
        (
            "binary-of-base-is-empty",
            vec![tar().file("boot/kernel", b"").end()],
            json!({}),
            ANNOTATIONS.to_owned(),
        ),
        (
            "kernel-of-base-for-another-architecture",
            vec![tar().file("boot/kernel", &arm).end()],
            json!({}),
            ANNOTATIONS.to_owned(),
        ),
        (
            "architecture-is-not-that-of-base",
            vec![tar().file("boot/kernel", &kernel()).end()],
            json!({ "architecture": "arm64", "variant": "v8" }),
            format!("{ANNOTATIONS}\n  architecture = \"amd64\";"),
        ),
        (
            "annotations-of-base-are-judged",
            vec![tar().file("boot/kernel", &kernel()).end()],
            json!({ "config": { "Labels": crate::foreign::said(&[
                ("unikernelType", "hermit"), ("hypervisor", "qemuu"), ("binary", "boot/kernel"),
                ("cmdline", "x"),
            ]) } }),
            String::new(),
        ),
        (
            "user-of-base-is-judged",
            vec![tar().file("boot/kernel", &kernel()).end()],
            json!({ "config": { "User": "nobody" } }),
            ANNOTATIONS.to_owned(),
        ),
    ] {
        let (code, said) = said(&layers, &config, &more);
        expectations.check(&folder.join(name), &format!("exit {code}\n{said}"));
    }
    expectations.finish();
}

/// In a Containerfile it is `FROM` that is marked for what the base says.
#[test]
fn from_is_marked() {
    let folder = Folder::new();
    let base = Base::new(&[Tar::default().file("boot/kernel", b"").end()]);
    let values = crate::foreign::said(&[
        ("unikernelType", "hermit"),
        ("hypervisor", "qemu"),
        ("binary", "/boot/kernel"),
        ("cmdline", "x"),
    ]);
    folder.write("base", base.process(json!({ "Labels": values })).parts().tar());
    folder.write("Containerfile", "# on a base\nFROM  ./base\n");
    let mut expectations = crate::support::Expectations::default();
    let (code, said) = refusal(&folder, &["build", "-o", "out", "-t", "a"]);
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bases/from-is-marked");
    expectations.check(&file, &format!("exit {code}\n{said}"));
    expectations.finish();
}
