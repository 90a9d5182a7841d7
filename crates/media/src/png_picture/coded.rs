//! A coded picture as the chunks that go into a file.

use crate::{Layout, Piece, Segment};
use indicia_core::{FormatError, Limits, Source, Span};

/// A picture coded as the chunks that replace those of the file.
pub(crate) struct Coded {
    header: Vec<u8>,
    control: Option<Vec<u8>>,
    pixels: Vec<u8>,
    /// First segment of pixels or frame control in the file, where the new ones go.
    first: u64,
    /// Whether the colour type changed, so that chunks which depend on it no longer fit.
    recoloured: bool,
}

impl Coded {
    /// Of chunks by themselves: `IHDR`, `acTL`, and all of pixels and frame control.
    pub(super) fn new(header: Vec<u8>, control: Option<Vec<u8>>, pixels: Vec<u8>) -> Self {
        Self { header, control, pixels, first: 0, recoloured: false }
    }

    /// Takes the chunks out of a PNG that was just written.
    pub(super) fn take(bytes: &[u8]) -> Self {
        let mut coded = Self::new(Vec::new(), None, Vec::new());
        let mut at = 8;
        while let Some(length) =
            bytes.get(at..at + 4).and_then(|length| length.try_into().ok()).map(u32::from_be_bytes)
        {
            let end = at + 12 + length as usize;
            let whole = bytes.get(at..end).unwrap_or_default();
            match whole.get(4..8) {
                Some(b"IHDR") => coded.header = whole.to_vec(),
                Some(b"acTL") => coded.control = Some(whole.to_vec()),
                Some(b"IDAT" | b"fcTL" | b"fdAT") => coded.pixels.extend_from_slice(whole),
                _ => {}
            }
            at = end;
        }
        coded
    }

    /// Finds out how the chunks fit into a file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn fit(
        mut self,
        source: &dyn Source,
        layout: &Layout,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        let pixels = |segment: &&Segment| matches!(&segment.name, b"IDAT" | b"fcTL");
        self.first = layout.segments.iter().find(pixels).map_or(0, |segment| segment.span.start);
        let old = limits.take(source, Span { start: 8, end: 33 })?;
        self.recoloured = self.header.get(16..18) != old.get(16..18);
        Ok(self)
    }

    /// Puts in place of a segment what the new picture has there.
    pub(crate) fn place(&self, segment: &Segment, pieces: &mut Vec<Piece>) {
        match &segment.name {
            b"IHDR" => pieces.push(Piece::New(self.header.clone())),
            b"acTL" => pieces.extend(self.control.clone().map(Piece::New)),
            b"IDAT" | b"fcTL" | b"fdAT" => {
                if segment.span.start == self.first {
                    pieces.push(Piece::New(self.pixels.clone()));
                }
            }
            b"PLTE" | b"tRNS" | b"bKGD" | b"hIST" | b"sBIT" if self.recoloured => {}
            _ => pieces.push(Piece::Keep(segment.span)),
        }
    }
}
