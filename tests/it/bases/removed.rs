//! `remove`: whiteouts for what the base has.

use super::{ANNOTATIONS, Base, Tar, args, build, build_on, refusal};
use crate::foreign::said;
use crate::support::{Folder, done, kernel};
use serde_json::json;

fn base() -> Base {
    let tar = Tar::default()
        .file("boot/kernel", &kernel())
        .symlink("lib", "usr/lib")
        .folder("usr/", 0o755, 0, 0)
        .folder("usr/lib/", 0o711, 3, 4)
        .file("usr/lib/a", b"")
        .file("usr/lib/b", b"")
        .folder("etc/", 0o700, 5, 6)
        .file("etc/conf", b"")
        .folder("etc/sub/", 0o755, 0, 0)
        .file("etc/sub/deep", b"");
    Base::new(&[tar.end()])
}

/// The entries of what is put over the base.
fn lines(fields: &str) -> Vec<String> {
    let folder = Folder::new();
    folder.write("base", base().parts().tar());
    folder.write("f", b"new");
    build(&folder, &args(&format!("{ANNOTATIONS}\n  {fields}"))).lines_from(1)
}

const ETC: &str = "5 0700 5:6 etc/";
const USR: [&str; 2] = ["5 0755 0:0 usr/", "5 0711 3:4 usr/lib/"];

#[test]
fn whiteouts() {
    let whiteout = |path: &str| format!("0 0644 0:0 {path}");
    // A file, a folder, and a folder with what is in it.
    for (paths, expected) in [
        ("\"/etc/conf\"", vec![ETC.to_owned(), whiteout("etc/.wh.conf")]),
        ("\"/etc/sub\"", vec![ETC.to_owned(), whiteout("etc/.wh.sub")]),
        ("\"/etc/sub\" \"/etc/sub/deep\"", vec![ETC.to_owned(), whiteout("etc/.wh.sub")]),
        ("\"/etc\"", vec![whiteout(".wh.etc")]),
        // Twice, and by other spellings.
        (
            "\"/etc/conf\" \"/etc/conf\" \"//etc/./conf\" \"/etc/conf/\"",
            vec![ETC.to_owned(), whiteout("etc/.wh.conf")],
        ),
        // The symlink itself, and through it.
        ("\"/lib\"", vec![whiteout(".wh.lib")]),
        ("\"/lib/a\"", vec![USR[0].to_owned(), USR[1].to_owned(), whiteout("usr/lib/.wh.a")]),
        (
            "\"/lib/b\" \"/lib\" \"/usr/lib/a\"",
            vec![
                whiteout(".wh.lib"),
                USR[0].to_owned(),
                USR[1].to_owned(),
                whiteout("usr/lib/.wh.a"),
                whiteout("usr/lib/.wh.b"),
            ],
        ),
    ] {
        assert_eq!(lines(&format!("remove = [ {paths} ];")), expected, "{paths}");
    }
}

/// What is removed makes room: whiteouts are in a layer below what is put there.
#[test]
fn removed_and_put_there_again() {
    assert_eq!(
        lines("remove = [ \"/etc\" ]; files = { \"f\" = \"/etc\"; };"),
        ["0 0644 0:0 .wh.etc", "0 0644 0:0 etc"]
    );
    assert_eq!(
        lines("remove = [ \"/etc/conf\" ]; files = { \"f\" = \"/etc/conf/f\"; };"),
        [ETC, "0 0644 0:0 etc/.wh.conf", ETC, "5 0755 0:0 etc/conf/", "0 0644 0:0 etc/conf/f"]
    );
    // A symlink that is gone leads nowhere.
    assert_eq!(
        lines("remove = [ \"/lib\" ]; files = { \"f\" = \"/lib/f\"; };"),
        ["0 0644 0:0 .wh.lib", "5 0755 0:0 lib/", "0 0644 0:0 lib/f"]
    );
}

/// The base's `/urunc.json` may go, since there is a new one.
#[test]
fn urunc_json_of_the_base() {
    let mut base = Base::with_kernel();
    let values = said(&[
        ("unikernelType", "hermit"),
        ("hypervisor", "qemu"),
        ("binary", "/boot/kernel"),
        ("cmdline", "app"),
    ]);
    let tar = Tar::default().file("urunc.json", &crate::foreign::urunc_json(&values)).end();
    base.layers.push((tar, super::Packing::Plain, json!({})));
    let built = build_on(&base, "\n  remove = [ \"/urunc.json\" ];");
    assert_eq!(built.lines_from(2), ["0 0644 0:0 .wh.urunc.json"]);
    assert!(built.page["uruncJson"].is_object());
}

