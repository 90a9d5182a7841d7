//! The TC260 practice guides on metadata labels: for which formats each of them names a place, and of what sort.

use indicia_media::{Carrier, Format};

/// A guide, and the formats it names.
#[derive(Debug)]
pub(super) struct Guide {
    /// Its number.
    pub(super) name: &'static str,
    /// The sort of place it has for the label.
    pub(super) carrier: Carrier,
    /// Media types of the formats it names.
    pub(super) media: &'static [&'static str],
}

/// The guides, as read through people who read them first-hand; none of them is law.
static GUIDES: &[Guide] = &[
    Guide {
        name: "TC260-PG-20257A",
        carrier: Carrier::Field,
        media: &[
            "video/mp4",
            "video/quicktime",
            "video/x-flv",
            "video/matroska",
            "video/webm",
            "video/vnd.avi",
        ],
    },
    Guide { name: "TC260-PG-20258A", carrier: Carrier::FrontMatter, media: &["text/markdown"] },
    Guide {
        name: "TC260-PG-20258A",
        carrier: Carrier::Field,
        media: &[
            "application/pdf",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ],
    },
    Guide {
        name: "TC260-PG-20259A",
        carrier: Carrier::Xmp,
        media: &["image/gif", "image/heic", "image/jpeg", "image/png", "image/tiff", "image/webp"],
    },
    Guide {
        name: "TC260-PG-202510A",
        carrier: Carrier::Field,
        media: &["audio/flac", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav"],
    },
];

/// The guide that names a place for the label in files of a format; `None` if none does, so that the place is this program's choice.
pub fn guide(format: &Format) -> Option<&'static str> {
    of(format).map(|guide| guide.name)
}

/// The guide that names a format.
pub(super) fn of(format: &Format) -> Option<&'static Guide> {
    GUIDES.iter().find(|guide| guide.media.contains(&format.mime))
}
