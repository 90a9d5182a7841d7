//! The `iloc` box: where the bytes of each item stand (ISO/IEC 14496-12, section 8.11.3).

use std::collections::BTreeMap;

use super::items::within;
use crate::box_edits::whole;
use crate::boxes::IsoBox;
use indicia_core::{FormatError, Limits, Problem, Span, Window};

/// Where the bytes of one item stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Location {
    /// The item.
    pub(super) item: u32,
    /// What its offsets are counted from.
    pub(super) method: Method,
    /// Which entry of the data references holds its bytes; 0 for this file.
    pub(super) reference: u16,
    /// Its parts, in order.
    pub(super) extents: Vec<Extent>,
}

/// What the offsets of an item are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// The start of the file.
    File,
    /// The body of the `idat` box.
    Data,
    /// Another item, or something this program does not know; as written.
    Other(u16),
}

/// One part of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// For [`Method::Other`]: which reference.
    pub(super) index: u64,
    /// Its offset, the item's base offset included.
    pub(super) offset: u64,
    /// Number of bytes; 0 means all of what the offset is counted from.
    pub(super) len: u64,
}

/// The whole box.
#[derive(Clone, Debug, Default)]
pub(super) struct Locations {
    /// Version: 0 to 2.
    pub(super) version: u8,
    /// Bytes of an extent's index.
    index_size: u8,
    /// In the order of the box.
    pub(super) list: Vec<Location>,
}

/// Reads numbers one after another, none past the end of the box.
struct Cursor<'w, 'a> {
    window: &'w mut Window<'a>,
    at: u64,
    end: u64,
}

impl Cursor<'_, '_> {
    fn number(&mut self, size: u8) -> Result<u64, FormatError> {
        let next = self.at + u64::from(size);
        if next > self.end {
            return Err(FormatError::malformed(self.at, "item locations past the end of their box"));
        }
        let bytes = self.window.bytes(self.at, usize::from(size))?;
        self.at = next;
        Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// A number of two bytes.
    fn short(&mut self) -> Result<u16, FormatError> {
        let at = self.at;
        u16::try_from(self.number(2)?).map_err(|_| FormatError::new(at, Problem::Truncated))
    }

    /// An item's number or a count: four bytes if `wide`, else two.
    fn count(&mut self, wide: bool) -> Result<u32, FormatError> {
        let at = self.at;
        u32::try_from(self.number(if wide { 4 } else { 2 })?)
            .map_err(|_| FormatError::new(at, Problem::Truncated))
    }
}

impl Locations {
    /// Reads the box. What could be read before it broke is left in `self`.
    ///
    /// # Errors
    /// If the box contradicts itself, or has more extents than segments are allowed.
    pub(super) fn read(
        &mut self,
        window: &mut Window<'_>,
        one: &IsoBox,
        limits: &Limits,
    ) -> Result<(), FormatError> {
        let mut cursor = Cursor { window, at: one.body.start, end: one.body.end };
        let at = cursor.at;
        self.version = u8::try_from(cursor.number(1)?).unwrap_or(u8::MAX);
        if self.version > 2 {
            return Err(FormatError::unsupported(at, "item locations of this version"));
        }
        cursor.number(3)?;
        let nibbles = |cursor: &mut Cursor<'_, '_>| {
            let byte = u8::try_from(cursor.number(1)?).unwrap_or(0);
            Ok::<_, FormatError>((byte >> 4, byte & 15))
        };
        let (offset_size, length_size) = nibbles(&mut cursor)?;
        let (base_size, index_size) = nibbles(&mut cursor)?;
        self.index_size = if self.version == 0 { 0 } else { index_size };
        if [offset_size, length_size, base_size, self.index_size].iter().any(|size| ![0, 4, 8].contains(size))
        {
            return Err(FormatError::malformed(at + 4, "item locations in numbers of an odd size"));
        }
        let wide = self.version == 2;
        let count = cursor.count(wide)?;
        let mut extents = 0;
        for _ in 0..count {
            let item = cursor.count(wide)?;
            let method = match if self.version == 0 { 0 } else { cursor.short()? } & 15 {
                0 => Method::File,
                1 => Method::Data,
                other => Method::Other(other),
            };
            let reference = cursor.short()?;
            let base = cursor.number(base_size)?;
            within(limits, cursor.at, self.list.len())?;
            let mut location = Location { item, method, reference, extents: Vec::new() };
            for _ in 0..cursor.short()? {
                let at = cursor.at;
                extents += 1;
                if extents > limits.segments {
                    let limit = limits.segments as u64;
                    return Err(FormatError::new(at, Problem::OverLimit { what: "parts of items", limit }));
                }
                let index = cursor.number(self.index_size)?;
                let offset = cursor.number(offset_size)?.checked_add(base);
                let offset = offset.ok_or(FormatError::malformed(at, "an item beyond any file"))?;
                location.extents.push(Extent { index, offset, len: cursor.number(length_size)? });
            }
            self.list.push(location);
        }
        Ok(())
    }

