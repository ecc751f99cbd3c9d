//! A [`Draft`] to a [`Recipe`]: what every field means, every mistake reported.

use super::base::Base;
use super::boot::Boot;
use super::draft::{Draft, Kind};
use super::{
    Contents, Decoded, ImageName, Part, Place, Placed, Recipe, Rootfs, Tag, boot, created, engines,
    process,
};
use crate::diag::{Diagnostic, Report, nearest};
use crate::explain;
use crate::explain::{Code, code};
use crate::urunc::{self, Field, Key, PREFIX};
use std::collections::BTreeMap;

/// The architectures an OCI image may name (`GOARCH`).
const ARCHITECTURES: [&str; 12] = [
    "amd64", "arm64", "386", "arm", "riscv64", "ppc64le", "s390x", "loong64", "mips64le", "mips64",
    "mipsle", "ppc64",
];

/// The recipe of a draft, given what is known of its base. Every mistake goes to `report`.
pub fn resolve(draft: &Draft, base: Base<'_>, report: &mut Report) -> Decoded {
    let Boot { draft, rootfs, init } = boot::complete(draft, base, report);
    Resolver { draft: &draft, base, rootfs, init, report }.recipe()
}

pub(super) struct Resolver<'d> {
    pub(super) draft: &'d Draft,
    pub(super) base: Base<'d>,
    pub(super) rootfs: Option<Rootfs>,
    /// What is started in front of the process.
    pub(super) init: Option<String>,
    pub(super) report: &'d mut Report,
}

impl Resolver<'_> {
    fn recipe(&mut self) -> Decoded {
        let draft = self.draft;
        self.allow();
        let name = draft.name.as_ref().and_then(|name| {
            self.reference(ImageName::parse(&name.value), code::RECIPE_NAME, "name", name)
        });
        if draft.name.is_none() && !draft.unusable.contains("name") {
            self.missing("name", "name = \"hello\";");
        }
        let tag = match &draft.tag {
            Some(tag) if !tag.value.is_empty() => {
                self.reference(Tag::parse(&tag.value), code::RECIPE_TAG, "tag", tag)
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
        let ports = engines::ports(draft, self.report);
        let volumes = engines::volumes(draft, self.report);
        let stop_signal = engines::stop_signal(draft, self.report);
        let mut places = annotations.places;
        let of = |place: Option<&Place>| place.cloned();
        for (field, place) in [
            (Field::Cmd, of(draft.cmd.as_ref().map(|cmd| &cmd.place))),
            (Field::Env, of(draft.env_place.as_ref())),
            (Field::User, of(draft.user.as_ref().map(|user| &user.place))),
            (Field::WorkingDir, of(draft.working_dir.as_ref().map(|folder| &folder.place))),
            (Field::Files, of(draft.files_place.as_ref())),
        ] {
            places.extend(place.map(|place| (field, place)));
        }
        let command = std::mem::take(&mut annotations.command);
        places.extend(command.place.map(|place| (Field::Cmd, place)));
        if let Base::Known(known, place) = self.base {
            let fields = [
                (Field::Env, known.env.is_empty()),
                (Field::User, known.user.is_none()),
                (Field::WorkingDir, known.working_dir.is_none()),
            ];
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
        let unsure = [
            (
                Part::Files,
                ["files", "remove", "kernel", "init", "rootfs"]
                    .into_iter()
                    .any(|field| draft.is_unusable(field))
                    || is_unknown,
            ),
            (Part::Cmd, cmd),
            (Part::Process, process),
            (Part::Architecture, draft.is_unusable("architecture") || is_unknown),
        ];
        let unknown = unsure.into_iter().filter_map(|(part, is)| is.then_some(part)).collect();
        let contents = Contents {
            unknown,
            files: draft.files.clone(),
            remove: draft.remove.clone(),
            rootfs: self.rootfs.take(),
            urunc: annotations.urunc,
            places,
            entrypoint: command.entrypoint,
            cmd: command.cmd,
            env,
            user,
            working_dir,
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
            labels,
            ports,
            volumes,
            stop_signal,
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
            let diagnostic = first.place.error(code::RECIPE_REMOVE, title);
            self.report
                .push(diagnostic.with_help("add `base = ./IMAGE.tar;`, or leave `remove` out"));
        }
    }

    pub(super) fn missing(&mut self, field: &str, example: &str) {
        let title = format!("{} has no `{field}`", self.draft.kind.name());
        let diagnostic = Diagnostic::error(code::RECIPE_MISSING_FIELD, title);
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
                Some(known) if known.code.may_be_allowed() => {
                    self.report.allowed.insert(known.code);
                }
                _ => {
                    let known = explain::all().into_iter().map(|known| known.code);
                    let known = known.filter(|code| code.may_be_allowed()).map(Code::as_str);
                    let near = nearest(code, known);
                    let help = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "`bimanix explain` lists the codes".to_owned(),
                    };
                    let title = format!("`{code}` is no code that can be allowed");
                    self.report.push(place.error(code::RECIPE_ALLOW, title).with_help(help));
                }
            }
        }
    }

    fn reference<T>(
        &mut self,
        parsed: Result<T, super::reference::ReferenceFault>,
        code: Code,
        field: &str,
        written: &Placed<String>,
    ) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(fault) => {
                let title = format!("`{}` is not an image {field}", written.value);
                let diagnostic = written.place.error(code, title).with_why(fault.why);
                self.report.push(diagnostic.with_help_if(fault.help));
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
                    .push(place.error(code::RECIPE_ENV, title).with_help("write \"NAME=value\""));
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
                place
                    .error(code::RECIPE_WORKING_DIR, title)
                    .with_help(format!("write \"/{text}\"")),
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
                    code::RECIPE_URUNC_LABEL,
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
                    .error(code::RECIPE_ARCHITECTURE, title)
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
            let diagnostic = place.error(code::RECIPE_CREATED, "`created` is not a time");
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
