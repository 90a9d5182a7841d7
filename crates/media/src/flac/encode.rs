//! Making frames: constant, fixed-predictor and verbatim subframes (RFC 9639, 9.2).

use super::bits::Bits;
use super::checksum::crc16;
use super::frame::FrameHeader;

/// Most parts that the residual of a block is cut into: two to the power of this.
const PARTS: u32 = 4;
/// Largest Rice parameter.
const RICE: u32 = 30;
/// Largest Rice parameter that fits in four bits; the highest number escapes.
const SMALL_RICE: u32 = 14;

/// Shortest frame that ffmpeg takes for one; silence in 8 bits can be shorter.
const SHORTEST: usize = 11;

/// Assignments of two channels: the first and the difference, the difference and the second, the mean and the difference.
const LEFT_SIDE: u8 = 8;
const SIDE_RIGHT: u8 = 9;
const MID_SIDE: u8 = 10;

/// A whole frame of these samples, channel by channel, coded like the frame with the header `model`.
pub(super) fn frame(model: &FrameHeader, number: u64, channels: &[Vec<i32>], sample_bits: u32) -> Vec<u8> {
    let block = channels.first().map_or(0, Vec::len);
    let block = u32::try_from(block).unwrap_or(0);
    let (assignment, subframes) = match channels {
        [left, right] => stereo(left, right, sample_bits),
        _ => {
            let each =
                channels.iter().map(|samples| Subframe::best(samples, sample_bits)).collect::<Vec<_>>();
            (u8::try_from(channels.len().saturating_sub(1)).unwrap_or(0), each)
        }
    };
    let mut bits = Bits::default();
    for subframe in &subframes {
        subframe.write(&mut bits);
    }
    let body = bits.into_bytes();
    let mut bytes = model.of_frame(number, block, assignment, false);
    if bytes.len() + body.len() + 2 < SHORTEST {
        bytes = model.of_frame(number, block, assignment, true);
    }
    bytes.extend(body);
    let crc = crc16(0, &bytes);
    bytes.extend(crc.to_be_bytes());
    bytes
}

/// The cheapest assignment of two channels. The difference takes one bit more a sample.
fn stereo(left: &[i32], right: &[i32], sample_bits: u32) -> (u8, Vec<Subframe>) {
    let pairs = || left.iter().zip(right);
    let mid: Vec<i32> = pairs().map(|(left, right)| (left + right) >> 1).collect();
    let side: Vec<i32> = pairs().map(|(left, right)| left - right).collect();
    let [left, right, mid] = [left, right, &mid].map(|samples| Subframe::best(samples, sample_bits));
    let side = Subframe::best(&side, sample_bits + 1);
    let costs = [
        (left.cost + right.cost, 1),
        (left.cost + side.cost, LEFT_SIDE),
        (side.cost + right.cost, SIDE_RIGHT),
        (mid.cost + side.cost, MID_SIDE),
    ];
    match costs.into_iter().min().map_or(1, |(_, assignment)| assignment) {
        LEFT_SIDE => (LEFT_SIDE, vec![left, side]),
        SIDE_RIGHT => (SIDE_RIGHT, vec![side, right]),
        MID_SIDE => (MID_SIDE, vec![mid, side]),
        _ => (1, vec![left, right]),
    }
}

/// The samples of a channel, coded in the cheapest way.
struct Subframe {
    /// How many bits it takes.
    cost: u64,
    sample_bits: u32,
    samples: Vec<i32>,
    way: Way,
}

/// How the samples of a channel are coded.
enum Way {
    Constant,
    Verbatim,
    Predicted { order: usize, residual: Vec<i64>, parts: Parts },
}

impl Subframe {
    fn best(samples: &[i32], sample_bits: u32) -> Self {
        let of = |cost: u64, way| Self { cost: cost + 8, sample_bits, samples: samples.to_vec(), way };
        let first = samples.first().copied().unwrap_or(0);
        if samples.iter().all(|sample| *sample == first) {
            return of(sample_bits.into(), Way::Constant);
        }
        let orders = 0..=4_usize.min(samples.len() - 1);
        let residuals = orders.map(|order| residual(samples, order));
        let size = |residual: &Vec<i64>| residual.iter().map(|value| value.unsigned_abs()).sum::<u64>();
        let best = residuals.enumerate().min_by_key(|(_, residual)| size(residual));
        let verbatim = samples.len() as u64 * u64::from(sample_bits);
        let coded = best.and_then(|(order, residual)| {
            let parts = Parts::best(&residual, samples.len(), order)?;
            let all = parts.bits + order as u64 * u64::from(sample_bits);
            (all < verbatim).then_some((all, Way::Predicted { order, residual, parts }))
        });
        let (cost, way) = coded.unwrap_or((verbatim, Way::Verbatim));
        of(cost, way)
    }

