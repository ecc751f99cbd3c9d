//! The form of a diagnostic for people: the line with the mark below it, then why and what to do.

use super::{Diagnostic, Label, SourceMap};
use std::fmt::Write as _;
use std::ops::Range;

/// How many points of a long trace are kept at each end.
const TRACE_ENDS: usize = 4;
/// Longer lines are cut around the mark.
const WIDTH: usize = 160;

/// Renders one diagnostic, ending in a newline.
pub(super) fn render(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let mut out = String::new();
    let mut title = diagnostic.title.lines();
    let head = printable(title.next().unwrap_or(""));
    push_line(
        &mut out,
        format_args!("{}[{}]: {head}", diagnostic.severity.word(), diagnostic.slug),
    );
    // Programs throw messages of several lines.
    for line in title {
        push_line(&mut out, format_args!("  {}", printable(line)));
    }
    let gutter = diagnostic
        .labels
        .iter()
        .map(|label| sources.position(label.span).line.to_string().len())
        .max()
        .unwrap_or(1);
    let mut last_file = None;
    for label in &diagnostic.labels {
        excerpt(&mut out, label, sources, gutter, last_file == Some(label.span.file));
        last_file = Some(label.span.file);
    }
    if let Some(subject) = &diagnostic.subject {
        note(&mut out, "in", subject, gutter);
    }
    if let Some(why) = &diagnostic.why {
        note(&mut out, "why", why, gutter);
    }
    if let Some(help) = &diagnostic.help {
        note(&mut out, "help", help, gutter);
    }
    if !diagnostic.eras.is_empty() {
        note(&mut out, "urunc", &diagnostic.eras.join(", "), gutter);
    }
    if let Some(engine) = diagnostic.engine {
        note(&mut out, "engine", engine, gutter);
    }
    trace(&mut out, &diagnostic.trace, sources, gutter);
    out
}

fn note(out: &mut String, word: &str, text: &str, gutter: usize) {
    let head = format!("{:gutter$} = {word}: ", "");
    let mut lines = text.lines();
    push_line(out, format_args!("{head}{}", printable(lines.next().unwrap_or(""))));
    let indent = head.chars().count();
    for line in lines {
        push_line(out, format_args!("{:indent$}{}", "", printable(line)));
    }
}

fn excerpt(out: &mut String, label: &Label, sources: &SourceMap, gutter: usize, same_file: bool) {
    let Some(source) = sources.get(label.span.file) else { return };
    let place = source.position(label.span.start);
    if same_file {
        push_line(out, format_args!("{:gutter$} :", ""));
    } else {
        push_line(
            out,
            format_args!("{:gutter$}--> {}:{}:{}", "", source.name, place.line, place.column),
        );
        push_line(out, format_args!("{:gutter$} |", ""));
    }
    let (line, line_start) = source.line(place.line);
    let from = (label.span.start.saturating_sub(line_start) as usize).min(line.len());
    let to = (label.span.end.saturating_sub(line_start) as usize).clamp(from, line.len());
    let part =
        |range: Range<usize>| expand(&String::from_utf8_lossy(line.get(range).unwrap_or(&[])));
    let (before, marked, after) = (part(0..from), part(from..to), part(to..line.len()));
    let (before, marked, after) = fit(before, marked, after);
    push_line(out, format_args!("{:>gutter$} | {before}{marked}{after}", place.line));
    let carets = "^".repeat(width(&marked).max(1));
    let space = " ".repeat(width(&before));
    let gap = if label.text.is_empty() { "" } else { " " };
    push_line(out, format_args!("{:gutter$} | {space}{carets}{gap}{}", "", printable(&label.text)));
}

fn trace(out: &mut String, trace: &[Label], sources: &SourceMap, gutter: usize) {
    let hidden = trace.len().saturating_sub(2 * TRACE_ENDS);
    for (index, point) in trace.iter().enumerate() {
        if hidden > 0 && index == TRACE_ENDS {
            push_line(out, format_args!("{:gutter$} = … {hidden} more …", ""));
        }
        if hidden > 0 && (TRACE_ENDS..TRACE_ENDS + hidden).contains(&index) {
            continue;
        }
        let place = sources.position(point.span);
        let name = sources.get(point.span.file).map_or("", |source| source.name.as_str());
        push_line(
            out,
            format_args!(
                "{:gutter$} = {} at {name}:{}:{}",
                "",
                printable(&point.text),
                place.line,
                place.column
            ),
        );
    }
}

fn push_line(out: &mut String, line: std::fmt::Arguments<'_>) {
    let start = out.len();
    // Writing to a String cannot fail.
    out.write_fmt(line).unwrap_or_default();
    let trimmed = out.get(start..).unwrap_or("").trim_end().len();
    out.truncate(start + trimmed);
    out.push('\n');
}

/// Tabs become spaces, so that marks stand below what they mark; control characters become visible.
fn expand(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => out.push_str("    "),
            other => out.push(visible(other)),
        }
    }
    out
}

/// Keeps control characters of the input from reaching a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c == '\t' { ' ' } else { visible(c) }).collect()
}

fn visible(character: char) -> char {
    match character {
        '\u{0}'..='\u{1f}' => {
            char::from_u32(0x2400 + u32::from(character)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        other => other,
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Cuts a long line so that the marked part stays in view.
fn fit(before: String, marked: String, after: String) -> (String, String, String) {
    if width(&before) + width(&marked) + width(&after) <= WIDTH {
        return (before, marked, after);
    }
    let tail = |text: &str, keep: usize| -> String {
        let skip = width(text).saturating_sub(keep);
        if skip == 0 {
            text.to_owned()
        } else {
            std::iter::once('…').chain(text.chars().skip(skip + 1)).collect()
        }
    };
    let head = |text: &str, keep: usize| -> String {
        if width(text) <= keep {
            text.to_owned()
        } else {
            text.chars().take(keep.saturating_sub(1)).chain(std::iter::once('…')).collect()
        }
    };
    (tail(&before, WIDTH / 3), head(&marked, WIDTH / 3), head(&after, WIDTH / 3))
}

#[cfg(test)]
mod tests {
    use super::super::*;

    fn one(text: &str, start: u32, end: u32) -> String {
        let mut sources = SourceMap::default();
        let file = sources.add("args.nix".into(), None, text.as_bytes().into());
        Diagnostic::error("urunc/unknown-hypervisor", "no hypervisor is called `hvtt`")
            .with_label(Span { file, start, end }, "given here")
            .with_why("urunc starts the monitor named here")
            .with_help("write \"hvt\"")
            .render(&sources)
    }

    #[test]
    fn marks_the_token() {
        let text = "{\n\thypervisor = \"hvtt\";\n}\n";
        assert_eq!(
            one(text, 16, 22),
            "error[urunc/unknown-hypervisor]: no hypervisor is called `hvtt`\n --> args.nix:2:15\n  |\n\
             2 |     hypervisor = \"hvtt\";\n  |                  ^^^^^^ given here\n  \
             = why: urunc starts the monitor named here\n  = help: write \"hvt\"\n"
        );
    }

    #[test]
    fn survives_odd_spans() {
        for (start, end) in [(0, 0), (5, 2), (400, 500), (1, 3)] {
            assert!(one("é\u{7}x\r\n", start, end).contains("args.nix"));
        }
    }

    #[test]
    fn columns_count_characters() {
        let mut sources = SourceMap::default();
        let file = sources.add("a".into(), None, "äöü x".as_bytes().into());
        let position = sources.position(Span { file, start: 7, end: 8 });
        assert_eq!(position, Position { line: 1, column: 5 });
    }
}
