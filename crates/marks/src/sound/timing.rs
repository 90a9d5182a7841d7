/// Lengths of a short tone that are taken for one, in seconds: 50 to 250 ms, with room for measuring.
const SHORT: (f64, f64) = (0.045, 0.260);
/// Ratios of the long tone to the short ones. The standard gives none; Morse code has 3.
const RATIO: (f64, f64) = (1.7, 5.0);
/// Least gap between tones in seconds. Less cannot be told from a dent in one tone.
const GAP: f64 = 0.025;

/// The measures of one rhythm, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Timing {
    /// Mean length of the three short tones.
    pub(crate) short: f64,
    /// Length of the long tone.
    pub(crate) long: f64,
    /// Mean gap inside the letters, after the first and the third tone.
    pub(crate) gap: f64,
    /// Gap between the letters, after the second tone.
    pub(crate) letter_gap: f64,
}

impl Timing {
    /// Measures four tones, each from start to end; `None` if they are not short, long, short, short as a
    /// program would make them: equal where they have to be, to within what measuring costs.
    pub(crate) fn of(tones: &[(f64, f64)]) -> Option<Self> {
        let [one, two, three, four] = tones else { return None };
        let length = |tone: &(f64, f64)| tone.1 - tone.0;
        let shorts = [length(one), length(three), length(four)];
        let (gaps, letter_gap) = ([two.0 - one.1, four.0 - three.1], three.0 - two.1);
        let timing = Self {
            short: shorts.iter().sum::<f64>() / 3.0,
            long: length(two),
            gap: gaps.iter().sum::<f64>() / 2.0,
            letter_gap,
        };
        let Self { short, long, gap, .. } = timing;
        let close = |value: f64, to: f64| (value - to).abs() <= 0.006 + 0.08 * to;
        let fits = (SHORT.0..=SHORT.1).contains(&short)
            && (RATIO.0..=RATIO.1).contains(&(long / short))
            && shorts.iter().all(|one| close(*one, short))
            && gaps.iter().all(|one| close(*one, gap))
            && (GAP..=3.0 * short).contains(&gap)
            && letter_gap >= 0.85 * gap - 0.006
            && letter_gap <= 8.0 * short;
        fits.then_some(timing)
    }

    /// Whether the two letters stand apart as Morse code has it. Nothing but a message in Morse code does
    /// that, whereas four even notes occur in music.
    pub(crate) fn has_letters(&self) -> bool {
        self.letter_gap >= 1.8 * self.gap && self.long >= 2.5 * self.short
    }

    /// Whether two were made by the same rule.
    pub(crate) fn resembles(&self, other: &Self) -> bool {
        let close = |one: f64, two: f64| (one - two).abs() <= 0.010 + 0.1 * one;
        close(self.short, other.short) && close(self.long, other.long)
    }
}

#[cfg(test)]
mod tests {
    use super::Timing;

    fn of(lengths: [f64; 4], gaps: [f64; 3]) -> Option<Timing> {
        let mut at = 1.0;
        let mut tones = Vec::new();
        for (length, gap) in lengths.iter().zip(gaps.iter().chain(&[0.0])) {
            tones.push((at, at + length));
            at += length + gap;
        }
        Timing::of(&tones)
    }

    #[test]
    fn the_order_decides() {
        assert!(of([0.1, 0.3, 0.1, 0.1], [0.1, 0.3, 0.1]).is_some_and(|timing| timing.has_letters()));
        assert!(of([0.12, 0.36, 0.12, 0.12], [0.12; 3]).is_some_and(|timing| !timing.has_letters()));
        assert!(of([0.3, 0.1, 0.1, 0.1], [0.1; 3]).is_none());
        assert!(of([0.1, 0.1, 0.3, 0.1], [0.1; 3]).is_none());
        assert!(of([0.1, 0.3, 0.1, 0.3], [0.1; 3]).is_none());
        assert!(of([0.1, 0.1, 0.1, 0.1], [0.1; 3]).is_none());
    }

    #[test]
    fn ratio_and_evenness_have_bounds() {
        assert!(of([0.1, 0.175, 0.1, 0.1], [0.1; 3]).is_some());
        assert!(of([0.1, 0.160, 0.1, 0.1], [0.1; 3]).is_none());
        assert!(of([0.1, 0.6, 0.1, 0.1], [0.1; 3]).is_none());
        assert!(of([0.1, 0.3, 0.1, 0.14], [0.1; 3]).is_none());
        assert!(of([0.1, 0.3, 0.1, 0.1], [0.1, 0.3, 0.2]).is_none());
        assert!(
            of([0.1, 0.3, 0.1, 0.1], [0.3, 0.1, 0.3]).is_none(),
            "a gap after the first tone: E, then N I"
        );
        assert!(of([0.04, 0.12, 0.04, 0.04], [0.1; 3]).is_none());
        assert!(of([0.3, 0.9, 0.3, 0.3], [0.1; 3]).is_none());
    }
}
