//! `OpenDocument` presentations.

use crate::odf::{self, PRESENTATION, USER_DEFINED};
use crate::{Carrier, ClosedWords, Content, Format, Home, slides};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "odp",
    title: "OpenDocument presentation (ODP)",
    kind: MediaKind::Document,
    extensions: PRESENTATION.extensions,
    mime: "application/vnd.oasis.opendocument.presentation",
    cite: "OpenDocument 1.3 (OASIS, 2021; ISO/IEC 26300)",
    homes: &[Home { carrier: Carrier::Field, place: USER_DEFINED }],
    no_notice: Some(
        "a notice in slides is not written by this program: put it on the first slide by hand before labelling",
    ),
    recognize: |head| odf::recognize(head, &PRESENTATION),
    parse: |source, limits| odf::parse(source, limits, &PRESENTATION),
    splice: |source, layout, changes, limits| odf::splice(source, layout, changes, limits, &PRESENTATION),
    content: Content::Closed { words: Some(ClosedWords::Text(slides::opendocument)) },
};
