//! Which guest a kernel is, and by what mark.

use std::io::{self, Read, Seek};

use super::elf::{EM_386, Elf};
use super::note::{Note, Owner};
use super::scan;
use super::solo5::Solo5;
use super::source::{Fields, Source, text};
use super::{Evidence, Guest, Known, ObjectKind};

const FREEBSD_OS_ABI: u8 = 9;
const FREEBSD_INTERPRETER: &str = "/red/herring";
const HERMIT_ENTRY_VERSION: u32 = 0x5a00;
const XEN_GUEST_OS: u32 = 6;
const XEN_PVH_ENTRY: u32 = 18;
const GNU_ABI_TAG: u32 = 1;

const LINUX: &str = "Linux version ";
const UNIKRAFT: &str = "libukboot";
const FREEBSD: &str = "@(#)FreeBSD ";
const HERMIT_LOADER: &str = "hermit_loader";
const RUMPRUN: &str = "rumprun";
const RUMP: &str = "rump_";
const OCAML: &str = "caml_";
const NETBSD: &str = "NetBSD";

/// What the words in a kernel say.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) guest: Option<Known<Guest>>,
    pub(super) linux_version: Option<Known<String>>,
}

fn known(guest: Guest, by: Evidence) -> Known<Guest> {
    Known { value: guest, by }
}

/// The guest that a Solo5 kernel is. Both kinds carry the same notes, so the names of the
/// devices decide, and where these do not, the words of the language or library inside.
pub(super) fn of_solo5(
    source: &mut Source<'_, impl Read + Seek>,
    solo5: &Solo5,
) -> io::Result<Option<Known<Guest>>> {
    let named = |names: [&str; 2]| {
        let devices = solo5.devices.as_deref().unwrap_or_default();
        devices.iter().find(|device| names.contains(&device.name.as_str()))
    };
    let by = |name: &str| Evidence::DeviceName(name.to_owned());
    Ok(match (named(["tap", "rootfs"]), named(["service", "storage"])) {
        (Some(device), None) => Some(known(Guest::Rumprun, by(&device.name))),
        (None, Some(device)) => Some(known(Guest::Mirage, by(&device.name))),
        // A NetBSD may well run OCaml programs, so that its own words count first.
        _ => match scan::find(source, [RUMPRUN, RUMP, OCAML, NETBSD])? {
            [Some(_), ..] => Some(known(Guest::Rumprun, Evidence::Text(RUMPRUN))),
            [_, Some(_), ..] => Some(known(Guest::Rumprun, Evidence::Text(RUMP))),
            [_, _, Some(_), _] => Some(known(Guest::Mirage, Evidence::Text(OCAML))),
            [.., Some(_)] => Some(known(Guest::Rumprun, Evidence::Text(NETBSD))),
            [None, None, None, None] => None,
        },
    })
}

/// The guest that an ELF file is, by its headers, sections and notes.
pub(super) fn of_elf(
    source: &mut Source<'_, impl Read + Seek>,
    elf: &Elf,
    wrapped: Option<&Elf>,
) -> io::Result<Option<Known<Guest>>> {
    let section = elf.sections.first().or_else(|| wrapped?.sections.first());
    if let Some(section) = section {
        return Ok(Some(known(Guest::Unikraft, Evidence::Section(section.name.clone()))));
    }
    if wrapped.is_some() {
        return Ok(Some(known(Guest::Unikraft, Evidence::ElfWrapper)));
    }
    if elf.shape.wide && elf.machine == EM_386 {
        return Ok(Some(known(Guest::Mewz, Evidence::ElfClassAndMachine)));
    }
    if has(elf, Owner::Hermit, HERMIT_ENTRY_VERSION) {
        return Ok(Some(known(Guest::Hermit, Evidence::Note("HERMIT"))));
    }
    match &elf.interpreter {
        Some(path) if path == FREEBSD_INTERPRETER => {
            return Ok(Some(known(Guest::Freebsd, Evidence::Interpreter(path.clone()))));
        }
        None if elf.os_abi == FREEBSD_OS_ABI => {
            return Ok(Some(known(Guest::Freebsd, Evidence::ElfOsAbi)));
        }
        _ => {}
    }
    for note in elf.notes.iter().filter(|note| note.owner == Owner::Xen) {
        if note.kind == XEN_GUEST_OS {
            let system = text(source.at(note.offset, note_size(*note).min(16))?);
            match system.as_str() {
                "linux" => return Ok(Some(known(Guest::Linux, Evidence::Note("Xen")))),
                "FreeBSD" => return Ok(Some(known(Guest::Freebsd, Evidence::Note("Xen")))),
                _ => {}
            }
        }
    }
    if elf.interpreter.is_none() && elf.notes.iter().any(|note| note.owner == Owner::Linux) {
        return Ok(Some(known(Guest::Linux, Evidence::Note("Linux"))));
    }
    Ok(None)
}

