//! BMP: a header and rows of pixels. It has no place for metadata: what stands between its parts or after them no
//! program reads, so that a label there would reach nobody.

use crate::bmp_pixels::{self, decode, decode_rows};
use crate::{Content, Format, Head, signature};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "bmp",
    title: "BMP",
    kind: MediaKind::Image,
    extensions: &["bmp", "dib"],
    mime: "image/bmp",
    cite: "Bitmap Storage, BITMAPV5HEADER (Microsoft, Windows GDI)",
    homes: &[],
    no_notice: None,
    recognize,
    parse: bmp_pixels::parse,
    splice: bmp_pixels::splice,
    content: Content::Picture { decode, rows: decode_rows },
};

fn recognize(head: &Head<'_>) -> u32 {
    // Two letters start many a text: the size of the second header tells.
    let headers = bmp_pixels::HEADERS.iter().map(|size| [*size, 0, 0, 0]);
    headers.map(|size| signature(head, &[(0, b"BM"), (14, &size)])).max().unwrap_or(0)
}
