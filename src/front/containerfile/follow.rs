//! Paths with their symlinks, as the system follows them.
//!
//! In a stage and in an image, an absolute target begins at their root, and `..` stops there (`RootPath` of
//! containerd's `continuity/fs`). In a folder of this machine, both lead out of it.

use super::paths::Names;
use super::tree::{Item, Lost, Shape, Tree};

/// As many symlinks as Linux follows before it calls them a loop.
const MAX_LINKS: usize = 40;

impl<'w> Tree<'w> {
    /// What is at a path, and where that is when every symlink has been followed.
    pub fn follow(&self, path: &[Vec<u8>]) -> Result<Option<(Names, Item<'w>)>, Lost> {
        let Some(real) = self.real(path, false)? else { return Ok(None) };
        Ok(self.look(&real)?.map(|item| (real, item)))
    }

    /// Where something goes that is put at a path. What is not there yet is taken as it is written.
    pub fn destination(&self, path: &[Vec<u8>]) -> Result<Names, Lost> {
        Ok(self.real(path, true)?.unwrap_or_default())
    }

    fn real(&self, path: &[Vec<u8>], is_new: bool) -> Result<Option<Names>, Lost> {
        let mut real = Names::new();
        let mut left: Names = path.iter().rev().cloned().collect();
        let mut links = 0_usize;
        let mut link = Names::new();
        while let Some(name) = left.pop() {
            if name == b".." {
                if real.pop().is_none() && self.is_of_machine() {
                    return Err(Lost::Outside(link));
                }
                continue;
            }
            real.push(name);
            let here = match self.look(&real)? {
                None if is_new => continue,
                None => return Ok(None),
                Some(here) => here,
            };
            match here.shape {
                Shape::Folder => {}
                Shape::File if left.is_empty() => {}
                Shape::File if is_new => return Err(Lost::NotAFolder(real)),
                Shape::File => return Ok(None),
                Shape::Symlink => {
                    links = links.saturating_add(1);
                    if links > MAX_LINKS {
                        return Err(Lost::Loop);
                    }
                    link.clone_from(&real);
                    let target = here.target()?;
                    if target.starts_with(b"/") {
                        if self.is_of_machine() {
                            return Err(Lost::Outside(link));
                        }
                        real.clear();
                    } else {
                        real.pop();
                    }
                    left.extend(parts(&target));
                }
            }
        }
        Ok(Some(real))
    }
}

/// The names of a target, the last one first; `..` stays, since what is above may be a symlink.
fn parts(target: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let parts = target.split(|&byte| byte == b'/');
    parts.filter(|part| !part.is_empty() && *part != b".").rev().map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::containerfile::context::Context;
    use crate::front::containerfile::paths::{names, path};
    use crate::recipe::draft::{BaseDraft, ImageDraft};
    use crate::world::Memory;
    use std::rc::Rc;

    #[test]
    fn symlinks_stay_in_an_image() {
        let files = Memory::default()
            .file("/usr/lib/libc.so", "")
            .symlink("/lib", "usr/lib")
            .symlink("/absolute", "/usr")
            .symlink("/climbs", "../../usr/lib")
            .symlink("/dangling", "no/where")
            .symlink("/loop", "loop");
        let image = ImageDraft::Reference("a".to_owned());
        let image = BaseDraft { image, platform: None };
        let tree = Tree::of(Rc::new(Context::of_image(Rc::new(files), image)));
        for (written, found, goes) in [
            ("/", Some("/"), Some("/")),
            ("/lib/libc.so", Some("/usr/lib/libc.so"), Some("/usr/lib/libc.so")),
            ("/absolute/lib", Some("/usr/lib"), Some("/usr/lib")),
            ("/climbs/libc.so", Some("/usr/lib/libc.so"), Some("/usr/lib/libc.so")),
            ("/lib/new/file", None, Some("/usr/lib/new/file")),
            ("/dangling", None, Some("/no/where")),
            ("/dangling/x", None, Some("/no/where/x")),
            ("/lib/libc.so/x", None, None),
        ] {
            let text = |names: Names| String::from_utf8(path(&names)).unwrap();
            let names = names(written.as_bytes());
            let real = tree.follow(&names).unwrap().map(|(real, _)| text(real));
            assert_eq!(real.as_deref(), found, "{written}");
            let real = tree.destination(&names).ok().map(text);
            assert_eq!(real.as_deref(), goes, "{written}");
        }
        assert!(matches!(tree.follow(&names(b"/loop")), Err(Lost::Loop)));
        assert!(matches!(tree.destination(&names(b"/loop/x")), Err(Lost::Loop)));
    }
}
