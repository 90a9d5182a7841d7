//! Changes to the tags at either end of a sound file, sorted by the tag they are for.

use std::collections::BTreeMap;

use super::sections::{Origin, Section, What};
use crate::{Changes, Packet, Piece, Put, id3};
use indicia_core::{FormatError, Limits, Source, Span, Window};

/// A new value for a packet, or none.
#[derive(Debug)]
pub(crate) struct Edit<'a> {
    /// Index of the frame or item in its tag.
    pub(crate) item: usize,
    /// The packet as it was.
    pub(crate) packet: &'a Packet,
    /// Its new value; `None` takes it out.
    pub(crate) value: Option<&'a [u8]>,
}

/// The changes, sorted by the tag they are for, and the file as it comes to read.
#[derive(Debug)]
pub(crate) struct Edits<'a> {
    /// By start of the tag.
    pub(crate) replaced: BTreeMap<u64, Vec<Edit<'a>>>,
    /// For the first tag that can take them.
    pub(crate) added: Vec<&'a Put>,
    /// The file so far.
    pub(crate) pieces: Vec<Piece>,
}

impl<'a> Edits<'a> {
    /// Sorts the changes.
    pub(crate) fn new(packets: &'a [(Origin, Packet)], changes: &'a Changes) -> Self {
        let mut edits =
            Self { replaced: BTreeMap::new(), added: changes.added.iter().collect(), pieces: Vec::new() };
        for (at, value) in &changes.replaced {
            let Some((origin, packet)) = packets.get(*at) else {
                continue;
            };
            let edit = Edit { item: origin.item, packet, value: value.as_deref() };
            edits.replaced.entry(origin.tag).or_default().push(edit);
        }
        edits
    }

    /// Starts a new tag for what is added, unless the file starts with one.
    ///
    /// # Errors
    /// If a tag cannot hold it.
    pub(crate) fn begin(
        &mut self,
        source: &dyn Source,
        first: Option<&Section>,
        limits: &Limits,
    ) -> Result<(), FormatError> {
        if !matches!(first, Some(Section { what: What::Id3(_), .. })) && !self.added.is_empty() {
            let added = std::mem::take(&mut self.added);
            self.pieces = id3::rewrite(source, None, &BTreeMap::new(), &added, limits)?;
        }
        Ok(())
    }

    /// Writes one section: a tag with the changes for it, anything else as it was.
    ///
    /// # Errors
    /// If a tag cannot hold a value, or the source cannot be read.
    pub(crate) fn write(
        &mut self,
        source: &dyn Source,
        part: &Section,
        limits: &Limits,
    ) -> Result<(), FormatError> {
        let edits = self.replaced.remove(&part.span.start).unwrap_or_default();
        let replaced: BTreeMap<_, _> = edits.iter().map(|edit| (edit.item, edit.value)).collect();
        match &part.what {
            What::Id3(tag)
                if !edits.is_empty() || !self.added.is_empty() && tag.place == id3::Place::Head =>
            {
                let added = match tag.place {
                    id3::Place::Head => std::mem::take(&mut self.added),
                    id3::Place::Tail => Vec::new(),
                };
                let new = id3::rewrite(source, Some(tag), &replaced, &added, limits)?;
                self.pieces.extend(new);
            }
            What::Ape(tag) if !edits.is_empty() => {
                self.pieces.extend(tag.rewrite(&mut Window::new(source), &replaced)?);
            }
            What::Id3v1 if !edits.is_empty() => {
                let mut kept = part.span;
                for Edit { packet, value, .. } in edits {
                    self.keep(Span { start: kept.start, end: packet.span.start });
                    self.pieces.push(Piece::New(id3::v1::field(packet, value)?));
                    kept.start = packet.span.end;
                }
                self.keep(kept);
            }
            _ => self.keep(part.span),
        }
        Ok(())
    }

    /// Keeps bytes, in one piece with those before them where they follow.
    pub(crate) fn keep(&mut self, span: Span) {
        match self.pieces.last_mut() {
            _ if span.is_empty() => {}
            Some(Piece::Keep(last)) if last.end == span.start => last.end = span.end,
            _ => self.pieces.push(Piece::Keep(span)),
        }
    }
}
