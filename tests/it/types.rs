//! A value of the wrong type at every depth of args.nix, and several mistakes at once.

use crate::project::{Finding, Project, annotations, recipe, with_fields};
use bimanix::recipe::FIELDS;

/// A value of each type.
const VALUES: &[(&str, &str)] = &[
    ("string", "\"s\""),
    ("int", "7"),
    ("float", "1.5"),
    ("bool", "true"),
    ("null", "null"),
    ("path", "./kernel"),
    ("list", "[ ]"),
    ("set", "{ }"),
    ("function", "(x: x)"),
];

/// The places of a value: what stands in front of it and behind it, and which types it may have.
struct Hole {
    before: String,
    after: &'static str,
    takes: &'static [&'static str],
    code: &'static str,
}

fn hole(before: &str, after: &'static str, takes: &'static [&'static str]) -> Hole {
    Hole { before: before.to_owned(), after, takes, code: "recipe/type" }
}

fn holes() -> Vec<Hole> {
    let name = "name = \"a\";";
    let files = "files.\"kernel\" = \"/k\";";
    let said = format!("annotations = {{ {} }};", annotations("/k"));
    let said = said.as_str();
    let whole = format!("{{ {name} {files} {said}");
    let field = |field: &str, takes| hole(&format!("{whole} {field} ="), "; }", takes);
    let rootfs = |name: &str, takes| hole(&format!("{whole} rootfs.{name} ="), "; }", takes);
    let required =
        [("unikernelType", "linux"), ("hypervisor", "qemu"), ("binary", "/k"), ("cmdline", "x")];
    let annotation = |own: &str, takes| {
        let others = required.iter().filter(|(key, _)| *key != own);
        let text: String = others.map(|(key, value)| format!("{key} = \"{value}\"; ")).collect();
        hole(&format!("{{ {name} {files} annotations = {{ {text} {own} ="), "; }; }", takes)
    };
    let mut holes = vec![
        hole(&format!("{{ {files} {said} name ="), "; }", &["string"]),
        hole(&format!("{{ {name} {said} files ="), "; }", &["set"]),
        hole(&format!("{{ {name} {files} annotations ="), "; }", &["set"]),
        hole(&format!("{{ {name} {said} files.\"kernel\" ="), "; }", &["string", "set"]),
        hole(&format!("{{ {name} {said} files.\"kernel\".path ="), "; }", &["string"]),
        hole(
            &format!("{{ {name} {said} files.\"kernel\" = {{ path = \"/k\"; source ="),
            "; }; }",
            &["string", "path"],
        ),
        field("tag", &["string"]),
        field("cmd", &["list"]),
        field("entrypoint", &["list"]),
        field("env", &["set", "list"]),
        field("env.A", &["string"]),
        field("workingDir", &["string"]),
        field("user", &["string", "int"]),
        field("allow", &["list"]),
        field("base", &["string", "path", "set"]),
        field("base.image", &["string", "path"]),
        hole(&format!("{whole} base = {{ image = ./a.tar; platform ="), "; }; }", &["string"]),
        field("kernel", &["string", "path", "set"]),
        hole(
            &format!("{whole} kernel = {{ path = \"/k\"; image ="),
            "; }; }",
            &["string", "path", "set"],
        ),
        hole(&format!("{whole} kernel = {{ image = ./a.tar; path ="), "; }; }", &["string"]),
        field("init", &["string", "path", "set"]),
        field("init.source", &["string", "path"]),
        hole(&format!("{whole} init = {{ source = ./kernel; path ="), "; }; }", &["string"]),
        field("rootfs", &["set"]),
        rootfs("type", &["string"]),
        rootfs("fsType", &["string"]),
        rootfs("compression", &["string"]),
        rootfs("label", &["string"]),
        rootfs("size", &["string", "int"]),
        rootfs("files", &["set"]),
        rootfs("from", &["string", "path", "set"]),
        rootfs("closure", &["list"]),
        field("remove", &["list"]),
        field("ports", &["list"]),
        field("volumes", &["list"]),
        field("stopSignal", &["string", "int"]),
        field("labels", &["set"]),
        field("labels.x", &["string"]),
        field("labels.\"org.example/é\"", &["string"]),
        field("architecture", &["string"]),
        field("architectures", &["set"]),
        field("architectures.amd64", &["set"]),
        field("created", &["string", "int"]),
        annotation("mountRootfs", &["string", "bool"]),
        annotation("useDMBlock", &["string", "bool"]),
        annotation("\"com.urunc.unikernel.mountRootfs\"", &["string", "bool"]),
        annotation("\"org.opencontainers.image.authors\"", &["string"]),
    ];
    for key in [
        "unikernelType",
        "hypervisor",
        "binary",
        "cmdline",
        "unikernelVersion",
        "version",
        "initrd",
        "block",
        "blkMntPoint",
        "solo5NetDev",
        "solo5BlkDev",
        "\"com.urunc.unikernel.initrd\"",
    ] {
        holes.push(annotation(key, &["string"]));
    }
    let mut attribute = |attribute: &str, takes, code| {
        let before = format!("{{ {name} {said} files.\"kernel\" = {{ path = \"/k\"; {attribute} =");
        holes.push(Hole { code, ..hole(&before, "; }; }", takes) });
    };
    attribute("mode", &["string"], "recipe/mode");
    attribute("uid", &["int"], "recipe/type");
    attribute("gid", &["int"], "recipe/type");
    attribute("text", &["string"], "recipe/type");
    attribute("image", &["string", "path", "set"], "recipe/type");
    attribute("link", &["string"], "recipe/type");
    attribute("folder", &["bool"], "recipe/type");
    holes
}

#[test]
fn a_wrong_type_at_every_depth() {
    let project = Project::new();
    let mut count = 0;
    for hole in holes() {
        for (kind, value) in VALUES {
            if hole.takes.contains(kind) {
                continue;
            }
            let text = format!("{}\n{value}\n{}", hole.before, hole.after);
            let (code, findings) = project.check(&text);
            let marked: Vec<&Finding> =
                findings.iter().filter(|finding| finding.place == Some((2, 1))).collect();
            assert_eq!(code, 1, "{text}");
            assert_eq!(marked.len(), 1, "one finding on the value:\n{text}\n{findings:?}");
            assert_eq!(marked[0].code, hole.code, "{text}");
            count += 1;
        }
    }
    assert!(count > 250, "{count}");
}

#[test]
fn every_field_has_a_hole() {
    let holes = holes();
    for field in FIELDS {
        let own = format!("{} =", field.name);
        assert!(holes.iter().any(|hole| hole.before.ends_with(&own)), "{}", field.name);
    }
}

/// Items of lists: the item is named, whatever is marked.
#[test]
fn a_wrong_type_in_a_list() {
    let project = Project::new();
    for field in ["allow", "cmd", "entrypoint", "env", "remove", "ports", "volumes"] {
        let takes = |kind: &str| kind == "string" || (kind, field) == ("int", "ports");
        for (kind, value) in VALUES.iter().filter(|(kind, _)| !takes(kind)) {
            let (a, b) = if field == "ports" { ("1", "2") } else { ("/A=1", "/B=2") };
            let text = with_fields(&format!("{field} = [ \"{a}\" {value} \"{b}\" ];"));
            let (code, findings) = project.check(&text);
            assert_eq!((code, findings.len()), (1, 1), "{field}, {kind}: {findings:?}");
            let first = &findings[0];
            assert_eq!(first.code, "recipe/type");
            assert!(first.message.contains(&format!("`{field}[1]`")), "{}", first.message);
            assert_eq!(first.place.unwrap().0, 5);
        }
    }
}

/// A value that fails to evaluate is one problem among others, at its place.
#[test]
fn failures_inside_of_fields_are_found_together() {
    let project = Project::new();
    let text = recipe(
        "\"kernel\" = \"/k\";\n\"x\" = throw \"no destination\";\n\"y\" = \"rel\";",
        &format!("{}\ninitrd = abort \"no initrd\";\nhypervizor = \"\";", annotations("/k")),
        "tag = assert false; \"1\";\nlabels.x = 1 + \"a\";\nlabels.y = let y = y; in y;\nflies = { };",
    );
    let (code, findings) = project.check(&text);
    let found: Vec<(&str, u64)> = findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.place.expect("a place").0))
        .collect();
    assert_eq!(code, 1);
    assert_eq!(
        found,
        [
            ("eval/throw", 4),
            ("files/destination", 5),
            ("eval/abort", 7),
            ("urunc/unknown-annotation", 8),
            ("eval/assertion", 9),
            ("eval/operands", 10),
            ("eval/infinite-recursion", 11),
            ("recipe/unknown-field", 12),
        ]
    );
}

