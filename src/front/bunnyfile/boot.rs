//! `kernel` and `rootfs` together: the base of the image, its boot files, and what urunc is told about them.

use super::annotate;
use super::files::{Files, From, absolute, file, from, of_image, value_place};
use super::keys::{Keys, Value};
use super::platforms::Platform;
use super::rootfs::{self, Form, Rootfs};
use crate::explain::code;
use crate::recipe::draft::{BaseDraft, Draft};
use crate::recipe::{KERNEL_PATH, Place, Placed, ROOTFS_PATH};
use crate::urunc::{Guest, Key};

/// Where the kernel comes from.
struct Kernel {
    /// The image that it is in; none for the build context.
    image: Option<Placed<BaseDraft>>,
    path: Placed<String>,
}

/// Reads `kernel` and `rootfs`.
pub(super) fn boot(
    keys: &mut Keys<'_, '_>,
    draft: &mut Draft,
    platform: &Platform,
    files: &Files<'_>,
) {
    let kernel = kernel(keys);
    let rootfs = rootfs::rootfs(keys, platform, files);
    let base = base(kernel.as_ref(), &rootfs);
    if let Rootfs::Raw { include, .. } = &rootfs {
        draft.files.extend(include.iter().cloned());
    }
    put_kernel(kernel, base.as_ref(), draft, files, keys);
    put_rootfs(rootfs, platform, base.as_ref(), draft, files, keys);
    draft.base = base;
}

fn kernel(keys: &mut Keys<'_, '_>) -> Option<Kernel> {
    let mut keys = match keys.map("kernel", &["from", "path"]) {
        Value::Given(keys) => keys,
        Value::Missing => {
            let why = "without one there is nothing to boot";
            keys.missing("kernel", "kernel: { from: local, path: KERNEL }", why);
            return None;
        }
        Value::Unusable => return None,
    };
    let why = "it says where the kernel is: in the build context, or in an image";
    let source = keys.required("from", "from: local", why);
    let why = "it says which file is the kernel";
    let path = keys.required("path", "path: KERNEL", why);
    let source = source?;
    let image = match from(&source) {
        From::Local => None,
        From::Image(image) => Some(image),
        From::Scratch => {
            let diagnostic = source.place.error(code::BUNNYFILE_SCRATCH, "`scratch` has no kernel");
            keys.report.push(
                diagnostic
                    .with_why("it is the empty image")
                    .with_help("write `from: local`, or name the image that the kernel is in"),
            );
            return None;
        }
    };
    Some(Kernel { image, path: path? })
}

/// The image that is built on: that of the kernel, unless the guest is given another one as its root file system.
///
/// bunny builds on nothing where the kernel is in an image and `rootfs` has files of its own, which loses what else
/// that image has and says.
fn base(kernel: Option<&Kernel>, rootfs: &Rootfs) -> Option<Placed<BaseDraft>> {
    let of_kernel = kernel.and_then(|kernel| kernel.image.clone());
    match rootfs {
        Rootfs::Raw { image: Some(image), .. } => Some(image.clone()),
        Rootfs::File { image: Some(image), .. } if of_kernel.is_none() => Some(image.clone()),
        _ => of_kernel,
    }
}

fn is_same(one: Option<&Placed<BaseDraft>>, other: Option<&Placed<BaseDraft>>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one.value == other.value)
}

/// Names the kernel where it is in the base, and puts it there where it is not.
fn put_kernel(
    kernel: Option<Kernel>,
    base: Option<&Placed<BaseDraft>>,
    draft: &mut Draft,
    files: &Files<'_>,
    keys: &mut Keys<'_, '_>,
) {
    let Some(Kernel { image, path }) = kernel else { return annotate(draft, Key::Binary, None) };
    let binary = put(image.as_ref(), path, KERNEL_PATH, base, draft, files, keys);
    annotate(draft, Key::Binary, binary);
}

/// Puts a boot file into the image unless the base has it; gives its path there.
fn put(
    image: Option<&Placed<BaseDraft>>,
    path: Placed<String>,
    destination: &str,
    base: Option<&Placed<BaseDraft>>,
    draft: &mut Draft,
    files: &Files<'_>,
    keys: &mut Keys<'_, '_>,
) -> Option<Placed<String>> {
    if is_same(image, base) {
        return Some(Placed { value: absolute(&path.value), place: path.place });
    }
    let source = match image {
        Some(image) => of_image(&image.value, &path.value),
        None => files.local(&path, keys.report)?,
    };
    draft.files.push(file(source, destination, &value_place(&path.place)));
    Some(Placed { value: destination.to_owned(), place: path.place })
}

fn put_rootfs(
    rootfs: Rootfs,
    platform: &Platform,
    base: Option<&Placed<BaseDraft>>,
    draft: &mut Draft,
    files: &Files<'_>,
    keys: &mut Keys<'_, '_>,
) {
    match rootfs {
        Rootfs::Unusable => {}
        // What the base says of itself does not count: a missing `rootfs` is none.
        Rootfs::None => mount(draft, false, Place { spans: None, path: "rootfs".to_owned() }),
        Rootfs::Raw { place, .. } => {
            let can_mount = platform.guest.is_none_or(Guest::takes_rootfs);
            if !can_mount {
                keys.report.push(rootfs::unused(platform, &place));
            }
            mount(draft, can_mount, place);
        }
        Rootfs::Made(made) => {
            mount(draft, false, made.place.clone());
            draft.rootfs = Some(*made);
        }
        Rootfs::File { form, image, path } => {
            let place = path.place.clone();
            let path = put(image.as_ref(), path, ROOTFS_PATH, base, draft, files, keys);
            match form {
                Form::Initrd => annotate(draft, Key::Initrd, path),
                Form::Block => {
                    annotate(draft, Key::Block, path);
                    let mount_point = platform.guest.map_or("/", Guest::mount_point);
                    let value = mount_point.to_owned();
                    annotate(draft, Key::BlkMntPoint, Some(Placed { value, place: place.clone() }));
                }
            }
            mount(draft, false, place);
        }
    }
}

/// Says whether the guest is given the files of the image.
fn mount(draft: &mut Draft, is_given: bool, place: Place) {
    annotate(draft, Key::MountRootfs, Some(Placed { value: is_given.to_string(), place }));
}
