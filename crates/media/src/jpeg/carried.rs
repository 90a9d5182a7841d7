use super::extension::{self, Part};
use super::marker::{COM, Marker};
use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Problem, Span, Window};

/// In front of an XMP packet (XMP specification, part 3, 1.1.3).
pub(super) const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// In front of a part of an XMP packet that is too long for one segment.
pub(super) const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
/// In front of an Exif block.
const EXIF: &[u8] = b"Exif\0";
/// Bytes looked at to tell what a segment carries: the longest header, or up to a manifest's type.
const HEADER: usize = 80;

/// What a segment carries.
pub(super) enum Carried {
    /// What the picture needs to be decoded and shown.
    Structure,
    /// Metadata of a known sort that holds no packet.
    Metadata,
    /// A packet.
    Packet(Packet),
    /// A part of a packet.
    Extension(Part),
}

/// Headers of application data that decoding depends on, by segment number.
const STRUCTURE: &[(u8, &[u8])] =
    &[(0, b"JFIF\0"), (0, b"JFXX\0"), (0, b"AVI1"), (2, b"ICC_PROFILE\0"), (14, b"Adobe")];

/// Headers of application data whose form is known to hold no plain text.
const BINARY: &[(u8, &[u8])] = &[
    (2, b"MPF\0"),
    (2, b"FPXR\0"),
    (2, b"urn:iso:std:iso:ts:21496:-1\0"),
    (11, b"JP"),
    (11, b"HDR_RI"),
    (12, b"Ducky"),
    (13, b"Photoshop 3.0\0"),
    (13, b"Adobe_CM"),
];

/// The places of application data, for reports, by segment number.
const PLACES: [&str; 16] = [
    "APP0 segment",
    "APP1 segment",
    "APP2 segment",
    "APP3 segment",
    "APP4 segment",
    "APP5 segment",
    "APP6 segment",
    "APP7 segment",
    "APP8 segment",
    "APP9 segment",
    "APP10 segment",
    "APP11 segment",
    "APP12 segment",
    "APP13 segment",
    "APP14 segment",
    "APP15 segment",
];

/// Tells what an APP or COM segment carries.
///
/// # Errors
/// If the system cannot read.
pub(super) fn carried(window: &mut Window<'_>, marker: &Marker) -> Result<Carried, FormatError> {
    let body = marker.body;
    if marker.code == COM {
        return Ok(Carried::Packet(packet(Carrier::Comment, "COM segment", body)));
    }
    let number = marker.code & 15;
    let place = PLACES.get(usize::from(number)).copied().unwrap_or_default();
    let len = usize::try_from(body.len()).unwrap_or(HEADER).min(HEADER);
    let header = window.bytes(body.start, len)?;
    let known = |list: &[(u8, &[u8])]| {
        list.iter().any(|(listed, start)| *listed == number && header.starts_with(start))
    };
    if known(STRUCTURE) {
        return Ok(Carried::Structure);
    }
    if number == 11 && starts_manifest(header) {
        return Ok(Carried::Packet(packet(Carrier::Manifest, place, body)));
    }
    if known(BINARY) {
        return Ok(Carried::Metadata);
    }
    if number == 1 {
        if header.starts_with(EXTENDED_XMP) {
            return Ok(match Part::read(header, marker) {
                Some(part) => Carried::Extension(part),
                None => {
                    let err = FormatError::new(body.start, Problem::Truncated);
                    let found = packet(Carrier::Xmp, place, body);
                    Carried::Packet(Packet { key: extension::KEY.into(), body: Body::Broken(err), ..found })
                }
            });
        }
        // Exif and XMP: their bodies start after the header.
        let found = match exif_header(header) {
            Some(len) => Some((Carrier::Exif, len)),
            None => xmp_header(header).map(|len| (Carrier::Xmp, len)),
        };
        if let Some((carrier, len)) = found {
            let span = Span { start: body.start + len as u64, end: body.end };
            return Ok(Carried::Packet(packet(carrier, place, span)));
        }
    }
    Ok(Carried::Packet(packet(Carrier::Blob, place, body)))
}

fn packet(carrier: Carrier, place: &'static str, span: Span) -> Packet {
    Packet { carrier, key: String::new(), place, span, body: Body::Verbatim }
}

/// Length of the header of an Exif block: `Exif`, a zero and a byte of padding, which is not always zero.
fn exif_header(header: &[u8]) -> Option<usize> {
    (header.len() > EXIF.len() && header.starts_with(EXIF)).then_some(EXIF.len() + 1)
}

/// Length of the header of an XMP packet, be it the right one or one of the wrong ones in circulation.
fn xmp_header(header: &[u8]) -> Option<usize> {
    if header.starts_with(XMP) {
        return Some(XMP.len());
    }
    if header.starts_with(b"<?xpacket") || header.starts_with(b"<x:xmpmeta") {
        return Some(0);
    }
    if header.starts_with(b"XMP\0") || header.starts_with(b"http://ns.adobe.com/xap/") {
        return header.iter().position(|byte| *byte == b'<');
    }
    None
}

/// Whether a JUMBF segment is the first of a C2PA manifest store (ISO/IEC 19566-5, C2PA 2.1, A.3.1):
/// `JP`, box instance, sequence number, then a superbox whose description has the type `c2pa`.
fn starts_manifest(header: &[u8]) -> bool {
    let superbox = header.get(12..16) == Some(b"jumb".as_slice());
    let described = header.get(16..).is_some_and(|rest| rest.windows(8).any(|at| at == b"jumdc2pa"));
    header.starts_with(b"JP") && superbox && described
}
