//! Every place of a file that a label is looked for in.

use std::borrow::Cow;
use std::ops::Range;

use super::home::{carrier, wrapping};
use super::keys::{names_it, speaks_of_it};
use super::label;
use super::mappings::{mappings, shown_apart};
use super::reading::{Place, Reading, names_field_and_key, readings};
use super::{NAME, codes};
use crate::xmp::{self, Level, Name, Property};
use indicia_core::{Flaw, Gravity, Limits, Mark, MediaKind, Span};
use indicia_media::{Asset, Body, Carrier, Content, Packet, exif};

/// Most labels taken from one file, which may have only one. A file made of nothing else would otherwise
/// take a hundred times its size in memory.
pub(super) const LABELS: usize = 128;

/// A label, and how it would be taken out.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    /// The label.
    pub(super) mark: Mark,
    /// Where it stands.
    pub(super) spot: Spot,
    /// Whether nothing but the label stands in the packet, property or text that it stands in.
    pub(super) is_alone: bool,
}

/// Where a label stands. Numbers are indices of packets in the layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// In the words of a text.
    Body(Span),
    /// In a text of an Exif block.
    Exif(usize),
    /// In front matter; not known to be YAML if the flag is not set.
    FrontMatter(usize, bool),
    /// A packet that is a text by itself.
    Packet(usize),
    /// A property of an XMP packet.
    Xmp(usize),
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    /// The labels, in file order.
    pub(super) found: Vec<Sighting>,
    /// Places that could not be read, and why.
    pub(super) unread: Vec<(u64, String)>,
}

/// Looks everywhere.
pub(super) fn sightings(asset: &Asset<'_>) -> Sightings {
    let mut seen = Sightings::default();
    for (at, packet) in asset.layout.packets.iter().enumerate() {
        if packet.carrier == Carrier::Manifest {
            continue;
        }
        if seen.is_full() {
            break;
        }
        match asset.read(packet) {
            Ok(body) => seen.packet(asset, at, packet, &body),
            Err(err) => seen.unreadable(at, packet, &err.to_string()),
        }
    }
    if asset.kind() == MediaKind::Document && matches!(asset.format.content, Content::Text { .. }) {
        seen.words(asset);
    }
    seen.found.sort_by_key(|sighting| sighting.mark.site.map(|site| site.start));
    seen
}

impl Sightings {
    /// Whether no more labels are taken; that there may be more is then noted.
    fn is_full(&self) -> bool {
        self.found.len() > LABELS
    }

    /// One label more than [`LABELS`] is kept, and stands for those that were not looked for.
    fn add(&mut self, sighting: Sighting) {
        if self.is_full() {
            return;
        }
        self.found.push(sighting);
        if self.is_full() {
            let at = self.found.last().and_then(|last| last.mark.site).map_or(0, |site| site.start);
            self.unread.push((at, format!("there are more than {LABELS} labels")));
        }
    }

    fn packet(&mut self, asset: &Asset<'_>, at: usize, packet: &Packet, body: &[u8]) {
        match packet.carrier {
            Carrier::Xmp => self.xmp(asset, at, packet, body),
            Carrier::Exif => self.exif(asset, at, packet, body),
            Carrier::FrontMatter => self.front_matter(asset, at, packet, body),
            _ => self.text(asset, at, packet, body),
        }
    }

    /// A packet that cannot be read is a label if its name says so; else it may hide one.
    fn unreadable(&mut self, at: usize, packet: &Packet, why: &str) {
        if packet.carrier == Carrier::Field && packet.key == "AIGC" {
            let reading = Reading::broken(format!("it cannot be read: {why}"), 0..0, true);
            let mark = label::mark(&reading, "", format!("{}, key AIGC", packet.place), packet.span);
            self.add(Sighting { mark, spot: Spot::Packet(at), is_alone: true });
        } else {
            self.unread.push((packet.span.start, format!("{}: {why}", packet.place)));
        }
    }

