use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::kept_sound::KeptSound;
use crate::{
    Band, Body, Carrier, Content, Format, Layout, Messages, Packet, PageWords, Picture, Shape, SoundFacts,
    SoundStream, Text, recognize,
};
use indicia_core::{FormatError, Limits, MediaKind, Problem, Source};

/// How often [`Limits::inflated`] all compressed blocks of one file together may grow by.
const INFLATIONS: u64 = 32;

/// A file that has been recognized and cut up; its content is decoded once, when asked for.
pub struct Asset<'a> {
    /// Its bytes.
    pub source: &'a dyn Source,
    /// Its format.
    pub format: &'static Format,
    /// Its segments and packets.
    pub layout: Layout,
    /// What may be spent on it.
    pub limits: Limits,
    /// Bytes that packets grew by when they were decoded.
    inflated: AtomicU64,
    picture: OnceLock<Result<Picture, FormatError>>,
    text: OnceLock<Result<Text, FormatError>>,
    page_words: OnceLock<Result<PageWords, FormatError>>,
    /// Sound, if it is short.
    sound: OnceLock<Option<KeptSound>>,
}

impl std::fmt::Debug for Asset<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asset").field("format", &self.format.name).finish_non_exhaustive()
    }
}

impl<'a> Asset<'a> {
    /// Recognizes a file and cuts it up. `name` is its file name, for formats that have no signature.
    ///
    /// # Errors
    /// If no format knows it, or nothing of it can be read.
    pub fn open(source: &'a dyn Source, name: Option<&str>, limits: &Limits) -> Result<Self, FormatError> {
        let format = recognize(source, name)?;
        let layout = (format.parse)(source, limits)?;
        Ok(Self {
            source,
            format,
            layout,
            limits: *limits,
            inflated: AtomicU64::new(0),
            picture: OnceLock::new(),
            text: OnceLock::new(),
            page_words: OnceLock::new(),
            sound: OnceLock::new(),
        })
    }

    /// What it holds.
    pub fn kind(&self) -> MediaKind {
        self.format.kind
    }

    /// The packets of one sort, each with its index in the layout.
    pub fn packets(&self, carrier: Carrier) -> impl Iterator<Item = (usize, &Packet)> {
        self.layout.packets.iter().enumerate().filter(move |(_, packet)| packet.carrier == carrier)
    }

    /// Reads a packet's value.
    ///
    /// # Errors
    /// If it is over a limit or cannot be decoded. Thousands of small compressed blocks are over a limit
    /// together, each read counted.
    pub fn read(&self, packet: &Packet) -> Result<Vec<u8>, FormatError> {
        let limit = self.limits.inflated.saturating_mul(INFLATIONS);
        if matches!(packet.body, Body::Coded(_)) && self.inflated.load(Ordering::Relaxed) > limit {
            let what = "bytes in compressed blocks together";
            return Err(FormatError::new(packet.span.start, Problem::OverLimit { what, limit }));
        }
        let body = packet.read(self.source, &self.limits)?;
        if matches!(packet.body, Body::Coded(_)) {
            let growth = (body.len() as u64).saturating_sub(packet.span.len());
            self.inflated.fetch_add(growth, Ordering::Relaxed);
        }
        Ok(body)
    }

    /// The picture, decoded at the first call.
    ///
    /// # Errors
    /// If it is no picture, or it cannot be decoded.
    pub fn picture(&self) -> Result<&Picture, FormatError> {
        let Content::Picture { decode, .. } = self.format.content else {
            return Err(FormatError::unsupported(0, "pictures in this format"));
        };
        let decoded = self.picture.get_or_init(|| decode(self.source, &self.layout, &self.limits));
        decoded.as_ref().map_err(Clone::clone)
    }

    /// At least the rows that `wanted` names once the shape of the picture is known: cut from the picture if it
    /// is decoded already, else decoded with as little of the rest as the format allows.
    ///
    /// Says nothing of coded bytes that only other rows need.
    ///
    /// # Errors
    /// If it is no picture, or what was decoded of it is broken.
    pub fn rows(&self, wanted: impl Fn(Shape) -> Range<u32>) -> Result<Band, FormatError> {
        let Content::Picture { rows, .. } = self.format.content else {
            return Err(FormatError::unsupported(0, "pictures in this format"));
        };
        match self.picture.get() {
            Some(Ok(picture)) => Ok(Band::cut(picture, wanted(picture.shape()))),
            Some(Err(err)) => Err(err.clone()),
            None => rows(self.source, &self.layout, &self.limits, &wanted),
        }
    }

