//! APEv2 tags: text items with a key, between a header and a footer, at the end of a sound file.

use std::collections::BTreeMap;

use crate::{Body, Carrier, Packet, Piece};
use indicia_core::{FormatError, Limits, Problem, Span, Window};

/// Starts the header and the footer.
pub(crate) const SIGNATURE: &[u8; 8] = b"APETAGEX";
/// Bytes of the header and of the footer.
const EDGE: u64 = 32;
/// Longest key that the standard allows.
const KEY: usize = 255;
/// There is a header.
const HAS_HEADER: u32 = 1 << 31;
/// This is the header, not the footer.
const IS_HEADER: u32 = 1 << 29;

/// An APEv1 or APEv2 tag.
#[derive(Debug)]
pub(crate) struct ApeTag {
    /// Header, items and footer.
    pub(crate) span: Span,
    has_header: bool,
    items: Vec<Item>,
    /// Where it stops being readable.
    pub(crate) damage: Option<FormatError>,
}

#[derive(Debug)]
struct Item {
    key: String,
    flags: u32,
    span: Span,
    value: Span,
}

/// The numbers in a header or footer.
struct Edge {
    /// Bytes of the items and the footer.
    size: u64,
    items: u32,
    flags: u32,
}

impl ApeTag {
    /// The tag whose footer ends at `end`, not before `start`; `None` if there is none.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn read_back(
        window: &mut Window<'_>,
        start: u64,
        end: u64,
        limits: &Limits,
    ) -> Result<Option<Self>, FormatError> {
        let Some(footer) = end.checked_sub(EDGE).filter(|at| *at >= start) else {
            return Ok(None);
        };
        let Some(edge) = Edge::read(window, footer)?.filter(|edge| edge.flags & IS_HEADER == 0) else {
            return Ok(None);
        };
        let header = if edge.flags & HAS_HEADER != 0 { EDGE } else { 0 };
        match end.checked_sub(edge.size).filter(|_| edge.size >= EDGE) {
            Some(items) if items >= start + header => {
                let span = Span { start: items - header, end };
                Self::read_items(window, span, Span { start: items, end: footer }, edge.items, limits)
                    .map(Some)
            }
            // The footer tells of a tag that is not all there: no other bytes may be taken for it.
            _ => Ok(Some(Self {
                span: Span { start: footer, end },
                has_header: false,
                items: Vec::new(),
                damage: Some(FormatError::malformed(footer, "the size of an APE tag")),
            })),
        }
    }

    /// The tag whose header starts at `at`; `None` if there is none.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn read(
        window: &mut Window<'_>,
        at: u64,
        end: u64,
        limits: &Limits,
    ) -> Result<Option<Self>, FormatError> {
        if at + EDGE > end {
            return Ok(None);
        }
        let Some(edge) = Edge::read(window, at)?.filter(|edge| edge.flags & IS_HEADER != 0) else {
            return Ok(None);
        };
        let span = Span { start: at, end: at + EDGE + edge.size };
        if edge.size < EDGE || span.end > end {
            return Ok(None);
        }
        let items = Span { start: at + EDGE, end: span.end - EDGE };
        Self::read_items(window, span, items, edge.items, limits).map(Some)
    }

    fn read_items(
        window: &mut Window<'_>,
        span: Span,
        area: Span,
        count: u32,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        let has_header = area.start > span.start;
        let mut tag = Self { span, has_header, items: Vec::new(), damage: None };
        let mut at = area.start;
        for done in 0..count {
            let Some(item) = Item::read(window, at, area.end)? else {
                tag.damage = Some(FormatError::malformed(at, "an item of an APE tag"));
                break;
            };
            if usize::try_from(done).is_ok_and(|done| done >= limits.segments) {
                let limit = limits.segments as u64;
                return Err(FormatError::new(at, Problem::OverLimit { what: "items in an APE tag", limit }));
            }
            at = item.span.end;
            tag.items.push(item);
        }
        Ok(tag)
    }

    /// The text items as packets, each with its index.
    pub(crate) fn packets(&self) -> impl Iterator<Item = (usize, Packet)> {
        let texts = self.items.iter().enumerate().filter(|(_, item)| item.flags >> 1 & 3 == 0);
        texts.map(|(at, item)| {
            let packet = Packet {
                carrier: Carrier::Field,
                key: item.key.clone(),
                place: "APEv2 item",
                span: item.value,
                body: Body::Verbatim,
            };
            (at, packet)
        })
    }

    /// The tag with items replaced (by index; `None` takes one out). No item left means no tag.
    ///
    /// # Errors
    /// [`Problem::OverLimit`] if it grows over 32 bits; [`Problem::Malformed`] if its footer cannot be read.
    pub(crate) fn rewrite(
        &self,
        window: &mut Window<'_>,
        replaced: &BTreeMap<usize, Option<&[u8]>>,
    ) -> Result<Vec<Piece>, FormatError> {
        let over = |_| {
            FormatError::new(
                0,
                Problem::OverLimit { what: "bytes in an APE tag", limit: u64::from(u32::MAX) },
            )
        };
        let mut items = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            match replaced.get(&at) {
                Some(None) => {}
                Some(Some(value)) => {
                    let size = u32::try_from(value.len()).map_err(over)?.to_le_bytes();
                    let head = [&size, &item.flags.to_le_bytes(), item.key.as_bytes(), &[0]].concat();
                    items.push(Piece::New([head.as_slice(), value].concat()));
                }
                None => items.push(Piece::Keep(item.span)),
            }
        }
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let size = items.iter().map(Piece::len).sum::<u64>() + EDGE;
        let size = u32::try_from(size).map_err(over)?.to_le_bytes();
        let count = u32::try_from(items.len()).map_err(over)?.to_le_bytes();
        let mut edge = |at: u64| -> Result<Piece, FormatError> {
            let mut bytes = window.array::<32>(at)?;
            let [_, _, _, _, _, _, _, _, _, _, _, _, a, b, c, d, e, f, g, h, ..] = &mut bytes;
            [*a, *b, *c, *d] = size;
            [*e, *f, *g, *h] = count;
            Ok(Piece::New(bytes.to_vec()))
        };
        let footer = edge(self.span.end - EDGE)?;
        let mut pieces = Vec::new();
        if self.has_header {
            pieces.push(edge(self.span.start)?);
        }
        pieces.extend(items);
        pieces.push(footer);
        Ok(pieces)
    }
}

