//! Flash Video: `FLV`, then tags.

use crate::format::NO_VIDEO_NOTICE;
use crate::{Carrier, Content, Format, Head, Home, flv, signature};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "flv",
    title: "FLV",
    kind: MediaKind::Video,
    extensions: &["flv"],
    mime: "video/x-flv",
    cite: "Adobe Flash Video File Format Specification 10.1 (2010), annex E; Action Message Format AMF 0 (2007)",
    homes: &[Home { carrier: Carrier::Field, place: flv::PLACE }],
    no_notice: Some(NO_VIDEO_NOTICE),
    recognize,
    parse: flv::parse,
    splice: flv::splice,
    content: Content::Video { messages: flv::messages },
};

fn recognize(head: &Head<'_>) -> u32 {
    signature(head, &[(0, b"FLV\x01")])
}
