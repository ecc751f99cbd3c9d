//! What the tests share: running the program, temporary folders, comparing with expectations.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that goes away with the value.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("bimanix-it-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Folder(path.canonicalize().unwrap())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The program in a folder, without the environment of the test run.
pub fn bimanix(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bimanix"));
    command.current_dir(folder).env_clear();
    command
}

/// Runs the program and expects it to be done.
pub fn done(folder: &Path, arguments: &[&str]) -> Output {
    let output = bimanix(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The smallest file that is known as an x86-64 kernel: an ELF header.
fn elf() -> Vec<u8> {
    let mut header = vec![0; 64];
    header[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    header[16] = 2; // ET_EXEC
    header[18] = 62; // EM_X86_64
    header[20] = 1;
    header[52] = 64;
    header
}

/// The smallest kernel that QEMU would start: with a Multiboot header that says where to load it.
pub fn kernel() -> Vec<u8> {
    let flags: u32 = 1 << 16;
    let magic: u32 = 0x1bad_b002;
    let checksum = 0_u32.wrapping_sub(magic).wrapping_sub(flags);
    let multiboot = [magic, flags, checksum];
    [elf(), multiboot.iter().flat_map(|word| word.to_le_bytes()).collect()].concat()
}

/// A device of a Solo5 manifest: its name, and 1 for a block or 2 for a network device.
pub type Device<'d> = (&'d str, u32);

/// What rumprun declares where its container has a network.
pub const TAP: Device<'static> = ("tap", 2);

/// A Solo5 guest for hvt (1) or spt (2) that declares these devices (contract section 3.1).
pub fn solo5(target: u32, devices: &[Device<'_>]) -> Vec<u8> {
    let note = |kind: u32, desc: &[u8]| {
        let words = [6, u32::try_from(desc.len()).unwrap(), kind];
        let head: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        [&head, b"Solo5\0\0\0".as_slice(), desc].concat()
    };
    let abi: Vec<u8> = [target, 2, 0, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
    let entry = |name: &str, kind: u32| {
        let mut entry = vec![0; 104];
        entry[..name.len()].copy_from_slice(name.as_bytes());
        entry[68..72].copy_from_slice(&kind.to_le_bytes());
        entry
    };
    let mut entries = vec![entry("", 0x4000_0000)];
    entries.extend(devices.iter().map(|&(name, kind)| entry(name, kind)));
    let count = u32::try_from(entries.len()).unwrap();
    let mut manifest = vec![0; 4];
    manifest.extend([1, count].iter().flat_map(|word: &u32| word.to_le_bytes()));
    manifest.extend(entries.concat());
    let segments = [
        (3_u32, b"/nonexistent/solo5/\0".to_vec()),
        (4, note(0x3149_4241, &abi)),
        (4, note(0x3154_464d, &manifest)),
    ];
    let mut file = elf();
    file[32] = 64; // e_phoff
    file[54] = 56; // e_phentsize
    file[56] = 3; // e_phnum
    let mut at = 64 + 3 * 56;
    let mut body = Vec::new();
    for (kind, bytes) in segments {
        let size = bytes.len() as u64;
        file.extend([kind, 4].iter().flat_map(|word| word.to_le_bytes()));
        file.extend([at, at, at, size, size, 4].iter().flat_map(|word: &u64| word.to_le_bytes()));
        body.extend(&bytes);
        body.resize(body.len().next_multiple_of(8), 0);
        at = 64 + 3 * 56 + body.len() as u64;
    }
    file.extend(body);
    file
}

/// The kernel that an args.nix wants, as far as its monitor and its block image say.
pub fn kernel_for(text: &str) -> Vec<u8> {
    let is_mirage = text.contains("\"mirage\"");
    let (net, block) = if is_mirage { ("service", "storage") } else { ("tap", "rootfs") };
    let mut devices = vec![(net, 2)];
    devices.extend(text.contains(" block = \"/").then_some((block, 1)));
    let mut kernel = match text {
        _ if text.contains("\"hvt\"") => solo5(1, &devices),
        _ if text.contains("\"spt\"") => solo5(2, &devices),
        _ => kernel(),
    };
    // Some recipes name it as their block image as well.
    kernel.resize(kernel.len().next_multiple_of(512), 0);
    kernel
}

/// Copies a fixture folder, symlinks as they are.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_type().unwrap().is_symlink() {
            std::os::unix::fs::symlink(entry.path().read_link().unwrap(), target).unwrap();
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The fixture folders below `tests/`, sorted.
pub fn fixtures(kind: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(kind);
    let mut folders: Vec<PathBuf> = root
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "no fixtures in {}", root.display());
    folders
}

/// Collects differences, so that one run shows all of them; `UPDATE=1` writes what was found instead.
#[derive(Default)]
pub struct Expectations(Vec<String>);

impl Expectations {
    pub fn check(&mut self, file: &Path, found: &str) {
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(file, found).unwrap();
            return;
        }
        let expected = std::fs::read_to_string(file).unwrap_or_default();
        if expected != found {
            let name = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file).display();
            self.0.push(format!("{name}\n--- expected\n{expected}--- found\n{found}"));
        }
    }

    pub fn finish(self) {
        assert!(
            self.0.is_empty(),
            "{} differ; UPDATE=1 accepts them\n\n{}",
            self.0.len(),
            self.0.join("\n")
        );
    }
}
