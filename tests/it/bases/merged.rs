//! The configuration of a base under that of the image: as Docker's reference has it.

use super::{ANNOTATIONS, Base, Built, Tar, args, build, build_on};
use crate::foreign::{PREFIX, said, urunc_json};
use crate::support::{Folder, done, kernel};
use serde_json::{Map, Value, json};

/// The annotations without `cmdline`.
fn without_cmdline() -> String {
    ANNOTATIONS.replace("cmdline = \"app\";", "")
}

fn commanded() -> Base {
    Base::with_kernel()
        .process(json!({ "Entrypoint": ["/entry", "-e"], "Cmd": ["one", "two words"] }))
}

fn annotation<'b>(built: &'b Built, key: &str) -> &'b Value {
    &built.manifest["annotations"][format!("{PREFIX}{key}")]
}

/// `Entrypoint` and `Cmd`: what is given replaces what the base has, and an `Entrypoint` drops the base's `Cmd`.
#[test]
fn command_of_args_nix() {
    let bare = without_cmdline();
    let whole = |text: &str| format!("{bare}\n  {text}");
    let (entry, cmd) = (json!(["/entry", "-e"]), json!(["one", "two words"]));
    for (fields, entrypoint, expected, cmdline) in [
        (whole(""), entry.clone(), cmd, "/entry -e one two words"),
        (whole("cmd = [ \"x\" ];"), entry.clone(), json!(["x"]), "/entry -e x"),
        (whole("entrypoint = [ \"/own\" ];"), json!(["/own"]), Value::Null, "/own"),
        (
            whole("entrypoint = [ \"/own\" ]; cmd = [ \"x\" ];"),
            json!(["/own"]),
            json!(["x"]),
            "/own x",
        ),
        // A command line that stands alone is the whole of it.
        (ANNOTATIONS.to_owned(), Value::Null, json!(["app"]), "app"),
        (ANNOTATIONS.replace("\"app\"", "\"\""), Value::Null, json!([""]), ""),
        // One beside words is what is said in it.
        (format!("{ANNOTATIONS} cmd = [ \"x\" ];"), entry, json!(["x"]), "app"),
    ] {
        let built = build_on(&commanded(), &fields);
        let found = (built.process("Entrypoint"), built.process("Cmd"));
        assert_eq!(found, (&entrypoint, &expected), "{fields}");
        assert_eq!(annotation(&built, "cmdline"), cmdline, "{fields}");
    }
}

/// The same in a Containerfile, where an empty list is one.
#[test]
fn command_of_a_containerfile() {
    let (entry, cmd) = (json!(["/entry", "-e"]), json!(["one", "two words"]));
    for (instructions, entrypoint, expected) in [
        ("", entry.clone(), cmd),
        ("CMD [\"x\"]", entry.clone(), json!(["x"])),
        ("CMD []", entry, Value::Null),
        ("ENTRYPOINT [\"/own\"]", json!(["/own"]), Value::Null),
        ("CMD [\"x\"]\nENTRYPOINT [\"/own\"]", json!(["/own"]), json!(["x"])),
        ("ENTRYPOINT []\nCMD [\"x\"]", Value::Null, json!(["x"])),
    ] {
        let built = from(&commanded(), instructions);
        assert_eq!(
            (built.process("Entrypoint"), built.process("Cmd")),
            (&entrypoint, &expected),
            "{instructions}"
        );
    }
}

/// The image of a Containerfile on a base.
fn from(base: &Base, instructions: &str) -> Built {
    let folder = Folder::new();
    folder.write("base", base.parts().tar());
    let labels = ["unikernelType=hermit", "hypervisor=qemu", "binary=/boot/kernel"];
    let labels = labels.map(|label| format!("LABEL {PREFIX}{label}\n")).concat();
    folder.write("Containerfile", format!("FROM ./base\n{labels}{instructions}\n"));
    let output = done(folder.path(), &["build", "-o", "out", "-t", "a"]);
    Built::open(&folder, "out", String::from_utf8(output.stderr).unwrap())
}

