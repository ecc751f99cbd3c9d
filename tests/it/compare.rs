//! `diff` and `verify`: pairs of images with the whole output, and what is refused. `tests/diff/NAME` holds the exit code
//! and the output; `UPDATE=1` writes it.

use crate::support::{Expectations, Folder, bimanix, copy, done, kernel_for};
use std::path::Path;

/// An args.nix, with some of it replaced, and what is done in its folder.
struct Made {
    args: String,
    edit: fn(&Folder),
}

const ARGS: &str = r#"{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  files."./data" = "/data";
  files."./big" = "/big";
  env.A = "1";
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
"#;

fn nothing(_: &Folder) {}

fn with(from: &str, to: &str) -> Made {
    assert!(ARGS.contains(from), "{from}");
    Made { args: ARGS.replacen(from, to, 1), edit: nothing }
}

fn plus(field: &str) -> Made {
    with("  env.A", &format!("  {field}\n  env.A"))
}

fn edited(edit: fn(&Folder)) -> Made {
    Made { args: ARGS.to_owned(), edit }
}

/// Makes the project in a folder, and its image beside it.
fn make(made: &Made, name: &str, work: &Folder) {
    let folder = Folder::new();
    folder.write("kernel", kernel_for("unikraft qemu"));
    folder.write("data/one", b"one\n");
    folder.write("data/two", b"two\n");
    folder.write("big", vec![7; 100_000]);
    folder.write("args.nix", &made.args);
    (made.edit)(&folder);
    let image = work.path().join(name);
    done(folder.path(), &["build", "-o", image.to_str().unwrap()]);
    copy(folder.path(), &work.path().join(format!("{name}-project")));
}

#[test]
fn pairs_differ_as_expected() {
    let pairs: Vec<(&str, Made)> = vec![
        ("same", edited(nothing)),
        ("cmdline", with("a b", "a c")),
        ("name", with("\"hello\"", "\"other\"")),
        ("tag", plus("tag = \"v2\";")),
        ("env-added", plus("env.B = \"2\";")),
        ("env-changed", with("env.A = \"1\"", "env.A = \"2\"")),
        ("user", plus("user = 1000;")),
        ("entrypoint", plus("entrypoint = [ \"x\" ];")),
        ("working-dir", plus("workingDir = \"/data\";")),
        ("ports", plus("ports = [ 80 ];")),
        ("labels", plus("labels.x = \"y\";")),
        ("annotation", with("cmdline", "\"org.example.x\" = \"y\"; cmdline")),
        ("created", plus("created = 86400;")),
        ("mode", with("\"/big\"", "{ path = \"/big\"; mode = \"0600\"; }")),
        ("owner", with("\"/big\"", "{ path = \"/big\"; uid = 5; gid = 6; }")),
        ("renamed", with("\"/big\"", "\"/large\"")),
        ("content", edited(|folder| drop(folder.write("big", vec![8; 100_000])))),
        ("size", edited(|folder| drop(folder.write("data/one", b"one and more\n")))),
        ("removed", edited(|folder| std::fs::remove_file(folder.path().join("data/two")).unwrap())),
        (
            "symlink",
            edited(|folder| {
                let path = folder.path().join("data/two");
                std::fs::remove_file(&path).unwrap();
                std::os::unix::fs::symlink("one", path).unwrap();
            }),
        ),
        ("monitor", with("\"qemu\"", "\"firecracker\"")),
        ("guest", with("\"a b\"", "\"a b\"; unikernelVersion = \"0.17.0\"")),
    ];
    let mut expectations = Expectations::default();
    let work = Folder::new();
    make(&edited(nothing), "base", &work);
    for (name, made) in &pairs {
        make(made, name, &work);
        let run = |arguments: &[&str]| {
            let output = bimanix(work.path()).args(arguments).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(said, "", "{arguments:?}");
            let found = String::from_utf8(output.stdout).unwrap();
            format!("exit {}\n{found}", output.status.code().unwrap())
        };
        let text = run(&["diff", "base", name]);
        expectations
            .check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff").join(name), &text);
        // The other way round the signs change places, and as JSON it says as much.
        let json = run(&["diff", "--json", "base", name]);
        let json: serde_json::Value =
            serde_json::from_str(json.split_once('\n').unwrap().1).unwrap();
        assert_eq!(json["same"], serde_json::json!(["same", "name", "tag"].contains(name)));
        let back = run(&["diff", name, "base"]);
        let count = |text: &str, sign: &str| {
            text.lines().filter(|line| line.trim_start().starts_with(sign)).count()
        };
        assert_eq!(
            (count(&text, "- "), count(&text, "+ ")),
            (count(&back, "+ "), count(&back, "- "))
        );
    }
    expectations.finish();
}

