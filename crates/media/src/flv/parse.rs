//! FLV files cut into tags, without a look into sound and pictures.

use super::amf::{self, Kind, Script};
use crate::{Body, Carrier, Layout, Packet, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// Where the texts of the file's own description stand.
pub(crate) const PLACE: &str = "onMetaData";
/// The name of that description.
pub(super) const METADATA: &str = "onMetaData";
/// Bytes of a tag before its body.
pub(super) const TAG: u64 = 11;
/// Bytes after a tag: its size again.
pub(super) const BACK: u64 = 4;
/// Most tags, for each segment that a file may be cut into: tags of sound and pictures are cut off together.
const STEPS: usize = 64;
/// The name of a segment of script data.
pub(super) const SCRIPT: [u8; 4] = *b"Scri";

/// Cuts the file up.
///
/// # Errors
/// If its header cannot be read.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let size = source.size();
    let mut header = [0; 9];
    fetch(source, 0, &mut header)?;
    let [b'F', b'L', b'V', _, _, offset @ ..] = header else {
        return Err(FormatError::malformed(0, "no FLV header"));
    };
    let mut layout = Layout::default();
    let first = u64::from(u32::from_be_bytes(offset)).saturating_add(BACK);
    if first < 9 + BACK {
        return Err(FormatError::malformed(5, "an FLV header shorter than it is"));
    }
    if first > size {
        return Ok(layout.damaged(size, FormatError::new(0, Problem::Truncated)));
    }
    let span = Span { start: 0, end: first };
    layout.segments.push(Segment { name: *b"FLV ", span, role: Role::Structure });
    let mut at = first;
    for _ in 0..limits.segments.saturating_mul(STEPS) {
        if at >= size {
            return Ok(layout);
        }
        match tag(source, at, limits, &mut layout) {
            Ok(end) => at = end,
            Err(err) => return Ok(layout.damaged(size, err)),
        }
    }
    let problem = Problem::OverLimit { what: "tags", limit: limits.segments as u64 };
    Ok(layout.damaged(size, FormatError::new(at, problem)))
}

/// One tag; says where the next starts.
fn tag(source: &dyn Source, at: u64, limits: &Limits, layout: &mut Layout) -> Result<u64, FormatError> {
    let mut header = [0; 11];
    fetch(source, at, &mut header)?;
    let [kind, a, b, c, ..] = header;
    let body = Span { start: at + TAG, end: at + TAG + u64::from(u32::from_be_bytes([0, a, b, c])) };
    let span = Span { start: at, end: body.end + BACK };
    if span.end > source.size() {
        return Err(FormatError::new(at, Problem::Truncated));
    }
    let (name, role) = match kind {
        8 | 9 => (*b"Tags", Role::Essence),
        18 => (SCRIPT, Role::Metadata),
        // Encrypted ones, and those that nobody has defined.
        40 | 41 => (*b"Tags", Role::Essence),
        _ if kind & 0xC0 == 0 => (*b"????", Role::Unknown),
        _ => return Err(FormatError::malformed(at, "the type of a tag")),
    };
    if name == SCRIPT {
        let bytes = limits.take(source, body)?;
        let script = amf::read(&bytes, body.start, limits);
        packets(&script, &bytes, body, limits, layout)?;
    }
    let is_full = layout.segments.len() >= limits.segments;
    match layout.segments.last_mut() {
        Some(last) if role != Role::Metadata && last.role == role => last.span.end = span.end,
        _ if is_full => {
            let problem = Problem::OverLimit { what: "tags", limit: limits.segments as u64 };
            return Err(FormatError::new(at, problem));
        }
        _ => layout.segments.push(Segment { name, span, role }),
    }
    Ok(span.end)
}

/// Notes the texts of a script tag.
fn packets(
    script: &Script,
    bytes: &[u8],
    body: Span,
    limits: &Limits,
    layout: &mut Layout,
) -> Result<(), FormatError> {
    let is_xmp = matches!(script.name.as_str(), "onXMP" | "onXMPData");
    for leaf in &script.leaves {
        let Kind::Text(len) = leaf.kind else { continue };
        if layout.packets.len() >= limits.segments {
            let problem = Problem::OverLimit { what: "pieces of metadata", limit: limits.segments as u64 };
            return Err(FormatError::new(body.start, problem));
        }
        let end = body.start + leaf.end as u64;
        let span = Span { start: end - len as u64, end };
        let key = leaf.key.clone();
        let text = bytes.get(leaf.end - len..leaf.end).unwrap_or_default();
        let (carrier, place) = match (script.name.as_str(), leaf.depth) {
            _ if is_xmp && (key == "liveXML" || text.trim_ascii_start().starts_with(b"<")) => {
                (Carrier::Xmp, "onXMPData")
            }
            (METADATA, 1) => (Carrier::Field, PLACE),
            (METADATA, _) => (Carrier::Field, "within onMetaData"),
            (_, 0) => (Carrier::Comment, "script tag"),
            _ => (Carrier::Field, "script tag"),
        };
        let key = if carrier == Carrier::Field { key } else { String::new() };
        layout.packets.push(Packet { carrier, key, place, span, body: Body::Verbatim });
    }
    if let Some(damage) = &script.damage {
        let span = Span { start: damage.at.min(body.end), end: body.end };
        let place = if script.name == METADATA { PLACE } else { "script tag" };
        let body = Body::Broken(damage.clone());
        layout.packets.push(Packet { carrier: Carrier::Field, key: String::new(), place, span, body });
    }
    Ok(())
}

/// Reads a few bytes without a block around them: tags stand far from one another.
pub(super) fn fetch(source: &dyn Source, at: u64, bytes: &mut [u8]) -> Result<(), FormatError> {
    if source.size().saturating_sub(at) < bytes.len() as u64 {
        return Err(FormatError::new(at, Problem::Truncated));
    }
    source.read_at(at, bytes).map_err(|err| FormatError::new(at, Problem::Io(err.kind())))
}
