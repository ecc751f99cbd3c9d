//! The codes that a user may turn down.

use crate::explain;

/// The code of a finding that may be turned down.
pub(super) fn allowed(text: &str) -> Result<&'static str, String> {
    match explain::find(text) {
        Some(known) if explain::may_be_allowed(known.code) => Ok(known.code),
        Some(known) if known.code == explain::UNKNOWN_ARCHITECTURE => {
            Err("an image names an architecture: add `architecture = \"amd64\";` to args.nix"
                .into())
        }
        Some(_) => Err("only codes that begin with `urunc/` or `unikernel/` can be allowed".into()),
        None => Err("there is no such code; `bimanix explain` lists them".into()),
    }
}
