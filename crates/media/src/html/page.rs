//! What stands where in a page.

use std::ops::Range;

use super::declared::declared;
use super::walk::Walk;
use crate::markup::{Letters, Notation, part};
use crate::text;
use crate::text_splice::MARK;
use crate::{Layout, Packet, Role, Segment};
use indicia_core::{FormatError, Limits, Source, Span};

/// A page whose every piece of metadata is found.
#[derive(Debug)]
pub(super) struct Page {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// How they are coded.
    pub(super) letters: Letters,
    /// Size of the byte-order mark, in bytes.
    pub(super) mark: u64,
    /// By whose rules it is read.
    pub(super) notation: Notation,
    /// The metadata, each with where and how it stands.
    pub(super) found: Vec<Found>,
    /// Where a new `meta` element goes.
    pub(super) head: usize,
    /// The body, without its own tags.
    pub(super) body: Range<usize>,
    /// Whether it is a page of frames, whose body is not shown.
    pub(super) has_frames: bool,
    /// Whether the whole body is hidden.
    pub(super) is_hidden: bool,
    /// What cannot be read.
    pub(super) damage: Option<FormatError>,
}

/// A piece of metadata in a page.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) packet: Packet,
    /// The element or comment that it stands in.
    pub(super) all: Range<usize>,
    pub(super) form: Form,
}

/// How a piece of metadata stands in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As an attribute's value in quotes.
    Quoted,
    /// As an attribute's value without quotes.
    Bare,
    /// As an attribute that is not there.
    Missing,
    /// As the words of a title.
    Words,
    /// Within a comment.
    Comment,
    /// Within a script.
    Script,
}

/// Reads all of the file, up to [`Limits::text`]: metadata and comments can stand anywhere.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let page = survey(source, limits)?;
    let size = source.size();
    let mut layout = Layout { damage: page.damage.clone(), ..Layout::default() };
    let body = page.span(&page.body);
    let cuts = [
        (MARK, page.mark, Role::Structure),
        (*b"HEAD", body.start, Role::Metadata),
        (*b"BODY", body.end, Role::Essence),
        (*b"TAIL", size, if page.damage.is_some() { Role::Unknown } else { Role::Structure }),
    ];
    let mut start = 0;
    for (name, end, role) in cuts {
        if start < end {
            layout.segments.push(Segment { name, span: Span { start, end }, role });
            start = end;
        }
    }
    layout.packets = page.found.into_iter().map(|found| found.packet).collect();
    Ok(layout)
}

/// Finds every piece of metadata of a page.
///
/// # Errors
/// If it cannot be read, or is no text.
pub(super) fn survey(source: &dyn Source, limits: &Limits) -> Result<Page, FormatError> {
    let bytes = text::take(source, limits)?;
    let whole = bytes.len() as u64 == source.size();
    let declared = declared(&bytes);
    let (letters, mark, mut damage) = Letters::of(&bytes, declared.as_deref(), whole)?;
    // What comes after the limit was not looked at, and there may be a label in it.
    if damage.is_none() {
        damage = text::within(source, limits).err();
    }
    let narrowed = letters.narrow(&bytes).into_owned();
    let first = usize::try_from(mark).unwrap_or_default() / letters.unit();
    let is_xml = narrowed.get(first..).unwrap_or_default().trim_ascii_start().starts_with(b"<?xml");
    let notation = if is_xml { Notation::Xhtml } else { Notation::Html };
    let end = narrowed.len();
    let page = Page {
        letters,
        mark,
        notation,
        found: Vec::new(),
        head: first,
        body: end..end,
        has_frames: false,
        is_hidden: false,
        damage,
        bytes: Vec::new(),
    };
    let mut walk = Walk {
        page,
        text: &narrowed,
        bytes: &bytes,
        most: limits.segments,
        anchor: 0,
        in_head: true,
        inert: Vec::new(),
    };
    walk.run(first);
    let mut page = walk.page;
    page.bytes = bytes;
    Ok(page)
}

impl Page {
    /// The bytes in the file of a range of units.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        let at = |unit: usize| (unit * self.letters.unit()) as u64;
        Span { start: at(range.start), end: at(range.end) }
    }

    /// The bytes of a range of units.
    pub(super) fn part<'b>(&self, bytes: &'b [u8], range: &Range<usize>) -> &'b [u8] {
        let unit = self.letters.unit();
        part(bytes, &(range.start * unit..range.end * unit))
    }
}
