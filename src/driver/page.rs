//! An [`Inspection`] for people and for programs.

use super::inspect::{BootFile, Fact, Inspection};
use crate::diag::{Colours, printable};
use crate::urunc::launch::{Launch, Network};
use crate::urunc::{Engine, Key};
use serde_json::{Map, Value as Json, json};

impl Inspection {
    /// The findings that refuse the image.
    pub fn has_errors(&self) -> bool {
        self.report.has_errors()
    }

    /// All of it for programs: the members of the summary, and more.
    pub fn to_json(&self) -> Json {
        let mut object = match self.summary.to_json() {
            Json::Object(object) => object,
            _ => Map::new(),
        };
        let files: Vec<Json> = self
            .boot
            .iter()
            .map(|file| {
                let mut facts = Map::new();
                for Fact { name, value, by } in &file.facts {
                    let value = match by {
                        Some(by) => json!({ "value": value, "by": by }),
                        None => json!(value),
                    };
                    // Problems are many.
                    match (facts.get_mut(*name), value) {
                        (Some(Json::Array(list)), value) => list.push(value),
                        (_, value) if *name == "problem" => {
                            facts.insert("problem".into(), json!([value]));
                        }
                        (_, value) => drop(facts.insert((*name).into(), value)),
                    }
                }
                json!({
                    "annotation": file.key.short(),
                    "path": file.path,
                    "size": file.size,
                    "facts": facts,
                })
            })
            .collect();
        object.insert("bootFiles".into(), json!(files));
        object.insert("otherFiles".into(), json!(self.others));
        object.insert("urunc".into(), self.launches.iter().map(launch_json).collect());
        let sources = crate::diag::SourceMap::default();
        let findings = self.report.findings.iter().map(|finding| finding.to_json(&sources));
        object.insert("findings".into(), findings.collect());
        Json::Object(object)
    }

    /// The page for people, ending in a newline.
    pub fn render(&self) -> String {
        let mut page = self.summary.render();
        let mut row = |name: &str, text: &str| {
            page.push_str(format!("{name:<12}{text}").trim_end());
            page.push('\n');
        };
        for BootFile { key, path, size, facts } in &self.boot {
            let name = if *key == Key::Binary { "kernel" } else { key.short() };
            row(name, &format!("{}  {}", printable(path), crate::diag::size(*size)));
            for Fact { name, value, by } in facts {
                let value = printable(value);
                match by {
                    Some(by) => {
                        row("", &format!("{}: {value} (by {})", words(name), printable(by)));
                    }
                    None => row("", &format!("{}: {value}", words(name))),
                }
            }
        }
        let plural = if self.others == 1 { "" } else { "s" };
        row("files", &format!("{} other{plural}", self.others));
        for (first, group) in groups(&self.launches) {
            row("urunc", &releases(&group, &self.launches).join(", "));
            match &first.outcome {
                Err(why) => row("", &printable(why)),
                Ok(start) => {
                    row("", &format!("goes by {}", first.source));
                    row("", &printable(&format!("starts {} with {}", start.monitor, start.kernel)));
                    row("", &printable(&format!("storage: {}", start.storage)));
                    if start.network != Network::Any {
                        row("", &format!("network: {}", start.network));
                    }
                    let line = start.command_line.as_deref().unwrap_or("none");
                    row("", &printable(&format!("command line: {line}")));
                }
            }
        }
        let sources = crate::diag::SourceMap::default();
        for finding in &self.report.findings {
            page.push('\n');
            page.push_str(&finding.render(&sources, Colours::Dropped));
        }
        page
    }
}

fn words(name: &str) -> &str {
    match name {
        "unikraftVersion" => "Unikraft version",
        "linuxVersion" => "Linux version",
        "solo5" => "Solo5 target",
        "boot" => "boots by",
        "monitors" => "starts on",
        other => other,
    }
}

/// The launches that come to the same, each with the first of them.
fn groups(launches: &[Launch]) -> Vec<(&Launch, Vec<&Launch>)> {
    let mut groups: Vec<(&Launch, Vec<&Launch>)> = Vec::new();
    for launch in launches {
        let same =
            |first: &Launch| first.source == launch.source && first.outcome == launch.outcome;
        match groups.iter_mut().find(|(first, _)| same(first)) {
            Some((_, group)) => group.push(launch),
            None => groups.push((launch, vec![launch])),
        }
    }
    groups
}

/// The releases of a group; the engine is named where others of that release do something else.
fn releases(group: &[&Launch], all: &[Launch]) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for launch in group {
        let era = launch.era;
        // nerdctl is asked about only where it does something of its own.
        let usual = |other: &&Launch| other.era == era && other.engine != Engine::Nerdctl;
        let whole = launch.engine != Engine::Nerdctl
            && all.iter().filter(usual).all(|other| group.contains(&other));
        let name = match (whole, launch.engine) {
            (true, _) => era.to_owned(),
            (false, Engine::Nerdctl) => format!("{era} under nerdctl (labels as annotations)"),
            (false, engine) => format!("{era} under {engine}"),
        };
        if !named.contains(&name) {
            named.push(name);
        }
    }
    named
}

fn launch_json(launch: &Launch) -> Json {
    let mut object = Map::new();
    object.insert("era".into(), json!(launch.era));
    object.insert("engine".into(), json!(launch.engine.name()));
    match &launch.outcome {
        Ok(start) => {
            object.insert("source".into(), json!(launch.source));
            object.insert("monitor".into(), json!(start.monitor));
            object.insert("kernel".into(), json!(start.kernel));
            object.insert("storage".into(), json!(start.storage));
            object.insert("network".into(), json!(start.network.name()));
            object.insert("commandLine".into(), json!(start.command_line));
        }
        Err(why) => drop(object.insert("fails".into(), json!(why))),
    }
    Json::Object(object)
}
