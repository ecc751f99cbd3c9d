//! What urunc accepts: values one by one, then together.
//!
//! Each rule names the era it was read from. An error means that urunc refuses the container or runs
//! something else; a warning means that it ignores what was asked for, or does so in one era.

use super::eras::{self, E24, E25, E26};
use super::pairs::{Block, Guest, Monitor, listed};
use super::{Annotations, Field, Key, files};
use crate::diag::{Diagnostic, Severity, nearest};

/// The longest value urunc takes, and the longest label containerd takes together with its key.
const MAX_VALUE: usize = 4096;
/// The longest device name in a Solo5 manifest.
const MAX_DEVICE: usize = 67;
/// A problem with an annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its stable name.
    pub slug: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What to change.
    pub field: Field,
    /// The annotation it does not go with.
    pub other: Option<Key>,
    /// The annotation whose absence is the problem.
    pub needs: Option<Key>,
    /// The broken rule.
    pub title: String,
    /// Who enforces it.
    pub why: String,
    /// What to do.
    pub help: Option<String>,
    /// The releases it holds for, where they are fewer than those of its code.
    pub eras: &'static [&'static str],
}

impl Finding {
    fn new(severity: Severity, slug: &'static str, field: Field, title: String) -> Self {
        let (why, help) = (String::new(), None);
        Finding { slug, severity, field, other: None, needs: None, title, why, help, eras: &[] }
    }

    /// urunc fails, or starts something else.
    pub fn error(slug: &'static str, field: impl Into<Field>, title: impl Into<String>) -> Self {
        Finding::new(Severity::Error, slug, field.into(), title.into())
    }

    /// urunc starts it, and not as was asked for.
    pub fn warning(slug: &'static str, field: impl Into<Field>, title: impl Into<String>) -> Self {
        Finding::new(Severity::Warning, slug, field.into(), title.into())
    }

    /// It is good to know.
    pub fn note(slug: &'static str, field: impl Into<Field>, title: impl Into<String>) -> Self {
        Finding::new(Severity::Note, slug, field.into(), title.into())
    }

    /// Names the annotation it does not go with.
    #[must_use]
    pub fn because(mut self, other: Option<Key>) -> Self {
        self.other = other;
        self
    }

    /// Says who enforces the rule.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Narrows the releases down.
    #[must_use]
    pub fn only_in(mut self, eras: &'static [&'static str]) -> Self {
        self.eras = eras;
        self
    }

    /// Only says that it is good to know.
    #[must_use]
    pub fn as_note(mut self) -> Self {
        self.severity = Severity::Note;
        self
    }

    /// The finding in words; the caller adds its place.
    pub fn diagnostic(&self) -> Diagnostic {
        let worded = Diagnostic::error(self.slug, self.title.clone());
        let eras = if self.eras.is_empty() { eras::of(self.slug) } else { self.eras };
        Diagnostic { severity: self.severity, eras, ..worded }
            .with_why(self.why.clone())
            .with_help_if(self.help.clone())
    }
}

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
    check_storage(annotations, guest, monitor, &mut findings);
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

struct Findings(Vec<Finding>);

