//! Sound put before and after that of a FLAC file: frames of its own, and the old ones numbered anew.

use std::collections::BTreeMap;

use super::blocks::Flac;
use super::checksum::crc16;
use super::decode::Decoder;
use super::encode;
use super::frame::FrameHeader;
use super::stream_info::StreamInfo;
use super::walk::{Frame, Walk};
use crate::{Ends, Piece, Sound};
use indicia_core::{FormatError, Source, Span};
use symphonia::core::checksum::Md5;
use symphonia::core::io::Monitor;

/// Frames in the file as it will be.
pub(super) struct Extended {
    /// The frames.
    pub(super) pieces: Vec<Piece>,
    pub(super) info: StreamInfo,
    /// Samples a channel put before the old ones.
    pub(super) before: u64,
    /// Where frames that were asked for start now, from the first frame on; `None` if they are gone.
    pub(super) moved: BTreeMap<u64, Option<u64>>,
}

/// Codes what is put before and after, and numbers the old frames anew. The old samples stay what they are:
/// only a last frame that is shorter than the others is made anew where sound follows it, since no short frame
/// may stand between others.
///
/// All frames are read once: their numbers are under their checksums, and the sound is under a checksum of
/// its own, which only decoding can tell.
///
/// # Errors
/// If a frame is broken or cannot be decoded, or the new sound has another rate or channel count.
pub(super) fn extend(
    source: &dyn Source,
    flac: &Flac,
    ends: &Ends<Sound>,
    wanted: impl Iterator<Item = u64>,
) -> Result<Extended, FormatError> {
    let info = *flac.info()?;
    let at = flac.frames.start;
    let mut walk = Walk::new(source, flac.frames, info);
    let first = walk.next_frame()?.ok_or(FormatError::malformed(at, "no FLAC frame"))?;
    let is_only = first.span.end == flac.frames.end;
    let block = if is_only || first.header.variable { u32::from(info.max_block) } else { first.header.block };
    let block = usize::try_from(block.max(16)).unwrap_or(16);
    let coder = Coder { model: first.header, info, block };
    let mut start = coder.samples(at, ends.start.as_ref())?;
    let end = coder.samples(at, ends.end.as_ref())?;
    // Silence makes the notice as long as whole blocks.
    let channels = usize::from(info.channels);
    let short = (block - start.len() / channels % block) % block;
    start.splice(0..0, std::iter::repeat_n(0, short * channels));
    let mut extension = Extension {
        coder,
        before: (start.len() / channels) as u64,
        has_end: !end.is_empty(),
        end: flac.frames.end,
        next: first.header.number,
        total: 0,
        written: 0,
        sizes: (u32::MAX, 0),
        new_md5: Md5::default(),
        old_md5: Md5::default(),
        moved: wanted.map(|offset| (offset, None)).collect(),
        pieces: Vec::new(),
        carried: Vec::new(),
        origin: at,
    };
    extension.add(&start);
    let mut decoder = Decoder::new(info, at)?;
    let mut frame = Some(first);
    while let Some(one) = frame {
        extension.keep(one, &mut decoder)?;
        frame = walk.next_frame()?;
    }
    let mut last = std::mem::take(&mut extension.carried);
    last.extend(end);
    extension.add(&last);
    Ok(extension.finish())
}

/// Codes samples like those of the file.
struct Coder {
    model: FrameHeader,
    info: StreamInfo,
    /// Samples a channel in a frame.
    block: usize,
}

impl Coder {
    /// The samples of a sound as numbers, interleaved.
    fn samples(&self, at: u64, sound: Option<&Sound>) -> Result<Vec<i32>, FormatError> {
        let Some(sound) = sound else { return Ok(Vec::new()) };
        if (sound.rate, sound.channels) != (self.info.rate, self.info.channels) {
            return Err(FormatError::unsupported(at, "sound of another rate or channel count"));
        }
        if sound.values.len() % usize::from(sound.channels) != 0 {
            return Err(FormatError::malformed(at, "new sound that ends within a frame"));
        }
        if self.info.bits > 24 {
            return Err(FormatError::unsupported(at, "new sound in FLAC with more than 24 bits a sample"));
        }
        let most = f64::from(1_i32 << (self.info.bits - 1));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the value is cut to the range of the samples first"
        )]
        let number = |value: &f32| (f64::from(*value) * most).round().clamp(-most, most - 1.0) as i32;
        Ok(sound.values.iter().map(number).collect())
    }
}

/// The frames being put together.
struct Extension {
    coder: Coder,
    before: u64,
    has_end: bool,
    /// Where the old frames end.
    end: u64,
    /// The number of the next new frame.
    next: u64,
    /// Samples a channel so far.
    total: u64,
    /// Bytes so far.
    written: u64,
    /// Bytes of the shortest and the longest frame.
    sizes: (u32, u32),
    new_md5: Md5,
    old_md5: Md5,
    moved: BTreeMap<u64, Option<u64>>,
    pieces: Vec<Piece>,
    /// Samples of a last frame that is made anew.
    carried: Vec<i32>,
    /// Where the old frames start.
    origin: u64,
}

