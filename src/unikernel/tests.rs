//! The room as its users see it: synthetic kernels, cut, twisted and mutated ones.

use std::io::Cursor;

use super::synthetic::*;
use super::*;

fn describe(bytes: &[u8]) -> Unikernel {
    read(&mut Cursor::new(bytes)).unwrap()
}

fn guest(bytes: &[u8]) -> Option<(Guest, Evidence)> {
    describe(bytes).guest.map(|known| (known.value, known.by))
}

fn architecture(bytes: &[u8]) -> Option<(Architecture, Evidence)> {
    describe(bytes).architecture.map(|known| (known.value, known.by))
}

fn faults(bytes: &[u8]) -> Vec<Fault> {
    describe(bytes).problems.into_iter().map(|malformed| malformed.fault).collect()
}

fn section(name: &str) -> Evidence {
    Evidence::Section(name.to_owned())
}

fn device(name: &str, kind: DeviceKind) -> Device {
    Device { name: name.to_owned(), kind }
}

/// One file of every kind.
fn all() -> Vec<Vec<u8>> {
    vec![
        solo5(1, &[("service", 2), ("storage", 1)]).bytes(),
        solo5(2, &[]).segment(LOAD, b"rump_").bytes(),
        wrapped_unikraft(true),
        wrapped_unikraft(false),
        ElfFile::amd64().section(".uk_libinfo", libinfo(1, &[(7, "0.18.0~abc")])).bytes(),
        mewz(),
        hermit(),
        freebsd(),
        vmlinux(),
        bz_image(0x020f, 1),
        with_pe(bz_image(0x020f, 1), 0x40, 0x8664),
        with_pe(arm64_image("Linux version 6.1.0"), 0x40, 0xaa64),
        riscv_image(),
        zboot(),
        with_pe(vec![], 0x80, 0xaa64),
        vec![0x1f, 0x8b, 8, 0],
        [vec![0; 16], multiboot1(0x10003)].concat(),
        {
            let mut elf = ElfFile::new(true, 22).segment(LOAD, b"s390");
            elf.big_endian = true;
            elf.section(".uk_inittab", b"").bytes()
        },
    ]
}

fn mewz() -> Vec<u8> {
    let mut elf = ElfFile::new(true, 3);
    elf.gap = [multiboot2(), multiboot1(0)].concat();
    elf.bytes()
}

fn hermit() -> Vec<u8> {
    let mut elf = ElfFile::amd64().segment(NOTE, note(b"HERMIT\0", 0x5a00, &[4]));
    elf.os_abi = 0xff;
    elf.kind = 3;
    elf.bytes()
}

fn freebsd() -> Vec<u8> {
    let mut elf = ElfFile::amd64()
        .segment(INTERP, b"/red/herring\0")
        .segment(NOTE, note(b"Xen\0", 18, &[0, 0, 0x20, 0]));
    elf.os_abi = 9;
    elf.bytes()
}

fn vmlinux() -> Vec<u8> {
    let notes = [note(b"Xen\0", 18, &[0, 1, 0, 0, 0, 0, 0, 0]), note(b"Linux\0", 0x100, b"salt")];
    ElfFile::amd64()
        .segment(LOAD, b"Linux version 6.12.1 (a@b)")
        .segment(NOTE, notes.concat())
        .bytes()
}