/// The nearest known name is offered, and nothing far-fetched.
#[test]
fn slips_of_the_pen() {
    let project = Project::new();
    for (slip, expected) in [
        ("nmae", "did you mean `name`?"),
        ("Tag", "did you mean `tag`?"),
        ("file", "did you mean `files`?"),
        ("anotations", "did you mean `annotations`?"),
        ("entryPoint", "did you mean `entrypoint`?"),
        ("workingdir", "did you mean `workingDir`?"),
        ("arch", "the fields are"),
        ("hypervisor", "write it as `annotations.hypervisor`"),
        ("zzzz", "the fields are"),
    ] {
        let (_, findings) = project.check(&with_fields(&format!("{slip} = \"\";")));
        let first = &findings[0];
        assert_eq!(first.code, "recipe/unknown-field", "{slip}");
        assert_eq!(first.place, Some((5, 3)), "{slip}");
        assert!(first.help.starts_with(expected), "{slip}: {}", first.help);
    }
    for (slip, expected) in [
        ("unikerneltype", "did you mean `unikernelType`?"),
        ("Hypervisor", "did you mean `hypervisor`?"),
        ("cmdLine", "did you mean `cmdline`?"),
        ("blockMntPoint", "did you mean `blkMntPoint`?"),
        ("useDmBlock", "did you mean `useDMBlock`?"),
        ("\"com.urunc.unikernel.binry\"", "did you mean `binary`?"),
        ("zzzz", "a key with a dot"),
    ] {
        let text =
            recipe("\"kernel\" = \"/k\";", &format!("{}\n{slip} = \"\";", annotations("/k")), "");
        let (_, findings) = project.check(&text);
        let first = &findings[0];
        assert_eq!(first.code, "urunc/unknown-annotation", "{slip}");
        assert_eq!(first.place, Some((5, 1)), "{slip}");
        assert!(first.help.starts_with(expected), "{slip}: {}", first.help);
    }
}

/// Only the runtime sets these (section 1.1); an image with one is refused under both spellings.
#[test]
fn keys_of_the_runtime() {
    let project = Project::new();
    for key in ["vAccel", "RPCAddress", "bootKernel", "bootInitrd"] {
        for spelled in [key.to_owned(), format!("\"com.urunc.unikernel.{key}\"")] {
            let more = format!("{}\n{spelled} = \"/x\";", annotations("/k"));
            let (_, findings) = project.check(&recipe("\"kernel\" = \"/k\";", &more, ""));
            assert_eq!(findings.len(), 1, "{spelled}: {findings:?}");
            assert_eq!(findings[0].code, "urunc/runtime-annotation");
            assert_eq!(findings[0].place, Some((5, 1)));
        }
    }
}
