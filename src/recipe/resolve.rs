//! A [`Draft`] to a [`Recipe`]: what every field means, every mistake reported.

use super::base::Base;
use super::draft::{Draft, Kind, Setting};
use super::process::Command;
use super::{
    Contents, Decoded, ImageName, Part, Place, Placed, Recipe, Tag, created, mark_finding, process,
};
use crate::diag::{Diagnostic, Report, nearest};
use crate::explain;
use crate::urunc::{self, Annotations, Field, Guest, Key, Monitor, PREFIX, RUNTIME_ONLY};
use std::collections::BTreeMap;

/// The architectures an OCI image may name (`GOARCH`).
const ARCHITECTURES: [&str; 12] = [
    "amd64", "arm64", "386", "arm", "riscv64", "ppc64le", "s390x", "loong64", "mips64le", "mips64",
    "mipsle", "ppc64",
];

/// The recipe of a draft, given what is known of its base. Every mistake goes to `report`.
pub fn resolve(draft: &Draft, base: Base<'_>, report: &mut Report) -> Decoded {
    Resolver { draft, base, report }.recipe()
}

struct Resolver<'d> {
    draft: &'d Draft,
    base: Base<'d>,
    report: &'d mut Report,
}

/// What the annotations come to.
#[derive(Default)]
struct AllAnnotations {
    urunc: Annotations,
    places: BTreeMap<Field, Place>,
    oci: BTreeMap<String, String>,
    command: Command,
}

/// A port as configurations have it; without a protocol it is one of TCP.
fn with_protocol(port: &str) -> String {
    if port.contains('/') { port.to_owned() } else { format!("{port}/tcp") }
}

