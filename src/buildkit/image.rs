//! The image that BuildKit starts: the program alone, from nothing.

use crate::image::{Compression, Config, Image, Inherited, Layer, Made, Name};
use crate::recipe::ImageReference;
use crate::rootfs::{Content, ImagePath, Node, Origin};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the program is in the image.
const PROGRAM: &str = "/bimanix";
/// Without it BuildKit gives a frontend a network, which needs a bridge on the machine; a frontend needs none.
const WITHOUT_NETWORK: &str = "moby.buildkit.frontend.network.none";

/// The frontend image of a program, which is static, for the architecture that it is built for.
pub fn frontend_image(
    program: PathBuf,
    size: u64,
    architecture: &str,
    name: &ImageReference,
    created: u64,
) -> Image {
    let path = ImagePath::parse(PROGRAM.as_bytes()).unwrap_or_default();
    let content = Content::File { source: Origin::Path(program), size };
    let node = Node { content, mode: 0o755, uid: 0, gid: 0 };
    let layer = Made { title: "bimanix".to_owned(), entries: vec![(path, node)] };
    Image {
        layers: vec![Layer::Made(layer)],
        name: Name {
            familiar: name.familiar(),
            full: name.completed(),
            tag: name.tag().unwrap_or("latest").to_owned(),
        },
        config: Config {
            architecture: architecture.to_owned(),
            entrypoint: Some(vec![PROGRAM.to_owned(), "frontend".to_owned()]),
            labels: BTreeMap::from([(WITHOUT_NETWORK.to_owned(), "true".to_owned())]),
            inherited: Inherited::default(),
            ..Config::default()
        },
        annotations: BTreeMap::new(),
        urunc_json: None,
        compression: Compression::None,
        created,
    }
}
