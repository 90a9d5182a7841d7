//! Spectra of the bundled sentences for short sound, kept beside the recordings: to make them takes longer than to listen
//! for them.
//!
//! Kept are those of the sentences that last no longer than the shortest span, in their order. Of each: the step of its
//! values (a 32-bit float), then the real and the imaginary part of each bin in such steps (16-bit integers), all little-endian.

use realfft::num_complex::Complex32;

static KEPT: &[u8] = include_bytes!("../../assets/voice/short.spectra");

/// Bytes of a spectrum of so many bins.
fn size(bins: usize) -> usize {
    4 + 4 * bins
}

/// The spectra of so many bins each that are kept. `None` if they are not as they should be.
pub(crate) fn kept(bins: usize) -> Option<Vec<Vec<Complex32>>> {
    KEPT.len().is_multiple_of(size(bins)).then_some(())?;
    KEPT.chunks_exact(size(bins)).map(spectrum).collect()
}

fn spectrum(bytes: &[u8]) -> Option<Vec<Complex32>> {
    let (step, bins) = bytes.split_first_chunk::<4>()?;
    let step = f32::from_le_bytes(*step);
    let part = |bytes| step * f32::from(i16::from_le_bytes(bytes));
    let bin = |[a, b, c, d]: &[u8; 4]| Complex32::new(part([*a, *b]), part([*c, *d]));
    Some(bins.as_chunks::<4>().0.iter().map(bin).collect())
}

#[cfg(test)]
mod tests {
    use super::{kept, spectrum};
    use crate::sound::clip::own_sentences;
    use crate::sound::single;
    use crate::sound::voices::{SHORTEST_SPAN, made};
    use realfft::num_complex::Complex32;

    /// What is to be kept of a spectrum.
    #[expect(clippy::cast_possible_truncation, reason = "steps are made so that 16 bits hold them")]
    fn bytes(spectrum: &[Complex32]) -> Vec<u8> {
        let parts = || spectrum.iter().flat_map(|bin| [bin.re, bin.im]);
        let most = parts().fold(0.0_f32, |most, part| most.max(part.abs()));
        let step = most / 32_767.0;
        let stored = |part: f32| (part / step).round() as i16;
        step.to_le_bytes().into_iter().chain(parts().flat_map(|part| stored(part).to_le_bytes())).collect()
    }

    /// With `KEEP_SPECTRA` in the environment they are written anew, which a change of the recordings or of how they are
    /// transformed asks for.
    #[test]
    fn what_is_kept_is_what_the_recordings_become() {
        let made = made(&own_sentences().unwrap(), SHORTEST_SPAN).unwrap().spectra;
        let anew: Vec<u8> = made.iter().flat_map(|(_, spectrum)| bytes(spectrum)).collect();
        if std::env::var_os("KEEP_SPECTRA").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/voice/short.spectra");
            std::fs::write(path, &anew).unwrap();
        }
        let kept = kept(made[0].1.len()).unwrap();
        assert_eq!(kept.len(), made.len());
        for (kept, (sentence, made)) in kept.iter().zip(&made) {
            let most = made.iter().fold(0.0_f32, |most, bin| most.max(bin.re.abs()).max(bin.im.abs()));
            let apart = kept
                .iter()
                .zip(made)
                .fold(0.0, |most, (one, two)| single((one - two).norm().into()).max(most));
            assert!(apart < 2.0 * most / 32_767.0, "sentence {sentence}: {apart} of {most}");
        }
    }

    #[test]
    fn a_spectrum_is_read_in_its_steps() {
        let read = spectrum(&[0, 0, 0, 63, 2, 0, 255, 255, 0, 128, 1, 0]).unwrap();
        assert_eq!(read, [Complex32::new(1.0, -0.5), Complex32::new(-16_384.0, 0.5)]);
        assert!(spectrum(&[0, 0]).is_none() && kept(7).is_none());
    }
}
