//! Where the first coded picture of a Matroska file stands, and what its encoder wrote beside it.

use super::element::{Element, HEADER, Header};
use super::id;
use crate::sei::{self, Coded, Coding, Units};
use crate::{Layout, Messages};
use indicia_core::{FormatError, Limits, Source, Span, Window};

/// Blocks of other tracks that are passed over before the first picture.
const PASSED: usize = 256;

/// What stands beside the first picture of the first track of pictures.
///
/// # Errors
/// If the first picture cannot be found, or its coding is not known here.
pub(crate) fn messages(
    source: &dyn Source,
    layout: &Layout,
    limits: &Limits,
) -> Result<Messages, FormatError> {
    let mut window = Window::new(source);
    let named = |name: &[u8; 4]| layout.segments.iter().find(|segment| segment.name == *name);
    let missing = |what| FormatError::unsupported(0, what);
    let tracks = named(b"Trac").ok_or(missing("a file that does not say what its tracks are"))?.span;
    let tracks = Element::closed(&mut window, tracks.start, tracks.end)?;
    let Some((number, coding, width)) = track(&mut window, tracks, limits)? else {
        return Ok(Messages::NoPlace);
    };
    let cluster = named(b"Clus").ok_or(missing("a file without media"))?.span;
    let header = Header::read(window.up_to(cluster.start, HEADER)?, cluster.start)?;
    let list = Span { start: cluster.start + header.len as u64, end: cluster.end };
    let span = first_block(&mut window, list, number)?;
    sei::messages(source, Coded { coding, units: Units::Lengths(width), span }, limits).map(Messages::First)
}

/// Number, coding and width of lengths of the first track of pictures; `None` if there is none, or its coding has no
/// place for messages.
fn track(
    window: &mut Window<'_>,
    tracks: Element,
    limits: &Limits,
) -> Result<Option<(u64, Coding, usize)>, FormatError> {
    for entry in tracks.children(window, limits)?.into_iter().filter(|one| one.id == id::TRACK_ENTRY) {
        let parts = entry.children(window, limits)?;
        let part = |id| parts.iter().find(|part| part.id == id).copied();
        let (Some(kind), Some(number)) = (part(id::TRACK_TYPE), part(id::TRACK_NUMBER)) else { continue };
        if kind.number(window)? != 1 {
            continue;
        }
        let unknown = || FormatError::unsupported(entry.span.start, "this coding of pictures");
        let codec = part(id::CODEC_ID).ok_or_else(unknown)?.body;
        let codec = window.up_to(codec.start, usize::try_from(codec.len()).unwrap_or(32).min(32))?;
        // Where the private data tell the width of lengths (RFC 9559, 27.1; ISO/IEC 14496-15).
        let (coding, at) = match codec.trim_ascii_end() {
            b"V_MPEG4/ISO/AVC" => (Coding::Avc, 4),
            b"V_MPEGH/ISO/HEVC" => (Coding::Hevc, 21),
            b"V_VP8" | b"V_VP9" => return Ok(None),
            _ => return Err(unknown()),
        };
        if part(id::CONTENT_ENCODINGS).is_some() {
            return Err(FormatError::unsupported(entry.span.start, "pictures that are coded once more"));
        }
        let private = part(id::CODEC_PRIVATE).filter(|private| private.body.len() > at);
        let private = private.ok_or_else(unknown)?;
        let [bits] = window.array(private.body.start + at)?;
        return Ok(Some((number.number(window)?, coding, usize::from(bits & 3) + 1)));
    }
    Ok(None)
}

/// The first block of a track in a Cluster, without its header.
fn first_block(window: &mut Window<'_>, list: Span, track: u64) -> Result<Span, FormatError> {
    let mut at = list.start;
    for _ in 0..PASSED {
        if at >= list.end {
            break;
        }
        let one = Element::read(window, at, list.end)?;
        at = match one.id {
            // The blocks stand among what stands beside a group of them.
            id::BLOCK_GROUP => one.body.start,
            _ => one.span.end,
        };
        if !matches!(one.id, id::SIMPLE_BLOCK | id::BLOCK) {
            continue;
        }
        // Number of the track, time, flags (RFC 9559, 10.1).
        let head = window.up_to(one.body.start, 11)?;
        let width = head.first().map_or(0, |first| first.leading_zeros() as usize + 1);
        let marked = head.get(..width).unwrap_or_default();
        let value = marked.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let flags = head.get(width + 2).copied();
        let Some(flags) = flags.filter(|_| (1..=8).contains(&width)) else {
            return Err(FormatError::malformed(one.span.start, "a block without a header"));
        };
        if value & !(1 << (7 * width)) != track {
            continue;
        }
        if flags & 0x06 != 0 {
            return Err(FormatError::unsupported(one.span.start, "pictures that share a block"));
        }
        let start = one.body.start + width as u64 + 3;
        return Some(Span { start, end: one.body.end })
            .filter(|span| span.start <= span.end)
            .ok_or(FormatError::malformed(one.span.start, "a block without a header"));
    }
    Err(FormatError::unsupported(list.start, "a first Cluster without a picture near its start"))
}
