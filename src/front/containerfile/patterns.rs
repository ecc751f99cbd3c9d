//! Patterns of files that are left out: those of `.dockerignore` and of `--exclude`.

use super::glob::Pattern;

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

    /// Whether a path is matched, given what is known of the folder above it, and what is to be known below it.
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

    /// Whether a path is matched, and what is to be known for the names below it.
    pub fn match_names(&self, names: &[Vec<u8>]) -> (bool, Above) {
        let mut state = (false, Above::default());
        let mut path = String::new();
        for name in names {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&String::from_utf8_lossy(name));
            state = self.matches(&path, &state.1);
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

/// What to do with a pattern that is not one.
pub(super) const PATTERN_HELP: &str =
    "end `[…]`, and write `\\` in front of a `[`, `*`, `?` or `\\` that is a character of the name";

#[cfg(test)]
mod tests {
    use super::super::paths::names;
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
            assert_eq!(
                patterns.match_names(&names(path.as_bytes())).0,
                expected,
                "{list:?} {path}"
            );
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
