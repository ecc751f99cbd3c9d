//! What urunc does with an image: which annotations it goes by, what it starts, and what the guest is
//! given (contract sections 1.4, 2.2 and 2.3).
//!
//! Addresses come from the runtime; they are written as `…`.

use super::eras::{self, E24, E25, E26};
use super::process::is_before_0_16_1;
use super::{
    Annotations, Block, Engine, Field, Finding, Guest, Key, Monitor, PREFIX, Process, json, rules,
    storage,
};
use crate::diag::Severity;
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
    /// The engine that calls it.
    pub engine: Engine,
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
    /// What the container's network must be.
    pub network: Network,
}

/// What the container's network must be, since Solo5 starts a guest with exactly the devices that its
/// manifest names and urunc attaches one where the container has a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// With or without one.
    Any,
    /// The guest starts only with one.
    Needed,
    /// The guest starts only without one.
    Refused,
}

impl Network {
    /// For programs.
    pub fn name(self) -> &'static str {
        match self {
            Network::Any => "any",
            Network::Needed => "needed",
            Network::Refused => "refused",
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Network::Any => "with or without",
            Network::Needed => "the guest starts only with one",
            Network::Refused => "the guest starts only without one (`--network none`)",
        })
    }
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

/// Whether urunc starts the guest in spite of an error: it ignores what was asked for, or the guest itself
/// cannot go on.
pub fn starts_in_spite_of(found: &Finding) -> bool {
    match found.slug {
        "urunc/block-unsupported"
        | "urunc/initrd-unsupported"
        | "urunc/block-at-root"
        | "urunc/no-init"
        | "unikernel/guest-mismatch"
        | "unikernel/block-format"
        | "unikernel/initrd-format" => true,
        // A `useDMBlock` that is no Boolean counts as true.
        "urunc/not-a-boolean" => found.field == Field::Annotation(Key::UseDMBlock),
        _ => false,
    }
}

/// What is known of an image beside its channels.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'f> {
    /// The process that it asks for.
    pub process: &'f Process,
    /// The architecture of its kernel.
    pub architecture: &'f str,
    /// Whether its kernel declares a network device; none where the monitor attaches one to every guest.
    pub declares_net: Option<bool>,
}

/// What every release of urunc does with an image under each engine. `stops` says what makes a release fail
/// that goes by a source.
pub fn launches(
    channels: &Channels<'_>,
    facts: Facts<'_>,
    stops: &dyn Fn(Source, &str, Engine) -> Option<String>,
) -> Vec<Launch> {
    let start = |source, era, engine, annotations: &Annotations| match stops(source, era, engine) {
        Some(why) => Err(format!("fails: {why}")),
        None => start(era, engine, annotations, facts),
    };
    let by_file = |era, engine| {
        let outcome = match channels.urunc_json {
            Ok(values) => start(Source::File, era, engine, &annotations(values)),
            Err(why) => Err(format!("runs plain runc in its place: {why}")),
        };
        Launch { era, engine, source: "/urunc.json", outcome }
    };
    let mut all = Vec::new();
    for era in [E24, E25] {
        all.push(by_file(era, Engine::Containerd));
        all.push(by_file(era, Engine::Docker));
        // nerdctl of that time makes annotations of the container out of labels, and urunc of that time
        // decodes them.
        if let Some(decoded) = decoded_labels(channels.labels) {
            let by_file = channels.urunc_json.map(annotations);
            let outcome = match &decoded {
                Ok(same) if by_file.as_ref() == Ok(same) => {
                    start(Source::File, era, Engine::Nerdctl, same)
                }
                Ok(annotations) => start(Source::Shim, era, Engine::Nerdctl, annotations),
                Err(key) => Err(format!(
                    "runs plain runc in its place: the label of `{key}` is not base64, and is decoded as such"
                )),
            };
            all.push(Launch { era, engine: Engine::Nerdctl, source: "labels", outcome });
        }
    }
    let shim = handed_over(channels);
    all.push(if is_whole(&shim) {
        let by_manifest = channels.manifest.map(annotations).unwrap_or_default();
        let source = match (is_whole(&by_manifest), by_manifest == Annotations::default()) {
            (true, _) => "annotations of the manifest",
            (false, true) => "labels",
            (false, false) => "annotations of the manifest, and labels",
        };
        let outcome = start(Source::Shim, E26, Engine::Containerd, &shim);
        Launch { era: E26, engine: Engine::Containerd, source, outcome }
    } else {
        by_file(E26, Engine::Containerd)
    });
    all.push(by_file(E26, Engine::Docker));
    all
}

