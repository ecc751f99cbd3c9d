//! What an image is, in a form for people and one for programs. `build` prints it of what it wrote,
//! `inspect` of what it read.

use super::Digest;
use super::platform::Platform;
use oci_spec::image::{Config, History};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// A configuration, as its writers write it: programs in Go write an empty list as `null`, or leave it out.
#[derive(Deserialize)]
struct Configuration {
    architecture: String,
    os: String,
    variant: Option<Json>,
    created: Option<String>,
    config: Option<Config>,
    history: Option<Vec<History>>,
    rootfs: Option<RootFs>,
}

#[derive(Deserialize)]
struct RootFs {
    diff_ids: Option<Vec<String>>,
}

/// One layer of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerSummary {
    /// The digest of the blob.
    pub digest: Digest,
    /// The digest of the uncompressed tar; none when the configuration names too few.
    pub diff_id: Option<Digest>,
    /// The size of the blob in bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    /// What it holds, when the history says so.
    pub title: Option<String>,
}

/// Images that were written under one name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summaries {
    /// The digest of the index, where there are several.
    pub index: Option<Digest>,
    /// The images, in the order of the index.
    pub images: Vec<Summary>,
}

impl Summary {
    /// The platform that the configuration says.
    pub fn platform(&self) -> Platform {
        let (architecture, variant) = match self.architecture.split_once('/') {
            Some((architecture, variant)) => (architecture, Some(variant)),
            None => (self.architecture.as_str(), None),
        };
        Platform::new(&self.os, architecture, variant)
    }
}

impl Summaries {
    /// The digest that their name leads to: that of the index, or of the only manifest.
    pub fn digest(&self) -> Option<Digest> {
        self.index.or_else(|| self.images.first()?.manifest)
    }

    /// The summaries as JSON: one image is an object of its own.
    pub fn to_json(&self) -> Json {
        match (self.index, self.images.as_slice()) {
            (None, [only]) => only.to_json(),
            (index, images) => json!({
                "index": index.map(|digest| digest.to_string()),
                "images": images.iter().map(Summary::to_json).collect::<Vec<_>>(),
            }),
        }
    }

    /// The summaries for people, ending in a newline.
    pub fn render(&self) -> String {
        let images: Vec<String> = self.images.iter().map(Summary::render).collect();
        let images = images.join("\n");
        match self.index {
            Some(index) => format!("{:<12}{index}\n\n{images}", "index"),
            None => images,
        }
    }
}

/// An image as engines and urunc see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The names it is stored under.
    pub names: Vec<String>,
    /// The digest of the manifest; docker archives have none.
    pub manifest: Option<Digest>,
    /// The digest of the configuration, which is docker's image id.
    pub config: Option<Digest>,
    /// The layers, lowest first.
    pub layers: Vec<LayerSummary>,
    /// `architecture`, with the variant behind a slash.
    pub architecture: String,
    /// `os`
    pub os: String,
    /// `created`, as it is written there.
    pub created: Option<String>,
    /// `Entrypoint`
    pub entrypoint: Vec<String>,
    /// `Cmd`
    pub cmd: Vec<String>,
    /// `Env`
    pub env: Vec<String>,
    /// `WorkingDir`
    pub working_dir: Option<String>,
    /// `User`
    pub user: Option<String>,
    /// Labels of the configuration.
    pub labels: BTreeMap<String, String>,
    /// Annotations of the manifest.
    pub annotations: BTreeMap<String, String>,
    /// `/urunc.json`, decoded; none when the image has no such file.
    pub urunc_json: Option<BTreeMap<String, String>>,
    /// Size of all blobs together, each once.
    pub size: u64,
}

