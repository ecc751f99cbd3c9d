//! `bimanix inspect` of layouts and archives that are put together here: what others write, and what
//! is broken in one place.

use crate::project::with_fields;
use crate::support::{Folder, bimanix, done, kernel};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use std::process::Command;

/// A layout folder to take apart.
struct Layout {
    folder: Folder,
    summary: Value,
}

impl Layout {
    fn new() -> Self {
        let folder = Folder::new();
        folder.write("kernel", kernel());
        folder.write("args.nix", with_fields("user = 1000;"));
        let arguments = ["build", "--format", "layout", "-o", "layout", "--json"];
        let summary = serde_json::from_slice(&done(folder.path(), &arguments).stdout).unwrap();
        Layout { folder, summary }
    }

    fn blob(&self, digest: &Value) -> PathBuf {
        let hex = digest.as_str().unwrap().trim_start_matches("sha256:");
        self.folder.path().join("layout/blobs/sha256").join(hex)
    }

    /// Writes a blob and gives its descriptor.
    fn put(&self, media_type: &str, bytes: &[u8]) -> Value {
        let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.write(&format!("layout/blobs/sha256/{hex}"), bytes);
        json!({
            "mediaType": media_type, "digest": format!("sha256:{hex}"), "size": bytes.len()
        })
    }

    fn index(&self, value: &Value) {
        self.folder.write("layout/index.json", value.to_string());
    }

    fn json(&self, digest: &Value) -> Value {
        serde_json::from_slice(&std::fs::read(self.blob(digest)).unwrap()).unwrap()
    }

    fn inspect(&self) -> Value {
        let output =
            bimanix(self.folder.path()).args(["inspect", "layout", "--json"]).output().unwrap();
        assert!(output.stderr.is_empty());
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refused(&self, code: &str) -> String {
        let output = bimanix(self.folder.path()).args(["inspect", "layout"]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(output.stdout.is_empty());
        assert!(said.starts_with(&format!("error[{code}]: ")), "{code}: {said}");
        said
    }
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

#[test]
fn a_layout_as_it_is_written() {
    let layout = Layout::new();
    let read = layout.inspect();
    for (key, value) in layout.summary.as_object().unwrap() {
        assert_eq!(read[key], *value, "{key}");
    }
    for key in [
        "names",
        "manifest",
        "config",
        "layers",
        "size",
        "architecture",
        "os",
        "created",
        "entrypoint",
        "cmd",
        "env",
        "workingDir",
        "user",
        "labels",
        "annotations",
        "uruncJson",
    ] {
        assert!(layout.summary.get(key).is_some(), "the form for programs has `{key}`");
    }
    assert_eq!(layout.summary.as_object().unwrap().len(), 16);
    let blobs: u64 = ["manifest", "config"]
        .iter()
        .map(|part| &layout.summary[part])
        .chain(layout.summary["layers"].as_array().unwrap().iter().map(|layer| &layer["digest"]))
        .map(|digest| std::fs::metadata(layout.blob(digest)).unwrap().len())
        .sum();
    assert_eq!(layout.summary["size"], blobs);
}

#[test]
fn a_part_that_is_missing() {
    let parts = ["manifest", "config", "layer"];
    for part in parts {
        let layout = Layout::new();
        let digest = match part {
            "layer" => &layout.summary["layers"][0]["digest"],
            other => &layout.summary[other],
        };
        std::fs::remove_file(layout.blob(digest)).unwrap();
        let said = layout.refused("image/missing-part");
        assert!(said.contains(digest.as_str().unwrap().trim_start_matches("sha256:")), "{said}");
    }
    let layout = Layout::new();
    std::fs::remove_file(layout.folder.path().join("layout/index.json")).unwrap();
    layout.refused("image/not-an-image");
}

#[test]
fn a_part_that_is_not_what_it_says() {
    for part in ["manifest", "config"] {
        let layout = Layout::new();
        let path = layout.blob(&layout.summary[part]);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.push(b' ');
        std::fs::write(path, bytes).unwrap();
        assert!(layout.refused("image/broken-part").contains("its digest is sha256:"));
    }
    let layout = Layout::new();
    let path = layout.blob(&layout.summary["layers"][0]["digest"]);
    std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(700).unwrap();
    assert!(layout.refused("image/broken-part").contains("700 bytes"));
}

#[test]
fn an_index_that_leads_nowhere() {
    let layout = Layout::new();
    let hex = "0".repeat(64);
    let to = |digest: &str| {
        json!({ "schemaVersion": 2, "manifests": [
            { "mediaType": MANIFEST, "digest": digest, "size": 2 } ] })
    };
    for (index, code) in [
        (json!({ "schemaVersion": 2, "manifests": [] }), "image/broken-part"),
        (json!({}), "image/broken-part"),
        (json!([]), "image/broken-part"),
        (json!("x"), "image/broken-part"),
        (to(&format!("sha256:{hex}")), "image/missing-part"),
        (to("sha256:../../../index.json"), "image/broken-part"),
        (to("sha256:"), "image/broken-part"),
        (to(&format!("sha512:{hex}{hex}")), "image/broken-part"),
    ] {
        layout.index(&index);
        layout.refused(code);
    }
    layout.folder.write("layout/index.json", "{ \"schemaVersion\": 2");
    layout.refused("image/broken-part");
    layout.folder.write("layout/index.json", [0xff; 40]);
    layout.refused("image/broken-part");
}

/// As buildx and multi-arch pushes write it; urunc's shim does not follow it, `inspect` does.
#[test]
fn an_index_of_indexes() {
    let layout = Layout::new();
    let manifest = std::fs::read(layout.blob(&layout.summary["manifest"])).unwrap();
    let mut descriptor = layout.put(MANIFEST, &manifest);
    for depth in 0..8 {
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor] });
        layout.index(&index);
        if depth < 3 {
            let read = layout.inspect();
            assert_eq!(read["manifest"], layout.summary["manifest"], "depth {depth}");
            assert_eq!(read["layers"], layout.summary["layers"]);
        } else if depth > 4 {
            layout.refused("image/broken-part");
        }
        descriptor = layout.put(INDEX, index.to_string().as_bytes());
    }
}

