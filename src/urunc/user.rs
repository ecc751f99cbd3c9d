//! Who the monitor runs as, and what that user may do with the files of the image.
//!
//! Engines look the image's `User` up in its `/etc/passwd` and `/etc/group`, and urunc starts the monitor
//! as what they found (contract sections 2.3 and 8). A number needs no entry; without one its group is 0.

use super::{Field, Finding, Help, Key};
use crate::explain::code;

/// The largest user and group number that engines take.
const MAX_ID: u32 = (1 << 31) - 1;

/// A user and a group by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ids {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// The owner and the mode of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
}

/// The bits of a permission, as others have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Permission {
    Read = 4,
    Write = 2,
    Enter = 1,
}

impl Ids {
    /// Whether these are allowed something: root always is; the owner by the owner's bits alone, the group
    /// by the group's, all others by the last three.
    fn may(self, permission: Permission, access: Access) -> bool {
        let shift = if self.uid == 0 {
            return true;
        } else if u64::from(self.uid) == access.uid {
            6
        } else if u64::from(self.gid) == access.gid {
            3
        } else {
            0
        };
        access.mode >> shift & permission as u32 != 0
    }
}

/// The numbers of a `User`, given the image's `/etc/passwd` and `/etc/group`.
///
/// # Errors
/// What engines refuse it for.
pub fn resolve(
    user: Option<&str>,
    passwd: Option<&[u8]>,
    group: Option<&[u8]>,
) -> Result<Ids, Box<Finding>> {
    let spelled = user.unwrap_or("");
    if let Some(finding) = check_numbers(spelled) {
        return Err(Box::new(finding));
    }
    let (user, given_group) = match spelled.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (spelled, None),
    };
    let mut ids = Ids::default();
    if !user.is_empty() {
        let is_user = |entry: &[&str]| {
            entry.first() == Some(&user)
                || (number(user).is_some()
                    && entry.get(2).copied().and_then(number) == number(user))
        };
        let uid_and_gid = |entry: &[&str]| {
            let field = |index: usize| entry.get(index).copied().and_then(number);
            field(2).map(|uid| Ids { uid, gid: field(3).unwrap_or(0) })
        };
        ids = match (entry(passwd, is_user, uid_and_gid), number(user)) {
            (Some(found), _) => found,
            (None, Some(uid)) => Ids { uid, gid: 0 },
            (None, None) if user == "root" => Ids::default(),
            (None, None) => return Err(Box::new(unknown(user, "user", "/etc/passwd", passwd))),
        };
    }
    if let Some(name) = given_group.filter(|name| !name.is_empty()) {
        let is_group = |entry: &[&str]| entry.first() == Some(&name);
        let gid = |entry: &[&str]| entry.get(2).copied().and_then(number);
        ids.gid = match (entry(group, is_group, gid), number(name)) {
            (Some(found), _) | (None, Some(found)) => found,
            (None, None) => return Err(Box::new(unknown(name, "group", "/etc/group", group))),
        };
    }
    if ids.uid > MAX_ID || ids.gid > MAX_ID {
        return Err(Box::new(out_of_range(&ids.uid.max(ids.gid).to_string())));
    }
    Ok(ids)
}

/// A number in a `User` that is none of a user or a group, which is known without the image's files.
pub fn check_numbers(user: &str) -> Option<Finding> {
    let outside = user.splitn(2, ':').find(|part| {
        let digits = part.strip_prefix(['-', '+']).unwrap_or(part);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number && !part.parse().is_ok_and(|number: u32| number <= MAX_ID)
    });
    outside.map(out_of_range)
}

fn out_of_range(number: &str) -> Finding {
    let title = format!("`{number}` is not the number of a user or a group");
    Finding::error(code::URUNC_USER, Field::User, title)
        .why(format!("engines take 0 to {MAX_ID}, and refuse to start a container with another"))
        .help("write a number such as 1000, or \"1000:1000\" with a group")
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u32::MAX))
}

/// What `value` makes of the first line of a table that `wanted` accepts.
fn entry<T>(
    table: Option<&[u8]>,
    wanted: impl Fn(&[&str]) -> bool,
    value: impl Fn(&[&str]) -> Option<T>,
) -> Option<T> {
    table?.split(|&byte| byte == b'\n').find_map(|line| {
        let line = std::str::from_utf8(line).ok()?.trim();
        let fields: Vec<&str> = line.split(':').collect();
        if wanted(&fields) { value(&fields) } else { None }
    })
}

fn unknown(name: &str, what: &str, file: &str, table: Option<&[u8]>) -> Finding {
    let missing = match table {
        None => format!("the image has no `{file}`"),
        Some(_) => format!("`{file}` of the image does not list it"),
    };
    Finding::error(code::URUNC_USER, Field::User, format!("there is no {what} `{name}`: {missing}"))
        .why("engines look a name up there, and refuse to start a container whose name they cannot find")
        .help(Help::Files(format!(
            "write numbers, as in `user = \"1000:1000\";`, or add `{file}` to `files`"
        )))
}

