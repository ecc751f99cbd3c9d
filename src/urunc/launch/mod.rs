//! What urunc does with an image: which annotations it goes by, what it starts, and what the guest is
//! given (contract sections 1.4, 2.2 and 2.3).
//!
//! Addresses come from the runtime; they are written as `…`.

mod length;
mod line;
mod network;
mod start;
mod storage;

pub use length::check_command_line;
pub use network::Network;
pub use start::Start;

use super::eras::{E24, E25, E26};
use super::{Annotations, Engine, Key, PREFIX, Process, json};
use start::start;
use std::collections::BTreeMap;

/// The places where an image can say what urunc reads.
#[derive(Debug, Clone, Copy)]
pub struct Channels<'c> {
    /// The annotations of the manifest; none where the image's name leads to an index, which urunc does
    /// not follow.
    pub manifest: Option<&'c BTreeMap<String, String>>,
    /// The labels of the configuration.
    pub labels: &'c BTreeMap<String, String>,
    /// The decoded `/urunc.json`, or why urunc does not go by it.
    pub urunc_json: Result<&'c BTreeMap<String, String>, &'c str>,
}

/// One way to start an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The release of urunc.
    pub era: &'static str,
    /// The engine that calls it.
    pub engine: Engine,
    /// Where the annotations come from.
    pub source: &'static str,
    /// What is started, or what happens instead.
    pub outcome: Result<Start, String>,
}

/// Who tells urunc what to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `/urunc.json`.
    File,
    /// The shim, from annotations and labels.
    Shim,
}

/// What is known of an image beside its channels.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'f> {
    /// The process that it asks for.
    pub process: &'f Process,
    /// The architecture of its kernel.
    pub architecture: &'f str,
    /// Whether its kernel declares a network device; none where the monitor attaches one to every guest.
    pub declares_net: Option<bool>,
}

/// The annotations of urunc among these values by full key.
pub fn annotations(values: &BTreeMap<String, String>) -> Annotations {
    let mut annotations = Annotations::default();
    for (name, value) in values {
        let key = name.strip_prefix(PREFIX).and_then(Key::from_exact);
        if let Some(key) = key {
            annotations.set(key, value.clone());
        }
    }
    annotations
}

/// Whether these alone tell urunc what to start.
pub fn is_complete(annotations: &Annotations) -> bool {
    let required = [Key::UnikernelType, Key::Hypervisor, Key::Binary];
    required.into_iter().all(|key| annotations.get(key).is_some())
}

/// The annotations that the shim of 2026 hands over: those of the manifest, and labels for what it lacks.
pub fn from_shim(channels: &Channels<'_>) -> Annotations {
    let mut all = channels.labels.clone();
    all.extend(channels.manifest.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    annotations(&all)
}

/// What every release of urunc does with an image under each engine. `stops` says what makes a release fail
/// that goes by a source.
pub fn launches(
    channels: &Channels<'_>,
    facts: Facts<'_>,
    stops: &dyn Fn(Source, &str, Engine) -> Option<String>,
) -> Vec<Launch> {
    let start = |source, era, engine, annotations: &Annotations| match stops(source, era, engine) {
        Some(why) => Err(format!("fails: {why}")),
        None => start(era, engine, annotations, facts),
    };
    let by_file = |era, engine| {
        let outcome = match channels.urunc_json {
            Ok(values) => start(Source::File, era, engine, &annotations(values)),
            Err(why) => Err(format!("runs plain runc in its place: {why}")),
        };
        Launch { era, engine, source: "/urunc.json", outcome }
    };
    let mut all = Vec::new();
    for era in [E24, E25] {
        all.push(by_file(era, Engine::Containerd));
        all.push(by_file(era, Engine::Docker));
        // nerdctl of that time makes annotations of the container out of labels, and urunc of that time
        // decodes them.
        if let Some(decoded) = decoded_labels(channels.labels) {
            let by_file = channels.urunc_json.map(annotations);
            let outcome = match &decoded {
                Ok(same) if by_file.as_ref() == Ok(same) => {
                    start(Source::File, era, Engine::Nerdctl, same)
                }
                Ok(annotations) => start(Source::Shim, era, Engine::Nerdctl, annotations),
                Err(key) => Err(format!(
                    "runs plain runc in its place: the label of `{key}` is not base64, and is decoded as such"
                )),
            };
            all.push(Launch { era, engine: Engine::Nerdctl, source: "labels", outcome });
        }
    }
    let shim = from_shim(channels);
    all.push(if is_complete(&shim) {
        let by_manifest = channels.manifest.map(annotations).unwrap_or_default();
        let source = match (is_complete(&by_manifest), by_manifest == Annotations::default()) {
            (true, _) => "annotations of the manifest",
            (false, true) => "labels",
            (false, false) => "annotations of the manifest, and labels",
        };
        let outcome = start(Source::Shim, E26, Engine::Containerd, &shim);
        Launch { era: E26, engine: Engine::Containerd, source, outcome }
    } else {
        by_file(E26, Engine::Containerd)
    });
    all.push(by_file(E26, Engine::Docker));
    all
}

/// What urunc before 2026 makes of labels that reach it as annotations: all are decoded, and the first that
/// is not base64 ends it. None where there is nothing for it to go by.
fn decoded_labels(labels: &BTreeMap<String, String>) -> Option<Result<Annotations, &'static str>> {
    let plain = annotations(labels);
    let given = Key::ALL.into_iter().filter_map(|key| Some((key, plain.get(key)?)));
    let given: Vec<(Key, &str)> = given.filter(|(_, value)| !value.is_empty()).collect();
    // `useDMBlock` alone does not make urunc look at the others.
    if given.iter().all(|(key, _)| *key == Key::UseDMBlock) {
        return None;
    }
    let mut decoded = Annotations::default();
    for (key, value) in given {
        match json::decode_value(value) {
            Some(text) => decoded.set(key, text),
            None => return Some(Err(key.short())),
        }
    }
    Some(Ok(decoded))
}
