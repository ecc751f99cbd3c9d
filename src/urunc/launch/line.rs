//! The command line that a guest is given (contract section 2.3).

use super::super::eras::{E24, E25, E26};
use super::super::process::{has_urunit, is_before_0_16_1};
use super::super::{Annotations, Guest, Key, Monitor, Process};
use super::network::Network;
use super::storage::Storage;

/// What a command line depends on.
pub(super) struct Line<'l> {
    pub(super) era: &'static str,
    pub(super) guest: Guest,
    pub(super) monitor: Monitor,
    pub(super) annotations: &'l Annotations,
    pub(super) process: &'l Process,
    pub(super) storage: &'l Storage,
    pub(super) network: Network,
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

    /// The command line; none where the guest is given none.
    pub(super) fn text(&self) -> Option<String> {
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
                join_nonempty(&[&net, &gateway, &joined])
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
        format!("{} -- {}", join_nonempty(&[name, &env, net, root]), rest.join(" "))
            .trim_end()
            .to_owned()
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
        let urunit = self.era == E26 && has_urunit(words);
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
        let mut line = join_nonempty(&["panic=-1 console=…", root, "ip=…", &env, &init]);
        if !quoted.is_empty() {
            line = format!("{line} -- {}", quoted.join(" "));
        }
        line
    }
}

/// The parts that are not empty, with blanks between.
fn join_nonempty(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}
