//! Files of coded sound, all of whose sound is coded anew because it changes.

use crate::recut::Recut;
use crate::{Annex, Changes, Filter, Piece, SoundFacts, SoundStream};
use indicia_core::{FormatError, Source};

/// Makes the changes that are left in a file as it reads with new sound: `new` of the source and of what is kept in the annex.
///
/// # Errors
/// What the splice says.
pub(crate) fn spliced_anew(
    source: &dyn Source,
    new: Vec<Piece>,
    changes: &Changes,
    splice: impl FnOnce(&dyn Source, &Changes) -> Result<Vec<Piece>, FormatError>,
) -> Result<Vec<Piece>, FormatError> {
    let both = changes.annex.behind(source);
    let file = Recut::new(&both, new);
    let rest = Changes { filter: None, annex: Annex::default(), ..changes.clone() };
    Ok(file.back(splice(&file, &rest)?))
}

/// Plays sound to the end, block by block, through a filter if there is one.
///
/// # Errors
/// What the stream, the filter and the taker say.
pub(crate) fn play(
    stream: &mut dyn SoundStream,
    filter: Option<&Filter>,
    mut take: impl FnMut(&[f32]) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let facts = SoundFacts { frames: None, ..stream.facts() };
    let mut filter = filter.map(|filter| filter.begin(facts)).transpose()?;
    let (mut block, mut out) = (Vec::new(), Vec::new());
    while stream.next_block(&mut block)? {
        match &mut filter {
            Some(filter) => {
                filter.push(&block, &mut out)?;
                take(&out)?;
                out.clear();
            }
            None => take(&block)?,
        }
        block.clear();
    }
    if let Some(filter) = filter {
        filter.finish(&mut out)?;
        take(&out)?;
    }
    Ok(())
}
