//! What urunc does with an image: which annotations it goes by, what it starts, and what the guest is
//! given (contract sections 1.4, 2.2 and 2.3).
//!
//! Addresses come from the runtime; they are written as `…`.

use super::eras::{E24, E25, E26};
use super::process::is_before_0_16_1;
use super::{Annotations, Block, Guest, Key, Monitor, PREFIX, Process, rules};
use std::collections::BTreeMap;
use std::fmt;

/// The places where an image can say what urunc reads.
#[derive(Debug, Clone, Copy)]
pub struct Channels<'c> {
    /// The annotations of the manifest; none where the image's name leads to an index, which urunc does
    /// not follow.
    pub manifest: Option<&'c BTreeMap<String, String>>,
    /// The labels of the configuration.
    pub labels: &'c BTreeMap<String, String>,
    /// The decoded `/urunc.json`, or why urunc does not go by it.
    pub urunc_json: Result<&'c BTreeMap<String, String>, &'c str>,
}

/// One way to start an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The release of urunc.
    pub era: &'static str,
    /// The engine, where it makes a difference.
    pub engine: Option<&'static str>,
    /// Where the annotations come from.
    pub source: &'static str,
    /// What is started, or what happens instead.
    pub outcome: Result<Start, String>,
}

/// What urunc starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The program that is looked up in `PATH`.
    pub monitor: String,
    /// The kernel's path in the image.
    pub kernel: String,
    /// What the guest gets as its root or disk.
    pub storage: String,
    /// The guest's command line; none where it is given none.
    pub command_line: Option<String>,
}

/// The annotations of urunc among these values by full key.
pub fn annotations(values: &BTreeMap<String, String>) -> Annotations {
    let mut annotations = Annotations::default();
    for (name, value) in values {
        let key = name.strip_prefix(PREFIX).and_then(Key::from_exact);
        if let Some(key) = key {
            annotations.set(key, value.clone());
        }
    }
    annotations
}

/// Whether these alone tell urunc what to start.
pub fn is_whole(annotations: &Annotations) -> bool {
    let required = [Key::UnikernelType, Key::Hypervisor, Key::Binary];
    required.into_iter().all(|key| annotations.get(key).is_some())
}

/// The annotations that the shim of 2026 hands over: those of the manifest, and labels for what it lacks.
pub fn handed_over(channels: &Channels<'_>) -> Annotations {
    let mut all = channels.labels.clone();
    all.extend(channels.manifest.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    annotations(&all)
}

/// Who tells urunc what to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `/urunc.json`.
    File,
    /// The shim, from annotations and labels.
    Shim,
}

/// Whether urunc starts the guest in spite of an error with this code: it ignores what was asked for, or the
/// guest itself cannot go on.
pub fn starts_in_spite_of(code: &str) -> bool {
    matches!(
        code,
        "urunc/block-unsupported"
            | "urunc/initrd-unsupported"
            | "urunc/block-at-root"
            | "urunc/no-init"
            | "unikernel/guest-mismatch"
            | "unikernel/block-format"
            | "unikernel/initrd-format"
            | "unikernel/architecture-mismatch"
    )
}

/// What every release of urunc does with an image. `stops` says what makes a release fail that goes by a
/// source.
pub fn launches(
    channels: &Channels<'_>,
    process: &Process,
    architecture: &str,
    stops: &dyn Fn(Source, &str) -> Option<String>,
) -> Vec<Launch> {
    let start = |source, era, annotations: &Annotations| match stops(source, era) {
        Some(why) => Err(format!("fails: {why}")),
        None => start(era, annotations, process, architecture),
    };
    let by_file = |era, engine| {
        let outcome = match channels.urunc_json {
            Ok(values) => start(Source::File, era, &annotations(values)),
            Err(why) => Err(format!("runs plain runc in its place: {why}")),
        };
        Launch { era, engine, source: "/urunc.json", outcome }
    };
    let shim = handed_over(channels);
    let containerd = if is_whole(&shim) {
        let by_manifest = channels.manifest.map(annotations).unwrap_or_default();
        let source = match (is_whole(&by_manifest), by_manifest == Annotations::default()) {
            (true, _) => "annotations of the manifest",
            (false, true) => "labels",
            (false, false) => "annotations of the manifest, and labels",
        };
        let outcome = start(Source::Shim, E26, &shim);
        Launch { era: E26, engine: Some("containerd"), source, outcome }
    } else {
        by_file(E26, Some("containerd"))
    };
    vec![by_file(E24, None), by_file(E25, None), containerd, by_file(E26, Some("docker"))]
}

