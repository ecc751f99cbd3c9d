//! A line of a Containerfile to its [`Instruction`].
//!
//! The parser is that of the crate; each line goes through it alone, so that a mistake in one hides no other.

use super::instruction::{Command, Flag, Instruction, KEYWORDS, Pair, Source, What, Word, usage};
use super::lines::Line;
use super::short;
use super::words::{self, PairFault};
use crate::diag::{Diagnostic, Report, nearest};
use crate::explain::{Code, code};
use parse_dockerfile::{Command as Parsed, Flag as ParsedFlag, Instruction as ParsedInstruction};
use parse_dockerfile::{JsonOrStringArray, Source as ParsedSource, UnescapedString};
use std::ops::Range;

/// What the parser is given in front of a line, since it takes no other instruction first.
const PREFIX: &str = "FROM a\n";

/// Parses a line; what is wrong with it goes to the report.
pub(super) fn parse(line: &Line<'_>, escape: char, report: &mut Report) -> Option<Instruction> {
    let reader = Reader { line, escape };
    match reader.instruction() {
        Ok(instruction) => instruction,
        Err(diagnostic) => {
            report.push(*diagnostic);
            None
        }
    }
}

type Parse<T> = Result<T, Box<Diagnostic>>;

struct Reader<'l, 't> {
    line: &'l Line<'t>,
    escape: char,
}

impl Reader<'_, '_> {
    fn error<T>(&self, at: Range<usize>, code: Code, title: String, help: &str) -> Parse<T> {
        let diagnostic = Diagnostic::error(code, title).with_label(self.line.span(at), "");
        Err(Box::new(if help.is_empty() { diagnostic } else { diagnostic.with_help(help) }))
    }

    fn instruction(&self) -> Parse<Option<Instruction>> {
        let text = self.line.text.trim_end();
        if text.is_empty() {
            return Ok(None);
        }
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let written = text.get(..end).unwrap_or(text);
        let upper = written.to_ascii_uppercase();
        let Some(keyword) = KEYWORDS.into_iter().find(|known| *known == upper) else {
            let help = match nearest(&upper, KEYWORDS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the instructions are {}", KEYWORDS.join(", ")),
            };
            let title = format!("there is no instruction `{}`", short(written));
            return self.error(0..end, code::CONTAINERFILE_UNKNOWN_INSTRUCTION, title, &help);
        };
        let rest = text.get(end..).unwrap_or("").trim_start();
        let arguments = text.len().saturating_sub(rest.len())..text.len();
        let what = self.what(keyword, rest, arguments)?;
        let (at, whole) = (self.line.span(0..end), self.line.span(0..text.len()));
        Ok(Some(Instruction { keyword, at, whole, what }))
    }

    fn what(&self, keyword: &'static str, rest: &str, arguments: Range<usize>) -> Parse<What> {
        if matches!(keyword, "RUN" | "SHELL" | "ONBUILD" | "HEALTHCHECK") {
            return Ok(What::Other);
        }
        if rest.is_empty() {
            let title = format!("`{keyword}` has no arguments");
            let help = format!("write `{}`", usage(keyword));
            return self.error(0..keyword.len(), code::CONTAINERFILE_ARGUMENTS, title, &help);
        }
        let takes_flags = matches!(keyword, "FROM" | "COPY" | "ADD");
        if !takes_flags && rest.starts_with("--") {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let flag = rest.get(..end).unwrap_or(rest);
            let title = format!("`{keyword}` has no flag `{}`", short(flag));
            let at = arguments.start..arguments.start.saturating_add(end);
            let help = match keyword {
                "CMD" | "ENTRYPOINT" => "write it as a JSON array, as in `CMD [\"--flag\"]`",
                _ => "if this is not a flag, put it in quotes",
            };
            return self.error(at, code::CONTAINERFILE_FLAG, title, help);
        }
        // The parser takes no empty array here; it takes back an entrypoint of the base.
        let is_empty_array = rest.strip_prefix('[').is_some_and(|rest| rest.trim_start() == "]");
        if keyword == "ENTRYPOINT" && is_empty_array {
            return Ok(What::Entrypoint(Command::Exec(Vec::new(), self.line.span(arguments))));
        }
        // The parser would look for the body of a here-document, which JSON has none of.
        if rest.starts_with('[') && rest.contains("<<") && takes_flags {
            let title = "a here-document cannot be in a JSON array".to_owned();
            let help = "write the instruction without the JSON array";
            return self.error(arguments, code::CONTAINERFILE_HERE_DOCUMENT, title, help);
        }
        let mut text = format!("{PREFIX}{}", self.line.text);
        if !self.line.bodies.is_empty() {
            text.push('\n');
            text.push_str(self.line.bodies);
        }
        let mut parsed = match parse_dockerfile::parse_iter(&text) {
            Ok(instructions) => instructions.skip(1),
            Err(error) => return self.syntax(keyword, &error),
        };
        let instruction = match parsed.next() {
            Some(Ok(instruction)) => instruction,
            Some(Err(error)) => return self.syntax(keyword, &error),
            None => {
                return self.error(
                    arguments,
                    code::CONTAINERFILE_SYNTAX,
                    "this instruction is empty".into(),
                    "",
                );
            }
        };
        let what = self.convert(instruction, rest, arguments)?;
        // The rest of a here-document that the parser has not seen as one.
        match parsed.next() {
            None => Ok(what),
            Some(_) => self.error(
                0..self.line.text.len(),
                code::CONTAINERFILE_HERE_DOCUMENT,
                "the here-document cannot be read".into(),
                "write it as `<<NAME`, without a number before it or a space after it",
            ),
        }
    }

