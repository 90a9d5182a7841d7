//! The parts of the metadata label of GB 45438-2025: how it is spelled, where it stands, what is wrong with it.

pub mod codes;
mod guides;
mod home;
pub(crate) mod json;
mod keys;
mod label;
mod mappings;
mod provider;
mod reading;
mod security;
mod spots;
#[cfg(test)]
mod tests;
mod write;

use crate::MarkError;
use crate::xmp::{Property, PropertyName};
use indicia_core::{Context, Flaw, Gravity, Mark};
use indicia_media::Asset;

pub use guides::guide;
pub use provider::{ProviderCode, Service, provider_code};
pub use security::{KeyError, PinError, pinned_keys, signing_key};
pub(crate) use write::change;
pub use write::json as label_json;

/// The XMP property (TC260-PG-20259A).
pub(crate) const NAME: PropertyName =
    PropertyName { uri: "http://www.tc260.org.cn/ns/AIGC/1.0/", prefix: "TC260", local: "AIGC" };

impl PropertyName {
    /// Whether a property has this name, to the letter.
    fn is_exactly(&self, property: &Property) -> bool {
        property.uri.as_deref() == Some(self.uri) && property.name.rsplit(':').next() == Some(self.local)
    }
}

/// The labels on a file.
///
/// # Errors
/// [`MarkError::Blind`] if none was found and there is a place that could not be read.
pub(crate) fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    let seen = spots::sightings(asset);
    let mut marks: Vec<Mark> = seen.found.into_iter().map(|sighting| sighting.mark).collect();
    for mark in &mut marks {
        security::identify(mark, &cx.pinned);
    }
    let is_certain = marks.iter().any(|mark| !mark.is_doubtful());
    for (at, why) in seen.unread {
        if !is_certain {
            return Err(MarkError::Blind(format!(
                "a label could stand where it cannot be read: {why} (packet at byte {at})"
            )));
        }
        if let Some(mark) = marks.first_mut() {
            let text = format!("the file may have another label: {why} (packet at byte {at})");
            mark.flaws.push(Flaw { code: codes::UNREAD, gravity: Gravity::Note, text, at });
        }
    }
    Ok(marks)
}
