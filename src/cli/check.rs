//! `bimanix check`: every problem, and nothing written.

use super::args::{Check, FindingFormat};
use super::session::{self, Making};
use super::{Outcome, sarif, ui};
use crate::diag::{Report, SourceMap};
use crate::eval::Stack;
use crate::image;
use serde_json::Value as Json;

pub(super) fn run(check: &Check, stack: Stack) -> Outcome {
    let mut sources = SourceMap::default();
    let mut report = Report::default();
    let registries = session::registries(&check.source);
    let check_now = image::Check::Now;
    let making = Making { output: None, epoch: 0, check: check_now, registries: &registries };
    let image = session::image(&check.source, making, stack, &mut sources, &mut report);
    let format = if check.json { FindingFormat::Json } else { check.format };
    let result = match format {
        FindingFormat::Text => {
            ui::findings(&report, &sources);
            Outcome::Done
        }
        FindingFormat::Json => {
            let findings = report.findings.iter().map(|finding| finding.to_json(&sources));
            ui::result(format!("{:#}\n", Json::Array(findings.collect())).as_bytes())
        }
        FindingFormat::Sarif => {
            let log = sarif::log(&report, &sources, &check.source.args_nix());
            ui::result(format!("{log:#}\n").as_bytes())
        }
    };
    if result == Outcome::Environment {
        return result;
    }
    if image.is_some() { Outcome::Done } else { session::refused(&registries) }
}
