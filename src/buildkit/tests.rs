//! The frontend against a gateway that is played: one that is well, and some that are not.

use super::frontend::answer;
use super::gateway::{CallError, Gateway};
use super::messages::{
    Action, BuildResult, Definition, Empty, Kind, Op, ReadDirRequest, ReadDirResponse,
    ReadFileRequest, ReadFileResponse, Ref, ReturnRequest, SolveRequest, SolveResponse, Stat,
    WarnRequest,
};
use super::options::Options;
use crate::image::{Compression, Config, Image, Layer, Made, Name};
use crate::rootfs::{Content, ImagePath, Node, Origin};
use bytes::Bytes;
use http::{HeaderMap, Response};
use prost::Message;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// What a gateway does with a call.
enum Reply {
    /// A message.
    Message(Vec<u8>),
    /// A status other than OK.
    Refused(u32, &'static str),
    /// These bytes, whatever they are.
    Bytes(Vec<u8>),
    /// It is gone.
    Gone,
}

type Play = fn() -> Reply;

fn message(message: &impl Message) -> Reply {
    Reply::Message(message.encode_to_vec())
}

/// A gateway that answers calls by their method and their message.
fn gateway(play: impl Fn(&str, &[u8]) -> Reply + Send + 'static) -> Rc<Gateway> {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut connection = h2::server::handshake(theirs).await.unwrap();
            while let Some(Ok((request, mut respond))) = connection.accept().await {
                let method = request.uri().path().rsplit('/').next().unwrap().to_owned();
                let mut body = request.into_body();
                let mut bytes = Vec::new();
                // The connection has to be looked after while a body is read.
                while let Some(part) = std::future::poll_fn(|context| {
                    if let ready @ Poll::Ready(_) = body.poll_data(context) {
                        return ready;
                    }
                    match connection.poll_closed(context) {
                        Poll::Ready(_) => Poll::Ready(None),
                        Poll::Pending => body.poll_data(context),
                    }
                })
                .await
                {
                    let part = part.unwrap();
                    body.flow_control().release_capacity(part.len()).unwrap();
                    bytes.extend_from_slice(&part);
                }
                let reply = play(&method, &bytes[5..]);
                let response = Response::builder().header("content-type", "application/grpc");
                let (bytes, code, words) = match reply {
                    Reply::Gone => return,
                    Reply::Refused(code, words) => (Vec::new(), code, words),
                    Reply::Bytes(bytes) => (bytes, 0, ""),
                    Reply::Message(message) => {
                        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
                        ([&[0], length.as_slice(), &message].concat(), 0, "")
                    }
                };
                let mut stream = respond.send_response(response.body(()).unwrap(), false).unwrap();
                stream.send_data(Bytes::from(bytes), false).unwrap();
                let mut trailers = HeaderMap::new();
                trailers.insert("grpc-status", code.into());
                trailers.insert("grpc-message", words.parse().unwrap());
                stream.send_trailers(trailers).unwrap();
            }
        });
    });
    Rc::new(Gateway::connect(|| ours).unwrap())
}

/// What a played BuildKit has heard.
#[derive(Default)]
struct Heard {
    finished: Option<ReturnRequest>,
    warnings: Vec<WarnRequest>,
    /// The attribute by which files are asked for, each time.
    asked: Vec<String>,
    /// How many bytes of files were read.
    read: u64,
}

