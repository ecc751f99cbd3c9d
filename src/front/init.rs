//! From boot files to the args.nix that describes them.
//!
//! In: what the bytes of a kernel, an initrd and a block image say, and where these files are. Out: the
//! text of an args.nix that passes every check, with a comment for what was seen and what was assumed.
//! What always holds: nothing is asked and nothing is made up; a kernel about which too little is known
//! is refused with what it lacks.

use super::convert::quoted;
use crate::diag::{Diagnostic, Severity};
use crate::explain::code;
use crate::judge::{self, BootFiles};
use crate::recipe::base::{BaseConfig, UnikraftImage};
use crate::unikernel::{BootProtocol, Device, DeviceKind, Format, Guest, Unikernel};
use crate::urunc::{self, Annotations, Help, Key, Monitor};
use std::fmt::Write as _;

/// The args.nix for a project that has no kernel yet.
pub const TEMPLATE: &str = include_str!("../../nix/template/args.nix");

/// Where the boot files are, as an args.nix names them.
#[derive(Debug)]
pub struct Sources {
    /// The kernel.
    pub kernel: String,
    /// The initrd.
    pub initrd: Option<String>,
    /// The block image.
    pub block: Option<String>,
    /// The image that they are in, if they are not files: the others are paths in it then.
    pub base: Option<Base>,
}

/// An image that has the boot files.
#[derive(Debug)]
pub struct Base {
    image: String,
    platform: Option<String>,
    command: Vec<String>,
    guest: Option<Guest>,
    monitor: Option<Monitor>,
    version: Option<String>,
}

impl Base {
    /// The image that an args.nix names by `image`, with the platform to take if there are several.
    pub fn new(image: String, platform: Option<String>, config: BaseConfig) -> Self {
        let mut command: Vec<String> = config.entrypoint.into_iter().chain(config.cmd).collect();
        // Engines start no image without a word, and this one stands for none.
        command.retain(|word| !word.is_empty());
        let unikraft = config.unikraft.as_ref();
        let said = |key: Key| config.urunc.get(&key.full()).map(String::as_str);
        let guest = said(Key::UnikernelType).and_then(Guest::from_name);
        let monitor = said(Key::Hypervisor).and_then(Monitor::from_name);
        Base {
            image,
            platform,
            command,
            guest: guest.or_else(|| unikraft.map(|_| Guest::Unikraft)),
            monitor: monitor.or_else(|| unikraft.and_then(UnikraftImage::monitor)),
            version: unikraft.and_then(|unikraft| unikraft.version.clone()),
        }
    }
}

impl Sources {
    /// Where a boot file is in the image that is made.
    fn in_image(&self, source: &str) -> String {
        match self.base {
            Some(_) => source.to_owned(),
            None => in_image(source),
        }
    }
}

/// An annotation, and what is known about it.
struct Line {
    key: Key,
    value: String,
    comment: String,
}

/// The args.nix for these files.
///
/// # Errors
/// What is missing or wrong, so that no args.nix could describe them.
pub fn args_nix(files: &BootFiles, sources: &Sources) -> Result<String, Vec<Diagnostic>> {
    let kernel = &files.kernel;
    let refused = |diagnostic: Box<Diagnostic>| vec![diagnostic.with_subject(&sources.kernel)];
    let base = sources.base.as_ref();
    let of_base = || "as the base says".to_owned();
    let (guest, by) = match base.and_then(|base| base.guest) {
        Some(guest) if kernel.guest.is_none() => (guest, of_base()),
        _ => guest(kernel).map_err(refused)?,
    };
    let (monitor, why) = match base.and_then(|base| base.monitor) {
        Some(monitor) => (monitor, of_base()),
        None => monitor(kernel, guest).map_err(refused)?,
    };
    let mut lines = vec![
        Line { key: Key::UnikernelType, value: guest.name().to_owned(), comment: by },
        Line { key: Key::Hypervisor, value: monitor.name().to_owned(), comment: why },
        line(Key::Binary, sources.in_image(&sources.kernel)),
    ];
    // The arguments of a base are taken over.
    if sources.base.as_ref().is_none_or(|base| base.command.is_empty()) {
        lines.push(command_line(guest, sources));
    }
    let said = sources.base.as_ref().and_then(|base| base.version.clone());
    if let Some(version) = kernel.unikraft_version.as_ref().or(kernel.linux_version.as_ref()) {
        let comment = version.by.to_string();
        lines.push(Line { key: Key::UnikernelVersion, value: version.value.clone(), comment });
    } else if let Some(value) = said {
        lines.push(Line { key: Key::UnikernelVersion, value, comment: of_base() });
    }
    if let Some(initrd) = &sources.initrd {
        lines.push(line(Key::Initrd, sources.in_image(initrd)));
    }
    if let Some(block) = &sources.block {
        lines.push(line(Key::Block, sources.in_image(block)));
        lines.push(line(Key::BlkMntPoint, guest.mount_point().to_owned()));
    }
    lines.extend(devices(kernel, guest));
    let mut annotations = Annotations::default();
    for line in &lines {
        annotations.set(line.key, line.value.clone());
    }
    let findings =
        urunc::check(&annotations).into_iter().chain(judge::check_bytes(&annotations, files));
    let errors: Vec<Diagnostic> = findings
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| {
            let diagnostic = finding.diagnostic().with_subject(&sources.kernel);
            match finding.help {
                Some(Help::NameBlock) => diagnostic.with_help("name an image with `--block FILE`"),
                _ => diagnostic,
            }
        })
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(text(kernel, sources, &lines))
}

