use std::sync::Arc;

use crate::{SoundFacts, SoundStream};
use indicia_core::FormatError;

/// Most samples that are kept: 4 MB of them, some 12 seconds of music.
const MOST: usize = 1 << 20;
/// Samples of a block.
const BLOCK: usize = 1 << 13;

/// Short sound, decoded once for all that listen to it.
pub(crate) struct KeptSound {
    facts: SoundFacts,
    samples: Arc<Vec<f32>>,
    failure: Option<FormatError>,
}

impl KeptSound {
    /// Whether it is worth trying: by its length, or, where nobody says that, by the size of its file.
    pub(crate) fn may_hold(facts: SoundFacts, size: u64) -> bool {
        let most = MOST as u64;
        match facts.frames {
            Some(frames) => frames.saturating_mul(u64::from(facts.channels)) <= most,
            None => size <= most / 4,
        }
    }

    /// All of a stream; `None` if it is longer than is kept.
    pub(crate) fn take(stream: &mut dyn SoundStream) -> Option<Self> {
        let mut samples = Vec::new();
        let failure = loop {
            match stream.next_block(&mut samples) {
                Ok(true) if samples.len() > MOST => return None,
                Ok(true) => {}
                Ok(false) => break None,
                Err(err) => break Some(err),
            }
        };
        Some(Self { facts: stream.facts(), samples: Arc::new(samples), failure })
    }

    /// A stream of what is kept.
    pub(crate) fn stream(&self) -> Box<dyn SoundStream> {
        let Self { facts, samples, failure } = self;
        Box::new(Replay { facts: *facts, samples: Arc::clone(samples), at: 0, failure: failure.clone() })
    }
}

struct Replay {
    facts: SoundFacts,
    samples: Arc<Vec<f32>>,
    at: usize,
    failure: Option<FormatError>,
}

impl SoundStream for Replay {
    fn facts(&self) -> SoundFacts {
        self.facts
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        let left = self.samples.get(self.at..).unwrap_or_default();
        // Whole frames, as from a decoder.
        let most = BLOCK - BLOCK % usize::from(self.facts.channels.max(1));
        let next = left.get(..left.len().min(most)).unwrap_or_default();
        block.extend_from_slice(next);
        self.at += next.len();
        match &self.failure {
            Some(err) if next.is_empty() => Err(err.clone()),
            _ => Ok(!next.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KeptSound, MOST};
    use crate::{SoundFacts, SoundStream};
    use indicia_core::FormatError;

    struct Ramp {
        left: usize,
        broken: bool,
    }

    impl SoundStream for Ramp {
        fn facts(&self) -> SoundFacts {
            SoundFacts { rate: 8_000, channels: 3, frames: None }
        }

        fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
            let next = self.left.min(999);
            block.extend((0..next).map(|at| (self.left - at) as f32));
            self.left -= next;
            if next == 0 && self.broken {
                Err(FormatError::malformed(7, "a broken end"))
            } else {
                Ok(next > 0)
            }
        }
    }

    fn heard(stream: &mut dyn SoundStream) -> (Vec<f32>, Option<FormatError>) {
        let mut samples = Vec::new();
        loop {
            match stream.next_block(&mut samples) {
                Ok(true) => assert_eq!(samples.len() % 3, 0, "whole frames"),
                Ok(false) => return (samples, None),
                Err(err) => return (samples, Some(err)),
            }
        }
    }

    #[test]
    fn what_is_kept_is_what_was_decoded_however_often() {
        for broken in [false, true] {
            let meant = heard(&mut Ramp { left: 30_000, broken });
            let kept = KeptSound::take(&mut Ramp { left: 30_000, broken }).unwrap();
            assert_eq!(heard(&mut *kept.stream()), meant);
            assert_eq!(heard(&mut *kept.stream()), meant);
            assert_eq!(meant.1.is_some(), broken);
        }
    }

    #[test]
    fn long_sound_is_not_kept() {
        assert!(KeptSound::take(&mut Ramp { left: 2 * MOST, broken: false }).is_none());
        let facts = |frames| SoundFacts { rate: 8_000, channels: 2, frames };
        let most = MOST as u64;
        assert!(KeptSound::may_hold(facts(Some(most / 2)), u64::MAX));
        assert!(!KeptSound::may_hold(facts(Some(most / 2 + 1)), 0));
        assert!(!KeptSound::may_hold(facts(Some(u64::MAX)), 0));
        assert!(KeptSound::may_hold(facts(None), most / 4) && !KeptSound::may_hold(facts(None), most));
    }
}
