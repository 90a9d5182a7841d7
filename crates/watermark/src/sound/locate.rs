#![allow(clippy::indexing_slicing, reason = "indices are blocks below the number of blocks")]

use std::ops::Range;

use super::{
    analysis::Blocks,
    pattern::Pattern,
    read::{Offset, Peak, Reading, offsets, peaks, place, read},
    track::track,
};
use crate::{Code, Evidence, Workspace};

/// Offsets that are read in the whole of the sound, whether they fit well or not.
const WHOLE_PEAKS: usize = 3;
/// Offsets that are read in a part of it, if they fit.
const PART_PEAKS: usize = 2;
/// How well sync cells must fit for a part to be read, in standard deviations.
const PART_FIT: f32 = 4.5;
/// Lengths of parts, in blocks: 36, 18 and 9 seconds.
const PARTS: [usize; 3] = [32, 16, 8];
/// Parts in which the tile is followed past cuts have so many blocks at least.
const FOLLOWED: usize = 4;
/// How well a known pattern must fit in a block, at an offset where it stands elsewhere and at any offset.
const KNOWN_FIT: f32 = 4.0;
const ANY_FIT: f32 = 6.5;

/// A mark found in blocks.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) payload: u64,
    pub(super) statistic: f64,
    pub(super) information_bits: u32,
    /// Ranges of blocks that it stands in.
    pub(super) ranges: Vec<Range<usize>>,
}

/// What a search through blocks tells.
#[derive(Debug, Default)]
pub(super) struct Harvest {
    pub(super) marks: Vec<Mark>,
    /// The best statistic of what does not count as found, and the bits it chose freely.
    pub(super) best: Option<(f64, u32)>,
}

/// Reads blocks with one key.
pub(super) struct Harvester<'a> {
    pub(super) pattern: &'a Pattern,
    pub(super) code: &'a Code,
    pub(super) workspace: &'a mut Workspace,
    pub(super) log10_threshold: f64,
    /// Attempts made so far in the whole detection.
    pub(super) attempts: &'a mut u64,
    /// Attempts that count from the beginning, since more will be made.
    pub(super) expected: &'a [u64],
}

