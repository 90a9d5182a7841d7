//! The words of a Word document, and paragraphs put before and after them.

use std::collections::BTreeSet;

use super::styles::{BODY_LEVEL, Styles};
use super::{Links, RELATIONSHIPS};
use crate::package::{Revision, UNWRITABLE};
use crate::paragraphs::Paragraphs;
use crate::xml::{self, Decoded, Event, Walk, local, prefix};
use crate::zip::{self, Archive, Entry};
use crate::{Ends, Layout, Sites, StandingOut, Text};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};
use memchr::memmem;

/// The part that a document's words stand in where nothing says otherwise.
const DOCUMENT: &str = "word/document.xml";
/// Most headers, and footers, that are read: three for each of a hundred sections.
const MOST_MARGINS: usize = 300;

/// The words, paragraph by paragraph.
///
/// # Errors
/// If the part that they stand in is missing or cannot be read.
pub(crate) fn decode(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<Text, FormatError> {
    let archive = zip::open(source, limits)?;
    let mut parts = Parts { source, limits, window: Window::new(source), archive: &archive };
    let links = parts.links(RELATIONSHIPS)?;
    let name = links.target("officedocument").unwrap_or(DOCUMENT);
    let part = archive.find(name).ok_or(FormatError::malformed(0, "a document without its main part"))?;
    let span = zip::local(&mut parts.window, &archive, part)?.all;
    let main = parts.text(part, limits.text)?;
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let beside = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let links = parts.links(&beside(&format!("_rels/{file}.rels")))?;
    let found = |target: &str| archive.find(&beside(target)).or_else(|| archive.find(target));
    let mut read = vec![("body", part.at, main)];
    for (kind, root) in [("header", "hdr"), ("footer", "ftr")] {
        for (_, target) in links.targets.iter().filter(|(one, _)| one == kind).take(MOST_MARGINS) {
            if let Some(entry) = found(target) {
                read.push((root, entry.at, parts.text(entry, limits.inflated)?));
            }
        }
    }
    let used = used(read.iter().map(|(.., part)| part.text.as_str()));
    // Words can be read without styles: broken ones only leave headings among them untold.
    let styled = links.target("styles").filter(|_| !used.is_empty()).and_then(found);
    let styles = styled.and_then(|entry| parts.styles(entry, &used)).unwrap_or_default();
    let (mut all, mut standing_out) = (None, Vec::new());
    for (root, at, part) in &read {
        let read = words(&part.text, root, &styles, limits);
        let (lines, stand_out) = read.map_err(|problem| FormatError::new(*at, problem))?;
        // The words of a document are those of its main part, which comes first.
        all.get_or_insert(lines);
        standing_out.extend(stand_out);
    }
    Ok(Text { words: all.unwrap_or_default(), sites: Sites::Within(span), standing_out })
}

/// The parts of a document, read one by one.
struct Parts<'a> {
    source: &'a dyn Source,
    limits: &'a Limits,
    window: Window<'a>,
    archive: &'a Archive,
}

impl Parts<'_> {
    /// A part as text.
    fn text(&mut self, entry: &Entry, most: u64) -> Result<Decoded, FormatError> {
        let bytes = zip::read(&mut self.window, self.source, self.archive, entry, most, self.limits)?;
        xml::decode(bytes).map_err(|problem| FormatError::new(entry.at, problem))
    }

    /// The relationships in the part of this name; none if there is no such part.
    fn links(&mut self, name: &str) -> Result<Links, FormatError> {
        let Some(entry) = self.archive.find(name) else { return Ok(Links::default()) };
        let decoded = self.text(entry, self.limits.inflated)?;
        let tree = xml::tree(&decoded.text, self.limits);
        tree.map(|tree| Links::read(&tree)).map_err(|problem| FormatError::new(entry.at, problem))
    }

    /// The styles that are used, read no further than to the last of them: styles of tables, which mostly come last,
    /// are nine tenths of most parts.
    fn styles(&mut self, entry: &Entry, used: &BTreeSet<&str>) -> Option<Styles> {
        let (limits, most) = (self.limits, self.limits.inflated);
        let known = |start: &[u8], is_all: bool| {
            let end = memchr::memrchr(b'>', start).filter(|_| !is_all).map_or(start.len(), |at| at + 1);
            let text = xml::decode(start.get(..end)?.to_vec()).ok()?.text;
            let (styles, all_known) = Styles::read(&text, used, limits);
            (all_known || is_all).then_some(styles)
        };
        zip::search(&mut self.window, self.source, self.archive, entry, most, limits, known).ok().flatten()
    }
}

