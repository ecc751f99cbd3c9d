//! The name that was probably meant.

/// Gives the candidate closest to a name, if one is close enough to be offered; of equals the
/// first.
///
/// One edit is allowed for every three characters, three at most: a character added, left out or
/// replaced, or two neighbours swapped. A name of one character has no neighbours, or every other
/// would be one.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let name: Vec<char> = name.chars().collect();
    if name.len() < 2 {
        return None;
    }
    let mut best = None;
    let mut limit = name.len().div_ceil(3).min(3);
    for candidate in candidates {
        let other: Vec<char> = candidate.chars().collect();
        if let Some(edits) = distance(&name, &other, limit) {
            best = Some(candidate);
            let Some(fewer) = edits.checked_sub(1) else { break };
            limit = fewer;
        }
    }
    best
}

/// The Damerau-Levenshtein distance (optimal string alignment), unless it is above the limit.
fn distance(left: &[char], right: &[char], limit: usize) -> Option<usize> {
    if left.len().abs_diff(right.len()) > limit {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut above = None;
    for (row, &a) in left.iter().enumerate() {
        let mut current = Vec::with_capacity(last.len());
        let mut beside = row.saturating_add(1);
        current.push(beside);
        let mut previous = None;
        for (column, (&b, pair)) in right.iter().zip(last.windows(2)).enumerate() {
            let &[diagonal, up] = pair else { continue };
            let mut edits = diagonal.saturating_add(usize::from(a != b));
            edits = edits.min(up.saturating_add(1)).min(beside.saturating_add(1));
            if previous == Some(a)
                && above == Some(b)
                && let Some(swapped) = column.checked_sub(1).and_then(|at| before_last.get(at))
            {
                edits = edits.min(swapped.saturating_add(1));
            }
            current.push(edits);
            (beside, previous) = (edits, Some(b));
        }
        if current.iter().all(|&edits| edits > limit) {
            return None;
        }
        before_last = std::mem::replace(&mut last, current);
        above = Some(a);
    }
    last.last().copied().filter(|&edits| edits <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name() {
        let known = ["hypervisor", "memory", "cmdline", "kernel", "blkMntPoint", "x", "id"];
        for (name, expected) in [
            ("hypervizor", Some("hypervisor")),
            ("memroy", Some("memory")),
            ("memory", Some("memory")),
            ("cmd", None),
            ("cmdlin", Some("cmdline")),
            ("blkmntpoint", Some("blkMntPoint")),
            ("di", Some("id")),
            ("xy", Some("x")),
            ("y", None),
            ("", None),
            ("something", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
        assert_eq!(nearest("bar", ["baz", "bat"]), Some("baz"));
        assert_eq!(nearest("bar", ["baz", "bar"]), Some("bar"));
    }
}
