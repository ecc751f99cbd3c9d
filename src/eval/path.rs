//! Paths of the language, which are bytes, and paths of the system.

use crate::world;
use std::path::{Path, PathBuf};

/// The bytes of a Nix path as a path of the system.
pub fn as_path(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        PathBuf::from(OsStr::from_bytes(bytes))
    }
    #[cfg(not(unix))]
    {
        PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// A path of the system as the bytes of a Nix path.
pub(super) fn as_bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

/// Resolves `.` and `..` in an absolute path by name.
pub(super) fn normalize(path: &[u8]) -> Vec<u8> {
    world::normalize(&as_path(path)).into_os_string().into_encoded_bytes()
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn names_are_resolved_byte_by_byte() {
        let cases: &[(&[u8], &[u8])] = &[
            (b"/a/./b//c/../d/", b"/a/b/d"),
            (b"/..", b"/"),
            (b"/a\xff/../\xfe\xc3/.", b"/\xfe\xc3"),
        ];
        for (path, wanted) in cases {
            assert_eq!(normalize(path), *wanted);
        }
    }
}
