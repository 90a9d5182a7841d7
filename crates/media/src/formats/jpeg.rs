//! JPEG: marker segments, coded scans, and whatever follows the end of the image.

use crate::jpeg::{decode, decode_rows, parse, splice};
use crate::{Carrier, Content, Format, Head, Home, signature};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "jpeg",
    title: "JPEG",
    kind: MediaKind::Image,
    extensions: &["jpg", "jpeg", "jpe", "jfif"],
    mime: "image/jpeg",
    cite: "ITU-T T.81 and T.871 (JFIF)",
    homes: &[
        Home { carrier: Carrier::Xmp, place: "APP1 segment" },
        Home { carrier: Carrier::Comment, place: "COM segment" },
    ],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Picture { decode, rows: decode_rows },
};

fn recognize(head: &Head<'_>) -> u32 {
    signature(head, &[(0, b"\xFF\xD8\xFF")])
}
