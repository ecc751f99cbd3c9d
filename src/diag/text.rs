//! The form of a diagnostic for people: the line with the mark below it, then why and what to do.

use super::escape::{Colours, message, printable, visible};
use super::{Diagnostic, Frame, Label, SourceMap};
use std::fmt::Write as _;
use std::ops::Range;

/// How many points of a long trace are kept at each end.
const TRACE_ENDS: usize = 4;
/// Longer lines are cut around the mark.
const WIDTH: usize = 160;

/// Renders one diagnostic, ending in a newline.
pub(super) fn render(diagnostic: &Diagnostic, sources: &SourceMap, colours: Colours) -> String {
    let mut out = String::new();
    // Programs throw messages of several lines.
    let title = message(&diagnostic.title, colours);
    let mut title = title.lines();
    let head = title.next().unwrap_or("");
    push_line(
        &mut out,
        format_args!("{}[{}]: {head}", diagnostic.severity.word(), diagnostic.code),
    );
    for line in title {
        push_line(&mut out, format_args!("  {line}"));
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
    let notes = [("in", &diagnostic.subject), ("why", &diagnostic.why), ("help", &diagnostic.help)];
    for (word, text) in notes {
        if let Some(text) = text {
            note(&mut out, word, &message(text, colours), gutter);
        }
    }
    if !diagnostic.eras.is_empty() {
        note(&mut out, "urunc", &diagnostic.eras.join(", "), gutter);
    }
    if let Some(engine) = diagnostic.engine {
        note(&mut out, "engine", engine, gutter);
    }
    trace(&mut out, &diagnostic.trace, sources, gutter, colours);
    out
}

fn note(out: &mut String, word: &str, text: &str, gutter: usize) {
    let head = format!("{:gutter$} = {word}: ", "");
    let mut lines = text.lines();
    push_line(out, format_args!("{head}{}", lines.next().unwrap_or("")));
    let indent = head.chars().count();
    for line in lines {
        push_line(out, format_args!("{:indent$}{line}", ""));
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
            format_args!(
                "{:gutter$}--> {}:{}:{}",
                "",
                printable(&source.name),
                place.line,
                place.column
            ),
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

fn trace(out: &mut String, trace: &[Frame], sources: &SourceMap, gutter: usize, colours: Colours) {
    let middle = TRACE_ENDS..trace.len().saturating_sub(TRACE_ENDS);
    let mut hidden = 0_usize;
    let mut said = None;
    for (index, frame) in trace.iter().enumerate() {
        // What a program says is shown, but not again and again.
        let news = frame.said && said != Some(frame);
        if frame.said {
            said = Some(frame);
        }
        if middle.contains(&index) && !news {
            hidden += 1;
            continue;
        }
        push_gap(out, &mut hidden, gutter);
        let place = frame.span.and_then(|span| {
            let source = sources.get(span.file)?;
            let place = source.position(span.start);
            Some(format!(" at {}:{}:{}", printable(&source.name), place.line, place.column))
        });
        let text = message(&frame.text, colours);
        let mut lines = text.lines();
        let first = lines.next().unwrap_or("");
        push_line(out, format_args!("{:gutter$} = {first}{}", "", place.unwrap_or_default()));
        for line in lines {
            push_line(out, format_args!("{:gutter$}   {line}", ""));
        }
    }
    push_gap(out, &mut hidden, gutter);
}

/// Says how many points have been left out.
fn push_gap(out: &mut String, hidden: &mut usize, gutter: usize) {
    if *hidden > 0 {
        push_line(out, format_args!("{:gutter$} = … {hidden} more …", ""));
    }
    *hidden = 0;
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
        Diagnostic::error(
            crate::explain::code::URUNC_UNKNOWN_HYPERVISOR,
            "no hypervisor is called `hvtt`",
        )
        .with_label(Span { file, start, end }, "given here")
        .with_why("urunc starts the monitor named here")
        .with_help("write \"hvt\"")
        .render(&sources, Colours::Dropped)
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
