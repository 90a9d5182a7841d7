//! Settings of generators, hidden in the lowest bits of pixels.

use std::io::Read;

use crate::{MarkError, Scheme, Write};
use flate2::read::GzDecoder;
use indicia_core::{Channel, Claim, Context, Flaw, Gravity, Limits, Mark, MediaKind, Status, Tier, Trace};
use indicia_media::{Asset, Colour, Picture, Samples};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "stealth",
    title: "settings hidden in pixels",
    channel: Channel::Trace,
    kinds: &[MediaKind::Image],
    default: false,
    decodes: true,
    misses: "",
    cite: "no document: as the readers of sd-parsers 0.6 and sd-prompt-reader 1.3.5 have it",
    about: "NovelAI and extensions of other generators write the settings a picture was made with into the lowest bits of \
            its alpha channel, or of its colours, column by column: one of four words of 15 letters, a length, and the text, \
            compressed or not. It is a trace, no mark: a ground for suspicion. It survives where pixels stay as they are, \
            so also where all metadata is taken away; JPEG, resizing and whatever flattens the picture destroy it.",
    find,
    write: Write::Never,
};

/// What is known of such settings.
static TRACE: Trace = Trace {
    id: "e.novelai.stealth",
    tier: Tier::Ai,
    means: "settings of a generator, hidden in pixels",
    source: "sdp",
};

/// A way of hiding them.
struct Way {
    /// What they begin with.
    word: &'static [u8; WORD],
    /// Whether they stand in the alpha channel, or in red, green and blue.
    alpha: bool,
    /// Whether the text is compressed.
    packed: bool,
}

const WORD: usize = 15;

#[rustfmt::skip] // a table
const WAYS: [Way; 4] = [
    Way { word: b"stealth_pngcomp", alpha: true, packed: true },
    Way { word: b"stealth_pnginfo", alpha: true, packed: false },
    Way { word: b"stealth_rgbcomp", alpha: false, packed: true },
    Way { word: b"stealth_rgbinfo", alpha: false, packed: false },
];

/// Most characters that are shown of a text.
const SHOWN: usize = 200;

/// What is wrong with a text that begins as one, but cannot be read.
pub const UNREADABLE: &str = "stealth-unreadable";

fn find(asset: &Asset<'_>, _: &Context) -> Result<Vec<Mark>, MarkError> {
    Ok(hidden(asset.picture()?, &asset.limits).into_iter().collect())
}

/// What is hidden in the first frame.
fn hidden(picture: &Picture, limits: &Limits) -> Option<Mark> {
    [true, false].into_iter().find_map(|alpha| {
        let mut bits = Bits::of(picture, alpha)?;
        let word = bits.bytes(WORD)?;
        let way = WAYS.iter().find(|way| way.alpha == alpha && way.word.as_slice() == word)?;
        let (raw, flaws) = match text(&mut bits, way.packed, limits) {
            Ok(text) => (text.chars().take(SHOWN).collect(), Vec::new()),
            Err(why) => {
                let text = format!("it begins as hidden settings do, but {why}");
                let flaw = Flaw { code: UNREADABLE, gravity: Gravity::Note, text, at: 0 };
                (String::from_utf8_lossy(way.word).into_owned(), vec![flaw])
            }
        };
        Some(Mark {
            claim: Claim { status: Some(Status::Suspected), ..Claim::default() },
            place: if alpha { "lowest bits of the alpha channel" } else { "lowest bits of the colours" }
                .into(),
            raw,
            flaws,
            trace: Some(TRACE),
            ..Mark::default()
        })
    })
}

fn text(bits: &mut Bits<'_>, packed: bool, limits: &Limits) -> Result<String, &'static str> {
    let length = bits.bytes(4).and_then(|length| <[u8; 4]>::try_from(length).ok());
    let length = u32::from_be_bytes(length.ok_or("has no length")?);
    let length = usize::try_from(length / 8).unwrap_or(usize::MAX);
    // The bits that are there bound what is allocated.
    let bytes = if length <= bits.left() / 8 { bits.bytes(length) } else { None };
    let bytes = bytes.ok_or("says that it is longer than the picture has room for")?;
    let bytes = if packed {
        let mut text = Vec::new();
        let unpacked = GzDecoder::new(bytes.as_slice()).take(limits.inflated).read_to_end(&mut text);
        unpacked.map_err(|_| "cannot be decompressed")?;
        text
    } else {
        bytes
    };
    String::from_utf8(bytes).map_err(|_| "is no text")
}

/// The lowest bits of a picture, column by column.
struct Bits<'a> {
    samples: &'a [u8],
    width: usize,
    height: usize,
    /// Samples a pixel, and which of them count.
    channels: usize,
    first: usize,
    counted: usize,
    next: usize,
}

impl<'a> Bits<'a> {
    /// `None` for a picture that has no such channels, or more than 8 bits a sample.
    fn of(picture: &'a Picture, alpha: bool) -> Option<Self> {
        let (first, counted) = match (picture.colour, alpha) {
            (Colour::Rgba, true) => (3, 1),
            (Colour::GrayAlpha, true) => (1, 1),
            (Colour::Rgb | Colour::Rgba, false) => (0, 3),
            _ => return None,
        };
        let Samples::Eight(samples) = &picture.frames.first()?.samples else { return None };
        let (width, height) = (usize::try_from(picture.width).ok()?, usize::try_from(picture.height).ok()?);
        Some(Self { samples, width, height, channels: picture.colour.channels(), first, counted, next: 0 })
    }

