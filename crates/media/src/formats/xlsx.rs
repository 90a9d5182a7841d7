//! Excel workbooks: packages of Office Open XML.

use crate::ooxml::{self, CUSTOM, EXCEL};
use crate::{Carrier, ClosedWords, Content, Format, Home, cells};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "xlsx",
    title: "Excel workbook (XLSX)",
    kind: MediaKind::Document,
    extensions: EXCEL.extensions,
    mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    cite: "ECMA-376, 5th edition (ISO/IEC 29500)",
    homes: &[Home { carrier: Carrier::Field, place: CUSTOM }],
    no_notice: Some(
        "a notice in cells is not written by this program: put it into a header, a footer or the first sheet by hand before labelling",
    ),
    recognize: |head| ooxml::recognize(head, &EXCEL),
    parse: |source, limits| ooxml::parse(source, limits, &EXCEL),
    splice: |source, layout, changes, limits| ooxml::splice(source, layout, changes, limits, &EXCEL),
    content: Content::Closed { words: Some(ClosedWords::Cells(cells::excel)) },
};