/// A client's files, in folders that are there because of them.
fn buildkit(
    files: BTreeMap<String, Vec<u8>>,
) -> (impl Fn(&str, &[u8]) -> Reply + Send + 'static, Arc<Mutex<Heard>>) {
    let heard = Arc::new(Mutex::new(Heard::default()));
    let known = heard.clone();
    let play = move |method: &str, bytes: &[u8]| {
        let mut heard = known.lock().unwrap();
        match method {
            "Solve" => {
                let request = SolveRequest::decode(bytes).unwrap();
                for op in &request.definition.unwrap().def {
                    if let Some(Kind::Source(source)) = Op::decode(op.as_slice()).unwrap().kind {
                        heard.asked.extend(source.attrs.get("local.followpaths").cloned());
                    }
                }
                let result = BuildResult {
                    r#ref: Some(Ref { id: "reference".to_owned() }),
                    metadata: BTreeMap::new(),
                };
                message(&SolveResponse { result: Some(result) })
            }
            "ReadDir" => {
                let request = ReadDirRequest::decode(bytes).unwrap();
                let folder = request.path.trim_matches('/').to_owned();
                let below = if folder.is_empty() { folder } else { format!("{folder}/") };
                let mut entries: BTreeMap<&str, Stat> = BTreeMap::new();
                for (path, bytes) in &files {
                    let Some(rest) = path.strip_prefix(&below) else { continue };
                    let (name, is_folder) = match rest.split_once('/') {
                        Some((name, _)) => (name, true),
                        None => (rest, false),
                    };
                    let mode = if is_folder { 1 << 31 | 0o755 } else { 0o644 };
                    let size = i64::try_from(bytes.len()).unwrap();
                    let stat = Stat { path: name.to_owned(), mode, size, ..Stat::default() };
                    entries.insert(name, stat);
                }
                if entries.is_empty() {
                    return Reply::Refused(2, "lstat: no such file or directory");
                }
                message(&ReadDirResponse { entries: entries.into_values().collect() })
            }
            "ReadFile" => {
                let request = ReadFileRequest::decode(bytes).unwrap();
                let range = request.range.unwrap();
                let bytes = &files[request.path.trim_start_matches('/')];
                let start = usize::try_from(range.offset).unwrap();
                let end = bytes.len().min(start + usize::try_from(range.length).unwrap());
                heard.read += (end - start) as u64;
                message(&ReadFileResponse { data: bytes[start..end].to_vec() })
            }
            "Warn" => {
                heard.warnings.push(WarnRequest::decode(bytes).unwrap());
                message(&Empty {})
            }
            "Return" => {
                heard.finished = Some(ReturnRequest::decode(bytes).unwrap());
                message(&Empty {})
            }
            _ => Reply::Refused(12, "unknown method"),
        }
    };
    (play, heard)
}

fn options(pairs: &[(&str, &str)]) -> Options {
    let variable = |(number, (key, value)): (usize, &(&str, &str))| {
        (format!("BUILDKIT_FRONTEND_OPT_{number}"), format!("{key}={value}"))
    };
    Options::of(pairs.iter().enumerate().map(variable))
}

/// How a build with these options ends.
fn build(
    play: impl Fn(&str, &[u8]) -> Reply + Send + 'static,
    pairs: &[(&str, &str)],
) -> Result<(), CallError> {
    let options = options(pairs);
    crate::eval::with_stack(|stack| answer(&gateway(play), &options, stack)).unwrap()
}

fn kernel() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/hello.hvt")).unwrap()
}

fn files(given: &[(&str, &[u8])]) -> BTreeMap<String, Vec<u8>> {
    given.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect()
}

const ARGS_NIX: &[u8] = br#"{ line ? "one" }:
builtins.trace "traced" {
  name = "image";
  files."sub/app" = "/unikernel/app";
  annotations =
    import ./annotations.nix // { cmdline = line; };
}"#;
const ANNOTATIONS: &[u8] =
    br#"{ unikernelType = "rumprun"; hypervisor = "hvt"; binary = "/unikernel/app"; }"#;

