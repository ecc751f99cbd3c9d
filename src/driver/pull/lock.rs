//! `bimanix.lock`: the digests of images that texts beside it name by tags, so that the second build is the first.
//!
//! One file for all texts of a folder, in JSON, a line an image, sorted:
//!
//! ```json
//! {
//!   "version": 1,
//!   "images": {
//!     "docker.io/library/nginx:1.25": { "digest": "sha256:…", "files": ["Containerfile"] }
//!   }
//! }
//! ```
//!
//! What always holds: an image is named as docker completes its name; each is named by one of `files`, which are there.

use crate::diag::{Diagnostic, SourceMap, Span};
use crate::explain::code;
use crate::host;
use crate::host::output::Output;
use crate::image::Digest;
use crate::recipe::ImageReference;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// What it is called.
pub(super) const NAME: &str = "bimanix.lock";
/// The version that is written, and the only one that is read.
const VERSION: u64 = 1;
/// The largest lock.
const MAX_SIZE: u64 = 4 << 20;

/// The lock of a text.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// What messages call it.
    shown: String,
    /// The name of the text, in its folder.
    text: String,
    /// Whether it may not change.
    is_fixed: bool,
    images: BTreeMap<String, Entry>,
    /// The images that were asked for in this run, with what was answered.
    used: BTreeMap<String, Digest>,
    /// All images that the text names, where that is known.
    named: Option<BTreeSet<String>>,
}

/// What is known of an image.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(deserialize_with = "digest")]
    digest: Digest,
    /// The texts that name it.
    #[serde(deserialize_with = "files")]
    files: BTreeSet<String>,
}

impl Lock {
    /// The lock beside a text, which messages call `shown`; empty where there is none. One that `is_fixed` does not
    /// change.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn read(
        text: &Path,
        shown: &str,
        is_fixed: bool,
        sources: &mut SourceMap,
    ) -> Result<Self, Box<Diagnostic>> {
        let path = super::lock_of(text);
        let shown = Path::new(shown).with_file_name(NAME).display().to_string();
        let images = match host::read(&path, MAX_SIZE) {
            Ok(bytes) => parse(&bytes, &path, &shown, sources)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                let diagnostic =
                    Diagnostic::io(code::LOCK_INPUT, "read", Path::new(&shown), &error);
                return Err(Box::new(diagnostic));
            }
        };
        let text = text.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (used, named) = (BTreeMap::new(), None);
        Ok(Lock { path, shown, text, is_fixed, images, used, named })
    }

    /// What messages call it.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether it may not change.
    pub(super) fn is_fixed(&self) -> bool {
        self.is_fixed
    }

    /// The digest of an image, by its completed name.
    pub(super) fn digest(&mut self, image: &str) -> Option<Digest> {
        let digest = self.images.get(image)?.digest;
        self.used.insert(image.to_owned(), digest);
        Some(digest)
    }

    /// Takes the digest of an image, by its completed name.
    pub(super) fn set(&mut self, image: String, digest: Digest) {
        self.used.insert(image.clone(), digest);
        let files = BTreeSet::new();
        self.images.entry(image).or_insert(Entry { digest, files }).digest = digest;
    }

    /// Takes the completed names of all images that the text names.
    pub(super) fn names(&mut self, images: BTreeSet<String>) {
        self.named = Some(images);
    }

    /// Writes it, where it has changed.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub(super) fn write(&self) -> Result<(), Box<Diagnostic>> {
        if self.is_fixed {
            return Ok(());
        }
        let fault = |error: &io::Error| {
            let diagnostic =
                Diagnostic::io(code::LOCK_OUTPUT, "write", Path::new(&self.shown), error);
            Box::new(diagnostic.with_help(
                "make its folder writable, or build with `--locked` once it has every image",
            ))
        };
        // A build of another text of the folder may have written it in the meantime.
        let before = match host::read(&self.path, MAX_SIZE) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(fault(&error)),
        };
        let images = match &before {
            Some(bytes) => parse(bytes, &self.path, &self.shown, &mut SourceMap::default())?,
            None => BTreeMap::new(),
        };
        let images = self.merged(images);
        if before.is_none() && images.is_empty() {
            return Ok(());
        }
        let text = render(&images);
        if before.is_some_and(|bytes| bytes == text.as_bytes()) {
            return Ok(());
        }
        // A symlink stays one.
        let target = host::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let write = || {
            let mut output = Output::create(&target)?;
            output.file().write_all(text.as_bytes())?;
            output.commit()
        };
        write().map_err(|error| fault(&error))
    }

    /// What is to be written where this is there.
    fn merged(&self, mut images: BTreeMap<String, Entry>) -> BTreeMap<String, Entry> {
        for (image, &digest) in &self.used {
            let files = BTreeSet::new();
            let entry = images.entry(image.clone()).or_insert(Entry { digest, files });
            entry.digest = digest;
            entry.files.insert(self.text.clone());
        }
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let is_there = |file: &str| host::lstat(&folder.join(file)).is_ok();
        for (image, entry) in &mut images {
            entry.files.retain(|file| match &self.named {
                Some(named) if *file == self.text => named.contains(image),
                _ => is_there(file),
            });
        }
        images.retain(|_, entry| !entry.files.is_empty());
        images
    }
}

