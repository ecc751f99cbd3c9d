//! Any bytes as an image archive, as `bimanix inspect` reads it.
//!
//! Digests keep a fuzzer out: no mutation hits the one in another part. An input that begins with
//! [`MARK`] is therefore no archive itself but the parts of one, in the order layer, configuration,
//! manifest, index, each ended by [`END`]; `$N` in a part becomes the digest of part N, and `#N` its size.

#![no_main]

use bimanix::diag::{Colours, SourceMap};
use bimanix::driver::inspect::inspect;
use bimanix::image::Digest;
use bimanix::image::read::{self, Input, ReadError};
use libfuzzer_sys::fuzz_target;
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;

const MARK: &[u8] = b"parts\n";
const END: &[u8] = b"\n--\n";

/// The archive: a file without a name, and the path that opens it all the same.
fn archive() -> &'static (File, PathBuf) {
    static ARCHIVE: OnceLock<(File, PathBuf)> = OnceLock::new();
    ARCHIVE.get_or_init(|| {
        let file = rustix::fs::memfd_create("image", rustix::fs::MemfdFlags::CLOEXEC)
            .expect("memory can be had");
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        (File::from(file), PathBuf::from(path))
    })
}

/// The parts of an image, with the digests and sizes they want to know of each other.
fn parts(text: &[u8]) -> Vec<Vec<u8>> {
    let mut done: Vec<Vec<u8>> = Vec::new();
    let mut rest = text;
    while done.len() < 8 && !rest.is_empty() {
        let end = rest.windows(END.len()).position(|window| window == END);
        let (part, next) = match end {
            Some(end) => (&rest[..end], &rest[end + END.len()..]),
            None => (rest, &[][..]),
        };
        rest = next;
        let mut filled = Vec::with_capacity(part.len());
        let mut bytes = part.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            let named =
                bytes.peek().and_then(|digit| done.get(usize::from(digit.wrapping_sub(b'0'))));
            match (byte, named) {
                (b'$', Some(named)) => filled.extend(Digest::of(named).to_string().bytes()),
                (b'#', Some(named)) => filled.extend(named.len().to_string().bytes()),
                _ => {
                    filled.push(byte);
                    continue;
                }
            }
            bytes.next();
        }
        done.push(filled);
    }
    done
}

fn assemble(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut append = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, bytes).expect("names are short");
    };
    for part in parts {
        let digest = Digest::of(part).to_string();
        append(&format!("blobs/sha256/{}", digest.trim_start_matches("sha256:")), part);
    }
    if let Some(index) = parts.last() {
        append("index.json", index);
    }
    builder.into_inner().expect("memory takes everything")
}

fn refused(error: &ReadError) {
    let sources = SourceMap::default();
    error.report().render(&sources, Colours::Shown);
    error.report().to_json(&sources);
}

fuzz_target!(|bytes: &[u8]| {
    let assembled = bytes.strip_prefix(MARK).map(|text| assemble(&parts(text)));
    let bytes = assembled.as_deref().unwrap_or(bytes);
    let (file, path) = archive();
    file.set_len(0).expect("the file is ours");
    file.write_all_at(bytes, 0).expect("the file is ours");
    // A few bytes may unpack to many, which is no find.
    match read::read(&Input::Path(path), 64 << 20) {
        Ok(archive) => {
            for number in 0..archive.images.len() {
                match inspect(&archive, number) {
                    Ok(Some(inspection)) => {
                        inspection.render();
                        inspection.to_json();
                    }
                    Ok(None) => {}
                    Err(error) => refused(&error),
                }
            }
        }
        Err(error) => refused(&error),
    }
});
