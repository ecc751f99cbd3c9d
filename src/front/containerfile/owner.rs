//! The numbers of users and groups.

use super::reading::Reading;
use super::stage::State;
use super::tree;
use crate::recipe::draft::SourceDraft;

/// The largest list of users or groups.
const MAX_LIST: u64 = 1024 * 1024;

impl Reading<'_, '_> {
    /// The numbers of `user[:group]`, or the name that is in no list of this stage.
    pub fn owner(&self, state: &State, text: &str) -> Result<(u64, u64), String> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group).filter(|group| !group.is_empty())),
            None => (text, None),
        };
        let number = |name: &str, list: &str| match name {
            "root" => Some((0, 0)),
            _ if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) => {
                name.parse::<u32>().ok().map(|number| (u64::from(number), u64::from(number)))
            }
            _ => self.listed(state, list, name),
        };
        let (uid, own_group) = number(user, "/etc/passwd").ok_or_else(|| user.to_owned())?;
        match group {
            None => Ok((uid, own_group)),
            Some(group) => {
                let (gid, _) = number(group, "/etc/group").ok_or_else(|| group.to_owned())?;
                Ok((uid, gid))
            }
        }
    }

    /// The number of a name in `/etc/passwd` or `/etc/group` of a stage, and the group of a user.
    fn listed(&self, state: &State, list: &str, name: &str) -> Option<(u64, u64)> {
        let found = state.tree.look(&self.context, &tree::names(list.as_bytes())).ok()??;
        let bytes = match found.file?.source {
            SourceDraft::Bytes(bytes) => bytes,
            SourceDraft::Path { written, .. } => self.context.read_file(&written, MAX_LIST).ok()?,
            _ => return None,
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines().find_map(|line| {
            let mut fields = line.split(':');
            let is_it = fields.next() == Some(name);
            let number = fields.nth(1)?.parse().ok()?;
            let group = fields.next().and_then(|group| group.parse().ok()).unwrap_or(number);
            is_it.then_some((number, group))
        })
    }
}
