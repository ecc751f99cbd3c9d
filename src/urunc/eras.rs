//! Which eras of urunc a rule holds for (the columns of the contract).

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
pub fn of(code: &str) -> &'static [&'static str] {
    match code {
        // Rules of bimanix or of engines, which stand in these rooms because they are about the same
        // annotations and files.
        "urunc/annotation-twice"
        | "urunc/unknown-annotation"
        | "urunc/engine-file"
        | "urunc/label-too-long"
        | "urunc/no-command"
        | "urunc/os"
        | "urunc/user"
        | "unikernel/architecture-mismatch"
        | "unikernel/unknown-architecture" => &[],
        "urunc/cmdline-differs" | "urunc/relative-path" => &[E24],
        "urunc/arguments-ignored" => &[E25, E26],
        "urunc/mount-place" | "urunc/deleted-folder" | "urunc/hidden-folder" => &[E25],
        "urunc/absent-block-switch" | "urunc/block-mount-point" => &[E24, E25],
        "urunc/block-at-root"
        | "urunc/block-ignored"
        | "urunc/block-not-on-monitor"
        | "urunc/block-without-mount-point"
        | "urunc/device-name"
        | "urunc/ignored-device-name"
        | "urunc/index"
        | "urunc/initrd-and-block"
        | "urunc/path"
        | "urunc/rootfs-ignored"
        | "urunc/rootfs-needs-block-snapshotter"
        | "urunc/rootfs-unsupported"
        | "urunc/runtime-annotation"
        | "urunc/unsupported-pair"
        | "urunc/value-too-long" => &[E26],
        _ if code.starts_with("urunc/") || code.starts_with("unikernel/") => ALL,
        _ => &[],
    }
}
