//! The words of a command line.

/// Splits a command line into words as a POSIX shell does, without expanding anything: blanks part
/// words, `'…'` and `"…"` hold them together, `\` takes the next character as it is.
///
/// An empty command line gives one empty word: engines refuse an image without any, and the guest gets
/// nothing.
///
/// # Errors
/// The byte where a quote begins that does not end.
pub fn split(line: &str) -> Result<Vec<String>, usize> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => {
                let text = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some((_, '\'')) => break,
                        Some((_, other)) => text.push(other),
                        None => return Err(at),
                    }
                }
            }
            '"' => {
                let text = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some((_, '"')) => break,
                        Some((_, '\\')) => match characters.next() {
                            Some((_, next @ ('"' | '\\' | '$' | '`'))) => text.push(next),
                            Some((_, next)) => text.extend(['\\', next]),
                            None => return Err(at),
                        },
                        Some((_, other)) => text.push(other),
                        None => return Err(at),
                    }
                }
            }
            '\\' => match characters.next() {
                Some((_, next)) => word.get_or_insert_default().push(next),
                None => word.get_or_insert_default().push('\\'),
            },
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    if words.is_empty() {
        words.push(String::new());
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let table: &[(&str, Result<&[&str], usize>)] = &[
            ("hello", Ok(&["hello"])),
            (
                "redis-server  /data/conf/redis.conf ",
                Ok(&["redis-server", "/data/conf/redis.conf"]),
            ),
            ("", Ok(&[""])),
            ("  ", Ok(&[""])),
            ("a 'b c' \"d e\"f", Ok(&["a", "b c", "d ef"])),
            ("a ''", Ok(&["a", ""])),
            (r#"a\ b "c\"d" 'e\f' "g\h""#, Ok(&["a b", "c\"d", "e\\f", "g\\h"])),
            ("$HOME `x` a;b", Ok(&["$HOME", "`x`", "a;b"])),
            ("a 'b", Err(2)),
            ("\"a", Err(0)),
            ("a\\", Ok(&["a\\"])),
        ];
        for (line, expected) in table {
            let expected = expected.map(|words| words.iter().map(ToString::to_string).collect());
            assert_eq!(split(line), expected, "{line:?}");
        }
    }
}
