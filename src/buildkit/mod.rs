//! BuildKit: a frontend for `docker build`, and definitions for `buildctl build`.
//!
//! In: what the client of a build sends, over the gateway on standard input and output; or an [`Image`](crate::image::Image).
//! Out: operations that make the image in BuildKit, with its configuration and annotations; or the message why there is
//! none, which the client prints. What always holds: the way from the text to the image is that of
//! `driver`; of the files only what the text names is fetched, and of a kernel only what is judged;
//! a layer of BuildKit holds what the same layer of `bimanix build` holds. HTTP/2, protobuf and the async runtime stay in
//! here.

mod definition;
mod files;
mod frontend;
mod gateway;
mod image;
mod images;
mod llb;
mod lower;
mod messages;
mod options;

pub use definition::{ForBuildctl, for_buildctl};
pub use frontend::serve;
pub use image::frontend_image;

#[cfg(test)]
mod tests;
