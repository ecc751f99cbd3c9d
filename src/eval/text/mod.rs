//! Text as Nix reads and writes it: versions, names, numbers and quoted strings.
//!
//! Everything here is a pure function of its arguments. Strings are bytes, as in Nix; the rules are
//! those of the Nix sources of August 2026 (`src/libstore/names.cc`, `src/libexpr/print.cc`,
//! `src/libutil/xml-writer.cc`), read there and compared with Nix 2.8, from which only
//! [`json_float`] differs: 2.8 wrote six digits.

mod float;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

pub(crate) use self::float::{float_display, float_to_string, json_float};

/// Compares two versions component by component, as `builtins.compareVersions` does.
pub(crate) fn compare_versions(left: &[u8], right: &[u8]) -> Ordering {
    let (mut left, mut right) = (left, right);
    while !left.is_empty() || !right.is_empty() {
        let (a, b) = (next_component(&mut left), next_component(&mut right));
        if component_less(a, b) {
            return Ordering::Less;
        }
        if component_less(b, a) {
            return Ordering::Greater;
        }
    }
    Ordering::Equal
}

/// Splits a version into its components, as `builtins.splitVersion` does.
pub(crate) fn split_version(version: &[u8]) -> Vec<&[u8]> {
    let mut rest = version;
    std::iter::from_fn(|| Some(next_component(&mut rest)).filter(|part| !part.is_empty())).collect()
}

/// Splits a derivation's name into package and version, as `builtins.parseDrvName` does.
///
/// The version begins after the first dash that something other than an ASCII letter follows.
pub(crate) fn parse_drv_name(name: &[u8]) -> (&[u8], &[u8]) {
    let dash = name
        .windows(2)
        .position(|pair| matches!(pair, [b'-', after] if !after.is_ascii_alphabetic()));
    match dash.and_then(|dash| name.split_at_checked(dash)) {
        Some((package, [_, version @ ..])) => (package, version),
        _ => (name, &[]),
    }
}

/// Takes the next run of digits, or of what is neither digit, dot nor dash; dots and dashes before
/// it are dropped.
fn next_component<'v>(version: &mut &'v [u8]) -> &'v [u8] {
    let separates = |byte: &u8| matches!(byte, b'.' | b'-');
    let start = version.iter().position(|byte| !separates(byte)).unwrap_or(version.len());
    let (_, rest) = version.split_at(start);
    let digits = rest.first().is_some_and(u8::is_ascii_digit);
    let ends = |byte: &u8| byte.is_ascii_digit() != digits || separates(byte);
    let end = rest.iter().position(ends).unwrap_or(rest.len());
    let (component, rest) = rest.split_at(end);
    *version = rest;
    component
}

/// `componentsLT` of Nix; not an order in itself, since components like `pre` and numbers are put
/// where releases are.
fn component_less(left: &[u8], right: &[u8]) -> bool {
    match (component_number(left), component_number(right)) {
        (Some(left), Some(right)) => left < right,
        (None, Some(_)) if left.is_empty() => true,
        (left_number, right_number) => {
            if left == b"pre" && right != b"pre" {
                true
            } else if right == b"pre" {
                false
            } else if right_number.is_some() {
                true
            } else if left_number.is_some() {
                false
            } else {
                left < right
            }
        }
    }
}

/// A number that does not fit C's `int` is no number to Nix.
fn component_number(component: &[u8]) -> Option<i32> {
    let digits = component.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(component).ok().filter(|_| digits)?.parse().ok()
}

/// Quotes a string as Nix prints it: in double quotes, with `"`, `\`, newline, return, tab and `${`
/// escaped.
pub(crate) fn quote_nix_string(string: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(string.len().saturating_add(2));
    quoted.push(b'"');
    let mut bytes = string.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' | b'\\' => quoted.extend([b'\\', byte]),
            b'\n' => quoted.extend(*b"\\n"),
            b'\r' => quoted.extend(*b"\\r"),
            b'\t' => quoted.extend(*b"\\t"),
            b'$' if bytes.peek() == Some(&b'{') => quoted.extend(*b"\\$"),
            _ => quoted.push(byte),
        }
    }
    quoted.push(b'"');
    quoted
}

/// Tells whether a name can stand unquoted in an attribute set (`isVarName`).
///
/// Keywords cannot; `or`, which only looks like one, can.
fn is_identifier(name: &[u8]) -> bool {
    const KEYWORDS: [&[u8]; 9] =
        [b"if", b"then", b"else", b"assert", b"with", b"let", b"in", b"rec", b"inherit"];
    let Some((first, rest)) = name.split_first() else { return false };
    (first.is_ascii_alphabetic() || *first == b'_')
        && rest
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'\''))
        && !KEYWORDS.contains(&name)
}

/// Writes an attribute name as Nix prints it (`printAttributeName`): quoted where it could not
/// stand as it is.
pub(crate) fn attribute_name(name: &[u8]) -> Vec<u8> {
    if is_identifier(name) { name.to_vec() } else { quote_nix_string(name) }
}

/// Escapes a string for the attribute of an XML element, as `builtins.toXML` does.
///
/// A newline becomes a reference because readers would turn it into a space.
pub(crate) fn xml_escape(string: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(string.len());
    for &byte in string {
        match byte {
            b'"' => escaped.extend(*b"&quot;"),
            b'<' => escaped.extend(*b"&lt;"),
            b'>' => escaped.extend(*b"&gt;"),
            b'&' => escaped.extend(*b"&amp;"),
            b'\n' => escaped.extend(*b"&#xA;"),
            _ => escaped.push(byte),
        }
    }
    escaped
}
