//! The watermark: what stands in pixels, samples or words unseen and leads back to the record of the content.

use crate::watermark::{picture, sound, text};
use crate::{MarkError, Scheme, Write};
use indicia_core::{Channel, Context, Mark, MediaKind, Order};
use indicia_media::{Asset, Content, Draft};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "watermark",
    title: "watermark",
    channel: Channel::Watermark,
    kinds: &[MediaKind::Audio, MediaKind::Document, MediaKind::Image, MediaKind::Text],
    default: true,
    decodes: true,
    misses: "",
    cite: "The patterns are this program's own and documented in docs/watermark.md, docs/watermark-sound.md and \
           docs/watermark-text.md. GB 45438-2025 clause 6.2 encourages watermarks in content without saying how they are made, \
           so that no program reads those of another",
    about: "64 bits in the content itself, which no one sees or hears: whether it is, may be or is suspected to be generated, and \
            its number or a digest of it. It is read without the original, under the open key, which everyone has, or under one \
            of your own. Every reading names a bound on how often chance alone would show as much; in pictures and sound what \
            stays above 1 in 10^9 is no mark. Content that is too small, flat, short or silent to hold it is refused. \
            In pictures it is a pattern over the pixels of every frame. Measured: all of 19 photos were read after JPEG 30, WebP \
            50, resizing by 0.5 to 1.5, a crop to a quarter of the area (18 to a tenth), any turn, mirroring, noise, blur, \
            changes of tone, a screenshot and the way through a chat program; 16 after half size and JPEG 50 together and in a \
            screenshot at half size, 13 after AVIF at quantizer 40. Pages of text lose it at JPEG 50. What destroys it: less than \
            a tenth of the area, strong bends, a picture generated anew from it, and whoever has the key. \
            In sound it is a change of loudness by a fraction of a decibel in small cells of time and frequency, from 5 seconds \
            up, written into WAVE, FLAC and AIFF, and into MP3, AAC (ADTS, M4A), Opus and Ogg Vorbis, whose sound is coded anew for it at \
            the file's own bit rate: where there is the uncoded sound, mark that. It withstands MP3, AAC, Vorbis and Opus, noise, \
            filters, cuts, and a change of speed, tempo or pitch by up to 12 %. What destroys it: strong echo on speech, Opus at 12 kbit/s, and mostly Opus at 32 \
            kbit/s cut to ten seconds. \
            In plain text and Markdown it is a short run of invisible characters (variation selectors) after every hundredth \
            word or so, never in code, addresses, names or front matter; the text grows by 4 % at most. It withstands copying, \
            web pages, DOCX, JSON, PDF, NFC, NFKC and folded white space, and one quoted paragraph tells a quarter of it. What \
            strips it: whatever removes characters that show nothing, saving as ASCII or Latin-1, typing anew, rewording. \
            The pages named above have every figure.",
    find,
    write: Write::Draft { change, confirm: Some(confirm) },
};

fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    match asset.format.content {
        Content::Picture { .. } => picture::find(asset, cx),
        Content::Sound { .. } => sound::find(asset, cx),
        Content::Text { .. } => text::find(asset, cx),
        Content::Closed { .. } | Content::Pages { .. } | Content::Video { .. } => {
            Err(MarkError::Blind(closed(asset)))
        }
    }
}

fn change(order: &Order, draft: &mut Draft<'_>, cx: &Context) -> Result<Option<Mark>, MarkError> {
    match draft.asset().format.content {
        Content::Picture { .. } => picture::change(order, draft, cx),
        Content::Sound { .. } => sound::change(order, draft, cx),
        Content::Text { .. } => text::change(order, draft, cx),
        Content::Closed { .. } | Content::Pages { .. } | Content::Video { .. } => {
            Err(MarkError::Refused(closed(draft.asset())))
        }
    }
}

/// Why nothing is read from or written into the content of such a file.
fn closed(asset: &Asset<'_>) -> String {
    format!("this program does not decode the content of {}", asset.format.title)
}

fn confirm(mark: &Mark, asset: &Asset<'_>, cx: &Context) -> Result<Mark, MarkError> {
    match asset.kind() {
        // That it is read at all is what is asked of others.
        MediaKind::Image => picture::confirm(mark, asset, cx),
        _ => Ok(mark.clone()),
    }
}
