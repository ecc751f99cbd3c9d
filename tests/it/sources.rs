//! Sources as they stand on a disk: symlinks, special files, folders that meet, names of every kind;
//! and GNU tar as a second reader of what comes of them.

use crate::archive::{Entry, entries, files};
use crate::project::{Project, Random, annotations, recipe};
use crate::support::{Folder, bimanix, done, kernel};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

/// The findings for these files beside the kernel, as `code line`.
fn found(project: &Project, files: &str) -> Vec<String> {
    let text = recipe(&format!("\"kernel\" = \"/k\";\n{files}"), &annotations("/k"), "");
    let (_, findings) = project.check(&text);
    let place = |place: Option<(u64, u64)>| place.map_or(0, |(line, _)| line);
    findings.iter().map(|found| format!("{} {}", found.code, place(found.place))).collect()
}

/// The entries of all layers by path, the folders without their slash.
fn built(folder: &Path, arguments: &[&str]) -> BTreeMap<String, Entry> {
    let mut all = vec!["build", "-o", "-"];
    all.extend(arguments);
    let parts = files(&done(folder, &all).stdout);
    let docker: Value = serde_json::from_slice(&parts["manifest.json"]).unwrap();
    let layers = docker[0]["Layers"].as_array().unwrap();
    layers
        .iter()
        .flat_map(|name| entries(&parts[name.as_str().unwrap()]))
        .map(|entry| {
            let path = String::from_utf8(entry.path.clone()).unwrap();
            (path.trim_end_matches('/').to_owned(), entry)
        })
        .collect()
}

fn write(project: &Project, files: &str) {
    let text = recipe(&format!("\"kernel\" = \"/k\"; {files}"), &annotations("/k"), "");
    project.0.write("args.nix", text);
}

#[test]
fn symlinks_are_followed_as_sources_and_kept_inside() {
    let project = Project::new();
    let root = project.0.path();
    project.0.write("real/a", "one");
    for (target, name) in [
        ("real", "to-folder"),
        ("real/a", "to-file"),
        ("nowhere", "dangling"),
        ("loop", "loop"),
        ("a", "real/inner"),
        ("/etc/passwd", "real/absolute"),
        ("../../../../outside", "real/up"),
        (".", "real/self"),
    ] {
        symlink(target, root.join(name)).unwrap();
    }
    assert_eq!(found(&project, "\"dangling\" = \"/x\";"), ["files/missing 4"]);
    assert_eq!(found(&project, "\"loop\" = \"/x\";"), ["files/unreadable 4"]);
    write(&project, "\"to-folder\" = \"/folder\"; \"to-file\" = \"/file\";");
    let image = built(root, &[]);
    assert_eq!((image["file"].kind, &image["file"].body[..]), ('0', &b"one"[..]));
    assert_eq!(image["folder"].kind, '5');
    for (name, target) in
        [("inner", "a"), ("absolute", "/etc/passwd"), ("up", "../../../../outside"), ("self", ".")]
    {
        let entry = &image[&format!("folder/{name}")];
        assert_eq!((entry.kind, &entry.link[..]), ('2', target.as_bytes()), "{name}");
        assert_eq!(entry.mode, 0o777);
    }
    assert_eq!(image.len(), 8 + 1, "{:?}", image.keys());
}

/// urunc follows symlinks inside of the image, and so does the search for the boot files.
#[test]
fn boot_files_behind_symlinks() {
    let project = Project::new();
    let root = project.0.path();
    project.0.write("tree/deep/kernel", kernel());
    for (target, name) in [
        ("deep/kernel", "tree/relative"),
        ("/t/deep/kernel", "tree/absolute"),
        ("../../../../../t/deep/kernel", "tree/far-up"),
        ("deep", "tree/folder"),
        ("/t/odd+name", "tree/odd"),
        ("nowhere", "tree/dangling"),
        ("loop", "tree/loop"),
        ("/t/deep/", "tree/slash"),
    ] {
        symlink(target, root.join(name)).unwrap();
    }
    project.0.write("tree/odd+name", kernel());
    let codes =
        |binary: &str| project.codes(&recipe("\"tree\" = \"/t\";", &annotations(binary), ""));
    for good in ["relative", "absolute", "far-up", "folder/kernel", "slash/kernel", "deep/kernel"] {
        assert!(codes(&format!("/t/{good}")).is_empty(), "{good}: {:?}", codes(good));
    }
    assert_eq!(codes("/t/odd"), ["urunc/path"]);
    for bad in ["folder", "dangling", "loop", "loop/kernel", "deep", "deep/kernel/x", "nothing"] {
        assert_eq!(codes(&format!("/t/{bad}")), ["files/not-in-image"], "{bad}");
    }
}

