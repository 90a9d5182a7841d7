//! The metadata label of GB 45438-2025: the seven keys of Annex E under a name that contains `AIGC`.

use crate::{MarkError, Scheme, Write, aigc};
use indicia_core::{Channel, Context, Mark, MediaKind, Order};
use indicia_media::{Asset, Draft};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "aigc",
    title: "AIGC metadata label",
    channel: Channel::Metadata,
    kinds: &[MediaKind::Audio, MediaKind::Document, MediaKind::Image, MediaKind::Video],
    default: true,
    decodes: false,
    misses: "",
    cite: "GB 45438-2025 clause 6.1 and Annex E; places: TC260-PG-20257A (video), 20258A (text), 20259A (images), \
           202510A (audio). The texts of the standard and the guides were read in transcriptions that agree, not in \
           the originals.",
    about: "A small JSON object in the file's metadata with seven keys: whether the content is, may be or is suspected \
            to be generated (Label 1, 2, 3), which service generated it under which number, which platform spread it \
            under which number, and two fields for security data. It stands in XMP for images, in a field named AIGC \
            for sound and video, and in the front matter for Markdown; a file may have only one. It is read wherever \
            and however it is known to be written, also wrapped, escaped, misspelled or broken off. What rewrites a \
            file's metadata destroys it without a word: most image editors, ffmpeg without -movflags use_metadata_tags, \
            chat programs, screenshots. It is not bound to the content and not signed: it says what somebody wrote, \
            not what is true.",
    find,
    write: Write::Draft { change, confirm: None },
};

fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    aigc::find(asset, cx)
}

fn change(order: &Order, draft: &mut Draft<'_>, _: &Context) -> Result<Option<Mark>, MarkError> {
    aigc::change(order, draft)
}
