//! Changes to the metadata of a HEIF file.
//!
//! What is replaced is replaced where it stands; what is new goes behind everything else. All that is behind a change
//! moves, and every offset that points at it is corrected. Coded pictures are copied as they are.

use super::file::File;
use super::items::Meta;
use super::locations::{Extent, Location, Locations, Method};
use super::packets::Origin;
use super::rebuild::{Census, NewItem};
use super::tracks;
use crate::box_edits::{Edits, head};
use crate::boxes::{BoxSize, IsoBox};
use crate::{Body, Carrier, Changes, Layout, Packet, Piece};
use indicia_core::{FormatError, Limits, Source, Span};

/// Says how the file reads with these changes.
///
/// # Errors
/// If the file cannot hold what is put, or something points at bytes that move in a way that cannot be corrected.
pub(crate) fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let size = source.size();
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: size })]);
    }
    if !changes.cuts.is_empty() || changes.content.is_some() {
        return Err(FormatError::unsupported(0, "changes to the content of HEIF"));
    }
    let file = File::read(source, limits)?;
    if let Some(damage) = &file.layout.damage {
        return Err(damage.clone());
    }
    let mut work = Work {
        source,
        limits,
        file: &file,
        edits: Edits::default(),
        census: Census::default(),
        own: Vec::new(),
    };
    for (index, value) in &changes.replaced {
        work.replace(*index, value.as_deref().filter(|value| !value.is_empty()))?;
    }
    work.finish(changes)
}

/// A change being made.
struct Work<'f> {
    source: &'f dyn Source,
    limits: &'f Limits,
    file: &'f File,
    edits: Edits,
    census: Census,
    /// The items whose bytes are changed, by number.
    own: Vec<u32>,
}

