//! What each release of urunc does with an image under each engine: every observation of contract sections
//! 7 and 8, with its neighbours. `tests/foreign/verdicts` pins verdict and reason, row by row.

use crate::foreign::{PREFIX, docker_archive, inspect, member, said, urunc_json};
use crate::support::{Device, Expectations, Folder, TAP, kernel, solo5};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use tar::EntryType;

const ROOTFS: Device<'static> = ("rootfs", 1);
const SERVICE: Device<'static> = ("service", 2);
const STORAGE: Device<'static> = ("storage", 1);

/// An image that every release starts under every engine, and what is to be changed about it.
struct Image {
    values: BTreeMap<String, String>,
    urunc_json: Option<Vec<u8>>,
    kernel: Vec<u8>,
    kernel_mode: u32,
    members: Vec<(String, EntryType, u32, String, Vec<u8>)>,
    process: Value,
    architecture: &'static str,
    os: &'static str,
}

impl Image {
    /// rumprun on hvt, with the network device that an ordinary container gives it.
    fn new() -> Self {
        let values = said(&[
            ("unikernelType", "rumprun"),
            ("hypervisor", "hvt"),
            ("binary", "/unikernel/kernel"),
            ("cmdline", "hello"),
            ("useDMBlock", "false"),
            ("mountRootfs", "false"),
        ]);
        Image {
            values,
            urunc_json: None,
            kernel: solo5(1, &[TAP]),
            kernel_mode: 0o644,
            members: Vec::new(),
            process: json!({ "Cmd": ["hello"] }),
            architecture: "amd64",
            os: "linux",
        }
    }

    /// Another guest with a kernel that its monitor starts.
    fn guest(guest: &str, monitor: &str) -> Self {
        let image = Image::new().with("unikernelType", guest).with("hypervisor", monitor);
        match (guest, monitor) {
            ("mirage", "hvt") => image.kernel(solo5(1, &[SERVICE])),
            (_, "hvt") => image,
            (_, "spt") => image.kernel(solo5(2, &[TAP])),
            _ => image.kernel(kernel()),
        }
    }

    fn with(mut self, key: &str, value: &str) -> Self {
        self.values.insert(format!("{PREFIX}{key}"), value.to_owned());
        self
    }

    fn without(mut self, key: &str) -> Self {
        self.values.remove(&format!("{PREFIX}{key}"));
        self
    }

    fn kernel(mut self, kernel: Vec<u8>) -> Self {
        self.kernel = kernel;
        self
    }

    fn mode(mut self, mode: u32) -> Self {
        self.kernel_mode = mode;
        self
    }

    fn json(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.urunc_json = Some(text.into());
        self
    }

    /// `/urunc.json` in which one encoded value is replaced by other JSON.
    fn json_with(self, key: &str, value: Value) -> Self {
        let mut members: BTreeMap<String, Value> = self
            .values
            .iter()
            .map(|(key, value)| (key.clone(), json!(STANDARD.encode(value))))
            .collect();
        members.insert(format!("{PREFIX}{key}"), value);
        self.json(serde_json::to_vec(&members).unwrap())
    }

    fn file(mut self, path: &str, mode: u32, bytes: &[u8]) -> Self {
        let member = (path.to_owned(), EntryType::Regular, mode, String::new(), bytes.to_vec());
        self.members.push(member);
        self
    }

    fn folder(mut self, path: &str, mode: u32) -> Self {
        let member = (path.to_owned(), EntryType::Directory, mode, String::new(), Vec::new());
        self.members.push(member);
        self
    }

    fn link(mut self, path: &str, target: &str) -> Self {
        let member = (path.to_owned(), EntryType::Symlink, 0o777, target.to_owned(), Vec::new());
        self.members.push(member);
        self
    }

    /// A block image of this many bytes at `/unikernel/disk`.
    fn disk(self, size: usize, mode: u32) -> Self {
        self.with("block", "/unikernel/disk").with("blkMntPoint", "/data").file(
            "unikernel/disk",
            mode,
            &vec![0; size],
        )
    }

    fn process(mut self, key: &str, value: Value) -> Self {
        self.process[key] = value;
        self
    }

    /// What is said is also a label, in this form.
    fn labels(self, form: impl Fn(&str) -> String) -> Self {
        let labels: BTreeMap<String, String> =
            self.values.iter().map(|(key, value)| (key.clone(), form(value))).collect();
        self.process("Labels", json!(labels))
    }

