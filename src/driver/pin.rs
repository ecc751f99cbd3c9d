//! Digests into a text: the strings that name images are replaced, and nothing else.
//!
//! In: an args.nix, the references that its value has, and what to write in their place. Out: the new text, or the
//! places that cannot be rewritten. What always holds: a string is rewritten where it stands as a whole; whether the
//! value has become what was meant, the new text is evaluated to say.

use crate::diag::{Diagnostic, SourceMap};
use crate::explain::code;
use crate::recipe::Placed;
use std::ops::Range;
use std::path::Path;

/// A reference, and what is to be in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The reference as it is written, with the place of it.
    pub written: Placed<String>,
    /// The reference with its digest.
    pub pinned: String,
}

/// The text of a file with these references rewritten.
///
/// # Errors
/// Those that are not in the text as they are in the value.
pub fn rewrite(
    file: &Path,
    text: &str,
    pins: &[Pin],
    sources: &SourceMap,
) -> Result<String, Vec<Diagnostic>> {
    let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
    let mut faults = Vec::new();
    for pin in pins {
        match literal(file, text, &pin.written, sources) {
            // Two fields may have the value of one string.
            Some(range) if edits.iter().any(|(known, _)| *known == range) => {}
            Some(range) => edits.push((range, &pin.pinned)),
            None => faults.push(not_literal(pin)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut new = String::with_capacity(text.len());
    let mut at = 0;
    for (range, pinned) in edits {
        new.push_str(text.get(at..range.start).unwrap_or_default());
        new.push_str(pinned);
        at = range.end;
    }
    new.push_str(text.get(at..).unwrap_or_default());
    Ok(new)
}

/// Why a reference cannot be rewritten.
pub fn not_literal(pin: &Pin) -> Diagnostic {
    let title = format!("`{}` is not in the file as one string", pin.written.value);
    pin.written
        .place
        .error(code::PIN_NOT_LITERAL, title)
        .with_why(
            "only a string that is a whole reference is replaced; all else stays as it is written",
        )
        .with_help(format!("write \"{}\" yourself", pin.pinned))
}

/// Where the text of a reference is, without its quotes: at its own place, or at the one place where it is a string.
fn literal(
    file: &Path,
    text: &str,
    written: &Placed<String>,
    sources: &SourceMap,
) -> Option<Range<usize>> {
    let quoted = format!("\"{}\"", written.value);
    let inner = |start: usize| start + 1..start + 1 + written.value.len();
    if let Some((_, value)) = written.place.spans
        && sources.get(value.file).and_then(|source| source.path.as_deref()) == Some(file)
    {
        let (start, end) = (value.start as usize, value.end as usize);
        if text.get(start..end) == Some(&quoted) {
            return Some(inner(start));
        }
    }
    let mut places = text.match_indices(&quoted).map(|(start, _)| inner(start));
    places.next().filter(|_| places.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Place;

    fn pin(written: &str, pinned: &str) -> Pin {
        let place = Place { spans: None, path: "base".to_owned() };
        let written = Placed { value: written.to_owned(), place };
        Pin { written, pinned: pinned.to_owned() }
    }

    #[test]
    fn strings_are_rewritten_and_nothing_else() {
        let sources = SourceMap::default();
        let file = Path::new("/x/args.nix");
        let new = |text: &str, pins: &[Pin]| rewrite(file, text, pins, &sources);
        let pins = [pin("b", "b@2"), pin("a", "a@1"), pin("b", "b@2")];
        let text = "{ # b and a\n base = \"a\"; files.x.image = \"b\"; }";
        let expected = "{ # b and a\n base = \"a@1\"; files.x.image = \"b@2\"; }";
        assert_eq!(new(text, &pins), Ok(expected.to_owned()));
        // Not as a whole, and not as one of two.
        for text in
            ["{ base = \"a\" + \"\"; x = \"a\"; }", "{ base = \"${\"\"}a\"; }", "{ base = ''a''; }"]
        {
            let faults = new(text, &pins[1..2]).unwrap_err();
            assert_eq!(faults.len(), 1);
            assert_eq!(faults[0].code, "pin/not-literal");
            assert!(faults[0].help.as_ref().unwrap().contains("\"a@1\""));
        }
    }
}
