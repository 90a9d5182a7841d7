//! The words of a text document, and paragraphs put before and after them.

use super::{ENCRYPTED, MANIFEST, encrypts};
use crate::package::{Revision, UNWRITABLE};
use crate::paragraphs::Paragraphs;
use crate::xml::{self, Event, Walk, local, prefix};
use crate::zip;
use crate::{Ends, Layout, Sites, StandingOut, Text};
use indicia_core::{FormatError, Limits, Problem, Source, Window};
use memchr::memmem;
use std::ops::Range;

/// The part that a document's words stand in.
const CONTENT: &str = "content.xml";

/// What may stand before the first block of a text (`OpenDocument` 1.3 part 3, 3.4): forms, changes, declarations.
const PRELUDE: &[&str] = &[
    "forms",
    "tracked-changes",
    "variable-decls",
    "sequence-decls",
    "user-field-decls",
    "dde-connection-decls",
    "alphabetical-index-auto-mark-file",
    "calculation-settings",
    "content-validations",
    "label-ranges",
];
/// What may stand after the last.
const EPILOGUE: &[&str] =
    &["named-expressions", "database-ranges", "data-pilot-tables", "consolidation", "dde-links"];

/// The words, paragraph by paragraph.
///
/// # Errors
/// If the part that they stand in is missing, encrypted or cannot be read.
pub(crate) fn decode(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<Text, FormatError> {
    let archive = &zip::open(source, limits)?;
    let mut window = Window::new(source);
    let missing = FormatError::malformed(0, "a document without content.xml");
    let Some(part) = archive.find(CONTENT) else {
        // A template may be styles and nothing else (part 2, 2.2.1).
        let styles = archive.find("styles.xml").ok_or(missing)?;
        let span = zip::local(&mut window, archive, styles)?.all;
        return Ok(Text { words: String::new(), sites: Sites::Within(span), standing_out: Vec::new() });
    };
    let span = zip::local(&mut window, archive, part)?.all;
    let read = zip::read(&mut window, source, archive, part, limits.text, limits).and_then(|bytes| {
        let at = |problem| FormatError::new(part.at, problem);
        let decoded = xml::decode(bytes).map_err(at)?;
        words(&decoded.text, limits).map_err(at)
    });
    let mut margins = || match archive.find("styles.xml") {
        None => Ok(Vec::new()),
        Some(styles) => {
            let bytes = zip::read(&mut window, source, archive, styles, limits.inflated, limits)?;
            let at = |problem| FormatError::new(styles.at, problem);
            let styles = xml::decode(bytes).map_err(at)?;
            margins(master_styles(&styles.text), limits).map_err(at)
        }
    };
    match read {
        Ok((words, mut standing_out)) => {
            standing_out.extend(margins()?);
            Ok(Text { words, sites: Sites::Within(span), standing_out })
        }
        Err(err) => {
            // What cannot be read may be encrypted, which is the better answer.
            let manifest = archive.find(MANIFEST).and_then(|entry| {
                let bytes = zip::read(&mut window, source, archive, entry, limits.inflated, limits).ok()?;
                xml::decode(bytes).ok()
            });
            let encrypted = manifest.is_some_and(|manifest| encrypts(&manifest.text, limits));
            Err(if encrypted { FormatError::unsupported(part.at, ENCRYPTED) } else { err })
        }
    }
}

/// The element of master pages in a part of styles, of which it is a small share; all of the part where that is not seen.
fn master_styles(text: &str) -> &str {
    let start = memmem::find(text.as_bytes(), b"<office:master-styles>");
    let end = memmem::rfind(text.as_bytes(), b"</office:master-styles>");
    let end = end.map(|end| end + b"</office:master-styles>".len());
    start.zip(end).and_then(|(start, end)| text.get(start..end)).unwrap_or(text)
}

/// The lines of the headers and footers that the master pages of `styles.xml` have (`OpenDocument` 1.3 part 3, 16.10 to 16.13).
fn margins(text: &str, limits: &Limits) -> Result<Vec<StandingOut>, Problem> {
    let mut walk = Walk::new(text, limits);
    let mut paragraphs = Paragraphs::default();
    let mut open: Vec<&str> = Vec::new();
    while let Some(event) = walk.next()? {
        match event {
            Event::Start { name, is_empty, .. } if !is_empty => {
                let name = local(name);
                open.push(name);
                if open.contains(&"master-page") {
                    match name {
                        "p" | "h" => paragraphs.begin(),
                        _ => paragraphs.enter(name),
                    }
                }
            }
            Event::Start { .. } => {}
            Event::End { .. } => {
                let name = open.pop().unwrap_or_default();
                if open.contains(&"master-page") {
                    match name {
                        "p" | "h" => paragraphs.end(),
                        _ => paragraphs.leave(name),
                    }
                }
                paragraphs.within(limits)?;
            }
            Event::Words(words) => paragraphs.flow(&words),
        }
    }
    Ok(paragraphs.take_standing_out())
}

/// The words of `content.xml`, and its headings.
fn words(text: &str, limits: &Limits) -> Result<(String, Vec<StandingOut>), Problem> {
    let mut walk = Walk::new(text, limits);
    let mut paragraphs = Paragraphs::default();
    let mut open: Vec<&str> = Vec::new();
    let mut hidden: Option<usize> = None;
    let mut in_text = false;
    while let Some(event) = walk.next()? {
        match event {
            Event::Start { name, tag, is_empty } => {
                let (whole, name) = (name, local(name));
                if !is_empty {
                    open.push(name);
                }
                in_text |=
                    whole == "office:text" || (name == "text" && open.iter().rev().nth(1) == Some(&"body"));
                // What was deleted, notes and remarks beside the words, how characters are spoken.
                let gone =
                    ["tracked-changes", "note-body", "annotation", "ruby-text", "forms"].contains(&name);
                if gone && !is_empty && hidden.is_none() {
                    hidden = Some(open.len());
                }
                if hidden.is_some() || !in_text {
                    continue;
                }
                match name {
                    "p" | "h" => {
                        paragraphs.begin();
                        if is_empty {
                            paragraphs.end();
                        } else {
                            paragraphs.enter(name);
                        }
                    }
                    "tab" => paragraphs.push("\t"),
                    "line-break" => paragraphs.push("\n"),
                    "s" => {
                        let attributes = walk.attributes(&tag)?;
                        let count = attributes.iter().find(|one| local(one.name) == "c");
                        let count = count.and_then(|one| one.raw.parse::<usize>().ok()).unwrap_or(1);
                        // No line of interest is indented further.
                        paragraphs.push(&" ".repeat(count.min(256)));
                    }
                    _ => {}
                }
            }
            Event::End { .. } => {
                let name = open.pop().unwrap_or_default();
                if hidden.is_some_and(|depth| open.len() < depth) {
                    hidden = None;
                } else if hidden.is_none() && in_text && ["p", "h"].contains(&name) {
                    paragraphs.end();
                    paragraphs.leave(name);
                }
                paragraphs.within(limits)?;
            }
            Event::Words(words) => {
                if hidden.is_none() && in_text {
                    paragraphs.flow(&words);
                }
            }
        }
    }
    let standing_out = paragraphs.take_standing_out();
    Ok((paragraphs.finish(), standing_out))
}

/// Puts paragraphs before the first block of the text and after its last.
///
/// # Errors
/// If the words cannot be read, or XML cannot hold the new ones.
pub(super) fn extend(
    revision: &mut Revision<'_>,
    ends: &Ends<String>,
    limits: &Limits,
) -> Result<(), FormatError> {
    let part = revision.index(CONTENT).ok_or(FormatError::malformed(0, "a document without content.xml"))?;
    let text = revision.part(part)?.text;
    let edits = edits(&text, ends, limits).map_err(|problem| FormatError::new(0, problem))?;
    revision.splice(part, edits);
    Ok(())
}

/// Where the blocks of a text stand.
#[derive(Debug, Default)]
struct Blocks {
    start: usize,
    end: usize,
    /// Prefix and name of the element around them, and its tag if it is empty.
    name: String,
    empty: Option<Range<usize>>,
    /// The prefix of paragraphs, if there is one to learn it from.
    prefix: Option<String>,
}

fn blocks(text: &str, limits: &Limits) -> Result<Blocks, Problem> {
    let mut walk = Walk::new(text, limits);
    let mut found: Option<Blocks> = None;
    let (mut depth, mut in_body, mut started) = (0, false, false);
    let mut epilogue = None;
    while let Some(event) = walk.next()? {
        match (&mut found, event) {
            (None, Event::Start { name, tag, is_empty }) => {
                if in_body && local(name) == "text" {
                    let empty = is_empty.then(|| tag.clone());
                    let name = name.to_owned();
                    found = Some(Blocks { start: tag.end, end: tag.end, name, empty, prefix: None });
                    depth = walk.depth();
                    if is_empty {
                        break;
                    }
                }
                in_body |= local(name) == "body";
            }
            (Some(blocks), Event::Start { name, tag, is_empty }) => {
                if walk.depth() - usize::from(!is_empty) != depth {
                    continue;
                }
                let prelude = !started && PRELUDE.contains(&local(name));
                if prelude && is_empty {
                    blocks.start = tag.end;
                }
                started |= !prelude;
                if ["p", "h", "list"].contains(&local(name)) {
                    blocks.prefix.get_or_insert_with(|| prefix(name).to_owned());
                }
                match EPILOGUE.contains(&local(name)) {
                    true => epilogue = epilogue.or(Some(tag.start)),
                    false => epilogue = None,
                }
            }
            (Some(blocks), Event::End { tag }) => {
                if walk.depth() < depth {
                    blocks.end = epilogue.unwrap_or(tag.start);
                    break;
                }
                // A declaration ends.
                if walk.depth() == depth && !started {
                    blocks.start = tag.end;
                }
            }
            _ => {}
        }
    }
    found.ok_or(Problem::Malformed("a text document without office:text"))
}

fn edits(text: &str, ends: &Ends<String>, limits: &Limits) -> Result<Vec<xml::Edit>, Problem> {
    let blocks = blocks(text, limits)?;
    // The namespace is declared once more, so that it does not matter how the document calls it.
    let (p, declared) = match &blocks.prefix {
        Some(prefix) => (prefix.as_str(), String::new()),
        None => ("text:", " xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"".to_owned()),
    };
    let lines = |words: &Option<String>| -> Result<String, Problem> {
        let mut out = String::new();
        for line in words.iter().flat_map(|words| words.lines()) {
            let line = xml::escape(line).ok_or(UNWRITABLE)?;
            out.push_str(&format!("<{p}p{declared}>{line}</{p}p>"));
        }
        Ok(out)
    };
    let (start, end) = (lines(&ends.start)?, lines(&ends.end)?);
    if let Some(tag) = blocks.empty {
        let open = text.get(tag.clone()).and_then(|tag| tag.strip_suffix("/>"));
        let open = tag.start + open.ok_or(Problem::Malformed("the tag of a text"))?.len();
        return Ok(vec![(open..tag.end, format!(">{start}{end}</{}>", blocks.name))]);
    }
    Ok(vec![(blocks.start..blocks.start, start), (blocks.end..blocks.end, end)])
}
