//! The `INFO` list of a RIFF file: named texts, read and rewritten one by one.

use std::collections::BTreeMap;

use crate::riff::{self, Chunk};
use crate::{Body, Carrier, Packet, Piece};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Where these packets stand.
pub(crate) const PLACE: &str = "LIST INFO chunk";

/// The texts of a list, or nothing if it is a list of another kind.
///
/// A text that runs past the list is a broken packet, so that it is not taken for absent.
///
/// # Errors
/// [`Problem::Io`] if the system cannot read, [`Problem::OverLimit`] if there are too many.
pub(crate) fn packets(
    window: &mut Window<'_>,
    list: Span,
    limits: &Limits,
    packets: &mut Vec<Packet>,
) -> Result<(), FormatError> {
    if list.len() < 4 || window.array::<4>(list.start)? != *b"INFO" {
        return Ok(());
    }
    let mut at = list.start + 4;
    while at < list.end {
        if packets.len() >= limits.segments {
            let problem = Problem::OverLimit { what: "pieces of metadata", limit: limits.segments as u64 };
            return Err(FormatError::new(at, problem));
        }
        let rest = Span { start: at, end: list.end };
        let (key, span, body) = match item(window, at, list.end) {
            Ok(item) => {
                at = item.span.end;
                (riff::key(item.id), item.body, Body::Verbatim)
            }
            Err(FormatError { problem: Problem::Io(kind), at }) => {
                return Err(FormatError::new(at, Problem::Io(kind)));
            }
            // Zeros at the end are padding, whatever their number.
            Err(_) if is_blank(window, rest)? => return Ok(()),
            Err(err) => {
                at = list.end;
                let key = window.array(rest.start).ok().filter(|id| riff::is_printable(*id));
                (key.map(riff::key).unwrap_or_default(), rest, Body::Broken(err))
            }
        };
        packets.push(Packet { carrier: Carrier::Field, key, place: PLACE, span, body });
    }
    Ok(())
}

/// One text of a list that ends at `end`.
fn item(window: &mut Window<'_>, at: u64, end: u64) -> Result<Chunk, FormatError> {
    let mut item = Chunk::read(window, at, None)?;
    if item.body.end > end {
        return Err(FormatError::malformed(at, "text longer than its list"));
    }
    item.span.end = item.span.end.min(end);
    item.unpadded(window)
}

/// Whether the first bytes of what is left are zeros.
fn is_blank(window: &mut Window<'_>, rest: Span) -> Result<bool, FormatError> {
    let len = usize::try_from(rest.len()).map_or(64, |len| len.min(64));
    Ok(window.up_to(rest.start, len)?.iter().all(|byte| *byte == 0))
}

/// The list with new values for the texts at these spans; `None` takes one out. Empty if none is left.
///
/// # Errors
/// If the list cannot be read or becomes too long.
pub(crate) fn rewrite(
    source: &dyn Source,
    list: Span,
    edits: &BTreeMap<u64, Option<&[u8]>>,
) -> Result<Vec<Piece>, FormatError> {
    let mut window = Window::new(source);
    let mut items = Vec::new();
    let mut at = list.start + 4;
    while at < list.end {
        let Ok(item) = item(&mut window, at, list.end) else {
            let rest = Span { start: at, end: list.end };
            if !items.is_empty() || !is_blank(&mut window, rest)? {
                items.push(Piece::Keep(rest));
            }
            break;
        };
        match edits.get(&item.body.start) {
            Some(Some(value)) => items.push(Piece::New(riff::chunk(item.id, value)?)),
            Some(None) => {}
            None => {
                items.push(Piece::Keep(item.span));
                if item.span.len() % 2 == 1 {
                    items.push(Piece::New(vec![0]));
                }
            }
        }
        at = item.span.end;
    }
    let size: u64 = items.iter().map(Piece::len).sum();
    if size == 0 {
        return Ok(Vec::new());
    }
    let mut pieces = vec![Piece::New(riff::head(*b"LIST", size + 4)?)];
    pieces.push(Piece::Keep(Span { start: list.start, end: list.start + 4 }));
    pieces.extend(items);
    if size % 2 == 1 {
        pieces.push(Piece::New(vec![0]));
    }
    Ok(pieces)
}
