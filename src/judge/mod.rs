//! What urunc will do with an image: the same judgement for one that is to be built and for one that is there.
//!
//! In: the annotations, the process and the [`Tree`] of an image, and a way to [`Open`] its files. Out: a
//! [`Judged`]: where the boot files really are, what their bytes say, and a [`Finding`] for everything that
//! urunc, an engine or the guest will stumble over. What always holds: the files are found as the system
//! will find them, through symlinks; a statement that a file makes about itself can refuse an image, a guess
//! only warns; nothing is printed and no place in a text is known. Whether the annotations are good in
//! themselves is [`urunc::check`]'s to say.

mod bytes;
mod places;

pub use crate::world::ReadSeek;
pub use bytes::{BlockImage, BootFiles, check as check_bytes, monitors};

use crate::diag::{describe_io, nearest};
use crate::explain::code;
use crate::rootfs::{Content, Found, ImagePath, Lost, Node, Tree};
use crate::unikernel::{self, block, initrd};
use crate::urunc::eras::E26;
use crate::urunc::user::{self, Access, Ids};
use crate::urunc::{self, Annotations, Finding, Guest, Help, Key, Monitor, Process};
use std::collections::BTreeSet;
use std::io::{self, Read as _};

/// The largest `/etc/passwd` and `/etc/group` that are read, in bytes.
const MAX_TABLE: u64 = 4 << 20;

/// The files of an image, wherever they are.
pub trait Open<S> {
    /// Opens a regular file.
    ///
    /// # Errors
    /// Those of the system; `Unsupported` for a file that is whole and can only not be read here.
    fn open(&self, content: &Content<S>) -> io::Result<Box<dyn ReadSeek + '_>>;

    /// How messages name the file that is at a path of the image.
    fn name(&self, path: &ImagePath, content: &Content<S>) -> String;
}

/// What is judged.
#[derive(Debug)]
pub struct Subject<'s, S> {
    /// What the image says to urunc.
    pub annotations: &'s Annotations,
    /// The process it asks for, where that is known.
    pub process: Option<&'s Process>,
    /// Its files.
    pub tree: &'s Tree<S>,
    /// Boot files that are not looked for, since their annotations have been refused.
    pub refused: BTreeSet<Key>,
    /// Whether the image has files that are not known, so that nothing may be concluded from one that is missing.
    pub partial: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Judged {
    /// Everything that is wrong, or good to know.
    pub findings: Vec<Finding>,
    /// Where the kernel, the initrd and the block image really are, behind symlinks; those that are there.
    pub boot: Vec<(Key, ImagePath)>,
    /// What their bytes say; none when one cannot be read, or the kernel is not there.
    pub files: Option<BootFiles>,
}

/// Judges an image.
pub fn judge<S>(subject: &Subject<'_, S>, files: &dyn Open<S>) -> Judged {
    let Subject { annotations, process, tree, refused, partial } = subject;
    let mut judged = Judged::default();
    for key in [Key::Binary, Key::Initrd, Key::Block] {
        let Some(value) = annotations.get(key) else { continue };
        if refused.contains(&key) {
            continue;
        }
        match boot_file(tree, key, value) {
            Ok((path, finding)) => {
                judged.boot.push((key, path));
                judged.findings.extend(finding);
            }
            Err(_) if *partial => {}
            Err(finding) => judged.findings.push(*finding),
        }
    }
    judged.files = describe(tree, files, &judged.boot, &mut judged.findings);
    let guest = annotations.get(Key::UnikernelType).and_then(Guest::from_name);
    let monitor = annotations.get(Key::Hypervisor).and_then(Monitor::from_name);
    if let Some(known) = &judged.files {
        judged.findings.extend(bytes::check(annotations, known));
        let initrd = known.initrd.as_ref().map_or(0, |initrd| initrd.size);
        judged.findings.extend(urunc::files::check_memory(guest, known.kernel.size, initrd));
    }
    for (key, path) in &judged.boot {
        let size = match tree.get(path).map(|node| &node.content) {
            Some(Content::File { size, .. }) => *size,
            Some(Content::Bytes(bytes)) => bytes.len() as u64,
            _ => continue,
        };
        judged.findings.extend(urunc::files::check_size(*key, size));
    }
    judged.findings.extend(places::check(tree, monitor, &judged.boot));
    if let Some(process) = process {
        judged.findings.extend(urunc::process::check(annotations, process));
        judged.findings.extend(urunc::launch::check_command_line(annotations, process));
        match ids(tree, files, process) {
            // The tables of users may be among the files that are not known.
            _ if *partial => {}
            Ok(ids) => judged.findings.extend(access(tree, &judged.boot, process, ids)),
            Err(finding) => judged.findings.push(*finding),
        }
    }
    judged
}

/// Who the monitor runs as.
fn ids<S>(tree: &Tree<S>, files: &dyn Open<S>, process: &Process) -> Result<Ids, Box<Finding>> {
    let table = |path: &str| {
        let node = tree.walk(path.as_bytes()).ok()?.node?;
        let mut bytes = Vec::new();
        match &node.content {
            Content::Bytes(known) => bytes.clone_from(known),
            content @ Content::File { .. } => {
                files.open(content).ok()?.take(MAX_TABLE).read_to_end(&mut bytes).ok()?;
            }
            Content::Directory | Content::Symlink(_) | Content::Special(_) => return None,
        }
        Some(bytes)
    };
    let (passwd, group) = (table("/etc/passwd"), table("/etc/group"));
    user::resolve(process.user.as_deref(), passwd.as_deref(), group.as_deref())
}

