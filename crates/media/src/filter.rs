//! Sound made anew as it streams by.

use std::fmt;
use std::sync::Arc;

use crate::SoundFacts;
use crate::wave_format::Coding;
use indicia_core::FormatError;

/// Changes samples as they stream by: as many come out as go in, some of them later.
pub trait SoundFilter: Send {
    /// Takes the next block, whole frames of interleaved samples, and appends what is ready to `out`.
    ///
    /// # Errors
    /// If the sound cannot be changed after all.
    fn push(&mut self, block: &[f32], out: &mut Vec<f32>) -> Result<(), FormatError>;

    /// Appends the rest to `out`.
    ///
    /// # Errors
    /// As [`SoundFilter::push`].
    fn finish(self: Box<Self>, out: &mut Vec<f32>) -> Result<(), FormatError>;
}

/// Begins to change sound.
type Begin = dyn Fn(SoundFacts) -> Result<Box<dyn SoundFilter>, FormatError> + Send + Sync;

/// A change to sound, which may be made more than once.
#[derive(Clone)]
pub struct Filter(Arc<Begin>);

impl Filter {
    /// A change that this function begins.
    pub fn new(
        begin: impl Fn(SoundFacts) -> Result<Box<dyn SoundFilter>, FormatError> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(begin))
    }

    /// Begins it.
    ///
    /// # Errors
    /// If sound of this sort cannot be changed.
    pub fn begin(&self, facts: SoundFacts) -> Result<Box<dyn SoundFilter>, FormatError> {
        (self.0)(facts)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filter(..)")
    }
}

/// Runs a filter over samples of fixed size. A sample that the filter leaves as it is keeps its bytes, and one that it changes
/// is moved by as much, so that 32-bit integers and 64-bit floats lose nothing, and floats beyond full scale stay there.
pub(crate) struct Recoder {
    filter: Box<dyn SoundFilter>,
    coding: Coding,
    /// Samples that went in and did not come out yet: as they were coded, low byte first, and decoded.
    coded: Vec<u8>,
    values: Vec<f32>,
    changed: Vec<f32>,
}

impl Recoder {
    pub(crate) fn new(filter: Box<dyn SoundFilter>, coding: Coding) -> Self {
        Self { filter, coding, coded: Vec::new(), values: Vec::new(), changed: Vec::new() }
    }

    /// Takes whole frames, and appends what is ready to `out`.
    ///
    /// # Errors
    /// What the filter says.
    pub(crate) fn push(&mut self, coded: &[u8], out: &mut Vec<u8>) -> Result<(), FormatError> {
        let from = self.values.len();
        self.coded.extend_from_slice(coded);
        self.coding.decode(coded, &mut self.values);
        self.filter.push(self.values.get(from..).unwrap_or_default(), &mut self.changed)?;
        self.release(out);
        Ok(())
    }

    /// Appends the rest to `out`.
    ///
    /// # Errors
    /// What the filter says.
    pub(crate) fn finish(self, out: &mut Vec<u8>) -> Result<(), FormatError> {
        let Self { filter, coding, coded, values, mut changed } = self;
        filter.finish(&mut changed)?;
        coding.shift(&coded, &values, &changed, out);
        Ok(())
    }

    fn release(&mut self, out: &mut Vec<u8>) {
        let count = self.changed.len().min(self.values.len());
        self.coding.shift(&self.coded, &self.values, &self.changed, out);
        self.changed.clear();
        self.values.drain(..count);
        self.coded.drain(..count * self.coding.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, SoundFilter};
    use crate::{Asset, Carrier, Content, Draft, Ends, FORMATS, Sound};
    use indicia_core::{FormatError, Limits};

    /// Halves samples, and gives each out a while after it came in.
    struct Halving(Vec<f32>);

    const LATE: usize = 3000;

    impl SoundFilter for Halving {
        fn push(&mut self, block: &[f32], out: &mut Vec<f32>) -> Result<(), FormatError> {
            self.0.extend_from_slice(block);
            let ready = self.0.len().saturating_sub(LATE);
            out.extend(self.0.drain(..ready).map(|value| value / 2.0));
            Ok(())
        }

        fn finish(self: Box<Self>, out: &mut Vec<f32>) -> Result<(), FormatError> {
            out.extend(self.0.iter().map(|value| value / 2.0));
            Ok(())
        }
    }

    fn halving() -> Filter {
        Filter::new(|_| Ok(Box::new(Halving(Vec::new()))))
    }

    fn samples(asset: &Asset<'_>) -> Vec<f32> {
        let (mut stream, mut values) = (asset.sound().unwrap(), Vec::new());
        while stream.next_block(&mut values).unwrap() {}
        values
    }

    /// The files of `samples/` that this format has, without labels.
    fn files(format: &str) -> Vec<(String, Vec<u8>)> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(format);
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.map(|path| (path.display().to_string(), std::fs::read(path).unwrap())).collect()
    }

    /// Formats whose samples are stored as they are.
    const EXACT: [&str; 3] = ["aiff", "flac", "wav"];

