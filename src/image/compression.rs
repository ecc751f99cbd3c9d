//! How layers are compressed: in blocks of one size, each a gzip member (RFC 1952) or a zstd frame (RFC
//! 8878) of its own, so that the bytes do not depend on how many threads there are.

use std::fmt;
use std::io;
use std::str::FromStr;

/// The compression of layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// None.
    #[default]
    None,
    /// gzip, with a level from 1 to 9.
    Gzip(u8),
    /// zstd, with a level from 1 to 19.
    Zstd(u8),
}

impl FromStr for Compression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, level) = match text.split_once(':') {
            Some((name, level)) => (name, Some(level)),
            None => (text, None),
        };
        let level = |usual: u8, most: u8| match level.map(str::parse) {
            None => Ok(usual),
            Some(Ok(level)) if (1..=most).contains(&level) => Ok(level),
            Some(_) => Err(format!("the levels of {name} are 1 to {most}")),
        };
        match name {
            "none" if text == "none" => Ok(Compression::None),
            "none" => Err("`none` has no level".to_owned()),
            "gzip" => Ok(Compression::Gzip(level(6, 9)?)),
            "zstd" => Ok(Compression::Zstd(level(3, 19)?)),
            _ => Err("write none, gzip or zstd, with a level behind a colon or without".to_owned()),
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Compression::None => f.write_str("none"),
            Compression::Gzip(level) => write!(f, "gzip:{level}"),
            Compression::Zstd(level) => write!(f, "zstd:{level}"),
        }
    }
}

/// Compresses blocks, one after another.
pub(super) enum Compressor {
    None,
    Gzip(Box<Gzip>),
    Zstd(zstd::bulk::Compressor<'static>),
}

impl Compression {
    /// The media type of a layer.
    pub(super) fn media_type(self) -> oci_spec::image::MediaType {
        match self {
            Compression::None => oci_spec::image::MediaType::ImageLayer,
            Compression::Gzip(_) => oci_spec::image::MediaType::ImageLayerGzip,
            Compression::Zstd(_) => oci_spec::image::MediaType::ImageLayerZstd,
        }
    }

    pub(super) fn compressor(self) -> io::Result<Compressor> {
        Ok(match self {
            Compression::None => Compressor::None,
            Compression::Gzip(level) => Compressor::Gzip(Box::new(Gzip::new(level.into()))),
            Compression::Zstd(level) => {
                Compressor::Zstd(zstd::bulk::Compressor::new(level.into())?)
            }
        })
    }
}

/// Where in a block samples are taken, and how large they are.
const SAMPLES: usize = 4;
const SAMPLE: usize = 16 << 10;

/// gzip members. Bytes that are compressed or encrypted already are stored as they are, as a sample of them
/// tells: trying to make them smaller takes longest and yields nothing.
pub(super) struct Gzip {
    packing: libdeflater::Compressor,
    probing: libdeflater::Compressor,
    storing: libdeflater::Compressor,
}

impl Gzip {
    fn new(level: i32) -> Self {
        let of = |level| {
            let level = libdeflater::CompressionLvl::new(level).unwrap_or_default();
            libdeflater::Compressor::new(level)
        };
        Gzip { packing: of(level), probing: of(1), storing: of(0) }
    }

    fn compress(&mut self, block: &[u8]) -> io::Result<Vec<u8>> {
        let compressor = if self.is_dense(block)? { &mut self.storing } else { &mut self.packing };
        gzip(compressor, block)
    }

    /// Whether samples of the block do not become smaller.
    fn is_dense(&mut self, block: &[u8]) -> io::Result<bool> {
        let step = block.len() / SAMPLES;
        if step < SAMPLE {
            return Ok(false);
        }
        let samples: Vec<u8> = block
            .chunks(step)
            .take(SAMPLES)
            .flat_map(|part| part.get(..SAMPLE).unwrap_or(part))
            .copied()
            .collect();
        let packed = gzip(&mut self.probing, &samples)?;
        Ok(packed.len() > samples.len() / 100 * 98)
    }
}

fn gzip(compressor: &mut libdeflater::Compressor, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = vec![0; compressor.gzip_compress_bound(bytes.len())];
    let size = compressor
        .gzip_compress(bytes, &mut packed)
        .map_err(|error| io::Error::other(error.to_string()))?;
    packed.truncate(size);
    Ok(packed)
}

impl Compressor {
    pub(super) fn compress(&mut self, block: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Compressor::None => Ok(block.to_vec()),
            Compressor::Gzip(gzip) => gzip.compress(block),
            Compressor::Zstd(compressor) => compressor.compress(block),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (text, expected) in [
            ("none", Some(Compression::None)),
            ("gzip", Some(Compression::Gzip(6))),
            ("gzip:9", Some(Compression::Gzip(9))),
            ("zstd", Some(Compression::Zstd(3))),
            ("zstd:19", Some(Compression::Zstd(19))),
            ("none:1", None),
            ("gzip:10", None),
            ("gzip:", None),
            ("zstd:0", None),
            ("xz", None),
            ("", None),
        ] {
            let parsed = text.parse::<Compression>();
            assert_eq!(parsed.as_ref().ok(), expected.as_ref(), "{text}");
            if let Ok(compression) = parsed {
                assert_eq!(compression.to_string().parse(), Ok(compression));
            }
        }
    }
}
