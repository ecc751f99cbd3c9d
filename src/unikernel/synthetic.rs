//! Headers made for tests: the smallest files that have what a kernel of some kind is known by.

/// Puts `bytes` at `place`, making the file longer when it must.
pub(super) fn put(file: &mut Vec<u8>, place: usize, bytes: &[u8]) {
    if file.len() < place + bytes.len() {
        file.resize(place + bytes.len(), 0);
    }
    file[place..place + bytes.len()].copy_from_slice(bytes);
}

/// An ELF file in the making.
pub(super) struct ElfFile {
    pub(super) wide: bool,
    pub(super) big_endian: bool,
    pub(super) machine: u16,
    pub(super) kind: u16,
    pub(super) os_abi: u8,
    /// Type, alignment and content of each segment.
    pub(super) segments: Vec<(u32, u64, Vec<u8>)>,
    /// Name and content of each section.
    pub(super) sections: Vec<(String, Vec<u8>)>,
    /// Added between the ELF header and the program headers.
    pub(super) gap: Vec<u8>,
}

pub(super) const LOAD: u32 = 1;
pub(super) const INTERP: u32 = 3;
pub(super) const NOTE: u32 = 4;

impl ElfFile {
    pub(super) fn new(wide: bool, machine: u16) -> Self {
        Self {
            wide,
            big_endian: false,
            machine,
            kind: 2,
            os_abi: 0,
            segments: Vec::new(),
            sections: Vec::new(),
            gap: Vec::new(),
        }
    }

    pub(super) fn amd64() -> Self {
        Self::new(true, 62)
    }

    pub(super) fn segment(mut self, kind: u32, content: impl Into<Vec<u8>>) -> Self {
        self.segments.push((kind, 4, content.into()));
        self
    }

    pub(super) fn section(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.sections.push((name.to_owned(), content.into()));
        self
    }

    fn number(&self, bytes: u64, width: usize) -> Vec<u8> {
        let mut little = bytes.to_le_bytes()[..width].to_vec();
        if self.big_endian {
            little.reverse();
        }
        little
    }

    fn word(&self, number: usize) -> Vec<u8> {
        self.number(number as u64, if self.wide { 8 } else { 4 })
    }

    fn n16(&self, number: usize) -> Vec<u8> {
        self.number(number as u64, 2)
    }

    fn n32(&self, number: u32) -> Vec<u8> {
        self.number(number.into(), 4)
    }

    /// The bytes: header, program headers, contents, section headers.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let (header, ph, sh) = if self.wide { (64, 56, 64) } else { (52, 32, 40) };
        let phoff = header + self.gap.len();
        let mut file = vec![0; header];
        file.extend(&self.gap);
        file.resize(phoff + ph * self.segments.len(), 0);
        for (index, (kind, align, content)) in self.segments.iter().enumerate() {
            let offset = file.len().next_multiple_of(8);
            put(&mut file, offset, content);
            let at = phoff + ph * index;
            let (o, s, a) = if self.wide { (8, 32, 48) } else { (4, 16, 28) };
            put(&mut file, at, &self.n32(*kind));
            put(&mut file, at + o, &self.word(offset));
            put(&mut file, at + s, &self.word(content.len()));
            let align = usize::try_from(*align).unwrap();
            put(&mut file, at + a, &self.word(align));
        }
        let (shoff, shnum) = self.put_sections(&mut file, sh);
        put(&mut file, 0, b"\x7fELF");
        let ident = [1 + u8::from(self.wide), 1 + u8::from(self.big_endian), 1, self.os_abi];
        put(&mut file, 4, &ident);
        put(&mut file, 16, &self.n16(self.kind.into()));
        put(&mut file, 18, &self.n16(self.machine.into()));
        let w = if self.wide { 8 } else { 4 };
        put(&mut file, 24 + w, &self.word(phoff));
        put(&mut file, 24 + 2 * w, &self.word(shoff));
        let sizes = [header, ph, self.segments.len(), sh, shnum, shnum.saturating_sub(1)];
        for (index, size) in sizes.into_iter().enumerate() {
            put(&mut file, 28 + 3 * w + 2 * index, &self.n16(size));
        }
        file
    }

    /// Adds the contents, the table of names as the last section, and the headers.
    fn put_sections(&self, file: &mut Vec<u8>, sh: usize) -> (usize, usize) {
        if self.sections.is_empty() {
            return (0, 0);
        }
        let mut names = Vec::new();
        let mut headers = Vec::new();
        for (name, content) in &self.sections {
            headers.push((names.len(), file.len(), content.len()));
            names.extend(name.bytes().chain([0]));
            file.extend(content);
        }
        headers.push((names.len(), file.len(), names.len() + 10));
        names.extend(b".shstrtab\0");
        file.extend(names);
        let shoff = file.len().next_multiple_of(8);
        let count = headers.len();
        for (index, (name, offset, size)) in headers.into_iter().enumerate() {
            let at = shoff + sh * index;
            put(file, at + sh - 1, &[0]);
            put(file, at, &self.n32(u32::try_from(name).unwrap()));
            put(file, at + 4, &self.n32(1));
            let (o, s) = if self.wide { (24, 32) } else { (16, 20) };
            put(file, at + o, &self.word(offset));
            put(file, at + s, &self.word(size));
        }
        (shoff, count)
    }
}

