//! The watermark in the choice of signs: straight or curly quotes, hyphens or dashes, dots or an ellipsis.

use crate::watermark::choices;
use crate::{Scheme, Write};
use indicia_core::{Channel, MediaKind};
use indicia_watermark::text::TYPOGRAPHY;

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "typography",
    title: "watermark in the choice of signs",
    channel: Channel::Watermark,
    kinds: &[MediaKind::Document, MediaKind::Text],
    default: false,
    decodes: false,
    misses: "it takes 30 quotes, dashes or ellipses to show",
    cite: "The pattern is this program's own and documented in docs/watermark-text.md, so that no program reads those of another",
    about: "A key says of each quote, apostrophe, dash and ellipsis in prose whether it is the plain or the typographic one. It \
            tells that a text was marked under the key, with the probability that chance shows as much, and neither who \
            marked it nor as what. It is written into plain text and Markdown when it is asked for (--with typography), where \
            the house style leaves that open, never in code; and read in all documents whose words are read. It withstands \
            copying, conversion, NFC, removal of invisible characters and folded white space, and NFKC but for the ellipsis. \
            What destroys it: filters for smart quotes, typing anew, any editor who makes the signs even.",
    find: |asset, cx| choices::find(&TYPOGRAPHY, asset, cx),
    write: Write::Draft {
        change: |order, draft, _| choices::change(&TYPOGRAPHY, order, draft),
        confirm: None,
    },
};
