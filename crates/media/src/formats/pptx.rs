//! PowerPoint presentations: packages of Office Open XML.

use crate::ooxml::{self, CUSTOM, POWERPOINT};
use crate::{Carrier, ClosedWords, Content, Format, Home, slides};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "pptx",
    title: "PowerPoint presentation (PPTX)",
    kind: MediaKind::Document,
    extensions: POWERPOINT.extensions,
    mime: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    cite: "ECMA-376, 5th edition (ISO/IEC 29500)",
    homes: &[Home { carrier: Carrier::Field, place: CUSTOM }],
    no_notice: Some(
        "a notice in slides is not written by this program: put it on the first slide by hand before labelling",
    ),
    recognize: |head| ooxml::recognize(head, &POWERPOINT),
    parse: |source, limits| ooxml::parse(source, limits, &POWERPOINT),
    splice: |source, layout, changes, limits| ooxml::splice(source, layout, changes, limits, &POWERPOINT),
    content: Content::Closed { words: Some(ClosedWords::Text(slides::powerpoint)) },
};
