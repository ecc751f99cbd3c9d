//! A text that a command writes where there is no file yet.

use super::{Outcome, ui};
use crate::diag::Diagnostic;
use crate::explain::Code;
use crate::host::target::Target;
use crate::host::{self, Kind, output};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes the text to a new file, or to the stream that the name means. Whether there is a file now comes back.
///
/// # Errors
/// How the command ends, once why has been said under `code`.
pub(super) fn write(path: &Path, text: &str, code: Code) -> Result<bool, Outcome> {
    let written = match Target::at(path) {
        Target::Name(path) => output::write_new(&path, text.as_bytes()).map(|()| true),
        Target::Stream(stream) => match stream.open() {
            Ok(open) if open.is_standard_output => {
                return match ui::result(text.as_bytes()) {
                    Outcome::Done => Ok(false),
                    ended => Err(ended),
                };
            }
            Ok(mut open) => open.file.write_all(text.as_bytes()).map(|()| false),
            Err(error) => Err(error),
        },
    };
    written.map_err(|error| failed(path, &error, code))
}

fn failed(path: &Path, error: &io::Error, code: Code) -> Outcome {
    let diagnostic = Diagnostic::io(code, "write", path, error);
    if host::lstat(path).is_ok_and(|stat| stat.kind == Kind::Directory) {
        let file = path.join("args.nix");
        let help = format!("name a file in it: `-o {}`", ui::word(&file));
        return ui::fail(&diagnostic.with_help(help), Outcome::Refused);
    }
    if error.kind() == io::ErrorKind::AlreadyExists {
        // It was written by somebody.
        let diagnostic = diagnostic.with_help("remove it first, or print with `-o -`");
        return ui::fail(&diagnostic, Outcome::Refused);
    }
    ui::fail(&diagnostic, Outcome::Environment)
}

/// The command that checks a file, as a shell takes it.
pub(super) fn check_command(file: &Path) -> String {
    let plain = file.as_os_str().as_encoded_bytes();
    match ui::word(file) {
        _ if file == Path::new("args.nix") => "bimanix check".to_owned(),
        word if plain.starts_with(b"-") => format!("bimanix check -- {word}"),
        word => format!("bimanix check {word}"),
    }
}
