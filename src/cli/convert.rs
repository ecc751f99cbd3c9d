//! `bimanix convert`: a Containerfile or a bunnyfile as the args.nix that says the same.

use super::args::Convert;
use super::session::Reading;
use super::{Outcome, newfile, session, ui};
use crate::diag::{Report, SourceMap};
use crate::driver::pull::Registries;
use crate::driver::{self, Conversion, ImageOptions, Images, Text};
use crate::explain::code;
use crate::host;
use crate::host::target::Target;
use std::path::{Path, PathBuf};

pub(super) fn run(convert: &Convert) -> Outcome {
    let mut sources = SourceMap::default();
    let mut report = Report::default();
    let observer = Box::new(ui::Pulls::default());
    let max_size = ImageOptions::default().max_unpacked;
    let registries = Registries::new(convert.access.settings(), max_size, observer);
    let text = text(convert, &registries, &mut sources, &mut report);
    report.drop_notes();
    report.sort();
    ui::findings(&report, &sources);
    let Some(text) = text else { return session::refused(&registries) };
    match newfile::write(&convert.output, &text, code::CONVERT_OUTPUT) {
        Ok(true) => {
            let next = newfile::check_command(&convert.output);
            ui::note(&format!("wrote {}; check it with `{next}`", convert.output.display()));
            Outcome::Done
        }
        Ok(false) => Outcome::Done,
        Err(ended) => ended,
    }
}

fn text(
    convert: &Convert,
    registries: &Registries,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<String> {
    let text = match Text::to_convert(&convert.file, convert.containerfile.path.as_deref()) {
        Ok(text) => text,
        Err(diagnostic) => {
            report.push(*diagnostic);
            return None;
        }
    };
    let (Text::Containerfile { input, shown } | Text::Bunnyfile { input, shown }) = &text else {
        return None;
    };
    let platform = convert.platform.as_ref();
    let options = ImageOptions { platform: platform.cloned(), ..ImageOptions::default() };
    let images = Images::new(input, options).with_registries(registries);
    let flags = &convert.containerfile;
    let reading = Reading { flags, platform, locked: false, registries };
    let draft = session::draft(reading, &text, &images, sources, report)?;
    if report.has_errors() {
        return None;
    }
    let spelled = platform.map(ToString::to_string);
    let conversion = Conversion {
        shown,
        folder: &folder(&convert.output),
        name: convert.containerfile.tag.as_deref(),
        platform: spelled.as_deref(),
    };
    driver::convert(draft, input, &images, &conversion, sources, report)
}

/// Where the args.nix will be; what goes to a stream is for the folder that the command is run in.
fn folder(output: &Path) -> PathBuf {
    let file = match Target::at(output) {
        Target::Name(file) => file,
        Target::Stream(_) => PathBuf::from(driver::DEFAULT_FILE),
    };
    let file = host::absolute(&file).map(|file| host::normalize(&file)).unwrap_or(file);
    file.parent().unwrap_or(Path::new("/")).to_owned()
}