    /// Fields, comments and application data.
    fn text(&mut self, asset: &Asset<'_>, at: usize, packet: &Packet, body: &[u8]) {
        let named = names_it(&packet.key);
        if !named && !could_speak_of_it(body) {
            return;
        }
        let text = String::from_utf8_lossy(body);
        let place = match (packet.carrier, packet.key.as_str()) {
            (Carrier::Field, "AIGC") => Place::Canonical,
            _ if named => Place::Named,
            // Letters glued to the object are the name of a blob.
            (Carrier::Blob, _) if text.starts_with("AIGC") => Place::Named,
            _ => Place::Any,
        };
        let mut found = readings(&text, place, &asset.limits);
        if found.is_empty() && packet.carrier == Carrier::Comment {
            found = mappings(&text, true, &asset.limits).into_iter().map(|(reading, _)| reading).collect();
            let bare = text.trim();
            for reading in &mut found {
                reading.is_all = text.get(reading.site.clone()).is_some_and(|part| part.trim() == bare);
            }
        }
        let words = match packet.key.as_str() {
            "" => packet.place.to_owned(),
            key => format!("{}, key {key}", packet.place),
        };
        for reading in found {
            let site = within(packet, &text, reading.site.clone());
            let raw = text.get(reading.site.clone()).unwrap_or_default();
            let mut mark = label::mark(&reading, raw, words.clone(), site);
            wrapping(
                &mut mark,
                &reading,
                matches!(place, Place::Canonical) && asset.kind() != MediaKind::Image,
            );
            carrier(asset, packet, &mut mark, None);
            self.add(Sighting { mark, spot: Spot::Packet(at), is_alone: reading.is_all });
        }
    }

    fn xmp(&mut self, asset: &Asset<'_>, at: usize, packet: &Packet, body: &[u8]) {
        // Names cannot be escaped in XML, so a packet without the letters has no such property.
        let is_wide = body.starts_with(&[0xFF, 0xFE]) || body.contains(&0);
        if !is_wide && !could_speak_of_it(body) {
            return;
        }
        let found = xmp::properties(body, &asset.limits, &wanted);
        for property in &found.properties {
            let site = match packet.body {
                Body::Verbatim => span(packet, &property.site),
                _ => packet.span,
            };
            for (reading, value) in property_readings(property, &asset.limits) {
                let place = format!("{}, XMP property {}", packet.place, property.name);
                let raw = value.get(reading.site.clone()).unwrap_or(value);
                let mut mark = label::mark(&reading, raw, place, site);
                wrapping(&mut mark, &reading, is_own(property));
                if !NAME.is_exactly(property) {
                    let what = format!(
                        "the property is {} in {}; the guides have AIGC in {}",
                        property.name,
                        property.uri.as_deref().unwrap_or("a namespace that is not declared"),
                        NAME.uri
                    );
                    mark.flaws.push(flaw(&mark, codes::NAMESPACE, Gravity::Deviation, what));
                }
                carrier(asset, packet, &mut mark, None);
                self.add(Sighting { mark, spot: Spot::Xmp(at), is_alone: reading.is_all });
            }
        }
        let Some(damage) = found.damage else { return };
        let words = xmp::words(body);
        if found.properties.is_empty() && names_field_and_key(&words) {
            let reading = Reading::broken(format!("the XMP packet cannot be read: {damage}"), 0..0, false);
            let mark = label::mark(&reading, &words, format!("{}, XMP packet", packet.place), packet.span);
            self.add(Sighting { mark, spot: Spot::Xmp(at), is_alone: true });
        } else if could_speak_of_it_in_any_code(body) {
            self.unread.push((packet.span.start, format!("{}, XMP packet: {damage}", packet.place)));
        }
    }

