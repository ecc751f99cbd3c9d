//! The tests that see the whole program: one binary, a module a subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test that cannot go on has failed"
)]

mod architectures;
mod archive;
mod bases;
mod bima;
mod budget;
mod builtins;
mod bunnyfile;
mod bytes;
mod check;
mod cli;
mod codes;
mod compare;
mod containerfile;
mod convert;
mod eval;
mod foreign;
mod formats;
mod image;
mod index;
mod init;
mod inspect;
mod load;
mod options;
mod oracle;
mod outputs;
mod partial;
mod project;
mod readme;
mod registry;
mod regressions;
mod rooms;
mod rootfs;
mod sources;
mod storage;
mod support;
mod tables;
mod toml;
mod types;
mod verdicts;
mod writing;
