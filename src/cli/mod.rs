//! The command line: the only place that prints.
//!
//! In: arguments and the few environment variables that count. Out: results on standard output, all
//! else on standard error, and an exit code: 0 done, 1 input refused, 2 usage, 3 environment. One file a
//! subcommand; what they share is in `ui` (printing) and `session` (evaluating a recipe).

mod access;
mod allow;
mod args;
mod bima;
mod bima_args;
mod build;
mod builder;
mod check;
mod commands;
mod convert;
mod diff;
mod eval;
mod existing;
mod explain;
#[cfg(feature = "buildkit")]
mod frontend;
mod generate;
mod index;
mod init;
mod inspect;
mod load;
mod newfile;
mod pin;
mod pulled;
mod push;
mod sarif;
mod session;
mod side;
mod source;
mod store;
mod ui;
mod verify;
mod writing;

use std::process::ExitCode;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    /// The input is refused.
    Refused,
    /// The words of the command line do not go together.
    Usage,
    /// A file, a program or the machine is not as it should be.
    Environment,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(match outcome {
            Outcome::Done => 0,
            Outcome::Refused => 1,
            Outcome::Usage => 2,
            Outcome::Environment => 3,
        })
    }
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let arguments = match args::Arguments::read() {
        Ok(arguments) => arguments,
        Err(error) => return ui::usage(&error),
    };
    // The evaluator needs a deep stack, so everything runs on that thread.
    let outcome = crate::eval::with_stack(|stack| match arguments.command {
        args::Command::Build(build) => build::run(&build, stack),
        args::Command::Check(check) => check::run(&check, stack),
        args::Command::Convert(convert) => convert::run(&convert),
        args::Command::Diff(diff) => diff::run(&diff, stack),
        args::Command::Eval(eval) => eval::run(&eval, stack),
        args::Command::Explain(explain) => explain::run(&explain),
        #[cfg(feature = "buildkit")]
        args::Command::Frontend(frontend) => frontend::run(&frontend, stack),
        args::Command::Index(index) => index::run(&index),
        args::Command::Init(init) => init::run(&init),
        args::Command::Inspect(inspect) => inspect::run(&inspect),
        args::Command::Load(load) => load::run(&load, stack),
        args::Command::Pin(pin) => pin::run(&pin, stack),
        args::Command::Push(push) => push::run(push, stack),
        args::Command::Verify(verify) => verify::run(&verify, stack),
        args::Command::Bima(bima) => bima::run(bima, stack),
        args::Command::Builder => builder::run(stack),
        args::Command::Completions(shell) => generate::completions(shell.shell),
        args::Command::Man => generate::man(),
    });
    match outcome {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            ui::note(&format!("error: cannot start a thread: {error}"));
            Outcome::Environment.into()
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::args::Arguments::definition().debug_assert();
    }
}
