//! Texts to drafts: what was written and where, and nothing of what it means.
//!
//! In: a text that describes an image. Out: its [`Draft`](crate::recipe::draft::Draft), or every mistake in its
//! form. What always holds: each value has the type of its field and its place in the text; names, modes and
//! annotations are judged later, by `recipe`.

pub mod nix;
