//! What urunc does with an image: which annotations it goes by, what it starts, and what the guest is
//! given (contract sections 1.4, 2.2 and 2.3).
//!
//! Addresses come from the runtime; they are written as `…`.

use super::eras::{E24, E25, E26};
use super::process::is_before_0_16_1;
use super::{Annotations, Block, Guest, Key, Monitor, PREFIX, Process, rules};
use crate::diag::Severity;
use std::collections::BTreeMap;

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
fn is_whole(annotations: &Annotations) -> bool {
    let required = [Key::UnikernelType, Key::Hypervisor, Key::Binary];
    required.into_iter().all(|key| annotations.get(key).is_some())
}

/// The annotations that the shim of 2026 hands over: those of the manifest, and labels for what it lacks.
pub fn handed_over(channels: &Channels<'_>) -> Annotations {
    let mut all = channels.labels.clone();
    all.extend(channels.manifest.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    annotations(&all)
}

/// What every release of urunc does with an image.
pub fn launches(channels: &Channels<'_>, process: &Process, architecture: &str) -> Vec<Launch> {
    let by_file = |era, engine| {
        let outcome = match channels.urunc_json {
            Ok(values) => start(era, &annotations(values), process, architecture),
            Err(why) => Err(format!("runs plain runc in its place: {why}")),
        };
        Launch { era, engine, source: "/urunc.json", outcome }
    };
    let shim = handed_over(channels);
    let containerd = if is_whole(&shim) {
        let manifest = channels.manifest.is_some_and(|values| is_whole(&annotations(values)));
        let source = if manifest { "annotations of the manifest" } else { "labels" };
        let outcome = start(E26, &shim, process, architecture);
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
    let missing = [Key::UnikernelType, Key::Hypervisor, Key::Binary]
        .into_iter()
        .find(|key| annotations.get(*key).is_none());
    if let Some(key) = missing {
        return Err(format!("fails: `{}` is missing", key.short()));
    }
    let broken = rules::check(annotations).into_iter().find(|finding| {
        let eras = finding.diagnostic().eras;
        finding.severity == Severity::Error && eras.contains(&era)
    });
    if let Some(finding) = broken {
        return Err(format!("fails: {}", finding.title));
    }
    let known = annotations.get(Key::UnikernelType).and_then(Guest::from_name);
    let monitor = annotations.get(Key::Hypervisor).and_then(Monitor::from_name);
    let (Some(guest), Some(monitor)) = (known, monitor) else {
        return Err("fails: it knows no such guest or monitor".to_owned());
    };
    if !knows(era, guest, monitor) {
        return Err(format!("fails: it does not run {guest} on {monitor} yet"));
    }
    let line = Line { era, guest, monitor, annotations, process };
    Ok(Start {
        monitor: program(monitor, architecture),
        kernel: annotations.get(Key::Binary).unwrap_or("").to_owned(),
        storage: storage(era, guest, monitor, annotations),
        command_line: line.text(),
    })
}

/// The first release that runs a pair (contract section 2.1).
fn knows(era: &str, guest: Guest, monitor: Monitor) -> bool {
    let first = match (guest, monitor) {
        (_, Monitor::CloudHypervisor | Monitor::HyperlightUnikraft)
        | (Guest::Hermit | Guest::Freebsd, _) => E26,
        (Guest::Mewz | Guest::Linux, _) => E25,
        (Guest::Rumprun | Guest::Unikraft | Guest::Mirage, _) => E24,
    };
    let order = |era: &str| [E24, E25, E26].iter().position(|known| *known == era);
    order(era) >= order(first)
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

/// The storage that urunc picks; of those that are asked for, the first it can give (section 2.2).
fn storage(era: &str, guest: Guest, monitor: Monitor, annotations: &Annotations) -> String {
    let flag = if era == E26 { Key::MountRootfs } else { Key::UseDMBlock };
    // An absent `useDMBlock` counts as true.
    let mounts = annotations.get(flag).and_then(rules::parse_bool).unwrap_or(era != E26);
    let initrd = annotations.get(Key::Initrd);
    let block = annotations.get(Key::Block);
    let point = annotations.get(Key::BlkMntPoint).unwrap_or("");
    let takes_block = guest.block() != Block::Never;
    if let Some(initrd) = initrd {
        return if guest.takes_initrd() { format!("initrd {initrd}") } else { "none".to_owned() };
    }
    let at = match (guest, era) {
        (Guest::Rumprun, E24 | E25) => "/data",
        _ => point,
    };
    if let Some(block) = block
        && takes_block
        && (at == "/" || !mounts || era != E26)
    {
        return match at {
            "" => format!("block image {block}"),
            at => format!("block image {block} at {at}"),
        };
    }
    if mounts && guest.takes_rootfs() {
        let snapshotter =
            "the container's rootfs as a block device, where the snapshotter makes one";
        let shared = match (guest, monitor) {
            (Guest::Linux, Monitor::Qemu | Monitor::CloudHypervisor) => Some("virtiofs"),
            (Guest::Unikraft | Guest::Freebsd, Monitor::Qemu) => Some("9p"),
            _ => None,
        };
        return match (guest.takes_rootfs_as_block(), shared) {
            (true, Some(shared)) if era == E26 => format!("{snapshotter}; else by {shared}"),
            (true, _) => snapshotter.to_owned(),
            (false, Some(shared)) if era != E24 => format!("the container's rootfs by {shared}"),
            (false, _) => "none".to_owned(),
        };
    }
    "none".to_owned()
}

struct Line<'l> {
    era: &'static str,
    guest: Guest,
    monitor: Monitor,
    annotations: &'l Annotations,
    process: &'l Process,
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
            Guest::Freebsd => "vfs.root.mountfrom=…; arguments by urunit's disk".to_owned(),
        })
    }

    fn unikraft(&self, words: &[String]) -> String {
        let old = self.annotations.get(Key::UnikernelVersion).is_some_and(is_before_0_16_1);
        let net =
            if old { "netdev.ipv4_addr=… netdev.ipv4_gw_addr=…" } else { "netdev.ip=…" };
        let root = match (self.annotations.get(Key::Initrd), old) {
            (Some(_), true) => "vfs.rootfs=initrd",
            (Some(_), false) => "vfs.fstab=[ \"initrd0:/:extract:::\" ]",
            (None, _) => "",
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
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut members = vec![format!("\"cmdline\":{}", quoted(joined))];
        if self.era == E26 {
            members
                .extend(self.process.env.iter().map(|entry| format!("\"env\":{}", quoted(entry))));
        }
        members.push("\"net\":{…}".to_owned());
        let block = self.annotations.get(Key::Block).is_some();
        if self.era != E26 || block {
            let point = match self.era {
                E26 => self.annotations.get(Key::BlkMntPoint).unwrap_or("/data"),
                _ => "/data",
            };
            members.push(format!("\"blk\":{{…,\"mountpoint\":{}}}", quoted(point)));
        }
        format!("{{{}}}", members.join(","))
    }

    fn linux(&self, words: &[String]) -> String {
        let initrd = self.annotations.get(Key::Initrd).is_some();
        let root = match (initrd, self.annotations.get(Key::BlkMntPoint)) {
            (true, _) => "",
            (false, Some("/")) => "root=/dev/vda",
            (false, _) => "root=…",
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
