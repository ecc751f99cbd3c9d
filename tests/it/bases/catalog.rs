//! Images as Unikraft publishes them, and the args.nix that `init` writes for them.

use crate::foreign::{CONFIG, INDEX, Layout, MANIFEST, layer, sha256};
use crate::support::{bimanix, done};
use serde_json::{Value, json};

/// One of Unikraft's images for a platform, in a layout; gives its descriptor.
fn catalog_image(layout: &Layout, platform: &str) -> Value {
    let files = [
        (
            "unikraft/bin/kernel",
            "org.unikraft.kernel.image",
            include_bytes!("../../../examples/hello-qemu/hello.elf").as_slice(),
        ),
        ("unikraft/bin/initrd", "org.unikraft.kernel.initrd", b"070701".as_slice()),
    ];
    let mut layers = Vec::new();
    let mut diff_ids = Vec::new();
    for (path, mark, bytes) in files {
        let tar = layer(&[(path, 0o644, bytes)]);
        diff_ids.push(format!("sha256:{}", sha256(&tar)));
        let mut blob = layout.blob("application/vnd.oci.image.layer.v1.tar", &tar);
        blob["annotations"] = json!({ mark: format!("/{path}") });
        layers.push(blob);
    }
    let config = json!({
        "architecture": "x86_64", "os": platform,
        "config": { "Cmd": ["-c", platform] },
        "rootfs": { "type": "layers", "diff_ids": diff_ids }
    });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": layout.blob(CONFIG, config.to_string().as_bytes()), "layers": layers,
        "annotations": { "org.unikraft.kernel.version": "0.17.0", "org.unikraft.kernel.plat": platform }
    });
    let mut descriptor = layout.blob(MANIFEST, manifest.to_string().as_bytes());
    descriptor["platform"] = json!({ "os": platform, "architecture": "x86_64" });
    descriptor
}

#[test]
fn unikrafts_images_say_what_they_are() {
    let layout = Layout::new();
    let images = ["fc", "qemu", "xen"].map(|platform| catalog_image(&layout, platform));
    let index = layout.blob(INDEX, &layout.index(&images));
    layout.write_index(&[index]);
    let folder = &layout.0;
    let check = |text: &str, more: &[&str]| {
        folder.write("Containerfile", text);
        let arguments = [&["build", "-t", "a", "-o", "out"], more].concat();
        let output = bimanix(folder.path()).args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    // Without the monitor nothing says which of the platforms is meant.
    let (code, said) = check("FROM ./image\n", &[]);
    assert_eq!(code, 1);
    assert!(
        said.contains("which one is meant is not clear: fc/amd64, qemu/amd64, xen/amd64"),
        "{said}"
    );
    let (_, said) = check("FROM ./image\n", &["--platform", "qemu/x86_64"]);
    for offered in [
        "unikernelType=\"unikraft\"`, as the base has it",
        "hypervisor=\"qemu\"`, as the base has it",
        "binary=\"/unikraft/bin/kernel\"`, as the base has it",
    ] {
        assert!(said.contains(offered), "{said}");
    }
    let text = "FROM ./image\n\
                LABEL com.urunc.unikernel.unikernelType=unikraft com.urunc.unikernel.hypervisor=qemu \
                com.urunc.unikernel.binary=/unikraft/bin/kernel\n";
    let (code, said) = check(text, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("add `LABEL com.urunc.unikernel.initrd=\"/unikraft/bin/initrd\"`"),
        "{said}"
    );
    let page: Value =
        serde_json::from_slice(&done(folder.path(), &["inspect", "--json", "out"]).stdout).unwrap();
    assert_eq!(page["os"], "linux");
    assert_eq!(page["architecture"], "amd64");
    assert_eq!(page["cmd"], json!(["-c", "qemu"]));
    assert_eq!(page["annotations"]["com.urunc.unikernel.cmdline"], "-c qemu");
}

#[test]
fn init_builds_on_an_image() {
    let layout = Layout::new();
    layout.write_index(&["fc", "qemu"].map(|platform| catalog_image(&layout, platform)));
    let folder = &layout.0;
    done(folder.path(), &["init", "image", "--platform", "qemu/amd64"]);
    let text = std::fs::read_to_string(folder.path().join("args.nix")).unwrap();
    for line in [
        "image = \"./image\";",
        "platform = \"qemu/amd64\";",
        "unikernelType = \"unikraft\"; # as the base says",
        "hypervisor = \"qemu\"; # as the base says",
        "unikernelVersion = \"0.17.0\"; # as the base says",
        "initrd = \"/unikraft/bin/initrd\";",
    ] {
        assert!(text.contains(line), "{text}");
    }
    done(folder.path(), &["build", "-o", "out"]);
    let page: Value =
        serde_json::from_slice(&done(folder.path(), &["inspect", "--json", "out"]).stdout).unwrap();
    assert_eq!(page["cmd"], json!(["-c", "qemu"]));
    // What is built says what it is, and can be built on again.
    std::fs::remove_file(folder.path().join("args.nix")).unwrap();
    done(folder.path(), &["init", "out"]);
    done(folder.path(), &["build", "-o", "again"]);
    let again: Value =
        serde_json::from_slice(&done(folder.path(), &["inspect", "--json", "again"]).stdout)
            .unwrap();
    assert_eq!(again["annotations"], page["annotations"]);
    // An image that says nothing of a kernel is refused, and so is one of which there are several.
    let output = bimanix(folder.path()).args(["init", "image", "-o", "x.nix"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("error[recipe/platform]") && said.contains("fc/amd64"), "{said}");
    folder.write(
        "plain.tar",
        crate::foreign::docker_archive(
            "a",
            &crate::foreign::config("amd64", &json!({}), &[]),
            &[],
            false,
        ),
    );
    let output =
        bimanix(folder.path()).args(["init", "plain.tar", "-o", "x.nix"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`plain.tar` does not say what its kernel is"), "{said}");
    assert!(!folder.path().join("x.nix").exists());
}

#[test]
fn engines_take_so_many_layers() {
    let folder = crate::support::Folder::new();
    folder.write("hello.hvt", include_bytes!("../../../hello.hvt"));
    let text = "FROM ./many.tar\nCOPY hello.hvt /k\nLABEL com.urunc.unikernel.unikernelType=rumprun \
                com.urunc.unikernel.hypervisor=hvt com.urunc.unikernel.binary=/k \
                com.urunc.unikernel.cmdline=x\n";
    folder.write("Containerfile", text);
    for (count, warns) in [(125, false), (126, true)] {
        let layers: Vec<Vec<u8>> =
            (0..count).map(|number| layer(&[(&format!("f{number}"), 0o644, b"x")])).collect();
        let config = crate::foreign::config("amd64", &json!({}), &layers);
        folder.write("many.tar", crate::foreign::docker_archive("a", &config, &layers, false));
        let output = bimanix(folder.path()).args(["build", "-t", "a"]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        assert_eq!(said.contains("warning[image/many-layers]"), warns, "{count}: {said}");
    }
}