/// One file for two annotations is one layer, and no blob is there twice.
#[test]
fn a_boot_file_for_two_annotations() {
    let project = Project::new();
    symlink("kernel", project.0.path().join("link")).unwrap();
    project.0.write("tree/kernel", kernel());
    symlink("kernel", project.0.path().join("tree/link")).unwrap();
    for initrd in ["/t/kernel", "/t/link"] {
        let text = format!("{} initrd = \"{initrd}\";", annotations("/t/kernel"));
        // Hermit takes an ELF file as its initrd.
        let text = text.replace("linux", "hermit");
        project.0.write("args.nix", recipe("\"tree\" = \"/t\";", &text, ""));
        let archive = done(project.0.path(), &["build", "-o", "-"]).stdout;
        let parts = entries(&archive);
        let names: Vec<&[u8]> = parts.iter().map(|entry| &entry.path[..]).collect();
        let blobs = names.iter().filter(|name| name.starts_with(b"blobs/sha256/")).count();
        assert_eq!(files(&archive).len(), parts.len() - 2, "{initrd}: a part is there twice");
        // A folder, the kernel, the link, urunc.json, the configuration and the manifest.
        assert_eq!(blobs, 6, "{initrd}");
    }
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let project = Project::new();
    let root = project.0.path();
    project.0.write("tree/a", "");
    for name in ["pipe", "tree/pipe"] {
        assert!(Command::new("mkfifo").arg(root.join(name)).status().unwrap().success());
    }
    let _ear = std::os::unix::net::UnixListener::bind(root.join("ear")).unwrap();
    for source in ["pipe", "tree", "ear", "/dev/null"] {
        let files = format!("\"{source}\" = \"/x\";");
        assert_eq!(found(&project, &files), ["files/special 4"], "{source}");
    }
}

#[test]
fn folders_meet_and_files_do_not() {
    let project = Project::new();
    for (name, text) in [("one/sub/a", "1"), ("two/sub/b", "2"), ("three/sub", "3")] {
        project.0.write(name, text);
    }
    write(&project, "\"one\" = \"/d\"; \"two\" = \"/d\"; \"./one/sub\" = \"/d/sub/more\";");
    let image = built(project.0.path(), &[]);
    let names: Vec<&str> = image.keys().map(String::as_str).collect();
    let expected = ["d", "d/sub", "d/sub/a", "d/sub/b", "d/sub/more", "d/sub/more/a", "k"];
    assert_eq!(names, [&expected[..], &["urunc.json"]].concat());
    for (files, expected) in [
        ("\"one\" = \"/d\"; \"three\" = \"/d\";", "files/twice 4"),
        ("\"one/sub/a\" = \"/x\"; \"two/sub/b\" = \"/x\";", "files/twice 4"),
        ("\"one/sub/a\" = \"//x/./\"; \"two/sub/b\" = \"/x/a\";", "files/twice 4"),
        ("\"one\" = \"/k\";", "files/twice 4, files/below-file 4"),
        ("\"one/sub/a\" = \"/k/a\";", "files/below-file 4"),
        ("\"one/sub/a\" = \"/\";", ""),
        ("\"one/sub/a\" = \"/.\";", "files/root 4"),
        ("\"one\" = \"/./.\";", ""),
        ("\"one/sub/a\" = \"/urunc.json\";", "files/urunc-json 4"),
        ("\"one\" = \"/urunc.json\";", "files/urunc-json 4"),
    ] {
        let found = found(&project, files);
        assert_eq!(found.join(", "), expected, "{files}");
    }
}

#[test]
fn destinations() {
    let project = Project::new();
    project.0.write("a", "");
    let name = "n".repeat(255);
    let deep: String = (0..4095 / 16).map(|_| "/0123456789abcde").collect();
    for good in ["/a b", "/é", "/..a", "/a..", "/...", "/.w", "/wh.", "//b///c/", "/./d", "/ "] {
        assert!(found(&project, &format!("\"a\" = \"{good}\";")).is_empty(), "{good}");
    }
    for good in [format!("/{name}"), format!("{deep}/x")] {
        assert!(found(&project, &format!("\"a\" = \"{good}\";")).is_empty(), "{good}");
    }
    for bad in ["b", "./b", "", "..", "/..", "/a/../b", "/../b", "/a/..", "/.wh.b", "/.wh..wh..opq"]
    {
        let files = format!("\"a\" = \"{bad}\";");
        assert_eq!(found(&project, &files), ["files/destination 4"], "{bad}");
        let files = format!("\"a\" = {{\n path =\n\"{bad}\"; }};");
        let codes = found(&project, &files);
        assert_eq!(codes.len(), 1, "{bad}: {codes:?}");
        assert!(codes[0].starts_with("files/destination"), "{bad}: {codes:?}");
    }
    for bad in [format!("/{name}n"), format!("/a/.wh.{name}"), format!("{deep}{deep}")] {
        let codes = found(&project, &format!("\"a\" = \"{bad}\";"));
        assert_eq!(codes, ["files/destination 4"], "{bad}");
    }
}

