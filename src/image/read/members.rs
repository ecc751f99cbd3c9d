//! The members of a tar archive, one after another, without trust in what their headers claim.
//!
//! The `tar` crate decodes the headers. The walk is ours, since the crate's reads long names and pax
//! records whole, however long they claim to be, and a few kilobytes of gzip can claim gigabytes.

use crate::rootfs::Device;
use std::io::{self, Read, Seek, SeekFrom};
use tar::{EntryType, Header, PaxExtensions};

/// The unit of tar.
const BLOCK: u64 = 512;
/// The longest extended header that is read; Linux' paths have 4096 bytes at most.
const MAX_EXTENDED: u64 = 1 << 20;
/// How many members an archive may have.
const MAX_MEMBERS: u64 = 1 << 20;

/// What can go over bytes that nobody wants.
pub(super) trait Skip: Read {
    /// Goes over `count` bytes; where they end earlier, it may stop there or say so.
    fn skip(&mut self, count: u64) -> io::Result<()>;
}

/// A stream goes over bytes by reading them.
pub(super) struct Stream<R>(pub(super) R);

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Skip for Stream<R> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        if io::copy(&mut self.0.by_ref().take(count), &mut io::sink())? < count {
            return Err(cut_off());
        }
        Ok(())
    }
}

impl<F: Read + Seek> Skip for io::BufReader<F> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        match i64::try_from(count) {
            Ok(count) => self.seek_relative(count),
            Err(_) => self.seek(SeekFrom::End(0)).map(drop),
        }
    }
}

/// A member and where its bytes are.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: Vec<u8>,
    /// The target of a link.
    pub(super) link: Vec<u8>,
    pub(super) kind: EntryType,
    pub(super) mode: u32,
    pub(super) uid: u64,
    pub(super) gid: u64,
    pub(super) size: u64,
    /// Whether its bytes are stored in pieces, as GNU tar does with `--sparse`.
    pub(super) is_sparse: bool,
    /// Where its bytes begin in the archive.
    pub(super) offset: u64,
    /// The number of a device.
    pub(super) device: Device,
}

/// Reads members.
pub(super) struct Members<R> {
    reader: R,
    /// How far the reader is.
    at: u64,
    /// How much of the last member, with its padding, is still to come.
    left: u64,
    count: u64,
}

/// What extended headers said about the next member.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    sparse_name: Option<Vec<u8>>,
    is_sparse: bool,
    uid: Option<u64>,
    gid: Option<u64>,
}

/// The number of a device; 0 where the header has none.
fn number(found: io::Result<Option<u32>>) -> u32 {
    found.ok().flatten().unwrap_or(0)
}

/// The number of a pax record.
fn decimal(value: &[u8], what: &str) -> io::Result<u64> {
    let number = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| broken(format!("{what} is no number")))
}

fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends in the middle of a member")
}

