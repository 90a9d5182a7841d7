//! Sound before and after that of an MP4 file: packets in media boxes of their own, and tables and durations that count them in.
//! The media that are there stay the same bytes.

use super::chapters;
use super::coding::Coding;
use super::offsets::{number, of};
use super::parse::Parser;
use super::patch::{Patches, Shifts, growth};
use super::samples::{Samples, word};
use super::trimmed::Trimmed;
use super::walk::Walk;
use crate::boxes::{BoxSize, IsoBox};
use crate::{Ends, Piece, Sound};
use indicia_core::{FormatError, Limits, Source, Span};

/// Frames that are looked at for what they replicate.
const LOOKED_AT: usize = 4;

/// Says how the file reads with sound before and after its own, its metadata untouched.
///
/// # Errors
/// For any other file than one track of ALAC, or AAC of low complexity, of one or two channels, not in fragments; and if a table is
/// broken.
pub(super) fn extend(
    source: &dyn Source,
    ends: &Ends<Sound>,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let mut parser = Parser::read(source, limits)?;
    let (track, coding, mut samples) = Track::with_samples(&mut parser, source, limits)?;
    let frame = coding.frame();
    let rate = number(&parser.walk.window.array::<4>(track.media_header.scale)?);
    let mut sounds = [&ends.start, &ends.end].into_iter().flatten();
    if sounds.any(|sound| u64::from(sound.rate) != rate || sound.channels != coding.channels()) {
        let what = "new sound in an MP4 file that counts its time otherwise than its values";
        return Err(FormatError::unsupported(track.media_header.scale, what));
    }
    let trimmed = Trimmed::read(&mut parser, &track, &samples, rate)?;
    let before = ends.start.as_ref().map(|sound| coding.before(sound, trimmed.start)).transpose()?;
    let after = ends.end.as_ref().map(|sound| coding.after(sound, trimmed.end)).transpose()?;
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let longer = if after.is_empty() || coding.counts_its_values() { 0 } else { samples.complete() };
    let added = (before.len() + after.len()) as u64 * u64::from(frame) + longer;
    let mut patches = Patches::default();
    trimmed.grow(&mut parser, &track, added, rate, &mut patches)?;
    chapters::shift(&mut parser, before.len() as u64 * u64::from(frame), rate, &mut patches)?;
    for (one, body) in samples.extended(&lengths(&before)?, &lengths(&after)?)? {
        patches.put(one.span, boxed(one.kind, &body)?, &track.chain);
    }
    if let Some((span, bytes)) = coding.longest(before.iter().chain(&after)) {
        patches.put(span, bytes, &[]);
    }
    // In the order in which it is played, for those who play while they load.
    if !before.is_empty() {
        patches.insert(track.media, boxed(*b"mdat", &before.concat())?, &[]);
    }
    places(source.size(), &samples, &track, (&before, &after), &mut patches)?;
    if !after.is_empty() {
        patches.insert(source.size(), boxed(*b"mdat", &after.concat())?, &[]);
    }
    patches.pieces(source.size())
}

fn lengths(frames: &[Vec<u8>]) -> Result<Vec<u32>, FormatError> {
    frames.iter().map(|frame| word(frame.len()).map(u32::from_be_bytes)).collect()
}

/// Puts the table of places anew: the chunks move by what the boxes before them grow, and the new ones stand before and behind.
fn places(
    size: u64,
    samples: &Samples,
    track: &Track,
    (before, after): (&[Vec<u8>], &[Vec<u8>]),
    patches: &mut Patches,
) -> Result<(), FormatError> {
    chunk_places(samples, track, patches, |shifts| {
        let mut all = Vec::new();
        if !before.is_empty() {
            let len: usize = before.iter().map(Vec::len).sum();
            all.push(shifts.moved(track.media)?.saturating_sub(len as u64));
        }
        for chunk in &samples.starts {
            all.push(shifts.moved(*chunk)?);
        }
        if !after.is_empty() {
            all.push(shifts.moved(size)? + 8);
        }
        Ok(all)
    })
}

/// Puts the table of places anew, with what is said for where the bytes of the file go; a table of long ones if they need it.
pub(super) fn chunk_places(
    samples: &Samples,
    track: &Track,
    patches: &mut Patches,
    places: impl Fn(&Shifts) -> Result<Vec<u64>, FormatError>,
) -> Result<(), FormatError> {
    let one = samples.places;
    let widths = [(*b"stco", 4), (*b"co64", 8)];
    for (kind, width) in widths.into_iter().filter(|(kind, _)| *kind == *b"co64" || *kind == one.kind) {
        let mut shifts: Shifts = patches.shifts();
        let count = places(&shifts)?.len();
        shifts.add(one.span, growth(16 + (count * width) as u64, one.span.len()));
        let all = places(&shifts)?;
        if width == 4 && all.iter().any(|place| *place > u64::from(u32::MAX)) {
            continue;
        }
        let entries = all.iter().flat_map(|place| place.to_be_bytes().into_iter().skip(8 - width));
        let body: Vec<u8> = [[0; 4], word(count)?].concat().into_iter().chain(entries).collect();
        patches.put(one.span, boxed(kind, &body)?, &track.chain);
        return Ok(());
    }
    Err(FormatError::malformed(one.span.start, "places of media"))
}

