//! Changes to the metadata of a file in boxes.

use std::collections::BTreeMap;

use super::anew;
use super::items::{Meta, Name};
use super::notice;
use super::offsets;
use super::parse::{Origin, Parser, Style};
use super::patch::Patches;
use super::text::{ISO_LANGUAGE, UNDETERMINED};
use crate::anew::spliced_anew;
use crate::boxes::{BoxSize, IsoBox};
use crate::recut::Recut;
use crate::{Carrier, Changes, Layout, NewContent, Piece, Put, Role};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// The handler of items that have names.
const NAMED: [u8; 4] = *b"mdta";

/// Says how the file reads with these changes. Media stay the same bytes; where they move, every offset that
/// points at them is set right.
///
/// # Errors
/// If the file cannot hold what is put, or an offset cannot be set right.
pub(crate) fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    let Some(filter) = &changes.filter else { return spliced(source, changes, limits) };
    let new = anew::coded(source, layout, filter, &changes.annex, limits)?;
    spliced_anew(source, new, changes, |file, changes| spliced(file, changes, limits))
}

fn spliced(source: &dyn Source, changes: &Changes, limits: &Limits) -> Result<Vec<Piece>, FormatError> {
    match &changes.content {
        None if changes.cuts.is_empty() => metadata(source, changes, limits),
        Some(NewContent::Sound(ends)) if changes.cuts.is_empty() => {
            // The metadata are changed in the file as it reads then.
            let extended = Recut::new(source, notice::extend(source, ends, limits)?);
            Ok(extended.back(metadata(&extended, changes, limits)?))
        }
        _ => Err(FormatError::unsupported(0, "changes to the media in MP4 and MOV")),
    }
}

fn metadata(source: &dyn Source, changes: &Changes, limits: &Limits) -> Result<Vec<Piece>, FormatError> {
    let mut parser = Parser::read(source, limits)?;
    let mut edits = Edits { patches: Patches::default(), gone: BTreeMap::new() };
    let emptied = edits.emptied(&parser, changes);
    for (index, value) in &changes.replaced {
        let Some(origin) = parser.origins.get(*index) else {
            return Err(FormatError::unsupported(0, "a change to a packet that is not there"));
        };
        let span = parser.layout.packets.get(*index).map_or(origin.removed, |packet| packet.span);
        match value {
            Some(value) => edits.replace(&mut parser.walk.window, origin, span, value)?,
            None => edits.remove(origin, emptied)?,
        }
    }
    edits.add(&parser, &changes.added, emptied)?;
    let mut patches = edits.patches;
    absorb(&mut parser, &mut patches)?;
    offsets::correct(&mut parser, &mut patches)?;
    patches.pieces(source.size())
}

/// Changes being turned into bytes.
#[derive(Debug)]
struct Edits {
    patches: Patches,
    /// How often a use of a name is taken out, by `meta` box and name.
    gone: BTreeMap<(usize, usize), u32>,
}

impl Edits {
    /// The `meta` box of which nothing would be left.
    fn emptied(&self, parser: &Parser<'_>, changes: &Changes) -> Option<usize> {
        if !changes.added.is_empty() {
            return None;
        }
        let removed = |meta: usize| {
            let entries = changes.replaced.iter().filter(|(_, value)| value.is_none());
            let of = |index: &usize| parser.origins.get(*index).and_then(|origin| origin.entry);
            entries.filter(|(index, _)| of(index).is_some_and(|(of, _)| of == meta)).count()
        };
        let is_bare = |meta: &Meta| meta.handler == NAMED && meta.is_bare;
        parser.metas.iter().enumerate().position(|(at, meta)| {
            let items: u32 = meta.uses.iter().sum();
            is_bare(meta) && items > 0 && removed(at) as u64 == u64::from(items) && meta.items == items
        })
    }

