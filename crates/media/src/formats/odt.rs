//! `OpenDocument` texts.

use crate::odf::{self, TEXT, USER_DEFINED};
use crate::{Carrier, Content, Format, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "odt",
    title: "OpenDocument text (ODT)",
    kind: MediaKind::Document,
    extensions: TEXT.extensions,
    mime: "application/vnd.oasis.opendocument.text",
    cite: "OpenDocument 1.3 (OASIS, 2021; ISO/IEC 26300)",
    homes: &[Home { carrier: Carrier::Field, place: USER_DEFINED }],
    no_notice: None,
    recognize: |head| odf::recognize(head, &TEXT),
    parse: |source, limits| odf::parse(source, limits, &TEXT),
    splice: |source, layout, changes, limits| odf::splice(source, layout, changes, limits, &TEXT),
    content: Content::Text {
        decode: odf::decode,
        no_change: Some(
            "nothing is put between words that stand between tags: put the watermark into the plain text or Markdown that it is \
             made of",
        ),
    },
};
