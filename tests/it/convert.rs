//! `bimanix convert`: what is said in a Containerfile and in an args.nix gives the same bytes.
//!
//! `tests/convert` pins what the Containerfiles of `tests/containerfile` become: an args.nix, or why there is none.

use crate::containerfile::{Distribution, Flags};
use crate::support::{Expectations, Folder, bimanix, copy, done, fixtures, kernel};
use bimanix::diag::{Colours, Report, SourceMap};
use bimanix::driver::{self, ContainerfileOptions, Conversion, ImageOptions, Input};
use bimanix::eval::{Evaluator, Options, Stack, with_stack};
use bimanix::explain::code;
use bimanix::front::containerfile::{self, BuildContext};
use bimanix::front::{Hint, Images, OpenImage, bunnyfile, convert};
use bimanix::recipe::Placed;
use bimanix::recipe::draft::{BaseDraft, Draft, ImageDraft};
use bimanix::world::Disk;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Output;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// A Containerfile and its build context, in a folder of its own.
struct Case {
    name: String,
    folder: Folder,
    text: String,
    /// Flags, one a line.
    request: String,
    /// The Containerfile, from the context on.
    file: &'static str,
}

impl Case {
    fn context(&self) -> PathBuf {
        self.folder.path().join("context")
    }

    fn write(&self, text: &str) {
        std::fs::write(self.context().join(self.file), text).unwrap();
    }

    /// The flags that name the Containerfile and the image.
    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let flags = self.request.lines().flat_map(|line| line.splitn(2, ' '));
        let name: &[&str] = if self.request.contains("--tag ") { &[] } else { &["-t", "image"] };
        let file = ["-f", self.file, "."];
        more.iter().copied().chain(file).chain(flags).chain(name.iter().copied()).collect()
    }

    /// The stage that is built, if it is not the last one.
    fn target(&self) -> Option<&str> {
        self.request.lines().find_map(|line| line.strip_prefix("--target "))
    }
}

/// Every Containerfile that is read without an error.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for fixture in fixtures("containerfile/ok") {
        let folder = Folder::new();
        copy(&fixture, &folder.path().join("context"));
        let request = std::fs::read_to_string(fixture.join("request")).unwrap_or_default();
        let text = std::fs::read_to_string(fixture.join("Containerfile")).unwrap();
        let name = fixture.file_name().unwrap().to_str().unwrap().to_owned();
        cases.push(Case { name, folder, text, request, file: "Containerfile" });
    }
    let docker = root().join("containerfile/docker");
    let mut files: Vec<PathBuf> =
        docker.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let folder = Folder::new();
        let context = folder.path().join("context");
        let (stem, text, file) = if path.join("Containerfile").exists() {
            copy(&path, &context);
            (name, path.join("Containerfile"), "Containerfile")
        } else if let Some(stem) = name.strip_suffix(".Containerfile") {
            copy(&docker.join("context"), &context);
            // What git does not keep.
            for empty in ["empty", "tree/hollow", "modes/folder"] {
                std::fs::create_dir_all(context.join(empty)).unwrap();
            }
            std::fs::write(context.join("modes/private.txt"), "private").unwrap();
            let ignore = docker.join(format!("{name}.dockerignore"));
            if ignore.exists() {
                let to = folder.path().join("Containerfile.dockerignore");
                std::fs::copy(&ignore, to).unwrap();
            }
            (stem, path.clone(), "../Containerfile")
        } else {
            continue;
        };
        let text = std::fs::read_to_string(text).unwrap();
        let said = text.lines().find_map(|line| line.strip_prefix("# flags: ")).unwrap_or("");
        let request = said.replace(" --", "\n--");
        cases.push(Case { name: format!("docker-{stem}"), folder, text, request, file });
    }
    assert!(cases.len() > 100, "{}", cases.len());
    cases
}

/// Where the last FROM ends, or that of the stage that is asked for.
fn end_of_from(text: &str, target: Option<&str>) -> usize {
    let mut at = 0;
    let mut found = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let words: Vec<&str> = line.trim_start_matches('\u{feff}').split_whitespace().collect();
        let is_from = words.first().is_some_and(|word| word.eq_ignore_ascii_case("FROM"));
        let name = words.last().filter(|_| words.len() > 3).copied().unwrap_or("");
        if is_from && target.is_none_or(|target| target.eq_ignore_ascii_case(name)) {
            found = at;
        }
    }
    found
}

