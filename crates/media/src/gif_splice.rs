//! Changes to a GIF file: extensions put in, replaced and taken out, images coded anew.

use crate::gif_blocks::{COMMENT_PLACE, LOOP, SCREEN, XMP, block, magic_trailer};
use crate::{Carrier, Changes, Layout, NewContent, Packet, Piece, Segment, gif_encode};
use indicia_core::{FormatError, Limits, Source, Span};

/// Says how the file reads with these changes.
///
/// # Errors
/// If the file cannot hold what is put, or cannot be read.
pub(crate) fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    if !changes.cuts.is_empty() {
        return Err(FormatError::unsupported(0, "cutting bytes out of a picture"));
    }
    let mut coded = match &changes.content {
        None => Vec::new(),
        Some(NewContent::Picture(picture)) => gif_encode::encode(source, layout, picture, limits)?,
        Some(_) => return Err(FormatError::unsupported(0, "sound or words in a picture")),
    };
    let mut pieces = Vec::new();
    let mut to_add = Some(&changes.added);
    for (at, segment) in layout.segments.iter().enumerate() {
        // Behind the screen and the extensions that must follow it, before everything else.
        if !matches!(&segment.name, &SCREEN | b"GCT " | &LOOP)
            && let Some(added) = to_add.take()
        {
            for put in added {
                pieces.push(Piece::New(extension(put.carrier, &put.body)?));
            }
        }
        if segment.name == SCREEN {
            // Extensions came with version 89a.
            let body = Span { start: segment.span.start + 6, ..segment.span };
            pieces.extend([Piece::New(b"GIF89a".to_vec()), Piece::Keep(body)]);
            continue;
        }
        if let Some((packet, body)) = changed(layout, changes, segment) {
            if let Some(body) = body {
                pieces.extend(replaced(segment, packet, body)?);
            }
            continue;
        }
        match coded.iter_mut().find(|(place, _)| *place == at) {
            Some((_, bytes)) => pieces.push(Piece::New(std::mem::take(bytes))),
            None => keep(&mut pieces, segment.span),
        }
    }
    Ok(pieces)
}

/// The packet in a segment and its new value, if it has one.
fn changed<'a>(
    layout: &'a Layout,
    changes: &'a Changes,
    segment: &Segment,
) -> Option<(&'a Packet, Option<&'a [u8]>)> {
    changes.replaced.iter().find_map(|(at, body)| {
        let packet = layout.packets.get(*at)?;
        let within = segment.span.start < packet.span.start && packet.span.end < segment.span.end;
        within.then_some((packet, body.as_deref()))
    })
}

/// An extension with a new value, its introducer and identifier as they were.
fn replaced(segment: &Segment, packet: &Packet, body: &[u8]) -> Result<Vec<Piece>, FormatError> {
    match packet.carrier {
        Carrier::Xmp => Ok(vec![Piece::New(extension(Carrier::Xmp, body)?)]),
        Carrier::Comment if packet.place == COMMENT_PLACE => {
            Ok(vec![Piece::New(extension(Carrier::Comment, body)?)])
        }
        Carrier::Comment | Carrier::Blob => {
            // A value in one sub-block begins after its length, any other with its first length.
            let verbatim = matches!(packet.body, crate::Body::Verbatim) && !packet.span.is_empty();
            let start = packet.span.start - u64::from(verbatim);
            Ok(vec![Piece::Keep(Span { start: segment.span.start, end: start }), Piece::New(block(body))])
        }
        _ => Err(FormatError::unsupported(packet.span.start, "a change to this sort of metadata in GIF")),
    }
}

fn extension(carrier: Carrier, body: &[u8]) -> Result<Vec<u8>, FormatError> {
    match carrier {
        Carrier::Xmp if body.contains(&0) => {
            Err(FormatError::unsupported(0, "an XMP packet in GIF that is not UTF-8"))
        }
        Carrier::Xmp => Ok([b"\x21\xFF\x0B", &XMP[..], body, &magic_trailer()].concat()),
        Carrier::Comment => Ok([b"\x21\xFE".to_vec(), block(body)].concat()),
        _ => Err(FormatError::unsupported(0, "this sort of metadata in GIF")),
    }
}

/// Keeps a span, together with the one before where they touch.
fn keep(pieces: &mut Vec<Piece>, span: Span) {
    match pieces.last_mut() {
        Some(Piece::Keep(last)) if last.end == span.start => last.end = span.end,
        _ => pieces.push(Piece::Keep(span)),
    }
}
