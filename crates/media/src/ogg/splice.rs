//! Changes to an Ogg file: header pages made anew for comments, pages of Opus put before and after the sound.

use std::collections::BTreeMap;

use super::anew;
use super::around::Around;
use super::extents::Extents;
use super::headers::{Codec, Link, Ogg};
use super::page::{CONTINUED, LAST, NO_POSITION, Page, lacing};
use crate::anew::spliced_anew;
use crate::{Changes, NewContent, Piece, Put, riff, vorbis_comment};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Most segments of a page.
const SEGMENTS: usize = 255;

/// Says how the file reads with these changes.
///
/// The header pages stay as many as they were if the comments fit into them. If not, or if sound comes before that of
/// the file, all later pages of the stream count on from another number and get another checksum, for which the file
/// is read once; their bodies stay where they are.
///
/// # Errors
/// If the file cannot hold what is put, has broken pages that would have to be numbered anew, or cannot be read.
pub(crate) fn splice(
    source: &dyn Source,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    let ogg = Ogg::read(source, limits)?;
    let Some(new) = anew::coded(source, &ogg, changes, limits)? else {
        return spliced(source, ogg, changes, limits);
    };
    spliced_anew(source, new, changes, |file, changes| {
        let ogg = Ogg::read(file, limits)?;
        let is_vorbis = ogg.links.iter().any(|link| link.codec == Codec::Vorbis);
        let content = changes.content.clone().filter(|_| !is_vorbis);
        spliced(file, ogg, &Changes { content, ..changes.clone() }, limits)
    })
}

fn spliced(
    source: &dyn Source,
    ogg: Ogg,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if !changes.cuts.is_empty() {
        return Err(FormatError::unsupported(0, "changes to the sound of an Ogg file"));
    }
    if let Some(damage) = ogg.damage {
        return Err(damage);
    }
    let around = match &changes.content {
        None => None,
        Some(NewContent::Sound(ends)) => Some(Around::new(source, &ogg, ends, limits)?),
        Some(_) => return Err(FormatError::unsupported(0, "content other than sound in Ogg")),
    };
    let mut edits: BTreeMap<usize, BTreeMap<usize, Option<&[u8]>>> = BTreeMap::new();
    for (at, value) in &changes.replaced {
        match ogg.packets.get(*at) {
            Some((Some((link, item)), _)) => {
                edits.entry(*link).or_default().insert(*item, value.as_deref());
            }
            _ => return Err(FormatError::unsupported(0, "changes to a manifest in Ogg")),
        }
    }
    let mut pieces = Vec::new();
    for (at, link) in ogg.links.iter().enumerate() {
        let replaced = edits.remove(&at).unwrap_or_default();
        // One label tells of the whole file.
        let added: Vec<&Put> = if at == 0 { changes.added.iter().collect() } else { Vec::new() };
        let mut more = 0;
        if replaced.is_empty() && added.is_empty() {
            pieces.extend(link.pages.iter().map(|page| Piece::Keep(page.span)));
        } else {
            let (headers, grown) = rewrite(source, link, &replaced, &added, limits)?;
            pieces.extend(headers);
            more = grown;
        }
        if more == 0 && around.is_none() {
            pieces.push(Piece::Keep(link.rest));
        } else {
            pieces.extend(renumbered(source, link, more, around.as_ref(), limits)?);
        }
    }
    let end = ogg.links.last().map_or(0, |link| link.rest.end);
    pieces.push(Piece::Keep(Span { start: end, end: source.size() }));
    Ok(riff::joined(pieces))
}

/// The header pages of a link with other comments, and how many there are more.
fn rewrite(
    source: &dyn Source,
    link: &Link,
    replaced: &BTreeMap<usize, Option<&[u8]>>,
    added: &[&Put],
    limits: &Limits,
) -> Result<(Vec<Piece>, u32), FormatError> {
    link.check_headers()?;
    let old: Vec<&Page> = link.own.iter().filter_map(|at| link.pages.get(*at)).collect();
    let mut bodies = Vec::new();
    let mut laces: Vec<u8> = Vec::new();
    for page in &old {
        bodies.extend(page.checked_body(source)?);
        laces.extend_from_slice(&page.lacing);
    }
    let packet = Extents::new(source, &link.parts);
    let comments = comments(link, &packet, replaced, added, limits)?;
    let others = laces.iter().position(|len| *len < 255).map_or(laces.len(), |at| at + 1);
    let mut new_laces = lacing(comments.len());
    new_laces.extend(laces.get(others..).unwrap_or_default());
    let old_len: u64 = link.parts.iter().map(|part| part.len()).sum();
    let rest = bodies.get(usize::try_from(old_len).unwrap_or(usize::MAX)..).unwrap_or_default();
    let new = paginate(&old, &new_laces, &[comments.as_slice(), rest].concat());

    // Old pages give way one by one; what is more comes after the last of them.
    let count = |pages: usize| u32::try_from(pages).unwrap_or(0);
    let more = count(new.len()).wrapping_sub(count(old.len()));
    let mut new = new.into_iter();
    let mut pieces = Vec::new();
    for (at, page) in link.pages.iter().enumerate() {
        if !link.own.contains(&at) {
            pieces.push(Piece::Keep(page.span));
            continue;
        }
        pieces.extend(new.next().map(Piece::New));
        if link.own.last() == Some(&at) {
            pieces.extend(new.by_ref().map(Piece::New));
        }
    }
    Ok((pieces, more))
}

