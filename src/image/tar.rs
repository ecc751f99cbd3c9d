//! Tar headers: ustar where it is enough, one pax header in front where it is not.
//!
//! Nothing of this machine gets in: no owner names, one time for all entries. Every byte is as Go's
//! `archive/tar` writes it, so that a layer of BuildKit with the same files is the same layer.

use std::borrow::Cow;
use tar::{EntryType, Header};

/// The unit of tar.
const BLOCK: u64 = 512;
/// One block of zeros, as padding and where a header is still to come.
pub(super) const EMPTY: [u8; 512] = [0; 512];
/// Two blocks of zeros end an archive.
pub(super) const END: [u8; 1024] = [0; 1024];
/// The largest number in a field of eleven octal digits: size and time.
const MAX_LONG: u64 = 0o777_7777_7777;
/// The largest number in a field of seven octal digits: owner and group.
const MAX_SHORT: u64 = 0o777_7777;

/// What a header says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meta<'m> {
    /// The path, without a slash in front; folders get one at the end.
    pub(super) path: &'m [u8],
    pub(super) kind: EntryType,
    /// The target of a symlink.
    pub(super) link: &'m [u8],
    pub(super) size: u64,
    pub(super) mode: u32,
    pub(super) uid: u64,
    pub(super) gid: u64,
    pub(super) mtime: u64,
    /// The number of a device.
    pub(super) device: (u32, u32),
}

/// How many bytes the blocks of `size` bytes take.
pub(super) fn padded(size: u64) -> u64 {
    size.div_ceil(BLOCK) * BLOCK
}

/// Zeros from the end of `size` bytes to the end of their last block.
pub(super) fn padding(size: u64) -> &'static [u8] {
    let missing = usize::try_from(padded(size) - size).unwrap_or(0);
    EMPTY.get(..missing).unwrap_or(&EMPTY)
}

/// How many bytes the header blocks of an entry take.
pub(super) fn header_size(meta: &Meta<'_>) -> u64 {
    let path = full_path(meta);
    match records(meta, &path).len() as u64 {
        0 => BLOCK,
        size => 2 * BLOCK + padded(size),
    }
}

/// The path as it is written.
fn full_path<'m>(meta: &Meta<'m>) -> Cow<'m, [u8]> {
    match meta.kind {
        EntryType::Directory => Cow::Owned([meta.path, b"/"].concat()),
        _ => Cow::Borrowed(meta.path),
    }
}

/// The pax records of an entry; none when a ustar header is enough. A name that is long but fits, in two parts, has one
/// only beside those of other fields.
fn records(meta: &Meta<'_>, path: &[u8]) -> Vec<u8> {
    let fits = |text: &[u8]| text.len() <= 100 && text.is_ascii();
    let is_needed = meta.gid > MAX_SHORT
        || meta.uid > MAX_SHORT
        || meta.mtime > MAX_LONG
        || meta.size > MAX_LONG
        || !fits(meta.link)
        || split(path).is_none();
    let mut records = Vec::new();
    if !is_needed {
        return records;
    }
    // Alphabetical, so that equal entries have equal headers.
    if meta.gid > MAX_SHORT {
        record(&mut records, "gid", meta.gid.to_string().as_bytes());
    }
    if !fits(meta.link) {
        record(&mut records, "linkpath", meta.link);
    }
    if meta.mtime > MAX_LONG {
        record(&mut records, "mtime", meta.mtime.to_string().as_bytes());
    }
    if !fits(path) {
        record(&mut records, "path", path);
    }
    if meta.size > MAX_LONG {
        record(&mut records, "size", meta.size.to_string().as_bytes());
    }
    if meta.uid > MAX_SHORT {
        record(&mut records, "uid", meta.uid.to_string().as_bytes());
    }
    records
}

