//! Photoshop documents, small (PSD) and large (PSB): header, palette, image resources, layers, merged picture.
//! Metadata stands in the image resources.

use crate::{
    Body, Carrier, Changes, Content, Format, Head, Layout, Packet, Piece, Role, Segment, signature,
    tiff_values,
};
use indicia_core::{FormatError, Limits, MediaKind, Problem, Source, Span, Window};

pub(super) static FORMAT: Format = Format {
    name: "psd",
    title: "Photoshop",
    kind: MediaKind::Image,
    extensions: &["psd", "psb"],
    mime: "image/vnd.adobe.photoshop",
    cite: "Adobe Photoshop File Formats Specification (2019)",
    homes: &[],
    no_notice: Some("layers are not decoded by this program: export the picture, and label what comes of it"),
    recognize,
    parse,
    splice,
    content: Content::Closed { words: None },
};

fn recognize(head: &Head<'_>) -> u32 {
    signature(head, &[(0, b"8BPS\0\x01")]).max(signature(head, &[(0, b"8BPS\0\x02")]))
}

fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let mut window = Window::new(source);
    let [_, _, _, _, _, version] = window.array(0)?;
    let mut layout = Layout::default();
    if let Err(err) = sections(&mut window, &mut layout, version == 2, limits) {
        return Ok(layout.damaged(source.size(), err));
    }
    Ok(layout)
}

/// Reads all parts of the file, one after the other.
fn sections(
    window: &mut Window<'_>,
    layout: &mut Layout,
    large: bool,
    limits: &Limits,
) -> Result<(), FormatError> {
    let mut at = 0;
    let mut push = |layout: &mut Layout, name: &[u8; 4], end: u64, role| {
        if end > at {
            layout.segments.push(Segment { name: *name, span: Span { start: at, end }, role });
            at = end;
        }
    };
    window.bytes(0, 26)?;
    push(layout, b"8BPS", 26, Role::Structure);
    let palette = section(window, 26, 4)?;
    push(layout, b"PAL ", palette.end, Role::Structure);
    let resources = section(window, palette.end, 4)?;
    push(layout, b"RSRC", resources.start, Role::Structure);
    let mut next = resources.start;
    while next < resources.end {
        if layout.segments.len() >= limits.segments {
            let limit = limits.segments as u64;
            return Err(FormatError::new(next, Problem::OverLimit { what: "image resources", limit }));
        }
        let (id, body) = resource(window, next, resources.end)?;
        let end = (body.end + body.len() % 2).min(resources.end);
        let packets = packets(window, id, body)?;
        let role = if packets.is_empty() { Role::Structure } else { Role::Metadata };
        layout.packets.extend(packets);
        push(layout, b"8BIM", end, role);
        next = end;
    }
    let layers = section(window, resources.end, if large { 8 } else { 4 })?;
    push(layout, b"LAYR", layers.end, Role::Essence);
    if layers.end + 2 > window.size() {
        return Err(FormatError::new(layers.end, Problem::Truncated));
    }
    let end = window.size();
    push(layout, b"DATA", end, Role::Essence);
    Ok(())
}

/// The body of a part that starts with its length in `len` bytes.
fn section(window: &mut Window<'_>, at: u64, len: usize) -> Result<Span, FormatError> {
    let size = window.bytes(at, len)?.iter().fold(0, |size, byte| size << 8 | u64::from(*byte));
    let truncated = FormatError::new(at, Problem::Truncated);
    Span::new(at + len as u64, size).filter(|span| span.end <= window.size()).ok_or(truncated)
}

/// Number and data of the image resource at `at`.
fn resource(window: &mut Window<'_>, at: u64, end: u64) -> Result<(u16, Span), FormatError> {
    let [a, b, c, d, high, low, name] = window.array(at)?;
    // The usual signature, and those of ImageReady and of plug-ins.
    if ![*b"8BIM", *b"MeSa", *b"AgHg", *b"PHUT", *b"DCSR"].contains(&[a, b, c, d]) {
        return Err(FormatError::malformed(at, "no image resource"));
    }
    // The name and its length are padded to an even number of bytes.
    let name = (u64::from(name) + 2) / 2 * 2;
    let size = u32::from_be_bytes(window.array(at + 6 + name)?);
    let body = Span { start: at + 10 + name, end: at + 10 + name + u64::from(size) };
    if body.end > end {
        return Err(FormatError::malformed(at, "an image resource longer than all of them"));
    }
    Ok((u16::from_be_bytes([high, low]), body))
}

fn packets(window: &mut Window<'_>, id: u16, body: Span) -> Result<Vec<Packet>, FormatError> {
    let packet =
        |carrier, key: &str, place, read| Packet { carrier, key: key.into(), place, span: body, body: read };
    Ok(match id {
        _ if body.is_empty() => Vec::new(),
        0x0404 => texts(window, body)?,
        0x040B => {
            vec![packet(Carrier::Field, "URL", "image resource 0x040B", Body::Coded(tiff_values::text))]
        }
        0x0422 => vec![packet(Carrier::Exif, "", "image resource 0x0422", Body::Verbatim)],
        0x0424 => vec![packet(Carrier::Xmp, "", "image resource 0x0424", Body::Verbatim)],
        _ => Vec::new(),
    })
}

