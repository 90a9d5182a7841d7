//! The watermark in the choice of words: a presence mark that typing anew does not take away.

use crate::watermark::choices;
use crate::{Scheme, Write};
use indicia_core::{Channel, MediaKind};
use indicia_watermark::text::WORDING;

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "wording",
    title: "watermark in the choice of words",
    channel: Channel::Watermark,
    kinds: &[MediaKind::Document, MediaKind::Text],
    default: false,
    decodes: false,
    misses: "it takes 30 choices, some 1,000 words, to show",
    cite: "The list of words and the pattern are this program's own and documented in docs/watermark-text.md, so that no program \
           reads those of another",
    about: "A key says at each place where two wordings of one meaning would do, such as `for example` and `for instance`, `do \
            not` and `don't`, 但是 and 可是, which of them to take. It tells that a text was marked under the key, with the \
            probability that chance shows as much, and neither who marked it nor as what. It is written into plain text and \
            Markdown in English or Chinese when it is asked for (--with wording), as it changes the words, and read in all \
            documents whose words are read. It withstands all that keeps the words: every conversion, normalising, typing \
            anew, a tenth of the words replaced if it is long. What destroys it: rewording, translation, an editor who cares \
            for even style.",
    find: |asset, cx| choices::find(&WORDING, asset, cx),
    write: Write::Draft { change: |order, draft, _| choices::change(&WORDING, order, draft), confirm: None },
};
