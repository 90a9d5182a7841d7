//! The texts of a file in which traces are looked for, each with the kind of place and the key it stands under.

use std::borrow::Cow;
use std::ops::Range;

use super::list::List;
use crate::xmp::{self, Level, Name};
use indicia_core::{MediaKind, Span};
use indicia_media::{Asset, Body, Carrier, Content, Messages, Packet, exif};

/// The kinds of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Region {
    /// Application data with no known structure.
    Blob,
    /// A text without a key.
    Comment,
    /// A text of an Exif block, by the name of its tag.
    Exif,
    /// A text with a key.
    Field,
    /// The YAML before a text.
    FrontMatter,
    /// A C2PA manifest store, as bytes.
    Manifest,
    /// What an encoder wrote among the coded pictures of a video, by the UUID of whose it is.
    Message,
    /// The words that people read.
    Words,
    /// A property of an XMP packet, by its name without prefix.
    Xmp,
}

/// A text of a file.
pub(super) struct Place<'a> {
    pub(super) region: Region,
    /// Empty where there is none.
    pub(super) key: Cow<'a, str>,
    pub(super) text: Cow<'a, str>,
    /// The format's words for where it stands.
    packet: &'a str,
    /// Its bytes in the file.
    span: Span,
    /// Whether offsets in the text are offsets in those bytes.
    is_exact: bool,
}

impl Place<'_> {
    /// The place in words.
    pub(super) fn shown(&self) -> String {
        let Self { packet, key, .. } = self;
        match self.region {
            _ if key.is_empty() => (*packet).to_owned(),
            Region::Exif => format!("{packet}, Exif {key}"),
            Region::Xmp => format!("{packet}, XMP property {key}"),
            _ => format!("{packet}, key {key}"),
        }
    }

    /// The bytes of a part of the text, or those that it stands within.
    pub(super) fn site(&self, part: &Range<usize>) -> Span {
        let at = |offset: usize| self.span.start.saturating_add(offset as u64);
        let exact = Span { start: at(part.start), end: at(part.end) };
        if self.is_exact && exact.end <= self.span.end { exact } else { self.span }
    }
}

/// Shows every text of a file, or why one could not be read.
pub(super) fn places(asset: &Asset<'_>, visit: &mut dyn FnMut(Result<&Place<'_>, String>)) {
    for packet in &asset.layout.packets {
        match asset.read(packet) {
            Ok(body) => of_packet(asset, packet, &body, visit),
            Err(err) => {
                visit(Err(format!("{} at byte {}: {}", packet.place, packet.span.start, err.problem)))
            }
        }
    }
    if asset.kind() == MediaKind::Video {
        of_pictures(asset, visit);
    }
    if !matches!(asset.kind(), MediaKind::Text | MediaKind::Document) {
        return;
    }
    if !matches!(asset.format.content, Content::Text { .. }) {
        return visit(Err(format!("the words of {} are not decoded", asset.format.title)));
    }
    match asset.text() {
        Err(err) => visit(Err(format!("the words: {err}"))),
        Ok(text) => visit(Ok(&Place {
            region: Region::Words,
            key: Cow::Borrowed(""),
            text: Cow::Borrowed(&text.words),
            packet: "words",
            span: text.site(0..text.words.len()),
            // True of UTF-8, as nearly all are.
            is_exact: text.site(0..text.words.len()).len() == text.words.len() as u64,
        })),
    }
}

/// Shows what encoders wrote among the coded pictures of a video.
fn of_pictures(asset: &Asset<'_>, visit: &mut dyn FnMut(Result<&Place<'_>, String>)) {
    let found = match asset.messages() {
        Ok(Messages::NoPlace) => return,
        Ok(Messages::First(found)) => found,
        Err(err) => {
            return visit(Err(format!(
                "what encoders write among the frames of video cannot be read: {err}"
            )));
        }
    };
    for packet in &found {
        match asset.read(packet) {
            Ok(body) => visit(Ok(&Place {
                region: Region::Message,
                key: Cow::Borrowed(packet.key.as_str()),
                text: String::from_utf8_lossy(&body),
                packet: packet.place,
                span: packet.span,
                is_exact: false,
            })),
            Err(err) => visit(Err(format!("{}: {err}", packet.place))),
        }
    }
    visit(Err("what encoders write among the frames of video was read beside the first frame only".into()));
}

