//! Hashes of strings and files.

use super::super::Evaluator;
use super::super::error::Result;
use super::super::value::Value;
use super::{Builtin, Run, argument, builtin};
use sha2::{Digest as _, Sha256, Sha512};

pub(super) const BUILTINS: &[Builtin] =
    &[builtin("hashFile", Run::Two(hash_file)), builtin("hashString", Run::Two(hash_string))];

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
