//! What urunc accepts: values one by one, then together.
//!
//! Each rule names the era it was read from. An error means that urunc refuses the container or runs
//! something else; a warning means that it ignores what was asked for, or does so in one era.

use super::eras::{self, E24, E25, E26};
use super::finding::{Engine, Finding};
use super::pairs::{Guest, Monitor, listed};
use super::{Annotations, Field, Key, PREFIX, parse_bool, storage};
use crate::diag::nearest;
use crate::explain::code;

/// The longest value urunc takes, and the longest label containerd takes together with its key.
const MAX_VALUE: usize = 4096;
/// The longest device name in a Solo5 manifest.
const MAX_DEVICE: usize = 67;
/// Everything that is wrong with these annotations. That required ones are missing is left to the
/// caller, who knows where they would have to stand.
pub fn check(annotations: &Annotations) -> Vec<Finding> {
    let mut findings = Vec::new();
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
                findings.push(
                    Finding::warning(
                        code::URUNC_IGNORED_DEVICE_NAME,
                        key,
                        format!("`{}` has no effect with {guest}", key.short()),
                    )
                    .because(Key::UnikernelType)
                    .why("urunc passes Solo5 device names to mirage guests only")
                    .help("leave it out"),
                );
            }
        }
    }
    findings
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
        Finding::error(code::URUNC_LABEL_TOO_LONG, field, title)
            .why(why)
            .help_if((short == "cmdline").then(|| {
                "give the guest's arguments as `cmd`, and leave `cmdline` short".to_owned()
            }))
            .under(Engine::Containerd),
    )
}

fn check_value(key: Key, value: &str, findings: &mut Vec<Finding>) {
    let name = key.short();
    // Only urunc up to v0.5, which has no limit, reads the command line from here.
    if value.len() > MAX_VALUE && key != Key::Cmdline {
        findings.push(
            Finding::error(
                code::URUNC_VALUE_TOO_LONG,
                key,
                format!("the value of `{name}` has {} bytes", value.len()),
            )
            .why(format!("urunc takes at most {MAX_VALUE} bytes")),
        );
        return;
    }
    findings.extend(check_label(key, &key.full(), value));
    if value.contains('\0') {
        findings.push(
            Finding::error(code::URUNC_NUL, key, format!("the value of `{name}` holds a NUL byte"))
                .why("no program can be given an argument with a NUL byte"),
        );
    }
    if key.is_path() {
        check_path(key, value, findings);
    }
    if key.is_bool() && parse_bool(value).is_none() {
        let eras: &[&str] = if key == Key::MountRootfs { &[E26] } else { &[E24, E25] };
        let title = format!("`{value}` is not a Boolean that urunc reads");
        let finding = Finding::error(code::URUNC_NOT_A_BOOLEAN, key, title)
            .help(format!("write `{name} = true;` or `{name} = false;`"))
            .only_in(eras);
        let known = "urunc takes 1, t, T, TRUE, true, True, 0, f, F, FALSE, false and False";
        findings.push(match key {
            Key::MountRootfs => finding.why(format!("{known}, and nothing else")),
            _ => finding.why(format!("{known}; any other word counts as true")).starts_anyway(),
        });
    }
    if matches!(key, Key::Solo5NetDev | Key::Solo5BlkDev) {
        let fits = value.len() <= MAX_DEVICE && value.bytes().all(|b| b.is_ascii_alphanumeric());
        if !fits {
            findings.push(
                Finding::error(
                    code::URUNC_DEVICE_NAME,
                    key,
                    format!("`{value}` is not a Solo5 device name"),
                )
                .why(format!("a device name has 1 to {MAX_DEVICE} letters and digits"))
                .help("use the name in the guest's manifest"),
            );
        }
    }
}

