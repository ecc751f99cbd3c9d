//! Values of the language as text, laid out as nixfmt does: two blanks a level, lists and sets of more than one member
//! on lines of their own.

/// As wide as nixfmt lets a line be.
const WIDTH: usize = 100;
/// Text of more than this has a line for each of its own, where it has several.
const SHORT: usize = 60;
/// What cannot be the name of an attribute without quotes.
const KEYWORDS: [&str; 9] = ["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"];

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A string.
    Text(String),
    /// Text of the language, as it is: a path, a Boolean.
    Plain(String),
    /// A list.
    List(Vec<Value>),
    /// A set.
    Set(Vec<Binding>),
}

/// An attribute of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binding {
    /// Lines of comment above it, without their `#`.
    pub comments: Vec<String>,
    /// Its name as it is written, with quotes where it needs them.
    pub name: String,
    /// Its value.
    pub value: Value,
}

impl Binding {
    /// An attribute without a comment.
    pub fn new(name: impl Into<String>, value: Value) -> Self {
        Binding { comments: Vec::new(), name: name.into(), value }
    }
}

/// A file: comments, and a set.
pub(super) fn file(head: &[String], bindings: &[Binding]) -> String {
    let mut out = String::new();
    comments(head, "", &mut out);
    out.push_str("{\n");
    let mut before: Option<&Binding> = None;
    for binding in bindings {
        // What has lines of its own stands by itself.
        let stands_alone = |binding: &Binding| !is_one_line(binding, 2);
        if before.is_some_and(|before| stands_alone(before) || stands_alone(binding)) {
            out.push('\n');
        }
        attribute(binding, 2, &mut out);
        before = Some(binding);
    }
    out.push_str("}\n");
    out
}

/// Lines of comment. What is no text would not stay on its line.
fn comments(lines: &[String], indent: &str, out: &mut String) {
    for line in lines {
        let line: String = line.chars().filter(|c| *c == '\t' || !c.is_control()).collect();
        let line = line.trim_end();
        let blank =
            if line.is_empty() || line.starts_with(['#', ' ', '\t', '!']) { "" } else { " " };
        out.extend([indent, "#", blank, line, "\n"]);
    }
}

fn attribute(binding: &Binding, depth: usize, out: &mut String) {
    let indent = " ".repeat(depth);
    comments(&binding.comments, &indent, out);
    out.extend([&indent, &binding.name, " = "]);
    value(&binding.value, depth, out);
    out.push_str(";\n");
}

fn value(written: &Value, depth: usize, out: &mut String) {
    if let Some(line) = one_line(written) {
        out.push_str(&line);
        return;
    }
    let (indent, inner) = (" ".repeat(depth), depth.saturating_add(2));
    match written {
        Value::Text(text) => {
            out.push_str("''\n");
            for line in text.lines() {
                let blanks = if line.is_empty() { 0 } else { inner };
                out.extend([&" ".repeat(blanks), line, "\n"]);
            }
            out.extend([&indent, "''"]);
        }
        Value::Plain(text) => out.push_str(text),
        Value::List(items) => {
            out.push_str("[\n");
            for item in items {
                out.push_str(&" ".repeat(inner));
                value(item, inner, out);
                out.push('\n');
            }
            out.extend([&indent, "]"]);
        }
        Value::Set(bindings) => {
            out.push_str("{\n");
            for binding in bindings {
                attribute(binding, inner, out);
            }
            out.extend([&indent, "}"]);
        }
    }
}

fn is_one_line(binding: &Binding, depth: usize) -> bool {
    let line = one_line(&binding.value).map(|line| line.len());
    let around = depth.saturating_add(binding.name.len()).saturating_add(4);
    binding.comments.is_empty()
        && line.is_some_and(|length| {
            matches!(binding.value, Value::Text(_)) || around.saturating_add(length) <= WIDTH
        })
}

/// A value without a line end, where nixfmt writes it so.
fn one_line(written: &Value) -> Option<String> {
    match written {
        Value::Text(text) if is_block(text) => None,
        Value::Text(text) => Some(quoted(text)),
        Value::Plain(text) => Some(text.clone()),
        Value::List(items) => match items.as_slice() {
            [] => Some("[ ]".to_owned()),
            [one] => one_line(one).map(|one| format!("[ {one} ]")),
            _ => None,
        },
        Value::Set(bindings) => match bindings.as_slice() {
            [] => Some("{ }".to_owned()),
            [one] if one.comments.is_empty() && !matches!(one.value, Value::Set(_)) => {
                let line = one_line(&one.value)?;
                let line = format!("{{ {} = {line}; }}", one.name);
                (line.len() < SHORT).then_some(line)
            }
            _ => None,
        },
    }
}

