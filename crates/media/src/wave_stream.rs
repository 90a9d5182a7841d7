//! The sound of a WAVE file, decoded block by block.

use crate::annex::AnnexWriter;
use crate::filter::Recoder;
use crate::riff::Chunk;
use crate::sound_frames::read_frames;
use crate::wave_format::WaveFormat;
use crate::wave_sizes::Sizes;
use crate::{Filter, Layout, Role, SoundFacts, SoundStream};
use indicia_core::{FormatError, Source, Span, Window};

/// Where the sound is and how it is coded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wave {
    /// How it is coded.
    pub(crate) format: WaveFormat,
    /// The `data` chunk.
    pub(crate) data: Chunk,
}

impl Wave {
    /// Reads the headers that describe the sound.
    ///
    /// # Errors
    /// If the `fmt ` or `data` chunk is missing or cannot be read: with the file's damage, if that is why.
    pub(crate) fn read(source: &dyn Source, layout: &Layout) -> Result<Self, FormatError> {
        let mut window = Window::new(source);
        let sizes = Sizes::read(&mut window)?;
        let mut chunk = |id: &[u8; 4], what| {
            let found = layout.segments.iter().find(|part| part.name == *id && part.role != Role::Unknown);
            let missing =
                || layout.damage.clone().unwrap_or_else(|| FormatError::malformed(source.size(), what));
            sizes.chunk(&mut window, found.ok_or_else(missing)?.span.start)
        };
        let format = chunk(b"fmt ", "no fmt chunk")?;
        let data = chunk(b"data", "no data chunk")?;
        Ok(Self { format: WaveFormat::read(&mut window, format)?, data })
    }

    /// What a filter makes of these samples, coded as they were.
    ///
    /// # Errors
    /// If they cannot be read, or the filter or the system says so.
    pub(crate) fn changed(
        &self,
        source: &dyn Source,
        mut samples: Span,
        filter: &Filter,
    ) -> Result<AnnexWriter, FormatError> {
        let mut recoder = Recoder::new(filter.begin(self.facts())?, self.format.coding);
        let mut annex = AnnexWriter::new()?;
        let (mut block, mut out) = (Vec::new(), Vec::new());
        while read_frames(source, &mut samples, self.format.frame, &mut block)? {
            out.clear();
            recoder.push(&block, &mut out)?;
            annex.write(&out)?;
        }
        out.clear();
        recoder.finish(&mut out)?;
        annex.write(&out)?;
        Ok(annex)
    }

    /// What is known of the sound.
    pub(crate) fn facts(&self) -> SoundFacts {
        self.format.facts(self.data.body.len())
    }
}

/// A WAVE file being decoded.
pub(crate) struct WaveStream<'a> {
    source: &'a dyn Source,
    wave: Wave,
    rest: Span,
    bytes: Vec<u8>,
}

impl<'a> WaveStream<'a> {
    /// Starts at the first frame.
    pub(crate) fn new(source: &'a dyn Source, wave: Wave) -> Self {
        Self { source, wave, rest: wave.data.body, bytes: Vec::new() }
    }
}

impl SoundStream for WaveStream<'_> {
    fn facts(&self) -> SoundFacts {
        self.wave.facts()
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        let format = self.wave.format;
        let more = read_frames(self.source, &mut self.rest, format.frame, &mut self.bytes)?;
        if more {
            format.coding.decode(&self.bytes, block);
        }
        Ok(more)
    }
}
