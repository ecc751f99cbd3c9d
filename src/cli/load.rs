//! `bimanix load`: the image of an args.nix, or one that is there, straight into an engine by the engine's
//! own client. No tar is written to a disk on the way.

use super::args::{Engine, Load};
use super::{Outcome, build, session, ui};
use crate::diag::Diagnostic;
use crate::eval::Stack;
use crate::host::{self, Client, Kind};
use crate::image::WriteError;
use std::io;
use std::path::Path;

pub(super) fn run(load: &Load, stack: Stack) -> Outcome {
    if is_image(&load.source.file) {
        return with_client(load, |stdin| {
            let mut image = host::open(&load.source.file)
                .map_err(|error| WriteError::Source { path: load.source.file.clone(), error })?;
            io::copy(&mut image, stdin).map(drop).map_err(WriteError::Output)
        });
    }
    let plan = match session::planned(&load.source, None, stack) {
        Ok(plan) => plan,
        Err(outcome) => return outcome,
    };
    let mut summary = None;
    let outcome = with_client(load, |stdin| {
        summary = Some(build::to_stream(&plan, stdin)?);
        Ok(())
    });
    match (outcome, summary) {
        (Outcome::Done, Some(summary)) => ui::result(summary.render().as_bytes()),
        (outcome, _) => outcome,
    }
}

/// Whether a path is an image that is there already: any file but one of the language or of JSON.
pub(super) fn is_image(path: &Path) -> bool {
    let named = |name: &str| path.extension().is_some_and(|extension| extension == name);
    let is_file = host::stat(path).is_ok_and(|stat| stat.kind == Kind::File);
    is_file && !named("nix") && !named("json")
}

/// The client of an engine, and how it is told to read an image.
fn command(load: &Load) -> (&'static str, Vec<&str>) {
    match load.into {
        Engine::Docker => ("docker", vec!["load", "--quiet"]),
        Engine::Podman => ("podman", vec!["load", "--quiet"]),
        Engine::Containerd => {
            ("ctr", vec!["--namespace", &load.namespace, "images", "import", "-"])
        }
    }
}

fn with_client(
    load: &Load,
    write: impl FnOnce(&mut dyn io::Write) -> Result<(), WriteError>,
) -> Outcome {
    let (program, arguments) = command(load);
    let mut client = match Client::start(program, &arguments) {
        Ok(client) => client,
        Err(error) => {
            let diagnostic = if error.kind() == io::ErrorKind::NotFound {
                Diagnostic::error("load/no-client", format!("`{program}` is not on the PATH"))
                    .with_why("the image is given to the engine by its own client")
                    .with_help("install it, or choose another engine with `--into`")
            } else {
                Diagnostic::error("load/no-client", format!("cannot start `{program}`"))
                    .with_why(crate::diag::describe_io(&error))
            };
            return ui::fail(&diagnostic, Outcome::Environment);
        }
    };
    let written = client.write(write);
    match (written, client.wait()) {
        // A client that fails closes its input, so its own words come first.
        (Err(WriteError::Output(_)) | Ok(()), Ok(end)) if !end.success => {
            let title = format!("`{program} {}` failed", arguments.join(" "));
            let diagnostic = Diagnostic::error("load/failed", title);
            let said = end.errors.trim();
            let diagnostic =
                if said.is_empty() { diagnostic } else { diagnostic.with_why(said.to_owned()) };
            ui::fail(&diagnostic, Outcome::Environment)
        }
        (Err(error), _) => ui::fail(&error.report(program), Outcome::Environment),
        (Ok(()), Err(error)) => {
            ui::fail(&WriteError::Output(error).report(program), Outcome::Environment)
        }
        (Ok(()), Ok(end)) => {
            for line in end.output.lines().chain(end.errors.lines()) {
                ui::note(line);
            }
            Outcome::Done
        }
    }
}