fn start(
    era: &'static str,
    annotations: &Annotations,
    process: &Process,
    architecture: &str,
) -> Result<Start, String> {
    let known = annotations.get(Key::UnikernelType).and_then(Guest::from_name);
    let monitor = annotations.get(Key::Hypervisor).and_then(Monitor::from_name);
    let (Some(guest), Some(monitor)) = (known, monitor) else {
        return Err("fails: it does not know the guest, or the monitor".to_owned());
    };
    if !knows(era, guest, monitor) {
        return Err(format!("fails: it does not run {guest} on {monitor} yet"));
    }
    let storage = storage(era, guest, monitor, annotations);
    let line = Line { era, guest, monitor, annotations, process, storage: &storage };
    Ok(Start {
        monitor: program(monitor, architecture),
        kernel: annotations.get(Key::Binary).unwrap_or("").to_owned(),
        command_line: line.text(),
        storage: storage.to_string(),
    })
}

/// Whether a release runs a pair.
fn knows(era: &str, guest: Guest, monitor: Monitor) -> bool {
    super::eras::since(super::eras::ALL, first_era(guest, monitor)).contains(&era)
}

/// The first release that runs a pair (contract section 2.1).
pub fn first_era(guest: Guest, monitor: Monitor) -> &'static str {
    match (guest, monitor) {
        (_, Monitor::CloudHypervisor | Monitor::HyperlightUnikraft)
        | (Guest::Hermit | Guest::Freebsd, _) => E26,
        (Guest::Mewz | Guest::Linux, _) => E25,
        (Guest::Rumprun | Guest::Unikraft | Guest::Mirage, _) => E24,
    }
}

/// The monitor's program.
fn program(monitor: Monitor, architecture: &str) -> String {
    match monitor {
        Monitor::Hvt | Monitor::Spt => format!("solo5-{monitor}"),
        Monitor::Qemu if architecture == "arm64" => "qemu-system-aarch64".to_owned(),
        Monitor::Qemu => "qemu-system-x86_64".to_owned(),
        Monitor::Firecracker | Monitor::CloudHypervisor | Monitor::HyperlightUnikraft => {
            monitor.to_string()
        }
    }
}

/// What the guest gets as its root or disk.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Storage {
    None,
    /// An initrd, and before 2026 a block image beside it.
    Initrd {
        path: String,
        block: Option<String>,
    },
    /// A block image, and where it is mounted when that is said.
    Block {
        path: String,
        at: String,
    },
    /// The container's rootfs: as a block device, or by a shared file system, or by whichever there is.
    Rootfs {
        as_block: bool,
        shared: Option<&'static str>,
    },
}

impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let as_device = "the container's rootfs as a block device, where the snapshotter makes one";
        match self {
            Storage::None => f.write_str("none"),
            Storage::Initrd { path, block: None } => write!(f, "initrd {path}"),
            Storage::Initrd { path, block: Some(block) } => {
                write!(f, "initrd {path}, and block image {block}")
            }
            Storage::Block { path, at } if at.is_empty() => write!(f, "block image {path}"),
            Storage::Block { path, at } => write!(f, "block image {path} at {at}"),
            Storage::Rootfs { as_block: true, shared: None } => f.write_str(as_device),
            Storage::Rootfs { as_block: true, shared: Some(shared) } => {
                write!(f, "{as_device}; else by {shared}")
            }
            Storage::Rootfs { as_block: false, shared } => {
                write!(f, "the container's rootfs by {}", shared.unwrap_or("nothing"))
            }
        }
    }
}

