//! All sound of a Vorbis file coded anew, with what is put before and after it: at the nominal bit rate that the file tells.
//!
//! Vorbis packets are coded with tables that stand in a header of the file, each coder's its own. So a notice cannot stand beside
//! packets that are there, but in a chained stream, of which some players play the first alone.

use std::io::{self, Write};
use std::num::{NonZeroU8, NonZeroU32};
use std::sync::{Arc, Mutex, PoisonError};

use super::decode::open;
use super::extents::Extents;
use super::headers::Link;
use super::page::{Page, lacing};
use super::splice::paginate;
use crate::anew::play;
use crate::annex::AnnexWriter;
use crate::{Annex, Ends, Filter, Piece, Sound, SoundFacts};
use indicia_core::{FormatError, Limits, Source, Span, Window};
use vorbis_rs::{VorbisBitrateManagementStrategy, VorbisEncoder, VorbisEncoderBuilder};

/// Values a channel that are coded at once.
const BLOCK: usize = 4_096;
/// Where the identification header tells the nominal bit rate (Vorbis I, 4.2.2).
const NOMINAL: std::ops::Range<usize> = 20..24;

/// Refuses files whose sound cannot be coded anew.
///
/// # Errors
/// [`indicia_core::Problem::Unsupported`] for more than two channels.
pub(super) fn check(source: &dyn Source, limits: &Limits) -> Result<SoundFacts, FormatError> {
    let facts = open(source, limits)?.facts();
    if facts.channels > 2 {
        return Err(FormatError::unsupported(0, "new sound in a Vorbis file of more than two channels"));
    }
    Ok(facts)
}

/// The file with its sound changed, sound around it, and all of it coded anew.
///
/// # Errors
/// As [`check`]; and if the sound cannot be decoded, changed or coded.
pub(super) fn coded(
    source: &dyn Source,
    link: &Link,
    filter: Option<&Filter>,
    around: &Ends<Sound>,
    annex: &Annex,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let facts = check(source, limits)?;
    let sounds = [&around.start, &around.end];
    if sounds.into_iter().flatten().any(|sound| (sound.rate, sound.channels) != (facts.rate, facts.channels))
    {
        return Err(FormatError::malformed(0, "sound of another rate or other channels than the file"));
    }
    let broken = || FormatError::malformed(0, "the headers of a Vorbis stream");
    let first = link.pages.first().ok_or_else(broken)?;
    let head = first.checked_body(source)?;
    let pages = Pages::new()?;
    let mut coder = Coder::new(&facts, bit_rate(&head, link, &facts), first.serial, pages.clone())?;
    // The headers come before the first sound.
    let [new_head, _, setup] = pages.headers().ok_or_else(broken)?;
    let extents = Extents::new(source, &link.parts);
    let comments = limits.take(&extents, Span { start: 0, end: extents.size() })?;
    let old: Vec<&Page> = link.own.iter().filter_map(|at| link.pages.get(*at)).collect();
    let laces = [lacing(comments.len()), lacing(setup.len())].concat();
    let headers = paginate(&old, &laces, &[comments, setup].concat());
    let count = u32::try_from(headers.len()).unwrap_or(u32::MAX);
    pages.begin(old.first().map_or(1, |page| page.sequence).wrapping_add(count));
    let mut sound = open(source, limits)?;
    let values = |sound: &Option<Sound>| sound.as_ref().map(|sound| sound.values.clone()).unwrap_or_default();
    coder.push(&values(&around.start))?;
    play(&mut *sound, filter, |values| coder.push(values))?;
    coder.push(&values(&around.end))?;
    coder.finish()?;
    let new_first = Page { lacing: lacing(new_head.len()), ..first.clone() };
    let mut pieces = vec![Piece::New(new_first.header(&new_head)), Piece::New(new_head)];
    pieces.extend(headers.into_iter().map(Piece::New));
    pieces.push(Piece::Keep(annex.keep(pages.finish()?, source.size())?));
    pieces.push(Piece::Keep(Span { start: link.rest.end, end: source.size() }));
    Ok(pieces)
}

/// The nominal bit rate that the header tells, or else the average.
fn bit_rate(head: &[u8], link: &Link, facts: &SoundFacts) -> u32 {
    let nominal =
        head.get(NOMINAL).and_then(|bytes| bytes.first_chunk()).map(|bytes| i32::from_le_bytes(*bytes));
    let average = || {
        let frames = facts.frames.unwrap_or(0).max(1);
        u32::try_from(link.rest.len().saturating_mul(8 * u64::from(facts.rate)) / frames).unwrap_or(u32::MAX)
    };
    nominal.and_then(|rate| u32::try_from(rate).ok()).filter(|rate| *rate > 0).unwrap_or_else(average)
}

