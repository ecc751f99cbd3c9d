//! What a derivation of `lib.pullImage` runs, without Nix: the attribute `pull` in, an archive out.

use super::based::{Project, descriptor, of_platform, with_base};
use super::*;
use crate::foreign::CONFIG;
use crate::support::{bimanix, kernel};
use serde_json::{Value, json};
use std::process::Output;

struct Build {
    folder: Folder,
    /// Variables of the environment.
    variables: Vec<(&'static str, PathBuf)>,
}

impl Build {
    fn new() -> Self {
        let folder = Folder::new();
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        Build { folder, variables: Vec::new() }
    }

    fn run(&self, pull: &Value) -> Output {
        let out = self.folder.path().join("out");
        let attributes = json!({ "outputs": { "out": out }, "pull": pull });
        self.folder.write(".attrs.json", attributes.to_string());
        let mut command = bimanix(self.folder.path());
        command.env("HOME", "/homeless-shelter").env("TMPDIR", self.folder.path().join("tmp"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let output = command.arg("builder").output().unwrap();
        let left = self.folder.path().join("tmp").read_dir().unwrap().count();
        assert_eq!(left, 0, "what was pulled goes");
        output
    }

    /// The bytes of the archive.
    fn done(&self, pull: &Value) -> Vec<u8> {
        let output = self.run(pull);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout.is_empty());
        std::fs::read(self.folder.path().join("out")).unwrap()
    }

    fn fails(&self, code: i32, pull: &Value) -> String {
        let output = self.run(pull);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(!self.folder.path().join("out").exists());
        said
    }
}

/// The parts of an archive.
fn parts(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut parts = Vec::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        parts.push((name, bytes));
    }
    parts
}

fn part_of(archive: &[u8], name: &str) -> Value {
    let parts = parts(archive);
    let (_, bytes) = parts.iter().find(|(part, _)| part == name).unwrap();
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn an_image_becomes_an_archive() {
    let fake = with_base();
    let server = fake.start();
    let manifest = fake.state().manifests[&("team/base".to_owned(), "v1".to_owned())].1.clone();
    let digest = Digest::of(&manifest).to_string();
    let reference = format!("{}/team/base:v1", server.host());
    let pull = json!({ "ref": reference, "digest": digest, "platform": null });
    let archive = Build::new().done(&pull);
    assert!(Build::new().done(&pull) == archive, "the same bytes");
    let index = part_of(&archive, "index.json");
    assert_eq!(index["manifests"][0]["digest"], digest.as_str());
    assert_eq!(index["manifests"][0]["mediaType"], MANIFEST);
    let names = &index["manifests"][0]["annotations"];
    assert_eq!(names["io.containerd.image.name"], reference.as_str());
    assert_eq!(names["org.opencontainers.image.ref.name"], "v1");
    assert_eq!(part_of(&archive, "manifest.json")[0]["RepoTags"], json!([reference]));
    // The blobs are as they are, each once.
    let blobs: Vec<_> =
        parts(&archive).into_iter().filter(|(name, _)| name.starts_with("blobs/sha256/")).collect();
    let blobs: Vec<_> = blobs.into_iter().filter(|(_, bytes)| !bytes.is_empty()).collect();
    assert_eq!(blobs.len(), 3);
    for (name, bytes) in &blobs {
        assert_eq!(*name, format!("blobs/sha256/{}", Digest::of(bytes).hex()));
    }
    // It can be built on.
    let project = Project::new();
    project.folder.write("base.tar", &archive);
    project.args_nix("./base.tar");
    let by_archive = project.build(&[]);
    project.args_nix(&format!("\"{reference}@{digest}\""));
    assert!(project.build(&[]) == by_archive);
    // The tag moves, and the digest stays.
    fake.add_image("v1", "linux/amd64", &[("kernel", b"other")]);
    assert!(Build::new().done(&pull) == archive);
}

#[test]
fn of_an_index_one_platform_is_taken() {
    let fake = Fake::new();
    let images: Vec<Value> = ["qemu/x86_64", "fc/x86_64", "xen/x86_64"]
        .iter()
        .map(|platform| {
            let image = fake.add_image("", platform, &[("kernel", &kernel()), (platform, b"")]);
            of_platform(image, platform)
        })
        .collect();
    let index = fake.add_index("v1", &images);
    let server = fake.start();
    let reference = format!("{}/team/base", server.host());
    let pull = |platform: Option<&str>| json!({ "ref": reference, "digest": index["digest"], "platform": platform });
    for (platform, image) in ["qemu/amd64", "fc/x86_64"].iter().zip(&images) {
        let archive = Build::new().done(&pull(Some(platform)));
        let found = part_of(&archive, "index.json");
        assert_eq!(found["manifests"][0]["digest"], image["digest"]);
        assert_eq!(
            found["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"],
            "latest"
        );
    }
    let said = Build::new().fails(1, &pull(None));
    assert!(said.contains("fc/amd64, qemu/amd64, xen/amd64"), "{said}");
    let said = Build::new().fails(1, &pull(Some("linux/amd64")));
    assert!(said.contains("no image for linux/amd64"), "{said}");
    let said = Build::new().fails(1, &pull(Some("qemu")));
    assert!(said.contains("`qemu` is not a platform"), "{said}");
}

#[test]
fn a_manifest_of_docker_is_called_one() {
    const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
    let fake = Fake::new();
    let config = json!({ "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": [] } });
    let config = config.to_string().into_bytes();
    fake.add_blob("team/base", &config);
    let manifest = json!({
        "schemaVersion": 2, "mediaType": DOCKER,
        "config": descriptor(CONFIG, &config), "layers": [],
    });
    let manifest = fake.add_manifest("v1", DOCKER, &manifest);
    let server = fake.start();
    let reference = format!("{}/team/base:v1", server.host());
    let archive = Build::new().done(&json!({ "ref": reference, "digest": manifest["digest"] }));
    assert_eq!(part_of(&archive, "index.json")["manifests"][0]["mediaType"], DOCKER);
}

#[test]
fn certificates_come_from_nix() {
    let authority = Authority::new();
    let fake = with_base();
    let server = fake.start_tls(&authority.server(&["127.0.0.1"]));
    let manifest = fake.state().manifests[&("team/base".to_owned(), "v1".to_owned())].1.clone();
    let reference = format!("{}/team/base:v1", server.host());
    let pull = json!({ "ref": reference, "digest": Digest::of(&manifest).to_string() });
    let said = Build::new().fails(3, &pull);
    assert!(said.contains("error[registry/certificate]"), "{said}");
    for variable in ["SSL_CERT_FILE", "NIX_SSL_CERT_FILE"] {
        let mut build = Build::new();
        let file = build.folder.write("ca.pem", authority.pem());
        build.variables.push((variable, file));
        build.done(&pull);
    }
    let build = Build::new();
    let mut with = pull.clone();
    with["certificates"] = json!(build.folder.write("ca.pem", authority.pem()));
    build.done(&with);
    // They are those that are trusted: another authority does not help.
    let other = Build::new();
    with["certificates"] = json!(other.folder.write("ca.pem", Authority::new().pem()));
    assert!(other.fails(3, &with).contains("error[registry/certificate]"));
    with["certificates"] = json!("/nowhere.pem");
    assert!(other.fails(3, &with).contains("cannot read certificates from `/nowhere.pem`"));
    // A path of the machine that is not in the sandbox is none.
    let mut build = Build::new();
    build.variables.push(("NIX_SSL_CERT_FILE", "/nowhere.pem".into()));
    assert!(build.fails(3, &pull).contains("error[registry/certificate]"));
    // A registry on this machine may be without TLS all the same.
    let plain = with_base().start();
    let mut build = Build::new();
    let file = build.folder.write("ca.pem", authority.pem());
    build.variables.push(("NIX_SSL_CERT_FILE", file));
    let reference = format!("{}/team/base:v1", plain.host());
    build.done(&json!({ "ref": reference, "digest": Digest::of(&manifest).to_string() }));
}

#[test]
fn what_is_wrong_is_said() {
    let server = with_base().start();
    let reference = format!("{}/team/base:v1", server.host());
    let digest = Digest::of(b"x").to_string();
    for (code, pull, word) in [
        (3, json!({ "ref": reference, "digest": digest }), "error[registry/missing]"),
        (1, json!({ "ref": reference, "digest": "sha256:00" }), "64 hexadecimal digits"),
        (1, json!({ "ref": "Nginx", "digest": digest }), "write \"nginx\""),
        (
            1,
            json!({ "ref": format!("{reference}@{digest}"), "digest": digest }),
            "leave it out of `ref`",
        ),
        (3, json!({ "ref": reference }), "missing field `digest`"),
        (3, json!({ "ref": reference, "digest": digest, "x": 1 }), "unknown field `x`"),
    ] {
        let said = Build::new().fails(code, &pull);
        assert!(said.contains(word), "{pull}: {said}");
    }
}