/// Whether that user may do with the boot files what the monitor does.
fn access<S>(
    tree: &Tree<S>,
    boot: &[(Key, ImagePath)],
    process: &Process,
    ids: Ids,
) -> Vec<Finding> {
    let of = |node: &Node<S>| Access { mode: node.mode, uid: node.uid, gid: node.gid };
    let spelled = process.user.as_deref().unwrap_or("0");
    let mut findings = Vec::new();
    for (key, path) in boot {
        if let Some(node) = tree.get(path) {
            findings.extend(user::check_file(*key, of(node), ids, spelled));
        }
        for folder in path.prefixes().filter(|prefix| prefix != path) {
            findings.extend(tree.get(&folder).and_then(|node| {
                user::check_folder(*key, &folder.to_string(), of(node), ids, spelled)
            }));
        }
    }
    findings
}

/// The regular file that an annotation names, behind symlinks, and what is wrong with its name.
fn boot_file<S>(
    tree: &Tree<S>,
    key: Key,
    value: &str,
) -> Result<(ImagePath, Option<Finding>), Box<Finding>> {
    let name = key.short();
    let lost = match tree.walk(value.as_bytes()) {
        Ok(Found {
            path,
            node: Some(Node { content: Content::File { .. } | Content::Bytes(_), .. }),
        }) => {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._/-".contains(byte);
            // What is wrong with the name as it is written has been said.
            let is_odd = value.as_bytes().iter().all(plain) && !path.as_bytes().iter().all(plain);
            let finding = is_odd.then(|| {
                let title = format!("`{name}` leads to `{path}`, whose name urunc refuses");
                Finding::error(code::URUNC_PATH, key, title)
                    .why("behind symlinks, too, it takes letters, digits, `.`, `_`, `/` and `-`")
                    .help("rename the file in the image")
                    .only_in(&[E26])
            });
            return Ok((path, finding));
        }
        Ok(_) => "which is a folder".to_owned(),
        Err(Lost::Missing) => "which is not in the image".to_owned(),
        Err(Lost::Dangling) => "a symlink to nothing in the image".to_owned(),
        Err(Lost::NotAFolder(file)) => format!("and `{file}` is a file, not a folder"),
        Err(Lost::Loop) => "whose symlinks lead round in a circle".to_owned(),
        Err(Lost::Outside(link)) => format!("and `{link}` leads out of the image"),
    };
    let file_name = value.rsplit('/').next().unwrap_or(value);
    let paths: Vec<String> = tree
        .iter()
        .filter(|(_, node)| matches!(node.content, Content::File { .. } | Content::Bytes(_)))
        .map(|(path, _)| path.to_string())
        .collect();
    let same = paths.iter().find(|path| path.rsplit('/').next() == Some(file_name));
    let near =
        same.map(String::as_str).or_else(|| nearest(value, paths.iter().map(String::as_str)));
    // A path that another one hides is no help.
    let help = match near.filter(|near| *near != value) {
        Some(path) => Help::Words(format!("did you mean \"{path}\"?")),
        None => Help::Files(format!("add it to `files`: `\"./SOURCE\" = \"{value}\";`")),
    };
    Err(Box::new(
        Finding::error(code::FILES_NOT_IN_IMAGE, key, format!("`{name}` names `{value}`, {lost}"))
            .why("urunc looks for it in the image")
            .help(help),
    ))
}

/// What the bytes of the boot files say; none when one cannot be read.
fn describe<S>(
    tree: &Tree<S>,
    files: &dyn Open<S>,
    boot: &[(Key, ImagePath)],
    findings: &mut Vec<Finding>,
) -> Option<BootFiles> {
    let mut whole = true;
    let mut kernel = None;
    let mut initrd = None;
    let mut block = None;
    for (key, path) in boot {
        let Some(node) = tree.get(path) else { continue };
        let read = files.open(&node.content).and_then(|mut file| {
            match key {
                Key::Initrd => initrd = Some(initrd::read(&mut file)?),
                Key::Block => {
                    let format = block::read(&mut file)?;
                    block = Some(BlockImage { format, size: file.seek(io::SeekFrom::End(0))? });
                }
                _ => kernel = Some(unikernel::read(&mut file)?),
            }
            Ok(())
        });
        if let Err(error) = read {
            whole = false;
            findings.push(unreadable(*key, &files.name(path, &node.content), &error));
        }
    }
    if !whole {
        return None;
    }
    Some(BootFiles { kernel: kernel?, initrd, block })
}

fn unreadable(key: Key, name: &str, error: &io::Error) -> Finding {
    let title = format!("cannot read {name}");
    let finding = match error.kind() {
        // The image is none the worse for it.
        io::ErrorKind::Unsupported => Finding::warning(code::FILES_UNREADABLE, key, title),
        _ => Finding::error(code::FILES_UNREADABLE, key, title),
    };
    finding.why(describe_io(error))
}
