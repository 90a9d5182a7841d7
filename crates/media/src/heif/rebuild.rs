//! The list of items and the references between them, written anew when items come and go.

use std::collections::{BTreeMap, BTreeSet};

use super::items::{Item, Meta, number, version, within};
use crate::box_edits::whole;
use crate::boxes::IsoBox;
use indicia_core::{FormatError, Limits, Problem, Source, Window};

/// What becomes of the items of a file.
#[derive(Debug, Default)]
pub(super) struct Census {
    /// Items that go, by their index in the list.
    pub(super) gone: BTreeSet<usize>,
    /// Items whose bytes are no longer compressed, by their index in the list.
    pub(super) plain: BTreeSet<usize>,
    /// Items that come: number, type.
    pub(super) new: Vec<(u16, NewItem)>,
}

/// The sorts of items that are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NewItem {
    /// An Exif block.
    Exif,
    /// An XMP packet.
    Xmp,
}

impl Census {
    /// Whether the list changes.
    pub(super) fn changes_the_list(&self) -> bool {
        !(self.gone.is_empty() && self.plain.is_empty() && self.new.is_empty())
    }

    /// The list of items.
    ///
    /// # Errors
    /// If there are too many, or the list is over a limit.
    pub(super) fn list(
        &self,
        source: &dyn Source,
        meta: &Meta,
        list: &IsoBox,
        limits: &Limits,
    ) -> Result<Vec<u8>, FormatError> {
        let at = list.span.start;
        let old = limits.take(source, list.body)?;
        let is_short = old.first() == Some(&0);
        let header = if is_short { 6 } else { 8 };
        let count = meta.items.len().saturating_sub(self.gone.len()).saturating_add(self.new.len());
        let count = u32::try_from(count).map_err(|_| {
            FormatError::new(at, Problem::OverLimit { what: "items", limit: u64::from(u32::MAX) })
        })?;
        let mut body = match u16::try_from(count) {
            Ok(count) if is_short => [&[0; 4][..], &count.to_be_bytes()].concat(),
            _ => [&[1, 0, 0, 0][..], &count.to_be_bytes()].concat(),
        };
        let within = |at: u64| usize::try_from(at.saturating_sub(list.body.start)).unwrap_or(usize::MAX);
        let mut kept = header;
        for (index, item) in meta.items.iter().enumerate() {
            let is_plain = self.plain.contains(&index);
            if !is_plain && !self.gone.contains(&index) {
                continue;
            }
            let (start, end) = (within(item.whole.span.start), within(item.whole.span.end));
            body.extend_from_slice(old.get(kept..start).unwrap_or_default());
            if is_plain {
                body.extend(plain(item, old.get(start..end).unwrap_or_default())?);
            }
            kept = end;
        }
        body.extend_from_slice(old.get(kept..).unwrap_or_default());
        for (id, sort) in &self.new {
            body.extend(described(*id, *sort)?);
        }
        whole(*b"iinf", &body)
    }

    /// The references between items: what names an item that goes is left out, and those that come describe the
    /// picture. `None` if nothing changes.
    ///
    /// # Errors
    /// If the box is broken or over a limit, or cannot name an item.
    pub(super) fn references(
        &self,
        source: &dyn Source,
        meta: &Meta,
        limits: &Limits,
    ) -> Result<Option<Vec<u8>>, FormatError> {
        let gone: BTreeSet<u32> =
            self.gone.iter().filter_map(|index| meta.items.get(*index)).map(|item| item.id).collect();
        let picture = primary(source, meta)?;
        if (gone.is_empty() || meta.references.is_none()) && (self.new.is_empty() || picture.is_none()) {
            return Ok(None);
        }
        let mut references = References::read(source, meta, limits)?;
        references.list.retain(|(_, from, _)| !gone.contains(from));
        for (_, _, to) in &mut references.list {
            to.retain(|item| !gone.contains(item));
        }
        references.list.retain(|(_, _, to)| !to.is_empty());
        let picture = picture.filter(|item| !gone.contains(item));
        references.list.extend(
            self.new
                .iter()
                .flat_map(|(id, _)| picture.map(|picture| (*b"cdsc", u32::from(*id), vec![picture]))),
        );
        references.write().map(Some)
    }

    /// Numbers that no item and no group has yet.
    ///
    /// # Errors
    /// If all that fit into 16 bits are taken, or the boxes that say so cannot be read.
    pub(super) fn free_numbers(
        source: &dyn Source,
        meta: &Meta,
        count: usize,
        limits: &Limits,
    ) -> Result<Vec<u16>, FormatError> {
        let mut taken: BTreeSet<u32> = meta.items.iter().map(|item| item.id).collect();
        taken.extend(meta.locations.list.iter().map(|one| one.item));
        for (_, from, to) in References::read(source, meta, limits)?.list {
            taken.insert(from);
            taken.extend(to);
        }
        if let Some(groups) = &meta.groups {
            let mut window = Window::new(source);
            let (mut at, mut seen) = (groups.body.start, 0);
            while at < groups.body.end {
                seen += 1;
                within(limits, at, seen)?;
                let group = IsoBox::read(&mut window, at, groups.body.end)?;
                if group.body.len() >= 8 {
                    taken.insert(number(&mut window, group.body.start + 4, 4)?);
                }
                at = group.span.end;
            }
        }
        // After the last one, as long as that fits; then wherever there is room.
        let last = taken.last().copied().unwrap_or(0);
        let free = (last.saturating_add(1)..=u32::from(u16::MAX)).chain(1..=u32::from(u16::MAX));
        let mut numbers: Vec<u16> = Vec::new();
        for one in free {
            if numbers.len() == count {
                break;
            }
            if let Ok(short) = u16::try_from(one)
                && !taken.contains(&one)
                && !numbers.contains(&short)
            {
                numbers.push(short);
            }
        }
        match numbers.len() == count {
            true => Ok(numbers),
            false => {
                Err(FormatError::unsupported(meta.whole.span.start, "one more item: every number is taken"))
            }
        }
    }
}

