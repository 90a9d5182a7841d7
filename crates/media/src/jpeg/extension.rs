use super::carried::EXTENDED_XMP;
use super::marker::Marker;
use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// The key of the packet that parts are joined to.
pub(super) const KEY: &str = "extension";

/// A part of an XMP packet that is too long for one segment (XMP specification, part 3, 1.1.3.1).
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The packet it belongs to: the MD5 digest of the whole, in hexadecimal.
    pub(super) guid: [u8; 32],
    /// Length of the whole packet.
    total: u32,
    /// Where in the packet it stands.
    offset: u32,
    /// Its bytes in the file.
    pub(super) span: Span,
}

impl Part {
    /// Reads the header of a part; `None` if the segment ends before the header does.
    pub(super) fn read(header: &[u8], marker: &Marker) -> Option<Self> {
        let (guid, rest) = header.strip_prefix(EXTENDED_XMP)?.split_first_chunk()?;
        let (total, rest) = rest.split_first_chunk()?;
        let (offset, _) = rest.split_first_chunk()?;
        let len = EXTENDED_XMP.len() + guid.len() + total.len() + offset.len();
        Some(Self {
            guid: *guid,
            total: u32::from_be_bytes(*total),
            offset: u32::from_be_bytes(*offset),
            span: Span { start: marker.body.start + len as u64, end: marker.body.end },
        })
    }
}

/// Joins parts to packets, one for each packet they belong to.
pub(super) fn join(source: &dyn Source, limits: &Limits, parts: &[Part]) -> Vec<Packet> {
    let mut sorted: Vec<&Part> = parts.iter().collect();
    sorted.sort_by_key(|part| (part.guid, part.offset));
    sorted.chunk_by(|one, next| one.guid == next.guid).map(|parts| packet(source, limits, parts)).collect()
}

fn packet(source: &dyn Source, limits: &Limits, parts: &[&Part]) -> Packet {
    let span = parts.iter().map(|part| part.span).min().unwrap_or(Span { start: 0, end: 0 });
    let body = match whole(source, limits, parts, span.start) {
        Ok(bytes) => Body::Decoded(bytes),
        Err(err) => Body::Broken(err),
    };
    Packet { carrier: Carrier::Xmp, key: KEY.to_owned(), place: "APP1 segments (extended XMP)", span, body }
}

fn whole(source: &dyn Source, limits: &Limits, parts: &[&Part], start: u64) -> Result<Vec<u8>, FormatError> {
    let total = parts.first().map_or(0, |part| part.total);
    if u64::from(total) > limits.block {
        let problem = Problem::OverLimit { what: "bytes of extended XMP", limit: limits.block };
        return Err(FormatError::new(start, problem));
    }
    let mut bytes = Vec::new();
    for part in parts {
        if part.total != total || u64::from(part.offset) != bytes.len() as u64 {
            return Err(FormatError::malformed(part.span.start, "extended XMP with a part missing or twice"));
        }
        if bytes.len() as u64 + part.span.len() > u64::from(total) {
            return Err(FormatError::malformed(part.span.start, "extended XMP longer than it says"));
        }
        bytes.extend(limits.take(source, part.span)?);
    }
    if bytes.len() as u64 != u64::from(total) {
        return Err(FormatError::new(start, Problem::Truncated));
    }
    Ok(bytes)
}
