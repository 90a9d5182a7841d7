//! JPEG XL: a codestream, alone or among boxes.

use crate::{Carrier, Content, Format, Head, Home, jxl_file, jxl_splice, signature};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "jxl",
    title: "JPEG XL",
    kind: MediaKind::Image,
    extensions: &["jxl"],
    mime: "image/jxl",
    cite: "ISO/IEC 18181-2",
    homes: &[Home { carrier: Carrier::Xmp, place: "xml box" }],
    no_notice: Some(
        "JPEG XL pictures are not decoded by this program: put the notice on with a picture editor, or save the picture as PNG and label that",
    ),
    recognize,
    parse: jxl_file::parse,
    splice: jxl_splice::splice,
    content: Content::Closed { words: None },
};

fn recognize(head: &Head<'_>) -> u32 {
    signature(head, &[(0, jxl_file::SIGNATURE)]).max(signature(head, &[(0, jxl_file::CODESTREAM)]))
}
