//! EPUB books.

use crate::epub::{self, EXTENSIONS, METADATA};
use crate::{Carrier, Content, Format, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "epub",
    title: "EPUB book",
    kind: MediaKind::Document,
    extensions: EXTENSIONS,
    mime: "application/epub+zip",
    cite: "EPUB 3.3 (W3C, 2023); OPF 2.0.1 (IDPF, 2010)",
    homes: &[Home { carrier: Carrier::Field, place: METADATA }],
    no_notice: None,
    recognize: epub::recognize,
    parse: epub::parse,
    splice: epub::splice,
    content: Content::Text {
        decode: epub::decode,
        no_change: Some(
            "nothing is put between words that stand between tags: put the watermark into the plain text or Markdown that it is \
             made of",
        ),
    },
};
