//! The `meta` box: named items in the manner of QuickTime, items named by four letters in the manner of iTunes.

use super::parse::{Level, Origin, Parser, Style};
use super::text;
use crate::boxes::IsoBox;
use crate::{Body, Carrier};
use indicia_core::{FormatError, Problem, Span};

/// Where named items stand that belong to the whole movie.
pub(crate) const HOME: &str = "udta/meta keys";

/// Longest name of an item, in bytes.
const NAME: u64 = 1024;

/// Types of values (QuickTime File Format, "Well-known types").
const UTF8: u32 = 1;
const UTF16: u32 = 2;
const UTF16_SORT: u32 = 5;

/// A `meta` box that new items can be put into.
#[derive(Clone, Debug)]
pub(super) struct Meta {
    /// The boxes it stands in and itself, the outermost first.
    pub(super) chain: Vec<IsoBox>,
    /// The type of its handler.
    pub(super) handler: [u8; 4],
    /// Where its last box ends.
    pub(super) end: u64,
    /// Its names.
    pub(super) keys: Option<Keys>,
    /// Its items, and where the last of them ends.
    pub(super) list: Option<(IsoBox, u64)>,
    /// How many of its items use each name, by its number less one.
    pub(super) uses: Vec<u32>,
    /// How many items there are.
    pub(super) items: u32,
    /// Whether nothing else stands in it.
    pub(super) is_bare: bool,
}

/// The names of items.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    /// The `keys` box.
    pub(super) boxed: IsoBox,
    /// In order; items refer to them by number, from 1.
    pub(super) names: Vec<Name>,
}

/// The name of an item.
#[derive(Clone, Debug)]
pub(super) struct Name {
    /// What kind of name it is: `mdta` for names in words.
    pub(super) namespace: [u8; 4],
    /// The name.
    pub(super) text: String,
    /// The entry.
    pub(super) span: Span,
}

impl Level {
    /// The words for where an item stands.
    fn place(self, named: bool) -> &'static str {
        match (self, named) {
            (Self::Movie, true) => HOME,
            (Self::Movie, false) => "udta/meta ilst",
            (Self::Direct, true) => "moov/meta keys",
            (Self::Direct, false) => "moov/meta ilst",
            (Self::Track, true) => "trak meta keys",
            (Self::Track, false) => "trak meta ilst",
            (Self::Fragment, true) => "moof meta keys",
            (Self::Fragment, false) => "moof meta ilst",
            (Self::File, true) => "file meta keys",
            (Self::File, false) => "file meta ilst",
        }
    }
}

