//! `bimanix build`: the image of an args.nix.

use super::args::{Build, Format};
use super::session::{self, Planned};
use super::{Outcome, store, ui, writing};
use crate::diag::Diagnostic;
use crate::eval::Stack;
use crate::explain::code;
use crate::host::target::{OpenStream, Stream, Target};
use crate::host::{self, Kind};
use crate::image::{Check, Index, Summaries, write};
use std::path::Path;

pub(super) fn run(build: &Build, stack: Stack) -> Outcome {
    #[cfg(feature = "buildkit")]
    if build.llb {
        return llb(build, stack);
    }
    match Target::at(&build.output) {
        Target::Name(output) => into_place(build, &output, stack),
        Target::Stream(stream) => into_stream(build, &stream, stack),
    }
}

/// Builds into a stream, with the image and nothing else in it.
fn into_stream(build: &Build, stream: &Stream, stack: Stack) -> Outcome {
    let name = stream.name();
    if build.store {
        let title = format!("`{name}` cannot become a link to the Nix store");
        let diagnostic = Diagnostic::error(code::STORE_OUTPUT, title)
            .with_why("it is written to as it is, and never replaced")
            .with_help("name the link with `-o`, or leave `--store` out");
        return ui::fail(&diagnostic, Outcome::Usage);
    }
    // Who reads a FIFO waits for it to be opened, also where the recipe is refused.
    let OpenStream { mut file, is_standard_output, .. } =
        match writing::open_stream(stream, build.format == Format::Layout) {
            Ok(open) => open,
            Err(outcome) => return outcome,
        };
    let planned = match planned(build, None, stack) {
        Ok(planned) => planned,
        Err(outcome) => return outcome,
    };
    planned.after(match writing::to_stream(&planned.index, &mut file, &build.reading.known()) {
        Ok(summaries) if !is_standard_output => show(build, &summaries),
        Ok(summaries) => {
            if build.json {
                ui::note(&text(build, &summaries));
            }
            Outcome::Done
        }
        Err(error) => writing::failed(&error, name),
    })
}

/// Prints what `buildctl` needs to build the image.
#[cfg(feature = "buildkit")]
fn llb(build: &Build, stack: Stack) -> Outcome {
    let planned = match planned(build, None, stack) {
        Ok(planned) => planned,
        Err(outcome) => return outcome,
    };
    let Some(image) = planned.index.only() else {
        let title = "`--llb` takes an image for one architecture";
        let diagnostic = Diagnostic::error(code::RECIPE_ARCHITECTURES, title);
        let help = "choose it, as in `--platform linux/amd64`";
        return ui::fail(&diagnostic.with_help(help), Outcome::Usage);
    };
    let named = build.source.containerfile.path.as_deref();
    let folder = match crate::driver::Text::at(&build.source.file, named) {
        Ok(mut text) => text.input().folder.clone(),
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Environment),
    };
    match crate::buildkit::for_buildctl(image, &folder) {
        Ok(made) => {
            ui::note(&format!(
                "--output {}",
                ui::quoted(Path::new(&format!("type=oci,{}", made.output)))
            ));
            planned.after(ui::result(&made.definition))
        }
        Err(diagnostic) => ui::fail(&diagnostic, Outcome::Refused),
    }
}

/// Builds a file, a folder or a link that gets the name `output`.
fn into_place(build: &Build, output: &Path, stack: Stack) -> Outcome {
    match planned(build, Some(output), stack) {
        Ok(planned) => planned.after(put_in_place(build, &planned.index, output)),
        Err(outcome) => outcome,
    }
}

fn put_in_place(build: &Build, index: &Index, output: &Path) -> Outcome {
    if build.store {
        return match store::add(index, output, &build.reading.known()) {
            Ok(summaries) => show(build, &summaries),
            Err(diagnostic) => ui::fail(&diagnostic, Outcome::Environment),
        };
    }
    if build.if_changed
        && let Some(summaries) = already_there(build, index, output)
    {
        return show(build, &summaries);
    }
    let known = build.reading.known();
    let done = match build.format {
        Format::Archive => writing::archive(index, output, &known),
        Format::Layout => writing::layout(index, output, &known),
    };
    match done {
        Ok(summaries) => show(build, &summaries),
        Err(error) => writing::failed(&error, &output.display().to_string()),
    }
}

/// What the output is, where it is this very image. What fails here fails again when it is built, and is reported there.
fn already_there(build: &Build, index: &Index, output: &Path) -> Option<Summaries> {
    let kind = host::stat(output).ok()?.kind;
    let is_known = match build.format {
        Format::Archive => kind == Kind::File,
        Format::Layout => kind == Kind::Directory,
    };
    let progress = ui::Progress::new(write::made_content_size(index));
    let prepared = is_known
        .then(|| {
            write::prepare(index, Check::Later, &build.reading.known(), &|bytes| {
                progress.add(bytes);
            })
        })?
        .ok()?;
    let is_same = match build.format {
        Format::Archive => prepared.is_archive_at(output),
        Format::Layout => prepared.is_layout_at(output),
    };
    is_same.then(|| prepared.summaries())
}

fn planned(build: &Build, output: Option<&Path>, stack: Stack) -> Result<Planned, Outcome> {
    let mut planned = session::planned(&build.source, output, stack)?;
    planned.index.compress(build.compression);
    Ok(planned)
}

fn show(build: &Build, summaries: &Summaries) -> Outcome {
    ui::result(format!("{}\n", text(build, summaries)).as_bytes())
}

fn text(build: &Build, summaries: &Summaries) -> String {
    let text = if build.json { format!("{:#}", summaries.to_json()) } else { summaries.render() };
    text.trim_end().to_owned()
}
