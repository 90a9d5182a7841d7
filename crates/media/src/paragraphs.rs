//! Words gathered paragraph by paragraph while a document is walked over.

use crate::{StandingOut, TextPart};
use indicia_core::{Limits, Problem};

/// What the paragraphs of an element stand out as, by its name in HTML and `OpenDocument`, and as this program says of Word.
fn part(name: &str) -> Option<TextPart> {
    match name {
        "h" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Some(TextPart::Heading),
        "header" | "header-left" | "header-first" | "hdr" => Some(TextPart::Header),
        "footer" | "footer-left" | "footer-first" | "ftr" => Some(TextPart::Footer),
        _ => None,
    }
}

/// The words of a document so far: one line for each paragraph.
#[derive(Debug, Default)]
pub(crate) struct Paragraphs {
    /// Paragraphs that have begun, the innermost last: a text box stands within a paragraph.
    open: Vec<String>,
    /// Those that have ended.
    words: String,
    /// What the paragraphs that end now are, with the element that says so and how many of its name are open.
    part: Option<(TextPart, String, usize)>,
    /// Those that stood out.
    standing_out: Vec<StandingOut>,
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
            if let Some((part, ..)) = &self.part
                && !paragraph.trim().is_empty()
            {
                self.standing_out.push(StandingOut { part: *part, words: paragraph });
            }
        }
    }

    /// An element begins whose paragraphs stand out, if its name says so.
    pub(crate) fn enter(&mut self, name: &str) {
        match &mut self.part {
            Some((_, own, depth)) => *depth += usize::from(own == name),
            None => self.part = part(name).map(|part| (part, name.to_owned(), 1)),
        }
    }

    /// An element ends that may have been entered.
    pub(crate) fn leave(&mut self, name: &str) {
        if let Some((_, own, depth)) = &mut self.part
            && own == name
        {
            *depth -= 1;
            if *depth == 0 {
                self.part = None;
            }
        }
    }

    /// The lines that stood out so far.
    pub(crate) fn take_standing_out(&mut self) -> Vec<StandingOut> {
        std::mem::take(&mut self.standing_out)
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
