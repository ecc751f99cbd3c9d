//! What needs a store or the network: present, so that programs which only mention it work, and
//! refusing in one voice when it is used.

use super::super::Evaluator;
use super::super::error::{ErrorKind, Result};
use super::super::symbol::Symbol;
use super::super::value::{Attrs, State, Thunk, Value};
use super::{Builtin, Run, argument, attr, builtin, global};
use std::rc::Rc;

const STORE: &str = "it needs a Nix store, and bimanix only reads files";
const FLAKES: &str = "it is about flakes, and bimanix only reads files";
const NETWORK: &str = "it fetches from the network, and bimanix only reads files";

macro_rules! refusing {
    ($make:ident, $name:literal, $why:expr) => {
        $make($name, Run::One(|_, _| refuse($name, $why)))
    };
}

pub(super) const BUILTINS: &[Builtin] = &[
    global("derivation", Run::One(derivation)),
    refusing!(global, "derivationStrict", STORE),
    refusing!(builtin, "fetchClosure", NETWORK),
    refusing!(global, "fetchGit", NETWORK),
    refusing!(global, "fetchMercurial", NETWORK),
    refusing!(global, "fetchTarball", NETWORK),
    refusing!(global, "fetchTree", NETWORK),
    refusing!(builtin, "fetchurl", NETWORK),
    refusing!(builtin, "flakeRefToString", FLAKES),
    refusing!(builtin, "getFlake", NETWORK),
    refusing!(builtin, "outputOf", STORE),
    refusing!(builtin, "parseFlakeRef", FLAKES),
    refusing!(global, "placeholder", STORE),
    refusing!(builtin, "storePath", STORE),
    builtin("toFile", Run::Two(to_file)),
];

/// What stands for the paths of a derivation: it refuses once it is needed.
static STRICT: Builtin = builtin("derivation", Run::One(|_, _| refuse("derivation", STORE)));

/// A derivation is a set whose names are known; only its paths need a store. Its outputs are sets of the
/// same kind that hold each other, so each is made once.
fn derivation(ev: &mut Evaluator<'_>, attributes: &Value) -> Result<Value> {
    let attributes = ev.attrs(attributes)?;
    ev.meter.announce(attributes.len() as u64 * 64 + 4096)?;
    let whole = Value::Attrs(attributes.clone());
    let mut common = Vec::new();
    let mut outputs = Vec::new();
    for name in output_names(ev, &whole)? {
        let (thunk, value) = Thunk::unset();
        common.push(attr(ev.name_argument(&name)?, value.clone()));
        outputs.push((name, thunk, value));
    }
    let Some((_, _, first)) = outputs.first() else {
        return Err(argument("a derivation needs an output"));
    };
    let first = first.clone();
    let all = outputs.iter().map(|(_, _, value)| value.clone());
    common.push(attr(Symbol::ALL, Value::list(all.collect())));
    common.push(attr(Symbol::DRV_ATTRS, whole.clone()));
    let common = attributes.update(&Attrs::from_unsorted(common));
    let path = || Thunk::call(&Rc::new(Value::Builtin(&STRICT)), whole.clone());
    for (name, thunk, _) in outputs {
        let own = Attrs::from_unsorted(vec![
            attr(Symbol::DRV_PATH, path()),
            attr(Symbol::OUT_PATH, path()),
            attr(Symbol::OUTPUT_NAME, name),
            attr(Symbol::TYPE, Value::string("derivation")),
        ]);
        thunk.put(State::Done(Value::Attrs(common.update(&own))));
    }
    ev.force(&first)
}

fn output_names(ev: &mut Evaluator<'_>, attributes: &Value) -> Result<Vec<Value>> {
    match ev.attrs(attributes)?.get(Symbol::OUTPUTS) {
        Some(outputs) => Ok(ev.list(&outputs.value.clone())?.items().to_vec()),
        None => Ok(vec![Value::string("out")]),
    }
}

fn refuse(builtin: &'static str, why: &'static str) -> Result<Value> {
    Err(ErrorKind::Unavailable { builtin, why }.into())
}

fn to_file(_: &mut Evaluator<'_>, _: &Value, _: &Value) -> Result<Value> {
    refuse("toFile", STORE)
}
