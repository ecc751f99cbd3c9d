//! The images of one name: one, or one for each of several platforms.

use super::{Compression, Image, Layer, Name};

/// The images of one name: one, or several for different platforms, to which an index leads.
#[derive(Debug, Clone)]
pub struct Index {
    first: Image,
    others: Vec<Image>,
}

impl From<Image> for Index {
    fn from(image: Image) -> Self {
        Index { first: image, others: Vec::new() }
    }
}

impl Index {
    /// An index of these images, which have one name, one time and one compression; none where there is no image.
    pub fn of(images: Vec<Image>) -> Option<Self> {
        let mut images = images.into_iter();
        Some(Index { first: images.next()?, others: images.collect() })
    }

    /// Its images, in the order of the index.
    pub fn images(&self) -> impl Iterator<Item = &Image> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The only image, where there are not several.
    pub fn only(&self) -> Option<&Image> {
        self.others.is_empty().then_some(&self.first)
    }

    /// What they are called.
    pub fn name(&self) -> &Name {
        &self.first.name
    }

    /// How their layers are compressed.
    pub fn compression(&self) -> Compression {
        self.first.compression
    }

    /// Has all layers that are made compressed like this.
    pub fn compress(&mut self, compression: Compression) {
        self.first.compression = compression;
        for image in &mut self.others {
            image.compression = compression;
        }
    }

    /// Seconds since 1970: the time of everything that is written.
    pub(super) fn created(&self) -> u64 {
        self.first.created
    }

    /// The layers of all images, one image after another, each with its image.
    pub(super) fn layers(&self) -> Vec<(&Image, &Layer)> {
        let of = |image| std::iter::repeat(image);
        self.images().flat_map(|image| of(image).zip(&image.layers)).collect()
    }
}