/// The identifiers of styles that paragraphs of these parts have, as written; one that is written in a way that is not
/// looked for here is an empty one among them, which no style has.
fn used<'t>(parts: impl Iterator<Item = &'t str>) -> BTreeSet<&'t str> {
    let tag = |(text, at): (&'t str, usize)| {
        let tag = text.get(at..)?.split('>').next()?;
        tag.split_once("val=\"")?.1.split('"').next()
    };
    let tags = parts.flat_map(|text| {
        memmem::find_iter(text.as_bytes(), "pStyle").map(move |at| tag((text, at)).unwrap_or_default())
    });
    tags.collect()
}

/// The words of a part whose paragraphs stand in an element of this name, and those lines among them that stand out.
fn words(
    text: &str,
    root: &str,
    styles: &Styles,
    limits: &Limits,
) -> Result<(String, Vec<StandingOut>), Problem> {
    let mut walk = Walk::new(text, limits);
    let mut paragraphs = Paragraphs::default();
    let mut open: Vec<&str> = Vec::new();
    // Number of elements open when one began whose words nobody reads.
    let mut hidden: Option<usize> = None;
    let mut in_body = false;
    // Words of the run so far, which a property at its end could still hide; and whether one did.
    let mut run_hidden = false;
    // Whether the paragraph is known to be a heading by its style or its own level.
    let mut is_heading = false;
    while let Some(event) = walk.next()? {
        match event {
            Event::Start { name, tag, is_empty } => {
                let name = local(name);
                if !is_empty {
                    open.push(name);
                }
                if name == root && !in_body {
                    in_body = true;
                    paragraphs.enter(name);
                }
                // Fallbacks say again what stands beside them; what was moved away or deleted is not there.
                let gone = ["Fallback", "moveFrom", "del", "rt"].contains(&name);
                if gone && !is_empty && hidden.is_none() {
                    hidden = Some(open.len());
                }
                if hidden.is_some() || !in_body {
                    continue;
                }
                match name {
                    "p" => {
                        paragraphs.begin();
                        is_heading = false;
                        if is_empty {
                            paragraphs.end();
                        }
                    }
                    "pStyle" | "outlineLvl" if !is_heading && parent_is(&open, is_empty, "pPr") => {
                        let attributes = walk.attributes(&tag)?;
                        let value = attributes.iter().find(|one| local(one.name) == "val");
                        let of_heading = |value: &str| match name {
                            "pStyle" => styles.is_heading(value),
                            _ => value.parse().is_ok_and(|level: u32| level < BODY_LEVEL),
                        };
                        is_heading = value.is_some_and(|one| of_heading(&one.value()));
                        if is_heading {
                            paragraphs.enter("h");
                        }
                    }
                    "r" => run_hidden = false,
                    "vanish" if parent_is(&open, is_empty, "rPr") && grandparent_is_run(&open, is_empty) => {
                        let attributes = walk.attributes(&tag)?;
                        let value = attributes.iter().find(|one| local(one.name) == "val");
                        run_hidden = !value.is_some_and(|one| ["0", "false", "off"].contains(&one.raw));
                    }
                    "tab" if parent_is(&open, is_empty, "r") && !run_hidden => paragraphs.push("\t"),
                    "br" | "cr" if !run_hidden => paragraphs.push("\n"),
                    "noBreakHyphen" if !run_hidden => paragraphs.push("\u{2011}"),
                    "softHyphen" if !run_hidden => paragraphs.push("\u{AD}"),
                    _ => {}
                }
            }
            Event::End { .. } => {
                let name = open.pop().unwrap_or_default();
                if hidden.is_some_and(|depth| open.len() < depth) {
                    hidden = None;
                } else if hidden.is_none() && in_body {
                    match name {
                        "p" => {
                            paragraphs.end();
                            paragraphs.leave("h");
                        }
                        _ if name == root => in_body = false,
                        _ => {}
                    }
                }
                paragraphs.within(limits)?;
            }
            Event::Words(words) => {
                if hidden.is_none() && in_body && !run_hidden && open.last() == Some(&"t") {
                    paragraphs.push(&words);
                }
            }
        }
    }
    let standing_out = paragraphs.take_standing_out();
    Ok((paragraphs.finish(), standing_out))
}