/// The texts of an IPTC-IIM block: `1C`, record, number, length, text. What follows something else is not read.
fn texts(window: &mut Window<'_>, block: Span) -> Result<Vec<Packet>, FormatError> {
    let mut packets = Vec::new();
    let mut at = block.start;
    while at + 5 <= block.end {
        let [marker, record, number, high, low] = window.array(at)?;
        let len = u16::from_be_bytes([high, low]);
        let span = Span { start: at + 5, end: at + 5 + u64::from(len) };
        if marker != 0x1C || len & 0x8000 != 0 || span.end > block.end {
            break;
        }
        // Record 2 holds the texts; record 1 says how they are coded.
        if record == 2 && !span.is_empty() {
            packets.push(Packet {
                carrier: Carrier::Field,
                key: format!("IPTC {record}:{number:03}"),
                place: "image resource 0x0404",
                span,
                body: Body::Coded(tiff_values::text),
            });
        }
        at = span.end;
    }
    if at < block.end {
        // Not to be read further is not to be empty: what is left is looked through as it stands.
        let span = Span { start: at, end: block.end };
        let key = "IPTC".to_owned();
        packets.push(Packet {
            carrier: Carrier::Blob,
            key,
            place: "image resource 0x0404",
            span,
            body: Body::Verbatim,
        });
    }
    Ok(packets)
}

fn splice(source: &dyn Source, _: &Layout, changes: &Changes, _: &Limits) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    Err(FormatError::unsupported(0, "changes to a Photoshop document: label the picture exported from it"))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::Carrier;
    use indicia_core::{Limits, Source};
    use indicia_testkit::CountedFile;

    fn resource(id: u16, name: &[u8], body: &[u8]) -> Vec<u8> {
        let mut bytes = [b"8BIM", &id.to_be_bytes()[..], &[u8::try_from(name.len()).unwrap()], name].concat();
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        bytes.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        bytes.extend(body);
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        bytes
    }

    fn file(version: u8, resources: &[u8]) -> Vec<u8> {
        let mut bytes = [b"8BPS\0", &[version][..], &[0; 20], &[0; 4]].concat();
        bytes.extend(u32::try_from(resources.len()).unwrap().to_be_bytes());
        bytes.extend(resources);
        bytes.extend(vec![0; if version == 2 { 8 } else { 4 }]);
        bytes.extend(b"\0\0pixels");
        bytes
    }

    fn resources() -> Vec<u8> {
        let iptc = b"\x1C\x01\x5A\0\x03\x1B%G\x1C\x02\x78\0\x05hello\x1C\x02\x50\0\x03R\xE9o";
        [
            resource(0x0404, b"", iptc),
            resource(0x03ED, b"odd", &[0; 16]),
            resource(0x0424, b"name", b"<x/>!"),
            resource(0x0422, b"", b"II*\0"),
            resource(0x040B, b"", b"http://example.org"),
        ]
        .concat()
    }

    #[test]
    fn every_text_is_found_in_both_versions() {
        for version in [1, 2] {
            let bytes = file(version, &resources());
            let layout = parse(&bytes, &Limits::default()).unwrap();
            assert!(layout.tiles(bytes.size()) && layout.damage.is_none(), "{layout:?}");
            let read = |one: &crate::Packet| one.read(&bytes, &Limits::default()).unwrap();
            let found: Vec<_> =
                layout.packets.iter().map(|one| (one.carrier, one.key.as_str(), read(one))).collect();
            assert_eq!(
                found,
                [
                    (Carrier::Field, "IPTC 2:120", b"hello".to_vec()),
                    (Carrier::Field, "IPTC 2:080", "Réo".as_bytes().to_vec()),
                    (Carrier::Xmp, "", b"<x/>!".to_vec()),
                    (Carrier::Exif, "", b"II*\0".to_vec()),
                    (Carrier::Field, "URL", b"http://example.org".to_vec()),
                ]
            );
        }
    }

    #[test]
    fn layers_and_pixels_are_not_read() {
        let mut head = file(1, &resources());
        let layers = 1_u32 << 31;
        let at = head.len() - 12;
        head[at..at + 4].copy_from_slice(&layers.to_be_bytes());
        let source = CountedFile::padded(head, 5 << 30);
        let layout = parse(&source, &Limits::default()).unwrap();
        assert!(layout.damage.is_none() && layout.packets.len() > 3, "{layout:?}");
        assert!(source.read() < 64 << 10, "{}", source.read());
    }

    #[test]
    fn cuts_and_wrong_lengths_are_damage_and_never_panic() {
        let whole = file(1, &resources());
        for cut in 6..whole.len() - 6 {
            let layout = parse(&whole[..cut].to_vec(), &Limits::default()).unwrap();
            assert!(layout.damage.is_some() && layout.tiles(cut as u64), "{cut}");
        }
        for at in 0..whole.len() {
            for patch in [0, 0x7F, 0xFF] {
                let mut bytes = whole.clone();
                bytes[at] = patch;
                assert!(parse(&bytes, &Limits::default()).unwrap().tiles(bytes.size()), "{at}");
            }
        }
        let few = Limits { segments: 5, ..Limits::default() };
        assert!(parse(&whole, &few).unwrap().damage.is_some());
    }
}
