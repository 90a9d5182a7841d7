use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore, SeedableRng},
};

/// A stream of numbers under a key, for one purpose; see [`crate::Key::stream`]. The same on every machine.
#[derive(Clone)]
pub struct Stream(ChaCha20Rng);

impl Stream {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// The next 32 bits: four bytes of the key stream, least significant first.
    pub fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A number below `bound`, each equally likely: words at or above the largest multiple of `bound` are passed over,
    /// the first other one is reduced modulo `bound`. 0 where `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let Some(over) = (1_u64 << 32).checked_rem(bound.into()) else { return 0 };
        loop {
            let word = self.word();
            if u64::from(word) < (1 << 32) - over {
                return word % bound;
            }
        }
    }

    /// A number in 0.0..1.0: the top 24 bits of a word, over 2^24.
    pub fn unit(&mut self) -> f32 {
        (self.word() >> 8) as f32 / 16_777_216.0
    }

    /// Bits, the least significant of each word first.
    pub fn bits(&mut self, count: usize) -> Vec<bool> {
        let words = (0..count.div_ceil(32)).map(|_| self.word()).collect::<Vec<_>>();
        words.iter().flat_map(|word| (0..32).map(move |bit| word >> bit & 1 == 1)).take(count).collect()
    }

    /// Signs: -1.0 for a bit that is set, else 1.0.
    pub fn signs(&mut self, count: usize) -> Vec<f32> {
        self.bits(count).into_iter().map(|bit| if bit { -1.0 } else { 1.0 }).collect()
    }

    /// Angles in 0.0..2π.
    pub fn phases(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.unit() * std::f32::consts::TAU).collect()
    }

    /// The numbers 0..count in an order where each is equally likely: the shuffle of Fisher and Yates, from the end.
    ///
    pub fn permutation(&mut self, count: u32) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count as usize).collect();
        for last in (1..count).rev() {
            order.swap(last as usize, self.below(last + 1) as usize);
        }
        order
    }
}

impl std::fmt::Debug for Stream {
    /// Without its state, which tells of the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream")
    }
}

#[cfg(test)]
mod tests {
    use crate::Key;

    #[test]
    fn numbers_below_a_bound_are_even_and_a_permutation_holds_each_once() {
        let mut stream = Key::public().stream("test");
        let mut counts = [0_u32; 7];
        (0..70_000).for_each(|_| counts[stream.below(7) as usize] += 1);
        assert!(counts.iter().all(|&count| (9_600..10_400).contains(&count)), "{counts:?}");
        assert_eq!(stream.below(0), 0);
        assert_eq!(stream.below(1), 0);
        let mut order = stream.permutation(1000);
        assert_ne!(order[..5], [0, 1, 2, 3, 4]);
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..1000));
    }

    #[test]
    fn signs_are_balanced_and_uncorrelated_between_streams() {
        let a = Key::public().stream("a").signs(10_000);
        let b = Key::public().stream("b").signs(10_000);
        let sum: f32 = a.iter().sum();
        let dot: f32 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
        assert!(sum.abs() < 400.0 && dot.abs() < 400.0, "{sum} {dot}");
    }
}
