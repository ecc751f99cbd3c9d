//! Names of attributes and variables as small numbers.

use super::string::NixString;
use rustc_hash::FxHasher;
use std::hash::BuildHasherDefault;

/// An interned name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(u32);

/// The names of one evaluator.
#[derive(Debug)]
pub struct Symbols {
    names: Vec<NixString>,
    #[allow(clippy::disallowed_types, reason = "looked up, never iterated")]
    numbers: std::collections::HashMap<NixString, Symbol, BuildHasherDefault<FxHasher>>,
}

macro_rules! well_known {
    ($($constant:ident = $text:literal),* $(,)?) => {
        /// The names the language itself gives a meaning, in the order of their numbers.
        const WELL_KNOWN: &[&str] = &[$($text),*];
        well_known!(@number 0; $($constant = $text),*);
    };
    (@number $next:expr; $constant:ident = $text:literal $(, $rest:ident = $rest_text:literal)*) => {
        impl Symbol {
            #[doc = concat!("`", $text, "`")]
            pub(crate) const $constant: Symbol = Symbol($next);
        }
        well_known!(@number $next + 1; $($rest = $rest_text),*);
    };
    (@number $next:expr;) => {};
}

well_known! {
    OUT_PATH = "outPath", TO_STRING = "__toString", FUNCTOR = "__functor", TYPE = "type",
    NAME = "name", VALUE = "value", BODY = "body", OVERRIDES = "__overrides",
    SUCCESS = "success", FILE = "file", LINE = "line", COLUMN = "column",
    RIGHT = "right", WRONG = "wrong", VERSION = "version", PATH = "path", PREFIX = "prefix",
    KEY = "key", START_SET = "startSet", OPERATOR = "operator", DRV_PATH = "drvPath",
    FILTER = "filter", RECURSIVE = "recursive", SHA256 = "sha256", OUTPUTS = "outputs",
    ALL_OUTPUTS = "allOutputs", OUTPUT_NAME = "outputName", DRV_ATTRS = "drvAttrs", ALL = "all",
    SUB = "__sub", MUL = "__mul", DIV = "__div", LESS_THAN = "__lessThan",
    FIND_FILE = "__findFile", NIX_PATH = "__nixPath",
    HASH = "hash", HASH_ALGO = "hashAlgo", TO_HASH_FORMAT = "toHashFormat",
}

impl Default for Symbols {
    fn default() -> Self {
        #[allow(clippy::disallowed_types, reason = "looked up, never iterated")]
        #[allow(clippy::mutable_key_type, reason = "the bytes of a string never change")]
        let numbers = std::collections::HashMap::default();
        let mut symbols = Symbols { names: Vec::new(), numbers };
        for name in WELL_KNOWN {
            symbols.intern(name.as_bytes());
        }
        symbols
    }
}

impl Symbols {
    /// The number of a name, new or known.
    pub fn intern(&mut self, name: &[u8]) -> Symbol {
        match self.numbers.get(name) {
            Some(&symbol) => symbol,
            None => self.add(NixString::new(name.to_vec())),
        }
    }

    /// The number of a name that is a string already, without context.
    pub fn intern_string(&mut self, name: &NixString) -> Symbol {
        match self.numbers.get(name.as_bytes()) {
            Some(&symbol) => symbol,
            None => self.add(name.clone()),
        }
    }

    fn add(&mut self, name: NixString) -> Symbol {
        let symbol = Symbol(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.push(name.clone());
        self.numbers.insert(name, symbol);
        symbol
    }

    /// The name of a number.
    pub fn bytes(&self, symbol: Symbol) -> &[u8] {
        static_empty(self.names.get(symbol.0 as usize), &self.names).as_bytes()
    }

    /// The name of a number as a string of the language.
    pub fn string(&self, symbol: Symbol) -> NixString {
        static_empty(self.names.get(symbol.0 as usize), &self.names).clone()
    }

    /// The name of a number as text; invalid UTF-8 is shown replaced.
    pub fn text(&self, symbol: Symbol) -> String {
        String::from_utf8_lossy(self.bytes(symbol)).into_owned()
    }
}

/// Numbers come from [`Symbols::intern`] alone, so the first name is never really needed.
fn static_empty<'a>(found: Option<&'a NixString>, names: &'a [NixString]) -> &'a NixString {
    #[allow(clippy::expect_used, reason = "the well-known names are always there")]
    found.or(names.first()).expect("the table starts with the well-known names")
}
