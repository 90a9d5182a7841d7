//! Sound before and after that of a file, and what its first frame then has to tell.

use super::crc::{crc16, joined};
use super::encode::{self, Frames};
use super::header::FrameHeader;
use super::info::{Info, LAME_LEN};
use crate::{Ends, Sound};
use indicia_core::{FormatError, Problem};

/// Frames to be put before and after those of a file.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    /// Before the first frame of sound.
    pub(crate) start: Frames,
    /// After the last.
    pub(crate) end: Frames,
}

impl Notices {
    /// Codes sound to stand beside frames of which the first, at `at`, starts with these bytes. `info` is the
    /// frame that tells of them, where there is one.
    ///
    /// A file that was cut out of another may begin with frames that reach back for bytes that are gone.
    /// Decoders are silent for them. Behind new frames they would find the bytes of those and make noise of
    /// them, up to full volume. Two things keep them from it, and each does for some decoders:
    /// the last new frames leave no byte unused (ffmpeg, Symphonia and minimp3 keep only bytes that no frame
    /// has used), and one zero byte before such a frame breaks the step (mpg123 keeps all bytes until it has
    /// to look for the next frame). Files that begin with a whole frame get no such byte.
    ///
    /// # Errors
    /// [`Problem::Unsupported`] for Layer I, Layer II, free format and files with a `VBRI` frame;
    /// [`Problem::Malformed`] if the sound has another rate or other channels than the file.
    pub(crate) fn encode(
        at: u64,
        header: &FrameHeader,
        first: &[u8],
        info: Option<&Info>,
        sound: &Ends<Sound>,
    ) -> Result<Self, FormatError> {
        header.layer3(at)?;
        if info.is_some_and(|info| &info.name == b"VBRI") {
            return Err(FormatError::unsupported(at, "new sound in a file with a VBRI frame"));
        }
        if [&sound.start, &sound.end]
            .into_iter()
            .flatten()
            .any(|sound| (sound.rate, sound.channels) != (header.rate, header.channels()))
        {
            return Err(FormatError::malformed(at, "sound of another rate or other channels than the file"));
        }
        let bit_rate = bit_rate(header, info);
        let (delay, padding) =
            info.and_then(|info| info.lame).map_or((0, 0), |lame| (lame.delay.into(), lame.padding.into()));
        let granule = 576;
        let code = |sound: &Option<Sound>, lead: usize, tail: usize| {
            let code = |sound: &Sound| encode::frames(header, bit_rate, &sound.values, lead, tail);
            sound.as_ref().map(code).unwrap_or_default()
        };
        let mut notices = Self {
            // Players without gaps cut the encoder's delay and 529 samples of their own off the start, and the
            // padding off the end: only silence may be lost.
            start: code(&sound.start, delay + granule, 0),
            // Two granules more, should the last frame of the file be cut short: decoders then take the
            // start of the next for the rest of it.
            end: code(&sound.end, 2 * granule, padding + granule),
        };
        if notices.start.count > 0 && header.reach(first) > 0 {
            notices.start.bytes.push(0);
        }
        Ok(notices)
    }

    fn bytes(&self) -> u64 {
        (self.start.bytes.len() + self.end.bytes.len()) as u64
    }

    /// The first frame as it must read with these frames around the sound.
    ///
    /// # Errors
    /// [`Problem::OverLimit`] if its numbers run over 32 bits.
    pub(crate) fn update(&self, info: &Info, frame: &[u8]) -> Result<Vec<u8>, FormatError> {
        let mut new = frame.to_vec();
        let count = self.start.count + self.end.count;
        let sum = |old: u32, more: u64| {
            let limit = u64::from(u32::MAX);
            let over =
                FormatError::new(0, Problem::OverLimit { what: "frames or bytes in an MP3 file", limit });
            u32::try_from(u64::from(old) + more).map(u32::to_be_bytes).map_err(|_| over)
        };
        let mut at = info.at + 8;
        if let Some(frames) = info.frames {
            put(&mut new, at, &sum(frames, count.into())?);
            at += 4;
        }
        if let Some(bytes) = info.bytes {
            put(&mut new, at, &sum(bytes, self.bytes())?);
        }
        if let (Some(toc), Some(frames), Some(bytes)) = (info.toc, info.frames, info.bytes)
            && let Some(old) = frame.get(toc..toc + 100)
        {
            put(&mut new, toc, &self.toc(old, frames, bytes, frame.len()));
        }
        if let Some(lame) = info.lame {
            let part = frame.get(lame.at..lame.at + LAME_LEN).unwrap_or_default();
            let word =
                |at: usize| part.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
            let length = u32::from_be_bytes(word(28));
            if length > 0 {
                put(&mut new, lame.at + 28, &sum(length, self.bytes())?);
                let sound = u64::from(length).saturating_sub(frame.len() as u64);
                let [high, low, ..] = word(32);
                let crc = joined(crc16(0, &self.start.bytes), u16::from_be_bytes([high, low]), sound);
                put(&mut new, lame.at + 32, &crc16(crc, &self.end.bytes).to_be_bytes());
            }
            let crc = crc16(0, new.get(..lame.at + 34).unwrap_or_default());
            put(&mut new, lame.at + 34, &crc.to_be_bytes());
        }
        Ok(new)
    }

    /// The seek table: for each percent of the time, the 256th of the bytes.
    fn toc(&self, old: &[u8], frames: u32, bytes: u32, first: usize) -> Vec<u8> {
        let (frames, bytes, first) = (u64::from(frames), u64::from(bytes), first as u64);
        let (before, after) = (u64::from(self.start.count), u64::from(self.end.count));
        let start = self.start.bytes.len() as u64;
        let all = bytes + self.bytes();
        let entry = |percent: u64| {
            let frame = (before + frames + after) * percent / 100;
            let place = if frame < before {
                first + start * frame / before
            } else if frame < before + frames {
                // Between two entries of the old table, in hundredths of one.
                let hundredths = (frame - before) * 10_000 / frames;
                let at = usize::try_from(hundredths / 100).unwrap_or(0);
                let value = |at: usize| old.get(at).map_or(256, |value| u64::from(*value));
                let (low, high) = (value(at), value(at + 1).max(value(at)));
                start + (100 * low + (high - low) * (hundredths % 100)) * bytes / 25_600
            } else {
                start + bytes + self.end.bytes.len() as u64 * (frame - before - frames) / after.max(1)
            };
            u8::try_from(place * 256 / all.max(1)).unwrap_or(u8::MAX)
        };
        (0..100).map(entry).collect()
    }
}

fn put(bytes: &mut [u8], at: usize, new: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + new.len()) {
        place.copy_from_slice(new);
    }
}

/// Bits a second for a notice.
///
/// Without a first frame, players take the bit rate of the first frame they find for that of the file and tell
/// its length by it: so it stays as it is. With one, each frame may have its own, and a notice gets enough for
/// speech: 1.3 bits a sample.
fn bit_rate(header: &FrameHeader, info: Option<&Info>) -> u32 {
    let own = header.bit_rate.unwrap_or(0);
    let enough = header.rate * u32::from(header.channels()) / 10 * 13;
    let least = match info {
        None => return own,
        Some(info) if &info.name == b"Info" => own.max(enough),
        Some(_) => enough,
    };
    let mut rates = header.version.bit_rates().iter().skip(1).map(|kilobits| kilobits * 1000);
    rates.find(|rate| *rate >= least).unwrap_or(own)
}
