//! Paths: made absolute, and resolved by name or by the symlinks on the way.

use std::io;
use std::path::{Component, Path, PathBuf};

/// The path with every symlink followed.
pub fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    std::fs::canonicalize(path)
}

/// An absolute form of a path: the current folder in front, `.` and `..` resolved by name alone.
pub fn absolute(path: &Path) -> io::Result<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "the one place")]
    let base = if path.is_absolute() { PathBuf::new() } else { std::env::current_dir()? };
    Ok(normalize(&base.join(path)))
}

/// Resolves `.` and `..` by name alone; `..` at the root stays at the root.
pub fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    out.push("/");
                }
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                out.push(component);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizes_by_name() {
        for (given, expected) in
            [("/a/./b/../c", "/a/c"), ("/..", "/"), ("/a//b/", "/a/b"), ("/../../a", "/a")]
        {
            assert_eq!(normalize(Path::new(given)), PathBuf::from(expected), "{given}");
        }
    }
}
