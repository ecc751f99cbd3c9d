use super::scan::{Class, Scanner};
use super::{Spelling, doubled, edits};
use rnix::SyntaxKind;

/// Where the tokens of a text are, without blanks and comments. A path and a string are one token
/// between two interpolations.
fn scanned(text: &[u8]) -> Vec<(usize, usize)> {
    let spelling = Spelling::new(text);
    let tokens = Scanner::new(spelling.plain().as_bytes());
    let tokens = tokens.filter(|token| !matches!(token.class, Class::Blank | Class::Comment));
    tokens.map(|token| (token.start, token.end)).collect()
}

/// The same, as rnix finds them in the spelling.
fn tokenized(text: &[u8]) -> Vec<(usize, usize)> {
    let spelling = Spelling::new(text);
    let mut at = 0_u32;
    let mut tokens = Vec::new();
    for (kind, token) in rnix::tokenize(spelling.for_rnix()) {
        let end = at + u32::try_from(token.len()).unwrap();
        if !matches!(kind, SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT) {
            let place = |offset| spelling.offsets.original(offset) as usize;
            tokens.push((place(at), place(end)));
        }
        at = end;
    }
    tokens
}

fn pieces(text: &str) -> Vec<&str> {
    let tokens = scanned(text.as_bytes()).into_iter();
    tokens.map(|(start, end)| text.get(start..end).unwrap()).collect()
}

