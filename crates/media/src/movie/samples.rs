//! Tables that tell of the samples of a track (ISO/IEC 14496-12, 8.6 to 8.9), with samples before and after them.

use super::offsets::number;
use super::walk::Walk;
use crate::boxes::IsoBox;
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// Boxes beside the tables here that know no number of samples, or of chunks.
const INDIFFERENT: [&[u8; 4]; 4] = [b"stsd", b"sgpd", b"free", b"skip"];

/// What the tables of a track say, as far as samples are added to it.
#[derive(Debug)]
pub(super) struct Samples {
    times: (IsoBox, Vec<u8>),
    chunks: (IsoBox, Vec<u8>),
    pub(super) sizes: IsoBox,
    /// Bytes of each sample.
    pub(super) lengths: Vec<u32>,
    /// The box with the places of the chunks.
    pub(super) places: IsoBox,
    /// Where each chunk starts.
    pub(super) starts: Vec<u64>,
    groups: Vec<(IsoBox, Vec<u8>)>,
    /// How long a sample lasts, and how much shorter the last one is said to be.
    frame: u32,
    short: u32,
}

impl Samples {
    /// Reads the tables of a track whose samples last so many values each.
    ///
    /// # Errors
    /// If one is not there, broken, or of a sort that samples cannot be added to.
    pub(super) fn read(
        source: &dyn Source,
        walk: &mut Walk<'_>,
        tables: IsoBox,
        frame: u32,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        let at = tables.span.start;
        let (mut times, mut chunks, mut sizes, mut places, mut groups) = (None, None, None, None, Vec::new());
        for one in walk.children(tables.body)? {
            let old = match &one.kind {
                b"stts" => times.replace(one),
                b"stsc" => chunks.replace(one),
                b"stsz" => sizes.replace(one),
                b"stco" | b"co64" => places.replace(one),
                b"sbgp" => {
                    groups.push(one);
                    None
                }
                kind if INDIFFERENT.contains(&kind) => None,
                _ => {
                    return Err(FormatError::unsupported(
                        one.span.start,
                        "new sound beside this table of samples",
                    ));
                }
            };
            if old.is_some() {
                return Err(FormatError::malformed(one.span.start, "two tables of one sort"));
            }
        }
        let lacking = || FormatError::malformed(at, "a table of samples is not there");
        let (times, chunks, sizes, places) = (
            times.ok_or_else(lacking)?,
            chunks.ok_or_else(lacking)?,
            sizes.ok_or_else(lacking)?,
            places.ok_or_else(lacking)?,
        );
        let body = |one: IsoBox| limits.take(source, one.body);
        let lengths = lengths(sizes, &body(sizes)?, limits)?;
        let width = if &places.kind == b"co64" { 8 } else { 4 };
        let starts = body(places)?;
        let starts = entries(places, &starts, 4, width)?.map(number).collect();
        let (times, chunks) = ((times, body(times)?), (chunks, body(chunks)?));
        let short = short(times.0, entries(times.0, &times.1, 4, 8)?, frame)?;
        let counted: u64 =
            entries(times.0, &times.1, 4, 8)?.map(|entry| number(entry.get(..4).unwrap_or_default())).sum();
        if lengths.is_empty() || counted != lengths.len() as u64 {
            return Err(FormatError::malformed(
                times.0.span.start,
                "tables that count their samples otherwise",
            ));
        }
        let groups = groups.into_iter().map(|one| Ok((one, body(one)?))).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { times, chunks, sizes, lengths, places, starts, groups, frame, short })
    }

    /// Values of all samples.
    pub(super) fn values(&self) -> u64 {
        self.lengths.len() as u64 * u64::from(self.frame) - u64::from(self.short)
    }

    /// Has the last sample last as long as the others, as it does for a decoder once another one follows it; gives by how much longer.
    pub(super) fn complete(&mut self) -> u64 {
        std::mem::take(&mut self.short).into()
    }

    /// The tables but that of places, with samples of these lengths before and after those that are there: each set in a
    /// chunk of its own.
    ///
    /// # Errors
    /// If a table is broken, or more is counted than it can say.
    pub(super) fn extended(
        &self,
        before: &[u32],
        after: &[u32],
    ) -> Result<Vec<(IsoBox, Vec<u8>)>, FormatError> {
        let mut lengths: Vec<u32> = before.to_vec();
        lengths.extend(&self.lengths);
        lengths.extend(after);
        let sizes = [&[0; 8][..], &word(lengths.len())?, &words(&lengths)].concat();
        let mut tables = vec![(self.sizes, sizes), self.times(before.len(), after.len())?];
        tables.push(self.chunks(before.len(), after.len())?);
        for (one, body) in &self.groups {
            tables.push((*one, self.group(*one, body, before.len(), after.len())?));
        }
        Ok(tables)
    }

    /// Bodies of boxes: how long each sample lasts.
    fn times(&self, before: usize, after: usize) -> Result<(IsoBox, Vec<u8>), FormatError> {
        let (one, body) = &self.times;
        let (old, shorter) = (self.lengths.len(), usize::from(self.short > 0));
        let runs =
            [(before + old - shorter, self.frame), (shorter, self.frame - self.short), (after, self.frame)];
        let mut list = Vec::new();
        for (count, each) in runs.into_iter().filter(|(count, _)| *count > 0) {
            list.extend([word(count)?, each.to_be_bytes()].concat());
        }
        let head = body.get(..4).unwrap_or_default();
        Ok((*one, [head, &word(list.len() / 8)?, &list].concat()))
    }

    /// How many samples each chunk has.
    fn chunks(&self, before: usize, after: usize) -> Result<(IsoBox, Vec<u8>), FormatError> {
        let (one, body) = &self.chunks;
        let shift = usize::from(before > 0);
        let mut list = Vec::new();
        if before > 0 {
            list.extend([word(1)?, word(before)?, word(1)?].concat());
        }
        for entry in entries(*one, body, 4, 12)? {
            let first = usize::try_from(number(entry.get(..4).unwrap_or_default())).unwrap_or(usize::MAX);
            list.extend(word(first.saturating_add(shift))?);
            list.extend(entry.get(4..).unwrap_or_default());
        }
        if after > 0 {
            list.extend([word(self.starts.len() + shift + 1)?, word(after)?, word(1)?].concat());
        }
        let head = body.get(..4).unwrap_or_default();
        Ok((*one, [head, &word(list.len() / 12)?, &list].concat()))
    }

    /// To which group each sample belongs (8.9.2): new ones to those of their neighbours.
    fn group(&self, one: IsoBox, body: &[u8], before: usize, after: usize) -> Result<Vec<u8>, FormatError> {
        let head = if body.first() == Some(&1) { 12 } else { 8 };
        let list: Vec<&[u8]> = entries(one, body, head, 8)?.collect();
        let group =
            |entry: Option<&&[u8]>| entry.and_then(|entry| entry.get(4..)).unwrap_or(&[0; 4]).to_vec();
        let counted: u64 = list.iter().map(|entry| number(entry.get(..4).unwrap_or_default())).sum();
        let mut new = Vec::new();
        if before > 0 {
            new.extend([word(before)?.to_vec(), group(list.first())].concat());
        }
        new.extend(list.concat());
        if after > 0 && counted == self.lengths.len() as u64 {
            new.extend([word(after)?.to_vec(), group(list.last())].concat());
        }
        Ok([body.get(..head).unwrap_or_default(), &word(new.len() / 8)?, &new].concat())
    }

    /// How many samples each chunk has (8.7.4).
    ///
    /// # Errors
    /// If that table and the others count otherwise.
    pub(super) fn counts(&self) -> Result<Vec<usize>, FormatError> {
        let (one, body) = &self.chunks;
        let numbers = |entry: &[u8]| {
            let (first, count) = entry.split_at_checked(4).unwrap_or_default();
            [number(first), number(count.get(..4).unwrap_or_default())]
                .map(|number| usize::try_from(number).unwrap_or(usize::MAX))
        };
        let runs: Vec<_> = entries(*one, body, 4, 12)?.map(numbers).collect();
        let chunks = self.starts.len();
        let mut counts = Vec::new();
        for (at, [first, count]) in runs.iter().enumerate() {
            let next = runs.get(at + 1).map_or(chunks + 1, |[next, _]| *next);
            if *first != counts.len() + 1 || next > chunks + 1 {
                break;
            }
            counts.resize(next - 1, *count);
        }
        let all = counts.iter().try_fold(0_usize, |sum, count| sum.checked_add(*count));
        if counts.len() != chunks || all != Some(self.lengths.len()) {
            return Err(FormatError::malformed(one.span.start, "chunks that count their samples otherwise"));
        }
        Ok(counts)
    }

    /// Where the first samples stand, at most so many.
    pub(super) fn first(&self, most: usize) -> Vec<Span> {
        let in_chunk = number(self.chunks.1.get(12..16).unwrap_or_default());
        let mut at = self.starts.first().copied().unwrap_or(0);
        let most = most.min(usize::try_from(in_chunk).unwrap_or(usize::MAX));
        let spans = self.lengths.iter().take(most).map_while(|len| {
            let span = Span::new(at, (*len).into())?;
            at = span.end;
            Some(span)
        });
        spans.collect()
    }
}

