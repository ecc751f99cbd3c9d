//! Containerfiles that are too large, too many, or no text: all are refused soon, at a place, and none panics.

use super::{Flags, run};
use bimanix::world::Memory;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is said of a text, whose build context has a file `a` and a folder `tree`.
fn said(text: impl Into<Vec<u8>>) -> String {
    let mut world = Memory::default().file("/c/Containerfile", text).file("/c/a", "a");
    for number in 0..100 {
        world = world.file(&format!("/c/tree/{number}"), "x");
    }
    run(&world, Path::new("/c"), &Flags::default()).1
}

/// What is said first.
fn first(text: impl Into<Vec<u8>>) -> String {
    said(text).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn many_mistakes_are_not_all_shown() {
    let said = said("COYP a /a\n".repeat(100_000));
    assert_eq!(said.matches("error[containerfile/unknown-instruction]").count(), 100);
    assert!(said.contains("error[containerfile/more]: there are more problems than these 100"));
    let said = super::limits::said(format!("FROM scratch\n{}", "COPY b /b\n".repeat(100_000)));
    assert_eq!(said.matches("error[containerfile/missing]").count(), 100);
}

#[test]
fn files_that_grow_are_refused() {
    let twice = |text: &str, count: usize| text.repeat(count);
    for text in [
        format!("FROM scratch\nENV A=xxxxxxxxxxxxxxxx\n{}", twice("ENV A=$A$A\n", 50)),
        format!("FROM scratch\nLABEL a={}", twice("${a:-", 10_000)),
        format!("FROM scratch\n{}", twice("EXPOSE 1-65535\n", 30)),
        format!(
            "FROM scratch AS a\n{}{}",
            twice("COPY a /a\n", 2_000),
            twice("FROM a AS a\n", 2_000)
        ),
    ] {
        let begin = Instant::now();
        let said = said(text.as_str());
        let shown: String = text.chars().take(60).collect();
        assert!(said.contains("error[containerfile/too-much]"), "{shown}");
        assert!(begin.elapsed() < Duration::from_secs(20), "{shown}");
    }
}

#[test]
fn many_instructions_are_quick() {
    for line in [
        "COPY a /a\n",
        "COPY a /a/../b/\n",
        "ENV A=$A\n",
        "LABEL a=$B\n",
        "WORKDIR a\nWORKDIR ..\n",
    ] {
        let begin = Instant::now();
        let text = format!("FROM scratch\nARG A=1 B\n{}", line.repeat(10_000));
        assert_eq!(first(text), "", "{line}");
        assert!(begin.elapsed() < Duration::from_secs(20), "{line}");
    }
}

#[test]
fn large_files() {
    let begin = Instant::now();
    let large = format!("FROM scratch\n{}", "#".repeat(17 << 20));
    assert_eq!(first(large), "error[containerfile/input]: cannot read `Containerfile`");
    let long = |line: &str| format!("FROM scratch\n{line}{}\nCOYP a /a\n", "x".repeat(100_000));
    for line in ["LABEL a=", "COPY a /", "", "# ", "ENV ", "COPY <<x /a\n", "ENV a=b \\\n"] {
        let said = said(long(line));
        let number = 2 + line.matches('\n').count();
        assert!(
            said.starts_with("error[containerfile/long-line]: this line has 10000"),
            "{line}: {said}"
        );
        assert!(said.contains(&format!(" --> Containerfile:{number}:1\n")), "{line}: {said}");
        assert_eq!(said.matches("error[").count(), 1, "{line}: {said}");
        assert!(said.len() < 1000, "{line}: {} bytes", said.len());
    }
    let largest = said(format!("FROM scratch\nLABEL a={}\n", "x".repeat(10_000_000)));
    assert!(largest.starts_with("error[containerfile/long-line]: this line has 10000008 bytes"));
    assert!(largest.len() < 1000, "{} bytes", largest.len());
    let longest = format!("FROM scratch\nLABEL a={}", "x".repeat(65_535 - 8));
    assert_eq!(first(longest.as_str()), "");
    assert!(first(format!("{longest}x")).starts_with("error[containerfile/long-line]"));
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[test]
fn bytes_that_are_no_text() {
    let said = said(b"FROM scratch\nLABEL a=\xff\n".as_slice());
    assert!(said.starts_with("error[containerfile/not-utf-8]"), "{said}");
    assert!(said.contains(" --> Containerfile:2:9\n"), "{said}");
    let utf_16: Vec<u8> = "FROM scratch".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(
        first([b"\xff\xfe".as_slice(), &utf_16].concat())
            .starts_with("error[containerfile/not-utf-8]")
    );
}

#[test]
fn paths_that_linux_does_not_take() {
    let long = "x".repeat(256);
    let deep = "/abcdefg".repeat(513);
    for line in [
        format!("COPY a /{long}"),
        format!("COPY a {deep}"),
        format!("COPY a {deep}/"),
        format!("WORKDIR /{long}"),
        format!("COPY <<{long} /\n{long}"),
        format!(
            "WORKDIR {}\nCOPY a {}",
            deep.split_at(2048).0,
            deep.split_at(2056).0.trim_start_matches('/')
        ),
    ] {
        let said = first(format!("FROM scratch\n{line}\n"));
        let shown: String = line.chars().take(40).collect();
        assert!(said.starts_with("error[containerfile/long-path]"), "{shown}: {said}");
    }
}

/// Parts of one fixture in the place of those of another, and bytes that are changed.
#[test]
fn mutations_do_no_harm() {
    let texts: Vec<Vec<u8>> = ["containerfile/ok", "containerfile/err"]
        .iter()
        .flat_map(|kind| crate::support::fixtures(kind))
        .map(|fixture| std::fs::read(fixture.join("Containerfile")).unwrap())
        .collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % (below.max(1) as u64)).unwrap()
    };
    for _ in 0..1_500 {
        let mut text = texts[random(texts.len())].clone();
        for _ in 0..=random(4) {
            let other = &texts[random(texts.len())];
            let (from, to) = (random(other.len()), random(other.len()));
            let part = other.get(from.min(to)..from.max(to)).unwrap_or_default();
            let part = &part[..part.len().min(40)];
            let (from, to) = (random(text.len()), random(text.len()));
            let end = from.max(to).min(from.min(to) + 20);
            text.splice(from.min(to)..end, part.iter().copied());
            if random(4) == 0 && !text.is_empty() {
                let at = random(text.len());
                text[at] = b"$\"'\\{}[]<*?#=:/.-\n \xff"[random(20)];
            }
        }
        said(text);
    }
}
