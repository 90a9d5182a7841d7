//! Word documents: packages of Office Open XML.

use crate::ooxml::{self, CUSTOM, WORD};
use crate::{Carrier, Content, Format, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "docx",
    title: "Word document (DOCX)",
    kind: MediaKind::Document,
    extensions: WORD.extensions,
    mime: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    cite: "ECMA-376, 5th edition (ISO/IEC 29500)",
    homes: &[Home { carrier: Carrier::Field, place: CUSTOM }],
    no_notice: None,
    recognize: |head| ooxml::recognize(head, &WORD),
    parse: |source, limits| ooxml::parse(source, limits, &WORD),
    splice: |source, layout, changes, limits| ooxml::splice(source, layout, changes, limits, &WORD),
    content: Content::Text {
        decode: ooxml::decode,
        no_change: Some(
            "nothing is put between words that stand between tags: put the watermark into the plain text or Markdown that it is \
             made of",
        ),
    },
};
