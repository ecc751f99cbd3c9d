//! Images that are built on others: what is kept, what is merged, what is found in the base, what is refused.
//!
//! The bases are put together here byte by byte, as other tools write them and as none does.

mod boot;
mod catalog;
mod damage;
mod kept;
mod merged;
mod places;
mod platforms;
mod refused;
mod removed;

use crate::archive::{entries, files};
use crate::foreign::{CONFIG, INDEX, MANIFEST, gzip, sha256};
use crate::support::{Folder, bimanix, done, kernel};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tar::EntryType;

/// A layer as tools of others write it; `members` are in their order.
#[derive(Default)]
pub struct Tar(Vec<u8>);

impl Tar {
    fn add(mut self, name: &str, kind: EntryType, link: &str, bytes: &[u8]) -> Self {
        let mode = if kind == EntryType::Directory { 0o755 } else { 0o644 };
        self.raw(name, kind, (mode, 0, 0), link, bytes);
        self
    }

    fn raw(&mut self, name: &str, kind: EntryType, of: (u32, u64, u64), link: &str, bytes: &[u8]) {
        let (mode, uid, gid) = of;
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(uid);
        header.set_gid(gid);
        header.set_mtime(0);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self.0.extend(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
    }

    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        self.add(name, EntryType::Regular, "", bytes)
    }

    pub fn folder(mut self, name: &str, mode: u32, uid: u64, gid: u64) -> Self {
        self.raw(name, EntryType::Directory, (mode, uid, gid), "", b"");
        self
    }

    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.add(name, EntryType::Symlink, target, b"")
    }

    pub fn hard_link(self, name: &str, target: &str) -> Self {
        self.add(name, EntryType::Link, target, b"")
    }

    pub fn end(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }
}

/// How the layer of a base is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    pub fn pack(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Packing::Plain => bytes.to_vec(),
            Packing::Gzip => gzip(bytes),
            Packing::Zstd => zstd::encode_all(bytes, 3).unwrap(),
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Packing::Plain => "application/vnd.oci.image.layer.v1.tar",
            Packing::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Packing::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
        }
    }
}

/// The parts of an OCI image layout, by their names.
#[derive(Clone)]
pub struct Parts(pub BTreeMap<String, Vec<u8>>);

impl Parts {
    pub fn new() -> Self {
        let layout = br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec();
        Parts(BTreeMap::from([("oci-layout".to_owned(), layout)]))
    }

    pub fn blob(&mut self, media_type: &str, bytes: &[u8]) -> Value {
        let hex = sha256(bytes);
        self.0.insert(format!("blobs/sha256/{hex}"), bytes.to_vec());
        json!({ "mediaType": media_type, "digest": format!("sha256:{hex}"), "size": bytes.len() })
    }

    pub fn index(&mut self, manifests: &[Value]) {
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        self.0.insert("index.json".to_owned(), index.to_string().into_bytes());
    }

    /// The archive.
    pub fn tar(&self) -> Vec<u8> {
        self.0.iter().fold(Tar::default(), |tar, (name, bytes)| tar.file(name, bytes)).end()
    }

    /// The layout, as a folder.
    pub fn write(&self, folder: &Folder, name: &str) {
        for (part, bytes) in &self.0 {
            folder.write(&format!("{name}/{part}"), bytes);
        }
    }
}

/// An image to build on.
pub struct Base {
    /// Each with how it is stored and what else its descriptor says.
    pub layers: Vec<(Vec<u8>, Packing, Value)>,
    /// The whole configuration, but for its `diff_ids`.
    pub config: Value,
    /// Those of the manifest.
    pub annotations: Value,
}

impl Base {
    /// A base of these layers, all plain.
    pub fn new(layers: &[Vec<u8>]) -> Self {
        let config = json!({ "architecture": "amd64", "os": "linux" });
        let layer = |tar: &Vec<u8>| (tar.clone(), Packing::Plain, json!({}));
        Base { layers: layers.iter().map(layer).collect(), config, annotations: json!({}) }
    }

    /// A base that has a kernel at `/boot/kernel`, and nothing else.
    pub fn with_kernel() -> Self {
        Base::new(&[Tar::default().file("boot/kernel", &kernel()).end()])
    }

    /// With these members of `config`.
    pub fn process(mut self, process: Value) -> Self {
        self.config["config"] = process;
        self
    }

    /// With every layer stored like this.
    pub fn packed(mut self, packing: Packing) -> Self {
        self.layers.iter_mut().for_each(|layer| layer.1 = packing);
        self
    }