    fn syntax<T>(&self, keyword: &'static str, error: &parse_dockerfile::Error) -> Parse<T> {
        let column = error.column().saturating_sub(1);
        let at = match error.line() {
            2 if self.line.text.is_char_boundary(column) => column..self.line.text.len(),
            _ => 0..self.line.text.len(),
        };
        let help = format!("write `{}`", usage(keyword));
        let said = format!("{error:#}");
        let (code, title) = match keyword {
            "FROM" => (
                code::CONTAINERFILE_SYNTAX,
                "`FROM` takes an image, and optionally `AS` and a name".to_owned(),
            ),
            "COPY" | "ADD" if said.contains("two arguments") => {
                (code::CONTAINERFILE_ARGUMENTS, format!("`{keyword}` has no destination"))
            }
            _ => (code::CONTAINERFILE_SYNTAX, format!("`{keyword}`: {said}")),
        };
        self.error(at, code, title, &help)
    }

    fn convert(
        &self,
        instruction: ParsedInstruction<'_>,
        rest: &str,
        arguments: Range<usize>,
    ) -> Parse<What> {
        Ok(match instruction {
            ParsedInstruction::From(from) => {
                let flags = self.flags(&from.options);
                let name = from.as_.map(|(_, name)| self.word(&name));
                if name.as_ref().is_some_and(|name| name.text.is_empty()) {
                    let title = "the stage has no name".to_owned();
                    let help = "write it after `AS`, or remove `AS`";
                    return self.error(arguments, code::CONTAINERFILE_STAGE_NAME, title, help);
                }
                What::From { flags, image: self.word(&from.image), name }
            }
            ParsedInstruction::Copy(copy) => {
                self.copy(false, &copy.options, copy.src.into_iter(), &copy.dest, arguments)?
            }
            ParsedInstruction::Add(add) => {
                self.copy(true, &add.options, add.src.into_iter(), &add.dest, arguments)?
            }
            ParsedInstruction::Arg(_) => {
                let words = words::split(rest, self.escape).into_iter();
                let pair = |word: Range<usize>| {
                    let at = shift(&word, arguments.start);
                    let text = rest.get(word).unwrap_or("");
                    match text.find('=') {
                        Some(0) => self.no_name("ARG", at),
                        Some(sign) => {
                            let sign = at.start.saturating_add(sign);
                            Ok(Pair {
                                name: self.written(at.start..sign),
                                value: Some(self.written(sign.saturating_add(1)..at.end)),
                            })
                        }
                        None => Ok(Pair { name: self.written(at), value: None }),
                    }
                };
                What::Arg(words.map(pair).collect::<Parse<_>>()?)
            }
            ParsedInstruction::Env(_) => What::Env(self.pairs("ENV", rest, arguments.start)?),
            ParsedInstruction::Label(_) => {
                What::Label(self.pairs("LABEL", rest, arguments.start)?)
            }
            ParsedInstruction::Cmd(cmd) => What::Cmd(self.command(&cmd.arguments, arguments)?),
            ParsedInstruction::Entrypoint(entrypoint) => {
                What::Entrypoint(self.command(&entrypoint.arguments, arguments)?)
            }
            ParsedInstruction::Expose(expose) => {
                What::Expose(expose.arguments.iter().map(|word| self.word(word)).collect())
            }
            ParsedInstruction::Volume(volume) => {
                let words = match &volume.arguments {
                    JsonOrStringArray::Json(array) => &array.value,
                    JsonOrStringArray::String(_) if rest.starts_with('[') => {
                        return self.bad_json("a path", arguments);
                    }
                    JsonOrStringArray::String(words) => words,
                };
                What::Volume(words.iter().map(|word| self.word(word)).collect())
            }
            ParsedInstruction::User(_) => What::User(self.written(arguments)),
            ParsedInstruction::Workdir(_) => What::WorkDir(self.written(arguments)),
            ParsedInstruction::Stopsignal(_) => What::StopSignal(self.written(arguments)),
            ParsedInstruction::Maintainer(_) => What::Maintainer(self.written(arguments)),
            _ => What::Other,
        })
    }

