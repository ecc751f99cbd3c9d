//! What a stage has come to so far: its base, its files and its configuration.

use super::context::Context;
use super::instruction::Instruction;
use super::paths::{Names, names, path};
use super::tree::Tree;
use crate::diag::Span;
use crate::front::OpenImage;
use crate::recipe::draft::BaseDraft;
use crate::recipe::{Place, Placed};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What BuildKit takes for `PATH` where a stage is built on nothing.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Values by their names, in the order in which the names came; a later value replaces an earlier one.
#[derive(Debug, Clone)]
pub(super) struct Named<T> {
    items: Vec<(String, T)>,
    places: BTreeMap<String, usize>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { items: Vec::new(), places: BTreeMap::new() }
    }
}

impl<T> Named<T> {
    pub fn set(&mut self, name: String, value: T) {
        match self.places.get(&name).and_then(|&at| self.items.get_mut(at)) {
            Some(item) => item.1 = value,
            None => {
                self.places.insert(name.clone(), self.items.len());
                self.items.push((name, value));
            }
        }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn into_items(self) -> Vec<(String, T)> {
        self.items
    }
}

/// A stage so far. What its base says of itself is not repeated here, but for what later instructions look at.
#[derive(Debug, Clone, Default)]
pub(super) struct State<'w> {
    /// The image it is built on.
    pub base: Option<Placed<BaseDraft>>,
    /// The architecture that `FROM --platform` says where there is no base.
    pub architecture: Option<Placed<String>>,
    /// Its files, with those of the base.
    pub tree: Tree<'w>,
    /// The working directory, that of the base as well.
    pub directory: Names,
    pub working_dir: Option<Placed<String>>,
    pub env: Named<Placed<String>>,
    pub annotations: Named<Placed<String>>,
    pub labels: Named<Placed<String>>,
    pub ports: Named<Placed<String>>,
    pub volumes: Named<Placed<String>>,
    pub entrypoint: Option<Placed<Vec<String>>>,
    pub cmd: Option<Placed<Vec<String>>>,
    pub user: Option<Placed<String>>,
    /// The user of the base.
    pub user_of_base: Option<String>,
    pub stop_signal: Option<Placed<String>>,
    /// Whether something in it is wrong, so that what it lacks is no news.
    pub is_broken: bool,
    /// The values of ENV and ARG, and of the environment of the base.
    pub variables: BTreeMap<String, String>,
    /// What ARG has named without a value.
    pub declared: BTreeSet<String>,
    /// Whether CMD is one of this stage's own, which ENTRYPOINT leaves alone.
    pub has_own_cmd: bool,
}

impl State<'_> {
    /// A stage on nothing.
    pub fn scratch(architecture: Option<Placed<String>>) -> Self {
        let mut state = Self { architecture, ..Self::default() };
        state.variables.insert("PATH".to_owned(), DEFAULT_PATH.to_owned());
        state
    }

    /// A stage on an image.
    pub fn on(base: Placed<BaseDraft>, open: &OpenImage) -> Self {
        let context = Context::of_image(Rc::clone(&open.files), base.value.clone());
        let config = &open.config;
        let variables = config.env.iter().filter_map(|variable| variable.split_once('='));
        let directory = config.working_dir.as_deref().unwrap_or("/");
        Self {
            base: Some(base),
            tree: Tree::of(Rc::new(context)),
            directory: names(directory.as_bytes()),
            user_of_base: config.user.clone().filter(|user| !user.is_empty()),
            variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            ..Self::default()
        }
    }

    /// A stage on this one.
    pub fn child(&self) -> Self {
        Self { has_own_cmd: false, ..self.clone() }
    }

    /// How much there is to copy.
    pub fn weight(&self) -> usize {
        let lists = [self.env.len(), self.annotations.len(), self.labels.len(), self.ports.len()];
        let more = [self.volumes.len(), self.variables.len(), self.declared.len(), self.tree.len()];
        lists.into_iter().chain(more).sum()
    }

    /// The value of a variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// A path of the image; one that is not absolute is below the working directory.
    pub fn resolve(&self, written: &[u8]) -> Names {
        if written.starts_with(b"/") {
            names(written)
        } else {
            names(&[path(&self.directory).as_slice(), b"/", written].concat())
        }
    }
}

/// A value with the places of its keyword and of itself.
pub(super) fn placed<T>(instruction: &Instruction, at: Span, value: T) -> Placed<T> {
    Placed { value, place: place(instruction, at) }
}

/// The places of a keyword and of what it is given.
pub(super) fn place(instruction: &Instruction, at: Span) -> Place {
    Place { spans: Some((instruction.at, at)), path: instruction.keyword.to_owned() }
}
