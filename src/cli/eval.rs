//! `bimanix eval`: a value, as `nix-instantiate --eval --strict` prints it.

use super::args::Eval;
use super::{Outcome, session, ui};
use crate::diag::{Diagnostic, Report, SourceMap, nearest};
use crate::driver::{self, Input};
use crate::eval::{EvalError, Evaluator, Stack, Style, Value};
use crate::explain::code;
use crate::host;
use crate::world::Disk;
use std::path::{Path, PathBuf};

pub(super) fn run(eval: &Eval, stack: Stack) -> Outcome {
    let mut sources = SourceMap::default();
    let options = session::options(&eval.arguments, eval.system.clone());
    let mut ev = Evaluator::new(&mut sources, &Disk, stack, options);
    let printed = print(&mut ev, eval).map_err(|findings| name_input(findings, eval));
    for message in ev.take_messages() {
        ui::said(&message);
    }
    // The process ends soon; freeing millions of values one by one would only take time.
    std::mem::forget(ev);
    match printed {
        Ok(mut bytes) => {
            if !eval.raw && bytes.last() != Some(&b'\n') {
                bytes.push(b'\n');
            }
            ui::result(&bytes)
        }
        Err(findings) => {
            ui::findings(&Report { findings, ..Report::default() }, &sources);
            Outcome::Refused
        }
    }
}

fn print(ev: &mut Evaluator<'_>, eval: &Eval) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let report = |error: Box<EvalError>| error.report();
    let arguments = session::function_arguments(ev, &eval.arguments)?;
    let value = match &eval.expr {
        Some(text) => {
            let here = host::absolute(Path::new(".")).unwrap_or_else(|_| PathBuf::from("/"));
            let value =
                ev.eval_text("«expression»", text.as_encoded_bytes(), &here).map_err(report)?;
            ev.auto_call(&value, &arguments).map_err(report)?
        }
        None => {
            let input = Input::at(&eval.file).map_err(|diagnostic| vec![*diagnostic])?;
            driver::load(ev, &input, &arguments)?
        }
    };
    let value = match &eval.attr {
        Some(path) => attribute(ev, value, path, &arguments)?,
        None => value,
    };
    if eval.json {
        return Ok(ev.json(&value).map_err(report)?.0);
    }
    if eval.xml {
        return Ok(ev.xml(&value).map_err(report)?.0);
    }
    if eval.raw {
        return match ev.force(&value).map_err(report)? {
            Value::String(text) | Value::Path(text) => Ok(text.as_bytes().to_vec()),
            other => {
                let title = format!("the value is {}, not a string", other.kind());
                Err(vec![
                    Diagnostic::error(code::CLI_RAW, title)
                        .with_help("leave `--raw` out, or use `--json`"),
                ])
            }
        };
    }
    let style = if eval.lazy { Style::Lazy } else { Style::Strict };
    ev.print(&value, style).map_err(report)
}

/// A finding without a place is about the whole input.
fn name_input(mut findings: Vec<Diagnostic>, eval: &Eval) -> Vec<Diagnostic> {
    for finding in &mut findings {
        if finding.labels.is_empty() && finding.subject.is_none() {
            finding.subject = Some(match &eval.expr {
                Some(_) => "«expression»".to_owned(),
                None => eval.file.display().to_string(),
            });
        }
    }
    findings
}

/// Follows a path of names and list positions, such as `annotations.binary` or `cmd.0`.
fn attribute(
    ev: &mut Evaluator<'_>,
    mut value: Value,
    path: &str,
    arguments: &crate::eval::Attrs,
) -> Result<Value, Vec<Diagnostic>> {
    for name in components(path) {
        let current = ev.force(&value).map_err(|error| error.report())?;
        let found = match &current {
            Value::Attrs(attrs) => {
                let symbol = ev.symbol(&name);
                attrs.get(symbol).map(|attr| attr.value.clone())
            }
            Value::List(list) => {
                name.parse().ok().and_then(|index: usize| list.items().get(index)).cloned()
            }
            _ => None,
        };
        let Some(found) = found else {
            let title = format!("attribute `{name}` in selection path `{path}` not found");
            let found = format!("the value before it is {}", current.kind());
            let known: Vec<String> = match &current {
                Value::Attrs(attrs) => attrs.iter().map(|attr| ev.name(attr.name)).collect(),
                _ => Vec::new(),
            };
            let near = nearest(&name, known.iter().map(String::as_str));
            let diagnostic = Diagnostic::error(code::CLI_ATTR, title)
                .with_why(found)
                .with_help_if(near.map(|near| format!("did you mean `{near}`?")));
            return Err(vec![diagnostic]);
        };
        value = ev.auto_call(&found, arguments).map_err(|error| error.report())?;
    }
    Ok(value)
}

/// The names of a path; `"…"` holds dots together.
fn components(path: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut quoted = false;
    for character in path.chars() {
        match character {
            '"' => quoted = !quoted,
            '.' if !quoted => names.push(String::new()),
            other => {
                if let Some(name) = names.last_mut() {
                    name.push(other);
                }
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn quotes_hold_dots() {
        assert_eq!(components("a.b"), ["a", "b"]);
        assert_eq!(components("files.\"./x.y\".path"), ["files", "./x.y", "path"]);
        assert!(components("").is_empty());
    }
}
