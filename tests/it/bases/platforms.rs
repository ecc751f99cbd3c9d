//! Which image of several is the base.

use super::{ANNOTATIONS, Base, Built, Parts, Tar, args, refusal};
use crate::foreign::{INDEX, PREFIX};
use crate::support::{Folder, done, kernel};
use serde_json::{Value, json};

/// The image of a platform: `OS/ARCHITECTURE[/VARIANT]`, with a label that tells which one it is.
fn image(parts: &mut Parts, platform: &str) -> Value {
    let words: Vec<&str> = platform.split('/').collect();
    let mut base = Base::new(&[Tar::default().file("boot/kernel", &kernel()).end()])
        .process(json!({ "Labels": { "platform": platform } }));
    // What the kernel runs on is what it runs on; the names are those of the index.
    base.config["os"] = json!(words[0]);
    let mut descriptor = base.add_to(parts);
    descriptor["platform"] = json!({ "os": words[0], "architecture": words[1] });
    if let Some(variant) = words.get(2) {
        descriptor["platform"]["variant"] = json!(variant);
    }
    descriptor
}

/// A base for these platforms, in an index of its own or in that of the layout.
fn base(platforms: &[&str], nested: bool) -> Parts {
    let mut parts = Parts::new();
    let images: Vec<Value> = platforms.iter().map(|platform| image(&mut parts, platform)).collect();
    if nested {
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": images });
        let index = parts.blob(INDEX, index.to_string().as_bytes());
        parts.index(&[index]);
    } else {
        parts.index(&images);
    }
    parts
}

fn chosen(folder: &Folder) -> String {
    let built = Built::open(folder, "out", String::new());
    built.process("Labels")["platform"].as_str().unwrap().to_owned()
}

const CATALOG: [&str; 4] = ["fc/x86_64", "qemu/x86_64", "xen/x86_64", "kraftcloud/x86_64"];
const LINUX: [&str; 4] = ["linux/arm64/v8", "linux/amd64", "linux/arm/v6", "windows/amd64"];

/// By what the text says, whether the index is that of the layout or one below it.
#[test]
fn by_the_text() {
    for nested in [false, true] {
        for (platforms, platform, expected) in [
            (&CATALOG[..], "qemu/amd64", "qemu/x86_64"),
            (&CATALOG, "QEMU/x86_64", "qemu/x86_64"),
            (&CATALOG, "xen/amd64", "xen/x86_64"),
            (&LINUX, "linux/amd64", "linux/amd64"),
            (&LINUX, "linux/x86_64", "linux/amd64"),
        ] {
            let folder = Folder::new();
            folder.write("base", base(platforms, nested).tar());
            let text = args(ANNOTATIONS)
                .replace("./base", &format!("{{ image = ./base; platform = \"{platform}\"; }}"));
            folder.write("args.nix", text);
            done(folder.path(), &["build", "-o", "out"]);
            assert_eq!(chosen(&folder), expected, "args.nix: {platform}");
            folder.write("args.nix", args(ANNOTATIONS));
            done(folder.path(), &["build", "-o", "out", "--platform", platform]);
            assert_eq!(chosen(&folder), expected, "--platform {platform}");
            std::fs::remove_file(folder.path().join("args.nix")).unwrap();
            let labels = ["unikernelType=hermit", "hypervisor=qemu", "binary=/boot/kernel"];
            let labels = labels.map(|label| format!("LABEL {PREFIX}{label}\n")).concat();
            let text = format!("FROM --platform={platform} ./base\n{labels}CMD [\"x\"]\n");
            folder.write("Containerfile", text);
            done(folder.path(), &["build", "-o", "out", "-t", "a"]);
            assert_eq!(chosen(&folder), expected, "FROM --platform={platform}");
        }
    }
}

/// By the monitor, where it says enough; of an index with linux among others, linux is meant.
#[test]
fn by_what_else_is_known() {
    for (platforms, more, expected) in [
        (&CATALOG[..], "", "qemu/x86_64"),
        (&["windows/amd64", "linux/amd64"][..], "", "linux/amd64"),
        (&LINUX, "\n  architecture = \"amd64\";", "linux/amd64"),
        // One alone is taken for whatever system it is.
        (&["kraftcloud/x86_64"], "", "kraftcloud/x86_64"),
    ] {
        let folder = Folder::new();
        folder.write("base", base(platforms, true).tar());
        folder.write("args.nix", args(&format!("{ANNOTATIONS}{more}")));
        done(folder.path(), &["build", "-o", "out"]);
        assert_eq!(chosen(&folder), expected, "{platforms:?}");
    }
}

