//! What `check` says of an args.nix with an error: all that holds however the error is mended, and no more.

use crate::project::{Finding, Project};
use std::collections::BTreeSet;

/// Fields, one a line, and values that they may have: the first is the one of the recipe.
type Lines = &'static [(&'static str, &'static [&'static str])];

const LINUX: Lines = &[
    ("name", &["\"Hello\"", "\"hello\"", "7"]),
    ("tag", &["\"a b\"", "\"\"", "\"v1\""]),
    (
        "files.\"kernel\"",
        &["\"/k\"", "\"/other\"", "\"relative\"", "{ path = \"/k\"; mode = \"0000\"; }"],
    ),
    ("files.\"./kernel\"", &["\"/etc/\"", "\"/etc/passwd\"", "\"/initrd\"", "\"/b\"", "\"/tmp\""]),
    ("annotations.unikernelType", &["\"linux\"", "\"rumprun\"", "\"mewz\"", "\"\""]),
    ("annotations.hypervisor", &["\"qemu\"", "\"firecracker\"", "\"hvt\"", "\"nope\""]),
    ("annotations.binary", &["\"/k\"", "\"/none\"", "\"k\"", "\"/etc/passwd\""]),
    ("annotations.initrd", &["\"/initrd\"", "\"\"", "\"/k\"", "\"/a b\""]),
    ("annotations.block", &["\"/b\"", "\"\"", "\"/k\""]),
    ("annotations.blkMntPoint", &["\"\"", "\"/\"", "\"/data\""]),
    ("annotations.mountRootfs", &["true", "false", "\"\"", "\"maybe\""]),
    ("annotations.useDMBlock", &["\"\"", "true", "false"]),
    ("annotations.cmdline", &["\"a 'b\"", "\"\"", "\"/init x\"", "\"'a b'\""]),
    ("annotations.unikernelVersion", &["\"0.16.0\"", "\"\"", "\"1\""]),
    ("annotations.\"org.example\"", &["\"x\"", "1"]),
    ("cmd", &["[ ]", "[ \"a b\" ]", "[ 1 ]"]),
    ("entrypoint", &["[ ]", "[ \"/urunit\" ]"]),
    ("env", &["[ \"A=b c\" ]", "{ }", "[ \"A\" ]", "{ A = 1; }"]),
    ("user", &["\"nobody\"", "\"\"", "1000", "-1"]),
    ("workingDir", &["\"x\"", "\"/\""]),
    ("labels.x", &["\"y\"", "1"]),
    ("architecture", &["\"arm64\"", "\"\"", "\"amd64\"", "\"x\""]),
    ("created", &["\"now\"", "0"]),
    ("allow", &["[ ]", "[ \"urunc/path\" ]"]),
    ("flies", &["1", "2"]),
];

const MIRAGE: Lines = &[
    ("name", &["\"hello\"", "7"]),
    ("files.\"kernel\"", &["\"/k\"", "\"/other\""]),
    ("files.\"./kernel\"", &["\"/b\"", "\"/c\"", "7"]),
    ("annotations.unikernelType", &["\"mirage\"", "\"rumprun\"", "\"linux\""]),
    ("annotations.hypervisor", &["\"hvt\"", "\"spt\"", "\"qemu\""]),
    ("annotations.binary", &["\"/k\"", "\"/b\"", "\"/none\""]),
    ("annotations.block", &["\"\"", "\"/b\"", "\"/none\""]),
    ("annotations.blkMntPoint", &["\"\"", "\"/data\"", "\"/\""]),
    ("annotations.solo5NetDev", &["\"tap\"", "\"\"", "\"a b\""]),
    ("annotations.solo5BlkDev", &["\"\"", "\"disk\"", "\"storage\""]),
    ("annotations.mountRootfs", &["\"\"", "true", "false"]),
    ("annotations.useDMBlock", &["true", "\"\"", "false"]),
    ("annotations.cmdline", &["\"--x='a b'\"", "\"\""]),
    ("env", &["{ A = \"b\"; }", "{ }"]),
    ("user", &["\"1000\"", "\"0:0\""]),
];

const UNIKRAFT: Lines = &[
    ("name", &["\"hello\"", "7"]),
    ("files.\"kernel\"", &["\"/k\"", "\"/usr/k\""]),
    ("annotations.unikernelType", &["\"unikraft\"", "\"hermit\"", "\"freebsd\""]),
    ("annotations.hypervisor", &["\"qemu\"", "\"firecracker\"", "\"hyperlight-unikraft\""]),
    ("annotations.binary", &["\"/k\"", "\"//k\""]),
    ("annotations.initrd", &["\"/k\"", "\"\""]),
    ("annotations.mountRootfs", &["true", "false", "\"\""]),
    ("annotations.version", &["\"0.15\"", "\"0.17\"", "\"\""]),
    ("annotations.cmdline", &["\"a b\"", "\"\""]),
    ("env.A", &["\"b\"", "\"b c\"", "1"]),
    ("env.B", &["\"b\"", "\"b c\""]),
    ("cmd", &["[ ]", "[ \"x y\" ]"]),
];

/// The recipe with another value on one line.
fn text(lines: Lines, other: usize, value: &str) -> String {
    let line = |(index, (field, values)): (usize, &(&str, &[&str]))| {
        let value = if index == other { value } else { values[0] };
        format!("{field} = {value};\n")
    };
    let lines: String = lines.iter().enumerate().map(line).collect();
    format!("{{\n{lines}}}\n")
}

/// A finding: its code and its line.
type Said = (String, Option<u64>);

/// What is found, and the lines of the errors.
fn found(project: &Project, text: &str) -> (BTreeSet<Said>, BTreeSet<Option<u64>>) {
    let (_, findings) = project.check(text);
    let line = |finding: &Finding| finding.place.map(|(line, _)| line);
    let errors = findings.iter().filter(|finding| finding.is_error).map(line).collect();
    (findings.iter().map(|finding| (finding.code.clone(), line(finding))).collect(), errors)
}

#[test]
fn what_is_said_holds_however_the_error_is_mended() {
    let project = Project::new();
    let mut said = 0;
    for lines in [LINUX, MIRAGE, UNIKRAFT] {
        for (index, (field, values)) in lines.iter().enumerate() {
            let line = u64::try_from(index).unwrap() + 2;
            let (partly, _) = found(&project, &text(lines, index, "undefined"));
            let own = ["eval/undefined-variable", "recipe/not-checked", "recipe/unknown-field"];
            for code in ["eval/undefined-variable", "recipe/not-checked"] {
                let there = partly.contains(&(code.to_owned(), Some(line)));
                assert!(there || *field == "flies", "{field}: no {code} in {partly:?}");
            }
            let others: BTreeSet<_> =
                partly.into_iter().filter(|(code, _)| !own.contains(&code.as_str())).collect();
            said += others.len();
            for value in *values {
                let (mended, errors) = found(&project, &text(lines, index, value));
                // A finding that the mended field turns down is still right.
                if value.contains("urunc/") {
                    continue;
                }
                // Of a value that is refused, nothing more is said.
                let wrong = others.difference(&mended).filter(|(_, line)| !errors.contains(line));
                let wrong: Vec<_> = wrong.collect();
                assert!(wrong.is_empty(), "{field} = {value}: not so: {wrong:?}, but {mended:?}");
            }
        }
    }
    // It would be easy to say nothing.
    assert!(said > 250, "{said} findings beside the errors");
}
