use super::{MOST_CHANNELS, MOST_RATE, single, whole};
use crate::MarkError;
use indicia_media::{Sound, SoundFacts};

/// Seconds of silence outside a notice: players fade in, and coders lose some.
const OUTSIDE: f64 = 0.1;
/// Seconds of silence between a notice and the content: more than three units of the rhythm, so that it
/// stands apart from whatever comes next.
const BETWEEN: f64 = 0.35;
/// Highest sample of a notice.
const PEAK: f32 = 0.9;

/// Which end of the content a notice goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

/// Refuses sound that no notice can be made for.
pub(crate) fn check(facts: SoundFacts) -> Result<(), MarkError> {
    let SoundFacts { rate, channels, .. } = facts;
    if rate == 0 || rate > MOST_RATE || channels == 0 || channels > MOST_CHANNELS {
        let what = format!(
            "sound of {rate} Hz and {channels} channels: a notice is made for at most {MOST_RATE} Hz and {MOST_CHANNELS} channels"
        );
        return Err(MarkError::Refused(what));
    }
    Ok(())
}

/// Makes a notice of one channel fit for an end of the content: the same in all channels, with silence
/// on both sides.
pub(crate) fn fit(notice: &[f32], facts: SoundFacts, side: Side) -> Sound {
    let SoundFacts { rate, channels, .. } = facts;
    let silence = |seconds: f64| std::iter::repeat_n(0.0f32, whole(seconds * f64::from(rate)));
    let (first, last) = match side {
        Side::Before => (OUTSIDE, BETWEEN),
        Side::After => (BETWEEN, OUTSIDE),
    };
    let values = silence(first).chain(notice.iter().copied()).chain(silence(last));
    let values = values.flat_map(|value| std::iter::repeat_n(value, usize::from(channels))).collect();
    Sound { rate, channels, values }
}

/// Scales a notice to a root mean square, or as near to it as its peaks allow.
pub(crate) fn level(notice: &mut [f32], rms: f64) {
    let sum: f64 = notice.iter().map(|value| f64::from(*value).powi(2)).sum();
    let peak = notice.iter().fold(0.0f32, |peak, value| peak.max(value.abs()));
    if sum > 0.0 {
        let gain = single(rms / (sum / notice.len() as f64).sqrt()).min(PEAK / peak);
        notice.iter_mut().for_each(|value| *value *= gain);
    }
}

#[cfg(test)]
mod tests {
    use super::{Side, check, fit, level};
    use indicia_media::SoundFacts;

    #[test]
    fn all_channels_get_the_same_with_silence_around() {
        let facts = SoundFacts { rate: 100, channels: 3, frames: None };
        let sound = fit(&[0.5, -0.5], facts, Side::Before);
        assert_eq!(sound.values.len(), 3 * (10 + 2 + 35));
        assert_eq!(sound.values[29..37], [0.0, 0.5, 0.5, 0.5, -0.5, -0.5, -0.5, 0.0]);
        let sound = fit(&[0.5], facts, Side::After);
        assert_eq!(sound.values.iter().position(|value| *value != 0.0), Some(3 * 35));
    }

    #[test]
    fn headers_cannot_ask_for_the_impossible() {
        assert!(check(SoundFacts { rate: 192_000, channels: 8, frames: None }).is_ok());
        assert!(check(SoundFacts { rate: u32::MAX, channels: 2, frames: None }).is_err());
        assert!(check(SoundFacts { rate: 8_000, channels: u16::MAX, frames: None }).is_err());
        assert!(check(SoundFacts { rate: 8_000, channels: 0, frames: None }).is_err());
    }

    #[test]
    fn peaks_bound_the_level() {
        let mut spiky = vec![0.0f32; 99];
        spiky.push(0.1);
        level(&mut spiky, 0.3);
        assert!((spiky[99] - 0.9).abs() < 1e-6);
        let mut even = vec![0.5f32, -0.5];
        level(&mut even, 0.1);
        assert!((even[0] - 0.1).abs() < 1e-6);
        level(&mut [0.0f32; 4], 0.1);
    }
}
