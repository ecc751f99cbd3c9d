//! The images of registries that an args.nix names, each with the place of its own text.

use crate::eval::{Attr, Attrs, EvalError, Evaluator, Value};
use crate::recipe::draft::ImageDraft;
use crate::recipe::{Place, Placed};

/// The images of registries that a value names: as `base`, as `rootfs.from`, and as the `image` of a file or of the kernel; of
/// every architecture as well.
///
/// What has another type than it should is passed over, for others to report.
///
/// # Errors
/// A value that cannot be evaluated.
pub fn references(
    ev: &mut Evaluator<'_>,
    value: &Value,
) -> Result<Vec<Placed<String>>, Box<EvalError>> {
    let mut found = Vec::new();
    let Value::Attrs(root) = ev.force(value)? else { return Ok(found) };
    of_set(ev, &root, "", &mut found)?;
    if let Some(architectures) = member(ev, &root, "architectures")
        && let Value::Attrs(architectures) = ev.force(&architectures.value)?
    {
        let architectures: Vec<Attr> = ev.sorted(&architectures).into_iter().cloned().collect();
        for own in architectures {
            let prefix = format!("architectures.{}.", ev.name(own.name));
            if let Value::Attrs(own) = ev.force(&own.value)? {
                of_set(ev, &own, &prefix, &mut found)?;
            }
        }
    }
    Ok(found)
}

/// Those of a set with the fields of an args.nix.
fn of_set(
    ev: &mut Evaluator<'_>,
    set: &Attrs,
    prefix: &str,
    found: &mut Vec<Placed<String>>,
) -> Result<(), Box<EvalError>> {
    if let Some(base) = member(ev, set, "base") {
        image(ev, &base, &format!("{prefix}base"), found)?;
    }
    of_files(ev, set, &format!("{prefix}files"), found)?;
    if let Some(kernel) = member(ev, set, "kernel")
        && let Value::Attrs(kernel) = ev.force(&kernel.value)?
        && let Some(attr) = member(ev, &kernel, "image")
    {
        image(ev, &attr, &format!("{prefix}kernel.image"), found)?;
    }
    if let Some(rootfs) = member(ev, set, "rootfs")
        && let Value::Attrs(rootfs) = ev.force(&rootfs.value)?
    {
        if let Some(from) = member(ev, &rootfs, "from") {
            image(ev, &from, &format!("{prefix}rootfs.from"), found)?;
        }
        of_files(ev, &rootfs, &format!("{prefix}rootfs.files"), found)?;
    }
    Ok(())
}

/// Those of a set of files.
fn of_files(
    ev: &mut Evaluator<'_>,
    set: &Attrs,
    path: &str,
    found: &mut Vec<Placed<String>>,
) -> Result<(), Box<EvalError>> {
    let Some(files) = member(ev, set, "files") else { return Ok(()) };
    let Value::Attrs(files) = ev.force(&files.value)? else { return Ok(()) };
    let files: Vec<Attr> = ev.sorted(&files).into_iter().cloned().collect();
    for file in files {
        let name = format!("{path}.\"{}\".image", ev.name(file.name));
        if let Value::Attrs(entry) = ev.force(&file.value)?
            && let Some(attr) = member(ev, &entry, "image")
        {
            image(ev, &attr, &name, found)?;
        }
    }
    Ok(())
}

fn member(ev: &mut Evaluator<'_>, set: &Attrs, name: &str) -> Option<Attr> {
    let symbol = ev.symbol(name);
    set.get(symbol).cloned()
}

/// An image, which may be a set with the image in it.
fn image(
    ev: &mut Evaluator<'_>,
    attr: &Attr,
    path: &str,
    found: &mut Vec<Placed<String>>,
) -> Result<(), Box<EvalError>> {
    match ev.force(&attr.value)? {
        Value::String(text) => {
            if let Ok(text) = std::str::from_utf8(text.as_bytes())
                && !text.is_empty()
                && let ImageDraft::Reference(value) = ImageDraft::written(text)
            {
                let place = Place { spans: ev.binding(attr.place), path: path.to_owned() };
                found.push(Placed { value, place });
            }
            Ok(())
        }
        Value::Attrs(set) if member(ev, &set, "outPath").is_none() => {
            match member(ev, &set, "image") {
                Some(inner) => image(ev, &inner, &format!("{path}.image"), found),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}
