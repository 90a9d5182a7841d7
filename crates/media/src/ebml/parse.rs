//! Matroska and WebM files cut into the elements of their Segment, without a look into the Clusters.

use super::element::{Element, HEADER, Header};
use super::{id, texts};
use crate::{Head, Layout, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Most elements of Clusters of unknown size that are stepped over, for each that a file may be cut into.
const STEPS: usize = 64;

/// What the EBML header says the file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DocType {
    /// Of this type.
    Named(Vec<u8>),
    /// The header says nothing, or not all of it is there.
    Unsaid,
}

/// The type in an EBML header, or nothing if the file does not start with one.
pub(crate) fn doc_type(head: &Head<'_>) -> Option<DocType> {
    let header = Header::read(head.bytes, 0);
    if !head.bytes.starts_with(&id::EBML.to_be_bytes()) {
        return None;
    }
    let Ok(header) = header else { return Some(DocType::Unsaid) };
    let mut at = header.len;
    let end = header.size.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX);
    let end = end.saturating_add(at).min(head.bytes.len());
    while at < end {
        let Ok(child) = Header::read(head.bytes.get(at..end).unwrap_or_default(), 0) else { break };
        let Some(size) = child.size.and_then(|size| usize::try_from(size).ok()) else { break };
        let (start, next) = (at + child.len, (at + child.len).saturating_add(size));
        if child.id == id::DOC_TYPE {
            let Some(name) = head.bytes.get(start..next) else { break };
            let len = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
            return Some(DocType::Named(name.get(..len).unwrap_or_default().to_vec()));
        }
        at = next;
    }
    Some(DocType::Unsaid)
}

/// Cuts the file up. What is broken inside of an element that says its size does not hide what follows it.
///
/// # Errors
/// If it does not start with an EBML header.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let mut parser =
        Parser { source, window: Window::new(source), limits, layout: Layout::default(), damage: None };
    let size = source.size();
    let header = Element::closed(&mut parser.window, 0, size)?;
    if header.id != id::EBML {
        return Err(FormatError::malformed(0, "no EBML header"));
    }
    match parser.documents(size) {
        Err(err) => Ok(parser.layout.damaged(size, parser.damage.unwrap_or(err))),
        Ok(()) => {
            parser.layout.damage = parser.damage;
            Ok(parser.layout)
        }
    }
}

struct Parser<'a> {
    source: &'a dyn Source,
    window: Window<'a>,
    limits: &'a Limits,
    layout: Layout,
    /// The first that is wrong, of what does not keep the rest from being read.
    damage: Option<FormatError>,
}

impl Parser<'_> {
    /// Headers and Segments, one after another; what follows the last Segment is not looked at.
    fn documents(&mut self, size: u64) -> Result<(), FormatError> {
        let (mut at, mut seen) = (0, false);
        while at < size {
            let header = Header::read(self.window.up_to(at, HEADER)?, at);
            match header {
                Ok(header) if header.id == id::SEGMENT => {
                    seen = true;
                    at = self.segment(header, at, size)?;
                }
                Ok(Header { id: one @ (id::EBML | id::VOID | id::CRC_32), .. }) => {
                    let element = Element::closed(&mut self.window, at, size)?;
                    let name = if one == id::EBML { *b"EBML" } else { *b"Void" };
                    self.push(name, element.span, Role::Structure)?;
                    at = element.span.end;
                }
                _ if seen => {
                    self.push(*b"????", Span { start: at, end: size }, Role::Unknown)?;
                    at = size;
                }
                _ => return Err(FormatError::malformed(at, "no Segment after the EBML header")),
            }
        }
        match seen {
            true => Ok(()),
            false => Err(FormatError::new(size, Problem::Truncated)),
        }
    }

    /// One Segment; says where it ends.
    fn segment(&mut self, header: Header, at: u64, size: u64) -> Result<u64, FormatError> {
        let start = at + header.len as u64;
        self.push(*b"Segm", Span { start: at, end: start }, Role::Structure)?;
        let stated = match header.size {
            None => size,
            Some(len) => start.saturating_add(len),
        };
        let end = stated.min(size);
        let mut at = start;
        while at < end {
            let head = Header::read(self.window.up_to(at, HEADER)?, at)?;
            if header.size.is_none() && matches!(head.id, id::EBML | id::SEGMENT) {
                return Ok(at);
            }
            at = self.top(head, at, end)?;
        }
        if stated > size {
            return Err(FormatError::new(size, Problem::Truncated));
        }
        Ok(end)
    }

    /// One element of a Segment; says where it ends.
    fn top(&mut self, header: Header, at: u64, end: u64) -> Result<u64, FormatError> {
        if header.id == id::CLUSTER && header.size.is_none() {
            let past = self.open_cluster(at + header.len as u64, end)?;
            self.push(*b"Clus", Span { start: at, end: past }, Role::Essence)?;
            return Ok(past);
        }
        let element = Element::closed(&mut self.window, at, end)?;
        let named = id::TOP.iter().find(|(id, _)| *id == header.id);
        let (name, role) = match header.id {
            id::CLUSTER => (*b"Clus", Role::Essence),
            id::VOID => (*b"Void", Role::Structure),
            id::CRC_32 => (*b"CRC ", Role::Structure),
            id::CUES | id::SEEK_HEAD => (named.map_or(*b"????", |(_, name)| *name), Role::Structure),
            _ => named.map_or((*b"????", Role::Unknown), |(_, name)| (*name, Role::Metadata)),
        };
        if role == Role::Metadata
            && let Err(err) = texts::packets(&mut self.window, element, self.limits, &mut self.layout.packets)
        {
            if matches!(err.problem, Problem::Io(_)) {
                return Err(err);
            }
            self.damage.get_or_insert(err);
        }
        self.push(name, element.span, role)?;
        Ok(element.span.end)
    }

    /// Steps over what stands in a Cluster that does not say its size, and says where it ends.
    fn open_cluster(&mut self, start: u64, end: u64) -> Result<u64, FormatError> {
        let limit = self.limits.segments.saturating_mul(STEPS);
        let mut at = start;
        for _ in 0..limit {
            if at >= end {
                return Ok(end);
            }
            let header = Header::fetch(self.source, at)?;
            let ends = id::TOP.iter().any(|(id, _)| *id == header.id);
            if ends || matches!(header.id, id::EBML | id::SEGMENT) {
                return Ok(at);
            }
            if header.size.is_none() {
                return Err(FormatError::malformed(at, "an element of unknown size in a Cluster"));
            }
            at = header.element(at, end, self.source.size())?.span.end;
        }
        let problem = Problem::OverLimit { what: "elements in one Cluster", limit: limit as u64 };
        Err(FormatError::new(at, problem))
    }

    fn push(&mut self, name: [u8; 4], span: Span, role: Role) -> Result<(), FormatError> {
        if self.layout.segments.len() >= self.limits.segments {
            let problem = Problem::OverLimit { what: "elements", limit: self.limits.segments as u64 };
            return Err(FormatError::new(span.start, problem));
        }
        self.layout.segments.push(Segment { name, span, role });
        Ok(())
    }
}