#[test]
fn an_image_is_what_its_recipe_makes() {
    let work = Folder::new();
    make(&edited(nothing), "image", &work);
    make(&with("a b", "a c"), "newer", &work);
    let run = |arguments: &[&str]| {
        let output = bimanix(work.path()).args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let (code, said, _) = run(&["verify", "image", "image-project"]);
    assert_eq!((code, said.lines().next()), (0, Some("image is what image-project makes")));
    let (code, said, why) = run(&["verify", "image", "newer-project"]);
    assert_eq!(code, 1);
    assert!(said.contains("+ annotations.com.urunc.unikernel.cmdline  \"a c\""), "{said}");
    assert!(
        why.starts_with("error[verify/differs]: `image` is not what `newer-project` makes\n"),
        "{why}"
    );
    let (code, said, _) = run(&["verify", "--json", "image", "newer-project"]);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &json["same"]), (1, &serde_json::json!(false)));
    // Compressed, it is another image.
    let project = work.path().join("image-project");
    done(&project, &["build", "--compression", "gzip", "-o", "packed"]);
    let packed = project.join("packed");
    let packed = packed.to_str().unwrap();
    assert_eq!(run(&["verify", packed, "image-project"]).0, 1);
    assert_eq!(run(&["verify", packed, "image-project", "--compression", "gzip"]).0, 0);
    // A byte that is changed.
    let mut bytes = std::fs::read(work.path().join("image")).unwrap();
    let at = bytes.windows(4).position(|four| four == b"one\n").unwrap();
    bytes[at] = b'O';
    work.write("changed", bytes);
    let (code, said, why) = run(&["verify", "changed", "image-project"]);
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(why.contains("error[image/broken-part]"), "{why}");
    for (arguments, needle) in [
        (["diff", "image", "nowhere"], "error[compare/missing]: there is no `nowhere`"),
        (
            ["verify", "image-project", "image-project"],
            "error[compare/missing]: `image-project` is not an image",
        ),
        (
            ["diff", "image", "docker://Not A Name"],
            "error[compare/missing]: `Not A Name` is not the name of an image",
        ),
    ] {
        let (code, said, why) = run(&arguments);
        assert_eq!((code, said.as_str()), (1, ""), "{why}");
        assert!(why.starts_with(needle), "{why}");
    }
    // Two recipes.
    let (code, said, why) = run(&["diff", "image-project", "newer-project"]);
    assert_eq!((code, why.as_str()), (1, ""));
    assert!(said.contains("+ annotations.com.urunc.unikernel.cmdline  \"a c\""), "{said}");
    assert_eq!(run(&["diff", "image-project", "image-project"]), (0, String::new(), String::new()));
    for (arguments, name) in
        [(["image", "image-project"], "image"), (["image-project", "image"], "image-project")]
    {
        let (code, said, why) =
            run(&["diff", "--platform", "linux/arm64", arguments[0], arguments[1]]);
        assert_eq!((code, said.as_str()), (1, ""));
        let expected = format!(
            "error[compare/platform]: `{name}` has no image for linux/arm64\n  = help: it has `linux/amd64`\n"
        );
        assert_eq!(why, expected);
    }
    let output = bimanix(work.path())
        .args(["diff", "image", "image-project"])
        .env("TMPDIR", "/nowhere")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("error[compare/scratch]"));
}
