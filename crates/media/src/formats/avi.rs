//! AVI: `RIFF`, size, `AVI `, then chunks; more lists `AVIX` after it in large files.

use crate::format::NO_VIDEO_NOTICE;
use crate::{Carrier, Content, Format, Head, Home, avi, signature, wave_info};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "avi",
    title: "AVI",
    kind: MediaKind::Video,
    extensions: &["avi"],
    mime: "video/vnd.avi",
    cite: "Multimedia Programming Interface and Data Specifications 1.0 (1991); OpenDML AVI File Format Extensions 1.02",
    homes: &[Home { carrier: Carrier::Field, place: wave_info::PLACE }],
    no_notice: Some(NO_VIDEO_NOTICE),
    recognize,
    parse: avi::parse,
    splice: avi::splice,
    content: Content::Video { messages: avi::messages },
};

fn recognize(head: &Head<'_>) -> u32 {
    signature(head, &[(0, b"RIFF"), (8, b"AVI ")])
}
