//! Which proxy a request goes through: `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, as curl and Go
//! read them.

use super::address;
use crate::host;
use std::net::IpAddr;
use url::{Host, Url};

/// The proxies that the environment names, and what goes past them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    past: Vec<Past>,
}

/// A proxy, and the variable that names it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    pub(super) variable: &'static str,
    pub(super) url: String,
}

impl std::fmt::Debug for Proxy {
    /// The URL may have a password in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proxy({})", self.variable)
    }
}

/// An entry of `no_proxy`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Past {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    All,
    /// A name and all names below it.
    Name(String),
    /// Names and addresses that begin so.
    Prefix(String),
    /// Addresses whose first bits are these.
    Network(IpAddr, u32),
}

impl Proxies {
    /// What the environment says.
    pub fn from_environment() -> Self {
        Self::from_variables(host::variable)
    }

    /// What these variables say; of two spellings the one in lower case counts.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| {
            variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let proxy = |names: [&'static str; 4]| {
            names.into_iter().find_map(|name| Some(Proxy { variable: name, url: set(name)? }))
        };
        let past = set("no_proxy").or_else(|| set("NO_PROXY")).unwrap_or_default();
        let entries = past.split(|c: char| c == ',' || c.is_whitespace());
        Proxies {
            http: proxy(["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]),
            https: proxy(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            past: entries.filter_map(Past::parse).collect(),
        }
    }

    /// The proxy for a URL; none for one of this machine.
    pub(super) fn of(&self, url: &Url) -> Option<&Proxy> {
        if address::is_local(url) || self.past.iter().any(|past| past.holds(url)) {
            return None;
        }
        if url.scheme() == "https" { self.https.as_ref() } else { self.http.as_ref() }
    }
}

impl Past {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let (host, port) = match text.rsplit_once(':') {
            // An address of IPv6 without brackets has no port.
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, Some(port.parse().ok()?))
            }
            _ => (text, None),
        };
        Some(Past { hosts: Hosts::parse(host)?, port })
    }

    fn holds(&self, url: &Url) -> bool {
        let port = self.port.is_none() || self.port == url.port_or_known_default();
        port && self.hosts.hold(url)
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        let address = |text: &str| {
            let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
            bare.unwrap_or(text).parse::<IpAddr>().ok()
        };
        if text == "*" {
            return Some(Hosts::All);
        }
        if let Some((network, bits)) = text.split_once('/') {
            let network = address(network)?;
            let bits = bits.parse().ok()?;
            return (bits <= width(network)).then_some(Hosts::Network(network, bits));
        }
        if let Some(address) = address(text).map(|address| address.to_canonical()) {
            return Some(Hosts::Network(address, width(address)));
        }
        if let Some(prefix) = text.strip_suffix('*') {
            return Some(Hosts::Prefix(prefix.to_lowercase()));
        }
        let name = text.strip_prefix('*').unwrap_or(text);
        let name = name.strip_prefix('.').unwrap_or(name);
        let name = name.strip_suffix('.').unwrap_or(name);
        (!name.is_empty()).then(|| Hosts::Name(name.to_lowercase()))
    }

    fn hold(&self, url: &Url) -> bool {
        let (name, address) = match url.host() {
            Some(Host::Domain(name)) => (name.strip_suffix('.').unwrap_or(name).to_owned(), None),
            Some(Host::Ipv4(address)) => (address.to_string(), Some(IpAddr::from(address))),
            Some(Host::Ipv6(address)) => {
                (address.to_string(), Some(IpAddr::from(address).to_canonical()))
            }
            None => return false,
        };
        match self {
            Hosts::All => true,
            Hosts::Name(own) => name
                .strip_suffix(own.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
            Hosts::Prefix(prefix) => name.starts_with(prefix),
            Hosts::Network(network, bits) => address.is_some_and(|address| {
                width(address) == width(*network) && first(address, *bits) == first(*network, *bits)
            }),
        }
    }
}