/// The same with a kernel, so that it can be built.
fn with_kernel(case: &Case) -> String {
    std::fs::write(case.context().join("zz-kernel"), kernel()).unwrap();
    for ignore in [".dockerignore", "Containerfile.dockerignore", "../Containerfile.dockerignore"] {
        let ignore = case.context().join(ignore);
        if let Ok(text) = std::fs::read_to_string(&ignore) {
            std::fs::write(&ignore, format!("{text}\n!zz-kernel\n")).unwrap();
        }
    }
    let target = case.target();
    let has_command = case.text.lines().any(|line| {
        let line = line.trim_start().to_ascii_uppercase();
        line.starts_with("CMD") || line.starts_with("ENTRYPOINT") || line.contains("CMDLINE")
    });
    let command = if has_command { "" } else { "com.urunc.unikernel.cmdline=run" };
    let labels = format!(
        "LABEL com.urunc.unikernel.binary=/zz/kernel com.urunc.unikernel.unikernelType=hermit \
         com.urunc.unikernel.hypervisor=qemu {command}\n"
    );
    let copy = "COPY zz-kernel /zz/kernel\n";
    let marker = "# the kernel goes here";
    if case.text.contains(marker) {
        return case.text.replace(marker, &format!("{copy}{labels}"));
    }
    let (before, after) = case.text.split_at(end_of_from(&case.text, target));
    // What goes on at the end of the file would go on with the labels.
    let goes_on = after.trim_end().ends_with('\\');
    let (above, below) = if target.is_some() || goes_on { (&*labels, "") } else { ("", &*labels) };
    let end = if before.ends_with('\n') { "" } else { "\n" };
    format!("{before}{end}{copy}{above}{after}\n{below}")
}