impl Extension {
    /// Appends frames of new samples.
    fn add(&mut self, samples: &[i32]) {
        let bytes = self.bytes(samples);
        self.new_md5.process_buf_bytes(&bytes);
        let channels = usize::from(self.coder.info.channels);
        for chunk in samples.chunks(self.coder.block * channels) {
            let planes: Vec<Vec<i32>> = (0..channels)
                .map(|channel| chunk.iter().skip(channel).step_by(channels).copied().collect())
                .collect();
            let frame = encode::frame(&self.coder.model, self.next, &planes, self.coder.info.bits);
            let block = (chunk.len() / channels) as u64;
            self.next += if self.coder.model.variable { block } else { 1 };
            self.total += block;
            self.push(vec![Piece::New(frame)]);
        }
    }

    /// Appends an old frame with a new number.
    fn keep(&mut self, frame: Frame, decoder: &mut Decoder) -> Result<(), FormatError> {
        let Frame { header, span, bytes } = frame;
        let is_last = span.end == self.end;
        let is_short = usize::try_from(header.block).is_ok_and(|block| block != self.coder.block);
        if is_short && !header.variable && !is_last {
            let what = "sound before or after FLAC frames that differ in length but not in kind";
            return Err(FormatError::unsupported(span.start, what));
        }
        let samples = self.decoded(&Frame { header, span, bytes: bytes.clone() }, decoder)?;
        let packed = self.bytes(&samples);
        self.old_md5.process_buf_bytes(&packed);
        if is_short && !header.variable && self.has_end {
            if self.coder.info.bits > 24 {
                return Err(FormatError::unsupported(span.start, "FLAC with more than 24 bits a sample"));
            }
            self.carried = samples;
            return Ok(());
        }
        self.new_md5.process_buf_bytes(&packed);
        if let Some(place) = self.moved.get_mut(&(span.start - self.origin)) {
            *place = Some(self.written);
        }
        let number = self.next;
        self.next += if header.variable { u64::from(header.block) } else { 1 };
        self.total += u64::from(header.block);
        if number == header.number {
            self.push(vec![Piece::Keep(span)]);
            return Ok(());
        }
        let new = header.renumbered(number);
        let body = bytes.get(header.len..bytes.len().saturating_sub(2)).unwrap_or_default();
        let crc = crc16(crc16(0, &new), body).to_be_bytes().to_vec();
        let start = span.start + header.len as u64;
        let kept = Span { start, end: start + body.len() as u64 };
        self.push(vec![Piece::New(new), Piece::Keep(kept), Piece::New(crc)]);
        Ok(())
    }

    /// The samples of an old frame at their own size.
    fn decoded(&self, frame: &Frame, decoder: &mut Decoder) -> Result<Vec<i32>, FormatError> {
        let shift = 32 - self.coder.info.bits;
        let mut samples = decoder.decode(frame)?;
        samples.iter_mut().for_each(|sample| *sample >>= shift);
        Ok(samples)
    }

    /// Samples as they are under the checksum: in whole bytes, low byte first.
    fn bytes(&self, samples: &[i32]) -> Vec<u8> {
        let len = usize::try_from(self.coder.info.bits.div_ceil(8)).unwrap_or(4);
        samples.iter().flat_map(|sample| sample.to_le_bytes().into_iter().take(len)).collect()
    }

    /// Appends the pieces of one frame.
    fn push(&mut self, frame: Vec<Piece>) {
        let len: u64 = frame.iter().map(Piece::len).sum();
        let size = u32::try_from(len).unwrap_or(u32::MAX);
        self.sizes = (self.sizes.0.min(size), self.sizes.1.max(size));
        self.written += len;
        for piece in frame {
            match (self.pieces.last_mut(), piece) {
                (Some(Piece::Keep(last)), Piece::Keep(next)) if last.end == next.start => last.end = next.end,
                (Some(Piece::New(last)), Piece::New(mut next)) => last.append(&mut next),
                (_, piece) => self.pieces.push(piece),
            }
        }
    }

    fn finish(self) -> Extended {
        let old = self.coder.info;
        let (min_frame, max_frame) = self.sizes;
        // Where the checksum of the old samples was not told or not right, a new one would say too much.
        let md5 = if self.old_md5.md5() == old.md5 { self.new_md5.md5() } else { [0; 16] };
        let block = u16::try_from(self.coder.block).unwrap_or(u16::MAX);
        let info = StreamInfo {
            min_block: if self.coder.model.variable { old.min_block.min(block) } else { block },
            max_block: old.max_block.max(block),
            min_frame,
            max_frame,
            total: self.total,
            md5,
            ..old
        };
        Extended { pieces: self.pieces, info, before: self.before, moved: self.moved }
    }
}
