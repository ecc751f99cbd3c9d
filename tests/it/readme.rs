//! The README: its commands run, its table is that of the code. The commands that need an engine, Nix or cargo
//! are run by `tests/e2e/readme.sh`, `tests/nix/stock.sh` and `tests/e2e/clone.sh`, the files for Nix by
//! `tests/nix/readme.sh`.

use crate::support::{Folder, bimanix};
use bimanix::recipe::FIELDS;
use std::path::Path;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The fenced blocks in a language.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    readme()
        .split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn commands_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Folder::new();
    for name in ["args.nix", "hello.hvt"] {
        std::fs::copy(root.join(name), folder.path().join(name)).unwrap();
    }
    folder.write("Containerfile", "FROM scratch\nCOPY hello.hvt /unikernel/\n");
    let mut count = 0;
    for line in blocks("console").iter().flat_map(|block| block.lines()) {
        let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("no command: {line}"));
        let command = command.split('#').next().unwrap().trim();
        if command == "./tests/run" {
            assert!(root.join("tests/run").exists());
            continue;
        }
        let arguments = command
            .strip_prefix("bimanix ")
            .or(command.strip_prefix("cargo run --release -- "))
            .unwrap_or_else(|| panic!("not known how to run: {command}"));
        let words = bimanix::urunc::words::split(arguments).unwrap();
        let output = bimanix(folder.path()).args(&words).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        count += 1;
    }
    assert!(count >= 9, "{count} commands");
}

#[test]
fn every_block_is_run_by_a_test() {
    // Fences and what runs them: `console` above; `sh` and `nix` in the scripts; `text` below.
    for fence in readme().lines().filter_map(|line| line.strip_prefix("```")) {
        assert!(["", "console", "sh", "nix", "text"].contains(&fence), "nothing runs ```{fence}");
    }
}

#[test]
fn every_line_for_a_shell_is_typed_by_a_script() {
    let typed = [
        ("cargo", "tests/e2e/clone.sh"),
        ("RUSTFLAGS=\"-C target-feature=+crt-static\" cargo", "tests/e2e/clone.sh"),
        ("docker", "tests/e2e/readme.sh"),
        // Those of the section on `docker build`.
        ("bimanix frontend", "tests/e2e/buildkit.sh"),
        ("ctr", "tests/e2e/readme.sh"),
        ("podman", "tests/e2e/readme.sh"),
        ("skopeo", "tests/e2e/readme.sh"),
        ("export NIX_CONFIG=\"build-users-group", "tests/nix/stock.sh"),
        ("extra-experimental-features", "tests/nix/stock.sh"),
        ("nix-build", "tests/nix/stock.sh"),
        ("nix", "tests/nix/stock.sh"),
    ];
    for line in blocks("sh").iter().flat_map(|block| block.lines()) {
        let known = typed
            .iter()
            .any(|(start, _)| line.strip_prefix(start).is_some_and(|rest| rest.starts_with(' ')));
        assert!(known, "nothing types: {line}");
    }
    for (_, script) in typed {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(script).exists(), "{script}");
    }
}

#[test]
fn the_message_is_what_the_program_says() {
    let folder = Folder::new();
    folder.write("hello.hvt", crate::support::kernel());
    let text = blocks("nix")[0].replace("hypervisor = \"hvt\"", "hypervisor = \"qemu\"");
    folder.write("args.nix", text);
    let output = bimanix(folder.path()).arg("check").output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), blocks("text")[0]);
}

#[test]
fn the_table_of_fields_is_that_of_the_code() {
    let rows: String = FIELDS
        .iter()
        .map(|field| {
            format!(
                "| `{}` | {} | {} | {} |\n",
                field.name, field.type_name, field.default, field.meaning
            )
        })
        .collect();
    let table = format!("| field | type | default | meaning |\n|---|---|---|---|\n{rows}");
    let readme = readme();
    let found = readme.split("<!-- fields -->\n").nth(1).expect("the README marks its table");
    assert_eq!(found, table);
}