    /// Bits that have not been read.
    fn left(&self) -> usize {
        self.width.saturating_mul(self.height).saturating_mul(self.counted).saturating_sub(self.next)
    }

    fn bit(&mut self) -> Option<u8> {
        let (pixel, channel) = (self.next / self.counted, self.next % self.counted);
        let (x, y) = (pixel.checked_div(self.height)?, pixel.checked_rem(self.height)?);
        if x >= self.width {
            return None;
        }
        self.next += 1;
        self.samples.get((y * self.width + x) * self.channels + self.first + channel).map(|sample| sample & 1)
    }

    /// The next bytes, highest bit first.
    fn bytes(&mut self, len: usize) -> Option<Vec<u8>> {
        (0..len).map(|_| (0..8).try_fold(0, |byte, _| Some(byte << 1 | self.bit()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Bits, UNREADABLE, hidden};
    use flate2::{Compression, write::GzEncoder};
    use indicia_core::{Limits, Mark};
    use indicia_media::{Colour, Frame, Picture, Samples};
    use std::io::Write as _;

    /// A picture with these bytes in its lowest bits; every second value is even, whatever is hidden.
    fn picture(colour: Colour, alpha: bool, bytes: &[u8]) -> Picture {
        const SIZE: (u32, u32) = (41, 23);
        let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
        let mut samples = vec![200; width * height * colour.channels()];
        let (first, counted) = match (colour, alpha) {
            (Colour::GrayAlpha, _) => (1, 1),
            (_, true) => (3, 1),
            (_, false) => (0, 3),
        };
        for at in 0..8 * bytes.len() {
            let (pixel, channel) = (at / counted, at % counted);
            let (x, y) = (pixel / height, pixel % height);
            samples[(y * width + x) * colour.channels() + first + channel] |=
                bytes[at / 8] >> (7 - at % 8) & 1;
        }
        let frames = vec![Frame { samples: Samples::Eight(samples) }];
        Picture { width: SIZE.0, height: SIZE.1, colour, orientation: 1, frames }
    }

    fn written(word: &[u8], bits: u32, text: &[u8]) -> Vec<u8> {
        [word, &bits.to_be_bytes(), text].concat()
    }

    fn look(picture: &Picture) -> Option<Mark> {
        hidden(picture, &Limits { inflated: 1000, ..Limits::default() })
    }

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn settings_are_found_in_each_of_the_four_ways() {
        let text = br#"{"Software":"Some"}"#;
        let zip = packed(text);
        let bits = |bytes: &[u8]| 8 * u32::try_from(bytes.len()).unwrap();
        for (colour, alpha, word, bytes) in [
            (Colour::Rgba, true, b"stealth_pngcomp", &zip[..]),
            (Colour::GrayAlpha, true, b"stealth_pnginfo", text),
            (Colour::Rgba, true, b"stealth_pnginfo", text),
            (Colour::Rgb, false, b"stealth_rgbcomp", &zip),
            (Colour::Rgba, false, b"stealth_rgbinfo", text),
        ] {
            let mark = look(&picture(colour, alpha, &written(word, bits(bytes), bytes))).unwrap();
            assert_eq!((mark.raw.as_bytes(), mark.flaws.len()), (&text[..], 0), "{colour:?}");
            assert!(mark.trace.is_some_and(|trace| trace.tier.is_ground()));
            // The word of the other channels stands here by chance alone.
            assert_eq!(look(&picture(Colour::Rgba, !alpha, &written(word, bits(bytes), bytes))), None);
        }
    }

    #[test]
    fn pictures_without_the_word_have_none() {
        assert_eq!(look(&picture(Colour::Rgba, true, b"stealth_pngcom")), None);
        assert_eq!(look(&picture(Colour::Rgb, false, b"")), None);
        let tiny = Picture { width: 2, height: 2, ..picture(Colour::Rgba, true, b"") };
        assert_eq!(look(&tiny), None);
        let empty = Picture { width: 0, height: 0, ..picture(Colour::Rgba, true, b"") };
        assert!(Bits::of(&empty, true).unwrap().bytes(1).is_none());
    }

    #[test]
    fn what_begins_as_settings_and_cannot_be_read_is_told_with_the_reason() {
        let bomb = packed(&[b'a'; 5000]);
        for (word, bits, bytes) in [
            (b"stealth_pngcomp", 80, &b"not packed"[..]),
            (b"stealth_pnginfo", u32::MAX, b"short"),
            (b"stealth_pnginfo", 16, b"\xFF\xFE"),
        ] {
            let mark = look(&picture(Colour::Rgba, true, &written(word, bits, bytes))).unwrap();
            assert!(mark.has(UNREADABLE), "{mark:?}");
        }
        // A text of any length is cut where the limit is.
        let bits = 8 * u32::try_from(bomb.len()).unwrap();
        let mark = look(&picture(Colour::Rgba, true, &written(b"stealth_pngcomp", bits, &bomb))).unwrap();
        assert!(mark.raw.len() <= 200 && mark.flaws.is_empty());
    }
}
