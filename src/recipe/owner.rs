//! Numbers of owners and users.

/// The largest owner of a file: to the system, the number above it means "leave the owner as it is" (chown(2)).
pub(super) const MAX_OWNER: i64 = 4_294_967_294;
/// The largest user and group of a process that engines take (`GetExecUser` of github.com/moby/sys/user).
pub(super) const MAX_USER: i64 = 2_147_483_647;

/// The part of a `user` or `user:group` that is a number and cannot be one of a user or a group.
pub(super) fn outside(user: &str) -> Option<&str> {
    user.splitn(2, ':').find(|part| {
        let digits = part.strip_prefix(['-', '+']).unwrap_or(part);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number && !part.parse().is_ok_and(|number: i64| (0..=MAX_USER).contains(&number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_users() {
        for user in ["0", "1000:1000", "2147483647", "web", "web:-x", "", ":", "1000:", "-", "0x1"]
        {
            assert_eq!(outside(user), None, "{user}");
        }
        for (user, part) in [
            ("-1", "-1"),
            ("2147483648", "2147483648"),
            ("1000:-1", "-1"),
            ("web:4294967295", "4294967295"),
            ("99999999999999999999", "99999999999999999999"),
            ("-2:-3", "-2"),
        ] {
            assert_eq!(outside(user), Some(part), "{user}");
        }
    }
}
