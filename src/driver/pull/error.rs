//! Why an image of a registry is not there, and the words for it.

use crate::diag::{Diagnostic, size};
use crate::explain::code;
use crate::image::Digest;
use crate::image::platform::Unchosen;
use crate::recipe::{ImageReference, Place, ReferenceFault};
use crate::registry;

/// Why an image of a registry is not there.
#[derive(Debug)]
pub enum PullError {
    /// What is written is no reference.
    Reference {
        /// What is written.
        image: String,
        /// The rule that it breaks.
        fault: ReferenceFault,
    },
    /// A text without a lock names an image without its digest.
    NoDigest {
        /// What it names.
        reference: ImageReference,
        /// The digest that belongs there, as far as the registry says it.
        digest: Result<Digest, Box<registry::Error>>,
    },
    /// The lock does not have an image, and may not change.
    NotLocked {
        /// The image.
        image: String,
        /// What messages call the lock.
        lock: String,
    },
    /// No folder for the cache is known.
    NoCache,
    /// The registry does not do what it is asked, or the cache cannot be used.
    Registry {
        /// The image.
        image: String,
        /// Why.
        error: Box<registry::Error>,
        /// Whether its digest is from the lock.
        is_locked: bool,
    },
    /// It is none of the platform that is meant.
    Unchosen {
        /// The image.
        image: String,
        /// Why none is meant.
        unchosen: Unchosen,
    },
    /// What was pulled is no image.
    Malformed {
        /// The image.
        image: String,
        /// The part that is not as it should be.
        part: Digest,
        /// What is wrong with it.
        why: String,
    },
    /// It is larger than may be unpacked.
    TooLarge {
        /// The image.
        image: String,
        /// How many bytes its layers have, if that is a number.
        size: Option<u64>,
        /// How many they may have.
        most: u64,
    },
}

impl PullError {
    /// The words of it, at the place where the image is named.
    pub fn report(&self, place: &Place) -> Diagnostic {
        let diagnostic = self.words();
        let subject = diagnostic.subject.clone().filter(|_| place.spans.is_none());
        place.mark(Diagnostic { subject, ..diagnostic }, "")
    }

    /// The words of it.
    pub fn words(&self) -> Diagnostic {
        let error = |code, title: String| Diagnostic::error(code, title);
        match self {
            PullError::Reference { image, fault } => {
                error(code::PULL_REFERENCE, format!("`{image}` does not name an image"))
                    .with_why(fault.why.clone())
                    .with_help(fault.help.clone().unwrap_or_else(|| {
                        "write REGISTRY/NAME:TAG@sha256:…; a file begins with `./`, `../` or `/`"
                            .to_owned()
                    }))
            }
            PullError::NoDigest { reference, digest } => no_digest(reference, digest),
            PullError::NotLocked { image, lock } => error(
                code::LOCK_MISSING,
                format!("`{image}` is not in `{lock}`"),
            )
            .with_why("`--locked` looks up no tag, so that every build is of the same image")
            .with_help(format!(
                "build once without `--locked`, or run `bimanix pin --update`, and commit `{lock}`"
            )),
            PullError::NoCache => {
                error(code::PULL_NO_CACHE, "there is no folder for what is pulled".to_owned())
                    .with_why("neither `XDG_CACHE_HOME` nor `HOME` names one")
                    .with_help("set `XDG_CACHE_HOME` to an absolute path")
            }
            PullError::Registry { image, error, is_locked } => {
                let diagnostic = error.report(image);
                match **error {
                    registry::Error::Missing { .. } if *is_locked => diagnostic.with_help(
                        "what the lock names is gone; `bimanix pin --update` locks what the tag is now",
                    ),
                    _ => diagnostic,
                }
            }
            PullError::Unchosen { image, unchosen } => {
                let (title, why, help) = unchosen.words(image);
                error(code::RECIPE_PLATFORM, title).with_why(why).with_help(help)
            }
            PullError::Malformed { image, part, why } => {
                error(code::PULL_MALFORMED, format!("`{image}` is not an image"))
                    .with_why(format!("{part}: {why}"))
                    .with_help("name an image: an index or a manifest of OCI or docker")
            }
            PullError::TooLarge { image, size: found, most } => {
                let title = match found {
                    Some(found) => format!("the layers of `{image}` have {}", size(*found)),
                    None => format!("the layers of `{image}` have more bytes than can be counted"),
                };
                error(code::PULL_TOO_LARGE, title)
                    .with_why(format!("at most {} of an image are unpacked", size(*most)))
                    .with_help("raise that with `--max-unpacked`")
            }
        }
    }
}

/// A text that names an image by its tag alone.
fn no_digest(
    reference: &ImageReference,
    digest: &Result<Digest, Box<registry::Error>>,
) -> Diagnostic {
    let title = format!("`{reference}` has no digest");
    let diagnostic = Diagnostic::error(code::PULL_NO_DIGEST, title);
    let why = "what its tag means can change, and the image would change with it";
    match digest {
        Ok(digest) => diagnostic
            .with_why(why)
            .with_help(format!("write \"{}\"", reference.pinned(&digest.to_string()))),
        Err(error) => {
            let cause = error.report(&reference.to_string());
            let cause = match cause.why {
                Some(why) => format!("{}: {why}", cause.title),
                None => cause.title,
            };
            diagnostic
                .with_why(format!("{why}; the registry cannot be asked for it: {cause}"))
                .with_help(format!(
                    "run `bimanix pin {reference}` where it can be, and write what that prints"
                ))
        }
    }
}
