//! Containerfiles to drafts: fixtures with a file, its build context, and what it comes to.
//!
//! `tests/containerfile/ok` pins the drafts, `err` the findings. `request` holds flags, one a line.

mod limits;

use crate::support::{Expectations, Folder, done, fixtures};
use bimanix::diag::{Report, SourceMap};
use bimanix::explain::code;
use bimanix::front::containerfile::{BuildContext, Request, read};
use bimanix::front::{Hint, Images, OpenImage};
use bimanix::recipe::Placed;
use bimanix::recipe::base::BaseConfig;
use bimanix::recipe::draft::{BaseDraft, Draft, FileDraft, ImageDraft, SourceDraft};
use bimanix::world::{Disk, Memory, World};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// The images of the fixtures: all are the same small distribution, but for those that begin with `example.org/`.
#[derive(Debug)]
pub struct Distribution;

impl Images for Distribution {
    fn open(
        &self,
        image: &Placed<BaseDraft>,
        _: Hint<'_>,
        report: &mut Report,
    ) -> Option<OpenImage> {
        let name = base(&image.value);
        if name.contains("example.org/missing") {
            report.push(image.place.error(code::RECIPE_BASE, "there is no such image"));
            return None;
        }
        let config = BaseConfig {
            env: vec!["PATH=/usr/bin:/bin".to_owned(), "LANG=C".to_owned()],
            working_dir: Some("/srv/app".to_owned()),
            user: name.contains("example.org/web").then(|| "web".to_owned()),
            triggers: if name.contains("example.org/triggers") {
                vec!["COPY . /app".to_owned(), "RUN make".to_owned()]
            } else {
                Vec::new()
            },
            ..BaseConfig::default()
        };
        let files = Memory::default()
            .file("/etc/passwd", "root:x:0:0::/:\nweb:x:33:44::/:\n")
            .file("/etc/group", "root:x:0:\nstaff:x:50:\n")
            .file("/etc/nginx/nginx.conf", "x")
            .file("/etc/nginx/mime.types", "x")
            .program("/usr/bin/nginx", "x")
            .file("/usr/lib/libc.so", "x")
            .folder("/srv/app")
            .symlink("/bin", "usr/bin")
            .symlink("/lib", "/usr/lib")
            .symlink("/etc/loop", "loop")
            .symlink("/etc/dangling", "not/there");
        Some(OpenImage { config, files: std::rc::Rc::new(files) })
    }
}

/// The flags of a fixture.
#[derive(Default)]
pub struct Flags {
    pub build_args: Vec<(String, Option<String>)>,
    pub target: Option<String>,
    pub platform: Option<String>,
    pub name: Option<String>,
    pub tag: Option<String>,
    pub build_contexts: Vec<String>,
}

impl Flags {
    pub fn parse(text: &str) -> Self {
        let mut flags = Self::default();
        for line in text.lines() {
            let (flag, value) = line.split_once(' ').unwrap();
            let value = value.to_owned();
            match flag {
                "--build-arg" => flags.build_args.push(match value.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                    None => (value, None),
                }),
                "--target" => flags.target = Some(value),
                "--platform" => flags.platform = Some(value),
                "--build-context" => flags.build_contexts.push(value),
                "--tag" => {
                    let (name, tag) = value.split_once(':').unwrap();
                    flags.name = Some(name.to_owned());
                    flags.tag = Some(tag.to_owned());
                }
                other => panic!("{other}"),
            }
        }
        flags
    }
}

/// Reads a file of a context, and gives the draft and the findings in words.
fn run(world: &dyn World, context: &Path, flags: &Flags) -> (Option<Draft>, String) {
    let mut sources = SourceMap::default();
    let mut report = Report::default();
    let contexts = flags.build_contexts.iter();
    let contexts: Vec<BuildContext> =
        contexts.map(|text| BuildContext::parse(text, context).unwrap()).collect();
    let request = Request {
        shown: "Containerfile",
        file: &context.join("Containerfile"),
        context,
        build_args: &flags.build_args,
        target: flags.target.as_deref(),
        platform: flags.platform.as_deref(),
        build_contexts: &contexts,
        images: &Distribution,
        name: flags.name.as_deref(),
        tag: flags.tag.as_deref(),
    };
    let draft = read(world, &mut sources, &request, &mut report);
    assert_eq!(draft.is_none(), report.has_errors(), "either a draft or an error");
    report.sort();
    let words: Vec<String> = report
        .findings
        .iter()
        .map(|finding| finding.render(&sources, bimanix::diag::Colours::Dropped))
        .collect();
    // Files of the context are named by their paths, which differ from machine to machine.
    let here = format!("{}/", context.display());
    (draft, words.concat().replace(&here, ""))
}

