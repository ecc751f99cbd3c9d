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

mod archive;
mod check;
mod cli;
mod eval;
mod image;
mod oracle;
mod readme;
mod rooms;
mod support;