fn render(images: &BTreeMap<String, Entry>) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let lines: Vec<String> = images
        .iter()
        .map(|(image, Entry { digest, files })| {
            let files: Vec<String> = files.iter().map(|file| quoted(file)).collect();
            let (image, files) = (quoted(image), files.join(", "));
            format!("\n    {image}: {{ \"digest\": \"{digest}\", \"files\": [{files}] }}")
        })
        .collect();
    let end = if lines.is_empty() { "" } else { "\n  " };
    format!("{{\n  \"version\": {VERSION},\n  \"images\": {{{}{end}}}\n}}\n", lines.join(","))
}

fn parse(
    bytes: &[u8],
    path: &Path,
    shown: &str,
    sources: &mut SourceMap,
) -> Result<BTreeMap<String, Entry>, Box<Diagnostic>> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u64,
    }
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Whole {
        #[allow(dead_code, reason = "it has been read before")]
        version: u64,
        images: Images,
    }
    let version = serde_json::from_slice::<Versioned>(bytes).map(|Versioned { version }| version);
    let mut fault = |title: String, error: Option<&serde_json::Error>| {
        let file = sources.add(shown.to_owned(), Some(path.to_owned()), bytes.into());
        let span = line(bytes, error.map_or(1, serde_json::Error::line));
        let (start, end) = span.unwrap_or((0, 0));
        Diagnostic::error(code::LOCK_DAMAGED, title).with_label(Span { file, start, end }, "")
    };
    match version {
        Ok(version) if version > VERSION => {
            let title = format!("`{shown}` is of version {version}");
            let diagnostic = fault(title, None);
            Err(Box::new(
                diagnostic
                    .with_why(format!("a newer bimanix has written it; this one reads {VERSION}"))
                    .with_help("use that one"),
            ))
        }
        _ => serde_json::from_slice(bytes).map(|Whole { images, .. }| images.0).map_err(|error| {
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default().to_owned();
            let diagnostic = fault(format!("`{shown}` is damaged"), Some(&error));
            Box::new(diagnostic.with_why(said).with_help(
                "bring back the one that was committed; without it the next build looks up the tags anew",
            ))
        }),
    }
}

/// Where the text of a line is, counted from 1.
fn line(bytes: &[u8], number: usize) -> Option<(u32, u32)> {
    let mut start = 0;
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        if index + 1 == number.max(1) {
            let blank = line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let end = start + line.trim_ascii_end().len();
            let start = (start + blank).min(end);
            return Some((u32::try_from(start).ok()?, u32::try_from(end).ok()?));
        }
        start += line.len() + 1;
    }
    None
}

/// The images of a lock, no name twice.
struct Images(BTreeMap<String, Entry>);

