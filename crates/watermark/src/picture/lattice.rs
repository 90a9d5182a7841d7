//! The frequencies that carry the mark: the same under every key, so that one search serves all keys.

use std::sync::OnceLock;

use rustfft::num_complex::Complex32;

use crate::Key;

/// The pattern repeats every so many pixels at reference scale. Its frequencies are multiples of one over this.
pub(crate) const TILE: usize = 128;
/// Chips of the code, one frequency each.
pub(crate) const CHIPS: usize = 1024;
/// Frequencies that only tell where the mark lies.
const SYNC: usize = 44;
const INNERMOST: f64 = 5.0;
const OUTERMOST: f64 = 27.0;
/// Amplitude of a sync frequency over that of a chip.
const SYNC_GAIN: f32 = 2.6;

/// A frequency of the tile: cycles across it and down it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) i: i32,
    pub(crate) j: i32,
}

impl Place {
    pub(crate) fn radius(self) -> f64 {
        f64::from(self.i).hypot(f64::from(self.j))
    }

    /// Amplitude of a chip there.
    pub(crate) fn amplitude(self) -> f32 {
        (self.radius() / 12.0).powf(-0.4) as f32
    }
}

/// All frequencies that are used.
#[derive(Debug)]
pub(crate) struct Lattice {
    pub(crate) sync: Vec<Place>,
    /// What the sync frequencies are multiplied by: amplitude and phase.
    pub(crate) sync_phase: Vec<Complex32>,
    pub(crate) sync_amplitude: Vec<f32>,
    /// From the lowest frequency to the highest.
    pub(crate) chips: Vec<Place>,
    pub(crate) chip_amplitude: Vec<f32>,
}

/// The lattice: its choice of sync frequencies and their phases are drawn from streams of the open key.
pub(crate) fn lattice() -> &'static Lattice {
    static LATTICE: OnceLock<Lattice> = OnceLock::new();
    LATTICE.get_or_init(|| {
        let reach = OUTERMOST as i32;
        let mut places: Vec<Place> = (0..=reach)
            .flat_map(|j| (-reach..=reach).map(move |i| Place { i, j }))
            .filter(|place| place.j > 0 || place.i > 0)
            .filter(|place| (INNERMOST..=OUTERMOST).contains(&place.radius()))
            .collect();
        let order = Key::public().stream("picture/lattice").permutation(places.len() as u32);
        let mut sync: Vec<Place> = Vec::new();
        for place in order.iter().map(|&index| places[index]) {
            let apart = |other: &Place| (place.i - other.i).abs().max((place.j - other.j).abs()) >= 3;
            if sync.len() < SYNC && (7.0..=22.0).contains(&place.radius()) && sync.iter().all(apart) {
                sync.push(place);
            }
        }
        places.retain(|place| !sync.contains(place));
        // A stable sort: equal radii stay in the order of rows. Their squares are whole numbers in the same order.
        places.sort_by_key(|place| place.i * place.i + place.j * place.j);
        places.truncate(CHIPS);
        let phases = Key::public().stream("picture/sync phases").phases(sync.len());
        Lattice {
            sync_phase: phases.into_iter().map(|phase| Complex32::from_polar(1.0, phase)).collect(),
            sync_amplitude: sync.iter().map(|place| SYNC_GAIN * place.amplitude()).collect(),
            sync,
            chip_amplitude: places.iter().map(|place| place.amplitude()).collect(),
            chips: places,
        }
    })
}

/// What a key adds: which chip carries which bit of the code, in which phase and under which sign.
#[derive(Clone, Debug)]
pub(crate) struct Chips {
    /// By bit of the code: its place in [`Lattice::chips`].
    pub(crate) place: Vec<usize>,
    /// By place.
    pub(crate) phase: Vec<Complex32>,
    /// By bit of the code. Nothing else sees this stream: the bound on false alarms rests on it.
    pub(crate) scramble: Vec<f32>,
}

impl Chips {
    pub(crate) fn new(key: &Key) -> Self {
        let phases = key.stream("picture/chip phases").phases(CHIPS);
        Self {
            place: key.stream("picture/chip order").permutation(CHIPS as u32),
            phase: phases.into_iter().map(|phase| Complex32::from_polar(1.0, phase)).collect(),
            scramble: key.stream("picture/scramble").signs(CHIPS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lattice_has_all_it_needs_and_never_changes() {
        let lattice = lattice();
        assert_eq!((lattice.sync.len(), lattice.chips.len()), (SYNC, CHIPS));
        let mut all: Vec<(i32, i32)> =
            lattice.sync.iter().chain(&lattice.chips).map(|place| (place.i, place.j)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), SYNC + CHIPS, "a frequency is used twice");
        assert!(lattice.chips.is_sorted_by(|a, b| a.radius() <= b.radius()));
    }
}
