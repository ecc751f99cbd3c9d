//! Which eras of urunc a rule holds for (the columns of the contract).

use crate::explain::{Code, code};

/// urunc v0.2 to v0.5.0, up to April 2025.
pub const E24: &str = "v0.2-v0.5";
/// urunc of mid-2025.
pub const E25: &str = "2025";
/// urunc of mid to late 2026.
pub const E26: &str = "2026";

/// All of them, in their order.
pub const ALL: &[&str] = &[E24, E25, E26];

/// The eras of which something holds.
pub fn matching(holds: impl Fn(&str) -> bool) -> &'static [&'static str] {
    match (holds(E24), holds(E25), holds(E26)) {
        (true, true, true) => ALL,
        (true, true, false) => &[E24, E25],
        (true, false, true) => &[E24, E26],
        (true, false, false) => &[E24],
        (false, true, true) => &[E25, E26],
        (false, true, false) => &[E25],
        (false, false, true) => &[E26],
        (false, false, false) => &[],
    }
}

/// Those of `eras` from `first` on; all of them where none is left, since a rule that is broken is no less
/// broken for a guest that came later.
pub fn since(eras: &'static [&'static str], first: &str) -> &'static [&'static str] {
    let rank = |era: &str| ALL.iter().position(|known| *known == era);
    let start = eras.iter().position(|era| rank(era) >= rank(first));
    start.and_then(|start| eras.get(start..)).unwrap_or(eras)
}

/// The eras that the rule with this code holds for; none for rules that others than urunc enforce.
pub fn of(code: Code) -> &'static [&'static str] {
    match code {
        // Rules of bimanix or of engines, which stand in these rooms because they are about the same
        // annotations and files.
        code::URUNC_ANNOTATION_TWICE
        | code::URUNC_UNKNOWN_ANNOTATION
        | code::URUNC_ENGINE_FILE
        | code::URUNC_LABEL_TOO_LONG
        | code::URUNC_NO_COMMAND
        | code::URUNC_OS
        | code::URUNC_USER
        | code::UNIKERNEL_ARCHITECTURE_MISMATCH
        | code::UNIKERNEL_UNKNOWN_ARCHITECTURE => &[],
        code::URUNC_CMDLINE_DIFFERS | code::URUNC_RELATIVE_PATH => &[E24],
        code::URUNC_ARGUMENTS_IGNORED => &[E25, E26],
        code::URUNC_MOUNT_PLACE | code::URUNC_DELETED_FOLDER | code::URUNC_HIDDEN_FOLDER => &[E25],
        code::URUNC_ABSENT_BLOCK_SWITCH | code::URUNC_BLOCK_MOUNT_POINT => &[E24, E25],
        code::URUNC_BLOCK_AT_ROOT
        | code::URUNC_BLOCK_IGNORED
        | code::URUNC_BLOCK_NOT_ON_MONITOR
        | code::URUNC_BLOCK_WITHOUT_MOUNT_POINT
        | code::URUNC_DEVICE_NAME
        | code::URUNC_IGNORED_DEVICE_NAME
        | code::URUNC_INDEX
        | code::URUNC_INITRD_AND_BLOCK
        | code::URUNC_PATH
        | code::URUNC_ROOTFS_IGNORED
        | code::URUNC_ROOTFS_NEEDS_BLOCK_SNAPSHOTTER
        | code::URUNC_ROOTFS_UNSUPPORTED
        | code::URUNC_RUNTIME_ANNOTATION
        | code::URUNC_UNSUPPORTED_PAIR
        | code::URUNC_VALUE_TOO_LONG => &[E26],
        _ if ["urunc/", "unikernel/"].iter().any(|room| code.as_str().starts_with(room)) => ALL,
        _ => &[],
    }
}
