//! The ports of EXPOSE: `80`, `80/udp`, `8000-8010`, and what docker also takes and leaves out, `[ip:]host:container`
//! (`convert_expose.go` of BuildKit).

use std::ops::RangeInclusive;

/// Ports of one protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ports {
    range: RangeInclusive<u16>,
    protocol: &'static str,
    /// Whether an address or a port of the host is named, too.
    pub has_host: bool,
}

impl Ports {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Each of them.
    pub fn all(&self) -> impl Iterator<Item = String> + '_ {
        self.range.clone().map(|port| format!("{port}{}", self.suffix()))
    }

    /// All of them as EXPOSE has them.
    pub fn shown(&self) -> String {
        let (first, last) = (self.range.start(), self.range.end());
        let suffix = self.suffix();
        if first == last { format!("{first}{suffix}") } else { format!("{first}-{last}{suffix}") }
    }

    fn suffix(&self) -> String {
        if self.protocol == "tcp" { String::new() } else { format!("/{}", self.protocol) }
    }
}

/// Ports as they are written, or why they are none.
pub(super) fn parse(written: &str) -> Result<Ports, String> {
    let (ports, protocol) = written.split_once('/').unwrap_or((written, "tcp"));
    let protocol = match protocol.to_ascii_lowercase().as_str() {
        "tcp" | "" => "tcp",
        "udp" => "udp",
        "sctp" => "sctp",
        _ => return Err(format!("the protocol is tcp, udp or sctp, not `{protocol}`")),
    };
    let (host, container) = match ports.rsplit_once(':') {
        Some((host, container)) => (Some(host), container),
        None => (None, ports),
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<u16>().ok().filter(|number| digits && *number > 0);
        number.ok_or_else(|| "a port is a number from 1 to 65535".to_owned())
    };
    let (first, last) = container.split_once('-').unwrap_or((container, container));
    let range = number(first)?..=number(last)?;
    if range.is_empty() {
        return Err("the range ends before it begins".to_owned());
    }
    Ok(Ports { range, protocol, has_host: host.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        for (written, expected) in [
            ("80", Some("80")),
            ("80/tcp", Some("80")),
            ("80/UDP", Some("80/udp")),
            ("53/sctp", Some("53/sctp")),
            ("8000-8002/udp", Some("8000-8002/udp")),
            ("8080:80", Some("80")),
            ("127.0.0.1:8080:80/udp", Some("80/udp")),
            ("[::1]:8080:80", Some("80")),
            ("0", None),
            ("65536", None),
            ("+80", None),
            ("http", None),
            ("80/xyz", None),
            ("90-80", None),
            ("-80", None),
            ("", None),
            ("80:", None),
        ] {
            let found = parse(written).ok().map(|ports| ports.shown());
            assert_eq!(found.as_deref(), expected, "{written}");
        }
        let all: Vec<String> = parse("1-3/udp").unwrap().all().collect();
        assert_eq!(all, ["1/udp", "2/udp", "3/udp"]);
    }
}