/// What is wrong with the mode of a boot file for the user that the monitor runs as.
pub fn check_file(key: Key, access: Access, ids: Ids, spelled: &str) -> Vec<Finding> {
    let name = key.short();
    let mode = access.mode;
    let mut findings = Vec::new();
    if !ids.may(Permission::Read, access) {
        let title = format!("user {spelled} may not read `{name}`, whose mode is {mode:04o}");
        findings.push(
            Finding::error(code::URUNC_BOOT_FILE_MODE, key, title)
                .why(format!(
                    "urunc starts the monitor as user {} and group {}, and the file belongs to {}:{}",
                    ids.uid, ids.gid, access.uid, access.gid
                ))
                .help("give it a mode that everybody may read, as in `mode = \"0644\";`"),
        );
    } else if ids.uid == 0 && mode & 0o004 == 0 {
        let title = format!("only some users may read `{name}`, whose mode is {mode:04o}");
        findings.push(
            Finding::note(code::URUNC_BOOT_FILE_MODE, key, title)
                .why("it starts as root, and fails where the container is given another user")
                .help("give it a mode that everybody may read, as in `mode = \"0644\";`"),
        );
    }
    if key == Key::Block && !ids.may(Permission::Write, access) {
        let title =
            format!("user {spelled} may not write the block image, whose mode is {mode:04o}");
        findings.push(
            Finding::error(code::URUNC_BLOCK_READ_ONLY, key, title)
                .why("monitors open a disk for reading and writing")
                .help("give it `mode = \"0666\";`, or leave `user` out"),
        );
    }
    findings
}

/// What is wrong with a folder above a boot file for the user that the monitor runs as.
pub fn check_folder(
    key: Key,
    folder: &str,
    access: Access,
    ids: Ids,
    spelled: &str,
) -> Option<Finding> {
    if ids.may(Permission::Enter, access) {
        return None;
    }
    let title =
        format!("user {spelled} may not enter `{folder}`, whose mode is {:04o}", access.mode);
    Some(
        Finding::error(code::URUNC_BOOT_FILE_MODE, key, title)
            .why(format!(
                "urunc starts the monitor as user {} and group {}, and the folder belongs to {}:{}",
                ids.uid, ids.gid, access.uid, access.gid
            ))
            .help("give the folder a mode that everybody may enter, as 0755"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &[u8] =
        b"root:x:0:0:root:/:/bin/sh\nweb:x:33:34::/:\n1234:x:5:6::/:\nbad:x:y:z\n\xff:x:9:9\n";
    const GROUP: &[u8] = b"root:x:0:\nkvm:x:108:web\n";

    #[test]
    fn names_and_numbers() {
        let table = [
            ("", false, Some((0, 0))),
            ("0", false, Some((0, 0))),
            ("root", false, Some((0, 0))),
            ("1000", false, Some((1000, 0))),
            ("1000:1000", false, Some((1000, 1000))),
            (":5", false, Some((0, 5))),
            ("1000:", false, Some((1000, 0))),
            ("nobody", false, None),
            ("1000:kvm", false, None),
            ("2147483648", false, None),
            ("99999999999", false, None),
            ("web", true, Some((33, 34))),
            ("33", true, Some((33, 34))),
            ("33:1", true, Some((33, 1))),
            ("1234", true, Some((5, 6))),
            ("web:kvm", true, Some((33, 108))),
            ("web:audio", true, None),
            ("nobody", true, None),
            ("bad", true, None),
        ];
        for (user, tables, expected) in table {
            let (passwd, group) = if tables { (Some(PASSWD), Some(GROUP)) } else { (None, None) };
            let found = resolve(Some(user), passwd, group).ok().map(|ids| (ids.uid, ids.gid));
            assert_eq!(found, expected, "{user}, with tables: {tables}");
        }
        assert_eq!(resolve(None, None, None), Ok(Ids::default()));
    }

    #[test]
    fn numbers_of_users() {
        for user in ["0", "1000:1000", "2147483647", "web", "web:-x", "", ":", "1000:", "-", "0x1"]
        {
            assert_eq!(check_numbers(user), None, "{user}");
        }
        for (user, part) in [
            ("-1", "-1"),
            ("2147483648", "2147483648"),
            ("1000:-1", "-1"),
            ("web:4294967295", "4294967295"),
            ("99999999999999999999", "99999999999999999999"),
            ("-2:-3", "-2"),
        ] {
            let found = check_numbers(user).unwrap();
            assert!(found.title.starts_with(&format!("`{part}` ")), "{user}: {}", found.title);
        }
    }

    #[test]
    fn the_first_class_that_fits_decides() {
        let access = |mode| Access { mode, uid: 7, gid: 8 };
        for (uid, gid, mode, reads) in [
            (0, 0, 0o000, true),
            (7, 0, 0o400, true),
            (7, 0, 0o044, false),
            (1, 8, 0o040, true),
            (1, 8, 0o404, false),
            (1, 1, 0o004, true),
            (1, 1, 0o440, false),
        ] {
            let found = Ids { uid, gid }.may(Permission::Read, access(mode));
            assert_eq!(found, reads, "{uid}:{gid} reads {mode:o}");
        }
    }
}
