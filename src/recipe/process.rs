//! The process of an image that may be built on another one: what the text says goes before what the base says, as
//! with docker.

use super::base::{Base, BaseConfig};
use super::draft::{Draft, Kind};
use super::{Place, Placed};
use crate::urunc::{Annotations, Key};

/// The command of an image.
#[derive(Debug, Default)]
pub(super) struct Command {
    /// `Entrypoint`
    pub(super) entrypoint: Option<Vec<String>>,
    /// `Cmd`; none where it is made of the words of `cmdline`.
    pub(super) cmd: Option<Vec<String>>,
    /// What `cmdline` is, where the text does not say it.
    pub(super) cmdline: Option<String>,
    /// Where the arguments come from, when that is not `cmdline`.
    pub(super) place: Option<Place>,
}

impl Command {
    /// Puts an init in front of it, to which the rest are arguments.
    pub(super) fn start_by(&mut self, init: &str, says_cmdline: bool) {
        if self.cmdline.is_none() && !says_cmdline {
            self.cmdline = Some(String::new());
            self.cmd.get_or_insert_default();
        }
        self.entrypoint.get_or_insert_default().insert(0, init.to_owned());
        if let Some(line) = &mut self.cmdline {
            *line = if line.is_empty() { init.to_owned() } else { format!("{init} {line}") };
        }
    }
}

/// The command of a draft; `says_cmdline` is whether its annotations do.
///
/// As with docker, what is not given comes from the base, and `Entrypoint` drops the base's `Cmd`. A command line that
/// stands alone is the whole of it: urunc up to v0.5 would give the guest nothing else.
pub(super) fn command(draft: &Draft, base: Base<'_>, says_cmdline: bool) -> Command {
    let (entrypoint, cmd) =
        (given(draft, draft.entrypoint.as_ref()), given(draft, draft.cmd.as_ref()));
    let is_said = entrypoint.is_some() || cmd.is_some();
    let known = match base {
        Base::Known(known, place) if is_said || !says_cmdline => Some((known, place)),
        _ => None,
    };
    let mut place = draft.cmd.as_ref().map(|cmd| cmd.place.clone());
    let (mut entrypoint, mut cmd, drops_cmd) = (entrypoint, cmd, draft.entrypoint.is_some());
    if let Some((known, base)) = known {
        if entrypoint.is_none() {
            entrypoint = Some(known.entrypoint.clone());
        }
        if cmd.is_none() && !drops_cmd {
            cmd = Some(known.cmd.clone());
            place = place.or_else(|| Some(base.clone()));
        }
    }
    // An entrypoint may be all of the command.
    if cmd.is_none() && entrypoint.is_some() && !says_cmdline {
        cmd = Some(Vec::new());
    }
    let is_derived = !says_cmdline && (is_said || known.is_some());
    let cmdline = is_derived.then(|| {
        let own = known.filter(|_| !is_said).and_then(|(known, _)| known.urunc.get(&cmdline_key()));
        own.cloned().unwrap_or_else(|| {
            let words: Vec<&str> =
                entrypoint.iter().chain(&cmd).flatten().map(String::as_str).collect();
            words.join(" ")
        })
    });
    let entrypoint = entrypoint.filter(|words| !words.is_empty());
    // Engines start no image without any words; `cmdline` gives an empty one.
    let cmd = cmd.filter(|cmd| !cmd.is_empty() || entrypoint.is_some());
    Command { entrypoint, cmd, cmdline, place }
}

fn cmdline_key() -> String {
    Key::Cmdline.full()
}

/// The words of a field. In an args.nix an empty list is as good as none; in the other texts it drops the base's.
fn given(draft: &Draft, field: Option<&Placed<Vec<String>>>) -> Option<Vec<String>> {
    let words = field.map(|words| words.value.clone());
    words.filter(|words| draft.kind != Kind::ArgsNix || !words.is_empty())
}

/// The environment: the base's, in which variables of the same name are replaced, and then the others.
pub(super) fn env(own: Vec<String>, base: Option<&BaseConfig>) -> Vec<String> {
    let mut all = base.map(|base| base.env.clone()).unwrap_or_default();
    let name = |variable: &str| variable.split('=').next().unwrap_or_default().to_owned();
    if all.is_empty() {
        return own;
    }
    for variable in own {
        let same = name(&variable);
        match all.iter_mut().find(|known| name(known) == same) {
            Some(known) => *known = variable,
            None => all.push(variable),
        }
    }
    all
}

/// Adds those of urunc's annotations that the base has and the text does not say. `cmdline` goes with the command.
pub(super) fn inherit(annotations: &mut Annotations, base: &BaseConfig) -> Vec<Key> {
    let mut inherited = Vec::new();
    for (name, value) in &base.urunc {
        let short = name.strip_prefix(crate::urunc::PREFIX).unwrap_or(name);
        let Some(key) = Key::from_exact(short) else { continue };
        let is_free = annotations.get(key).is_none() && annotations.knows(&[key]);
        if key != Key::Cmdline && is_free {
            annotations.set(key, value.clone());
            inherited.push(key);
        }
    }
    inherited
}
