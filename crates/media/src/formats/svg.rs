//! Scalable vector graphics.

use crate::svg::{self, METADATA};
use crate::{Carrier, Content, Format, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "svg",
    title: "SVG",
    kind: MediaKind::Image,
    extensions: &["svg"],
    mime: "image/svg+xml",
    cite: "SVG 2 (W3C, 2018), 5.8; XMP specification part 3 (Adobe, 2020)",
    homes: &[Home { carrier: Carrier::Xmp, place: METADATA }],
    no_notice: Some(
        "vector drawings are not drawn by this program: add a text element by hand, or convert the drawing to PNG",
    ),
    recognize: svg::recognize,
    parse: svg::parse,
    splice: svg::splice,
    content: Content::Closed { words: None },
};
