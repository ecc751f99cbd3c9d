//! `bimanix check` on fixtures: an args.nix and the whole output it shall give.
//!
//! A fixture without a `kernel` gets one that goes with its monitor. `expected` holds the exit code and what is
//! written to standard error.

use crate::support::{Expectations, Folder, bimanix, copy, fixtures, kernel, kernel_for};
use std::fmt::Write as _;

#[test]
fn fixtures_give_what_is_expected() {
    let mut expectations = Expectations::default();
    for fixture in fixtures("check") {
        let folder = Folder::new();
        copy(&fixture, folder.path());
        if !folder.path().join("kernel").exists() {
            let text = std::fs::read(fixture.join("args.nix")).unwrap();
            folder.write("kernel", kernel_for(&String::from_utf8_lossy(&text)));
        }
        let output = bimanix(folder.path()).arg("check").output().unwrap();
        assert!(output.stdout.is_empty(), "{}: findings go to standard error", fixture.display());
        let found = format!(
            "exit {}\n{}",
            output.status.code().unwrap(),
            String::from_utf8_lossy(&output.stderr)
        );
        expectations.check(&fixture.join("expected"), &found);
    }
    expectations.finish();
}

/// Codes that no args.nix of these fixtures can bring about, and where they are tested.
const ELSEWHERE: &[(&str, &str)] = &[
    ("files/base", "bases::refused::base_among_the_files"),
    ("files/over-folder", "bases::places::refused"),
    ("files/output", "regressions::an_image_never_holds_itself; `check` writes nothing"),
    ("files/special", "tests/e2e/faults.sh, with real FIFOs, sockets and devices"),
    ("files/unreadable", "tests/e2e/faults.sh, as another user"),
    ("recipe/base", "bases::refused::images_of_registries"),
    ("recipe/platform", "bases::platforms::not_clear"),
    ("recipe/remove", "bases::removed::refused"),
    ("recipe/argument", "cli::arguments_reach_the_function"),
    ("recipe/input", "tests/e2e/faults.sh"),
    ("rootfs/file", "rootfs::ext::tests::what_cannot_be_is_refused, tests/e2e/rootfs.sh"),
    ("rootfs/links", "rootfs::ext::tests::links_and_folders_are_counted, tests/e2e/rootfs.sh"),
    ("rootfs/made", "tests/e2e/rootfs.sh, with a TMPDIR that is not there"),
    ("rootfs/owner", "tests/e2e/rootfs.sh"),
    ("rootfs/target", "rootfs::ext::tests::what_cannot_be_is_refused, tests/e2e/rootfs.sh"),
    ("unikernel/unused-initrd", "bases::catalog::unikrafts_images_say_what_they_are"),
    ("urunc/absent-block-switch", "foreign::bimanix_of_2024, verdicts"),
    ("urunc/cmdline-differs", "foreign::bima"),
    ("urunc/bad-urunc-json", "foreign::base64_that_is_none"),
    ("urunc/index", "foreign::an_index_hides_annotations"),
    ("urunc/no-command", "foreign::dockertools"),
    ("urunc/no-urunc-json", "foreign::dockertools"),
    ("urunc/os", "foreign::kraft"),
    ("urunc/sources-differ", "foreign::sources_that_differ"),
    ("urunc/nul", "the language has no NUL; a recipe in JSON has none either"),
];

#[test]
fn every_code_has_a_fixture() {
    let expected: String = fixtures("check")
        .iter()
        .map(|fixture| std::fs::read_to_string(fixture.join("expected")).unwrap())
        .collect();
    let rooms = ["recipe", "urunc", "files", "unikernel", "rootfs"];
    let codes = bimanix::explain::all().into_iter().map(|known| known.code.as_str());
    let codes = codes.filter(|code| rooms.contains(&code.split('/').next().unwrap()));
    let is_shown = |code: &str| expected.contains(&format!("[{code}]"));
    let is_elsewhere = |code: &str| ELSEWHERE.iter().any(|(known, _)| *known == code);
    let (elsewhere, here): (Vec<&str>, Vec<&str>) = codes.partition(|code| is_elsewhere(code));
    let missing: Vec<&str> = here.into_iter().filter(|code| !is_shown(code)).collect();
    assert!(missing.is_empty(), "no fixture shows {missing:?}");
    assert_eq!(
        elsewhere.len(),
        ELSEWHERE.len(),
        "of those elsewhere, there are only {elsewhere:?}"
    );
}

