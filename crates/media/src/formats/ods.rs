//! `OpenDocument` spreadsheets.

use crate::odf::{self, SPREADSHEET, USER_DEFINED};
use crate::{Carrier, ClosedWords, Content, Format, Home, cells};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "ods",
    title: "OpenDocument spreadsheet (ODS)",
    kind: MediaKind::Document,
    extensions: SPREADSHEET.extensions,
    mime: "application/vnd.oasis.opendocument.spreadsheet",
    cite: "OpenDocument 1.3 (OASIS, 2021; ISO/IEC 26300)",
    homes: &[Home { carrier: Carrier::Field, place: USER_DEFINED }],
    no_notice: Some(
        "a notice in cells is not written by this program: put it into a header, a footer or the first sheet by hand before labelling",
    ),
    recognize: |head| odf::recognize(head, &SPREADSHEET),
    parse: |source, limits| odf::parse(source, limits, &SPREADSHEET),
    splice: |source, layout, changes, limits| odf::splice(source, layout, changes, limits, &SPREADSHEET),
    content: Content::Closed { words: Some(ClosedWords::Cells(cells::opendocument)) },
};
