//! `bimanix frontend`: what BuildKit starts for `docker build`.

use super::{Outcome, ui};
use crate::buildkit;
use crate::diag::Diagnostic;
use crate::eval::Stack;
use crate::explain::code;
use crate::host;

pub(super) fn run(stack: Stack) -> Outcome {
    match buildkit::serve(host::variables(), stack) {
        Ok(()) => Outcome::Done,
        Err(error) => {
            let title = "BuildKit cannot be spoken to";
            let diagnostic = Diagnostic::error(code::BUILDKIT_CONNECTION, title);
            let help = "BuildKit starts this command: begin a file with `# syntax=IMAGE`, and build it with `docker build`";
            ui::fail(&diagnostic.with_why(error.to_string()).with_help(help), Outcome::Environment)
        }
    }
}