    fn write(&self, bits: &mut Bits) {
        let Self { sample_bits, samples, way, .. } = self;
        let whole = |bits: &mut Bits, count: usize| {
            samples.iter().take(count).for_each(|sample| bits.put_signed((*sample).into(), *sample_bits));
        };
        match way {
            Way::Constant => {
                bits.put(0, 8);
                whole(bits, 1);
            }
            Way::Verbatim => {
                bits.put(0b000_001 << 1, 8);
                whole(bits, samples.len());
            }
            Way::Predicted { order, residual, parts } => {
                bits.put(0b001_000 << 1 | (*order as u64) << 1, 8);
                whole(bits, *order);
                parts.write(bits, residual, samples.len(), *order);
            }
        }
    }
}

/// What the fixed predictor of an order leaves: differences taken that many times.
fn residual(samples: &[i32], order: usize) -> Vec<i64> {
    let mut values: Vec<i64> = samples.iter().map(|sample| i64::from(*sample)).collect();
    for _ in 0..order {
        values = values.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?)).collect();
    }
    values
}

/// A number with its sign in the lowest bit.
fn folded(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

/// How a residual is cut into parts with a Rice parameter each.
struct Parts {
    order: u32,
    parameters: Vec<u32>,
    bits: u64,
}

impl Parts {
    /// The cheapest way, if the numbers are small enough for the decoder.
    fn best(residual: &[i64], block: usize, order: usize) -> Option<Self> {
        if residual.iter().any(|value| value.unsigned_abs() > u64::from(u32::MAX >> 2)) {
            return None;
        }
        let fits = |parts: &u32| block.is_multiple_of(1 << parts) && block >> parts > order;
        (0..=PARTS)
            .filter(fits)
            .map(|parts| Self::cut(residual, block, order, parts))
            .min_by_key(|parts| parts.bits)
    }

    fn cut(residual: &[i64], block: usize, order: usize, parts: u32) -> Self {
        let (mut parameters, mut bits) = (Vec::new(), 0);
        for part in pieces(residual, block, order, parts) {
            let (parameter, cost) = rice(part);
            parameters.push(parameter);
            bits += cost + 5;
        }
        Self { order: parts, parameters, bits: bits + 6 }
    }

    fn write(&self, bits: &mut Bits, residual: &[i64], block: usize, order: usize) {
        let wide = self.parameters.iter().any(|parameter| *parameter > SMALL_RICE);
        bits.put(wide.into(), 2);
        bits.put(self.order.into(), 4);
        for (part, parameter) in pieces(residual, block, order, self.order).zip(&self.parameters) {
            bits.put((*parameter).into(), if wide { 5 } else { 4 });
            for value in part {
                let value = folded(*value);
                bits.put_unary(value >> parameter);
                bits.put(value & ((1 << parameter) - 1), *parameter);
            }
        }
    }
}

/// The parts of a residual. The first is shorter by the samples that were not predicted.
fn pieces(residual: &[i64], block: usize, order: usize, parts: u32) -> impl Iterator<Item = &[i64]> {
    let len = block >> parts;
    let first = len.saturating_sub(order).min(residual.len());
    let (head, rest) = residual.split_at(first);
    std::iter::once(head).chain(rest.chunks(len.max(1)))
}

/// The best Rice parameter and what it costs in bits.
fn rice(part: &[i64]) -> (u32, u64) {
    let sum: u64 = part.iter().map(|value| folded(*value)).sum();
    let mean = sum / (part.len() as u64).max(1);
    let near = mean.max(1).ilog2();
    let cost = |parameter: u32| {
        part.iter().map(|value| (folded(*value) >> parameter) + 1 + u64::from(parameter)).sum::<u64>()
    };
    let all = near.saturating_sub(1)..=(near + 1).min(RICE);
    all.map(|parameter| (parameter, cost(parameter))).min_by_key(|(_, cost)| *cost).unwrap_or((0, 0))
}