/// What a text asks for, with these images.
fn read(
    case: &Case,
    images: &dyn Images,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Draft> {
    let context = case.context();
    let flags = Flags::parse(&case.request);
    let contexts = flags.build_contexts.iter();
    let contexts: Vec<BuildContext> =
        contexts.map(|text| BuildContext::parse(text, &context).unwrap()).collect();
    let request = containerfile::Request {
        shown: "Containerfile",
        file: &context.join(case.file),
        context: &context,
        build_args: &flags.build_args,
        target: flags.target.as_deref(),
        platform: flags.platform.as_deref(),
        build_contexts: &contexts,
        images,
        name: Some("image"),
        tag: flags.tag.as_deref(),
    };
    containerfile::read(&Disk, sources, &request, report)
}

/// Images that cannot be opened; remembers whether one of a registry was asked for.
#[derive(Debug, Default)]
struct Registry(Cell<bool>);

impl Images for Registry {
    fn open(
        &self,
        image: &Placed<BaseDraft>,
        _: Hint<'_>,
        report: &mut Report,
    ) -> Option<OpenImage> {
        let is_reference = matches!(image.value.image, ImageDraft::Reference(_));
        self.0.set(self.0.get() || is_reference);
        report.push(image.place.error(code::RECIPE_BASE, "there is no such image"));
        None
    }
}

/// Whether the text in the folder of a case names an image of a registry, which no test asks.
fn needs_registry(case: &Case) -> bool {
    let registry = Registry::default();
    read(case, &registry, &mut SourceMap::default(), &mut Report::default());
    registry.0.get()
}

/// What the bunnyfile of a fixture becomes, its images taken for a small distribution.
fn converted_bunnyfile(fixture: &Path) -> Result<String, String> {
    let mut sources = SourceMap::default();
    let mut report = Report::default();
    let request = bunnyfile::Request {
        shown: "bunnyfile",
        file: &fixture.join("bunnyfile"),
        context: fixture,
        images: &Distribution,
    };
    let mut draft = bunnyfile::read(&Disk, &mut sources, &request, &mut report).unwrap();
    driver::rename(&mut draft, "image");
    let text = std::fs::read_to_string(fixture.join("bunnyfile")).unwrap();
    let request = convert::Request {
        shown: "bunnyfile",
        context: fixture,
        folder: fixture,
        world: &Disk,
        images: &Distribution,
        notes: &convert::of_lines(&text),
        name_note: None,
    };
    let mut report = Report::default();
    convert::args_nix(&draft, &request, &mut report).ok_or_else(|| rendered(&report, &sources))
}

fn rendered(report: &Report, sources: &SourceMap) -> String {
    report.findings.iter().map(|finding| finding.render(sources, Colours::Dropped)).collect()
}

/// What a fixture becomes, its images taken for a small distribution: an args.nix, or why there is none. Nothing comes
/// back when its images are others.
fn converted(case: &Case) -> Option<Result<String, String>> {
    case.write(&case.text);
    let mut sources = SourceMap::default();
    let draft = read(case, &Distribution, &mut sources, &mut Report::default())?;
    let context = case.context();
    let request = convert::Request {
        shown: "Containerfile",
        context: &context,
        folder: &context,
        world: &Disk,
        images: &Distribution,
        notes: &containerfile::notes(&case.text),
        name_note: None,
    };
    let mut report = Report::default();
    let text = convert::args_nix(&draft, &request, &mut report);
    Some(text.ok_or_else(|| rendered(&report, &sources)))
}

#[test]
fn fixtures_give_what_is_expected() {
    let mut expectations = Expectations::default();
    let mut known = Vec::new();
    let mut others = Vec::new();
    for case in cases() {
        let (said, ending) = match converted(&case) {
            Some(Ok(text)) => (text, "nix"),
            Some(Err(said)) => (said, "err"),
            None => {
                others.push(case.name);
                continue;
            }
        };
        let here = format!("{}/", case.folder.path().display());
        known.push(format!("{}.{ending}", case.name));
        let file = root().join("convert").join(known.last().unwrap());
        expectations.check(&file, &said.replace(&here, "/"));
    }
    for fixture in fixtures("bunnyfile/ok") {
        let name = fixture.file_name().unwrap().to_str().unwrap();
        let (said, ending) = match converted_bunnyfile(&fixture) {
            Ok(text) => (text, "nix"),
            Err(said) => (said, "err"),
        };
        known.push(format!("bunnyfile-{name}.{ending}"));
        expectations.check(&root().join("convert").join(known.last().unwrap()), &said);
    }
    expectations.finish();
    assert_eq!(others, ["docker-base-copied"]);
    let there = root().join("convert").read_dir().unwrap();
    let there = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let extra: Vec<String> = there.filter(|name| !known.contains(name)).collect();
    assert!(extra.is_empty(), "expectations of nothing: {extra:?}");
}

/// Fixtures of which no image can be made here, and why.
const NOT_BUILT: &[(&str, &str)] = &[
    ("arg-platform", "the kernel is not for arm64"),
    ("bunny-redis", "hermit takes no root file system"),
    ("from-path", "its base is not there"),
    ("from-scratch-platform", "the kernel is not for arm64"),
    ("user", "the image has no list of users"),
];

#[test]
fn both_give_the_same_bytes() {
    let mut wrong = Vec::new();
    let mut refused = Vec::new();
    let mut in_registry = 0;
    for case in cases() {
        let context = case.context();
        case.write(&with_kernel(&case));
        if needs_registry(&case) {
            in_registry += 1;
            continue;
        }
        std::fs::create_dir(case.folder.path().join("out")).unwrap();
        let run = |arguments: &[&str]| bimanix(&context).args(arguments).output().unwrap();
        let said = |output: Output| String::from_utf8(output.stderr).unwrap();
        let build = |arguments: &[&str], output: &str| {
            let path = case.folder.path().join(output);
            let built = run(&[arguments, &["-o", path.to_str().unwrap()]].concat());
            (said(built), std::fs::read(path).ok())
        };
        let (docker_said, by_docker) = build(&case.arguments(&["build"]), "by-docker");
        let converted = run(&case.arguments(&["convert", "-o", "../out/args.nix"]));
        if by_docker.is_none() || converted.status.code() != Some(0) {
            refused.push((case.name.clone(), docker_said + &said(converted)));
            continue;
        }
        let (nix_said, by_nix) = build(&["build", "../out"], "by-nix");
        if by_docker != by_nix {
            let text = std::fs::read_to_string(case.folder.path().join("out/args.nix")).unwrap();
            wrong.push(format!("{}\n{docker_said}\n{text}\n{nix_said}", case.name));
        }
    }
    assert!(wrong.is_empty(), "not the same: {}", wrong.join("\n\n"));
    let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
    let expected: Vec<&str> = NOT_BUILT.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected, "{refused:#?}");
    assert!(in_registry < 25, "{in_registry} of {}", cases().len());
}

