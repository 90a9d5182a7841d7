//! The words of a page that are shown, block by block.

use super::page::survey;
use crate::epub::{BLOCKS, is_hiding};
use crate::markup::{Attribute, Scanner, Token, attributes, part, says};
use crate::paragraphs::Paragraphs;
use crate::xml::unescape;
use crate::{Layout, Sites, Text};
use std::ops::Range;

use indicia_core::{FormatError, Limits, Source, Span};

/// Elements whose words are not shown, or only where something else cannot be.
const UNSHOWN: &[&str] = &[
    "title", "script", "style", "template", "noscript", "iframe", "noembed", "noframes", "audio", "video",
    "canvas", "object", "datalist", "rp", "rt",
];

/// Elements that never have an end tag.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Whether an attribute says that its element is not shown.
pub(super) fn hides(text: &[u8], attribute: &Attribute) -> bool {
    let value = String::from_utf8_lossy(part(text, &attribute.value)).to_ascii_lowercase();
    let name = String::from_utf8_lossy(part(text, &attribute.name)).to_ascii_lowercase();
    is_hiding(&name, &value)
}

/// The words that are shown.
///
/// # Errors
/// If the page is over [`Limits::text`] or cannot be read.
pub(crate) fn decode(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<Text, FormatError> {
    crate::text::within(source, limits)?;
    let page = survey(source, limits)?;
    let text = page.letters.narrow(&page.bytes);
    let mut paragraphs = Paragraphs::default();
    paragraphs.begin();
    let mut hidden: Option<(Vec<u8>, usize)> = None;
    let mut scanner = Scanner::new(&text, page.body.start, page.notation);
    if page.has_frames || page.is_hidden {
        scanner = Scanner::new(&text, text.len(), page.notation);
    }
    while let Some(token) = scanner.next() {
        match token {
            Token::Start { name, tag, is_single } => {
                let is = |word: &&str| says(&text, &name, word);
                let is_block = BLOCKS.iter().any(is);
                let never_ends = VOID.iter().any(is) || (is_single && scanner.ends_single());
                if let Some((element, depth)) = &mut hidden {
                    // A block ends a paragraph that was not ended.
                    if element.eq_ignore_ascii_case(b"p") && is_block {
                        hidden = None;
                    } else {
                        *depth +=
                            usize::from(!never_ends && part(&text, &name).eq_ignore_ascii_case(element));
                        continue;
                    }
                }
                let all = attributes(&text, &tag);
                let is_closed = is(&"dialog") && !all.iter().any(|one| says(&text, &one.name, "open"));
                if is_closed || UNSHOWN.iter().any(is) || all.iter().any(|one| hides(&text, one)) {
                    hidden = (!never_ends).then(|| (part(&text, &name).to_vec(), 1));
                } else if is_block {
                    paragraphs.end();
                    paragraphs.begin();
                    if !never_ends {
                        paragraphs.enter(&lower(&text, &name));
                    }
                } else if is(&"br") {
                    paragraphs.push("\n");
                }
            }
            Token::End { name, .. } => {
                if let Some((element, depth)) = &mut hidden {
                    if part(&text, &name).eq_ignore_ascii_case(element) {
                        *depth -= 1;
                        if *depth == 0 {
                            hidden = None;
                        }
                    }
                } else if BLOCKS.iter().any(|word| says(&text, &name, word)) {
                    paragraphs.end();
                    paragraphs.begin();
                    paragraphs.leave(&lower(&text, &name));
                }
                paragraphs
                    .within(limits)
                    .map_err(|problem| FormatError::new(page.span(&name).start, problem))?;
            }
            Token::Words(words) if hidden.is_none() => {
                paragraphs.flow(&unescape(&page.letters.decode(page.part(&page.bytes, &words))));
            }
            Token::Cdata { inner } if hidden.is_none() => {
                paragraphs.flow(&page.letters.decode(page.part(&page.bytes, &inner)));
            }
            _ => {}
        }
    }
    let body = page.span(&page.body);
    let within = if body.is_empty() { Span { start: 0, end: source.size() } } else { body };
    let standing_out = paragraphs.take_standing_out();
    Ok(Text { words: paragraphs.finish_full(), sites: Sites::Within(within), standing_out })
}

/// A name in lower case.
fn lower(text: &[u8], name: &Range<usize>) -> String {
    String::from_utf8_lossy(part(text, name)).to_ascii_lowercase()
}
