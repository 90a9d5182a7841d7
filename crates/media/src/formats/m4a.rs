//! MP4 with sound and nothing else: AAC or ALAC.

use crate::movie::{self, HOME, Kind};
use crate::{Carrier, Content, Format, Home};
use indicia_core::MediaKind;

pub(super) static FORMAT: Format = Format {
    name: "m4a",
    title: "M4A",
    kind: MediaKind::Audio,
    extensions: &["m4a", "m4b", "m4r", "f4a"],
    mime: "audio/mp4",
    cite: "ISO/IEC 14496-12 and 14496-14; QuickTime File Format (names of items)",
    homes: &[Home { carrier: Carrier::Field, place: HOME }],
    no_notice: None,
    recognize: |head| movie::recognize(head, Kind::Sound),
    parse: movie::parse,
    splice: movie::splice,
    content: Content::Sound {
        facts: movie::facts,
        open: movie::open,
        changeable: |source, _, limits| movie::changeable(source, limits),
    },
};