/// Whether the element that just began stands directly in one of this name.
fn parent_is(open: &[&str], is_empty: bool, name: &str) -> bool {
    open.iter().rev().nth(usize::from(!is_empty)) == Some(&name)
}

/// Whether the element that just began is a property of a run, and not of the mark of a paragraph.
fn grandparent_is_run(open: &[&str], is_empty: bool) -> bool {
    open.iter().rev().nth(1 + usize::from(!is_empty)) == Some(&"r")
}

/// Puts paragraphs before the first block of the body and after its last, before the properties of the last section.
///
/// # Errors
/// If the main part cannot be read, or XML cannot hold the words.
pub(super) fn extend(
    revision: &mut Revision<'_>,
    links: &Links,
    ends: &Ends<String>,
    limits: &Limits,
) -> Result<(), FormatError> {
    let name = links.target("officedocument").unwrap_or(DOCUMENT);
    let part = revision.index(name).ok_or(FormatError::malformed(0, "a document without its main part"))?;
    let text = revision.part(part)?.text;
    let edits = edits(&text, ends, limits).map_err(|problem| FormatError::new(0, problem))?;
    revision.splice(part, edits);
    Ok(())
}

/// Where the blocks of a body begin and end.
#[derive(Debug, Default)]
struct Body {
    prefix: String,
    start: usize,
    end: usize,
    /// The tag, if nothing stands in it.
    empty: Option<Span>,
}

fn body(text: &str, limits: &Limits) -> Result<Body, Problem> {
    let mut walk = Walk::new(text, limits);
    let mut found: Option<Body> = None;
    let mut section = None;
    let mut depth = 0;
    while let Some(event) = walk.next()? {
        match event {
            Event::Start { name, tag, is_empty } if found.is_none() && local(name) == "body" => {
                let (start, prefix) = (tag.end, prefix(name).to_owned());
                let span = Span { start: tag.start as u64, end: tag.end as u64 };
                found = Some(Body { prefix, start, end: start, empty: is_empty.then_some(span) });
                depth = walk.depth();
                if is_empty {
                    break;
                }
            }
            Event::Start { name, tag, is_empty } if found.is_some() => {
                let direct = walk.depth() - usize::from(!is_empty) == depth;
                if direct {
                    section = (local(name) == "sectPr").then_some(tag.start);
                }
            }
            Event::End { tag } if walk.depth() < depth => {
                if let Some(body) = &mut found {
                    body.end = section.unwrap_or(tag.start);
                }
                break;
            }
            _ => {}
        }
    }
    found.ok_or(Problem::Malformed("a document without a body"))
}

fn edits(text: &str, ends: &Ends<String>, limits: &Limits) -> Result<Vec<xml::Edit>, Problem> {
    let body = body(text, limits)?;
    let lines = |words: &Option<String>| -> Result<String, Problem> {
        let mut out = String::new();
        for line in words.iter().flat_map(|words| words.lines()) {
            let (p, line) = (&body.prefix, xml::escape(line).ok_or(UNWRITABLE)?);
            out.push_str(&format!("<{p}p><{p}r><{p}t xml:space=\"preserve\">{line}</{p}t></{p}r></{p}p>"));
        }
        Ok(out)
    };
    let (start, end) = (lines(&ends.start)?, lines(&ends.end)?);
    if body.empty.is_some() {
        let open = text.get(..body.start).and_then(|text| text.strip_suffix("/>"));
        let open = open.ok_or(Problem::Malformed("the tag of a body"))?.len();
        return Ok(vec![(open..body.start, format!(">{start}{end}</{}body>", body.prefix))]);
    }
    Ok(vec![(body.start..body.start, start), (body.end..body.end, end)])
}
