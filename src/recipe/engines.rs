//! Ports, volumes and signals to end: what engines make of them, and urunc does not look at.

use super::Placed;
use super::draft::Draft;
use crate::diag::Report;
use crate::explain::code;

/// The signals of Linux by their names, without those of real time (moby's `signal_linux.go`).
const SIGNALS: [&str; 35] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
    "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
    "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN",
];

/// The ports, each with its protocol, as `80/tcp`.
pub(super) fn ports(draft: &Draft, report: &mut Report) -> Vec<String> {
    let mut ports = Vec::with_capacity(draft.ports.len());
    for Placed { value: text, place } in &draft.ports {
        match port(text) {
            Ok(port) => ports.push(port),
            Err(why) => {
                let title = format!("`{text}` is not a port");
                let diagnostic = place.error(code::RECIPE_PORT, title).with_why(why);
                report.push(diagnostic.with_help("write \"80\" or \"53/udp\""));
            }
        }
    }
    ports
}

/// The volumes, each an absolute path.
pub(super) fn volumes(draft: &Draft, report: &mut Report) -> Vec<String> {
    for Placed { value: text, place } in &draft.volumes {
        if !text.starts_with('/') {
            let title = format!("the volume `{text}` is not an absolute path");
            let diagnostic = place.warning(code::RECIPE_VOLUME, title);
            report.push(
                diagnostic
                    .with_why("the runtime specification wants one, and runc takes it below the root for now")
                    .with_help(format!("write \"/{text}\"")),
            );
        }
    }
    draft.volumes.iter().map(|volume| volume.value.clone()).collect()
}

/// The signal that asks the process to end.
pub(super) fn stop_signal(draft: &Draft, report: &mut Report) -> Option<String> {
    let Placed { value: text, place } = draft.stop_signal.as_ref()?;
    if text.is_empty() {
        return None;
    }
    if !is_signal(text) {
        let title = format!("`{text}` is not a signal");
        let diagnostic = place.error(code::RECIPE_STOP_SIGNAL, title);
        report.push(
            diagnostic.with_help("write a name such as \"SIGTERM\", or a number from 1 to 64"),
        );
    }
    Some(text.clone())
}

/// A port as configurations have it, `80/tcp`, or why it is none. Without a protocol it is one of TCP.
fn port(text: &str) -> Result<String, &'static str> {
    let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let is_plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match number.parse::<u16>() {
        Ok(port) if is_plain && port > 0 => match protocol {
            "tcp" | "udp" | "sctp" => Ok(format!("{port}/{protocol}")),
            _ => Err("the protocols are tcp, udp and sctp"),
        },
        _ => Err("a port is a number from 1 to 65535"),
    }
}

/// Whether engines know a signal: by a number, or by a name with or without `SIG`.
fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<u8>() {
        return (1..=64).contains(&number);
    }
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let offset = |prefix: &str, most: u8| {
        let number = name.strip_prefix(prefix)?.parse::<u8>().ok()?;
        Some((1..=most).contains(&number))
    };
    SIGNALS.contains(&name)
        || name == "RTMAX"
        || offset("RTMIN+", 15).or(offset("RTMAX-", 14)).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        for (text, expected) in [
            ("80", Some("80/tcp")),
            ("080", Some("80/tcp")),
            ("65535/udp", Some("65535/udp")),
            ("53/sctp", Some("53/sctp")),
            ("0", None),
            ("65536", None),
            ("+80", None),
            ("", None),
            ("/tcp", None),
            ("80/", None),
            ("80/TCP", None),
            ("8080:80", None),
            ("80-81", None),
        ] {
            assert_eq!(port(text).ok().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn signals() {
        for text in ["15", "1", "64", "SIGTERM", "term", "SigInt", "SIGRTMIN+3", "RTMAX-14"] {
            assert!(is_signal(text), "{text}");
        }
        for text in ["0", "65", "-9", "", "SIG", "SIGSIGTERM", "RTMIN+16", "RTMAX-15", "RTMAX+1"] {
            assert!(!is_signal(text), "{text}");
        }
    }
}
