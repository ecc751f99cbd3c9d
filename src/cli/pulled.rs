//! What a derivation of `nix/lib/pullImage.nix` runs: an image of a registry, as an archive whose hash is known before.
//! Such a build has a network, and nothing of it but the archive stays.

use super::{Outcome, ui};
use crate::diag::Diagnostic;
use crate::driver::pull::{self, Registries};
use crate::explain::code;
use crate::host::output::Output;
use crate::host::{self, Scratch};
use crate::image::WriteError;
use crate::image::platform::{Platform, Wanted};
use crate::registry::{Cache, Settings};
use std::path::{Path, PathBuf};

/// The variable in which Nix says where certificates are.
const NIX_CERTIFICATES: &str = "NIX_SSL_CERT_FILE";

/// The attribute `pull` of the derivation.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Pull {
    /// The image, without a digest.
    #[serde(rename = "ref")]
    reference: String,
    /// The digest of its manifest, or of its index.
    digest: String,
    /// The platform to take of an index.
    #[serde(default)]
    platform: Option<String>,
    /// A file of certificates to trust.
    #[serde(default)]
    certificates: Option<PathBuf>,
}

impl Pull {
    /// Pulls the image into an archive at `out`.
    pub(super) fn run(&self, out: &Path) -> Outcome {
        match self.wanted().and_then(|wanted| self.pull(&wanted, out)) {
            Ok(()) => Outcome::Done,
            Err((diagnostic, outcome)) => ui::fail(&diagnostic, outcome),
        }
    }

    fn wanted(&self) -> Result<Wanted<'_>, (Box<Diagnostic>, Outcome)> {
        let Some(written) = &self.platform else { return Ok(Wanted::default()) };
        match Platform::parse(written) {
            Ok(platform) => Ok(Wanted { platform: Some(platform), ..Wanted::default() }),
            Err(fault) => {
                let title = format!("`{written}` is not a platform");
                let diagnostic = Diagnostic::error(code::RECIPE_PLATFORM, title)
                    .with_why(fault.to_string())
                    .with_help("write `OS/ARCHITECTURE`, such as `linux/amd64` or `qemu/amd64`");
                Err((Box::new(diagnostic), Outcome::Refused))
            }
        }
    }

    fn pull(&self, wanted: &Wanted<'_>, out: &Path) -> Result<(), (Box<Diagnostic>, Outcome)> {
        let environment = |diagnostic: Diagnostic| (Box::new(diagnostic), Outcome::Environment);
        let scratch = host::scratch_folder("bimanix-pull").map_err(|error| {
            environment(
                Diagnostic::error(code::PULL_NO_CACHE, "there is no folder for what is pulled")
                    .with_why(crate::diag::describe_io(&error)),
            )
        })?;
        let registries = self.registries(&scratch);
        let reference = pull::parse(&self.reference).map_err(|error| {
            let outcome = Outcome::Refused;
            (Box::new(error.words()), outcome)
        })?;
        if reference.digest().is_some() {
            let title = format!("`{}` has a digest already", self.reference);
            let diagnostic = Diagnostic::error(code::PULL_REFERENCE, title)
                .with_help("write it as `digest`, and leave it out of `ref`");
            return Err((Box::new(diagnostic), Outcome::Refused));
        }
        let written = reference.pinned(&self.digest);
        let pulled = registries
            .pull(&written, wanted)
            .map_err(|error| (Box::new(error.words()), super::session::refused(&registries)))?;
        let fault = |error: WriteError| environment(error.report(&out.display().to_string()));
        let mut output = Output::create(out).map_err(|error| fault(WriteError::Output(error)))?;
        registries.write_archive(&pulled, &self.reference, output.file()).map_err(fault)?;
        output.commit().map_err(|error| fault(WriteError::Output(error)))
    }

    fn registries(&self, scratch: &Scratch) -> Registries {
        let named = host::variable(NIX_CERTIFICATES).map(PathBuf::from);
        // A path of the machine is not there in the sandbox.
        let named = named.filter(|file| host::stat(file).is_ok());
        let certificates = self.certificates.clone().or(named);
        let settings = Settings { certificates, ..Settings::from_environment() };
        // What is too much, the hash of the derivation says.
        Registries::new(settings, u64::MAX, Box::new(ui::Pulls::default()))
            .with_cache(Cache::at(scratch.path()))
    }
}