/// A box with a scale of time and a duration: where these stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) scale: u64,
    pub(super) duration: Span,
}

impl Header {
    /// Of `mvhd` and `mdhd` (ISO/IEC 14496-12, 8.2.2 and 8.4.2).
    fn read(walk: &mut Walk<'_>, one: IsoBox) -> Result<Self, FormatError> {
        let at = one.body.start;
        let [version, ..]: [u8; 4] = walk.window.array(at)?;
        let (scale, wide) = if version == 1 { (20, 8) } else { (12, 4) };
        let start = at + scale + 4;
        Ok(Self { scale: at + scale, duration: Span { start, end: start + wide } })
    }
}

/// The only track of a file.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) movie_header: Header,
    /// Where its duration stands, in the movie's scale (8.3.2).
    pub(super) duration: Span,
    pub(super) media_header: Header,
    pub(super) edits: Option<IsoBox>,
    /// Where the first media box starts.
    media: u64,
    pub(super) tables: IsoBox,
    /// The boxes around its tables, and they themselves.
    pub(super) chain: Vec<IsoBox>,
}

impl Track {
    /// Reads the only track of a file, how it is coded, and the tables of its samples.
    ///
    /// # Errors
    /// As [`extend`].
    pub(super) fn with_samples(
        parser: &mut Parser<'_>,
        source: &dyn Source,
        limits: &Limits,
    ) -> Result<(Self, Coding, Samples), FormatError> {
        if let Some(damage) = &parser.layout.damage {
            return Err(damage.clone());
        }
        let track = Self::read(parser)?;
        let coding = Coding::read(&mut parser.walk, source, track.tables, limits)?;
        let samples = Samples::read(source, &mut parser.walk, track.tables, coding.frame(), limits)?;
        let first = samples.first(LOOKED_AT).into_iter().map(|span| limits.take(source, span));
        coding.check(&first.collect::<Result<Vec<_>, _>>()?)?;
        Ok((track, coding, samples))
    }

    fn read(parser: &mut Parser<'_>) -> Result<Self, FormatError> {
        let refused = |at, what| Err(FormatError::unsupported(at, what));
        let segments = &parser.layout.segments;
        let last = segments.last().map_or(0, |last| last.span.start);
        if segments.iter().any(|one| one.name == *b"moof" || one.name == *b"sidx") {
            return refused(
                0,
                "new sound in an MP4 file in fragments: `ffmpeg -i IN -c copy OUT` makes it one",
            );
        }
        if parser.has_locations {
            return refused(0, "new sound in an MP4 file with an iloc box");
        }
        let media_box = segments.iter().find(|one| one.name == *b"mdat").map(|one| one.span.start);
        let Some(moov) = parser.moov.as_ref().map(|moov| moov.boxed) else {
            return Err(FormatError::malformed(0, "no moov box"));
        };
        let walk = &mut parser.walk;
        if IsoBox::read(&mut walk.window, last, parser.source.size())?.size == BoxSize::ToEnd {
            return refused(last, "new sound behind a box without a size");
        }
        let only = |walk: &mut Walk<'_>, within: IsoBox, kind: &[u8; 4]| {
            let all: Vec<_> = of(walk.children(within.body)?, kind).collect();
            let at = within.span.start;
            let [one] = *all.as_slice() else {
                return Err(FormatError::unsupported(
                    at,
                    "new sound in an MP4 file with other tracks than one",
                ));
            };
            Ok(one)
        };
        let movie_header = only(walk, moov, b"mvhd")?;
        let movie_header = Header::read(walk, movie_header)?;
        let track = only(walk, moov, b"trak")?;
        let head = only(walk, track, b"tkhd")?.body.start;
        let [version, ..]: [u8; 4] = walk.window.array(head)?;
        let duration = if version == 1 { (28, 8) } else { (20, 4) };
        let duration = Span { start: head + duration.0, end: head + duration.0 + duration.1 };
        let media = only(walk, track, b"mdia")?;
        let media_header = only(walk, media, b"mdhd")?;
        let media_header = Header::read(walk, media_header)?;
        let info = only(walk, media, b"minf")?;
        let tables = only(walk, info, b"stbl")?;
        let edits = of(walk.children(track.body)?, b"edts").next();
        let edits = match edits {
            Some(edits) => of(walk.children(edits.body)?, b"elst").next(),
            None => None,
        };
        let chain = vec![moov, track, media, info, tables];
        let media = media_box.ok_or(FormatError::malformed(0, "no media box"))?;
        Ok(Self { movie_header, duration, media_header, edits, media, tables, chain })
    }
}

pub(super) fn boxed(kind: [u8; 4], body: &[u8]) -> Result<Vec<u8>, FormatError> {
    Ok([&word(body.len() + 8)?[..], &kind, body].concat())
}
