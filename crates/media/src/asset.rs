use std::ops::Range;
use std::sync::OnceLock;

use crate::{
    Band, Carrier, Content, Format, Layout, Packet, Picture, Shape, SoundFacts, SoundStream, Text, recognize,
};
use indicia_core::{FormatError, Limits, MediaKind, Source};

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
    picture: OnceLock<Result<Picture, FormatError>>,
    text: OnceLock<Result<Text, FormatError>>,
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
        Ok(Self { source, format, layout, limits: *limits, picture: OnceLock::new(), text: OnceLock::new() })
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
    /// If it is over a limit or cannot be decoded.
    pub fn read(&self, packet: &Packet) -> Result<Vec<u8>, FormatError> {
        packet.read(self.source, &self.limits)
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
        let Content::Text { decode } = self.format.content else {
            return Err(FormatError::unsupported(0, "words in this format"));
        };
        let decoded = self.text.get_or_init(|| decode(self.source, &self.layout, &self.limits));
        decoded.as_ref().map_err(Clone::clone)
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

    /// The sound, to be decoded block by block.
    ///
    /// # Errors
    /// If it is no sound, or it cannot be decoded.
    pub fn sound(&self) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
        match self.format.content {
            Content::Sound { open, .. } => open(self.source, &self.layout, &self.limits),
            _ => Err(FormatError::unsupported(0, "sound in this format")),
        }
    }
}
