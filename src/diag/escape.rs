//! What of a text may reach a terminal: no control characters, and colours only where they show.

/// What becomes of the colours in a message: sequences `ESC [ … m`, as programs put them there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// A terminal shows them.
    Shown,
    /// They are left out.
    Dropped,
}

/// The text as one line that a terminal shows and does not obey.
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if character == '\t' { ' ' } else { visible(character) }).collect()
}

/// A message of a program: its lines and tabs stay, its colours as far as they show, and what else
/// controls a terminal becomes visible. Colours end with the message.
pub fn message(text: &str, colours: Colours) -> String {
    let mut out = String::with_capacity(text.len());
    let mut coloured = false;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character == '\u{1b}'
            && let Some(parameters) = colour(rest.as_str())
        {
            if colours == Colours::Shown {
                out.extend(["\u{1b}[", parameters, "m"]);
                coloured = !matches!(parameters, "" | "0");
            }
            // The bracket, the parameters, all of them one byte, and the `m`.
            rest.nth(parameters.len() + 1);
            continue;
        }
        match character {
            '\n' | '\t' => out.push(character),
            '\r' if rest.as_str().starts_with('\n') => {}
            other => out.push(visible(other)),
        }
    }
    if coloured {
        out.push_str("\u{1b}[0m");
    }
    out
}

/// The parameters of a sequence that sets colours (ECMA-48's SGR), without its escape.
fn colour(rest: &str) -> Option<&str> {
    let (parameters, _) = rest.strip_prefix('[')?.split_once('m')?;
    let valid = |byte: u8| byte.is_ascii_digit() || b";:".contains(&byte);
    parameters.bytes().all(valid).then_some(parameters)
}

/// A character that shows, in the place of one that controls.
pub(super) fn visible(character: char) -> char {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A text, and what it is with colours and without.
    const TEXTS: &[(&str, &str, &str)] = &[
        ("plain\ttext\nmore", "plain\ttext\nmore", "plain\ttext\nmore"),
        ("\u{1b}[1;31mred\u{1b}[0m.", "\u{1b}[1;31mred\u{1b}[0m.", "red."),
        ("\u{1b}[31mred", "\u{1b}[31mred\u{1b}[0m", "red"),
        ("\u{1b}[31mred\u{1b}[m", "\u{1b}[31mred\u{1b}[m", "red"),
        (
            "\u{1b}[38:2::9:0:0ma\u{1b}[38;5;9mb",
            "\u{1b}[38:2::9:0:0ma\u{1b}[38;5;9mb\u{1b}[0m",
            "ab",
        ),
        ("a\u{1b}[31mm\u{1b}[0mm", "a\u{1b}[31mm\u{1b}[0mm", "amm"),
        // What else controls a terminal shows as what it is.
        ("\u{1b}[2Ja\u{1b}[?25lm", "␛[2Ja␛[?25lm", "␛[2Ja␛[?25lm"),
        ("\u{1b}]0;title\u{7}m", "␛]0;title␇m", "␛]0;title␇m"),
        ("\u{1b}]8;;https://e.org\u{1b}\\m", "␛]8;;https://e.org␛\\m", "␛]8;;https://e.org␛\\m"),
        ("\u{1b}[31", "␛[31", "␛[31"),
        ("\u{1b}[31\nm", "␛[31\nm", "␛[31\nm"),
        ("\u{1b}[>4;2m", "␛[>4;2m", "␛[>4;2m"),
        ("\u{1b}\u{1b}[31mx", "␛\u{1b}[31mx\u{1b}[0m", "␛x"),
        ("\u{9b}31mx\u{85}", "\u{fffd}31mx\u{fffd}", "\u{fffd}31mx\u{fffd}"),
        ("a\rb\r\nc\u{8}\u{202e}", "a␍b\nc␈\u{fffd}", "a␍b\nc␈\u{fffd}"),
        ("\u{1b}c\u{1b}(0\u{1b}[6n\u{1b}P1m\u{1b}\\", "␛c␛(0␛[6n␛P1m␛\\", "␛c␛(0␛[6n␛P1m␛\\"),
    ];

    #[test]
    fn colours_pass_and_nothing_else() {
        for (text, shown, dropped) in TEXTS {
            assert_eq!(message(text, Colours::Shown), *shown, "{text:?}");
            assert_eq!(message(text, Colours::Dropped), *dropped, "{text:?}");
            assert!(!message(text, Colours::Dropped).contains('\u{1b}'));
            assert!(!printable(text).contains(['\u{1b}', '\n', '\t']));
        }
    }
}
