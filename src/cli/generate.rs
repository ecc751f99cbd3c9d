//! Completions and the man page, generated from the command line's definition.

use super::args::Arguments;
use super::{Outcome, ui};

pub(super) fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Arguments::definition(), "bimanix", &mut out);
    ui::result(&out)
}

pub(super) fn man() -> Outcome {
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    clap_mangen::Man::new(Arguments::definition()).render(&mut out).unwrap_or_default();
    sections(&Arguments::definition(), "bimanix", &mut out);
    ui::result(&out)
}

/// The sections of the subcommands, and of theirs.
fn sections(command: &clap::Command, name: &str, out: &mut Vec<u8>) {
    for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = format!("{name} {}", command.get_name());
        let page = clap_mangen::Man::new(command.clone().bin_name(&name));
        page.render_synopsis_section(out).unwrap_or_default();
        page.render_description_section(out).unwrap_or_default();
        page.render_options_section(out).unwrap_or_default();
        sections(command, &name, out);
    }
}
