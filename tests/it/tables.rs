//! The tables of the contract and of the formats it leans on, written down again, value by value:
//! what is taken, what is refused, and that the mark stands on the value.

use crate::project::{Project, annotations, recipe, with_fields};
use crate::support::{bimanix, done};
use serde_json::Value;

/// Rule P of section 1.1: paths in annotations, and what older urunc makes of them.
const PATHS: &[(&str, Verdict)] = &[
    ("/unikernel/hello.hvt", Verdict::Fine),
    ("/.boot/a-b_c.d", Verdict::Fine),
    ("/..a", Verdict::Fine),
    ("/-a", Verdict::Fine),
    ("/a...", Verdict::Fine),
    ("/library/x", Verdict::Fine),
    ("/a b", Verdict::Refused),
    ("/a+b", Verdict::Refused),
    ("/a,b", Verdict::Refused),
    ("/a=b", Verdict::Refused),
    ("/a@b", Verdict::Refused),
    ("/~a", Verdict::Refused),
    ("/a:b", Verdict::Refused),
    ("/é", Verdict::Refused),
    ("/a\\n", Verdict::Refused),
    ("/a\\t", Verdict::Refused),
    ("/a\\\\b", Verdict::Refused),
    ("/a%20b", Verdict::Refused),
    ("..", Verdict::Refused),
    ("../a", Verdict::Refused),
    ("..a", Verdict::Refused),
    ("-a", Verdict::Refused),
    ("/a//b", Verdict::Refused),
    ("//a", Verdict::Refused),
    ("/a/./b", Verdict::Refused),
    ("/a/../b", Verdict::Refused),
    ("/a/", Verdict::Refused),
    ("./a", Verdict::Refused),
    (".", Verdict::Refused),
    ("a/..", Verdict::Refused),
    ("a", Verdict::Warned("urunc/relative-path")),
    (".a/b", Verdict::Warned("urunc/relative-path")),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    Warned(&'static str),
    Refused,
}

/// A recipe in which the path stands in this annotation, and the file where the path says.
fn with_path(key: &str, path: &str) -> String {
    let plain = format!("/{}", path.trim_start_matches('/'));
    let own = match key {
        "binary" => "unikernelType = \"linux\"; hypervisor = \"qemu\"; cmdline = \"x\";".to_owned(),
        "block" => format!("{} blkMntPoint = \"/\";", annotations("/k")),
        "blkMntPoint" => format!("{} block = \"/k\";", annotations("/k")),
        // Hermit takes an ELF file as its initrd.
        _ => annotations("/k").replace("linux", "hermit"),
    };
    let is_name = |name: &str| name != "." && name != "..";
    let file = if key != "blkMntPoint" && plain.split('/').all(is_name) {
        format!("\"./kernel\" = \"{plain}\";")
    } else {
        String::new()
    };
    recipe(&format!("\"kernel\" = \"/k\"; {file}"), &format!("\n{key} =\n\"{path}\"; {own}"), "")
}

#[test]
fn paths_of_annotations() {
    let project = Project::new();
    for key in ["binary", "initrd", "block", "blkMntPoint"] {
        for &(path, verdict) in PATHS {
            let (code, findings) = project.check(&with_path(key, path));
            let found: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
            match verdict {
                Verdict::Fine => assert!(findings.is_empty(), "{key} = {path}: {findings:?}"),
                Verdict::Warned(slug) => assert_eq!((code, found), (0, vec![slug]), "{path}"),
                Verdict::Refused => {
                    assert_eq!((code, found), (1, vec!["urunc/path"]), "{key} = {path}");
                    assert_eq!(findings[0].place, Some((6, 1)), "{key} = {path}");
                }
            }
        }
        let root = project.codes(&with_path(key, "/"));
        let expected: &[&str] = if key == "blkMntPoint" { &[] } else { &["urunc/path"] };
        assert!(root.iter().filter(|code| code.as_str() == "urunc/path").eq(expected), "{key}");
    }
}

/// The folders that urunc of 2025 mounts over or removes (section 1.1, "Older eras").
#[test]
fn folders_that_urunc_hides() {
    let project = Project::new();
    for key in ["binary", "initrd", "block"] {
        for (folder, expected) in [
            ("/dev", "urunc/hidden-folder"),
            ("/tmp", "urunc/hidden-folder"),
            ("/lib", "urunc/hidden-folder"),
            ("/lib64", "urunc/hidden-folder"),
            ("/usr/lib", "urunc/hidden-folder"),
            ("/usr/share", "urunc/deleted-folder"),
        ] {
            let codes = project.codes(&with_path(key, &format!("{folder}/deep/k")));
            assert_eq!(codes, [expected], "{key} below {folder}");
        }
        for folder in ["/device", "/libx", "/lib64x", "/usrx", "/data/tmp", "/unikernel/dev"] {
            let codes = project.codes(&with_path(key, &format!("{folder}/k")));
            assert!(codes.is_empty(), "{key} below {folder}: {codes:?}");
        }
    }
}

/// Go's `strconv.ParseBool`, which urunc asks.
#[test]
fn booleans() {
    let project = Project::new();
    let truths = ["1", "t", "T", "TRUE", "true", "True"];
    let lies = ["0", "f", "F", "FALSE", "false", "False", ""];
    for key in ["useDMBlock", "mountRootfs"] {
        for (values, flag) in [(&truths[..], "true"), (&lies[..], "false")] {
            for value in values {
                let more = format!("{} {key} = \"{value}\";", annotations("/k"));
                project.0.write("args.nix", recipe("\"kernel\" = \"/k\";", &more, ""));
                let built = done(project.0.path(), &["build", "--json"]).stdout;
                let built: Value = serde_json::from_slice(&built).unwrap();
                // One is given, and both are written.
                for written in ["useDMBlock", "mountRootfs"] {
                    let full = format!("com.urunc.unikernel.{written}");
                    assert_eq!(built["annotations"][&full], flag, "{key} = {value}: {written}");
                }
            }
        }
        for bad in ["yes", "no", "on", "tRUE", "2", " true", "true ", "-1", "null"] {
            let text = format!("{} {key} =\n\"{bad}\";", annotations("/k"));
            let (code, findings) = project.check(&recipe("\"kernel\" = \"/k\";", &text, ""));
            assert_eq!((code, findings.len()), (1, 1), "{bad}");
            assert_eq!(findings[0].code, "urunc/not-a-boolean", "{bad}");
            assert_eq!(findings[0].place, Some((5, 1)), "{bad}");
        }
    }
}

/// What distribution's reference grammar takes as a name, and how docker completes it.
const NAMES: &[(&str, Option<&str>)] = &[
    ("hello", Some("docker.io/library/hello")),
    ("0", Some("docker.io/library/0")),
    ("a.b", Some("docker.io/library/a.b")),
    ("a_b", Some("docker.io/library/a_b")),
    ("a__b", Some("docker.io/library/a__b")),
    ("a-----b", Some("docker.io/library/a-----b")),
    ("x/hello", Some("docker.io/x/hello")),
    ("localhost/a", Some("localhost/a")),
    ("localhost:5000/a/b", Some("localhost:5000/a/b")),
    ("harbor.io/x/hello", Some("harbor.io/x/hello")),
    ("127.0.0.1:5000/a", Some("127.0.0.1:5000/a")),
    ("[::1]:5000/a", Some("[::1]:5000/a")),
    ("host:5000/a", Some("host:5000/a")),
    ("Hello", None),
    ("x/Hello", None),
    ("a_", None),
    ("_a", None),
    ("a..b", None),
    ("a._b", None),
    ("a___b", None),
    ("a-", None),
    ("-a", None),
    (".a", None),
    ("/a", None),
    ("a/", None),
    ("a//b", None),
    ("a b", None),
    ("a\\nb", None),
    ("é", None),
    ("a:b", None),
    ("a.io:x/b", None),
    ("a.io:/b", None),
    ("-a.io/b", None),
    ("a@sha256:00", None),
    ("https://a.io/b", None),
    ("", None),
];

#[test]
fn names() {
    let project = Project::new();
    let text =
        |name: &str| with_fields("").replacen("name = \"a\"", &format!("name =\n\"{name}\""), 1);
    let longest = "n".repeat(255 - "docker.io/library/".len());
    let full = format!("docker.io/library/{longest}");
    let long = [(longest.as_str(), Some(full.as_str()))];
    for (name, full) in NAMES.iter().chain(&long) {
        let (code, findings) = project.check(&text(name));
        let Some(full) = full else {
            assert_eq!((code, findings.len()), (1, 1), "{name}: {findings:?}");
            assert_eq!(findings[0].code, "recipe/name", "{name}");
            assert_eq!(findings[0].place, Some((3, 1)), "{name}");
            continue;
        };
        assert!(findings.is_empty(), "{name}: {findings:?}");
        let built = done(project.0.path(), &["build", "--json"]).stdout;
        let built: Value = serde_json::from_slice(&built).unwrap();
        assert_eq!(built["names"], serde_json::json!([format!("{full}:latest")]));
    }
    assert_eq!(project.codes(&text(&format!("{longest}n"))), ["recipe/name"]);
}

#[test]
fn tags() {
    let project = Project::new();
    let longest = "t".repeat(128);
    for good in ["latest", "1.0", "_", "a.-_b", "0", "V1", "", &longest] {
        let codes = project.codes(&with_fields(&format!("tag = \"{good}\";")));
        assert!(codes.is_empty(), "{good}: {codes:?}");
    }
    for bad in [".a", "-a", "a b", "a/b", "a:b", "é", "a+b", "a\\n", &format!("{longest}t")] {
        let (_, findings) = project.check(&with_fields(&format!("tag =\n\"{bad}\";")));
        assert_eq!(findings.len(), 1, "{bad}: {findings:?}");
        assert_eq!((findings[0].code.as_str(), findings[0].place), ("recipe/tag", Some((6, 1))));
    }
}

/// RFC 3339 in UTC, or seconds since 1970.
#[test]
fn times() {
    let project = Project::new();
    let created = |text: &str| {
        project.0.write("args.nix", with_fields(&format!("created = {text};")));
        let mut command = bimanix(project.0.path());
        let output = command.args(["build", "--json"]).env("SOURCE_DATE_EPOCH", "86400").output();
        let built: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
        built["created"].as_str().unwrap().to_owned()
    };
    for (given, expected) in [
        ("0", "1970-01-01T00:00:00Z"),
        ("\"0\"", "1970-01-01T00:00:00Z"),
        ("951782400", "2000-02-29T00:00:00Z"),
        ("\"2000-02-29T23:59:59Z\"", "2000-02-29T23:59:59Z"),
        ("\"2100-03-01T00:00:00Z\"", "2100-03-01T00:00:00Z"),
        ("\"9999-12-31T23:59:59Z\"", "9999-12-31T23:59:59Z"),
        ("253402300799", "9999-12-31T23:59:59Z"),
        // As docker and git write them; an image says the second, in UTC.
        ("\"2000-02-29T23:59:59.5Z\"", "2000-02-29T23:59:59Z"),
        ("\"2000-02-29T23:59:59.123456789Z\"", "2000-02-29T23:59:59Z"),
        ("\"9999-12-31T23:59:59.999Z\"", "9999-12-31T23:59:59Z"),
        ("\"2000-02-29t23:59:59z\"", "2000-02-29T23:59:59Z"),
        ("\"2000-03-01T01:29:59.1+01:30\"", "2000-02-29T23:59:59Z"),
        ("\"1969-12-31T23:30:00-00:30\"", "1970-01-01T00:00:00Z"),
        // Nothing said: the time of the environment.
        ("\"\"", "1970-01-02T00:00:00Z"),
    ] {
        assert_eq!(created(given), expected, "{given}");
    }
    for bad in [
        "-1",
        "253402300800",
        "\"now\"",
        "\"yesterday\"",
        "\"2026-01-31\"",
        "\"2026-01-31T12:00:00\"",
        "\"2026-01-31T12:00:00.Z\"",
        "\"2026-01-31T12:00:00,5Z\"",
        "\"2026-01-31T12:00:00.5\"",
        "\"2026-01-31T12:00:00+0100\"",
        "\"1970-01-01T00:59:59+01:00\"",
        "\"9999-12-31T23:59:59-00:01\"",
        "\"2026-02-29T00:00:00Z\"",
        "\"2100-02-29T00:00:00Z\"",
        "\"2026-13-01T00:00:00Z\"",
        "\"2026-00-01T00:00:00Z\"",
        "\"2026-01-00T00:00:00Z\"",
        "\"2026-01-31T24:00:00Z\"",
        "\"2026-01-31T12:60:00Z\"",
        "\"2026-01-31T12:00:60Z\"",
        "\"1969-12-31T23:59:59Z\"",
        "\" 1\"",
    ] {
        let (_, findings) = project.check(&with_fields(&format!("created =\n{bad};")));
        assert_eq!(findings.len(), 1, "{bad}: {findings:?}");
        assert_eq!(
            (findings[0].code.as_str(), findings[0].place.unwrap().0),
            ("recipe/created", 6)
        );
    }
}

/// The guest's arguments: `cmd` when it says something, else the words of `cmdline` as a shell parts
/// them; engines refuse an image without any.
#[test]
fn words_of_the_command_line() {
    let project = Project::new();
    for (line, more, expected) in [
        ("a b", "", &["a", "b"][..]),
        ("a b", "cmd = [ ];", &["a", "b"]),
        ("a b", "cmd = [ \"\" ];", &[""]),
        ("a b", "cmd = [ \"x y\" \"z\" ];", &["x y", "z"]),
        ("it's", "cmd = [ \"x\" ];", &["x"]),
        ("", "", &[""]),
        (" \\t\\n ", "", &[""]),
        ("  a   b  ", "", &["a", "b"]),
        ("'a b' \\\"c d\\\"e f\\\\ g", "", &["a b", "c de", "f g"]),
        ("a '' b", "", &["a", "", "b"]),
        ("$HOME `x` a;b > c # d", "", &["$HOME", "`x`", "a;b", ">", "c", "#", "d"]),
        ("é 日本", "", &["é", "日本"]),
    ] {
        // A Linux wants a program.
        let text = annotations("/k").replace("linux", "hermit");
        let text = text.replace("cmdline = \"x\"", &format!("cmdline = \"{line}\""));
        project.0.write("args.nix", recipe("\"kernel\" = \"/k\";", &text, more));
        let built = done(project.0.path(), &["build", "--json"]).stdout;
        let built: Value = serde_json::from_slice(&built).unwrap();
        assert_eq!(built["cmd"], serde_json::json!(expected), "{line} {more}");
    }
    for open in ["it's", "\\\"", "a 'b", "a \\\"b\\\\", "'a' 'b"] {
        let text = annotations("/k").replace("cmdline = \"x\"", &format!("cmdline =\n\"{open}\""));
        let (_, findings) = project.check(&recipe("\"kernel\" = \"/k\";", &text, ""));
        assert_eq!(findings.len(), 1, "{open}: {findings:?}");
        assert_eq!(findings[0].code, "recipe/cmdline-quote", "{open}");
        assert_eq!(findings[0].place.unwrap().0, 5, "{open}");
    }
}
