//! Matroska: EBML with the document type `matroska`.

use crate::ebml::{self, DocType};
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
    no_notice: Some(NO_NOTICE),
    recognize,
    parse: ebml::parse,
    splice: ebml::splice,
    content: Content::Closed,
};

/// Why no notice can be put on video.
pub(super) const NO_NOTICE: &str = "this program does not decode the frames of video: burn the notice in before \
                                    labelling, with an editor or the drawtext filter of ffmpeg";

fn recognize(head: &Head<'_>) -> u32 {
    match ebml::doc_type(head) {
        Some(DocType::Named(name)) if name == b"matroska" => 12,
        // The type of the first files, before there were others.
        Some(DocType::Unsaid) => 4,
        _ => 0,
    }
}
