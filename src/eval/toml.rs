//! TOML in.

use super::Evaluator;
use super::error::{ErrorKind, EvalError, Result};
use super::value::{Attr, Attrs, Place, Value};
use ::toml::de::{DeTable, DeValue};

impl Evaluator<'_> {
    /// A TOML text as a value. Dates have no value in the language and are refused, as Nix does.
    pub(super) fn parse_toml(&mut self, text: &[u8]) -> Result<Value> {
        let text = std::str::from_utf8(text).map_err(|_| malformed("the text is not UTF-8"))?;
        let table = DeTable::parse(text).map_err(|error| {
            malformed(match error.span() {
                Some(span) => format!("{}{}", error.message(), place(text, span.start)),
                None => error.message().to_owned(),
            })
        })?;
        self.toml_table(table.get_ref())
    }

    fn toml_table(&mut self, table: &DeTable<'_>) -> Result<Value> {
        let mut attrs = Vec::with_capacity(table.len());
        for (name, value) in table {
            let value = self.toml_value(value.get_ref())?;
            refuse_nul(name.get_ref())?;
            let name = self.symbols.intern(name.get_ref().as_bytes());
            attrs.push(Attr { name, place: Place::NOWHERE, value });
        }
        Ok(Value::Attrs(Attrs::from_unsorted(attrs)))
    }

    fn toml_value(&mut self, value: &DeValue<'_>) -> Result<Value> {
        if !self.stack.has_room() {
            return Err(ErrorKind::TooDeep.into());
        }
        Ok(match value {
            DeValue::String(text) => {
                refuse_nul(text)?;
                Value::string(text.as_bytes())
            }
            DeValue::Integer(number) => {
                let parsed = i64::from_str_radix(number.as_str(), number.radix());
                Value::Int(parsed.map_err(|_| malformed(format!("{number} does not fit 64 bits")))?)
            }
            DeValue::Float(number) => {
                let parsed = number.as_str().parse::<f64>();
                Value::Float(parsed.map_err(|_| malformed(format!("{number} is no number")))?)
            }
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::Datetime(_) => {
                return Err(malformed("dates and times have no value in Nix"));
            }
            DeValue::Array(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.push(self.toml_value(item.get_ref())?);
                }
                Value::list(list)
            }
            DeValue::Table(table) => self.toml_table(table)?,
        })
    }
}

/// Where a byte is, in the words of the JSON reader.
fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let (line, column) = match before.rsplit_once('\n') {
        Some((lines, last)) => (lines.matches('\n').count() + 2, last.chars().count() + 1),
        None => (1, before.chars().count() + 1),
    };
    format!(" at line {line} column {column}")
}

fn refuse_nul(text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(malformed("a string holds a NUL byte, which no Nix string can"));
    }
    Ok(())
}

fn malformed(message: impl Into<String>) -> Box<EvalError> {
    ErrorKind::Malformed { language: "TOML", message: message.into() }.into()
}
