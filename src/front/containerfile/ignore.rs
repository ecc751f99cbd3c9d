//! The files of the build context, without those that `.dockerignore` names.

use super::glob::Pattern;
use crate::diag::{Diagnostic, Report, SourceMap};
use crate::world::{Entry, Kind, World};
use std::borrow::Cow;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// The largest ignore file.
const MAX_FILE: u64 = 1024 * 1024;

/// Patterns in order; the last that matches a file or a folder above it decides.
#[derive(Debug, Clone, Default)]
pub(super) struct Patterns {
    patterns: Vec<(Pattern, bool)>,
}

/// Which patterns a folder matches, so that what is in it need not ask for the folders above.
#[derive(Debug, Clone, Default)]
pub(super) struct Above(Vec<bool>);

impl Patterns {
    /// Adds a pattern, which may begin with `!`. Patterns that say nothing are left out.
    ///
    /// # Errors
    /// It is not a pattern.
    pub fn add(&mut self, text: &str) -> Result<(), ()> {
        let text = text.trim();
        let (text, is_exception) = match text.strip_prefix('!') {
            Some(rest) => (rest.trim(), true),
            None => (text, false),
        };
        if text.is_empty() {
            return if is_exception { Err(()) } else { Ok(()) };
        }
        let clean = clean(text);
        let clean = match clean.strip_prefix('/') {
            Some(rest) if !rest.is_empty() => rest,
            _ => clean.as_str(),
        };
        self.patterns.push((Pattern::of_ignored(clean).map_err(|_| ())?, is_exception));
        Ok(())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether something in a matched folder may not be matched.
    pub fn has_exceptions(&self) -> bool {
        self.patterns.iter().any(|(_, is_exception)| *is_exception)
    }

    /// Whether a name in a folder is matched, and what is to be known for the names in it.
    pub fn matches(&self, name: &str, above: &Above) -> (bool, Above) {
        let mut is_matched = false;
        let mut own = Vec::with_capacity(self.patterns.len());
        for (index, (pattern, is_exception)) in self.patterns.iter().enumerate() {
            let matches = above.0.get(index) == Some(&true)
                || (*is_exception == is_matched && pattern.matches(name));
            own.push(matches);
            if matches {
                is_matched = !is_exception;
            }
        }
        (is_matched, Above(own))
    }

    /// Whether a path is matched.
    pub fn match_path(&self, path: &Path) -> (bool, Above) {
        let mut state = (false, Above::default());
        let mut name = String::new();
        for component in path.components() {
            if !name.is_empty() {
                name.push('/');
            }
            name.push_str(&component.as_os_str().to_string_lossy());
            state = self.matches(&name, &state.1);
        }
        state
    }
}

/// `filepath.Clean` of Go.
pub(super) fn clean(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (is_absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// The files of a build context.
#[derive(Debug, Clone)]
pub(super) struct Context<'w> {
    world: &'w dyn World,
    root: &'w Path,
    ignored: Patterns,
}

impl<'w> Context<'w> {
    /// The context, and what its ignore file names: `FILE.dockerignore`, else `.dockerignore` of the context.
    pub fn read(
        world: &'w dyn World,
        root: &'w Path,
        file: &Path,
        sources: &mut SourceMap,
        report: &mut Report,
    ) -> Self {
        let mut context = Self { world, root, ignored: Patterns::default() };
        let mut own = file.as_os_str().to_owned();
        own.push(".dockerignore");
        for path in [PathBuf::from(own), root.join(".dockerignore")] {
            match world.read(&path, MAX_FILE) {
                Ok(bytes) => {
                    context.ignored = patterns(&path, &bytes, sources, report);
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let code = "containerfile/ignore-file";
                    report.push(
                        Diagnostic::io(code, "read", &path, &error)
                            .with_help("make it readable, or remove it"),
                    );
                    break;
                }
            }
        }
        context
    }

    /// What is at a path of the context; nothing is there when it is ignored.
    pub fn look(&self, path: &Path) -> io::Result<Option<Kind>> {
        match self.world.lstat(&self.root.join(path)) {
            Ok(stat) => {
                let is_ignored = self.is_ignored(path) && stat.kind != Kind::Folder;
                Ok((!is_ignored).then_some(stat.kind))
            }
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether an ignore file names a path.
    pub fn is_ignored(&self, path: &Path) -> bool {
        !self.ignored.is_empty() && self.ignored.match_path(path).0
    }

    /// The names in a folder of the context, those that are ignored too.
    pub fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.world.list(&self.root.join(path))
    }

    /// The target of a symlink.
    pub fn target(&self, path: &Path) -> io::Result<PathBuf> {
        self.world.read_link(&self.root.join(path))
    }

    /// The first bytes of a file.
    pub fn head(&self, path: &Path, size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = self.world.open(&self.root.join(path))?;
        io::Read::read_to_end(&mut io::Read::take(file, size), &mut bytes)?;
        Ok(bytes)
    }

    /// A file of at most `limit` bytes.
    pub fn read_file(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.world.read(&self.root.join(path), limit)
    }

    /// The names that an ignore file leaves in a folder.
    pub fn names(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let entries = self.list(path)?.into_iter();
        let kept = entries.filter(|entry| {
            entry.kind == Kind::Folder || !self.is_ignored(&path.join(&entry.name))
        });
        Ok(kept.map(|entry| entry.name).collect())
    }

    /// What an ignore file names.
    pub fn ignored(&self) -> &Patterns {
        &self.ignored
    }
}

/// Whether nothing is there.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn patterns(path: &Path, bytes: &[u8], sources: &mut SourceMap, report: &mut Report) -> Patterns {
    let text: Cow<'_, str> = String::from_utf8_lossy(bytes);
    let file = sources.add(path.display().to_string(), Some(path.to_owned()), bytes.into());
    let mut patterns = Patterns::default();
    let mut at = 0_usize;
    for line in text.split_inclusive('\n') {
        let start = at;
        at = at.saturating_add(line.len());
        let pattern = line.strip_prefix('\u{feff}').unwrap_or(line);
        if pattern.starts_with('#') {
            continue;
        }
        let pattern = pattern.trim();
        if patterns.add(pattern).is_err() {
            let from = start.saturating_add(line.find(pattern).unwrap_or(0));
            let place = super::lines::span(file, from..from.saturating_add(pattern.len()));
            report.push(
                Diagnostic::error(
                    "containerfile/pattern",
                    format!("`{pattern}` is not a pattern of file names"),
                )
                .with_label(place, "")
                .with_help(PATTERN_HELP),
            );
        }
    }
    patterns
}

/// What to do with a pattern that is not one.
pub(super) const PATTERN_HELP: &str =
    "end `[…]`, and write `\\` in front of a `[`, `*`, `?` or `\\` that is a character of the name";

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables of `patternmatcher_test.go` (`multiPatternTests`) and of the reference of Docker.
    #[test]
    fn the_last_pattern_decides() {
        for (list, path, expected) in [
            (&["**", "!util/docker/web"][..], "util/docker/web/foo", false),
            (&["**", "!util/docker/web", "util/docker/web/foo"], "util/docker/web/foo", true),
            (
                &["**", "!dist/proxy.py", "!dist/index.html", "!dist/v8.2", "dist/v8.2/x"],
                "dist/v8.2/x/a",
                true,
            ),
            (&["a", "!a/b", "a/b/c"], "a/b", false),
            (&["a", "!a/b", "a/b/c"], "a/b/c/d", true),
            (&["*/temp*"], "somedir/temporary.txt", true),
            (&["*/temp*"], "somedir/subdir/temporary.txt", false),
            (&["*/*/temp*"], "somedir/subdir/temporary.txt", true),
            (&["temp?"], "tempa", true),
            (&["temp?"], "temp", false),
            (&["*.md", "!README.md"], "README.md", false),
            (&["*.md", "!README.md"], "a.md", true),
            (&["*.md", "!README*.md", "README-secret.md"], "README-secret.md", true),
            (&["*.md", "README-secret.md", "!README*.md"], "README-secret.md", false),
            (&["/foo/bar"], "foo/bar", true),
            (&["foo/bar/"], "foo/bar/x", true),
            (&["./foo//bar/../baz"], "foo/baz", true),
            (&["  spaced  "], "spaced", true),
            (&["! a", "b"], "b", true),
            (&["docs", "!docs/a"], "docs/a", false),
            (&["*"], "a/b", true),
            (&["."], "a", false),
            (&["**/*.go"], "a/b.go", true),
            (&[], "a", false),
        ] {
            let mut patterns = Patterns::default();
            for pattern in list {
                patterns.add(pattern).unwrap();
            }
            assert_eq!(patterns.match_path(Path::new(path)).0, expected, "{list:?} {path}");
        }
        assert_eq!(Patterns::default().add("!"), Err(()));
        assert_eq!(Patterns::default().add("a[b"), Err(()));
        assert_eq!(Patterns::default().add("   "), Ok(()));
    }

    #[test]
    fn paths_are_cleaned() {
        for (path, expected) in [
            ("", "."),
            (".", "."),
            ("/", "/"),
            ("a/", "a"),
            ("./a//b/./c", "a/b/c"),
            ("a/../b", "b"),
            ("../a", "../a"),
            ("a/../..", ".."),
            ("/../a", "/a"),
            ("/a/../..", "/"),
        ] {
            assert_eq!(clean(path), expected, "{path}");
        }
    }
}
