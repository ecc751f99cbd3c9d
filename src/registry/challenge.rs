//! What a registry asks for: the headers `WWW-Authenticate` of an answer (RFC 9110, section 11.6.1; the
//! distribution project's token protocol).

use http_auth::ChallengeRef;
use http_auth::parser::ChallengeParser;
use ureq::http::HeaderMap;
use ureq::http::header::WWW_AUTHENTICATE;

/// A way to log in that a server takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A user and a password with every request.
    Basic,
    /// A token, which somebody else gives.
    Bearer {
        /// Where to get it.
        realm: String,
        /// What it is for.
        service: Option<String>,
        /// What it is to allow.
        scope: Option<String>,
    },
    /// Another one, by its name.
    Other(String),
}

/// The challenges of an answer, in their order.
pub(super) fn all(headers: &HeaderMap) -> Vec<Challenge> {
    headers.get_all(WWW_AUTHENTICATE).iter().flat_map(|value| of(value.as_bytes())).collect()
}

/// The challenges of one header. What cannot be read is gone over up to the next comma.
fn of(header: &[u8]) -> Vec<Challenge> {
    let text = plain(header);
    let mut found = Vec::new();
    let mut rest = Some(text.as_str());
    while let Some(part) = rest {
        let mut whole = true;
        for challenge in ChallengeParser::new(part) {
            match challenge.map(|challenge| Challenge::from(&challenge)) {
                Ok(challenge) if !found.contains(&challenge) => found.push(challenge),
                Ok(_) => {}
                Err(_) => whole = false,
            }
        }
        rest = if whole { None } else { after_comma(part) };
    }
    found
}

impl From<&ChallengeRef<'_>> for Challenge {
    fn from(challenge: &ChallengeRef<'_>) -> Self {
        let of = |name: &str| {
            let mut all = challenge.params.iter();
            let (_, value) = all.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
            Some(value.to_unescaped())
        };
        match (challenge.scheme.to_ascii_lowercase().as_str(), of("realm")) {
            ("basic", _) => Challenge::Basic,
            ("bearer", Some(realm)) => {
                Challenge::Bearer { realm, service: of("service"), scope: of("scope") }
            }
            _ => Challenge::Other(challenge.scheme.to_owned()),
        }
    }
}

/// The header as the grammar wants it: in ASCII, and with one blank where it has several, outside of strings.
fn plain(header: &[u8]) -> String {
    let mut text = String::new();
    let mut outside = Outside::default();
    for &byte in header {
        let character = if byte.is_ascii() { char::from(byte) } else { '?' };
        let blank = matches!(character, ' ' | '\t');
        if outside.step(character) && blank && text.ends_with(' ') {
            continue;
        }
        text.push(if blank { ' ' } else { character });
    }
    text
}

/// What follows the first comma outside of strings.
fn after_comma(text: &str) -> Option<&str> {
    let mut outside = Outside::default();
    let comma = text.char_indices().find(|&(_, c)| outside.step(c) && c == ',')?.0;
    text.get(comma + 1..).map(str::trim_start)
}

/// Tells what is outside of quoted strings.
#[derive(Default)]
struct Outside {
    quoted: bool,
    escaped: bool,
}

impl Outside {
    /// Whether this character is.
    fn step(&mut self, character: char) -> bool {
        let was_quoted = self.quoted;
        if self.escaped {
            self.escaped = false;
        } else if was_quoted && character == '\\' {
            self.escaped = true;
        } else if character == '"' {
            self.quoted = !was_quoted;
        }
        !was_quoted && character != '"'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Challenge::Bearer { realm: realm.to_owned(), service: own(service), scope: own(scope) }
    }

    #[test]
    fn headers() {
        let other = |name: &str| Challenge::Other(name.to_owned());
        for (header, expected) in [
            (
                r#"Bearer realm="https://a.x/token",service="x.io", scope="repository:a/b:pull,push",x=1"#,
                vec![bearer("https://a.x/token", Some("x.io"), Some("repository:a/b:pull,push"))],
            ),
            (r#"bEARER Realm="https://a.x""#, vec![bearer("https://a.x", None, None)]),
            (
                r#"Bearer realm = "https://a.x" , service = x"#,
                vec![bearer("https://a.x", Some("x"), None)],
            ),
            (r#"Bearer  realm="https://a.x""#, vec![bearer("https://a.x", None, None)]),
            ("Bearer\trealm=\"https://a.x\"", vec![bearer("https://a.x", None, None)]),
            (
                r#"Negotiate, Bearer realm="https://a.x", Basic realm="y""#,
                vec![other("Negotiate"), bearer("https://a.x", None, None), Challenge::Basic],
            ),
            (r#"Basic realm="a, Bearer realm=\"b\"""#, vec![Challenge::Basic]),
            (
                r#"Basic realm="say \"hi\"", Bearer realm="https://a.x/\\y""#,
                vec![Challenge::Basic, bearer(r"https://a.x/\y", None, None)],
            ),
            (
                r#"Negotiate YIIabc==, Bearer realm="https://a.x""#,
                vec![bearer("https://a.x", None, None)],
            ),
            (
                r#"Bearer realm="https://a.x", Negotiate YII==, Basic realm="y""#,
                vec![bearer("https://a.x", None, None), Challenge::Basic],
            ),
            ("Bearer service=x", vec![other("Bearer")]),
            ("Bearer", vec![other("Bearer")]),
            ("Basic", vec![Challenge::Basic]),
            ("", vec![]),
            (",", vec![]),
            ("=", vec![]),
            (r#"Bearer realm="https://a.x"#, vec![]),
        ] {
            assert_eq!(of(header.as_bytes()), expected, "{header}");
        }
        assert_eq!(of("Basic realm=\"Zugang f\u{fc}r\"".as_bytes()), [Challenge::Basic]);
    }

    #[test]
    fn any_bytes_are_read_without_a_crash() {
        let mut state = 7_u32;
        for _ in 0..5000 {
            let header: Vec<u8> = (0..12)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    b"\"\\,= \tBearer\xff"[(state >> 16) as usize % 13]
                })
                .collect();
            of(&header);
        }
    }
}
