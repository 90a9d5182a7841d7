#![allow(
    clippy::indexing_slicing,
    reason = "every index is a layer, a path or a place below the length of the code, none comes from content"
)]

use crate::crc16;

const CRC_BITS: usize = 16;
/// Candidates kept while decoding.
const LIST: usize = 8;

/// A polar code with a CRC-16 inside, for a payload of up to 128 bits on a power of two of chips.
///
/// Bit channels are ranked by polarisation weight, the sum of `2^(j/4)` over the set bits `j` of their index, so that no table is
/// needed; the best `B + 16` carry the payload, most significant bit first, and then its CRC, in ascending order of index. The
/// codeword is `u` with its first half replaced by the sum of both halves, then likewise in each half (natural order).
#[derive(Clone, Debug)]
pub struct Code {
    information_bits: usize,
    /// By index: whether the bit is fixed to zero.
    frozen: Vec<bool>,
    /// Number of bits that are not frozen in front of each index, and of all at the end.
    before: Vec<usize>,
}

/// What a decoding came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The payload of the likeliest candidate, of those whose CRC holds if there are any.
    pub payload: u128,
    /// Whether the CRC holds. One noise in some 8,000 passes it: it selects, it does not prove.
    pub checked: bool,
    /// The codeword of that payload.
    pub codeword: Vec<bool>,
}

impl Code {
    /// A code of so many chips.
    ///
    /// # Errors
    /// If `chips` is no power of two from 32 to 65,536, or has no room for a payload of `information_bits` with its CRC, or these
    /// are none or more than 128.
    pub fn new(chips: usize, information_bits: usize) -> Result<Self, CodeError> {
        let fits = chips.is_power_of_two()
            && (32..=65_536).contains(&chips)
            && (1..=128).contains(&information_bits)
            && information_bits + CRC_BITS <= chips;
        if !fits {
            return Err(CodeError { chips, information_bits });
        }
        let weight = |index: usize| -> f64 {
            (0..chips.trailing_zeros())
                .filter(|j| index >> j & 1 == 1)
                .map(|j| (f64::from(j) / 4.0).exp2())
                .sum()
        };
        let mut ranked: Vec<(f64, usize)> = (0..chips).map(|index| (weight(index), index)).collect();
        // The better index is the larger one where weights are equal.
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
        let mut frozen = vec![true; chips];
        ranked.iter().take(information_bits + CRC_BITS).for_each(|&(_, index)| frozen[index] = false);
        let mut before = vec![0; chips + 1];
        for index in 0..chips {
            before[index + 1] = before[index] + usize::from(!frozen[index]);
        }
        Ok(Self { information_bits, frozen, before })
    }

    /// Number of chips.
    pub fn chips(&self) -> usize {
        self.frozen.len()
    }

    /// Number of payload bits.
    pub fn information_bits(&self) -> usize {
        self.information_bits
    }

    /// The indices that carry the payload and its CRC, in this order.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        self.frozen.iter().enumerate().filter(|(_, frozen)| !**frozen).map(|(index, _)| index)
    }

    /// The codeword of a payload; bits of it above [`Code::information_bits`] are left out.
    pub fn encode(&self, payload: u128) -> Vec<bool> {
        let bits = (0..self.information_bits).rev().map(|place| payload >> place & 1 == 1);
        let crc = crc16(bits.clone());
        let mut word = bits.chain((0..CRC_BITS).rev().map(|place| crc >> place & 1 == 1));
        let mut code: Vec<bool> = self
            .frozen
            .iter()
            .map(|&frozen| if frozen { false } else { word.next().unwrap_or_default() })
            .collect();
        let mut size = code.len();
        while size > 1 {
            for block in code.chunks_exact_mut(size) {
                let (left, right) = block.split_at_mut(size / 2);
                left.iter_mut().zip(right).for_each(|(left, right)| *left ^= *right);
            }
            size /= 2;
        }
        code
    }

    /// The likeliest payload for soft values: above 0 for a bit that is not set, the further the surer, in any unit.
    ///
    /// List decoding by successive cancellation (minimum sum), 8 candidates. Values that are no number count as 0, missing ones
    /// too. The workspace grows once and is used again.
    pub fn decode(&self, soft: &[f32], workspace: &mut Workspace) -> Decoded {
        workspace.reset(self.chips());
        let top = workspace.alpha_of(0, 0);
        top.iter_mut().zip(soft).for_each(|(to, &from)| *to = if from.is_finite() { from } else { 0.0 });
        workspace.node(self, 0, 0);
        let mut order: Vec<usize> = (0..workspace.paths.len()).collect();
        order.sort_by(|&a, &b| workspace.paths[a].metric.total_cmp(&workspace.paths[b].metric));
        let checked = |path: &&usize| {
            let path = &workspace.paths[**path];
            crc16((0..self.information_bits).rev().map(|place| path.payload >> place & 1 == 1)) == path.crc
        };
        let sound = order.iter().find(checked);
        let path = sound.or(order.first()).map_or(0, |&path| workspace.paths[path].payload);
        Decoded { payload: path, checked: sound.is_some(), codeword: self.encode(path) }
    }
}