fn broken(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

impl<R: Skip> Members<R> {
    pub(super) fn new(reader: R) -> Self {
        Members { reader, at: 0, left: 0, count: 0 }
    }

    /// The next member; none at the end of the archive.
    ///
    /// # Errors
    /// Those of the reader, and headers that cannot be.
    pub(super) fn next(&mut self) -> io::Result<Option<Member>> {
        let mut extended = Extended::default();
        loop {
            self.skip_rest()?;
            let Some(header) = self.header()? else { return Ok(None) };
            self.count += 1;
            if self.count > MAX_MEMBERS {
                return Err(broken(format!("it has more than {MAX_MEMBERS} members")));
            }
            let kind = header.entry_type();
            let claimed = header.entry_size().map_err(|_| broken("a size is no number"))?;
            match kind {
                EntryType::GNULongName => extended.name = Some(self.long_text(claimed)?),
                EntryType::GNULongLink => extended.link = Some(self.long_text(claimed)?),
                EntryType::XHeader => self.pax(claimed, &mut extended)?,
                EntryType::XGlobalHeader => self.expect(claimed),
                _ => return self.member(&header, claimed, extended).map(Some),
            }
        }
    }

    fn expect(&mut self, size: u64) {
        // Rounded up to whole blocks; nothing that exists is near the end of the numbers.
        self.left = size.div_ceil(BLOCK).saturating_mul(BLOCK);
    }

    fn skip_rest(&mut self) -> io::Result<()> {
        let left = std::mem::take(&mut self.left);
        self.at = self.at.saturating_add(left);
        self.reader.skip(left)
    }

    /// The next header; none at a block of zeros or where the bytes end between two members.
    fn header(&mut self) -> io::Result<Option<Header>> {
        let mut block = [0; 512];
        let mut filled = 0;
        while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.reader.read(rest) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(cut_off()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.at += BLOCK;
        if block.iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        let header = Header::from_byte_slice(&block).clone();
        let sum: u32 = block
            .iter()
            .enumerate()
            .map(|(at, &byte)| if (148..156).contains(&at) { 32 } else { u32::from(byte) })
            .sum();
        if header.cksum().ok() != Some(sum) {
            let at = self.at - BLOCK;
            return Err(broken(format!("there is no tar header at byte {at}")));
        }
        Ok(Some(header))
    }

    fn member(&mut self, header: &Header, claimed: u64, extended: Extended) -> io::Result<Member> {
        let kind = header.entry_type();
        let size = extended.size.unwrap_or(claimed);
        if kind == EntryType::GNUSparse {
            self.sparse_headers(header)?;
        }
        // Links and folders may name a size, which nothing follows.
        let has_bytes = !matches!(
            kind,
            EntryType::Link
                | EntryType::Symlink
                | EntryType::Directory
                | EntryType::Char
                | EntryType::Block
                | EntryType::Fifo
        );
        let size = if has_bytes { size } else { 0 };
        self.expect(size);
        let name = extended
            .sparse_name
            .or(extended.name)
            .unwrap_or_else(|| header.path_bytes().into_owned());
        let link = extended.link.or_else(|| header.link_name_bytes().map(Into::into));
        Ok(Member {
            name,
            link: link.unwrap_or_default(),
            kind,
            mode: header.mode().unwrap_or(0) & 0o7777,
            uid: extended.uid.unwrap_or_else(|| header.uid().unwrap_or(0)),
            gid: extended.gid.unwrap_or_else(|| header.gid().unwrap_or(0)),
            size,
            is_sparse: extended.is_sparse || kind == EntryType::GNUSparse,
            offset: self.at,
            device: Device {
                major: number(header.device_major()),
                minor: number(header.device_minor()),
            },
        })
    }

    /// A sparse file of GNU tar has a list of its parts in more blocks.
    fn sparse_headers(&mut self, header: &Header) -> io::Result<()> {
        let mut more = header.as_bytes().get(482) == Some(&1);
        while more {
            let mut block = [0; 512];
            self.reader.read_exact(&mut block).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => cut_off(),
                _ => error,
            })?;
            self.at += BLOCK;
            more = block.get(504) == Some(&1);
        }
        Ok(())
    }

    fn long_text(&mut self, size: u64) -> io::Result<Vec<u8>> {
        let mut text = self.extended(size)?;
        while text.last() == Some(&0) {
            text.pop();
        }
        Ok(text)
    }

    fn extended(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > MAX_EXTENDED {
            return Err(broken(format!("an extended header claims {size} bytes")));
        }
        self.expect(size);
        let mut bytes = Vec::new();
        self.reader.by_ref().take(size).read_to_end(&mut bytes)?;
        self.at += bytes.len() as u64;
        self.left -= bytes.len() as u64;
        if (bytes.len() as u64) < size { Err(cut_off()) } else { Ok(bytes) }
    }

    fn pax(&mut self, size: u64, extended: &mut Extended) -> io::Result<()> {
        let bytes = self.extended(size)?;
        for record in PaxExtensions::new(&bytes) {
            let record = record.map_err(|_| broken("a pax record is malformed"))?;
            let value = record.value_bytes();
            match record.key_bytes() {
                b"path" => extended.name = Some(value.to_vec()),
                // The header has a name of GNU tar's making.
                b"GNU.sparse.name" => extended.sparse_name = Some(value.to_vec()),
                b"GNU.sparse.major" | b"GNU.sparse.size" | b"GNU.sparse.realsize" => {
                    extended.is_sparse = true;
                }
                b"linkpath" => extended.link = Some(value.to_vec()),
                b"size" => extended.size = Some(decimal(value, "a size")?),
                b"uid" => extended.uid = Some(decimal(value, "an owner")?),
                b"gid" => extended.gid = Some(decimal(value, "a group")?),
                _ => {}
            }
        }
        Ok(())
    }

    /// What is left of the reader behind the archive.
    pub(super) fn into_inner(self) -> R {
        self.reader
    }
}