/// The args.nix for a Linux kernel that starts the program of a container image.
///
/// # Errors
/// The kernel is none of Linux.
pub fn linux(kernel: &Unikernel, source: &str, base: &Base) -> Result<String, Vec<Diagnostic>> {
    let refused = |diagnostic: Diagnostic| vec![diagnostic.with_subject(source)];
    let (guest, _) = guest(kernel).map_err(|diagnostic| refused(*diagnostic))?;
    if guest != Guest::Linux {
        let title = format!("the kernel is {guest}, and a container image needs Linux");
        let diagnostic = Diagnostic::error(code::INIT_OF_IMAGE, title);
        let help = "name a Linux kernel, or leave `--base` out";
        return Err(refused(diagnostic.with_help(help)));
    }
    let (monitor, why) = monitor(kernel, guest).map_err(|diagnostic| refused(*diagnostic))?;
    let mut lines =
        vec![Line { key: Key::Hypervisor, value: monitor.name().to_owned(), comment: why }];
    if let Some(version) = &kernel.linux_version {
        let (value, comment) = (version.value.clone(), version.by.to_string());
        lines.push(Line { key: Key::UnikernelVersion, value, comment });
    }
    let mut text = String::from("{\n");
    let mut add = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    add(&format!("  name = {};", quoted(&image_name(&base.image))));
    add("");
    add_base(base, &mut add);
    if base.command.is_empty() {
        add("  # The program that Linux starts: the base names none.");
        add("  cmd = [ \"/bin/sh\" ];");
    }
    add("");
    add(&format!("  # {}", about(kernel)));
    add(&format!("  kernel = {};", quoted(source)));
    add("");
    add(
        "  # The guest is given the files of the image; `rootfs` makes an initrd or a block image instead.",
    );
    add_annotations(&lines, &mut add);
    add("}");
    Ok(text)
}

fn line(key: Key, value: String) -> Line {
    Line { key, value, comment: String::new() }
}

fn guest(kernel: &Unikernel) -> Result<(Guest, String), Box<Diagnostic>> {
    if let Some(known) = &kernel.guest {
        let guess = if known.by.is_guess() { "probably, by" } else { "by" };
        return Ok((known.value, format!("{guess} {}", known.by)));
    }
    if kernel.solo5.is_some() {
        return Ok((Guest::Mirage, "or \"rumprun\": a Solo5 guest does not say which".to_owned()));
    }
    let why = match &kernel.program {
        Some(mark) => format!("it is a program for an operating system, known by {mark}"),
        None => format!("it is a {} without the marks of a guest", kernel.format),
    };
    let diagnostic =
        Diagnostic::error(code::INIT_UNKNOWN_GUEST, "the kernel is no guest that urunc runs")
            .with_why(why)
            .with_help(
                "name another file, or write the template with `bimanix init` and fill it in",
            );
    Err(Box::new(diagnostic))
}

fn monitor(kernel: &Unikernel, guest: Guest) -> Result<(Monitor, String), Box<Diagnostic>> {
    if let Some(abi) = kernel.solo5.as_ref().and_then(|solo5| solo5.abi) {
        let comment = format!("Solo5's target {}, version {}", abi.target, abi.version);
        return match abi.target.monitor().and_then(Monitor::from_name) {
            Some(monitor) => Ok((monitor, comment)),
            None => {
                let title = format!("urunc starts no Solo5 guests for {}", abi.target);
                Err(Box::new(
                    Diagnostic::error(code::INIT_MONITOR, title)
                        .with_help("build it for hvt, spt or virtio"),
                ))
            }
        };
    }
    let multiboot = kernel.boot.iter().any(|protocol| {
        matches!(protocol, BootProtocol::Multiboot1 { .. } | BootProtocol::Multiboot2 { .. })
    });
    if guest == Guest::Unikraft && kernel.format == Format::Elf64 && !multiboot {
        return Ok((Monitor::Firecracker, "no Multiboot header, which qemu wants".to_owned()));
    }
    let others: Vec<String> = guest
        .monitors()
        .iter()
        .filter(|monitor| !matches!(monitor, Monitor::Qemu | Monitor::Hvt | Monitor::Spt))
        .map(|monitor| format!("\"{monitor}\""))
        .collect();
    // Its header in front is for Multiboot alone.
    let only = matches!(kernel.format, Format::UnikraftElf32 { .. });
    let comment =
        if only || others.is_empty() { String::new() } else { format!("or {}", others.join(", ")) };
    Ok((Monitor::Qemu, comment))
}