/// What urunc before 2026 makes of labels that reach it as annotations: all are decoded, and the first that
/// is not base64 ends it. None where there is nothing for it to go by.
fn decoded_labels(labels: &BTreeMap<String, String>) -> Option<Result<Annotations, &'static str>> {
    let plain = annotations(labels);
    let given = Key::ALL.into_iter().filter_map(|key| Some((key, plain.get(key)?)));
    let given: Vec<(Key, &str)> = given.filter(|(_, value)| !value.is_empty()).collect();
    // `useDMBlock` alone does not make urunc look at the others.
    if given.iter().all(|(key, _)| *key == Key::UseDMBlock) {
        return None;
    }
    let mut decoded = Annotations::default();
    for (key, value) in given {
        match json::decode_value(value) {
            Some(text) => decoded.set(key, text),
            None => return Some(Err(key.short())),
        }
    }
    Some(Ok(decoded))
}

fn start(
    era: &'static str,
    engine: Engine,
    annotations: &Annotations,
    facts: Facts<'_>,
) -> Result<Start, String> {
    let named = |key: Key| {
        annotations.get(key).ok_or_else(|| format!("fails: `{}` is not set", key.short()))
    };
    let name = named(Key::UnikernelType)?;
    let guest = Guest::from_name(name)
        .filter(|guest| knows(era, guest.first_era()))
        .ok_or_else(|| format!("fails: it knows no guest `{name}`"))?;
    let name = named(Key::Hypervisor)?;
    let monitor = Monitor::from_name(name)
        .filter(|monitor| knows(era, monitor.first_era()))
        .ok_or_else(|| format!("fails: it knows no monitor `{name}`"))?;
    let kernel = named(Key::Binary)?.to_owned();
    // Only since 2026 are pairs looked at.
    if era == E26 && !guest.monitors().contains(&monitor) {
        return Err(format!("fails: it does not run {guest} on {monitor}"));
    }
    if era != E26 && engine == Engine::Docker && storage::is_old_rootfs_disk(annotations, guest) {
        return Err(
            "fails: `useDMBlock` asks for the container's rootfs as a disk, and docker's storage makes none"
                .to_owned(),
        );
    }
    let network = match (monitor, facts.declares_net) {
        (Monitor::Hvt | Monitor::Spt, Some(true)) => Network::Needed,
        (Monitor::Hvt | Monitor::Spt, Some(false)) => Network::Refused,
        _ => Network::Any,
    };
    let process = facts.process;
    let storage = storage(era, guest, monitor, annotations);
    let line = Line { era, guest, monitor, annotations, process, storage: &storage, network };
    Ok(Start {
        monitor: program(monitor, facts.architecture),
        kernel,
        command_line: line.text(),
        storage: storage.to_string(),
        network,
    })
}

/// The longest command line of a Solo5 guest, in bytes (contract section 8).
const MAX_SOLO5_LINE: usize = 8191;
/// How many of them addresses may take that are known only when the container starts.
const ADDRESSES: usize = 256;
/// What Linux reads of its command line, in bytes, on x86-64 and arm64.
const MAX_LINUX_LINE: usize = 2047;
/// The longest argument that Linux takes for a program, in bytes.
const MAX_ARGUMENT: usize = (128 << 10) - 1;