fn base(base: &BaseDraft) -> String {
    let image = match &base.image {
        ImageDraft::Path(path) => format!("path {}", path.display()),
        ImageDraft::Reference(name) => format!("reference {name}"),
    };
    match &base.platform {
        Some(platform) => format!("{image} for {}", platform.value),
        None => image,
    }
}

fn file(file: &FileDraft) -> String {
    let text = |bytes: &[u8]| format!("{:?}", String::from_utf8_lossy(bytes));
    let source = match &file.source {
        SourceDraft::Path { written, from } => {
            assert!(from.is_none());
            format!("{:?}", written.to_str().unwrap())
        }
        SourceDraft::Bytes(bytes) => format!("bytes {}", text(bytes)),
        SourceDraft::Symlink(target) => format!("symlink to {}", text(target)),
        SourceDraft::Folder => "folder".to_owned(),
        SourceDraft::Image { image, path } => format!("{} of {}", text(path), base(image)),
    };
    let mut line = format!("{} = {source}", text(&file.destination));
    if let Some(mode) = file.mode {
        write!(line, " mode {mode:04o}").unwrap();
    }
    if let Some((uid, gid)) = file.owner.filter(|owner| *owner != (0, 0)) {
        write!(line, " owner {uid}:{gid}").unwrap();
    }
    if !file.replaces {
        line.push_str(" alone");
    }
    line
}

/// A draft, a line each value, with the line of the file that it comes from.
pub fn render(draft: &Draft, text: &str) -> String {
    let mut out = String::new();
    let line = |spans: &Option<(bimanix::diag::Span, bimanix::diag::Span)>| match spans {
        Some((_, value)) => {
            let before = &text[..value.start as usize];
            format!("{:>3}", before.matches('\n').count() + 1)
        }
        None => "  -".to_owned(),
    };
    let mut put = |name: &str, value: &str, spans: &Option<_>| {
        writeln!(out, "{} {name} {value}", line(spans)).unwrap();
    };
    let one = |value: &Option<Placed<String>>| value.as_ref().map(|value| value.value.clone());
    for (name, value) in [
        ("name", &draft.name),
        ("tag", &draft.tag),
        ("architecture", &draft.architecture),
        ("user", &draft.user),
        ("directory", &draft.working_dir),
        ("signal", &draft.stop_signal),
    ] {
        if let Some(text) = one(value) {
            put(name, &format!("{text:?}"), &value.as_ref().unwrap().place.spans);
        }
    }
    if let Some(known) = &draft.base {
        put("base", &base(&known.value), &known.place.spans);
    }
    for entry in &draft.files {
        put("file", &file(entry), &entry.place.spans);
    }
    if let Some(rootfs) = &draft.rootfs {
        let kind = rootfs.kind.as_ref().unwrap();
        put("rootfs", &format!("{:?}", kind.value), &kind.place.spans);
        if let Some(from) = &rootfs.from {
            put("rootfs from", &base(&from.value), &from.place.spans);
        }
        for entry in &rootfs.files {
            put("rootfs file", &file(entry), &entry.place.spans);
        }
    }
    for (key, setting) in &draft.annotations {
        let bimanix::recipe::draft::Setting::Text(text) = &setting.value else { continue };
        put("annotation", &format!("{key:?} = {text:?}"), &setting.place.spans);
    }
    for (key, value) in &draft.labels {
        put("label", &format!("{key:?} = {:?}", value.value), &value.place.spans);
    }
    for (name, value) in [("entrypoint", &draft.entrypoint), ("cmd", &draft.cmd)] {
        if let Some(words) = value {
            put(name, &format!("{:?}", words.value), &words.place.spans);
        }
    }
    for (name, values) in [("env", &draft.env), ("port", &draft.ports), ("volume", &draft.volumes)]
    {
        for value in values {
            put(name, &format!("{:?}", value.value), &value.place.spans);
        }
    }
    assert!(draft.remove.is_empty() && draft.allow.is_empty() && draft.created.is_none());
    out
}