#[test]
fn sources_stay_in_the_project() {
    let outer = Folder::new();
    outer.write("neighbour", "x");
    outer.write("project/kernel", kernel());
    outer.write("project/sub/a", "x");
    let root = outer.path().join("project");
    let codes = |source: &str| {
        let files = format!("\"kernel\" = \"/k\"; \"{source}\" = \"/x\";");
        outer.write("project/args.nix", recipe(&files, &annotations("/k"), ""));
        let output = bimanix(&root).args(["check", "--json"]).output().unwrap();
        let list: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        list.iter().map(|found| found["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let absolute = outer.path().join("neighbour");
    for good in ["./sub/../sub/a", "sub//a", "../project/sub/a", absolute.to_str().unwrap()] {
        assert!(codes(good).is_empty(), "{good}: {:?}", codes(good));
    }
    for bad in ["../neighbour", "..", "sub/../../neighbour", "../project-2/a", "../../x"] {
        assert_eq!(codes(bad), ["files/outside"], "{bad}");
    }
    for missing in ["nothing", "./sub/nothing", "kernel/x", "/nowhere/at/all"] {
        let codes = codes(missing);
        assert_eq!(codes.len(), 1, "{missing}: {codes:?}");
        assert!(["files/missing", "files/unreadable"].contains(&codes[0].as_str()), "{codes:?}");
    }
}

#[test]
fn modes_and_owners() {
    let project = Project::new();
    project.0.write("tree/plain", "x");
    let tool = project.0.write("tree/tool", "x");
    std::fs::set_permissions(tool, std::fs::Permissions::from_mode(0o100)).unwrap();
    write(
        &project,
        "\"tree\" = { path = \"/a\"; uid = 1000; gid = 4294967294; };
         \"tree/tool\" = { path = \"/b/\"; mode = \"4710\"; };
         anything = { source = ./tree/plain; path = \"/c/\"; mode = \"0\"; };",
    );
    let image = built(project.0.path(), &[]);
    let said = |path: &str| {
        let entry = &image[path];
        (entry.mode, entry.uid, entry.gid)
    };
    assert_eq!(said("a"), (0o755, 1000, 4_294_967_294));
    assert_eq!(said("a/plain"), (0o644, 1000, 4_294_967_294));
    assert_eq!(said("a/tool"), (0o755, 1000, 4_294_967_294));
    assert_eq!(said("b/tool"), (0o4710, 0, 0));
    assert_eq!(said("c/anything"), (0, 0, 0));
    for (text, code) in [
        ("mode = \"0888\";", "recipe/mode"),
        ("mode = \"10000\";", "recipe/mode"),
        ("mode = \"-644\";", "recipe/mode"),
        ("mode = \"+644\";", "recipe/mode"),
        ("mode = \"u+x\";", "recipe/mode"),
        ("mode = \"\";", "recipe/mode"),
        ("uid = -1;", "recipe/owner"),
        ("uid = 4294967295;", "recipe/owner"),
        ("gid = 4294967295;", "recipe/owner"),
        ("gid = 4294967296;", "recipe/owner"),
        ("gid = 9223372036854775807;", "recipe/owner"),
    ] {
        let codes = found(&project, &format!("\"tree\" = {{ path = \"/a\"; {text} }};"));
        assert_eq!(codes, [format!("{code} 4")], "{text}");
    }
}

/// GNU tar unpacks each layer to what was packed.
#[test]
fn gnu_tar_reads_the_same() {
    let mut random = Random(0x0bad_cafe_dead_beef);
    let alphabet = ["a", " ", "é", "\n", "\\", "'", "\"", "*", "-", "~", "%", "…", "日", "\u{7f}"];
    let folder = Folder::new();
    folder.write("kernel", kernel());
    let mut expected: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for number in 0..60 {
        let mut path = String::new();
        for _ in 0..random.below(4) {
            write!(path, "d{}/", "x".repeat(random.below(90))).unwrap();
        }
        let name: String = (0..=random.below(30)).map(|_| *random.pick(&alphabet)).collect();
        write!(path, "{number}{name}").unwrap();
        let body = vec![b'.'; random.below(3) * 511 + random.below(3)];
        folder.write(&format!("tree/{path}"), &body);
        expected.insert(path, body);
    }
    let files = "\"kernel\" = \"/k\"; \"tree\" = \"/t\";";
    folder.write("args.nix", recipe(files, &annotations("/k"), ""));
    done(folder.path(), &["build"]);
    let unpack = |archive: &Path, name: &str| {
        let target = folder.path().join(name);
        std::fs::create_dir_all(&target).unwrap();
        let mut tar = Command::new("tar");
        let output = tar.arg("-xf").arg(archive).arg("-C").arg(&target).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        target
    };
    let layout = unpack(&folder.path().join("result"), "layout");
    let docker = std::fs::read(layout.join("manifest.json")).unwrap();
    let docker: Value = serde_json::from_slice(&docker).unwrap();
    let mut root = Path::new("").to_owned();
    for layer in docker[0]["Layers"].as_array().unwrap() {
        root = unpack(&layout.join(layer.as_str().unwrap()), "root");
    }
    for (path, body) in &expected {
        assert_eq!(&std::fs::read(root.join("t").join(path)).unwrap(), body, "{path:?}");
    }
    assert_eq!(std::fs::read(root.join("k")).unwrap(), kernel());
    assert!(root.join("urunc.json").is_file());
}
