//! What `image.stream`, `image.load` and `image.push` of `nix/lib/buildImage.nix` run: a recipe whose
//! sources are in the Nix store, and a shell script for each that hands it to bimanix. The references
//! keep the sources alive, and nothing of what they hold is copied.

use super::ui::quoted;
use crate::host::output::OutputFolder;
use serde_json::{Map, Value as Json, json};
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

/// Where in the store is what a recipe names.
pub(super) struct Places<'p> {
    /// The entries of `files`.
    pub(super) files: &'p BTreeMap<String, PathBuf>,
    /// Those of `rootfs.files`.
    pub(super) rootfs_files: &'p BTreeMap<String, PathBuf>,
    /// All that `rootfs.closure` refers to.
    pub(super) closure: &'p [PathBuf],
}

impl Commands {
    /// Writes the recipe and the scripts into a new folder. There is a recipe for each architecture, or one under an
    /// empty name.
    ///
    /// # Errors
    /// The system's error.
    pub(super) fn write(&self, recipes: BTreeMap<String, Json>, out: &Path) -> io::Result<()> {
        let recipe = joined(recipes);
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

/// A recipe with the places in the store written out.
pub(super) fn spelled(mut recipe: Json, places: &Places<'_>) -> Json {
    point_to_store(&mut recipe, places.files);
    if let Some(rootfs) = recipe.get_mut("rootfs") {
        point_to_store(rootfs, places.rootfs_files);
        spell_closure(rootfs, places.closure);
    }
    recipe
}

/// One recipe that says what those of all architectures say.
fn joined(mut recipes: BTreeMap<String, Json>) -> Json {
    if let Some(only) = recipes.remove("") {
        return only;
    }
    let mut whole = Map::new();
    for recipe in recipes.values_mut().filter_map(Json::as_object_mut) {
        recipe.remove("architecture");
        // The same in all of them.
        for name in ["name", "tag", "created", "allow"] {
            whole.extend(recipe.remove_entry(name));
        }
    }
    whole.insert("architectures".to_owned(), recipes.into_iter().collect());
    Json::Object(whole)
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

/// Writes the paths of a closure as files, each where it is: outside of a build nobody knows what refers to what.
fn spell_closure(rootfs: &mut Json, closure: &[PathBuf]) {
    let Some(rootfs) = rootfs.as_object_mut() else { return };
    rootfs.remove("closure");
    if closure.is_empty() {
        return;
    }
    let files = rootfs.entry("files").or_insert_with(|| json!({}));
    let Some(files) = files.as_object_mut() else { return };
    for path in closure {
        let path = path.display().to_string();
        files.entry(path.clone()).or_insert_with(|| json!(path));
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

    #[test]
    fn a_closure_becomes_files() {
        let mut rootfs =
            json!({ "type": "block", "closure": ["/nix/store/a"], "files": { "x": "/x" } });
        spell_closure(&mut rootfs, &["/nix/store/a".into(), "/nix/store/b".into()]);
        let files =
            json!({ "x": "/x", "/nix/store/a": "/nix/store/a", "/nix/store/b": "/nix/store/b" });
        assert_eq!(rootfs, json!({ "type": "block", "files": files }));
    }
}
