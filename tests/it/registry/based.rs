//! Images that are built on images of registries: pulled, kept, chosen among platforms, and refused.

use super::*;
use crate::foreign::{CONFIG, INDEX, gzip, layer};
use crate::support::{bimanix, kernel};
use fake::part;
use serde_json::{Value, json};
use server::Ending;
use std::path::Path;
use std::process::Output;

/// A descriptor.
pub fn descriptor(kind: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": kind, "digest": Digest::of(bytes).to_string(), "size": bytes.len() })
}

impl Fake {
    /// Adds a manifest or an index by its digest, and by a tag unless that is empty; gives its descriptor.
    pub fn add_manifest(&self, tag: &str, kind: &str, value: &Value) -> Value {
        let bytes = value.to_string().into_bytes();
        let digest = Digest::of(&bytes).to_string();
        for name in [digest.as_str(), tag].into_iter().filter(|name| !name.is_empty()) {
            let key = ("team/base".to_owned(), name.to_owned());
            self.state().manifests.insert(key, (kind.to_owned(), bytes.clone()));
        }
        descriptor(kind, &bytes)
    }

    /// Adds an image of these files, a compressed layer of them; gives the descriptor of its manifest.
    pub fn add_image(&self, tag: &str, platform: &str, files: &[(&str, &[u8])]) -> Value {
        let files: Vec<_> = files.iter().map(|(name, bytes)| (*name, 0o644, *bytes)).collect();
        let tar = layer(&files);
        let blob = gzip(&tar);
        let (os, architecture) = platform.split_once('/').unwrap();
        let config = json!({
            "os": os, "architecture": architecture, "config": {},
            "rootfs": { "type": "layers", "diff_ids": [Digest::of(&tar).to_string()] },
        });
        let config = config.to_string().into_bytes();
        for bytes in [&config, &blob] {
            self.add_blob("team/base", bytes);
        }
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(CONFIG, &config),
            "layers": [descriptor("application/vnd.oci.image.layer.v1.tar+gzip", &blob)],
        });
        self.add_manifest(tag, MANIFEST, &manifest)
    }

    /// Adds an index.
    pub fn add_index(&self, tag: &str, manifests: &[Value]) -> Value {
        self.add_manifest(tag, INDEX, &json!({ "schemaVersion": 2, "manifests": manifests }))
    }
}

/// With the platform that an index says it has.
pub fn of_platform(mut descriptor: Value, platform: &str) -> Value {
    let (os, architecture) = platform.split_once('/').unwrap();
    descriptor["platform"] = json!({ "os": os, "architecture": architecture });
    descriptor
}

/// A folder with a text, a cache and a user's logins.
pub struct Project {
    pub folder: Folder,
}

