use std::collections::HashSet;
use std::sync::OnceLock;

use super::{Mersenne, Score};
use crate::binomial::ln_tail;

/// The hash key that the authors' code and its descendants use unless told otherwise.
const CUSTOMARY_HASH_KEY: u64 = 15_485_863;
/// Numbers in the table that `selfhash` looks tokens up in.
const TABLE: u32 = 1_000_003;
/// How many candidates `selfhash` tries, the likeliest first: each needs a list of its own.
const CANDIDATES: usize = 40;

/// A watermark that favours, at each step, a part of the vocabulary that the tokens before it choose.
#[derive(Clone, Debug)]
pub struct GreenList {
    vocabulary: u32,
    share: f64,
    hash_key: u64,
    seeding: Seeding,
    context: usize,
    table: OnceLock<Vec<u32>>,
}

/// What chooses the favoured part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeding {
    /// The token before: `lefthash`, also called `simple_1`.
    LeftHash,
    /// The last tokens and the candidate itself, by the least of their products: `selfhash`, algorithm 3 of the first paper.
    SelfHash,
}

/// Parameters that make no watermark.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum GreenListError {
    /// The vocabulary is empty, or as large that its permutation is drawn otherwise.
    #[error("a vocabulary has 2 to 200,000,000 tokens, not {0}")]
    Vocabulary(u32),
    /// No token, or every one, would be favoured.
    #[error(
        "the favoured share of the vocabulary lies between 0 and 1 and comes to a token at least, not {0}"
    )]
    Share(f64),
    /// No context to seed from.
    #[error("the context has 1 to 64 tokens, not {0}")]
    Context(usize),
}

impl GreenList {
    /// A watermark over a vocabulary of as many tokens, as the model's output layer counts them (more than its tokenizer's
    /// where that was padded).
    ///
    /// `share` is the part favoured, 0.25 by custom. `context` counts tokens: 1 for [`Seeding::LeftHash`] by custom, 4 for
    /// [`Seeding::SelfHash`], where it counts the candidate too.
    ///
    /// # Errors
    /// Where a parameter makes no watermark.
    pub fn new(
        vocabulary: u32,
        share: f64,
        seeding: Seeding,
        context: usize,
    ) -> Result<Self, GreenListError> {
        if !(2..200_000_000).contains(&vocabulary) {
            return Err(GreenListError::Vocabulary(vocabulary));
        }
        if !(1..=64).contains(&context) {
            return Err(GreenListError::Context(context));
        }
        let list = Self {
            vocabulary,
            share,
            hash_key: CUSTOMARY_HASH_KEY,
            seeding,
            context,
            table: OnceLock::new(),
        };
        match list.favoured() {
            0 => Err(GreenListError::Share(share)),
            favoured if share >= 1.0 || favoured >= vocabulary => Err(GreenListError::Share(share)),
            _ => Ok(list),
        }
    }

    /// With a hash key of one's own: the secret of the scheme, 15485863 where none was chosen.
    pub fn with_hash_key(mut self, hash_key: u64) -> Self {
        self.hash_key = hash_key;
        self.table = OnceLock::new();
        self
    }

    /// Raises the scores of the favoured tokens by `bias` (2.0 by custom), given the tokens so far. Scores are logits by
    /// token number; where the tokens so far are fewer than the context nothing changes.
    pub fn bias(&self, tokens: &[u32], scores: &mut [f32], bias: f32) {
        if tokens.len() < self.context {
            return;
        }
        match self.seeding {
            Seeding::LeftHash => {
                let Some(&last) = tokens.last() else { return };
                for token in self.list(self.left_seed(last)) {
                    if let Some(score) = scores.get_mut(token as usize) {
                        *score += bias;
                    }
                }
            }
            Seeding::SelfHash => {
                let mut order: Vec<u32> = (0..).take(scores.len()).collect();
                let by = |token: &u32| scores.get(*token as usize).copied().unwrap_or(f32::NEG_INFINITY);
                let likeliest = CANDIDATES.min(order.len());
                if likeliest < order.len() {
                    order.select_nth_unstable_by(likeliest, |a, b| by(b).total_cmp(&by(a)));
                }
                order.truncate(likeliest);
                order.retain(|&candidate| self.favours(tokens, candidate));
                for token in order {
                    if let Some(score) = scores.get_mut(token as usize) {
                        *score += bias;
                    }
                }
            }
        }
    }

    /// Whether `token` is favoured after these tokens, the last of which counts first. Fewer than the context are taken as
    /// they are.
    pub fn favours(&self, before: &[u32], token: u32) -> bool {
        let seed = match self.seeding {
            Seeding::LeftHash => match before.last() {
                Some(&last) => self.left_seed(last),
                None => return false,
            },
            Seeding::SelfHash => {
                let from = before.len().saturating_sub(self.context - 1);
                self.self_seed(before.get(from..).unwrap_or_default(), token)
            }
        };
        self.list(seed).contains(&token)
    }

    /// Scores a text by its tokens.
    pub fn score(&self, tokens: &[u32]) -> Score {
        let length = match self.seeding {
            Seeding::LeftHash => self.context + 1,
            Seeding::SelfHash => self.context,
        };
        let mut seen = HashSet::new();
        let (mut scored, mut green, mut repeated) = (0_u64, 0_u64, 0_u64);
        for group in tokens.windows(length) {
            if !seen.insert(group) {
                repeated += 1;
                continue;
            }
            if let Some((&token, before)) = group.split_last() {
                scored += 1;
                green += u64::from(self.favours(before, token));
            }
        }
        // The share that rounding down to whole tokens leaves.
        let expected = f64::from(self.favoured()) / f64::from(self.vocabulary);
        let count = scored as f64;
        let deviation = (count * expected * (1.0 - expected)).sqrt();
        let z = if scored == 0 { 0.0 } else { (green as f64 - count * expected) / deviation };
        Score {
            tokens: scored,
            repeated,
            favoured: if scored == 0 { 0.0 } else { green as f64 / count },
            expected,
            z,
            ln_false_alarm: ln_tail(green, scored, expected),
        }
    }

    /// How many tokens are favoured at a step.
    fn favoured(&self) -> u32 {
        let favoured = f64::from(self.vocabulary) * self.share;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "rounds down, as published"
        )]
        let favoured = favoured as u32;
        favoured
    }

    fn list(&self, seed: u64) -> Vec<u32> {
        Mersenne::new(seed).permutation(self.vocabulary, self.favoured())
    }

    fn left_seed(&self, last: u32) -> u64 {
        let product = u128::from(self.hash_key) * u128::from(last);
        u64::try_from(product % u128::from(u64::MAX)).unwrap_or(0)
    }

    fn self_seed(&self, before: &[u32], token: u32) -> u64 {
        let table = self.table.get_or_init(|| Mersenne::new(self.hash_key).permutation(TABLE, TABLE));
        let look_up =
            |token: u32| table.get((token % TABLE) as usize).map_or(1, |&number| i64::from(number) + 1);
        // Sixty-four bits that wrap, with a sign, as the published tensors have them.
        let key = self.hash_key.cast_signed();
        let own = look_up(token);
        let products = before.iter().map(|&each| key.wrapping_mul(look_up(each)).wrapping_mul(own));
        let least = products.chain([key.wrapping_mul(own).wrapping_mul(own)]).min().unwrap_or(0);
        let seed = i128::from(least).rem_euclid(i128::from(u64::MAX));
        u64::try_from(seed).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
