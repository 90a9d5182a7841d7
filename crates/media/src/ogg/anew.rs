//! The sound of an Ogg file coded anew, because it changes. Opus takes new sound around its own as packets of their own; Vorbis, whose
//! packets need the tables of the coder that made them, takes it here.

use super::headers::{Codec, Link, Ogg};
use super::{opus_anew, vorbis_anew};
use crate::{Changes, Ends, NewContent, Piece, Sound};
use indicia_core::{FormatError, Limits, Source};

/// Refuses files whose sound cannot be coded anew.
///
/// # Errors
/// [`indicia_core::Problem::Unsupported`] for all but one stream of Vorbis or Opus of one or two channels.
pub(crate) fn changeable(source: &dyn Source, limits: &Limits) -> Result<(), FormatError> {
    let ogg = Ogg::read(source, limits)?;
    let link = only(&ogg)?;
    match link.codec {
        Codec::Opus => opus_anew::check(source, limits).map(|_| ()),
        _ => vorbis_anew::check(source, limits).map(|_| ()),
    }
}

/// The file with its sound as the changes have it, in Vorbis with what they put around it too; `None` if it need not be coded anew.
///
/// # Errors
/// As [`changeable`]; and if the sound cannot be decoded, changed or coded.
pub(super) fn coded(
    source: &dyn Source,
    ogg: &Ogg,
    changes: &Changes,
    limits: &Limits,
) -> Result<Option<Vec<Piece>>, FormatError> {
    let (filter, annex) = (changes.filter.as_ref(), &changes.annex);
    let is_vorbis = ogg.links.iter().any(|link| link.codec == Codec::Vorbis);
    let around: Option<&Ends<Sound>> = match &changes.content {
        Some(NewContent::Sound(ends)) if is_vorbis => Some(ends),
        _ => None,
    };
    if filter.is_none() && around.is_none() {
        return Ok(None);
    }
    let link = only(ogg)?;
    if let Some(filter) = filter.filter(|_| link.codec == Codec::Opus) {
        return opus_anew::coded(source, link, filter, annex, limits).map(Some);
    }
    vorbis_anew::coded(source, link, filter, around.unwrap_or(&Ends::default()), annex, limits).map(Some)
}

/// The only stream of a file.
fn only(ogg: &Ogg) -> Result<&Link, FormatError> {
    if let Some(damage) = &ogg.damage {
        return Err(damage.clone());
    }
    let [link] = ogg.links.as_slice() else {
        return Err(FormatError::unsupported(0, "new sound in an Ogg file of several streams"));
    };
    if !link.is_alone() {
        return Err(FormatError::unsupported(0, "new sound in an Ogg file of several streams"));
    }
    if !matches!(link.codec, Codec::Opus | Codec::Vorbis) {
        return Err(FormatError::unsupported(0, "new sound in Ogg other than Opus and Vorbis"));
    }
    link.check_headers()?;
    Ok(link)
}
