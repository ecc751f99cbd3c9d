//! The `bimanix` command.

fn main() -> std::process::ExitCode {
    bimanix::cli::run()
}
