//! What urunc makes of the container's process: its arguments, environment and user (contract section
//! 2.3 and the observations of section 7).

use super::eras::{E24, E25, E26};
use super::{Annotations, Engine, Field, Finding, Guest, Key, Monitor};
use crate::explain::code;

/// How many arguments, and how many variables, a Linux kernel hands to its init.
const MAX_LINUX_WORDS: usize = 32;

/// The process that an image asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// `Entrypoint` and `Cmd`, one behind the other.
    pub args: Vec<String>,
    /// What the arguments come from, which is what to change.
    pub args_from: Field,
    /// The environment, as `NAME=value`.
    pub env: Vec<String>,
    /// The user, by number or name.
    pub user: Option<String>,
    /// The working directory.
    pub working_dir: Option<String>,
}

/// Whether urunit, which urunc hands words, environment and user in a file, is what Linux starts.
pub fn has_urunit(args: &[String]) -> bool {
    args.first().is_some_and(|program| program.contains("urunit"))
}

/// Everything that the guest will not get as it is written.
pub fn check(annotations: &Annotations, process: &Process) -> Vec<Finding> {
    let Some(guest) = annotations.get(Key::UnikernelType).and_then(Guest::from_name) else {
        return Vec::new();
    };
    let monitor = annotations.get(Key::Hypervisor).and_then(Monitor::from_name);
    let mut findings = arguments(guest, monitor, process);
    if !process.env.is_empty() {
        findings.extend(environment(guest, monitor, annotations, process));
        findings.extend(split_variables(guest, monitor, annotations, process));
    }
    if guest == Guest::Linux && !has_urunit(&process.args) {
        findings.extend(root_of_linux(process));
    }
    findings
}

/// Without urunit, Linux starts its init as root, in the root folder.
fn root_of_linux(process: &Process) -> impl Iterator<Item = Finding> {
    let is_root = |user: &str| matches!(user.split(':').next(), Some("" | "0" | "root"));
    let user = process.user.as_deref().filter(|user| !is_root(user));
    let folder = process.working_dir.as_deref().filter(|folder| !matches!(*folder, "" | "/"));
    let finding = |field, title: String, why| {
        Finding::warning(code::URUNC_NEEDS_URUNIT, field, title)
            .because(Some(Key::UnikernelType))
            .why(why)
            .help("start it by urunit, which is given both in a file: `init = ./urunit;`")
    };
    let user = user.map(|user| {
        let title = format!("the program runs as root, not as `{user}`");
        finding(Field::User, title, "`user` is the monitor's: a kernel starts its init as root")
    });
    let folder = folder.map(|folder| {
        let title = format!("the program starts in `/`, not in `{folder}`");
        finding(Field::WorkingDir, title, "a kernel starts its init in the root folder")
    });
    user.into_iter().chain(folder)
}

fn arguments(guest: Guest, monitor: Option<Monitor>, process: &Process) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (args, from) = (&process.args, process.args_from);
    let any = args.iter().any(|word| !word.is_empty());
    let because = Some(Key::UnikernelType);
    if guest == Guest::Linux && args.first().is_none_or(String::is_empty) {
        findings.push(
            Finding::error(code::URUNC_NO_INIT, from, "linux is given no program to start")
                .because(because)
                .why("the first word becomes `init=`, and a kernel without it panics")
                .help("write the path of the program, as in `cmdline = \"/init\";`")
                .starts_anyway(),
        );
    }
    if !any {
        return findings;
    }
    if guest == Guest::Mewz || monitor == Some(Monitor::HyperlightUnikraft) {
        let who = if guest == Guest::Mewz { "mewz" } else { "unikraft on hyperlight-unikraft" };
        let key = if guest == Guest::Mewz { Key::UnikernelType } else { Key::Hypervisor };
        findings.push(
            Finding::warning(
                code::URUNC_ARGUMENTS_IGNORED,
                from,
                format!("{who} gets no arguments"),
            )
            .because(Some(key))
            .why("urunc gives it no command line but addresses")
            .help("write `cmdline = \"\";`"),
        );
        return findings;
    }
    if guest == Guest::Unikraft {
        let title =
            "the first word is the application's name for some urunc, an argument for others";
        findings.push(
            Finding::note(code::URUNC_PROGRAM_NAME, from, title)
                .because(because)
                .why(
                    "urunc up to 2025 takes the first word as the name and passes the rest; urunc of \
                     2026 passes all words as arguments",
                )
                .help("write the words for the urunc you run; a loader of ELF files wants the program first in both"),
        );
    }
    let kept = guest == Guest::Linux && has_urunit(args);
    let lost = args.iter().find(|word| word.contains(char::is_whitespace));
    if let (Some(word), false) = (lost, kept) {
        let finding = Finding::warning(
            code::URUNC_WORDS_JOINED,
            from,
            format!("the guest gets {word:?} as several words"),
        )
        .because(because)
        .why("urunc joins the words with blanks, without quotes");
        findings.push(match guest {
            Guest::Linux => finding.help("start it by urunit, which is given the words in a file"),
            _ => finding.help("avoid blanks inside of a word"),
        });
    }
    if guest == Guest::Linux && !kept && args.len() > MAX_LINUX_WORDS {
        let title =
            format!("linux hands its init {MAX_LINUX_WORDS} words, and these are {}", args.len());
        findings.push(
            Finding::warning(code::URUNC_TOO_MANY_WORDS, from, title)
                .because(because)
                .why("the kernel has a fixed table and panics when it is full")
                .help("start it by urunit, which is given the words in a file"),
        );
    }
    findings
}

