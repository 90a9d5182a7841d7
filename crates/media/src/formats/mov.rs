//! QuickTime: the boxes that MP4 was made after.

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
    no_notice: Some(
        "moving pictures are not decoded by this program: burn the notice in with a video editor or the drawtext filter of ffmpeg, then label the file",
    ),
    recognize: |head| movie::recognize(head, Kind::Mov),
    parse: movie::parse,
    splice: movie::splice,
    content: Content::Closed,
};
