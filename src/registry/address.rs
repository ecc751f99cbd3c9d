//! URLs: where a registry is, where its answers point at, and what is on this machine.

use super::error::{Error, LocationFault};
use url::{Host, Url};

/// Where Docker Hub has its registry.
const DOCKER_HUB: &str = "registry-1.docker.io";

/// The root of a registry, given as images name it: a host, and maybe a port.
///
/// # Errors
/// It is no host.
pub(super) fn root(registry: &str, scheme: &str) -> Result<Url, Error> {
    let host = if registry == "docker.io" { DOCKER_HUB } else { registry };
    let refuse = || Error::Address { registry: registry.to_owned() };
    let url = Url::parse(&format!("{scheme}://{host}/")).map_err(|_| refuse())?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if bare { Ok(url) } else { Err(refuse()) }
}

/// Where a registry says whether it is one, and what login it wants.
pub(super) fn ping(root: &Url) -> Url {
    let mut url = root.clone();
    url.set_path("/v2/");
    url
}

/// The URL that a header `Location` or a parameter `realm` means (RFC 3986, section 5, against the URL that
/// answered).
///
/// # Errors
/// It is no URL, none of HTTP, or leaves https for http.
pub(super) fn resolve(from: &Url, location: &str) -> Result<Url, Error> {
    let refuse = |fault| {
        let (from, location) = (from.to_string(), location.to_owned());
        Error::Location { from, location, fault }
    };
    if location.is_empty() {
        return Err(refuse(LocationFault::Missing));
    }
    let mut url = from.join(location).map_err(|_| refuse(LocationFault::Invalid))?;
    match (from.scheme(), url.scheme()) {
        (_, "https") | ("http", "http") => {}
        (_, "http") => return Err(refuse(LocationFault::Downgrade)),
        _ => return Err(refuse(LocationFault::Scheme)),
    }
    url.set_fragment(None);
    // A server does not say who the user is.
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    cleared.map_err(|()| refuse(LocationFault::Invalid))?;
    Ok(url)
}

/// Whether a URL is of this machine by its name alone: a loopback address, or a name that is kept for one
/// (RFC 6761, section 6.3).
pub(super) fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}

/// Whether two URLs have the same scheme, host and port.
pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin()
}

/// The host of a URL, with its port where it is not the usual one.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots() {
        for (registry, expected) in [
            ("docker.io", "https://registry-1.docker.io/"),
            ("x.example", "https://x.example/"),
            ("x.example:443", "https://x.example/"),
            ("X.Example:5000", "https://x.example:5000/"),
            ("[::1]:5000", "https://[::1]:5000/"),
        ] {
            assert_eq!(root(registry, "https").unwrap().as_str(), expected);
        }
        for bad in
            ["", "a b", "a/b", "a?b", "a#b", "user@a", "user:pw@a", "a:99999", "[::1", "ä.example"]
        {
            assert!(matches!(root(bad, "https"), Err(Error::Address { .. })), "{bad}");
        }
    }

    #[test]
    fn locations_are_resolved_against_the_url_that_answered() {
        let from = Url::parse("https://r.example:5000/v2/a/b/blobs/uploads/?x=1").unwrap();
        for (location, expected) in [
            ("https://s.example/u?sig=a%2Fb%3D", "https://s.example/u?sig=a%2Fb%3D"),
            ("/v2/u", "https://r.example:5000/v2/u"),
            ("u", "https://r.example:5000/v2/a/b/blobs/uploads/u"),
            ("./u", "https://r.example:5000/v2/a/b/blobs/uploads/u"),
            ("../x", "https://r.example:5000/v2/a/b/blobs/x"),
            ("../../../../../../x", "https://r.example:5000/x"),
            ("?y=2", "https://r.example:5000/v2/a/b/blobs/uploads/?y=2"),
            ("//s.example/u", "https://s.example/u"),
            ("u#part", "https://r.example:5000/v2/a/b/blobs/uploads/u"),
            ("https://me:secret@s.example/u", "https://s.example/u"),
            ("HTTPS://S.Example:443/u", "https://s.example/u"),
        ] {
            assert_eq!(resolve(&from, location).unwrap().as_str(), expected, "{location}");
        }
        let refused = |location: &str| match resolve(&from, location) {
            Err(Error::Location { fault, .. }) => fault,
            other => panic!("{location}: {other:?}"),
        };
        assert_eq!(refused(""), LocationFault::Missing);
        assert_eq!(refused("http://r.example:5000/u"), LocationFault::Downgrade);
        assert_eq!(refused("https://"), LocationFault::Invalid);
        assert_eq!(refused("https://a:99999/"), LocationFault::Invalid);
        assert_eq!(refused("file:///etc/passwd"), LocationFault::Scheme);
        assert_eq!(refused("ftp://r.example/u"), LocationFault::Scheme);
        let plain = Url::parse("http://r.example/v2/").unwrap();
        assert!(resolve(&plain, "http://s.example/u").is_ok());
        assert!(resolve(&plain, "https://s.example/u").is_ok());
    }

    #[test]
    fn what_is_on_this_machine() {
        for (registry, local) in [
            ("localhost", true),
            ("localhost:5000", true),
            ("localhost.", true),
            ("LocalHost:5000", true),
            ("registry.localhost:5000", true),
            ("127.0.0.1:5000", true),
            ("127.1.2.3", true),
            ("127.1", true),
            ("0x7f.1", true),
            ("[::1]:5000", true),
            ("[::ffff:127.0.0.1]", true),
            ("docker.io", false),
            ("localhost.example.org", false),
            ("notlocalhost", false),
            ("127.registry.example", false),
            ("127.0.0.1.example", false),
            ("128.0.0.1", false),
            ("0.0.0.0", false),
            ("[::]", false),
            ("[fe80::1]", false),
        ] {
            assert_eq!(is_local(&root(registry, "https").unwrap()), local, "{registry}");
        }
    }

    #[test]
    fn origins() {
        let url = |text: &str| Url::parse(text).unwrap();
        let own = url("https://r.example/v2/");
        assert!(same_origin(&own, &url("https://R.example:443/x")));
        for other in [
            "http://r.example/v2/",
            "https://r.example:444/v2/",
            "https://r.example./v2/",
            "https://x.r.example/v2/",
            "http://r.example:443/v2/",
        ] {
            assert!(!same_origin(&own, &url(other)), "{other}");
        }
        assert_eq!(authority(&own), "r.example");
        assert_eq!(authority(&url("http://[::1]:5000/x")), "[::1]:5000");
    }
}
