//! From spectral lines to as many bits as there are (ISO/IEC 11172-3, 2.4.3.4 and C.1.5.4).
//!
//! One step for the whole granule, no scale factors: the noise is spread evenly, which makes the sum of it least.
//! That is what a short notice needs, and no ear model has to be right for it.

use super::bits::Bits;
use super::mdct::LINES;
use super::tables::{FOURS, Table, table};

/// The finest step tried: its noise is far below that of 16-bit sound.
const FINEST: u8 = 130;
/// Most bits that the length field of a granule can tell.
pub(super) const MOST_BITS: u32 = 4095;
/// The largest value that tables with 13 more bits can hold is 8206; decoders know up to 8191 surely.
const MOST: u16 = 8191;

/// A channel of a granule, quantised: what side information and main data say of it.
#[derive(Clone, Debug)]
pub(super) struct Granule {
    /// Length of the main data.
    pub(super) bits: u32,
    /// The step: each 4 more is twice as coarse.
    pub(super) gain: u8,
    /// Number of pairs in the three regions.
    pub(super) pairs: u16,
    /// Table of each region.
    pub(super) tables: [u8; 3],
    /// Bands in the first two regions, less one.
    pub(super) regions: [u8; 2],
    /// Whether fours are coded by the second table.
    pub(super) flat_fours: bool,
    values: Vec<i16>,
    edges: [usize; 4],
    end: usize,
}

impl Granule {
    /// All lines zero, in no bits.
    pub(super) fn silent() -> Self {
        Self {
            bits: 0,
            gain: 0,
            pairs: 0,
            tables: [0; 3],
            regions: [0; 2],
            flat_fours: true,
            values: vec![0; LINES],
            edges: [0; 4],
            end: 0,
        }
    }

    /// The lines with the finest step that fits into `budget` bits.
    pub(super) fn fit(lines: &[f32; LINES], budget: u32, bands: &[u16; 23]) -> Self {
        if lines.iter().all(|line| *line == 0.0) {
            return Self::silent();
        }
        let budget = budget.min(MOST_BITS);
        let powers: Vec<f32> = lines.iter().map(|line| line.abs().powf(0.75)).collect();
        let (mut low, mut high) = (FINEST, u8::MAX);
        let mut best = None;
        while low <= high {
            let gain = low + (high - low) / 2;
            match Self::at_step(lines, &powers, gain, bands).filter(|granule| granule.bits <= budget) {
                Some(granule) => {
                    best = Some(granule);
                    high = gain - 1;
                }
                None if gain == u8::MAX => break,
                None => low = gain + 1,
            }
        }
        best.unwrap_or_else(Self::silent)
    }

    /// The lines at one step; `None` if a value is too large to be coded.
    fn at_step(lines: &[f32; LINES], powers: &[f32], gain: u8, bands: &[u16; 23]) -> Option<Self> {
        let scale = (-0.1875 * (f32::from(gain) - 210.0)).exp2();
        let mut granule = Self { gain, ..Self::silent() };
        for ((value, power), line) in granule.values.iter_mut().zip(powers).zip(lines) {
            // Values are spaced wider as they grow, so the place to round at is a little below the half.
            let size = whole(power * scale + 0.4054).filter(|size| *size <= MOST)?;
            let size = i16::try_from(size).ok()?;
            *value = if *line < 0.0 { -size } else { size };
        }
        granule.cut(bands);
        granule.choose();
        Some(granule)
    }

    /// Cuts the lines into regions of pairs, fours of at most 1, and zeros.
    fn cut(&mut self, bands: &[u16; 23]) {
        let last = self.values.iter().rposition(|value| *value != 0).map_or(0, |at| at + 1);
        self.end = last.next_multiple_of(2);
        let large = |four: &&[i16]| four.iter().all(|value| value.abs() <= 1);
        let fours =
            self.values.get(..self.end).unwrap_or_default().rchunks_exact(4).take_while(large).count();
        let pairs = self.end - 4 * fours;
        self.pairs = u16::try_from(pairs / 2).unwrap_or(0);
        // A third of the bands in use to each region.
        let used = bands.iter().take_while(|band| usize::from(**band) < pairs).count();
        let first = (used / 3).clamp(1, 16);
        let second = (used / 3).clamp(1, 8);
        self.regions = [first, second].map(|count| u8::try_from(count - 1).unwrap_or(0));
        let edge = |band: usize| bands.get(band).map_or(pairs, |edge| usize::from(*edge).min(pairs));
        self.edges = [0, edge(first), edge(first + second), pairs];
    }

