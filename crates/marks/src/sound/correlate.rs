use realfft::RealFftPlanner;

/// Power of a block, against the clip's mean, under which it is a pause and does not count.
const PAUSE: f64 = 0.06;

/// How well a clip agrees with a part of what was heard, 0 to 1. It is laid where all of it fits best, by
/// normalised cross-correlation; what counts is the block of `block` values that agrees least there, so
/// that a sentence with one other word in it does not pass. Level does not matter.
pub(crate) fn agreement(heard: &[f32], clip: &[f32], block: usize) -> f64 {
    let Some(part) = best_place(heard, clip).and_then(|at| heard.get(at..at + clip.len())) else {
        return 0.0;
    };
    let least_power = PAUSE * energy(clip) / clip.len() as f64;
    let blocks = clip.chunks(block.max(1)).zip(part.chunks(block.max(1)));
    let blocks =
        blocks.filter(|(clip, _)| clip.len() >= block / 2 && energy(clip) >= least_power * clip.len() as f64);
    let least = blocks.map(|(clip, part)| {
        let both: f64 = clip.iter().zip(part).map(|(one, two)| f64::from(*one) * f64::from(*two)).sum();
        let all = energy(clip) * energy(part);
        if all > 0.0 { both / all.sqrt() } else { 0.0 }
    });
    let least = least.fold(f64::INFINITY, f64::min);
    if least.is_finite() { least.max(0.0) } else { 0.0 }
}

fn energy(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value).powi(2)).sum()
}

/// Where a clip fits best into what was heard; `None` if nowhere.
fn best_place(heard: &[f32], clip: &[f32]) -> Option<usize> {
    if clip.is_empty() || heard.len() < clip.len() {
        return None;
    }
    let length = heard.len().next_power_of_two();
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
    let spectrum = |values: &[f32]| {
        let mut padded = values.to_vec();
        padded.resize(length, 0.0);
        let mut spectrum = forward.make_output_vec();
        forward.process(&mut padded, &mut spectrum).ok().map(|()| spectrum)
    };
    let (mut product, other) = (spectrum(heard)?, spectrum(clip)?);
    product.iter_mut().zip(&other).for_each(|(one, other)| *one *= other.conj());
    let mut sums = vec![0.0; length];
    inverse.process(&mut product, &mut sums).ok()?;
    let square = |value: &f32| f64::from(*value).powi(2);
    let mut there = energy(heard.get(..clip.len())?);
    let floor = 1e-9 * energy(clip);
    let mut best = (None, 0.0f64);
    let leaving = heard.iter().map(square);
    let entering = heard.iter().skip(clip.len()).map(square).chain([0.0]);
    // As many places as there are values to enter: the transform wraps round only beyond them.
    for (at, ((sum, leaves), enters)) in sums.iter().zip(leaving).zip(entering).enumerate() {
        let fit = f64::from(*sum) / there.max(floor).sqrt();
        if there > floor && fit > best.1 {
            best = (Some(at), fit);
        }
        there += enters - leaves;
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::agreement;
    use crate::sound::trial::noise;

    #[test]
    fn a_clip_is_found_where_it_is_and_nowhere_else() {
        let clip = noise(3_000, 0.2, 1);
        let mut heard = noise(5_000, 0.1, 2);
        assert!(agreement(&heard, &clip, 1_000) < 0.15);
        for (at, value) in clip.iter().enumerate() {
            heard[1_234 + at] = 0.5 * value;
        }
        assert!(agreement(&heard, &clip, 1_000) > 0.999);
        heard.iter_mut().zip(noise(5_000, 0.05, 3)).for_each(|(value, noise)| *value += noise);
        assert!(
            (0.85..0.95).contains(&agreement(&heard, &clip, 1_000)),
            "a fifth of it is noise: {}",
            agreement(&heard, &clip, 1_000)
        );
    }

    #[test]
    fn a_part_of_a_clip_does_not_agree() {
        let clip = noise(3_000, 0.2, 1);
        let mut heard = vec![0.0; 4_000];
        heard[..1_000].copy_from_slice(&clip[..1_000]);
        assert!(agreement(&heard, &clip, 1_000) < 0.2);
        assert_eq!(agreement(&clip[..2_999], &clip, 1_000), 0.0);
        assert_eq!(agreement(&[0.0; 4_000], &clip, 1_000), 0.0);
        assert_eq!(agreement(&heard, &[], 1_000), 0.0);
    }
}