fn of_packet(
    asset: &Asset<'_>,
    packet: &Packet,
    body: &[u8],
    visit: &mut dyn FnMut(Result<&Place<'_>, String>),
) {
    let region = match packet.carrier {
        Carrier::Xmp => return xmp(asset, packet, body, visit),
        Carrier::Exif => return of_exif(asset, packet, body, visit),
        Carrier::Comment => Region::Comment,
        Carrier::Field => Region::Field,
        Carrier::FrontMatter => Region::FrontMatter,
        Carrier::Manifest => Region::Manifest,
        _ => Region::Blob,
    };
    let text = String::from_utf8_lossy(body);
    // What is borrowed was not changed by decoding.
    let is_exact = matches!((&packet.body, &text), (Body::Verbatim, Cow::Borrowed(_)));
    let key = Cow::Borrowed(packet.key.as_str());
    visit(Ok(&Place { region, key, text, packet: packet.place, span: packet.span, is_exact }));
}

fn of_exif(
    asset: &Asset<'_>,
    packet: &Packet,
    body: &[u8],
    visit: &mut dyn FnMut(Result<&Place<'_>, String>),
) {
    let found = exif::texts(body, &asset.limits);
    for text in &found.texts {
        let span = match packet.body {
            Body::Verbatim => within(packet, &text.site),
            _ => packet.span,
        };
        visit(Ok(&Place {
            region: Region::Exif,
            key: Cow::Borrowed(text.name),
            text: Cow::Owned(text.decoded()),
            packet: packet.place,
            span,
            is_exact: false,
        }));
    }
    if let Some(damage) = found.damage {
        visit(Err(format!("{} at byte {}, Exif block: {damage}", packet.place, packet.span.start)));
    }
}

fn xmp(asset: &Asset<'_>, packet: &Packet, body: &[u8], visit: &mut dyn FnMut(Result<&Place<'_>, String>)) {
    // Most packets have nothing of interest, and taking them apart costs more than passing over them.
    let words = if body.contains(&0) { Cow::Owned(xmp::words(body)) } else { String::from_utf8_lossy(body) };
    let lower = words.to_ascii_lowercase();
    let list = List::of(Region::Xmp);
    let has_key = list.keys_of(Region::Xmp).any(|key| lower.contains(key));
    if !has_key && !list.needles.is_match(words.as_bytes()) {
        return;
    }
    // What it says of AI within another property is said of something else than the file.
    let own = |name: &Name<'_>| {
        name.level == Level::Top || (name.level == Level::Nested && !name.local.starts_with("AI"))
    };
    let found = xmp::properties(body, &asset.limits, &own);
    for property in &found.properties {
        let local = property.name.rsplit(':').next().unwrap_or_default();
        let span = match packet.body {
            Body::Verbatim => within(packet, &property.site),
            _ => packet.span,
        };
        for value in &property.values {
            let (key, text) = (Cow::Borrowed(local), Cow::Borrowed(value.as_str()));
            visit(Ok(&Place { region: Region::Xmp, key, text, packet: packet.place, span, is_exact: false }));
        }
    }
    if let Some(damage) = found.damage {
        visit(Err(format!("{} at byte {}, XMP packet: {damage}", packet.place, packet.span.start)));
    }
}

/// The bytes in the file of a part of a packet.
fn within(packet: &Packet, part: &Range<usize>) -> Span {
    let at = |offset: usize| packet.span.start.saturating_add(offset as u64);
    let site = Span { start: at(part.start), end: at(part.end) };
    if site.end <= packet.span.end { site } else { packet.span }
}
