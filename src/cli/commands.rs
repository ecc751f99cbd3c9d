//! What `image.stream`, `image.load` and `image.push` of `nix/lib/buildImage.nix` run: a recipe whose
//! sources are in the Nix store, and a shell script for each that hands it to bimanix. The references
//! keep the sources alive, and nothing of what they hold is copied.

use super::ui::quoted;
use crate::host::output::OutputFolder;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Where the recipe is, below the output.
const RECIPE: &str = "recipe.json";

/// The attribute `commands` of the derivation.
#[derive(serde::Deserialize)]
pub(super) struct Commands {
    /// The program that the scripts run.
    bimanix: PathBuf,
    /// What the scripts are called.
    programs: Programs,
}

#[derive(serde::Deserialize)]
struct Programs {
    stream: String,
    load: String,
    push: String,
}

impl Commands {
    /// Writes the recipe and the scripts into a new folder.
    ///
    /// # Errors
    /// The system's error.
    pub(super) fn write(
        &self,
        mut recipe: Json,
        sources: &BTreeMap<String, PathBuf>,
        out: &Path,
    ) -> io::Result<()> {
        point_to_store(&mut recipe, sources);
        let folder = OutputFolder::create(out, RECIPE)?;
        folder.write(RECIPE, format!("{recipe:#}\n").as_bytes())?;
        let recipe = out.join(RECIPE);
        let Programs { stream, load, push } = &self.programs;
        for (name, command, options) in
            [(stream, "build", " --output -"), (load, "load", ""), (push, "push", "")]
        {
            // The time of an image from the store is 0, whatever the shell around it says.
            let script = format!(
                "#!/bin/sh\nunset SOURCE_DATE_EPOCH\nexec {} {command} {}{options} \"$@\"\n",
                quoted(&self.bimanix),
                quoted(&recipe)
            );
            folder.write_program(&format!("bin/{name}"), script.as_bytes())?;
        }
        folder.commit()
    }
}

/// Gives each entry of `files` the place of its content as `source`. Images are named by theirs already.
fn point_to_store(recipe: &mut Json, sources: &BTreeMap<String, PathBuf>) {
    let Some(files) = recipe.get_mut("files").and_then(Json::as_object_mut) else { return };
    for (key, destination) in files {
        let Some(source) = sources.get(key) else { continue };
        if destination.is_string() {
            *destination = json!({ "path": destination.take() });
        }
        if let Some(destination) = destination.as_object_mut() {
            destination.insert("source".to_owned(), json!(source));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_destination_is_told_its_source() {
        let mut recipe = json!({
            "name": "x",
            "files": {
                "a": "/a",
                "b": { "path": "/b", "mode": "0600" },
                "c": "/c",
                "wrong": 1,
            },
        });
        let sources =
            ["a", "b", "wrong"].map(|key| (key.to_owned(), format!("/store/{key}").into()));
        point_to_store(&mut recipe, &sources.into_iter().collect());
        assert_eq!(
            recipe,
            json!({
                "name": "x",
                "files": {
                    "a": { "path": "/a", "source": "/store/a" },
                    "b": { "path": "/b", "mode": "0600", "source": "/store/b" },
                    "c": "/c",
                    "wrong": 1,
                },
            })
        );
    }
}
