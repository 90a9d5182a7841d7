//! AVIF: pictures coded as AV1, in HEIF.

use crate::heif::{self, Coding};
use crate::{Carrier, Content, Format, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "avif",
    title: "AVIF",
    kind: MediaKind::Image,
    extensions: &["avif", "avifs"],
    mime: "image/avif",
    cite: "AV1 Image File Format (AVIF) 1.1; ISO/IEC 23008-12",
    homes: &[Home { carrier: Carrier::Xmp, place: "mime item" }],
    no_notice: Some(
        "AVIF pictures are not decoded by this program: put the notice on with a picture editor, or save the picture as PNG and label that",
    ),
    recognize: |head| heif::recognize(head, Coding::Av1),
    parse: heif::parse,
    splice: heif::splice,
    content: Content::Closed { words: None },
};