#[test]
fn what_is_named_is_fetched_and_a_kernel_is_read_in_part() {
    let mut large = kernel();
    large.resize(32 << 20, 0);
    let given = files(&[
        ("args.nix", ARGS_NIX),
        ("annotations.nix", ANNOTATIONS),
        ("sub/app", &large),
        ("sub/other", b"x"),
    ]);
    let (play, heard) = buildkit(given);
    let asked = [("filename", "args.nix"), ("build-arg:line", "two"), ("target", "x")];
    build(play, &asked).unwrap();
    let heard = heard.lock().unwrap();
    let result = heard.finished.as_ref().unwrap().result.clone().unwrap();
    assert_eq!(result.r#ref.unwrap().id, "reference");
    let config: serde_json::Value =
        serde_json::from_slice(&result.metadata["containerimage.config"]).unwrap();
    assert_eq!(config["config"]["Cmd"], serde_json::json!(["two"]));
    assert_eq!(config["architecture"], "amd64");
    let annotation = "annotation-manifest.com.urunc.unikernel.cmdline";
    assert_eq!(result.metadata[annotation], b"two");
    let mut asked = heard.asked.clone();
    asked.dedup();
    assert_eq!(asked, [r#"["args.nix"]"#, r#"["annotations.nix"]"#, r#"["sub/app"]"#]);
    assert!(heard.read < 4 << 20, "{} bytes were read", heard.read);
    let [traced, warning] = heard.warnings.as_slice() else { panic!("{:?}", heard.warnings) };
    assert!(traced.short.ends_with(b"traced"), "{traced:?}");
    assert_eq!(warning.short, b"warning[cli/flag]: `--target` has no effect on an args.nix");
}

#[test]
fn of_several_architectures_one_is_made() {
    let arm = {
        let mut header = kernel();
        header[18] = 183;
        header
    };
    let text = br#"{
      name = "image";
      annotations = { unikernelType = "rumprun"; hypervisor = "hvt"; binary = "/app"; cmdline = "a"; };
      architectures = { amd64.files."amd64" = "/app"; arm64.files."arm64" = "/app"; };
    }"#;
    for wanted in ["amd64", "arm64", "riscv64"] {
        let (play, heard) =
            buildkit(files(&[("args.nix", text), ("amd64", &kernel()), ("arm64", &arm)]));
        let platform = format!("linux/{wanted}");
        build(play, &[("filename", "args.nix"), ("platform", &platform)]).unwrap();
        let finished = heard.lock().unwrap().finished.clone().unwrap();
        match finished.result {
            Some(result) => {
                let config: serde_json::Value =
                    serde_json::from_slice(&result.metadata["containerimage.config"]).unwrap();
                assert_eq!(config["architecture"], wanted);
            }
            None => {
                let said = finished.error.unwrap().message;
                assert_eq!(wanted, "riscv64", "{said}");
                assert!(said.contains("args.nix has no architecture `riscv64`"), "{said}");
            }
        }
    }
}

#[test]
fn what_is_wrong_is_the_answer() {
    let text =
        br#"{ name = "X"; files = { "sub/ap" = "/a"; "/etc/x" = "/x"; }; annotations = { }; }"#;
    let (play, heard) = buildkit(files(&[("args.nix", text), ("sub/app", b"x")]));
    build(play, &[("filename", "args.nix"), ("requestid", "outline")]).unwrap();
    let error = heard.lock().unwrap().finished.take().unwrap().error.unwrap();
    assert_eq!((error.code, error.message.contains("buildkit/option")), (3, true));
    let (play, heard) = buildkit(files(&[("args.nix", text), ("sub/app", b"x")]));
    build(play, &[("filename", "args.nix")]).unwrap();
    let error = heard.lock().unwrap().finished.take().unwrap().error.unwrap().message;
    for code in ["files/missing", "recipe/name", "urunc/missing-annotation"] {
        assert!(error.contains(&format!("error[{code}]")), "{error}");
    }
    assert!(error.contains("cannot read `sub/ap`"), "{error}");
}

#[test]
fn ten_thousand_files_are_an_image() {
    let mut given = files(&[("Containerfile", b"FROM scratch\nCOPY sub /s/\nCOPY app /a\nLABEL com.urunc.unikernel.unikernelType=rumprun com.urunc.unikernel.hypervisor=hvt com.urunc.unikernel.binary=/a\nCMD x"), ("app", &kernel())]);
    for number in 0..10_000 {
        given.insert(format!("sub/{}/{number}", number % 100), vec![0; number % 3]);
    }
    let (play, heard) = buildkit(given);
    build(play, &[("filename", "Containerfile"), ("label:own", "1")]).unwrap();
    let finished = heard.lock().unwrap().finished.take().unwrap();
    assert_eq!(finished.error, None);
    assert!(finished.result.is_some());
}

#[test]
fn a_gateway_that_is_not_well_ends_the_build() {
    let given = || files(&[("args.nix", ARGS_NIX), ("annotations.nix", ANNOTATIONS)]);
    for method in ["Solve", "ReadDir", "ReadFile", "Return"] {
        let broken: [(&str, Play); 6] = [
            ("gone", || Reply::Gone),
            ("empty", || Reply::Bytes(Vec::new())),
            ("no message", || Reply::Bytes(b"garbage".to_vec())),
            ("shorter than it says", || Reply::Bytes(vec![0, 0, 0, 0, 9, 1])),
            ("no protobuf", || Reply::Message(vec![0xff; 40])),
            ("refused", || Reply::Refused(13, "no%20%C3%BC")),
        ];
        for (what, reply) in broken {
            let (play, heard) = buildkit(given());
            let ill = move |called: &str, bytes: &[u8]| {
                if called == method { reply() } else { play(called, bytes) }
            };
            let ended = build(ill, &[("filename", "args.nix")]);
            let finished = heard.lock().unwrap().finished.take();
            match (method, what) {
                (
                    "Return",
                    "empty" | "no message" | "shorter than it says" | "no protobuf" | "refused",
                )
                | (_, "gone") => assert!(ended.is_err(), "{method}, {what}"),
                // What can still be said is said.
                _ => {
                    assert_eq!(ended, Ok(()), "{method}, {what}");
                    let error = finished.unwrap().error.unwrap().message;
                    assert!(error.contains("error["), "{method}, {what}: {error}");
                    let words = if what == "refused" { "no ü" } else { "BuildKit" };
                    assert!(error.contains(words), "{method}, {what}: {error}");
                }
            }
        }
    }
}

#[test]
fn nobody_at_the_other_end_is_an_error() {
    for bytes in [&b""[..], b"HTTP/1.1 400 Bad Request\r\n\r\n", &[0xff; 4096]] {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let bytes = bytes.to_vec();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                use tokio::io::AsyncWriteExt as _;
                let mut theirs = theirs;
                drop(theirs.write_all(&bytes).await);
            });
        });
        // That nobody is there may show when the first call is made.
        let ended = Gateway::connect(|| ours).and_then(|gateway| gateway.read_folder("r", "/"));
        assert!(matches!(ended, Err(CallError::Broken(_))), "{ended:?}");
    }
}

