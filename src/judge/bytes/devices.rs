//! Whether the devices that a Solo5 guest declares are those that urunc attaches.

use super::Check;
use crate::explain::code;
use crate::unikernel::{DeviceKind, Guest, Solo5};
use crate::urunc::eras::{E24, E25};
use crate::urunc::{Finding, Help, Key};

impl Check<'_> {
    /// Whether the devices that a Solo5 guest declares are those that it will be given.
    pub(super) fn devices(&mut self, solo5: &Solo5) {
        let (Some(guest), Some(devices)) = (self.guest, &solo5.devices) else { return };
        // A virtio guest takes what the machine has, whatever its name.
        if !self.is_for_tender() {
            return;
        }
        // Devices are attached by what is said and by what is not.
        let names = [Key::Solo5NetDev, Key::Solo5BlkDev];
        if !self.annotations.knows(&Key::STORAGE) || !self.annotations.knows(&names) {
            return;
        }
        for (kind, word) in [(DeviceKind::Net, "network"), (DeviceKind::Block, "block")] {
            let names: Vec<&str> = devices
                .iter()
                .filter(|device| device.kind == kind)
                .map(|device| device.name.as_str())
                .collect();
            match names.as_slice() {
                [] => self.missing_device(guest, kind),
                [name] => {
                    self.device(guest, kind, word, name);
                    if kind == DeviceKind::Net {
                        self.network(name);
                    }
                }
                _ => self.findings.push(
                    Finding::error(
                        code::UNIKERNEL_TOO_MANY_DEVICES,
                        Key::Binary,
                        format!("the kernel declares {} {word} devices", names.len()),
                    )
                    .why(format!(
                        "urunc attaches one, and Solo5 starts no guest without all: {}",
                        names.join(", ")
                    ))
                    .help(format!("build it with one {word} device")),
                ),
            }
        }
    }

    fn network(&mut self, name: &str) {
        let title = format!("the kernel declares the network device `{name}`");
        self.findings.push(
            Finding::note(code::UNIKERNEL_NEEDS_NETWORK, Key::Binary, title)
                .why(
                    "Solo5 starts no guest without every device of its manifest, so the container needs a \
                     network",
                )
                .help("do not run it with `--network none`"),
        );
    }

    fn missing_device(&mut self, guest: Guest, kind: DeviceKind) {
        if kind == DeviceKind::Net {
            let name = if guest == Guest::Mirage { "service" } else { "tap" };
            let title = "the kernel declares no network device, and does not start in a container with a \
                         network";
            self.findings.push(
                Finding::warning(code::UNIKERNEL_NO_NETWORK_DEVICE, Key::Binary, title)
                    .why(format!(
                        "urunc attaches `{name}` where the container has a network, as it has by default \
                         under docker, nerdctl and Kubernetes, and Solo5 ends with \"Resource not declared \
                         in manifest: '{name}'\""
                    ))
                    .help(format!(
                        "run it with `--network none`, or build it with the network device `{name}`"
                    )),
            );
        }
        if kind == DeviceKind::Block && self.annotations.get(Key::Block).is_some() {
            self.findings.push(
                Finding::error(
                    code::UNIKERNEL_NO_BLOCK_DEVICE,
                    Key::Block,
                    "the kernel declares no block device",
                )
                .because(Key::Binary)
                .why("Solo5 refuses a device that the guest's manifest does not name")
                .help(
                    "leave `block` and `blkMntPoint` out, or build the kernel with a block device",
                ),
            );
        }
    }

    fn device(&mut self, guest: Guest, kind: DeviceKind, word: &str, name: &str) {
        let (fixed, key) = match (guest, kind) {
            (Guest::Mirage, DeviceKind::Net) => ("service", Some(Key::Solo5NetDev)),
            (Guest::Mirage, _) => ("storage", Some(Key::Solo5BlkDev)),
            (_, DeviceKind::Net) => ("tap", None),
            _ => ("rootfs", None),
        };
        let given = key.and_then(|key| self.annotations.get(key)).unwrap_or(fixed);
        if given == name && fixed != name {
            let title = format!(
                "older urunc attaches `{fixed}`, and the kernel's {word} device is `{name}`"
            );
            self.findings.push(
                Finding::warning(code::UNIKERNEL_DEVICE_NAME, key.unwrap_or(Key::Binary), title)
                    .why(
                        "the annotation for the name is read since 2026; Solo5 refuses other names",
                    )
                    .help(format!("build it with the name `{fixed}` to work everywhere"))
                    .only_in(&[E24, E25]),
            );
        }
        if given != name {
            let help = match key {
                Some(key) => format!("write `{} = \"{name}\";`", key.short()),
                None => format!("build it with the name `{fixed}`"),
            };
            self.findings.push(
                Finding::error(
                    code::UNIKERNEL_DEVICE_NAME,
                    key.filter(|key| self.annotations.get(*key).is_some()).unwrap_or(Key::Binary),
                    format!("the kernel's {word} device is `{name}`, and urunc attaches `{given}`"),
                )
                .why("Solo5 attaches devices by the names in the guest's manifest")
                .help(help),
            );
        }
        if kind != DeviceKind::Block || self.annotations.get(Key::Block).is_some() {
            return;
        }
        let mounts = self.annotations.boolean(Key::MountRootfs) == Some(true);
        if guest == Guest::Rumprun && mounts {
            return;
        }
        self.findings.push(
            Finding::error(
                code::UNIKERNEL_BLOCK_MISSING,
                Key::Binary,
                format!("the kernel declares the block device `{name}`, and there is no `block`"),
            )
            .why("Solo5 starts no guest without every device of its manifest")
            .help(Help::NameBlock),
        );
    }
}