/// The storage that urunc picks (section 2.2).
fn storage(era: &str, guest: Guest, monitor: Monitor, annotations: &Annotations) -> Storage {
    let owned = |key: Key| annotations.get(key).unwrap_or("").to_owned();
    let has_disk = guest.block() != Block::Never
        && !matches!(
            (guest, monitor),
            (Guest::Mirage, Monitor::Qemu) | (Guest::Linux, Monitor::CloudHypervisor)
        );
    let block = annotations.get(Key::Block).filter(|_| has_disk);
    if annotations.get(Key::Initrd).is_some() {
        return match (guest.takes_initrd(), block) {
            (true, block) => Storage::Initrd {
                path: owned(Key::Initrd),
                block: block.filter(|_| era != E26).map(str::to_owned),
            },
            // urunc of 2026 has picked the initrd, which then goes nowhere.
            (false, Some(path)) if era != E26 => {
                Storage::Block { path: path.to_owned(), at: old_point(guest, annotations) }
            }
            (false, _) => Storage::None,
        };
    }
    // An absent `useDMBlock` counts as true, as does one that is no Boolean.
    let mounts = match era {
        E26 => annotations.get(Key::MountRootfs).and_then(rules::parse_bool).unwrap_or(false),
        _ => annotations.get(Key::UseDMBlock).and_then(rules::parse_bool).unwrap_or(true),
    };
    if let Some(path) = block {
        let path = path.to_owned();
        let at = owned(Key::BlkMntPoint);
        if era != E26 {
            return Storage::Block { path, at: old_point(guest, annotations) };
        }
        if at == "/" || !mounts {
            return Storage::Block { path, at };
        }
    }
    if !mounts || !guest.takes_rootfs() {
        return Storage::None;
    }
    let as_block = guest.takes_rootfs_as_block();
    let shared = match (guest, monitor) {
        _ if era != E26 => None,
        (Guest::Linux, Monitor::Qemu | Monitor::CloudHypervisor) => Some("virtiofs"),
        (Guest::Unikraft | Guest::Freebsd, Monitor::Qemu) => Some("9p"),
        _ => None,
    };
    match (as_block, shared) {
        (false, None) => Storage::None,
        _ => Storage::Rootfs { as_block, shared },
    }
}

/// Before 2026 the mount point was not read, and rumprun always had `/data`.
fn old_point(guest: Guest, annotations: &Annotations) -> String {
    match guest {
        Guest::Rumprun => "/data".to_owned(),
        _ => annotations.get(Key::BlkMntPoint).unwrap_or("").to_owned(),
    }
}

struct Line<'l> {
    era: &'static str,
    guest: Guest,
    monitor: Monitor,
    annotations: &'l Annotations,
    process: &'l Process,
    storage: &'l Storage,
}