impl Findings {
    #[allow(clippy::too_many_arguments, reason = "the fields of a finding, in their order")]
    fn add(
        &mut self,
        severity: Severity,
        slug: &'static str,
        key: Key,
        other: Option<Key>,
        title: String,
        why: impl Into<String>,
        help: Option<String>,
    ) {
        let finding = Finding::new(severity, slug, key.into(), title).because(other).why(why);
        self.0.push(Finding { help, ..finding });
    }
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
    if key.full().len() + value.len() > MAX_VALUE {
        findings.add(
            Severity::Warning,
            "urunc/label-too-long",
            key,
            None,
            format!("`{name}` is too long for a label"),
            format!(
                "containerd takes at most {MAX_VALUE} bytes for a label and its key, and urunc of \
                 2026 reads labels"
            ),
            None,
        );
    }
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
    if key != Key::BlkMntPoint {
        findings.0.extend(files::check_place(key, value));
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

/// Contract section 2.2: which root storage urunc picks, and what it does with the rest.
fn check_storage(
    annotations: &Annotations,
    guest: Option<Guest>,
    monitor: Option<Monitor>,
    findings: &mut Findings,
) {
    let block = annotations.get(Key::Block);
    let mount_point = annotations.get(Key::BlkMntPoint);
    let initrd = annotations.get(Key::Initrd).is_some();
    let mount_key = if annotations.get(Key::MountRootfs).is_some() {
        Key::MountRootfs
    } else {
        Key::UseDMBlock
    };
    let mounts = annotations.get(mount_key).and_then(parse_bool) == Some(true);

    if block.is_some() && mount_point.is_none() {
        findings.0.push(Finding {
            slug: "urunc/block-without-mount-point",
            severity: Severity::Error,
            field: Key::Block.into(),
            other: None,
            needs: Some(Key::BlkMntPoint),
            title: "`block` needs `blkMntPoint`".into(),
            why: "urunc of 2026 fails to create a container whose block image has no mount point"
                .into(),
            help: Some(match guest {
                Some(Guest::Rumprun) => "add `blkMntPoint = \"/data\";`".into(),
                _ => "add `blkMntPoint = \"/\";`, or where the guest mounts it".into(),
            }),
            eras: &[],
        });
    }
    if block.is_none() && mount_point.is_some() {
        findings.0.push(Finding {
            slug: "urunc/mount-point-without-block",
            severity: Severity::Warning,
            field: Key::BlkMntPoint.into(),
            other: None,
            needs: Some(Key::Block),
            title: "`blkMntPoint` has no effect without `block`".into(),
            why: "urunc mounts nothing there".into(),
            help: Some("leave it out, or add `block`".into()),
            eras: &[],
        });
    }
    if initrd && block.is_some() {
        findings.add(
            Severity::Warning,
            "urunc/initrd-and-block",
            Key::Block,
            Some(Key::Initrd),
            "the block image is never attached when there is an initrd".into(),
            "urunc of 2026 picks one root storage, and the initrd comes first",
            Some("leave one of the two out".into()),
        );
    }
    if mounts && (initrd || block.is_some_and(|_| mount_point == Some("/"))) {
        let winner = if initrd { Key::Initrd } else { Key::Block };
        findings.add(
            Severity::Warning,
            "urunc/rootfs-ignored",
            mount_key,
            Some(winner),
            format!("`{}` has no effect beside `{}`", mount_key.short(), winner.short()),
            "urunc picks one root storage: the initrd, then a block image at `/`, then the \
             container's rootfs",
            Some("leave one of the two out".into()),
        );
    } else if mounts && block.is_some() {
        findings.add(
            Severity::Warning,
            "urunc/block-ignored",
            Key::Block,
            Some(mount_key),
            format!("the block image has no effect beside `{}`", mount_key.short()),
            "urunc picks one root storage, and the container's rootfs comes before a block image \
             below `/`",
            Some("leave one of the two out".into()),
        );
    }
    if let Some(guest) = guest {
        check_guest_storage(annotations, guest, monitor, findings);
        if mounts && !guest.takes_rootfs() {
            findings.add(
                Severity::Error,
                "urunc/rootfs-unsupported",
                mount_key,
                Some(Key::UnikernelType),
                format!("{guest} cannot be given the container's rootfs"),
                "urunc of 2026 fails to create such a container",
                Some(format!("write `{} = false;`", mount_key.short())),
            );
        } else if mounts
            && let Some(monitor) = monitor
            && !monitor.shares_folders()
            && !initrd
            && !guest.takes_rootfs_as_block()
            && guest.monitors().contains(&monitor)
        {
            findings.add(
                Severity::Error,
                "urunc/rootfs-unsupported",
                mount_key,
                Some(Key::Hypervisor),
                format!("{guest} cannot be given the container's rootfs on {monitor}"),
                format!("{guest} takes it as a shared folder only, which {monitor} does not have"),
                Some(format!(
                    "write `{} = false;`, or `hypervisor = \"qemu\";`",
                    mount_key.short()
                )),
            );
        } else if let Some(monitor) = monitor
            && !initrd
            && guest.takes_rootfs_as_block()
        {
            needs_snapshotter(annotations, guest, monitor, mount_key, findings);
        }
    }
}

/// A block device needs a snapshotter that makes one; before 2026 there was no other way.
fn needs_snapshotter(
    annotations: &Annotations,
    guest: Guest,
    monitor: Monitor,
    mount_key: Key,
    findings: &mut Findings,
) {
    let asked = |key: Key| annotations.get(key).and_then(parse_bool);
    let new = asked(mount_key) == Some(true);
    let old = asked(Key::UseDMBlock).or(asked(mount_key)) == Some(true);
    let shares = monitor.shares_folders();
    let eras: &'static [&'static str] = match (old, new && !shares) {
        (true, true) => eras::ALL,
        (true, false) => &[E24, E25],
        (false, true) => &[E26],
        (false, false) => return,
    };
    let (title, why) = if new && !shares {
        (
            format!("{monitor} gets the container's rootfs only from a block snapshotter"),
            "it has no shared file system, so urunc of 2026 fails where the rootfs is an overlay",
        )
    } else {
        (
            format!(
                "older urunc gives {guest} the container's rootfs only from a block snapshotter"
            ),
            "before 2026 it unmounts the rootfs to give it as a disk, and an overlay is none",
        )
    };
    findings.0.push(
        Finding::warning("urunc/rootfs-needs-block-snapshotter", mount_key, title)
            .because(Some(Key::Hypervisor))
            .why(why)
            .help("run it with the devmapper or blockfile snapshotter")
            .only_in(eras),
    );
}

fn check_guest_storage(
    annotations: &Annotations,
    guest: Guest,
    monitor: Option<Monitor>,
    findings: &mut Findings,
) {
    if annotations.get(Key::Initrd).is_some() && !guest.takes_initrd() {
        findings.add(
            Severity::Error,
            "urunc/initrd-unsupported",
            Key::Initrd,
            Some(Key::UnikernelType),
            format!("{guest} takes no initrd"),
            "urunc does not pass it on, and drops other storage because of it",
            Some("leave it out".into()),
        );
    }
    if annotations.get(Key::Block).is_none() {
        return;
    }
    let mount_point = annotations.get(Key::BlkMntPoint);
    match guest.block() {
        Block::Never => findings.add(
            Severity::Error,
            "urunc/block-unsupported",
            Key::Block,
            Some(Key::UnikernelType),
            format!("{guest} takes no block image"),
            "urunc leaves it unused without a word",
            Some(if guest.takes_initrd() { "use `initrd`".into() } else { "leave it out".into() }),
        ),
        Block::BelowRoot if mount_point == Some("/") => findings.add(
            Severity::Error,
            "urunc/block-at-root",
            Key::BlkMntPoint,
            Some(Key::UnikernelType),
            format!("{guest} cannot mount a block image at `/`"),
            "its root is part of the kernel",
            Some("write \"/data\"".into()),
        ),
        Block::BelowRoot if mount_point.is_some_and(|point| point != "/data") => findings.add(
            Severity::Warning,
            "urunc/block-mount-point",
            Key::BlkMntPoint,
            None,
            "older urunc mounts the block image at `/data`".into(),
            "the mount point is read since 2026; before, rumprun always got `/data`",
            Some("write \"/data\" to work everywhere".into()),
        ),
        Block::BelowRoot | Block::Anywhere => {}
    }
    if guest == Guest::Mirage && monitor == Some(Monitor::Qemu) {
        findings.add(
            Severity::Warning,
            "urunc/block-not-on-monitor",
            Key::Block,
            Some(Key::Hypervisor),
            "urunc gives mirage no disk on qemu".into(),
            "block images are attached on hvt and spt only",
            Some("write `hypervisor = \"hvt\";` or \"spt\"".into()),
        );
    }
    if guest == Guest::Linux && monitor == Some(Monitor::CloudHypervisor) {
        findings.add(
            Severity::Warning,
            "urunc/block-not-on-monitor",
            Key::Block,
            Some(Key::Hypervisor),
            "urunc gives linux no block image on cloud-hypervisor".into(),
            "block images are attached on qemu and firecracker only",
            Some("write `hypervisor = \"qemu\";` or \"firecracker\"".into()),
        );
    }
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
            ("/dev/x", Some("urunc/hidden-folder")),
            ("/lib64/x", Some("urunc/hidden-folder")),
            ("/library/x", None),
            ("/usr/lib/x", Some("urunc/hidden-folder")),
            ("/usr/share/x", Some("urunc/deleted-folder")),
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
