//! A stack large enough that recursion ends in an error and not in a crash.
//!
//! The evaluator recurses with the program it runs. It runs on a thread of its own whose stack is
//! reserved, not used, until it is needed, and looks at how much is left before it goes deeper.

use std::io;

/// How much stack is reserved. A frame of the evaluator takes some hundred bytes.
const RESERVED: usize = 256 << 20;
/// What is tried in turn, where a limit of the address space does not allow [`RESERVED`].
const SIZES: [usize; 3] = [RESERVED, 64 << 20, 16 << 20];
/// What is kept free for code that does not ask: builtins, the parser, printing.
const MARGIN: usize = 4 << 20;

/// What a walk through a value leaves to the evaluation of its parts.
const WALK: usize = 256 << 10;

/// The stack of the thread that [`with_stack`] made.
#[derive(Debug, Clone, Copy)]
pub struct Stack {
    lowest: usize,
}

impl Stack {
    /// Whether recursion may go on. Stacks grow towards lower addresses on every system Rust's
    /// standard library supports.
    pub(super) fn has_room(self) -> bool {
        current_address() > self.lowest
    }

    /// Whether a walk through a value may go on, which evaluates what it meets on the way: it ends before that
    /// does, so that the place of the error does not depend on how large a frame is.
    pub(super) fn has_room_to_walk(self) -> bool {
        self.has_room_for(WALK)
    }

    /// Whether code that does not ask may take this much.
    pub(super) fn has_room_for(self, bytes: usize) -> bool {
        current_address() > self.lowest.saturating_add(bytes)
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "the address of a frame, not of a helper's")]
fn current_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}

/// Runs `work` on a thread with a large stack and gives its result.
///
/// # Errors
/// The system's error when no thread can be made.
pub fn with_stack<T: Send>(work: impl FnOnce(Stack) -> T + Send) -> io::Result<T> {
    let mut work = Some(work);
    let mut result = Err(io::Error::other("no stack"));
    for size in SIZES {
        let slot = &mut work;
        let attempt = std::thread::scope(|scope| {
            let thread =
                std::thread::Builder::new().stack_size(size).spawn_scoped(scope, move || {
                    let lowest = current_address().saturating_sub(size - MARGIN);
                    slot.take().map(|work| work(Stack { lowest }))
                })?;
            match thread.join() {
                Ok(Some(value)) => Ok(value),
                Ok(None) => Err(io::Error::other("the work has already run")),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        });
        match attempt {
            Ok(value) => return Ok(value),
            Err(error) => result = Err(error),
        }
    }
    result
}
