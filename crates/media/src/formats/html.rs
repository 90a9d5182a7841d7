//! Web pages.

use crate::html::{self, EXTENSIONS, META};
use crate::{Carrier, Content, Format, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "html",
    title: "HTML",
    kind: MediaKind::Document,
    extensions: EXTENSIONS,
    mime: "text/html",
    cite: "HTML Living Standard (WHATWG), 4.2.5 and 13",
    homes: &[Home { carrier: Carrier::Field, place: META }],
    no_notice: None,
    recognize: html::recognize,
    parse: html::parse,
    splice: html::splice,
    content: Content::Text {
        decode: html::decode,
        no_change: Some(
            "nothing is put between words that stand between tags: put the watermark into the plain text or Markdown that it is \
             made of",
        ),
    },
};
