//! `bimanix load`: the image of an args.nix, or one that is there, straight into an engine by the engine's
//! own client. No tar is written to a disk on the way.

use super::args::{Engine, Load};
use super::existing::{self, Existing};
use super::{Outcome, session, ui, writing};
use crate::diag::Diagnostic;
use crate::eval::Stack;
use crate::explain::code;
use crate::host::{self, Client};
use crate::image::read::Archive;
use crate::image::{Index, Known, Name, Summaries, WriteError, write};
use std::io;
use std::path::Path;

pub(super) fn run(load: &Load, stack: Stack) -> Outcome {
    if load.namespace.is_some() && load.into != Engine::Containerd {
        let diagnostic = Diagnostic::error(code::LOAD_NAMESPACE, "only containerd has namespaces")
            .with_help("leave `--namespace` out, or load with `--into containerd`");
        return ui::fail(&diagnostic, Outcome::Usage);
    }
    match Existing::at(&load.source) {
        Ok(None) => {}
        Ok(Some(Existing::Folder)) => return folder(load),
        Ok(Some(Existing::Archive)) => return archive(load),
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    }
    let planned = match session::planned(&load.source, None, stack) {
        Ok(planned) => planned,
        Err(outcome) => return outcome,
    };
    planned.after(match command(load).give(&planned.index, &load.reading.known()) {
        Ok(summary) => ui::result(summary.render().as_bytes()),
        Err(outcome) => outcome,
    })
}

/// An archive, as it is.
fn archive(load: &Load) -> Outcome {
    command(load).run(|stdin| {
        let mut image = host::open(&load.source.file)
            .map_err(|error| WriteError::Source { path: load.source.file.clone(), error })?;
        write::pass_on(&mut image, stdin, &load.source.file).map(drop)
    })
}

/// A folder, as an archive that every engine takes.
fn folder(load: &Load) -> Outcome {
    let path = &load.source.file;
    let read = existing::read_one(path, &load.source.unpacking)
        .and_then(|(archive, blobs)| Ok((name(path, &archive)?, archive, blobs)));
    let (name, archive, blobs) = match read {
        Ok(read) => read,
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    };
    command(load).run(|stdin| {
        let open = |digest| existing::open(&archive, path, digest);
        write::gather(&name, &blobs, path, &open, stdin)
    })
}

/// What the image of a layout is called.
fn name(path: &Path, archive: &Archive) -> Result<Name, Box<Diagnostic>> {
    existing::full_name(archive).ok_or_else(|| {
        let title = format!("the image in `{}` has no name", path.display());
        Box::new(
            Diagnostic::error(code::LOAD_NO_NAME, title)
                .with_why("an engine keeps an image by its name, which the folder does not say")
                .with_help("build it with bimanix, or load it with `skopeo copy`"),
        )
    })
}

/// The client of an engine, and how it is told to read an image. What the environment says, such as `DOCKER_HOST`,
/// `DOCKER_CONTEXT`, `CONTAINERD_ADDRESS`, `CONTAINERD_NAMESPACE` and `CONTAINER_HOST`, is for the client to read.
pub(super) struct ClientCommand {
    program: &'static str,
    arguments: Vec<String>,
    /// What to do where the client is not there.
    instead: &'static str,
}

