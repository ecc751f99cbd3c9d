//! `bimanix build --store`: the image in the local Nix store, with the output as a GC root.

use super::writing;
use crate::diag::Diagnostic;
use crate::explain::code;
use crate::host;
use crate::image::{Index, Known, Summaries};
use std::ffi::OsStr;
use std::io;
use std::path::Path;

/// What store names may hold besides letters and digits.
const STORE_NAME: &str = "+._?=-";

/// Builds into a temporary folder, adds the file to the store, and links `output` to it.
pub(super) fn add(
    index: &Index,
    output: &Path,
    known: &Known,
) -> Result<Summaries, Box<Diagnostic>> {
    let folder = host::scratch_folder("bimanix-store").map_err(|error| {
        Box::new(
            Diagnostic::error(code::STORE_SCRATCH, "cannot make a temporary folder")
                .with_why(crate::diag::describe_io(&error)),
        )
    })?;
    let file = folder.path().join(store_name(&index.name().familiar));
    let summaries = writing::archive(index, &file, known)
        .map_err(|error| Box::new(error.report(&file.display().to_string())))?;
    let nix = |arguments: &[&OsStr]| {
        host::run("nix-store", arguments).map_err(|error| Box::new(nix_error(&error)))
    };
    let path = nix(&["--add-fixed".as_ref(), "sha256".as_ref(), file.as_os_str()])?;
    let target = host::absolute(output)
        .map_err(|error| Box::new(Diagnostic::io(code::STORE_OUTPUT, "resolve", output, &error)))?;
    // nix-store only replaces links to its store, and what is there stays until the new one is kept alive.
    let keep = || {
        let root = ["--add-root".as_ref(), target.as_os_str(), "--indirect".as_ref()];
        nix(&[&["--realise".as_ref(), path.as_ref()], &root[..]].concat()).map(drop)
    };
    host::output::link(&target, Path::new(&path), keep).map_err(|error| {
        Box::new(Diagnostic::io(code::STORE_OUTPUT, "replace", output, &error))
    })??;
    Ok(summaries)
}

fn nix_error(error: &io::Error) -> Diagnostic {
    if error.kind() == io::ErrorKind::NotFound {
        return Diagnostic::error(code::STORE_NO_NIX, "`nix-store` is not on the PATH")
            .with_why("`--store` adds the image to a Nix store with it")
            .with_help("install Nix, or leave `--store` out");
    }
    Diagnostic::error(code::STORE_FAILED, "the image could not be added to the Nix store")
        .with_why(crate::diag::describe_io(error))
}

/// A name the store takes: `harbor.io/x/hello:1` becomes `harbor.io-x-hello-1.tar`.
fn store_name(image: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || STORE_NAME.contains(c) { c } else { '-' };
    let name: String = image.chars().map(safe).take(200).collect();
    format!("{}.tar", name.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::store_name;

    #[test]
    fn store_names_are_safe() {
        assert_eq!(store_name("harbor.io/x/hello:1.0"), "harbor.io-x-hello-1.0.tar");
        assert_eq!(store_name("[::1]:5000/a:b"), "---1--5000-a-b.tar");
        assert!(store_name(&"a".repeat(300)).len() <= 211);
    }
}
