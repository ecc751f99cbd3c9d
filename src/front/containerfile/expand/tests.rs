//! Words, by the tables of BuildKit.

use super::*;

fn lookup(name: &str) -> Option<&'static str> {
    match name {
        "PWD" => Some("/home"),
        "SHELL" => Some("bash"),
        "KOREAN" => Some("한국어"),
        "NULL" => Some(""),
        "SPACE" => Some("abc  def"),
        "PATHS" => Some("/a/b/c.tar.gz"),
        _ => None,
    }
}

fn expand(text: &str) -> Result<String, FaultKind> {
    Expander::new('\\').word(text, &lookup).map(|done| done.text).map_err(|fault| fault.kind)
}

/// BuildKit's table (`frontend/dockerfile/shell/envVarTest`), and more.
#[test]
fn words_are_expanded() {
    for (text, expected) in [
        ("hello", "hello"),
        ("he'll'o", "hello"),
        ("he\\'llo", "he'llo"),
        ("abc\\tdef", "abctdef"),
        ("\"abc\\tdef\"", "abc\\tdef"),
        ("\"abc\\\\tdef\"", "abc\\tdef"),
        ("'abc\\tdef'", "abc\\tdef"),
        ("hello\\", "hello"),
        ("hello\\\\", "hello\\"),
        ("\"hel'lo\"", "hel'lo"),
        ("'hello\\'", "hello\\"),
        ("'hello\\\\there'", "hello\\\\there"),
        ("\"''\"", "''"),
        ("$.", "$."),
        ("he$1x", "hex"),
        ("he$12x", "hex"),
        ("he$.x", "he$.x"),
        ("he$pwd.", "he."),
        ("he$PWD", "he/home"),
        ("he\\$PWD", "he$PWD"),
        ("he\\\\$PWD", "he\\/home"),
        ("\"he\\$PWD\"", "he$PWD"),
        ("\"he\\\\$PWD\"", "he\\/home"),
        ("\\${}", "${}"),
        ("he\\${}xx", "he${}xx"),
        ("he${hi}xx", "hexx"),
        ("he${PWD}", "he/home"),
        ("'he$PWD'", "he$PWD"),
        ("he${XXX:-000}xx", "he000xx"),
        ("he${PWD:-000}xx", "he/homexx"),
        ("he${XXX:-$PWD}xx", "he/homexx"),
        ("he${XXX:-${YYY:-yyy}}xx", "heyyyxx"),
        ("he${PWD?}", "he/home"),
        ("he${NULL?}", "he"),
        ("he${XXX:+${PWD}}xx", "hexx"),
        ("he${PWD:+${SHELL}}xx", "hebashxx"),
        ("he${NULL:-x}", "hex"),
        ("he${NULL-x}", "he"),
        ("he${NULL+x}", "hex"),
        ("he${NULL:+x}", "he"),
        ("he${XXX-x}", "hex"),
        ("${XXX:-\"a b\"}", "a b"),
        ("${XXX:-'a}b'}", "a}b"),
        ("${XXX:-a\\}b}", "a}b"),
        ("'he${XX}'", "he${XX}"),
        ("안녕$PWD", "안녕/home"),
        ("안${KOREAN}녕", "안한국어녕"),
        ("$KOREAN한", ""),
        ("${PATHS#*/}", "a/b/c.tar.gz"),
        ("${PATHS##*/}", "c.tar.gz"),
        ("${PATHS%.*}", "/a/b/c.tar"),
        ("${PATHS%%.*}", "/a/b/c"),
        ("${PATHS%nothing}", "/a/b/c.tar.gz"),
        ("${PATHS/a/x}", "/x/b/c.tar.gz"),
        ("${PATHS//a/x}", "/x/b/c.txr.gz"),
        ("${PATHS//\\//-}", "-a-b-c.tar.gz"),
        ("${PATHS/?b/x}", "/ax/c.tar.gz"),
        ("", ""),
        ("<<x", "<<x"),
    ] {
        assert_eq!(expand(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn faults() {
    let required = |name: &str, message: &str| FaultKind::Required {
        name: name.to_owned(),
        message: message.to_owned(),
    };
    for (text, expected) in [
        ("he'llo", FaultKind::Quote('\'')),
        ("he\\\\'llo", FaultKind::Quote('\'')),
        ("\"hello", FaultKind::Quote('"')),
        ("\"hello\\\"", FaultKind::Quote('"')),
        ("${}", FaultKind::Substitution),
        ("${{x}", FaultKind::Substitution),
        ("${:}", FaultKind::Substitution),
        ("${.}", FaultKind::Modifier(".".to_owned())),
        ("${", FaultKind::Open('}')),
        ("${x", FaultKind::Open('}')),
        ("${x:", FaultKind::Open('}')),
        ("${x:-", FaultKind::Open('}')),
        ("${x:-${y}", FaultKind::Open('}')),
        ("${x/a", FaultKind::Open('/')),
        ("${x/a/b", FaultKind::Open('}')),
        ("${XXX:YYY}", FaultKind::Modifier(":Y".to_owned())),
        ("${XXX:#a}", FaultKind::Modifier(":#".to_owned())),
        ("${XXX^}", FaultKind::Modifier("^".to_owned())),
        ("${XXX?}", required("XXX", "it has no value")),
        ("${NULL:?}", required("NULL", "it is empty")),
        ("${XXX:?give a version}", required("XXX", "give a version")),
        ("${PWD#\\a}", FaultKind::Escape('a')),
    ] {
        assert_eq!(expand(text), Err(expected), "{text}");
    }
    let deep = "${x:-".repeat(100_000);
    assert_eq!(expand(&deep), Err(FaultKind::TooDeep));
    let fault = Expander::new('\\').word("ab${x?}cd", &lookup).unwrap_err();
    assert_eq!(fault.at, 2..7);
}

#[test]
fn other_escape_characters() {
    let expand = |text: &str| Expander::new('`').word(text, &lookup).unwrap().text;
    assert_eq!(expand("a`$PWD"), "a$PWD");
    assert_eq!(expand("c:\\$PWD"), "c:\\/home");
    assert_eq!(expand("\"a`\"b\""), "a\"b");
}

#[test]
fn documents_keep_their_quotes() {
    let expand = |text: &str| Expander::new('`').document(text, &lookup).unwrap().text;
    assert_eq!(expand("it's \"$PWD\"\n"), "it's \"/home\"\n");
    assert_eq!(expand("a\\$PWD \\\\ `$PWD"), "a$PWD \\ `/home");
}

/// BuildKit's table (`frontend/dockerfile/shell/wordsTest`).
#[test]
fn words_are_split_behind_expansion() {
    for (text, expected) in [
        ("hello${hi}bye", &["hellobye"][..]),
        ("hello${SPACE}bye", &["helloabc", "defbye"]),
        ("hello\"${SPACE}\"bye", &["helloabc  defbye"]),
        ("hello \"${SPACE}\"bye", &["hello", "abc  defbye"]),
        ("hello\" there  \"", &["hello there  "]),
        ("hello there     ", &["hello", "there"]),
        ("hello\\ there", &["hello there"]),
        ("hello'$there'", &["hello$there"]),
        ("$NULL", &[]),
    ] {
        let words = Expander::new('\\').word(text, &lookup).unwrap().words;
        assert_eq!(words, expected, "{text}");
    }
}

#[test]
fn variables_make_no_bomb() {
    let big = "x".repeat(MAX_WORD / 2);
    let lookup = |_: &str| Some(big.as_str());
    let mut expander = Expander::new('\\');
    let mut word = |text: &str| expander.word(text, &lookup).map(|done| done.text.len());
    assert_eq!(word("$a$a"), Ok(MAX_WORD));
    assert_eq!(word("$a$a$a").unwrap_err().kind, FaultKind::TooLong);
    let whole = (0..1000).map(|_| word("$a")).take_while(Result::is_ok).count();
    assert!(whole < 130, "{whole}");
}
