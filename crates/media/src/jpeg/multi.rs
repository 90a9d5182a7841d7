//! The index of a file that holds several pictures (CIPA DC-007): it tells where the others start, so it
//! has to follow when bytes before them come or go.

use super::marker::Marker;
use crate::{Layout, Piece};
use indicia_core::{FormatError, Source, Span, Window};

/// In front of the index.
const HEADER: &[u8] = b"MPF\0";
/// Tag of the entry that lists the pictures.
const PICTURES: u16 = 0xB002;
/// Bytes that describe one picture: attributes, length, offset, dependent pictures.
const PICTURE: usize = 16;

/// Corrects the index for the places to which `pieces` move the pictures. Anything it cannot make sense of
/// stays as it is.
///
/// # Errors
/// If the system cannot read.
pub(super) fn repoint(
    source: &dyn Source,
    layout: &Layout,
    pieces: Vec<Piece>,
) -> Result<Vec<Piece>, FormatError> {
    let mut window = Window::new(source);
    for segment in layout.segments.iter().filter(|segment| segment.name == *b"APP2") {
        let Some(marker) = Marker::read(&mut window, segment.span.start)? else { continue };
        if window.up_to(marker.body.start, HEADER.len())? != HEADER {
            continue;
        }
        let base = marker.body.start + HEADER.len() as u64;
        let len = usize::try_from(segment.span.end - base).unwrap_or(0);
        let old = window.bytes(base, len)?.to_vec();
        let mut new = old.clone();
        if correct(&mut new, base, &pieces).is_none() || new == old {
            return Ok(pieces);
        }
        return Ok(replace(pieces, Span { start: base, end: segment.span.end }, new));
    }
    Ok(pieces)
}

/// Where a byte that is kept comes to stand; `None` if it is not kept.
fn moved(at: u64, pieces: &[Piece]) -> Option<u64> {
    let mut next = 0;
    for piece in pieces {
        match piece {
            Piece::Keep(span) if (span.start..span.end).contains(&at) => return Some(next + at - span.start),
            _ => next += piece.len(),
        }
    }
    None
}

/// Writes the new lengths and offsets into an index whose first byte stands at `base` in the old file;
/// offsets count from there. `None` if it is not well formed.
fn correct(index: &mut [u8], base: u64, pieces: &[Piece]) -> Option<()> {
    let big_endian = match index.get(..4)? {
        b"II*\0" => false,
        b"MM\0*" => true,
        _ => return None,
    };
    let long = |index: &[u8], at: usize| -> Option<u32> {
        let bytes: [u8; 4] = index.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let short = |index: &[u8], at: usize| -> Option<u16> {
        let bytes: [u8; 2] = index.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let directory = usize::try_from(long(index, 4)?).ok()?;
    let count = usize::from(short(index, directory)?);
    let mut entries = (0..count).map(|entry| directory + 2 + entry * 12);
    let entry = entries.find(|at| short(index, *at) == Some(PICTURES))?;
    let pictures = usize::try_from(long(index, entry + 4)?).ok()? / PICTURE;
    let first = usize::try_from(long(index, entry + 8)?).ok()?;
    let new_base = moved(base, pieces)?;
    for picture in 0..pictures {
        let at = first.checked_add(picture.checked_mul(PICTURE)?)?;
        let (len, offset) = (u64::from(long(index, at + 4)?), u64::from(long(index, at + 8)?));
        // The picture that the index stands in has the offset 0, starts with the file and may change its
        // length; the others only move.
        let (field, value) = match offset {
            0 => (at + 4, moved(len.saturating_sub(1), pieces).map(|last| last + 1)),
            _ => (at + 8, moved(base + offset, pieces).and_then(|start| start.checked_sub(new_base))),
        };
        let Some(value) = value.and_then(|value| u32::try_from(value).ok()) else { continue };
        let value = if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        index.get_mut(field..field + 4)?.copy_from_slice(&value);
    }
    Some(())
}

/// Puts new bytes in place of a range that is kept.
fn replace(pieces: Vec<Piece>, range: Span, new: Vec<u8>) -> Vec<Piece> {
    let mut replaced = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Keep(span) if span.start <= range.start && range.end <= span.end => {
                replaced.push(Piece::Keep(Span { start: span.start, end: range.start }));
                replaced.push(Piece::New(new.clone()));
                replaced.push(Piece::Keep(Span { start: range.end, end: span.end }));
            }
            piece => replaced.push(piece),
        }
    }
    replaced.retain(|piece| !piece.is_empty());
    replaced
}
