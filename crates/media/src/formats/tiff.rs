//! TIFF and BigTIFF: directories of tagged values that point anywhere in the file.

use crate::tiff_picture::{decode, decode_rows};
use crate::{Carrier, Content, Format, Head, Home, signature, tiff_directories, tiff_splice};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "tiff",
    title: "TIFF",
    kind: MediaKind::Image,
    extensions: &["tif", "tiff"],
    mime: "image/tiff",
    cite: "TIFF 6.0 (Adobe, 1992); BigTIFF; XMP specification part 3, section 3.1",
    homes: &[Home { carrier: Carrier::Xmp, place: tiff_directories::XMP_PLACE }],
    no_notice: None,
    recognize,
    parse: tiff_directories::parse,
    splice: tiff_splice::splice,
    content: Content::Picture { decode, rows: decode_rows },
};

fn recognize(head: &Head<'_>) -> u32 {
    let starts: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0"];
    starts.iter().map(|start| signature(head, &[(0, start)])).max().unwrap_or(0)
}