/// Codes sound as it comes.
struct Coder {
    encoder: VorbisEncoder<Pages>,
    channels: usize,
}

impl Coder {
    fn new(facts: &SoundFacts, bit_rate: u32, serial: u32, pages: Pages) -> Result<Self, FormatError> {
        let refused = || FormatError::unsupported(0, "new sound in Vorbis of this rate and bit rate");
        let channels = u8::try_from(facts.channels).ok().and_then(NonZeroU8::new).ok_or_else(refused)?;
        let rate = NonZeroU32::new(facts.rate).ok_or_else(refused)?;
        let target_bitrate = NonZeroU32::new(bit_rate).ok_or_else(refused)?;
        let mut builder = VorbisEncoderBuilder::new_with_serial(rate, channels, pages, serial.cast_signed());
        builder.bitrate_management_strategy(VorbisBitrateManagementStrategy::Vbr { target_bitrate });
        let encoder = builder.build().map_err(|_| refused())?;
        Ok(Self { encoder, channels: usize::from(facts.channels) })
    }

    fn push(&mut self, values: &[f32]) -> Result<(), FormatError> {
        for block in values.chunks(BLOCK * self.channels) {
            let plane = |channel: usize| block.iter().skip(channel).step_by(self.channels).copied();
            let planes: Vec<Vec<f32>> = (0..self.channels).map(|channel| plane(channel).collect()).collect();
            let failed = |_| FormatError::unsupported(0, "sound that Vorbis cannot code");
            self.encoder.encode_audio_block(&planes).map_err(failed)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), FormatError> {
        let failed = |_| FormatError::unsupported(0, "sound that Vorbis cannot code");
        self.encoder.finish().map(|_| ()).map_err(failed)
    }
}

/// Pages as the coder writes them: the headers are held, the others numbered anew and kept.
#[derive(Clone)]
struct Pages(Arc<Mutex<Taken>>);

struct Taken {
    /// Bytes of a page that is not whole yet.
    bytes: Vec<u8>,
    headers: Vec<Vec<u8>>,
    sequence: u32,
    annex: AnnexWriter,
}

impl Pages {
    fn new() -> Result<Self, FormatError> {
        let taken =
            Taken { bytes: Vec::new(), headers: vec![Vec::new()], sequence: 0, annex: AnnexWriter::new()? };
        Ok(Self(Arc::new(Mutex::new(taken))))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Taken) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The packets of the headers: identification, comments, setup.
    fn headers(&self) -> Option<[Vec<u8>; 3]> {
        self.with(|taken| taken.headers.first_chunk().cloned())
    }

    /// Numbers pages of sound from here on.
    fn begin(&self, sequence: u32) {
        self.with(|taken| taken.sequence = sequence);
    }

    fn finish(&self) -> Result<AnnexWriter, FormatError> {
        let empty = AnnexWriter::new()?;
        Ok(self.with(|taken| std::mem::replace(&mut taken.annex, empty)))
    }
}

impl Write for Pages {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|taken| {
            taken.bytes.extend_from_slice(bytes);
            taken.take().map(|()| bytes.len())
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Taken {
    /// Takes all whole pages.
    fn take(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        let (mut window, mut at) = (Window::new(&bytes), 0);
        while let Ok(mut page) = Page::read(&mut window, at) {
            at = page.span.end;
            let range = |span: Span| usize::try_from(span.start).ok()..usize::try_from(span.end).ok();
            let (Some(from), Some(to)) = (range(page.body).start, range(page.body).end) else { break };
            let body = bytes.get(from..to).unwrap_or_default();
            // Three packets, and none that is begun.
            if self.headers.len() < 4 {
                self.header(&page, body);
                continue;
            }
            page.sequence = self.sequence;
            self.sequence = self.sequence.wrapping_add(1);
            let failed = |_| io::Error::from(io::ErrorKind::WriteZero);
            self.annex.write(&page.header(body)).map_err(failed)?;
            self.annex.write(body).map_err(failed)?;
        }
        self.bytes = bytes.get(usize::try_from(at).unwrap_or(0)..).unwrap_or_default().to_vec();
        Ok(())
    }

    fn header(&mut self, page: &Page, body: &[u8]) {
        let mut at = 0;
        for len in &page.lacing {
            let len = usize::from(*len);
            if let Some(packet) = self.headers.last_mut() {
                packet.extend_from_slice(body.get(at..at + len).unwrap_or_default());
            }
            at += len;
            if len < 255 {
                self.headers.push(Vec::new());
            }
        }
    }
}
