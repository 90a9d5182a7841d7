use crate::MarkError;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

/// One channel of sound at another rate.
///
/// # Errors
/// If the rates cannot be converted.
pub(crate) fn resample(values: &[f32], from: u32, to: u32) -> Result<Vec<f32>, MarkError> {
    if from == to || values.is_empty() {
        return Ok(values.to_vec());
    }
    let refused = |err: String| {
        MarkError::Refused(format!("a notice at {from} Hz cannot be brought to {to} Hz: {err}"))
    };
    let mut fft = Fft::<f32>::new(from as usize, to as usize, 1_024, 1, FixedSync::Input)
        .map_err(|err| refused(err.to_string()))?;
    let input = InterleavedSlice::new(values, 1, values.len()).map_err(|err| refused(err.to_string()))?;
    let output = fft.process_all(&input, values.len(), None).map_err(|err| refused(err.to_string()))?;
    Ok(output.take_data())
}

#[cfg(test)]
mod tests {
    use super::resample;
    use crate::sound::trial::Score;

    #[test]
    fn pitch_length_and_level_stay() {
        for to in [8_000, 11_025, 44_100, 48_000, 192_000] {
            let tone = Score::new(16_000).tone(500.0, 1_000.0, 0.5).values;
            let there = resample(&tone, 16_000, to).unwrap();
            assert!(there.len().abs_diff(to as usize / 2) <= 1, "{to}: {}", there.len());
            let middle = &there[there.len() / 10..there.len() * 9 / 10];
            let power = middle.iter().map(|value| value * value).sum::<f32>() / middle.len() as f32;
            assert!((power - 0.125).abs() < 0.002, "{to}: {power}");
            let rises = middle.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
            assert!(rises.abs_diff(400) <= 1, "{to}: {rises}");
        }
    }
}
