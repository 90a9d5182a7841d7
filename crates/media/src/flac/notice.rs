//! Sound put before and after that of a FLAC file: frames of its own, and the old ones numbered or made anew.

use std::collections::BTreeMap;

use super::blocks::Flac;
use super::checksum::crc16;
use super::decode::Decoder;
use super::encode;
use super::frame::FrameHeader;
use super::stream_info::StreamInfo;
use super::walk::{Frame, Walk};
use crate::annex::AnnexWriter;
use crate::{Annex, Ends, Filter, Piece, Sound, SoundFilter};
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
/// may stand between others. With a filter all frames are made anew, and go into the annex.
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
    filter: Option<(&Filter, &Annex)>,
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
        heard: 0,
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
        annex: filter.map(|_| AnnexWriter::new()).transpose()?,
        due: BTreeMap::new(),
    };
    extension.add(&start)?;
    let mut decoder = Decoder::new(info, at)?;
    let mut change = filter.map(|(filter, _)| Change::new(filter, &info, at)).transpose()?;
    let mut frame = Some(first);
    while let Some(one) = frame {
        match &mut change {
            Some(change) => extension.change(&one, &mut decoder, change)?,
            None => extension.keep(one, &mut decoder)?,
        }
        frame = walk.next_frame()?;
    }
    if let Some(change) = change {
        change.finish(&mut extension.carried)?;
    }
    let mut last = std::mem::take(&mut extension.carried);
    last.extend(end);
    extension.add(&last)?;
    extension.finish(source, filter.map(|(_, annex)| annex))
}

/// Refuses samples that a filter would lose bits of.
///
/// # Errors
/// [`indicia_core::Problem::Unsupported`] for more than 24 bits.
pub(super) fn changeable(info: &StreamInfo, at: u64) -> Result<(), FormatError> {
    if info.bits > 24 {
        return Err(FormatError::unsupported(at, "changed sound in FLAC with more than 24 bits a sample"));
    }
    Ok(())
}

/// Runs a filter over samples that are whole numbers.
struct Change {
    filter: Box<dyn SoundFilter>,
    values: Vec<f32>,
    ready: Ready,
}

/// Puts together what went into a filter and what came out.
struct Ready {
    /// Full scale, and one over it.
    most: i32,
    step: f32,
    /// Samples that went in and did not come out yet.
    waiting: Vec<i32>,
    changed: Vec<f32>,
}

impl Change {
    fn new(filter: &Filter, info: &StreamInfo, at: u64) -> Result<Self, FormatError> {
        changeable(info, at)?;
        let most = 1_i32 << (info.bits - 1);
        let filter = filter.begin(info.facts())?;
        #[expect(clippy::cast_possible_truncation, reason = "a power of two")]
        let step = f64::from(most).recip() as f32;
        let ready = Ready { most, step, waiting: Vec::new(), changed: Vec::new() };
        Ok(Self { filter, values: Vec::new(), ready })
    }

    /// Takes samples, and appends what is ready.
    fn push(&mut self, samples: &[i32], out: &mut Vec<i32>) -> Result<(), FormatError> {
        let Self { filter, values, ready } = self;
        ready.waiting.extend_from_slice(samples);
        values.clear();
        values.extend(samples.iter().map(|sample| single(*sample) * ready.step));
        filter.push(values, &mut ready.changed)?;
        ready.release(out);
        Ok(())
    }

    fn finish(mut self, out: &mut Vec<i32>) -> Result<(), FormatError> {
        self.filter.finish(&mut self.ready.changed)?;
        self.ready.release(out);
        Ok(())
    }
}

impl Ready {
    fn release(&mut self, out: &mut Vec<i32>) {
        let count = self.changed.len().min(self.waiting.len());
        let ready = self.waiting.drain(..count).zip(self.changed.drain(..count));
        let (step, most) = (self.step, self.most);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the value is cut to the range of the samples first"
        )]
        out.extend(ready.map(|(sample, new)| {
            let change = f64::from(new - single(sample) * step) * f64::from(most);
            (f64::from(sample) + change.round()).clamp(-f64::from(most), f64::from(most) - 1.0) as i32
        }));
    }
}