/// Configurations of others leave out what bimanix always writes.
#[test]
fn a_configuration_that_says_little() {
    let layout = Layout::new();
    let mut manifest = layout.json(&layout.summary["manifest"]);
    let diff_ids = layout.json(&layout.summary["config"])["rootfs"]["diff_ids"].clone();
    for config in [
        json!({ "architecture": "amd64", "os": "linux",
                "rootfs": { "type": "layers", "diff_ids": diff_ids } }),
        json!({ "architecture": "amd64", "os": "linux", "config": null, "history": null,
                "rootfs": { "type": "layers", "diff_ids": diff_ids } }),
        json!({ "architecture": "amd64", "os": "linux", "history": [],
                "config": { "Cmd": null, "Env": null, "Labels": null, "Volumes": null },
                "rootfs": { "type": "layers", "diff_ids": diff_ids } }),
    ] {
        let bytes = config.to_string();
        let media_type = "application/vnd.oci.image.config.v1+json";
        manifest["config"] = layout.put(media_type, bytes.as_bytes());
        let descriptor = layout.put(MANIFEST, manifest.to_string().as_bytes());
        layout.index(&json!({ "schemaVersion": 2, "manifests": [descriptor] }));
        let read = layout.inspect();
        assert_eq!((&read["cmd"], &read["labels"]), (&json!([]), &json!({})), "{config}");
        assert_eq!(read["uruncJson"], layout.summary["uruncJson"]);
        assert_eq!(read["layers"].as_array().unwrap().len(), 2);
    }
}

/// Docker 1.10 to 24 write a folder a layer, and a symlink for a layer that is there already.
#[test]
fn a_docker_archive_with_links() {
    let layout = Layout::new();
    let folder = layout.folder.path();
    for (number, layer) in layout.summary["layers"].as_array().unwrap().iter().enumerate() {
        let bytes = std::fs::read(layout.blob(&layer["digest"])).unwrap();
        layout.folder.write(&format!("docker/{number}/layer.tar"), bytes);
    }
    std::fs::create_dir(folder.join("docker/2")).unwrap();
    std::os::unix::fs::symlink("../1/layer.tar", folder.join("docker/2/layer.tar")).unwrap();
    std::fs::hard_link(folder.join("docker/1/layer.tar"), folder.join("docker/3.tar")).unwrap();
    let config = std::fs::read(layout.blob(&layout.summary["config"])).unwrap();
    layout.folder.write("docker/c.json", config);
    for (layers, tags) in [
        (json!(["0/layer.tar", "2/layer.tar"]), json!(["a:1", "b:2"])),
        (json!(["0/layer.tar", "3.tar"]), Value::Null),
    ] {
        let manifest = json!([{ "Config": "c.json", "RepoTags": tags, "Layers": layers }]);
        layout.folder.write("docker/manifest.json", manifest.to_string());
        let mut tar = Command::new("tar");
        tar.args(["-cf", "docker.tar", "-C", "docker", "--format=ustar", "."]);
        assert!(tar.current_dir(folder).status().unwrap().success());
        let read = done(folder, &["inspect", "docker.tar", "--json"]).stdout;
        let read: Value = serde_json::from_slice(&read).unwrap();
        assert_eq!(read["names"], if tags.is_null() { json!([]) } else { tags });
        assert_eq!(read["config"], layout.summary["config"]);
        assert_eq!(read["uruncJson"], layout.summary["uruncJson"]);
        assert_eq!(read["user"], "1000");
    }
}