#[test]
fn findings_can_be_turned_down() {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    let text = |allow: &str| {
        format!(
            "{{ name = \"a\"; {allow} files.\"kernel\" = \"/k\"; annotations = {{ unikernelType = \
             \"linux\"; hypervisor = \"hvt\"; binary = \"k\"; cmdline = \"x\"; }}; }}"
        )
    };
    let check = |text: String, more: &[&str]| {
        folder.write("args.nix", text);
        let output = bimanix(folder.path()).arg("check").args(more).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = check(text(""), &[]);
    assert_eq!(code, 1);
    for slug in ["unsupported-pair", "relative-path"] {
        assert!(said.contains(&format!("[urunc/{slug}]")), "{said}");
    }
    let codes = ["urunc/unsupported-pair", "urunc/relative-path", "unikernel/not-solo5"];
    let flags: Vec<&str> = codes.iter().flat_map(|code| ["--allow", code]).collect();
    let list = format!("allow = [ \"{}\" ];", codes.join("\" \""));
    for (code, said) in [check(text(""), &flags), check(text(&list), &[])] {
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("warning[urunc/unsupported-pair]"), "an error warns: {said}");
        assert!(!said.contains("relative-path"), "a warning is gone: {said}");
    }
    assert_eq!(check(text(""), &["--allow", "files/missing"]).0, 2);
    assert_eq!(check(text(""), &["--allow", "x"]).0, 2);
}

/// Whatever urunc or the kernel says may be allowed, and then there is an image.
#[test]
fn what_is_allowed_is_built() {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    folder.write("garbage", b"no kernel at all");
    let recipe = |file: &str, path: &str, more: &str| {
        format!(
            "{{ name = \"a\"; {more} files.\"{file}\" = \"/u/k+1\"; annotations = {{ unikernelType = \
             \"linux\"; hypervisor = \"qemu\"; binary = \"{path}\"; cmdline = \"/init\"; }}; }}"
        )
    };
    let build = |text: String, allowed: &[&str]| {
        folder.write("args.nix", text);
        std::fs::remove_file(folder.path().join("result")).unwrap_or_default();
        let flags = allowed.iter().flat_map(|code| ["--allow", code]);
        let output = bimanix(folder.path()).arg("build").args(flags).output().unwrap();
        let built = folder.path().join("result").exists();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), built, "{said}");
        assert_eq!(built, !said.contains("error[") && !said.contains("error:"), "{said}");
        (output.status.code().unwrap(), said)
    };
    // However the path is spelled, it is found as the system finds it.
    for path in ["/u/k+1", "/u//k+1", "/u/../u/k+1", "/u/./k+1", "u/k+1"] {
        assert_eq!(build(recipe("kernel", path, ""), &[]).0, 1, "{path}");
        assert_eq!(build(recipe("kernel", path, ""), &["urunc/path"]).0, 0, "{path}");
    }
    assert_eq!(build(recipe("kernel", "/u/k+1/", ""), &["urunc/path"]).0, 1, "it is no folder");
    assert_eq!(build(recipe("kernel", "/u/k+2", ""), &["urunc/path"]).0, 1, "it is not there");
    let mismatch = "unikernel/architecture-mismatch";
    let arm = || recipe("kernel", "/u/k+1", "architecture = \"arm64\";");
    assert_eq!(build(arm(), &["urunc/path"]).0, 1);
    assert_eq!(build(arm(), &["urunc/path", mismatch]).0, 0);
    let page = bimanix(folder.path()).args(["inspect", "result"]).output().unwrap();
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(
        page.contains("linux/arm64") && page.contains(&format!("warning[{mismatch}]")),
        "{page}"
    );
    // An image names an architecture, so that none is known cannot be allowed.
    let unknown = "unikernel/unknown-architecture";
    let (code, said) = build(recipe("garbage", "/u/k+1", ""), &["urunc/path", unknown]);
    assert_eq!(code, 2, "{said}");
    let listed = format!("allow = [ \"urunc/path\" \"{unknown}\" ];");
    let (code, said) = build(recipe("garbage", "/u/k+1", &listed), &[]);
    assert_eq!(code, 1);
    assert!(said.contains("recipe/allow") && said.contains("add `architecture"), "{said}");
    let given = "allow = [ \"urunc/path\" ]; architecture = \"amd64\";";
    assert_eq!(build(recipe("garbage", "/u/k+1", given), &[]).0, 0);
}

/// Contract section 2.1, written down again: the monitors of each guest.
const PAIRS: &[(&str, &[&str])] = &[
    ("rumprun", &["hvt", "spt"]),
    ("unikraft", &["qemu", "firecracker", "hyperlight-unikraft"]),
    ("mirage", &["hvt", "spt", "qemu"]),
    ("mewz", &["qemu"]),
    ("linux", &["qemu", "firecracker", "cloud-hypervisor"]),
    ("hermit", &["qemu"]),
    ("freebsd", &["qemu", "firecracker"]),
];

