//! Texts to drafts: what was written and where, and nothing of what it means.
//!
//! In: a text that asks for an image, and the folder that its files come from. Out: its
//! [`Draft`](crate::recipe::draft::Draft), or every mistake of its form at once. What always holds: each value has
//! the type of its field and its place in the text; files are looked at through [`World`](crate::world::World)
//! alone, and none of their bytes are judged; names, modes and annotations are judged later, by `recipe`.

pub mod containerfile;
pub mod nix;
