//! GIF: a screen, then extensions and images in chains of sub-blocks, up to a trailer.

use crate::gif_frames::{decode, decode_rows};
use crate::{Carrier, Content, Format, Head, Home, gif_blocks, gif_splice, signature};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "gif",
    title: "GIF",
    kind: MediaKind::Image,
    extensions: &["gif"],
    mime: "image/gif",
    cite: "GIF89a specification (CompuServe, 1990); XMP specification part 3, section 1.1.2",
    homes: &[
        Home { carrier: Carrier::Xmp, place: gif_blocks::XMP_PLACE },
        Home { carrier: Carrier::Comment, place: gif_blocks::COMMENT_PLACE },
    ],
    no_notice: None,
    recognize,
    parse: gif_blocks::parse,
    splice: gif_splice::splice,
    content: Content::Picture { decode, rows: decode_rows },
};

fn recognize(head: &Head<'_>) -> u32 {
    signature(head, &[(0, b"GIF87a")]).max(signature(head, &[(0, b"GIF89a")]))
}
