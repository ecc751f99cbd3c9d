//! The rooms of the house and who may use whom (the table at the top of `src/lib.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A room and the rooms it may name. `cli` and `driver` see what they drive; everything else looks
/// towards the leaves.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "buildkit", "driver", "front", "explain", "recipe", "image", "registry", "eval",
            "world", "diag", "host",
        ],
    ),
    (
        "buildkit",
        &["driver", "explain", "recipe", "rootfs", "image", "eval", "world", "diag", "host"],
    ),
    ("judge", &["explain", "urunc", "unikernel", "rootfs", "world", "diag"]),
    (
        "driver",
        &[
            "front",
            "judge",
            "explain",
            "recipe",
            "urunc",
            "unikernel",
            "rootfs",
            "image",
            "registry",
            "eval",
            "world",
            "diag",
            "host",
        ],
    ),
    // `init` writes no args.nix that would be refused.
    ("front", &["judge", "explain", "recipe", "eval", "unikernel", "urunc", "world", "diag"]),
    ("recipe", &["explain", "urunc", "diag"]),
    ("urunc", &["explain", "diag"]),
    // A guest recognised in bytes has the name that urunc gives it.
    ("unikernel", &["urunc"]),
    ("rootfs", &["world", "explain", "diag"]),
    ("image", &["rootfs", "explain", "diag", "host"]),
    // What is pushed and pulled is known by its digest.
    ("registry", &["image", "explain", "diag", "host"]),
    ("eval", &["world", "explain", "diag"]),
    ("world", &["host"]),
    ("diag", &["explain"]),
    ("explain", &[]),
    ("host", &[]),
];

/// Crates whose types stay in one room.
const CONFINED: &[(&str, &str)] = &[
    ("rnix", "eval"),
    ("rowan", "eval"),
    ("rustc_hash", "eval"),
    ("toml", "eval"),
    ("toml_parser", "eval"),
    ("parse_dockerfile", "front"),
    ("saphyr_parser", "front"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("clap_mangen", "cli"),
    ("oci_spec", "image"),
    ("tar", "image"),
    ("flate2", "image"),
    ("zstd", "image"),
    ("libdeflater", "image"),
    ("lzma_rust2", "image"),
    ("bzip2", "image"),
    ("memchr", "unikernel"),
    ("ureq", "registry"),
    ("url", "registry"),
    ("http_auth", "registry"),
    ("rustls", "registry"),
    ("rustls_native_certs", "registry"),
    ("h2", "buildkit"),
    ("http", "buildkit"),
    ("tokio", "buildkit"),
    ("prost", "buildkit"),
];

fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The room of a file: the folder below `src`, or the file's own name there.
fn room(file: &Path) -> String {
    let below = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The names that follow `prefix` in code, comments left out; in `{a, b::c}` each of the braces.
fn named(text: &str, prefix: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n");
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| is_name(c) || c == ':') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let inside = group.split('}').next().unwrap_or("");
            let names = inside.split(',').map(|part| part.trim().split(':').next().unwrap_or(""));
            found.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
        } else {
            found.insert(rest.chars().take_while(|&c| is_name(c)).collect());
        }
    }
    found
}

#[test]
fn arrows_run_one_way() {
    let mut wrong = Vec::new();
    for file in sources() {
        let own = room(&file);
        if own == "lib" || own == "main" {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == own) else {
            panic!("{} is in no room of the table", file.display());
        };
        let text = std::fs::read_to_string(&file).unwrap();
        for target in named(&text, "crate::") {
            if target != own && !allowed.contains(&target.as_str()) {
                wrong.push(format!("{}: {own} -> {target}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that are not in the table:\n{}", wrong.join("\n"));
}

#[test]
fn foreign_types_stay_in_their_room() {
    let mut wrong = Vec::new();
    for file in sources() {
        let own = room(&file);
        let text = std::fs::read_to_string(&file).unwrap();
        for (name, home) in CONFINED {
            // `mod toml` of eval is no crate.
            let used = named(&text, &format!("{name}::")).iter().any(|used| !used.is_empty());
            if used && own != *home {
                wrong.push(format!("{}: {name} outside of {home}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_there() {
    let rooms: BTreeSet<String> = sources().iter().map(|file| room(file)).collect();
    let table: BTreeSet<String> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let extra: Vec<_> =
        rooms.difference(&table).filter(|name| !["lib", "main"].contains(&name.as_str())).collect();
    assert!(extra.is_empty(), "rooms without a row: {extra:?}");
    assert!(table.is_subset(&rooms), "rows without a room");
    let said =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for room in table {
        assert!(
            // A room that is not always there cannot be linked to.
            said.contains(&format!("//! * [`{room}`]: "))
                || said.contains(&format!("//! * `{room}`: ")),
            "src/lib.rs does not say what {room} is"
        );
    }
}

/// Rooms whose files are in an order: none names another that names it, by whatever way round.
const ORDERED: &[&str] =
    &["cli", "diag", "explain", "host", "judge", "recipe", "unikernel", "urunc", "world"];

/// The files of a room, and the folders in it, with those of them that each names.
fn neighbours(own: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(own);
    let files: Vec<_> = sources().into_iter().filter(|file| file.starts_with(&folder)).collect();
    let below = |file: &Path| file.strip_prefix(&folder).unwrap().to_owned();
    let module = |file: &Path| {
        let first = below(file).components().next().unwrap().as_os_str().to_owned();
        first.to_str().unwrap().trim_end_matches(".rs").to_owned()
    };
    let root = std::fs::read_to_string(folder.join("mod.rs")).unwrap();
    let modules: BTreeSet<String> = files.iter().map(|file| module(file)).collect();
    // What a room shows is in the file that it comes from.
    let shown: Vec<(String, BTreeSet<String>)> =
        modules.iter().map(|name| (name.clone(), named(&root, &format!("{name}::")))).collect();
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| below(file) != Path::new("mod.rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        let is_root = file.file_name().is_some_and(|name| name == "mod.rs");
        let above = "super::".repeat(below(file).components().count() - usize::from(is_root));
        let mut names = named(&text, &above);
        names.extend(named(&text, &format!("crate::{own}::")));
        let from = all.entry(module(file)).or_default();
        for name in names {
            let by_name = shown.iter().find(|(_, names)| names.contains(&name));
            let to = by_name.map_or(name, |(from, _)| from.clone());
            if modules.contains(&to) && to != module(file) {
                from.insert(to);
            }
        }
    }
    all
}

#[test]
fn files_of_a_room_name_each_other_one_way() {
    for own in ORDERED {
        let mut left = neighbours(own);
        assert!(!left.is_empty(), "{own}");
        // What names nobody that is left is taken away, until nothing is left but circles.
        loop {
            let names: BTreeSet<String> = left.keys().cloned().collect();
            let count = left.len();
            left.retain(|_, named| named.iter().any(|name| names.contains(name)));
            if left.len() == count {
                break;
            }
        }
        assert!(left.is_empty(), "circles in {own}: {left:#?}");
    }
}
