//! `version` and `platforms`: what the file is written for, the guest, and the monitor that it runs on.

use super::annotate;
use super::keys::{Keys, Value};
use crate::diag::Diagnostic;
use crate::explain::code;
use crate::front::text::short;
use crate::recipe::draft::Draft;
use crate::recipe::{Place, Placed};
use crate::urunc::{Guest, Key};

/// The newest version of a bunnyfile that is known.
const NEWEST: [u64; 2] = [0, 1];
const KEYS: [&str; 4] = ["framework", "version", "monitor", "architecture"];

/// What the guest is, as far as it matters for its root file system.
#[derive(Debug, Clone)]
pub(super) struct Platform {
    /// The guest, when urunc knows it.
    pub guest: Option<Guest>,
    /// Whether `framework` says something; what it says may be unknown.
    pub is_said: bool,
    /// Where it is said.
    pub place: Option<Place>,
    /// The monitor, as it is written.
    pub monitor: Option<String>,
}

/// Checks the version of the file.
pub(super) fn version(keys: &mut Keys<'_, '_>) {
    let why = "it says which format the file has";
    let Some(Placed { value: text, place }) = keys.required("version", "version: v0.1", why) else {
        return;
    };
    let diagnostic = match parse_version(&text) {
        None => {
            let title = format!("`{}` is not a version", short(&text));
            place.error(code::BUNNYFILE_VERSION, title).with_help("write `v0.1`")
        }
        // A version goes on with zeros: 0.1 is 0.1.0.
        Some(numbers) if is_newer(&numbers) => {
            let title = format!("bimanix does not know version {} of bunnyfiles", short(&text));
            place
                .error(code::BUNNYFILE_VERSION, title)
                .with_why("the newest one is v0.1; in a later one, a key could mean something else")
                .with_help("write `v0.1` if the file uses nothing newer")
        }
        Some(_) => return,
    };
    keys.report.push(diagnostic);
}

fn is_newer(numbers: &[u64]) -> bool {
    let mut newest = NEWEST.to_vec();
    newest.resize(newest.len().max(numbers.len()), 0);
    let mut numbers = numbers.to_vec();
    numbers.resize(newest.len(), 0);
    numbers > newest
}

/// The numbers of a version as hashicorp's go-version reads it: a `v` or none, numbers with dots between them, and
/// maybe something behind that makes it older, as `-rc1`.
fn parse_version(text: &str) -> Option<Vec<u64>> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (numbers, rest) = text.split_at_checked(end)?;
    if !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_alphabetic() || "-+~".contains(c))
    {
        return None;
    }
    numbers.split('.').map(|number| number.parse().ok()).collect()
}

/// Reads `platforms`.
pub(super) fn platform(keys: &mut Keys<'_, '_>, draft: &mut Draft) -> Platform {
    let mut platform = Platform { guest: None, is_said: false, place: None, monitor: None };
    let mut keys = match keys.map("platforms", &KEYS) {
        Value::Given(keys) => keys,
        value => {
            if !value.is_there() {
                let why = "it names the guest and the monitor";
                let example = "platforms: { framework: unikraft, monitor: qemu }";
                keys.missing("platforms", example, why);
            }
            annotate(draft, Key::UnikernelType, None);
            annotate(draft, Key::Hypervisor, None);
            return platform;
        }
    };
    let why = "urunc needs to know what kind of guest it starts";
    let framework = keys.required("framework", "framework: unikraft", why);
    if let Some(Placed { value, place }) = &framework {
        platform.guest = Guest::from_name(value);
        platform.is_said = true;
        platform.place = Some(place.clone());
    }
    annotate(draft, Key::UnikernelType, framework);
    let monitor = keys.required(
        "monitor",
        "monitor: qemu",
        "urunc needs to know what to start the guest with",
    );
    platform.monitor = monitor.as_ref().map(|monitor| monitor.value.clone());
    annotate(draft, Key::Hypervisor, monitor);
    match keys.text("version") {
        Value::Missing => {}
        version => annotate(draft, Key::UnikernelVersion, version.given()),
    }
    match keys.text("architecture") {
        Value::Missing => {}
        Value::Given(mut given) => {
            // In the examples of bunny, `x86` is what others call amd64; OCI's 386 is nothing that urunc boots.
            let name = match given.value.as_str() {
                "x86" | "x86_64" | "x86-64" | "x64" => Some("amd64"),
                "aarch64" => Some("arm64"),
                _ => None,
            };
            given.value = name.map_or(given.value, str::to_owned);
            draft.architecture = Some(given);
        }
        Value::Unusable => {
            draft.unusable.insert("architecture".to_owned());
        }
    }
    platform
}

/// What no longer counts, since another key says the same.
pub(super) fn deprecated(place: &Place, title: &str, help: &str) -> Diagnostic {
    place.mark_name(Diagnostic::warning(code::BUNNYFILE_DEPRECATED, title), "").with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_go_version() {
        for (text, expected) in [
            ("v0.1", Some(false)),
            ("0.1", Some(false)),
            ("0.1.0", Some(false)),
            ("0.0.9", Some(false)),
            ("0", Some(false)),
            ("v0.1-rc1", Some(false)),
            ("0.1rc1", Some(false)),
            ("0.1+build", Some(false)),
            ("0.1.1", Some(true)),
            ("0.2.0", Some(true)),
            ("1", Some(true)),
            ("v10.0", Some(true)),
            ("99999999999999999999", None),
            ("not.a.version", None),
            ("v", None),
            ("", None),
            ("0.", None),
            (".1", None),
            ("0..1", None),
            ("vv0.1", None),
            ("0.1 ", None),
            ("0.1_1", None),
        ] {
            assert_eq!(parse_version(text).map(|numbers| is_newer(&numbers)), expected, "{text}");
        }
    }
}
