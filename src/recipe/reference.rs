//! Names and tags of images, by the grammar of OCI references (distribution, `reference` package; OCI
//! distribution-spec, "Pulling manifests").

use std::fmt;

/// The longest name, with its registry.
const MAX_NAME: usize = 255;
/// The longest tag.
const MAX_TAG: usize = 128;

/// The name of an image: an optional registry, and path components in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageName(String);

/// The tag of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(String);

/// Why a name or tag was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReferenceFault {
    pub(super) why: String,
    pub(super) help: Option<String>,
}

fn fault(why: impl Into<String>, help: Option<String>) -> ReferenceFault {
    ReferenceFault { why: why.into(), help }
}

impl ImageName {
    pub(super) fn parse(text: &str) -> Result<Self, ReferenceFault> {
        if text.is_empty() {
            return Err(fault("a name has at least one character", None));
        }
        if text.contains('@') {
            return Err(fault(
                "a digest is known only after the build",
                Some("leave it out".into()),
            ));
        }
        let (registry, path) = split_registry(text);
        if let Some((name, tag)) = path.rsplit_once(':') {
            let name = registry.map_or_else(|| name.to_owned(), |host| format!("{host}/{name}"));
            let help = format!("write `name = \"{name}\"; tag = \"{tag}\";`");
            return Err(fault("a name holds no tag", Some(help)));
        }
        if let Some(registry) = registry
            && !is_registry(registry)
        {
            return Err(fault(
                format!("`{registry}` is not a registry: a host, and maybe `:port`"),
                None,
            ));
        }
        let full = ImageName(text.to_owned());
        if full.normalized_repository().len() > MAX_NAME {
            return Err(fault(format!("a name has at most {MAX_NAME} characters"), None));
        }
        match path.split('/').find(|component| !is_path_component(component)) {
            None => Ok(full),
            Some(component) => {
                let lower = text.to_lowercase();
                let help = (lower != text && ImageName::parse(&lower).is_ok())
                    .then(|| format!("write \"{lower}\""));
                Err(fault(
                    format!(
                        "`{component}` is not a name: it takes lower-case letters and digits, with \
                         single `.`, `_`, `__` or `-` between them"
                    ),
                    help,
                ))
            }
        }
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as docker and containerd complete it: `hello` is `docker.io/library/hello`.
    pub fn normalized_repository(&self) -> String {
        match split_registry(&self.0) {
            (Some("docker.io" | "index.docker.io"), path) if path.contains('/') => {
                format!("docker.io/{path}")
            }
            (Some("docker.io" | "index.docker.io"), path) => format!("docker.io/library/{path}"),
            (Some(_), _) => self.0.clone(),
            (None, path) if path.contains('/') => format!("docker.io/{path}"),
            (None, path) => format!("docker.io/library/{path}"),
        }
    }
}

/// The registry, the repository and the tag of a reference; what is left out is completed as docker does.
///
/// # Errors
/// The rule it breaks.
pub fn split_reference(text: &str) -> Result<(String, String, String), String> {
    let (name, tag) = match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (text, "latest"),
    };
    let tag = Tag::parse(tag).map_err(|fault| fault.why)?;
    let full = ImageName::parse(name).map_err(|fault| fault.why)?.normalized_repository();
    match full.split_once('/') {
        Some((host, repository)) => Ok((host.to_owned(), repository.to_owned(), tag.to_string())),
        None => Err("it names no repository".to_owned()),
    }
}

/// Whether a reference names a registry itself, and leaves it to nobody to complete one.
pub fn names_registry(text: &str) -> bool {
    split_registry(text).0.is_some()
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Tag {
    pub(super) fn parse(text: &str) -> Result<Self, ReferenceFault> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if text.len() > MAX_TAG {
            return Err(fault(format!("a tag has at most {MAX_TAG} characters"), None));
        }
        let mut bytes = text.bytes();
        let first = bytes.next().is_some_and(word);
        if first && bytes.all(|byte| word(byte) || matches!(byte, b'.' | b'-')) {
            return Ok(Tag(text.to_owned()));
        }
        let why =
            "a tag takes letters, digits, `_`, `.` and `-`, and begins with none of the last two";
        Err(fault(why, None))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Default for Tag {
    fn default() -> Self {
        Tag("latest".to_owned())
    }
}

/// The first component is a registry when it could not be a path: a dot, a port, or `localhost`, as in
/// docker.
fn split_registry(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':', '['])
                || first == "localhost"
                || first != first.to_lowercase() =>
        {
            (Some(first), rest)
        }
        _ => (None, text),
    }
}

fn is_registry(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port_fits =
        port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return port_fits && inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = label.as_bytes();
        edge(bytes.first())
            && edge(bytes.last())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    port_fits && host.split('.').all(label)
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_path_component(text: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(plain) || !bytes.last().is_some_and(plain) {
        return false;
    }
    bytes.split(plain).all(|separator| {
        matches!(separator, [] | b"." | b"_" | b"__") || separator.iter().all(|&byte| byte == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in [
            "hello-rumprun",
            "harbor.io/x/hello",
            "localhost/a",
            "localhost:5000/a/b",
            "127.0.0.1:5000/a",
            "[::1]:5000/a",
            "a/b/c",
            "a__b",
            "a---b",
            "a.b_c",
            "0",
        ] {
            assert!(ImageName::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "Hello",
            "a/",
            "/a",
            "a//b",
            "a..b",
            "a___b",
            "-a",
            "a-",
            "a b",
            "hello:latest",
            "harbor.io/x/hello:1",
            "a@sha256:00",
            "exa_mple.com:x/a",
            "ä",
            "a.b:port/x",
        ] {
            assert!(ImageName::parse(bad).is_err(), "{bad}");
        }
        assert!(ImageName::parse(&"a".repeat(300)).is_err());
        assert_eq!(ImageName::parse("Hello").unwrap_err().help.as_deref(), Some("write \"hello\""));
        assert_eq!(
            ImageName::parse("x.io/hello:1").unwrap_err().help.as_deref(),
            Some("write `name = \"x.io/hello\"; tag = \"1\";`")
        );
    }

    #[test]
    fn names_are_completed_as_docker_does() {
        for (name, full) in [
            ("hello", "docker.io/library/hello"),
            ("me/hello", "docker.io/me/hello"),
            ("harbor.io/x/hello", "harbor.io/x/hello"),
            ("localhost/x", "localhost/x"),
        ] {
            assert_eq!(ImageName::parse(name).unwrap().normalized_repository(), full);
        }
    }

    #[test]
    fn tags() {
        for good in ["latest", "1.0", "_a", "A-b"] {
            assert!(Tag::parse(good).is_ok(), "{good}");
        }
        for bad in ["", ".a", "-a", "a b", "a/b", "ä"] {
            assert!(Tag::parse(bad).is_err(), "{bad}");
        }
        assert!(Tag::parse(&"a".repeat(129)).is_err());
    }
}