/// Variables of the same name keep the place that they have in the base.
#[test]
fn env() {
    let base =
        Base::with_kernel().process(json!({ "Env": ["PATH=/bin", "A=1", "EMPTY=", "B=2=3"] }));
    let expected = json!(["PATH=/bin", "A=own", "EMPTY=", "B=", "C=4"]);
    let fields = format!("{ANNOTATIONS}\n  env = [ \"A=own\" \"C=4\" \"B=\" ];");
    assert_eq!(build_on(&base, &fields).process("Env"), &expected);
    let fields = format!("{ANNOTATIONS}\n  env = {{ A = \"own\"; C = \"4\"; B = \"\"; }};");
    assert_eq!(build_on(&base, &fields).process("Env"), &expected);
    assert_eq!(from(&base, "ENV A=own C=4\nENV B=\"\"").process("Env"), &expected);
    let inherited = build_on(&base, ANNOTATIONS);
    assert_eq!(inherited.process("Env"), &json!(["PATH=/bin", "A=1", "EMPTY=", "B=2=3"]));
    // Variables of the base are known in the text.
    let paths = from(&base, "ENV PATH=$PATH:/own NEW=${A}${B:+b}");
    assert_eq!(
        paths.process("Env"),
        &json!(["PATH=/bin:/own", "A=1", "EMPTY=", "B=2=3", "NEW=1b"])
    );
}

#[test]
fn labels_user_and_working_directory() {
    let base = Base::with_kernel().process(json!({
        "Labels": { "a": "base", "b": "base" }, "User": "7:8", "WorkingDir": "/work"
    }));
    let urunc = |built: &Built| -> Map<String, Value> {
        let all = built.process("Labels").as_object().unwrap().clone();
        all.into_iter().filter(|(name, _)| !name.starts_with(PREFIX)).collect()
    };
    let own = "\n  labels = { b = \"own\"; c = \"own\"; }; user = \"9\"; workingDir = \"/own\";";
    let built = build_on(&base, &format!("{ANNOTATIONS}{own}"));
    assert_eq!(Value::Object(urunc(&built)), json!({ "a": "base", "b": "own", "c": "own" }));
    assert_eq!((built.process("User"), built.process("WorkingDir")), (&json!("9"), &json!("/own")));
    let built = build_on(&base, ANNOTATIONS);
    assert_eq!(Value::Object(urunc(&built)), json!({ "a": "base", "b": "base" }));
    assert_eq!(
        (built.process("User"), built.process("WorkingDir")),
        (&json!("7:8"), &json!("/work"))
    );
    // A relative WORKDIR starts from that of the base.
    let built = from(&base, "WORKDIR sub");
    assert_eq!(built.process("WorkingDir"), "/work/sub");
    let built = from(&base, "LABEL b=own c=own\nUSER 9\nWORKDIR /own");
    assert_eq!(Value::Object(urunc(&built)), json!({ "a": "base", "b": "own", "c": "own" }));
    assert_eq!(built.process("User"), "9");
}

/// What urunc does not look at and engines do.
#[test]
fn what_engines_read() {
    let healthcheck = json!({ "Test": ["CMD", "/check"], "Interval": 30_000_000_000_u64 });
    let base = Base::with_kernel().process(json!({
        "ExposedPorts": { "80/tcp": {}, "53/udp": {} }, "Volumes": { "/data": {} },
        "StopSignal": "SIGINT", "Healthcheck": healthcheck, "Shell": ["/bin/ash", "-c"],
        // The container in which docker made the image, and nothing that is handed on.
        "Hostname": "0123456789ab", "Image": "sha256:0", "AttachStdin": false, "Tty": true,
        "OnBuild": null, "Memory": 0
    }));
    let built = build_on(&base, ANNOTATIONS);
    let Value::Object(mut process) = built.config["config"].clone() else { panic!() };
    process.retain(|name, _| !["Labels", "Cmd"].contains(&name.as_str()));
    assert_eq!(
        Value::Object(process),
        json!({
            "ExposedPorts": { "80/tcp": {}, "53/udp": {} }, "Volumes": { "/data": {} },
            "StopSignal": "SIGINT", "Healthcheck": healthcheck, "Shell": ["/bin/ash", "-c"],
        })
    );
    let own = "\n  ports = [ 8080 ]; volumes = [ \"/more\" ]; stopSignal = \"SIGTERM\";";
    let built = build_on(&base, &format!("{ANNOTATIONS}{own}"));
    assert_eq!(
        built.process("ExposedPorts"),
        &json!({ "80/tcp": {}, "53/udp": {}, "8080/tcp": {} })
    );
    assert_eq!(built.process("Volumes"), &json!({ "/data": {}, "/more": {} }));
    assert_eq!(built.process("StopSignal"), "SIGTERM");
}

