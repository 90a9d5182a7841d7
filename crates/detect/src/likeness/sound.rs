//! Sound: how loud it is over time.

use super::{Likeness, Measure, correlation};
use indicia_core::FormatError;
use indicia_media::Asset;

/// Blocks a second in which loudness is taken.
const BLOCKS: u32 = 20;

/// Blocks by which one may begin later than the other: a notice put before, an encoder's delay.
const SHIFT: usize = 30 * BLOCKS as usize;

/// Least number of blocks that are worth comparing: two seconds.
const LEAST: usize = 2 * BLOCKS as usize;

/// Copies in MP3, Vorbis and at another rate stay above 0.9.
const LOUDNESS: Measure =
    Measure { name: "the correlation of loudness over time", same: 0.8, different: 0.4 };

pub(super) fn compare(one: &Asset<'_>, other: &Asset<'_>) -> Result<Likeness, FormatError> {
    let (one, other) = (loudness(one)?, loudness(other)?);
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if short.len() < LEAST {
        return Ok(Likeness::Unknown("the sound is too short to compare".into()));
    }
    if long.len() > short.len() * 2 + SHIFT {
        return Ok(Likeness::Different("one lasts more than twice as long as the other".into()));
    }
    let shifts = 0..=(long.len() - short.len()).min(SHIFT);
    let best = shifts
        .filter_map(|shift| correlation(&short, long.get(shift..).unwrap_or_default()))
        .fold(None, |best: Option<f64>, next| Some(best.map_or(next, |best| best.max(next))));
    Ok(match best {
        Some(value) => LOUDNESS.judge(value),
        None => Likeness::Unknown("the sound is even, which says little".into()),
    })
}

/// Loudness of each block, as the logarithm of its mean square, with a floor below hearing.
fn loudness(asset: &Asset<'_>) -> Result<Vec<f64>, FormatError> {
    let mut stream = asset.sound()?;
    let facts = stream.facts();
    let size = (facts.rate / BLOCKS).max(1) as usize * usize::from(facts.channels.max(1));
    let (mut blocks, mut values) = (Vec::new(), Vec::new());
    loop {
        let more = stream.next_block(&mut values)?;
        let whole = values.len() - values.len() % size;
        for block in values.get(..whole).unwrap_or_default().chunks_exact(size) {
            let power = block.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>() / size as f64;
            blocks.push((power + 1e-6).log10());
        }
        values.drain(..whole);
        if !more {
            return Ok(blocks);
        }
    }
}
