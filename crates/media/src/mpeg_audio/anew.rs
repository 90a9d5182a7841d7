//! All frames of an MP3 file coded anew, because a filter changes the sound.
//!
//! The file keeps its tags, its bit rate (a constant one, or the average of one that varies) and its first frame, which tells of the
//! others. What an encoder and a decoder are late by is filled up to whole frames, so that the old sound moves by those and nothing
//! of it is lost; the first frame counts them in.

use super::crc::crc16;
use super::decode::{self, Census};
use super::header::FrameHeader;
use super::info::{Info, LAME_LEN};
use super::sections::{Sections, What};
use crate::anew::play;
use crate::annex::AnnexWriter;
use crate::{Annex, Filter, Layout, Piece};
use indicia_core::{FormatError, Limits, Problem, Source};
use rusty_mp3::{Mp3Encoder, Mp3EncoderConfig};

/// Samples by which sound comes later out of a decoder than it went into the coder: 528 of the coder and 529 of the decoder.
const LATE: u32 = 1_057;
/// The same, with silence before the sound, in whole frames of every sort.
const MOVED: u32 = 1_152;

/// Most frames: the coder holds those of a constant bit rate until the end, to share their bits out. Seven hours, under 1.5 GB.
const MOST: u64 = 1_000_000;

/// Refuses files whose frames cannot be coded anew.
///
/// # Errors
/// [`Problem::Unsupported`] for Layer I, Layer II, free format and files with a `VBRI` frame.
pub(crate) fn check(sections: &Sections, end: u64) -> Result<&FrameHeader, FormatError> {
    let (at, header, info) = sections.sound().ok_or(FormatError::malformed(end, "no MPEG audio frame"))?;
    header.layer3(at)?;
    if info.is_some_and(|info| &info.name == b"VBRI") {
        return Err(FormatError::unsupported(at, "changed sound in a file with a VBRI frame"));
    }
    Ok(header)
}

/// The file with its sound changed and coded anew.
///
/// # Errors
/// As [`check`]; and if the sound cannot be decoded, changed or coded.
pub(crate) fn coded(
    source: &dyn Source,
    layout: &Layout,
    filter: &Filter,
    annex: &Annex,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let sections = Sections::read(source, limits)?;
    let header = check(&sections, source.size())?;
    let census = Census::read(source, layout)?;
    if census.frames > MOST {
        let limit = MOST;
        return Err(FormatError::new(
            source.size(),
            Problem::OverLimit { what: "frames of an MP3 file coded anew", limit },
        ));
    }
    let mut new = NewFrames::new()?;
    let mut coder = Coder::new(header, &census);
    let mut stream = decode::open(source, layout)?;
    coder.push(&vec![0.0; usize::from(header.channels()) * ((MOVED - LATE) as usize)])?;
    play(&mut *stream, Some(filter), |values| {
        coder.push(values)?;
        coder.drain(&mut new)
    })?;
    coder.0.finish();
    coder.drain(&mut new)?;
    let mut written = Some(new);
    let mut pieces = Vec::new();
    for part in &sections.parts {
        pieces.push(match &part.what {
            What::Info(info) if let Some(new) = &written => {
                let frame = limits.take(source, part.span)?;
                Piece::New(new.told(header, info, &frame, census.frames)?)
            }
            What::Sound(_) => match written.take() {
                Some(new) => Piece::Keep(annex.keep(new.annex, source.size())?),
                None => Piece::Keep(part.span),
            },
            _ => Piece::Keep(part.span),
        });
    }
    Ok(pieces)
}

struct Coder(Mp3Encoder, u16, u32);

impl Coder {
    fn new(header: &FrameHeader, census: &Census) -> Self {
        let average = census.average() / 1_000.0;
        let config = match census.constant {
            Some(rate) => Mp3EncoderConfig { bitrate_kbps: rate / 1_000, vbr_quality: None },
            None => Mp3EncoderConfig { bitrate_kbps: 0, vbr_quality: Some(average) },
        };
        Self(Mp3Encoder::new(config), header.channels(), header.rate)
    }

    fn push(&mut self, values: &[f32]) -> Result<(), FormatError> {
        let Self(encoder, channels, rate) = self;
        encoder
            .push_pcm_f32(values, *channels, *rate)
            .map_err(|_| FormatError::unsupported(0, "changed sound in MP3 of this rate"))
    }

    /// Moves frames that are ready. The coder's own frame that tells of them comes first, and is left out.
    fn drain(&mut self, new: &mut NewFrames) -> Result<(), FormatError> {
        while let Ok(frame) = self.0.next_packet() {
            new.add(&frame)?;
        }
        Ok(())
    }
}

/// Frames that are written.
struct NewFrames {
    annex: AnnexWriter,
    /// Where each starts; none before the coder's own first frame has come.
    starts: Option<Vec<u32>>,
    bytes: u32,
    crc: u16,
}

impl NewFrames {
    fn new() -> Result<Self, FormatError> {
        Ok(Self { annex: AnnexWriter::new()?, starts: None, bytes: 0, crc: 0 })
    }

    fn add(&mut self, frame: &[u8]) -> Result<(), FormatError> {
        let Some(starts) = &mut self.starts else {
            self.starts = Some(Vec::new());
            return Ok(());
        };
        starts.push(self.bytes);
        let len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        self.bytes = self.bytes.checked_add(len).ok_or_else(over)?;
        self.crc = crc16(self.crc, frame);
        self.annex.write(frame)
    }

