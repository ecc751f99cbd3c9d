//! The world outside: files, the environment, processes.
//!
//! In: paths. Out: bytes, kinds, names in sorted order, or the system's error. What always holds: no
//! other room calls `std::fs`, `std::env` or `std::process` to look at the machine, so this is the
//! only place where the order of a folder, a variable or the current folder can leak in. A leaf.

mod blocks;
mod kept;
mod metadata;

pub mod output;
pub mod partial;
mod paths;
mod process;
mod read;
pub mod target;
mod temporary;
mod unnamed;

pub use blocks::{Extent, SHARED_BLOCK, extent, read_at, share, write_at};
pub use kept::{Identity, Kept};
pub use metadata::{Entry, Folder, Kind, Stat, lstat, read_dir, read_link, stat};
pub use paths::{absolute, canonicalize, normalize};
pub use process::{Client, End, ask, run};
pub use read::{
    Opened, check_readable, look_at, open, open_any, open_as, open_stream, read, read_stdin,
    too_large,
};
pub use temporary::{Scratch, nameless_file, scratch_folder};

/// How many bytes this process has in memory, where the system tells it (Linux).
pub fn memory_in_use() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// A variable of the environment, if it is set and UTF-8.
pub fn variable(name: &str) -> Option<String> {
    #[allow(clippy::disallowed_methods, reason = "the one place")]
    std::env::var(name).ok()
}

/// The file of this program.
///
/// # Errors
/// The system does not say.
pub fn program() -> std::io::Result<std::path::PathBuf> {
    std::env::current_exe()
}

/// All variables of the environment that are text.
pub fn variables() -> impl Iterator<Item = (String, String)> {
    #[allow(clippy::disallowed_methods, reason = "the one place")]
    let all = std::env::vars_os();
    all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The number of the user that this process acts for, where users have one.
pub fn user_id() -> Option<u32> {
    #[cfg(unix)]
    return Some(rustix::process::geteuid().as_raw());
    #[cfg(not(unix))]
    None
}
