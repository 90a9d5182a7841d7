//! The sound of an MP4 file, decoded packet by packet.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Layout, SoundFacts, SoundStream};
use indicia_core::{FormatError, Limits, Problem, Source};
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_ALAC};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::default::codecs::{AacDecoder, AlacDecoder};
use symphonia::default::formats::IsoMp4Reader;

/// Rate, channels and, where the tables tell, length of the sound.
///
/// # Errors
/// As [`open`].
pub(crate) fn facts(source: &dyn Source, layout: &Layout) -> Result<SoundFacts, FormatError> {
    Packets::open(source, layout, &Limits::default()).map(|packets| packets.facts)
}

/// Opens the sound for decoding.
///
/// # Errors
/// If the file is damaged, its tables are over a limit, or its sound is neither AAC nor ALAC.
pub(crate) fn open<'a>(
    source: &'a dyn Source,
    layout: &Layout,
    limits: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    Ok(Box::new(Packets::open(source, layout, limits)?))
}

/// Sound being decoded.
struct Packets<'a> {
    reader: IsoMp4Reader<'a>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    facts: SoundFacts,
    /// Bytes that may still be read for one packet.
    left: Arc<AtomicU64>,
    limit: u64,
    /// Where the media begin, for errors: the reader does not tell where it is.
    at: u64,
    decoded: bool,
}

impl<'a> Packets<'a> {
    fn open(source: &'a dyn Source, layout: &Layout, limits: &Limits) -> Result<Self, FormatError> {
        if let Some(damage) = &layout.damage {
            return Err(damage.clone());
        }
        let named = |name: &[u8; 4]| layout.segments.iter().find(|segment| segment.name == *name);
        let at = named(b"mdat").map_or(0, |media| media.span.start);
        // The reader holds the tables of all samples in memory.
        let tables = named(b"moov").filter(|moov| moov.span.len() > limits.block.saturating_mul(2));
        if let Some(moov) = tables {
            let problem = Problem::OverLimit { what: "bytes of tables of samples", limit: limits.block * 2 };
            return Err(FormatError::new(moov.span.start, problem));
        }
        let limit = limits.block.saturating_mul(4);
        let left = Arc::new(AtomicU64::new(limit));
        let cursor = Cursor { source, at: 0, left: Arc::clone(&left) };
        let stream = MediaSourceStream::new(Box::new(cursor), Default::default());
        let reader =
            IsoMp4Reader::try_new(stream, FormatOptions::default()).map_err(|err| failed(at, &err))?;
        let none = || FormatError::unsupported(at, "sound in this MP4 file");
        let track = reader.default_track(TrackType::Audio).ok_or_else(none)?;
        let Some(CodecParameters::Audio(params)) = &track.codec_params else {
            return Err(none());
        };
        let options = AudioDecoderOptions::default().gapless(false);
        let decoder: Box<dyn AudioDecoder> = match params.codec {
            CODEC_ID_AAC => Box::new(AacDecoder::try_new(params, &options).map_err(|err| failed(at, &err))?),
            CODEC_ID_ALAC => {
                Box::new(AlacDecoder::try_new(params, &options).map_err(|err| failed(at, &err))?)
            }
            _ => return Err(none()),
        };
        let known = decoder.codec_params();
        let rate = known.sample_rate.or(params.sample_rate);
        let channels = known.channels.as_ref().or(params.channels.as_ref()).map(|channels| channels.count());
        let channels = channels.and_then(|count| u16::try_from(count).ok());
        let (Some(rate), Some(channels)) = (rate, channels) else {
            return Err(none());
        };
        let facts = SoundFacts { rate, channels, frames: track.num_frames };
        let track = track.id;
        Ok(Self { reader, decoder, track, facts, left, limit, at, decoded: false })
    }
}

impl SoundStream for Packets<'_> {
    fn facts(&self) -> SoundFacts {
        self.facts
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        loop {
            self.left.store(self.limit, Ordering::Relaxed);
            let packet = match self.reader.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) if self.decoded => return Ok(false),
                Ok(None) => return Err(FormatError::malformed(self.at, "no sound in the file")),
                Err(err) => return Err(failed(self.at, &err)),
            };
            if packet.track_id != self.track {
                continue;
            }
            let sound = self.decoder.decode(&packet).map_err(|err| failed(self.at, &err))?;
            let spec = sound.spec();
            if spec.rate() != self.facts.rate || spec.channels().count() != usize::from(self.facts.channels) {
                return Err(FormatError::unsupported(self.at, "sound that is not what the file says"));
            }
            let mut values: Vec<f32> = Vec::new();
            sound.copy_to_vec_interleaved(&mut values);
            block.extend(values.iter().map(|value| value.clamp(-1.0, 1.0)));
            self.decoded = true;
            return Ok(true);
        }
    }
}

/// What the decoder says, in the words of this program.
fn failed(at: u64, err: &Error) -> FormatError {
    let problem = match err {
        Error::IoError(err) if err.kind() == io::ErrorKind::UnexpectedEof => Problem::Truncated,
        Error::IoError(err) => Problem::Io(err.kind()),
        Error::Unsupported(what) => Problem::Unsupported(what),
        Error::DecodeError(what) => Problem::Malformed(what),
        _ => Problem::Malformed("sound that cannot be decoded"),
    };
    FormatError::new(at, problem)
}

/// A place in the file, moved by reading.
struct Cursor<'a> {
    source: &'a dyn Source,
    at: u64,
    /// Bytes that may still be read: a packet that claims to be larger is not believed.
    left: Arc<AtomicU64>,
}

impl Read for Cursor<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(self.source.size().saturating_sub(self.at)).unwrap_or(usize::MAX);
        let len = buf.len().min(rest);
        let used =
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(len as u64));
        used.map_err(|_| io::ErrorKind::FileTooLarge)?;
        let Some(wanted) = buf.get_mut(..len) else {
            return Ok(0);
        };
        self.source.read_at(self.at, wanted)?;
        self.at += len as u64;
        Ok(len)
    }
}

impl Seek for Cursor<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl MediaSource for Cursor<'_> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.source.size())
    }
}