    /// Whether an offset or a length, all of them grown by `growth`, needs eight bytes.
    pub(super) fn is_long(&self, growth: u64) -> bool {
        let mut extents = self.list.iter().flat_map(|one| &one.extents);
        extents.any(|one| one.offset.max(one.len).saturating_add(growth) > u64::from(u32::MAX))
    }

    /// The box anew, of a length that says nothing of the offsets in it. Bases are part of the offsets.
    ///
    /// # Errors
    /// If there are more items or extents than the box can count.
    pub(super) fn write(&self, is_long: bool) -> Result<Vec<u8>, FormatError> {
        let many = |_| FormatError::unsupported(0, "so many items in this version of the item locations");
        let number: u8 = if is_long { 8 } else { 4 };
        let mut body = vec![self.version, 0, 0, 0, number << 4 | number, self.index_size];
        let put = |body: &mut Vec<u8>, value: u64, size: u8| {
            let bytes = value.to_be_bytes();
            body.extend_from_slice(bytes.get(bytes.len().saturating_sub(size.into())..).unwrap_or_default());
        };
        let count = |body: &mut Vec<u8>, value: u32| {
            if self.version == 2 {
                body.extend_from_slice(&value.to_be_bytes());
            } else {
                body.extend_from_slice(&u16::try_from(value).map_err(many)?.to_be_bytes());
            }
            Ok::<_, FormatError>(())
        };
        count(&mut body, u32::try_from(self.list.len()).map_err(many)?)?;
        for one in &self.list {
            count(&mut body, one.item)?;
            if self.version > 0 {
                let method = match one.method {
                    Method::File => 0,
                    Method::Data => 1,
                    Method::Other(other) => other,
                };
                body.extend_from_slice(&method.to_be_bytes());
            }
            body.extend_from_slice(&one.reference.to_be_bytes());
            body.extend_from_slice(&u16::try_from(one.extents.len()).map_err(many)?.to_be_bytes());
            for extent in &one.extents {
                put(&mut body, extent.index, self.index_size);
                put(&mut body, extent.offset, number);
                put(&mut body, extent.len, number);
            }
        }
        whole(*b"iloc", &body)
    }

    /// The locations by item, the first of each, for looking many up.
    pub(super) fn by_item(&self) -> BTreeMap<u32, &Location> {
        self.list.iter().rev().map(|one| (one.item, one)).collect()
    }
}

impl Location {
    /// The parts as spans of the file of `size` bytes; `None` for those that are counted from something else.
    ///
    /// # Errors
    /// [`Problem::Truncated`] if a part runs past the end of what it is counted from.
    pub(super) fn spans(&self, size: u64, data: Option<Span>) -> Result<Option<Vec<Span>>, FormatError> {
        let whole = match (self.method, data) {
            _ if self.reference != 0 => return Ok(None),
            (Method::File, _) => Span { start: 0, end: size },
            (Method::Data, Some(data)) => data,
            _ => return Ok(None),
        };
        let span = |extent: &Extent| {
            let start = whole.start.checked_add(extent.offset)?;
            let end = if extent.len == 0 { whole.end } else { start.checked_add(extent.len)? };
            (start <= end && end <= whole.end).then_some(Span { start, end })
        };
        let spans: Option<Vec<Span>> = self.extents.iter().map(span).collect();
        let first = self.extents.first().map_or(0, |extent| extent.offset);
        spans.map(Some).ok_or(FormatError::new(first.min(size), Problem::Truncated))
    }
}