#[test]
fn every_pair_of_guest_and_monitor() {
    let monitors = ["hvt", "spt", "qemu", "firecracker", "cloud-hypervisor", "hyperlight-unikraft"];
    let folder = Folder::new();
    folder.write("kernel", kernel());
    for (guest, allowed) in PAIRS {
        for monitor in monitors {
            let text = format!(
                "{{ name = \"a\"; files.\"./kernel\" = \"/k\"; annotations = {{ unikernelType = \
                 \"{guest}\"; hypervisor = \"{monitor}\"; binary = \"/k\"; cmdline = \"/init\"; }}; }}"
            );
            folder.write("kernel", kernel_for(&text));
            folder.write("args.nix", text);
            let output = bimanix(folder.path()).arg("check").output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            let expected = allowed.contains(&monitor);
            assert_eq!(output.status.success(), expected, "{guest} on {monitor}: {said}");
            assert_eq!(said.contains("urunc/unsupported-pair"), !expected, "{guest} on {monitor}");
        }
    }
}

#[test]
fn random_annotations_never_crash() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).unwrap()
    };
    let keys = [
        "unikernelType",
        "hypervisor",
        "binary",
        "cmdline",
        "initrd",
        "block",
        "blkMntPoint",
        "mountRootfs",
        "useDMBlock",
        "solo5NetDev",
        "version",
        "org.example",
        "x",
    ];
    let words = [
        "", "qemu", "hvt", "unikraft", "linux", "/k", "/", ".", "..", "//", "-", "é", "true",
        "yes", "a b", "'", "\\\"", "\\n", "\\\\", "/dev/k", "/../k", "k", "[::1]",
    ];
    let folder = Folder::new();
    folder.write("kernel", kernel());
    for _ in 0..150 {
        let mut text =
            String::from("{ name = \"a\"; files.\"./kernel\" = \"/k\"; annotations = {\n");
        for key in keys {
            if next(3) > 0 {
                let value: String = (0..next(3)).map(|_| words[next(words.len())]).collect();
                writeln!(text, "\"{key}\" = \"{value}\";").unwrap();
            }
        }
        text += "}; }";
        folder.write("args.nix", &text);
        let output = bimanix(folder.path()).arg("check").output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{text}");
    }
}

/// A file with an error has no value for Nix, whatever else can be said of it.
#[test]
fn a_file_with_errors_has_no_value() {
    for fixture in fixtures("check") {
        let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("partial") {
            continue;
        }
        let output = bimanix(&fixture).args(["eval", "-A", "files"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(output.stdout.is_empty(), "{name}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("error[eval/"), "{name}: {said}");
        assert!(!said.contains("not-checked"), "{name}: {said}");
        // Nothing is written either.
        let folder = Folder::new();
        copy(&fixture, folder.path());
        folder.write("kernel", kernel());
        let output = bimanix(folder.path()).args(["build", "-o", "out"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(!folder.path().join("out").exists(), "{name}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("warning[recipe/not-checked]"), "{name}: {said}");
    }
}

#[test]
fn errors_beyond_a_hundred_are_counted() {
    let folder = Folder::new();
    let names: Vec<String> = (0..150).map(|number| format!("name{number}")).collect();
    folder.write("args.nix", format!("{{ cmd = [ {} ]; workingDir = \"x\"; }}", names.join(" ")));
    let output = bimanix(folder.path()).args(["check", "--json"]).output().unwrap();
    let list: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let said = |text: &str| {
        let has =
            |finding: &&serde_json::Value| finding["message"].as_str().unwrap().contains(text);
        list.iter().filter(has).count()
    };
    assert_eq!(said("undefined variable `name"), 100);
    assert_eq!(said("50 more errors of this file are not shown"), 1);
    assert_eq!(said("`x` is not an absolute path"), 1);
    assert_eq!(said("`cmd[149]` were not checked"), 1);
}

/// An expression of `--arg` is a text like another.
#[test]
fn an_argument_with_an_error_hides_what_depends_on_it() {
    let folder = Folder::new();
    folder.write("kernel", kernel());
    let text = "{ tag, dir }: { name = \"A\"; inherit tag; workingDir = dir; files.\"kernel\" = \"/k\"; \
                annotations = { unikernelType = \"linux\"; hypervisor = \"qemu\"; binary = \"/k\"; \
                cmdline = \"\"; }; }";
    folder.write("args.nix", text);
    let check = |argument: &str| {
        let arguments = ["check", "--arg", "tag", argument, "--argstr", "dir", "x"];
        let output = bimanix(folder.path()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = check("{ v = version; }.v");
    for part in ["undefined variable `version`", "--> «--arg tag»:1:7", "nothing else of args.nix"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    // A value that is only needed later is missed later.
    let said = check("\"${builtins.toString 1}\"");
    assert!(said.contains("`A` is not an image name") && !said.contains("not-checked"), "{said}");
}
