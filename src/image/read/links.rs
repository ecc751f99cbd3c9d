//! What a manifest or an index leads to, by its bytes alone: for who fetches the blobs one after another.

use super::json::{self, Index, Kind, Manifest};
use super::shown;
use crate::image::Digest;
use crate::image::platform::Platform;
use oci_spec::image::Descriptor;

/// What a manifest or an index leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Links {
    /// Images, or further indexes; what buildx says about its builds is left out.
    Index(Vec<Branch>),
    /// The parts of an image.
    Image {
        /// The configuration.
        config: Link,
        /// The layers, lowest first.
        layers: Vec<Link>,
    },
    /// What no container is started from.
    Artifact,
}

/// A blob that is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// A manifest or an index that an index names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// What is named.
    pub link: Link,
    /// Whether it is an index.
    pub is_index: bool,
    /// The platform that it is for, where that is said.
    pub platform: Option<Platform>,
}

impl Links {
    /// Those of a manifest or an index.
    ///
    /// # Errors
    /// Why it is none.
    pub fn of(bytes: &[u8]) -> Result<Self, String> {
        Self::filtered(bytes, |descriptor| !json::is_attestation(descriptor))
    }

    /// The same with what buildx says about its builds.
    ///
    /// # Errors
    /// Why it is none.
    pub fn all(bytes: &[u8]) -> Result<Self, String> {
        Self::filtered(bytes, |_| true)
    }

    fn filtered(bytes: &[u8], is_wanted: impl Fn(&Descriptor) -> bool) -> Result<Self, String> {
        match json::kind(bytes) {
            Kind::Index => {
                let index: Index = parse(bytes)?;
                let named = index.manifests.unwrap_or_default();
                let named = named.iter().filter(|descriptor| is_wanted(descriptor));
                named.map(branch).collect::<Result<_, _>>().map(Links::Index)
            }
            Kind::Manifest if json::is_artifact(bytes) => Ok(Links::Artifact),
            Kind::Manifest => {
                let manifest: Manifest = parse(bytes)?;
                let layers = manifest.layers.unwrap_or_default();
                let layers = layers.iter().map(link).collect::<Result<_, _>>()?;
                Ok(Links::Image { config: link(&manifest.config)?, layers })
            }
            Kind::DockerImages | Kind::Schema1 | Kind::Unknown => {
                Err("it is neither a manifest nor an index".to_owned())
            }
        }
    }
}

fn parse<'j, T: serde::Deserialize<'j>>(bytes: &'j [u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

fn link(descriptor: &Descriptor) -> Result<Link, String> {
    let written = descriptor.digest().as_ref();
    let digest = Digest::parse(written)
        .ok_or_else(|| format!("`{}` is not a SHA-256 digest", shown(written)))?;
    Ok(Link { digest, size: descriptor.size() })
}

fn branch(descriptor: &Descriptor) -> Result<Branch, String> {
    let platform = descriptor.platform().as_ref().map(|platform| {
        let (os, architecture) = (platform.os().to_string(), platform.architecture().to_string());
        Platform::new(&os, &architecture, platform.variant().as_deref())
    });
    Ok(Branch { link: link(descriptor)?, is_index: json::is_index(descriptor), platform })
}

/// The platform that a configuration says.
///
/// # Errors
/// Why it is none.
pub fn platform_of(config: &[u8]) -> Result<Platform, String> {
    #[derive(serde::Deserialize)]
    struct Said {
        os: String,
        architecture: String,
        variant: Option<String>,
    }
    let Said { os, architecture, variant } = parse(config)?;
    Ok(Platform::new(&os, &architecture, variant.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn descriptor(kind: &str, more: &str) -> String {
        format!(r#"{{"mediaType":"{kind}","digest":"sha256:{HEX}","size":7{more}}}"#)
    }

    #[test]
    fn what_is_named() {
        let link = Link { digest: Digest::of(b""), size: 7 };
        let manifest = "application/vnd.oci.image.manifest.v1+json";
        let list = "application/vnd.docker.distribution.manifest.list.v2+json";
        let text = format!(
            r#"{{"manifests":[{},{},{},{}]}}"#,
            descriptor(manifest, r#","platform":{"os":"qemu","architecture":"x86_64"}"#),
            descriptor(manifest, ""),
            descriptor(list, ""),
            descriptor(manifest, r#","platform":{"os":"unknown","architecture":"unknown"}"#),
        );
        let platform = Some(Platform::new("qemu", "amd64", None));
        let branch = |is_index, platform| Branch { link, is_index, platform };
        assert_eq!(
            Links::of(text.as_bytes()),
            Ok(Links::Index(vec![
                branch(false, platform),
                branch(false, None),
                branch(true, None)
            ]))
        );
        let config = descriptor("application/vnd.oci.image.config.v1+json", "");
        let layer = descriptor("application/vnd.oci.image.layer.v1.tar", "");
        let text = format!(r#"{{"config":{config},"layers":[{layer},{layer}]}}"#);
        let expected = Links::Image { config: link, layers: vec![link, link] };
        assert_eq!(Links::of(text.as_bytes()), Ok(expected));
        let chart = descriptor("application/vnd.cncf.helm.config.v1+json", "");
        let text = format!(r#"{{"config":{chart},"layers":[{layer}]}}"#);
        assert_eq!(Links::of(text.as_bytes()), Ok(Links::Artifact));
        for (bad, why) in [
            (r#"{"manifests":{}}"#.to_owned(), "expected"),
            ("{}".to_owned(), "neither a manifest nor an index"),
            (format!(r#"{{"config":{config},"layers":[{{}}]}}"#), "missing field"),
            (
                text.replace(&format!("sha256:{HEX}"), &format!("sha512:{HEX}{HEX}"))
                    .replace("cncf.helm.config", "oci.image.config"),
                "SHA-256",
            ),
        ] {
            let said = Links::of(bad.as_bytes()).unwrap_err();
            assert!(said.contains(why), "{bad}: {said}");
        }
    }

    #[test]
    fn configurations_say_their_platform() {
        let platform = |text: &str| platform_of(text.as_bytes()).map(|found| found.to_string());
        let text = r#"{"os":"linux","architecture":"arm","variant":"v6"}"#;
        assert_eq!(platform(text).as_deref(), Ok("linux/arm/v6"));
        assert!(platform(r#"{"os":"linux"}"#).unwrap_err().contains("architecture"));
    }
}