/// Each with its whole message.
#[test]
fn refused() {
    let folder = Folder::new();
    let mut tar = base().layers.remove(0).0;
    tar.truncate(tar.len() - 1024);
    // A name with no room for the prefix, as a pax header has it.
    let name = "x".repeat(252);
    let record = format!("path=etc/{name}\n");
    let record = format!("{} {record}", record.len() + 4);
    let mut more = Tar(tar);
    more.raw("pax", tar::EntryType::XHeader, (0o644, 0, 0), "", record.as_bytes());
    let base = Base::new(&[more.file("etc/short", b"").end()]);
    folder.write("base", base.parts().tar());
    for (path, title, notes) in [
        (
            "/etc/config".to_owned(),
            "the base has no `/etc/config`".to_owned(),
            "help: did you mean \"/etc/conf\"?".to_owned(),
        ),
        (
            "/nothing/like/it".to_owned(),
            "the base has no `/nothing/like/it`".to_owned(),
            "help: leave it out of `remove`".to_owned(),
        ),
        (
            "/etc/conf/below".to_owned(),
            "the base has no `/etc/conf/below`".to_owned(),
            "help: leave it out of `remove`".to_owned(),
        ),
        (
            "/".to_owned(),
            "the root cannot be removed".to_owned(),
            "help: name what is in it, or leave `base` out".to_owned(),
        ),
        (
            "/./".to_owned(),
            "the root cannot be removed".to_owned(),
            "help: name what is in it, or leave `base` out".to_owned(),
        ),
        (
            "etc/conf".to_owned(),
            "`etc/conf` cannot be removed from the base".to_owned(),
            "why: it does not begin with `/`\n   = help: write \"/etc/conf\"".to_owned(),
        ),
        (
            "/etc/../boot".to_owned(),
            "`/etc/../boot` cannot be removed from the base".to_owned(),
            "why: it holds `..`".to_owned(),
        ),
        (
            "/etc/.wh.conf".to_owned(),
            "`/etc/.wh.conf` cannot be removed from the base".to_owned(),
            "why: a name that begins with `.wh.` deletes files of the layers below".to_owned(),
        ),
    ] {
        folder.write("args.nix", args(&format!("{ANNOTATIONS}\n  remove = [ \"{path}\" ];")));
        let marks = "^".repeat(path.len() + 6);
        let expected = format!(
            "error[recipe/remove]: {title}\n  --> args.nix:10:12\n   |\n10 |   remove = [ \"{path}\" ];\n   |            \
             {marks}\n   = {notes}\n"
        );
        assert_eq!(refusal(&folder, &["build", "-o", "out"]), (1, expected));
    }
    folder.write("args.nix", args(&format!("{ANNOTATIONS}\n  remove = [ \"/etc/{name}\" ];")));
    let (code, said) = refusal(&folder, &["build", "-o", "out"]);
    assert_eq!(code, 1);
    let title = format!("error[recipe/remove]: `/etc/{name}` cannot be removed from the base\n");
    let notes = "   = why: a layer removes a file by another one with `.wh.` in front of its name, so the name may have 251 \
                 bytes\n   = help: remove the folder that it is in, and put the rest there again\n";
    assert!(said.starts_with(&title) && said.ends_with(notes), "{said}");
}

/// Without a base there is nothing to remove; and the kernel is needed.
#[test]
fn what_is_needed() {
    let folder = Folder::new();
    folder.write("base", base().parts().tar());
    folder.write("args.nix", args(&format!("{ANNOTATIONS}\n  remove = [ \"/boot\" ];")));
    let (code, said) = refusal(&folder, &["build", "-o", "out"]);
    assert_eq!(code, 1);
    assert!(said.contains("error[files/not-in-image]"), "{said}");
    folder.write("k", kernel());
    let text = format!(
        "{{ name = \"a\"; files.\"k\" = \"/boot/kernel\"; remove = [ \"/etc\" ];{ANNOTATIONS} }}\n"
    );
    folder.write("args.nix", text);
    assert_eq!(
        refusal(&folder, &["build", "-o", "out"]),
        (
            1,
            "error[recipe/remove]: there is no base to remove anything from\n --> args.nix:1:52\n  |\n1 | { name = \
             \"a\"; files.\"k\" = \"/boot/kernel\"; remove = [ \"/etc\" ];\n  |                                                    \
             ^^^^^^^^^^\n  = help: add `base = ./IMAGE.tar;`, or leave `remove` out\n"
                .to_owned()
        )
    );
}

/// A base with very many whiteouts, and a recipe that removes very much.
#[test]
fn a_hundred_thousand() {
    let folder = Folder::new();
    let lower = Tar::default().file("boot/kernel", &kernel()).file("d/0", b"").end();
    let mut upper = Tar::default();
    for number in 0..100_000 {
        upper = upper.file(&format!("d/.wh.{number}"), b"");
    }
    folder.write("base", Base::new(&[lower, upper.end()]).parts().tar());
    folder.write("args.nix", args(&format!("{ANNOTATIONS}\n  remove = [ \"/d\" ];")));
    let started = std::time::Instant::now();
    let (code, said) = refusal(&folder, &["build", "-o", "out"]);
    assert_eq!(code, 1);
    assert!(said.contains("the base has no `/d`"), "{said}");
    folder.write("args.nix", args(ANNOTATIONS));
    done(folder.path(), &["build", "-o", "out"]);
    let mut tar = Tar::default().file("boot/kernel", &kernel());
    for number in 0..20_000 {
        tar = tar.file(&format!("d/{number}"), b"");
    }
    folder.write("base", Base::new(&[tar.end()]).parts().tar());
    let paths: Vec<String> = (0..20_000).map(|number| format!("\"/d/{number}\"")).collect();
    let built =
        build(&folder, &args(&format!("{ANNOTATIONS}\n  remove = [ {} ];", paths.join(" "))));
    assert_eq!(built.lines_from(1).len(), 20_001);
    // What is not there is not compared with everything that is.
    let paths: Vec<String> = (0..200).map(|number| format!("\"/e/{number}\"")).collect();
    let text = args(&format!("{ANNOTATIONS}\n  remove = [ {} ];", paths.join(" ")));
    folder.write("args.nix", text);
    let (code, said) = refusal(&folder, &["check"]);
    assert_eq!(code, 1);
    assert!(said.ends_with("200 errors\n"), "{}", said.len());
    let took = started.elapsed();
    assert!(took.as_secs() < 120, "{took:?}");
}