fn environment(
    guest: Guest,
    monitor: Option<Monitor>,
    annotations: &Annotations,
    process: &Process,
) -> Option<Finding> {
    let because = Some(Key::UnikernelType);
    let ignored = |title: String, eras: &'static [&'static str], why: &str| {
        Finding::warning(code::URUNC_ENV_IGNORED, Field::Env, title)
            .because(because)
            .why(why)
            .help("leave it out, or give it to the guest in another way")
            .only_in(eras)
    };
    let old = annotations.get(Key::UnikernelVersion).is_some_and(is_before_0_16_1);
    match guest {
        Guest::Mirage | Guest::Mewz | Guest::Hermit => Some(ignored(
            format!("{guest} gets no environment"),
            &[E24, E25, E26],
            "urunc has no way to give it one",
        )),
        Guest::Unikraft if monitor == Some(Monitor::HyperlightUnikraft) => Some(ignored(
            "unikraft gets no environment on hyperlight-unikraft".into(),
            &[E26],
            "urunc gives it kernel and initrd alone",
        )),
        Guest::Unikraft if old => Some(ignored(
            "a Unikraft before 0.16.1 gets no environment".into(),
            &[E24, E26],
            "urunc of 2026 drops it for these versions, and urunc up to v0.5 for all",
        )),
        Guest::Unikraft => Some(
            ignored(
                "unikraft gets the environment from newer urunc only".into(),
                &[E24],
                "urunc passes it since 2025",
            )
            .as_note(),
        ),
        Guest::Rumprun => Some(
            ignored(
                "rumprun gets the environment from newer urunc only".into(),
                &[E24, E25],
                "urunc passes it since 2026",
            )
            .as_note(),
        ),
        Guest::Linux if !has_urunit(&process.args) && process.env.len() > MAX_LINUX_WORDS => {
            let count = process.env.len();
            let title =
                format!("linux hands its init {MAX_LINUX_WORDS} variables, and these are {count}");
            Some(
                Finding::warning(code::URUNC_TOO_MANY_WORDS, Field::Env, title)
                    .because(because)
                    .why("the kernel has a fixed table and panics when it is full")
                    .help("start it by urunit, which is given the environment in a file"),
            )
        }
        Guest::Linux | Guest::Freebsd => None,
    }
}

/// A variable with a blank, where urunc writes variables into a line without quotes.
fn split_variables(
    guest: Guest,
    monitor: Option<Monitor>,
    annotations: &Annotations,
    process: &Process,
) -> Option<Finding> {
    let entry = process.env.iter().find(|entry| entry.contains(char::is_whitespace))?;
    let old = annotations.get(Key::UnikernelVersion).is_some_and(is_before_0_16_1);
    let finding = match guest {
        Guest::Linux if !has_urunit(&process.args) => {
            let title = format!("the kernel reads {entry:?} as several words");
            Finding::warning(code::URUNC_WORDS_JOINED, Field::Env, title)
                .why("without urunit the environment is written on the kernel's command line")
                .help("start it by urunit, which is given the environment in a file")
        }
        Guest::Unikraft if !old && monitor != Some(Monitor::HyperlightUnikraft) => {
            let title = format!("unikraft reads {entry:?} as several variables");
            Finding::warning(code::URUNC_WORDS_JOINED, Field::Env, title)
                .why("urunc writes the environment on the command line, without quotes")
                .help("avoid blanks in a variable")
                .only_in(&[E25, E26])
        }
        _ => return None,
    };
    Some(finding.because(Key::UnikernelType))
}

/// Whether docker starts what the configuration describes; containerd is less strict.
pub fn check_docker(os: &str, has_command: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !has_command {
        findings.push(
            Finding::error(
                code::URUNC_NO_COMMAND,
                Field::Cmd,
                "the image has neither `Entrypoint` nor `Cmd`",
            )
            .why("docker does not start it unless the user gives a command")
            .help("give it `Cmd`, with one empty word when the guest takes nothing")
            .under(Engine::Docker),
        );
    }
    if os != "linux" {
        findings.push(
            Finding::error(code::URUNC_OS, Field::Os, format!("the image is for the system `{os}`"))
                .why("engines look for images for linux, whatever the guest is, and docker starts no other")
                .help("write `os = linux`")
                .under(Engine::Docker),
        );
    }
    findings
}

/// Whether urunc counts a version among the older ones; one that it cannot read counts as new.
pub fn is_before_0_16_1(version: &str) -> bool {
    let core = version.strip_prefix('v').unwrap_or(version);
    let end = core.find(['-', '+', '~']).unwrap_or(core.len());
    let numbers: Option<Vec<u64>> =
        core.get(..end).unwrap_or("").split('.').map(|part| part.parse().ok()).collect();
    let Some(mut numbers) = numbers else { return false };
    numbers.resize(numbers.len().max(3), 0);
    // A version before a release, such as 0.16.1-rc1, comes before it.
    let before = numbers.as_slice() < [0, 16, 1].as_slice();
    before || (numbers == [0, 16, 1] && core.get(end..).is_some_and(|rest| rest.starts_with('-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_urunc_reads_them() {
        for (version, old) in [
            ("0.16.1", false),
            ("0.16.0", true),
            ("v0.15.0", true),
            ("0.16", true),
            ("0.16.1-rc1", true),
            ("0.17.0-beta", false),
            ("1", false),
            ("RELEASE-0.15", false),
            ("", false),
        ] {
            assert_eq!(is_before_0_16_1(version), old, "{version}");
        }
    }
}
