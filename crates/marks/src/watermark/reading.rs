//! What a watermark that was read tells, whatever it was read from.

use super::label;
use super::message::Message;
use super::wanted::{binding, move_id};
use indicia_core::{Field, Mark, Signal, Strength};
use indicia_watermark::{Evidence, Key, KeyId, Payload, Route};

/// A watermark as it was read.
pub(super) struct Reading {
    pub(super) payload: Payload,
    pub(super) key: KeyId,
    pub(super) place: String,
    pub(super) strength: Strength,
    pub(super) route: Route,
    pub(super) attempts: u64,
    pub(super) geometry: Vec<(&'static str, f64)>,
    pub(super) spans: Vec<(f64, f64)>,
    /// Frames it was read on, and frames there are.
    pub(super) frames: (usize, usize),
    /// Whether it was recognised as one that was looked for, and not read.
    pub(super) known: bool,
    /// How manifests name such marks.
    pub(super) algorithm: &'static str,
}

impl Reading {
    /// The mark; held against the label beside it, where there is one and the key is known.
    pub(super) fn mark(self, keys: &[Key], label: Option<&Mark>) -> Mark {
        let message = Message::of(self.payload);
        let beside = keys.iter().find(|key| key.id() == self.key).zip(label);
        let (flaws, led_to) =
            beside.map(|(key, label)| label::compare(&message, key, label)).unwrap_or_default();
        let mut id = message.id_words();
        if let Some((_, number)) = led_to.as_ref().filter(|(_, number)| *number != id) {
            id = format!("{id}, that of \"{number}\" in the AIGC label");
        }
        if self.known {
            id = format!("{id}; recognised, since it was looked for");
        }
        let mut mark = Mark {
            claim: message.claim.clone(),
            place: self.place,
            raw: self.payload.to_string(),
            flaws: message.flaws.iter().cloned().chain(flaws).collect(),
            strength: Some(self.strength),
            signal: Some(Signal {
                payload: self.payload.to_string(),
                version: message.version,
                id,
                key: self.key.to_string(),
                open: self.key == Key::public().id(),
                searched: self.route == Route::Search,
                attempts: self.attempts,
                geometry: self.geometry,
                spans: self.spans,
                frames: self.frames.0,
                frames_in_all: self.frames.1,
            }),
            binding: Some(binding(self.algorithm, self.payload)),
            ..Mark::default()
        };
        if let Some((Field::PropagationId, number)) = &led_to {
            move_id(&mut mark, Field::PropagationId, number);
        }
        mark
    }
}

/// How sure a reading is, of as many frames; many frames are many chances of a false alarm.
pub(super) fn strength(evidence: &Evidence, frames: usize) -> Strength {
    let log10 = (evidence.log10_false_alarm() + chances(frames)).min(0.0);
    Strength {
        statistic: evidence.statistic,
        threshold: evidence.needed(),
        // A bound below what a float holds is told as the least one.
        false_alarm: 10f64.powf(log10).max(f64::MIN_POSITIVE),
    }
}

/// By how much so many frames move a common logarithm of chances.
pub(super) fn chances(frames: usize) -> f64 {
    f64::from(u32::try_from(frames.max(1)).unwrap_or(u32::MAX)).log10()
}
