//! Text to syntax tree: rnix, and the rules it leaves to its user.
//!
//! rnix accepts more than Nix does; what it lets pass is refused here or in [`super::lower`]. Its
//! errors become diagnostics in [`syntax`].

use super::spelling::{Offsets, Spelling};
use super::{Stack, syntax};
use crate::diag::{Diagnostic, FileId, Span};
use crate::explain::code;
use rnix::ast::Expr;
use rnix::{ParseError, SyntaxKind};

/// How deep brackets may be nested. rnix recurses on them, and refuses more than 512 itself.
const MAX_NESTING: usize = 10_000;
/// Shorter texts are parsed at once whatever they hold.
const CHEAP: usize = 16 << 10;
/// How many characters rnix may look at. Some hundred millions are a second.
const MAX_COST: u64 = 400_000_000;
/// What it takes to hash one more node, in characters looked at.
const HASH_COST: u64 = 4;
/// How many operators and calls may nest in each other without brackets.
const MAX_LINKS: usize = 200_000;
/// What rnix and rowan take of the stack for one of them, generously.
const LINK_STACK: usize = 512;

/// Parses a text. What comes back is about the spelling for rnix; the offsets lead to the text.
///
/// # Errors
/// The first syntax error of the text.
pub(super) fn parse(
    text: &[u8],
    file: FileId,
    stack: Stack,
) -> Result<(Expr, Offsets), Vec<Diagnostic>> {
    if text.len() > u32::MAX as usize / 4 {
        return Err(vec![
            Diagnostic::error(code::EVAL_SYNTAX, "the file is too large to be parsed")
                .with_label(Span { file, start: 0, end: 0 }, ""),
        ]);
    }
    refuse_nul(text, file)?;
    let spelling = Spelling::new(text);
    refuse_costly(&spelling, file, stack)?;
    let parsed = rnix::Root::parse(spelling.for_rnix());
    // What follows the first error is most often its echo.
    let error = match (parsed.errors().first(), parsed.tree().expr()) {
        (None, Some(expr)) => return Ok((expr, spelling.offsets)),
        (Some(ParseError::RecursionLimitExceeded), _) => {
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            return Err(vec![too_deep(Span { file, start: end, end })]);
        }
        (Some(error), _) => error,
        (None, None) => &ParseError::UnexpectedEOF,
    };
    Err(vec![syntax::describe(error, text, &spelling, file)])
}

fn refuse_nul(text: &[u8], file: FileId) -> Result<(), Vec<Diagnostic>> {
    let Some(at) = text.iter().position(|&byte| byte == 0) else { return Ok(()) };
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    Err(vec![
        Diagnostic::error(code::EVAL_SYNTAX, "the file holds a NUL byte")
            .with_label(Span { file, start: at, end: at.saturating_add(1) }, "here")
            .with_why("Nix strings cannot hold NUL bytes"),
    ])
}

/// What a long text would cost rnix, looked at token by token before it is parsed.
///
/// rnix looks ahead as far as a path could go at every token, and hashes narrow nodes again with all
/// they hold, so the time for a chain without end grows with its square; and it recurses where it does
/// not count. Texts that would take long or crash are refused with their place.
struct ParseCost<'t> {
    text: &'t str,
    /// Where the characters that could be of a path end, as far as is known.
    run_end: usize,
    spent: u64,
    levels: Vec<Level>,
    /// The depth of the tree at most: links of all levels together.
    links: usize,
    before: SyntaxKind,
    blank_before: bool,
}

/// A bracket, or the whole text.
#[derive(Default)]
struct Level {
    /// Whether values side by side are no calls here.
    is_list: bool,
    /// Whether names after `inherit` are being read.
    inherits: bool,
    /// Operators and calls since the last `;` or `,`.
    links: usize,
    /// Those of them whose nodes rowan hashes.
    narrow: u64,
}

