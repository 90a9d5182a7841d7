use std::collections::BTreeMap;

use crate::{Annex, Filter, NewContent};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// A file cut into segments that follow one another without gap or overlap, and the metadata found in them.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// In file order; together they are the whole file.
    pub segments: Vec<Segment>,
    /// The pieces of metadata a mark can stand in, in file order.
    pub packets: Vec<Packet>,
    /// Where the file stops being readable; what comes after it was not looked at.
    pub damage: Option<FormatError>,
}

/// One piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The format's own name for it, such as a chunk type.
    pub name: [u8; 4],
    /// All of it, header and checksum included.
    pub span: Span,
    /// What it is for.
    pub role: Role,
}

/// What a segment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// What a person perceives, coded.
    Essence,
    /// Metadata: it may hold packets.
    Metadata,
    /// The format's own bookkeeping.
    Structure,
    /// Not known, or not readable.
    Unknown,
}

/// One piece of metadata in a file.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Of which sort.
    pub carrier: Carrier,
    /// Its key, for sorts that have one: a keyword, a chunk type, a frame description. Else empty.
    pub key: String,
    /// The format's words for where it stands: `iTXt chunk`, `APP1 segment`.
    pub place: &'static str,
    /// The bytes of its value in the file, without header, key and padding.
    pub span: Span,
    /// How the value is read.
    pub body: Body,
}

/// The sorts of place that formats have for metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Carrier {
    /// Application data with no known header.
    Blob,
    /// A text without a key.
    Comment,
    /// A TIFF-structured Exif block, from its byte-order mark.
    Exif,
    /// A text with a key. Its value is UTF-8.
    Field,
    /// The YAML between the `---` lines at the head of a text.
    FrontMatter,
    /// A C2PA manifest store. Any change to the file breaks it.
    Manifest,
    /// An XMP packet.
    Xmp,
}

/// How a packet's value is read from the file.
#[derive(Clone, Debug)]
pub enum Body {
    /// As it stands at its span.
    Verbatim,
    /// By undoing this coding of the bytes at its span, under the limits given.
    Coded(fn(&[u8], &Limits) -> Result<Vec<u8>, Problem>),
    /// It was put together while parsing.
    Decoded(Vec<u8>),
    /// It is there but cannot be read.
    Broken(FormatError),
}

/// A part of a file about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Copied from the file as it was.
    Keep(Span),
    /// New.
    New(Vec<u8>),
}

/// A new packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Of which sort.
    pub carrier: Carrier,
    /// Its key; empty for sorts that have none.
    pub key: String,
    /// Its value, not yet coded: UTF-8 for [`Carrier::Field`], the packet itself for [`Carrier::Xmp`].
    pub body: Vec<u8>,
}

/// What is to change in a file.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// New values of packets, by their index in [`Layout::packets`]; `None` takes the packet out.
    pub replaced: BTreeMap<usize, Option<Vec<u8>>>,
    /// New packets.
    pub added: Vec<Put>,
    /// Bytes of the content to take out; text formats only. Sorted, not overlapping.
    pub cuts: Vec<Span>,
    /// New content.
    pub content: Option<NewContent>,
    /// What makes the samples of sound anew; the sound that is put around them stays out of it.
    pub filter: Option<Filter>,
    /// Words put among those of a text, each at the offset in the file that it stands before; in rising order.
    pub inserts: Vec<(u64, String)>,
    /// Where content that is made anew goes if it is too large for memory.
    pub annex: Annex,
}

impl Changes {
    /// Whether nothing is to change.
    pub fn is_empty(&self) -> bool {
        self.replaced.is_empty()
            && self.added.is_empty()
            && self.cuts.is_empty()
            && self.content.is_none()
            && self.filter.is_none()
            && self.inserts.is_empty()
    }
}

impl Layout {
    /// Whether the segments tile `0..size`.
    pub fn tiles(&self, size: u64) -> bool {
        let mut next = 0;
        for segment in &self.segments {
            if segment.span.start != next || segment.span.is_empty() {
                return false;
            }
            next = segment.span.end;
        }
        next == size
    }

    /// Closes a layout that cannot be read further: the rest of the file becomes one unknown segment.
    #[must_use]
    pub fn damaged(mut self, size: u64, damage: FormatError) -> Self {
        let next = self.segments.last().map_or(0, |segment| segment.span.end);
        if next < size {
            let span = Span { start: next, end: size };
            self.segments.push(Segment { name: *b"????", span, role: Role::Unknown });
        }
        self.damage = Some(damage);
        self
    }
}

impl Packet {
    /// Reads the value.
    ///
    /// # Errors
    /// If it is over a limit, cannot be decoded, or the source cannot be read.
    pub fn read(&self, source: &dyn Source, limits: &Limits) -> Result<Vec<u8>, FormatError> {
        match &self.body {
            Body::Verbatim => limits.take(source, self.span),
            Body::Coded(decode) => {
                let bytes = limits.take(source, self.span)?;
                decode(&bytes, limits).map_err(|problem| FormatError::new(self.span.start, problem))
            }
            Body::Decoded(bytes) => Ok(bytes.clone()),
            Body::Broken(err) => Err(err.clone()),
        }
    }
}

impl Piece {
    /// Number of bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Keep(span) => span.len(),
            Self::New(bytes) => bytes.len() as u64,
        }
    }

    /// Whether it holds no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
