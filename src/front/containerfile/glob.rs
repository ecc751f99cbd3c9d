//! Patterns: of sources (Go's `path/filepath.Match`), of ignored files (`github.com/moby/patternmatcher`), and of
//! `${x#…}` (`convertShellPatternToRegex` of BuildKit's lexer).
//!
//! A pattern is a list of tokens, and a name is read once with the set of places that the pattern can be at, so that
//! no pattern takes longer than its length times that of the name.

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// This character.
    Literal(char),
    /// Any character but `/`.
    Any,
    /// Any characters but `/`, or none.
    Many,
    /// A character of these, or none of these.
    Class { is_negated: bool, ranges: Vec<(char, char)> },
    /// Any character but a line end, `/` too.
    AnyOfLine,
    /// Any characters but a line end, `/` too, or none.
    ManyOfLine,
    /// Any characters, `/` too, or none.
    Everything,
    /// Takes nothing; it and the two tokens behind it can be gone over.
    Optional,
}

impl Token {
    fn takes(&self, character: char) -> bool {
        match self {
            Token::Literal(own) => *own == character,
            Token::Any | Token::Many => character != '/',
            Token::Class { is_negated, ranges } => {
                ranges.iter().any(|&(low, high)| (low..=high).contains(&character)) != *is_negated
            }
            Token::AnyOfLine | Token::ManyOfLine => character != '\n',
            Token::Everything => true,
            Token::Optional => false,
        }
    }

    /// Whether it takes any number of characters.
    fn repeats(&self) -> bool {
        matches!(self, Token::Many | Token::ManyOfLine | Token::Everything)
    }
}

/// A pattern that is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadPattern;

/// A pattern of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

impl Pattern {
    /// A pattern of Go's `filepath.Match`: `*`, `?`, `[a-z]`, `[^a-z]`, and `\` in front of what is meant as it is.
    pub fn of_name(text: &str) -> Result<Self, BadPattern> {
        let mut tokens = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            tokens.push(match character {
                '*' => Token::Many,
                '?' => Token::Any,
                '[' => class(&mut characters)?,
                '\\' => Token::Literal(characters.next().ok_or(BadPattern)?),
                other => Token::Literal(other),
            });
        }
        Ok(Self(tokens))
    }

    /// A pattern of an ignore file, cleaned, without `!`.
    pub fn of_ignored(text: &str) -> Result<Self, BadPattern> {
        // Its syntax is checked as that of `filepath.Match` is.
        Self::of_name(text)?;
        let mut tokens = Vec::new();
        let mut characters = text.chars().peekable();
        let mut is_first = true;
        while let Some(character) = characters.next() {
            let token = match character {
                '*' if characters.next_if_eq(&'*').is_some() => {
                    let is_name = characters.next_if_eq(&'/').is_none();
                    // `**x` at the front is every name that ends so, as long as nothing else in it is special.
                    let rest: String = characters.clone().collect();
                    let is_plain = !rest.contains(['*', '?', '[', ']', '\\']);
                    if rest.is_empty() || is_first && is_name && is_plain {
                        Token::Everything
                    } else {
                        tokens.extend([Token::Optional, Token::Everything]);
                        Token::Literal('/')
                    }
                }
                '*' => Token::Many,
                '?' => Token::Any,
                '[' => class(&mut characters)?,
                '\\' => Token::Literal(characters.next().ok_or(BadPattern)?),
                other => Token::Literal(other),
            };
            tokens.push(token);
            is_first = false;
        }
        Ok(Self(tokens))
    }

    /// Whether a name is one of the pattern.
    pub fn matches(&self, name: &str) -> bool {
        ends(&self.0, name.chars()).nth(name.chars().count()) == Some(true)
    }
}

/// The rest of `[…]`, as `getEsc` and `matchChunk` of Go have it.
fn class(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Token, BadPattern> {
    let is_negated = characters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    let bound = |characters: &mut std::iter::Peekable<std::str::Chars<'_>>| match characters
        .next()
        .ok_or(BadPattern)?
    {
        '-' | ']' => Err(BadPattern),
        '\\' => characters.next().ok_or(BadPattern),
        other => Ok(other),
    };
    loop {
        if !ranges.is_empty() && characters.next_if_eq(&']').is_some() {
            return Ok(Token::Class { is_negated, ranges });
        }
        let low = bound(characters)?;
        let high = match characters.next_if_eq(&'-') {
            Some(_) => bound(characters)?,
            None => low,
        };
        ranges.push((low, high));
    }
}

/// Whether a text has a wildcard.
pub(super) fn has_wildcard(text: &str) -> bool {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' | '?' | '[' => return true,
            '\\' => {
                characters.next();
            }
            _ => {}
        }
    }
    false
}