/// Whether the guest's command line fits, for each release that starts it.
pub fn check_command_line(annotations: &Annotations, process: &Process) -> Option<Finding> {
    let guest = annotations.get(Key::UnikernelType).and_then(Guest::from_name)?;
    let monitor = annotations.get(Key::Hypervisor).and_then(Monitor::from_name)?;
    let length = |era: &'static str| {
        let storage = storage(era, guest, monitor, annotations);
        let network = Network::Any;
        let line = Line { era, guest, monitor, annotations, process, storage: &storage, network };
        let known = knows(era, guest.first_era()) && knows(era, monitor.first_era());
        if known { line.text().map_or(0, |text| text.len()) } else { 0 }
    };
    let lengths = eras::ALL.iter().map(|era| (*era, length(era)));
    let lengths: Vec<(&'static str, usize)> = lengths.collect();
    let help = "shorten the arguments, or put them in a file of the guest";
    // A finding for the releases whose line is longer than this.
    let longer = |severity, who: &str, limit: usize, above: usize, why: &str| {
        let long = lengths.iter().filter(|(_, length)| *length > above);
        let long: Vec<(&'static str, usize)> = long.copied().collect();
        let longest = long.iter().map(|(_, length)| *length).max()?;
        let title = format!("the command line has {longest} bytes, and {who} {limit}");
        let finding = Finding::new(severity, "urunc/command-line", process.args_from, title);
        let eras = eras::those(|era| long.iter().any(|(known, _)| *known == era));
        Some(finding.why(why).help(help).only_in(eras))
    };
    let found = match monitor {
        Monitor::Hvt | Monitor::Spt => {
            let who = format!("solo5-{monitor} takes");
            let limit = MAX_SOLO5_LINE;
            let why = "it ends with \"Guest command line too long\"; what urunc adds for the network counts as well";
            longer(Severity::Error, &who, limit, limit, why).or_else(|| {
                let why = "the addresses that urunc adds may make it too long";
                longer(Severity::Warning, &who, limit, limit - ADDRESSES, why)
            })
        }
        Monitor::Qemu | Monitor::CloudHypervisor => {
            let why = "the system refuses to start the monitor: \"argument list too long\"";
            let who = "an argument of the monitor may have";
            longer(Severity::Error, who, MAX_ARGUMENT, MAX_ARGUMENT, why)
        }
        Monitor::Firecracker | Monitor::HyperlightUnikraft => None,
    };
    let cut_off = || {
        let why = "the kernel cuts off the rest, or the monitor refuses it";
        let linux = longer(Severity::Warning, "linux reads", MAX_LINUX_LINE, MAX_LINUX_LINE, why);
        linux.filter(|_| guest == Guest::Linux)
    };
    found.or_else(cut_off)
}

/// Whether a release knows what came with `first`.
fn knows(era: &str, first: &str) -> bool {
    eras::since(eras::ALL, first).contains(&era)
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
    network: Network,
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
                let (net, gateway) = if self.network == Network::Refused {
                    (String::new(), String::new())
                } else if device == "service" || self.era != E26 {
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
        // The words of the environment are not quoted, and come before everything else.
        let env = match (self.era, old) {
            (E24, _) | (E26, true) => String::new(),
            _ => format!("env.vars=[ {} ]", self.environment().join(" ")),
        };
        let (name, rest) = match (self.era, words.split_first()) {
            (E26, _) => ("Unikraft", words),
            (_, Some((name, rest))) => (name.as_str(), rest),
            (_, None) => ("", words),
        };
        format!("{} -- {}", filled(&[name, &env, net, root]), rest.join(" ")).trim_end().to_owned()
    }

    /// The environment of the process: engines put `PATH` and `HOSTNAME` before what the image sets.
    fn environment(&self) -> Vec<String> {
        let set =
            |name: &str| self.process.env.iter().any(|entry| entry.split('=').next() == Some(name));
        let engine = ["PATH", "HOSTNAME"].into_iter().filter(|name| !set(name));
        let engine = engine.map(|name| format!("{name}=…"));
        engine.chain(self.process.env.iter().cloned()).collect()
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
            let environment = self.environment();
            members.extend(environment.iter().map(|entry| format!("\"env\":{}", quoted(entry))));
        }
        if self.network != Network::Refused {
            members.push("\"net\":{…}".to_owned());
        }
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
        let root = match (self.storage, self.era) {
            (Storage::None, _) | (Storage::Initrd { .. }, E26) => "",
            (Storage::Initrd { .. }, _) => "root=/dev/ram0 rw",
            (_, E24 | E25) => "root=/dev/vda rw",
            (Storage::Block { at, .. }, _) if at == "/" => "root=/dev/vda",
            (Storage::Block { .. } | Storage::Rootfs { .. }, _) => "root=…",
        };
        // Since 2026 urunit is given the environment in a file.
        let urunit = self.era == E26 && super::process::has_urunit(words);
        let env = if urunit { String::new() } else { self.environment().join(" ") };
        let (init, rest) = match words.split_first() {
            Some((init, rest)) => (init.as_str(), rest),
            None => ("", words),
        };
        // urunit puts such words together again.
        let quoted = rest.iter().map(|word| match word.trim() {
            word if word.contains(' ') => format!("'{word}'"),
            _ => word.clone(),
        });
        let quoted: Vec<String> = quoted.collect();
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
