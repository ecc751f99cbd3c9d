//! `bimanix explain`: what a code means.

use super::args::Explain;
use super::{Outcome, ui};
use crate::diag::{Diagnostic, nearest};
use crate::explain;

pub(super) fn run(explain: &Explain) -> Outcome {
    let Some(code) = &explain.code else {
        let lines = explain::all();
        let lines = lines.iter().map(|known| format!("{:<36} {}\n", known.code, known.rule));
        return ui::result(lines.collect::<String>().as_bytes());
    };
    match explain::find(code) {
        Some(known) => ui::result(known.render().as_bytes()),
        None => {
            let near = nearest(code, explain::all().into_iter().map(|known| known.code));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`bimanix explain` lists the codes".to_owned(),
            };
            let diagnostic = Diagnostic::error("cli/explain", format!("there is no code `{code}`"));
            ui::fail(&diagnostic.with_help(help), Outcome::Refused)
        }
    }
}
