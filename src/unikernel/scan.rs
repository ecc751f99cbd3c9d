//! The last resort: words that only one guest's bytes hold.

use memchr::memmem::Finder;
use std::io::{self, Read, Seek};

use super::source::{Source, WINDOW};

/// How much of a file is looked through.
const MAX_SCANNED: u64 = 64 * 1024 * 1024;
/// No word is longer.
pub(super) const MAX_WORD: usize = 32;

/// The first place of each of the words; the search ends early at the first word of the list,
/// which is the most telling one.
pub(super) fn find<const N: usize>(
    source: &mut Source<'_, impl Read + Seek>,
    words: [&'static str; N],
) -> io::Result<[Option<u64>; N]> {
    let mut found = [None; N];
    let finders = words.map(Finder::new);
    let step = WINDOW.saturating_sub(MAX_WORD);
    let end = source.len().min(MAX_SCANNED);
    let mut start: u64 = 0;
    while start < end {
        let piece = source.at(start, WINDOW)?;
        for (finder, place) in finders.iter().zip(&mut found) {
            if place.is_none() {
                let index = finder.find(piece).filter(|index| *index < step);
                *place = index.map(|index| start.saturating_add(index as u64));
            }
        }
        if found.first().is_some_and(Option::is_some) || found.iter().all(Option::is_some) {
            break;
        }
        start = start.saturating_add(step as u64);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_word_across_two_windows_is_found() {
        let step = WINDOW - MAX_WORD;
        for place in [0, 1, step - 3, step, WINDOW - 2, WINDOW, 3 * WINDOW] {
            let mut bytes = vec![b'c'; 4 * WINDOW];
            bytes[place..place + 5].copy_from_slice(b"caml_");
            let mut file = Cursor::new(bytes);
            let mut source = Source::new(&mut file).unwrap();
            let found = find(&mut source, ["rump_", "caml_"]).unwrap();
            assert_eq!(found, [None, Some(place as u64)]);
        }
    }
}