    /// The regions of pairs, each with its table.
    fn region(&self, number: usize) -> &[i16] {
        let from = self.edges.get(number).copied().unwrap_or(0);
        let to = self.edges.get(number + 1).copied().unwrap_or(from);
        self.values.get(from..to).unwrap_or_default()
    }

    /// The fours after the pairs.
    fn fours(&self) -> impl Iterator<Item = (usize, &[i16])> {
        let fours =
            self.values.get(2 * usize::from(self.pairs)..self.end).unwrap_or_default().chunks_exact(4);
        fours.map(|four| (four.iter().fold(0, |number, value| 2 * number + usize::from(*value != 0)), four))
    }

    /// Chooses the shortest tables and counts the bits.
    fn choose(&mut self) {
        self.bits = 0;
        for number in 0..3 {
            let (choice, bits) = shortest(self.region(number));
            if let Some(table) = self.tables.get_mut(number) {
                *table = choice;
            }
            self.bits += bits;
        }
        let (mut first, mut second) = (0, 0);
        for (number, _) in self.fours() {
            let signs = number.count_ones();
            first += FOURS.get(number).map_or(0, |(_, len)| u32::from(*len)) + signs;
            second += 4 + signs;
        }
        self.flat_fours = second < first;
        self.bits += first.min(second);
    }

    /// Writes the main data.
    pub(super) fn write(&self, bits: &mut Bits) {
        for (number, choice) in self.tables.into_iter().enumerate().filter(|(_, choice)| *choice > 0) {
            let (table, more) = (table(choice), more_bits(choice));
            for pair in self.region(number).chunks_exact(2) {
                let [x, y] = [pair.first(), pair.get(1)].map(|value| value.copied().unwrap_or(0));
                let (code, len) = table.code(within(&table, x), within(&table, y));
                bits.put(code.into(), len.into());
                for value in [x, y] {
                    if more > 0 && value.unsigned_abs() >= 15 {
                        bits.put(u32::from(value.unsigned_abs() - 15), more);
                    }
                    sign(bits, value);
                }
            }
        }
        for (number, four) in self.fours() {
            let (code, len) = FOURS.get(number).copied().unwrap_or((0, 0));
            if self.flat_fours {
                bits.put(!u32::try_from(number).unwrap_or(0), 4);
            } else {
                bits.put(code.into(), len.into());
            }
            four.iter().for_each(|value| sign(bits, *value));
        }
    }
}

fn sign(bits: &mut Bits, value: i16) {
    if value != 0 {
        bits.put(u32::from(value < 0), 1);
    }
}

/// The place of a value in a table, which ends at 15 even where more bits follow.
fn within(table: &Table, value: i16) -> usize {
    usize::from(value.unsigned_abs()).min(table.width - 1)
}

/// Bits that follow a 15 in this table.
fn more_bits(table: u8) -> u32 {
    match table {
        24..=29 => u32::from(table) - 20,
        30 => 11,
        31 => 13,
        _ => 0,
    }
}

/// The table that codes the pairs of a region in the fewest bits, and their number.
fn shortest(region: &[i16]) -> (u8, u32) {
    let most = region.iter().map(|value| value.unsigned_abs()).max().unwrap_or(0);
    let choices: &[u8] = match most {
        0 => return (0, 0),
        1 => &[1, 2, 3],
        2 => &[2, 3],
        3 => &[5, 6],
        4..=5 => &[7, 8, 9],
        6..=7 => &[10, 11, 12],
        8..=15 => &[13, 15],
        16..=30 => &[24],
        31..=46 => &[25],
        47..=78 => &[26],
        79..=142 => &[27],
        143..=270 => &[28],
        271..=526 => &[29],
        527..=2062 => &[30],
        _ => &[31],
    };
    let length = |choice: u8| {
        let (table, more) = (table(choice), more_bits(choice));
        let tail = |value: i16| u32::from(value != 0) + if value.unsigned_abs() >= 15 { more } else { 0 };
        let pair = |x: i16, y: i16| table.len(within(&table, x), within(&table, y)) + tail(x) + tail(y);
        let pairs = region.chunks_exact(2);
        let pairs = pairs.map(|two| [two.first(), two.get(1)].map(|value| value.copied().unwrap_or(0)));
        pairs.map(|[x, y]| pair(x, y)).sum::<u32>()
    };
    let lengths = choices.iter().map(|choice| (*choice, length(*choice)));
    lengths.min_by_key(|(_, bits)| *bits).unwrap_or((0, 0))
}

/// The whole part of a number; `None` if it is too large.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
fn whole(value: f32) -> Option<u16> {
    (0.0..65_535.0).contains(&value).then_some(value as u16)
}