impl Resolver<'_> {
    fn recipe(&mut self) -> Decoded {
        let draft = self.draft;
        self.allow();
        let name = draft.name.as_ref().and_then(|name| {
            self.reference(ImageName::parse(&name.value), "recipe/name", "name", name)
        });
        if draft.name.is_none() && !draft.unusable.contains("name") {
            self.missing("name", "name = \"hello\";");
        }
        let tag = match &draft.tag {
            Some(tag) if !tag.value.is_empty() => {
                self.reference(Tag::parse(&tag.value), "recipe/tag", "tag", tag)
            }
            None if draft.unusable.contains("tag") => None,
            _ => Some(Tag::default()),
        };
        self.check_remove();
        let mut annotations = self.annotations();
        let base = self.base.known();
        let env = process::env(self.env(), base);
        let working_dir = self.working_dir().or_else(|| base?.working_dir.clone());
        let user = self.user().or_else(|| base?.user.clone());
        let labels = self.labels();
        let architecture = self.architecture();
        let created = self.created();
        let mut places = annotations.places;
        let of = |place: Option<&Place>| place.cloned();
        for (field, place) in [
            (Field::Cmd, of(draft.cmd.as_ref().map(|cmd| &cmd.place))),
            (Field::Env, of(draft.env_place.as_ref())),
            (Field::User, of(draft.user.as_ref().map(|user| &user.place))),
            (Field::Files, of(draft.files_place.as_ref())),
        ] {
            places.extend(place.map(|place| (field, place)));
        }
        let command = std::mem::take(&mut annotations.command);
        places.extend(command.place.map(|place| (Field::Cmd, place)));
        if let Base::Known(known, place) = self.base {
            let fields = [(Field::Env, known.env.is_empty()), (Field::User, known.user.is_none())];
            for (field, _) in fields.into_iter().filter(|(_, is_nothing)| !is_nothing) {
                places.entry(field).or_insert_with(|| place.clone());
            }
        }
        let said = &annotations.urunc;
        let is_unknown = matches!(self.base, Base::Unknown);
        let cmd = draft.is_unusable("cmd")
            || is_unknown
            || (command.cmd.is_none() && !said.knows(&[Key::Cmdline]));
        let process = ["entrypoint", "env", "user"];
        let process = cmd
            || !said.knows(&[Key::Hypervisor, Key::UnikernelVersion])
            || process.into_iter().any(|field| draft.is_unusable(field));
        let parts = [
            (Part::Files, draft.is_unusable("files") || draft.is_unusable("remove") || is_unknown),
            (Part::Cmd, cmd),
            (Part::Process, process),
            (Part::Architecture, draft.is_unusable("architecture") || is_unknown),
        ];
        let unknown = parts.into_iter().filter_map(|(part, is)| is.then_some(part)).collect();
        let contents = Contents {
            unknown,
            files: draft.files.clone(),
            remove: draft.remove.clone(),
            urunc: annotations.urunc,
            places,
            entrypoint: command.entrypoint,
            cmd: command.cmd,
            env,
            user,
            architecture,
            base_architecture: match self.base {
                Base::Known(known, place) if !known.architecture.is_empty() => Some(Placed {
                    value: (known.architecture.clone(), known.variant.clone()),
                    place: place.clone(),
                }),
                _ => None,
            },
        };
        let (Some(name), Some(tag)) = (name, tag) else {
            return Decoded::Broken(Box::new(contents));
        };
        if self.report.has_errors() {
            return Decoded::Broken(Box::new(contents));
        }
        Decoded::Whole(Box::new(Recipe {
            contents,
            name,
            tag,
            annotations: annotations.oci,
            working_dir,
            labels,
            ports: draft.ports.iter().map(|port| with_protocol(&port.value)).collect(),
            volumes: draft.volumes.iter().map(|volume| volume.value.clone()).collect(),
            stop_signal: draft.stop_signal.as_ref().map(|signal| signal.value.clone()),
            created,
            inherited: self.base.known().map(|base| base.other.clone()).unwrap_or_default(),
        }))
    }

    /// Without a base there is nothing to remove.
    fn check_remove(&mut self) {
        if self.draft.base.is_some() {
            return;
        }
        if let Some(first) = self.draft.remove.first() {
            let title = "there is no base to remove anything from";
            let diagnostic = first.place.error("recipe/remove", title);
            self.report
                .push(diagnostic.with_help("add `base = ./IMAGE.tar;`, or leave `remove` out"));
        }
    }

    fn missing(&mut self, field: &str, example: &str) {
        let title = format!("{} has no `{field}`", self.draft.kind.name());
        let diagnostic = Diagnostic::error("recipe/missing-field", title);
        self.report.push(match self.draft.kind {
            Kind::ArgsNix => diagnostic.with_help(format!("add `{example}`")),
            Kind::Containerfile | Kind::Bunnyfile if field == "name" => {
                diagnostic.with_help("name the image: `-t NAME:TAG`")
            }
            Kind::Containerfile => diagnostic
                .with_help("add `LABEL com.urunc.unikernel.unikernelType=…` and the others"),
            Kind::Bunnyfile => diagnostic,
        });
    }

    fn allow(&mut self) {
        for Placed { value: code, place } in &self.draft.allow {
            match explain::find(code) {
                Some(known) if explain::may_be_allowed(known.code) => {
                    self.report.allowed.insert(known.code);
                }
                _ => {
                    let known = explain::all().into_iter().map(|known| known.code);
                    let near = nearest(code, known.filter(|code| explain::may_be_allowed(code)));
                    let help = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "`bimanix explain` lists the codes".to_owned(),
                    };
                    let title = format!("`{code}` is no code that can be allowed");
                    self.report.push(place.error("recipe/allow", title).with_help(help));
                }
            }
        }
    }

    fn reference<T>(
        &mut self,
        parsed: Result<T, super::reference::ReferenceFault>,
        slug: &'static str,
        field: &str,
        written: &Placed<String>,
    ) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(fault) => {
                let title = format!("`{}` is not an image {field}", written.value);
                let diagnostic = written.place.error(slug, title).with_why(fault.why);
                self.report.push(diagnostic.with_help_if(fault.help));
                None
            }
        }
    }

    fn annotations(&mut self) -> AllAnnotations {
        let draft = self.draft;
        let mut decoded = AllAnnotations::default();
        let of_base = match self.base {
            Base::Known(known, place) if !known.urunc.is_empty() => Some(place),
            _ => None,
        };
        let Some(whole) = draft.annotations_place.as_ref().or(of_base) else {
            if !draft.unusable.contains("annotations") {
                let example = "annotations = { unikernelType = \"…\"; hypervisor = \"…\"; binary = \"…\"; \
                               cmdline = \"…\"; };";
                self.missing("annotations", example);
            }
            for key in Key::ALL {
                decoded.urunc.set_unknown(key);
            }
            return decoded;
        };
        let unusable = draft.unusable.iter().filter_map(|path| path.strip_prefix("annotations."));
        for name in unusable {
            let short = name.strip_prefix(PREFIX).unwrap_or(name);
            if let Some(key) = Key::from_short(short) {
                decoded.urunc.set_unknown(key);
            }
        }
        for (name, setting) in &draft.annotations {
            self.annotation(name, setting, &mut decoded);
        }
        let is_unusable = !decoded.urunc.knows(&[Key::Cmdline]);
        let says_cmdline = decoded.places.contains_key(&Key::Cmdline.into()) || is_unusable;
        decoded.command = process::command(draft, self.base, says_cmdline);
        if let Some(line) = &decoded.command.cmdline {
            decoded.urunc.set(Key::Cmdline, line.clone());
        }
        match self.base {
            Base::None => {}
            Base::Known(base, place) => {
                for key in process::inherit(&mut decoded.urunc, base) {
                    decoded.places.insert(key.into(), place.clone());
                }
            }
            // The base may say what the text does not.
            Base::Unknown => {
                for key in Key::ALL {
                    if decoded.urunc.get(key).is_none() {
                        decoded.urunc.set_unknown(key);
                    }
                }
            }
        }
        for key in Key::REQUIRED {
            let empty = decoded.urunc.get(key).is_none() && decoded.urunc.knows(&[key]);
            let given = decoded.places.contains_key(&key.into())
                || key == Key::Cmdline && decoded.command.cmdline.is_some();
            if empty && (key != Key::Cmdline || !given) {
                self.missing_annotation(key, decoded.places.get(&key.into()), whole);
            }
        }
        self.check_unused_initrd(&decoded.urunc);
        for finding in urunc::check(&decoded.urunc) {
            self.report.push(mark_finding(&finding, &decoded.places));
        }
        decoded
    }

    fn missing_annotation(&mut self, key: Key, given: Option<&Place>, annotations: &Place) {
        let name = key.short();
        let why = match key {
            Key::Cmdline => "an empty command line must be said, so that it cannot be forgotten",
            _ => "urunc does not recognise an image without it",
        };
        let diagnostic = match given {
            Some(place) => {
                place.error("urunc/missing-annotation", format!("the annotation `{name}` is empty"))
            }
            None => annotations.mark_name(
                Diagnostic::error(
                    "urunc/missing-annotation",
                    format!("the annotation `{name}` is missing"),
                ),
                "",
            ),
        };
        let offered = self.offered(key);
        let example = match key {
            Key::UnikernelType => "unikraft",
            Key::Hypervisor => "qemu",
            Key::Binary => "/unikernel/kernel",
            _ => "",
        };
        let of_base = if offered.is_some() { ", as the base has it" } else { "" };
        let example = format!("{name} = \"{}\";", offered.as_deref().unwrap_or(example));
        let help = match (self.draft.kind, key) {
            (Kind::ArgsNix | Kind::Bunnyfile, _) => format!("add `{example}`{of_base}"),
            (Kind::Containerfile, Key::Cmdline) => "add `CMD [\"…\"]`".to_owned(),
            (Kind::Containerfile, _) => {
                let value = example.trim_end_matches(';').split_once(" = ");
                let value = value.map_or("…", |(_, value)| value);
                format!("add `LABEL {}={value}`{of_base}", key.full())
            }
        };
        self.report.push(diagnostic.with_why(why).with_help(help));
    }

    /// What one of Unikraft's images says about an annotation that the text lacks.
    fn offered(&self, key: Key) -> Option<String> {
        let unikraft = self.base.known()?.unikraft.as_ref()?;
        match key {
            Key::UnikernelType => Some(Guest::Unikraft.name().to_owned()),
            Key::Binary => Some(unikraft.kernel.clone()),
            Key::Hypervisor => Some(
                match unikraft.platform.as_str() {
                    "fc" | "firecracker" => Monitor::Firecracker,
                    "qemu" | "kvm" => Monitor::Qemu,
                    _ => return None,
                }
                .name()
                .to_owned(),
            ),
            _ => None,
        }
    }

    /// Says that Unikraft's image has an initrd which nothing names.
    fn check_unused_initrd(&mut self, annotations: &Annotations) {
        let Base::Known(base, place) = self.base else { return };
        let initrd = base.unikraft.as_ref().and_then(|unikraft| unikraft.initrd.as_ref());
        let (Some(initrd), true) = (initrd, annotations.knows(&[Key::Initrd, Key::Binary])) else {
            return;
        };
        let kernel = base.unikraft.as_ref().map(|unikraft| unikraft.kernel.as_str());
        if annotations.get(Key::Initrd).is_none() && annotations.get(Key::Binary) == kernel {
            let title = format!("the base has an initrd that the guest does not get: `{initrd}`");
            let help = match self.draft.kind {
                Kind::Containerfile => format!("add `LABEL {}=\"{initrd}\"`", Key::Initrd.full()),
                Kind::ArgsNix | Kind::Bunnyfile => format!("add `initrd = \"{initrd}\";`"),
            };
            let diagnostic = place.warning("unikernel/unused-initrd", title);
            let why = "Unikraft's images keep the files of the application in it";
            self.report.push(diagnostic.with_why(why).with_help(help));
        }
    }

    fn annotation(&mut self, name: &str, setting: &Placed<Setting>, decoded: &mut AllAnnotations) {
        let place = &setting.place;
        let short = match name.strip_prefix(PREFIX) {
            Some(short) => short,
            None if name.contains('.') => {
                if let Some(text) = self.text(setting) {
                    decoded.oci.insert(name.to_owned(), text);
                }
                return;
            }
            None => name,
        };
        if RUNTIME_ONLY.contains(&short) {
            let diagnostic = Diagnostic::error(
                "urunc/runtime-annotation",
                format!("`{short}` does not belong in an image"),
            )
            .with_why("it names things of the host, and urunc takes it from the runtime alone")
            .with_help("leave it out and give it as an annotation of the container");
            self.report.push(place.mark_name(diagnostic, ""));
            return;
        }
        let Some(key) = Key::from_short(short) else {
            let near = nearest(short, Key::ALL.map(Key::short));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "a key with a dot is an OCI annotation, as in \
                         `\"org.opencontainers.image.authors\"`"
                    .to_owned(),
            };
            let diagnostic = Diagnostic::error(
                "urunc/unknown-annotation",
                format!("urunc reads no annotation `{short}`"),
            );
            self.report.push(place.mark_name(diagnostic, "").with_help(help));
            return;
        };
        let text = match &setting.value {
            Setting::Flag(flag) if key.is_bool() => Some(flag.to_string()),
            _ => self.text(setting),
        };
        let Some(text) = text else {
            decoded.urunc.set_unknown(key);
            return;
        };
        if let Some(first) = decoded.places.get(&key.into()) {
            if !text.is_empty() && decoded.urunc.get(key).is_some_and(|known| known != text) {
                let diagnostic = Diagnostic::error(
                    "urunc/annotation-twice",
                    format!("`{}` is given twice, with two values", key.short()),
                );
                let (earlier, later) =
                    if first.spans <= place.spans { (first, place) } else { (place, first) };
                let diagnostic = later.mark(diagnostic, "again here");
                self.report.push(earlier.mark(diagnostic, "first given here"));
                return;
            }
            if text.is_empty() {
                return;
            }
        }
        decoded.urunc.set(key, text);
        decoded.places.insert(key.into(), place.clone());
    }

    /// The text of a setting that is no Boolean.
    fn text(&mut self, setting: &Placed<Setting>) -> Option<String> {
        match &setting.value {
            Setting::Text(text) => Some(text.clone()),
            Setting::Flag(_) => {
                let title = format!("`{}` must be a string, not a Boolean", setting.place.path);
                self.report.push(setting.place.error("recipe/type", title));
                None
            }
        }
    }

    fn env(&mut self) -> Vec<String> {
        for Placed { value: variable, place } in &self.draft.env {
            let named = variable.split_once('=').is_some_and(|(name, _)| !name.is_empty());
            if !named || variable.contains('\0') {
                let title = format!("`{variable}` is not an environment variable");
                self.report
                    .push(place.error("recipe/env", title).with_help("write \"NAME=value\""));
            }
        }
        self.draft.env.iter().map(|variable| variable.value.clone()).collect()
    }

    fn working_dir(&mut self) -> Option<String> {
        let Placed { value: text, place } = self.draft.working_dir.as_ref()?;
        if text.is_empty() {
            return None;
        }
        if !text.starts_with('/') {
            let title = format!("`{text}` is not an absolute path");
            self.report.push(
                place.error("recipe/working-dir", title).with_help(format!("write \"/{text}\"")),
            );
        }
        Some(text.clone())
    }

    fn user(&mut self) -> Option<String> {
        let Placed { value: user, place } = self.draft.user.as_ref()?;
        if let Some(finding) = urunc::user::check_numbers(user) {
            self.report.push(place.mark(finding.diagnostic(), ""));
            return None;
        }
        Some(user.clone()).filter(|user| !user.is_empty())
    }

    fn labels(&mut self) -> BTreeMap<String, String> {
        let mut labels = self.base.known().map(|base| base.labels.clone()).unwrap_or_default();
        for (name, Placed { value: text, place }) in &self.draft.labels {
            if name.starts_with(PREFIX) {
                let diagnostic = Diagnostic::error(
                    "recipe/urunc-label",
                    format!("`{name}` belongs into `annotations`"),
                )
                .with_why("labels of urunc are made from the annotations, so that both agree");
                self.report.push(place.mark_name(diagnostic, ""));
                continue;
            }
            if let Some(finding) = urunc::check_label(Field::Labels, name, text) {
                self.report.push(place.mark(finding.diagnostic(), ""));
            }
            labels.insert(name.clone(), text.clone());
        }
        labels
    }

    fn architecture(&mut self) -> Option<Placed<String>> {
        let Placed { value: text, place } = self.draft.architecture.as_ref()?;
        if text.is_empty() {
            return None;
        }
        if !ARCHITECTURES.contains(&text.as_str()) {
            let help = match text.as_str() {
                "x86_64" | "x86-64" | "x64" => Some("write \"amd64\"".to_owned()),
                "aarch64" | "armv8" => Some("write \"arm64\"".to_owned()),
                "i386" | "i686" | "x86" => Some("write \"386\"".to_owned()),
                other => nearest(other, ARCHITECTURES).map(|near| format!("write \"{near}\"")),
            };
            let title = format!("`{text}` is not an architecture of OCI images");
            self.report.push(
                place
                    .error("recipe/architecture", title)
                    .with_why(format!("engines know {}", ARCHITECTURES.join(", ")))
                    .with_help_if(help),
            );
            return None;
        }
        self.draft.architecture.clone()
    }

    fn created(&mut self) -> Option<u64> {
        let Placed { value: text, place } = self.draft.created.as_ref()?;
        if text.is_empty() {
            return None;
        }
        let seconds = created::parse(text).filter(|&seconds| seconds <= created::MAX);
        if seconds.is_none() {
            let diagnostic = place.error("recipe/created", "`created` is not a time");
            self.report.push(if text == "now" {
                diagnostic
                    .with_why("the clock would make every build another image")
                    .with_help("leave it out, or set SOURCE_DATE_EPOCH")
            } else {
                diagnostic.with_help(
                    "write seconds since 1970, or a time such as \"2026-01-31T12:00:00Z\"",
                )
            });
        }
        seconds
    }
}