impl<'de> Deserialize<'de> for Images {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Images;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with an image a member")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Images, A::Error> {
                let mut images = BTreeMap::new();
                while let Some(image) = map.next_key::<String>()? {
                    check_name(&image).map_err(A::Error::custom)?;
                    if images.contains_key(&image) {
                        return Err(A::Error::custom(format!("`{image}` is there twice")));
                    }
                    images.insert(image, map.next_value()?);
                }
                Ok(Images(images))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// A name in a lock is as docker completes it.
fn check_name(image: &str) -> Result<(), String> {
    let reference = ImageReference::parse(image)
        .map_err(|fault| format!("`{image}` does not name an image: {}", fault.why))?;
    match reference.completed() {
        completed if completed == image => Ok(()),
        completed => Err(format!("`{image}` should be written as `{completed}`")),
    }
}

/// What is wrong is found at the value itself, so that its line is known.
fn digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
    let written = String::deserialize(deserializer)?;
    let fault = || D::Error::custom(format!("`{written}` is not a SHA-256 digest"));
    Digest::parse(&written).ok_or_else(fault)
}

fn files<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<String>, D::Error> {
    let files = BTreeSet::<String>::deserialize(deserializer)?;
    let is_none = |file: &&String| file.is_empty() || file.contains('/');
    match files.iter().find(is_none) {
        Some(file) => Err(D::Error::custom(format!("`{file}` is not the name of a file"))),
        None => Ok(files),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Colours;

    fn scratch(name: &str) -> host::Scratch {
        host::scratch_folder(&format!("bimanix-lock-{name}")).unwrap()
    }

    fn read(folder: &Path, text: &str) -> Lock {
        let mut sources = SourceMap::default();
        Lock::read(&folder.join(text), text, false, &mut sources).unwrap()
    }

    fn names(images: &[&str]) -> BTreeSet<String> {
        images.iter().map(|image| (*image).to_owned()).collect()
    }

    const NGINX: &str = "docker.io/library/nginx:1.25";
    const REDIS: &str = "docker.io/library/redis:7";

    #[test]
    fn what_is_written_is_read() {
        let scratch = scratch("written");
        let folder = scratch.path();
        std::fs::write(folder.join("Containerfile"), "").unwrap();
        let path = folder.join(NAME);
        let mut lock = read(folder, "Containerfile");
        assert_eq!(lock.digest(NGINX), None);
        lock.write().unwrap();
        assert!(!path.exists(), "nothing to say");
        lock.set(REDIS.to_owned(), Digest::of(b"redis"));
        lock.set(NGINX.to_owned(), Digest::of(b"nginx"));
        assert!(!path.exists(), "it waits for the image");
        lock.write().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let line = |image: &str, of: &str| {
            let digest = Digest::of(of.as_bytes());
            format!(
                "    \"{image}\": {{ \"digest\": \"{digest}\", \"files\": [\"Containerfile\"] }}"
            )
        };
        let expected = format!(
            "{{\n  \"version\": 1,\n  \"images\": {{\n{},\n{}\n  }}\n}}\n",
            line(NGINX, "nginx"),
            line(REDIS, "redis")
        );
        assert_eq!(text, expected);
        let before = std::fs::metadata(&path).unwrap().modified().unwrap();
        let mut lock = read(folder, "Containerfile");
        assert_eq!(lock.digest(NGINX), Some(Digest::of(b"nginx")));
        lock.names(names(&[NGINX, REDIS]));
        lock.write().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before);
        // What the text names no more goes.
        lock.names(names(&[NGINX]));
        lock.write().unwrap();
        assert!(!std::fs::read_to_string(&path).unwrap().contains(REDIS));
        lock.used.clear();
        lock.names(BTreeSet::new());
        lock.write().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "{\n  \"version\": 1,\n  \"images\": {}\n}\n");
        assert!(read(folder, "Containerfile").images.is_empty());
    }

    #[test]
    fn texts_share_a_lock() {
        let scratch = scratch("shared");
        let folder = scratch.path();
        for text in ["a.Containerfile", "b.Containerfile"] {
            std::fs::write(folder.join(text), "").unwrap();
        }
        let (mut a, mut b) = (read(folder, "a.Containerfile"), read(folder, "b.Containerfile"));
        a.set(NGINX.to_owned(), Digest::of(b"nginx"));
        b.set(REDIS.to_owned(), Digest::of(b"redis"));
        a.names(names(&[NGINX]));
        b.names(names(&[REDIS]));
        // Two at once: none forgets the other's.
        a.write().unwrap();
        b.write().unwrap();
        let mut a = read(folder, "a.Containerfile");
        assert_eq!(a.digest(NGINX), Some(Digest::of(b"nginx")));
        assert_eq!(a.digest(REDIS), Some(Digest::of(b"redis")), "as the other has it");
        a.names(names(&[NGINX, REDIS]));
        a.write().unwrap();
        b.used.clear();
        b.names(BTreeSet::new());
        b.write().unwrap();
        let lock = read(folder, "x");
        assert_eq!(lock.images[REDIS].files, names(&["a.Containerfile"]));
        // A text that is gone names nothing.
        std::fs::remove_file(folder.join("a.Containerfile")).unwrap();
        b.write().unwrap();
        assert!(read(folder, "x").images.is_empty());
    }

    #[test]
    fn a_lock_that_is_fixed_stays() {
        let scratch = scratch("fixed");
        let folder = scratch.path();
        std::fs::write(folder.join("Containerfile"), "").unwrap();
        let mut sources = SourceMap::default();
        let text = folder.join("Containerfile");
        let mut lock = Lock::read(&text, "Containerfile", true, &mut sources).unwrap();
        lock.set(NGINX.to_owned(), Digest::of(b"nginx"));
        lock.write().unwrap();
        assert!(!folder.join(NAME).exists());
    }

    #[test]
    fn what_is_damaged_is_shown() {
        let digest = Digest::of(b"");
        let entry = |image: &str, digest: &str, files: &str| {
            format!("    \"{image}\": {{ \"digest\": \"{digest}\", \"files\": {files} }}")
        };
        let whole = |lines: &[String]| {
            format!("{{\n  \"version\": 1,\n  \"images\": {{\n{}\n  }}\n}}\n", lines.join(",\n"))
        };
        let good = entry(NGINX, &digest.to_string(), "[\"a\"]");
        for (text, line, why) in [
            (String::new(), 1, "EOF"),
            ("[]".to_owned(), 1, "invalid"),
            ("{}".to_owned(), 1, "missing field `version`"),
            ("{\n \"version\": 1\n}".to_owned(), 3, "missing field `images`"),
            ("{\n \"version\": \"1\"\n}".to_owned(), 2, "invalid type"),
            (whole(&["<<<<<<< HEAD".to_owned()]), 4, "key must be a string"),
            (whole(&[good.clone(), good.clone()]), 5, "is there twice"),
            (whole(&[entry("nginx:1.25", &digest.to_string(), "[]")]), 4, "should be written as"),
            (whole(&[entry("Nginx", &digest.to_string(), "[]")]), 4, "does not name an image"),
            (whole(&[entry(NGINX, "sha256:00", "[]")]), 4, "is not a SHA-256 digest"),
            (whole(&[entry(NGINX, &digest.to_string(), "[\"../a\"]")]), 4, "name of a file"),
            (whole(&[entry(NGINX, &digest.to_string(), "3")]), 4, "invalid type"),
            (whole(&[good.replace("files", "file")]), 4, "unknown field `file`"),
            (whole(std::slice::from_ref(&good)).replace("images", "image"), 3, "unknown field"),
            (whole(std::slice::from_ref(&good)) + "}", 7, "trailing characters"),
        ] {
            let mut sources = SourceMap::default();
            let parsed = parse(text.as_bytes(), Path::new("/x/bimanix.lock"), "l", &mut sources);
            let diagnostic = parsed.unwrap_err();
            let said = diagnostic.render(&sources, Colours::Dropped);
            assert_eq!(diagnostic.code, "lock/damaged");
            let at = sources.position(diagnostic.labels[0].span).line;
            assert_eq!(at, line, "{text}: {said}");
            assert!(said.contains(why), "{text}: {said}");
            assert!(!said.contains("at line"), "{said}");
        }
        let mut sources = SourceMap::default();
        let newer = b"{ \"version\": 2, \"other\": [] }";
        let said = parse(newer, Path::new("/l"), "l", &mut sources).unwrap_err();
        assert!(said.title.contains("of version 2"), "{}", said.title);
        assert!(parse(whole(&[good]).as_bytes(), Path::new("/l"), "l", &mut sources).is_ok());
    }
}