    /// Adds it to a layout, and gives its descriptor.
    pub fn add_to(&self, parts: &mut Parts) -> Value {
        let mut config = self.config.clone();
        let diff_ids = self.layers.iter().map(|(tar, ..)| format!("sha256:{}", sha256(tar)));
        config["rootfs"] = json!({ "type": "layers", "diff_ids": diff_ids.collect::<Vec<_>>() });
        let mut layers = Vec::new();
        for (tar, packing, more) in &self.layers {
            let mut descriptor = parts.blob(packing.media_type(), &packing.pack(tar));
            for (name, value) in more.as_object().unwrap() {
                descriptor[name] = value.clone();
            }
            layers.push(descriptor);
        }
        let config = parts.blob(CONFIG, config.to_string().as_bytes());
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers,
        });
        if self.annotations != json!({}) {
            manifest["annotations"] = self.annotations.clone();
        }
        parts.blob(MANIFEST, manifest.to_string().as_bytes())
    }

    /// A layout with nothing else in it.
    pub fn parts(&self) -> Parts {
        let mut parts = Parts::new();
        let descriptor = self.add_to(&mut parts);
        parts.index(&[descriptor]);
        parts
    }
}

/// What urunc is told of the kernel at `/boot/kernel`.
pub const ANNOTATIONS: &str = r#"
  annotations = {
    unikernelType = "hermit";
    hypervisor = "qemu";
    binary = "/boot/kernel";
    cmdline = "app";
  };"#;

/// An args.nix on `./base`, with these fields besides.
pub fn args(more: &str) -> String {
    format!("{{\n  name = \"a\";\n  base = ./base;{more}\n}}\n")
}

/// An image that was built, taken apart.
pub struct Built {
    /// What `inspect --json` says.
    pub page: Value,
    pub manifest: Value,
    pub config: Value,
    /// The blobs of its layers.
    pub layers: Vec<Vec<u8>>,
    /// What was said on the way.
    pub said: String,
}

impl Built {
    /// The image of an archive.
    pub fn open(folder: &Folder, name: &str, said: String) -> Self {
        let parts = files(&std::fs::read(folder.path().join(name)).unwrap());
        let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
        let blob = |descriptor: &Value| {
            let digest = descriptor["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap();
            let bytes = parts[&format!("blobs/sha256/{digest}")].clone();
            assert_eq!(
                (digest, descriptor["size"].as_u64().unwrap()),
                (&*sha256(&bytes), bytes.len() as u64)
            );
            bytes
        };
        let manifest = json(&blob(&json(&parts["index.json"])["manifests"][0]));
        let config = json(&blob(&manifest["config"]));
        let layers: Vec<Vec<u8>> =
            manifest["layers"].as_array().unwrap().iter().map(blob).collect();
        assert_eq!(config["rootfs"]["diff_ids"].as_array().unwrap().len(), layers.len());
        let docker: Vec<String> =
            serde_json::from_value(json(&parts["manifest.json"])[0]["Layers"].clone()).unwrap();
        let of_layers: Vec<String> =
            layers.iter().map(|layer| format!("blobs/sha256/{}", sha256(layer))).collect();
        assert_eq!(docker, of_layers);
        let page = done(folder.path(), &["inspect", "--json", name]).stdout;
        Built { page: json(&page), manifest, config, layers, said }
    }

    /// The entries of a layer that bimanix has made, each a line of its kind, mode, owner and path.
    pub fn lines(&self, layer: usize) -> Vec<String> {
        let line = |entry: crate::archive::Entry| {
            assert_eq!(entry.mtime, 0);
            let crate::archive::Entry { kind, mode, uid, gid, path, .. } = entry;
            format!("{kind} {mode:04o} {uid}:{gid} {}", String::from_utf8(path).unwrap())
        };
        entries(&self.layers[layer]).into_iter().map(line).collect()
    }

    /// The entries of all layers from this one on but the last, which is `/urunc.json`.
    pub fn lines_from(&self, layer: usize) -> Vec<String> {
        let last = self.layers.len() - 1;
        assert_eq!(entries(&self.layers[last]).last().unwrap().path, b"urunc.json");
        (layer..last).flat_map(|layer| self.lines(layer)).collect()
    }

    /// A member of its `config`.
    pub fn process(&self, name: &str) -> &Value {
        &self.config["config"][name]
    }
}

/// Builds the args.nix of a folder.
pub fn build(folder: &Folder, text: &str) -> Built {
    folder.write("args.nix", text);
    let output = done(folder.path(), &["build", "-o", "out"]);
    Built::open(folder, "out", String::from_utf8(output.stderr).unwrap())
}

/// The image of an args.nix with these fields on a base, which is at `./base` as an archive.
pub fn build_on(base: &Base, more: &str) -> Built {
    let folder = Folder::new();
    folder.write("base", base.parts().tar());
    build(&folder, &args(more))
}

/// The names in a folder.
fn names(folder: &Folder) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> =
        folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

/// Builds what is refused; gives the exit code and all that is said. Nothing is written.
pub fn refusal(folder: &Folder, arguments: &[&str]) -> (i32, String) {
    let before = names(folder);
    let output = bimanix(folder.path()).args(arguments).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "", "{arguments:?}");
    assert_eq!(names(folder), before, "{arguments:?}");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}
