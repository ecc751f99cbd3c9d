//! `bimanix inspect`: an image as engines and urunc see it.

use super::args::Inspect;
use super::{Outcome, ui};
use crate::image::read;

pub(super) fn run(inspect: &Inspect) -> Outcome {
    match read::read(&inspect.image) {
        Ok(summary) => {
            let text =
                if inspect.json { format!("{:#}\n", summary.to_json()) } else { summary.render() };
            ui::result(text.as_bytes())
        }
        Err(error) => ui::fail(&error.report(), Outcome::Refused),
    }
}
