//! The sound of an AIFF file, decoded block by block.

use super::chunks::chunk;
use super::format::AiffFormat;
use crate::annex::AnnexWriter;
use crate::filter::Recoder;
use crate::riff::{Chunk, HEADER};
use crate::sound_frames::read_frames;
use crate::{Filter, Layout, Role, SoundFacts, SoundStream};
use indicia_core::{FormatError, Source, Span, Window};

/// Where the sound is and how it is coded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aiff {
    pub(super) format: AiffFormat,
    /// The `SSND` chunk.
    pub(super) chunk: Chunk,
    /// The frames in it.
    pub(super) data: Span,
}

impl Aiff {
    /// Reads the headers that describe the sound.
    ///
    /// # Errors
    /// If the `COMM` or `SSND` chunk is missing or cannot be read: with the file's damage, if that is why.
    pub(super) fn read(source: &dyn Source, layout: &Layout) -> Result<Self, FormatError> {
        let mut window = Window::new(source);
        let compressed = window.array::<4>(HEADER)? == *b"AIFC";
        let mut find = |id: &[u8; 4], what| {
            let found = layout.segments.iter().find(|part| part.name == *id && part.role != Role::Unknown);
            let missing =
                || layout.damage.clone().unwrap_or_else(|| FormatError::malformed(source.size(), what));
            chunk(&mut window, found.ok_or_else(missing)?.span.start)
        };
        let common = find(b"COMM", "no COMM chunk")?;
        let chunk = find(b"SSND", "no SSND chunk")?;
        let format = AiffFormat::read(&mut window, common, compressed)?;
        let at = chunk.body.start;
        let broken = FormatError::malformed(at, "the offset in an SSND chunk");
        if chunk.body.len() < 8 {
            return Err(broken);
        }
        // Bytes may stand before the first frame, for discs that are written block by block.
        let start = at + 8 + u64::from(u32::from_be_bytes(window.array(at)?));
        let room = chunk.body.end.checked_sub(start).ok_or(broken)?;
        let frames = u64::from(format.frames).min(room / format.frame);
        let data = Span { start, end: start + frames * format.frame };
        Ok(Self { format, chunk, data })
    }

    /// What a filter makes of the samples, coded as they were.
    ///
    /// # Errors
    /// If they cannot be read, or the filter or the system says so.
    pub(super) fn changed(&self, source: &dyn Source, filter: &Filter) -> Result<AnnexWriter, FormatError> {
        let mut recoder = Recoder::new(filter.begin(self.facts())?, self.format.coding);
        let mut annex = AnnexWriter::new()?;
        let (mut rest, mut block, mut out) = (self.data, Vec::new(), Vec::new());
        let mut write = |out: &mut Vec<u8>| {
            self.format.swap(out);
            annex.write(out)?;
            out.clear();
            Ok(())
        };
        while read_frames(source, &mut rest, self.format.frame, &mut block)? {
            self.format.swap(&mut block);
            recoder.push(&block, &mut out)?;
            write(&mut out)?;
        }
        recoder.finish(&mut out)?;
        write(&mut out)?;
        Ok(annex)
    }

    fn facts(&self) -> SoundFacts {
        let frames = self.data.len().checked_div(self.format.frame);
        SoundFacts { rate: self.format.rate, channels: self.format.channels, frames }
    }
}

/// Rate, channels and length.
///
/// # Errors
/// If the headers are broken, or the sound is coded in a way that is not read here.
pub(crate) fn facts(source: &dyn Source, layout: &Layout) -> Result<SoundFacts, FormatError> {
    Aiff::read(source, layout).map(|aiff| aiff.facts())
}

/// Opens the sound for decoding.
///
/// # Errors
/// As [`facts`].
pub(crate) fn open<'a>(
    source: &'a dyn Source,
    layout: &Layout,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    let aiff = Aiff::read(source, layout)?;
    Ok(Box::new(Stream { source, aiff, rest: aiff.data, bytes: Vec::new() }))
}

/// Sound being decoded.
struct Stream<'a> {
    source: &'a dyn Source,
    aiff: Aiff,
    rest: Span,
    bytes: Vec<u8>,
}

impl SoundStream for Stream<'_> {
    fn facts(&self) -> SoundFacts {
        self.aiff.facts()
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        let more = read_frames(self.source, &mut self.rest, self.aiff.format.frame, &mut self.bytes)?;
        if more {
            self.aiff.format.decode(&mut self.bytes, block);
        }
        Ok(more)
    }
}
