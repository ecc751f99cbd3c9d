//! Hashes of strings and files.

use super::super::Evaluator;
use super::super::error::Result;
use super::super::symbol::Symbol;
use super::super::value::Value;
use super::{Builtin, Run, argument, builtin};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha512};

pub(super) const BUILTINS: &[Builtin] = &[
    builtin("convertHash", Run::One(convert_hash)),
    builtin("hashFile", Run::Two(hash_file)),
    builtin("hashString", Run::Two(hash_string)),
];

/// The digits of Nix's base 32: no `e`, `o`, `t` and `u`, so that no words come out.
const NIX32: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";
/// How many bytes a digest has.
const SIZES: [(&str, usize); 4] = [("md5", 16), ("sha1", 20), ("sha256", 32), ("sha512", 64)];

/// Bytes in Nix's base 32: five bits a digit, the last ones first.
fn to_nix32(bytes: &[u8]) -> String {
    let digits = (bytes.len() * 8).div_ceil(5);
    let digit = |number: usize| {
        let (index, shift) = (number * 5 / 8, number * 5 % 8);
        let low = bytes.get(index).copied().unwrap_or(0) >> shift;
        let next = u16::from(bytes.get(index + 1).copied().unwrap_or(0)) << (8 - shift);
        let value = (u16::from(low) | next) & 31;
        char::from(NIX32.get(usize::from(value)).copied().unwrap_or(b'0'))
    };
    (0..digits).rev().map(digit).collect()
}

fn from_nix32(text: &str, size: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0_u8; size];
    for (number, digit) in text.bytes().rev().enumerate() {
        let value = u16::try_from(NIX32.iter().position(|known| *known == digit)?).ok()?;
        let (index, shift) = (number * 5 / 8, number * 5 % 8);
        let [low, high] = (value << shift).to_le_bytes();
        *bytes.get_mut(index)? |= low;
        match bytes.get_mut(index + 1) {
            Some(byte) => *byte |= high,
            None if high != 0 => return None,
            None => {}
        }
    }
    Some(bytes)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// `convertHash { hash; hashAlgo; toHashFormat; }`
fn convert_hash(ev: &mut Evaluator<'_>, arguments: &Value) -> Result<Value> {
    let arguments = ev.attrs(arguments)?;
    let hash = ev.member(&arguments, Symbol::HASH)?;
    let hash = ev.string(&hash)?.to_text();
    let format = ev.member(&arguments, Symbol::TO_HASH_FORMAT)?;
    let format = ev.string(&format)?.to_text();
    let given = match arguments.get(Symbol::HASH_ALGO) {
        Some(attr) => Some(ev.string(&attr.value.clone())?.to_text()),
        None => None,
    };
    // `sha256-…` is the SRI form, whose rest is base 64; `sha256:…` may be any.
    let sri = hash.split_once('-');
    let prefixed = sri.or_else(|| hash.split_once(':'));
    let (named, digits) = match prefixed {
        Some((name, digits)) => (Some(name.to_owned()), digits),
        None => (None, hash.as_str()),
    };
    let algorithm = match (named, given) {
        (Some(a), Some(b)) if a != b => {
            return Err(argument(format!(
                "hash `{hash}` should have type `{b}` but has type `{a}`"
            )));
        }
        (Some(name), _) | (None, Some(name)) => name,
        (None, None) => {
            return Err(argument(format!(
                "hash `{hash}` does not include a type, nor is the type otherwise known"
            )));
        }
    };
    let Some(&(_, size)) = SIZES.iter().find(|(name, _)| *name == algorithm) else {
        return Err(argument(format!("unknown hash algorithm `{algorithm}`")));
    };
    let decoded = if sri.is_none() && digits.len() == size * 2 {
        from_hex(digits)
    } else if sri.is_none() && digits.len() == (size * 8).div_ceil(5) {
        from_nix32(digits, size)
    } else {
        STANDARD.decode(digits).ok()
    };
    let Some(bytes) = decoded.filter(|bytes| bytes.len() == size) else {
        return Err(argument(format!(
            "hash `{hash}` has the wrong length or digits for {algorithm}"
        )));
    };
    Ok(Value::string(match format.as_str() {
        "base16" => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        "nix32" | "base32" => to_nix32(&bytes),
        "base64" => STANDARD.encode(&bytes),
        "sri" => format!("{algorithm}-{}", STANDARD.encode(&bytes)),
        other => {
            return Err(argument(format!(
                "unknown hash format `{other}`; known are base16, nix32, base64 and sri"
            )));
        }
    }))
}

/// The digest in lower-case hexadecimal digits.
fn digest(algorithm: &str, bytes: &[u8]) -> Result<Value> {
    let digest = match algorithm {
        "md5" => md5::Md5::digest(bytes).to_vec(),
        "sha1" => sha1::Sha1::digest(bytes).to_vec(),
        "sha256" => Sha256::digest(bytes).to_vec(),
        "sha512" => Sha512::digest(bytes).to_vec(),
        other => {
            return Err(argument(format!(
                "unknown hash algorithm `{other}`; known are md5, sha1, sha256 and sha512"
            )));
        }
    };
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Value::string(hex))
}

fn hash_string(ev: &mut Evaluator<'_>, algorithm: &Value, text: &Value) -> Result<Value> {
    let algorithm = ev.string(algorithm)?.to_text();
    let text = ev.string(text)?;
    digest(&algorithm, text.as_bytes())
}

fn hash_file(ev: &mut Evaluator<'_>, algorithm: &Value, path: &Value) -> Result<Value> {
    let algorithm = ev.string(algorithm)?.to_text();
    let bytes = ev.file_bytes(path)?;
    digest(&algorithm, &bytes)
}