/// How many bits an address has.
fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The first bits of an address.
fn first(address: IpAddr, bits: u32) -> u128 {
    let whole = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    whole.checked_shr(width(address).saturating_sub(bits)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The variable whose proxy a URL goes through.
    fn variable(variables: &[(&str, &str)], url: &str) -> Option<&'static str> {
        let find = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let proxies = Proxies::from_variables(find);
        proxies.of(&Url::parse(url).unwrap()).map(|proxy| proxy.variable)
    }

    #[test]
    fn the_scheme_says_which() {
        let both = [("http_proxy", "a:1"), ("HTTPS_PROXY", "b:1"), ("all_proxy", "c:1")];
        assert_eq!(variable(&both, "http://x.example/"), Some("http_proxy"));
        assert_eq!(variable(&both, "https://x.example/"), Some("HTTPS_PROXY"));
        let all = [("ALL_PROXY", "c:1"), ("http_proxy", ""), ("https_proxy", " ")];
        assert_eq!(variable(&all, "http://x.example/"), Some("ALL_PROXY"));
        assert_eq!(variable(&all, "https://x.example/"), Some("ALL_PROXY"));
        let lower = [("https_proxy", "a:1"), ("HTTPS_PROXY", "b:1")];
        assert_eq!(variable(&lower, "https://x.example/"), Some("https_proxy"));
        assert_eq!(variable(&[("http_proxy", "a:1")], "https://x.example/"), None);
        assert_eq!(variable(&[], "https://x.example/"), None);
    }

    #[test]
    fn never_for_this_machine() {
        for url in [
            "http://localhost:5000/",
            "https://localhost/",
            "http://127.0.0.1:5000/",
            "http://127.9.9.9/",
            "http://[::1]:5000/",
            "http://registry.localhost/",
        ] {
            assert_eq!(
                variable(&[("all_proxy", "c:1"), ("http_proxy", "a:1")], url),
                None,
                "{url}"
            );
        }
    }

    #[test]
    fn what_goes_past_them() {
        for (entry, url, past) in [
            ("x.example", "https://x.example/", true),
            ("x.example", "https://a.x.example/", true),
            ("x.example", "https://ax.example/", false),
            ("x.example", "https://x.example.org/", false),
            ("X.Example", "https://x.example/", true),
            ("x.example.", "https://x.example/", true),
            (".x.example", "https://a.x.example/", true),
            ("*.x.example", "https://a.x.example/", true),
            ("*.x.example", "https://ax.example/", false),
            ("*", "https://x.example/", true),
            ("x.example:5000", "https://x.example:5000/", true),
            ("x.example:5000", "https://x.example/", false),
            ("x.example:443", "https://x.example/", true),
            ("10.0.0.0/8", "https://10.1.2.3/", true),
            ("10.0.0.0/8", "https://11.1.2.3/", false),
            ("10.0.0.0/8", "https://10.example/", false),
            ("10.1.2.128/25", "https://10.1.2.127/", false),
            ("10.1.2.128/25", "https://10.1.2.129/", true),
            ("0.0.0.0/0", "https://10.1.2.3/", true),
            ("0.0.0.0/0", "https://[fd00::1]/", false),
            ("10.1.2.3", "https://10.1.2.3:5000/", true),
            ("10.1.2.3:5000", "https://10.1.2.3/", false),
            ("10.1.*", "https://10.1.2.3/", true),
            ("fd00::/8", "https://[fd12::1]/", true),
            ("fd00::/8", "https://[fe80::1]/", false),
            ("[fd00::1]", "https://[fd00::1]/", true),
            ("fd00::1", "https://[fd00::1]/", true),
            ("[fd00::1]:5000", "https://[fd00::1]/", false),
            ("[fd00::1]:5000", "https://[fd00::1]:5000/", true),
            ("10.0.0.0/33", "https://10.0.0.1/", false),
            ("10.0.0.0/x", "https://10.0.0.1/", false),
            ("::ffff:10.0.0.1", "https://10.0.0.1/", true),
            ("", "https://x.example/", false),
            (" a.example , x.example", "https://x.example/", true),
            ("a.example x.example", "https://x.example/", true),
            (",,", "https://x.example/", false),
        ] {
            let variables = [("all_proxy", "c:1"), ("NO_PROXY", entry)];
            assert_eq!(variable(&variables, url).is_none(), past, "{entry} {url}");
        }
    }
}
