//! C2PA manifests: found, not yet read.

use crate::{MarkError, Scheme, Write};
use indicia_core::{Channel, Context, Mark, MediaKind};
use indicia_media::{Asset, Carrier};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "c2pa",
    title: "C2PA manifest",
    channel: Channel::Manifest,
    kinds: &[MediaKind::Audio, MediaKind::Document, MediaKind::Image, MediaKind::Video],
    default: false,
    decodes: false,
    cite: "C2PA Technical Specification 2.4",
    about: "A signed statement of where content comes from, bound to its bytes. This version tells whether a file has one and refuses to change such a file, since any change breaks the signature; it does not read or write manifests.",
    find,
    write: Write::Never,
};

fn find(asset: &Asset<'_>, _: &Context) -> Result<Vec<Mark>, MarkError> {
    match asset.packets(Carrier::Manifest).next() {
        None => Ok(Vec::new()),
        Some((_, packet)) => Err(MarkError::Blind(format!(
            "a C2PA manifest stands at byte {} ({}); this version does not read it",
            packet.span.start, packet.place
        ))),
    }
}
