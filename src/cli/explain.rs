//! `bimanix explain`: what a code means.

use super::args::Explain;
use super::{Outcome, ui};
use crate::diag::{Diagnostic, nearest};
use crate::driver::releases;
use crate::explain;
use crate::explain::code;

pub(super) fn run(explain: &Explain) -> Outcome {
    let Some(code) = &explain.code else {
        let lines = explain::all();
        let lines = lines.iter().map(|known| format!("{:<36} {}\n", known.code, known.rule));
        return ui::result(lines.collect::<String>().as_bytes());
    };
    match explain::find(code) {
        Some(known) => ui::result(known.render(releases(known.code)).as_bytes()),
        None => {
            let near = nearest(code, explain::all().into_iter().map(|known| known.code.as_str()));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`bimanix explain` lists the codes".to_owned(),
            };
            let diagnostic =
                Diagnostic::error(code::CLI_EXPLAIN, format!("there is no code `{code}`"));
            ui::fail(&diagnostic.with_help(help), Outcome::Refused)
        }
    }
}