    fn exif(&mut self, asset: &Asset<'_>, at: usize, packet: &Packet, body: &[u8]) {
        let found = exif::texts(body, &asset.limits);
        for text in &found.texts {
            let words = text.decoded();
            if !speaks_of_it(&words) {
                continue;
            }
            for reading in readings(&words, Place::Any, &asset.limits) {
                let site = match packet.body {
                    Body::Verbatim => span(packet, &text.site),
                    _ => packet.span,
                };
                let raw = words.get(reading.site.clone()).unwrap_or_default();
                let mut mark =
                    label::mark(&reading, raw, format!("{}, Exif {}", packet.place, text.name), site);
                let is_comment = text.name == "UserComment";
                if !reading.is_wrapped && is_comment {
                    let what =
                        "the keys stand bare; TC260-PG-20259A annex B has the wrapper {\"AIGC\": …} in Exif"
                            .into();
                    mark.flaws.push(flaw(&mark, codes::BARE, Gravity::Note, what));
                }
                if is_comment && !text.bytes.starts_with(b"ASCII\0\0\0") {
                    let what =
                        "the comment is not marked as ASCII; TC260-PG-20259A annex B has that character code"
                            .into();
                    mark.flaws.push(flaw(&mark, codes::ENCODING, Gravity::Deviation, what));
                }
                carrier(asset, packet, &mut mark, Some(text.name));
                self.add(Sighting { mark, spot: Spot::Exif(at), is_alone: reading.is_all });
            }
        }
        // Where the letters are nowhere, no damage hides them.
        if let Some(damage) = found.damage
            && could_speak_of_it_in_any_code(body)
        {
            self.unread.push((packet.span.start, format!("{}, Exif block: {damage}", packet.place)));
        }
    }

    fn front_matter(&mut self, asset: &Asset<'_>, at: usize, packet: &Packet, body: &[u8]) {
        if !could_speak_of_it(body) {
            return;
        }
        let text = String::from_utf8_lossy(body);
        let is_json = text.trim_start().starts_with('{');
        let found = match is_json {
            true => readings(&text, Place::Any, &asset.limits).into_iter().map(|one| (one, 0)).collect(),
            false => mappings(&text, false, &asset.limits),
        };
        for (reading, indent) in found {
            let site = within(packet, &text, reading.site.clone());
            let raw = text.get(reading.site.clone()).unwrap_or_default().trim_end();
            let mut mark = label::mark(&reading, raw, format!("{}, key AIGC", packet.place), site);
            if is_json {
                let what = "it stands in JSON front matter; TC260-PG-20258A 6.5 has YAML".into();
                mark.flaws.push(flaw(&mark, codes::ENCODING, Gravity::Deviation, what));
            }
            if indent > 0 {
                let what =
                    "it stands inside of another key of the front matter; it may be part of an example"
                        .into();
                mark.flaws.push(flaw(&mark, codes::EXAMPLE, Gravity::Doubt, what));
            }
            carrier(asset, packet, &mut mark, None);
            self.add(Sighting { mark, spot: Spot::FrontMatter(at, !is_json), is_alone: true });
        }
    }

    /// The words of a document: a block without fence is a label, one that is shown is an example.
    fn words(&mut self, asset: &Asset<'_>) {
        let text = match asset.text() {
            Ok(text) => text,
            Err(err) => return self.unread.push((err.at, format!("words of the text: {}", err.problem))),
        };
        if !names_it(&text.words) {
            return;
        }
        let (prose, shown) = shown_apart(&text.words);
        let mut siting = text.siting();
        let mut add = |reading: Reading, place: &str, doubt: Option<&str>| {
            if self.is_full() {
                return;
            }
            let site = siting.site(reading.site.clone());
            let raw = text.words.get(reading.site.clone()).unwrap_or_default().trim_end();
            let mut mark = label::mark(&reading, raw, place.to_owned(), site);
            match doubt {
                Some(what) => mark.flaws.push(flaw(&mark, codes::EXAMPLE, Gravity::Doubt, what.to_owned())),
                None => {
                    let what =
                        "it stands in the words of the text; TC260-PG-20258A 6.5 has it in the front matter"
                            .into();
                    mark.flaws.push(flaw(&mark, codes::CARRIER, Gravity::Deviation, what));
                }
            }
            self.add(Sighting { mark, spot: Spot::Body(site), is_alone: true });
        };
        for (reading, indent) in mappings(&prose, true, &asset.limits) {
            let doubt = (indent > 0).then_some("it is indented as a code block is; it may be an example");
            add(reading, "text, block AIGC", doubt);
        }
        for reading in readings(&prose, Place::Any, &asset.limits) {
            add(reading, "text", Some("it stands in the midst of words; it may be an example"));
        }
        let in_code = "it stands in a code block; it may be an example";
        for (reading, _) in mappings(&shown, true, &asset.limits) {
            add(reading, "text, code block", Some(in_code));
        }
        for reading in readings(&shown, Place::Any, &asset.limits) {
            add(reading, "text, code block", Some(in_code));
        }
    }
}

