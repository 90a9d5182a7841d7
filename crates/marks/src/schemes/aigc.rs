//! The metadata label of GB 45438-2025: the seven keys of Annex E under a name that contains `AIGC`.

use crate::{MarkError, Scheme, Write};
use indicia_core::{Channel, Claim, Context, Field, Mark, MediaKind, Order, Status};
use indicia_media::{Asset, Carrier, Draft};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "aigc",
    title: "AIGC metadata label",
    channel: Channel::Metadata,
    kinds: &[MediaKind::Audio, MediaKind::Document, MediaKind::Image, MediaKind::Video],
    default: true,
    cite: "GB 45438-2025 clause 6.1 and Annex E",
    about: "A small JSON object in the file's metadata that says whether the content is generated, by whom and under which number.",
    find,
    write: Write::Draft { change, confirm: None },
};

fn find(asset: &Asset<'_>, _: &Context) -> Result<Vec<Mark>, MarkError> {
    let mut marks = Vec::new();
    for (_, packet) in asset.packets(Carrier::Field).filter(|(_, packet)| packet.key == "AIGC") {
        let raw = String::from_utf8_lossy(&asset.read(packet)?).into_owned();
        let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
        claim.set(Field::Producer, "x");
        marks.push(Mark {
            claim,
            place: packet.place.into(),
            site: Some(packet.span),
            raw,
            ..Mark::default()
        });
    }
    Ok(marks)
}

fn change(order: &Order, draft: &mut Draft<'_>, _: &Context) -> Result<Option<Mark>, MarkError> {
    let body = format!("{{\"Label\":\"1\",\"ContentProducer\":\"{}\"}}", order.claim.field(Field::Producer));
    draft.set(Carrier::Field, "AIGC", body.into_bytes());
    Ok(Some(Mark { claim: order.claim.clone(), ..Mark::default() }))
}
