use std::collections::{HashSet, VecDeque};

use super::{Mersenne, Score};

const MULTIPLIER: i64 = 6_364_136_223_846_793_005;
const INCREMENT: i64 = 1;
/// The weights of the first and the last round in a score, before they are made to average 1.
const FIRST_WEIGHT: f64 = 10.0;
const LAST_WEIGHT: f64 = 1.0;

/// A watermark that lets candidates knock each other out by keyed bits, a round for each key, as SynthID-Text does.
#[derive(Clone, Debug)]
pub struct Tournament {
    keys: Vec<i64>,
    length: usize,
    table: Vec<bool>,
    history: usize,
}

/// What of a generation the embedding side has to remember.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    contexts: VecDeque<i64>,
}

/// Parameters that make no watermark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TournamentError {
    /// No round would be played, or too many to compute.
    #[error("there are 1 to 256 keys, one for each round, not {0}")]
    Keys(usize),
    /// A context of no token, or as long that no text has it.
    #[error("a token and its context are 2 to 64 tokens, not {0}")]
    Length(usize),
    /// An empty table of bits, or one over the limit.
    #[error("the table of bits has 2 to 16,777,216 of them, not {0}")]
    Table(u32),
}

impl Tournament {
    /// A watermark with these keys, one a round (20 to 30 by custom), for tokens with their context, `length` in all
    /// (5 by custom). The table of bits has 65,536 from seed 0, and 1,024 contexts are remembered, as published.
    ///
    /// # Errors
    /// Where a parameter makes no watermark.
    pub fn new(keys: &[i64], length: usize) -> Result<Self, TournamentError> {
        if !(1..=256).contains(&keys.len()) {
            return Err(TournamentError::Keys(keys.len()));
        }
        if !(2..=64).contains(&length) {
            return Err(TournamentError::Length(length));
        }
        let plain = Self { keys: keys.to_vec(), length, table: Vec::new(), history: 1024 };
        plain.with_table(1 << 16, 0)
    }

    /// With another table of bits: its size and the seed it is drawn with.
    ///
    /// # Errors
    /// Where the size is none.
    pub fn with_table(mut self, size: u32, seed: u64) -> Result<Self, TournamentError> {
        if !(2..=1 << 24).contains(&size) {
            return Err(TournamentError::Table(size));
        }
        let mut mersenne = Mersenne::new(seed);
        self.table = (0..size).map(|_| mersenne.below(2) == 1).collect();
        Ok(self)
    }

    /// With another number of contexts remembered, for which no second token is watermarked.
    pub fn with_history(mut self, contexts: usize) -> Self {
        self.history = contexts;
        self
    }

    /// Turns the probabilities of candidates into those that the rounds leave, given the tokens generated so far, without
    /// the prompt. `candidates` are the tokens that may be drawn, `probabilities` theirs, of sum 1. Where the context came up
    /// before, nothing changes.
    pub fn decide(&self, drawn: &mut Drawn, tokens: &[u32], candidates: &[u32], probabilities: &mut [f64]) {
        let context = self.context_hash(tokens);
        let known = drawn.contexts.contains(&context);
        drawn.contexts.push_front(context);
        drawn.contexts.truncate(self.history);
        if known {
            return;
        }
        for &key in &self.keys {
            let bits = candidates.iter().map(|&token| self.bit(accumulate(context, token.into()), key));
            let bits: Vec<f64> = bits.map(f64::from).collect();
            let mass: f64 =
                bits.iter().zip(&*probabilities).map(|(bit, probability)| bit * probability).sum();
            for (bit, probability) in bits.iter().zip(&mut *probabilities) {
                *probability *= 1.0 + bit - mass;
            }
        }
    }

    /// The bits of `token` after these tokens, a round each. Before the text's first token stand zeros, as published.
    pub fn bits(&self, before: &[u32], token: u32) -> Vec<bool> {
        let hash = accumulate(self.context_hash(before), token.into());
        self.keys.iter().map(|&key| self.bit(hash, key)).collect()
    }

    /// Scores a text by its tokens: the weighted mean of their bits, early rounds counting more. Tokens without a whole
    /// context are left out, and so are those after a context that came up before, for they are not watermarked.
    pub fn score(&self, tokens: &[u32]) -> Score {
        let weights = self.weights();
        let mut seen = HashSet::new();
        let (mut scored, mut repeated, mut sum) = (0_u64, 0_u64, 0.0);
        for group in tokens.windows(self.length) {
            let Some((&token, before)) = group.split_last() else { continue };
            if !seen.insert(before) {
                repeated += 1;
                continue;
            }
            scored += 1;
            sum += weights
                .iter()
                .zip(self.bits(before, token))
                .map(|(weight, bit)| weight * f64::from(bit))
                .sum::<f64>();
        }
        let count = scored as f64;
        let (all, squares) = weights.iter().fold((0.0, 0.0), |(all, squares), w| (all + w, squares + w * w));
        let over = sum - count * all / 2.0;
        // Hoeffding: each weighted bit lies in 0 ..= w.
        let bound = if over > 0.0 { -2.0 * over * over / (count * squares) } else { 0.0 };
        Score {
            tokens: scored,
            repeated,
            favoured: if scored == 0 { 0.0 } else { sum / (count * all) },
            expected: 0.5,
            z: if scored == 0 { 0.0 } else { over / (count * squares / 4.0).sqrt() },
            ln_false_alarm: bound,
        }
    }

    fn weights(&self) -> Vec<f64> {
        let rounds = self.keys.len();
        let step = if rounds > 1 { (LAST_WEIGHT - FIRST_WEIGHT) / (rounds - 1) as f64 } else { 0.0 };
        let raw: Vec<f64> = (0..rounds).map(|round| FIRST_WEIGHT + step * round as f64).collect();
        let sum: f64 = raw.iter().sum();
        raw.iter().map(|weight| weight * rounds as f64 / sum).collect()
    }

    fn context_hash(&self, before: &[u32]) -> i64 {
        let wanted = self.length - 1;
        let from = before.len().saturating_sub(wanted);
        let missing = std::iter::repeat_n(0, wanted.saturating_sub(before.len()));
        missing.chain(before.iter().skip(from).copied()).fold(1, |hash, token| accumulate(hash, token.into()))
    }

    fn bit(&self, hash: i64, key: i64) -> bool {
        let size = i64::try_from(self.table.len()).unwrap_or(i64::MAX);
        let at = accumulate(hash, key).rem_euclid(size.max(1));
        usize::try_from(at).ok().and_then(|at| self.table.get(at)).copied().unwrap_or(false)
    }
}

/// One step of the linear congruential hash, in 64 bits that wrap.
fn accumulate(hash: i64, value: i64) -> i64 {
    hash.wrapping_add(value).wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT)
}

#[cfg(test)]
mod tests;
