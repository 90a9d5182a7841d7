//! QuickTime: the boxes that MP4 was made after.

use crate::format::NO_VIDEO_NOTICE;
use crate::movie::{self, HOME, Kind};
use crate::{Carrier, Content, Format, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "mov",
    title: "QuickTime",
    kind: MediaKind::Video,
    extensions: &["mov", "qt"],
    mime: "video/quicktime",
    cite: "QuickTime File Format (Apple)",
    homes: &[Home { carrier: Carrier::Field, place: HOME }],
    no_notice: Some(NO_VIDEO_NOTICE),
    recognize: |head| movie::recognize(head, Kind::Mov),
    parse: movie::parse,
    splice: movie::splice,
    content: Content::Video { messages: movie::messages },
};
