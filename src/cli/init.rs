//! `bimanix init`: the args.nix for a kernel.

use super::args::Init;
use super::{Outcome, newfile, ui};
use crate::diag::{Diagnostic, Report, SourceMap};
use crate::driver::{self, ImageBootFiles, ImageOptions};
use crate::explain::code;
use crate::front::init::{self, Base, Sources};
use crate::host;
use crate::host::target::Target;
use std::path::Path;

pub(super) fn run(init: &Init) -> Outcome {
    let target = Target::at(&init.output);
    let text = match text(init, &target) {
        Ok(text) => text,
        Err(findings) => {
            ui::findings(&Report { findings, ..Report::default() }, &SourceMap::default());
            return Outcome::Refused;
        }
    };
    match newfile::write(&init.output, &text, code::INIT_OUTPUT) {
        Ok(true) => {}
        Ok(false) => return Outcome::Done,
        Err(ended) => return ended,
    }
    let (path, next) = (init.output.display(), newfile::check_command(&init.output));
    ui::note(&match init.binary {
        Some(_) => format!("wrote {path}; check it with `{next}`"),
        None => format!("wrote {path}; name your kernel in `files` and check it with `{next}`"),
    });
    Outcome::Done
}

fn text(init: &Init, target: &Target) -> Result<String, Vec<Diagnostic>> {
    let Some(kernel) = &init.binary else {
        if let Some(file) = init.initrd.as_ref().or(init.block.as_ref()) {
            let title = format!("`{}` needs a kernel that takes it", file.display());
            let diagnostic = Diagnostic::error(code::INIT_NO_KERNEL, title)
                .with_help("name the kernel: `bimanix init KERNEL --initrd FILE`");
            return Err(vec![diagnostic]);
        }
        if let Some(base) = &init.base {
            let title = format!("`{}` needs a kernel that starts its program", base.display());
            let diagnostic = Diagnostic::error(code::INIT_NO_KERNEL, title)
                .with_help("name the kernel: `bimanix init VMLINUZ --base IMAGE`");
            return Err(vec![diagnostic]);
        }
        return Ok(init::TEMPLATE.to_owned());
    };
    let output = match target {
        Target::Name(output) => output,
        Target::Stream(_) => Path::new("args.nix"),
    };
    let name = |path: &Path| named_from(output, path);
    if let Some(base) = &init.base {
        let files = driver::boot_files(kernel, None, None)?;
        let architecture = files.kernel.architecture.as_ref().map(|known| known.value.oci());
        let options = ImageOptions { platform: init.platform.clone(), ..ImageOptions::default() };
        let config = driver::image_config(base, options, architecture)?;
        let platform = init.platform.as_ref().map(ToString::to_string);
        let base = Base::new(name(base), platform, config);
        return init::linux(&files.kernel, &name(kernel), &base);
    }
    if driver::is_image(kernel) {
        return of_image(init, kernel, name(kernel));
    }
    let files = driver::boot_files(kernel, init.initrd.as_deref(), init.block.as_deref())?;
    let sources = Sources {
        kernel: name(kernel),
        initrd: init.initrd.as_deref().map(name),
        block: init.block.as_deref().map(name),
        base: None,
    };
    init::args_nix(&files, &sources)
}

/// The args.nix for an image to build on, named by `named`.
fn of_image(init: &Init, image: &Path, named: String) -> Result<String, Vec<Diagnostic>> {
    if let Some(file) = init.initrd.as_ref().or(init.block.as_ref()) {
        let title = format!("`{}` cannot be added to the files of an image", file.display());
        let diagnostic = Diagnostic::error(code::INIT_OF_IMAGE, title)
            .with_why("the boot files of an image are those that it says it has")
            .with_help("leave it out, and add it to `files` of the args.nix that is written");
        return Err(vec![diagnostic]);
    }
    let options = ImageOptions { platform: init.platform.clone(), ..ImageOptions::default() };
    let ImageBootFiles { files, kernel, initrd, config, platform } =
        driver::image_boot_files(image, options)?;
    let base = Some(Base::new(named, platform, config));
    init::args_nix(&files, &Sources { kernel, initrd, block: None, base })
}

/// How an args.nix at `output` names a file: from its folder on where the file lies below it.
fn named_from(output: &Path, file: &Path) -> String {
    let absolute = |path: &Path| host::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (output, file) = (absolute(output), absolute(file));
    let below = output.parent().and_then(|folder| file.strip_prefix(folder).ok());
    match below {
        Some(below) => format!("./{}", below.display()),
        None => file.display().to_string(),
    }
}