/// The packet with the comments, with changes made to them.
fn comments(
    link: &Link,
    packet: &Extents<'_>,
    replaced: &BTreeMap<usize, Option<&[u8]>>,
    added: &[&Put],
    limits: &Limits,
) -> Result<Vec<u8>, FormatError> {
    let read = link.comments(packet, limits)?;
    let mut pieces = vec![Piece::Keep(Span { start: 0, end: link.prefix() })];
    pieces.extend(read.rewrite(replaced, added)?);
    let len: u64 = pieces.iter().map(Piece::len).sum();
    let mut after = Span { start: read.end, end: packet.size() };
    let pads = link.codec == Codec::Opus && !after.is_empty() && {
        let [first] = Window::new(packet).array(after.start)?;
        first & 1 == 0
    };
    if pads {
        // Such bytes are there to be used up (RFC 7845, 5.2).
        after.end = after.end.min(after.start + after.end.saturating_sub(len));
    }
    pieces.push(Piece::Keep(after));
    let mut bytes = vorbis_comment::gathered(packet, &pieces, limits)?;
    if link.codec == Codec::Flac {
        let limit = (1 << 24) - 1;
        let over = FormatError::new(0, Problem::OverLimit { what: "bytes in a FLAC block", limit });
        let len = u32::try_from(bytes.len() - 4).ok().filter(|len| u64::from(*len) <= limit).ok_or(over)?;
        let [_, size @ ..] = len.to_be_bytes();
        if let Some(place) = bytes.get_mut(1..4) {
            place.copy_from_slice(&size);
        }
    }
    Ok(bytes)
}

/// Puts packets on pages in the place of old ones; on as many, if that can be.
pub(super) fn paginate(old: &[&Page], laces: &[u8], body: &[u8]) -> Vec<Vec<u8>> {
    let Some(first) = old.first() else { return Vec::new() };
    let pages = laces.len().div_ceil(SEGMENTS).max(old.len().min(laces.len()));
    let mut new = Vec::new();
    let (mut at, mut byte, mut goes_on) = (0, 0, false);
    for number in 0..pages {
        // At least one segment is left for each page to come.
        let count = SEGMENTS.min(laces.len() - at - (pages - number - 1));
        let lacing = laces.get(at..at + count).unwrap_or_default().to_vec();
        let len: usize = lacing.iter().map(|len| usize::from(*len)).sum();
        let part = body.get(byte..byte + len).unwrap_or_default();
        let ends = lacing.iter().any(|len| *len < 255);
        let last = if number + 1 == pages { old.last().map_or(0, |page| page.flags & LAST) } else { 0 };
        let page = Page {
            span: first.span,
            body: first.body,
            flags: last | if goes_on { CONTINUED } else { 0 },
            position: if ends { 0 } else { NO_POSITION },
            serial: first.serial,
            sequence: first.sequence.wrapping_add(u32::try_from(number).unwrap_or(0)),
            lacing,
        };
        goes_on = !page.ends_packet();
        new.push([page.header(part), part.to_vec()].concat());
        at += count;
        byte += len;
    }
    new
}

/// The pages after the headers, those of the sound with `more` added to their numbers, and what is put around them.
fn renumbered(
    source: &dyn Source,
    link: &Link,
    more: u32,
    around: Option<&Around>,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let mut window = Window::new(source);
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut at, mut count, mut more) = (link.rest.start, 0, more);
    let mut last = None;
    while at < link.rest.end {
        let mut page = Page::read(&mut window, at)?;
        count += 1;
        if count > limits.segments {
            let problem = Problem::OverLimit { what: "pages in an Ogg file", limit: limits.segments as u64 };
            return Err(FormatError::new(at, problem));
        }
        at = page.span.end;
        if page.serial == link.serial {
            let body = page.checked_body(source)?;
            page.sequence = page.sequence.wrapping_add(more);
            if let Some(around) = around {
                if last.is_none() {
                    let before = around.before(&page);
                    more = more.wrapping_add(u32::try_from(before.len()).unwrap_or(0));
                    page.sequence = page.sequence.wrapping_add(u32::try_from(before.len()).unwrap_or(0));
                    pieces.extend(before.into_iter().map(Piece::New));
                }
                around.shift(&mut page, at == link.rest.end);
            }
            pieces.push(Piece::New(page.header(&body)));
            pieces.push(Piece::Keep(page.body));
            last = Some(page);
        } else {
            pieces.push(Piece::Keep(page.span));
        }
    }
    if let (Some(around), Some(last)) = (around, last) {
        pieces.extend(around.after(&last).into_iter().map(Piece::New));
    }
    Ok(pieces)
}
