//! What needs a store or the network: present, so that programs which only mention it work, and
//! refusing in one voice when it is used.

use super::super::Evaluator;
use super::super::error::{ErrorKind, Result};
use super::super::symbol::Symbol;
use super::super::value::{Attrs, Thunk, Value};
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
/// One output of a derivation, as a set of its own.
static OUTPUT: Builtin = builtin("derivation", Run::Two(output));

/// A derivation is a set whose names are known; only its paths need a store.
fn derivation(ev: &mut Evaluator<'_>, attributes: &Value) -> Result<Value> {
    let first = match output_names(ev, attributes)?.first() {
        Some(first) => first.clone(),
        None => return Err(argument("a derivation needs an output")),
    };
    output(ev, attributes, &first)
}

fn output_names(ev: &mut Evaluator<'_>, attributes: &Value) -> Result<Vec<Value>> {
    match ev.attrs(attributes)?.get(Symbol::OUTPUTS) {
        Some(outputs) => Ok(ev.list(&outputs.value.clone())?.items().to_vec()),
        None => Ok(vec![Value::string("out")]),
    }
}

fn output(ev: &mut Evaluator<'_>, attributes: &Value, name: &Value) -> Result<Value> {
    let attributes = ev.attrs(attributes)?;
    let whole = Value::Attrs(attributes.clone());
    let of = Rc::new(Thunk::call(&Rc::new(Value::Builtin(&OUTPUT)), whole.clone()));
    let mut made = Vec::new();
    let mut all = Vec::new();
    for other in output_names(ev, &whole)? {
        let value = Thunk::call(&of, other.clone());
        all.push(value.clone());
        made.push(attr(ev.name_argument(&other)?, value));
    }
    let path = || Thunk::call(&Rc::new(Value::Builtin(&STRICT)), whole.clone());
    made.extend([
        attr(Symbol::ALL, Value::list(all)),
        attr(Symbol::DRV_ATTRS, whole.clone()),
        attr(Symbol::DRV_PATH, path()),
        attr(Symbol::OUT_PATH, path()),
        attr(Symbol::OUTPUT_NAME, name.clone()),
        attr(Symbol::TYPE, Value::string("derivation")),
    ]);
    Ok(Value::Attrs(attributes.update(&Attrs::from_unsorted(made))))
}

fn refuse(builtin: &'static str, why: &'static str) -> Result<Value> {
    Err(ErrorKind::Unavailable { builtin, why }.into())
}

fn to_file(_: &mut Evaluator<'_>, _: &Value, _: &Value) -> Result<Value> {
    refuse("toFile", STORE)
}
