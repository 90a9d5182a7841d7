//! Matroska: EBML with the document type `matroska`.

use crate::ebml::{self, DocType};
use crate::format::NO_VIDEO_NOTICE;
use crate::{Carrier, Content, Format, Head, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "mkv",
    title: "Matroska",
    kind: MediaKind::Video,
    extensions: &["mkv", "mka", "mks", "mk3d"],
    mime: "video/matroska",
    cite: "RFC 8794; RFC 9559",
    homes: &[Home { carrier: Carrier::Field, place: ebml::PLACE }],
    no_notice: Some(NO_VIDEO_NOTICE),
    recognize,
    parse: ebml::parse,
    splice: ebml::splice,
    content: Content::Video { messages: ebml::messages },
};

fn recognize(head: &Head<'_>) -> u32 {
    match ebml::doc_type(head) {
        Some(DocType::Named(name)) if name == b"matroska" => 12,
        // The type of the first files, before there were others.
        Some(DocType::Unsaid) => 4,
        _ => 0,
    }
}