/// Rule P of E26, and what older urunc makes of paths.
fn check_path(key: Key, value: &str, findings: &mut Vec<Finding>) {
    let name = key.short();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    let error = |title: String| Finding::error(code::URUNC_PATH, key, title);
    if let Some(odd) = value.chars().find(|&c| !plain(c)) {
        let finding = error(format!("`{name}` holds the character {odd:?}"))
            .why(
                "urunc takes letters, digits and `.`, `_`, `/`, `-` in a path, and older urunc splits its \
                 command at blanks",
            )
            .help("rename the file in the image");
        let eras = if odd.is_whitespace() { eras::ALL } else { &[] };
        findings.push(finding.only_in(eras));
        return;
    }
    if value.starts_with('-') {
        findings.push(
            error(format!("`{name}` begins with `-`"))
                .why("urunc refuses it, since the monitor would read it as an option")
                .help(format!("write \"/{value}\"")),
        );
        return;
    }
    if value.starts_with("..") {
        findings.push(
            error(format!("`{name}` begins with `..`"))
                .why("urunc refuses paths that leave the image")
                .help("write the path from `/`"),
        );
        return;
    }
    let clean = clean(value);
    if clean != value {
        // The system refuses a file with a slash behind its name.
        let eras = if value.ends_with('/') { eras::ALL } else { &[] };
        findings.push(
            error(format!("`{name}` is not a clean path"))
                .why("urunc refuses doubled slashes, `.`, `..` and a slash at the end")
                .help(format!("write \"{clean}\""))
                .only_in(eras),
        );
        return;
    }
    if value == "." || (value == "/" && key != Key::BlkMntPoint) {
        findings
            .push(error(format!("`{name}` names a folder, not a file")).why("urunc refuses it"));
        return;
    }
    if !value.starts_with('/') {
        findings.push(
            Finding::warning(
                code::URUNC_RELATIVE_PATH,
                key,
                format!("`{name}` is not an absolute path"),
            )
            .why("urunc v0.5.0 refuses relative paths")
            .help(format!("write \"/{value}\"")),
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
    findings: &mut Vec<Finding>,
) {
    if let (Some(name), None) = (annotations.get(Key::UnikernelType), guest) {
        findings.push(
            Finding::error(
                code::URUNC_UNKNOWN_GUEST,
                Key::UnikernelType,
                format!("no guest is called `{name}`"),
            )
            .why(format!("urunc knows {}", listed(&Guest::ALL)))
            .help_if(similar(name, Guest::ALL.map(Guest::name).as_slice())),
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
        findings.push(
            Finding::error(
                code::URUNC_UNKNOWN_HYPERVISOR,
                Key::Hypervisor,
                format!("no hypervisor is called `{name}`"),
            )
            .why(why)
            .help_if(help),
        );
    }
    if let (Some(guest), Some(monitor)) = (guest, monitor)
        && !guest.monitors().contains(&monitor)
    {
        let known = guest.monitors();
        let quoted: Vec<String> = known.iter().map(|monitor| format!("\"{monitor}\"")).collect();
        findings.push(
            Finding::error(
                code::URUNC_UNSUPPORTED_PAIR,
                Key::Hypervisor,
                format!("urunc cannot run {guest} on {monitor}"),
            )
            .because(Key::UnikernelType)
            .why(format!("it runs {guest} on {}", listed(known)))
            .help(format!("write {}", quoted.join(" or "))),
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
    use super::super::Help;
    use super::*;

    fn annotations(values: &[(Key, &str)]) -> Annotations {
        let mut annotations = Annotations::default();
        for &(key, value) in values {
            annotations.set(key, value.into());
        }
        annotations
    }

    fn codes(values: &[(Key, &str)]) -> Vec<&'static str> {
        check(&annotations(values)).into_iter().map(|finding| finding.code.as_str()).collect()
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
            assert_eq!(codes(&[(Key::Binary, path)]).first().copied(), expected, "{path}");
        }
        let root = [(Key::BlkMntPoint, "/"), (Key::Block, "/b")];
        assert_eq!(codes(&root), Vec::<&str>::new());
    }

    #[test]
    fn every_pair_is_judged() {
        for guest in Guest::ALL {
            for monitor in Monitor::ALL {
                let found =
                    codes(&[(Key::UnikernelType, guest.name()), (Key::Hypervisor, monitor.name())]);
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
            assert!(codes(&[(Key::MountRootfs, good)]).is_empty(), "{good}");
        }
        for bad in ["yes", "no", " true", "tRUE", "2"] {
            assert_eq!(codes(&[(Key::UseDMBlock, bad)]), ["urunc/not-a-boolean"], "{bad}");
        }
    }

    #[test]
    fn storage() {
        use Key::{BlkMntPoint, Block, Hypervisor, Initrd, MountRootfs, UnikernelType};
        #[allow(clippy::type_complexity, reason = "given annotations and expected codes")]
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
            assert_eq!(codes(given), *expected, "{given:?}");
        }
    }

    #[test]
    fn names_nearly_right_are_offered() {
        let finding = check(&annotations(&[(Key::Hypervisor, "HVTT")])).remove(0);
        assert_eq!(finding.help, Some(Help::from("write \"hvt\"")));
        let finding = check(&annotations(&[(Key::Hypervisor, "hyperlight")])).remove(0);
        assert_eq!(finding.help, Some(Help::from("write \"hyperlight-unikraft\"")));
        let finding = check(&annotations(&[(Key::Hypervisor, "vmware")])).remove(0);
        assert_eq!(finding.help, None);
    }
}
