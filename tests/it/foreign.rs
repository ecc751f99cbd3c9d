//! Images as other tools make them, put together here from how those tools behave (contract section 4),
//! and the whole page that `bimanix inspect` shows of each: `tests/foreign/NAME`.

use crate::support::{Expectations, Folder, TAP, bimanix, kernel, solo5};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

pub const PREFIX: &str = "com.urunc.unikernel.";
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A layer of regular files; names may be anything, which `tar::Builder` would not allow.
pub fn layer(files: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, mode, bytes) in files {
        member(&mut tar, name, tar::EntryType::Regular, *mode, "", bytes);
    }
    tar.extend([0; 1024]);
    tar
}

pub fn member(
    tar: &mut Vec<u8>,
    name: &str,
    kind: tar::EntryType,
    mode: u32,
    link: &str,
    bytes: &[u8],
) {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    tar.extend(header.as_bytes());
    tar.extend(bytes);
    tar.resize(tar.len().next_multiple_of(512), 0);
}

/// What an image says, by short key.
pub fn said<'s>(values: &[(&'s str, &'s str)]) -> BTreeMap<String, String> {
    values.iter().map(|(key, value)| (format!("{PREFIX}{key}"), (*value).to_owned())).collect()
}

pub fn urunc_json(values: &BTreeMap<String, String>) -> Vec<u8> {
    let encoded: BTreeMap<&String, String> =
        values.iter().map(|(key, value)| (key, STANDARD.encode(value))).collect();
    serde_json::to_vec(&encoded).unwrap()
}

pub fn config(architecture: &str, process: &Value, layers: &[Vec<u8>]) -> Vec<u8> {
    let diff_ids: Vec<String> =
        layers.iter().map(|layer| format!("sha256:{}", sha256(layer))).collect();
    json!({
        "architecture": architecture, "os": "linux", "config": process,
        "rootfs": { "type": "layers", "diff_ids": diff_ids }
    })
    .to_string()
    .into_bytes()
}

/// An archive as `docker save` of old wrote it: no annotations.
pub fn docker_archive(name: &str, config: &[u8], layers: &[Vec<u8>], packed: bool) -> Vec<u8> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let names: Vec<String> = (0..layers.len())
        .map(|n| format!("{n}/layer.tar{}", if packed { ".gz" } else { "" }))
        .collect();
    for (name, layer) in names.iter().zip(layers) {
        files.push((name.clone(), if packed { gzip(layer) } else { layer.clone() }));
    }
    files.push(("config.json".to_owned(), config.to_vec()));
    let manifest = json!([{ "Config": "config.json", "RepoTags": [name], "Layers": names }]);
    files.push(("manifest.json".to_owned(), manifest.to_string().into_bytes()));
    let files: Vec<(&str, u32, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), 0o644, bytes.as_slice())).collect();
    layer(&files)
}

/// An OCI image layout that grows.
pub struct Layout(pub Folder);

impl Layout {
    pub fn new() -> Self {
        let folder = Folder::new();
        folder.write("image/oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#);
        Layout(folder)
    }

    pub fn blob(&self, media_type: &str, bytes: &[u8]) -> Value {
        let hex = sha256(bytes);
        self.0.write(&format!("image/blobs/sha256/{hex}"), bytes);
        json!({ "mediaType": media_type, "digest": format!("sha256:{hex}"), "size": bytes.len() })
    }

    pub fn manifest(
        &self,
        config: &[u8],
        layers: &[Vec<u8>],
        annotations: &BTreeMap<String, String>,
    ) -> Value {
        let layers: Vec<Value> = layers
            .iter()
            .map(|layer| self.blob("application/vnd.oci.image.layer.v1.tar+gzip", &gzip(layer)))
            .collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": self.blob(CONFIG, config),
            "layers": layers, "annotations": annotations
        });
        self.blob(MANIFEST, manifest.to_string().as_bytes())
    }

    pub fn index(&self, manifests: &[Value]) -> Vec<u8> {
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        index.to_string().into_bytes()
    }

    pub fn write_index(&self, manifests: &[Value]) {
        self.0.write("image/index.json", self.index(manifests));
    }
}

