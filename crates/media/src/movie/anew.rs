//! All packets of the sound of an MP4 file coded anew, because a filter changes it: as many as there were, in the same chunks, so that
//! only their lengths and their places change.

use super::coding::Coding;
use super::notice::{Track, boxed, chunk_places};
use super::parse::Parser;
use super::patch::Patches;
use super::samples::Samples;
use super::sound::open;
use crate::aac_frames;
use crate::annex::AnnexWriter;
use crate::{Annex, Filter, Layout, Piece, riff};
use indicia_core::{FormatError, Limits, Source, Span};

/// Bytes of the header of a media box with a long size.
const HEADER: u64 = 16;

/// Refuses files whose packets cannot be coded anew.
///
/// # Errors
/// [`indicia_core::Problem::Unsupported`] for all but one track of AAC of low complexity, of one or two channels, not in fragments.
pub(crate) fn changeable(source: &dyn Source, limits: &Limits) -> Result<(), FormatError> {
    let mut parser = Parser::read(source, limits)?;
    read(&mut parser, source, limits).map(|_| ())
}

fn read(
    parser: &mut Parser<'_>,
    source: &dyn Source,
    limits: &Limits,
) -> Result<(Track, Samples), FormatError> {
    let (track, coding, samples) = Track::with_samples(parser, source, limits)?;
    match coding {
        Coding::Aac(_) => Ok((track, samples)),
        Coding::Alac(..) => Err(FormatError::unsupported(
            track.tables.span.start,
            "changed sound in ALAC, which this program does not code: `ffmpeg -i IN -c:a flac OUT.flac` makes a file of it that keeps \
             every sample and takes the change",
        )),
    }
}

/// The file with its sound changed and coded anew.
///
/// # Errors
/// As [`changeable`]; and if a table is broken, or the sound cannot be decoded, changed or coded.
pub(super) fn coded(
    source: &dyn Source,
    layout: &Layout,
    filter: &Filter,
    annex: &Annex,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let mut parser = Parser::read(source, limits)?;
    let (track, samples) = read(&mut parser, source, limits)?;
    let counts = samples.counts()?;
    let mut new = AnnexWriter::new()?;
    let mut lengths = Vec::new();
    let mut stream = open(source, layout, limits)?;
    let count = samples.lengths.len() as u64;
    let all: u64 = samples.lengths.iter().map(|len| u64::from(*len)).sum();
    aac_frames::coded_anew(&mut *stream, filter, count, all / count.max(1), |packet| {
        lengths.push(u32::try_from(packet.len()).unwrap_or(u32::MAX));
        new.write(packet)
    })?;
    let body: u64 = lengths.iter().map(|len| u64::from(*len)).sum();
    let media: Vec<Span> =
        parser.layout.segments.iter().filter(|one| one.name == *b"mdat").map(|one| one.span).collect();
    let Some((first, others)) = media.split_first() else {
        return Err(FormatError::malformed(0, "no media box"));
    };
    let mut patches = Patches::default();
    let header = [&1_u32.to_be_bytes()[..], b"mdat", &(HEADER + body).to_be_bytes()].concat();
    patches.put(*first, header, &[]);
    others.iter().for_each(|one| patches.put(*one, Vec::new(), &[]));
    let sizes = lengths.iter().flat_map(|len| len.to_be_bytes());
    let words = [0, 0, u32::try_from(lengths.len()).unwrap_or(u32::MAX)].map(u32::to_be_bytes).concat();
    let sizes: Vec<u8> = words.into_iter().chain(sizes).collect();
    patches.put(samples.sizes.span, boxed(*b"stsz", &sizes)?, &track.chain);
    // Where each chunk starts, from the first packet on.
    let mut left = lengths.iter();
    let mut start = 0;
    let chunks = counts.iter().map(|count| {
        let len: u64 = left.by_ref().take(*count).map(|len| u64::from(*len)).sum();
        start += len;
        start - len
    });
    let chunks: Vec<u64> = chunks.collect();
    chunk_places(&samples, &track, &mut patches, |shifts| {
        let from = first.start.checked_add_signed(shifts.at(first.start)).map(|start| start + HEADER);
        let from = from.ok_or(FormatError::malformed(first.start, "a place past the end of any file"))?;
        Ok(chunks.iter().map(|chunk| from + chunk).collect())
    })?;
    let place = first.start.checked_add_signed(patches.shifts().at(first.start)).map(|start| start + HEADER);
    let kept = annex.keep(new, source.size())?;
    Ok(put_in(patches.pieces(source.size())?, place.unwrap_or(u64::MAX), Piece::Keep(kept)))
}

/// Pieces with one more at a place.
fn put_in(pieces: Vec<Piece>, place: u64, new: Piece) -> Vec<Piece> {
    let (mut all, mut at, mut new) = (Vec::new(), 0, Some(new));
    for piece in pieces {
        let (start, end) = (at, at + piece.len());
        at = end;
        if new.is_none() || !(start..=end).contains(&place) {
            all.push(piece);
            continue;
        }
        let (first, second) = match piece {
            Piece::Keep(span) => {
                let middle = span.start + (place - start);
                (
                    Piece::Keep(Span { start: span.start, end: middle }),
                    Piece::Keep(Span { start: middle, end: span.end }),
                )
            }
            Piece::New(bytes) => {
                let (first, second) =
                    bytes.split_at(usize::try_from(place - start).unwrap_or(0).min(bytes.len()));
                (Piece::New(first.to_vec()), Piece::New(second.to_vec()))
            }
        };
        all.extend([Some(first), new.take(), Some(second)].into_iter().flatten());
    }
    riff::joined(all)
}
