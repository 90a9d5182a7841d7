//! IPTC digital source type, and the properties beside it that name the generating system.

use crate::{MarkError, Scheme, Write, iptc};
use indicia_core::{Channel, Context, Mark, MediaKind, Order};
use indicia_media::{Asset, Draft};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "iptc",
    title: "IPTC digital source type",
    channel: Channel::Metadata,
    kinds: &[MediaKind::Image],
    default: false,
    decodes: false,
    misses: "",
    cite: "IPTC Photo Metadata Standard 2025.1 (Digital Source Type, AI System Used, AI System Version Used, AI Prompt \
           Information, AI Prompt Writer Name); NewsCodes http://cv.iptc.org/newscodes/digitalsourcetype/; two more \
           values of C2PA Technical Specification 2.4",
    about: "A property of the XMP packet, Iptc4xmpExt:DigitalSourceType, with a term of a controlled vocabulary: made \
            by a model, edited with one, taken with a camera, and so on; beside it the generating system, its version, \
            the prompt and who wrote it. Search engines and platforms read it. Terms that leave open whether AI was \
            used give a maybe, and terms that say nothing of it give no answer; a system named without a source type \
            gives no answer either, since it does not say what the system did. What rewrites a file's metadata \
            destroys it; it is not signed and says what somebody wrote, not what is true.",
    find,
    write: Write::Draft { change, confirm: None },
};

fn find(asset: &Asset<'_>, _: &Context) -> Result<Vec<Mark>, MarkError> {
    iptc::find(asset)
}

fn change(order: &Order, draft: &mut Draft<'_>, _: &Context) -> Result<Option<Mark>, MarkError> {
    iptc::change(order, draft)
}