pub fn inspect(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = bimanix(folder.path()).arg("inspect").args(arguments).output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// Shows an image and compares the page.
pub fn shows(name: &str, folder: &Folder) {
    let (code, page, errors) = inspect(folder, &["image"]);
    assert_eq!(errors, "", "{name}");
    let mut expectations = Expectations::default();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign").join(name);
    expectations.check(&file, &format!("exit {}\n{page}", code.unwrap()));
    expectations.finish();
    // The form for programs says the same.
    let (again, json, _) = inspect(folder, &["image", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(again, code);
    for finding in json["findings"].as_array().unwrap() {
        assert!(page.contains(&format!("[{}]", finding["code"].as_str().unwrap())), "{finding}");
    }
}

/// Section 4.1: a layer for each `COPY` and one for `/urunc.json`, modes of 0, `Cmd` from the binary's
/// path, and no annotations, since it is saved as a docker archive.
#[test]
fn bima() {
    let values = said(&[
        ("unikernelType", "unikraft"),
        ("hypervisor", "qemu"),
        ("binary", "/unikernel/app"),
        ("cmdline", "nginx -c /nginx/conf/nginx.conf"),
    ]);
    let layers = [
        layer(&[("unikernel/app", 0, &kernel())]),
        layer(&[("urunc.json", 0, &urunc_json(&values))]),
    ];
    let config = config("amd64", &json!({ "Cmd": ["/unikernel/app"] }), &layers);
    let folder = Folder::new();
    folder.write("image", docker_archive("nginx:latest", &config, &layers, true));
    shows("bima", &folder);
}

/// Section 4.2: the entrypoint is a left-over, annotations are plain.
#[test]
fn pun() {
    let values = said(&[
        ("unikernelType", "rumprun"),
        ("hypervisor", "hvt"),
        ("binary", "/unikernel/redis.hvt"),
        ("cmdline", "redis-server"),
    ]);
    let layers = [
        layer(&[("unikernel/redis.hvt", 0o644, &solo5(1, &[TAP]))]),
        layer(&[("urunc.json", 0o644, &urunc_json(&values))]),
    ];
    let process = json!({ "Entrypoint": ["/hello2"], "WorkingDir": "/", "Labels": values });
    let layout = Layout::new();
    let manifest = layout.manifest(&config("amd64", &process, &layers), &layers, &values);
    layout.write_index(&[manifest]);
    shows("pun", &layout.0);
}

/// Section 4.3: `mountRootfs` is true for a kernel alone, which is fatal for mirage in urunc of 2026.
#[test]
fn bunny() {
    let values = said(&[
        ("unikernelType", "mirage"),
        ("hypervisor", "hvt"),
        ("binary", "/.boot/kernel"),
        ("cmdline", "-l debug"),
        ("mountRootfs", "true"),
    ]);
    let layers = [
        layer(&[(".boot/kernel", 0o644, &solo5(1, &[("service", 2)]))]),
        layer(&[("urunc.json", 0o644, &urunc_json(&values))]),
    ];
    let process = json!({ "Cmd": ["-l", "debug"], "Labels": values });
    let layout = Layout::new();
    let mut manifest = layout.manifest(&config("amd64", &process, &layers), &layers, &values);
    manifest["annotations"] = json!({ "org.opencontainers.image.ref.name": "latest" });
    layout.write_index(&[manifest]);
    shows("bunny", &layout.0);
}

/// Section 4.4: one layer, `Cmd = [ "unikernel" ]`, no labels and no annotations; optional values are
/// there and empty.
#[test]
fn bimanix_of_2024() {
    let values = said(&[
        ("unikernelType", "rumprun"),
        ("hypervisor", "hvt"),
        ("binary", "/unikernel/hello.hvt"),
        ("cmdline", "hello world"),
        ("block", ""),
        ("blkMntPoint", ""),
        ("initrd", ""),
        ("unikernelVersion", ""),
    ]);
    let layers = [layer(&[
        ("./unikernel/hello.hvt", 0o444, &solo5(1, &[TAP])),
        ("./urunc.json", 0o444, &urunc_json(&values)),
    ])];
    let config = config("amd64", &json!({ "Cmd": ["unikernel"] }), &layers);
    let folder = Folder::new();
    folder.write("image", gzip(&docker_archive("hello:latest", &config, &layers, false)));
    shows("bimanix-of-2024", &folder);
}

/// dockerTools knows labels and nothing of urunc: without a `/urunc.json`, docker runs runc.
#[test]
fn dockertools() {
    let values = said(&[
        ("unikernelType", "linux"),
        ("hypervisor", "qemu"),
        ("binary", "/boot/vmlinuz"),
        ("cmdline", "/init"),
    ]);
    let layers = [layer(&[("./boot/vmlinuz", 0o444, &kernel())])];
    let config = config("amd64", &json!({ "Labels": values }), &layers);
    let folder = Folder::new();
    folder.write("image", gzip(&docker_archive("linux:1", &config, &layers, false)));
    shows("dockertools", &folder);
}

/// kraft writes the monitor as the system, and keys of its own.
#[test]
fn kraft() {
    let layers = [layer(&[("unikraft/bin/kernel", 0o644, &kernel())])];
    let config = String::from_utf8(config("amd64", &json!({ "Cmd": ["nginx"] }), &layers)).unwrap();
    let config = config.replace("\"linux\"", "\"qemu\"");
    let layout = Layout::new();
    let own = BTreeMap::from([("org.unikraft.kernel.version".into(), "0.17.0".into())]);
    let manifest = layout.manifest(config.as_bytes(), &layers, &own);
    layout.write_index(&[manifest]);
    shows("kraft", &layout.0);
}

pub fn hello(json: &[u8], labels: &BTreeMap<String, String>) -> (Vec<u8>, Vec<Vec<u8>>) {
    let layers = vec![layer(&[
        ("unikernel/hello.hvt", 0o644, &solo5(1, &[TAP])),
        ("urunc.json", 0o644, json),
    ])];
    let process = json!({ "Cmd": ["hello"], "Labels": labels });
    (config("amd64", &process, &layers), layers)
}

pub const HELLO: &[(&str, &str)] = &[
    ("unikernelType", "rumprun"),
    ("hypervisor", "hvt"),
    ("binary", "/unikernel/hello.hvt"),
    ("cmdline", "hello"),
    ("useDMBlock", "false"),
];

/// Section 1.3: what is not base64 of a string makes urunc run runc.
#[test]
fn base64_that_is_none() {
    let plain = serde_json::to_vec(&said(HELLO)).unwrap();
    let (config, layers) = hello(&plain, &BTreeMap::new());
    let folder = Folder::new();
    folder.write("image", docker_archive("hello:plain", &config, &layers, false));
    shows("plain-urunc-json", &folder);
}

/// Section 1.4: an index, as buildx makes with its attestations, hides the annotations.
#[test]
fn an_index_hides_annotations() {
    let values = said(HELLO);
    let (config, layers) = hello(&urunc_json(&values), &BTreeMap::new());
    let layout = Layout::new();
    let mut manifest = layout.manifest(&config, &layers, &values);
    manifest["platform"] = json!({ "architecture": "amd64", "os": "linux" });
    let mut attestation = layout.manifest(b"{}", &[], &BTreeMap::new());
    attestation["platform"] = json!({ "architecture": "unknown", "os": "unknown" });
    attestation["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest" });
    let index = layout.index(&[manifest, attestation]);
    let mut index = layout.blob(INDEX, &index);
    index["annotations"] = json!({ "io.containerd.image.name": "docker.io/library/hello:1" });
    layout.write_index(&[index]);
    shows("index", &layout.0);
}

/// Two of the places that urunc reads, and two monitors.
#[test]
fn sources_that_differ() {
    let mut other = said(HELLO);
    let (config, layers) = hello(&urunc_json(&other), &said(HELLO));
    other.insert(format!("{PREFIX}hypervisor"), "spt".into());
    let layout = Layout::new();
    let manifest = layout.manifest(&config, &layers, &other);
    layout.write_index(&[manifest]);
    shows("sources-differ", &layout.0);
}

/// Several images in one archive are shown one after another.
#[test]
fn several_images() {
    let values = said(HELLO);
    let (config, layers) = hello(&urunc_json(&values), &values);
    let layout = Layout::new();
    let manifest = layout.manifest(&config, &layers, &values);
    let mut second = manifest.clone();
    second["annotations"] = json!({ "org.opencontainers.image.ref.name": "second" });
    layout.write_index(&[manifest, second]);
    let (code, page, _) = inspect(&layout.0, &["image"]);
    assert_eq!(code, Some(0), "{page}");
    assert_eq!(page.matches("\nmanifest    sha256:").count(), 2);
    let (_, json, _) = inspect(&layout.0, &["image", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["images"][1]["names"], json!(["second"]));
}

/// Layers hide what is below them.
#[test]
fn whiteouts_and_links() {
    let values = said(&[
        ("unikernelType", "linux"),
        ("hypervisor", "qemu"),
        ("binary", "/boot/vmlinuz"),
        ("initrd", "/opt/initrd"),
        ("cmdline", "/init"),
    ]);
    let lower = layer(&[
        ("boot/old", 0o644, &kernel()),
        ("opt/initrd", 0o644, b"070701"),
        ("opt/other", 0o644, b"x"),
        ("urunc.json", 0o644, &urunc_json(&values)),
    ]);
    let mut upper = Vec::new();
    member(&mut upper, "boot/vmlinuz", tar::EntryType::Link, 0o644, "boot/old", b"");
    member(&mut upper, "opt/.wh.initrd", tar::EntryType::Regular, 0, "", b"");
    member(&mut upper, "lib64", tar::EntryType::Symlink, 0o777, "/usr/lib64", b"");
    upper.extend([0; 1024]);
    let layers = [lower, upper];
    let config = config("amd64", &json!({ "Cmd": ["/init"] }), &layers);
    let folder = Folder::new();
    folder.write("image", docker_archive("linux:1", &config, &layers, true));
    let (code, json, _) = inspect(&folder, &["image", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(code, Some(1), "{json:#}");
    let codes: Vec<&str> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"files/not-in-image"), "the initrd is gone: {codes:?}");
    assert!(codes.contains(&"urunc/mount-place"), "{codes:?}");
    assert_eq!(json["bootFiles"][0]["path"], "/boot/vmlinuz");
    assert_eq!(json["bootFiles"][0]["size"], kernel().len());
}

/// What a stream, a compressed archive and a compressed layer hold is the same.
#[test]
fn streams_and_compression_change_nothing() {
    let values = said(HELLO);
    let (config, layers) = hello(&urunc_json(&values), &values);
    let plain = docker_archive("hello:1", &config, &layers, false);
    let folder = Folder::new();
    folder.write("image", &plain);
    let (_, expected, _) = inspect(&folder, &["image"]);
    folder.write("gzipped", gzip(&plain));
    folder.write("zstd", zstd::encode_all(plain.as_slice(), 3).unwrap());
    for packed in ["gzipped", "zstd"] {
        assert_eq!(inspect(&folder, &[packed]).1, expected, "{packed}");
        let stream = std::fs::File::open(folder.path().join(packed)).unwrap();
        let output = bimanix(folder.path()).args(["inspect", "-"]).stdin(stream).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{packed} as a stream");
    }
    let zstd_layers: Vec<(String, Vec<u8>)> = vec![
        ("l".into(), zstd::encode_all(layers[0].as_slice(), 3).unwrap()),
        ("c".into(), config.clone()),
        (
            "manifest.json".into(),
            json!([{ "Config": "c", "RepoTags": ["hello:1"], "Layers": ["l"] }])
                .to_string()
                .into_bytes(),
        ),
    ];
    let files: Vec<(&str, u32, &[u8])> =
        zstd_layers.iter().map(|(name, bytes)| (name.as_str(), 0, bytes.as_slice())).collect();
    folder.write("zstd-layers", layer(&files));
    let (_, page, _) = inspect(&folder, &["zstd-layers"]);
    let boot = |page: &str| page.split("\nkernel ").nth(1).map(str::to_owned);
    assert!(boot(&page).is_some());
    assert_eq!(boot(&page), boot(&expected));
}

/// Refused, with the reason and the part.
#[test]
fn what_is_broken_is_refused() {
    let values = said(HELLO);
    let (good_config, good) = hello(&urunc_json(&values), &values);
    let folder = Folder::new();
    let refused = |what: &str, archive: &[u8], more: &[&str], expected: &[&str]| {
        folder.write("image", archive);
        let arguments: Vec<&str> = more.iter().copied().chain(["image"]).collect();
        let (code, page, said) = inspect(&folder, &arguments);
        assert_eq!((code, page.as_str()), (Some(1), ""), "{what}: {said}");
        assert!(said.starts_with("error[image/"), "{what}: {said}");
        for words in expected {
            assert!(said.contains(words), "{what}: {said}");
        }
    };
    let with_layer = |bytes: Vec<u8>| {
        let layers = [bytes];
        docker_archive("a:1", &config("amd64", &json!({}), &layers), &layers, false)
    };
    let mut up = Vec::new();
    member(&mut up, "../../etc/passwd", tar::EntryType::Regular, 0o644, "", b"x");
    refused("a path that leaves", &with_layer(up), &[], &["`0/layer.tar`", "../../etc/passwd"]);
    let mut dangling = Vec::new();
    member(&mut dangling, "a", tar::EntryType::Link, 0o644, "b", b"");
    refused("a link to nothing", &with_layer(dangling), &[], &["`a` is a link to `b`"]);
    let mut lies = layer(&[("a", 0o644, b"x")]);
    lies[124..136].copy_from_slice(b"77777777777\0");
    let sum: u32 = lies[..512]
        .iter()
        .enumerate()
        .map(|(at, &byte)| if (148..156).contains(&at) { 32 } else { u32::from(byte) })
        .sum();
    lies[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    refused("a size that lies", &with_layer(lies), &[], &["ends in the middle"]);
    refused("no tar", &with_layer(vec![7; 2000]), &[], &["no tar header at byte 0"]);
    // A header that claims a long name of eight gigabytes.
    let mut long = Vec::new();
    member(&mut long, "././@LongLink", tar::EntryType::GNULongName, 0, "", b"");
    long[124..136].copy_from_slice(b"77777777777\0");
    let sum: u32 = long[..512]
        .iter()
        .enumerate()
        .map(|(at, &byte)| if (148..156).contains(&at) { 32 } else { u32::from(byte) })
        .sum();
    long[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    refused("a name without end", &with_layer(long), &[], &["extended header claims"]);
    // Digests that do not match.
    let other = config("amd64", &json!({}), &[b"other".to_vec()]);
    let wrong = docker_archive("a:1", &other, &good, false);
    refused("another layer", &wrong, &[], &["unpacked, its digest is", "the configuration says"]);
    // More layers than the configuration knows.
    let two = [good[0].clone(), good[0].clone()];
    let short = docker_archive("a:1", &good_config, &two, false);
    refused("a layer too many", &short, &[], &["names 2 layers", "configuration 1"]);
    // A bomb: a gigabyte of zeros in a megabyte.
    let zeros = {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut tar = layer(&[("a", 0o644, b"")]);
        tar.truncate(512);
        tar[124..136].copy_from_slice(b"10000000000\0");
        let sum: u32 = tar[..512]
            .iter()
            .enumerate()
            .map(|(at, &byte)| if (148..156).contains(&at) { 32 } else { u32::from(byte) })
            .sum();
        tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        encoder.write_all(&tar).unwrap();
        for _ in 0..256 {
            encoder.write_all(&vec![0; 1 << 20]).unwrap();
        }
        encoder.finish().unwrap()
    };
    let bomb = with_layer(zeros.clone());
    refused("a bomb", &bomb, &["--max-unpacked", "64M"], &["`0/layer.tar`", "--max-unpacked"]);
    refused("a bomb as an archive", &zeros, &["--max-unpacked", "64M"], &["--max-unpacked"]);
    // JSON of many megabytes.
    let large = format!("[{}]", " ".repeat(20 << 20));
    let huge = layer(&[("manifest.json", 0o644, large.as_bytes())]);
    refused("large JSON", &huge, &[], &["`manifest.json`", "are read at most"]);
    let deep = "[".repeat(1 << 20);
    let deep = layer(&[("manifest.json", 0o644, deep.as_bytes())]);
    refused("deep JSON", &deep, &[], &["`manifest.json`"]);
    let packed = |magic: &[u8]| with_layer([magic, &[0; 600]].concat());
    let others: [(&[u8], &str); 5] = [
        (b"\x04\x22\x4d\x18", "lz4"),
        (b"LZIP\x01", "lzip"),
        (b"\x5d\0\0\x80\0", "lzma"),
        (b"PK\x03\x04", "zip"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
    ];
    for (magic, name) in others {
        let why = format!("it is compressed with {name}; bimanix reads gzip, zstd, xz and bzip2");
        refused(name, &packed(magic), &[], &["`0/layer.tar`", &why]);
    }
    // A name in the manifest of a folder that leads out of it.
    let out = Folder::new();
    out.write("secret.json", good_config.clone());
    out.write("image/manifest.json", br#"[{"Config":"../secret.json","Layers":[]}]"#);
    let (code, _, said) = inspect(&out, &["image"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("leads out of the image"), "{said}");
}

/// What `inspect --json` says of a docker archive with these layers.
fn inspected(config: &[u8], layers: &[Vec<u8>]) -> (Option<i32>, Value) {
    let folder = Folder::new();
    folder.write("image", docker_archive("a:1", config, layers, false));
    let (code, json, said) = inspect(&folder, &["image", "--json"]);
    (code, serde_json::from_str(&json).unwrap_or_else(|_| panic!("{said}")))
}

pub fn codes(json: &Value) -> Vec<&str> {
    let findings = json["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

fn hello_with(json: &[u8]) -> (Option<i32>, Value) {
    let (config, layers) = hello(json, &BTreeMap::new());
    inspected(&config, &layers)
}

/// Go finds members in any case, and leaves alone what it does not know (section 1.3).
#[test]
fn members_of_urunc_json() {
    let values: BTreeMap<String, String> = said(HELLO);
    let encoded: BTreeMap<String, String> =
        values.iter().map(|(key, value)| (key.to_uppercase(), STANDARD.encode(value))).collect();
    let (code, json) = hello_with(&serde_json::to_vec(&encoded).unwrap());
    assert_eq!((code, codes(&json)), (Some(0), vec!["unikernel/needs-network"]), "{json:#}");
    let mut encoded: BTreeMap<String, String> =
        values.iter().map(|(key, value)| (key.clone(), STANDARD.encode(value))).collect();
    encoded.insert("other".into(), "plain!".into());
    let (code, json) = hello_with(&serde_json::to_vec(&encoded).unwrap());
    assert_eq!((code, codes(&json)), (Some(0), vec!["unikernel/needs-network"]), "{json:#}");
    let flag = br#"{"com.urunc.unikernel.useDMBlock":false}"#;
    let (code, json) = hello_with(flag);
    assert_eq!(code, Some(1));
    assert!(codes(&json).contains(&"urunc/bad-urunc-json"), "{json:#}");
    assert!(json["urunc"][0]["fails"].as_str().unwrap().contains("plain runc"));
}

/// Some annotations alone are nothing that urunc goes by (section 1.4).
#[test]
fn a_part_of_the_annotations_has_no_effect() {
    let values = said(HELLO);
    let (config, layers) = hello(&urunc_json(&values), &BTreeMap::new());
    let layout = Layout::new();
    let part = said(&[("hypervisor", "qemu")]);
    layout.write_index(&[layout.manifest(&config, &layers, &part)]);
    let (code, json, _) = inspect(&layout.0, &["image", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, codes(&json)), (Some(0), vec!["unikernel/needs-network"]), "{json:#}");
    let with_runtime = said(&[("vAccel", "vsock")]);
    layout.write_index(&[layout.manifest(&config, &layers, &with_runtime)]);
    let (code, json, _) = inspect(&layout.0, &["image", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let expected = vec!["urunc/runtime-annotation", "unikernel/needs-network"];
    assert_eq!((code, codes(&json)), (Some(1), expected));
}

/// Engines follow the symlinks above a file, and urunc a relative one at `/urunc.json`.
#[test]
fn links_on_the_way() {
    let values = said(HELLO);
    let mut upper = Vec::new();
    let mut lower = Vec::new();
    member(&mut lower, "unikernel", tar::EntryType::Symlink, 0o777, "real", b"");
    member(&mut lower, "urunc.json", tar::EntryType::Symlink, 0o777, "real/u.json", b"");
    lower.extend([0; 1024]);
    member(
        &mut upper,
        "unikernel/hello.hvt",
        tar::EntryType::Regular,
        0o644,
        "",
        &solo5(1, &[TAP]),
    );
    member(&mut upper, "real/u.json", tar::EntryType::Regular, 0o644, "", &urunc_json(&values));
    upper.extend([0; 1024]);
    let layers = [lower, upper];
    let process = json!({ "Cmd": ["hello"] });
    let (code, json) = inspected(&config("amd64", &process, &layers), &layers);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["bootFiles"][0]["path"], "/real/hello.hvt");
}

/// Names come from others, and a terminal shows them.
#[test]
fn names_do_not_reach_the_terminal_raw() {
    let labels = BTreeMap::from([("k\u{1b}[31m\nforged  row".to_owned(), "v".to_owned())]);
    let (config, layers) = hello(&urunc_json(&said(HELLO)), &labels);
    let folder = Folder::new();
    let archive = docker_archive("a:\u{1b}[31m\u{202e}b", &config, &layers, false);
    folder.write("image", archive);
    let (_, page, _) = inspect(&folder, &["image"]);
    assert!(!page.contains(['\u{1b}', '\u{202e}']), "{page}");
    assert!(!page.contains("\nforged"), "{page}");
}

/// A few kilobytes may not cost minutes or gigabytes.
#[test]
fn small_archives_stay_cheap() {
    let mut long = Vec::new();
    let record = format!("linkpath={}\n", "x".repeat(1_000_000));
    let record = format!("{} {record}", record.len() + 8);
    member(&mut long, "pax", tar::EntryType::XHeader, 0o644, "", record.as_bytes());
    member(&mut long, "s", tar::EntryType::Symlink, 0o777, "", b"");
    for _ in 0..4000 {
        member(&mut long, "l", tar::EntryType::Link, 0o644, "s", b"");
    }
    long.extend([0; 1024]);
    let mut siblings = Vec::new();
    for number in 0..30_000 {
        member(&mut siblings, &format!("x{number}"), tar::EntryType::Regular, 0o644, "", b"");
    }
    for _ in 0..30_000 {
        member(&mut siblings, "x", tar::EntryType::Regular, 0o644, "", b"");
    }
    siblings.extend([0; 1024]);
    for (what, bytes, code) in [("a long link", long, 1), ("siblings", siblings, 1)] {
        let layers = [bytes];
        let folder = Folder::new();
        let config = config("amd64", &json!({}), &layers);
        folder.write("image", docker_archive("a:1", &config, &layers, true));
        assert_eq!(inspect(&folder, &["image"]).0, Some(code), "{what}");
    }
}