#[test]
fn fixtures_give_what_is_expected() {
    let mut expectations = Expectations::default();
    let mut wrong = Vec::new();
    for kind in ["containerfile/ok", "containerfile/err"] {
        for fixture in fixtures(kind) {
            let flags = std::fs::read_to_string(fixture.join("request")).unwrap_or_default();
            let (draft, said) = run(&Disk, &fixture, &Flags::parse(&flags));
            let is_ok = kind.ends_with("ok");
            if draft.is_some() != is_ok {
                wrong.push(format!("{}: {said}", fixture.display()));
            }
            let found = match draft {
                Some(draft) => {
                    let text = std::fs::read_to_string(fixture.join("Containerfile")).unwrap();
                    let here = format!("{}/", fixture.display());
                    format!("{}{said}", render(&draft, &text).replace(&here, ""))
                }
                None => said,
            };
            expectations.check(&fixture.join("expected"), &found);
        }
    }
    assert!(
        wrong.is_empty(),
        "drafts where errors are expected, or the reverse:\n{}",
        wrong.join("\n")
    );
    expectations.finish();
}

/// Codes that no fixture can bring about, and where they are tested.
const ELSEWHERE: &[(&str, &str)] = &[
    ("containerfile/more", "many_mistakes_are_not_all_shown"),
    ("containerfile/too-much", "files_that_grow_are_refused"),
    ("containerfile/input", "large_files"),
    ("containerfile/long-line", "large_files"),
    ("containerfile/not-utf-8", "bytes_that_are_no_text"),
    ("containerfile/long-path", "paths_that_linux_does_not_take"),
];

#[test]
fn every_code_has_a_fixture() {
    for (code, test) in ELSEWHERE {
        let is_there = include_str!("limits.rs").contains(&format!("fn {test}()"));
        assert!(is_there, "no test `{test}` for {code}");
    }
    let expected: String = ["containerfile/ok", "containerfile/err"]
        .iter()
        .flat_map(|kind| fixtures(kind))
        .map(|fixture| std::fs::read_to_string(fixture.join("expected")).unwrap())
        .collect();
    let codes: BTreeSet<&str> = bimanix::explain::all()
        .into_iter()
        .map(|known| known.code.as_str())
        .filter(|code| code.starts_with("containerfile/"))
        .collect();
    let is_shown = |code: &str| {
        expected.contains(&format!("[{code}]")) || ELSEWHERE.iter().any(|(known, _)| *known == code)
    };
    let missing: Vec<_> = codes.iter().filter(|code| !is_shown(code)).collect();
    assert!(missing.is_empty(), "no fixture shows {missing:?}");
}

/// A project with a kernel, and what `bimanix` says to these arguments in it.
fn project(text: &str) -> Folder {
    let folder = Folder::new();
    folder.write("kernel", crate::support::kernel_for("\"hvt\""));
    folder.write("Containerfile", text);
    folder
}

const HELLO: &str = "ARG WORD=hello
FROM scratch AS files
COPY kernel /unikernel/kernel
FROM files
ARG WORD
LABEL com.urunc.unikernel.binary=/unikernel/kernel \\
  com.urunc.unikernel.unikernelType=rumprun com.urunc.unikernel.hypervisor=hvt org.example=\"a b\"
