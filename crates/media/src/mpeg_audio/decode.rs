use super::header::FrameHeader;
use super::info::Info;
use super::sync::{SIGHT, frames_at};
use crate::{Layout, Role, SoundFacts, SoundStream};
use indicia_core::{FormatError, Problem, Source, Span, Window};
use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::MpaDecoder;

/// Where the sound of a file stands and what its first frame says.
struct Opening {
    sound: Span,
    header: FrameHeader,
    frames: Option<u64>,
}

impl Opening {
    /// # Errors
    /// If no frame was found when the file was cut up.
    fn read(source: &dyn Source, layout: &Layout) -> Result<Self, FormatError> {
        let mut window = Window::new(source);
        let end = FormatError::malformed(source.size(), "no MPEG audio frame");
        let is_info = |name: &[u8; 4]| matches!(name, b"Xing" | b"Info" | b"VBRI");
        let info = layout.segments.iter().find(|one| is_info(&one.name)).map(|one| one.span);
        let sound = layout.segments.iter().find(|one| one.role == Role::Essence).map(|one| one.span);
        let first = info.or(sound).ok_or(end.clone())?;
        let header = FrameHeader::parse(window.array(first.start)?).ok_or(end)?;
        let told = match info {
            Some(span) => {
                let len = usize::try_from(span.len()).unwrap_or(SIGHT).min(SIGHT);
                Info::read(&header, window.up_to(span.start, len)?).and_then(|info| info.frames)
            }
            None => None,
        };
        let frames = told.map(|frames| u64::from(frames) * u64::from(header.samples()));
        let sound = sound.unwrap_or(Span { start: first.end, end: first.end });
        Ok(Self { sound, header, frames })
    }

    fn facts(&self) -> SoundFacts {
        SoundFacts { rate: self.header.rate, channels: self.header.channels(), frames: self.frames }
    }
}

/// Rate, channels and, where the first frame tells, length: all that the frames decode to, with what the
/// encoder put before and after the sound.
///
/// # Errors
/// If no frame was found when the file was cut up.
pub(crate) fn facts(source: &dyn Source, layout: &Layout) -> Result<SoundFacts, FormatError> {
    Opening::read(source, layout).map(|opening| opening.facts())
}

/// Opens the sound for decoding, frame by frame.
///
/// # Errors
/// [`Problem::Unsupported`] for Layer I, Layer II and free format.
pub(crate) fn open<'a>(
    source: &'a dyn Source,
    layout: &Layout,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    Ok(Box::new(Frames::open(source, layout)?))
}

/// How many frames a file has, and at which bit rates.
#[derive(Debug, Default)]
pub(crate) struct Census {
    pub(crate) frames: u64,
    /// The bit rate, where it is the same for all.
    pub(crate) constant: Option<u32>,
    /// The sum of the bit rates.
    sum: u64,
}

impl Census {
    /// Goes through all frames of a file without decoding them.
    ///
    /// # Errors
    /// As [`open`].
    pub(crate) fn read(source: &dyn Source, layout: &Layout) -> Result<Self, FormatError> {
        let mut frames = Frames::open(source, layout)?;
        let mut census = Self::default();
        while let Some((header, _)) = frames.next_frame()? {
            let rate = header.bit_rate.unwrap_or(0);
            census.constant = (census.frames == 0 || census.constant == Some(rate)).then_some(rate);
            census.frames += 1;
            census.sum += u64::from(rate);
        }
        Ok(census)
    }

    /// Bits a second on average.
    #[expect(clippy::cast_precision_loss, reason = "a bit rate, to some bits")]
    pub(crate) fn average(&self) -> f32 {
        self.sum as f32 / self.frames.max(1) as f32
    }
}

/// Sound being decoded, a frame at a time.
struct Frames<'a> {
    window: Window<'a>,
    left: Span,
    header: FrameHeader,
    facts: SoundFacts,
    decoder: MpaDecoder,
    /// Whether a frame was decoded.
    decoded: bool,
    /// Whether a frame could not be decoded.
    failed: bool,
}

impl<'a> Frames<'a> {
    fn open(source: &'a dyn Source, layout: &Layout) -> Result<Self, FormatError> {
        let opening = Opening::read(source, layout)?;
        opening.header.layer3(opening.sound.start)?;
        let mut params = AudioCodecParameters::new();
        params.for_codec(CODEC_ID_MP3);
        let decoder = MpaDecoder::try_new(&params, &AudioDecoderOptions::default().gapless(false))
            .map_err(|_| FormatError::unsupported(opening.sound.start, "sound in MPEG audio"))?;
        let facts = opening.facts();
        let Opening { sound, header, .. } = opening;
        let window = Window::new(source);
        Ok(Self { window, left: sound, header, facts, decoder, decoded: false, failed: false })
    }

    /// The next frame, past any junk; `None` at the end. A frame that is not all there is the end.
    fn next_frame(&mut self) -> Result<Option<(FrameHeader, Vec<u8>)>, FormatError> {
        while self.left.len() >= 4 {
            let near = usize::try_from(self.left.len()).unwrap_or(SIGHT).min(SIGHT);
            let fits = |header: &FrameHeader| header.goes_with(&self.header);
            let header = self.window.bytes(self.left.start, 4)?;
            if let Some(header) = FrameHeader::at(header).filter(fits) {
                let len = header.len().unwrap_or(SIGHT);
                if len as u64 > self.left.len() {
                    return Ok(None);
                }
                let frame = self.window.bytes(self.left.start, len)?.to_vec();
                self.left.start += len as u64;
                return Ok(Some((header, frame)));
            }
            // Out of step: on to the next place where two frames follow one another.
            let bytes = self.window.up_to(self.left.start, near)?;
            let complete = near as u64 == self.left.len();
            let next = memchr::memchr_iter(0xFF, bytes).skip_while(|at| *at == 0).find(|at| {
                let rest = bytes.get(*at..).unwrap_or_default();
                frames_at(rest, 2, complete).is_some_and(|header| fits(&header))
            });
            // Frames that start in the second half may not be seen whole from here.
            self.left.start += next.unwrap_or(if complete { near } else { near / 2 }) as u64;
        }
        Ok(None)
    }
}

impl SoundStream for Frames<'_> {
    fn facts(&self) -> SoundFacts {
        self.facts
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        let at = self.left.start;
        let Some((header, frame)) = self.next_frame()? else {
            if !self.decoded && (self.failed || !self.left.is_empty()) {
                return Err(FormatError::malformed(at, "no MPEG audio frame could be decoded"));
            }
            return Ok(false);
        };
        let samples = usize::try_from(header.samples()).unwrap_or(0) * usize::from(header.channels());
        let packet = Packet::new(0, Timestamp::from(0), Duration::ZERO, frame);
        let mut values: Vec<f32> = Vec::new();
        match self.decoder.decode(&packet) {
            Ok(sound) => {
                self.decoded = true;
                sound.copy_to_vec_interleaved(&mut values);
            }
            // Players are silent for a frame that cannot be decoded, such as the first ones of a file cut
            // out of another; what comes after keeps its place.
            Err(Error::DecodeError(_) | Error::IoError(_)) => self.failed = true,
            Err(_) => return Err(FormatError::new(at, Problem::Unsupported("a frame of MPEG audio"))),
        }
        values.resize(samples, 0.0);
        block.extend(values.iter().map(|value| value.clamp(-1.0, 1.0)));
        Ok(true)
    }
}
