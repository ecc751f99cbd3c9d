//! `bimanix init`: the args.nix for a kernel.

use super::args::Init;
use super::{Outcome, ui};
use crate::diag::{Diagnostic, Report, SourceMap};
use crate::host;
use crate::init::{self, Sources};
use crate::pipeline;
use std::io::Write as _;
use std::path::Path;

pub(super) fn run(init: &Init) -> Outcome {
    let text = match text(init) {
        Ok(text) => text,
        Err(findings) => {
            ui::findings(&Report { findings, ..Report::default() }, &SourceMap::default());
            return Outcome::Refused;
        }
    };
    if init.output == Path::new("-") {
        return ui::result(text.as_bytes());
    }
    // An args.nix that is there was written by somebody.
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&init.output);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    if let Err(error) = written {
        let mut diagnostic = Diagnostic::io("init/output", "write", &init.output, &error);
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            diagnostic = diagnostic.with_help("remove it first, or print with `-o -`");
            return ui::fail(&diagnostic, Outcome::Refused);
        }
        return ui::fail(&diagnostic, Outcome::Environment);
    }
    ui::note(&format!("wrote {}; see it with `bimanix check`", init.output.display()));
    Outcome::Done
}

fn text(init: &Init) -> Result<String, Vec<Diagnostic>> {
    let Some(kernel) = &init.binary else {
        if let Some(file) = init.initrd.as_ref().or(init.block.as_ref()) {
            let title = format!("`{}` needs a kernel that takes it", file.display());
            let diagnostic = Diagnostic::error("init/no-kernel", title)
                .with_help("name the kernel: `bimanix init KERNEL --initrd FILE`");
            return Err(vec![diagnostic]);
        }
        return Ok(init::TEMPLATE.to_owned());
    };
    let files = pipeline::boot_files(kernel, init.initrd.as_deref(), init.block.as_deref())?;
    let name = |path: &Path| named_from(&init.output, path);
    let sources = Sources {
        kernel: name(kernel),
        initrd: init.initrd.as_deref().map(name),
        block: init.block.as_deref().map(name),
    };
    init::args_nix(&files, &sources)
}

/// How an args.nix at `output` names a file: from its folder on where the file lies below it.
fn named_from(output: &Path, file: &Path) -> String {
    let absolute = |path: &Path| host::absolute(path).unwrap_or_else(|_| path.to_owned());
    let output = if output == Path::new("-") { Path::new("args.nix") } else { output };
    let (output, file) = (absolute(output), absolute(file));
    let below = output.parent().and_then(|folder| file.strip_prefix(folder).ok());
    match below {
        Some(below) => format!("./{}", below.display()),
        None => file.display().to_string(),
    }
}
