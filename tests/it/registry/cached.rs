//! What was pulled is kept: damaged, interrupted, and by several at once.

use super::*;
use bimanix::registry::CachedBlob;
use fake::part;
use server::Ending;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

struct Kept {
    folder: Folder,
    cache: Cache,
    digest: Digest,
}

impl Kept {
    /// An empty cache for the large blob.
    fn new() -> Self {
        let folder = Folder::new();
        let cache = Cache::at(folder.path());
        Kept { folder, cache, digest: Digest::of(&large()) }
    }

    fn fetch(&self, host: &str) -> Result<CachedBlob, Error> {
        let size = large().len() as u64;
        User::new().pulls(host, |pull| self.cache.blob(pull, self.digest, size))
    }

    fn file(&self) -> PathBuf {
        self.cache.path(self.digest)
    }

    fn part(&self) -> PathBuf {
        self.folder.path().join(format!("blobs/sha256/{}.part", self.digest.hex()))
    }

    /// The names of all files.
    fn names(&self) -> Vec<String> {
        let Ok(entries) = self.folder.path().join("blobs/sha256").read_dir() else {
            return Vec::new();
        };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn read(blob: CachedBlob) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    blob.reader().read_to_end(&mut bytes).map(|_| bytes)
}

fn with_large() -> Fake {
    let fake = Fake::new();
    fake.add_blob("team/app", &large());
    fake
}

/// The address of nobody.
const NOWHERE: &str = "registry.invalid";

#[test]
fn what_was_fetched_needs_no_network() {
    let kept = Kept::new();
    let fake = with_large();
    let manifest = br#"{"config":{},"layers":[]}"#;
    let digest = Digest::of(manifest);
    let key = ("team/app".to_owned(), digest.to_string());
    fake.state().manifests.insert(key, (MANIFEST.to_owned(), manifest.to_vec()));
    let server = fake.start();
    let user = User::new();
    let fetched = user.pulls(&server.host(), |pull| kept.cache.manifest(pull, digest)).unwrap();
    assert!(read(kept.fetch(&server.host()).unwrap()).unwrap() == large());
    let asked = server.lines().len();
    assert_eq!(asked, 2);
    for host in [server.host().as_str(), NOWHERE] {
        let found = user.pulls(host, |pull| kept.cache.manifest(pull, digest)).unwrap();
        assert_eq!(found, fetched);
        let blob = kept.fetch(host).unwrap();
        assert_eq!(blob.path(), kept.file());
        assert!(read(blob).unwrap() == large());
    }
    assert_eq!(server.lines().len(), asked);
    let mut names = vec![kept.digest.hex(), digest.hex()];
    names.sort();
    assert_eq!(kept.names(), names);
    // What is not there needs one.
    let other = Digest::of(b"other");
    user.pulls(NOWHERE, |pull| kept.cache.blob(pull, other, 5)).unwrap_err();
    user.pulls(NOWHERE, |pull| kept.cache.manifest(pull, other)).unwrap_err();
    assert_eq!(kept.names(), names);
}

type Damage = fn(&Path);

/// What a disk may make of a file.
fn damages() -> [(&'static str, Damage); 5] {
    [
        ("a flipped bit", |file| {
            let mut bytes = std::fs::read(file).unwrap();
            bytes[1_234_567] ^= 1;
            std::fs::write(file, bytes).unwrap();
        }),
        ("zeros", |file| std::fs::write(file, vec![0; large().len()]).unwrap()),
        ("cut off", |file| std::fs::write(file, &large()[..1000]).unwrap()),
        ("too long", |file| std::fs::write(file, [large(), vec![0]].concat()).unwrap()),
        ("empty", |file| std::fs::write(file, "").unwrap()),
    ]
}

#[test]
fn a_damaged_blob_is_noticed_and_fetched_again() {
    for (what, damage) in damages() {
        let kept = Kept::new();
        let server = with_large().start();
        let read_whole = |host: &str| {
            User::new().pulls(host, |pull| {
                kept.cache.read_blob(pull, kept.digest, large().len() as u64, |reader| {
                    let mut bytes = Vec::new();
                    reader.read_to_end(&mut bytes).map(|_| bytes)
                })
            })
        };
        assert!(read_whole(&server.host()).unwrap() == large());
        damage(&kept.file());
        assert!(read_whole(&server.host()).unwrap() == large(), "{what}");
        assert_eq!(server.lines().len(), 2, "{what}");
        assert_eq!(kept.names(), [kept.digest.hex()], "{what}");
        // Somebody who reads a part alone is told as well.
        damage(&kept.file());
        let first = User::new().pulls(&server.host(), |pull| {
            kept.cache.read_blob(pull, kept.digest, large().len() as u64, |reader| {
                let mut bytes = [0; 9];
                reader.read_exact(&mut bytes).map(|()| bytes)
            })
        });
        assert_eq!(first.unwrap(), large()[..9], "{what}");
        assert_eq!(server.lines().len(), 3, "{what}");
        // Without a network it is an error, and no other bytes.
        damage(&kept.file());
        read_whole(NOWHERE).unwrap_err();
    }
}

#[test]
fn a_damaged_blob_is_an_error_to_who_reads_it() {
    let kept = Kept::new();
    let server = with_large().start();
    kept.fetch(&server.host()).unwrap();
    damages()[0].1(&kept.file());
    let error = read(kept.fetch(&server.host()).unwrap()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    kept.cache.forget(kept.digest).unwrap();
    kept.cache.forget(kept.digest).unwrap();
    assert!(read(kept.fetch(&server.host()).unwrap()).unwrap() == large());
}

#[test]
fn a_damaged_manifest_is_fetched_again() {
    let manifest = br#"{"config":{},"layers":[]}"#;
    let digest = Digest::of(manifest);
    for damaged in ["", "{}", r#"{"config":{},"layers":[1]}"#, &" ".repeat(5 << 20)] {
        let kept = Kept::new();
        let fake = Fake::new();
        let key = ("team/app".to_owned(), digest.to_string());
        fake.state().manifests.insert(key, (MANIFEST.to_owned(), manifest.to_vec()));
        let server = fake.start();
        let fetch = || User::new().pulls(&server.host(), |pull| kept.cache.manifest(pull, digest));
        fetch().unwrap();
        std::fs::write(kept.cache.path(digest), damaged).unwrap();
        assert_eq!(fetch().unwrap().bytes, manifest);
        assert_eq!(fetch().unwrap().bytes, manifest);
        assert_eq!(server.lines().len(), 2);
    }
}

/// What a run that was killed has left.
#[test]
fn a_part_is_gone_on_with() {
    for (what, left, range) in [
        ("half of it", large()[..1_500_000].to_vec(), Some("bytes=1500000-")),
        ("all of it", large(), None),
        ("nothing", Vec::new(), Some("none")),
        ("more than it", [large(), vec![0]].concat(), Some("none")),
        ("other bytes", vec![7; 1_500_000], Some("bytes=1500000-,none")),
        ("as many other bytes", vec![7; 3_000_000], Some("none")),
    ] {
        let kept = Kept::new();
        kept.folder.write(&format!("blobs/sha256/{}.part", kept.digest.hex()), left);
        let server = with_large().start();
        assert!(read(kept.fetch(&server.host()).unwrap()).unwrap() == large(), "{what}");
        let asked: Vec<String> = server
            .seen()
            .iter()
            .filter(|request| request.path().contains("blobs"))
            .map(|request| request.header("range").unwrap_or("none").to_owned())
            .collect();
        assert_eq!(asked.join(","), range.unwrap_or_default(), "{what}");
        assert_eq!(kept.names(), [kept.digest.hex()], "{what}");
    }
}

#[test]
fn a_part_is_kept_when_it_breaks_off_for_good() {
    let kept = Kept::new();
    // The same after 1000 bytes, again and again.
    let server = Fake::new()
        .answers(99, "GET", "/v2/team/app/blobs", |request| {
            part(request, &large()).ending(Ending::Cut(1000))
        })
        .start();
    let error = kept.fetch(&server.host()).unwrap_err();
    assert!(matches!(error, Error::Attempts { .. }), "{error:?}");
    assert_eq!(kept.part().metadata().unwrap().len(), 3000);
    assert!(!kept.file().exists());
    let server = with_large().start();
    assert!(read(kept.fetch(&server.host()).unwrap()).unwrap() == large());
    assert_eq!(server.seen().last().unwrap().header("range"), Some("bytes=3000-"));
}

#[test]
fn what_is_wrong_leaves_nothing() {
    for bytes in [vec![7; 3_000_000], vec![7; 10], Vec::new()] {
        let kept = Kept::new();
        let server = Fake::new()
            .answers(99, "GET", "/v2/team/app/blobs", move |_| reply(200).body(bytes.clone()))
            .start();
        kept.fetch(&server.host()).unwrap_err();
        assert_eq!(kept.names(), [""; 0]);
    }
    let kept = Kept::new();
    kept.fetch(&Fake::new().start().host()).unwrap_err();
    kept.fetch(NOWHERE).unwrap_err();
    assert_eq!(kept.names(), [""; 0]);
}

/// Of parts that nobody wants any more.
#[test]
fn old_parts_are_removed() {
    let kept = Kept::new();
    let old = kept.folder.write("blobs/sha256/00.part", "x");
    let young = kept.folder.write("blobs/sha256/11.part", "x");
    let past = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(past).unwrap();
    kept.fetch(&with_large().start().host()).unwrap();
    assert!(!old.exists() && young.exists());
}

#[test]
fn several_at_once_fetch_it_once() {
    let kept = Kept::new();
    let fake = with_large().rule(|_, _| {
        std::thread::sleep(Duration::from_millis(20));
        None
    });
    let server = fake.start();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                assert!(read(kept.fetch(&server.host()).unwrap()).unwrap() == large());
            });
        }
    });
    assert_eq!(server.lines().len(), 1);
    assert_eq!(kept.names(), [kept.digest.hex()]);
}

