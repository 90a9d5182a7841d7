//! The words of a book, and paragraphs put before and after them.

use super::book::survey;
use crate::package::{Revision, UNWRITABLE};
use crate::paragraphs::Paragraphs;
use crate::xml::{self, Edit, Event, Tree, Walk, local, prefix};
use crate::zip::{self, Archive};
use crate::{Ends, Layout, Sites, StandingOut, Text};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};
use std::collections::BTreeMap;

/// Elements that are lines of their own.
pub(crate) const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// The words of all that is read in order, paragraph by paragraph.
///
/// # Errors
/// If a part that is to be read is missing or cannot be.
pub(crate) fn decode(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<Text, FormatError> {
    let book = survey(source, limits)?;
    let archive = &book.package.archive;
    let mut window = Window::new(source);
    let missing = || FormatError::malformed(0, "a book without a package document");
    let document =
        book.documents.first().and_then(|index| archive.entries.get(*index)).ok_or_else(missing)?;
    let bytes = zip::read(&mut window, source, archive, document, limits.inflated, limits)?;
    let at = |problem| FormatError::new(document.at, problem);
    let decoded = xml::decode(bytes).map_err(at)?;
    let tree = xml::tree(&decoded.text, limits).map_err(at)?;
    let (mut words, mut standing_out) = (String::new(), Vec::new());
    let mut within: Option<Span> = None;
    for path in reading_order(&tree, &document.name) {
        let part =
            archive.find(&path).ok_or(FormatError::malformed(document.at, "a book without a page of it"))?;
        let span = zip::local(&mut window, archive, part)?.all;
        let known = within.unwrap_or(span);
        within = Some(Span { start: known.start.min(span.start), end: known.end.max(span.end) });
        let most = limits.text.saturating_sub(words.len() as u64);
        let bytes = zip::read(&mut window, source, archive, part, most, limits)?;
        let at = |problem| FormatError::new(part.at, problem);
        let page = xml::decode(bytes).map_err(at)?;
        let (lines, apart) = page_words(&page.text, limits).map_err(at)?;
        words.push_str(&lines);
        standing_out.extend(apart);
    }
    let within = within.ok_or(FormatError::malformed(document.at, "a book without pages"))?;
    Ok(Text { words, sites: Sites::Within(within), standing_out })
}

/// The paths of the pages of a book in the order of reading, without those beside it.
fn reading_order(tree: &Tree<'_>, document: &str) -> Vec<String> {
    let folder = document.rfind('/').and_then(|at| document.get(..=at)).unwrap_or_default();
    let items = tree.elements.iter().filter(|one| local(one.name) == "item");
    let pages: BTreeMap<String, String> = items
        .filter_map(|one| {
            let mime = tree.attribute(one, "media-type")?;
            let is_page =
                ["application/xhtml+xml", "text/x-oeb1-document", "text/html"].contains(&mime.as_str());
            let href = tree.attribute(one, "href").filter(|_| is_page)?;
            Some((tree.attribute(one, "id")?, resolved(folder, &href)))
        })
        .collect();
    let refs: Vec<_> = tree.elements.iter().filter(|one| local(one.name) == "itemref").collect();
    let is_beside =
        |one: &xml::Element<'_>| tree.attribute(one, "linear").is_some_and(|linear| linear == "no");
    let all_beside = refs.iter().all(|one| is_beside(one));
    let read = refs.iter().filter(|one| all_beside || !is_beside(one));
    read.filter_map(|one| pages.get(&tree.attribute(one, "idref")?).cloned()).collect()
}

/// The path in the archive of what a package document in a folder points to.
fn resolved(folder: &str, href: &str) -> String {
    let href = href.split('#').next().unwrap_or_default();
    let mut bytes = Vec::new();
    let mut rest = href.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| str::from_utf8(two).ok());
        let coded = digits.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%');
        bytes.push(coded.unwrap_or(*first));
        rest = if coded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    let path = String::from_utf8_lossy(&bytes);
    let path = if path.starts_with('/') { path.into_owned() } else { format!("{folder}{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// The words of a page, and those lines among them that stand out.
fn page_words(text: &str, limits: &Limits) -> Result<(String, Vec<StandingOut>), Problem> {
    let mut walk = Walk::new(text, limits);
    let mut paragraphs = Paragraphs::default();
    let mut open: Vec<&str> = Vec::new();
    let mut hidden: Option<usize> = None;
    let mut in_body = false;
    while let Some(event) = walk.next()? {
        match event {
            Event::Start { name, tag, is_empty } => {
                let name = local(name);
                if !is_empty {
                    open.push(name);
                }
                in_body |= name == "body";
                if !in_body || hidden.is_some() {
                    continue;
                }
                let gone = ["head", "script", "style", "template", "rt", "rp"].contains(&name)
                    || walk.attributes(&tag)?.iter().any(|one| is_hiding(one.name, one.raw));
                if gone {
                    hidden = (!is_empty).then_some(open.len());
                    continue;
                }
                if BLOCKS.contains(&name) {
                    // What stands before a block within another is a line, too.
                    paragraphs.end();
                    paragraphs.begin();
                    if !is_empty {
                        paragraphs.enter(name);
                    }
                } else if name == "br" {
                    paragraphs.push("\n");
                }
            }
            Event::End { .. } => {
                let name = open.pop().unwrap_or_default();
                if hidden.is_some_and(|depth| open.len() < depth) {
                    hidden = None;
                } else if hidden.is_none() && in_body && BLOCKS.contains(&name) {
                    paragraphs.end();
                    paragraphs.begin();
                    paragraphs.leave(name);
                }
                in_body &= name != "body";
                paragraphs.within(limits)?;
            }
            Event::Words(words) => {
                if hidden.is_none() && in_body {
                    paragraphs.flow(&words);
                }
            }
        }
    }
    let standing_out = paragraphs.take_standing_out();
    Ok((paragraphs.finish_full(), standing_out))
}

/// Whether an attribute says that its element is not shown.
pub(crate) fn is_hiding(name: &str, value: &str) -> bool {
    let plain: String = value.chars().filter(|sign| !sign.is_whitespace()).collect();
    name == "hidden"
        || (name == "style" && (plain.contains("display:none") || plain.contains("visibility:hidden")))
}

/// Puts paragraphs at the start of the first page and at the end of the last.
///
/// # Errors
/// If these pages cannot be read, or XML cannot hold the words.
pub(super) fn extend(
    revision: &mut Revision<'_>,
    document: usize,
    ends: &Ends<String>,
    limits: &Limits,
) -> Result<(), FormatError> {
    let text = revision.part(document)?.text;
    let archive: &Archive = &revision.package.archive;
    let name = archive.entries.get(document).map(|entry| entry.name.clone()).unwrap_or_default();
    let tree = xml::tree(&text, limits).map_err(|problem| FormatError::new(0, problem))?;
    let order = reading_order(&tree, &name);
    let missing = || FormatError::malformed(0, "a book without a page of it");
    let is_one = order.first() == order.last();
    let both = ends.start.as_deref().zip(ends.end.as_deref()).filter(|_| is_one);
    for (words, path, at_start) in [(&ends.start, order.first(), true), (&ends.end, order.last(), false)] {
        let Some(words) = words else { continue };
        let page = path.and_then(|path| revision.index(path)).ok_or_else(missing)?;
        let text = revision.part(page)?.text;
        let edit_with = |words: &str| {
            edit(&text, words, at_start, limits).map_err(|problem| FormatError::new(0, problem))
        };
        let made = edit_with(words)?;
        // The tag of an empty body is written anew, which can be done once.
        if let Some((start, end)) = both.filter(|_| !made.0.is_empty()) {
            revision.splice(page, vec![edit_with(&format!("{}\n{end}", start.trim_end_matches('\n')))?]);
            return Ok(());
        }
        revision.splice(page, vec![made]);
    }
    Ok(())
}

/// Paragraphs at the start or at the end of a page's body.
fn edit(text: &str, words: &str, at_start: bool, limits: &Limits) -> Result<Edit, Problem> {
    let mut walk = Walk::new(text, limits);
    let mut body: Option<(&str, usize)> = None;
    while let Some(event) = walk.next()? {
        let at = match event {
            Event::Start { name, tag, is_empty } if body.is_none() && local(name) == "body" => {
                if is_empty {
                    let open = text.get(..tag.end).and_then(|text| text.strip_suffix("/>"));
                    let open = open.ok_or(Problem::Malformed("the tag of a body"))?.len();
                    let inner = lines(words, prefix(name))?;
                    return Ok((open..tag.end, format!(">{inner}</{name}>")));
                }
                body = Some((prefix(name), walk.depth()));
                if at_start { tag.end } else { continue }
            }
            Event::End { tag } if body.is_some_and(|(_, depth)| walk.depth() < depth) => tag.start,
            _ => continue,
        };
        if let Some((prefix, _)) = body {
            return Ok((at..at, lines(words, prefix)?));
        }
    }
    Err(Problem::Malformed("a page without a body"))
}

fn lines(words: &str, p: &str) -> Result<String, Problem> {
    let mut out = String::new();
    for line in words.lines() {
        out.push_str(&format!("<{p}p>{}</{p}p>", xml::escape(line).ok_or(UNWRITABLE)?));
    }
    Ok(out)
}
