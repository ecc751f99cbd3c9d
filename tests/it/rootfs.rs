//! What the guest decides about its root file system.

use crate::project::Project;
use crate::support::done;

/// A tar archive with a file of two names.
fn archive() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(5);
    header.set_mode(0o644);
    archive.append_data(&mut header, "one", &b"hello"[..]).unwrap();
    header.set_size(0);
    header.set_entry_type(tar::EntryType::Link);
    archive.append_link(&mut header, "two", "one").unwrap();
    archive.into_inner().unwrap()
}

/// Unikraft does not know hard links, so each name has the bytes; Linux finds them at the last one.
#[test]
fn hard_links_are_for_guests_that_know_them() {
    let mut counts = Vec::new();
    for guest in ["unikraft", "linux"] {
        let project = Project::new();
        let folder = &project.0;
        folder.write("links.tar", archive());
        let text = format!(
            "{{ name = \"a\"; files.\"kernel\" = \"/k\"; rootfs = {{ type = \"initrd\"; from = ./links.tar; }}; \
             annotations = {{ unikernelType = \"{guest}\"; hypervisor = \"qemu\"; binary = \"/k\"; cmdline = \"x\"; }}; }}"
        );
        assert!(!project.codes(&text).iter().any(|code| code.starts_with("rootfs/")));
        done(folder.path(), &["build", "-o", "image"]);
        let image = std::fs::read(folder.path().join("image")).unwrap();
        counts.push(image.windows(5).filter(|bytes| bytes == b"hello").count());
    }
    assert_eq!(counts, [2, 1]);
}