#[test]
fn options_are_those_of_the_user() {
    let options = options(&[
        ("filename", "sub.nix"),
        ("build-arg:BUILDKIT_SYNTAX", "x"),
        ("build-arg:HTTP_PROXY", "x"),
        ("build-arg:a", "1=2"),
        ("build-arg:SOURCE_DATE_EPOCH", "7"),
        ("label:l", ""),
        ("context:named::linux/amd64", "local:named"),
        ("context", "https://example.org/x.git"),
        ("cache-from", "x"),
    ]);
    assert_eq!(options.arguments, [("a".to_owned(), "1=2".to_owned())]);
    assert_eq!(options.labels, [("l".to_owned(), String::new())]);
    assert_eq!(options.contexts, [("named".to_owned(), "local:named".to_owned())]);
    assert_eq!(options.epoch.as_deref(), Some("7"));
    assert_eq!(options.refused.len(), 1);
}

#[test]
fn a_definition_for_buildctl_makes_a_layer_of_each_layer() {
    let image = Image {
        layers: vec![
            Layer::Made(Made {
                title: "one".to_owned(),
                entries: vec![(
                    ImagePath::parse(b"/app").unwrap(),
                    Node {
                        content: Content::File {
                            source: Origin::Path("/project/sub/app".into()),
                            size: 1,
                        },
                        mode: 0o755,
                        uid: 0,
                        gid: 7,
                    },
                )],
            }),
            Layer::Made(Made {
                title: "two".to_owned(),
                entries: vec![
                    (ImagePath::parse(b"/etc").unwrap(), Node::parent()),
                    (ImagePath::parse(b"/etc/text").unwrap(), Node::bytes(b"a,b".to_vec())),
                ],
            }),
        ],
        name: Name {
            familiar: "x:y".to_owned(),
            full: "docker.io/library/x:y".to_owned(),
            tag: "y".to_owned(),
        },
        config: Config { architecture: "amd64".to_owned(), ..Config::default() },
        annotations: BTreeMap::from([("a".to_owned(), "1,\"2\"".to_owned())]),
        urunc_json: None,
        compression: Compression::None,
        created: 7,
    };
    let made = super::for_buildctl(&image, Path::new("/project")).unwrap();
    assert!(made.output.starts_with("name=docker.io/library/x:y,"), "{}", made.output);
    assert!(made.output.contains(r#""annotation-manifest.a=1,""2""""#), "{}", made.output);
    assert!(made.output.contains("source-date-epoch=7"), "{}", made.output);
    let definition = Definition::decode(made.definition.as_slice()).unwrap();
    let ops: Vec<Op> = definition.def.iter().map(|op| Op::decode(op.as_slice()).unwrap()).collect();
    // The files, the layer of one, the folders of the other and that itself, and what the last one is.
    assert_eq!(ops.len(), 5);
    let Some(Kind::Source(source)) = &ops[0].kind else { panic!("{:?}", ops[0]) };
    assert_eq!(source.identifier, "local://context");
    assert_eq!(source.attrs["local.followpaths"], r#"["sub/app"]"#);
    let Some(Kind::File(file)) = &ops[1].kind else { panic!("{:?}", ops[1]) };
    let Some(Action::Copy(copy)) = &file.actions[0].action else { panic!("{file:?}") };
    assert_eq!((copy.src.as_str(), copy.dest.as_str()), ("/sub/app", "/app"));
    assert_eq!((copy.mode, copy.timestamp), (0o755, 7_000_000_000));
    // Each layer stands on the one before.
    let digest = |op: usize| crate::image::Digest::of(&definition.def[op]).to_string();
    assert_eq!(ops[3].inputs[0].digest, digest(1));
    assert_eq!(ops[4].inputs[0].digest, digest(3));
    assert_eq!(definition.metadata[&digest(1)].description["llb.customname"], "one");
    let refused = super::for_buildctl(&image, Path::new("/elsewhere")).unwrap_err();
    assert_eq!(refused.code, "buildkit/source");
}

#[test]
fn what_is_made_travels_in_the_definition() {
    let part = |size: usize| {
        let path = std::env::temp_dir().join(format!("bimanix-made-{}-{size}", std::process::id()));
        std::fs::write(&path, vec![7; size]).unwrap();
        let file = std::fs::File::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        Origin::Part(crate::rootfs::Extent { path, file: Arc::new(file), start: 0 })
    };
    let image = |size: usize| Image {
        layers: vec![Layer::Made(Made {
            title: "initrd".to_owned(),
            entries: vec![(
                ImagePath::parse(b"/initrd").unwrap(),
                Node {
                    content: Content::File { source: part(size), size: size as u64 },
                    mode: 0o644,
                    uid: 0,
                    gid: 0,
                },
            )],
        })],
        name: Name { familiar: "x:y".to_owned(), full: "x:y".to_owned(), tag: "y".to_owned() },
        config: Config { architecture: "amd64".to_owned(), ..Config::default() },
        annotations: BTreeMap::new(),
        urunc_json: None,
        compression: Compression::None,
        created: 0,
    };
    let made = super::for_buildctl(&image(3), Path::new("/project")).unwrap();
    let definition = Definition::decode(made.definition.as_slice()).unwrap();
    let ops = definition.def.iter().map(|op| Op::decode(op.as_slice()).unwrap());
    let files = ops.filter_map(|op| match op.kind {
        Some(Kind::File(file)) => Some(file.actions),
        _ => None,
    });
    let data = files.flatten().find_map(|action| match action.action {
        Some(Action::MakeFile(file)) => Some((file.path, file.data)),
        _ => None,
    });
    assert_eq!(data, Some(("/initrd".to_owned(), vec![7; 3])));
    let refused = super::for_buildctl(&image(5 << 20), Path::new("/project")).unwrap_err();
    assert_eq!(refused.code, "buildkit/too-large");
    assert!(refused.title.contains("`/initrd`"), "{}", refused.title);
}
