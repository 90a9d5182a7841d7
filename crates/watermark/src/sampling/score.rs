/// Below as many scored tokens a text is too short to say anything: the EU's Code of Practice on transparency (final of
/// 10 June 2026, measure 1.1) asks for a watermark in free text from 200 tokens on.
pub const LEAST_TOKENS: u64 = 200;

/// What a detector of sampling watermarks measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Tokens scored: those with a whole context before them, each pair of context and token once.
    pub tokens: u64,
    /// Tokens left out since the same pair was scored before.
    pub repeated: u64,
    /// The share that the key favours: of tokens ([`super::GreenList`]), or of bits by weight ([`super::Tournament`]).
    pub favoured: f64,
    /// The same for text that knows no key.
    pub expected: f64,
    /// How many standard deviations lie between.
    pub z: f64,
    /// The natural logarithm of a bound on the probability that text without the watermark scores as high: the exact
    /// binomial tail, or Hoeffding's bound. It takes each scored token for an independent draw under the key.
    pub ln_false_alarm: f64,
}

/// What a score amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// Chance shows as much less often than the threshold.
    Present,
    /// More than chance would often show, and not enough to say it: probability below 1e-3 but not below the threshold.
    Doubtful,
    /// Nothing that chance does not show.
    Absent,
    /// Below [`LEAST_TOKENS`], and not present all the same.
    TooShort,
}

impl Score {
    /// The common logarithm of [`Score::ln_false_alarm`].
    pub fn log10_false_alarm(&self) -> f64 {
        self.ln_false_alarm / std::f64::consts::LN_10
    }

    /// What it amounts to, with a threshold as common logarithm of the false-alarm probability, -9.0 by custom.
    pub fn band(&self, log10_threshold: f64) -> Band {
        if self.log10_false_alarm() < log10_threshold {
            Band::Present
        } else if self.tokens < LEAST_TOKENS {
            Band::TooShort
        } else if self.log10_false_alarm() < -3.0 {
            Band::Doubtful
        } else {
            Band::Absent
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands() {
        let score = |tokens, log10: f64| Score {
            tokens,
            repeated: 0,
            favoured: 0.0,
            expected: 0.0,
            z: 0.0,
            ln_false_alarm: log10 * std::f64::consts::LN_10,
        };
        for (tokens, log10, band) in [
            (200, -9.1, Band::Present),
            (50, -9.1, Band::Present),
            (200, -8.9, Band::Doubtful),
            (200, -2.9, Band::Absent),
            (199, -8.9, Band::TooShort),
            (0, 0.0, Band::TooShort),
        ] {
            assert_eq!(score(tokens, log10).band(-9.0), band, "{tokens} {log10}");
        }
    }
}