    fn with_sound(exact: bool) -> impl Iterator<Item = &'static str> {
        let sound = FORMATS.iter().filter(|format| matches!(format.content, Content::Sound { .. }));
        sound.map(|format| format.name).filter(move |name| EXACT.contains(name) == exact)
    }

    /// The file with its sound halved, and with sound around it.
    fn halved(asset: &Asset<'_>, ends: Option<Ends<Sound>>) -> Result<Vec<u8>, FormatError> {
        let mut draft = Draft::new(asset);
        draft.filter_sound(halving())?;
        ends.into_iter().for_each(|ends| draft.extend_sound(ends));
        draft.set(Carrier::Field, "Test", b"set in the same write".to_vec());
        draft.render()?.to_bytes()
    }

    /// What stood around the sound still does, and so does what was set.
    fn check_metadata(name: &str, old: &Asset<'_>, new: &Asset<'_>) {
        assert!(new.layout.damage.is_none() && new.layout.tiles(new.source.size()), "{name}");
        let kept = |asset: &Asset<'_>| {
            let of = |packet: &crate::Packet| (packet.key.clone(), asset.read(packet).unwrap());
            asset.layout.packets.iter().map(of).filter(|(key, _)| key != "Test").collect::<Vec<_>>()
        };
        let (old, read) = (kept(old), kept(new));
        assert!(old.iter().all(|packet| read.contains(packet)), "{name}");
        let set = new.layout.packets.iter().filter(|packet| packet.key == "Test");
        assert_eq!(
            set.map(|packet| new.read(packet).unwrap()).collect::<Vec<_>>(),
            [b"set in the same write"],
            "{name}"
        );
    }

    #[test]
    fn sound_is_made_anew_in_every_coding_and_what_stands_around_it_stays() {
        let mut seen = 0;
        for format in with_sound(true) {
            for (name, bytes) in files(format) {
                let asset = Asset::open(&bytes, Some(&name), &Limits::default()).unwrap();
                let before = samples(&asset);
                let facts = asset.sound_facts().unwrap();
                let notice = vec![0.25; 3 * usize::from(facts.channels)];
                let sound = Sound { rate: facts.rate, channels: facts.channels, values: notice.clone() };
                for ends in [None, Some(Ends { start: Some(sound.clone()), end: Some(sound) })] {
                    let is_extended = ends.is_some();
                    let out = halved(&asset, ends).unwrap();
                    let new = Asset::open(&out, Some(&name), &Limits::default()).unwrap();
                    check_metadata(&name, &asset, &new);
                    let mut after = samples(&new);
                    if is_extended {
                        // Silence may stand before a notice, so that whole frames remain.
                        let more = after.len() - before.len();
                        assert!(more >= 2 * notice.len(), "{name}");
                        after.truncate(after.len() - notice.len());
                        after.drain(..more - notice.len());
                    }
                    assert_eq!(after.len(), before.len(), "{name}");
                    let wrong =
                        before.iter().zip(&after).filter(|(old, new)| (*old / 2.0 - **new).abs() > 0.017);
                    assert_eq!(wrong.count(), 0, "{name}");
                    let louder = after.iter().filter(|value| value.abs() > 0.01).count();
                    assert!(louder > before.len() / 50, "{name}: nothing but silence proves nothing");
                    seen += 1;
                }
            }
        }
        assert!(seen >= 20, "{seen}");
    }

    /// Coded sound is not the same to the sample, but stands where it stood: in MP3 one frame later, of the longest sort.
    #[test]
    fn coded_sound_is_coded_anew_in_its_place() {
        let mut seen = 0;
        for format in with_sound(false) {
            for (name, bytes) in files(format) {
                let asset = Asset::open(&bytes, Some(&name), &Limits::default()).unwrap();
                let Ok(facts) = asset.sound_facts() else { continue };
                if asset.sound_may_change().is_err() {
                    assert!(halved(&asset, None).is_err(), "{name}");
                    continue;
                }
                let channels = usize::from(facts.channels);
                let before = samples(&asset);
                let out = halved(&asset, None).unwrap_or_else(|err| panic!("{name}: {err}"));
                let new = Asset::open(&out, Some(&name), &Limits::default()).unwrap();
                check_metadata(&name, &asset, &new);
                let after = samples(&new);
                let later = if format == "mp3" { 1_152 * channels } else { 0 };
                assert_eq!(after.len(), before.len() + later, "{name}");
                let energy =
                    |values: &mut dyn Iterator<Item = f32>| values.map(|value| value * value).sum::<f32>();
                let whole = energy(&mut before.iter().map(|value| value / 2.0));
                let noise = energy(&mut before.iter().zip(&after[later..]).map(|(old, new)| old / 2.0 - new));
                let ratio = 10.0 * (whole / noise).log10();
                assert!(ratio > 6.0, "{name}: {ratio} dB");
                // About as many bits as before.
                let size = out.len() as f64 / bytes.len() as f64;
                assert!((0.6..1.4).contains(&size), "{name}: {} of {}", out.len(), bytes.len());
                seen += 1;
            }
        }
        assert!(seen >= 15, "{seen}");
    }
}