    /// Takes the picture out, so that it can be changed without a copy.
    ///
    /// # Errors
    /// As [`Asset::picture`].
    pub(crate) fn decode_picture(&self) -> Result<Picture, FormatError> {
        match self.picture.get() {
            Some(decoded) => decoded.clone(),
            None => match self.format.content {
                Content::Picture { decode, .. } => decode(self.source, &self.layout, &self.limits),
                _ => Err(FormatError::unsupported(0, "pictures in this format")),
            },
        }
    }

    /// The words, decoded at the first call.
    ///
    /// # Errors
    /// If it is no text, or it cannot be decoded.
    pub fn text(&self) -> Result<&Text, FormatError> {
        let Content::Text { decode, .. } = self.format.content else {
            return Err(FormatError::unsupported(0, "words in this format"));
        };
        let decoded = self.text.get_or_init(|| decode(self.source, &self.layout, &self.limits));
        decoded.as_ref().map_err(Clone::clone)
    }

    /// What the first and the last page say that their marked shapes stand for, read at the first call.
    ///
    /// # Errors
    /// If it has no pages, or what they are drawn with cannot be read.
    pub fn page_words(&self) -> Result<&PageWords, FormatError> {
        let Content::Pages { words } = self.format.content else {
            return Err(FormatError::unsupported(0, "pages in this format"));
        };
        let read = self.page_words.get_or_init(|| words(self.source, &self.layout, &self.limits));
        read.as_ref().map_err(Clone::clone)
    }

    /// What the encoder of moving pictures wrote beside the first of them.
    ///
    /// # Errors
    /// If the first picture cannot be found, or this program does not read its coding.
    pub fn messages(&self) -> Result<Messages, FormatError> {
        match self.format.content {
            Content::Video { messages } => messages(self.source, &self.layout, &self.limits),
            _ => Err(FormatError::unsupported(0, "what encoders write among pictures in this format")),
        }
    }

    /// What is known of the sound without decoding it.
    ///
    /// # Errors
    /// If it is no sound, or its headers are broken.
    pub fn sound_facts(&self) -> Result<SoundFacts, FormatError> {
        match self.format.content {
            Content::Sound { facts, .. } => facts(self.source, &self.layout),
            _ => Err(FormatError::unsupported(0, "sound in this format")),
        }
    }

    /// Whether the samples of the sound can be changed.
    ///
    /// # Errors
    /// If they cannot: [`Problem::Unsupported`] says why.
    pub fn sound_may_change(&self) -> Result<(), FormatError> {
        match self.format.content {
            Content::Sound { changeable, .. } => changeable(self.source, &self.layout, &self.limits),
            _ => Err(FormatError::unsupported(0, "sound in this format")),
        }
    }

    /// The sound, block by block: decoded at the first call if it is short, else as it is read.
    ///
    /// # Errors
    /// If it is no sound, or it cannot be decoded.
    pub fn sound(&self) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
        let Content::Sound { open, .. } = self.format.content else {
            return Err(FormatError::unsupported(0, "sound in this format"));
        };
        let mut stream = open(self.source, &self.layout, &self.limits)?;
        if !KeptSound::may_hold(stream.facts(), self.source.size()) {
            return Ok(stream);
        }
        match self.sound.get_or_init(|| KeptSound::take(&mut *stream)) {
            Some(kept) => Ok(kept.stream()),
            None => open(self.source, &self.layout, &self.limits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Asset, INFLATIONS};
    use crate::png_text::chunk;
    use flate2::{Compression, write::ZlibEncoder};
    use indicia_core::{Limits, Problem};
    use std::io::Write;

    #[test]
    fn many_small_compressed_texts_are_over_a_limit_together() {
        let mut deflated = ZlibEncoder::new(b"key\0\0".to_vec(), Compression::best());
        deflated.write_all(&[b'v'; 1000]).unwrap();
        let text = chunk(*b"zTXt", &deflated.finish().unwrap()).unwrap();
        let header = chunk(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]).unwrap();
        let bytes = [b"\x89PNG\r\n\x1a\n".to_vec(), header, text.repeat(100)].concat();
        let asset = Asset::open(&bytes, None, &Limits { inflated: 1000, ..Limits::default() }).unwrap();
        let read: Vec<_> = asset.layout.packets.iter().map(|packet| asset.read(packet)).collect();
        let fits = read.iter().take_while(|body| body.is_ok()).count();
        assert_eq!(read.len(), 100);
        assert!((usize::try_from(INFLATIONS).unwrap()..40).contains(&fits), "{fits}");
        let refused = |problem: &Problem| matches!(problem, Problem::OverLimit { limit: 32_000, .. });
        assert!(read[fits..].iter().all(|body| body.as_ref().is_err_and(|err| refused(&err.problem))));
    }
}
