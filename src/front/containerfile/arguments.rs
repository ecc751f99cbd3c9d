//! ARG in front of the first FROM, `--build-arg`, and what BuildKit sets without being asked.

use super::instruction::{Instruction, What, Word};
use super::reading::{MAX_NEAR, Reading};
use super::{Request, wording};
use crate::diag::{Diagnostic, nearest};
use crate::explain::code;
use std::collections::BTreeSet;

/// The platform where none is asked for: its system and its architecture.
const DEFAULT_PLATFORM: (&str, &str) = ("linux", "amd64");
/// What docker takes without an ARG.
const PROXIES: [&str; 10] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

impl Reading<'_, '_> {
    /// The values of `TARGETPLATFORM` and the like.
    pub fn platform(&mut self, request: &Request<'_>) {
        let (os, architecture) = DEFAULT_PLATFORM;
        let default = format!("{os}/{architecture}");
        let target = request.platform.unwrap_or(&default);
        for (prefix, platform) in [("BUILD", default.as_str()), ("TARGET", target)] {
            let mut parts = platform.splitn(3, '/');
            let [os, architecture, variant] = [(); 3].map(|()| parts.next().unwrap_or(""));
            for (suffix, value) in [
                ("PLATFORM", platform),
                ("OS", os),
                ("OSVERSION", ""),
                ("ARCH", architecture),
                ("VARIANT", variant),
            ] {
                self.globals.insert(format!("{prefix}{suffix}"), value.to_owned());
            }
        }
        let stage = request.target.unwrap_or("default");
        self.globals.insert("TARGETSTAGE".to_owned(), stage.to_owned());
        for (name, value) in &mut self.globals {
            if let Some(given) = self.build_args.get(name) {
                value.clone_from(given);
            }
        }
    }

    /// Says which `--build-arg` no ARG asks for.
    pub fn check_build_args(&mut self, request: &Request<'_>, parsed: &[Instruction]) {
        let mut asked: BTreeSet<&str> = self.globals.keys().map(String::as_str).collect();
        asked.extend(PROXIES);
        for instruction in parsed {
            if let What::Arg(pairs) = &instruction.what {
                asked.extend(pairs.iter().map(|pair| pair.name.text.as_str()));
            }
        }
        for (name, _) in request.build_args {
            if asked.contains(name.as_str()) {
                continue;
            }
            let help = match nearest(name, asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it with `ARG {name}`, or leave it out"),
            };
            self.report.push(
                Diagnostic::warning(
                    code::CONTAINERFILE_UNUSED_BUILD_ARG,
                    format!("no `ARG` asks for `{name}`"),
                )
                .with_subject(format!("--build-arg {name}"))
                .with_help(help),
            );
        }
    }

    /// An instruction in front of the first FROM.
    pub fn global(&mut self, instruction: &Instruction) {
        let What::Arg(pairs) = &instruction.what else {
            let title = format!("`{}` comes before the first `FROM`", instruction.keyword);
            self.report.push(
                Diagnostic::error(code::CONTAINERFILE_NO_STAGE, title)
                    .with_label(instruction.whole, "")
                    .with_why("only `ARG` may come there; everything else belongs to a stage")
                    .with_help("write `FROM scratch` above it"),
            );
            return;
        };
        for pair in pairs {
            let name = &pair.name.text;
            let value = match (self.build_args.get(name), &pair.value) {
                (Some(given), _) => Some(given.clone()),
                (None, Some(default)) => self.expand_global(default),
                (None, None) => None,
            };
            if let Some(value) = value {
                self.globals.insert(name.clone(), value);
            }
        }
    }

    /// Expands a word of FROM, or of an ARG in front of it.
    pub fn expand_global(&mut self, word: &Word) -> Option<String> {
        let globals = &self.globals;
        let lookup = |name: &str| globals.get(name).map(String::as_str);
        match self.expander.word(&word.text, &lookup) {
            Ok(expanded) => {
                for (name, range) in &expanded.unset {
                    let known: Vec<String> = self.globals.keys().take(MAX_NEAR).cloned().collect();
                    self.warn_unset(name, known.iter(), wording::within(word, range.clone()));
                }
                Some(expanded.text)
            }
            Err(fault) => self.refuse(wording::fault(&fault, word)),
        }
    }
}