/// The header blocks of an entry.
pub(super) fn header(meta: &Meta<'_>) -> Vec<u8> {
    let path = full_path(meta);
    let records = records(meta, &path);
    let (mut out, (prefix, name)) = if records.is_empty() {
        (Vec::new(), split(&path).unwrap_or((&[], &path)))
    } else {
        (pax(&records, &path), (&b""[..], &*path))
    };
    let whole = ascii(name);
    let mut name = whole.get(..100).unwrap_or(&whole);
    // Of a name that is cut off no slash is left at the end: some readers would take it for a folder's.
    while whole.len() > 100 && name.ends_with(b"/") {
        name = name.get(..name.len() - 1).unwrap_or(&[]);
    }
    let mut header = ustar(prefix, name);
    header.set_entry_type(meta.kind);
    let or_zero = |number: u64, most: u64| if number > most { 0 } else { number };
    header.set_size(or_zero(meta.size, MAX_LONG));
    header.set_mode(meta.mode);
    header.set_mtime(or_zero(meta.mtime, MAX_LONG));
    header.set_uid(or_zero(meta.uid, MAX_SHORT));
    header.set_gid(or_zero(meta.gid, MAX_SHORT));
    if let Some(fields) = header.as_ustar_mut() {
        copy(&mut fields.linkname, &ascii(meta.link));
        let (major, minor) = meta.device;
        copy(&mut fields.dev_major, format!("{major:07o}\0").as_bytes());
        copy(&mut fields.dev_minor, format!("{minor:07o}\0").as_bytes());
    }
    out.extend_from_slice(&summed(header));
    out
}

/// Blocks that say nothing, `size` bytes of them: a pax header with a comment for the entry behind it. There
/// are at least two.
pub(super) fn filler(size: u64) -> Vec<u8> {
    let length = usize::try_from(size.saturating_sub(BLOCK)).unwrap_or(0);
    let mut record = format!("{length} comment=").into_bytes();
    record.resize(length.saturating_sub(1), b' ');
    record.push(b'\n');
    pax(&record, b"filler")
}

/// A pax header with these records, for an entry of this path.
fn pax(records: &[u8], path: &[u8]) -> Vec<u8> {
    let size = records.len() as u64;
    let (folder, name) = match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => path.split_at(slash + 1),
        None => path.split_at(0),
    };
    let mut whole = ascii(&[folder, b"PaxHeaders.0/", name].concat()).into_owned();
    whole.truncate(100);
    while whole.last() == Some(&b'/') {
        whole.pop();
    }
    let mut header = ustar(b"", &whole);
    header.set_entry_type(EntryType::XHeader);
    header.set_size(size);
    header.set_mode(0);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    [&summed(header), records, padding(size)].concat()
}

/// What a field without pax can hold of a text.
fn ascii(text: &[u8]) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.iter().copied().filter(u8::is_ascii).collect())
}

/// A header with its checksum, which ends with a NUL and a blank.
fn summed(mut header: Header) -> [u8; 512] {
    header.set_cksum();
    let sum = header.cksum().unwrap_or(0);
    copy(&mut header.as_old_mut().cksum, format!("{sum:06o}\0 ").as_bytes());
    *header.as_bytes()
}

fn ustar(prefix: &[u8], name: &[u8]) -> Header {
    let mut header = Header::new_ustar();
    if let Some(fields) = header.as_ustar_mut() {
        copy(&mut fields.prefix, prefix);
        copy(&mut fields.name, name);
    }
    header
}

fn copy(field: &mut [u8], value: &[u8]) {
    for (to, from) in field.iter_mut().zip(value) {
        *to = *from;
    }
}

/// A path as ustar's prefix and name, when it fits.
fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    if !path.is_ascii() {
        return None;
    }
    if path.len() <= 100 {
        return Some((&[], path));
    }
    // The last slash that leaves a short enough prefix; that of a folder is not the one meant.
    let most = if path.len() > 156 { 156 } else { path.len() - usize::from(path.ends_with(b"/")) };
    let at = path.get(..most)?.iter().rposition(|&byte| byte == b'/')?;
    let (prefix, name) = (path.get(..at)?, path.get(at + 1..)?);
    (at > 0 && prefix.len() <= 155 && !name.is_empty() && name.len() <= 100)
        .then_some((prefix, name))
}