impl Project {
    pub fn new() -> Self {
        Project { folder: Folder::new() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A Containerfile that is built on this.
    pub fn containerfile(&self, from: &str) {
        let labels = "LABEL com.urunc.unikernel.unikernelType=unikraft com.urunc.unikernel.hypervisor=qemu \
                      com.urunc.unikernel.binary=/kernel com.urunc.unikernel.cmdline=x\n";
        self.folder.write("Containerfile", format!("FROM {from}\n{labels}"));
    }

    /// An args.nix whose `base` is this.
    pub fn args_nix(&self, base: &str) {
        self.folder.write(
            "args.nix",
            format!(
                "{{\n  name = \"x\";\n  base = {base};\n  annotations = {{\n    unikernelType = \"unikraft\";\n    \
                 hypervisor = \"qemu\";\n    binary = \"/kernel\";\n    cmdline = \"x\";\n  }};\n}}\n"
            ),
        );
    }

    pub fn login(&self, registry: &str) {
        let entry = format!(r#"{{"username":"{USER}","password":"{PASSWORD}"}}"#);
        self.folder.write("docker/config.json", format!(r#"{{"auths":{{"{registry}":{entry}}}}}"#));
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = bimanix(self.folder.path());
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command.env("DOCKER_CONFIG", self.path("docker")).args(arguments).output().unwrap()
    }

    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    /// Builds the text of the folder; gives the bytes of the image.
    pub fn build(&self, more: &[&str]) -> Vec<u8> {
        self.done(&[&["build", "-t", "x:1", "-o", "result"], more].concat());
        std::fs::read(self.path("result")).unwrap()
    }

    /// Fails to build, and leaves nothing.
    pub fn refuses(&self, code: i32, more: &[&str]) -> String {
        let said = self.fails(code, &[&["build", "-t", "x:1", "-o", "refused"], more].concat());
        assert!(!self.path("refused").exists() && !self.path("bimanix.lock").exists(), "{said}");
        said
    }

    pub fn lock(&self) -> String {
        std::fs::read_to_string(self.path("bimanix.lock")).unwrap()
    }

    /// The files of the cache, with their sizes.
    pub fn kept(&self) -> Vec<(PathBuf, u64)> {
        let Ok(entries) = self.path("cache/bimanix/blobs/sha256").read_dir() else {
            return Vec::new();
        };
        let entries = entries.map(|entry| entry.unwrap());
        let mut kept: Vec<_> =
            entries.map(|entry| (entry.path(), entry.metadata().unwrap().len())).collect();
        kept.sort();
        kept
    }
}

/// A registry with an image that a unikernel can be started from.
pub fn with_base() -> Fake {
    let fake = Fake::new();
    fake.add_image("v1", "linux/amd64", &[("kernel", &kernel()), ("data", &large())]);
    fake
}

#[test]
fn the_second_build_needs_no_network() {
    let project = Project::new();
    let server = with_base().start();
    let host = server.host();
    project.containerfile(&format!("{host}/team/base:v1"));
    let first = project.build(&[]);
    assert!(project.lock().contains(&format!("\"{host}/team/base:v1\": {{ \"digest\": \"sha256:")));
    assert_eq!(project.kept().len(), 3);
    let asked = server.seen().len();
    assert!(project.build(&[]) == first);
    assert_eq!(server.seen().len(), asked, "nobody is asked for what is there");
    drop(server);
    assert!(project.build(&["--locked"]) == first);
    // The same in an args.nix, where the digest is written.
    let digest =
        project.lock().split('"').find(|word| word.starts_with("sha256:")).unwrap().to_owned();
    std::fs::remove_file(project.path("Containerfile")).unwrap();
    project.args_nix(&format!("\"{host}/team/base@{digest}\""));
    let lock = project.lock();
    project.build(&[]);
    project.args_nix(&format!(
        "{{ image = \"{host}/team/base:v1@{digest}\"; platform = \"linux/amd64\"; }}"
    ));
    project.build(&[]);
    assert_eq!(project.lock(), lock, "an args.nix has none");
}

#[test]
fn layers_keep_their_digests() {
    let project = Project::new();
    let fake = with_base();
    let server = fake.start();
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    project.done(&["build", "-t", "x:1", "--format", "layout", "-o", "layout"]);
    let manifest = fake.state().manifests[&("team/base".to_owned(), "v1".to_owned())].1.clone();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let base = manifest["layers"][0]["digest"].as_str().unwrap().to_owned();
    let page: Value =
        serde_json::from_str(&project.done(&["inspect", "--json", "layout"])).unwrap();
    assert_eq!(page["layers"][0]["digest"], base.as_str());
}

#[test]
fn a_push_takes_the_base_from_its_repository() {
    let project = Project::new();
    let fake = with_base();
    let server = fake.start();
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    let to = format!("{}/other/app:v1", server.host());
    let said = project.done(&["push", ".", "-t", "x:1", "--json", &to]);
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&json["mountedBlobs"], &json["sentBlobs"]), (&json!(1), &json!(2)), "{said}");
    assert!(project.lock().contains("team/base:v1"));
}

#[test]
fn a_pull_that_breaks_off_goes_on_the_next_time() {
    let project = Project::new();
    let mut times = 0;
    let fake = with_base().rule(move |request, state| {
        if !request.is("GET", "/v2/team/base/blobs") {
            return None;
        }
        let digest = request.path().rsplit('/').next().unwrap().to_owned();
        let blob = state.blobs[&("team/base".to_owned(), digest)].clone();
        if blob.len() < 1000 {
            return None;
        }
        times += 1;
        match times {
            1 => Some(Plan::Answer(part(request, &blob).ending(Ending::Cut(500)))),
            // It goes on, and breaks off for good.
            2 => Some(Plan::Answer(part(request, &blob).ending(Ending::Cut(200)))),
            3 => Some(Plan::Answer(reply(403))),
            _ => None,
        }
    });
    let server = fake.start();
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    let said = project.refuses(3, &[]);
    assert!(said.contains("registry/refused") && said.contains("--> Containerfile:1:6"), "{said}");
    let part = project.kept().into_iter().find(|(path, _)| path.extension().is_some()).unwrap();
    assert_eq!(part.1, 700);
    project.build(&[]);
    let ranges: Vec<String> = server
        .seen()
        .iter()
        .filter_map(|request| Some(request.header("range")?.to_owned()))
        .collect();
    assert_eq!(ranges, ["bytes=500-", "bytes=700-", "bytes=700-"]);
    assert!(project.kept().iter().all(|(path, _)| path.extension().is_none()));
}

#[test]
fn other_bytes_are_refused() {
    let project = Project::new();
    let fake = with_base().answers(99, "GET", "/v2/team/base/blobs", |_| reply(200).body("other"));
    let server = fake.start();
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    let said = project.refuses(3, &[]);
    assert!(said.contains("error[registry/wrong-bytes]"), "{said}");
    assert!(said.contains("--> Containerfile:1:6"), "{said}");
    assert_eq!(project.kept().len(), 1, "of it only the manifest is kept");
    // A manifest that is not what its digest says.
    let fake = Fake::new().answers(99, "GET", "/v2/team/base/manifests", |_| reply(200).body("{}"));
    let server = fake.start();
    project.args_nix(&format!("\"{}/team/base@{}\"", server.host(), Digest::of(b"x")));
    std::fs::remove_file(project.path("Containerfile")).unwrap();
    let said = project.refuses(3, &[]);
    assert!(said.contains("error[registry/wrong-bytes]"), "{said}");
    assert!(said.contains("--> args.nix:3:10"), "{said}");
}

#[test]
fn a_login_stays_with_its_registry() {
    let elsewhere = with_base();
    let stranger = elsewhere.start_as_stranger();
    let place = stranger.url("");
    let fake = with_base().guarded(&[BASIC], &["Basic".to_owned()]).answers(
        99,
        "GET",
        "/v2/team/base/blobs",
        move |request| reply(307).header("Location", format!("{place}{}", request.target)),
    );
    let server = fake.start();
    let project = Project::new();
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    let said = project.refuses(3, &[]);
    assert!(said.contains("error[registry/login]") && said.contains("docker login"), "{said}");
    assert!(said.contains("--> Containerfile:1:6"), "{said}");
    project.login(&server.host());
    project.build(&[]);
    assert_eq!(stranger.seen().len(), 2);
}

#[test]
fn certificates_and_limits_are_flags() {
    let authority = Authority::new();
    let server = with_base().start_tls(&authority.server(&["127.0.0.1"]));
    let project = Project::new();
    project.folder.write("ca.pem", authority.pem());
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    let said = project.refuses(3, &[]);
    assert!(said.contains("error[registry/certificate]") && said.contains("--ca FILE"), "{said}");
    project.done(&["check", ".", "--ca", "ca.pem", "-t", "x:1"]);
    assert!(!project.path("bimanix.lock").exists(), "who checks locks nothing");
    project.build(&["--ca", "ca.pem"]);
    let server = with_base().start();
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    project.build(&["--plain-http"]);
    assert_eq!(server.hellos(), 0);
}

#[test]
fn a_damaged_blob_is_fetched_again() {
    let project = Project::new();
    let server = with_base().start();
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    let first = project.build(&[]);
    let kept = project.kept();
    let damage = |file: &Path, how: &str| {
        let mut bytes = std::fs::read(file).unwrap();
        match how {
            "flipped" => bytes[7] ^= 1,
            "end" => *bytes.last_mut().unwrap() ^= 1,
            _ => bytes.truncate(3),
        }
        std::fs::write(file, bytes).unwrap();
    };
    for (file, _) in &kept {
        for how in ["flipped", "end", "cut"] {
            damage(file, how);
            let asked = server.seen().len();
            assert!(project.build(&[]) == first, "{how}");
            assert!(server.seen().len() > asked);
            assert_eq!(project.kept(), kept, "{how}");
        }
    }
    drop(server);
    for (file, _) in &kept {
        let bytes = std::fs::read(file).unwrap();
        damage(file, "flipped");
        let said = project.fails(3, &["build", "-t", "x:1", "-o", "refused"]);
        assert!(said.contains("cannot reach") && said.contains("--> Containerfile:1:6"), "{said}");
        assert!(!project.path("refused").exists());
        std::fs::write(file, bytes).unwrap();
        project.build(&[]);
    }
}

#[test]
fn plain_layers_are_checked_as_well() {
    let project = Project::new();
    let fake = Fake::new();
    let tar = layer(&[("kernel", 0o644, &kernel()), ("data", 0o644, &large())]);
    let diff_id = Digest::of(&tar).to_string();
    let config = json!({
        "os": "linux", "architecture": "amd64",
        "rootfs": { "type": "layers", "diff_ids": [diff_id] },
    });
    let config = config.to_string().into_bytes();
    for bytes in [&config, &tar] {
        fake.add_blob("team/base", bytes);
    }
    let layers = [descriptor("application/vnd.oci.image.layer.v1.tar", &tar)];
    let manifest = json!({ "config": descriptor(CONFIG, &config), "layers": layers });
    fake.add_manifest("v1", MANIFEST, &manifest);
    let server = fake.start();
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    let first = project.build(&[]);
    let file = project.path("cache/bimanix/blobs/sha256").join(Digest::of(&tar).hex());
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[1_000_000] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert!(project.build(&[]) == first);
    assert!(std::fs::read(&file).unwrap() == tar);
}

/// One of Unikraft's: an index for its platforms, and what buildx says of the build.
fn catalog() -> Fake {
    let fake = Fake::new();
    let mut images: Vec<Value> = ["fc", "qemu", "xen"]
        .iter()
        .map(|os| {
            let image =
                fake.add_image("", &format!("{os}/x86_64"), &[("kernel", &kernel()), (os, b"")]);
            of_platform(image, &format!("{os}/x86_64"))
        })
        .collect();
    let attestation = fake.add_manifest("", MANIFEST, &json!({ "config": {}, "layers": [] }));
    images.push(of_platform(attestation, "unknown/unknown"));
    fake.add_index("v1", &images);
    fake
}

#[test]
fn one_of_several_platforms_is_chosen() {
    let fake = catalog();
    let server = fake.start();
    let index = &fake.state().manifests[&("team/base".to_owned(), "v1".to_owned())].1.clone();
    let reference = format!("{}/team/base:v1@{}", server.host(), Digest::of(index));
    let has = |project: &Project, os: &str| {
        project.build(&[]);
        project.done(&["build", "-o", "layout", "--format", "layout"]);
        let page: Value =
            serde_json::from_str(&project.done(&["inspect", "--json", "layout"])).unwrap();
        let layer = &page["layers"][0]["digest"];
        let tar = layer_of(&fake, os);
        assert_eq!(layer.as_str().unwrap(), Digest::of(&tar).to_string(), "{os}");
        assert_eq!(page["os"], "linux");
    };
    let project = Project::new();
    // The monitor is QEMU.
    project.args_nix(&format!("\"{reference}\""));
    has(&project, "qemu");
    assert_eq!(project.kept().len(), 4, "of the others nothing is fetched");
    for os in ["fc", "xen"] {
        project.args_nix(&format!("{{ image = \"{reference}\"; platform = \"{os}/amd64\"; }}"));
        has(&project, os);
    }
    project.args_nix(&format!("{{ image = \"{reference}\"; platform = \"linux/amd64\"; }}"));
    let said = project.refuses(1, &[]);
    assert!(
        said.contains("error[recipe/platform]") && said.contains("no image for linux/amd64"),
        "{said}"
    );
    assert!(said.contains("fc/amd64, qemu/amd64, xen/amd64"), "{said}");
    assert!(said.contains("--> args.nix:3:"), "{said}");
    // A Containerfile says no monitor before its labels are read, so the platform has to be said.
    let project = Project::new();
    project.folder.write("Containerfile", format!("FROM {reference}\n"));
    let said = project.refuses(1, &[]);
    assert!(said.contains("images for several platforms"), "{said}");
    project.containerfile(&format!("--platform=xen/amd64 {reference}"));
    project.build(&[]);
    project.containerfile(&reference);
    project.build(&["--platform", "fc/amd64"]);
}

fn layer_of(fake: &Fake, os: &str) -> Vec<u8> {
    let tar = gzip(&layer(&[("kernel", 0o644, &kernel()), (os, 0o644, b"")]));
    assert!(fake.has_blob("team/base", &Digest::of(&tar).to_string()));
    tar
}

#[test]
fn indexes_are_read_as_they_are_written() {
    let fake = Fake::new();
    let linux = fake.add_image("", "linux/amd64", &[("kernel", &kernel())]);
    let arm = fake.add_image("", "linux/arm64", &[("kernel", b"arm")]);
    // Without platforms, those of the configurations count; an index may be in an index.
    fake.add_index("bare", &[linux.clone(), arm.clone()]);
    let inner = fake.add_index("", &[arm.clone(), linux.clone()]);
    fake.add_index("nested", std::slice::from_ref(&inner));
    fake.add_index("alone", std::slice::from_ref(&linux));
    let twice = of_platform(linux.clone(), "linux/amd64");
    fake.add_index("twice", &[twice.clone(), twice]);
    fake.add_index("empty", &[]);
    let mut wrong = linux.clone();
    wrong["size"] = json!(7);
    fake.add_index("size", &[wrong.clone(), arm.clone()]);
    let mut chain = linux.clone();
    for _ in 0..7 {
        chain = fake.add_index("", &[chain]);
    }
    fake.add_index("chain", &[chain]);
    let many: Vec<Value> = (0..300).map(|_| of_platform(arm.clone(), "linux/arm64")).collect();
    fake.add_index("many", &many);
    let mut lies = linux.clone();
    lies["mediaType"] = json!(INDEX);
    fake.add_index("lies", &[lies]);
    let mut lies = inner;
    lies["mediaType"] = json!(MANIFEST);
    fake.add_index("calls", &[of_platform(lies, "linux/amd64")]);
    let server = fake.start();
    let host = server.host();
    let built = |tag: &str| {
        let project = Project::new();
        project.containerfile(&format!("--platform=linux/amd64 {host}/team/base:{tag}"));
        project.build(&[])
    };
    let plain = built("alone");
    for tag in ["bare", "nested", "lies"] {
        assert!(built(tag) == plain, "{tag}");
    }
    for (tag, code, word) in [
        ("twice", "recipe/platform", "several images for linux/amd64"),
        ("empty", "recipe/platform", "has no image"),
        ("size", "pull/malformed", "its index says 7"),
        ("chain", "pull/malformed", "without end"),
        ("many", "pull/malformed", "more than 256 images"),
        ("calls", "pull/malformed", "an index calls it an image"),
    ] {
        let project = Project::new();
        project.containerfile(&format!("--platform=linux/amd64 {host}/team/base:{tag}"));
        let said = project.refuses(1, &[]);
        assert!(said.contains(&format!("error[{code}]")) && said.contains(word), "{tag}: {said}");
        assert!(said.contains("--> Containerfile:1:29"), "{tag}: {said}");
    }
}

#[test]
fn what_is_no_image_is_refused() {
    let fake = Fake::new();
    let config = b"{}".to_vec();
    let big = vec![b' '; 5 << 20];
    for bytes in [&config, &big] {
        fake.add_blob("team/base", bytes);
    }
    let tar = "application/vnd.oci.image.layer.v1.tar";
    let image = |config: Value, layers: Value| json!({ "config": config, "layers": layers });
    let chart = image(descriptor("application/vnd.cncf.helm.config.v1+json", &config), json!([]));
    fake.add_manifest("chart", MANIFEST, &chart);
    let huge = image(descriptor(CONFIG, &big), json!([]));
    fake.add_manifest("config", MANIFEST, &huge);
    let nothing = image(descriptor(CONFIG, &config), json!([]));
    fake.add_manifest("nothing", MANIFEST, &nothing);
    let mut layer = descriptor(tar, b"x");
    layer["size"] = json!(1_u64 << 40);
    fake.add_manifest("large", MANIFEST, &image(descriptor(CONFIG, &config), json!([layer])));
    layer["size"] = json!(u64::MAX);
    let layers = json!([layer.clone(), layer.clone()]);
    fake.add_manifest("larger", MANIFEST, &image(descriptor(CONFIG, &config), layers));
    layer["digest"] = json!(format!("sha512:{}", "0".repeat(128)));
    fake.add_manifest("sha512", MANIFEST, &image(descriptor(CONFIG, &config), json!([layer])));
    let missing = image(descriptor(CONFIG, &config), json!([descriptor(tar, b"nowhere")]));
    fake.add_manifest("missing", MANIFEST, &missing);
    let server = fake.start();
    for (tag, exit, code, word) in [
        ("chart", 1, "pull/malformed", "it is an artifact"),
        ("config", 1, "pull/malformed", "a configuration has at most"),
        ("nothing", 1, "image/", "blobs/sha256"),
        ("large", 1, "pull/too-large", "1024.0 GiB"),
        ("larger", 1, "pull/too-large", "than can be counted"),
        ("sha512", 1, "pull/malformed", "is not a SHA-256 digest"),
        ("missing", 3, "registry/missing", "has no blob"),
        ("none", 3, "registry/missing", "has no tag `none`"),
    ] {
        let project = Project::new();
        project.containerfile(&format!("{}/team/base:{tag}", server.host()));
        let said = project.refuses(exit, &[]);
        assert!(said.contains(&format!("error[{code}")) && said.contains(word), "{tag}: {said}");
        assert!(said.contains("--> Containerfile:1:6"), "{tag}: {said}");
    }
    let project = Project::new();
    fake.add_image("v1", "linux/amd64", &[("kernel", &large())]);
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    let said = project.refuses(1, &["--max-unpacked", "1000"]);
    assert!(said.contains("error[pull/too-large]") && said.contains("--max-unpacked"), "{said}");
}

#[test]
fn a_cache_that_cannot_be_is_said() {
    let server = with_base().start();
    let project = Project::new();
    project.containerfile(&format!("{}/team/base:v1", server.host()));
    let mut command = bimanix(project.folder.path());
    let output = command.args(["build", "-t", "x:1"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("error[pull/no-cache]") && said.contains("XDG_CACHE_HOME"), "{said}");
    project.folder.write("cache", "a file");
    let said = project.refuses(3, &[]);
    assert!(said.contains("error[registry/cache]"), "{said}");
}
