use super::whole;

/// Steps a second.
const STEPS: f64 = 50.0;
/// Decibels between two digits; 9 is the loudest step, 0 is 36 dB under it or less.
const DIGIT: f64 = 4.0;
/// Places tried within one step.
const OFFSETS: usize = 4;

/// How the loudness of sound rises and falls, one digit for each 20 ms: enough to know a recording again
/// without keeping it.
pub(crate) fn draw(values: &[f32], rate: f64) -> String {
    let levels = levels(values, rate, 0);
    let digit = |level: f64| char::from_digit(u32::try_from(whole(level.floor())).unwrap_or(0).min(9), 10);
    relative(&levels).into_iter().filter_map(digit).collect()
}

/// How well a contour agrees with a part of what was heard, -1 to 1: the highest correlation over all places.
pub(crate) fn agreement(heard: &[f32], rate: f64, contour: &str) -> f64 {
    let wanted: Vec<f64> = contour.chars().filter_map(|digit| digit.to_digit(10)).map(f64::from).collect();
    let mut best = 0.0f64;
    for offset in 0..OFFSETS {
        let levels = levels(heard, rate, offset);
        if !wanted.is_empty() {
            let parts = levels.windows(wanted.len());
            best = parts.map(|part| correlation(&relative(part), &wanted)).fold(best, f64::max);
        }
    }
    best
}

/// Mean squares of steps, from an offset within the first one.
fn levels(values: &[f32], rate: f64, offset: usize) -> Vec<f64> {
    let step = whole(rate / STEPS).max(1);
    let from = values.get(offset * step / OFFSETS..).unwrap_or_default();
    let mean =
        |step: &[f32]| step.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>() / step.len() as f64;
    from.chunks_exact(step).map(mean).collect()
}

/// In digits under the loudest, 0 to 10.
fn relative(levels: &[f64]) -> Vec<f64> {
    let top = levels.iter().copied().fold(1e-12, f64::max);
    levels
        .iter()
        .map(|level| (9.0 + 10.0 * (level / top).max(1e-12).log10() / DIGIT + 0.5).max(0.0))
        .collect()
}

fn correlation(one: &[f64], two: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (middle_one, middle_two) = (mean(one), mean(two));
    let (mut both, mut own, mut other) = (0.0, 0.0, 0.0);
    for (one, two) in one.iter().zip(two) {
        let (one, two) = (one - middle_one, two - middle_two);
        (both, own, other) = (both + one * two, own + one * one, other + two * two);
    }
    if own * other > 0.0 { both / (own * other).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{agreement, draw};
    use crate::sound::clip::bundled;
    use indicia_core::{Language, Status};

    #[test]
    fn speech_is_known_by_its_loudness() {
        let chinese = bundled(Language::Chinese, Some(Status::Generated), None).unwrap();
        let english = bundled(Language::English, Some(Status::Suspected), None).unwrap();
        let contour = draw(&english.values, 16_000.0);
        assert!(contour.len() > 150 && contour.contains('9') && contour.contains('0'), "{contour}");
        let mut heard = vec![0.0; 1_777];
        heard.extend(english.values.iter().map(|value| 0.2 * value));
        heard.resize(heard.len() + 9_000, 0.0);
        assert!(agreement(&heard, 16_000.0, &contour) > 0.97);
        let other = agreement(&chinese.values, 16_000.0, &contour);
        assert!(other < 0.8, "{other}");
        assert!(agreement(&[0.0; 90_000], 16_000.0, &contour) < 0.5);
        assert_eq!(agreement(&heard, 16_000.0, ""), 0.0);
    }
}
