//! What needs a store or the network: present, so that programs which only mention it work, and
//! refusing in one voice when it is used.

use super::super::Evaluator;
use super::super::error::{ErrorKind, Result};
use super::super::value::Value;
use super::{Builtin, Run, builtin, global};

const STORE: &str = "it needs a Nix store, and bimanix only reads files";
const NETWORK: &str = "it fetches from the network, and bimanix only reads files";

macro_rules! refusing {
    ($make:ident, $name:literal, $why:expr) => {
        $make($name, Run::One(|_, _| refuse($name, $why)))
    };
}

pub(super) const BUILTINS: &[Builtin] = &[
    refusing!(global, "derivation", STORE),
    refusing!(global, "derivationStrict", STORE),
    refusing!(builtin, "fetchClosure", NETWORK),
    refusing!(global, "fetchGit", NETWORK),
    refusing!(global, "fetchMercurial", NETWORK),
    refusing!(global, "fetchTarball", NETWORK),
    refusing!(global, "fetchTree", NETWORK),
    refusing!(builtin, "fetchurl", NETWORK),
    refusing!(builtin, "getEnv", "the result may not depend on the environment"),
    refusing!(builtin, "getFlake", NETWORK),
    refusing!(builtin, "outputOf", STORE),
    refusing!(global, "placeholder", STORE),
    refusing!(builtin, "storePath", STORE),
    builtin("toFile", Run::Two(to_file)),
];

fn refuse(builtin: &'static str, why: &'static str) -> Result<Value> {
    Err(ErrorKind::Unavailable { builtin, why }.into())
}

fn to_file(_: &mut Evaluator<'_>, _: &Value, _: &Value) -> Result<Value> {
    refuse("toFile", STORE)
}
