//! What is in the places of an image that urunc, or an engine, puts something of its own over.

use crate::rootfs::{Content, Found, ImagePath, Lost, Node, Tree};
use crate::urunc::files::{self, InTheWay, Mount};
use crate::urunc::{Finding, Key, Monitor};

/// Everything that is in the way of a mount, and every boot file that one hides.
pub(super) fn check<S>(
    tree: &Tree<S>,
    monitor: Option<Monitor>,
    boot: &[(Key, ImagePath)],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut hidden: Vec<(Mount, ImagePath)> = Vec::new();
    let mut reported = Vec::new();
    for mount in files::mounts(monitor) {
        // urunc is outside of the image when it mounts.
        match folder(tree, mount) {
            Ok(folder) => hidden.push((mount, folder)),
            Err(found) => {
                // One file can be in the way of several mounts.
                if !reported.contains(&found) {
                    findings.push(files::check_mount_place(mount, &found));
                }
                if !matches!(found, InTheWay::Dangling | InTheWay::Loop) {
                    reported.push(found);
                }
            }
        }
    }
    for (key, path) in boot {
        let over = hidden.iter().find(|(_, folder)| path.is_below(folder));
        match over {
            Some((mount, folder)) => {
                findings.push(files::check_hidden(*key, *mount, &folder.to_string()));
            }
            None => findings.extend(files::check_deleted(*key, &path.to_string())),
        }
        let replaced = files::ENGINE_FILES.into_iter().find(|file| {
            let real = tree.walk(file.as_bytes()).map(|found| found.path);
            real.as_ref() == Ok(path)
        });
        findings.extend(replaced.and_then(|file| files::check_engine_file(*key, file)));
    }
    findings
}

/// The folder that is mounted over; it is made where there is nothing.
fn folder<S>(tree: &Tree<S>, mount: Mount) -> Result<ImagePath, InTheWay> {
    let path = mount.path;
    let own = ImagePath::parse(path.as_bytes()).unwrap_or_default();
    match tree.walk_from_outside(path.as_bytes()) {
        Ok(Found { path, node: None | Some(Node { content: Content::Directory, .. }) }) => Ok(path),
        Ok(Found { path: file, .. }) | Err(Lost::NotAFolder(file)) => {
            Err(InTheWay::File(file.to_string()))
        }
        Err(Lost::Missing) => Ok(own),
        Err(Lost::Outside(link)) => Err(InTheWay::AbsoluteLink(link.to_string())),
        Err(Lost::Dangling) => Err(InTheWay::Dangling),
        Err(Lost::Loop) => Err(InTheWay::Loop),
    }
}
