//! What urunc accepts: values one by one, then together.
//!
//! Each rule names the era it was read from. An error means that urunc refuses the container or runs
//! something else; a warning means that it ignores what was asked for, or does so in one era.

use super::eras::{self, E24, E25, E26};
use super::finding::{Engine, Finding};
use super::pairs::{Guest, Monitor, listed};
use super::{Annotations, Field, Key, PREFIX, storage};
use crate::diag::{Severity, nearest};

/// The longest value urunc takes, and the longest label containerd takes together with its key.
const MAX_VALUE: usize = 4096;
/// The longest device name in a Solo5 manifest.
const MAX_DEVICE: usize = 67;
/// Everything that is wrong with these annotations. That required ones are missing is left to the
/// caller, who knows where they would have to stand.
pub fn check(annotations: &Annotations) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    for key in Key::ALL {
        if let Some(value) = annotations.get(key) {
            check_value(key, value, &mut findings);
        }
    }
    let guest = annotations.get(Key::UnikernelType).and_then(Guest::from_name);
    let monitor = annotations.get(Key::Hypervisor).and_then(Monitor::from_name);
    check_pair(annotations, guest, monitor, &mut findings);
    if annotations.knows(&Key::STORAGE) {
        storage::check(annotations, guest, monitor, &mut findings);
    }
    if let Some(guest) = guest
        && guest != Guest::Mirage
    {
        for key in [Key::Solo5NetDev, Key::Solo5BlkDev] {
            if annotations.get(key).is_some() {
                findings.add(
                    Severity::Warning,
                    "urunc/ignored-device-name",
                    key,
                    Some(Key::UnikernelType),
                    format!("`{}` has no effect with {guest}", key.short()),
                    "urunc passes Solo5 device names to mirage guests only",
                    Some("leave it out".into()),
                );
            }
        }
    }
    findings.0
}

/// What Go's `strconv.ParseBool` takes, which is what urunc asks.
pub fn parse_bool(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

pub(super) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    #[allow(clippy::too_many_arguments, reason = "the fields of a finding, in their order")]
    pub(super) fn add(
        &mut self,
        severity: Severity,
        slug: &'static str,
        key: Key,
        other: Option<Key>,
        title: String,
        why: impl Into<String>,
        help: Option<String>,
    ) {
        let finding = Finding::new(severity, slug, key, title).because(other).why(why);
        self.0.push(Finding { help, ..finding });
    }
}

/// Whether containerd takes a label: image labels become labels of the container.
pub fn check_label(field: impl Into<Field>, name: &str, value: &str) -> Option<Finding> {
    let size = name.len() + value.len();
    if size <= MAX_VALUE {
        return None;
    }
    let short = name.strip_prefix(PREFIX).unwrap_or(name);
    let title = format!("the label of `{short}` has {size} bytes with its key");
    let why = format!("containerd takes {MAX_VALUE} at most, and refuses to create the container");
    Some(
        Finding::error("urunc/label-too-long", field, title)
            .why(why)
            .help_if((short == "cmdline").then(|| {
                "give the guest's arguments as `cmd`, and leave `cmdline` short".to_owned()
            }))
            .under(Engine::Containerd),
    )
}

fn check_value(key: Key, value: &str, findings: &mut Findings) {
    let name = key.short();
    // Only urunc up to v0.5, which has no limit, reads the command line from here.
    if value.len() > MAX_VALUE && key != Key::Cmdline {
        findings.add(
            Severity::Error,
            "urunc/value-too-long",
            key,
            None,
            format!("the value of `{name}` has {} bytes", value.len()),
            format!("urunc takes at most {MAX_VALUE} bytes"),
            None,
        );
        return;
    }
    findings.0.extend(check_label(key, &key.full(), value));
    if value.contains('\0') {
        findings.add(
            Severity::Error,
            "urunc/nul",
            key,
            None,
            format!("the value of `{name}` holds a NUL byte"),
            "no program can be given an argument with a NUL byte",
            None,
        );
    }
    if key.is_path() {
        check_path(key, value, findings);
    }
    if key.is_bool() && parse_bool(value).is_none() {
        let eras: &[&str] = if key == Key::MountRootfs { &[E26] } else { &[E24, E25] };
        findings.add(
            Severity::Error,
            "urunc/not-a-boolean",
            key,
            None,
            format!("`{value}` is not a Boolean that urunc reads"),
            match key {
                Key::MountRootfs => {
                    "urunc takes 1, t, T, TRUE, true, True, 0, f, F, FALSE, false and False, and nothing else"
                }
                _ => {
                    "urunc takes 1, t, T, TRUE, true, True, 0, f, F, FALSE, false and False; any other \
                     word counts as true"
                }
            },
            Some(format!("write `{name} = true;` or `{name} = false;`")),
        );
        if let Some(last) = findings.0.last_mut() {
            last.eras = eras;
        }
    }
    if matches!(key, Key::Solo5NetDev | Key::Solo5BlkDev) {
        let fits = value.len() <= MAX_DEVICE && value.bytes().all(|b| b.is_ascii_alphanumeric());
        if !fits {
            findings.add(
                Severity::Error,
                "urunc/device-name",
                key,
                None,
                format!("`{value}` is not a Solo5 device name"),
                format!("a device name has 1 to {MAX_DEVICE} letters and digits"),
                Some("use the name in the guest's manifest".into()),
            );
        }
    }
}