/// A little-endian note.
pub(super) fn note(owner: &[u8], kind: u32, said: &[u8]) -> Vec<u8> {
    let mut note = Vec::new();
    note.extend(u32::try_from(owner.len()).unwrap().to_le_bytes());
    note.extend(u32::try_from(said.len()).unwrap().to_le_bytes());
    note.extend(kind.to_le_bytes());
    note.extend(owner);
    note.resize(note.len().next_multiple_of(4), 0);
    note.extend(said);
    note.resize(note.len().next_multiple_of(4), 0);
    note
}

pub(super) fn solo5_abi(target: u32, version: u32) -> Vec<u8> {
    let said: Vec<u8> = [target, version, 0, 0].iter().flat_map(|n| n.to_le_bytes()).collect();
    note(b"Solo5\0", 0x3149_4241, &said)
}

pub(super) fn solo5_manifest(devices: &[(&str, u32)]) -> Vec<u8> {
    let mut said = vec![0; 4];
    said.extend(1_u32.to_le_bytes());
    said.extend(u32::try_from(devices.len() + 1).unwrap().to_le_bytes());
    for (name, kind) in [("", 0x4000_0000)].iter().chain(devices) {
        let mut entry = vec![0; 104];
        put(&mut entry, 0, name.as_bytes());
        put(&mut entry, 68, &kind.to_le_bytes());
        said.extend(entry);
    }
    note(b"Solo5\0", 0x3154_464d, &said)
}

pub(super) fn solo5(target: u32, devices: &[(&str, u32)]) -> ElfFile {
    ElfFile::amd64()
        .segment(INTERP, b"/nonexistent/solo5/\0")
        .segment(NOTE, note(b"OpenBSD\0", 1, &[0; 4]))
        .segment(NOTE, solo5_abi(target, 2))
        .segment(NOTE, solo5_manifest(devices))
}

/// A block of `.uk_libinfo`.
pub(super) fn libinfo(layout: u16, records: &[(u16, &str)]) -> Vec<u8> {
    let mut inside = Vec::new();
    for (kind, said) in records {
        inside.extend(kind.to_le_bytes());
        inside.extend(u32::try_from(said.len() + 7).unwrap().to_le_bytes());
        inside.extend(said.bytes().chain([0]));
    }
    let mut block = u32::try_from(inside.len() + 6).unwrap().to_le_bytes().to_vec();
    block.extend(layout.to_le_bytes());
    block.extend(inside);
    block
}

pub(super) fn multiboot1(flags: u32) -> Vec<u8> {
    let magic = 0x1bad_b002_u32;
    let sum = 0_u32.wrapping_sub(magic).wrapping_sub(flags);
    [magic, flags, sum].iter().flat_map(|n| n.to_le_bytes()).collect()
}

