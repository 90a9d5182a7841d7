//! The places that SeekHead, Cues and Clusters tell of, set anew when what they tell of has moved.

use super::element::{self, Element, HEADER, Header};
use super::id;
use crate::Piece;
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// A place that is written in an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// The body of the element.
    pub(super) site: Span,
    /// The place, counted from the start of the Segment's body.
    pub(super) value: u64,
}

/// The places written in SeekHead or Cues.
///
/// # Errors
/// If it cannot be read, or is longer than [`Limits::block`].
pub(super) fn positions(
    source: &dyn Source,
    element: Element,
    limits: &Limits,
) -> Result<Vec<Position>, FormatError> {
    if element.span.len() > limits.block {
        let problem = Problem::OverLimit { what: "bytes in one index", limit: limits.block };
        return Err(FormatError::new(element.span.start, problem));
    }
    let mut window = Window::new(source);
    let mut found = Vec::new();
    // Index elements nest four deep; what is deeper is none.
    let mut open = vec![element];
    while let Some(master) = open.pop() {
        for child in master.children(&mut window, limits)? {
            if id::is_position(child.id) {
                found.push(Position { site: child.body, value: child.number(&mut window)? });
            } else if id::is_master(child.id) {
                open.push(child);
            }
        }
    }
    Ok(found)
}

/// Whether a SeekHead tells of an element.
///
/// # Errors
/// If it cannot be read.
pub(super) fn tells_of(
    source: &dyn Source,
    seek_head: Element,
    wanted: u32,
    limits: &Limits,
) -> Result<bool, FormatError> {
    let mut window = Window::new(source);
    for seek in seek_head.children(&mut window, limits)? {
        if seek.id != id::SEEK {
            continue;
        }
        for child in seek.children(&mut window, limits)? {
            if child.id == id::SEEK_ID && child.number(&mut window)? == u64::from(wanted) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// An entry of a SeekHead; its place is written in eight bytes, so that it always fits.
pub(super) fn seek(wanted: u32, position: u64) -> Vec<u8> {
    let name = element::element(id::SEEK_ID, &element::number(u64::from(wanted), 4));
    let place = element::element(id::SEEK_POSITION, &element::number(position, 8));
    element::element(id::SEEK, &[name, place].concat())
}

/// A Cluster that moves, with its own place in it set anew if it tells that.
///
/// # Errors
/// If it cannot be read; [`Problem::Unsupported`] if its place has no room.
pub(super) fn moved_cluster(
    source: &dyn Source,
    span: Span,
    position: u64,
) -> Result<Vec<Piece>, FormatError> {
    let mut window = Window::new(source);
    let cluster = Header::read(window.up_to(span.start, HEADER)?, span.start)?;
    let mut at = span.start + cluster.len as u64;
    // Its place stands before the blocks, beside few others.
    for _ in 0..8 {
        if at >= span.end {
            break;
        }
        let child = Element::closed(&mut window, at, span.end)?;
        if child.id == id::CLUSTER_POSITION {
            let width = usize::try_from(child.body.len()).unwrap_or(0);
            let place = element::number(position, width);
            // Zero tells of a place that nobody knew, in streams.
            if child.number(&mut window)? == 0 {
                break;
            }
            if place.len() != width {
                let what = "moving a Cluster whose place in the file has no room to be set anew";
                return Err(FormatError::unsupported(at, what));
            }
            let (start, end) = (child.body.start, child.body.end);
            return Ok(vec![
                Piece::Keep(Span { start: span.start, end: start }),
                Piece::New(place),
                Piece::Keep(Span { start: end, end: span.end }),
            ]);
        }
        at = child.span.end;
    }
    Ok(vec![Piece::Keep(span)])
}

/// Too many rounds until all places fit where they are written.
pub(super) fn unsettled() -> FormatError {
    FormatError::new(0, Problem::Unsupported("an index whose places do not settle"))
}
