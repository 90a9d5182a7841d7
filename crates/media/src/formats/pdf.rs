//! PDF: numbered objects, and tables that say where each of them stands; every save may append to both.

use crate::pdf;
use crate::{Carrier, Content, Format, Head, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "pdf",
    title: "PDF",
    kind: MediaKind::Document,
    extensions: &["pdf"],
    mime: "application/pdf",
    cite: "ISO 32000-1:2008; ISO 32000-2:2020",
    homes: &[
        Home { carrier: Carrier::Field, place: pdf::INFO },
        Home { carrier: Carrier::Xmp, place: pdf::METADATA },
    ],
    no_notice: None,
    recognize,
    parse: pdf::parse,
    splice: pdf::splice,
    content: Content::Pages { words: pdf::words },
};

/// The bytes in which the signature must stand (ISO 32000-1, annex H.3, note 13).
const EDGE: usize = 1024;

fn recognize(head: &Head<'_>) -> u32 {
    let start = head.bytes.get(..head.bytes.len().min(EDGE + 5)).unwrap_or_default();
    match memchr::memmem::find(start, b"%PDF-") {
        Some(0) => 5,
        // Other bytes stand before it, and a text may only speak of it: then the name decides, and any format
        // with a signature of its own comes first.
        Some(_) if head.extension == Some("pdf") => 2,
        Some(at) if head.extension.is_none() => {
            let begins_line =
                at.checked_sub(1).and_then(|at| start.get(at)).is_some_and(|byte| b"\r\n\0".contains(byte));
            u32::from(begins_line)
        }
        _ => 0,
    }
}
