//! The architecture of an image by the kernel's first bytes (contract section 3): headers written here
//! by the specifications of ELF, PE and Linux's boot protocols.

use crate::project::with_fields;
use crate::support::{Folder, bimanix, done};
use serde_json::Value;

/// An ELF header alone.
fn elf(class: u8, data: u8, machine: u16) -> Vec<u8> {
    let number = |value: u16| if data == 1 { value.to_le_bytes() } else { value.to_be_bytes() };
    let size: u16 = if class == 2 { 64 } else { 52 };
    let mut header = vec![0; 64];
    header[..7].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, data, 1]);
    header[16..18].copy_from_slice(&number(2));
    header[18..20].copy_from_slice(&number(machine));
    header[if data == 1 { 20 } else { 23 }] = 1;
    let at = if class == 2 { 52 } else { 40 };
    header[at..at + 2].copy_from_slice(&number(size));
    header
}

/// Unikraft for Multiboot: the ELF32 header of an i386 and a program header in front of the 64-bit
/// file.
fn wrapped() -> Vec<u8> {
    let mut file = elf(1, 1, 3);
    file[28] = 52; // e_phoff
    file[42] = 32; // e_phentsize
    file[44] = 1; // e_phnum
    file.truncate(52);
    file.extend([0; 32]);
    file.extend(elf(2, 1, 62));
    file.extend([0; 512]);
    file
}

fn pe(machine: u16) -> Vec<u8> {
    let mut file = vec![0; 512];
    file[..2].copy_from_slice(b"MZ");
    file[0x3c] = 0x80;
    file[0x80..0x84].copy_from_slice(b"PE\0\0");
    file[0x84..0x86].copy_from_slice(&machine.to_le_bytes());
    file
}

fn bz_image(load_flags: u8) -> Vec<u8> {
    let mut file = vec![0; 4096];
    file[0x1f1] = 1;
    file[0x1fe..0x200].copy_from_slice(&[0x55, 0xaa]);
    file[0x202..0x206].copy_from_slice(b"HdrS");
    file[0x206..0x208].copy_from_slice(&0x020f_u16.to_le_bytes());
    file[0x211] = 1;
    file[0x236] = load_flags;
    file
}

fn flat(at: usize, magic: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 512];
    file[at..at + magic.len()].copy_from_slice(magic);
    file
}

fn riscv_image() -> Vec<u8> {
    let mut file = flat(0x38, b"RSC\x05");
    file[0x30..0x35].copy_from_slice(b"RISCV");
    file
}

fn project(kernel: &[u8], more: &str) -> Folder {
    let folder = Folder::new();
    folder.write("kernel", kernel);
    folder.write("args.nix", with_fields(more));
    folder
}

#[test]
fn known_by_their_headers() {
    let known: &[(&str, Vec<u8>, &str)] = &[
        ("x86-64", elf(2, 1, 62), "amd64"),
        ("i386", elf(1, 1, 3), "386"),
        ("Mewz, which says i386 in a 64-bit file", elf(2, 1, 3), "amd64"),
        ("Unikraft behind ELF32", wrapped(), "amd64"),
        ("aarch64", elf(2, 1, 183), "arm64"),
        ("arm", elf(1, 1, 40), "arm/v7"),
        ("riscv64", elf(2, 1, 243), "riscv64"),
        ("ppc64le", elf(2, 1, 21), "ppc64le"),
        ("s390x", elf(2, 2, 22), "s390x"),
        ("loongarch64", elf(2, 1, 258), "loong64"),
        ("PE of x86-64", pe(0x8664), "amd64"),
        ("PE of i386", pe(0x014c), "386"),
        ("PE of arm64", pe(0xaa64), "arm64"),
        ("PE of arm", pe(0x01c4), "arm/v7"),
        ("PE of riscv64", pe(0x5064), "riscv64"),
        ("PE of loongarch64", pe(0x6264), "loong64"),
        ("bzImage, 64 bits", bz_image(1), "amd64"),
        ("arm64 Image", flat(0x38, b"ARM\x64"), "arm64"),
        ("riscv64 Image", riscv_image(), "riscv64"),
    ];
    for (name, bytes, expected) in known {
        let folder = project(bytes, "");
        let guest = if name.contains("Unikraft") { "unikraft" } else { "linux" };
        folder.write("args.nix", with_fields("").replace("linux", guest));
        let built: Value =
            serde_json::from_slice(&done(folder.path(), &["build", "--json"]).stdout).unwrap();
        assert_eq!(built["architecture"], *expected, "{name}");
        // The same word is accepted, and every other is a mistake.
        let (word, _) = expected.split_once('/').unwrap_or((expected, ""));
        for given in ["amd64", "arm64", "386", "arm", "riscv64"] {
            let text = with_fields(&format!("architecture =\n\"{given}\";"));
            folder.write("args.nix", text);
            let output = bimanix(folder.path()).args(["check", "--json"]).output().unwrap();
            let mut list: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
            // Not every one of these is a Linux, or one that urunc and QEMU would start.
            list.retain(|finding| {
                finding["code"] != "unikernel/no-boot-protocol"
                    && finding["code"] != "unikernel/guest-mismatch"
                    && finding["code"] != "urunc/architecture"
            });
            if given == word {
                assert!(list.is_empty(), "{name}: {list:?}");
            } else {
                assert_eq!(list.len(), 1, "{name}: {list:?}");
                assert_eq!(list[0]["code"], "unikernel/architecture-mismatch", "{name}");
                assert_eq!(list[0]["line"], 6, "{name}");
            }
        }
    }
}

#[test]
fn unknown_ones_must_be_said() {
    let unknown: &[(&str, Vec<u8>)] = &[
        ("a text", b"#!/bin/sh\necho\n".to_vec()),
        ("one byte of ELF", vec![0x7f]),
        ("the magic alone", b"\x7fELF".to_vec()),
        ("a class that is none", elf(3, 1, 62)),
        ("a byte order that is none", elf(2, 3, 62)),
        ("a machine nobody builds images for", elf(2, 1, 9999)),
        ("MZ alone", b"MZ".to_vec()),
        ("zeros", vec![0; 5000]),
        ("a gzip header", b"\x1f\x8b\x08\0".to_vec()),
    ];
    for (name, bytes) in unknown {
        let folder = project(bytes, "");
        let output = bimanix(folder.path()).arg("check").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains("[unikernel/unknown-architecture]"), "{name}: {said}");
        folder.write("args.nix", with_fields("architecture = \"amd64\";"));
        let built: Value =
            serde_json::from_slice(&done(folder.path(), &["build", "--json"]).stdout).unwrap();
        assert_eq!(built["architecture"], "amd64", "{name}");
    }
}

/// A kernel cut at any byte is still only a file.
#[test]
fn kernels_that_end_early() {
    let folder = project(b"", "architecture = \"amd64\";");
    for whole in [wrapped(), elf(2, 1, 62), pe(0x8664), bz_image(1), riscv_image()] {
        for length in (0..whole.len()).step_by(1 + whole.len() / 40) {
            folder.write("kernel", &whole[..length]);
            let output = bimanix(folder.path()).arg("check").output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(output.status.code(), Some(0 | 1)), "{length}: {said}");
        }
    }
}
