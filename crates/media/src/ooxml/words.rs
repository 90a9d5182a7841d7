//! The words of a Word document, and paragraphs put before and after them.

use super::styles::{BODY_LEVEL, Styles};
use super::{Links, RELATIONSHIPS, WORD, survey};
use crate::package::{Revision, UNWRITABLE};
use crate::paragraphs::Paragraphs;
use crate::xml::{self, Event, Walk, local, prefix};
use crate::zip;
use crate::{Ends, Layout, Sites, StandingOut, Text};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// The part that a document's words stand in where nothing says otherwise.
const DOCUMENT: &str = "word/document.xml";
/// Most headers, and footers, that are read: three for each of a hundred sections.
const MOST_MARGINS: usize = 300;

/// The words, paragraph by paragraph.
///
/// # Errors
/// If the part that they stand in is missing or cannot be read.
pub(crate) fn decode(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<Text, FormatError> {
    let package = survey(source, limits, &WORD)?;
    let mut window = Window::new(source);
    let archive = &package.archive;
    let links = match archive.find(RELATIONSHIPS) {
        None => Links::default(),
        Some(rels) => {
            let bytes = zip::read(&mut window, source, archive, rels, limits.inflated, limits)?;
            let at = |problem| FormatError::new(rels.at, problem);
            let decoded = xml::decode(bytes).map_err(at)?;
            Links::read(&xml::tree(&decoded.text, limits).map_err(at)?)
        }
    };
    let name = links.target("officedocument").unwrap_or(DOCUMENT);
    let part = archive.find(name).ok_or(FormatError::malformed(0, "a document without its main part"))?;
    let span = zip::local(&mut window, archive, part)?.all;
    let bytes = zip::read(&mut window, source, archive, part, limits.text, limits)?;
    let at = |problem| FormatError::new(part.at, problem);
    let main = xml::decode(bytes).map_err(at)?;
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let beside = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let mut read = |entry: &zip::Entry| {
        let bytes = zip::read(&mut window, source, archive, entry, limits.inflated, limits)?;
        xml::decode(bytes).map_err(|problem| FormatError::new(entry.at, problem))
    };
    let mut links = Links::default();
    if let Some(rels) = archive.find(&beside(&format!("_rels/{file}.rels"))) {
        let decoded = read(rels)?;
        let at = |problem| FormatError::new(rels.at, problem);
        links = Links::read(&xml::tree(&decoded.text, limits).map_err(at)?);
    }
    let found = |target: &str| archive.find(&beside(target)).or_else(|| archive.find(target));
    // Words can be read without styles: broken ones only leave headings among them untold.
    let styled = links.target("styles").and_then(found).and_then(|entry| read(entry).ok());
    let styles = styled.and_then(|part| Styles::read(&part.text, limits)).unwrap_or_default();
    let at = |problem| FormatError::new(part.at, problem);
    let (words, mut standing_out) = words(&main.text, "body", &styles, limits).map_err(at)?;
    for (kind, root) in [("header", "hdr"), ("footer", "ftr")] {
        for (_, target) in links.targets.iter().filter(|(one, _)| one == kind).take(MOST_MARGINS) {
            let Some(entry) = found(target) else { continue };
            let decoded = read(entry)?;
            let at = |problem| FormatError::new(entry.at, problem);
            standing_out.extend(self::words(&decoded.text, root, &styles, limits).map_err(at)?.1);
        }
    }
    Ok(Text { words, sites: Sites::Within(span), standing_out })
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