/// An option of a client, and its value.
type ClientOption = Option<(&'static str, String)>;

fn command(load: &Load) -> ClientCommand {
    let instead = "install it, or choose another engine with `--into`";
    let loads = |program| ClientCommand {
        program,
        arguments: vec!["load".to_owned(), "--quiet".to_owned()],
        instead,
    };
    match load.into {
        Engine::Docker => loads("docker"),
        Engine::Podman => loads("podman"),
        Engine::Containerd => {
            let namespace = load.namespace.clone().map(|name| ("--namespace", name));
            ClientCommand::containerd([None, namespace], None, instead)
        }
    }
}

impl ClientCommand {
    /// containerd's client, with its own options and those of the import.
    pub(super) fn containerd(
        own: [ClientOption; 2],
        import: ClientOption,
        instead: &'static str,
    ) -> Self {
        let option = |(name, value): (&str, String)| [name.to_owned(), value];
        let mut arguments: Vec<String> = own.into_iter().flatten().flat_map(option).collect();
        arguments.extend(["images", "import"].map(str::to_owned));
        arguments.extend(import.into_iter().flat_map(option));
        arguments.push("-".to_owned());
        ClientCommand { program: "ctr", arguments, instead }
    }

    /// Gives images to the client.
    ///
    /// # Errors
    /// How the program ends where it does not take it.
    pub(super) fn give(&self, index: &Index, known: &Known) -> Result<Summaries, Outcome> {
        let mut summary = None;
        let outcome = self.run(|stdin| {
            summary = Some(writing::to_stream(index, stdin, known)?);
            Ok(())
        });
        match (outcome, summary) {
            (Outcome::Done, Some(summary)) => Ok(summary),
            (outcome, _) => Err(outcome),
        }
    }

    fn run(&self, write: impl FnOnce(&mut dyn io::Write) -> Result<(), WriteError>) -> Outcome {
        let ClientCommand { program, arguments, instead } = self;
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut client = match Client::start(program, &words) {
            Ok(client) => client,
            Err(error) => {
                let diagnostic = if error.kind() == io::ErrorKind::NotFound {
                    Diagnostic::error(
                        code::LOAD_NO_CLIENT,
                        format!("`{program}` is not on the PATH"),
                    )
                    .with_why("the image is given to the engine by its own client")
                    .with_help(*instead)
                } else {
                    Diagnostic::error(code::LOAD_NO_CLIENT, format!("cannot start `{program}`"))
                        .with_why(crate::diag::describe_io(&error))
                };
                return ui::fail(&diagnostic, Outcome::Environment);
            }
        };
        let written = client.write(write);
        let end = match client.wait() {
            Ok(end) => end,
            Err(error) => {
                return ui::fail(&WriteError::Output(error).report(program), Outcome::Environment);
            }
        };
        let failed = |how: &str| {
            let title = format!("`{program} {}` {how}", arguments.join(" "));
            let said = last_lines(&end.errors);
            let said = if said.is_empty() { last_lines(&end.output) } else { said };
            let diagnostic = Diagnostic::error(code::LOAD_FAILED, title);
            let diagnostic = if said.is_empty() { diagnostic } else { diagnostic.with_why(said) };
            ui::fail(&diagnostic, Outcome::Environment)
        };
        match written {
            // A client that fails closes its input, so its own words come first.
            Ok(()) | Err(WriteError::Output(_)) if !end.success => failed("failed"),
            Err(WriteError::Output(_)) => failed("ended before it had read the whole image"),
            Err(error) => writing::failed(&error, program),
            Ok(()) => {
                for line in end.output.lines().chain(end.errors.lines()) {
                    ui::note(&crate::diag::printable(line));
                }
                Outcome::Done
            }
        }
    }
}

/// How many lines of what a client said are shown when it has failed.
const MAX_LINES: usize = 20;

/// The last lines of a text, each of which fits a screen.
fn last_lines(text: &str) -> String {
    let lines: Vec<String> = text
        .trim()
        .lines()
        .rev()
        .take(MAX_LINES)
        .map(|line| line.chars().take(1000).collect())
        .collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_lines_the_last_are_shown() {
        assert_eq!(last_lines("\n a\n\nb \n"), "a\n\nb");
        assert_eq!(last_lines(""), "");
        let many: String = (0..100).map(|number| format!("{number}\n")).collect();
        assert!(last_lines(&many).starts_with("80\n81\n") && last_lines(&many).ends_with("\n99"));
        assert_eq!(last_lines(&"x".repeat(5000)).len(), 1000);
    }
}
