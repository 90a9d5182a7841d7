//! Metadata that stands in the same way in every file made of boxes: `uuid` boxes, JUMBF boxes, Exif behind an offset.

use crate::boxes::IsoBox;
use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Problem, Span, Window};

/// The UUID of a box with a C2PA manifest store (C2PA specification, appendix A).
const C2PA: [u8; 16] = *b"\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81";
/// The UUID of a box with an XMP packet (XMP specification, part 3).
const XMP: [u8; 16] = *b"\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC";
/// Longest purpose of a C2PA box that is looked for; the known ones have at most eight letters.
const PURPOSE: usize = 64;
/// Most zeros after the last box that are taken for filling.
const FILLING: u64 = 65_536;

/// What a `uuid` box holds.
///
/// # Errors
/// If the system cannot read.
pub(crate) fn uuid(window: &mut Window<'_>, one: &IsoBox) -> Result<Packet, FormatError> {
    let packet = |carrier, place, key, span| Packet { carrier, key, place, span, body: Body::Verbatim };
    Ok(match one.uuid {
        Some(C2PA) => {
            let span = manifest(window, one.body)?;
            packet(Carrier::Manifest, "C2PA uuid box", String::new(), span)
        }
        Some(XMP) => packet(Carrier::Xmp, "XMP uuid box", String::new(), one.body),
        other => packet(Carrier::Blob, "uuid box", other.map(hexadecimal).unwrap_or_default(), one.body),
    })
}

/// The manifest store in the body of a C2PA box, behind version, flags, purpose and an offset; all of the body if
/// that is not what stands there.
fn manifest(window: &mut Window<'_>, body: Span) -> Result<Span, FormatError> {
    let len = usize::try_from(body.len()).map_or(PURPOSE, |len| len.min(PURPOSE));
    let head = window.up_to(body.start, len)?;
    let purpose = head.get(4..).and_then(|rest| rest.iter().position(|byte| *byte == 0));
    let start = purpose.map(|len| body.start + 4 + len as u64 + 1 + 8);
    Ok(start.filter(|start| *start <= body.end).map_or(body, |start| Span { start, ..body }))
}

fn hexadecimal(uuid: [u8; 16]) -> String {
    uuid.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a JUMBF box holds: a C2PA manifest store, by the label of its description box, or something else.
///
/// # Errors
/// If the system cannot read.
pub(crate) fn jumbf(window: &mut Window<'_>, body: Span) -> Result<Packet, FormatError> {
    let len = usize::try_from(body.len()).map_or(PURPOSE, |len| len.min(PURPOSE));
    let label = label(window.up_to(body.start, len)?);
    let (carrier, place) = match label.as_str() {
        "c2pa" => (Carrier::Manifest, "C2PA jumb box"),
        _ => (Carrier::Blob, "jumb box"),
    };
    let key = if carrier == Carrier::Manifest { String::new() } else { label };
    Ok(Packet { carrier, key, place, span: body, body: Body::Verbatim })
}

/// The label in the description box that a JUMBF superbox starts with (ISO/IEC 19566-5): 8 bytes of header, 16 of
/// type, one of toggles, then the label up to its NUL if bit 1 is set. Empty if there is none.
pub(crate) fn label(head: &[u8]) -> String {
    let find = || {
        let toggles = *head.get(24)?;
        let text = head.get(25..).filter(|_| head.get(4..8) == Some(b"jumd") && toggles & 2 != 0)?;
        let len = text.iter().position(|byte| *byte == 0)?;
        Some(String::from_utf8_lossy(text.get(..len)?).into_owned())
    };
    find().unwrap_or_default()
}

/// The TIFF-structured block in a span that starts with its offset in four bytes (ISO/IEC 23008-12, annex A).
/// An offset that leads nowhere is passed over if the block stands where it usually does.
///
/// # Errors
/// If the system cannot read, or the block is not within the span.
pub(crate) fn exif(window: &mut Window<'_>, span: Span) -> Result<Span, FormatError> {
    let len = usize::try_from(span.len()).map_or(4, |len| len.min(4));
    let offset = match window.up_to(span.start, len)? {
        // Seen in the wild: no offset at all.
        b"II*\0" | b"MM\0*" => return Ok(span),
        [a, b, c, d] => u64::from(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => return Err(FormatError::new(span.start, Problem::Truncated)),
    };
    let start = span.start + 4 + offset;
    if start > span.end {
        return Err(FormatError::malformed(span.start, "Exif block outside of what it stands in"));
    }
    Ok(Span { start, ..span })
}

/// The same for a block in memory.
///
/// # Errors
/// As [`exif`].
pub(crate) fn exif_block(bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let span = exif(&mut Window::new(&bytes), Span { start: 0, end: bytes.len() as u64 })
        .map_err(|err| err.problem)?;
    let start = usize::try_from(span.start).map_err(|_| Problem::Truncated)?;
    Ok(bytes.get(start..).unwrap_or_default().to_vec())
}

/// Whether nothing but zeros follows the boxes of a file, which may end there.
///
/// # Errors
/// If the system cannot read.
pub(crate) fn is_filling(window: &mut Window<'_>, at: u64) -> Result<bool, FormatError> {
    let left = window.size().saturating_sub(at);
    let zeros = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    if at == 0 || left > FILLING || !zeros(window.up_to(at, 8)?) {
        return Ok(false);
    }
    Ok(zeros(window.up_to(at, usize::try_from(left).unwrap_or(0))?))
}

/// A box type as a key.
pub(crate) fn key(kind: [u8; 4]) -> String {
    kind.iter().map(|byte| char::from(*byte)).collect::<String>().trim().to_owned()
}
