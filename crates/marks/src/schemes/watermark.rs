//! The watermark: an invisible pattern in the pixels that leads back to the record of the content.

use crate::watermark::picture;
use crate::{MarkError, Scheme, Write};
use indicia_core::{Channel, Context, Mark, MediaKind, Order};
use indicia_media::{Asset, Draft};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "watermark",
    title: "watermark",
    channel: Channel::Watermark,
    kinds: &[MediaKind::Image],
    default: false,
    decodes: true,
    cite: "The pattern is this program's own and documented in docs/watermark.md. GB 45438-2025 clause 6.2 encourages \
           watermarks in content without saying how they are made, so that no program reads those of another",
    about: "An invisible pattern laid over the pixels of every frame, which carries 64 bits: whether the content is, may be \
            or is suspected to be generated, and its number or a digest of it. It is read without the original, under the \
            open key, which everyone has, or under one of your own. Every reading names a bound on how often chance alone \
            would show as much; what stays above 1 in 10^9 is no mark. A picture that is too small or too flat to hold it is \
            refused. Measured: all of 19 photos were read after JPEG 30, WebP 50, resizing by 0.5 to 1.5, a crop to a quarter \
            of the area (18 to a tenth), any turn, mirroring, noise, blur, changes of tone, a screenshot and the way through a \
            chat program; 16 after half size and JPEG 50 together and in a screenshot at half size, 13 after AVIF at quantizer \
            40. Pages of text lose it at JPEG 50. What destroys it: less than a tenth of the area, strong bends, a picture \
            generated anew from it, and whoever has the key. docs/watermark.md has every figure.",
    find,
    write: Write::Draft { change, confirm: Some(confirm) },
};

fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    picture::find(asset, cx)
}

fn change(order: &Order, draft: &mut Draft<'_>, cx: &Context) -> Result<Option<Mark>, MarkError> {
    picture::change(order, draft, cx)
}

fn confirm(mark: &Mark, asset: &Asset<'_>, cx: &Context) -> Result<Mark, MarkError> {
    picture::confirm(mark, asset, cx)
}
