//! The codes that a user may turn down.

use crate::explain::{self, Code, code};

/// The code of a finding that may be turned down.
pub(super) fn allowed(text: &str) -> Result<Code, String> {
    match explain::find(text) {
        Some(known) if known.code.may_be_allowed() => Ok(known.code),
        Some(known) if known.code == code::UNIKERNEL_UNKNOWN_ARCHITECTURE => {
            Err("an image names an architecture: add `architecture = \"amd64\";` to args.nix"
                .into())
        }
        Some(_) => Err("only codes that begin with `urunc/` or `unikernel/` can be allowed".into()),
        None => Err("there is no such code; `bimanix explain` lists them".into()),
    }
}