impl Summary {
    /// What a configuration says; the layers have their diff ids and titles only.
    ///
    /// # Errors
    /// It is no configuration; why, in words.
    pub fn of_config(bytes: &[u8]) -> Result<Self, String> {
        let configuration: Configuration =
            serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let Configuration { mut architecture, os, variant, created, config, history, rootfs } =
            configuration;
        if let Some(variant) = variant.as_ref().and_then(Json::as_str) {
            architecture = format!("{architecture}/{variant}");
        }
        let mut summary = Summary { architecture, os, created, ..Summary::default() };
        let mut titles = history
            .iter()
            .flatten()
            .filter(|entry| entry.empty_layer() != Some(true))
            .map(|entry| entry.created_by().clone().unwrap_or_default());
        for diff_id in rootfs.and_then(|rootfs| rootfs.diff_ids).iter().flatten() {
            let digest = Digest::parse(diff_id)
                .ok_or_else(|| format!("`{diff_id}` is not a SHA-256 digest"))?;
            let title = titles.next().filter(|title| !title.is_empty());
            let title =
                title.map(|title| title.strip_prefix("bimanix: ").unwrap_or(&title).to_owned());
            summary.layers.push(LayerSummary {
                digest,
                diff_id: Some(digest),
                size: 0,
                media_type: String::new(),
                title,
            });
        }
        if let Some(process) = config {
            summary.entrypoint = process.entrypoint().clone().unwrap_or_default();
            summary.cmd = process.cmd().clone().unwrap_or_default();
            summary.env = process.env().clone().unwrap_or_default();
            summary.working_dir = process.working_dir().clone().filter(|folder| !folder.is_empty());
            summary.user = process.user().clone().filter(|user| !user.is_empty());
            #[allow(clippy::iter_over_hash_type, reason = "goes into a sorted map")]
            for (key, value) in process.labels().iter().flatten() {
                summary.labels.insert(key.clone(), value.clone());
            }
        }
        Ok(summary)
    }

    /// The summary for programs.
    pub fn to_json(&self) -> Json {
        let layers: Vec<Json> = self
            .layers
            .iter()
            .map(|layer| {
                let mut object = Map::new();
                object.insert("digest".into(), json!(layer.digest.to_string()));
                if let Some(diff_id) = layer.diff_id {
                    object.insert("diffId".into(), json!(diff_id.to_string()));
                }
                object.insert("mediaType".into(), json!(layer.media_type));
                object.insert("size".into(), json!(layer.size));
                if let Some(title) = &layer.title {
                    object.insert("title".into(), json!(title));
                }
                Json::Object(object)
            })
            .collect();
        json!({
            "names": self.names,
            "manifest": self.manifest.map(|digest| digest.to_string()),
            "config": self.config.map(|digest| digest.to_string()),
            "layers": layers,
            "size": self.size,
            "architecture": self.architecture,
            "os": self.os,
            "created": self.created,
            "entrypoint": self.entrypoint,
            "cmd": self.cmd,
            "env": self.env,
            "workingDir": self.working_dir,
            "user": self.user,
            "labels": self.labels,
            "annotations": self.annotations,
            "uruncJson": self.urunc_json,
        })
    }

    /// The summary for people, ending in a newline.
    pub fn render(&self) -> String {
        let mut rows: Vec<(&str, String)> = Vec::new();
        rows.push(("image", self.names.join(", ")));
        rows.push(("platform", format!("{}/{}", self.os, self.architecture)));
        if let Some(digest) = &self.manifest {
            rows.push(("manifest", digest.to_string()));
        }
        if let Some(digest) = &self.config {
            rows.push(("config", digest.to_string()));
        }
        for (index, layer) in self.layers.iter().enumerate() {
            let title = layer.title.as_deref().unwrap_or("");
            let text = format!("{}  {:>10}  {title}", layer.digest, crate::diag::size(layer.size));
            rows.push((if index == 0 { "layers" } else { "" }, text.trim_end().to_owned()));
        }
        rows.push(("size", crate::diag::size(self.size)));
        if let Some(created) = &self.created {
            rows.push(("created", created.clone()));
        }
        let words = |words: &[String]| {
            words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" ")
        };
        for (name, list) in
            [("entrypoint", &self.entrypoint), ("cmd", &self.cmd), ("env", &self.env)]
        {
            if !list.is_empty() {
                rows.push((name, words(list)));
            }
        }
        for (name, value) in [("workingDir", &self.working_dir), ("user", &self.user)] {
            if let Some(value) = value {
                rows.push((name, value.clone()));
            }
        }
        let tables = [
            ("annotations", Some(&self.annotations)),
            ("labels", Some(&self.labels)),
            ("urunc.json", self.urunc_json.as_ref()),
        ];
        for (name, table) in tables {
            let Some(table) = table else {
                rows.push((name, "none".to_owned()));
                continue;
            };
            // Most images say everything three times.
            if name != "annotations" && !table.is_empty() && *table == self.annotations {
                rows.push((name, "the same".to_owned()));
                continue;
            }
            for (index, (key, value)) in table.iter().enumerate() {
                let text = format!("{key} = {value:?}");
                rows.push((if index == 0 { name } else { "" }, text));
            }
        }
        let lines = rows.iter().map(|(name, value)| {
            format!("{name:<12}{}", crate::diag::printable(value)).trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }
}