/// The guest that a kernel without marks is, by the words in it, and the version of a Linux.
pub(super) fn of_text(source: &mut Source<'_, impl Read + Seek>) -> io::Result<Words> {
    let [linux, unikraft, freebsd, hermit] =
        scan::find(source, [LINUX, UNIKRAFT, FREEBSD, HERMIT_LOADER])?;
    let version = match linux {
        Some(place) => linux_version(source, place)?,
        None => None,
    };
    let by_word = [
        (Guest::Linux, LINUX, version.is_some()),
        (Guest::Unikraft, UNIKRAFT, unikraft.is_some()),
        (Guest::Freebsd, FREEBSD, freebsd.is_some()),
        (Guest::Hermit, HERMIT_LOADER, hermit.is_some()),
    ];
    let first = by_word.into_iter().find(|(_, _, there)| *there);
    let guest = first.map(|(guest, word, _)| known(guest, Evidence::Text(word)));
    Ok(Words { guest, linux_version: version })
}

/// The version that Linux prints when it starts, if these are the words it prints then.
fn linux_version(
    source: &mut Source<'_, impl Read + Seek>,
    place: u64,
) -> io::Result<Option<Known<String>>> {
    let said = text(source.at(place.saturating_add(LINUX.len() as u64), 128)?);
    let version = said.split_whitespace().next().unwrap_or_default();
    let is_number = version.starts_with(|first: char| first.is_ascii_digit());
    Ok(is_number.then(|| Known { value: version.to_owned(), by: Evidence::Text(LINUX) }))
}

/// Whether the file may be a kernel whose words are worth a search.
pub(super) fn is_loadable(elf: &Elf) -> bool {
    elf.interpreter.is_none() && matches!(elf.kind, ObjectKind::Executable | ObjectKind::Shared)
}

/// The mark by which the file is a program of an operating system, not a kernel.
pub(super) fn program(elf: &Elf) -> Option<Evidence> {
    let kernels = [super::solo5::INTERPRETER, FREEBSD_INTERPRETER];
    match &elf.interpreter {
        Some(path) if !kernels.contains(&path.as_str()) => {
            Some(Evidence::Interpreter(path.clone()))
        }
        _ => has(elf, Owner::Gnu, GNU_ABI_TAG).then_some(Evidence::Note("GNU")),
    }
}

/// The entry point for PVH, if a note gives one.
pub(super) fn pvh_entry(
    source: &mut Source<'_, impl Read + Seek>,
    elf: &Elf,
) -> io::Result<Option<u64>> {
    let is_entry = |note: &&Note| note.owner == Owner::Xen && note.kind == XEN_PVH_ENTRY;
    let Some(note) = elf.notes.iter().find(is_entry) else { return Ok(None) };
    let fields = Fields::new(source.at(note.offset, 8)?, elf.shape.big_endian);
    Ok(match note.size {
        4 => fields.u32(0).map(u64::from),
        8 => fields.u64(0),
        _ => None,
    })
}

fn has(elf: &Elf, owner: Owner, kind: u32) -> bool {
    elf.notes.iter().any(|note| note.owner == owner && note.kind == kind)
}

fn note_size(note: Note) -> usize {
    usize::try_from(note.size).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_fit_the_overlap() {
        for word in [LINUX, UNIKRAFT, FREEBSD, HERMIT_LOADER, RUMPRUN, RUMP, OCAML, NETBSD] {
            assert!(word.len() <= scan::MAX_WORD, "{word}");
        }
    }
}
