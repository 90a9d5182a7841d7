//! The texts in Matroska's metadata: tags above all, then titles, names and what wrote the file.

use super::element::Element;
use super::id;
use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Limits, Problem, Span, Window};

/// Where tags of the whole file stand.
pub(crate) const PLACE: &str = "SimpleTag";
/// Where tags of a track, a chapter or an attachment stand, or of more or less than one film or album.
const PART: &str = "SimpleTag of another level";
/// Where tags of tags stand.
const NESTED: &str = "SimpleTag in a SimpleTag";
/// Longest name of a tag that is read, in bytes.
const NAME: usize = 1024;
/// The level of one film, episode, album or concert (RFC 9559 section 5.1.8.1.1.1).
const WHOLE: u64 = 50;

/// Notes the packets in an element.
///
/// # Errors
/// If an element in it cannot be read, or nests too deep; [`Problem::OverLimit`] if there are too many.
pub(super) fn packets(
    window: &mut Window<'_>,
    element: Element,
    limits: &Limits,
    packets: &mut Vec<Packet>,
) -> Result<(), FormatError> {
    Texts { window, limits, packets }.walk(element, 0)
}

struct Texts<'w, 'a> {
    window: &'w mut Window<'a>,
    limits: &'w Limits,
    packets: &'w mut Vec<Packet>,
}

impl Texts<'_, '_> {
    fn walk(&mut self, master: Element, depth: usize) -> Result<(), FormatError> {
        self.check_depth(master, depth)?;
        let mut at = master.body.start;
        let mut media_type = Vec::new();
        let mut data = None;
        while at < master.body.end {
            let child = Element::closed(self.window, at, master.body.end)?;
            at = child.span.end;
            if let Some((_, key, place)) = id::TEXTS.iter().find(|(id, ..)| *id == child.id) {
                if child.id == id::FILE_MEDIA_TYPE {
                    media_type = self.start_of(child, 64)?;
                }
                self.push(Carrier::Field, (*key).to_owned(), place, child.body)?;
            } else if child.id == id::TAG {
                self.tag(child, depth + 1)?;
            } else if child.id == id::FILE_DATA {
                data = Some(child.body);
            } else if id::is_master(child.id) {
                self.walk(child, depth + 1)?;
            }
        }
        let carrier = match media_type.to_ascii_lowercase().as_slice() {
            b"application/rdf+xml" => Carrier::Xmp,
            b"application/c2pa" | b"application/x-c2pa-manifest-store" => Carrier::Manifest,
            _ => return Ok(()),
        };
        match data {
            Some(data) => self.push(carrier, String::new(), "AttachedFile element", data),
            None => Ok(()),
        }
    }

    fn tag(&mut self, tag: Element, depth: usize) -> Result<(), FormatError> {
        let place = if is_of_whole_file(self.window, tag)? { PLACE } else { PART };
        let mut at = tag.body.start;
        while at < tag.body.end {
            let child = Element::closed(self.window, at, tag.body.end)?;
            at = child.span.end;
            if child.id == id::SIMPLE_TAG {
                self.simple_tag(child, place, depth + 1)?;
            }
        }
        Ok(())
    }

    fn simple_tag(&mut self, tag: Element, place: &'static str, depth: usize) -> Result<(), FormatError> {
        self.check_depth(tag, depth)?;
        // The name is asked for to stand first, but need not.
        let mut key = String::new();
        let mut at = tag.body.start;
        while at < tag.body.end {
            let child = Element::closed(self.window, at, tag.body.end)?;
            at = child.span.end;
            if child.id == id::TAG_NAME {
                let name = self.start_of(child, NAME)?;
                key = String::from_utf8_lossy(&name).into_owned();
            }
        }
        let mut at = tag.body.start;
        while at < tag.body.end {
            let child = Element::closed(self.window, at, tag.body.end)?;
            at = child.span.end;
            match child.id {
                id::TAG_STRING => self.push(Carrier::Field, key.clone(), place, child.body)?,
                id::TAG_BINARY => self.push(Carrier::Blob, key.clone(), place, child.body)?,
                id::SIMPLE_TAG => self.simple_tag(child, NESTED, depth + 1)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The first bytes of a text, up to a zero, which pads it.
    fn start_of(&mut self, element: Element, most: usize) -> Result<Vec<u8>, FormatError> {
        let len = usize::try_from(element.body.len()).map_or(most, |len| len.min(most));
        let bytes = self.window.up_to(element.body.start, len)?;
        let len = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        Ok(bytes.get(..len).unwrap_or_default().to_vec())
    }

    fn push(
        &mut self,
        carrier: Carrier,
        key: String,
        place: &'static str,
        span: Span,
    ) -> Result<(), FormatError> {
        if self.packets.len() >= self.limits.segments {
            let limit = self.limits.segments as u64;
            return Err(FormatError::new(
                span.start,
                Problem::OverLimit { what: "pieces of metadata", limit },
            ));
        }
        self.packets.push(Packet { carrier, key, place, span, body: Body::Verbatim });
        Ok(())
    }

    fn check_depth(&self, element: Element, depth: usize) -> Result<(), FormatError> {
        if depth <= self.limits.depth {
            return Ok(());
        }
        let problem = Problem::OverLimit { what: "levels of elements", limit: self.limits.depth as u64 };
        Err(FormatError::new(element.span.start, problem))
    }
}

/// Whether a Tag speaks of the whole file: it names no part, and no other level than that of a film.
///
/// # Errors
/// If an element in it cannot be read.
pub(super) fn is_of_whole_file(window: &mut Window<'_>, tag: Element) -> Result<bool, FormatError> {
    let mut at = tag.body.start;
    while at < tag.body.end {
        let child = Element::closed(window, at, tag.body.end)?;
        at = child.span.end;
        if child.id != id::TARGETS {
            continue;
        }
        let mut inner = child.body.start;
        while inner < child.body.end {
            let target = Element::closed(window, inner, child.body.end)?;
            inner = target.span.end;
            let other = target.id == id::TARGET_TYPE_VALUE && target.number(window)? != WHOLE;
            if other || id::TARGET_UIDS.contains(&target.id) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