#[test]
fn triggers_are_not_handed_on() {
    let base = Base::with_kernel().process(json!({ "OnBuild": ["COPY . /app", "RUN make"] }));
    let built = build_on(&base, ANNOTATIONS);
    assert_eq!(built.process("OnBuild"), &Value::Null);
    assert_eq!(built.said, "");
}

/// Whatever the base is said to run on.
#[test]
fn the_system_is_linux() {
    for os in ["linux", "qemu", "fc", ""] {
        let mut base = Base::with_kernel();
        base.config["os"] = json!(os);
        base.config["os.version"] = json!("10.0");
        let built = build_on(&base, ANNOTATIONS);
        assert_eq!(built.config["os"], "linux", "{os}");
        assert_eq!(built.config.get("os.version"), None);
    }
}

/// One entry for each layer, in their order; what the base says of its own stays as it is.
#[test]
fn history() {
    let two =
        [Tar::default().file("boot/kernel", &kernel()).end(), Tar::default().file("a", b"a").end()];
    let own =
        |built: &Built, from: usize| built.config["history"].as_array().unwrap()[from..].to_vec();
    let ours = json!([{ "created": "1970-01-01T00:00:00Z", "created_by": "bimanix: urunc.json" }]);
    let whole = json!([
        { "created": "2020-01-01T00:00:00.123456789Z", "created_by": "/bin/sh -c #(nop) ADD file:1 in / " },
        { "created_by": "ENV A=1", "empty_layer": true },
        { "created_by": "COPY a /a # buildkit", "comment": "buildkit.dockerfile.v0", "author": "a" },
        { "created_by": "CMD [\"a\"]", "empty_layer": true },
    ]);
    let of = |history: Option<Value>| {
        let mut base = Base::new(&two);
        if let Some(history) = history {
            base.config["history"] = history;
        }
        build_on(&base, ANNOTATIONS)
    };
    let built = of(Some(whole.clone()));
    assert_eq!(own(&built, 0)[..4], whole.as_array().unwrap()[..]);
    assert_eq!(Value::Array(own(&built, 4)), ours);
    // Without one, with too few entries, and with too many.
    for history in [
        None,
        Some(Value::Null),
        Some(json!([])),
        Some(json!([{ "created_by": "x" }])),
        Some(json!([{}, {}, {}])),
    ] {
        let built = of(history.clone());
        assert_eq!(
            own(&built, 0)[..2],
            [json!({ "created_by": "base" }), json!({ "created_by": "base" })],
            "{history:?}"
        );
        assert_eq!(Value::Array(own(&built, 2)), ours);
    }
}

