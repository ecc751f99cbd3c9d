//! Paths as lists of names, from the root of a context or of an image.

use std::path::PathBuf;

/// A path from the root, name by name: none for the root itself, and never `.` or `..`.
pub(super) type Names = Vec<Vec<u8>>;

/// The names of a path that begins at the root, as Go's `filepath.Clean` leaves them: `..` stops there.
pub(super) fn names(path: &[u8]) -> Names {
    let mut names: Names = Vec::new();
    for name in path.split(|&byte| byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => {
                names.pop();
            }
            other => names.push(other.to_vec()),
        }
    }
    names
}

/// The absolute path of names.
pub(super) fn path(names: &[Vec<u8>]) -> Vec<u8> {
    [b"/", names.join(&b'/').as_slice()].concat()
}

/// Names as a relative path of this machine. Names that are not UTF-8 come from it and go back to it.
pub(super) fn local(names: &[Vec<u8>]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    names.iter().map(|name| std::ffi::OsStr::from_bytes(name)).collect()
}

/// A path below another.
pub(super) fn below(folder: &[Vec<u8>], names: &[Vec<u8>]) -> Names {
    [folder, names].concat()
}

/// Names as messages show them: a path of the image.
pub(super) fn shown(names: &[Vec<u8>]) -> String {
    String::from_utf8_lossy(&path(names)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        for (written, expected) in [
            ("", "/"),
            ("/", "/"),
            ("/a/", "/a"),
            ("./a//b/./c", "/a/b/c"),
            ("/a/../b", "/b"),
            ("../a", "/a"),
            ("/a/../../..", "/"),
        ] {
            assert_eq!(path(&names(written.as_bytes())), expected.as_bytes(), "{written}");
        }
        assert_eq!(local(&names(b"/a/b")), PathBuf::from("a/b"));
    }
}
