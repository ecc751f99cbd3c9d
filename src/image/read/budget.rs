//! What reading an image may take: bytes that come out of compressed ones, and memory.
//!
//! Everything that stays in memory in proportion to the image is paid for before it is kept: names and link targets by
//! their bytes, members of archives and values of JSON by a price that is above what they take. So the memory of
//! the process has a bound that no image moves.

use std::cell::Cell;
use std::fmt;
use std::io;

/// How much memory the names, links and JSON of an archive and of all its layers may take, in bytes.
pub(super) const MAX_MEMORY: u64 = 256 << 20;
/// What a member of an archive costs beside its name and its link: its place in the tree.
const MEMBER: u64 = 256;
/// What a byte of JSON costs: it is kept, copied for what is found out about it, and printed, with escapes.
const BYTE: u64 = 16;
/// What a value of JSON costs beside its bytes. The largest is an entry of a history, which may be `{}`.
const VALUE: u64 = 256;

/// What may still be taken.
#[derive(Debug)]
pub(super) struct Budget {
    unpacked: Cell<u64>,
    memory: Cell<u64>,
    max_unpacked: u64,
}

/// A budget that an image is too large for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// It unpacks to more bytes than this.
    Unpacked(u64),
    /// What is kept of it takes more bytes of memory than this.
    Memory(u64),
}

impl Exceeded {
    /// The budget that an error is about, if it is about one.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = crate::diag::size;
        match *self {
            Exceeded::Unpacked(max) => write!(f, "it unpacks to more than {}", size(max)),
            Exceeded::Memory(max) => {
                write!(f, "its names, links and JSON take more than {} of memory", size(max))
            }
        }
    }
}

impl std::error::Error for Exceeded {}

impl From<Exceeded> for io::Error {
    fn from(exceeded: Exceeded) -> Self {
        io::Error::new(io::ErrorKind::FileTooLarge, exceeded)
    }
}

impl Budget {
    /// A whole budget, with so many bytes to unpack.
    pub(super) fn new(max_unpacked: u64) -> Self {
        Budget { unpacked: max_unpacked.into(), memory: MAX_MEMORY.into(), max_unpacked }
    }

    /// Pays for bytes that have come out of others.
    ///
    /// # Errors
    /// They are more than is left, as an [`Exceeded`].
    pub(super) fn unpack(&self, bytes: u64) -> io::Result<()> {
        take(&self.unpacked, bytes, Exceeded::Unpacked(self.max_unpacked))
    }

    /// Whether so many bytes can still come out of others, which is told by the header in front of them.
    ///
    /// # Errors
    /// They are more than is left, as an [`Exceeded`].
    pub(super) fn fits(&self, bytes: u64) -> io::Result<()> {
        if bytes > self.unpacked.get() {
            return Err(Exceeded::Unpacked(self.max_unpacked).into());
        }
        Ok(())
    }

    /// Pays for bytes that are kept.
    ///
    /// # Errors
    /// They are more than is left, as an [`Exceeded`].
    pub(super) fn keep(&self, bytes: u64) -> io::Result<()> {
        take(&self.memory, bytes, Exceeded::Memory(MAX_MEMORY))
    }

    /// Pays for a member of an archive.
    ///
    /// # Errors
    /// It is more than is left, as an [`Exceeded`].
    pub(super) fn member(&self, name: &[u8], link: &[u8]) -> io::Result<()> {
        self.keep(MEMBER + name.len() as u64 + link.len() as u64)
    }

    /// Pays for what JSON becomes.
    ///
    /// # Errors
    /// It is more than is left, as an [`Exceeded`].
    pub(super) fn json(&self, text: &[u8]) -> io::Result<()> {
        self.keep(BYTE * text.len() as u64 + VALUE * values(text))
    }

    /// Forgets what has been kept.
    pub(super) fn forget(&self) {
        self.memory.set(MAX_MEMORY);
    }
}

fn take(left: &Cell<u64>, bytes: u64, exceeded: Exceeded) -> io::Result<()> {
    left.set(left.get().checked_sub(bytes).ok_or(exceeded)?);
    Ok(())
}

/// How many values a text of JSON has at most: one for each comma and each bracket that opens, outside of strings.
fn values(text: &[u8]) -> u64 {
    let (mut count, mut in_string, mut is_escaped) = (1, false, false);
    for &byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted() {
        for (text, expected) in [
            ("", 1),
            ("1", 1),
            ("[1,2,3]", 4),
            (r#"{"a":[{},{}],"b":"[,{"}"#, 7),
            (r#"["\",\\","]"]"#, 3),
            ("[[[[", 5),
            (r#""[[["#, 1),
        ] {
            assert_eq!(values(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_taken_is_gone() {
        let budget = Budget::new(10);
        budget.unpack(10).unwrap();
        let over = budget.unpack(1).unwrap_err();
        assert_eq!(Exceeded::of(&over), Some(Exceeded::Unpacked(10)));
        assert_eq!(over.to_string(), "it unpacks to more than 10 B");
        budget.member(&[b'x'; 100], b"").unwrap();
        budget.keep(MAX_MEMORY - MEMBER - 100).unwrap();
        let over = budget.member(b"", b"").unwrap_err();
        assert_eq!(
            over.to_string(),
            "its names, links and JSON take more than 256.0 MiB of memory"
        );
        budget.forget();
        let many = format!("[{}]", "{},".repeat(600_000));
        assert_eq!(
            Exceeded::of(&budget.json(many.as_bytes()).unwrap_err()),
            Some(Exceeded::Memory(MAX_MEMORY))
        );
        assert_eq!(Exceeded::of(&io::Error::other("x")), None);
    }
}