impl Work<'_> {
    /// Gives a packet a new value, or takes it out.
    fn replace(&mut self, index: usize, value: Option<&[u8]>) -> Result<(), FormatError> {
        let missing = || FormatError::unsupported(0, "a change to a packet that is not there");
        let packet = self.file.layout.packets.get(index).ok_or_else(missing)?;
        match self.file.origins.get(index).ok_or_else(missing)? {
            Origin::Fixed => Err(FormatError::unsupported(
                packet.span.start,
                "changes to this place of HEIF; it is only read",
            )),
            Origin::Box(index) => {
                let one = self.file.boxes.get(*index).ok_or_else(missing)?;
                match value {
                    Some(value) => self.edits.replace(packet.span, value.to_vec()),
                    None => self.edits.replace(one.span, Vec::new()),
                }
                Ok(())
            }
            Origin::Item(index) => self.replace_item(*index, packet, value),
        }
    }

    fn replace_item(
        &mut self,
        index: usize,
        packet: &Packet,
        value: Option<&[u8]>,
    ) -> Result<(), FormatError> {
        let at = packet.span.start;
        let meta = self.file.meta.as_ref().ok_or(FormatError::unsupported(at, "items without a list"))?;
        let unplaced = FormatError::unsupported(at, "changes to an item that cannot be read");
        let item = meta.items.get(index).ok_or(unplaced.clone())?;
        let location = meta.locations.by_item().get(&item.id).copied().ok_or(unplaced.clone())?;
        let data = meta.data.map(|data| data.body);
        let mut spans = location.spans(self.source.size(), data)?.ok_or(unplaced.clone())?;
        spans.retain(|span| !span.is_empty());
        let first = spans.first().copied().ok_or(unplaced.clone())?;
        if matches!(packet.body, Body::Broken(_)) && value.is_some() {
            return Err(unplaced);
        }
        self.own.push(item.id);
        let Some(value) = value else {
            self.census.gone.insert(index);
            spans.iter().for_each(|span| self.edits.replace(*span, Vec::new()));
            return Ok(());
        };
        if matches!(packet.body, Body::Verbatim) && !packet.span.is_empty() {
            self.edits.replace(packet.span, value.to_vec());
            return Ok(());
        }
        if !item.coding.is_empty() {
            self.census.plain.insert(index);
        }
        let offset: &[u8] = if packet.carrier == Carrier::Exif { &[0; 4] } else { &[] };
        self.edits.replace(first, [offset, value].concat());
        spans.iter().skip(1).for_each(|span| self.edits.replace(*span, Vec::new()));
        Ok(())
    }

    /// Puts new items in, corrects what points at bytes that move, and gives the file.
    fn finish(mut self, changes: &Changes) -> Result<Vec<Piece>, FormatError> {
        let payloads: Vec<Vec<u8>> = changes.added.iter().map(payload).collect();
        let (end, header) = self.append(&payloads)?;
        match &self.file.meta {
            Some(meta) => self.correct_items(meta, changes, &payloads, (end, header))?,
            None if payloads.is_empty() => {}
            None => return Err(FormatError::unsupported(0, "metadata in a HEIF file without a meta box")),
        }
        self.edits.settle()?;
        self.edits.resize(&self.holders())?;
        if let Some(last) = self.file.boxes.last()
            && header > 0
        {
            self.edits.close(last)?;
        }
        self.correct_tracks()?;
        Ok(self.edits.pieces(self.source.size()))
    }

    /// Writes the list of items, the references and the locations anew, where they change.
    fn correct_items(
        &mut self,
        meta: &Meta,
        changes: &Changes,
        payloads: &[Vec<u8>],
        (end, header): (u64, u64),
    ) -> Result<(), FormatError> {
        let mut locations = meta.locations.clone();
        let gone: Vec<u32> =
            self.census.gone.iter().filter_map(|index| meta.items.get(*index)).map(|item| item.id).collect();
        locations.list.retain(|one| !gone.contains(&one.item));
        self.edits.settle()?;
        self.refuse_shared(meta)?;
        self.census.new = self.new_items(meta, changes)?;
        for ((id, _), body) in self.census.new.iter().zip(payloads) {
            let extents = vec![Extent { index: 0, offset: 0, len: body.len() as u64 }];
            locations.list.push(Location { item: (*id).into(), method: Method::File, reference: 0, extents });
        }
        // Where nothing comes, goes or moves, nothing is corrected.
        if !self.census.changes_the_list() && self.edits.keep_places(self.source.size()) {
            return Ok(());
        }
        let lacking = |what| FormatError::unsupported(meta.whole.span.start, what);
        let places = meta.places.ok_or(lacking("a meta box without item locations"))?;
        let mut behind = Vec::new();
        if self.census.changes_the_list() {
            let list = meta.list.ok_or(lacking("a meta box without a list of items"))?;
            self.edits.replace(list.span, self.census.list(self.source, meta, &list, self.limits)?);
            match (self.census.references(self.source, meta, self.limits)?, meta.references) {
                (Some(new), Some(old)) => self.edits.replace(old.span, new),
                (Some(new), None) => behind = new,
                (None, _) => {}
            }
        }
        // First as long as it will be, then with the offsets that follow from that.
        self.edits.settle()?;
        let mut draft = locations.clone();
        self.correct(meta, &mut draft, 0)?;
        let longest = draft.write(true)?.len() as u64;
        let is_long =
            draft.is_long(self.edits.grown().saturating_add(longest).saturating_add(behind.len() as u64));
        self.edits.replace(places.span, [draft.write(is_long)?, behind.clone()].concat());
        self.edits.settle()?;
        // No item may stand in what was written anew either.
        self.refuse_shared(meta)?;
        let first = self.edits.map().end(end).saturating_add(header);
        self.correct(meta, &mut locations, first)?;
        self.edits.amend(places.span, [locations.write(is_long)?, behind].concat());
        Ok(())
    }

    /// Refuses to change a byte that belongs to another item as well.
    fn refuse_shared(&self, meta: &Meta) -> Result<(), FormatError> {
        let data = meta.data.map(|data| data.body);
        for location in meta.locations.list.iter().filter(|one| !self.own.contains(&one.item)) {
            for span in location.spans(self.source.size(), data)?.unwrap_or_default() {
                if let Some(edit) = self.edits.touching(span) {
                    let what = "a change to bytes that another item uses too";
                    return Err(FormatError::unsupported(edit.start, what));
                }
            }
        }
        Ok(())
    }

    /// Numbers for the items that come.
    fn new_items(&self, meta: &Meta, changes: &Changes) -> Result<Vec<(u16, NewItem)>, FormatError> {
        let sorts: Result<Vec<NewItem>, FormatError> = changes
            .added
            .iter()
            .map(|put| match put.carrier {
                Carrier::Exif => Ok(NewItem::Exif),
                Carrier::Xmp => Ok(NewItem::Xmp),
                _ => Err(FormatError::unsupported(0, "this sort of metadata in HEIF")),
            })
            .collect();
        let sorts = sorts?;
        if sorts.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = Census::free_numbers(self.source, meta, sorts.len(), self.limits)?;
        Ok(numbers.into_iter().zip(sorts).collect())
    }

    /// Puts the bytes of new items behind the last box: into it if it is media data up to the end of the file, else
    /// into a box of their own. Gives where, and how many bytes of header come first.
    fn append(&mut self, payloads: &[Vec<u8>]) -> Result<(u64, u64), FormatError> {
        let last = self.file.boxes.last();
        let end = last.map_or(0, |one| one.span.end);
        let body = payloads.concat();
        let is_open = last.is_some_and(|one| one.size == BoxSize::ToEnd && one.kind == *b"mdat");
        let mut bytes =
            if is_open || body.is_empty() { Vec::new() } else { head(*b"mdat", body.len() as u64)? };
        let header = bytes.len() as u64;
        bytes.extend(body);
        if !bytes.is_empty() {
            self.edits.replace(Span { start: end, end }, bytes);
        }
        Ok((end, header))
    }

    /// Boxes that something within them may change.
    fn holders(&self) -> Vec<IsoBox> {
        let data = self.file.meta.as_ref().and_then(|meta| meta.data);
        self.file.boxes.iter().copied().chain(data).collect()
    }

    /// Makes the locations say where everything comes to stand. `new` is where the first new item does.
    fn correct(&self, meta: &Meta, locations: &mut Locations, mut new: u64) -> Result<(), FormatError> {
        let size = self.source.size();
        let data = meta.data.map(|data| data.body);
        let map = self.edits.map();
        let fresh = self.census.new.len();
        let old = locations.list.len().saturating_sub(fresh);
        for (index, location) in locations.list.iter_mut().enumerate() {
            if index >= old {
                for extent in &mut location.extents {
                    extent.offset = new;
                    new = new.saturating_add(extent.len);
                }
                continue;
            }
            let at = meta.whole.span.start;
            if location.reference != 0 && location.method == Method::File {
                return Err(FormatError::unsupported(at, "moving items that a data reference has"));
            }
            let Some(spans) = location.spans(size, data)? else { continue };
            let origin = match location.method {
                Method::Data => data.map_or(0, |data| map.start(data.start)),
                _ => 0,
            };
            let mut extents = Vec::new();
            for (extent, span) in location.extents.iter().zip(spans) {
                let moved = map.span(span);
                // A length of nothing would mean everything.
                if !moved.is_empty() {
                    let offset = moved.start.saturating_sub(origin);
                    extents.push(Extent { index: extent.index, offset, len: moved.len() });
                }
            }
            location.extents = extents;
        }
        Ok(())
    }

    /// Corrects the chunk offsets of tracks.
    fn correct_tracks(&mut self) -> Result<(), FormatError> {
        let Some(movie) = &self.file.movie else { return Ok(()) };
        if self.edits.keep_places(self.source.size()) {
            return Ok(());
        }
        if self.file.boxes.iter().any(|one| one.kind == *b"moof") {
            return Err(FormatError::unsupported(movie.span.start, "moving the bytes of fragments"));
        }
        let map = self.edits.map();
        let edited = |at: u64| self.edits.touching(Span { start: at, end: at.saturating_add(1) }).is_some();
        let tables = tracks::moved(self.source, movie, self.limits, &|at| map.start(at), &edited)?;
        tables.into_iter().for_each(|(span, bytes)| self.edits.replace(span, bytes));
        self.edits.settle()
    }
}

/// The bytes of a new item.
fn payload(put: &crate::Put) -> Vec<u8> {
    match put.carrier {
        // The offset of the block, from where the offset ends.
        Carrier::Exif => [&[0; 4], put.body.as_slice()].concat(),
        _ => put.body.clone(),
    }
}