/// Rule P of E26, and what older urunc makes of paths.
fn check_path(key: Key, value: &str, findings: &mut Findings) {
    let name = key.short();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    let mut error = |title: String, why: &str, help: Option<String>| {
        findings.add(Severity::Error, "urunc/path", key, None, title, why, help);
    };
    if let Some(odd) = value.chars().find(|&c| !plain(c)) {
        error(
            format!("`{name}` holds the character {odd:?}"),
            "urunc takes letters, digits and `.`, `_`, `/`, `-` in a path, and older urunc splits its \
             command at blanks",
            Some("rename the file in the image".into()),
        );
        if let (true, Some(last)) = (odd.is_whitespace(), findings.0.last_mut()) {
            last.eras = eras::ALL;
        }
        return;
    }
    if value.starts_with('-') {
        let why = "urunc refuses it, since the monitor would read it as an option";
        error(format!("`{name}` begins with `-`"), why, Some(format!("write \"/{value}\"")));
        return;
    }
    if value.starts_with("..") {
        let why = "urunc refuses paths that leave the image";
        error(format!("`{name}` begins with `..`"), why, Some("write the path from `/`".into()));
        return;
    }
    let clean = clean(value);
    if clean != value {
        error(
            format!("`{name}` is not a clean path"),
            "urunc refuses doubled slashes, `.`, `..` and a slash at the end",
            Some(format!("write \"{clean}\"")),
        );
        // The system refuses a file with a slash behind its name.
        if let (true, Some(last)) = (value.ends_with('/'), findings.0.last_mut()) {
            last.eras = eras::ALL;
        }
        return;
    }
    if value == "." || (value == "/" && key != Key::BlkMntPoint) {
        error(format!("`{name}` names a folder, not a file"), "urunc refuses it", None);
        return;
    }
    if !value.starts_with('/') {
        findings.add(
            Severity::Warning,
            "urunc/relative-path",
            key,
            None,
            format!("`{name}` is not an absolute path"),
            "urunc v0.5.0 refuses relative paths",
            Some(format!("write \"/{value}\"")),
        );
    }
}

/// Go's `filepath.Clean`, for paths of plain characters.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if rooted || parts.last().is_some_and(|&last| last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn check_pair(
    annotations: &Annotations,
    guest: Option<Guest>,
    monitor: Option<Monitor>,
    findings: &mut Findings,
) {
    if let (Some(name), None) = (annotations.get(Key::UnikernelType), guest) {
        findings.add(
            Severity::Error,
            "urunc/unknown-guest",
            Key::UnikernelType,
            None,
            format!("no guest is called `{name}`"),
            format!("urunc knows {}", listed(&Guest::ALL)),
            similar(name, Guest::ALL.map(Guest::name).as_slice()),
        );
    }
    if let (Some(name), None) = (annotations.get(Key::Hypervisor), monitor) {
        let (why, help) = match name {
            "hedge" => {
                ("urunc knew the name until 2025 and answered \"not implemented\"".to_owned(), None)
            }
            "hyperlight" => (
                format!("urunc knows {}", listed(&Monitor::ALL)),
                Some("write \"hyperlight-unikraft\"".to_owned()),
            ),
            _ => (
                format!("urunc starts the monitor named here; it knows {}", listed(&Monitor::ALL)),
                similar(name, Monitor::ALL.map(Monitor::name).as_slice()),
            ),
        };
        findings.add(
            Severity::Error,
            "urunc/unknown-hypervisor",
            Key::Hypervisor,
            None,
            format!("no hypervisor is called `{name}`"),
            why,
            help,
        );
    }
    if let (Some(guest), Some(monitor)) = (guest, monitor)
        && !guest.monitors().contains(&monitor)
    {
        let known = guest.monitors();
        let quoted: Vec<String> = known.iter().map(|monitor| format!("\"{monitor}\"")).collect();
        findings.add(
            Severity::Error,
            "urunc/unsupported-pair",
            Key::Hypervisor,
            Some(Key::UnikernelType),
            format!("urunc cannot run {guest} on {monitor}"),
            format!("it runs {guest} on {}", listed(known)),
            Some(format!("write {}", quoted.join(" or "))),
        );
    }
}