/// Bytes of each sample (8.7.3).
fn lengths(one: IsoBox, body: &[u8], limits: &Limits) -> Result<Vec<u32>, FormatError> {
    let numbers = |from: usize| number(body.get(from..from + 4).unwrap_or_default());
    let (each, count) = (u32::try_from(numbers(4)).unwrap_or(0), numbers(8));
    if each == 0 {
        let list = entries(one, body, 8, 4)?;
        return Ok(list.map(|len| u32::try_from(number(len)).unwrap_or(0)).collect());
    }
    if count > limits.block / 4 {
        let problem = Problem::OverLimit { what: "samples", limit: limits.block / 4 };
        return Err(FormatError::new(one.span.start, problem));
    }
    Ok(vec![each; usize::try_from(count).unwrap_or(0)])
}

/// How much shorter the last sample is than a frame (8.6.1.2), where all others are one each.
fn short<'b>(one: IsoBox, entries: impl Iterator<Item = &'b [u8]>, frame: u32) -> Result<u32, FormatError> {
    let frame = u64::from(frame);
    let list: Vec<(u64, u64)> = entries
        .map(|entry| {
            let (count, length) = entry.split_at_checked(4).unwrap_or_default();
            (number(count), number(length))
        })
        .collect();
    let (last, others) = match list.as_slice() {
        [others @ .., (1, last)] if *last <= frame => (*last, others),
        all => (frame, all),
    };
    if others.iter().any(|(_, length)| *length != frame) {
        return Err(FormatError::unsupported(
            one.span.start,
            "new sound beside samples that last otherwise than their frames",
        ));
    }
    Ok(u32::try_from(frame - last).unwrap_or(0))
}

/// The entries of a table that are counted after so many bytes, each so long.
fn entries(
    one: IsoBox,
    body: &[u8],
    head: usize,
    len: usize,
) -> Result<impl Iterator<Item = &[u8]>, FormatError> {
    let short = || FormatError::malformed(one.span.start, "fewer entries than are counted");
    let count = usize::try_from(number(body.get(head..head + 4).ok_or_else(short)?)).unwrap_or(usize::MAX);
    let end = count.checked_mul(len).and_then(|all| all.checked_add(head + 4)).ok_or_else(short)?;
    Ok(body.get(head + 4..end).ok_or_else(short)?.chunks_exact(len))
}

/// A number in four bytes.
///
/// # Errors
/// If it does not fit.
pub(super) fn word(number: usize) -> Result<[u8; 4], FormatError> {
    let limit = u64::from(u32::MAX);
    let over = FormatError::new(0, Problem::OverLimit { what: "samples in a table", limit });
    u32::try_from(number).map(u32::to_be_bytes).map_err(|_| over)
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}
