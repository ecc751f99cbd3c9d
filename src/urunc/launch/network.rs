//! What the container's network must be.

use std::fmt;

/// What the container's network must be, since Solo5 starts a guest with exactly the devices that its
/// manifest names and urunc attaches one where the container has a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// With or without one.
    Any,
    /// The guest starts only with one.
    Needed,
    /// The guest starts only without one.
    Refused,
}

impl Network {
    /// For programs.
    pub fn name(self) -> &'static str {
        match self {
            Network::Any => "any",
            Network::Needed => "needed",
            Network::Refused => "refused",
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Network::Any => "with or without",
            Network::Needed => "the guest starts only with one",
            Network::Refused => "the guest starts only without one (`--network none`)",
        })
    }
}
