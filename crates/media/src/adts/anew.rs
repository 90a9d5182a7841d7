//! All frames of an AAC file coded anew, because a filter changes the sound: as many frames as there were, of the same mean length.

use super::decode::open;
use super::header::{AdtsHeader, LONGEST};
use super::notice::plain;
use super::stream::Adts;
use crate::aac_frames;
use crate::annex::AnnexWriter;
use crate::{Annex, Filter, Piece};
use indicia_core::{FormatError, Limits, Source, Span, Window};

/// Refuses files whose frames cannot be coded anew.
///
/// # Errors
/// [`indicia_core::Problem::Unsupported`] for all but low complexity of one or two channels, without checksums.
pub(crate) fn changeable(source: &dyn Source, limits: &Limits) -> Result<(), FormatError> {
    plain(source, &Adts::read(source, limits)?).map(|_| ())
}

/// The file with its sound changed and coded anew.
///
/// # Errors
/// As [`changeable`]; and if the sound cannot be decoded, changed or coded.
pub(super) fn coded(
    source: &dyn Source,
    adts: &Adts,
    filter: &Filter,
    annex: &Annex,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let header = plain(source, adts)?;
    let frames = adts.frames;
    let count = count(source, frames, &header)?;
    let mut new = AnnexWriter::new()?;
    let mut stream = open(source, limits)?;
    aac_frames::coded_anew(&mut *stream, filter, count, frames.len() / count.max(1), |coded| {
        let long = FormatError::unsupported(frames.start, "an AAC frame of this length");
        new.write(&header.frame(coded).ok_or(long)?)
    })?;
    let all = source.size();
    Ok(vec![
        Piece::Keep(Span { start: 0, end: frames.start }),
        Piece::Keep(annex.keep(new, all)?),
        Piece::Keep(Span { start: frames.end, end: all }),
    ])
}

/// How many frames there are.
fn count(source: &dyn Source, frames: Span, like: &AdtsHeader) -> Result<u64, FormatError> {
    let mut window = Window::new(source);
    let (mut at, mut count) = (frames.start, 0);
    while at < frames.end {
        let near = usize::try_from(frames.end - at).unwrap_or(LONGEST).min(LONGEST);
        let next = AdtsHeader::at(window.up_to(at, near)?).filter(|next| next.goes_with(like));
        at += next.ok_or(FormatError::malformed(at, "an AAC frame"))?.len as u64;
        count += 1;
    }
    Ok(count)
}
