//! TOML in: 1.0 as Nix has it. The reader takes 1.1, so what that added is refused before.

use super::error::{ErrorKind, EvalError, Result};
use super::value::{Attr, Attrs, Place, Value};
use super::{Evaluator, Stack};
use ::toml::de::{DeTable, DeValue};
use toml_parser::decoder::Encoding;
use toml_parser::parser::{EventReceiver, parse_document};
use toml_parser::{ErrorSink, Source, Span};

impl Evaluator<'_> {
    /// A TOML text as a value. Dates have no value in the language and are refused, as Nix does.
    pub(super) fn parse_toml(&mut self, text: &[u8]) -> Result<Value> {
        let text = std::str::from_utf8(text).map_err(|_| malformed("the text is not UTF-8"))?;
        refuse_newer(text, self.stack)?;
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
                let text = number.as_str();
                match text.parse::<f64>() {
                    Ok(value)
                        if value.is_finite() || !text.contains(|c: char| c.is_ascii_digit()) =>
                    {
                        Value::Float(value)
                    }
                    _ => return Err(malformed(format!("{text} does not fit a double"))),
                }
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

/// What the reader takes of the stack for a table or array in another, generously.
const LEVEL_STACK: usize = 8 << 10;

/// Refuses what TOML 1.1 has added to 1.0, and what is nested too deeply for the reader.
fn refuse_newer(text: &str, stack: Stack) -> Result<()> {
    let source = Source::new(text);
    let levels = vec![Level::default()];
    let mut newer = NewerSyntax { text, stack, depth: 0, header: 0, levels, found: None };
    // Other mistakes are left to the reader.
    parse_document(&source.lex().into_vec(), &mut newer, &mut ());
    match newer.found {
        Some((message, at)) => Err(malformed(format!("{message}{}", place(text, at)))),
        None => Ok(()),
    }
}

/// Goes through a text in search of what TOML 1.0 has not.
struct NewerSyntax<'t> {
    text: &'t str,
    stack: Stack,
    /// How many tables and arrays are in each other here.
    depth: usize,
    /// Those of them that the last header has made.
    header: usize,
    /// The whole text, and the arrays and inline tables around what comes next.
    levels: Vec<Level>,
    /// The first such thing, and where it is.
    found: Option<(&'static str, usize)>,
}

#[derive(Default)]
struct Level {
    is_table: bool,
    /// The comma that nothing has followed yet.
    comma: Option<Span>,
    /// How many tables the key makes in each other.
    keys: usize,
}

impl NewerSyntax<'_> {
    fn find(&mut self, message: &'static str, span: Span) {
        self.found.get_or_insert((message, span.start()));
    }

    /// A line ends, or a comment ends it.
    fn line_end(&mut self, span: Span) {
        match self.levels.last() {
            Some(level) if level.is_table => {
                self.find("an inline table of TOML 1.0 is on one line", span);
            }
            _ if self.levels.len() == 1 => self.end_key(),
            _ => {}
        }
    }

    /// The tables of the last key are left.
    fn end_key(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.depth -= std::mem::take(&mut level.keys);
        }
    }

    fn end_header(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.header = std::mem::take(&mut level.keys);
        }
    }

    /// Goes one table or array deeper, if the reader can.
    fn deeper(&mut self, span: Span) -> bool {
        self.depth += 1;
        let has_room = self.stack.has_room_for(self.depth.saturating_mul(LEVEL_STACK));
        if !has_room {
            self.find("tables and arrays are nested too deeply", span);
        }
        has_room
    }

    fn open(&mut self, is_table: bool, span: Span) -> bool {
        self.levels.push(Level { is_table, ..Level::default() });
        self.deeper(span)
    }

    fn close(&mut self) {
        if self.levels.len() < 2 {
            return;
        }
        self.end_key();
        self.depth -= 1;
        if let Some(Level { is_table: true, comma: Some(comma), .. }) = self.levels.pop() {
            self.find("no comma ends an inline table of TOML 1.0", comma);
        }
    }

    /// A key or value.
    fn text(&mut self, span: Span, encoding: Option<Encoding>) {
        if let Some(level) = self.levels.last_mut() {
            level.comma = None;
        }
        if !matches!(encoding, Some(Encoding::BasicString | Encoding::MlBasicString)) {
            return;
        }
        let raw = self.text.get(span.start()..span.end()).unwrap_or("");
        let mut bytes = raw.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            if byte == b'\\' && matches!(bytes.next(), Some((_, b'e' | b'x'))) {
                let start = span.start() + at;
                let escape = Span::new_unchecked(start, start + 2);
                self.find("TOML 1.0 has no escapes `\\e` and `\\x`", escape);
            }
        }
    }
}

impl EventReceiver for NewerSyntax<'_> {
    fn std_table_open(&mut self, _span: Span, _error: &mut dyn ErrorSink) {
        self.depth -= std::mem::take(&mut self.header);
    }

    fn std_table_close(&mut self, _span: Span, _error: &mut dyn ErrorSink) {
        self.end_header();
    }

    fn array_table_open(&mut self, _span: Span, _error: &mut dyn ErrorSink) {
        self.depth -= std::mem::take(&mut self.header);
    }

    fn array_table_close(&mut self, _span: Span, _error: &mut dyn ErrorSink) {
        self.end_header();
    }

    fn inline_table_open(&mut self, span: Span, _error: &mut dyn ErrorSink) -> bool {
        self.text(span, None);
        self.open(true, span)
    }

    fn inline_table_close(&mut self, _span: Span, _error: &mut dyn ErrorSink) {
        self.close();
    }

    fn array_open(&mut self, span: Span, _error: &mut dyn ErrorSink) -> bool {
        self.text(span, None);
        self.open(false, span)
    }

    fn array_close(&mut self, _span: Span, _error: &mut dyn ErrorSink) {
        self.close();
    }

    fn simple_key(&mut self, span: Span, kind: Option<Encoding>, _error: &mut dyn ErrorSink) {
        self.text(span, kind);
    }

    fn key_sep(&mut self, span: Span, _error: &mut dyn ErrorSink) {
        if let Some(level) = self.levels.last_mut() {
            level.keys += 1;
        }
        self.deeper(span);
    }

    fn scalar(&mut self, span: Span, kind: Option<Encoding>, _error: &mut dyn ErrorSink) {
        self.text(span, kind);
    }

    fn value_sep(&mut self, span: Span, _error: &mut dyn ErrorSink) {
        self.end_key();
        if let Some(level) = self.levels.last_mut() {
            level.comma = Some(span);
        }
    }

    fn comment(&mut self, span: Span, _error: &mut dyn ErrorSink) {
        self.line_end(span);
    }

    fn newline(&mut self, span: Span, _error: &mut dyn ErrorSink) {
        self.line_end(span);
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