/// urunc's annotations of a base, by each of the ways on which urunc finds them.
#[test]
fn annotations_of_urunc() {
    let values = said(&[
        ("unikernelType", "hermit"),
        ("hypervisor", "qemu"),
        ("binary", "/boot/kernel"),
        ("cmdline", "of the base"),
        ("unikernelVersion", "1.2"),
    ]);
    let kernel = Tar::default().file("boot/kernel", &kernel());
    let plain = Base::new(&[kernel.end()]);
    let with = |labels: bool, annotations: bool, file: bool| {
        let mut base = Base::new(&[plain.layers[0].0.clone()]);
        base.config["created"] = json!("2020-01-01T00:00:00Z");
        if labels {
            base = base.process(json!({ "Labels": values }));
        }
        if annotations {
            base.annotations = json!(values);
        }
        if file {
            let tar = Tar::default().file("urunc.json", &urunc_json(&values)).end();
            base.layers.push((tar, super::Packing::Gzip, json!({})));
        }
        base
    };
    for (base, what) in [
        (with(true, false, false), "labels"),
        (with(false, true, false), "annotations"),
        (with(false, false, true), "urunc.json"),
        (with(true, true, true), "all"),
    ] {
        let built = build_on(&base, "");
        for (name, value) in &values {
            assert_eq!(&built.manifest["annotations"][name], value, "{what}");
            assert_eq!(&built.process("Labels")[name], value, "{what}");
            assert_eq!(&built.page["uruncJson"][name], value, "{what}");
        }
        assert_eq!(built.process("Cmd"), &json!(["of", "the", "base"]), "{what}");
        // The image is as old as the text says, not as its base.
        assert_eq!(built.config["created"], "1970-01-01T00:00:00Z");
        // What the text says goes first, and the rest stays.
        let own = "\n  annotations = { unikernelVersion = \"2\"; cmdline = \"own\"; };";
        let built = build_on(&base, own);
        assert_eq!(annotation(&built, "hypervisor"), "qemu");
        assert_eq!(annotation(&built, "cmdline"), "own");
        assert_eq!(annotation(&built, "unikernelVersion"), "2");
        assert_eq!(built.process("Cmd"), &json!(["own"]));
        assert_eq!(built.page["uruncJson"], built.manifest["annotations"]);
    }
}

/// A part of the annotations is not what urunc starts; the rest is asked for.
#[test]
fn a_part_of_the_annotations() {
    let mut base = Base::with_kernel();
    base.annotations = json!(said(&[("unikernelType", "hermit"), ("hypervisor", "qemu")]));
    let built =
        build_on(&base, "\n  annotations = { binary = \"/boot/kernel\"; cmdline = \"\"; };");
    assert_eq!(annotation(&built, "unikernelType"), "hermit");
    let folder = Folder::new();
    folder.write("base", base.parts().tar());
    folder.write("args.nix", args(""));
    let (code, text) = super::refusal(&folder, &["build", "-o", "out"]);
    assert_eq!(code, 1);
    assert!(text.contains("the annotation `binary` is missing"), "{text}");
    assert!(!text.contains("`hypervisor` is missing"), "{text}");
}

/// Annotations that are none of urunc's are the base's own.
#[test]
fn other_annotations_are_not_handed_on() {
    let mut base = Base::with_kernel();
    base.annotations = json!({ "org.opencontainers.image.version": "1" });
    let built = build_on(&base, ANNOTATIONS);
    let names = built.manifest["annotations"].as_object().unwrap().keys();
    assert!(names.clone().all(|name| name.starts_with(PREFIX)), "{names:?}");
}

/// An image that is built on one of ours says what it says, layer upon layer.
#[test]
fn built_on_our_own() {
    let folder = Folder::new();
    folder.write("base", Base::with_kernel().parts().tar());
    let env = "\n  env = [ \"A=1\" ]; labels = { a = \"1\"; }; user = \"5\"; workingDir = \"/w\";";
    let first = build(&folder, &args(&format!("{ANNOTATIONS}{env}")));
    std::fs::rename(folder.path().join("out"), folder.path().join("base")).unwrap();
    let second = build(&folder, &args(""));
    assert_eq!(second.config["config"], first.config["config"]);
    assert_eq!(second.manifest["annotations"], first.manifest["annotations"]);
    assert_eq!(second.layers[..first.layers.len()], first.layers[..]);
    let history = |built: &Built| built.config["history"].as_array().unwrap().clone();
    assert_eq!(history(&second)[..history(&first).len()], history(&first)[..]);
}
