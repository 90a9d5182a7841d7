use std::collections::VecDeque;

use super::decimate::Decimator;
use super::loudness::Loudness;
use super::whole;
use crate::MarkError;
use indicia_media::SoundStream;

/// The first and the last seconds of sound, mixed into one channel at about 8 kHz, and how loud they are.
pub(crate) struct Edges {
    /// What comes first.
    pub(crate) first: Vec<f32>,
    /// What comes last.
    pub(crate) last: Vec<f32>,
    /// Values a second of both.
    pub(crate) rate: f64,
    /// How loud the sound is there.
    pub(crate) loudness: Loudness,
}

impl Edges {
    /// Hears a whole stream and keeps `seconds` of either end.
    ///
    /// # Errors
    /// If it cannot be decoded to its end, or its rate or channels are out of bounds.
    pub(crate) fn of(stream: &mut dyn SoundStream, seconds: f64) -> Result<Self, MarkError> {
        let facts = stream.facts();
        super::ends::check(facts)?;
        let Some(mut decimator) = Decimator::new(facts.rate, facts.channels) else {
            return Err(MarkError::Blind(format!("sound of {} Hz cannot be listened to", facts.rate)));
        };
        let mut loudness = Loudness::new(facts.rate, facts.channels);
        let rate = decimator.rate();
        let keep = whole(seconds * rate);
        let (mut first, mut last) = (Vec::new(), VecDeque::new());
        let (mut block, mut values, mut more) = (Vec::new(), Vec::new(), true);
        while more {
            block.clear();
            values.clear();
            more = stream.next_block(&mut block)?;
            loudness.push(&block);
            decimator.push(&block, &mut values);
            if !more {
                decimator.finish(&mut values);
            }
            first.extend(values.iter().take(keep.saturating_sub(first.len())));
            last.extend(&values);
            last.drain(..last.len().saturating_sub(keep));
        }
        Ok(Self { first, last: last.into(), rate, loudness })
    }
}

#[cfg(test)]
mod tests {
    use super::Edges;
    use crate::sound::trial::Trial;

    #[test]
    fn both_ends_are_kept_and_no_more() {
        let values: Vec<f32> = (0..40_000u16).map(|at| f32::from(at) / 40_000.0).collect();
        let edges = Edges::of(&mut Trial::new(8_000, 1, values.clone()), 1.0).unwrap();
        assert_eq!((edges.first.as_slice(), edges.last.as_slice()), (&values[..8_000], &values[32_000..]));
        let edges = Edges::of(&mut Trial::new(8_000, 1, values.clone()), 9.0).unwrap();
        assert_eq!((edges.first.len(), edges.last.len()), (40_000, 40_000));
        assert!(Edges::of(&mut Trial::new(8_000, 99, values), 1.0).is_err());
    }
}
