//! `bimanix check`: every problem, and nothing written.

use super::args::Check;
use super::{Outcome, session, ui};
use crate::diag::{Report, SourceMap};
use crate::eval::Stack;
use serde_json::Value as Json;

pub(super) fn run(check: &Check, stack: Stack) -> Outcome {
    let mut sources = SourceMap::default();
    let mut report = Report::default();
    let plan = session::plan(&check.source, None, 0, stack, &mut sources, &mut report);
    if check.json {
        let findings = report.findings.iter().map(|finding| finding.to_json(&sources)).collect();
        let text = format!("{:#}\n", Json::Array(findings));
        if ui::result(text.as_bytes()) == Outcome::Environment {
            return Outcome::Environment;
        }
    } else {
        ui::findings(&report, &sources);
    }
    if plan.is_some() { Outcome::Done } else { Outcome::Refused }
}
