//! Multiboot headers, versions 1 and 2, near the beginning of a file.

use std::io::{self, Read, Seek};

use super::BootProtocol;
use super::source::{Fields, Source};

/// Version 1 is looked for in the first 8 KiB, every 4 bytes; version 2 in 32 KiB, every 8.
const SEARCH_1: usize = 8 * 1024;
const SEARCH_2: usize = 32 * 1024;
const MAGIC_1: [u8; 4] = 0x1bad_b002_u32.to_le_bytes();
const MAGIC_2: [u8; 4] = 0xe852_50d6_u32.to_le_bytes();
/// The header itself says where to load the file.
const ADDRESS_FIELDS: u32 = 1 << 16;

/// The headers whose checksum holds, the first of each version.
pub(super) fn read(source: &mut Source<'_, impl Read + Seek>) -> io::Result<Vec<BootProtocol>> {
    let bytes = source.at(0, SEARCH_2)?;
    let (mut first, mut second) = (None, None);
    for (index, word) in bytes.as_chunks::<4>().0.iter().enumerate() {
        let (is_first, is_second) = match *word {
            MAGIC_1 => (first.is_none(), false),
            MAGIC_2 => (false, second.is_none()),
            _ => continue,
        };
        let place = index.saturating_mul(4);
        let fields = Fields::little(bytes.get(place..).unwrap_or_default());
        let offset = place as u64;
        if is_first && place.saturating_add(12) <= SEARCH_1 && sums_up(fields, &[0, 4, 8]) {
            let flags = fields.u32(4).unwrap_or_default();
            let address_fields = flags & ADDRESS_FIELDS != 0;
            first = Some(BootProtocol::Multiboot1 { offset, address_fields });
        }
        if is_second && place.checked_rem(8) == Some(0) && sums_up(fields, &[0, 4, 8, 12]) {
            second = Some(BootProtocol::Multiboot2 { offset });
        }
    }
    Ok(first.into_iter().chain(second).collect())
}

/// Whether all the numbers are there and add up to zero.
fn sums_up(fields: Fields<'_>, places: &[usize]) -> bool {
    let mut sum: u32 = 0;
    for &place in places {
        let Some(number) = fields.u32(place) else { return false };
        sum = sum.wrapping_add(number);
    }
    sum == 0
}
