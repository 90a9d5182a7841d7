//! Words gathered paragraph by paragraph while a document is walked over.

use indicia_core::{Limits, Problem};

/// The words of a document so far: one line for each paragraph.
#[derive(Debug, Default)]
pub(crate) struct Paragraphs {
    /// Paragraphs that have begun, the innermost last: a text box stands within a paragraph.
    open: Vec<String>,
    /// Those that have ended.
    words: String,
}

impl Paragraphs {
    /// A paragraph begins.
    pub(crate) fn begin(&mut self) {
        self.open.push(String::new());
    }

    /// The innermost paragraph ends.
    pub(crate) fn end(&mut self) {
        if let Some(paragraph) = self.open.pop() {
            self.words.push_str(&paragraph);
            self.words.push('\n');
        }
    }

    /// Words as they are; what stands outside of all paragraphs is no word.
    pub(crate) fn push(&mut self, words: &str) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.push_str(words);
        }
    }

    /// Words in which any white space counts as one blank.
    pub(crate) fn flow(&mut self, words: &str) {
        let Some(paragraph) = self.open.last_mut() else { return };
        for sign in words.chars() {
            match sign {
                ' ' | '\t' | '\n' | '\r' => {
                    if !paragraph.is_empty() && !paragraph.ends_with([' ', '\n']) {
                        paragraph.push(' ');
                    }
                }
                _ => paragraph.push(sign),
            }
        }
    }

    /// Refuses more than [`Limits::text`].
    ///
    /// # Errors
    /// [`Problem::OverLimit`].
    pub(crate) fn within(&self, limits: &Limits) -> Result<(), Problem> {
        let len: usize = self.words.len() + self.open.last().map_or(0, String::len);
        if len as u64 > limits.text {
            return Err(Problem::OverLimit { what: "bytes of text", limit: limits.text });
        }
        Ok(())
    }

    /// All lines. Paragraphs that did not end are among them.
    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.words
    }

    /// All lines that have something in them: blocks in blocks leave others.
    pub(crate) fn finish_full(self) -> String {
        let lines = self.finish();
        let full = lines.lines().filter(|line| !line.trim().is_empty());
        full.map(|line| format!("{line}\n")).collect()
    }
}
