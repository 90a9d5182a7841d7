//! The `meta` box: which items there are, of which types (ISO/IEC 14496-12, section 8.11).

use super::locations::Locations;
use crate::boxes::IsoBox;
use indicia_core::{FormatError, Limits, Problem, Span, Window};

/// What a `meta` box says.
#[derive(Clone, Debug)]
pub(super) struct Meta {
    /// The box itself.
    pub(super) whole: IsoBox,
    /// Its `iinf` box: the list of items.
    pub(super) list: Option<IsoBox>,
    /// Its `iloc` box.
    pub(super) places: Option<IsoBox>,
    /// Its `iref` box: how items refer to one another.
    pub(super) references: Option<IsoBox>,
    /// Its `idat` box: bytes of items.
    pub(super) data: Option<IsoBox>,
    /// Its `pitm` box: which item is the picture.
    pub(super) primary: Option<IsoBox>,
    /// Its `grpl` box: groups, which are numbered together with the items.
    pub(super) groups: Option<IsoBox>,
    /// The properties that hold text.
    pub(super) texts: Vec<IsoBox>,
    /// The items, in the order of the list.
    pub(super) items: Vec<Item>,
    /// Where their bytes stand.
    pub(super) locations: Locations,
    /// The first thing that was wrong.
    pub(super) damage: Option<FormatError>,
}

/// One item of the list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Its `infe` box.
    pub(super) whole: IsoBox,
    /// Its number.
    pub(super) id: u32,
    /// Its type.
    pub(super) kind: [u8; 4],
    /// For type `mime` its media type, for type `uri ` its URI.
    pub(super) detail: String,
    /// How its bytes are coded, in the words of HTTP; empty if they are not.
    pub(super) coding: String,
    /// Whether it is encrypted.
    pub(super) is_protected: bool,
}

/// Longest description of an item that is read.
const DESCRIPTION: usize = 4096;

impl Meta {
    /// Reads the box.
    pub(super) fn read(window: &mut Window<'_>, whole: IsoBox, limits: &Limits) -> Self {
        let mut meta = Self {
            whole,
            list: None,
            places: None,
            references: None,
            data: None,
            primary: None,
            groups: None,
            texts: Vec::new(),
            items: Vec::new(),
            locations: Locations::default(),
            damage: None,
        };
        if let Err(err) = meta.children(window, limits) {
            meta.damage.get_or_insert(err);
        }
        meta
    }

    fn children(&mut self, window: &mut Window<'_>, limits: &Limits) -> Result<(), FormatError> {
        let (mut at, end) = (self.whole.body.start.saturating_add(4), self.whole.body.end);
        if at > end {
            return Err(FormatError::malformed(self.whole.span.start, "a meta box without its version"));
        }
        let mut count = 0;
        while at < end {
            count += 1;
            within(limits, at, count)?;
            let child = IsoBox::read(window, at, end)?;
            let slot = match &child.kind {
                b"iinf" => Some(&mut self.list),
                b"iloc" => Some(&mut self.places),
                b"iref" => Some(&mut self.references),
                b"idat" => Some(&mut self.data),
                b"pitm" => Some(&mut self.primary),
                b"grpl" => Some(&mut self.groups),
                _ => None,
            };
            if let Some(slot) = slot
                && slot.replace(child).is_some()
            {
                return Err(FormatError::malformed(at, "a box twice in the meta box"));
            }
            // What is wrong within one of these says nothing of the boxes that follow.
            let read = match &child.kind {
                b"iinf" => self.list(window, &child, limits),
                b"iloc" => self.locations.read(window, &child, limits),
                b"iprp" => self.properties(window, &child, limits),
                _ => Ok(()),
            };
            if let Err(err) = read {
                self.damage.get_or_insert(err);
            }
            at = child.span.end;
        }
        Ok(())
    }

    /// The list of items.
    fn list(&mut self, window: &mut Window<'_>, list: &IsoBox, limits: &Limits) -> Result<(), FormatError> {
        let broken = FormatError::malformed(list.span.start, "the list of items");
        let header: u64 = if version(window, list)? == 0 { 6 } else { 8 };
        let mut at = list.body.start + header;
        if at > list.body.end {
            return Err(broken);
        }
        let written = number(window, list.body.start + 4, header - 4)?;
        while at < list.body.end {
            within(limits, at, self.items.len())?;
            let child = IsoBox::read(window, at, list.body.end)?;
            if child.kind == *b"infe" {
                self.items.push(Item::read(window, child)?);
            }
            at = child.span.end;
        }
        if u64::from(written) == self.items.len() as u64 { Ok(()) } else { Err(broken) }
    }

