//! Boot files that are given by name, without a recipe, or that an image has.

use super::Input;
use super::images::{ImageOptions, Images, Opened};
use crate::diag::{Diagnostic, Report};
use crate::explain::code;
use crate::front::Hint;
use crate::host::{self, Kind};
use crate::judge::{BlockImage, BootFiles};
use crate::recipe::base::BaseConfig;
use crate::recipe::draft::{BaseDraft, ImageDraft};
use crate::recipe::{Place, Placed};
use crate::unikernel::{self, block, initrd};
use crate::urunc::Key;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::rc::Rc;

/// What marks a tar archive, and where (POSIX.1-2001, pax).
const TAR: (u64, &[u8]) = (257, b"ustar");

/// Whether a path leads to an image, not to a kernel: an archive, or a folder that is a layout or one of skopeo's.
pub fn is_image(path: &Path) -> bool {
    let is_there = |name: &str| host::stat(&path.join(name)).is_ok();
    match host::stat(path).map(|stat| stat.kind) {
        Ok(Kind::Directory) => is_there("index.json") || is_there("manifest.json"),
        Ok(Kind::File) => {
            let mut found = Vec::new();
            let read = host::open(path).and_then(|mut file| {
                file.seek(SeekFrom::Start(TAR.0))?;
                file.take(TAR.1.len() as u64).read_to_end(&mut found)
            });
            read.is_ok() && found == TAR.1
        }
        _ => false,
    }
}

/// The boot files of an image.
#[derive(Debug)]
pub struct ImageBootFiles {
    /// What their bytes say.
    pub files: BootFiles,
    /// The path of the kernel.
    pub kernel: String,
    /// The path of the initrd.
    pub initrd: Option<String>,
    /// What the image says of itself.
    pub config: BaseConfig,
    /// The platform that was chosen, as it can be written, where there were several.
    pub platform: Option<String>,
}

/// The boot files of an image: those of its annotations of urunc, or those that Unikraft's tools mark.
///
/// # Errors
/// The image cannot be read, or does not say what its kernel is.
pub fn image_boot_files(
    path: &Path,
    options: ImageOptions,
) -> Result<ImageBootFiles, Vec<Diagnostic>> {
    let asked = options.platform.as_ref().map(ToString::to_string);
    let opened = open_image(path, options, Hint::default())?;
    let config = opened.config().clone();
    let annotation = |key: Key| config.urunc.get(&key.full()).cloned();
    let unikraft = config.unikraft.as_ref();
    let kernel = annotation(Key::Binary).or_else(|| unikraft.map(|found| found.kernel.clone()));
    let Some(kernel) = kernel else {
        let title = format!("`{}` does not say what its kernel is", path.display());
        let diagnostic = Diagnostic::error(code::INIT_OF_IMAGE, title)
            .with_why("it has no annotations of urunc, and is not one of Unikraft's images");
        let help = "write the template with `bimanix init`, and add `base` and `binary` to it";
        return Err(vec![diagnostic.with_help(help)]);
    };
    let initrd = annotation(Key::Initrd).or_else(|| unikraft?.initrd.clone());
    let mut faults = Vec::new();
    let found = open(&opened, &kernel, &mut faults, unikernel::read);
    let found_initrd =
        initrd.as_ref().and_then(|path| open(&opened, path, &mut faults, initrd::read));
    match found {
        Some(found) if faults.is_empty() => Ok(ImageBootFiles {
            files: BootFiles { kernel: found, initrd: found_initrd, block: None },
            kernel,
            initrd,
            platform: asked,
            config,
        }),
        _ => Err(faults),
    }
}

/// What an image says of itself that a kernel for `architecture` is to start the process of.
///
/// # Errors
/// The image cannot be read.
pub fn image_config(
    path: &Path,
    options: ImageOptions,
    architecture: Option<&str>,
) -> Result<BaseConfig, Vec<Diagnostic>> {
    let hint = Hint { architecture, ..Hint::default() };
    open_image(path, options, hint).map(|opened| opened.config().clone())
}

fn open_image(
    path: &Path,
    options: ImageOptions,
    hint: Hint<'_>,
) -> Result<Rc<Opened>, Vec<Diagnostic>> {
    let folder = host::absolute(Path::new("."));
    let folder =
        folder.map_err(|error| vec![Diagnostic::io(code::INIT_INPUT, "read", path, &error)])?;
    let input = Input { folder, ..Input::default() };
    let images = Images::new(&input, options);
    let value = BaseDraft { image: ImageDraft::Path(path.to_owned()), platform: None };
    let place = Place { spans: None, path: path.display().to_string() };
    let mut report = Report::default();
    images.get(&Placed { value, place }, hint, &mut report).ok_or(report.findings)
}

fn open<T>(
    image: &Rc<Opened>,
    path: &str,
    faults: &mut Vec<Diagnostic>,
    read: impl FnOnce(&mut Box<dyn crate::world::ReadSeek>) -> io::Result<T>,
) -> Option<T> {
    image
        .open(path.as_bytes())
        .and_then(|mut file| read(&mut file))
        .map_err(|error| {
            faults.push(Diagnostic::io(code::INIT_INPUT, "read", Path::new(path), &error));
        })
        .ok()
}

/// What the bytes of boot files on the disk say.
///
/// # Errors
/// Those that cannot be read.
pub fn boot_files(
    kernel: &Path,
    initrd: Option<&Path>,
    block: Option<&Path>,
) -> Result<BootFiles, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let kernel = read_file(kernel, &mut faults, unikernel::read);
    let initrd = initrd.and_then(|path| read_file(path, &mut faults, initrd::read));
    let block = block.and_then(|path| {
        read_file(path, &mut faults, |file| {
            let format = block::read(file)?;
            Ok(BlockImage { format, size: file.seek(SeekFrom::End(0))? })
        })
    });
    match kernel {
        Some(kernel) if faults.is_empty() => Ok(BootFiles { kernel, initrd, block }),
        _ => Err(faults),
    }
}

fn read_file<T>(
    path: &Path,
    faults: &mut Vec<Diagnostic>,
    read: impl FnOnce(&mut File) -> io::Result<T>,
) -> Option<T> {
    host::open(path)
        .and_then(|mut file| read(&mut file))
        .map_err(|error| faults.push(Diagnostic::io(code::INIT_INPUT, "read", path, &error)))
        .ok()
}
