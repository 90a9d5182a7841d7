//! The metadata of a HEIF file: items of types that are no pictures, and boxes beside them.

use super::items::{Item, Meta, behind_version};
use super::locations::Location;
use crate::boxes::IsoBox;
use crate::{Body, Carrier, Packet, box_packets, compressed};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// What a packet is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The item of this index.
    Item(usize),
    /// The box of this index at the top.
    Box(usize),
    /// Something that is only read.
    Fixed,
}

/// What a box at the top holds.
///
/// # Errors
/// If the system cannot read.
pub(super) fn of_box(window: &mut Window<'_>, one: &IsoBox) -> Result<Option<Packet>, FormatError> {
    match &one.kind {
        b"uuid" => box_packets::uuid(window, one).map(Some),
        b"jumb" => box_packets::jumbf(window, one.body).map(Some),
        // Bookkeeping and media data.
        b"ftyp" | b"mdat" | b"free" | b"skip" | b"wide" | b"moof" | b"sidx" | b"ssix" | b"mfra" | b"styp"
        | b"mpvd" | b"imda" | b"pdin" | b"prft" => Ok(None),
        kind => Ok(Some(Packet {
            carrier: Carrier::Field,
            key: box_packets::key(*kind),
            place: "box",
            span: one.body,
            body: Body::Verbatim,
        })),
    }
}

/// The metadata in a `meta` box.
///
/// # Errors
/// If an item, metadata or not, stands past the end of the file, or the system cannot read.
pub(super) fn of_meta(
    source: &dyn Source,
    window: &mut Window<'_>,
    meta: &Meta,
    limits: &Limits,
    found: &mut Vec<(Packet, Origin)>,
) -> Result<(), FormatError> {
    let data = meta.data.map(|data| data.body);
    let locations = meta.locations.by_item();
    // What is put together from several places is kept in memory: no more of it than one block may have.
    let mut budget = limits.block;
    for (index, item) in meta.items.iter().enumerate().filter(|(_, item)| item.is_metadata()) {
        let spans = spans(item, locations.get(&item.id).copied(), source.size(), data);
        let (span, body) = match spans {
            Err(err) => (item.whole.span, Body::Broken(err)),
            Ok(spans) => match spans.as_slice() {
                [span] => single(window, item, *span)?,
                many => {
                    let read = joined(source, many, limits, &mut budget)
                        .and_then(|bytes| decoded(item, bytes, limits));
                    let span = many.first().copied().unwrap_or(item.whole.span);
                    (span, read.map_or_else(Body::Broken, Body::Decoded))
                }
            },
        };
        let media = item.detail.to_ascii_lowercase();
        let (carrier, place, key) = match &item.kind {
            b"Exif" => (Carrier::Exif, "Exif item", String::new()),
            b"uri " => (Carrier::Blob, "uri item", item.detail.clone()),
            _ if item.is_xmp() => (Carrier::Xmp, "mime item", String::new()),
            _ if media.starts_with("text/") || media == "application/json" => {
                (Carrier::Field, "text item", item.detail.clone())
            }
            _ => (Carrier::Blob, "other item", item.detail.clone()),
        };
        found.push((Packet { carrier, key, place, span, body }, Origin::Item(index)));
    }
    for one in &meta.texts {
        let packet = match &one.kind {
            b"uuid" => box_packets::uuid(window, one)?,
            kind => Packet {
                carrier: Carrier::Field,
                key: box_packets::key(*kind),
                place: "item property",
                span: behind_version(one),
                body: Body::Verbatim,
            },
        };
        found.push((packet, Origin::Fixed));
    }
    // Reported after the packets that are whole.
    meta.locations.list.iter().try_for_each(|one| one.spans(source.size(), data).map(drop))
}

/// Where an item's bytes stand, if they can be read at all.
fn spans(
    item: &Item,
    location: Option<&Location>,
    size: u64,
    data: Option<Span>,
) -> Result<Vec<Span>, FormatError> {
    let at = item.whole.span.start;
    if item.is_protected {
        return Err(FormatError::unsupported(at, "an item that is encrypted"));
    }
    let location = location.ok_or(FormatError::malformed(at, "an item without a place"))?;
    let spans = location.spans(size, data)?;
    let spans = spans.ok_or(FormatError::unsupported(at, "an item kept within another item or file"))?;
    if spans.is_empty() {
        return Err(FormatError::malformed(at, "an item without a byte"));
    }
    Ok(spans)
}

/// An item in one piece.
fn single(window: &mut Window<'_>, item: &Item, span: Span) -> Result<(Span, Body), FormatError> {
    if item.kind == *b"Exif" {
        return match box_packets::exif(window, span) {
            Ok(block) => Ok((block, Body::Verbatim)),
            Err(FormatError { problem: Problem::Io(kind), at }) => {
                Err(FormatError::new(at, Problem::Io(kind)))
            }
            Err(err) => Ok((span, Body::Broken(err))),
        };
    }
    Ok((
        span,
        match item.coding.to_ascii_lowercase().as_str() {
            "" | "identity" => Body::Verbatim,
            "deflate" => Body::Coded(compressed::inflate),
            "gzip" => Body::Coded(compressed::gunzip),
            "br" => Body::Coded(compressed::brotli),
            _ => Body::Broken(FormatError::unsupported(span.start, "an item compressed in this way")),
        },
    ))
}

/// The bytes of an item in several pieces.
fn joined(
    source: &dyn Source,
    spans: &[Span],
    limits: &Limits,
    budget: &mut u64,
) -> Result<Vec<u8>, FormatError> {
    let mut bytes = Vec::new();
    for span in spans {
        *budget = budget.checked_sub(span.len()).ok_or_else(|| {
            let what = "bytes of items in pieces";
            FormatError::new(span.start, Problem::OverLimit { what, limit: limits.block })
        })?;
        bytes.extend(limits.take(source, *span)?);
    }
    Ok(bytes)
}

/// Undoes the coding of an item that is in memory.
fn decoded(item: &Item, bytes: Vec<u8>, limits: &Limits) -> Result<Vec<u8>, FormatError> {
    let at = item.whole.span.start;
    let result = match (&item.kind, item.coding.to_ascii_lowercase().as_str()) {
        (b"Exif", _) => box_packets::exif_block(bytes),
        (_, "" | "identity") => Ok(bytes),
        (_, "deflate") => compressed::inflate(&bytes, limits),
        (_, "gzip") => compressed::gunzip(&bytes, limits),
        (_, "br") => compressed::brotli(&bytes, limits),
        _ => Err(Problem::Unsupported("an item compressed in this way")),
    };
    result.map_err(|problem| FormatError::new(at, problem))
}
