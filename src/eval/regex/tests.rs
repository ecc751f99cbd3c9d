use super::{Captures, Regex, RegexError};
use std::time::{Duration, Instant};

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern.as_bytes()).unwrap_or_else(|error| panic!("{pattern}: {error:?}"))
}

fn held(text: &str, captures: &Captures) -> Vec<String> {
    let held = captures.iter().cloned();
    held.map(|range| range.map_or("-".to_owned(), |range| text.get(range).unwrap().to_owned()))
        .collect()
}

/// Every expectation of this module was given by libstdc++ 12.
#[test]
fn matches_of_the_whole_text() {
    let none: Option<&[&str]> = None;
    for (pattern, text, expected) in [
        ("", "", Some(&[] as &[&str])),
        ("", "a", none),
        ("ab", "abc", none),
        ("abc", "abc", Some(&[])),
        ("a(b)(c)", "abc", Some(&["b", "c"])),
        ("[[:space:]]+([[:upper:]]+)[[:space:]]+", "  FOO   ", Some(&["FOO"])),
        ("((.*)/)?([^/]*)\\.(nix|cc)", "foobar.cc", Some(&["-", "-", "foobar", "cc"])),
        (
            "((.*)/)?([^/]*)\\.(nix|cc)",
            "/path/to/foobar.nix",
            Some(&["/path/to/", "/path/to", "foobar", "nix"]),
        ),
        ("(a|ab)(c|bcd)(d*)", "abcd", Some(&["a", "bcd", ""])),
        ("(a*)*", "aa", Some(&[""])),
        ("(a*)+", "aa", Some(&[""])),
        ("(a|b*)*", "ab", Some(&[""])),
        ("(|a)*", "a", Some(&[""])),
        ("((a)|b)*", "ab", Some(&["b", "a"])),
        ("(a){0}b", "b", Some(&["-"])),
        ("(a{0}|b){2}", "b", Some(&["b"])),
        ("()", "", Some(&[""])),
        ("a||b", "b", Some(&[])),
        ("a{2,3}", "aaa", Some(&[])),
        ("a{2,3}", "aaaa", none),
        ("a{2,}b", "aaaab", Some(&[])),
        ("a{2}{2}", "aaaa", Some(&[])),
        ("a**", "aaa", Some(&[])),
        ("^(a)$", "a", Some(&["a"])),
        ("a^b", "ab", none),
        ("a\n^b", "a\nb", none),
        (".", "\n", Some(&[])),
        (".", "\0", none),
        ("[^a]", "\0", Some(&[])),
        ("]}", "]}", Some(&[])),
        ("[]a]+", "]a", Some(&[])),
        ("[^]a]", "]", none),
        ("[\\]", "\\", Some(&[])),
        ("[a\\]b]", "\\b]", Some(&[])),
        ("[a-]+", "a-", Some(&[])),
        ("[--/]+", "-./", Some(&[])),
        ("[[]", "[", Some(&[])),
        ("[[.hyphen.]-/]", ".", Some(&[])),
        ("[[=a=]]+", "aA", Some(&[])),
        ("[[:ALPHA:][:d:][:w:]]+", "a1_", Some(&[])),
        ("\\.\\[\\\\\\(\\)\\*\\+\\?\\{\\|\\^\\$", ".[\\()*+?{|^$", Some(&[])),
    ] {
        let captures = regex(pattern).full_match(text.as_bytes());
        let actual = captures.map(|captures| held(text, &captures));
        let expected =
            expected.map(|held| held.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(actual, expected, "{pattern} on {text}");
    }
}

#[test]
fn all_matches() {
    for (pattern, text, expected) in [
        ("(a)b", "abc", "0-2(a)"),
        ("([ac])", "abc", "0-1(a) 2-3(c)"),
        ("(a)|(c)", "abc", "0-1(a,-) 2-3(-,c)"),
        ("b*", "abc", "0-0() 1-2() 2-2() 3-3()"),
        ("a*", "aa", "0-2() 2-2()"),
        ("", "ab", "0-0() 1-1() 2-2()"),
        ("", "", "0-0()"),
        ("x", "", ""),
        ("^a", "aa", "0-1()"),
        ("^", "ab", "0-0()"),
        ("a$", "aa", "1-2()"),
        ("$", "ab", "2-2()"),
        // The longer alternative, not the first one ...
        ("a|ab", "ab", "0-2()"),
        ("(a|ab)(c|bcd)", "abcd", "0-4(a,bcd)"),
        // ... but no repetition less for the sake of length.
        ("a*(ab)?", "aab", "0-2(-) 2-2(-) 3-3(-)"),
        ("(a*|a)(ab)?", "aab", "0-3(a,ab) 3-3(,-)"),
        ("a|a*b", "aaab", "0-4()"),
        ("a|a*b", "aaa", "0-1() 1-2() 2-3()"),
        ("(a*)*", "ab", "0-1() 1-1() 2-2()"),
        ("ab", "xababyab", "1-3() 3-5() 6-8()"),
        ("aa", "aaaaa", "0-2() 2-4()"),
        (",|;", "a,b;c", "1-2() 3-4()"),
    ] {
        let regex = regex(pattern);
        let matches = regex.find_all(text.as_bytes()).map(|(range, captures)| {
            format!("{}-{}({})", range.start, range.end, held(text, &captures).join(","))
        });
        assert_eq!(matches.collect::<Vec<_>>().join(" "), expected, "{pattern} on {text}");
    }
}

#[test]
fn refused_patterns() {
    for (pattern, hint) in [
        ("*a", "nothing to repeat"),
        ("(+a)", "nothing to repeat"),
        ("a|?b", "nothing to repeat"),
        ("^*", "nothing to repeat"),
        ("a$*", "nothing to repeat"),
        ("{1}", "nothing to repeat"),
        ("(a", "not closed"),
        ("a)", "no `(`"),
        ("[a", "not closed"),
        ("[]", "not closed"),
        ("[^]", "not closed"),
        ("[[", "not closed"),
        ("[[:alpha:", "not closed"),
        ("[[:a:b:]]", "not closed"),
        ("[[:foo:]]", "unknown name"),
        ("[[.-.]]", "unknown name"),
        ("[[=..=]]", "unknown name"),
        ("[b-a]", "after its end"),
        ("[a-é]", "after its end"),
        ("[a-c-e]", "no range can begin"),
        ("[[:alpha:]-z]", "begins with a class"),
        ("[a-[:alpha:]]", "ends in something"),
        ("a{", "{2,3}"),
        ("a{1", "{2,3}"),
        ("a{,2}", "{2,3}"),
        ("a{1,2,3}", "{2,3}"),
        ("a{ 1}", "{2,3}"),
        ("a{3,2}", "larger"),
        ("a\\", "end of the pattern"),
        ("\\n", "may only stand before"),
        ("\\]", "may only stand before"),
        ("(a)\\1", "may only stand before"),
        ("a\0", "NUL"),
    ] {
        match Regex::new(pattern.as_bytes()) {
            Err(RegexError::Syntax { why }) => assert!(why.contains(hint), "{pattern}: {why}"),
            other => panic!("{pattern}: {other:?}"),
        }
    }
}

#[test]
fn size_limits() {
    for (pattern, fits) in [
        // Nodes: the body once unused, its copies, two joins, and four for the whole.
        ("a{99992}", true),
        ("a{99993}", true),
        ("a{99994}", false),
        ("(a{300}){300}", true),
        ("(a{300}){400}", false),
        ("a{99999999999999999999999}", false),
        ("(()*()*()*()*()*)*", true),
        ("(()*()*()*()*()*()*)*", false),
        ("(a?b?c?d?e?f?g?h?)*", true),
    ] {
        let fitted = match Regex::new(pattern.as_bytes()) {
            Ok(_) => true,
            Err(RegexError::TooBig) => false,
            Err(error) => panic!("{pattern}: {error:?}"),
        };
        assert_eq!(fitted, fits, "{pattern}");
    }
}

#[test]
fn groups_are_counted() {
    for (pattern, groups) in [("a", 0), ("(a)(b(c))", 3), ("(a){0}", 1), ("(a){3}", 1)] {
        assert_eq!(regex(pattern).groups(), groups, "{pattern}");
    }
}

#[test]
fn no_pattern_explodes() {
    let many = "a".repeat(10_000);
    let begun = Instant::now();
    for pattern in ["(a*)*b", "((a*)*)*b", "(a|a)*b", "(a|aa)+b", "(a?){50}(a*)*b", "(.*)(.*)(.*)b"]
    {
        assert_eq!(regex(pattern).full_match(many.as_bytes()), None, "{pattern}");
        assert_eq!(regex(pattern).find_all(many.as_bytes()).next(), None, "{pattern}");
    }
    let captures = regex("((a*)*|b)*").full_match(many.as_bytes());
    assert_eq!(captures, Some(vec![Some(10_000..10_000), Some(10_000..10_000)]));
    assert_eq!(regex("a|b").find_all(many.as_bytes()).count(), 10_000);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn depth_costs_no_stack() {
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    let deep = || {
        let depth = 10_000;
        let nested = format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
        let captures = regex(&nested).full_match(b"a");
        assert_eq!(captures, Some(vec![Some(0..1); depth]));
        let alternatives = format!("{}b{}", "(a|".repeat(depth), ")".repeat(depth));
        assert!(regex(&alternatives).full_match(b"b").is_some());
        assert_eq!(regex(&alternatives).find_all(b"ab").count(), 2);
        let empty = "|".repeat(30_000);
        assert!(regex(&empty).full_match(b"").is_some());
        assert!(Regex::new("(".repeat(90_000).as_bytes()).is_err());
        assert!(Regex::new("(".repeat(200_000).as_bytes()).is_err());
    };
    thread.spawn(deep).unwrap().join().unwrap();
}
