//! Sound put before and after that of a WAVE file, its own samples made anew, and the numbers in other chunks that count frames.

use crate::riff::{self, HEADER};
use crate::wave_stream::Wave;
use crate::{Annex, Ends, Filter, Layout, Piece, Role, Sound};
use indicia_core::{FormatError, Limits, Source, Span};

/// New samples around the old ones or in their place, in the file's own coding.
#[derive(Debug)]
pub(crate) struct Extension {
    wave: Wave,
    start: Vec<u8>,
    /// The samples there were, made anew or as they are.
    middle: Vec<Piece>,
    end: Vec<u8>,
}

impl Extension {
    /// Codes what is to be put before and after, and what a filter makes of the samples between.
    ///
    /// # Errors
    /// If the file's sound is not understood, or differs in rate or channels from what is given.
    pub(crate) fn new(
        source: &dyn Source,
        layout: &Layout,
        ends: &Ends<Sound>,
        filter: Option<&Filter>,
        annex: &Annex,
    ) -> Result<Self, FormatError> {
        let wave = Wave::read(source, layout)?;
        let format = wave.format;
        let coded = |sound: &Option<Sound>| match sound {
            None => Ok(Vec::new()),
            Some(sound) if (sound.rate, sound.channels) != (format.rate, format.channels) => {
                Err(FormatError::unsupported(wave.data.span.start, "sound of another rate or channel count"))
            }
            Some(sound) if sound.values.len() % usize::from(format.channels) != 0 => {
                Err(FormatError::malformed(wave.data.span.start, "new sound that ends within a frame"))
            }
            Some(sound) => Ok(format.coding.encode(&sound.values)),
        };
        let start = coded(&ends.start)?;
        let mut end = coded(&ends.end)?;
        let torn = wave.data.body.len() % format.frame;
        if torn != 0 && !end.is_empty() {
            // The last frame is not whole; filled up, so that what follows is not read askew.
            let missing = usize::try_from(format.frame - torn).unwrap_or(0);
            let mut whole = format.coding.silence(missing.div_ceil(format.coding.bytes()));
            whole.drain(..whole.len().saturating_sub(missing));
            whole.append(&mut end);
            end = whole;
        }
        let middle = match filter {
            None => vec![Piece::Keep(wave.data.body)],
            Some(filter) => {
                let whole = Span { end: wave.data.body.end - torn, ..wave.data.body };
                let new = annex.keep(wave.changed(source, whole, filter)?, source.size())?;
                vec![Piece::Keep(new), Piece::Keep(Span { start: whole.end, end: wave.data.body.end })]
            }
        };
        Ok(Self { wave, start, middle, end })
    }

    /// The new body of the `data` chunk.
    pub(crate) fn body(self) -> Vec<Piece> {
        let mut body = vec![Piece::New(self.start)];
        body.extend(self.middle);
        body.push(Piece::New(self.end));
        body
    }

    /// Frames there will be.
    pub(crate) fn frames(&self) -> u64 {
        let bytes = self.wave.data.body.len() + self.start.len() as u64 + self.end.len() as u64;
        bytes / self.wave.format.frame
    }

    /// The new bodies of chunks that count frames, by the index of their segment: `fact`, `cue ` and `smpl`.
    ///
    /// The time reference of `bext` stays: it says when the recording began.
    ///
    /// # Errors
    /// If one of them is over a limit or cannot be read.
    pub(crate) fn counts(
        &self,
        source: &dyn Source,
        layout: &Layout,
        limits: &Limits,
    ) -> Result<Vec<(usize, Vec<u8>)>, FormatError> {
        let before = self.start.len() as u64 / self.wave.format.frame;
        let mut counts = Vec::new();
        for (index, segment) in layout.segments.iter().enumerate() {
            let count: fn(&mut [u8], u64, u64) = match &segment.name {
                b"fact" => |body, _, all| put(body, 0, clip(all)),
                b"cue " => |body, before, _| shift(body, 4, 24, &[4, 20], before),
                b"smpl" => |body, before, _| shift(body, 36, 24, &[8, 12], before),
                _ => continue,
            };
            if segment.role == Role::Unknown {
                continue;
            }
            let span = Span { start: segment.span.start + HEADER, end: segment.span.end };
            let old = limits.take(source, span)?;
            let mut new = old.clone();
            count(&mut new, before, self.frames());
            if new != old {
                counts.push((index, new));
            }
        }
        Ok(counts)
    }
}

/// Moves positions in a table of records by a number of frames.
fn shift(body: &mut [u8], from: usize, record: usize, positions: &[usize], frames: u64) {
    for record in body.get_mut(from..).unwrap_or_default().chunks_exact_mut(record) {
        for at in positions {
            if let Some(old) = record.get(*at..).and_then(|rest| rest.first_chunk::<4>()) {
                put(record, *at, clip(u64::from(u32::from_le_bytes(*old)).saturating_add(frames)));
            }
        }
    }
}

fn put(body: &mut [u8], at: usize, value: u32) {
    if let Some(place) = body.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<4>()) {
        *place = value.to_le_bytes();
    }
}

/// A number in 32 bits; all ones for what is too large, as in RF64.
fn clip(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A `data` chunk around a body, padded; with the size left to the `ds64` chunk if there is one.
///
/// # Errors
/// If the body is too long for a 32-bit size.
pub(crate) fn data_chunk(body: Vec<Piece>, wide: bool) -> Result<Vec<Piece>, FormatError> {
    let size: u64 = body.iter().map(Piece::len).sum();
    let head = if wide { [*b"data", [0xFF; 4]].concat() } else { riff::head(*b"data", size)? };
    let mut pieces = vec![Piece::New(head)];
    pieces.extend(body);
    if size % 2 == 1 {
        pieces.push(Piece::New(vec![0]));
    }
    Ok(pieces)
}
