//! The annotations of a draft: urunc's by their keys, with those of the base, and others as they are.

use super::base::Base;
use super::draft::{Kind, Setting};
use super::process::{self, Command};
use super::resolve::Resolver;
use super::{Place, Placed, mark_finding};
use crate::diag::{Diagnostic, nearest};
use crate::explain::code;
use crate::urunc::{self, Annotations, Field, Guest, Key, PREFIX, RUNTIME_ONLY};
use std::collections::BTreeMap;

/// What the annotations come to.
#[derive(Default)]
pub(super) struct AllAnnotations {
    pub(super) urunc: Annotations,
    pub(super) places: BTreeMap<Field, Place>,
    pub(super) oci: BTreeMap<String, String>,
    pub(super) command: Command,
}

impl Resolver<'_> {
    pub(super) fn annotations(&mut self) -> AllAnnotations {
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
        if let Some(init) = &self.init {
            decoded.command.start_by(init, says_cmdline);
        }
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
            Some(place) => place
                .error(code::URUNC_MISSING_ANNOTATION, format!("the annotation `{name}` is empty")),
            None => annotations.mark_name(
                Diagnostic::error(
                    code::URUNC_MISSING_ANNOTATION,
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
            Key::Hypervisor => unikraft.monitor().map(|monitor| monitor.name().to_owned()),
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
                Kind::ArgsNix => format!("add `initrd = \"{initrd}\";`"),
                Kind::Bunnyfile => format!(
                    "add `rootfs: {{ from: IMAGE, path: {initrd}, type: initrd }}`, with the same image"
                ),
            };
            let diagnostic = place.warning(code::UNIKERNEL_UNUSED_INITRD, title);
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
                code::URUNC_RUNTIME_ANNOTATION,
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
                code::URUNC_UNKNOWN_ANNOTATION,
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
                    code::URUNC_ANNOTATION_TWICE,
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
                self.report.push(setting.place.error(code::RECIPE_TYPE, title));
                None
            }
        }
    }
}