/// A process that fetches the large blob from a host into a cache.
fn process(kept: &Kept, host: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "registry::cached::fetches_as_a_process", "--ignored", "--quiet"])
        .env("BIMANIX_TEST_HOST", host)
        .env("BIMANIX_TEST_CACHE", kept.folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "it is the process that others of these tests start"]
fn fetches_as_a_process() {
    let host = std::env::var("BIMANIX_TEST_HOST").unwrap();
    let cache = Cache::at(Path::new(&std::env::var("BIMANIX_TEST_CACHE").unwrap()));
    let (digest, size) = (Digest::of(&large()), large().len() as u64);
    let blob = User::new().pulls(&host, |pull| cache.blob(pull, digest, size)).unwrap();
    assert!(read(blob).unwrap() == large());
}

#[test]
fn processes_at_once_fetch_it_once() {
    let kept = Kept::new();
    let fake = with_large().rule(|request, _| {
        // Long enough for all of them to have begun.
        let wait = if request.path().contains("blobs") { 300 } else { 0 };
        std::thread::sleep(Duration::from_millis(wait));
        None
    });
    let server = fake.start();
    let mut children: Vec<Child> = (0..3).map(|_| process(&kept, &server.host())).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(server.lines().len(), 1);
    assert_eq!(kept.names(), [kept.digest.hex()]);
}

