//! The tracks of an image sequence: texts beside them, and the offsets of their chunks.

use super::items::within;
use super::packets::Origin;
use crate::boxes::IsoBox;
use crate::{Body, Carrier, Packet, box_packets};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Every box on the way from `moov` down to the sample tables, those without further boxes included.
fn walk(
    window: &mut Window<'_>,
    movie: &IsoBox,
    limits: &Limits,
    visit: &mut dyn FnMut(&mut Window<'_>, &IsoBox) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut todo = vec![movie.body];
    let mut count = 0;
    while let Some(Span { start: mut at, end }) = todo.pop() {
        while at < end {
            count += 1;
            within(limits, at, count)?;
            let child = IsoBox::read(window, at, end)?;
            if matches!(&child.kind, b"trak" | b"mdia" | b"minf" | b"stbl") {
                todo.push(child.body);
            }
            visit(window, &child)?;
            at = child.span.end;
        }
    }
    Ok(())
}

/// The metadata of the tracks and of all of them together, as it stands: what is in it is for readers of films.
///
/// # Errors
/// If the boxes do not fit into one another, or the system cannot read.
pub(super) fn packets(
    window: &mut Window<'_>,
    movie: &IsoBox,
    limits: &Limits,
    found: &mut Vec<(Packet, Origin)>,
) -> Result<(), FormatError> {
    walk(window, movie, limits, &mut |window, child| {
        let packet = match &child.kind {
            b"uuid" => box_packets::uuid(window, child)?,
            b"udta" => Packet {
                carrier: Carrier::Blob,
                key: String::new(),
                place: "udta box",
                span: child.body,
                body: Body::Verbatim,
            },
            b"meta" => Packet {
                carrier: Carrier::Blob,
                key: String::new(),
                place: "meta box of a track",
                span: child.body,
                body: Body::Verbatim,
            },
            _ => return Ok(()),
        };
        found.push((packet, Origin::Fixed));
        Ok(())
    })
}

/// The tables of chunk offsets as they read once every byte stands where `map` says: span and new bytes of each that
/// changes. `edited` says whether a byte is changed itself.
///
/// # Errors
/// If there are offsets of a sort that this program does not correct, or one does not fit any more.
pub(super) fn moved(
    source: &dyn Source,
    movie: &IsoBox,
    limits: &Limits,
    map: &dyn Fn(u64) -> u64,
    edited: &dyn Fn(u64) -> bool,
) -> Result<Vec<(Span, Vec<u8>)>, FormatError> {
    let mut window = Window::new(source);
    let mut tables = Vec::new();
    walk(&mut window, movie, limits, &mut |window, child| {
        let at = child.span.start;
        let size: usize = match &child.kind {
            b"stco" => 4,
            b"co64" => 8,
            b"saio" => {
                return Err(FormatError::unsupported(at, "moving samples with auxiliary data (saio box)"));
            }
            b"meta" | b"mvex" | b"udta" if holds_offsets(window, child, limits)? => {
                return Err(FormatError::unsupported(
                    at,
                    "moving bytes that fragments or items of a track point at",
                ));
            }
            _ => return Ok(()),
        };
        let table = Span { start: child.body.start.saturating_add(8), end: child.body.end };
        let broken = FormatError::malformed(at, "table of chunk offsets");
        if table.start > table.end {
            return Err(broken);
        }
        let count = u32::from_be_bytes(window.array(child.body.start + 4)?);
        let old = limits.take(source, table)?;
        let used = usize::try_from(count).ok().and_then(|count| count.checked_mul(size));
        let used = used.filter(|used| *used <= old.len()).ok_or(broken)?;
        let mut new = Vec::new();
        for entry in old.get(..used).unwrap_or_default().chunks_exact(size) {
            let offset = entry.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
            if edited(offset) {
                return Err(FormatError::unsupported(at, "metadata that is part of a track as well"));
            }
            let offset = map(offset);
            if size == 4 {
                let fits = u32::try_from(offset).map_err(|_| {
                    let limit = u64::from(u32::MAX);
                    FormatError::new(
                        at,
                        Problem::OverLimit { what: "bytes before a chunk of a track", limit },
                    )
                })?;
                new.extend_from_slice(&fits.to_be_bytes());
            } else {
                new.extend_from_slice(&offset.to_be_bytes());
            }
        }
        new.extend_from_slice(old.get(used..).unwrap_or_default());
        if new != old {
            tables.push((table, new));
        }
        Ok(())
    })?;
    Ok(tables)
}

/// Whether a box of metadata has items of its own, or a film goes on in fragments.
fn holds_offsets(window: &mut Window<'_>, one: &IsoBox, limits: &Limits) -> Result<bool, FormatError> {
    if one.kind == *b"mvex" {
        return Ok(true);
    }
    // A meta box has a version before its boxes, but not in QuickTime; one within udta stands a level deeper.
    for skip in [0, 4] {
        let mut todo = vec![Span { start: one.body.start.saturating_add(skip), end: one.body.end }];
        let mut count = 0;
        while let Some(Span { start: mut at, end }) = todo.pop() {
            while at < end {
                count += 1;
                within(limits, at, count)?;
                let Ok(child) = IsoBox::read(window, at, end) else { break };
                match &child.kind {
                    b"iloc" => return Ok(true),
                    b"meta" => todo.extend(
                        [0, 4].map(|skip| Span { start: child.body.start + skip, end: child.body.end }),
                    ),
                    _ => {}
                }
                at = child.span.end;
            }
        }
    }
    Ok(false)
}
