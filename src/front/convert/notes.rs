//! What stands around the parts of a text: its comments.

/// What stands around a part of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    /// Where the part begins in the text.
    pub start: u32,
    /// The lines of comment above it, without their `#`.
    pub comments: Vec<String>,
    /// The instruction that begins here, on one line; empty where it only goes on, and where there are no instructions.
    pub instruction: String,
}

/// The notes of a text in which every line is a part, and `#` begins a comment, as in YAML. The first lines may say how
/// the text is to be read.
pub fn of_lines(text: &str) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut above: Vec<String> = Vec::new();
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let written = line.trim_start_matches('\u{feff}').trim();
        match written.strip_prefix('#') {
            Some(comment) if notes.is_empty() && comment.trim_start().starts_with("syntax=") => {}
            Some(comment) => above.push(comment.to_owned()),
            // What is further up is not about this line. The head of a file is about all of it.
            None if written.is_empty() && !notes.is_empty() => above.clear(),
            None if written.is_empty() => {}
            None => notes.push(Note {
                start: u32::try_from(start).unwrap_or(u32::MAX),
                comments: std::mem::take(&mut above),
                instruction: String::new(),
            }),
        }
        start = start.saturating_add(line.len());
    }
    notes
}