/// For every number of characters, from none to all, whether the pattern takes exactly so many; ends where it
/// can take no more.
fn ends(tokens: &[Token], text: impl Iterator<Item = char>) -> impl Iterator<Item = bool> {
    let mut at = vec![false; tokens.len().saturating_add(1)];
    if let Some(first) = at.first_mut() {
        *first = true;
    }
    close(tokens, &mut at);
    let mut next = vec![false; at.len()];
    let start = at.last() == Some(&true);
    let rest = text.map_while(move |character| {
        next.fill(false);
        for (index, token) in tokens.iter().enumerate() {
            if at.get(index) == Some(&true) && token.takes(character) {
                let by = usize::from(!token.repeats());
                reach(&mut next, index.saturating_add(by));
            }
        }
        close(tokens, &mut next);
        std::mem::swap(&mut at, &mut next);
        at.contains(&true).then(|| at.last() == Some(&true))
    });
    std::iter::once(start).chain(rest)
}

fn reach(at: &mut [bool], index: usize) {
    if let Some(place) = at.get_mut(index) {
        *place = true;
    }
}

/// Goes over the tokens that may take nothing.
fn close(tokens: &[Token], at: &mut [bool]) {
    for (index, token) in tokens.iter().enumerate() {
        if at.get(index) != Some(&true) {
            continue;
        }
        if *token == Token::Optional {
            reach(at, index.saturating_add(1));
            reach(at, index.saturating_add(3));
        } else if token.repeats() {
            reach(at, index.saturating_add(1));
        }
    }
}

/// The tokens of the pattern of `${x#…}`; an error is a character that cannot be escaped.
fn of_shell(pattern: &str) -> Result<Vec<Token>, char> {
    let mut tokens = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::ManyOfLine,
            '?' => Token::AnyOfLine,
            '\\' => match characters.next() {
                Some(escaped @ ('*' | '?' | '\\' | '}' | '/')) => Token::Literal(escaped),
                other => return Err(other.unwrap_or('\\')),
            },
            other => Token::Literal(other),
        });
    }
    Ok(tokens)
}

/// A value without what a pattern takes of its beginning or end: as little as it can, or as much.
pub(super) fn trim(
    pattern: &str,
    value: &str,
    is_at_end: bool,
    is_greedy: bool,
) -> Result<String, char> {
    let mut tokens = of_shell(pattern)?;
    let mut characters: Vec<char> = value.chars().collect();
    if is_at_end {
        tokens.reverse();
        characters.reverse();
    }
    let mut lengths = ends(&tokens, characters.iter().copied())
        .enumerate()
        .filter_map(|(length, is_end)| is_end.then_some(length));
    let length = if is_greedy { lengths.last() } else { lengths.next() };
    let mut rest: Vec<char> = characters.iter().copied().skip(length.unwrap_or(0)).collect();
    if is_at_end {
        rest.reverse();
    }
    Ok(rest.into_iter().collect())
}