/// A code that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no code has {chips} chips for {information_bits} bits and a CRC of 16")]
pub struct CodeError {
    /// Chips asked for.
    pub chips: usize,
    /// Payload bits asked for.
    pub information_bits: usize,
}

/// Memory for decoding, to be used again for codes of any length.
///
/// Values of a layer are written for all paths at once, one slot each. When a path forks, its twin takes over the slot numbers,
/// not the values: they are only read from then on.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    chips: usize,
    /// Soft values, layer by layer, path by path.
    alpha: Vec<f32>,
    /// Decided bits of the node at each layer, likewise.
    beta: Vec<bool>,
    /// Decided bits of the left child, kept while the right one is decoded, likewise.
    left: Vec<bool>,
    paths: Vec<Path>,
    forks: Vec<(f32, usize, bool)>,
    next: Vec<Path>,
}

const LAYERS: usize = 17;

#[derive(Clone, Copy, Debug, Default)]
struct Path {
    /// How unlikely it is.
    metric: f32,
    payload: u128,
    crc: u16,
    /// In which slot of each layer its values stand.
    alpha: [u8; LAYERS],
    beta: [u8; LAYERS],
    left: [u8; LAYERS],
}

impl Workspace {
    fn reset(&mut self, chips: usize) {
        if self.chips != chips {
            self.chips = chips;
            self.alpha = vec![0.0; 2 * chips * LIST];
            self.beta = vec![false; 2 * chips * LIST];
            self.left = vec![false; 2 * chips * LIST];
        }
        self.alpha_of(0, 0).fill(0.0);
        self.paths.clear();
        self.paths.push(Path::default());
    }

    /// Where the values of a layer and slot stand.
    fn range(&self, layer: usize, slot: usize) -> std::ops::Range<usize> {
        let size = self.chips >> layer;
        let start = 2 * (self.chips - size) * LIST + slot * size;
        start..start + size
    }

    fn alpha_of(&mut self, layer: usize, slot: usize) -> &mut [f32] {
        let range = self.range(layer, slot);
        &mut self.alpha[range]
    }

    /// Decodes the bits below a node, which begin at `first`, for all paths.
    fn node(&mut self, code: &Code, layer: usize, first: usize) {
        let size = self.chips >> layer;
        let free = code.before[first + size] - code.before[first];
        if free == 0 {
            self.frozen(layer);
        } else if free == 1 && !code.frozen[first + size - 1] {
            self.repeated(code, layer, code.before[first]);
        } else {
            self.descend(layer, false);
            self.node(code, layer + 1, first);
            self.keep_left(layer + 1);
            self.descend(layer, true);
            self.node(code, layer + 1, first + size / 2);
            self.combine(layer);
        }
    }

    /// All bits are zero. What contradicts that makes a path less likely, by the same sum as bit by bit.
    fn frozen(&mut self, layer: usize) {
        for path in 0..self.paths.len() {
            let alpha = &self.alpha[self.range(layer, self.paths[path].alpha[layer].into())];
            let against: f32 = alpha.iter().map(|value| (-value).max(0.0)).sum();
            self.paths[path].metric += against;
            self.give(layer, path).fill(false);
        }
    }

    /// The bits that a node has decided, to be written, in a slot of the path's own.
    fn give(&mut self, layer: usize, path: usize) -> &mut [bool] {
        self.paths[path].beta[layer] = slot(path);
        let range = self.range(layer, path);
        &mut self.beta[range]
    }

    /// One bit of payload or CRC, which all below the node repeat: each path forks, the likeliest are kept. What contradicts
    /// either value comes to the same sum as bit by bit.
    fn repeated(&mut self, code: &Code, layer: usize, number: usize) {
        self.forks.clear();
        for (index, path) in self.paths.iter().enumerate() {
            let alpha = &self.alpha[self.range(layer, path.alpha[layer].into())];
            let against = |sign: f32| -> f32 { alpha.iter().map(|value| (sign * value).max(0.0)).sum() };
            self.forks.push((path.metric + against(-1.0), index, false));
            self.forks.push((path.metric + against(1.0), index, true));
        }
        self.forks.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.forks.truncate(LIST);
        self.next.clear();
        for &(metric, from, bit) in &self.forks {
            let mut path = self.paths[from];
            path.metric = metric;
            if number < code.information_bits {
                path.payload = path.payload << 1 | u128::from(bit);
            } else {
                path.crc = path.crc << 1 | u16::from(bit);
            }
            self.next.push(path);
        }
        std::mem::swap(&mut self.paths, &mut self.next);
        for path in 0..self.paths.len() {
            let bit = self.forks[path].2;
            self.give(layer, path).fill(bit);
        }
    }