/// References: type, from which item, to which items.
#[derive(Debug, Default)]
struct References {
    /// Whether items are named in four bytes.
    is_wide: bool,
    list: Vec<([u8; 4], u32, Vec<u32>)>,
}

impl References {
    fn read(source: &dyn Source, meta: &Meta, limits: &Limits) -> Result<Self, FormatError> {
        let mut found = Self::default();
        let Some(all) = &meta.references else { return Ok(found) };
        if all.span.len() > limits.block {
            let problem = Problem::OverLimit { what: "bytes in one block", limit: limits.block };
            return Err(FormatError::new(all.span.start, problem));
        }
        let mut window = Window::new(source);
        found.is_wide = version(&mut window, all)? != 0;
        let size: u64 = if found.is_wide { 4 } else { 2 };
        let mut at = all.body.start + 4;
        while at < all.body.end {
            let one = IsoBox::read(&mut window, at, all.body.end)?;
            let broken = FormatError::malformed(at, "references between items");
            let first = one.body.start + size + 2;
            if first > one.body.end {
                return Err(broken);
            }
            let from = number(&mut window, one.body.start, size)?;
            let count = number(&mut window, one.body.start + size, 2)?;
            if first + u64::from(count) * size > one.body.end {
                return Err(broken);
            }
            let mut to = Vec::new();
            for index in 0..u64::from(count) {
                to.push(number(&mut window, first + index * size, size)?);
            }
            found.list.push((one.kind, from, to));
            at = one.span.end;
        }
        Ok(found)
    }

    fn write(&self) -> Result<Vec<u8>, FormatError> {
        let narrow = |item: u32| u16::try_from(item).is_ok();
        let is_wide = self.is_wide
            || !self.list.iter().all(|(_, from, to)| narrow(*from) && to.iter().copied().all(narrow));
        let name = |body: &mut Vec<u8>, item: u32| {
            let bytes = item.to_be_bytes();
            body.extend(bytes.iter().skip(if is_wide { 0 } else { 2 }));
        };
        let mut all = vec![u8::from(is_wide), 0, 0, 0];
        for (kind, from, to) in &self.list {
            let mut body = Vec::new();
            name(&mut body, *from);
            let count =
                u16::try_from(to.len()).map_err(|_| FormatError::unsupported(0, "so many references"))?;
            body.extend_from_slice(&count.to_be_bytes());
            to.iter().for_each(|item| name(&mut body, *item));
            all.extend(whole(*kind, &body)?);
        }
        whole(*b"iref", &all)
    }
}

/// Which item is the picture.
fn primary(source: &dyn Source, meta: &Meta) -> Result<Option<u32>, FormatError> {
    let Some(one) = &meta.primary else { return Ok(None) };
    let mut window = Window::new(source);
    let size = if version(&mut window, one)? == 0 { 2 } else { 4 };
    if one.body.len() < 4 + size {
        return Err(FormatError::malformed(one.span.start, "which item is the picture"));
    }
    number(&mut window, one.body.start + 4, size).map(Some)
}

/// The description of a new item, as hidden ones have it: it is not shown.
fn described(id: u16, sort: NewItem) -> Result<Vec<u8>, FormatError> {
    let kind: &[u8] = match sort {
        NewItem::Exif => b"Exif\0",
        NewItem::Xmp => b"mime\0application/rdf+xml\0",
    };
    whole(*b"infe", &[&[2, 0, 0, 1][..], &id.to_be_bytes(), &[0, 0], kind].concat())
}

/// The description of an item without how it is compressed.
fn plain(item: &Item, old: &[u8]) -> Result<Vec<u8>, FormatError> {
    let header = usize::try_from(item.whole.body.start - item.whole.span.start).unwrap_or(usize::MAX);
    let body = old.get(header..).unwrap_or_default();
    let fixed = match body.first() {
        Some(0 | 1) => 8,
        Some(2) => 12,
        _ => 14,
    };
    let ends: BTreeMap<usize, usize> = body
        .iter()
        .enumerate()
        .skip(fixed)
        .filter(|(_, byte)| **byte == 0)
        .map(|(at, _)| at)
        .enumerate()
        .collect();
    // Behind the name and the media type.
    let end =
        ends.get(&1).ok_or(FormatError::malformed(item.whole.span.start, "the description of an item"))?;
    let kept = body.get(..=*end).unwrap_or_default();
    // The old versions have the field always, if empty.
    let empty: &[u8] = if fixed == 8 { &[0] } else { &[] };
    whole(*b"infe", &[kept, empty].concat())
}
