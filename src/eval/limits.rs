//! What an evaluation may use up before it ends in an error.
//!
//! A program can loop, recurse or build lists without end. Calls and nesting are counted as they
//! happen. Memory is not counted by the byte: what builds a value announces roughly how large it
//! will be, and after every [`MEASURE_EVERY`] announced bytes [`Limits::memory_in_use`] tells what is really in use.

use super::error::{ErrorKind, Result};
use super::value::{List, NixString, Value};

/// The limits of an evaluation.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many calls of functions written in the language; tail calls count. What builtins go through
    /// counts as well: an element or attribute as a call, text by the 256 bytes.
    pub calls: u64,
    /// How many bytes the process may have in memory.
    pub memory: u64,
    /// How many bytes the process has in memory. Where nobody knows, the limit holds for single values alone.
    pub memory_in_use: fn() -> Option<u64>,
    /// How many calls may be nested; tail calls nest nothing. The stack is a limit of its own.
    pub depth: u32,
}

impl Default for Limits {
    /// More than any configuration takes, and soon reached by a loop without end: seconds of calls, 4 GiB,
    /// and a depth that the stack alone limits.
    fn default() -> Self {
        Limits { calls: 100_000_000, memory: 4 << 30, memory_in_use: || None, depth: u32::MAX }
    }
}

/// After how many announced bytes the system is asked.
const MEASURE_EVERY: u64 = 16 << 20;
/// What a call is taken to use: its scope and a few thunks.
const CALL: u64 = 256;

/// What has been used so far.
#[derive(Debug)]
pub(super) struct Meter {
    limits: Limits,
    calls: u64,
    /// What builtins went through.
    steps: u64,
    depth: u32,
    announced: u64,
    /// How many calls there were when the system was last asked.
    calls_before: u64,
}

impl Meter {
    pub(super) fn new(limits: Limits) -> Self {
        // More than any address space holds, and no sum of sizes overflows.
        let limits = Limits { memory: limits.memory.min(1 << 46), ..limits };
        Meter { limits, calls: 0, steps: 0, depth: 0, announced: 0, calls_before: 0 }
    }

    /// A call begins, nested or not.
    #[inline]
    pub(super) fn call(&mut self) -> Result<()> {
        self.calls += 1;
        self.check_calls()?;
        self.announce(CALL)
    }

    /// A builtin goes through `count` elements or attributes.
    #[inline]
    pub(super) fn steps(&mut self, count: usize) -> Result<()> {
        self.steps = self.steps.saturating_add(count as u64);
        self.check_calls()
    }

    #[inline]
    fn check_calls(&self) -> Result<()> {
        if self.calls.saturating_add(self.steps) > self.limits.calls {
            return Err(ErrorKind::TooManyCalls { limit: self.limits.calls }.into());
        }
        Ok(())
    }

    /// A nested call begins; [`Meter::leave`] ends it.
    #[inline]
    pub(super) fn enter(&mut self) -> Result<()> {
        if self.depth >= self.limits.depth {
            return Err(ErrorKind::CallDepth { limit: self.limits.depth }.into());
        }
        self.depth += 1;
        Ok(())
    }

    #[inline]
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// A value of about `bytes` is going to be made.
    #[inline]
    pub(super) fn announce(&mut self, bytes: u64) -> Result<()> {
        self.announced = self.announced.saturating_add(bytes);
        if self.announced < MEASURE_EVERY {
            return Ok(());
        }
        self.measure(bytes)
    }

    /// `count` values are going to be held somewhere.
    #[inline]
    pub(super) fn announce_values(&mut self, count: u64) -> Result<()> {
        self.announce(count.saturating_mul(size_of::<Value>() as u64))
    }

    /// A string is made. One that is longer than all the memory is refused before anybody puts it
    /// together.
    #[inline]
    pub(super) fn announce_text(&mut self, text: &NixString) -> Result<()> {
        if text.pending_len() as u64 > self.limits.memory {
            return Err(ErrorKind::OutOfMemory { limit: self.limits.memory }.into());
        }
        // Its halves, for now.
        self.announce(128)
    }

    /// A string is going to be read.
    #[inline]
    pub(super) fn announce_reading(&mut self, text: &NixString) -> Result<()> {
        self.announce(text.pending_len() as u64)
    }

    /// The same for lists.
    #[inline]
    pub(super) fn announce_list(&mut self, list: &List) -> Result<()> {
        let bytes = (list.pending_len() as u64).saturating_mul(size_of::<Value>() as u64);
        if bytes > self.limits.memory {
            return Err(ErrorKind::OutOfMemory { limit: self.limits.memory }.into());
        }
        self.announce(128)
    }

    /// The elements of a list are going to be asked for.
    #[inline]
    pub(super) fn announce_elements(&mut self, list: &List) -> Result<()> {
        self.announce_values(list.pending_len() as u64)
    }

    #[cold]
    fn measure(&mut self, next: u64) -> Result<()> {
        let by_calls = (self.calls - self.calls_before).saturating_mul(CALL);
        self.steps = self.steps.saturating_add(self.announced.saturating_sub(by_calls) / CALL);
        (self.announced, self.calls_before) = (0, self.calls);
        let used = (self.limits.memory_in_use)().unwrap_or(0);
        if used.saturating_add(next) > self.limits.memory {
            return Err(ErrorKind::OutOfMemory { limit: self.limits.memory }.into());
        }
        self.check_calls()
    }
}
