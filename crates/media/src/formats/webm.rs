//! WebM: EBML with the document type `webm`, a choice of what Matroska has.

use crate::ebml::{self, DocType};
use crate::format::NO_VIDEO_NOTICE;
use crate::{Carrier, Content, Format, Head, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "webm",
    title: "WebM",
    kind: MediaKind::Video,
    extensions: &["webm"],
    mime: "video/webm",
    cite: "RFC 8794; RFC 9559; WebM Container Guidelines",
    homes: &[Home { carrier: Carrier::Field, place: ebml::PLACE }],
    no_notice: Some(NO_VIDEO_NOTICE),
    recognize,
    parse: ebml::parse,
    splice: ebml::splice,
    content: Content::Video { messages: ebml::messages },
};

fn recognize(head: &Head<'_>) -> u32 {
    match ebml::doc_type(head) {
        Some(DocType::Named(name)) if name == b"webm" => 8,
        _ => 0,
    }
}
