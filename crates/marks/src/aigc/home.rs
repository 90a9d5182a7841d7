//! The place that a label has by the guide for its kind of media, and how far a label is from it.

use super::reading::Reading;
use super::spots::flaw;
use super::{codes, guides};
use indicia_core::{Gravity, Mark, MediaKind};
use indicia_media::{Asset, Carrier, Home, Packet};

/// Says where the wrapper is too much.
pub(super) fn wrapping(mark: &mut Mark, reading: &Reading, is_bare_place: bool) {
    if reading.is_wrapped && is_bare_place {
        let what = "the keys stand in the wrapper {\"AIGC\": …} of Annex E b; the guides have them bare here"
            .to_owned();
        mark.flaws.push(flaw(mark, codes::WRAPPER, Gravity::Note, what));
    }
}

/// The place for the label in a file: the one that a guide names for its format, else the format's own.
pub(super) fn home(asset: &Asset<'_>) -> Option<&'static Home> {
    let format = asset.format;
    let named = guides::of(format).map(|guide| guide.carrier);
    let usual: &[Carrier] = match format.kind {
        MediaKind::Text => return None,
        MediaKind::Image => &[Carrier::Xmp, Carrier::Field],
        _ => &[Carrier::Field, Carrier::Xmp],
    };
    named.iter().chain(usual).find_map(|carrier| format.home(*carrier))
}

/// Says where the label does not stand in its place, and where no guide has one.
pub(super) fn carrier(asset: &Asset<'_>, packet: &Packet, mark: &mut Mark, exif: Option<&str>) {
    let home = home(asset);
    let is_field = packet.carrier == Carrier::Field;
    let is_there = home.is_some_and(|home| {
        packet.carrier == home.carrier && (!is_field || (packet.key == "AIGC" && packet.place == home.place))
    });
    let Some(guide) = guides::of(asset.format) else {
        let choice = match home {
            Some(_) if is_there => "this one is the format's own for such data".to_owned(),
            Some(home) => format!("indicia label would choose {}", place(home.carrier, home.place)),
            None => "this program has none to write to either".to_owned(),
        };
        let what = format!("no guide names a place for {}; {choice}", asset.format.title);
        mark.flaws.push(flaw(mark, codes::UNGUIDED, Gravity::Note, what));
        return;
    };
    if is_there {
        return;
    }
    let place = home.map_or_else(|| place(guide.carrier, ""), |home| place(home.carrier, home.place));
    let second =
        guide.carrier == Carrier::Xmp && (exif == Some("UserComment") || (is_field && packet.key == "AIGC"));
    let (gravity, what) = if second {
        (Gravity::Note, format!("a second choice of {} (annex B); the first is {place}", guide.name))
    } else {
        (Gravity::Deviation, format!("{} has the label in {place}", guide.name))
    };
    mark.flaws.push(flaw(mark, codes::CARRIER, gravity, what));
}

/// A sort of place in words, with the format's own name for it if there is one.
fn place(carrier: Carrier, name: &str) -> String {
    let what = match carrier {
        Carrier::Field => "the field AIGC",
        Carrier::FrontMatter => "the key AIGC of the front matter",
        _ => "the XMP property TC260:AIGC",
    };
    if name.is_empty() || carrier == Carrier::FrontMatter {
        what.to_owned()
    } else {
        format!("{what} ({name})")
    }
}