ENV GREETING=${WORD}
CMD [\"say\", \"it\"]
EXPOSE 80
";

#[test]
fn a_containerfile_gives_the_bytes_of_its_args_nix() {
    let folder = project(&HELLO.replace("EXPOSE 80\n", ""));
    folder.write(
        "args.nix",
        "{ name = \"hello\"; tag = \"v1\"; files.\"kernel\" = \"/unikernel/kernel\"; env.GREETING = \"hello\";
           labels.\"org.example\" = \"a b\"; cmd = [ \"say\" \"it\" ];
           annotations = { unikernelType = \"rumprun\"; hypervisor = \"hvt\"; binary = \"/unikernel/kernel\";
                           cmdline = \"say it\"; }; }",
    );
    done(folder.path(), &["build", "-o", "by-nix"]);
    done(
        folder.path(),
        &["build", "-f", "Containerfile", "-t", "hello:v1", "-o", "by-docker", "."],
    );
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("by-nix") == bytes("by-docker"));
}

#[test]
fn containerfiles_are_found_and_built() {
    let folder = project(HELLO);
    let summary = |arguments: &[&str]| -> serde_json::Value {
        let arguments = [&["build", "--json", "-o", "out"], arguments].concat();
        serde_json::from_slice(&done(folder.path(), &arguments).stdout).unwrap()
    };
    let built = summary(&["-t", "a"]);
    assert_eq!(built["names"], serde_json::json!(["docker.io/library/a:latest"]));
    assert_eq!(built["cmd"], serde_json::json!(["say", "it"]));
    assert_eq!(built["annotations"]["com.urunc.unikernel.cmdline"], "say it");
    assert_eq!(built["env"], serde_json::json!(["GREETING=hello"]));
    for arguments in [
        &["-t", "a", "."][..],
        &["-t", "a", "Containerfile"],
        &["-t", "a", "-f", "Containerfile"],
        &["-t", "a:latest", "-f", "./Containerfile", "."],
        &["-t", "a", "--build-arg", "WORD=hello"],
    ] {
        assert_eq!(summary(arguments)["manifest"], built["manifest"], "{arguments:?}");
    }
    assert_eq!(
        summary(&["-t", "a", "--build-arg", "WORD=bye"])["env"],
        serde_json::json!(["GREETING=bye"])
    );
    assert_eq!(
        summary(&["-t", "localhost:5000/a/b:c"])["names"],
        serde_json::json!(["localhost:5000/a/b:c"])
    );
    let config = inspect_config(&folder);
    assert_eq!(config["config"]["ExposedPorts"], serde_json::json!({ "80/tcp": {} }));
    // An args.nix comes first.
    folder.write("Dockerfile", "FROM nothing");
    folder.write("args.nix", "{ }");
    let output = crate::support::bimanix(folder.path()).args(["check", "."]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("args.nix has no `name`"), "{said}");
    std::fs::remove_file(folder.path().join("args.nix")).unwrap();
    for (arguments, code) in [
        (&["build", "-f", "nothing", "-t", "a"][..], "containerfile/input"),
        (&["build", "-f", "Containerfile", "-t", "a", "nowhere"], "recipe/input"),
        (&["build", "-f", "Containerfile"], "recipe/missing-field"),
        (&["build", "-t", "A"], "recipe/name"),
        (&["build", "-t", "a:?"], "recipe/tag"),
        (&["build", "-t", "a", "--target", "nobody"], "containerfile/"),
        (&["build", "-t", "a", "--target", "files"], "urunc/missing-annotation"),
    ] {
        let output = crate::support::bimanix(folder.path()).args(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(&format!("error[{code}")), "{arguments:?}: {said}");
    }
    // Nobody listens there.
    for text in [
        "FROM 127.0.0.1:1/nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000\n",
        "FROM scratch\nCOPY --from=127.0.0.1:1/nginx /a /b\n",
    ] {
        folder.write("Containerfile", text);
        let output = crate::support::bimanix(folder.path())
            .args(["build", "-t", "a"])
            .env("XDG_CACHE_HOME", folder.path().join("cache"))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let line = if text.starts_with("FROM scratch") { 2 } else { 1 };
        assert!(said.contains("error[registry/"), "{said}");
        assert!(said.contains(&format!("Containerfile:{line}:")), "{said}");
    }
}

#[test]
fn bases_are_looked_into() {
    let folder = project("");
    folder.write(
        "args.nix",
        "{ name = \"base\"; env.WHO = \"base\"; workingDir = \"/srv/app\"; user = \"web\";
           files.\"kernel\" = \"/unikernel/kernel\"; files.\"passwd\" = \"/etc/passwd\";
           files.\"link\" = { path = \"/lib\"; link = \"usr/lib\"; };
           files.\"lib\" = { path = \"/usr/lib/libc.so\"; text = \"c\"; };
           annotations = { unikernelType = \"rumprun\"; hypervisor = \"hvt\"; binary = \"/unikernel/kernel\";
                           cmdline = \"hi\"; }; }",
    );
    folder.write("passwd", "root:x:0:0::/:\nweb:x:33:44::/:\n");
    done(folder.path(), &["build", "-o", "base.tar"]);
    std::fs::remove_file(folder.path().join("args.nix")).unwrap();
    folder.write("other/file", "other");
    folder.write(
        "Containerfile",
        "FROM ./base.tar AS base\nCOPY --chown=web passwd /lib/$WHO\nWORKDIR made\n\
         FROM base\nCOPY --from=images lib/*.so passwd* /etc/pass?? copied/\n\
         COPY --from=files file .\nENV WHO=$WHO-own\n",
    );
    let flags = ["-t", "a", "--build-context", "images=base.tar", "--build-context", "files=other"];
    done(folder.path(), &[&["build", "-o", "out.tar"], flags.as_slice()].concat());
    let inspected = done(folder.path(), &["inspect", "--json", "out.tar"]);
    let image: serde_json::Value = serde_json::from_slice(&inspected.stdout).unwrap();
    assert_eq!(image["env"], serde_json::json!(["WHO=base-own"]), "{image}");
    done(
        folder.path(),
        &[&["build", "--format", "layout", "-o", "layout"], flags.as_slice()].concat(),
    );
    let owners = owners(&folder.path().join("layout"));
    for (path, owner) in [
        ("usr/lib/base", (33, 44)),
        ("srv/app/made", (33, 44)),
        ("srv/app/made/copied/libc.so", (0, 0)),
        ("srv/app/made/copied/passwd", (0, 0)),
        ("srv/app/made/file", (0, 0)),
    ] {
        assert_eq!(owners.get(path), Some(&owner), "{path}: {owners:?}");
    }
    for (more, status, code) in [
        (&["--build-context", "x"][..], 1, "containerfile/build-context"),
        (&["--build-context", "images=nowhere.tar"], 1, "containerfile/build-context"),
        (&["--build-context", "images=kernel"], 1, "image/"),
        // Nobody listens there.
        (&["--build-context", "images=docker-image://127.0.0.1:1/a:1"], 3, "registry/"),
    ] {
        let arguments = [&["build", "-o", "no.tar"], flags.as_slice(), more].concat();
        let output = crate::support::bimanix(folder.path()).args(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{more:?}: {said}");
        assert!(said.contains(&format!("error[{code}")), "{more:?}: {said}");
        assert!(!folder.path().join("no.tar").exists());
    }
}

/// The bytes of a blob of a layout.
fn blob(layout: &Path, descriptor: &serde_json::Value) -> Vec<u8> {
    let path = descriptor["digest"].as_str().unwrap().replace("sha256:", "blobs/sha256/");
    std::fs::read(layout.join(path)).unwrap()
}

/// The manifest of the one image of a layout.
fn manifest(layout: &Path) -> serde_json::Value {
    let index: serde_json::Value =
        serde_json::from_slice(&std::fs::read(layout.join("index.json")).unwrap()).unwrap();
    serde_json::from_slice(&blob(layout, &index["manifests"][0])).unwrap()
}

/// The configuration of the image in `out`.
fn inspect_config(folder: &Folder) -> serde_json::Value {
    done(folder.path(), &["build", "-t", "a", "--format", "layout", "-o", "layout"]);
    let layout = folder.path().join("layout");
    serde_json::from_slice(&blob(&layout, &manifest(&layout)["config"])).unwrap()
}

/// The owners of all files of the image in a layout.
fn owners(layout: &Path) -> BTreeMap<String, (u64, u64)> {
    let mut owners = BTreeMap::new();
    for layer in manifest(layout)["layers"].as_array().unwrap() {
        let bytes = blob(layout, layer);
        for entry in tar::Archive::new(bytes.as_slice()).entries().unwrap() {
            let entry = entry.unwrap();
            let path = entry.path().unwrap().display().to_string();
            let owner = (entry.header().uid().unwrap(), entry.header().gid().unwrap());
            owners.insert(path.trim_end_matches('/').to_owned(), owner);
        }
    }
    owners
}
