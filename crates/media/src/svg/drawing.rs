//! What stands where in a drawing.

use std::ops::Range;

use super::walk::Walk;
use crate::markup::{Letters, part};
use crate::text;
use crate::text_splice::MARK;
use crate::{Layout, Packet, Role, Segment};
use indicia_core::{FormatError, Limits, Source, Span};

/// A drawing whose every piece of metadata is found.
#[derive(Debug)]
pub(super) struct Drawing {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// How they are coded.
    pub(super) letters: Letters,
    /// Size of the byte-order mark, in bytes.
    pub(super) mark: u64,
    /// The metadata, each with where and how it stands.
    pub(super) found: Vec<Found>,
    /// The outermost element.
    pub(super) root: Option<Element>,
    /// The `metadata` elements directly in the root.
    pub(super) metadata: Vec<Element>,
    /// What cannot be read.
    pub(super) damage: Option<FormatError>,
}

/// An element.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) name: Range<usize>,
    /// Its start tag.
    pub(super) tag: Range<usize>,
    /// Where its end tag starts; where it ends if it is a single tag.
    pub(super) end: usize,
    /// All of it.
    pub(super) all: Range<usize>,
    pub(super) is_single: bool,
}

/// A piece of metadata in a drawing.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) packet: Packet,
    /// The element, attribute or comment that it stands in.
    pub(super) all: Range<usize>,
    pub(super) form: Form,
}

/// How a piece of metadata stands in a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As an attribute's value.
    Attribute,
    /// As words in an element.
    Words,
    /// Within a comment.
    Comment,
    /// As one or more elements.
    Markup,
}

/// Reads all of the file, up to [`Limits::text`]: metadata and comments can stand anywhere.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let drawing = survey(source, limits)?;
    let size = source.size();
    let mut layout = Layout { damage: drawing.damage.clone(), ..Layout::default() };
    let mut cuts = vec![(MARK, drawing.mark, Role::Structure)];
    if let Some(root) = &drawing.root {
        cuts.push((*b"HEAD", drawing.span(&root.tag).end, Role::Structure));
        for element in &drawing.metadata {
            let span = drawing.span(&element.all);
            cuts.push((*b"DRAW", span.start, Role::Essence));
            cuts.push((*b"META", span.end, Role::Metadata));
        }
        cuts.push((*b"DRAW", drawing.span(&root.all).end, Role::Essence));
    }
    let tail = if drawing.damage.is_some() { Role::Unknown } else { Role::Structure };
    cuts.push((*b"TAIL", size, tail));
    let mut start = 0;
    for (name, end, role) in cuts {
        let end = end.min(size);
        if start < end {
            layout.segments.push(Segment { name, span: Span { start, end }, role });
            start = end;
        }
    }
    layout.packets = drawing.found.into_iter().map(|found| found.packet).collect();
    Ok(layout)
}

/// Finds every piece of metadata of a drawing.
///
/// # Errors
/// If it cannot be read, or is no text.
pub(super) fn survey(source: &dyn Source, limits: &Limits) -> Result<Drawing, FormatError> {
    let bytes = text::take(source, limits)?;
    let whole = bytes.len() as u64 == source.size();
    let (letters, mark, mut damage) = Letters::of(&bytes, Some(&declared(&bytes)), whole)?;
    // What comes after the limit was not looked at, and there may be a label in it.
    if damage.is_none() {
        damage = text::within(source, limits).err();
    }
    let narrowed = letters.narrow(&bytes).into_owned();
    let first = usize::try_from(mark).unwrap_or_default() / letters.unit();
    let drawing = Drawing {
        bytes: Vec::new(),
        letters,
        mark,
        found: Vec::new(),
        root: None,
        metadata: Vec::new(),
        damage,
    };
    let mut walk = Walk::new(drawing, &narrowed, &bytes);
    if let Err(err) = walk.run(first, limits) {
        walk.drawing.damage.get_or_insert(err);
        walk.close();
    }
    let mut drawing = walk.drawing;
    drawing.bytes = bytes;
    Ok(drawing)
}

/// The name of the encoding that the XML declaration names; UTF-8 if there is none.
fn declared(bytes: &[u8]) -> Vec<u8> {
    let head = bytes.get(..bytes.len().min(256)).unwrap_or_default();
    let found = || {
        let end = memchr::memmem::find(head, b"?>").filter(|_| head.starts_with(b"<?xml"))?;
        let head = head.get(..end)?;
        let after = head.get(memchr::memmem::find(head, b"encoding")? + 8..)?.trim_ascii_start();
        let quoted = after.strip_prefix(b"=")?.trim_ascii_start();
        let (quote, name) = quoted.split_first()?;
        name.split(|byte| byte == quote).next()
    };
    found().unwrap_or(b"utf-8").to_vec()
}

/// The part of a name after its colon.
pub(super) fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b':').next().unwrap_or(name)
}

impl Drawing {
    /// The bytes in the file of a range of units.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        let at = |unit: usize| (unit * self.letters.unit()) as u64;
        Span { start: at(range.start), end: at(range.end) }
    }

    /// The words of a range of units, as written.
    pub(super) fn written(&self, bytes: &[u8], range: &Range<usize>) -> String {
        let unit = self.letters.unit();
        self.letters.decode(part(bytes, &(range.start * unit..range.end * unit)))
    }
}