    fn copy<'s>(
        &self,
        is_add: bool,
        flags: &[ParsedFlag<'_>],
        sources: impl Iterator<Item = ParsedSource<'s>>,
        destination: &UnescapedString<'_>,
        arguments: Range<usize>,
    ) -> Parse<What> {
        let mut documents = self.line.documents.iter();
        let mut converted = Vec::new();
        for source in sources {
            converted.push(match source {
                ParsedSource::HereDoc(document) => {
                    let Some(announced) = documents.next() else { continue };
                    let at = self.line.text.find("<<").unwrap_or(arguments.start);
                    Source::Document {
                        name: announced.name.clone(),
                        expands: document.expand,
                        text: document.value.into_owned(),
                        at: self.line.span(at..arguments.end),
                    }
                }
                ParsedSource::Path(path) => Source::Path(self.word(&path)),
                _ => continue,
            });
        }
        if destination.value.starts_with("<<") && documents.next().is_some() {
            let title = "a here-document cannot be the destination".to_owned();
            let help = "write the destination after it";
            return self.error(
                own(&destination.span),
                code::CONTAINERFILE_HERE_DOCUMENT,
                title,
                help,
            );
        }
        // Documents that were announced in another way than the parser knows.
        if documents.next().is_some()
            || self.line.documents.iter().any(|document| !document.is_plain)
        {
            let title = "the here-document cannot be read".to_owned();
            let help = "write it as `<<NAME`, without a number before it or a space after it";
            return self.error(arguments, code::CONTAINERFILE_HERE_DOCUMENT, title, help);
        }
        let flags = self.flags(flags);
        Ok(What::Copy { is_add, flags, sources: converted, destination: self.word(destination) })
    }

    fn command(&self, command: &Parsed<'_>, arguments: Range<usize>) -> Parse<Command> {
        match command {
            Parsed::Exec(array) => {
                let words = array.value.iter().map(|word| word.value.to_string()).collect();
                Ok(Command::Exec(words, self.line.span(arguments)))
            }
            Parsed::Shell(_) => {
                let word = self.written(arguments.clone());
                if word.text.starts_with('[') {
                    return self.bad_json("a command", arguments);
                }
                Ok(Command::Shell(word))
            }
            _ => self.error(
                arguments,
                code::CONTAINERFILE_SYNTAX,
                "there is no command here".into(),
                "",
            ),
        }
    }

    fn bad_json<T>(&self, what: &str, arguments: Range<usize>) -> Parse<T> {
        let diagnostic =
            Diagnostic::error(code::CONTAINERFILE_JSON, "this is not a JSON array of strings")
                .with_label(self.line.span(arguments), "")
                .with_why(format!("docker would take it for {what} that begins with `[`"))
                .with_help("put each string in double quotes, and commas between them");
        Err(Box::new(diagnostic))
    }

    fn pairs(&self, keyword: &'static str, rest: &str, start: usize) -> Parse<Vec<Pair>> {
        let pairs = match words::pairs(rest, self.escape) {
            Ok(pairs) => pairs,
            Err(PairFault::NoName(at)) => return self.no_name(keyword, shift(&at, start)),
            Err(PairFault::Alone(at)) => {
                let word = short(rest.get(at.clone()).unwrap_or(""));
                let title = format!("`{word}` has no value");
                let help = format!("write `{keyword} {word}=value`");
                return self.error(shift(&at, start), code::CONTAINERFILE_PAIR, title, &help);
            }
            Err(PairFault::NoEqualSign(at)) => {
                let word = short(rest.get(at.clone()).unwrap_or(""));
                let title = format!("`{word}` has no `=`");
                let help = "write `name=value`, and put a value with spaces in double quotes";
                return self.error(shift(&at, start), code::CONTAINERFILE_PAIR, title, help);
            }
        };
        let pair = |pair: words::Pair| Pair {
            name: self.written(shift(&pair.name, start)),
            value: Some(self.written(shift(&pair.value, start))),
        };
        Ok(pairs.into_iter().map(pair).collect())
    }

    fn no_name<T>(&self, keyword: &str, at: Range<usize>) -> Parse<T> {
        let title = format!("`{keyword}` has an empty name");
        self.error(at, code::CONTAINERFILE_PAIR, title, "write a name before the `=`")
    }

    /// A range of the line as a word.
    fn written(&self, range: Range<usize>) -> Word {
        let text = self.line.text.get(range.clone()).unwrap_or("").to_owned();
        Word { text, at: self.line.span(range) }
    }

    /// A word of the parser.
    fn word(&self, word: &UnescapedString<'_>) -> Word {
        Word { text: word.value.to_string(), at: self.line.span(own(&word.span)) }
    }

    /// Flags; `--` alone only ends them.
    fn flags(&self, flags: &[ParsedFlag<'_>]) -> Vec<Flag> {
        let flags = match flags.split_last() {
            Some((last, before)) if last.name.value.is_empty() && last.value.is_none() => before,
            _ => flags,
        };
        flags.iter().map(|flag| self.flag(flag)).collect()
    }

    fn flag(&self, flag: &ParsedFlag<'_>) -> Flag {
        Flag {
            name: flag.name.value.to_string(),
            value: flag.value.as_ref().map(|value| self.word(value)),
            at: self.line.span(own(&flag.span())),
        }
    }
}

/// A range of the parser's text as one of the line.
fn own(range: &Range<usize>) -> Range<usize> {
    range.start.saturating_sub(PREFIX.len())..range.end.saturating_sub(PREFIX.len())
}

fn shift(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start.saturating_add(by)..range.end.saturating_add(by)
}
