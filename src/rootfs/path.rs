//! Paths in the image.

use std::cmp::Ordering;
use std::fmt;

/// An absolute path in the image, without the slash in front: components that are neither empty, `.`,
/// `..`, nor a whiteout. The root itself is the empty path.
///
/// In order, a folder is followed by all that is in it, as whoever walks a tree finds it: `a`, `a/z`, `a-c`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImagePath(Vec<u8>);

impl Ord for ImagePath {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut one, mut two) = (self.0.as_slice(), other.0.as_slice());
        // Most paths that are compared begin alike, and trees compare a lot.
        while let Some((first, rest)) = one.split_first_chunk::<8>()
            && let Some((second, other_rest)) = two.split_first_chunk::<8>()
            && first == second
        {
            (one, two) = (rest, other_rest);
        }
        match one.iter().zip(two).find(|(one, two)| one != two) {
            None => one.len().cmp(&two.len()),
            Some((b'/', _)) => Ordering::Less,
            Some((_, b'/')) => Ordering::Greater,
            Some((one, two)) => one.cmp(two),
        }
    }
}

impl PartialOrd for ImagePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Why a path cannot be one of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathFault {
    /// It does not begin with `/`.
    Relative,
    /// It holds `..`.
    Parent,
    /// A name begins with `.wh.`, which layers use to delete files.
    Whiteout,
    /// It holds a NUL byte.
    Nul,
    /// A name is longer than 255 bytes, or the path longer than 4096.
    TooLong,
}

/// The longest name and path Linux takes.
const MAX_NAME: usize = 255;
const MAX_PATH: usize = 4096;
/// What the name of a whiteout begins with.
const WHITEOUT: &[u8] = b".wh.";

impl ImagePath {
    /// An absolute path as the user writes it; doubled slashes, `.` and a slash at the end are nothing.
    ///
    /// # Errors
    /// The first rule it breaks.
    pub fn parse(text: &[u8]) -> Result<Self, PathFault> {
        if !text.starts_with(b"/") {
            return Err(PathFault::Relative);
        }
        let mut path = ImagePath(Vec::with_capacity(text.len()));
        for component in text.split(|&byte| byte == b'/') {
            match component {
                b"" | b"." => {}
                other => path.push(other)?,
            }
        }
        Ok(path)
    }

    /// The path of a name in this folder.
    ///
    /// # Errors
    /// The rule the name breaks.
    pub fn join(&self, name: &[u8]) -> Result<Self, PathFault> {
        let mut path = self.clone();
        path.push(name)?;
        Ok(path)
    }

    fn push(&mut self, name: &[u8]) -> Result<(), PathFault> {
        if name == b".." {
            return Err(PathFault::Parent);
        }
        if name.starts_with(WHITEOUT) {
            return Err(PathFault::Whiteout);
        }
        if name.contains(&0) {
            return Err(PathFault::Nul);
        }
        if !self.0.is_empty() {
            self.0.push(b'/');
        }
        self.0.extend_from_slice(name);
        if name.len() > MAX_NAME || self.0.len() > MAX_PATH {
            return Err(PathFault::TooLong);
        }
        Ok(())
    }

    /// The name of the file by which a layer removes this path from those below it (OCI image-spec, `layer.md`,
    /// "Whiteouts").
    ///
    /// # Errors
    /// The path is the root, or its name has no room for the prefix.
    pub fn whiteout(&self) -> Result<ImagePath, PathFault> {
        let parent = self.parent_bytes();
        let name = self.0.strip_prefix(parent).unwrap_or(&self.0);
        let name = name.strip_prefix(b"/").unwrap_or(name);
        let slash: &[u8] = if parent.is_empty() { b"" } else { b"/" };
        if name.is_empty() {
            return Err(PathFault::Relative);
        }
        if name.len() + WHITEOUT.len() > MAX_NAME {
            return Err(PathFault::TooLong);
        }
        Ok(ImagePath([parent, slash, WHITEOUT, name].concat()))
    }

    /// This path below another one.
    ///
    /// # Errors
    /// It gets too long.
    pub fn below(&self, folder: &ImagePath) -> Result<ImagePath, PathFault> {
        let slash: &[u8] = if folder.is_root() || self.is_root() { b"" } else { b"/" };
        let path = ImagePath([folder.0.as_slice(), slash, self.0.as_slice()].concat());
        if path.0.len() > MAX_PATH { Err(PathFault::TooLong) } else { Ok(path) }
    }

