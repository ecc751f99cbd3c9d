//! What docker takes for an archive, by its first bytes.

/// As many bytes of a file tell.
pub(super) const HEAD: u64 = 512;

/// What docker would unpack, in words.
pub(super) fn kind(head: &[u8]) -> Option<&'static str> {
    const COMPRESSED: [(&[u8], &str); 4] = [
        (b"\x1f\x8b", "this gzip file, if it is a tar"),
        (b"BZh", "this bzip2 file, if it is a tar"),
        (b"\xfd7zXZ\0", "this xz file, if it is a tar"),
        (b"\x28\xb5\x2f\xfd", "this zstd file, if it is a tar"),
    ];
    if let Some((_, what)) = COMPRESSED.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(what);
    }
    // The sum over a header of tar, its own field taken as blanks.
    let field = head.get(148..156).filter(|_| head.len() == 512)?;
    let digits =
        field.iter().skip_while(|&&byte| byte == b' ').take_while(|byte| byte.is_ascii_digit());
    let text: String = digits.map(|&byte| char::from(byte)).collect();
    let sum = u32::from_str_radix(&text, 8).ok()?;
    let others = head.iter().enumerate().filter(|(at, _)| !(148..156).contains(at));
    let real: u32 = others.map(|(_, &byte)| u32::from(byte)).sum::<u32>().saturating_add(8 * 32);
    (sum == real && head.first() != Some(&0)).then_some("this tar")
}