/// A project with a base image, `base.tar`, that says everything a base can.
fn project_with_base() -> Folder {
    let folder = Folder::new();
    folder.write("lower/kernel", kernel());
    folder.write("lower/etc/app.conf", "of the base");
    folder.write("lower/etc/other.conf", "of the base");
    folder.write(
        "lower/args.nix",
        "{ name = \"lower\"; files.\"kernel\" = \"/boot/kernel\"; files.\"etc\" = \"/etc\";
           files.\"var\" = { path = \"/var/lib\"; folder = true; uid = 7; };
           entrypoint = [ \"/init\" ]; cmd = [ \"of\" \"base\" ]; env = { A = \"base\"; B = \"base\"; };
           labels.\"org.example\" = \"base\"; user = 3; ports = [ 80 ]; volumes = [ \"/data\" ];
           annotations = { unikernelType = \"hermit\"; hypervisor = \"qemu\"; binary = \"/boot/kernel\";
                           cmdline = \"of base\"; }; }",
    );
    done(folder.path(), &["build", "lower", "-o", "base.tar"]);
    folder.write("app.conf", "new");
    folder.write("tree/app.conf", "of the tree");
    folder.write("tree/deep/file", "deep");
    folder
}

/// Lines behind a FROM, and the code with which their conversion is refused, if it is.
const ON_A_BASE: &[(&str, Option<&str>)] = &[
    ("", None),
    ("CMD [\"new\", \"words\"]", None),
    ("CMD new words", None),
    ("ENTRYPOINT [\"/other\"]", None),
    ("ENTRYPOINT [\"/other\"]\nCMD [\"new\"]", None),
    ("ENTRYPOINT [\"/other\"]\nCMD []", None),
    ("CMD []", Some("convert/empty-command")),
    ("ENTRYPOINT []", Some("convert/empty-command")),
    ("ENTRYPOINT []\nCMD [\"new\"]", Some("convert/empty-command")),
    ("LABEL com.urunc.unikernel.cmdline=\"of the label\"", None),
    ("LABEL com.urunc.unikernel.cmdline=\"of the label\"\nCMD [\"new\"]", None),
    ("LABEL com.urunc.unikernel.cmdline=\"x\"\nENTRYPOINT [\"/other\"]", None),
    (
        "LABEL com.urunc.unikernel.cmdline=\"x\"\nENTRYPOINT [\"/other\"]\nCMD []",
        Some("convert/empty-command"),
    ),
    ("ENV B=new C=new", None),
    ("ENV Z=1 Y=2 A=", None),
    ("LABEL org.example=new org.other=\"a b\"", None),
    ("USER 5\nWORKDIR /srv/x\nEXPOSE 81 80\nVOLUME /more\nSTOPSIGNAL SIGINT", None),
    ("COPY app.conf /etc/app.conf", None),
    ("COPY app.conf /etc/", None),
    ("COPY tree /etc", None),
    ("COPY tree /etc/\nCOPY app.conf /etc/app.conf", None),
    ("COPY app.conf /etc/app.conf\nCOPY tree /etc", None),
    ("COPY tree /t\nCOPY app.conf /t/deep/file\nCOPY --chmod=600 app.conf /t/new", None),
    ("COPY --from=./base.tar /etc/app.conf /copied", None),
    ("COPY --from=./base.tar --chown=4:5 --chmod=0700 /boot /copied", None),
    ("COPY --from=./base.tar /etc /copied\nCOPY app.conf /copied/third.conf", None),
    (
        "COPY --from=./base.tar /etc /copied\nCOPY app.conf /copied/app.conf",
        Some("convert/image-replaced"),
    ),
    (
        "COPY app.conf /copied/app.conf\nCOPY --from=./base.tar /etc /copied",
        Some("convert/image-replaced"),
    ),
];

/// What is built on a base: with each part of the process said or not, files over its files, and files of images.
#[test]
fn bases_give_the_same_bytes() {
    let folder = project_with_base();
    for (lines, refusal) in ON_A_BASE {
        for output in ["by-docker", "by-nix", "args.nix"] {
            std::fs::remove_file(folder.path().join(output)).unwrap_or_default();
        }
        let labels = "LABEL com.urunc.unikernel.binary=/boot/kernel";
        folder.write("Containerfile", format!("FROM ./base.tar\n{labels}\n{lines}\n"));
        let flags = ["-f", "Containerfile", ".", "-t", "upper"];
        let converted = bimanix(folder.path()).arg("convert").args(flags).output().unwrap();
        let said = String::from_utf8(converted.stderr).unwrap();
        if let Some(code) = refusal {
            assert_eq!(converted.status.code(), Some(1), "{lines}: {said}");
            assert!(said.contains(&format!("error[{code}]")), "{lines}: {said}");
            assert!(!folder.path().join("args.nix").exists());
            continue;
        }
        assert_eq!(converted.status.code(), Some(0), "{lines}: {said}");
        let text = std::fs::read_to_string(folder.path().join("args.nix")).unwrap();
        done(folder.path(), &[&["build", "-o", "by-docker"][..], &flags].concat());
        done(folder.path(), &["build", "-o", "by-nix"]);
        let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        assert!(bytes("by-docker") == bytes("by-nix"), "{lines}:\n{text}");
    }
}

/// The conversion of a Containerfile, and the plans that both come to, in words.
fn plans(case: &Case, text: &str, stack: Stack) -> Option<(String, [Option<String>; 2])> {
    case.write(text);
    if needs_registry(case) {
        return None;
    }
    let context = case.context();
    let input =
        Input { file: context.join(case.file), folder: context.clone(), ..Input::default() };
    let mut sources = SourceMap::default();
    let mut report = Report::default();
    let images = driver::Images::new(&input, ImageOptions::default());
    let options = ContainerfileOptions::default();
    let mut draft = driver::containerfile(
        &input,
        "Containerfile",
        options,
        &images,
        &mut sources,
        &mut report,
    )?;
    driver::rename(&mut draft, "image");
    let plan = driver::image(&draft, &input, &images, 0, &mut report);
    let conversion = Conversion {
        shown: "Containerfile",
        folder: &context,
        name: Some("image"),
        platform: None,
    };
    let mut refused = Report::default();
    let written = driver::convert(draft, &input, &images, &conversion, &sources, &mut refused);
    let Some(written) = written else {
        assert!(refused.has_errors(), "{text}: nothing is written, and nothing is said");
        return None;
    };
    let mut report = Report::default();
    let mut ev = Evaluator::new(&mut sources, &Disk, stack, Options::default());
    let value = ev
        .eval_text("args.nix", written.as_bytes(), &context)
        .unwrap_or_else(|error| panic!("{text}\n{written}\n{:?}", error.report()));
    let by_nix = driver::draft(&mut ev, &value, &mut report)
        .and_then(|draft| driver::image(&draft, &input, &images, 0, &mut report));
    Some((written, [plan, by_nix].map(|plan| plan.map(|plan| format!("{plan:#?}")))))
}

/// Any text that is read is converted or refused, and what is written comes to the same image.
#[test]
fn lines_can_be_left_out() {
    let counts = with_stack(|stack| {
        let (mut converted, mut planned) = (0, 0);
        for case in cases() {
            let whole = with_kernel(&case);
            let lines: Vec<&str> = whole.split_inclusive('\n').collect();
            for without in 0..lines.len() {
                let mut kept = lines.clone();
                kept.remove(without);
                let text = kept.concat();
                let Some((written, [by_docker, by_nix])) = plans(&case, &text, stack) else {
                    continue;
                };
                converted += 1;
                planned += usize::from(by_docker.is_some());
                let same = by_docker == by_nix;
                assert!(same, "{}:\n{text}\n{written}\n{by_docker:?}\n{by_nix:?}", case.name);
            }
        }
        (converted, planned)
    });
    let (converted, planned) = counts.unwrap();
    assert!(converted > 700 && planned > 400, "{converted} converted, {planned} planned");
}

#[test]
fn what_is_given_is_looked_at() {
    let folder = Folder::new();
    folder.write("My App/Containerfile", "FROM scratch\nCOPY kernel /k\n");
    folder.write("My App/kernel", kernel());
    folder.write("args.nix", "{ }");
    folder.write("x.nix", "{ }");
    let run = |arguments: &[&str]| {
        let output = bimanix(folder.path()).arg("convert").args(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), said)
    };
    let (code, text, _) = run(&["My App", "-o", "-"]);
    assert_eq!(code, 0);
    assert!(text.contains("name = \"my-app\";"), "{text}");
    assert!(text.contains("\"./My App/kernel\" = \"/k\";"), "{text}");
    assert_eq!(run(&["My App/Containerfile", "-o", "-"]).1, text);
    let (_, text, _) = run(&["My App", "-t", "harbor.io:5000/x/y:1", "-o", "-"]);
    assert!(text.contains("name = \"harbor.io:5000/x/y\";\n  tag = \"1\";"), "{text}");
    let (code, _, said) = run(&["My App", "-o", "My App/args.nix"]);
    let next = "wrote My App/args.nix; check it with `bimanix check 'My App/args.nix'`\n";
    assert_eq!((code, &*said), (0, next));
    let text = std::fs::read_to_string(folder.path().join("My App/args.nix")).unwrap();
    assert!(text.contains("\"./kernel\" = \"/k\";"), "{text}");
    for (arguments, expected) in [
        (&["My App"][..], "error[convert/output]"),
        (&["My App", "-o", "My App"], "error[convert/output]"),
        (&["."], "error[convert/input]: there is no Containerfile and no bunnyfile in `.`"),
        (&[], "error[convert/input]: there is no Containerfile and no bunnyfile in `.`"),
        (&["nothing"], "error[convert/input]: cannot read `nothing`"),
        (&["x.nix"], "error[convert/input]: `x.nix` is no Containerfile and no bunnyfile"),
        (&["My App", "--target", "x"], "error[containerfile/target]"),
    ] {
        let (code, text, said) = run(arguments);
        assert_eq!((code, &*text), (1, ""), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("args.nix")).unwrap(), "{ }");
}

/// What would mean something else in an args.nix.
#[test]
fn texts_stay_as_they_are() {
    let folder = Folder::new();
    folder.write("kérnel ${x}\" $y", kernel());
    folder.write(
        "Containerfile",
        r#"FROM scratch
COPY ["kérnel \\${x}\\\" \\$y", "/k/kernel"]
COPY <<"END" /text
  it's ''quoted'' and $${not} ${a variable}
	tab
END
COPY <<"END" /block
first $x
  second

third
END
LABEL a='${x}' b="two\
 lines" in=x "with blank"='\' let=
ENV or=a
LABEL com.urunc.unikernel.binary=/k/kernel com.urunc.unikernel.unikernelType=hermit
LABEL com.urunc.unikernel.hypervisor=qemu com.urunc.unikernel.cmdline='a "b" ${c}'
"#,
    );
    let flags = ["-f", "Containerfile", ".", "-t", "image"];
    done(folder.path(), &[&["convert"][..], &flags].concat());
    done(folder.path(), &[&["build", "-o", "by-docker"][..], &flags].concat());
    done(folder.path(), &["build", "-o", "by-nix"]);
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let text = std::fs::read_to_string(folder.path().join("args.nix")).unwrap();
    assert!(bytes("by-docker") == bytes("by-nix"), "{text}");
    let block = "text = ''\n        first $x\n          second\n\n        third\n      '';";
    assert!(text.contains(block), "{text}");
}