/// The known name that differs by a slip of the hand.
fn similar(name: &str, known: &[&str]) -> Option<String> {
    let lower = name.trim().to_lowercase();
    let exact = known.iter().copied().find(|&candidate| candidate == lower);
    exact.or_else(|| nearest(&lower, known.iter().copied())).map(|name| format!("write \"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotations(values: &[(Key, &str)]) -> Annotations {
        let mut annotations = Annotations::default();
        for &(key, value) in values {
            annotations.set(key, value.into());
        }
        annotations
    }

    fn slugs(values: &[(Key, &str)]) -> Vec<&'static str> {
        check(&annotations(values)).into_iter().map(|finding| finding.slug).collect()
    }

    #[test]
    fn paths() {
        for (path, expected) in [
            ("/unikernel/hello.hvt", None),
            ("/a/b-c_d.e", None),
            ("/a b", Some("urunc/path")),
            ("/a+b", Some("urunc/path")),
            ("/ä", Some("urunc/path")),
            ("/a//b", Some("urunc/path")),
            ("/a/./b", Some("urunc/path")),
            ("/a/../b", Some("urunc/path")),
            ("/a/", Some("urunc/path")),
            ("..", Some("urunc/path")),
            ("..a", Some("urunc/path")),
            ("-a", Some("urunc/path")),
            (".", Some("urunc/path")),
            ("/", Some("urunc/path")),
            ("a/b", Some("urunc/relative-path")),
        ] {
            assert_eq!(slugs(&[(Key::Binary, path)]).first().copied(), expected, "{path}");
        }
        let root = [(Key::BlkMntPoint, "/"), (Key::Block, "/b")];
        assert_eq!(slugs(&root), Vec::<&str>::new());
    }

    #[test]
    fn every_pair_is_judged() {
        for guest in Guest::ALL {
            for monitor in Monitor::ALL {
                let found =
                    slugs(&[(Key::UnikernelType, guest.name()), (Key::Hypervisor, monitor.name())]);
                let allowed = guest.monitors().contains(&monitor);
                assert_eq!(found.is_empty(), allowed, "{guest} on {monitor}: {found:?}");
            }
        }
    }

    #[test]
    fn booleans_are_those_of_go() {
        for good in
            ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"]
        {
            assert!(slugs(&[(Key::MountRootfs, good)]).is_empty(), "{good}");
        }
        for bad in ["yes", "no", " true", "tRUE", "2"] {
            assert_eq!(slugs(&[(Key::UseDMBlock, bad)]), ["urunc/not-a-boolean"], "{bad}");
        }
    }

    #[test]
    fn storage() {
        use Key::{BlkMntPoint, Block, Hypervisor, Initrd, MountRootfs, UnikernelType};
        #[allow(clippy::type_complexity, reason = "given annotations and expected slugs")]
        let table: &[(&[(Key, &str)], &[&str])] = &[
            (&[(Block, "/b")], &["urunc/block-without-mount-point"]),
            (&[(BlkMntPoint, "/b")], &["urunc/mount-point-without-block"]),
            (&[(Block, "/b"), (BlkMntPoint, "/"), (Initrd, "/i")], &["urunc/initrd-and-block"]),
            (&[(Initrd, "/i"), (MountRootfs, "true")], &["urunc/rootfs-ignored"]),
            (&[(Block, "/b"), (BlkMntPoint, "/"), (MountRootfs, "1")], &["urunc/rootfs-ignored"]),
            (&[(Block, "/b"), (BlkMntPoint, "/x"), (MountRootfs, "1")], &["urunc/block-ignored"]),
            (
                &[(UnikernelType, "rumprun"), (Block, "/b"), (BlkMntPoint, "/")],
                &["urunc/block-at-root"],
            ),
            (
                &[(UnikernelType, "rumprun"), (Block, "/b"), (BlkMntPoint, "/x")],
                &["urunc/block-mount-point"],
            ),
            (&[(UnikernelType, "rumprun"), (Block, "/b"), (BlkMntPoint, "/data")], &[]),
            (
                &[(UnikernelType, "mewz"), (Block, "/b"), (BlkMntPoint, "/data")],
                &["urunc/block-unsupported"],
            ),
            (&[(UnikernelType, "mirage"), (Initrd, "/i")], &["urunc/initrd-unsupported"]),
            (&[(UnikernelType, "hermit"), (Initrd, "/i")], &[]),
            (&[(UnikernelType, "mirage"), (MountRootfs, "true")], &["urunc/rootfs-unsupported"]),
            (
                &[(UnikernelType, "linux"), (Hypervisor, "firecracker"), (MountRootfs, "true")],
                &["urunc/rootfs-needs-block-snapshotter"],
            ),
            (
                &[(UnikernelType, "linux"), (Hypervisor, "qemu"), (MountRootfs, "true")],
                &["urunc/rootfs-needs-block-snapshotter"],
            ),
            (&[(UnikernelType, "unikraft"), (Hypervisor, "qemu"), (MountRootfs, "true")], &[]),
        ];
        for (given, expected) in table {
            assert_eq!(slugs(given), *expected, "{given:?}");
        }
    }

    #[test]
    fn names_nearly_right_are_offered() {
        let finding = check(&annotations(&[(Key::Hypervisor, "HVTT")])).remove(0);
        assert_eq!(finding.help.as_deref(), Some("write \"hvt\""));
        let finding = check(&annotations(&[(Key::Hypervisor, "hyperlight")])).remove(0);
        assert_eq!(finding.help.as_deref(), Some("write \"hyperlight-unikraft\""));
        let finding = check(&annotations(&[(Key::Hypervisor, "vmware")])).remove(0);
        assert_eq!(finding.help, None);
    }
}
