//! Any bytes as a kernel, an initrd and a block image: each is described, and read in bounded pieces.

#![no_main]

use bimanix::unikernel::{self, block, initrd};
use libfuzzer_sys::fuzz_target;
use std::fmt::Write as _;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

/// How many bytes a reader may ask for, beside a number of passes over the file.
const FEW: usize = 1 << 20;
const PASSES: usize = 32;

/// Bytes that count how often they are read.
struct Counted<'b> {
    bytes: Cursor<&'b [u8]>,
    read: usize,
}

impl<'b> Counted<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Counted { bytes: Cursor::new(bytes), read: 0 }
    }

    fn check(&self) {
        let most = self.bytes.get_ref().len() * PASSES + FEW;
        assert!(self.read <= most, "{} bytes were read, and {most} are many", self.read);
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.read += count;
        Ok(count)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

fuzz_target!(|bytes: &[u8]| {
    // Reading from memory does not fail, and nothing else may.
    let mut said = String::new();

    let mut file = Counted::new(bytes);
    let kernel = unikernel::read(&mut file).expect("any bytes are described");
    file.check();
    write!(said, "{kernel:?} {}", kernel.format).expect("a String takes everything");
    for boot in &kernel.boot {
        write!(said, "{boot}").expect("a String takes everything");
    }
    for problem in &kernel.problems {
        write!(said, "{problem}").expect("a String takes everything");
    }

    let mut file = Counted::new(bytes);
    let initrd = initrd::read(&mut file).expect("any bytes are described");
    file.check();
    write!(said, "{initrd:?}").expect("a String takes everything");
    for archive in &initrd.archives {
        write!(said, "{}", archive.format).expect("a String takes everything");
    }
    for problem in &initrd.problems {
        write!(said, "{problem}").expect("a String takes everything");
    }

    let mut file = Counted::new(bytes);
    let block = block::read(&mut file).expect("any bytes are described");
    file.check();
    if let Some(format) = block {
        write!(said, "{format} {:?}", format.content()).expect("a String takes everything");
    }
});
