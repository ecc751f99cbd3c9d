//! A reader of tar archives that shares nothing with the writer under test: what is seen here is what
//! POSIX says the bytes mean.

use std::collections::BTreeMap;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub kind: char,
    pub path: Vec<u8>,
    pub link: Vec<u8>,
    pub mode: u64,
    pub uid: u64,
    pub gid: u64,
    pub mtime: u64,
    pub body: Vec<u8>,
    /// The pax records in front of it, as they are.
    pub pax: BTreeMap<String, Vec<u8>>,
    /// The names of owner and group, and the device numbers: nothing, always.
    pub host: Vec<u8>,
}

impl Entry {
    /// A line for a listing.
    pub fn line(&self) -> String {
        let path = String::from_utf8_lossy(&self.path);
        let link = String::from_utf8_lossy(&self.link);
        let arrow = if link.is_empty() { String::new() } else { format!(" -> {link}") };
        let pax: Vec<&str> = self.pax.keys().map(String::as_str).collect();
        let pax = if pax.is_empty() { String::new() } else { format!(" [pax {}]", pax.join(" ")) };
        format!(
            "{} {:04o} {}:{} {:>6} @{} {path}{arrow}{pax}",
            self.kind,
            self.mode,
            self.uid,
            self.gid,
            self.body.len(),
            self.mtime
        )
    }
}

fn text(field: &[u8]) -> Vec<u8> {
    field.iter().copied().take_while(|&byte| byte != 0).collect()
}

fn octal(field: &[u8]) -> u64 {
    let digits = String::from_utf8(text(field)).unwrap();
    u64::from_str_radix(digits.trim(), 8).unwrap()
}

/// The entries of an archive; every checksum, magic and padding is checked.
pub fn entries(bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at = 0;
    let mut pax = BTreeMap::new();
    loop {
        let header = &bytes[at..at + 512];
        if header.iter().all(|&byte| byte == 0) {
            assert!(bytes[at..].iter().all(|&byte| byte == 0), "something follows the end");
            assert_eq!(bytes.len() - at, 1024, "an archive ends in two empty blocks");
            assert!(pax.is_empty());
            return entries;
        }
        let sum: u64 = header
            .iter()
            .enumerate()
            .map(|(index, &byte)| if (148..156).contains(&index) { 32 } else { u64::from(byte) })
            .sum();
        assert_eq!(octal(&header[148..156]), sum, "checksum at {at}");
        assert_eq!(&header[257..265], b"ustar\x0000");
        let size = octal(&header[124..136]);
        let body = bytes[at + 512..at + 512 + usize::try_from(size).unwrap()].to_vec();
        let padded = body.len().div_ceil(512) * 512;
        assert!(bytes[at + 512 + body.len()..at + 512 + padded].iter().all(|&byte| byte == 0));
        at += 512 + padded;
        let kind = char::from(header[156]);
        if kind == 'x' {
            pax = records(&body);
            continue;
        }
        let (prefix, name) = (text(&header[345..500]), text(&header[0..100]));
        let mut path = if prefix.is_empty() { name } else { [prefix, name].join(&b'/') };
        let mut link = text(&header[157..257]);
        if let Some(long) = pax.get("path") {
            path.clone_from(long);
        }
        if let Some(long) = pax.get("linkpath") {
            link.clone_from(long);
        }
        let number = |key: &str, field: &[u8]| match pax.get(key) {
            Some(text) => String::from_utf8(text.clone()).unwrap().parse().unwrap(),
            None => octal(field),
        };
        entries.push(Entry {
            kind,
            path,
            link,
            mode: octal(&header[100..108]),
            uid: number("uid", &header[108..116]),
            gid: number("gid", &header[116..124]),
            mtime: number("mtime", &header[136..148]),
            body,
            host: header[265..345]
                .iter()
                .copied()
                .filter(|byte| ![0, b'0'].contains(byte))
                .collect(),
            pax: std::mem::take(&mut pax),
        });
    }
}

fn records(mut bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut records = BTreeMap::new();
    while !bytes.is_empty() {
        let space = bytes.iter().position(|&byte| byte == b' ').unwrap();
        let length: usize = std::str::from_utf8(&bytes[..space]).unwrap().parse().unwrap();
        assert_eq!(bytes[length - 1], b'\n');
        let record = &bytes[space + 1..length - 1];
        let equals = record.iter().position(|&byte| byte == b'=').unwrap();
        let key = String::from_utf8(record[..equals].to_vec()).unwrap();
        records.insert(key, record[equals + 1..].to_vec());
        bytes = &bytes[length..];
    }
    records
}

/// The files of an archive by name.
pub fn files(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    entries(bytes)
        .into_iter()
        .filter(|entry| entry.kind == '0')
        .map(|entry| (String::from_utf8(entry.path).unwrap(), entry.body))
        .collect()
}