impl Parser<'_> {
    /// Notes what is in a `meta` box, the last of `chain`.
    pub(super) fn meta(&mut self, chain: &[IsoBox], level: Level) -> Result<(), FormatError> {
        let Some(meta) = chain.last().copied() else {
            return Ok(());
        };
        // ISO has version and flags before the boxes, QuickTime has none.
        let start = self.walk.window.up_to(meta.body.start, 8)?;
        let plain = start.get(4..8) == Some(b"hdlr") || start.get(..4).is_none_or(|first| first != [0; 4]);
        let skip = if plain { 0 } else { 4 };
        let list = Span { start: (meta.body.start + skip).min(meta.body.end), end: meta.body.end };
        let (parts, end) = self.list(list);
        let mut found = Meta {
            chain: chain.to_vec(),
            handler: [0; 4],
            end,
            keys: None,
            list: None,
            uses: Vec::new(),
            items: 0,
            is_bare: parts.iter().all(|part| matches!(&part.kind, b"hdlr" | b"keys" | b"ilst")),
        };
        for part in &parts {
            match &part.kind {
                b"hdlr" if part.body.len() >= 12 => {
                    found.handler = self.walk.window.array(part.body.start + 8)?
                }
                b"keys" if found.keys.is_none() => found.keys = Some(self.keys(*part)),
                _ => {}
            }
        }
        found.uses.resize(found.keys.as_ref().map_or(0, |keys| keys.names.len()), 0);
        let home = (level == Level::Movie).then_some(self.metas.len());
        for part in parts {
            let within: Vec<_> = chain.iter().copied().chain([part]).collect();
            match &part.kind {
                b"ilst" => {
                    let (items, end) = self.list(part.body);
                    found.list = found.list.or(Some((part, end)));
                    for item in items {
                        found.items = found.items.saturating_add(1);
                        let read = self.list_item(&within, item, level, &mut found, home);
                        self.note(read);
                    }
                }
                b"ID32" => self.id3(within, part)?,
                b"iloc" => self.has_locations = true,
                b"uuid" => self.uuid(chain, part),
                b"xml " => {
                    let span = Span { start: (part.body.start + 4).min(part.body.end), end: part.body.end };
                    let body = Body::Coded(text::plain);
                    let origin = Origin::whole(within, Style::Fixed);
                    self.put(Carrier::Field, "xml".to_owned(), "xml box", span, body, origin);
                }
                _ => {}
            }
        }
        if home.is_some() {
            self.metas.push(found);
        } else if level == Level::Direct && found.handler == *b"mdta" {
            self.direct.get_or_insert(found);
        }
        Ok(())
    }

    /// The names in a `keys` box.
    fn keys(&mut self, boxed: IsoBox) -> Keys {
        let mut names = Vec::new();
        let read = self.names(boxed, &mut names);
        self.note(read);
        Keys { boxed, names }
    }

    fn names(&mut self, boxed: IsoBox, names: &mut Vec<Name>) -> Result<(), FormatError> {
        let [_, _, _, _, count @ ..]: [u8; 8] = self.walk.window.array(boxed.body.start)?;
        let mut at = boxed.body.start + 8;
        for _ in 0..u32::from_be_bytes(count) {
            self.walk.count(at)?;
            if boxed.body.end.saturating_sub(at) < 8 {
                return Err(FormatError::malformed(at, "fewer names of items than are counted"));
            }
            let entry = IsoBox::read(&mut self.walk.window, at, boxed.body.end)?;
            let start = at + 8;
            let len = usize::try_from(entry.span.end.saturating_sub(start).min(NAME)).unwrap_or(0);
            let text = String::from_utf8_lossy(self.walk.window.bytes(start, len)?).into_owned();
            names.push(Name { namespace: entry.kind, text, span: entry.span });
            at = entry.span.end;
        }
        Ok(())
    }

    /// Notes one item of a list.
    fn list_item(
        &mut self,
        chain: &[IsoBox],
        item: IsoBox,
        level: Level,
        meta: &mut Meta,
        home: Option<usize>,
    ) -> Result<(), FormatError> {
        let number = u32::from_be_bytes(item.kind);
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let name = meta.keys.as_ref().zip(index).and_then(|(keys, index)| keys.names.get(index));
        let named = name.is_some() || (meta.keys.is_some() && number < 0x0100_0000);
        let key = match name {
            Some(name) => name.text.clone(),
            None if named => format!("item {number}"),
            None => text::key(item.kind),
        };
        if let Some(uses) = index.and_then(|index| meta.uses.get_mut(index)) {
            *uses = uses.saturating_add(1);
        }
        let from = self.origins.len();
        let within: Vec<_> = chain.iter().copied().chain([item]).collect();
        self.item(&within, item, key, level, named)?;
        for origin in self.origins.iter_mut().skip(from) {
            origin.entry = home.zip(index).filter(|_| named && !origin.inner);
        }
        Ok(())
    }

    /// Notes the values of an item, the last of `chain`.
    pub(super) fn item(
        &mut self,
        chain: &[IsoBox],
        item: IsoBox,
        key: String,
        level: Level,
        named: bool,
    ) -> Result<(), FormatError> {
        let (parts, _) = self.list(item.body);
        let mut key = key;
        let mut place = level.place(named);
        if &item.kind == b"----" {
            place = "freeform item";
            let name = parts.iter().find(|part| &part.kind == b"name" && part.body.len() >= 4);
            key = match name {
                Some(name) => {
                    let len = usize::try_from((name.body.len() - 4).min(NAME)).unwrap_or(0);
                    String::from_utf8_lossy(self.walk.window.bytes(name.body.start + 4, len)?).into_owned()
                }
                None => String::new(),
            };
        }
        let values: Vec<_> = parts.into_iter().filter(|part| &part.kind == b"data").collect();
        let alone = values.len() == 1;
        for value in values {
            let chain: Vec<_> = chain.iter().copied().chain([value]).collect();
            if value.body.len() < 8 {
                return Err(FormatError::malformed(value.span.start, "an item too short for its type"));
            }
            let kind = u32::from_be_bytes(self.walk.window.array(value.body.start)?);
            let span = Span { start: value.body.start + 8, end: value.body.end };
            let body = match kind {
                UTF16 | UTF16_SORT => Body::Coded(text::utf16),
                // Pictures, and numbers.
                12..=14 | 27 => continue,
                21..=24 | 65..=79 if span.len() <= 128 => continue,
                0 if span.len() <= 8 && !self.is_text(span)? => continue,
                // Not text by its type, but who knows.
                _ => Body::Verbatim,
            };
            let typed = (kind != UTF8).then_some(value.body.start);
            let mut origin = Origin::whole(chain.clone(), Style::Item { typed });
            // The item goes when its only value goes.
            if alone {
                origin.removed = item.span;
                origin.kept = origin.chain.len() - 2;
            } else {
                origin.inner = true;
            }
            self.put(Carrier::Field, key.clone(), place, span, body, origin);
        }
        Ok(())
    }

    /// Whether a short value of no type is made of letters.
    fn is_text(&mut self, span: Span) -> Result<bool, FormatError> {
        let len = usize::try_from(span.len()).unwrap_or(8).min(8);
        Ok(self.walk.window.bytes(span.start, len)?.iter().all(|byte| *byte >= b' '))
    }

    /// Notes the texts of an ID3 tag in a box (id3.org, "ID3v2 in MP4"), the last of `chain`.
    pub(super) fn id3(&mut self, chain: Vec<IsoBox>, one: IsoBox) -> Result<(), FormatError> {
        let start = (one.body.start + 6).min(one.body.end);
        let broken = |err: FormatError| Body::Broken(err);
        let window = &mut self.walk.window;
        let tag = crate::id3::Tag::read(self.source, window, start, one.body.end, self.limits)?;
        let Some(tag) = tag else {
            let err = FormatError::new(start, Problem::Malformed("an ID32 box without a tag"));
            let origin = Origin::whole(chain, Style::Fixed);
            self.put(Carrier::Field, String::new(), "ID32 box", one.body, broken(err), origin);
            return Ok(());
        };
        for (_, packet) in tag.packets(window)? {
            self.layout.packets.push(packet);
            self.origins.push(Origin::whole(chain.clone(), Style::Fixed));
        }
        if let Some(err) = tag.damage {
            let origin = Origin::whole(chain, Style::Fixed);
            self.put(Carrier::Field, String::new(), "ID32 box", one.body, broken(err), origin);
        }
        Ok(())
    }
}
