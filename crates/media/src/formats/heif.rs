//! HEIF, mostly HEIC: pictures coded as HEVC, and others that are not AVIF.

use crate::heif::{self, Coding};
use crate::{Carrier, Content, Format, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "heif",
    title: "HEIC/HEIF",
    kind: MediaKind::Image,
    extensions: &["heic", "heif", "hif", "heics", "heifs"],
    mime: "image/heic",
    cite: "ISO/IEC 23008-12",
    homes: &[Home { carrier: Carrier::Xmp, place: "mime item" }],
    no_notice: Some(
        "HEIC pictures are not decoded by this program: put the notice on with a picture editor, or save the picture as JPEG and label that",
    ),
    recognize: |head| heif::recognize(head, Coding::Other),
    parse: heif::parse,
    splice: heif::splice,
    content: Content::Closed { words: None },
};
