/// The bound on the false-alarm probability below which a mark counts as present, unless told otherwise: 1e-9.
pub const DEFAULT_LOG10_THRESHOLD: f64 = -9.0;

/// How sure a verdict is.
///
/// On content that was not marked under the key, the signs that scramble the payload are independent of everything that was
/// measured. For one codeword, Hoeffding's inequality then bounds the probability that the [`statistic`] reaches `z` by
/// `exp(-z²/2)`, whatever the content is. All payloads and all attempts together: `H · 2^B · exp(-z²/2)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// The statistic `z` of the best attempt, see [`statistic`]. At most the square root of the number of chips.
    pub statistic: f64,
    /// `H`: attempts to read made in this detection, over all alignments, keys and expected payloads.
    pub hypotheses: u64,
    /// `B`: bits that the attempt chose freely. 64 for a payload that was read, 0 for one that was expected.
    pub information_bits: u32,
    /// The common logarithm of the probability below which a mark counts as present.
    pub log10_threshold: f64,
}

impl Evidence {
    /// An upper bound on the common logarithm of the probability that chance shows as much on unmarked content; at most 0.
    pub fn log10_false_alarm(&self) -> f64 {
        let free = f64::from(self.information_bits) * std::f64::consts::LN_2;
        let z = self.statistic.max(0.0);
        let bound = (self.hypotheses.max(1) as f64).ln() + free - z * z / 2.0;
        // A statistic that is no number proves nothing.
        if bound.is_nan() { 0.0 } else { (bound / std::f64::consts::LN_10).min(0.0) }
    }

    /// Whether the bound lies below the threshold: present, not absent.
    pub fn holds(&self) -> bool {
        self.log10_false_alarm() < self.log10_threshold
    }

    /// The least statistic that would count as present, after as many hypotheses.
    pub fn needed(&self) -> f64 {
        let free = f64::from(self.information_bits) * std::f64::consts::LN_2;
        let bound =
            (self.hypotheses.max(1) as f64).ln() + free - self.log10_threshold * std::f64::consts::LN_10;
        (2.0 * bound).max(0.0).sqrt()
    }
}

/// `z = Σ v·c / √(Σ v²)` of soft values after the key's scramble is taken off, and a codeword as signs (`true` is -1).
/// 0 where all values are 0.
pub fn statistic(values: &[f32], codeword: &[bool]) -> f64 {
    let (mut sum, mut squares) = (0.0, 0.0);
    for (&value, &bit) in values.iter().zip(codeword) {
        let value = f64::from(value);
        sum += if bit { -value } else { value };
        squares += value * value;
    }
    if squares > 0.0 { sum / squares.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(statistic: f64, hypotheses: u64, information_bits: u32) -> Evidence {
        Evidence { statistic, hypotheses, information_bits, log10_threshold: DEFAULT_LOG10_THRESHOLD }
    }

    #[test]
    fn thresholds_of_fifty_attempts() {
        for (bits, needed) in [(64, 11.8), (128, 15.1), (0, 7.0)] {
            let at = evidence(0.0, 50, bits).needed();
            assert!((at - needed).abs() < 0.1, "{bits}: {at}");
            assert!(evidence(at + 0.01, 50, bits).holds());
            assert!(!evidence(at - 0.01, 50, bits).holds());
        }
    }

    #[test]
    fn no_number_and_a_negative_statistic_prove_nothing() {
        assert_eq!(evidence(f64::NAN, 1, 64).log10_false_alarm(), 0.0);
        assert_eq!(evidence(-40.0, 1, 0).log10_false_alarm(), 0.0);
        assert!(!evidence(f64::NAN, 1, 0).holds());
    }

    #[test]
    fn the_statistic_of_agreement_is_the_root_of_the_length() {
        let codeword: Vec<bool> = (0..1024).map(|i| i % 3 == 0).collect();
        let values: Vec<f32> = codeword.iter().map(|&bit| if bit { -2.0 } else { 2.0 }).collect();
        assert!((statistic(&values, &codeword) - 32.0).abs() < 1e-9);
        assert_eq!(statistic(&[0.0; 8], &[true; 8]), 0.0);
    }
}
