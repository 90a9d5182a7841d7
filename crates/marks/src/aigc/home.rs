//! The place that a label has by the guide for its kind of media, and how far a label is from it.

use super::codes;
use super::reading::Reading;
use super::spots::flaw;
use indicia_core::{Gravity, Mark, MediaKind};
use indicia_media::{Asset, Carrier, Packet};

/// Says where the wrapper is too much.
pub(super) fn wrapping(mark: &mut Mark, reading: &Reading, is_bare_place: bool) {
    if reading.is_wrapped && is_bare_place {
        let what = "the keys stand in the wrapper {\"AIGC\": …} of Annex E b; the guides have them bare here"
            .to_owned();
        mark.flaws.push(flaw(mark, codes::WRAPPER, Gravity::Note, what));
    }
}

/// The place for the label in a file, by the guide for its kind and what its format has.
pub(super) fn home(asset: &Asset<'_>) -> Option<Carrier> {
    let first = match asset.kind() {
        MediaKind::Image => Carrier::Xmp,
        MediaKind::Audio | MediaKind::Video => Carrier::Field,
        MediaKind::Document => Carrier::FrontMatter,
        MediaKind::Text => return None,
    };
    [first, Carrier::Xmp].into_iter().find(|carrier| asset.format.homes.contains(carrier))
}

/// Says where the label does not stand in its place.
pub(super) fn carrier(asset: &Asset<'_>, packet: &Packet, mark: &mut Mark, exif: Option<&str>) {
    let (guide, usual) = match asset.kind() {
        MediaKind::Image => ("TC260-PG-20259A", Carrier::Xmp),
        MediaKind::Audio => ("TC260-PG-202510A", Carrier::Field),
        MediaKind::Video => ("TC260-PG-20257A", Carrier::Field),
        MediaKind::Document | MediaKind::Text => ("TC260-PG-20258A", Carrier::FrontMatter),
    };
    let asked = home(asset).unwrap_or(usual);
    let is_there = packet.carrier == asked && (asked != Carrier::Field || packet.key == "AIGC");
    if is_there {
        return;
    }
    let place = match asked {
        Carrier::Field => "a field with the key AIGC",
        Carrier::FrontMatter => "the front matter",
        _ => "the XMP property TC260:AIGC",
    };
    let second = asset.kind() == MediaKind::Image
        && (exif == Some("UserComment") || (packet.carrier == Carrier::Field && packet.key == "AIGC"));
    let (gravity, what) = if second {
        (Gravity::Note, format!("a second choice of {guide} (annex B); the first is {place}"))
    } else {
        (Gravity::Deviation, format!("{guide} has the label in {place}"))
    };
    mark.flaws.push(flaw(mark, codes::CARRIER, gravity, what));
}