    /// The first frame as it reads with these behind it in the place of so many others.
    fn told(&self, like: &FrameHeader, info: &Info, old: &[u8], frames: u64) -> Result<Vec<u8>, FormatError> {
        let starts = self.starts.as_deref().unwrap_or_default();
        let count = u32::try_from(starts.len()).map_err(|_| over())?;
        let all = self.bytes.checked_add(u32::try_from(old.len()).unwrap_or(u32::MAX)).ok_or_else(over)?;
        let mut new = old.to_vec();
        let mut put = |at: usize, bytes: &[u8]| {
            if let Some(place) = new.get_mut(at..at + bytes.len()) {
                place.copy_from_slice(bytes);
            }
        };
        let mut at = info.at + 8;
        if info.frames.is_some() {
            put(at, &count.to_be_bytes());
            at += 4;
        }
        if info.bytes.is_some() {
            put(at, &all.to_be_bytes());
        }
        if let Some(toc) = info.toc {
            // For each percent of the time, the 256th of the bytes.
            let entry = |percent: usize| {
                let start =
                    starts.get(starts.len() * percent / 100).map_or(all, |start| start + (all - self.bytes));
                u8::try_from(u64::from(start) * 256 / u64::from(all.max(1))).unwrap_or(u8::MAX)
            };
            put(toc, &(0..100).map(entry).collect::<Vec<_>>());
        }
        if let Some(lame) = info.lame {
            let more = (i64::from(count) - i64::try_from(frames).unwrap_or(0)) * i64::from(like.samples());
            let delay = u32::from(lame.delay) + MOVED;
            let padding = i64::from(lame.padding) + more - i64::from(MOVED);
            let fits = |value: i64| u32::try_from(value).unwrap_or(0).min(0xFFF);
            let both = delay.min(0xFFF) << 12 | fits(padding);
            let [_, trimmed @ ..] = both.to_be_bytes();
            put(lame.at + 21, &trimmed);
            put(lame.at + 28, &all.to_be_bytes());
            put(lame.at + 32, &self.crc.to_be_bytes());
            let crc = crc16(0, new.get(..lame.at + LAME_LEN - 2).unwrap_or_default());
            if let Some(place) = new.get_mut(lame.at + LAME_LEN - 2..lame.at + LAME_LEN) {
                place.copy_from_slice(&crc.to_be_bytes());
            }
        }
        Ok(new)
    }
}

fn over() -> FormatError {
    let limit = u64::from(u32::MAX);
    FormatError::new(0, Problem::OverLimit { what: "frames or bytes in an MP3 file", limit })
}

#[cfg(test)]
mod tests {
    use super::super::crc::crc16;
    use super::super::decode::Census;
    use super::super::info::Lame;
    use super::super::sections::{Sections, What};
    use super::{Info, MOVED};
    use crate::{Asset, Draft, Filter, SoundFilter};
    use indicia_core::{FormatError, Limits, Span};

    struct Same;

    impl SoundFilter for Same {
        fn push(&mut self, block: &[f32], out: &mut Vec<f32>) -> Result<(), FormatError> {
            out.extend_from_slice(block);
            Ok(())
        }

        fn finish(self: Box<Self>, _: &mut Vec<f32>) -> Result<(), FormatError> {
            Ok(())
        }
    }

    #[expect(clippy::ptr_arg, reason = "a source is a vector, not a slice")]
    fn info(bytes: &Vec<u8>) -> (Info, Span, Span) {
        let sections = Sections::read(bytes, &Limits::default()).unwrap();
        let place = |is: fn(&What) -> bool| sections.parts.iter().find(|part| is(&part.what)).unwrap().span;
        let told = sections.sound().unwrap().2.copied().unwrap();
        (told, place(|what| matches!(what, What::Info(_))), place(|what| matches!(what, What::Sound(_))))
    }

    #[test]
    fn the_first_frame_tells_of_the_new_ones() {
        for name in ["chords-v23.mp3", "speech-v24-vbr.mp3"] {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/mp3/");
            let bytes = std::fs::read(format!("{folder}{name}")).unwrap();
            let asset = Asset::open(&bytes, Some(name), &Limits::default()).unwrap();
            let old_frames = Census::read(&bytes, &asset.layout).unwrap().frames;
            let mut draft = Draft::new(&asset);
            draft.filter_sound(Filter::new(|_| Ok(Box::new(Same)))).unwrap();
            let out = draft.render().unwrap().to_bytes().unwrap();
            let new = Asset::open(&out, Some(name), &Limits::default()).unwrap();
            let census = Census::read(&out, &new.layout).unwrap();
            let ((old, ..), (told, first, sound)) = (info(&bytes), info(&out));
            assert_eq!(told.name, old.name);
            assert_eq!(told.frames.map(u64::from), Some(census.frames), "{name}");
            assert_eq!(told.bytes.map(u64::from), Some(first.len() + sound.len()), "{name}");
            // What is left between delay and padding is as long as it was.
            let samples = asset.sound_facts().unwrap().frames.unwrap() / old_frames;
            let left =
                |lame: Lame, frames| frames * samples - u64::from(lame.delay) - u64::from(lame.padding);
            let (old, told_lame) = (old.lame.unwrap(), told.lame.unwrap());
            assert_eq!(u32::from(told_lame.delay), u32::from(old.delay) + MOVED);
            assert_eq!(left(old, old_frames), left(told_lame, census.frames), "{name}");
            let range = |span: Span| usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap();
            let frame = &out[range(first)];
            let word = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
            assert_eq!(word(told_lame.at + 32), crc16(0, &out[range(sound)]));
            assert_eq!(word(told_lame.at + 34), crc16(0, &frame[..told_lame.at + 34]));
            // The seek table rises from the first frame to near the end.
            let toc = &frame[told.toc.unwrap()..][..100];
            assert!(toc.is_sorted() && toc[0] < 8 && toc[99] > 240, "{name}: {toc:?}");
        }
    }
}