fn zboot() -> Vec<u8> {
    let mut file = with_pe(vec![], 0x40, 0xaa64);
    put(&mut file, 4, b"zimg");
    put(&mut file, 8, &[0xc0, 0, 0, 0, 16, 0, 0, 0]);
    put(&mut file, 0xc0, &[0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file
}

#[test]
fn solo5_targets_and_devices_are_read() {
    let targets = [
        (1, Solo5Target::Hvt, Some("hvt")),
        (2, Solo5Target::Spt, Some("spt")),
        (3, Solo5Target::Virtio, Some("qemu")),
        (4, Solo5Target::Muen, None),
        (5, Solo5Target::Genode, None),
        (6, Solo5Target::Xen, None),
        (7, Solo5Target::Other(7), None),
    ];
    for (number, target, monitor) in targets {
        let found = describe(&solo5(number, &[("service", 2), ("storage", 1)]).bytes());
        let solo5 = found.solo5.unwrap();
        assert_eq!(solo5.abi, Some(Solo5Abi { target, version: 2 }));
        assert_eq!(target.monitor(), monitor);
        let devices = [device("service", DeviceKind::Net), device("storage", DeviceKind::Block)];
        assert_eq!(solo5.devices.unwrap(), devices);
        assert_eq!(found.problems, []);
        assert_eq!(found.program, None);
    }
}

#[test]
fn mirage_and_rumprun_are_told_apart() {
    let by = |name: &str| Evidence::DeviceName(name.to_owned());
    let of = |devices: &[(&str, u32)], text: &[u8]| {
        guest(&solo5(1, devices).segment(LOAD, text).bytes())
    };
    assert_eq!(of(&[("tap", 2)], b""), Some((Guest::Rumprun, by("tap"))));
    assert_eq!(of(&[("rootfs", 1)], b"caml_"), Some((Guest::Rumprun, by("rootfs"))));
    assert_eq!(of(&[("service", 2)], b"rump_"), Some((Guest::Mirage, by("service"))));
    assert_eq!(of(&[("net0", 2)], b"caml_main"), Some((Guest::Mirage, Evidence::Text("caml_"))));
    assert_eq!(
        of(&[("tap", 2), ("storage", 1)], b"caml_ rump_"),
        Some((Guest::Rumprun, Evidence::Text("rump_")))
    );
    assert_eq!(of(&[], b"rumprun"), Some((Guest::Rumprun, Evidence::Text("rumprun"))));
    assert_eq!(of(&[], b"NetBSD"), Some((Guest::Rumprun, Evidence::Text("NetBSD"))));
    assert_eq!(of(&[], b"hello"), None);
}

#[test]
fn the_interpreter_alone_says_solo5() {
    let found = describe(&ElfFile::amd64().segment(INTERP, b"/nonexistent/solo5/\0").bytes());
    assert_eq!(found.solo5, Some(Solo5 { abi: None, devices: None }));
    assert_eq!(found.guest, None);
}

#[test]
fn only_the_first_note_of_a_segment_and_the_first_of_its_type_count() {
    let both = [note(b"OpenBSD\0", 1, &[0; 4]), solo5_abi(1, 2)].concat();
    let found = describe(&ElfFile::amd64().segment(NOTE, both).bytes());
    assert_eq!(found.solo5, None);
    assert_eq!(found.problems[0].fault, Fault::Hidden { part: Part::Solo5Abi });

    let found = describe(&solo5(1, &[]).segment(NOTE, solo5_abi(2, 2)).bytes());
    assert_eq!(found.solo5.unwrap().abi.unwrap().target, Solo5Target::Hvt);
    assert_eq!(found.problems[0].fault, Fault::Repeated { part: Part::Solo5Abi });
}

#[test]
fn a_manifest_that_no_tender_takes_is_told() {
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut manifest = solo5_manifest(&[("a", 1)]);
        change(&mut manifest);
        let bytes = ElfFile::amd64().segment(NOTE, manifest).bytes();
        (describe(&bytes).solo5.and_then(|solo5| solo5.devices), faults(&bytes))
    };
    let part = Part::Solo5Manifest;
    // Note header 20 bytes, then 4 of padding, the version, the number of entries, the entries.
    let entry = 32 + 104;
    assert_eq!(with(&|_| ()), (Some(vec![device("a", DeviceKind::Block)]), vec![]));
    assert_eq!(
        with(&|m| put(m, 28, &[0xff; 4])),
        (None, vec![Fault::Count { part, count: 0xffff_ffff, most: 64 }])
    );
    assert_eq!(
        with(&|m| put(m, 28, &[0; 4])),
        (None, vec![Fault::Count { part, count: 0, most: 64 }])
    );
    assert_eq!(
        with(&|m| put(m, 28, &[64])),
        (None, vec![Fault::Size { part, size: 220, expected: 6668 }])
    );
    assert_eq!(
        with(&|m| put(m, 24, &[2])),
        (None, vec![Fault::Version { part, version: 2, expected: 1 }])
    );
    assert_eq!(with(&|m| put(m, 4, &[8, 0, 0, 0])).0, None);
    assert_eq!(with(&|m| put(m, 32, b"x")).1, [Fault::FirstEntry]);
    assert_eq!(with(&|m| put(m, 32 + 68, &[1])).1, [Fault::FirstEntry]);
    let name = |name: &str| Fault::DeviceName { name: name.to_owned() };
    assert_eq!(with(&|m| put(m, entry, &[b'a'; 68])).1, [name(&"a".repeat(68))]);
    assert_eq!(with(&|m| put(m, entry, b"a-b")).1, [name("a-b")]);
    assert_eq!(with(&|m| put(m, entry, &[0])).1, [name("")]);
    assert_eq!(
        with(&|m| put(m, entry + 96, &[1])).1,
        [Fault::DeviceAttached { name: "a".to_owned() }]
    );
    assert_eq!(
        with(&|m| put(m, entry + 68, &[9])),
        (
            Some(vec![device("a", DeviceKind::Other(9))]),
            vec![Fault::DeviceKind { name: "a".to_owned(), kind: 9 }]
        )
    );
    let many: Vec<(&str, u32)> = vec![("d", 1); 63];
    let found = describe(&solo5(1, &many).bytes());
    assert_eq!(found.solo5.unwrap().devices.unwrap().len(), 63);
}

#[test]
fn unikraft_is_amd64_behind_its_elf32_header() {
    for multiboot in [true, false] {
        let found = describe(&wrapped_unikraft(multiboot));
        let inner = if multiboot { 96 } else { 84 };
        assert_eq!(found.format, Format::UnikraftElf32 { inner });
        assert_eq!(found.guest.unwrap().value, Guest::Unikraft);
        assert_eq!(found.architecture.unwrap().value, Architecture::Amd64);
        assert_eq!(found.unikraft_version.unwrap().value, "0.17.0");
        assert_eq!(found.boot.len(), usize::from(multiboot));
        assert_eq!(found.problems, []);
    }
}

#[test]
fn unikraft_is_known_by_its_sections() {
    for name in [
        ".uk_inittab",
        ".uk_ctortab",
        ".uk_thread_inittab",
        ".uk_bootinfo",
        ".uk_libinfo",
        "netdev__param_arg",
        "uk_lib_arg__lib_param",
    ] {
        let elf = ElfFile::new(true, 183).section(".text", b"").section(name, b"").bytes();
        assert_eq!(guest(&elf), Some((Guest::Unikraft, section(name))));
        assert_eq!(architecture(&elf), Some((Architecture::Arm64, Evidence::ElfMachine)));
    }
    assert_eq!(guest(&ElfFile::amd64().section(".text", b"").bytes()), None);
}

#[test]
fn the_version_of_unikraft_is_that_of_the_core() {
    let of = |blocks: &[Vec<u8>]| {
        let elf = ElfFile::amd64().section(".uk_libinfo", blocks.concat()).bytes();
        (describe(&elf).unikraft_version.map(|known| known.value), faults(&elf))
    };
    let version = |text: &str| Some(text.to_owned());
    let library = libinfo(1, &[(1, "libuk"), (6, "9.9")]);
    assert_eq!(of(&[library.clone(), libinfo(1, &[(6, "0.18.0")])]), (version("0.18.0"), vec![]));
    assert_eq!(of(&[libinfo(1, &[(7, "0.18.0~1a")])]).0, version("0.18.0~1a"));
    assert_eq!(of(&[libinfo(1, &[(7, "0.18.0~1a"), (6, "0.18.0")])]).0, version("0.18.0"));
    assert_eq!(of(&[library]), (None, vec![]));
    let part = Part::Libinfo;
    assert_eq!(
        of(&[libinfo(2, &[(6, "1")])]),
        (None, vec![Fault::Version { part, version: 2, expected: 1 }])
    );
    assert_eq!(of(&[vec![0; 6]]), (None, vec![Fault::Size { part, size: 0, expected: 6 }]));
    assert!(matches!(of(&[vec![0xff; 6]]).1[..], [Fault::PastEnd { .. }]));
    let mut short = libinfo(1, &[(6, "0.18.0")]);
    short[8] = 0xff;
    assert!(matches!(of(&[short]).1[..], [Fault::PastEnd { .. }]));
}

#[test]
fn other_guests_are_known_by_their_marks() {
    assert_eq!(guest(&mewz()), Some((Guest::Mewz, Evidence::ElfClassAndMachine)));
    assert_eq!(architecture(&mewz()), Some((Architecture::Amd64, Evidence::ElfClassAndMachine)));
    assert_eq!(
        describe(&mewz()).boot,
        [
            BootProtocol::Multiboot1 { offset: 80, address_fields: false },
            BootProtocol::Multiboot2 { offset: 64 }
        ]
    );
    assert_eq!(guest(&hermit()), Some((Guest::Hermit, Evidence::Note("HERMIT"))));
    let by = Evidence::Interpreter("/red/herring".to_owned());
    assert_eq!(guest(&freebsd()), Some((Guest::Freebsd, by)));
    assert_eq!(describe(&freebsd()).boot, [BootProtocol::Pvh { entry: 0x0020_0000 }]);
    assert_eq!(describe(&freebsd()).program, None);
    assert_eq!(guest(&vmlinux()), Some((Guest::Linux, Evidence::Note("Linux"))));
    assert_eq!(describe(&vmlinux()).linux_version.unwrap().value, "6.12.1");
    assert_eq!(describe(&vmlinux()).boot, [BootProtocol::Pvh { entry: 0x100 }]);

    let stripped = ElfFile::amd64().segment(LOAD, b"Linux version 5.10.0 (x)").bytes();
    assert_eq!(guest(&stripped), Some((Guest::Linux, Evidence::Text("Linux version "))));
    let xen = ElfFile::amd64().segment(NOTE, note(b"Xen\0", 6, b"FreeBSD\0")).bytes();
    assert_eq!(guest(&xen), Some((Guest::Freebsd, Evidence::Note("Xen"))));
    let mut bare = ElfFile::amd64();
    bare.os_abi = 9;
    assert_eq!(guest(&bare.bytes()), Some((Guest::Freebsd, Evidence::ElfOsAbi)));
}

#[test]
fn a_program_is_no_kernel() {
    let dynamic = ElfFile::amd64().segment(INTERP, b"/lib64/ld-linux-x86-64.so.2\0");
    let found = describe(&dynamic.segment(LOAD, b"Linux version 6.1").bytes());
    let by = Evidence::Interpreter("/lib64/ld-linux-x86-64.so.2".to_owned());
    assert_eq!((found.program, found.guest), (Some(by), None));
    let tagged = ElfFile::amd64().segment(NOTE, note(b"GNU\0", 1, &[0; 16])).bytes();
    assert_eq!(describe(&tagged).program, Some(Evidence::Note("GNU")));
}

#[test]
fn machines_become_oci_architectures() {
    let of = |machine, wide, big_endian| {
        let mut elf = ElfFile::new(wide, machine);
        elf.big_endian = big_endian;
        let known = describe(&elf.bytes()).architecture;
        known.map(|known| (known.value.oci(), known.value.variant()))
    };
    assert_eq!(of(62, true, false), Some(("amd64", None)));
    assert_eq!(of(3, false, false), Some(("386", None)));
    assert_eq!(of(183, true, false), Some(("arm64", None)));
    assert_eq!(of(40, false, false), Some(("arm", Some("v7"))));
    assert_eq!(of(21, true, false), Some(("ppc64le", None)));
    assert_eq!(of(243, true, false), Some(("riscv64", None)));
    assert_eq!(of(22, true, true), Some(("s390x", None)));
    assert_eq!(of(258, true, false), Some(("loong64", None)));
    assert_eq!(of(21, true, true), None);
    assert_eq!(of(243, false, false), None);
    assert_eq!(of(8, false, true), None);

    for (machine, name) in [
        (0x8664, "amd64"),
        (0x014c, "386"),
        (0xaa64, "arm64"),
        (0x01c4, "arm"),
        (0x5064, "riscv64"),
        (0x6264, "loong64"),
    ] {
        let found = describe(&with_pe(vec![], 0x80, machine));
        let known = found.architecture.unwrap();
        assert_eq!((known.value.oci(), known.by), (name, Evidence::PeMachine));
        assert_eq!((found.format, found.machine), (Format::Pe, Some(machine)));
        assert_eq!(found.boot, [BootProtocol::Efi]);
    }
}

#[test]
fn boot_images_are_known() {
    let found = describe(&bz_image(0x020f, 1));
    assert_eq!(found.format, Format::BzImage);
    assert_eq!(found.linux_version.as_ref().unwrap().value, "6.1.0-test");
    assert_eq!(found.architecture.as_ref().unwrap().value, Architecture::Amd64);
    let protocol = BootProtocol::LinuxX86 { version: 0x020f, long_mode: Some(true) };
    assert_eq!(found.boot, [protocol]);
    assert_eq!(found.problems, []);
    assert_eq!(
        architecture(&bz_image(0x020c, 0)),
        Some((Architecture::I386, Evidence::SetupHeader))
    );
    assert_eq!(architecture(&bz_image(0x020b, 1)), None);
    assert_eq!(
        architecture(&with_pe(bz_image(0x020b, 1), 0x40, 0x8664)),
        Some((Architecture::Amd64, Evidence::PeMachine))
    );
    let stub = describe(&with_pe(bz_image(0x020f, 1), 0x40, 0x8664));
    assert_eq!((stub.format, stub.boot.len()), (Format::BzImage, 2));

    let found = describe(&arm64_image("Linux version 6.1.0-arm (x)"));
    assert_eq!(found.format, Format::Arm64Image);
    assert_eq!(found.architecture.unwrap().value, Architecture::Arm64);
    assert_eq!(found.guest.unwrap().value, Guest::Linux);
    assert_eq!(found.linux_version.unwrap().value, "6.1.0-arm");
    let unikraft = Some((Guest::Unikraft, Evidence::Text("libukboot")));
    assert_eq!(guest(&arm64_image("libukboot")), unikraft);
    assert_eq!(guest(&arm64_image("Linux version %s")), None);
    assert_eq!(architecture(&riscv_image()), Some((Architecture::Riscv64, Evidence::ImageHeader)));
    let found = describe(&zboot());
    assert_eq!(found.format, Format::EfiZboot(Some(Compression::Zstd)));
    assert_eq!(found.architecture.unwrap().value, Architecture::Arm64);
    assert_eq!(describe(b"\x1f\x8b\x08").format, Format::Compressed(Compression::Gzip));
    assert_eq!(describe(b"hello").format, Format::Unknown);
    assert_eq!(faults(b""), [Fault::Empty]);
}

#[test]
fn multiboot_needs_its_checksum_and_its_place() {
    let at = |place: usize, header: Vec<u8>| describe(&[vec![0; place], header].concat()).boot;
    let first = |offset, address_fields| BootProtocol::Multiboot1 { offset, address_fields };
    assert_eq!(at(4, multiboot1(0)), [first(4, false)]);
    assert_eq!(at(8180, multiboot1(0x0001_0003)), [first(8180, true)]);
    assert_eq!(at(8184, multiboot1(0)), []);
    assert_eq!(at(6, multiboot1(0)), []);
    assert_eq!(at(32_752, multiboot2()), [BootProtocol::Multiboot2 { offset: 32_752 }]);
    assert_eq!(at(12, multiboot2()), []);
    let mut broken = multiboot1(0);
    broken[8] ^= 1;
    assert_eq!(at(4, broken), []);
}

#[test]
fn hostile_tables_are_cut() {
    let mut elf = ElfFile::amd64().segment(LOAD, b"x").section(".text", b"").bytes();
    put(&mut elf, 56, &[0xff, 0xff]);
    put(&mut elf, 60, &[0xff, 0xff]);
    let found = describe(&elf);
    let count = |part| Fault::Count { part, count: 65_535, most: 4096 };
    let faults: Vec<Fault> = found.problems.into_iter().map(|problem| problem.fault).collect();
    assert!(faults.contains(&count(Part::ProgramHeaders)), "{faults:?}");
    assert!(faults.contains(&count(Part::SectionHeaders)), "{faults:?}");

    let mut elf = ElfFile::amd64().segment(LOAD, b"x").bytes();
    put(&mut elf, 54, &[57]);
    let part = Part::ProgramHeaders;
    assert_eq!(self::faults(&elf), [Fault::Size { part, size: 57, expected: 56 }]);
    put(&mut elf, 32, &[0xff; 8]);
    put(&mut elf, 54, &[56]);
    assert!(matches!(self::faults(&elf)[..], [Fault::PastEnd { end: u64::MAX, .. }]));
}

#[test]
fn hostile_notes_end_their_segment() {
    let with = |notes: Vec<u8>| faults(&ElfFile::amd64().segment(NOTE, notes).bytes());
    let mut long = note(b"Xen\0", 18, &[0; 4]);
    put(&mut long, 4, &[0xff; 4]);
    assert!(matches!(with(long.clone())[..], [Fault::PastEnd { part: Part::Note, .. }]));
    put(&mut long, 0, &[0xff; 4]);
    assert!(matches!(with(long)[..], [Fault::PastEnd { part: Part::Note, .. }]));
    let part = Part::NoteSegment;
    assert_eq!(with(vec![1; 8]), [Fault::Size { part, size: 8, expected: 12 }]);
    assert_eq!(with(vec![0; 64]), []);
    let many = note(b"", 1, b"").repeat(1000);
    assert_eq!(with(many), [Fault::Count { part: Part::Note, count: 257, most: 256 }]);

    // Segments that overlap: the second begins inside the first, at its second note.
    let two = [solo5_abi(1, 2), solo5_abi(2, 2)].concat();
    let mut elf = ElfFile::amd64().segment(NOTE, two).segment(NOTE, b"").bytes();
    let first = u64::from_le_bytes(elf[72..80].try_into().unwrap());
    put(&mut elf, 64 + 56 + 8, &(first + 36).to_le_bytes());
    put(&mut elf, 64 + 56 + 32, &36_u64.to_le_bytes());
    let found = describe(&elf);
    assert_eq!(found.solo5.unwrap().abi.unwrap().target, Solo5Target::Hvt);
    assert_eq!(
        found.problems.into_iter().map(|problem| problem.fault).collect::<Vec<_>>(),
        [Fault::Hidden { part: Part::Solo5Abi }, Fault::Repeated { part: Part::Solo5Abi }]
    );
}

#[test]
fn notes_eight_apart_are_followed() {
    let property = [note(b"GNU\0", 5, &[0; 12]), vec![0; 4]].concat();
    let mut elf = ElfFile::amd64();
    let notes = [property, note(b"HERMIT\0", 0x5a00, &[1])].concat();
    elf.segments.push((NOTE, 8, notes));
    assert_eq!(guest(&elf.bytes()), Some((Guest::Hermit, Evidence::Note("HERMIT"))));
}

#[test]
fn every_length_of_every_file_is_described() {
    for whole in all() {
        assert_eq!(describe(&whole).problems, [], "{:?}", describe(&whole));
        for length in 0..whole.len() {
            let found = describe(&whole[..length]);
            assert_eq!(found.size, length as u64);
            assert!(found.problems.is_sorted_by_key(|problem| problem.offset));
        }
    }
}

#[test]
fn mutated_files_are_described() {
    let files = all();
    let mut random = Xorshift::new();
    for round in 0..100_000 {
        let mut file = files[round % files.len()].clone();
        mutate(&mut file, &mut random);
        let found = describe(&file);
        assert!(found.problems.len() <= 64);
    }
}

#[test]
fn descriptions_read_as_sentences() {
    let mut manifest = solo5_manifest(&[("a", 1)]);
    put(&mut manifest, 28, &[0xff; 4]);
    let found = describe(&ElfFile::amd64().segment(NOTE, manifest).bytes());
    assert_eq!(
        found.problems[0].to_string(),
        "at byte 140: Solo5's manifest claims 4294967295 entries, of which at most 64 are read"
    );
    let known = describe(&solo5(1, &[("tap", 2)]).bytes()).guest.unwrap();
    assert_eq!(known.value.to_string(), "rumprun");
    assert_eq!(known.by.to_string(), "the name of the Solo5 device `tap`");
    assert!(known.by.is_guess());
    assert_eq!(
        BootProtocol::LinuxX86 { version: 0x020c, long_mode: None }.to_string(),
        "Linux/x86 boot protocol 2.12"
    );
}
