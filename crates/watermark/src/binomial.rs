/// The natural logarithm of the probability that `trials` draws, each a success with probability `chance`, come to
/// `successes` or more. Exact but for rounding; 0 where that is sure.
pub(crate) fn ln_tail(successes: u64, trials: u64, chance: f64) -> f64 {
    if successes == 0 || chance >= 1.0 {
        return 0.0;
    }
    if successes > trials || chance <= 0.0 {
        return f64::NEG_INFINITY;
    }
    // Each term from the one before, so that no factorial is needed but for the first.
    let (n, k) = (trials as f64, successes as f64);
    let first = ln_choose(trials, successes) + k * chance.ln() + (n - k) * (-chance).ln_1p();
    let odds = chance / (1.0 - chance);
    let (mut sum, mut term) = (1.0_f64, 1.0_f64);
    for i in successes..trials {
        term *= odds * (trials - i) as f64 / (i + 1) as f64;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    (first + sum.ln()).min(0.0)
}

/// The natural logarithm of `trials` over `successes`.
fn ln_choose(trials: u64, successes: u64) -> f64 {
    let few = successes.min(trials - successes);
    (1..=few).map(|i| ((trials - few + i) as f64 / i as f64).ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_of_small_and_large_counts() {
        let near = |is: f64, should: f64| {
            assert!((is - should).abs() < 1e-9 * should.abs().max(1.0), "{is} {should}")
        };
        near(ln_tail(3, 3, 0.5), (0.125_f64).ln());
        near(ln_tail(2, 3, 0.5), (0.5_f64).ln());
        near(ln_tail(1, 4, 0.25), (1.0 - 0.75_f64.powi(4)).ln());
        // Summed in fractions.
        near(ln_tail(100, 200, 0.25), -31.24848065006063);
        near(ln_tail(1400, 5000, 0.25), -14.168311810208252);
    }

    #[test]
    fn the_edges() {
        assert_eq!(ln_tail(0, 10, 0.3), 0.0);
        assert_eq!(ln_tail(0, 0, 0.3), 0.0);
        assert_eq!(ln_tail(11, 10, 0.3), f64::NEG_INFINITY);
        assert_eq!(ln_tail(1, 10, 0.0), f64::NEG_INFINITY);
        assert_eq!(ln_tail(10, 10, 1.0), 0.0);
    }
}
