//! The stages of a file: which of them are needed, and what they come to.

use super::instruction::{Instruction, What, Word};
use super::is_error;
use super::paths::Names;
use super::reading::Reading;
use super::state::{State, place};
use super::tree::{Entry, Item, Tree};
use super::{left::Part, patterns::Patterns};
use crate::diag::Span;
use crate::recipe::Placed;
use crate::recipe::draft::BaseDraft;
use crate::urunc::Key;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A stage as it is written.
#[derive(Debug, Clone)]
pub(super) struct Stage<'w> {
    /// The line of its FROM.
    pub at: Span,
    pub from: Rc<Instruction>,
    pub instructions: Rc<[Instruction]>,
    pub root: Root<'w>,
}

/// What a stage is built on.
#[derive(Debug, Clone)]
pub(super) enum Root<'w> {
    /// Nothing.
    Scratch {
        /// The architecture that `--platform` says.
        architecture: Option<Placed<String>>,
    },
    /// An image, and the word that names it.
    Image(Placed<BaseDraft>, Word),
    /// A folder that the command line names.
    Folder(Rc<Tree<'w>>),
    /// An earlier stage.
    Stage(usize),
    /// What is wrong has been reported.
    Broken,
}

impl<'w> Reading<'w, '_> {
    /// The stages that a stage is made of, itself the last.
    pub fn needed(&self, target: usize) -> Vec<usize> {
        let mut needed = BTreeSet::from([target]);
        for index in (0..=target).rev() {
            let Some(stage) = self.stages.get(index).filter(|_| needed.contains(&index)) else {
                continue;
            };
            if let Root::Stage(root) = stage.root {
                needed.insert(root);
            }
            for instruction in stage.instructions.iter() {
                let What::Copy { flags, .. } = &instruction.what else { continue };
                for flag in flags.iter().filter(|flag| flag.name == "from") {
                    let Some(value) = &flag.value else { continue };
                    let number = value.text.parse::<usize>().ok();
                    let from = number.or_else(|| self.stage_named(&value.text));
                    needed.extend(from.filter(|from| *from < index));
                }
            }
        }
        needed.into_iter().collect()
    }

    /// The monitor that a label of the target or of a stage below it names, as far as that needs no variables. An
    /// image for several platforms is chosen by it before the labels are read.
    pub fn monitor_of(&mut self, target: usize) -> Option<String> {
        let mut next = Some(target);
        while let Some(stage) = next.and_then(|index| self.stages.get(index)).cloned() {
            for instruction in stage.instructions.iter().rev() {
                let What::Label(pairs) = &instruction.what else { continue };
                for pair in pairs.iter().rev() {
                    let text = |word: &Word| self.expander.word(&word.text, &|_| None).ok();
                    let mut text = text;
                    let is_it =
                        text(&pair.name).is_some_and(|name| name.text == Key::Hypervisor.full());
                    if let Some(value) = pair.value.as_ref().filter(|_| is_it) {
                        return text(value).map(|value| value.text);
                    }
                }
            }
            next = match stage.root {
                Root::Stage(root) => Some(root),
                _ => None,
            };
        }
        None
    }

    /// Does what a stage says.
    pub fn build(&mut self, index: usize) {
        if self.built.len() < self.stages.len() {
            self.built.resize(self.stages.len(), None);
        }
        let Some(written) = self.stages.get(index).cloned() else { return };
        let errors = self.report.findings.len();
        let Some(mut state) = self.begun(&written) else { return };
        for instruction in written.instructions.iter() {
            if self.left == 0 || self.errors.are_many(self.report) {
                break;
            }
            self.apply(&mut state, instruction, index);
        }
        state.is_broken |= self.report.findings.iter().skip(errors).any(is_error);
        if let Some(built) = self.built.get_mut(index) {
            *built = Some(Rc::new(state));
        }
    }

    /// A stage before its first instruction; none when it cannot be begun, of which has been said why.
    fn begun(&mut self, stage: &Stage<'w>) -> Option<State<'w>> {
        match stage.root.clone() {
            Root::Broken => None,
            Root::Scratch { architecture } => Some(State::scratch(architecture)),
            Root::Image(base, word) => {
                let open = self.open(&base)?;
                let is_plain = self.check_triggers(&stage.from, &word, &open);
                is_plain.then(|| State::on(base, &open))
            }
            Root::Folder(tree) => self.on_folder(stage, &tree),
            Root::Stage(root) => {
                let root = self.built.get(root).cloned().flatten()?;
                self.spend(root.weight(), stage.at).then(|| root.child())
            }
        }
    }

    /// A stage on the files of a folder.
    fn on_folder(&mut self, written: &Stage<'w>, tree: &Tree<'w>) -> Option<State<'w>> {
        let mut state = State::scratch(None);
        let whole = tree.look(&[]).ok()??;
        let parts = match self.left(&whole, &Names::new(), &Patterns::default(), written.at) {
            Ok(parts) => parts,
            Err(lost) => {
                if let Some(lost) = lost {
                    self.report_lost(&lost, written.at);
                }
                return None;
            }
        };
        for Part { below, item } in parts {
            let place = place(&written.from, written.at);
            self.put(&mut state, Entry { item, at: below, place }, &Item::folder(), written.at);
        }
        Some(state)
    }
}