#[test]
fn the_longest_match_counts() {
    let cases: &[(&str, &[&str])] = &[
        ("[ 0.1e 1.5em 1.e ]", &["[", "0.1", "e", "1.5", "em", "1.", "e", "]"]),
        ("0. 0.e2 00.5 0..5", &["0", ".", "0", ".", "e2", "00", ".5", "0", ".", ".5"]),
        ("1. .5 1e3 1.5e+", &["1.", ".5", "1", "e3", "1.5", "e", "+"]),
        ("1.e5 1.E-2x .5e1e", &["1.e5", "1.E-2", "x", ".5e1", "e"]),
        ("a.1 a.1e 1.0.0 1..2", &["a", ".1", "a", ".1", "e", "1.0", ".0", "1.", ".2"]),
        ("05.5 0123. 10.", &["05", ".5", "0123", ".", "10."]),
        (".../x ...x/y .... ...5", &[".../x", "...x/y", "...", ".", "...", "5"]),
        ("1.5/2 0./x 5/-3 a+/b", &["1.5/2", "0./x", "5/-3", "a+/b"]),
        (
            "6/(2) a/\"b\" a/[b] a/'' ''",
            &[
                "6", "/", "(", "2", ")", "a", "/", "\"", "b", "\"", "a", "/", "[", "b", "]", "a",
                "/", "''", " ", "''",
            ],
        ),
        ("a//b a/b/c //b ///b", &["a", "//", "b", "a/b/c", "//", "b", "//", "/b"]),
        (
            "<a/b> <a/> x<a<b>c a<b->c",
            &["<a/b>", "<", "a", "/", ">", "x", "<", "a", "<b>", "c", "a", "<b->", "c"],
        ),
        ("<=a <|b a->b", &["<=", "a", "<|", "b", "a-", ">", "b"]),
        (
            "a:b a_b:c x:./y a'b:c 1a:b",
            &["a:b", "a_b", ":", "c", "x:./y", "a'b", ":", "c", "1", "a:b"],
        ),
        (
            "./a${x}//b/${y}/c ~/a ~/${x}",
            &["./a", "${", "x", "}", "//b/", "${", "y", "}", "/c", "~/a", "~/", "${", "x", "}"],
        ),
        ("a/${b}~/c ~/d", &["a/", "${", "b", "}", "~/c", "~/d"]),
        ("\"$${a}$\\${b}\\${c}${d}\"", &["\"", "$${a}$\\${b}\\${c}", "${", "d", "}", "\""]),
        (
            "''a''${b}'''$$${c}''\\''${d}$''",
            &["''", "a''${b}'''$$", "${", "c", "}", "''\\''", "${", "d", "}", "$", "''"],
        ),
        ("a # b\rc /* d **/ e", &["a", "c", "e"]),
        ("a /* b", &["a", "/", "*", "b"]),
        (
            "\"${ { a = \"}\"; } }\" }",
            &["\"", "${", "{", "a", "=", "\"", "}", "\"", ";", "}", "}", "\"", "}"],
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(pieces(text), *wanted, "{text}");
    }
}

#[test]
fn what_rnix_reads_alike_stays_as_it_is() {
    for text in [
        "{ a = 1.5; b = ./x/${y}/z; c = \"é${d}\"; e = a / b; f = [ 1 .5 ] ++ <x>; } # é\r\n",
        "x: y: { z ? 0.1e3, ... }@w: if x <= y && z < w then x // y else a.b or https://c.d/e",
        "''\n  a ''${b} ''' ${c}\n''",
    ] {
        assert!(edits(text).is_empty(), "{text}");
        assert_eq!(Spelling::new(text.as_bytes()).for_rnix(), text);
    }
}

#[test]
fn offsets_lead_back() {
    let text = "[ 6/(2) 0.1e 1.5em ]";
    let spelling = Spelling::new(text.as_bytes());
    assert_eq!(spelling.for_rnix(), "[ 6 /(2) 0.1 e 1.5 em ]");
    assert_eq!(tokenized(text.as_bytes()), scanned(text.as_bytes()));
    assert_eq!(spelling.offsets.original(0), 0);
    assert_eq!(spelling.offsets.original(23), 20);
}

/// Whether Nix has no token somewhere in the text; rnix says so in its own way.
fn refused(text: &[u8]) -> bool {
    let mut scanner = Scanner::new(text);
    let tokens: Vec<_> = scanner.by_ref().collect();
    let own =
        |index: usize| tokens.get(index).map_or(&[][..], |found| &text[found.start..found.end]);
    let odd = tokens.iter().enumerate().any(|(index, token)| match token.class {
        Class::Other => true,
        // A comment that does not end.
        Class::Sign => own(index) == b"/" && own(index + 1) == b"*" && text[token.end] == b'*',
        Class::Path if own(index + 1) == b"${" => doubled(own(index)).nth(1).is_some(),
        Class::PathPart if own(index + 1) == b"${" => false,
        Class::Path => own(index).ends_with(b"/") || doubled(own(index)).next().is_some(),
        Class::PathPart => own(index).ends_with(b"/"),
        _ => false,
    });
    odd || scanner.is_inside()
}

/// Texts of random pieces: rnix cuts the spelling where the rules of Nix cut the text.
#[test]
fn rnix_cuts_where_nix_does() {
    const PIECES: [&[u8]; 72] = [
        b"a",
        b"e",
        b"E",
        b"x1",
        b"_",
        b"'",
        b"-",
        b"+",
        b".",
        b"..",
        b"...",
        b"0",
        b"00",
        b"1",
        b"25",
        b"9e",
        b"e+",
        b"/",
        b"//",
        b"/*",
        b"*/",
        b"*",
        b"<",
        b">",
        b"<=",
        b">=",
        b"=",
        b"==",
        b"!",
        b"!=",
        b"&&",
        b"|",
        b"||",
        b"|>",
        b"<|",
        b"->",
        b":",
        b",",
        b";",
        b"?",
        b"@",
        b"~",
        b"~/",
        b"(",
        b")",
        b"[",
        b"]",
        b"{",
        b"}",
        b"${",
        b"$",
        b"$$",
        b"\"",
        b"''",
        b"'''",
        b"''$",
        b"''\\",
        b"\\",
        b"#",
        b"\n",
        b"\r",
        b"\r\n",
        b" ",
        b"\t",
        b"\x0c",
        b"\xc2\xa0",
        b"\xc3\xa9",
        b"\xff",
        b"\xe2\x80",
        b"or",
        b"rec",
        b"let",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let mut whole = 0;
    for _ in 0..200_000 {
        let length = 1 + random(12);
        let text: Vec<u8> =
            (0..length).flat_map(|_| PIECES[random(PIECES.len())]).copied().collect();
        let plain = Spelling::new(&text);
        if refused(plain.plain().as_bytes()) {
            continue;
        }
        let odd =
            rnix::tokenize(plain.for_rnix()).find(|(kind, _)| *kind == SyntaxKind::TOKEN_ERROR);
        assert_eq!(odd, None, "{:?} as {:?}", String::from_utf8_lossy(&text), plain.for_rnix());
        whole += 1;
        let shown = String::from_utf8_lossy(&text).into_owned();
        assert_eq!(tokenized(&text), scanned(&text), "{shown:?} as {:?}", plain.for_rnix());
    }
    assert!(whole > 20_000, "{whole} texts had only tokens");
}