/// Which XMP properties could hold a label: those named so, and the texts of the file itself.
pub(super) fn wanted(name: &Name<'_>) -> bool {
    names_it(name.local) || name.level == Level::Top
}

/// The labels in an XMP property, each with the value that it stands in.
pub(super) fn property_readings<'p>(property: &'p Property, limits: &Limits) -> Vec<(Reading, &'p str)> {
    let local = property.name.rsplit(':').next().unwrap_or_default();
    let place = match () {
        () if is_own(property) => Place::Canonical,
        () if names_it(local) => Place::Named,
        () => Place::Any,
    };
    let alone = property.values.len() == 1;
    let mut found = Vec::new();
    for value in &property.values {
        if place == Place::Any && !speaks_of_it(value) {
            continue;
        }
        for mut reading in readings(value, place, limits) {
            reading.is_all &= alone || place != Place::Any;
            found.push((reading, value.as_str()));
        }
    }
    found
}

/// Whether a property is the standard's own, give or take the spelling of its namespace.
fn is_own(property: &Property) -> bool {
    let local = property.name.rsplit(':').next().unwrap_or_default();
    let uri = |uri: &str| uri.trim_end_matches('/').replacen("https:", "http:", 1).to_ascii_lowercase();
    let fits = match &property.uri {
        Some(found) => uri(found) == uri(NAME.uri),
        None => property.name.to_ascii_uppercase().starts_with("TC260:"),
    };
    fits && local.eq_ignore_ascii_case(NAME.local)
}

/// Whether bytes could hold a label, in an ASCII-like code: the first test of every packet.
fn could_speak_of_it(body: &[u8]) -> bool {
    body.windows(4).any(|four| match four {
        [b'A' | b'a', rest @ ..] => rest.eq_ignore_ascii_case(b"IGC"),
        // Parts of `ProduceID` and `ContentProducer`, `ContentPropagator`.
        [b'u', b'c', b'e', b'I'] | [b'n', b't', b'P', b'r'] => true,
        _ => false,
    })
}

/// The same for bytes of any code, UTF-16 included.
fn could_speak_of_it_in_any_code(body: &[u8]) -> bool {
    let without_zeros: Vec<u8> = body.iter().copied().filter(|byte| *byte != 0).collect();
    could_speak_of_it(&without_zeros)
}

/// The bytes in the file of a part of a packet.
fn span(packet: &Packet, part: &Range<usize>) -> Span {
    let start = packet.span.start.saturating_add(part.start as u64);
    let end = packet.span.start.saturating_add(part.end as u64);
    if end <= packet.span.end { Span { start, end } } else { packet.span }
}

/// The bytes in the file of a part of a text, if they can be told.
#[expect(clippy::ptr_arg, reason = "whether the text was borrowed tells whether it stands so in the file")]
fn within(packet: &Packet, text: &Cow<'_, str>, part: Range<usize>) -> Span {
    // What is borrowed was decoded without loss. Comparing it with the bytes would cost the length of the
    // packet for each label in it.
    let is_exact = matches!((&packet.body, text), (Body::Verbatim, Cow::Borrowed(_)));
    if is_exact && packet.carrier != Carrier::Field { span(packet, &part) } else { packet.span }
}

/// A flaw of a mark that stands in the file.
pub(super) fn flaw(mark: &Mark, code: &'static str, gravity: Gravity, text: String) -> Flaw {
    Flaw { code, gravity, text, at: mark.site.map_or(0, |site| site.start) }
}
