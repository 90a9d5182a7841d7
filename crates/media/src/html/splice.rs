//! Changes to a page: new bytes only where something changes.

use super::page::{Form, Page, survey};
use crate::text_splice::{Edit, weave};
use crate::xml;
use crate::{Carrier, Changes, Ends, Layout, NewContent, Piece};
use indicia_core::{FormatError, Limits, Source};

/// What is said of words that a page cannot hold.
const UNWRITABLE: &str = "control characters in a web page";

/// The pieces of a page with changes made to it.
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
    if let Some(cut) = changes.cuts.first() {
        return Err(FormatError::unsupported(
            cut.start,
            "cutting words out of a web page: take them out by hand",
        ));
    }
    let page = survey(source, limits)?;
    if let Some(damage) = &page.damage {
        return Err(damage.clone());
    }
    let mut edits = Vec::new();
    for put in &changes.added {
        if put.carrier != Carrier::Field {
            return Err(FormatError::unsupported(0, "this sort of metadata in a web page"));
        }
        let (name, content) = (quotable(put.key.as_bytes())?, quotable(&put.body)?);
        let line = page.line_after(page.head);
        let meta = format!("{line}<meta name=\"{name}\" content=\"{content}\"/>");
        edits.push(page.insert(page.head, &meta)?);
    }
    for (at, body) in &changes.replaced {
        let missing = || FormatError::malformed(0, "a change to metadata that is not there");
        let found = page.found.get(*at).ok_or_else(missing)?;
        let span = found.packet.span;
        let Some(body) = body else {
            edits.push(Edit { span: page.span(&page.with_line(&found.all)), bytes: Vec::new() });
            continue;
        };
        if found.packet.carrier == Carrier::Manifest {
            return Err(FormatError::unsupported(span.start, "changing a C2PA manifest"));
        }
        let (words, with_references) = match found.form {
            Form::Quoted => (quotable(body)?, true),
            Form::Bare => (format!("\"{}\"", quotable(body)?), true),
            Form::Missing => (format!(" content=\"{}\"", quotable(body)?), true),
            Form::Words => (xml::escape(utf8(body)?).ok_or(unwritable())?, true),
            Form::Comment => {
                let words = utf8(body)?;
                let ends = words.contains("--") || words.starts_with('>') || words.starts_with("->");
                if ends || words.ends_with('-') {
                    return Err(FormatError::unsupported(
                        span.start,
                        "the end of a comment within a comment",
                    ));
                }
                (words.to_owned(), false)
            }
            Form::Script => {
                let words = utf8(body)?;
                if words.contains("</") || words.contains("<!--") {
                    return Err(FormatError::unsupported(span.start, "the end of a script within a script"));
                }
                (words.to_owned(), false)
            }
        };
        edits.push(Edit { span, bytes: page.letters.encode(&words, with_references)? });
    }
    match &changes.content {
        Some(NewContent::Text(ends)) => page.extend(ends, &mut edits)?,
        Some(_) => return Err(FormatError::unsupported(0, "pictures and sound in a web page")),
        None => {}
    }
    weave(size, edits)
}

fn unwritable() -> FormatError {
    FormatError::unsupported(0, UNWRITABLE)
}

fn utf8(body: &[u8]) -> Result<&str, FormatError> {
    std::str::from_utf8(body).map_err(|_| FormatError::malformed(0, "metadata that is not UTF-8"))
}

fn quotable(body: &[u8]) -> Result<String, FormatError> {
    Ok(xml::quotable(utf8(body)?).ok_or(unwritable())?.replace('\'', "&#39;"))
}

impl Page {
    fn insert(&self, at: usize, words: &str) -> Result<Edit, FormatError> {
        Ok(Edit { span: self.span(&(at..at)), bytes: self.letters.encode(words, true)? })
    }

    /// The line break and blanks that begin the line after this place, if it ends its line.
    fn line_after(&self, at: usize) -> String {
        let narrowed = self.letters.narrow(&self.bytes);
        let rest = narrowed.get(at..).unwrap_or_default();
        let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let one = if rest.starts_with(b"\r\n") { 2 } else { breaks.min(1) };
        // After a blank line nothing of it is taken over but the break.
        let blanks = rest
            .get(one..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        let line = rest.get(..if one == 0 { 0 } else { one + blanks }).unwrap_or_default();
        line.iter().map(|byte| char::from(*byte)).collect()
    }

    /// An element with the line break and blanks before it, if it has a line of its own.
    fn with_line(&self, all: &std::ops::Range<usize>) -> std::ops::Range<usize> {
        let narrowed = self.letters.narrow(&self.bytes);
        let next = narrowed.get(all.end);
        let before = narrowed.get(..all.start).unwrap_or_default();
        let bare = before.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |at| at + 1);
        let before = before.get(..bare).unwrap_or_default();
        let start = match before {
            [head @ .., b'\r', b'\n'] | [head @ .., b'\n' | b'\r'] => head.len(),
            _ => return all.clone(),
        };
        if matches!(next, Some(b'\r' | b'\n')) { start..all.end } else { all.clone() }
    }

    /// Paragraphs at the start and at the end of the body.
    fn extend(&self, ends: &Ends<String>, edits: &mut Vec<Edit>) -> Result<(), FormatError> {
        let at = self.span(&self.body).start;
        if self.has_frames {
            return Err(FormatError::unsupported(at, "words in a page of frames"));
        }
        if self.is_hidden {
            return Err(FormatError::unsupported(at, "words in a page whose body is hidden"));
        }
        for (words, at) in [(&ends.start, self.body.start), (&ends.end, self.body.end)] {
            let Some(words) = words else { continue };
            let mut paragraphs = String::new();
            for line in words.lines() {
                paragraphs.push_str(&format!("<p>{}</p>", xml::escape(line).ok_or(unwritable())?));
            }
            edits.push(self.insert(at, &paragraphs)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_are_escaped_for_either_quote() {
        assert_eq!(super::quotable(b"{\"a\":'<&>'}").unwrap(), "{&quot;a&quot;:&#39;&lt;&amp;&gt;&#39;}");
        assert!(super::quotable(b"\0").is_err() && super::quotable(b"\xFF").is_err());
    }
}
