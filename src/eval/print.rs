//! Values as text: the language's own form, as `nix-instantiate --eval` prints it, and XML.

use super::Evaluator;
use super::error::{ErrorKind, Result};
use super::expr::Parameter;
use super::symbol::Symbol;
use super::text;
use super::value::{Attr, Attrs, Context, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What to do with values that are not evaluated yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Show `<CODE>`.
    Lazy,
    /// Evaluate them.
    Strict,
}

impl Evaluator<'_> {
    /// A value in the form of the language. A set or list met again is shown as `«repeated»`.
    pub fn print(&mut self, value: &Value, style: Style) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.write_value(value, style, &mut out, &mut BTreeSet::new())?;
        Ok(out)
    }

    fn write_value(
        &mut self,
        value: &Value,
        style: Style,
        out: &mut Vec<u8>,
        seen: &mut BTreeSet<usize>,
    ) -> Result<()> {
        if !self.stack.has_room_to_walk() {
            return Err(ErrorKind::TooDeep.into());
        }
        match value {
            Value::Null => out.extend(b"null"),
            Value::Bool(true) => out.extend(b"true"),
            Value::Bool(false) => out.extend(b"false"),
            Value::Int(value) => out.extend(value.to_string().bytes()),
            Value::Float(value) => out.extend(text::float_display(*value).bytes()),
            Value::String(string) => out.extend(text::quote_nix_string(string.as_bytes())),
            Value::Path(path) => out.extend_from_slice(path.as_bytes()),
            Value::Lambda(_) => out.extend(b"<LAMBDA>"),
            Value::Builtin(_) => out.extend(b"<PRIMOP>"),
            Value::Partial(_) => out.extend(b"<PRIMOP-APP>"),
            Value::Thunk(thunk) => {
                let inner = match (thunk.done(), style) {
                    (Some(inner), _) => inner,
                    (None, Style::Strict) => self.force(value)?,
                    (None, Style::Lazy) => {
                        out.extend(b"<CODE>");
                        return Ok(());
                    }
                };
                // Nix knows a set by its content and a list by the place of its value.
                let list = matches!(&inner, Value::List(list) if !list.items().is_empty());
                if list && !seen.insert(Rc::as_ptr(thunk).addr()) {
                    out.extend("«repeated»".bytes());
                    return Ok(());
                }
                self.write_value(&inner, style, out, seen)?;
            }
            Value::List(list) => {
                out.extend(b"[ ");
                for item in list.items() {
                    self.write_value(item, style, out, seen)?;
                    out.push(b' ');
                }
                out.push(b']');
            }
            Value::Attrs(attrs) => {
                if !attrs.is_empty() && !seen.insert(attrs.address()) {
                    out.extend("«repeated»".bytes());
                    return Ok(());
                }
                out.extend(b"{ ");
                let sorted: Vec<Attr> = self.sorted(attrs).into_iter().cloned().collect();
                for attr in sorted {
                    out.extend(text::attribute_name(self.symbols.bytes(attr.name)));
                    out.extend(b" = ");
                    self.write_value(&attr.value, style, out, seen)?;
                    out.extend(b"; ");
                }
                out.push(b'}');
            }
        }
        Ok(())
    }

    /// A value as the XML of `builtins.toXML`.
    pub fn xml(&mut self, value: &Value) -> Result<(Vec<u8>, Context)> {
        let mut xml = Xml { out: b"<?xml version='1.0' encoding='utf-8'?>\n".to_vec(), depth: 0 };
        let mut context = Context::new();
        xml.open("expr", &[]);
        self.write_xml(value, &mut xml, &mut context, &mut BTreeSet::new())?;
        xml.close("expr");
        Ok((xml.out, context))
    }

    fn write_xml(
        &mut self,
        value: &Value,
        xml: &mut Xml,
        context: &mut Context,
        seen: &mut BTreeSet<Vec<u8>>,
    ) -> Result<()> {
        if !self.stack.has_room_to_walk() {
            return Err(ErrorKind::TooDeep.into());
        }
        // Each line is indented by its depth, so a value without an end grows with its square.
        self.meter.announce(2 * xml.depth as u64 + 16)?;
        let value = self.force(value)?;
        match &value {
            Value::Null => xml.empty("null", &[]),
            Value::Bool(flag) => xml.empty("bool", &[("value", flag.to_string().as_bytes())]),
            Value::Int(number) => xml.empty("int", &[("value", number.to_string().as_bytes())]),
            Value::Float(number) => {
                xml.empty("float", &[("value", text::float_display(*number).as_bytes())]);
            }
            Value::String(string) => {
                context.extend(string.context().into_iter().flat_map(|own| own.iter().cloned()));
                self.meter.announce(string.len() as u64)?;
                xml.empty("string", &[("value", string.as_bytes())]);
            }
            Value::Path(path) => xml.empty("path", &[("value", path.as_bytes())]),
            Value::List(list) => {
                xml.open("list", &[]);
                for item in list.items() {
                    self.write_xml(item, xml, context, seen)?;
                }
                xml.close("list");
            }
            Value::Attrs(attrs) => self.write_xml_set(attrs, xml, context, seen)?,
            Value::Lambda(closure) => {
                xml.open("function", &[]);
                let bound = closure.lambda.bound.map(|name| self.symbols.bytes(name).to_vec());
                match &closure.lambda.parameter {
                    Parameter::Single => {
                        xml.empty("varpat", &[("name", bound.as_deref().unwrap_or(b""))]);
                    }
                    Parameter::Pattern { formals, open } => {
                        let mut fields: Vec<(&str, &[u8])> = Vec::new();
                        if *open {
                            fields.push(("ellipsis", b"1"));
                        }
                        if let Some(bound) = &bound {
                            fields.push(("name", bound));
                        }
                        xml.open("attrspat", &fields);
                        let mut names: Vec<_> = formals
                            .iter()
                            .map(|formal| self.symbols.bytes(formal.name).to_vec())
                            .collect();
                        names.sort();
                        for name in &names {
                            xml.empty("attr", &[("name", name)]);
                        }
                        xml.close("attrspat");
                    }
                }
                xml.close("function");
            }
            Value::Builtin(_) | Value::Partial(_) | Value::Thunk(_) => {
                xml.empty("unevaluated", &[]);
            }
        }
        Ok(())
    }

    fn write_xml_set(
        &mut self,
        attrs: &Attrs,
        xml: &mut Xml,
        context: &mut Context,
        seen: &mut BTreeSet<Vec<u8>>,
    ) -> Result<()> {
        let derivation = self.is_derivation(attrs)?;
        let element = if derivation { "derivation" } else { "attrs" };
        let mut fields = Vec::new();
        let mut known = false;
        if derivation {
            for (name, symbol) in [("drvPath", Symbol::DRV_PATH), ("outPath", Symbol::OUT_PATH)] {
                let Some(attr) = attrs.get(symbol) else { continue };
                if let Value::String(path) = self.force(&attr.value.clone())? {
                    if symbol == Symbol::DRV_PATH {
                        known = !seen.insert(path.as_bytes().to_vec());
                    }
                    fields.push((name, path));
                }
            }
            // A derivation without a `drvPath` is never shown, as in Nix.
            known |= !fields.iter().any(|(name, _)| *name == "drvPath");
        }
        let fields: Vec<(&str, &[u8])> =
            fields.iter().map(|(name, path)| (*name, path.as_bytes())).collect();
        xml.open(element, &fields);
        if known {
            xml.empty("repeated", &[]);
        } else {
            let sorted: Vec<Attr> = self.sorted(attrs).into_iter().cloned().collect();
            for attr in sorted {
                let name = self.symbols.bytes(attr.name).to_vec();
                xml.open("attr", &[("name", &name)]);
                self.write_xml(&attr.value, xml, context, seen)?;
                xml.close("attr");
            }
        }
        xml.close(element);
        Ok(())
    }
}

/// Indented elements, as Nix writes them.
struct Xml {
    out: Vec<u8>,
    depth: usize,
}

impl Xml {
    fn tag(&mut self, open: &str, name: &str, fields: &[(&str, &[u8])], close: &str) {
        self.out.extend(std::iter::repeat_n(b' ', 2 * self.depth));
        self.out.extend(open.bytes());
        self.out.extend(name.bytes());
        for (field, value) in fields {
            self.out.push(b' ');
            self.out.extend(field.bytes());
            self.out.extend(b"=\"");
            self.out.extend(text::xml_escape(value));
            self.out.push(b'"');
        }
        self.out.extend(close.bytes());
        self.out.push(b'\n');
    }

    fn open(&mut self, name: &str, fields: &[(&str, &[u8])]) {
        self.tag("<", name, fields, ">");
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.tag("</", name, &[], ">");
    }

    fn empty(&mut self, name: &str, fields: &[(&str, &[u8])]) {
        self.tag("<", name, fields, " />");
    }
}
