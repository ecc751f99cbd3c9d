//! CMD and ENTRYPOINT, and what in them only a shell would understand.

use super::expand::{Fault, FaultKind};
use super::instruction::{Command, Instruction};
use super::reading::Reading;
use super::state::placed;
use super::wording;
use crate::diag::Diagnostic;
use crate::explain::code;
use crate::recipe::Placed;
use crate::urunc;

impl Reading<'_, '_> {
    /// The words of a command.
    pub fn command(
        &mut self,
        instruction: &Instruction,
        command: &Command,
    ) -> Option<Placed<Vec<String>>> {
        let word = match command {
            Command::Exec(words, at) => return Some(placed(instruction, *at, words.clone())),
            Command::Shell(word) => word,
        };
        let words = match urunc::words::split(&word.text) {
            Ok(words) => words,
            Err(at) => {
                let quote = word.text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('"');
                let fault = Fault { at: at..word.text.len(), kind: FaultKind::Quote(quote) };
                return self.refuse(wording::fault(&fault, word));
            }
        };
        let json = serde_json::to_string(&words).unwrap_or_default();
        let help = format!("write `{} {json}`", instruction.keyword);
        self.report.push(match shell_syntax(&word.text) {
            Some(syntax) => {
                let title = format!("`{syntax}` is for a shell, and a unikernel has none");
                Diagnostic::warning(code::CONTAINERFILE_SHELL_SYNTAX, title)
                    .with_label(word.at, "")
                    .with_why("the guest gets the words as they are written")
                    .with_help(help)
            }
            None => {
                let title = format!("this `{}` is split into words", instruction.keyword);
                Diagnostic::note(code::CONTAINERFILE_SHELL_FORM, title)
                    .with_label(word.at, "")
                    .with_why(
                        "docker would pass the line to `/bin/sh -c`, and a unikernel has no shell",
                    )
                    .with_help(help)
            }
        });
        Some(placed(instruction, word.at, words))
    }
}

/// What in a command is for a shell, if anything is.
fn shell_syntax(text: &str) -> Option<&'static str> {
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None | Some('"'), '\\') => {
                characters.next();
            }
            (None | Some('"'), '`') => return Some("`…`"),
            (None | Some('"'), '$') => {
                let starts = |c: &char| c.is_ascii_alphabetic() || "_{(?@*#".contains(*c);
                if characters.peek().is_some_and(starts) {
                    return Some("$");
                }
            }
            (None, '&') => return Some("&"),
            (None, '|') => return Some("|"),
            (None, ';') => return Some(";"),
            (None, '<') => return Some("<"),
            (None, '>') => return Some(">"),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::shell_syntax;

    #[test]
    fn what_a_shell_is_for() {
        for (text, expected) in [
            ("a b 'c d'", None),
            ("a && b", Some("&")),
            ("a 'b && c' \"d | e\"", None),
            ("a $B", Some("$")),
            ("a '$B' \\$B", None),
            ("a \"${B}\"", Some("$")),
            ("costs 5$", None),
            ("a `b`", Some("`…`")),
            ("a > b", Some(">")),
        ] {
            assert_eq!(shell_syntax(text), expected, "{text}");
        }
    }
}
