//! PNG: a signature, then chunks of length, type, data and CRC, from `IHDR` to `IEND`. APNG is PNG with more chunks.

use crate::png_picture;
use crate::png_text::{self, chunk};
use crate::{
    Body, Carrier, Changes, Content, Format, Head, Home, Layout, NewContent, Packet, Piece, Put, Role,
    Segment, samsung_trailer, signature,
};
use indicia_core::{FormatError, Limits, MediaKind, Problem, Source, Span, Window};

pub(super) static FORMAT: Format = Format {
    name: "png",
    title: "PNG",
    kind: MediaKind::Image,
    extensions: &["png", "apng"],
    mime: "image/png",
    cite: "PNG specification, third edition (W3C, 2025)",
    homes: &[
        Home { carrier: Carrier::Xmp, place: "iTXt chunk" },
        Home { carrier: Carrier::Field, place: "tEXt chunk" },
    ],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Picture { decode: png_picture::decode, rows: png_picture::decode_rows },
};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The largest length a chunk may have (section 5.3).
const LONGEST: u32 = 0x7FFF_FFFF;

fn recognize(head: &Head<'_>) -> u32 {
    signature(head, &[(0, SIGNATURE)])
}

fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let mut window = Window::new(source);
    let mut layout = Layout::default();
    let first: [u8; 16] = window.array(0)?;
    if !first.starts_with(SIGNATURE) || !first.ends_with(b"\0\0\0\x0DIHDR") {
        return Err(FormatError::malformed(8, "the first chunk is not IHDR"));
    }
    layout.segments.push(Segment {
        name: *b"\x89PNG",
        span: Span { start: 0, end: 8 },
        role: Role::Structure,
    });
    let mut at = 8;
    let mut has_pixels = false;
    loop {
        if layout.segments.len() >= limits.segments {
            let limit = limits.segments as u64;
            return Ok(layout
                .damaged(source.size(), FormatError::new(at, Problem::OverLimit { what: "chunks", limit })));
        }
        let (name, data, span) = match header(&mut window, at) {
            Ok(header) => header,
            Err(err) => return Ok(layout.damaged(source.size(), err)),
        };
        let packet = match &name {
            b"tEXt" | b"zTXt" | b"iTXt" => Some(png_text::packet(&mut window, name, data)?),
            b"eXIf" => Some(packet(Carrier::Exif, "eXIf chunk", data)),
            b"caBX" => Some(packet(Carrier::Manifest, "caBX chunk", data)),
            _ => None,
        };
        let role = match &name {
            b"IDAT" | b"fdAT" => Role::Essence,
            _ if packet.is_some() => Role::Metadata,
            _ => Role::Structure,
        };
        layout.packets.extend(packet);
        has_pixels |= name == *b"IDAT";
        match layout.segments.last_mut() {
            // A picture is often cut into thousands of IDAT chunks, which only make sense together.
            Some(last) if name == *b"IDAT" && last.name == name => last.span.end = span.end,
            _ => layout.segments.push(Segment { name, span, role }),
        }
        at = span.end;
        if name == *b"IEND" {
            break;
        }
    }
    if at < source.size() {
        let span = Span { start: at, end: source.size() };
        layout.segments.push(Segment { name: *b"tail", span, role: Role::Unknown });
        layout.packets.extend(samsung_trailer::packets(&mut window, span));
    }
    if !has_pixels {
        layout.damage = Some(FormatError::malformed(at, "no IDAT chunk"));
    }
    Ok(layout)
}

/// Type, data and whole of the chunk at `at`.
fn header(window: &mut Window<'_>, at: u64) -> Result<([u8; 4], Span, Span), FormatError> {
    let [a, b, c, d, name @ ..]: [u8; 8] = window.array(at)?;
    let length = u32::from_be_bytes([a, b, c, d]);
    if !name.iter().all(u8::is_ascii_alphabetic) {
        return Err(FormatError::malformed(at + 4, "a chunk type is not four letters"));
    }
    if length > LONGEST {
        return Err(FormatError::malformed(at, "a chunk is longer than PNG allows"));
    }
    let data = Span { start: at + 8, end: at + 8 + u64::from(length) };
    let span = Span { start: at, end: data.end + 4 };
    if span.end > window.size() {
        return Err(FormatError::new(at, Problem::Truncated));
    }
    Ok((name, data, span))
}

fn packet(carrier: Carrier, place: &'static str, span: Span) -> Packet {
    Packet { carrier, key: String::new(), place, span, body: Body::Verbatim }
}

fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if !changes.cuts.is_empty() {
        return Err(FormatError::unsupported(0, "cutting bytes out of a picture"));
    }
    let picture = match &changes.content {
        None => None,
        Some(NewContent::Picture(picture)) => Some(png_picture::encode(source, layout, picture, limits)?),
        Some(_) => return Err(FormatError::unsupported(0, "sound or words in a picture")),
    };
    let mut pieces = Vec::new();
    for segment in &layout.segments {
        let changed = changed(layout, changes, segment.span);
        match (&picture, changed) {
            (_, Some((packet, _))) if segment.role == Role::Unknown => {
                return Err(FormatError::unsupported(
                    packet.span.start,
                    "changing what follows the end of a PNG file",
                ));
            }
            (_, Some((_, None))) => {}
            (_, Some((packet, Some(body)))) => {
                pieces.push(Piece::New(png_text::replaced(source, segment, packet, body)?))
            }
            (Some(picture), None) => picture.place(segment, &mut pieces),
            (None, None) => keep(&mut pieces, segment.span),
        }
        // Before everything else: some readers stop looking at the pixels.
        if segment.name == *b"IHDR" {
            for put in &changes.added {
                pieces.push(Piece::New(added(put)?));
            }
        }
    }
    Ok(pieces)
}

/// The packet in a segment and its new value, if it has one.
fn changed<'a>(
    layout: &'a Layout,
    changes: &'a Changes,
    span: Span,
) -> Option<(&'a Packet, Option<&'a [u8]>)> {
    changes.replaced.iter().find_map(|(at, body)| {
        let packet = layout.packets.get(*at)?;
        let within = span.start <= packet.span.start && packet.span.end <= span.end;
        within.then_some((packet, body.as_deref()))
    })
}

/// Keeps a span, together with the one before where they touch.
fn keep(pieces: &mut Vec<Piece>, span: Span) {
    match pieces.last_mut() {
        Some(Piece::Keep(last)) if last.end == span.start => last.end = span.end,
        _ => pieces.push(Piece::Keep(span)),
    }
}

fn added(put: &Put) -> Result<Vec<u8>, FormatError> {
    match put.carrier {
        Carrier::Xmp => chunk(*b"iTXt", &[png_text::XMP_PREFIX, &put.body].concat()),
        Carrier::Field => png_text::field(&put.key, &put.body),
        Carrier::Exif => chunk(*b"eXIf", &put.body),
        _ => Err(FormatError::unsupported(0, "this sort of metadata in PNG")),
    }
}

#[cfg(test)]
mod tests {
    use super::{SIGNATURE, chunk, parse, splice};
    use crate::{Carrier, Changes, Layout, Piece, Put, Role};
    use indicia_core::{Limits, Problem, Source};