    /// This path as it is seen from a folder above it.
    pub fn from_folder(&self, folder: &ImagePath) -> Option<ImagePath> {
        let rest = self.0.strip_prefix(folder.0.as_slice())?;
        let rest = if folder.is_root() { rest } else { rest.strip_prefix(b"/")? };
        Some(ImagePath(rest.to_vec()))
    }

    /// The last name; that of the root is empty.
    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
    }

    /// The bytes, without the slash in front.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is `/`.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// What comes before everything in this folder, and behind what only begins with its name.
    pub(super) fn first_below(&self) -> ImagePath {
        let slash: &[u8] = if self.0.is_empty() { b"" } else { b"/" };
        ImagePath([self.0.as_slice(), slash].concat())
    }

    /// The bytes of the folder it is in.
    pub(super) fn parent_bytes(&self) -> &[u8] {
        let end = self.0.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
        self.0.get(..end).unwrap_or(&[])
    }

    /// The folder it is in; that of the root is the root.
    #[must_use]
    pub fn parent(&self) -> ImagePath {
        ImagePath(self.parent_bytes().to_vec())
    }

    /// Whether this folder is the one that it is in.
    pub fn is_in(&self, folder: &ImagePath) -> bool {
        self.parent_bytes() == folder.0
    }

    /// Whether it is in this folder, at any depth.
    pub fn is_below(&self, folder: &ImagePath) -> bool {
        match self.0.strip_prefix(folder.0.as_slice()) {
            Some(rest) => !rest.is_empty() && (folder.0.is_empty() || rest.starts_with(b"/")),
            None => false,
        }
    }

    /// The folders above it and itself, outermost first; the root is left out.
    pub fn prefixes(&self) -> impl Iterator<Item = ImagePath> {
        let ends = self.0.iter().enumerate().filter(|&(_, &byte)| byte == b'/').map(|(at, _)| at);
        let all = ends.chain(std::iter::once(self.0.len()).filter(|&length| length > 0));
        all.map(|end| ImagePath(self.0.get(..end).unwrap_or(&[]).to_vec()))
    }

    /// This path with the symlink at `prefix` replaced by its target; `..` stops at the root.
    pub fn redirect(&self, prefix: &ImagePath, target: &[u8]) -> Option<ImagePath> {
        let rest = self.0.get(prefix.0.len()..).unwrap_or(&[]);
        let folder = match prefix.0.iter().rposition(|&byte| byte == b'/') {
            Some(at) => prefix.0.get(..at).unwrap_or(&[]),
            None => &[],
        };
        let start: &[u8] = if target.starts_with(b"/") { &[] } else { folder };
        let all = [start, b"/", target, rest].concat();
        let mut parts: Vec<&[u8]> = Vec::new();
        for part in all.split(|&byte| byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => {
                    parts.pop();
                }
                other => parts.push(other),
            }
        }
        let joined = parts.join(b"/".as_slice());
        (joined.len() <= MAX_PATH).then_some(ImagePath(joined))
    }
}

impl fmt::Display for ImagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", String::from_utf8_lossy(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsing() {
        for (text, expected) in [
            ("/a/b", Ok("/a/b")),
            ("//a/./b/", Ok("/a/b")),
            ("/", Ok("/")),
            ("/a b/ü", Ok("/a b/ü")),
            ("/..a", Ok("/..a")),
            ("a", Err(PathFault::Relative)),
            ("", Err(PathFault::Relative)),
            ("/a/../b", Err(PathFault::Parent)),
            ("/a/.wh.b", Err(PathFault::Whiteout)),
            ("/.wh..wh..opq", Err(PathFault::Whiteout)),
            ("/a\0b", Err(PathFault::Nul)),
        ] {
            let parsed = ImagePath::parse(text.as_bytes()).map(|path| path.to_string());
            assert_eq!(parsed.as_deref(), expected.as_deref(), "{text:?}");
        }
        let long = format!("/{}", "a".repeat(256));
        assert_eq!(ImagePath::parse(long.as_bytes()), Err(PathFault::TooLong));
    }

    #[test]
    fn prefixes() {
        let path = ImagePath::parse(b"/a/b/c").unwrap();
        let all: Vec<String> = path.prefixes().map(|path| path.to_string()).collect();
        assert_eq!(all, ["/a", "/a/b", "/a/b/c"]);
        assert_eq!(ImagePath::parse(b"/").unwrap().prefixes().count(), 0);
    }
}
