//! JSON in and out, with the spelling of Nix: keys sorted, floats as nlohmann's library writes them.

use super::Evaluator;
use super::error::{ErrorKind, EvalError, Result};
use super::symbol::Symbol;
use super::text;
use super::value::{Attr, Attrs, Context, Place, Value};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// How many bytes may be gone through in search of places. Ten billions are a second.
const MAX_PLACES: usize = 1 << 29;

/// A JSON text that is being written.
#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    context: Context,
    /// Whether Nix would copy paths into its store, so that they must exist.
    copied: bool,
}

impl Evaluator<'_> {
    /// A JSON text as a value. Of several members with the same name the last one counts.
    pub fn parse_json(&mut self, text: &[u8]) -> Result<Value> {
        // As in Nix, a byte order mark says nothing.
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        let text = &*integers_without_negative_zero(text);
        // At an error, each list and set on the way out looks for its place again: the reader of slices
        // goes through the text for that, the other one has it at hand, and is slower else.
        let read = if depth(text).saturating_mul(text.len()) > MAX_PLACES {
            self.read_json(serde_json::Deserializer::from_reader(text))
        } else {
            self.read_json(serde_json::Deserializer::from_slice(text))
        };
        read.map_err(|error| {
            ErrorKind::Malformed { language: "JSON", message: error.to_string() }.into()
        })
    }

    fn read_json<'de>(
        &mut self,
        mut reader: serde_json::Deserializer<impl serde_json::de::Read<'de>>,
    ) -> serde_json::Result<Value> {
        // Depth is bounded by the stack, which `Reader` looks at.
        reader.disable_recursion_limit();
        let value = Reader(self).deserialize(&mut reader)?;
        reader.end()?;
        Ok(value)
    }

    /// A value as JSON, and the store objects its strings refer to.
    pub fn json(&mut self, value: &Value) -> Result<(Vec<u8>, Context)> {
        let mut writer = Writer::default();
        self.write_json(value, &mut writer)?;
        Ok((writer.out, writer.context))
    }

    /// The same, where Nix copies paths into its store.
    pub(super) fn json_copied(&mut self, value: &Value) -> Result<(Vec<u8>, Context)> {
        let mut writer = Writer { copied: true, ..Writer::default() };
        self.write_json(value, &mut writer)?;
        Ok((writer.out, writer.context))
    }

    fn write_json(&mut self, value: &Value, writer: &mut Writer) -> Result<()> {
        if !self.stack.has_room_to_walk() {
            return Err(ErrorKind::TooDeep.into());
        }
        // What is shared in memory is written again each time.
        self.meter.announce(8)?;
        match value {
            Value::Null => writer.out.extend(b"null"),
            Value::Bool(true) => writer.out.extend(b"true"),
            Value::Bool(false) => writer.out.extend(b"false"),
            Value::Int(value) => writer.out.extend(value.to_string().bytes()),
            Value::Float(value) => writer.out.extend(text::json_float(*value).bytes()),
            Value::Path(path) => {
                if writer.copied {
                    self.must_exist(path)?;
                }
                write_json_string(path.as_bytes(), &mut writer.out)?;
            }
            Value::String(string) => {
                writer
                    .context
                    .extend(string.context().into_iter().flat_map(|own| own.iter().cloned()));
                self.meter.announce(string.len() as u64)?;
                write_json_string(string.as_bytes(), &mut writer.out)?;
            }
            Value::List(list) => {
                writer.out.push(b'[');
                for (index, item) in list.items().iter().enumerate() {
                    if index > 0 {
                        writer.out.push(b',');
                    }
                    let item = self.force(item)?;
                    self.write_json(&item, writer)?;
                }
                writer.out.push(b']');
            }
            Value::Attrs(attrs) => self.write_json_set(attrs, value, writer)?,
            Value::Thunk(_) => {
                let value = self.force(value)?;
                self.write_json(&value, writer)?;
            }
            function => {
                let error: Box<EvalError> = ErrorKind::Argument {
                    message: format!("cannot convert {} to JSON", function.kind()),
                    help: None,
                }
                .into();
                return Err(match function {
                    Value::Lambda(closure) => error.at(closure.lambda.span),
                    _ => error,
                });
            }
        }
        Ok(())
    }

    fn write_json_set(&mut self, attrs: &Attrs, value: &Value, writer: &mut Writer) -> Result<()> {
        if attrs.get(Symbol::TO_STRING).is_some() {
            let string = self.coerce_string(value)?;
            return self.write_json(&Value::String(string), writer);
        }
        if let Some(path) = attrs.get(Symbol::OUT_PATH) {
            return self.write_json(&path.value.clone(), writer);
        }
        writer.out.push(b'{');
        let sorted: Vec<Attr> = self.sorted(attrs).into_iter().cloned().collect();
        for (index, attr) in sorted.iter().enumerate() {
            if index > 0 {
                writer.out.push(b',');
            }
            write_json_string(self.symbols.bytes(attr.name), &mut writer.out)?;
            writer.out.push(b':');
            let written = match self.force(&attr.value) {
                Ok(item) => self.write_json(&item, writer),
                Err(error) => Err(error),
            };
            written.map_err(|error| match self.binding(attr.place) {
                Some((key, value)) => error
                    .at(value)
                    .via(key, || format!("while evaluating `{}`", self.symbols.text(attr.name))),
                None => error,
            })?;
        }
        writer.out.push(b'}');
        Ok(())
    }
}

