//! The annotation keys, in one table.

/// What every annotation of urunc begins with.
pub const PREFIX: &str = "com.urunc.unikernel.";

/// An annotation that an image may carry. The order is that of their full spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Path of the kernel in the image.
    Binary,
    /// Where the guest mounts the block image.
    BlkMntPoint,
    /// Path of the block image in the image.
    Block,
    /// The guest's command line, for urunc up to v0.5.
    Cmdline,
    /// The monitor.
    Hypervisor,
    /// Path of the initrd in the image.
    Initrd,
    /// Whether the container's rootfs is given to the guest (from June 2025).
    MountRootfs,
    /// Name of the block device in a Mirage guest's manifest.
    Solo5BlkDev,
    /// Name of the net device in a Mirage guest's manifest.
    Solo5NetDev,
    /// The guest.
    UnikernelType,
    /// The version of the unikernel framework.
    UnikernelVersion,
    /// The older name of `mountRootfs`.
    UseDMBlock,
}

/// A part of an image that urunc looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// An annotation.
    Annotation(Key),
    /// The arguments of the process.
    Cmd,
    /// The environment of the process.
    Env,
    /// The user of the process.
    User,
    /// The working directory of the process.
    WorkingDir,
    /// The labels.
    Labels,
    /// The system that the image is for.
    Os,
    /// The files.
    Files,
}

impl From<Key> for Field {
    fn from(key: Key) -> Self {
        Field::Annotation(key)
    }
}

/// Keys that only the runtime may set; in an image they are refused.
pub const RUNTIME_ONLY: [&str; 4] = ["vAccel", "RPCAddress", "bootKernel", "bootInitrd"];

impl Key {
    /// Every key.
    pub const ALL: [Key; 12] = [
        Key::Binary,
        Key::BlkMntPoint,
        Key::Block,
        Key::Cmdline,
        Key::Hypervisor,
        Key::Initrd,
        Key::MountRootfs,
        Key::Solo5BlkDev,
        Key::Solo5NetDev,
        Key::UnikernelType,
        Key::UnikernelVersion,
        Key::UseDMBlock,
    ];

    /// The keys without which urunc does not start, and `cmdline`, which must at least be said.
    pub const REQUIRED: [Key; 4] = [Key::UnikernelType, Key::Hypervisor, Key::Binary, Key::Cmdline];

    /// The keys that say what storage a guest gets, each of which counts when it is absent too.
    pub const STORAGE: [Key; 5] =
        [Key::Initrd, Key::Block, Key::BlkMntPoint, Key::MountRootfs, Key::UseDMBlock];

    /// The spelling in args.nix and in urunc's documentation.
    pub fn short(self) -> &'static str {
        match self {
            Key::Binary => "binary",
            Key::BlkMntPoint => "blkMntPoint",
            Key::Block => "block",
            Key::Cmdline => "cmdline",
            Key::Hypervisor => "hypervisor",
            Key::Initrd => "initrd",
            Key::MountRootfs => "mountRootfs",
            Key::Solo5BlkDev => "solo5BlkDev",
            Key::Solo5NetDev => "solo5NetDev",
            Key::UnikernelType => "unikernelType",
            Key::UnikernelVersion => "unikernelVersion",
            Key::UseDMBlock => "useDMBlock",
        }
    }

    /// The key as it stands in an image.
    pub fn full(self) -> String {
        format!("{PREFIX}{}", self.short())
    }

    /// The key with this short name. `version` is how the documentation of 2024 spelled
    /// `unikernelVersion`, though urunc never read it.
    pub fn from_short(name: &str) -> Option<Key> {
        let name = if name == "version" { "unikernelVersion" } else { name };
        Key::ALL.into_iter().find(|key| key.short() == name)
    }

    /// The key that urunc reads by this name.
    pub fn from_exact(name: &str) -> Option<Key> {
        Key::ALL.into_iter().find(|key| key.short() == name)
    }

    /// Whether the value is `true` or `false`.
    pub fn is_bool(self) -> bool {
        matches!(self, Key::MountRootfs | Key::UseDMBlock)
    }

    /// Whether the value is a path in the image.
    pub fn is_path(self) -> bool {
        matches!(self, Key::Binary | Key::BlkMntPoint | Key::Block | Key::Initrd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_full_spelling() {
        let spelled: Vec<String> = Key::ALL.iter().map(|key| key.full()).collect();
        assert!(spelled.is_sorted());
        assert!(Key::ALL.is_sorted());
    }

    #[test]
    fn short_names_come_back() {
        for key in Key::ALL {
            assert_eq!(Key::from_short(key.short()), Some(key));
        }
        assert_eq!(Key::from_short("version"), Some(Key::UnikernelVersion));
        assert_eq!(Key::from_short("Binary"), None);
    }
}
