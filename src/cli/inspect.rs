//! `bimanix inspect`: an image as engines and urunc see it.

use super::args::Inspect;
use super::{Outcome, ui};
use crate::driver::inspect::{self, Inspection};
use crate::image::read::{self, Input};
use serde_json::{Value as Json, json};
use std::path::Path;

pub(super) fn run(arguments: &Inspect) -> Outcome {
    let input = match arguments.image.as_path() {
        path if path == Path::new("-") => Input::Stdin,
        path => Input::Path(path),
    };
    let archive = match read::read(&input, arguments.unpacking.max_unpacked) {
        Ok(archive) => archive,
        Err(error) => return ui::fail(&error.report(), Outcome::Refused),
    };
    for skipped in &archive.skipped {
        ui::note(&format!("note: not shown: {skipped}"));
    }
    let mut inspections: Vec<Inspection> = Vec::with_capacity(archive.images.len());
    for number in 0..archive.images.len() {
        match inspect::inspect(&archive, number) {
            Ok(inspection) => inspections.extend(inspection),
            Err(error) => return ui::fail(&error.report(), Outcome::Refused),
        }
    }
    let text = if arguments.json {
        let mut images: Vec<Json> = inspections.iter().map(Inspection::to_json).collect();
        let json = match images.len() {
            1 => images.remove(0),
            _ => json!({ "images": images }),
        };
        format!("{json:#}\n")
    } else {
        inspections.iter().map(Inspection::render).collect::<Vec<_>>().join("\n")
    };
    match ui::result(text.as_bytes()) {
        Outcome::Done if inspections.iter().any(Inspection::has_errors) => Outcome::Refused,
        outcome => outcome,
    }
}
