//! Text into markup.

use std::fmt;

use crate::escape::escape;

/// Text that files or rules say, to be shown as text: markup and hostile characters are spelled out.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = escape(self.0);
        let mut rest: &str = &shown;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            let (before, after) = rest.split_at(at);
            out.write_str(before)?;
            let mut characters = after.chars();
            out.write_str(match characters.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('"') => "&quot;",
                _ => "&#39;",
            })?;
            rest = characters.as_str();
        }
        out.write_str(rest)
    }
}

/// A state by sign, word and colour, never by colour alone.
pub(super) struct Badge {
    /// One character.
    pub(super) sign: &'static str,
    word: &'static str,
    class: &'static str,
}

impl Badge {
    /// What became of a file or a rule, by its word in reports.
    pub(super) fn of_outcome(name: &str) -> Self {
        let (sign, word, class) = match name {
            "met" => ("✓", "met", "met"),
            "unmet" => ("✗", "not met", "unmet"),
            "refused" => ("■", "left alone", "refused"),
            _ => ("?", "cannot be told", "unknown"),
        };
        Self { sign, word, class }
    }

    /// A rule that is not met and does not count towards the outcome.
    pub(super) fn of_warning() -> Self {
        Self { sign: "!", word: "not met, does not count", class: "unknown" }
    }

    /// A mark that is there.
    pub(super) fn present() -> Self {
        Self { sign: "✓", word: "present", class: "met" }
    }

    /// A mark that is there and wrong or doubtful.
    pub(super) fn flawed(word: &'static str) -> Self {
        Self { sign: "!", word, class: "unknown" }
    }

    /// A mark that is not there.
    pub(super) fn absent() -> Self {
        Self { sign: "–", word: "none", class: "plain" }
    }

    /// A mark that could not be looked for.
    pub(super) fn blind() -> Self {
        Self { sign: "?", word: "could not look", class: "unknown" }
    }
}

impl fmt::Display for Badge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sign, word, class } = self;
        write!(out, "<span class=\"badge {class}\"><span aria-hidden=\"true\">{sign}</span> {word}</span>")
    }
}
