//! Changes to a drawing: new bytes only where something changes.

use std::ops::Range;

use super::drawing::{Drawing, Form, survey};
use crate::markup::part;
use crate::text_splice::{Edit, weave};
use crate::xml;
use crate::{Carrier, Changes, Layout, Piece};
use indicia_core::{FormatError, Limits, Source};

/// The pieces of a drawing with changes made to it.
pub(crate) fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let size = source.size();
    if changes.is_empty() {
        return weave(size, Vec::new());
    }
    if changes.content.is_some() || !changes.cuts.is_empty() {
        return Err(FormatError::unsupported(0, "changes to what is drawn"));
    }
    let drawing = survey(source, limits)?;
    if let Some(damage) = &drawing.damage {
        return Err(damage.clone());
    }
    let mut edits = Vec::new();
    let mut inner = String::new();
    for put in &changes.added {
        if put.carrier != Carrier::Xmp {
            return Err(FormatError::unsupported(0, "this sort of metadata in a drawing"));
        }
        inner.push_str(markup(&put.body)?);
    }
    if !inner.is_empty() {
        edits.push(drawing.add(&inner)?);
    }
    for (at, body) in &changes.replaced {
        let missing = || FormatError::malformed(0, "a change to metadata that is not there");
        let found = drawing.found.get(*at).ok_or_else(missing)?;
        let span = found.packet.span;
        let Some(body) = body else {
            let all = drawing.with_what_held_it(&found.all, found.form);
            edits.push(Edit { span: drawing.span(&all), bytes: Vec::new() });
            continue;
        };
        let unwritable = || FormatError::unsupported(span.start, "control characters in a drawing");
        let (words, with_references) = match found.form {
            Form::Attribute => {
                (xml::quotable(utf8(body)?).ok_or_else(unwritable)?.replace('\'', "&#39;"), true)
            }
            Form::Words => (xml::escape(utf8(body)?).ok_or_else(unwritable)?, true),
            Form::Comment => {
                let words = utf8(body)?;
                if words.contains("--") || words.ends_with('-') {
                    return Err(FormatError::unsupported(
                        span.start,
                        "the end of a comment within a comment",
                    ));
                }
                (words.to_owned(), false)
            }
            Form::Markup if found.packet.carrier == Carrier::Manifest => {
                return Err(FormatError::unsupported(span.start, "changing a C2PA manifest"));
            }
            Form::Markup => (markup(body)?.to_owned(), true),
        };
        edits.push(Edit { span, bytes: drawing.letters.encode(&words, with_references)? });
    }
    weave(size, edits)
}

fn utf8(body: &[u8]) -> Result<&str, FormatError> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    std::str::from_utf8(body).map_err(|_| FormatError::malformed(0, "metadata that is not UTF-8"))
}

/// XMP without its packet wrapper, which says how to find and overwrite it in files of unknown form.
fn markup(body: &[u8]) -> Result<&str, FormatError> {
    let mut text = utf8(body)?.trim();
    if let Some(end) = text.find("?>").filter(|_| text.starts_with("<?xpacket")) {
        text = text.get(end + 2..).unwrap_or_default().trim_start();
    }
    if let Some(at) = text.rfind("<?xpacket end") {
        text = text.get(..at).unwrap_or_default().trim_end();
    }
    // What is not well-formed would break the whole drawing.
    xml::tree(text, &Limits::default()).map_err(|problem| FormatError::new(0, problem))?;
    Ok(text)
}

impl Drawing {
    /// Puts markup in the first `metadata` element of the root, or in a new one.
    fn add(&self, inner: &str) -> Result<Edit, FormatError> {
        let missing = || FormatError::malformed(0, "no root element");
        let narrowed = self.letters.narrow(&self.bytes);
        let open = |element: &super::drawing::Element, inner: &str| {
            let tag = part(&narrowed, &element.tag);
            let bare = tag.strip_suffix(b"/>").unwrap_or(tag).trim_ascii_end().len();
            let name = self.written(&self.bytes, &element.name);
            (element.tag.start + bare..element.tag.end, format!(">{inner}</{name}>"))
        };
        let (range, words): (Range<usize>, String) = if let Some(element) = self.metadata.first() {
            if element.is_single {
                open(element, inner)
            } else {
                (element.end..element.end, inner.to_owned())
            }
        } else {
            let root = self.root.as_ref().ok_or_else(missing)?;
            let name = self.written(&self.bytes, &root.name);
            let prefix = name.rfind(':').and_then(|at| name.get(..=at)).unwrap_or_default();
            let inner = format!("<{prefix}metadata>{inner}</{prefix}metadata>");
            if root.is_single { open(root, &inner) } else { (root.tag.end..root.tag.end, inner) }
        };
        Ok(Edit { span: self.span(&range), bytes: self.letters.encode(&words, true)? })
    }

    /// What goes with a piece of metadata: a `metadata` element that holds nothing else, blanks before an attribute.
    fn with_what_held_it(&self, all: &Range<usize>, form: Form) -> Range<usize> {
        let narrowed = self.letters.narrow(&self.bytes);
        if form == Form::Attribute {
            let before = narrowed.get(..all.start).unwrap_or_default();
            let blanks = before.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
            return all.start - blanks..all.end;
        }
        let holds = self.metadata.iter().find(|one| one.tag.end == all.start && one.end == all.end);
        // One with attributes was put there for more than this.
        let holds = holds.filter(|one| one.tag.end == one.name.end + 1);
        holds.map_or(all.clone(), |one| one.all.clone())
    }
}