    fn archive(&self) -> Vec<u8> {
        let mut layer = Vec::new();
        for (path, kind, mode, target, bytes) in &self.members {
            member(&mut layer, path, *kind, *mode, target, bytes);
        }
        let binary = self.values.get(&format!("{PREFIX}binary")).map_or("", String::as_str);
        let stays = self.members.iter().any(|(path, ..)| path == "kernel-is-elsewhere");
        let place = if stays { "unikernel/kernel" } else { binary.trim_matches('/') };
        if !place.is_empty() {
            member(&mut layer, place, EntryType::Regular, self.kernel_mode, "", &self.kernel);
        }
        let text = self.urunc_json.clone().unwrap_or_else(|| urunc_json(&self.values));
        if !text.is_empty() {
            member(&mut layer, "urunc.json", EntryType::Regular, 0o644, "", &text);
        }
        layer.extend([0; 1024]);
        let id: String = Sha256::digest(&layer).iter().map(|byte| format!("{byte:02x}")).collect();
        let config = json!({
            "architecture": self.architecture, "os": self.os, "config": self.process,
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{id}")] },
        });
        docker_archive("a:1", config.to_string().as_bytes(), &[layer], false)
    }

    /// The kernel stays at `/unikernel/kernel`, whatever `binary` says.
    fn elsewhere(self, binary: &str) -> Self {
        self.with("binary", binary).folder("kernel-is-elsewhere", 0o755)
    }
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn rows() -> Vec<(&'static str, Image)> {
    let new = Image::new;
    let long = |length: usize| json!(["x".repeat(length)]);
    // What rumprun's JSON and its network take of 8191 bytes in the newest release.
    let passwd = b"root:x:0:0::/:\nweb:x:33:33::/:\n";
    vec![
        ("nothing special", new()),
        ("spt", Image::guest("rumprun", "spt")),
        ("mirage", Image::guest("mirage", "hvt")),
        ("unikraft", Image::guest("unikraft", "qemu")),
        ("linux", Image::guest("linux", "qemu")),
        ("mewz", Image::guest("mewz", "qemu")),
        ("linux on cloud-hypervisor", Image::guest("linux", "cloud-hypervisor")),
        // /urunc.json
        ("no urunc.json", new().json("")),
        ("urunc.json in plain text", new().json(serde_json::to_vec(&new().values).unwrap())),
        ("one plain value", new().json_with("hypervisor", json!("hvt"))),
        ("one plain value that is base64 as well", new().json_with("cmdline", json!("true"))),
        ("a Boolean in JSON", new().json_with("useDMBlock", json!(false))),
        ("a number for a known key", new().json_with("block", json!(1))),
        ("base64 without padding", new().json_with("hypervisor", json!("aHZ0IQ"))),
        ("base64 for URLs", new().json_with("cmdline", json!("Pz8_"))),
        (
            "base64 with line breaks",
            new().json_with("binary", json!("L3VuaWtl\ncm5lbC9r\r\nZXJuZWw=")),
        ),
        ("base64 with a blank", new().json_with("binary", json!("L3VuaWtl cm5lbC9rZXJuZWw="))),
        ("null for an optional key", new().json_with("block", Value::Null)),
        ("null for a required key", new().json_with("hypervisor", Value::Null)),
        ("a number for an unknown key", new().json_with("new", json!(7))),
        ("a list for an unknown key", new().json_with("new", json!([1]))),
        (
            "empty optional values",
            new().with("block", "").with("initrd", "").with("blkMntPoint", ""),
        ),
        ("a value that ends in a newline", new().with("hypervisor", "hvt\n")),
        ("urunc.json is a list", new().json("[]")),
        ("urunc.json is cut off", new().json("{\"com.urunc.unikernel.binary\":")),
        (
            "urunc.json is an absolute symlink",
            new().json("").link("urunc.json", "/unikernel/kernel"),
        ),
        ("urunc.json is a folder", new().json("").folder("urunc.json", 0o755)),
        // Required values
        ("no type", new().without("unikernelType")),
        ("an unknown type", new().with("unikernelType", "fancy")),
        ("no hypervisor", new().without("hypervisor")),
        ("hypervisor hedge", new().with("hypervisor", "hedge")),
        ("no binary", new().without("binary").file("unikernel/kernel", 0o644, b"x")),
        ("no cmdline", new().without("cmdline")),
        // Pairs: only 2026 looks at them.
        ("unikraft on hvt", new().with("unikernelType", "unikraft")),
        ("rumprun on qemu", Image::guest("rumprun", "qemu")),
        ("rumprun on firecracker", Image::guest("rumprun", "firecracker")),
        ("mewz on hvt", new().with("unikernelType", "mewz")),
        ("hermit on qemu", Image::guest("hermit", "qemu")),
        ("freebsd on qemu", Image::guest("freebsd", "qemu")),
        // What the pair does not use
        ("initrd on hvt", new().with("initrd", "/unikernel/kernel")),
        ("block for unikraft", Image::guest("unikraft", "qemu").disk(512, 0o644)),
        ("block for mewz", Image::guest("mewz", "qemu").disk(512, 0o644)),
        // The kernel
        ("a kernel for the other tender", new().kernel(solo5(2, &[TAP]))),
        ("a kernel that is no Solo5 guest", new().kernel(kernel())),
        ("a Solo5 kernel that is cut off", new().kernel(solo5(1, &[TAP])[..400].to_vec())),
        ("an empty kernel", new().kernel(Vec::new())),
        ("arm64 in the config", Image { architecture: "arm64", ..new() }),
        (
            "arm64 in the config, qemu",
            Image { architecture: "arm64", ..Image::guest("linux", "qemu") },
        ),
        // Solo5's devices
        ("rumprun without a network device", new().kernel(solo5(1, &[]))),
        (
            "rumprun on spt without a network device",
            Image::guest("rumprun", "spt").kernel(solo5(2, &[])),
        ),
        ("mirage without a network device", Image::guest("mirage", "hvt").kernel(solo5(1, &[]))),
        ("rumprun whose network device has another name", new().kernel(solo5(1, &[("net0", 2)]))),
        (
            "mirage whose network device is named by an annotation",
            Image::guest("mirage", "hvt")
                .kernel(solo5(1, &[("net0", 2)]))
                .with("solo5NetDev", "net0"),
        ),
        (
            "a block image for a guest that declares another name",
            new().kernel(solo5(1, &[TAP, ("disk", 1)])).disk(512, 0o644),
        ),
        ("a block image for a guest without a block device", new().disk(512, 0o644)),
        ("a block device without a block image", new().kernel(solo5(1, &[TAP, ROOTFS]))),
        ("two network devices", new().kernel(solo5(1, &[TAP, ("tap1", 2)]))),
        // The block image
        ("a block image", new().kernel(solo5(1, &[TAP, ROOTFS])).disk(1024, 0o644)),
        ("a block image of 100 bytes", new().kernel(solo5(1, &[TAP, ROOTFS])).disk(100, 0o644)),
        (
            "a block image of 100 bytes on spt",
            Image::guest("mirage", "spt").kernel(solo5(2, &[SERVICE, STORAGE])).disk(100, 0o644),
        ),
        (
            "a block image of 513 bytes on firecracker",
            Image::guest("linux", "firecracker").disk(513, 0o644),
        ),
        ("a block image of 100 bytes on qemu", Image::guest("linux", "qemu").disk(100, 0o644)),
        ("an empty block image", new().kernel(solo5(1, &[TAP, ROOTFS])).disk(0, 0o644)),
        // useDMBlock
        ("no useDMBlock, rumprun", new().without("useDMBlock")),
        ("no useDMBlock, mirage", Image::guest("mirage", "hvt").without("useDMBlock")),
        ("no useDMBlock, linux", Image::guest("linux", "qemu").without("useDMBlock")),
        ("no useDMBlock, unikraft", Image::guest("unikraft", "qemu").without("useDMBlock")),
        ("useDMBlock = true", new().with("useDMBlock", "true")),
        ("useDMBlock = no", new().with("useDMBlock", "no")),
        ("an empty useDMBlock", new().with("useDMBlock", "")),
        (
            "no useDMBlock beside a block image",
            new().kernel(solo5(1, &[TAP, ROOTFS])).disk(512, 0o644).without("useDMBlock"),
        ),
        ("mountRootfs = no", new().with("mountRootfs", "no")),
        ("mountRootfs = true, mirage", Image::guest("mirage", "hvt").with("mountRootfs", "true")),
        // Paths
        ("binary is not in the image", new().elsewhere("/unikernel/other")),
        ("binary has a blank", new().with("binary", "/unikernel/a b")),
        ("binary is not ASCII", new().with("binary", "/unikernel/kérnel")),
        ("binary has a plus", new().with("binary", "/unikernel/a+b")),
        ("binary has ..", new().elsewhere("/unikernel/../unikernel/kernel")),
        ("binary leaves the image by ..", new().elsewhere("/../../unikernel/kernel")),
        ("binary has .. behind nothing", new().elsewhere("/nothing/../unikernel/kernel")),
        ("binary has //", new().elsewhere("//unikernel//kernel")),
        ("binary has a slash at its end", new().elsewhere("/unikernel/kernel/")),
        ("binary goes through a file", new().elsewhere("/unikernel/kernel/x")),
        ("binary is a folder", new().elsewhere("/unikernel")),
        ("binary is a symlink", new().elsewhere("/k").link("k", "unikernel/kernel")),
        ("binary is a symlink to nothing", new().elsewhere("/k").link("k", "unikernel/nothing")),
        ("binary is a circle of symlinks", new().elsewhere("/k").link("k", "l").link("l", "k")),
        (
            "binary is a symlink to a name with a plus",
            new().elsewhere("/k").link("k", "u/a+b").file("u/a+b", 0o644, &solo5(1, &[TAP])),
        ),
        // Places
        ("a kernel below /dev", new().with("binary", "/dev/kernel")),
        ("a kernel below /tmp", new().with("binary", "/tmp/kernel")),
        ("a kernel below /lib", new().with("binary", "/lib/kernel")),
        ("a kernel below /lib64", new().with("binary", "/lib64/x/kernel")),
        ("a kernel below /usr/lib", new().with("binary", "/usr/lib/kernel")),
        (
            "a kernel below /lib on firecracker",
            Image::guest("unikraft", "firecracker").with("binary", "/lib/kernel"),
        ),
        ("a kernel below /usr/share", new().with("binary", "/usr/share/kernel")),
        (
            "a kernel below /usr/share/qemu on qemu",
            Image::guest("unikraft", "qemu").with("binary", "/usr/share/qemu/kernel"),
        ),
        ("a kernel below /old_root", new().with("binary", "/old_root/kernel")),
        ("/lib is a symlink to the kernel's folder", new().link("lib", "unikernel")),
        ("/lib64 is a symlink to the kernel's folder", new().link("lib64", "unikernel")),
        ("/usr/lib is a symlink to the kernel's folder", new().link("usr/lib", "../unikernel")),
        (
            "/usr is a symlink above the kernel's folder",
            new().link("usr", "u").with("binary", "/u/lib/kernel"),
        ),
        ("/tmp is a symlink to the kernel's folder", new().link("tmp", "unikernel")),
        ("/dev is a symlink to the kernel's folder", new().link("dev", "unikernel")),
        ("/old_root is a symlink to the kernel's folder", new().link("old_root", "unikernel")),
        ("/lib is a symlink to another folder", new().folder("libs", 0o755).link("lib", "libs")),
        ("/lib64 is an absolute symlink", new().link("lib64", "/usr/lib64")),
        ("/lib64 is a dangling symlink", new().link("lib64", "nothing")),
        ("/lib64 is a circle of symlinks", new().link("lib64", "lib64")),
        ("/dev is a file", new().file("dev", 0o644, b"x")),
        ("/dev is an absolute symlink", new().link("dev", "/devices")),
        ("/tmp is a file", new().file("tmp", 0o644, b"x")),
        ("/usr is a file", new().file("usr", 0o644, b"x")),
        ("/usr/lib is a file", new().file("usr/lib", 0o644, b"x")),
        ("/old_root is a file", new().file("old_root", 0o644, b"x")),
        ("the kernel is /etc/hostname", new().with("binary", "/etc/hostname")),
        ("the kernel is /etc/hosts", new().with("binary", "/etc/hosts")),
        ("the kernel is /etc/resolv.conf", new().with("binary", "/etc/resolv.conf")),
        ("/etc/hosts is a symlink to the kernel", new().link("etc/hosts", "../unikernel/kernel")),
        ("the kernel is /etc/kernel", new().with("binary", "/etc/kernel")),
        // The user
        ("mode 0444", new().mode(0o444)),
        ("mode 0600", new().mode(0o600)),
        ("user 1000, kernel 0600", new().mode(0o600).process("User", json!("1000"))),
        ("user 1000, kernel 0640", new().mode(0o640).process("User", json!("1000"))),
        ("user 1000:1000, kernel 0640", new().mode(0o640).process("User", json!("1000:1000"))),
        ("user 1000, folder 0700", new().folder("unikernel", 0o700).process("User", json!("1000"))),
        ("user 1000, folder 0710", new().folder("unikernel", 0o710).process("User", json!("1000"))),
        (
            "user 1000, block image 0444",
            new().kernel(solo5(1, &[TAP, ROOTFS])).disk(512, 0o444).process("User", json!("1000")),
        ),
        (
            "user 1000, block image 0666",
            new().kernel(solo5(1, &[TAP, ROOTFS])).disk(512, 0o666).process("User", json!("1000")),
        ),
        ("user nobody, no /etc/passwd", new().process("User", json!("nobody"))),
        (
            "user nobody, not in /etc/passwd",
            new().file("etc/passwd", 0o644, passwd).process("User", json!("nobody")),
        ),
        (
            "user web in /etc/passwd",
            new().file("etc/passwd", 0o644, passwd).process("User", json!("web")),
        ),
        ("user 1000:kvm, no /etc/group", new().process("User", json!("1000:kvm"))),
        ("user 3000000000", new().process("User", json!("3000000000"))),
        // The process
        ("no Cmd", new().process("Cmd", json!([]))),
        ("Cmd of two empty words", new().process("Cmd", json!(["", ""]))),
        ("Cmd of words with blanks", new().process("Cmd", json!(["a b", "c"]))),
        ("Entrypoint and Cmd", new().process("Entrypoint", json!(["e"]))),
        ("os windows", Image { os: "windows", ..new() }),
        ("os qemu", Image { os: "qemu", ..new() }),
        (
            "unikraft with an environment",
            Image::guest("unikraft", "qemu").process("Env", json!(["A=b c", "PATH=/bin"])),
        ),
        (
            "linux with an environment",
            Image::guest("linux", "qemu")
                .process("Env", json!(["A=b"]))
                .process("Cmd", json!(["/init", "a b", "c\td"])),
        ),
        // Lengths
        ("a word of 8000 bytes", new().process("Cmd", long(8000))),
        ("a word of 8192 bytes", new().process("Cmd", long(8192))),
        ("a word of 8192 bytes, mirage", Image::guest("mirage", "hvt").process("Cmd", long(8192))),
        (
            "a word of 2100 bytes, linux",
            Image::guest("linux", "qemu").process("Cmd", json!(["/init", "x".repeat(2100)])),
        ),
        (
            "a word of 200 KB, unikraft",
            Image::guest("unikraft", "qemu").process("Cmd", long(200_000)),
        ),
        ("a label of 4096 bytes", new().process("Labels", json!({ "a": "x".repeat(4095) }))),
        ("a label of 4097 bytes", new().process("Labels", json!({ "a": "x".repeat(4096) }))),
        // Labels that nerdctl makes annotations of
        ("labels in plain text", new().labels(str::to_owned)),
        ("labels in base64", new().labels(|value| STANDARD.encode(value))),
        (
            "only useDMBlock as a label",
            new().process("Labels", json!({ format!("{PREFIX}useDMBlock"): "true" })),
        ),
    ]
}

#[test]
fn every_observation_of_the_contract() {
    let folder = Folder::new();
    let mut table = String::new();
    for (given, image) in rows() {
        folder.write("image", image.archive());
        let (code, json, said) = inspect(&folder, &["image", "--json"]);
        let json: Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{given}: {said}"));
        writeln!(table, "{given}").unwrap();
        let mut verdicts: Vec<(String, Vec<String>)> = Vec::new();
        for launch in json["urunc"].as_array().unwrap() {
            let who = format!("{} {}", text(&launch["era"]), text(&launch["engine"]));
            let verdict = verdict(launch);
            match verdicts.iter_mut().find(|(known, _)| *known == verdict) {
                Some((_, all)) => all.push(who),
                None => verdicts.push((verdict, vec![who])),
            }
        }
        for (verdict, who) in verdicts {
            writeln!(table, "  {}: {verdict}", who.join(", ")).unwrap();
        }
        let findings =
            json["findings"].as_array().unwrap().iter().filter(|found| found["severity"] != "note");
        let codes: Vec<&str> = findings.map(|found| text(&found["code"])).collect();
        writeln!(table, "  exit {}, {}", code.unwrap(), codes.join(" ")).unwrap();
    }
    let mut expectations = Expectations::default();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign/verdicts");
    expectations.check(&file, &table);
    expectations.finish();
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn verdict(launch: &Value) -> String {
    if let Some(why) = launch["fails"].as_str() {
        return why.replace('\n', "\\n");
    }
    let mut line = text(&launch["commandLine"]).to_owned();
    if line.len() > 200 {
        line = format!("{} bytes", line.len());
    }
    let network = match text(&launch["network"]) {
        "any" => "",
        "needed" => " with a network",
        _ => " without a network",
    };
    let storage = match text(&launch["storage"]) {
        "none" => String::new(),
        storage => format!(", {storage}"),
    };
    format!("starts {}{network}{storage}: {line}", text(&launch["monitor"]))
}
