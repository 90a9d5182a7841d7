//! MP4: boxes of the ISO base media file format with moving pictures.

use crate::format::NO_VIDEO_NOTICE;
use crate::movie::{self, HOME, Kind};
use crate::{Carrier, Content, Format, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "mp4",
    title: "MP4",
    kind: MediaKind::Video,
    extensions: &["mp4", "m4v", "3gp", "3gpp", "3g2", "f4v"],
    mime: "video/mp4",
    cite: "ISO/IEC 14496-12 and 14496-14; 3GPP TS 26.244; QuickTime File Format (names of items)",
    homes: &[Home { carrier: Carrier::Field, place: HOME }],
    no_notice: Some(NO_VIDEO_NOTICE),
    recognize: |head| movie::recognize(head, Kind::Video),
    parse: movie::parse,
    splice: movie::splice,
    content: Content::Video { messages: movie::messages },
};