impl Line<'_> {
    /// The words that this release takes for the guest's arguments.
    fn words(&self) -> Vec<String> {
        let line = self.annotations.get(Key::Cmdline).unwrap_or("");
        let by_line = || line.split_whitespace().map(str::to_owned).collect();
        match self.era {
            E24 => by_line(),
            E25 if self.process.args.is_empty() => by_line(),
            _ => self.process.args.clone(),
        }
    }

    fn text(&self) -> Option<String> {
        if self.monitor == Monitor::HyperlightUnikraft {
            return None;
        }
        let words = self.words();
        let joined = words.join(" ");
        Some(match self.guest {
            Guest::Unikraft => self.unikraft(&words),
            Guest::Rumprun => self.rumprun(&joined),
            Guest::Mirage => {
                let device = self.annotations.get(Key::Solo5NetDev).unwrap_or("service");
                let (net, gateway) = if device == "service" || self.era != E26 {
                    ("--ipv4=…".to_owned(), "--ipv4-gateway=…".to_owned())
                } else {
                    (format!("--{device}-ipv4=…"), format!("--{device}-ipv4-gateway=…"))
                };
                filled(&[&net, &gateway, &joined])
            }
            Guest::Mewz => "ip=… gateway=…".to_owned(),
            Guest::Linux => self.linux(&words),
            Guest::Hermit if joined.is_empty() => "ip=… gateway=…".to_owned(),
            Guest::Hermit => format!("ip=… gateway=… -- {joined}"),
            // Its arguments go by a disk for urunit.
            Guest::Freebsd => "vfs.root.mountfrom=…".to_owned(),
        })
    }

    fn unikraft(&self, words: &[String]) -> String {
        let old = self.annotations.get(Key::UnikernelVersion).is_some_and(is_before_0_16_1);
        let net =
            if old { "netdev.ipv4_addr=… netdev.ipv4_gw_addr=…" } else { "netdev.ip=…" };
        let root = match (self.storage, old) {
            (Storage::Initrd { .. }, true) => "vfs.rootfs=initrd",
            (Storage::Initrd { .. }, false) => "vfs.fstab=[ \"initrd0:/:extract:::\" ]",
            (Storage::Rootfs { shared: Some("9p"), .. }, _) => "vfs.fstab=[ \"fs0:/:9pfs:::\" ]",
            _ => "",
        };
        let env = match (self.process.env.as_slice(), self.era, old) {
            ([], _, _) | (_, E24, _) | (_, E26, true) => String::new(),
            (env, _, _) => {
                let quoted: Vec<String> = env.iter().map(|entry| format!("\"{entry}\"")).collect();
                format!("env.vars=[ {} ]", quoted.join(" "))
            }
        };
        let (name, rest) = match (self.era, words.split_first()) {
            (E26, _) => ("Unikraft", words),
            (_, Some((name, rest))) => (name.as_str(), rest),
            (_, None) => ("", words),
        };
        format!("{} -- {}", filled(&[name, net, root, &env]), rest.join(" ")).trim_end().to_owned()
    }

    fn rumprun(&self, joined: &str) -> String {
        let quoted = |text: &str| {
            let json = serde_json::Value::from(text).to_string();
            match self.era {
                E26 => json,
                // As Go's encoder does unless it is told not to.
                _ => json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e"),
            }
        };
        let mut members = vec![format!("\"cmdline\":{}", quoted(joined))];
        if self.era == E26 {
            members
                .extend(self.process.env.iter().map(|entry| format!("\"env\":{}", quoted(entry))));
        }
        members.push("\"net\":{…}".to_owned());
        let point = match (self.era, self.storage) {
            (E26, Storage::Block { at, .. }) => Some(at.as_str()),
            (E26, Storage::Rootfs { .. }) => Some("/data"),
            (E26, _) => None,
            _ => Some("/data"),
        };
        if let Some(point) = point {
            members.push(format!("\"blk\":{{…,\"mountpoint\":{}}}", quoted(point)));
        }
        format!("{{{}}}", members.join(","))
    }

    fn linux(&self, words: &[String]) -> String {
        let initrd = matches!(self.storage, Storage::Initrd { .. });
        let root = match self.storage {
            Storage::Initrd { .. } | Storage::None => "",
            Storage::Block { at, .. } if at == "/" => "root=/dev/vda",
            Storage::Block { .. } | Storage::Rootfs { .. } => "root=…",
        };
        let urunit = super::process::has_urunit(words);
        let env = if urunit { String::new() } else { self.process.env.join(" ") };
        let (init, rest) = match words.split_first() {
            Some((init, rest)) => (init.as_str(), rest),
            None => ("", words),
        };
        let quoted: Vec<String> = rest
            .iter()
            .map(|word| {
                if word.contains(char::is_whitespace) { format!("'{word}'") } else { word.clone() }
            })
            .collect();
        let init = format!("{}={init}", if initrd { "rdinit" } else { "init" });
        let mut line = filled(&["panic=-1 console=…", root, "ip=…", &env, &init]);
        if !quoted.is_empty() {
            line = format!("{line} -- {}", quoted.join(" "));
        }
        line
    }
}

/// The parts that are not empty, with blanks between.
fn filled(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}