/// What buildx puts beside images, and images that are named and not there, are none to choose from.
#[test]
fn what_is_none() {
    let mut parts = Parts::new();
    let linux = image(&mut parts, "linux/amd64");
    let mut attestation = parts.blob(crate::foreign::MANIFEST, b"{}");
    attestation["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
    let mut absent = linux.clone();
    absent["digest"] = json!(format!("sha256:{}", "0".repeat(64)));
    absent["platform"]["architecture"] = json!("arm64");
    parts.index(&[absent, linux, attestation]);
    let folder = Folder::new();
    folder.write("base", parts.tar());
    folder.write("args.nix", args(ANNOTATIONS));
    done(folder.path(), &["build", "-o", "out"]);
    assert_eq!(chosen(&folder), "linux/amd64");
}

/// Each with its whole message.
#[test]
fn not_clear() {
    let folder = Folder::new();
    let mark = |field: &str| {
        format!(
            " --> args.nix:3:10\n  |\n3 |   base = {field};\n  |          {}\n",
            "^".repeat(field.len())
        )
    };
    let hvt = ANNOTATIONS.replace("qemu", "hvt");
    for (platforms, field, annotations, title, notes) in [
        (
            &CATALOG[..],
            "./base",
            hvt.as_str(),
            "`./base` has images for several platforms",
            "why: which one is meant is not clear: fc/amd64, kraftcloud/amd64, qemu/amd64, xen/amd64\n  = help: say which: \
             `platform = \"fc/amd64\";` in args.nix, `FROM --platform=fc/amd64` in a Containerfile, or `--platform fc/amd64`",
        ),
        (
            &LINUX,
            "./base",
            ANNOTATIONS,
            "`./base` has images for several platforms",
            "why: which one is meant is not clear: linux/amd64, linux/arm/v6, linux/arm64\n  = help: say which: `platform = \
             \"linux/arm64\";` in args.nix, `FROM --platform=linux/arm64` in a Containerfile, or `--platform linux/arm64`",
        ),
        (
            &["linux/amd64", "linux/amd64"],
            "./base",
            ANNOTATIONS,
            "`./base` has several images for linux/amd64",
            "why: only one of them can be the base\n  = help: take the one that is meant out of it, for instance with `skopeo copy`",
        ),
        (
            &LINUX,
            "{ image = ./base; platform = \"linux/s390x\"; }",
            ANNOTATIONS,
            "`./base` has no image for linux/s390x",
            "why: it has images for linux/amd64, linux/arm/v6, linux/arm64, windows/amd64\n  = help: choose one of these, or \
             another image",
        ),
        (
            &["linux/arm64"],
            "{ image = ./base; platform = \"linux/amd64\"; }",
            ANNOTATIONS,
            "`./base` has no image for linux/amd64",
            "why: it has images for linux/arm64\n  = help: choose one of these, or another image",
        ),
    ] {
        folder.write("base", base(platforms, false).tar());
        folder.write("args.nix", args(annotations).replace("./base", field));
        let (code, said) = refusal(&folder, &["build", "-o", "out"]);
        let expected = format!("error[recipe/platform]: {title}\n{}  = {notes}\n", mark(field));
        let expected = expected.replace("`./base`", "`base`");
        assert_eq!(code, 1);
        assert!(said.starts_with(&expected), "--- found\n{said}--- expected\n{expected}");
    }
    // The platform itself is marked where it is none.
    folder.write(
        "args.nix",
        args(ANNOTATIONS).replace("./base", "{ image = ./base; platform = \"amd64\"; }"),
    );
    assert_eq!(
        refusal(&folder, &["build", "-o", "out"]),
        (
            1,
            "error[recipe/platform]: `amd64` is not a platform\n --> args.nix:3:39\n  |\n3 |   base = { image = ./base; \
             platform = \"amd64\"; };\n  |                                       ^^^^^^^\n  = why: it names an operating \
             system or an architecture, not both\n  = help: write `OS/ARCHITECTURE`, such as `linux/amd64` or `qemu/amd64`\n"
                .to_owned()
        )
    );
    let (code, said) = refusal(&folder, &["build", "--platform", "a/b/c/d"]);
    assert_eq!(code, 2);
    assert!(said.contains("it has more than an operating system"), "{said}");
}
