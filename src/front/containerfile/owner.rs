//! The numbers of users and groups, by the lists of a stage.

use super::paths::names;
use super::reading::Reading;
use super::state::State;
use super::tree::Source;
use crate::diag::{Diagnostic, Span};
use crate::explain::code;

/// The largest list of users or groups.
const MAX_LIST: u64 = 1024 * 1024;

impl<'w> Reading<'w, '_> {
    /// The numbers of `user[:group]`, or the name that is in no list of this stage.
    pub fn owner(&self, state: &State<'w>, text: &str) -> Result<(u64, u64), String> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group).filter(|group| !group.is_empty())),
            None => (text, None),
        };
        let number = |name: &str, list: &str| {
            if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
                let number = name.parse::<u32>().ok().map(u64::from)?;
                return Some((number, number));
            }
            let listed = listed(state, list, name);
            listed.or_else(|| (name == "root").then_some((0, 0)))
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

    /// The owner of the folder that WORKDIR makes: the user of USER, else that of the base.
    pub fn owner_of_folder(&mut self, state: &State<'w>, at: Span) -> (u64, u64) {
        let user = state.user.as_ref().map(|user| user.value.as_str());
        let Some(user) = user.or(state.user_of_base.as_deref()) else { return (0, 0) };
        match self.owner(state, user) {
            Ok(owner) => owner,
            Err(name) => {
                let title = format!("the folder belongs to root, not to `{name}`");
                let diagnostic = Diagnostic::warning(code::CONTAINERFILE_UNKNOWN_OWNER, title);
                let diagnostic = diagnostic.with_label(at, "");
                let because = state.user.as_ref().and_then(|user| user.place.spans);
                let diagnostic = match because {
                    Some((_, user)) => diagnostic.with_label(user, "because of this"),
                    None => diagnostic,
                };
                self.report.push(
                    diagnostic
                        .with_why("names are looked up in /etc/passwd and /etc/group of the stage")
                        .with_help("write the number of the user"),
                );
                (0, 0)
            }
        }
    }
}

/// The number of a name in `/etc/passwd` or `/etc/group` of a stage, and the group of a user.
fn listed(state: &State<'_>, list: &str, name: &str) -> Option<(u64, u64)> {
    let (_, found) = state.tree.follow(&names(list.as_bytes())).ok()??;
    let bytes = match found.source {
        Source::Bytes(bytes) => bytes,
        Source::At(context, names) => context.read(&names, MAX_LIST).ok()?,
        Source::Symlink(_) | Source::Folder => return None,
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