/// A whole number of up to 24 bits, which single precision holds.
#[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
fn single(sample: i32) -> f32 {
    sample as f32
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
    /// Samples a channel of old frames that were made anew.
    heard: u64,
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
    /// Where frames go if all are made anew.
    annex: Option<AnnexWriter>,
    /// For frames made anew, by their first sample: the offset of the old frame that began there.
    due: BTreeMap<u64, u64>,
}

impl Extension {
    /// Makes an old frame anew: its samples go through the filter, and what is ready into frames.
    fn change(
        &mut self,
        frame: &Frame,
        decoder: &mut Decoder,
        change: &mut Change,
    ) -> Result<(), FormatError> {
        let samples = self.decoded(frame, decoder)?;
        let packed = self.bytes(&samples);
        self.old_md5.process_buf_bytes(&packed);
        let offset = frame.span.start - self.origin;
        if self.moved.contains_key(&offset) {
            self.due.insert(self.before + self.heard, offset);
        }
        self.heard += u64::from(frame.header.block);
        change.push(&samples, &mut self.carried)?;
        let whole = self.coder.block * usize::from(self.coder.info.channels);
        let ready = self.carried.len() / whole * whole;
        let rest = self.carried.split_off(ready);
        let ready = std::mem::replace(&mut self.carried, rest);
        self.add(&ready)
    }

    /// Appends frames of new samples.
    fn add(&mut self, samples: &[i32]) -> Result<(), FormatError> {
        let bytes = self.bytes(samples);
        self.new_md5.process_buf_bytes(&bytes);
        let channels = usize::from(self.coder.info.channels);
        for chunk in samples.chunks(self.coder.block * channels) {
            let planes: Vec<Vec<i32>> = (0..channels)
                .map(|channel| chunk.iter().skip(channel).step_by(channels).copied().collect())
                .collect();
            let frame = encode::frame(&self.coder.model, self.next, &planes, self.coder.info.bits);
            let block = (chunk.len() / channels) as u64;
            if let Some(offset) = self.due.remove(&self.total) {
                self.moved.insert(offset, Some(self.written));
            }
            self.next += if self.coder.model.variable { block } else { 1 };
            self.total += block;
            self.push(vec![Piece::New(frame)])?;
        }
        Ok(())
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
            return self.push(vec![Piece::Keep(span)]);
        }
        let new = header.renumbered(number);
        let body = bytes.get(header.len..bytes.len().saturating_sub(2)).unwrap_or_default();
        let crc = crc16(crc16(0, &new), body).to_be_bytes().to_vec();
        let start = span.start + header.len as u64;
        let kept = Span { start, end: start + body.len() as u64 };
        self.push(vec![Piece::New(new), Piece::Keep(kept), Piece::New(crc)])
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
    fn push(&mut self, frame: Vec<Piece>) -> Result<(), FormatError> {
        let len: u64 = frame.iter().map(Piece::len).sum();
        let size = u32::try_from(len).unwrap_or(u32::MAX);
        self.sizes = (self.sizes.0.min(size), self.sizes.1.max(size));
        self.written += len;
        for piece in frame {
            if let (Some(annex), Piece::New(bytes)) = (&mut self.annex, &piece) {
                annex.write(bytes)?;
                continue;
            }
            match (self.pieces.last_mut(), piece) {
                (Some(Piece::Keep(last)), Piece::Keep(next)) if last.end == next.start => last.end = next.end,
                (Some(Piece::New(last)), Piece::New(mut next)) => last.append(&mut next),
                (_, piece) => self.pieces.push(piece),
            }
        }
        Ok(())
    }

    fn finish(mut self, source: &dyn Source, annex: Option<&Annex>) -> Result<Extended, FormatError> {
        if let (Some(writer), Some(annex)) = (self.annex.take(), annex) {
            self.pieces.push(Piece::Keep(annex.keep(writer, source.size())?));
        }
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
        Ok(Extended { pieces: self.pieces, info, before: self.before, moved: self.moved })
    }
}