#[test]
fn a_killed_process_leaves_a_part_and_no_lock() {
    let kept = Kept::new();
    let fake = Fake::new().answers(1, "GET", "/v2/team/app/blobs", |_| {
        reply(200).body(large()).ending(Ending::Stall(1_000_000))
    });
    fake.add_blob("team/app", &large());
    let server = fake.start();
    let mut killed = process(&kept, &server.host());
    let come = || kept.part().metadata().map_or(0, |metadata| metadata.len());
    for _ in 0..12_000 {
        if come() == 1_000_000 {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    // Another one waits for it, and goes on when it is gone.
    let mut waiting = process(&kept, &server.host());
    killed.kill().unwrap();
    assert!(!killed.wait().unwrap().success());
    assert!(waiting.wait().unwrap().success());
    assert_eq!(kept.names(), [kept.digest.hex()]);
    assert_eq!(server.seen().last().unwrap().header("range"), Some("bytes=1000000-"));
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let server = with_large().start();
    let folder = Folder::new();
    folder.write("file", "x");
    let size = large().len() as u64;
    let digest = Digest::of(&large());
    let cache = Cache::at(&folder.path().join("file/cache"));
    let error =
        User::new().pulls(&server.host(), |pull| cache.blob(pull, digest, size)).unwrap_err();
    let said = words(&error);
    assert!(said.contains("registry/cache") && said.contains("XDG_CACHE_HOME"), "{said}");
    // A folder in the place of a blob is nobody's to remove.
    let cache = Cache::at(folder.path());
    std::fs::create_dir_all(cache.path(digest)).unwrap();
    let error =
        User::new().pulls(&server.host(), |pull| cache.blob(pull, digest, size)).unwrap_err();
    assert!(words(&error).contains("cannot read"), "{error:?}");
    assert!(cache.path(digest).is_dir());
    assert!(server.lines().is_empty());
}

#[test]
fn the_user_has_a_cache() {
    let of = |pairs: &[(&str, &str)]| {
        let found = Cache::from_variables(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        });
        found.map(|cache| cache.path(Digest::of(b"")).parent().unwrap().to_owned())
    };
    let below = |folder: &str| Some(Path::new(folder).join("bimanix/blobs/sha256"));
    assert_eq!(of(&[("XDG_CACHE_HOME", "/c"), ("HOME", "/h")]), below("/c"));
    assert_eq!(of(&[("HOME", "/h")]), below("/h/.cache"));
    assert_eq!(of(&[("XDG_CACHE_HOME", ""), ("HOME", "/h")]), below("/h/.cache"));
    assert_eq!(of(&[("XDG_CACHE_HOME", "c"), ("HOME", "/h")]), below("/h/.cache"));
    assert_eq!(of(&[("HOME", "h")]), None);
    assert_eq!(of(&[]), None);
}