/// How deep lists and sets are nested at most.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for &byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// `-0` is an integer in Nix, and a double in `serde_json`: there it becomes ` 0`, which moves nothing.
fn integers_without_negative_zero(text: &[u8]) -> Cow<'_, [u8]> {
    let mut text = Cow::Borrowed(text);
    if !text.windows(2).any(|pair| pair == b"-0") {
        return text;
    }
    let mut found = Vec::new();
    let (mut in_string, mut escaped, mut before) = (false, false, b' ');
    for (at, window) in text.windows(2).enumerate() {
        let byte = window.first().copied().unwrap_or(0);
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte == b'"' {
            in_string = true;
        // After `e` it is an exponent.
        } else if window == b"-0" && !matches!(before, b'e' | b'E') {
            let after = text.get(at + 2).copied().unwrap_or(b' ');
            if !matches!(after, b'.' | b'e' | b'E' | b'0'..=b'9') {
                found.push(at);
            }
        }
        before = byte;
    }
    for at in found {
        if let Some(sign) = text.to_mut().get_mut(at) {
            *sign = b' ';
        }
    }
    text
}

fn write_json_string(bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(ErrorKind::Argument {
            message: "the string is not UTF-8, so it has no JSON form".into(),
            help: None,
        }
        .into());
    };
    serde_json::to_writer(out, text).map_err(|error| {
        ErrorKind::Malformed { language: "JSON", message: error.to_string() }.into()
    })
}

/// Builds values while serde walks the text.
struct Reader<'e, 'w>(&'e mut Evaluator<'w>);

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> std::result::Result<Value, E> {
        i64::try_from(value)
            .map(Value::Int)
            .map_err(|_| E::custom(format!("the number {value} does not fit 64 bits")))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> std::result::Result<Value, E> {
        if value.contains('\0') {
            return Err(E::custom("a string holds a NUL byte"));
        }
        Ok(Value::string(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
        if !self.0.stack.has_room() {
            return Err(serde::de::Error::custom("nested too deeply"));
        }
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Reader(self.0))? {
            items.push(item);
        }
        Ok(Value::list(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
        if !self.0.stack.has_room() {
            return Err(serde::de::Error::custom("nested too deeply"));
        }
        let mut attrs = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name.contains('\0') {
                return Err(serde::de::Error::custom("a name holds a NUL byte"));
            }
            let name = self.0.symbols.intern(name.as_bytes());
            let value = map.next_value_seed(Reader(self.0))?;
            attrs.push(Attr { name, place: Place::NOWHERE, value });
        }
        Ok(Value::Attrs(Attrs::from_unsorted(attrs)))
    }
}
