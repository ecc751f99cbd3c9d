//! `cmd`, `entrypoint`, `envs` and the older `cmdline`: the process of the image.

use super::keys::{Keys, Value};
use super::platforms::deprecated;
use super::yaml::{Content, Node};
use crate::diag::Diagnostic;
use crate::explain::code;
use crate::recipe::draft::Draft;
use crate::recipe::{Place, Placed};

/// Reads what the process of the image is.
pub(super) fn process(keys: &mut Keys<'_, '_>, draft: &mut Draft) {
    draft.entrypoint = words(keys, "entrypoint", draft);
    draft.cmd = words(keys, "cmd", draft);
    cmdline(keys, draft);
    envs(keys, draft);
    // Without a base nothing else can say what the guest's arguments are: bunny gives it none.
    let is_said = draft.cmd.is_some() || draft.entrypoint.is_some();
    if !is_said && draft.base.is_none() && !draft.is_unusable("cmd") {
        let place = Place { spans: None, path: "cmd".to_owned() };
        draft.cmd = Some(Placed { value: Vec::new(), place });
    }
}

/// The list of words at a key.
fn words(keys: &mut Keys<'_, '_>, key: &str, draft: &mut Draft) -> Option<Placed<Vec<String>>> {
    match keys.texts(key) {
        Value::Missing => None,
        Value::Unusable => {
            draft.unusable.insert(key.to_owned());
            None
        }
        Value::Given((entry, texts)) => {
            let place = Place { spans: Some((entry.at, entry.value.at)), path: key.to_owned() };
            Some(Placed { value: texts.into_iter().map(|text| text.value).collect(), place })
        }
    }
}

/// The older spelling of `cmd`, which is split at spaces and knows no quotes.
fn cmdline(keys: &mut Keys<'_, '_>, draft: &mut Draft) {
    let Placed { value: text, place } = match keys.text("cmdline") {
        Value::Given(given) => given,
        Value::Missing => return,
        Value::Unusable => {
            draft.unusable.insert("cmd".to_owned());
            return;
        }
    };
    let has_cmd = draft.cmd.as_ref().is_some_and(|cmd| !cmd.value.is_empty());
    if has_cmd {
        let title = "`cmdline` is ignored because there is a `cmd`";
        keys.report.push(deprecated(&place, title, "remove `cmdline`"));
        return;
    }
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let help = format!("write `cmd: {words:?}`");
    keys.report.push(
        deprecated(&place, "`cmdline` is deprecated", &help)
            .with_why("it is split at spaces, so an argument cannot contain one"),
    );
    draft.cmd = Some(Placed { value: words, place });
}

/// The environment. bunny's documentation speaks of `KEY:VALUE`, its example and its code of `KEY=VALUE`: both are
/// variables here, and so is the mapping that YAML makes of `KEY: VALUE`.
fn envs(keys: &mut Keys<'_, '_>, draft: &mut Draft) {
    let (entry, items) = match keys.list("envs") {
        Value::Given(given) => given,
        Value::Missing => return,
        Value::Unusable => {
            draft.unusable.insert("env".to_owned());
            return;
        }
    };
    let path = |index: usize| format!("envs[{index}]");
    draft.env_place =
        Some(Place { spans: Some((entry.at, entry.value.at)), path: "envs".to_owned() });
    for (index, item) in items.iter().enumerate() {
        match variable(item) {
            Ok(value) => {
                let place = Place { spans: Some((item.at, item.at)), path: path(index) };
                draft.env.push(Placed { value, place });
            }
            Err(diagnostic) => {
                if let Some(diagnostic) = diagnostic {
                    keys.report.push(*diagnostic);
                }
                draft.unusable.insert("env".to_owned());
            }
        }
    }
}

/// A variable as `NAME=value`.
fn variable(item: &Node) -> Result<String, Option<Box<Diagnostic>>> {
    match &*item.content {
        Content::Text(text) => Ok(with_equals_sign(text)),
        Content::Map(entries) => match entries.as_slice() {
            [entry] => match &*entry.value.content {
                Content::Text(value) => Ok(format!("{}={value}", entry.key)),
                Content::Nothing => Ok(format!("{}=", entry.key)),
                Content::Unusable => Err(None),
                _ => Err(Some(Box::new(not_a_variable(&entry.value)))),
            },
            _ => Err(Some(Box::new(not_a_variable(item)))),
        },
        Content::Unusable => Err(None),
        _ => Err(Some(Box::new(not_a_variable(item)))),
    }
}

fn not_a_variable(item: &Node) -> Diagnostic {
    let title = format!("a variable must be a string, not {}", item.content.words());
    Diagnostic::error(code::BUNNYFILE_TYPE, title)
        .with_label(item.at, "")
        .with_help("write `- NAME=value`, one per line")
}

/// `NAME:value` as `NAME=value`, where the name is one.
fn with_equals_sign(text: &str) -> String {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match text.split_once(':') {
        Some((name, value)) if is_name(name) => format!("{name}={value}"),
        _ => text.to_owned(),
    }
}