/// Whether text is easier to read line by line, between `''`. Nothing in it may mean something there, and its first
/// column may not be taken for indentation.
fn is_block(text: &str) -> bool {
    let Some(body) = text.strip_suffix('\n') else { return false };
    let means_something = ["''", "${"].iter().any(|part| text.contains(part));
    let is_plain = |c: char| matches!(c, '\n' | '\t') || !c.is_control();
    let is_blank = |line: &str| !line.is_empty() && line.trim_start_matches(' ').is_empty();
    (body.contains('\n') || text.len() > SHORT)
        && !means_something
        && text.chars().all(is_plain)
        && !text.lines().any(is_blank)
        && text.lines().any(|line| !line.is_empty() && !line.starts_with(' '))
}

/// A string of the language.
pub(in crate::front) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if characters.peek() == Some(&'{') => out.push_str("\\$"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// The name of an attribute, with quotes where it needs them.
pub(super) fn name(text: &str) -> String {
    let mut bytes = text.bytes();
    let begins = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let goes_on = |byte: u8| byte.is_ascii_alphanumeric() || b"_'-".contains(&byte);
    if begins && bytes.all(goes_on) && !KEYWORDS.contains(&text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A path of this machine, as a path of the language where it can be one.
pub(super) fn path(text: &str) -> Value {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-/".contains(&byte);
    let starts = ["./", "../", "/"].iter().any(|start| text.starts_with(start));
    if starts && text.bytes().all(plain) && !text.ends_with('/') && !text.contains("//") {
        Value::Plain(text.to_owned())
    } else {
        Value::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        for (text, expected) in [
            ("", "\"\""),
            ("a\"${b}\\$c\n", "\"a\\\"\\${b}\\\\$c\\n\""),
            ("$${x} $", "\"$\\${x} $\""),
            ("é\t\r", "\"é\\t\\r\""),
            ("''", "\"''\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn names() {
        for (text, expected) in [
            ("workingDir", "workingDir"),
            ("_a-b'", "_a-b'"),
            ("a.b", "\"a.b\""),
            ("in", "\"in\""),
            ("or", "or"),
            ("", "\"\""),
            ("1", "\"1\""),
            ("é", "\"é\""),
        ] {
            assert_eq!(name(text), expected);
        }
    }

    #[test]
    fn paths() {
        let is_path = |text: &str| matches!(path(text), Value::Plain(_));
        for text in ["./a.tar", "../x/y", "/a+b", "/a"] {
            assert!(is_path(text), "{text}");
        }
        for text in ["a.tar", "./a b", "./a/", "/", "./é", ".//a", "./~"] {
            assert!(!is_path(text), "{text}");
        }
    }

    #[test]
    fn blocks() {
        for text in ["a\nb\n", "a\n\n  b\n", "  a\nb\n", "a\tb\n\t\n", "it's\n$x\n"] {
            assert!(is_block(text), "{text:?}");
        }
        for text in [
            "",
            "\n",
            "a\n",
            "a\nb",
            " a\n b\n",
            "a\n  \nb\n",
            "a\n''\n",
            "a\n${b}\n",
            "a\r\nb\r\n",
        ] {
            assert!(!is_block(text), "{text:?}");
        }
    }

    #[test]
    fn a_file_is_laid_out() {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut commented = Binding::new("b", text("x"));
        commented.comments = vec!["one".into(), "# two".into(), String::new()];
        let set = Value::Set(vec![
            Binding::new("\"k\"", text("/k")),
            Binding::new("t", text("first\n  second\n\nthird\n")),
            Binding::new("one", Value::Set(vec![Binding::new("x", text("y"))])),
        ]);
        let bindings = [
            Binding::new("a", text("x")),
            Binding::new("empty", Value::Set(Vec::new())),
            commented,
            Binding::new("set", set),
            Binding::new("list", Value::List(vec![text("p"), text("q")])),
            Binding::new("last", Value::List(vec![text("p")])),
        ];
        let expected = r#"# Head.
{
  a = "x";
  empty = { };

  # one
  ## two
  #
  b = "x";

  set = {
    "k" = "/k";
    t = ''
      first
        second

      third
    '';
    one = { x = "y"; };
  };

  list = [
    "p"
    "q"
  ];

  last = [ "p" ];
}
"#;
        assert_eq!(file(&["Head.".to_owned()], &bindings), expected);
    }
}