impl Edge {
    /// Reads the header or footer at `at`; `None` if there is none.
    fn read(window: &mut Window<'_>, at: u64) -> Result<Option<Self>, FormatError> {
        let [
            a,
            b,
            c,
            d,
            e,
            f,
            g,
            h,
            _version @ ..,
            r,
            s,
            t,
            u,
            v,
            w,
            x,
            y,
            i,
            j,
            k,
            l,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
        ] = window.array::<32>(at)?;
        let edge = Self {
            size: u64::from(u32::from_le_bytes([r, s, t, u])),
            items: u32::from_le_bytes([v, w, x, y]),
            flags: u32::from_le_bytes([i, j, k, l]),
        };
        Ok(([a, b, c, d, e, f, g, h] == *SIGNATURE).then_some(edge))
    }
}

impl Item {
    /// Reads the item at `at`; `None` if it does not end by `end`.
    fn read(window: &mut Window<'_>, at: u64, end: u64) -> Result<Option<Self>, FormatError> {
        let len = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX).min(8 + KEY + 1);
        let Some(([a, b, c, d, e, f, g, h], rest)) = window.up_to(at, len)?.split_first_chunk() else {
            return Ok(None);
        };
        let size = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
        let flags = u32::from_le_bytes([*e, *f, *g, *h]);
        let Some(key) = memchr::memchr(0, rest).and_then(|len| rest.get(..len)) else {
            return Ok(None);
        };
        let start = at + 8 + key.len() as u64 + 1;
        let value = Span { start, end: start + size };
        let key = String::from_utf8_lossy(key).into_owned();
        let item = Self { key, flags, span: Span { start: at, end: value.end }, value };
        Ok((value.end <= end).then_some(item))
    }
}

#[cfg(test)]
mod tests {
    use super::ApeTag;
    use crate::Piece;
    use indicia_core::{Limits, Window};
    use std::collections::BTreeMap;

    /// A tag with a header and two items, as mutagen writes it.
    fn tag() -> Vec<u8> {
        let items = b"\x02\0\0\0\0\0\0\0AIGC\0{}\x03\0\0\0\x02\0\0\0Cover\0\x01\x02\x03";
        let edge = |flags: u32| {
            let mut edge = b"APETAGEX\xD0\x07\0\0".to_vec();
            edge.extend_from_slice(&(u32::try_from(items.len()).unwrap() + 32).to_le_bytes());
            edge.extend_from_slice(&2_u32.to_le_bytes());
            edge.extend_from_slice(&flags.to_le_bytes());
            edge.extend_from_slice(&[0; 8]);
            edge
        };
        [edge(0xA000_0000).as_slice(), items, &edge(0x8000_0000)].concat()
    }

    fn read(bytes: &[u8]) -> ApeTag {
        let size = bytes.len() as u64;
        ApeTag::read_back(&mut Window::new(&bytes.to_vec()), 0, size, &Limits::default()).unwrap().unwrap()
    }

    #[test]
    fn text_items_are_read_and_rewritten() {
        let bytes = [b"sound".as_slice(), &tag()].concat();
        let found = read(&bytes);
        assert_eq!((found.span.start, found.span.len()), (5, tag().len() as u64));
        let packets: Vec<_> = found.packets().collect();
        assert_eq!(packets.len(), 1, "the picture is no text");
        assert_eq!((packets[0].0, packets[0].1.key.as_str()), (0, "AIGC"));
        assert_eq!(packets[0].1.read(&bytes, &Limits::default()).unwrap(), b"{}");
        let new = BTreeMap::from([(0, Some(&b"{\"Label\":\"1\"}"[..]))]);
        let mut written = Vec::new();
        for piece in found.rewrite(&mut Window::new(&bytes), &new).unwrap() {
            match piece {
                Piece::New(new) => written.extend(new),
                Piece::Keep(span) => {
                    written.extend(Limits::default().take(&bytes, span).unwrap());
                }
            }
        }
        assert_eq!(written.len(), tag().len() + 11);
        let again = read(&written);
        assert_eq!(again.packets().next().unwrap().1.read(&written, &Limits::default()).unwrap().len(), 13);
        assert_eq!((again.items.len(), again.span.start), (2, 0));
        let gone = BTreeMap::from([(0, None), (1, None)]);
        assert!(found.rewrite(&mut Window::new(&bytes), &gone).unwrap().is_empty());
    }

    #[test]
    fn a_size_that_cannot_be_is_damage() {
        for size in [0, 31, u32::MAX] {
            let mut bytes = tag();
            let at = bytes.len() - 20;
            bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
            assert!(read(&bytes).damage.is_some(), "{size}");
        }
        let mut bytes = tag();
        bytes[32] = 0xFF; // the size of the first item
        bytes[33] = 0xFF;
        assert!(read(&bytes).damage.is_some());
    }
}
