//! Changes to the metadata of a JPEG XL file. New boxes go before the codestream, so that nothing has to be known of
//! what follows; a codestream alone is put into boxes first.

use crate::box_edits::{Edits, head, whole};
use crate::jxl_file::{File, SIGNATURE};
use crate::{Body, Carrier, Changes, Layout, Packet, Piece, jxl_jpeg};
use indicia_core::{FormatError, Limits, Source, Span, Window};

/// The file type of a JPEG XL file in boxes.
const FILE_TYPE: &[u8] = b"\0\0\0\x14ftypjxl \0\0\0\0jxl ";

/// Says how the file reads with these changes.
///
/// # Errors
/// If the file cannot hold what is put, or cannot be read.
pub(crate) fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let size = source.size();
    let all = Span { start: 0, end: size };
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(all)]);
    }
    if !changes.cuts.is_empty() || changes.content.is_some() {
        return Err(FormatError::unsupported(0, "changes to the content of JPEG XL"));
    }
    let file = File::read(source, limits)?;
    if let Some(damage) = &file.layout.damage {
        return Err(damage.clone());
    }
    let new = added(changes)?;
    if file.boxes.is_empty() && changes.replaced.is_empty() {
        let codestream = match head(*b"jxlc", size) {
            Ok(head) => head,
            // The size in 64 bits.
            Err(_) => [&b"\0\0\0\x01jxlc"[..], &size.saturating_add(16).to_be_bytes()].concat(),
        };
        return Ok(vec![Piece::New([SIGNATURE, FILE_TYPE, &new, &codestream].concat()), Piece::Keep(all)]);
    }
    let mut edits = Edits::default();
    let jpeg = file.boxes.iter().find(|one| one.kind == *b"jbrd");
    let jpeg = jpeg.map(|one| limits.take(source, one.body)).transpose()?;
    for (index, value) in &changes.replaced {
        let missing = || FormatError::unsupported(0, "a change to a packet that is not there");
        let packet = file.layout.packets.get(*index).ok_or_else(missing)?;
        let one = file.origins.get(*index).and_then(|index| file.boxes.get(*index)).ok_or_else(missing)?;
        if jpeg.as_deref().is_some_and(|jpeg| jxl_jpeg::needs(jpeg, packet.carrier)) {
            let what = "other metadata in a JPEG XL file that can be turned back into the JPEG it was made of (jbrd box); \
                        label the JPEG instead, or take the jbrd box out";
            return Err(FormatError::unsupported(one.span.start, what));
        }
        match value.as_deref() {
            None => edits.replace(one.span, Vec::new()),
            Some(value) if one.kind == *b"brob" => {
                let kind = Window::new(source).array(one.body.start)?;
                edits.replace(one.span, boxed(kind, packet, value)?);
            }
            Some(value) if matches!(packet.body, Body::Verbatim) && !packet.span.is_empty() => {
                edits.replace(packet.span, value.to_vec());
            }
            Some(value) => edits.replace(one.span, boxed(one.kind, packet, value)?),
        }
    }
    if !new.is_empty() {
        let picture = file.boxes.iter().find(|one| matches!(&one.kind, b"jxlc" | b"jxlp"));
        let at = picture.map_or(size, |one| one.span.start);
        edits.replace(Span { start: at, end: at }, new);
    }
    edits.settle()?;
    edits.resize(&file.boxes)?;
    Ok(edits.pieces(size))
}

/// A box for a packet.
fn boxed(kind: [u8; 4], packet: &Packet, value: &[u8]) -> Result<Vec<u8>, FormatError> {
    if packet.carrier == Carrier::Exif {
        // The offset of the block, from where the offset ends.
        return whole(kind, &[&[0; 4], value].concat());
    }
    whole(kind, value)
}

/// The new boxes.
fn added(changes: &Changes) -> Result<Vec<u8>, FormatError> {
    let mut bytes = Vec::new();
    for put in &changes.added {
        match put.carrier {
            Carrier::Exif => bytes.extend(whole(*b"Exif", &[&[0; 4], put.body.as_slice()].concat())?),
            Carrier::Xmp => bytes.extend(whole(*b"xml ", &put.body)?),
            _ => return Err(FormatError::unsupported(0, "this sort of metadata in JPEG XL")),
        }
    }
    Ok(bytes)
}
