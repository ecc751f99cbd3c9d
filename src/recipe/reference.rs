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

/// A reference to an image of a registry: `NAME[:TAG][@DIGEST]`. With a digest, that is the image; the tag says where it
/// came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    name: ImageName,
    tag: Option<Tag>,
    digest: Option<String>,
}

/// Why a name, a tag or a reference was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceFault {
    /// The rule that it breaks.
    pub why: String,
    /// What to do, where that is known.
    pub help: Option<String>,
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

impl ImageReference {
    /// Reads a reference.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, ReferenceFault> {
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (named, Some(parse_digest(digest)?)),
            None => (text, None),
        };
        let (name, tag) = match named.rsplit_once(':') {
            // A colon before a slash is that of a port.
            Some((name, tag)) if !tag.contains('/') => (name, Some(Tag::parse(tag)?)),
            _ => (named, None),
        };
        if name == "scratch" {
            let help = "leave the base out".to_owned();
            return Err(fault("`scratch` stands for no image at all", Some(help)));
        }
        if name.is_empty() {
            return Err(fault("it names no repository", None));
        }
        let parsed = ImageName::parse(name).map_err(|fault| {
            let lower = name.to_lowercase();
            let rest = text.strip_prefix(name).unwrap_or_default();
            let is_mended = lower != name && ImageName::parse(&lower).is_ok();
            ReferenceFault { help: is_mended.then(|| format!("write \"{lower}{rest}\"")), ..fault }
        })?;
        Ok(ImageReference { name: parsed, tag, digest })
    }

    /// The registry: a host, and a port where it is not the usual one.
    pub fn host(&self) -> String {
        self.location().0
    }

    /// The path in the registry.
    pub fn repository(&self) -> String {
        self.location().1
    }

    fn location(&self) -> (String, String) {
        let full = self.name.normalized_repository();
        let (host, path) = full.split_once('/').unwrap_or(("docker.io", &full));
        (host.to_owned(), path.to_owned())
    }

    /// The tag, if one is written.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_ref().map(Tag::as_str)
    }

    /// The digest, as `sha256:` and 64 digits, if one is written.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// The name and the tag as docker completes them, which are the same however they are written: `nginx` is
    /// `docker.io/library/nginx:latest`.
    pub fn completed(&self) -> String {
        let tag = self.tag.clone().unwrap_or_default();
        format!("{}:{tag}", self.name.normalized_repository())
    }

    /// The same as docker shows it: without what it completes a name with.
    pub fn familiar(&self) -> String {
        let full = self.completed();
        let short = full.strip_prefix("docker.io/").unwrap_or(&full);
        short.strip_prefix("library/").unwrap_or(short).to_owned()
    }

    /// The reference with this digest: the name as it is written, the tag written out.
    pub fn pinned(&self, digest: &str) -> String {
        let tag = self.tag.clone().unwrap_or_default();
        format!("{}:{tag}@{digest}", self.name)
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

/// A digest behind `@`.
fn parse_digest(text: &str) -> Result<String, ReferenceFault> {
    let wrong = |why: &str| Err(fault(why, Some("write `@sha256:` and 64 digits".to_owned())));
    let Some((algorithm, digits)) = text.split_once(':') else {
        return wrong("what follows `@` is a digest, as in `@sha256:…`");
    };
    if algorithm != "sha256" {
        return wrong("its digest is none of SHA-256, by which images are known here");
    }
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if digits.len() != 64 || !digits.bytes().all(is_digit) {
        return wrong("a digest of SHA-256 has 64 hexadecimal digits, in lower case");
    }
    Ok(text.to_owned())
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
    fn references() {
        let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
        for (text, host, repository, tag, has_digest) in [
            ("nginx", "docker.io", "library/nginx", None, false),
            ("nginx:1.25", "docker.io", "library/nginx", Some("1.25"), false),
            ("me/nginx@D", "docker.io", "me/nginx", None, true),
            ("docker.io/nginx", "docker.io", "library/nginx", None, false),
            ("index.docker.io/me/nginx:a", "docker.io", "me/nginx", Some("a"), false),
            ("localhost:5000/a/b", "localhost:5000", "a/b", None, false),
            ("localhost:5000/a/b:v1@D", "localhost:5000", "a/b", Some("v1"), true),
            ("[::1]:5000/a:v1", "[::1]:5000", "a", Some("v1"), false),
            ("unikraft.org/nginx:1.15", "unikraft.org", "nginx", Some("1.15"), false),
            // As with docker, what could be a port of a host alone is a tag.
            ("localhost:5000", "docker.io", "library/localhost", Some("5000"), false),
        ] {
            let text = text.replace('D', &digest);
            let parsed = ImageReference::parse(&text).unwrap();
            assert_eq!(parsed.to_string(), text);
            assert_eq!((parsed.host().as_str(), parsed.repository().as_str()), (host, repository));
            assert_eq!(parsed.tag(), tag);
            assert_eq!(parsed.digest(), has_digest.then_some(digest.as_str()));
            let completed = format!("{host}/{repository}:{}", tag.unwrap_or("latest"));
            assert_eq!(parsed.completed(), completed);
            let familiar = ImageReference::parse(&parsed.familiar()).unwrap();
            assert_eq!(familiar.completed(), completed);
            // What is completed stays, and what is pinned can be read.
            assert_eq!(ImageReference::parse(&completed).unwrap().completed(), completed);
            let pinned = ImageReference::parse(&parsed.pinned(&digest)).unwrap();
            assert_eq!(pinned.completed(), completed);
            assert_eq!(pinned.digest(), Some(digest.as_str()));
        }
        for (bad, why) in [
            ("", "no repository"),
            (":v1", "no repository"),
            ("@D", "no repository"),
            ("scratch", "no image at all"),
            ("scratch:x", "no image at all"),
            ("Nginx", "lower-case"),
            ("nginx:", "a tag takes"),
            ("nginx:a b", "a tag takes"),
            ("nginx:a:b", "a name holds no tag"),
            ("nginx@", "what follows `@`"),
            ("nginx@latest", "what follows `@`"),
            ("nginx@sha512:00", "none of SHA-256"),
            ("nginx@sha256:00", "64 hexadecimal digits"),
            ("nginx@D0", "64 hexadecimal digits"),
            ("nginx@D@D", "64 hexadecimal digits"),
            ("nginx:v1@sha256:ABC", "64 hexadecimal digits"),
            ("a_b.c:x/y", "not a registry"),
        ] {
            let text = bad.replace('D', &digest);
            let fault = ImageReference::parse(&text).unwrap_err();
            assert!(fault.why.contains(why), "{text}: {fault:?}");
            assert!(!fault.help.unwrap_or_default().contains("name ="), "{text}");
        }
        let fault = ImageReference::parse("x.io/Nginx:V1").unwrap_err();
        assert_eq!(fault.help.as_deref(), Some("write \"x.io/nginx:V1\""));
        let upper = format!("nginx@{}", digest.to_uppercase());
        assert!(ImageReference::parse(&upper).is_err());
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