    /// The soft values of a child: the left one from the values alone, the right one knowing the left bits.
    fn descend(&mut self, layer: usize, right: bool) {
        let half = self.chips >> (layer + 1);
        for index in 0..self.paths.len() {
            let path = self.paths[index];
            let (from, to) = (self.range(layer, path.alpha[layer].into()), self.range(layer + 1, index));
            let known = self.range(layer + 1, path.left[layer + 1].into());
            let (above, below) = self.alpha.split_at_mut(to.start);
            let (first, second) = above[from].split_at(half);
            let pairs = below[..half].iter_mut().zip(first.iter().zip(second));
            if right {
                for ((to, (&a, &b)), &bit) in pairs.zip(&self.left[known]) {
                    *to = if bit { b - a } else { b + a };
                }
            } else {
                for (to, (&a, &b)) in pairs {
                    *to = a.abs().min(b.abs()).copysign(a * b);
                }
            }
            self.paths[index].alpha[layer + 1] = slot(index);
        }
    }

    fn keep_left(&mut self, layer: usize) {
        for index in 0..self.paths.len() {
            let (from, to) =
                (self.range(layer, self.paths[index].beta[layer].into()), self.range(layer, index));
            self.left[to].copy_from_slice(&self.beta[from]);
            self.paths[index].left[layer] = slot(index);
        }
    }

    fn combine(&mut self, layer: usize) {
        let half = self.chips >> (layer + 1);
        for index in 0..self.paths.len() {
            let path = self.paths[index];
            let right = self.range(layer + 1, path.beta[layer + 1].into());
            let left = self.range(layer + 1, path.left[layer + 1].into());
            let to = self.range(layer, index);
            let (above, below) = self.beta.split_at_mut(2 * (self.chips - half) * LIST);
            let offset = 2 * (self.chips - half) * LIST;
            let right = &below[right.start - offset..right.end - offset];
            let (first, second) = above[to].split_at_mut(half);
            for ((first, second), (&left, &right)) in
                first.iter_mut().zip(second).zip(self.left[left].iter().zip(right))
            {
                *first = left ^ right;
                *second = right;
            }
            self.paths[index].beta[layer] = slot(index);
        }
    }
}

/// A slot number is a path's, of which there are few.
fn slot(path: usize) -> u8 {
    path.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    #[test]
    fn codes_that_cannot_be_are_refused() {
        for (chips, bits) in [(1000, 64), (16, 1), (64, 64), (1024, 0), (1024, 129)] {
            assert!(Code::new(chips, bits).is_err(), "{chips} {bits}");
        }
        assert!(Code::new(32, 16).is_ok());
    }

    /// Noise of a known kind: the sum of twelve uniform numbers.
    fn noisy(code: &Code, payload: u128, amplitude: f32, name: &str) -> Vec<f32> {
        let mut stream = Key::public().stream(name);
        let mut noise = move || (0..12).map(|_| stream.unit()).sum::<f32>() - 6.0;
        code.encode(payload).iter().map(|&bit| noise() + if bit { -amplitude } else { amplitude }).collect()
    }

    #[test]
    fn a_payload_survives_noise() {
        for (bits, decibel) in [(64, 2.0), (128, 2.0)] {
            let code = Code::new(1024, bits).unwrap();
            let amplitude = (2.0 * 10_f32.powf(decibel / 10.0) * bits as f32 / 1024.0).sqrt();
            let mut workspace = Workspace::default();
            let mut read = 0;
            for seed in 0..200_u128 {
                let payload = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
                    & (u128::MAX >> (128 - bits));
                let soft = noisy(&code, payload, amplitude, &format!("noise {seed}"));
                let decoded = code.decode(&soft, &mut workspace);
                assert_eq!(decoded.codeword, code.encode(decoded.payload));
                read += usize::from(decoded.checked && decoded.payload == payload);
            }
            assert!(read >= 196, "{bits} bits: {read} of 200");
        }
    }

    #[test]
    fn the_scale_of_soft_values_does_not_matter_and_odd_ones_count_for_nothing() {
        let code = Code::new(1024, 64).unwrap();
        let mut workspace = Workspace::default();
        let payload = 0x0123_4567_89AB_CDEF;
        let mut soft = noisy(&code, payload, 0.8, "scale");
        let plain = code.decode(&soft, &mut workspace);
        assert_eq!((plain.payload, plain.checked), (payload, true));
        soft.iter_mut().for_each(|value| *value *= 1e-6);
        soft[5] = f32::NAN;
        soft[6] = f32::INFINITY;
        assert_eq!(code.decode(&soft, &mut workspace), plain);
        for empty in [vec![], vec![0.0; 1024], vec![f32::NAN; 1024], vec![0.0; 5000]] {
            let _ = code.decode(&empty, &mut workspace);
        }
    }

    #[test]
    fn one_workspace_serves_codes_of_any_length() {
        let mut workspace = Workspace::default();
        for chips in [1024, 128, 2048, 1024] {
            let code = Code::new(chips, 64).unwrap();
            let soft: Vec<f32> = code.encode(42).iter().map(|&bit| if bit { -1.0 } else { 1.0 }).collect();
            assert_eq!(code.decode(&soft, &mut workspace).payload, 42);
        }
    }
}