pub(super) fn multiboot2() -> Vec<u8> {
    let (magic, length) = (0xe852_50d6_u32, 24);
    let sum = 0_u32.wrapping_sub(magic).wrapping_sub(length);
    [magic, 0, length, sum].iter().flat_map(|n| n.to_le_bytes()).collect()
}

/// A Unikraft as its build wraps it, with or without the Multiboot header that newer versions
/// put between the ELF32 header and the program headers.
pub(super) fn wrapped_unikraft(multiboot: bool) -> Vec<u8> {
    let info =
        [libinfo(1, &[(1, "libnginx"), (3, "1.0")]), libinfo(1, &[(6, "0.17.0"), (8, "Calypso")])]
            .concat();
    let original = ElfFile::amd64()
        .segment(LOAD, b"code")
        .section(".text", b"code")
        .section(".uk_libinfo", info)
        .section(".uk_inittab", b"")
        .bytes();
    let mut outer = ElfFile::new(false, 3);
    if multiboot {
        outer.gap = multiboot1(3);
    }
    let mut outer = outer.segment(LOAD, b"").bytes();
    // Up to the program headers: what follows is the original file, whatever its alignment.
    outer.truncate(52 + if multiboot { 12 } else { 0 } + 32);
    outer.extend(original);
    outer
}

pub(super) fn bz_image(protocol: u16, flags: u16) -> Vec<u8> {
    let mut file = vec![0; 1024 + 512];
    put(&mut file, 0x1f1, &[1]);
    put(&mut file, 0x1f4, &32_u32.to_le_bytes());
    put(&mut file, 0x1fe, &[0x55, 0xaa]);
    put(&mut file, 0x202, b"HdrS");
    put(&mut file, 0x206, &protocol.to_le_bytes());
    put(&mut file, 0x20e, &0x100_u16.to_le_bytes());
    put(&mut file, 0x236, &flags.to_le_bytes());
    put(&mut file, 0x300, b"6.1.0-test (someone@somewhere) #1\0");
    file
}

/// Makes a PE file out of `file`.
pub(super) fn with_pe(mut file: Vec<u8>, place: usize, machine: u16) -> Vec<u8> {
    put(&mut file, 0, b"MZ");
    put(&mut file, 0x3c, &u32::try_from(place).unwrap().to_le_bytes());
    put(&mut file, place, b"PE\0\0");
    put(&mut file, place + 4, &machine.to_le_bytes());
    put(&mut file, place + 92, &10_u16.to_le_bytes());
    file
}

pub(super) fn arm64_image(text: &str) -> Vec<u8> {
    let mut file = vec![0; 512];
    put(&mut file, 0x18, &[0x0a]);
    put(&mut file, 0x38, b"ARM\x64");
    put(&mut file, 300, text.as_bytes());
    file
}

pub(super) fn riscv_image() -> Vec<u8> {
    let mut file = vec![0; 128];
    put(&mut file, 0x30, b"RISCV\0\0\0RSC\x05");
    file
}

/// Numbers that are the same on every run, so that a find can be found again.
pub(super) struct Xorshift(u64);

impl Xorshift {
    pub(super) fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub(super) fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }
}

/// Changes up to eight bytes, half of them where the headers are, and cuts some files.
pub(super) fn mutate(file: &mut Vec<u8>, random: &mut Xorshift) {
    let telling = [0, 1, 2, 4, 0x7f, 0x80, 0xfe, 0xff];
    for _ in 0..=random.next(8) {
        let most = if random.next(2) == 0 { file.len().min(128) } else { file.len() };
        let place = random.next(most);
        file[place] = match random.next(3) {
            0 => telling[random.next(telling.len())],
            1 => file[place] ^ (1 << random.next(8)),
            _ => u8::try_from(random.next(256)).unwrap(),
        };
    }
    if random.next(8) == 0 {
        file.truncate(random.next(file.len()));
    }
}