    /// The properties of items that hold text.
    fn properties(
        &mut self,
        window: &mut Window<'_>,
        all: &IsoBox,
        limits: &Limits,
    ) -> Result<(), FormatError> {
        let (mut at, mut count) = (all.body.start, 0);
        while at < all.body.end {
            count += 1;
            within(limits, at, count)?;
            let child = IsoBox::read(window, at, all.body.end)?;
            let mut inner = child.body.start;
            while child.kind == *b"ipco" && inner < child.body.end {
                count += 1;
                within(limits, inner, count)?;
                let property = IsoBox::read(window, inner, child.body.end)?;
                if matches!(&property.kind, b"udes" | b"altt" | b"uuid") {
                    self.texts.push(property);
                }
                inner = property.span.end;
            }
            at = child.span.end;
        }
        Ok(())
    }
}

impl Item {
    /// Reads an `infe` box (ISO/IEC 14496-12, section 8.11.6).
    fn read(window: &mut Window<'_>, whole: IsoBox) -> Result<Self, FormatError> {
        let broken = FormatError::malformed(whole.span.start, "the description of an item");
        let len = usize::try_from(whole.body.len()).map_or(DESCRIPTION, |len| len.min(DESCRIPTION));
        let body = window.up_to(whole.body.start, len)?;
        let take = |from: usize, size: usize| {
            let bytes = body.get(from..from + size).ok_or(broken.clone())?;
            Ok::<_, FormatError>(bytes.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)))
        };
        let version = take(0, 1)?;
        let (id, at) = match version {
            0..=2 => (take(4, 2)?, 6),
            3 => (take(4, 4)?, 8),
            _ => {
                return Err(FormatError::unsupported(
                    whole.span.start,
                    "the description of an item in this version",
                ));
            }
        };
        let is_protected = take(at, 2)? != 0;
        let mut rest = body.get(at + 2..).unwrap_or_default();
        let kind = match version {
            // Every item of the old versions has a media type.
            0 | 1 => *b"mime",
            _ => {
                let (kind, after) = rest.split_first_chunk::<4>().ok_or(broken.clone())?;
                rest = after;
                *kind
            }
        };
        // Only where it matters: some writers leave the name out.
        let mut text = || {
            let len = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
            let text = String::from_utf8_lossy(rest.get(..len).unwrap_or_default()).into_owned();
            rest = rest.get(len + 1..).unwrap_or_default();
            text
        };
        let is_described = matches!(&kind, b"mime" | b"uri ");
        let mut texts = || if is_described { text() } else { String::new() };
        texts();
        let (detail, coding) = (texts(), texts());
        let coding = if kind == *b"mime" { coding } else { String::new() };
        Ok(Self { whole, id, kind, detail, coding, is_protected })
    }

    /// Whether it says something of the picture instead of being one, or a part of one.
    pub(super) fn is_metadata(&self) -> bool {
        matches!(&self.kind, b"Exif" | b"mime" | b"uri ")
    }

    /// Whether it is an XMP packet.
    pub(super) fn is_xmp(&self) -> bool {
        let media = self.detail.split(';').next().unwrap_or_default().trim();
        self.kind == *b"mime" && media.eq_ignore_ascii_case("application/rdf+xml")
    }
}

/// Refuses more boxes than segments are allowed.
pub(super) fn within(limits: &Limits, at: u64, count: usize) -> Result<(), FormatError> {
    if count < limits.segments {
        return Ok(());
    }
    Err(FormatError::new(at, Problem::OverLimit { what: "boxes", limit: limits.segments as u64 }))
}

/// The version of a full box.
///
/// # Errors
/// If the box is too short for one, or the system cannot read.
pub(super) fn version(window: &mut Window<'_>, one: &IsoBox) -> Result<u8, FormatError> {
    if one.body.len() < 4 {
        return Err(FormatError::malformed(one.span.start, "a box without its version"));
    }
    let [version] = window.array(one.body.start)?;
    Ok(version)
}

/// A number of two or four bytes.
///
/// # Errors
/// If the system cannot read, or the file ends.
pub(super) fn number(window: &mut Window<'_>, at: u64, size: u64) -> Result<u32, FormatError> {
    Ok(match size {
        2 => u16::from_be_bytes(window.array(at)?).into(),
        _ => u32::from_be_bytes(window.array(at)?),
    })
}

/// The span of a box's body behind its version.
pub(super) fn behind_version(one: &IsoBox) -> Span {
    Span { start: one.body.start.saturating_add(4).min(one.body.end), end: one.body.end }
}