fn refuse_costly(
    spelling: &Spelling<'_>,
    file: FileId,
    stack: Stack,
) -> Result<(), Vec<Diagnostic>> {
    let text = spelling.for_rnix();
    if text.len() < CHEAP {
        return Ok(());
    }
    let mut effort = ParseCost {
        text,
        run_end: 0,
        spent: 0,
        levels: vec![Level::default()],
        links: 0,
        before: SyntaxKind::TOKEN_SEMICOLON,
        blank_before: true,
    };
    let mut run = 0_usize;
    let mut offset = 0_usize;
    for (kind, token) in rnix::tokenize(text) {
        match kind {
            // `- - - x` and `! ! ! x` nest without brackets.
            SyntaxKind::TOKEN_SUB | SyntaxKind::TOKEN_INVERT => run += 1,
            SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT => {}
            _ => run = 0,
        }
        effort.add(kind, offset);
        let place =
            |offset: usize| spelling.offsets.original(u32::try_from(offset).unwrap_or(u32::MAX));
        let span = || Span { file, start: place(offset), end: place(offset + token.len()) };
        // An import may come when little of the stack is left.
        if effort.levels.len() + run > MAX_NESTING || !stack.has_room_for(effort.links * LINK_STACK)
        {
            return Err(vec![too_deep(span())]);
        }
        if effort.spent > MAX_COST || effort.links > MAX_LINKS {
            return Err(vec![
                Diagnostic::error(code::EVAL_SYNTAX, "the expression is too long")
                    .with_label(span(), "at this point of it")
                    .with_why("so many operators, calls or names in a row take the parser too long")
                    .with_help("give parts of it names with `let`, or put the data into a list"),
            ]);
        }
        offset += token.len();
    }
    Ok(())
}

impl ParseCost<'_> {
    fn add(&mut self, kind: SyntaxKind, offset: usize) {
        match kind {
            SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT => {
                self.blank_before = true;
                return;
            }
            SyntaxKind::TOKEN_STRING_CONTENT => {}
            _ => self.look_ahead(offset),
        }
        match kind {
            SyntaxKind::TOKEN_L_PAREN
            | SyntaxKind::TOKEN_L_BRACK
            | SyntaxKind::TOKEN_L_BRACE
            | SyntaxKind::TOKEN_INTERPOL_START
            | SyntaxKind::TOKEN_STRING_START => {
                self.juxtaposed(kind);
                let is_list =
                    matches!(kind, SyntaxKind::TOKEN_L_BRACK | SyntaxKind::TOKEN_STRING_START);
                self.levels.push(Level { is_list, ..Level::default() });
            }
            SyntaxKind::TOKEN_R_PAREN
            | SyntaxKind::TOKEN_R_BRACK
            | SyntaxKind::TOKEN_R_BRACE
            | SyntaxKind::TOKEN_INTERPOL_END
            | SyntaxKind::TOKEN_STRING_END => {
                if self.levels.len() > 1
                    && let Some(level) = self.levels.pop()
                {
                    self.links -= level.links;
                }
            }
            SyntaxKind::TOKEN_SEMICOLON | SyntaxKind::TOKEN_COMMA => {
                if let Some(level) = self.levels.last_mut() {
                    self.links -= level.links;
                    (level.links, level.narrow, level.inherits) = (0, 0, false);
                }
            }
            kind if syntax::is_operator(kind) || kind == SyntaxKind::TOKEN_QUESTION => {
                self.link(!self.blank_before);
            }
            SyntaxKind::TOKEN_INHERIT => {
                if let Some(level) = self.levels.last_mut() {
                    level.inherits = true;
                }
            }
            kind => self.juxtaposed(kind),
        }
        self.before = kind;
        self.blank_before = false;
    }

    /// Two values side by side: a call.
    fn juxtaposed(&mut self, kind: SyntaxKind) {
        let is_list = self.levels.last().is_some_and(|level| level.is_list || level.inherits);
        if !is_list && syntax::starts_value(kind) && syntax::ends_value(self.before) {
            self.link(true);
        }
    }

    fn link(&mut self, narrow: bool) {
        let Some(level) = self.levels.last_mut() else { return };
        level.links += 1;
        self.links += 1;
        if narrow {
            level.narrow += 1;
            self.spent = self.spent.saturating_add(HASH_COST * level.narrow);
        }
    }

    /// What rnix reads ahead of a token that may begin a path.
    fn look_ahead(&mut self, offset: usize) {
        if offset >= self.run_end {
            let rest = self.text.as_bytes().get(offset..).unwrap_or(&[]);
            let of_path = |byte: &&u8| byte.is_ascii_alphanumeric() || b"/_.+-<".contains(byte);
            self.run_end = offset + rest.iter().take_while(of_path).count();
        }
        self.spent = self.spent.saturating_add((self.run_end - offset) as u64);
    }
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(code::EVAL_SYNTAX, "expressions are nested too deeply")
        .with_label(span, "at this depth")
        .with_why("the parser stops at 512 nested expressions")
        .with_help("give the inner parts names with `let`")
}