impl Harvester<'_> {
    /// Finds the marks in blocks: in all together, then in ever shorter parts of what is not accounted for.
    pub(super) fn harvest(&mut self, blocks: &Blocks) -> Harvest {
        let mut harvest = Harvest::default();
        let mut explained = vec![false; blocks.len()];
        self.part(blocks, 0..blocks.len(), &mut explained, &mut harvest);
        for length in PARTS.into_iter().filter(|&length| length < blocks.len()) {
            let mut from = 0;
            while from < blocks.len() {
                let range = from..(from + length).min(blocks.len());
                if explained[range.clone()].iter().filter(|explained| !**explained).count() > length / 2 {
                    self.part(blocks, range, &mut explained, &mut harvest);
                }
                from += length / 2;
            }
        }
        harvest.marks.sort_by(|a, b| b.statistic.total_cmp(&a.statistic));
        harvest
    }

    /// Reads what is not accounted for in a range of blocks.
    fn part(&mut self, blocks: &Blocks, range: Range<usize>, explained: &mut [bool], harvest: &mut Harvest) {
        let whole = range.len() == blocks.len();
        for _ in 0..4 {
            let rest: Vec<usize> = range.clone().filter(|&number| !explained[number]).collect();
            if rest.is_empty() {
                return;
            }
            let sum = blocks.sum(rest.iter().copied());
            let (count, least) = if whole { (WHOLE_PEAKS, f32::MIN) } else { (PART_PEAKS, PART_FIT) };
            let peaks = peaks(&sum, self.pattern, super::grid::PHASES, count);
            let straight = self.attempt(&sum, &peaks, least, harvest).map(|read| (vec![read.0.offset], read));
            let followed = || {
                let track = track(blocks, &rest, self.pattern);
                let start = Peak { fit: 0.0, offset: Offset { phase: 0, frame: 0 } };
                Some((track.offsets, self.attempt(&track.tile, &[start], f32::MIN, harvest)?))
            };
            let read = if whole && rest.len() >= FOLLOWED { straight.or_else(followed) } else { straight };
            let Some((offsets, (reading, bits))) = read else { return };
            let tile = self.pattern.tile(&reading.decoded.codeword);
            let found = stands(blocks, &tile, &offsets, explained);
            let before = rest.len();
            let numbers: Vec<usize> = if found.is_empty() { rest.clone() } else { found };
            numbers.iter().for_each(|&number| explained[number] = true);
            let payload = super::narrow_payload(reading.decoded.payload);
            match harvest.marks.iter_mut().find(|mark| mark.payload == payload) {
                Some(mark) => {
                    mark.statistic = mark.statistic.max(reading.statistic);
                    mark.ranges = ranges(mark.ranges.iter().flat_map(|range| range.clone()).chain(numbers));
                }
                None => harvest.marks.push(Mark {
                    payload,
                    statistic: reading.statistic,
                    information_bits: bits,
                    ranges: ranges(numbers.into_iter()),
                }),
            }
            if range.clone().filter(|&number| !explained[number]).count() == before {
                return;
            }
        }
    }

    /// Reads at offsets, until something is found.
    pub(super) fn attempt(
        &mut self,
        sum: &[f32],
        peaks: &[Peak],
        least: f32,
        harvest: &mut Harvest,
    ) -> Option<(Reading, u32)> {
        let mut best: Option<(Reading, u32)> = None;
        for peak in peaks.iter().filter(|peak| peak.fit >= least) {
            let reading = read(sum, self.pattern, peak.offset, self.code, self.workspace);
            *self.attempts += 1;
            for &expected in self.expected {
                *self.attempts += 1;
                let codeword = self.code.encode(expected.into());
                let statistic = crate::statistic(&reading.values, &codeword);
                if self.holds(statistic, 0) {
                    let mut reading = reading.clone();
                    reading.decoded = crate::Decoded { payload: expected.into(), checked: true, codeword };
                    reading.statistic = statistic;
                    return Some((reading, 0));
                }
            }
            let better =
                harvest.best.is_none_or(|(statistic, bits)| bits < 64 || reading.statistic > statistic);
            if better {
                harvest.best = Some((reading.statistic, 64));
            }
            if reading.decoded.checked
                && self.holds(reading.statistic, 64)
                && best.as_ref().is_none_or(|(best, _)| reading.statistic > best.statistic)
            {
                best = Some((reading, 64));
            }
        }
        best
    }

    fn holds(&self, statistic: f64, information_bits: u32) -> bool {
        let log10_threshold = self.log10_threshold;
        Evidence { statistic, hypotheses: *self.attempts, information_bits, log10_threshold }.holds()
    }
}

/// The blocks, of those not accounted for, where a known pattern stands.
fn stands(blocks: &Blocks, tile: &[f32], offsets_read: &[Offset], explained: &[bool]) -> Vec<usize> {
    let all = offsets();
    let mut known: Vec<Offset> = offsets_read.iter().flat_map(|&offset| near(offset)).collect();
    let mut found = Vec::new();
    for number in (0..blocks.len()).filter(|&number| !explained[number]) {
        let alone = blocks.sum(std::iter::once(number));
        let from = number.saturating_sub(1);
        let around = blocks.sum(from..(number + 2).min(blocks.len()));
        let fit = |sum: &[f32], offsets: &[Offset]| place(sum, tile, offsets).map_or(0.0, |peak| peak.fit);
        if fit(&alone, &known) >= KNOWN_FIT
            || fit(&around, &known) >= KNOWN_FIT + 1.0 && fit(&alone, &known) >= 2.0
        {
            found.push(number);
        } else if let Some(peak) = place(&alone, tile, &all).filter(|peak| peak.fit >= ANY_FIT) {
            known.extend(near(peak.offset));
            found.push(number);
        }
    }
    found
}

/// An offset and those next to it.
fn near(offset: Offset) -> Vec<Offset> {
    use super::grid::{PERIOD, PHASES};
    let at = offset.frame * PHASES + offset.phase + PHASES * PERIOD;
    let of = |at: usize| Offset { phase: at % PHASES, frame: at / PHASES % PERIOD };
    vec![of(at - 1), of(at), of(at + 1)]
}

/// Numbers as ranges; a gap of two is closed.
fn ranges(numbers: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut numbers: Vec<usize> = numbers.collect();
    numbers.sort_unstable();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some(last) if number <= last.end + 2 => last.end = last.end.max(number + 1),
            _ => ranges.push(number..number + 1),
        }
    }
    ranges
}
