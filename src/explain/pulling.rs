//! What is said of images that are pulled, of the digests that pin them, and of locks.

explanations! {
    /// Pulls, pins and locks.
    PULLING:
    LOCK_DAMAGED = "lock/damaged": "`bimanix.lock` is as bimanix writes it.",
        "A build that took it for empty would look up every tag anew, and make another image without a word.",
        "<<<<<<< HEAD";
    LOCK_INPUT = "lock/input": "`bimanix.lock` can be read.",
        "It says which images the tags of the texts beside it mean.",
        "a folder of that name";
    LOCK_MISSING = "lock/missing": "With `--locked` every tag has a digest in `bimanix.lock`.",
        "A tag that is looked up may mean another image than it did when the lock was committed.",
        "bimanix build --locked, after a change of FROM";
    LOCK_OUTPUT = "lock/output": "`bimanix.lock` can be written.",
        "Without it the next build may be of another image. This one has been made.",
        "a folder that nobody may write to";
    PIN_FILE = "pin/file": "The args.nix that `pin --update` writes can be read and written; without `--update` an image is named.",
        "The new text replaces the old one as a whole, or not at all.",
        "bimanix pin args.nix";
    PIN_NOT_LITERAL = "pin/not-literal": "`pin --update` replaces strings that are whole references.",
        "What a file computes is its own affair; a change of it could change more than the digest.",
        r#"base = "${registry}/nginx:1.25";"#;
    PULL_MALFORMED = "pull/malformed": "What is pulled is an image.",
        "A registry also keeps artifacts, such as charts and signatures, which no container is started from.",
        r#"base = "registry.example.org/charts/nginx@sha256:…";"#;
    PULL_NO_CACHE = "pull/no-cache": "There is a folder for what is pulled.",
        "It is `$XDG_CACHE_HOME/bimanix`, else `~/.cache/bimanix`; a build without a network lives on it.",
        "env -i bimanix build";
    PULL_NO_DIGEST = "pull/no-digest": "An args.nix names an image of a registry with its digest.",
        "A tag can be moved to another image, and the same args.nix would make another image then.",
        r#"base = "nginx:1.25";"#;
    PULL_REFERENCE = "pull/reference": "An image of a registry is named as `NAME[:TAG][@sha256:DIGEST]`.",
        "It is how every engine names it.",
        r#"base = "Nginx";"#;
    PULL_TOO_LARGE = "pull/too-large": "The layers of an image have no more bytes than `--max-unpacked` allows.",
        "A manifest can claim any size; a disk is not filled with what will not be unpacked.",
        "bimanix build --max-unpacked 1M";
}