    /// Gives a packet a new value.
    fn replace(
        &mut self,
        window: &mut indicia_core::Window<'_>,
        origin: &Origin,
        span: Span,
        value: &[u8],
    ) -> Result<(), FormatError> {
        let new = match origin.style {
            Style::Fixed => {
                return Err(FormatError::unsupported(span.start, "changes to this piece of metadata"));
            }
            Style::Raw => value.to_vec(),
            Style::Ended => [value, &[0]].concat(),
            Style::International => {
                let len = u16::try_from(value.len()).map_err(|_| {
                    let limit = u64::from(u16::MAX);
                    FormatError::new(
                        span.start,
                        Problem::OverLimit { what: "bytes in a QuickTime text", limit },
                    )
                })?;
                let [_, _, a, b] = window.array(span.start)?;
                let language = u16::from_be_bytes([a, b]);
                let language = if language < ISO_LANGUAGE { UNDETERMINED } else { language };
                [&len.to_be_bytes()[..], &language.to_be_bytes(), value].concat()
            }
            Style::Item { typed } => {
                if let Some(at) = typed {
                    self.patches.put(Span { start: at, end: at + 4 }, vec![0, 0, 0, 1], &[]);
                }
                value.to_vec()
            }
        };
        self.patches.put(span, new, &origin.chain);
        Ok(())
    }

    /// Takes a packet out, and the item and name that were there for it alone.
    fn remove(&mut self, origin: &Origin, emptied: Option<usize>) -> Result<(), FormatError> {
        if origin.style == Style::Fixed {
            return Err(FormatError::unsupported(origin.removed.start, "taking this piece of metadata out"));
        }
        if let Some((meta, name)) = origin.entry {
            *self.gone.entry((meta, name)).or_default() += 1;
            if emptied == Some(meta) {
                return Ok(());
            }
        }
        let chain = origin.chain.get(..origin.kept).unwrap_or_default();
        self.patches.put(origin.removed, Vec::new(), chain);
        Ok(())
    }