/// Appends a pax record, `length key=value\n`, whose length counts itself.
fn record(records: &mut Vec<u8>, key: &str, value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    records.extend(format!("{length} {key}=").bytes());
    records.extend_from_slice(value);
    records.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    fn read_back(meta: &Meta<'_>) -> (Vec<u8>, Vec<u8>, u64, u64) {
        let mut bytes = header(meta);
        bytes.extend([0; 1024]);
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut entries = archive.entries().unwrap();
        let mut entry = entries.next().unwrap().unwrap();
        let mut empty = Vec::new();
        if meta.size == 0 {
            entry.read_to_end(&mut empty).unwrap();
        }
        let link = entry.link_name_bytes().map(|link| link.to_vec()).unwrap_or_default();
        let extensions = entry.pax_extensions().unwrap();
        let uid = extensions
            .into_iter()
            .flatten()
            .flatten()
            .find(|extension| extension.key_bytes() == b"uid")
            .map(|extension| extension.value().unwrap().parse().unwrap());
        let uid = uid.unwrap_or_else(|| entry.header().uid().unwrap());
        (entry.path_bytes().to_vec(), link, entry.size(), uid)
    }

    #[test]
    fn whatever_is_said_is_read_back() {
        let deep = ["d".repeat(60), "e".repeat(60), "f".repeat(90)].join("/");
        let long = "n".repeat(200);
        let wide = format!("{}/{}", "ü".repeat(120), "x");
        for path in ["a", "a/b c/ü", &deep, &long, &wide, &"p".repeat(100), &"q".repeat(101)] {
            for link in ["", "target", &"t".repeat(300)] {
                for (size, uid) in [(0, 0), (0, 1000), (0, 3_000_000)] {
                    let kind =
                        if link.is_empty() { EntryType::Regular } else { EntryType::Symlink };
                    let meta = Meta {
                        path: path.as_bytes(),
                        kind,
                        link: link.as_bytes(),
                        size,
                        mode: 0o644,
                        uid,
                        gid: uid,
                        mtime: 0,
                        device: (0, 0),
                    };
                    assert_eq!(header_size(&meta), header(&meta).len() as u64);
                    let (read_path, read_link, read_size, read_uid) = read_back(&meta);
                    assert_eq!(String::from_utf8(read_path).unwrap(), path);
                    assert_eq!(String::from_utf8(read_link).unwrap(), link);
                    assert_eq!((read_size, read_uid), (size, uid));
                }
            }
        }
    }

    #[test]
    fn a_filler_has_its_size_and_says_nothing() {
        for blocks in 2..=9 {
            let mut bytes = filler(blocks * BLOCK);
            assert_eq!(bytes.len() as u64, blocks * BLOCK);
            let meta = Meta {
                path: b"after",
                kind: EntryType::Regular,
                link: b"",
                size: 0,
                mode: 0o644,
                uid: 0,
                gid: 0,
                mtime: 7,
                device: (0, 0),
            };
            bytes.extend(header(&meta));
            bytes.extend(END);
            let mut archive = tar::Archive::new(bytes.as_slice());
            let mut entries = archive.entries().unwrap();
            let mut entry = entries.next().unwrap().unwrap();
            assert_eq!(&*entry.path_bytes(), b"after");
            let records: Vec<String> = entry
                .pax_extensions()
                .unwrap()
                .unwrap()
                .map(|record| record.unwrap().key().unwrap().to_owned())
                .collect();
            assert_eq!(records, ["comment"]);
            assert!(entries.next().is_none());
        }
    }

    #[test]
    fn pax_only_where_it_is_needed() {
        let meta = |path, size| Meta {
            path,
            kind: EntryType::Regular,
            link: b"",
            size,
            mode: 0o644,
            uid: 0,
            gid: 0,
            mtime: 0,
            device: (0, 0),
        };
        let deep = [vec![b'd'; 100], vec![b'n'; 99]].join(&b'/');
        assert_eq!(header(&meta(b"a", MAX_LONG)).len(), 512);
        assert_eq!(header(&meta(&deep, 0)).len(), 512);
        assert_eq!(header(&meta(b"a", MAX_LONG + 1)).len(), 1536);
        assert_eq!(header(&meta(&[b'n'; 101], 0)).len(), 1536);
    }

    #[test]
    fn record_lengths_count_themselves() {
        for length in 0..2000 {
            let mut out = Vec::new();
            record(&mut out, "path", &vec![b'x'; length]);
            let digits: Vec<u8> = out.iter().copied().take_while(|byte| *byte != b' ').collect();
            assert_eq!(String::from_utf8(digits).unwrap(), out.len().to_string());
        }
    }
}