fn command_line(guest: Guest, sources: &Sources) -> Line {
    let (value, comment) = match guest {
        Guest::Linux if sources.initrd.is_some() => ("/init", "the program that Linux starts"),
        Guest::Linux => ("/sbin/init", "the program that Linux starts"),
        Guest::Mewz => ("", "mewz is given no arguments"),
        _ => ("", "the arguments of the guest"),
    };
    Line { key: Key::Cmdline, value: value.to_owned(), comment: comment.to_owned() }
}

/// The names of a mirage's devices, where they are not those that urunc takes for granted.
fn devices(kernel: &Unikernel, guest: Guest) -> Vec<Line> {
    let declared = kernel.solo5.as_ref().and_then(|solo5| solo5.devices.as_deref());
    let named = |kind: DeviceKind, usual: &str, key: Key| {
        let mut of_kind = declared.unwrap_or_default().iter().filter(|device| device.kind == kind);
        let Device { name, .. } = of_kind.next()?;
        let comment = "the name in the guest's manifest".to_owned();
        (name != usual && guest == Guest::Mirage).then(|| Line {
            key,
            value: name.clone(),
            comment,
        })
    };
    let net = named(DeviceKind::Net, "service", Key::Solo5NetDev);
    let block = named(DeviceKind::Block, "storage", Key::Solo5BlkDev);
    net.into_iter().chain(block).collect()
}

fn text(kernel: &Unikernel, sources: &Sources, lines: &[Line]) -> String {
    let mut text = String::from("{\n");
    let mut add = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    let named = sources.base.as_ref().map_or(&sources.kernel, |base| &base.image);
    add(&format!("  name = {};", quoted(&image_name(named))));
    add("");
    match &sources.base {
        Some(base) => add_base(base, &mut add),
        None => {
            add("  # \"path from this folder\" = \"path in the image\"");
            add("  files = {");
            let named = [Some(&sources.kernel), sources.initrd.as_ref(), sources.block.as_ref()];
            for source in named.into_iter().flatten() {
                add(&format!("    {} = {};", quoted(source), quoted(&in_image(source))));
            }
            add("  };");
        }
    }
    add("");
    add(&format!("  # {}", about(kernel)));
    add_annotations(lines, &mut add);
    add("}");
    text
}

/// What the bytes of a kernel say.
fn about(kernel: &Unikernel) -> String {
    let architecture = kernel.architecture.as_ref().map(|known| format!(" for {}", known.value));
    let boot: Vec<String> = kernel.boot.iter().map(ToString::to_string).collect();
    let boot =
        if boot.is_empty() { String::new() } else { format!(", boots by {}", boot.join(", ")) };
    format!("The kernel: {}{}{boot}.", kernel.format, architecture.unwrap_or_default())
}

fn add_annotations(lines: &[Line], add: &mut impl FnMut(&str)) {
    add("  annotations = {");
    for Line { key, value, comment } in lines {
        let mut line = format!("    {} = {};", key.short(), quoted(value));
        if !comment.is_empty() {
            // Files may say anything about themselves.
            let comment: String = comment.chars().filter(|c| !c.is_control()).collect();
            write!(line, " # {comment}").unwrap_or_default();
        }
        add(&line);
    }
    add("  };");
}

/// The image to build on, whose layers and arguments are kept.
fn add_base(base: &Base, add: &mut impl FnMut(&str)) {
    add("  # The image to build on: its layers are kept, and so is what it says of the process.");
    match &base.platform {
        None => add(&format!("  base = {};", quoted(&base.image))),
        Some(platform) => {
            add("  base = {");
            add(&format!("    image = {};", quoted(&base.image)));
            add(&format!("    platform = {};", quoted(platform)));
            add("  };");
        }
    }
    if !base.command.is_empty() {
        let words: Vec<String> = base.command.iter().map(|word| quoted(word)).collect();
        let words: String = words.join(" ").chars().filter(|c| !c.is_control()).collect();
        add(&format!("  # The guest is given its arguments, {words}; `cmd` would replace them."));
    }
}

/// Where a boot file goes.
fn in_image(source: &str) -> String {
    let name = source.rsplit('/').next().unwrap_or(source);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let name: String = name.chars().map(|c| if plain(c) { c } else { '-' }).collect();
    format!("/unikernel/{name}")
}

/// A name for the image out of that of the kernel.
fn image_name(source: &str) -> String {
    let name = source.rsplit('/').next().unwrap_or(source);
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let words: Vec<&str> =
        stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "unikernel".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (source, name, place) in [
            ("./kernel", "kernel", "/unikernel/kernel"),
            ("/nix/store/x/Hello World.hvt", "hello-world", "/unikernel/Hello-World.hvt"),
            ("./nginx_qemu-x86_64", "nginx-qemu-x86-64", "/unikernel/nginx_qemu-x86_64"),
            ("./ü", "unikernel", "/unikernel/-"),
        ] {
            assert_eq!(image_name(source), name);
            assert_eq!(in_image(source), place);
        }
    }
}