/// A value in which what a pattern takes is replaced, as much of it as possible, once or everywhere.
pub(super) fn replace(
    pattern: &str,
    value: &str,
    replacement: &str,
    replaces_all: bool,
) -> Result<String, char> {
    let tokens = of_shell(pattern)?;
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut is_done = false;
    while !is_done {
        let longest = ends(&tokens, rest.chars())
            .enumerate()
            .filter_map(|(length, is_end)| is_end.then_some(length))
            .last();
        let taken = longest.unwrap_or(0);
        if longest.is_some() {
            out.push_str(replacement);
            is_done = !replaces_all;
        }
        let mut characters = rest.chars();
        if taken > 0 {
            characters.nth(taken.saturating_sub(1));
        } else if !is_done {
            match characters.next() {
                Some(character) => out.push(character),
                None => break,
            }
        }
        rest = characters.as_str();
        if rest.is_empty() && taken > 0 {
            break;
        }
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of Go's `path/filepath/match_test.go`.
    #[test]
    fn names() {
        for (pattern, name, expected) in [
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "a", Ok(true)),
            ("a*", "abc", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "abc/b", Ok(true)),
            ("a*/b", "a/c/b", Ok(false)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", Ok(false)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Ok(false)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Ok(false)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[b-d]", "abc", Ok(true)),
            ("ab[e-g]", "abc", Ok(false)),
            ("ab[^c]", "abc", Ok(false)),
            ("ab[^b-d]", "abc", Ok(false)),
            ("ab[^e-g]", "abc", Ok(true)),
            ("a\\*b", "a*b", Ok(true)),
            ("a\\*b", "ab", Ok(false)),
            ("a?b", "a☺b", Ok(true)),
            ("a[^a]b", "a☺b", Ok(true)),
            ("a???b", "a☺b", Ok(false)),
            ("a[^a][^a][^a]b", "a☺b", Ok(false)),
            ("[a-ζ]*", "α", Ok(true)),
            ("*[a-ζ]", "A", Ok(false)),
            ("a?b", "a/b", Ok(false)),
            ("a*b", "a/b", Ok(false)),
            ("[\\]a]", "]", Ok(true)),
            ("[\\-]", "-", Ok(true)),
            ("[x\\-]", "x", Ok(true)),
            ("[x\\-]", "z", Ok(false)),
            ("[\\-x]", "a", Ok(false)),
            ("[]a]", "]", Err(BadPattern)),
            ("[-]", "-", Err(BadPattern)),
            ("[x-]", "x", Err(BadPattern)),
            ("[-x]", "x", Err(BadPattern)),
            ("\\", "a", Err(BadPattern)),
            ("[a-b-c]", "a", Err(BadPattern)),
            ("[", "a", Err(BadPattern)),
            ("[^", "a", Err(BadPattern)),
            ("[^bc", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("*x", "xxx", Ok(true)),
            ("arr[[]0].txt", "arr[0].txt", Ok(true)),
        ] {
            let found = Pattern::of_name(pattern).map(|pattern| pattern.matches(name));
            assert_eq!(found, expected, "{pattern} {name}");
        }
    }

    /// The table of `patternmatcher_test.go`, without the parents, which `ignore` looks at.
    #[test]
    fn ignored_names() {
        for (pattern, name, expected) in [
            ("**", "file", true),
            ("**", "dir/file", true),
            ("**", "", true),
            ("**/**", "dir/file", true),
            ("dir/**", "dir/file", true),
            ("dir/**", "dir/dir2/file", true),
            ("dir/**", "dirx/file", false),
            ("dir**", "dirx/file", true),
            ("**/dir2/*", "dir/dir2/file", true),
            ("**/dir2/**", "dir/dir2/dir2/file", true),
            ("**file", "file", true),
            ("**file", "dir/file", true),
            ("**file", "dir/dir/file", true),
            ("**file", "dir/afile", true),
            ("**/file", "file", true),
            ("**/file", "dir/file", true),
            ("**/file", "dir/afile", false),
            ("**/file*", "dir/dir/file.txt", true),
            ("**/file*txt", "dir/dir/file.txt", true),
            ("**/**/*.txt", "dir/dir/file.txt", true),
            ("**/**/*.txt2", "dir/dir/file.txt", false),
            ("**/*.txt", "file.txt", true),
            ("a**/*.txt", "a/file.txt", true),
            ("a**/*.txt", "a/dir/file.txt", true),
            ("a/*.txt", "a/dir/file.txt", false),
            ("a/**/*.txt", "a/file.txt", true),
            ("a/**/*.txt", "a/dir/dir/file.txt", true),
            ("a[b-d]e", "ae", false),
            ("a[b-d]e", "ace", true),
            (".*", ".foo", true),
            (".*", "foo", false),
            ("abc.def", "abcZdef", false),
            ("abc?def", "abcZdef", true),
            ("abc?def", "abc/def", false),
            ("a\\*b", "a*b", true),
            ("**/foo/bar", "foo/bar", true),
            ("**/foo/bar", "dir/dir2/foo/bar", true),
            ("abc/**", "abc", false),
            ("abc/**", "abc/def/ghi", true),
            ("**/.foo", "bar.foo", false),
            ("a(b)c/def", "a(b)c/def", true),
            ("a.|)$(}+{bc", "a.|)$(}+{bc", true),
            ("a/**b", "a/xb", false),
            ("a/**b", "a/x/b", true),
        ] {
            let found = Pattern::of_ignored(pattern).map(|pattern| pattern.matches(name));
            assert_eq!(found, Ok(expected), "{pattern} {name}");
        }
        assert_eq!(Pattern::of_ignored("a["), Err(BadPattern));
    }

    #[test]
    fn long_patterns_are_quick() {
        let pattern = Pattern::of_name(&"*a".repeat(200)).unwrap();
        assert!(!pattern.matches(&format!("{}b", "a".repeat(5000))));
        let pattern = Pattern::of_ignored(&"**/a".repeat(200)).unwrap();
        assert!(!pattern.matches(&"a/".repeat(2000)));
    }

    #[test]
    fn wildcards() {
        for (text, expected) in
            [("a", false), ("a*", true), ("a\\*", false), ("a?", true), ("[", true)]
        {
            assert_eq!(has_wildcard(text), expected, "{text}");
        }
    }

    #[test]
    fn values() {
        assert_eq!(trim("a", "aab", false, false).unwrap(), "ab");
        assert_eq!(trim("a*", "aab", false, true).unwrap(), "");
        assert_eq!(trim("*b", "aabb", true, false).unwrap(), "aab");
        assert_eq!(trim("\\*", "*a", false, false).unwrap(), "a");
        assert_eq!(replace("a", "banana", "o", false).unwrap(), "bonana");
        assert_eq!(replace("a", "banana", "o", true).unwrap(), "bonono");
        assert_eq!(replace("a*", "banana", "o", true).unwrap(), "bo");
        assert_eq!(replace("x", "banana", "o", true).unwrap(), "banana");
        assert_eq!(replace("a", "a", "", true).unwrap(), "");
        assert_eq!(replace("a", "", "b", true).unwrap(), "");
    }
}