    fn header() -> Vec<u8> {
        chunk(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]).unwrap()
    }

    /// A gray picture of one pixel, with these chunks before and after its pixels.
    fn file(before: &[Vec<u8>], after: &[Vec<u8>]) -> Vec<u8> {
        let pixels = chunk(*b"IDAT", b"\x78\x9c\x63\x60\x00\x00\x00\x02\x00\x01").unwrap();
        let end = chunk(*b"IEND", b"").unwrap();
        [SIGNATURE.to_vec(), header(), before.concat(), pixels, after.concat(), end].concat()
    }

    fn read(bytes: &Vec<u8>) -> Layout {
        let layout = parse(bytes, &Limits::default()).unwrap();
        assert!(layout.tiles(bytes.size()), "{layout:?}");
        layout
    }

    #[expect(clippy::ptr_arg, reason = "a slice cannot become a dyn Source")]
    fn join(source: &Vec<u8>, pieces: &[Piece]) -> Vec<u8> {
        let mut out = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Keep(span) => out.extend(Limits::default().take(source, *span).unwrap()),
                Piece::New(bytes) => out.extend(bytes),
            }
        }
        out
    }

    #[test]
    fn texts_before_and_after_the_pixels_are_found() {
        let bytes = file(
            &[chunk(*b"tEXt", b"Title\0Ros\xE9").unwrap(), chunk(*b"caBX", b"jumb").unwrap()],
            &[
                chunk(*b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>").unwrap(),
                chunk(*b"eXIf", b"II*\0").unwrap(),
            ],
        );
        let layout = read(&bytes);
        let found: Vec<_> = layout
            .packets
            .iter()
            .map(|packet| {
                (packet.carrier, packet.key.as_str(), packet.read(&bytes, &Limits::default()).unwrap())
            })
            .collect();
        assert_eq!(
            found,
            [
                (Carrier::Field, "Title", "Rosé".as_bytes().to_vec()),
                (Carrier::Manifest, "", b"jumb".to_vec()),
                (Carrier::Xmp, "", b"<x/>".to_vec()),
                (Carrier::Exif, "", b"II*\0".to_vec()),
            ]
        );
    }

    #[test]
    fn what_follows_the_end_is_kept_and_known_as_unknown() {
        let bytes = [file(&[], &[]), b"trailer".to_vec()].concat();
        let layout = read(&bytes);
        assert_eq!(layout.segments.last().unwrap().role, Role::Unknown);
        assert!(layout.damage.is_none());
        assert_eq!(
            join(&bytes, &splice(&bytes, &layout, &Changes::default(), &Limits::default()).unwrap()),
            bytes
        );
    }

    #[test]
    fn a_cut_or_a_wrong_length_is_damage_at_its_place() {
        let whole = file(&[chunk(*b"tEXt", b"AIGC\0{}").unwrap()], &[]);
        for cut in 16..whole.len() {
            let layout = read(&whole[..cut].to_vec());
            assert!(layout.damage.is_some(), "cut at {cut}");
        }
        let too_long = Problem::Malformed("a chunk is longer than PNG allows");
        for (length, problem) in
            [(u32::MAX, too_long.clone()), (0x8000_0000, too_long), (0x7FFF_FFFF, Problem::Truncated)]
        {
            let mut bytes = whole.clone();
            bytes[33..37].copy_from_slice(&length.to_be_bytes());
            let damage = read(&bytes).damage.unwrap();
            assert_eq!((damage.at, damage.problem), (33, problem));
        }
    }

    #[test]
    fn metadata_goes_before_the_pixels_and_other_chunks_stay() {
        let bytes = file(&[chunk(*b"pHYs", &[0; 9]).unwrap()], &[chunk(*b"tEXt", b"AIGC\0old").unwrap()]);
        let layout = read(&bytes);
        let put = Put { carrier: Carrier::Xmp, key: String::new(), body: b"<y/>".to_vec() };
        let changes = Changes { added: vec![put], replaced: [(0, None)].into(), ..Changes::default() };
        let out = join(&bytes, &splice(&bytes, &layout, &changes, &Limits::default()).unwrap());
        let names: Vec<_> = read(&out).segments.iter().map(|segment| segment.name).collect();
        assert_eq!(names, [*b"\x89PNG", *b"IHDR", *b"iTXt", *b"pHYs", *b"IDAT", *b"IEND"]);
        assert_eq!(&out[41..46], b"XML:c", "after signature, IHDR, length and type");
    }

    #[test]
    fn a_replaced_text_keeps_its_kind_of_chunk_where_it_can() {
        for (name, data) in [(*b"tEXt", b"K\0old".to_vec()), (*b"iTXt", b"K\0\0\0en\0k\0old".to_vec())] {
            let bytes = file(&[chunk(name, &data).unwrap()], &[]);
            let layout = read(&bytes);
            let replace = |body: &str| {
                let changes =
                    Changes { replaced: [(0, Some(body.as_bytes().to_vec()))].into(), ..Changes::default() };
                let out = join(&bytes, &splice(&bytes, &layout, &changes, &Limits::default()).unwrap());
                let layout = read(&out);
                let packet = &layout.packets[0];
                assert_eq!((packet.key.as_str(), packet.carrier), ("K", Carrier::Field));
                assert_eq!(packet.read(&out, &Limits::default()).unwrap(), body.as_bytes());
                layout.segments[2].name
            };
            assert_eq!(replace("new"), name);
            assert_eq!(replace("生成"), *b"iTXt");
        }
    }

    #[test]
    fn what_is_missing_at_a_chunks_border_is_damage_too() {
        let whole = file(&[], &[]);
        let end = whole.len() - 12;
        let damage = read(&whole[..end].to_vec()).damage.unwrap();
        assert_eq!((damage.at, damage.problem), (end as u64, Problem::Truncated), "no IEND");
        let empty = [SIGNATURE.to_vec(), header(), chunk(*b"IEND", b"").unwrap()].concat();
        assert!(read(&empty).damage.is_some(), "no IDAT");
        let mut odd = whole;
        odd[end + 4..end + 8].copy_from_slice(b"1END");
        assert_eq!(read(&odd).damage.unwrap().at, end as u64 + 4, "no chunk type");
    }

    #[test]
    fn a_short_trailer_is_kept_too() {
        let bytes = [file(&[], &[]), b"x".to_vec()].concat();
        let last = *read(&bytes).segments.last().unwrap();
        assert_eq!((last.role, last.span.len()), (Role::Unknown, 1));
    }

    #[test]
    fn no_more_chunks_are_read_than_allowed() {
        let bytes = file(&[chunk(*b"pHYs", &[0; 9]).unwrap()], &[]);
        for (segments, whole) in [(5, true), (4, false), (1, false)] {
            let limits = Limits { segments, ..Limits::default() };
            let layout = parse(&bytes, &limits).unwrap();
            assert!(layout.tiles(bytes.size()));
            assert_eq!(layout.damage.is_none(), whole, "{segments}: {layout:?}");
        }
    }

    #[test]
    fn only_chunks_of_pixels_that_touch_are_one_segment() {
        let pixels = chunk(*b"IDAT", b"").unwrap();
        let bytes = file(&[pixels.clone(), pixels], &[]);
        let names: Vec<_> = read(&bytes).segments.iter().map(|segment| segment.name).collect();
        assert_eq!(names, [*b"\x89PNG", *b"IHDR", *b"IDAT", *b"IEND"]);
    }
}
