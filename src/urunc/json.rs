//! `/urunc.json`: the annotations as the only channel that docker and CRI leave open (contract
//! section 1.3). Values are standard base64 with padding, and all of them are strings.

use super::Key;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The file for these annotations: keys sorted, one to a line, a newline at the end.
pub fn encode(annotations: &BTreeMap<String, String>) -> Vec<u8> {
    let lines: Vec<String> = annotations
        .iter()
        // A JSON string of a key or of base64 is itself in quotes; keys are ours, so plain.
        .map(|(key, value)| {
            format!("  {}: \"{}\"", Value::from(key.as_str()), STANDARD.encode(value))
        })
        .collect();
    format!("{{\n{}\n}}\n", lines.join(",\n")).into_bytes()
}

/// Why a `urunc.json` is not what urunc reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is not a JSON object.
    NotAnObject(String),
    /// A value is not a string.
    NotAString(String),
    /// A value is not padded standard base64 of text.
    NotBase64(String),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::NotAnObject(why) => write!(f, "it is not a JSON object: {why}"),
            Fault::NotAString(key) => write!(f, "the value of `{key}` is not a string"),
            Fault::NotBase64(key) => write!(f, "the value of `{key}` is not padded base64 of text"),
        }
    }
}

/// The decoded values of a `urunc.json`, and what urunc would stumble over.
///
/// Read as Go's decoder reads it into a structure of strings: a member is found by its name in any case,
/// the last of several counts, `null` says nothing, and members that are not known are passed over whatever
/// they hold.
pub fn decode(bytes: &[u8]) -> (BTreeMap<String, String>, Vec<Fault>) {
    let mut values = BTreeMap::new();
    let mut faults = Vec::new();
    let members: Map<String, Value> = match serde_json::from_slice(bytes) {
        Ok(members) => members,
        Err(error) => return (values, vec![Fault::NotAnObject(error.to_string())]),
    };
    for (key, value) in members {
        let known = Key::ALL.into_iter().find(|known| known.full().eq_ignore_ascii_case(&key));
        match (value, known) {
            (Value::String(text), known) => match (decode_value(&text), known) {
                (Some(decoded), Some(known)) => drop(values.insert(known.full(), decoded)),
                (Some(decoded), None) => drop(values.insert(key, decoded)),
                (None, Some(_)) => faults.push(Fault::NotBase64(key)),
                (None, None) => {}
            },
            (Value::Null, _) | (_, None) => {}
            (_, Some(_)) => faults.push(Fault::NotAString(key)),
        }
    }
    (values, faults)
}

/// The text of one value, as Go decodes it: standard base64 with padding, in which line breaks count for
/// nothing.
pub(super) fn decode_value(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    STANDARD.decode(plain).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let annotations: BTreeMap<String, String> =
            [("b", "/unikernel/ä\n\""), ("a", "")].map(|(k, v)| (k.into(), v.into())).into();
        let file = encode(&annotations);
        assert_eq!(decode(&file), (annotations, Vec::new()));
        assert_eq!(
            String::from_utf8(file).unwrap(),
            "{\n  \"a\": \"\",\n  \"b\": \"L3VuaWtlcm5lbC/DpAoi\"\n}\n"
        );
    }

    #[test]
    fn plain_values_are_found_out() {
        let (values, faults) =
            decode(
            br#"{"ok":"aHZ0","com.urunc.unikernel.binary":"hvt","flag":true,"Com.urunc.unikernel.block":"aHZ0IQ",
                 "other":"plain!","COM.URUNC.UNIKERNEL.HYPERVISOR":"aHZ0","com.urunc.unikernel.initrd":true}"#,
        );
        let expected = [("com.urunc.unikernel.hypervisor", "hvt"), ("ok", "hvt")];
        assert_eq!(values, expected.map(|(key, value)| (key.into(), value.into())).into());
        assert_eq!(
            faults,
            [
                Fault::NotBase64("Com.urunc.unikernel.block".into()),
                Fault::NotBase64("com.urunc.unikernel.binary".into()),
                Fault::NotAString("com.urunc.unikernel.initrd".into()),
            ]
        );
        for other in [
            r#"{"com.urunc.unikernel.binary":"aH\nZ0\r\n","com.urunc.unikernel.block":null}"#,
            r#"{"com.urunc.unikernel.binary":"aHZ0","com.urunc.unikernel.new":3,"x":{"y":[]}}"#,
            r#"{"com.urunc.unikernel.binary":"eA==","com.urunc.unikernel.binary":"aHZ0"}"#,
        ] {
            let (values, faults) = decode(other.as_bytes());
            assert_eq!(values["com.urunc.unikernel.binary"], "hvt", "{other}");
            assert_eq!((values.len(), faults), (1, Vec::new()), "{other}");
        }
        assert!(matches!(decode(b"[]").1.as_slice(), [Fault::NotAnObject(_)]));
    }
}
