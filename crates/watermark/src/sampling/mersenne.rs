const STATE: usize = 624;
const MIDDLE: usize = 397;

/// The generator MT19937 (Matsumoto and Nishimura, 1998) as PyTorch seeds and uses it on a CPU, since published watermarks
/// are defined by its numbers.
#[derive(Clone)]
pub struct Mersenne {
    state: [u32; STATE],
    at: usize,
}

impl Mersenne {
    /// As `torch.Generator().manual_seed(seed)`, which uses the low 32 bits of the seed alone.
    pub fn new(seed: u64) -> Self {
        let mut last = u32::try_from(seed & 0xFFFF_FFFF).unwrap_or(0);
        let mut state = [0; STATE];
        for (i, word) in (0_u32..).zip(state.iter_mut()) {
            if i > 0 {
                last = 1_812_433_253_u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(i);
            }
            *word = last;
        }
        Self { state, at: STATE }
    }

    /// The next 32 bits.
    pub fn word(&mut self) -> u32 {
        if self.at >= STATE {
            self.refill();
        }
        let mut word = self.state.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9D2C_5680;
        word ^= (word << 15) & 0xEFC6_0000;
        word ^ (word >> 18)
    }

    /// As `torch.randint(0, bound, ...)` draws one number, `bound` from 1 to 2^32 - 1; 0 where `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.word().checked_rem(bound).unwrap_or(0)
    }

    /// The first `wanted` numbers of `torch.randperm(count)`, for counts below 200 million.
    pub fn permutation(&mut self, count: u32, wanted: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..count).collect();
        for i in 0..wanted.min(count.saturating_sub(1)) {
            let other = i + self.below(count - i);
            order.swap(i as usize, other as usize);
        }
        order.truncate(wanted as usize);
        order
    }

    fn refill(&mut self) {
        let old = |state: &[u32; STATE], i: usize| state.get(i % STATE).copied().unwrap_or(0);
        for i in 0..STATE {
            let joined = (old(&self.state, i) & 0x8000_0000) | (old(&self.state, i + 1) & 0x7FFF_FFFF);
            let twist = if joined & 1 == 1 { 0x9908_B0DF } else { 0 };
            let next = old(&self.state, i + MIDDLE) ^ (joined >> 1) ^ twist;
            if let Some(word) = self.state.get_mut(i) {
                *word = next;
            }
        }
        self.at = 0;
    }
}

impl std::fmt::Debug for Mersenne {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mersenne").field("at", &self.at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_of_the_authors_default_seed() {
        assert_eq!(Mersenne::new(5489).word(), 3_499_211_612);
    }

    #[test]
    fn numbers_are_pytorchs() {
        // torch.randperm(20, generator=g), g.manual_seed(15485863 * 7)
        let mut mersenne = Mersenne::new(15_485_863 * 7);
        assert_eq!(
            mersenne.permutation(20, 20),
            [9, 17, 12, 7, 6, 18, 5, 19, 1, 8, 4, 0, 15, 3, 2, 14, 16, 10, 11, 13]
        );
        // torch.randint(0, 2, (24,), generator=g), g.manual_seed(0)
        let mut mersenne = Mersenne::new(0);
        let bits: Vec<u32> = (0..24).map(|_| mersenne.below(2)).collect();
        assert_eq!(bits, [0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0]);
        // The low 32 bits of the seed decide: g.manual_seed(2**40 + 3)
        assert_eq!(Mersenne::new((1 << 40) + 3).permutation(8, 8), [2, 4, 3, 5, 1, 0, 6, 7]);
        assert_eq!(Mersenne::new(3).permutation(8, 8), [2, 4, 3, 5, 1, 0, 6, 7]);
    }

    #[test]
    fn few_of_a_permutation_are_its_first() {
        let all = Mersenne::new(9).permutation(1000, 1000);
        assert_eq!(Mersenne::new(9).permutation(1000, 250), all[..250]);
        assert!(Mersenne::new(9).permutation(0, 5).is_empty());
    }
}
