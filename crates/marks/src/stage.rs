//! Files made up for tests: packets and words of any kind, without a real container around them.

use indicia_core::{Context, FormatError, Limits, Mark, MediaKind, Order, Source, Span};
use indicia_media::{
    Asset, Body, Carrier, Changes, Content, Draft, Format, Head, Home, Layout, Packet, Piece, Role, Segment,
    Sites, Text, TextEncoding,
};

use crate::{Change, Find, MarkError};

/// A packet: its sort, key and value.
pub(crate) type Part = (Carrier, &'static str, Vec<u8>);

/// A file made up of packets that follow one another, and words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stage {
    pub(crate) kind: MediaKind,
    pub(crate) packets: Vec<Part>,
    pub(crate) words: String,
}

const HEAD: &[u8] = b"RIFF\0\0\0\0WAVE";

const fn home(carrier: Carrier) -> Home {
    Home { carrier, place: "chunk" }
}

macro_rules! format {
    ($name:ident, $kind:expr, $mime:expr, $homes:expr) => {
        static $name: Format = Format {
            name: "stage",
            title: "Stage",
            kind: $kind,
            extensions: &[],
            mime: $mime,
            cite: "",
            homes: $homes,
            no_notice: None,
            recognize,
            parse,
            splice,
            content: Content::Text { decode, no_change: None },
        };
    };
}

format!(IMAGE, MediaKind::Image, "image/jpeg", &[home(Carrier::Xmp), home(Carrier::Field)]);
format!(AUDIO, MediaKind::Audio, "audio/wav", &[home(Carrier::Field)]);
format!(VIDEO, MediaKind::Video, "video/mp4", &[home(Carrier::Xmp)]);
format!(DOCUMENT, MediaKind::Document, "text/markdown", &[home(Carrier::FrontMatter)]);
format!(TEXT, MediaKind::Text, "text/plain", &[]);

fn recognize(_: &Head<'_>) -> u32 {
    0
}

fn parse(_: &dyn Source, _: &Limits) -> Result<Layout, FormatError> {
    Err(FormatError::unsupported(0, "reading"))
}

/// The words as they will be.
fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    _: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let mut at = layout.segments[0].span.start;
    let mut pieces = Vec::new();
    for cut in &changes.cuts {
        pieces.push(Piece::Keep(Span { start: at, end: cut.start }));
        at = cut.end;
    }
    pieces.push(Piece::Keep(Span { start: at, end: source.size() }));
    Ok(pieces)
}

fn decode(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Text, FormatError> {
    let span = layout.segments[0].span;
    let words = String::from_utf8(limits.take(source, span)?).unwrap();
    Ok(Text {
        words,
        sites: Sites::Coded { encoding: TextEncoding::Utf8, start: span.start },
        standing_out: Vec::new(),
    })
}

impl Stage {
    pub(crate) fn new(kind: MediaKind, packets: Vec<Part>) -> Self {
        Self { kind, packets, words: String::new() }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let bodies = self.packets.iter().flat_map(|(.., body)| body);
        HEAD.iter().chain(bodies).chain(self.words.as_bytes()).copied().collect()
    }

    /// Opens the file; `source` is what [`Stage::bytes`] gives.
    pub(crate) fn open<'a>(&self, source: &'a Vec<u8>) -> Asset<'a> {
        let mut asset = Asset::open(source, None, &Limits::default()).unwrap();
        asset.layout = Layout::default();
        asset.format = match self.kind {
            MediaKind::Image => &IMAGE,
            MediaKind::Audio => &AUDIO,
            MediaKind::Video => &VIDEO,
            MediaKind::Document => &DOCUMENT,
            MediaKind::Text => &TEXT,
        };
        let mut at = HEAD.len() as u64;
        for (carrier, key, body) in &self.packets {
            let span = Span::new(at, body.len() as u64).unwrap();
            at = span.end;
            let packet =
                Packet { carrier: *carrier, key: (*key).into(), place: "chunk", span, body: Body::Verbatim };
            asset.layout.packets.push(packet);
        }
        let span = Span { start: at, end: source.size() };
        asset.layout.segments.push(Segment { name: *b"text", span, role: Role::Essence });
        asset
    }

    pub(crate) fn find(&self, find: Find) -> Result<Vec<Mark>, MarkError> {
        find(&self.open(&self.bytes()), &Context::default())
    }

    /// The file after a change, and the mark that the change promised.
    pub(crate) fn change(&self, change: Change, order: &Order) -> Result<(Self, Option<Mark>), MarkError> {
        let source = self.bytes();
        let asset = self.open(&source);
        let mut draft = Draft::new(&asset);
        let mark = change(order, &mut draft, &Context::default())?;
        assert_eq!(mark.is_none(), draft.is_unchanged());
        let mut packets = Vec::new();
        for (at, (carrier, key, _)) in self.packets.iter().enumerate() {
            if let Some(body) = draft.body(at)? {
                packets.push((*carrier, *key, body.into_owned()));
            }
        }
        for (carrier, key) in [(Carrier::Xmp, ""), (Carrier::Field, "AIGC"), (Carrier::FrontMatter, "")] {
            let is_new = draft.packets(carrier).all(|(_, packet)| packet.key != key);
            if let Some(body) = draft.current(carrier, key)?.filter(|_| is_new) {
                packets.push((carrier, key, body.into_owned()));
            }
        }
        let words = String::from_utf8(draft.render()?.to_bytes()?).unwrap();
        Ok((Self { kind: self.kind, packets, words }, mark))
    }
}
