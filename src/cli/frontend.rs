//! `bimanix frontend`: what BuildKit starts for `docker build`, and the image that it starts it from.

use super::args::Frontend;
use super::{Outcome, session, ui, writing};
use crate::buildkit;
use crate::diag::Diagnostic;
use crate::driver;
use crate::eval::Stack;
use crate::explain::code;
use crate::host;
use crate::image::Known;
use crate::recipe::ImageReference;
use std::path::Path;

pub(super) fn run(frontend: &Frontend, stack: Stack) -> Outcome {
    if let Some(output) = &frontend.image {
        return image(frontend, output);
    }
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

/// Writes the image of this program.
fn image(frontend: &Frontend, output: &Path) -> Outcome {
    let refused = |title: String| Diagnostic::error(code::BUILDKIT_IMAGE, title);
    let name = match ImageReference::parse(&frontend.tag) {
        Ok(name) => name,
        Err(fault) => {
            let diagnostic = refused(format!("`{}` cannot name an image", frontend.tag));
            let diagnostic = diagnostic.with_why(fault.why).with_help_if(fault.help);
            return ui::fail(&diagnostic, Outcome::Usage);
        }
    };
    let epoch = match session::source_date_epoch() {
        Ok(epoch) => epoch,
        Err(outcome) => return outcome,
    };
    let program = match host::program() {
        Ok(program) => program,
        Err(error) => {
            let diagnostic = refused("the program cannot find itself".to_owned());
            return ui::fail(&diagnostic.with_why(error.to_string()), Outcome::Environment);
        }
    };
    let found = match driver::boot_files(&program, None, None) {
        Ok(found) => found.kernel,
        Err(diagnostics) => {
            for diagnostic in &diagnostics {
                ui::fail(diagnostic, Outcome::Environment);
            }
            return Outcome::Environment;
        }
    };
    if let Some(interpreter) = &found.interpreter {
        let diagnostic = refused("this program is not static".to_owned());
        let why =
            format!("it needs {interpreter} and libraries, and the image has this file alone");
        let help =
            "build it with `RUSTFLAGS=\"-C target-feature=+crt-static\"`, as the README says";
        return ui::fail(&diagnostic.with_why(why).with_help(help), Outcome::Refused);
    }
    let Some(architecture) = found.architecture else {
        let title = "the architecture of this program cannot be told".to_owned();
        return ui::fail(&refused(title), Outcome::Environment);
    };
    let architecture = architecture.value.oci();
    let image = buildkit::frontend_image(program, found.size, architecture, &name, epoch);
    match writing::archive(&image.into(), output, &Known::nothing()) {
        Ok(summary) => ui::result(summary.render().as_bytes()),
        Err(error) => writing::failed(&error, &output.display().to_string()),
    }
}