    /// Puts new items into the movie's user data, and takes names out that nothing uses any more.
    fn add(&mut self, parser: &Parser<'_>, added: &[Put], emptied: Option<usize>) -> Result<(), FormatError> {
        if added.iter().any(|put| put.carrier != Carrier::Field) {
            return Err(FormatError::unsupported(0, "this sort of metadata in MP4 and MOV"));
        }
        if let Some(meta) = emptied.and_then(|at| parser.metas.get(at)) {
            self.clear(meta);
        }
        let home = parser.metas.iter().position(|meta| meta.handler == NAMED);
        for (at, meta) in parser.metas.iter().enumerate().filter(|(at, _)| Some(*at) != emptied) {
            let added = if Some(at) == home { added } else { &[] };
            self.rename(at, meta, added)?;
        }
        if home.is_some() || added.is_empty() {
            return Ok(());
        }
        let Some(moov) = &parser.moov else {
            return Err(FormatError::malformed(parser.source.size(), "no moov box"));
        };
        // Some programs, ffmpeg among them, take the first names of a file for those of all its items. So where
        // QuickTime's own `meta` box has names, the new one starts with the same.
        let direct = parser.direct.as_ref().and_then(|meta| Some((meta, meta.keys.as_ref()?)));
        let shared = direct.map_or(&[][..], |(_, keys)| keys.names.as_slice());
        let mut names = Vec::new();
        if let (Some(first), Some(last)) = (shared.first(), shared.last()) {
            names =
                parser.limits.take(parser.source, Span { start: first.span.start, end: last.span.end })?;
        }
        let new = meta(&names, shared.len(), added)?;
        let Some((user_data, end)) = moov.user_data else {
            let before =
                direct.and_then(|(meta, _)| meta.chain.last()).map_or(moov.end, |meta| meta.span.start);
            self.patches.insert(before, boxed(*b"udta", &new)?, &[moov.boxed]);
            return Ok(());
        };
        // Behind a `meta` box of iTunes, which some programs look for as the first.
        self.patches.insert(end, new, &[moov.boxed, user_data]);
        match direct {
            Some((meta, keys)) if keys.boxed.span.start < user_data.span.start => {
                let chain: Vec<_> = meta.chain.iter().copied().chain([keys.boxed]).collect();
                let end = shared.last().map_or(keys.boxed.body.start + 8, |name| name.span.end);
                self.patches.insert(end, entries(added)?, &chain);
                let count = number32(shared.len() + added.len())?;
                let start = keys.boxed.body.start + 4;
                self.patches.put(Span { start, end: start + 4 }, count.to_vec(), &[]);
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes a `meta` box out, and the user data box if it held nothing else.
    fn clear(&mut self, meta: &Meta) {
        let mut chain = meta.chain.as_slice();
        let mut span = Span { start: 0, end: 0 };
        while let Some((last, rest)) = chain.split_last() {
            if !span.is_empty() && last.body != span {
                break;
            }
            if rest.is_empty() {
                break;
            }
            span = last.span;
            chain = rest;
        }
        self.patches.put(span, Vec::new(), chain);
    }

    /// Puts items into a `meta` box, behind those that are there; and takes the last names out where nothing
    /// uses them any more.
    fn rename(&mut self, at: usize, meta: &Meta, added: &[Put]) -> Result<(), FormatError> {
        let names = meta.keys.as_ref().map(|keys| keys.names.as_slice()).unwrap_or_default();
        let gone = |name: usize| self.gone.get(&(at, name)).copied().unwrap_or(0);
        let is_gone =
            |name: usize| gone(name) > 0 && meta.uses.get(name).is_none_or(|uses| *uses <= gone(name));
        let mut left = names.len();
        while left > 0 && is_gone(left - 1) {
            left -= 1;
        }
        let (mut entries, mut items, mut count) = (Vec::new(), Vec::new(), left);
        for put in added {
            let is_free =
                |(at, name): &(usize, &Name)| name.text == put.key && name.namespace == NAMED && *at < left;
            let number = match names.iter().enumerate().find(is_free) {
                Some((at, _)) => at + 1,
                None => {
                    entries.extend(boxed(NAMED, put.key.as_bytes())?);
                    count += 1;
                    count
                }
            };
            items.extend(item(number, &put.body)?);
        }
        if left == names.len() && entries.is_empty() && items.is_empty() {
            return Ok(());
        }
        let inside = |one: IsoBox| meta.chain.iter().copied().chain([one]).collect::<Vec<_>>();
        match &meta.keys {
            Some(keys) => {
                let chain = inside(keys.boxed);
                let end = names.last().map_or(keys.boxed.body.start + 8, |name| name.span.end);
                let from = names.get(left).map_or(end, |name| name.span.start);
                self.patches.put(Span { start: from, end }, entries, &chain);
                let count = number32(count)?;
                let start = keys.boxed.body.start + 4;
                self.patches.put(Span { start, end: start + 4 }, count.to_vec(), &[]);
            }
            // An item list without names of its own gets them, in front of the list.
            None => {
                let new = boxed(*b"keys", &[&[0; 4][..], &number32(count)?, &entries].concat())?;
                let before = meta.list.map_or(meta.end, |(list, _)| list.span.start);
                self.patches.insert(before, new, &meta.chain);
            }
        }
        match meta.list {
            _ if items.is_empty() => {}
            Some((list, end)) => self.patches.insert(end, items, &inside(list)),
            None => self.patches.insert(meta.end, boxed(*b"ilst", &items)?, &meta.chain),
        }
        Ok(())
    }
}

/// Takes what the movie box grows by out of unused space in it or behind it, or gives it back, so that media
/// need not move.
fn absorb(parser: &mut Parser<'_>, patches: &mut Patches) -> Result<(), FormatError> {
    let growth = patches.growth();
    let Some(moov) = parser.moov.clone() else {
        return Ok(());
    };
    let span = moov.boxed.span;
    let inside = |one: Span| span.start <= one.start && one.end <= span.end;
    let is_free = |name: &[u8; 4]| matches!(name, b"free" | b"skip" | b"wide");
    let after = parser.layout.segments.iter().filter(|segment| segment.span.start >= span.end);
    let follows = after.clone().any(|segment| !is_free(&segment.name) && &segment.name != b"mfra");
    if growth == 0 || !follows || !patches.list.iter().all(|patch| inside(patch.span)) {
        return Ok(());
    }
    let mut spaces: Vec<(IsoBox, Vec<IsoBox>)> = Vec::new();
    if let Some(next) = after.clone().next().filter(|next| is_free(&next.name) && next.role != Role::Unknown)
    {
        spaces.push((
            IsoBox::read(&mut parser.walk.window, next.span.start, parser.source.size())?,
            Vec::new(),
        ));
    }
    spaces.extend(moov.free.iter().map(|free| (*free, vec![moov.boxed])));
    spaces.retain(|(space, _)| space.size == BoxSize::Short);
    let needed = growth.unsigned_abs();
    for (space, chain) in spaces {
        let (start, len) = (space.span.start, space.span.len());
        let header = |len: u64| u32::try_from(len).ok().map(|len| [len.to_be_bytes(), space.kind].concat());
        if growth > 0 && len == needed {
            patches.put(space.span, Vec::new(), &chain);
            return Ok(());
        }
        let (taken, new) = if growth > 0 {
            if len < needed + 8 {
                continue;
            }
            (8 + needed, len - needed)
        } else {
            (8, len + needed)
        };
        if let Some(mut new) = header(new) {
            if growth < 0 {
                new.resize(8 + usize::try_from(needed).unwrap_or(0), 0);
            }
            // Its own header is part of what is patched, so it is not among the boxes that change in size.
            patches.put(Span { start, end: start + taken }, new, &chain);
            return Ok(());
        }
    }
    if growth < 0 && needed >= 8 && moov.boxed.size != BoxSize::ToEnd {
        let rest = usize::try_from(needed - 8).unwrap_or(0);
        patches.insert(span.end, boxed(*b"free", &vec![0; rest])?, &[]);
    }
    Ok(())
}

/// A `meta` box with these items (QuickTime File Format, "Metadata"; ISO/IEC 14496-12, 8.11.1), whose names stand
/// behind `count` other names.
fn meta(names: &[u8], count: usize, added: &[Put]) -> Result<Vec<u8>, FormatError> {
    let handler = boxed(*b"hdlr", &[&[0; 8][..], &NAMED, &[0; 13]].concat())?;
    let mut items = Vec::new();
    for (at, put) in added.iter().enumerate() {
        items.extend(item(count + at + 1, &put.body)?);
    }
    let all = number32(count + added.len())?;
    let keys = boxed(*b"keys", &[&[0; 4][..], &all, names, &entries(added)?].concat())?;
    boxed(*b"meta", &[&[0; 4][..], &handler, &keys, &boxed(*b"ilst", &items)?].concat())
}

/// The names of items.
fn entries(added: &[Put]) -> Result<Vec<u8>, FormatError> {
    let mut entries = Vec::new();
    for put in added {
        entries.extend(boxed(NAMED, put.key.as_bytes())?);
    }
    Ok(entries)
}

/// An item with a text: its type is UTF-8, its locale the default one.
fn item(number: usize, value: &[u8]) -> Result<Vec<u8>, FormatError> {
    boxed(number32(number)?, &boxed(*b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0][..], value].concat())?)
}

/// A box.
fn boxed(kind: [u8; 4], body: &[u8]) -> Result<Vec<u8>, FormatError> {
    Ok([&number32(body.len() + 8)?[..], &kind, body].concat())
}

fn number32(number: usize) -> Result<[u8; 4], FormatError> {
    let limit = u64::from(u32::MAX);
    let over = FormatError::new(0, Problem::OverLimit { what: "bytes in a box", limit });
    u32::try_from(number).map(u32::to_be_bytes).map_err(|_| over)
}
