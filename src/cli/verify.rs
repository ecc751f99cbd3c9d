//! `bimanix verify`: whether an image is exactly what a recipe makes.

use super::args::Verify;
use super::side::{Given, Opened};
use super::{Outcome, diff, session, side, ui};
use crate::diag::Diagnostic;
use crate::driver::compare::compare;
use crate::eval::Stack;
use crate::explain::code;
use crate::image::{Check, Digest, write};
use serde_json::json;

pub(super) fn run(verify: &Verify, stack: Stack) -> Outcome {
    let of_image = verify.image_source();
    let given = match Given::of(&of_image) {
        Ok(Given::Recipe) => {
            let title = format!("`{}` is not an image", verify.image.display());
            let diagnostic = Diagnostic::error(code::COMPARE_MISSING, title);
            let help =
                "name the image first, and the recipe behind it: `bimanix verify IMAGE args.nix`";
            return ui::fail(&diagnostic.with_help(help), Outcome::Refused);
        }
        Ok(given) => given,
        Err(diagnostic) => return ui::fail(&diagnostic, Outcome::Refused),
    };
    let mut planned = match session::planned(&verify.source, None, stack) {
        Ok(planned) => planned,
        Err(outcome) => return outcome,
    };
    planned.index.compress(verify.compression);
    let index = &planned.index;
    let progress = ui::Progress::new(write::made_content_size(index));
    let known = verify.reading.known();
    let prepared = write::prepare(index, Check::Later, &known, &|bytes| progress.add(bytes));
    let expected = match prepared {
        Ok(prepared) => prepared.summaries(),
        Err(error) => return ui::fail(&error.report("the image"), Outcome::Environment),
    };
    drop(progress);
    if let (Given::Reference(reference), None) = (&given, &of_image.platform) {
        match side::remote_digest(reference, &of_image) {
            Ok(digest) if Some(digest) == expected.digest() => return done(verify, Some(digest)),
            Ok(_) => {}
            Err(outcome) => return outcome,
        }
    }
    let opened = match Opened::of(&given, &of_image, stack) {
        Ok(opened) => opened,
        Err(outcome) => return outcome,
    };
    // A docker archive has no manifest; its configuration names the bytes of its layers.
    let config = expected.images.first().and_then(|image| image.config);
    let is_same = match opened.digest() {
        Some(digest) => Some(digest) == expected.digest(),
        None => expected.index.is_none() && opened.config() == config,
    };
    if is_same {
        return done(verify, opened.digest().or(config));
    }
    let made = match Opened::made(index, &verify.source) {
        Ok(made) => made,
        Err(outcome) => return outcome,
    };
    let comparison = match compare(&opened.side(), &made.side()) {
        Ok(comparison) => comparison,
        Err(error) => return ui::fail(&error.report(), Outcome::Refused),
    };
    match diff::show(&comparison, verify.json) {
        Outcome::Done | Outcome::Refused => {}
        outcome => return outcome,
    }
    let [(image, _), (recipe, _)] = &comparison.sides;
    let title = format!("`{image}` is not what `{recipe}` makes");
    let diagnostic = Diagnostic::error(code::VERIFY_DIFFERS, title)
        .with_why("it differs where lines begin with `-`; the recipe says what is behind `+`")
        .with_help("build it again, or find out who has changed it");
    ui::fail(&diagnostic, Outcome::Refused)
}

fn done(verify: &Verify, digest: Option<Digest>) -> Outcome {
    let digest = digest.map(|digest| digest.to_string());
    let text = if verify.json {
        format!("{:#}\n", json!({ "same": true, "digest": digest }))
    } else {
        let (image, recipe) = (verify.image.display(), verify.source.file.display());
        format!("{image} is what {recipe} makes\n{}\n", digest.unwrap_or_default())
    };
    ui::result(text.as_bytes())
}
