//! Changes to a Matroska or WebM file. Tags stand before the first Cluster, where every reader finds them; Clusters
//! are moved only if there is no free space, and what tells of their places is then set right.

use super::arrange::{Part, balance, starts};
use super::element::{self, Element, HEADER, Header};
use super::positions::{self, Position, moved_cluster};
use super::rewrite::{Edits, rewrite};
use super::{id, texts};
use crate::riff::joined;
use crate::{Carrier, Changes, Layout, Piece, Put};
use indicia_core::{FormatError, Limits, Source, Span, Window};

/// Most rounds until all places fit; each makes a number longer, and there are eight lengths.
const ROUNDS: usize = 64;

/// Says how the file reads with these changes.
///
/// # Errors
/// If the file cannot hold what is put, or cannot be read.
pub(crate) fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let size = source.size();
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: size })]);
    }
    if !changes.cuts.is_empty() || changes.content.is_some() {
        return Err(FormatError::unsupported(0, "a change to the content of a Matroska or WebM file"));
    }
    let mut segment = Segment::read(source, layout)?;
    let mut edits = Edits::default();
    for (index, value) in &changes.replaced {
        let packet = layout.packets.get(*index).filter(|packet| segment.body.start <= packet.span.start);
        let packet = packet.filter(|packet| packet.span.end <= segment.body.end);
        let missing = FormatError::unsupported(0, "a change to metadata outside of the first Segment");
        edits.values.insert(packet.ok_or(missing)?.span.start, value.clone());
    }
    let new = changes.added.iter().map(tag).collect::<Result<Vec<_>, _>>()?.concat();
    let new = segment.append(source, new, &mut edits, limits)?;
    for part in &mut segment.parts {
        let Some(old) = part.old.filter(|_| holds_texts(part.name)) else { continue };
        let element = Element::closed(&mut Window::new(source), old.start, segment.body.end)?;
        part.pieces = rewrite(source, element, &edits, limits, 0)?;
    }
    segment.bring_tags_forward(new);
    segment.settle(source, limits)?;
    segment.pieces(source, size)
}

/// A new tag of the whole file.
fn tag(put: &Put) -> Result<Vec<u8>, FormatError> {
    if put.carrier != Carrier::Field {
        return Err(FormatError::unsupported(0, "this sort of metadata in Matroska and WebM"));
    }
    let name = element::element(id::TAG_NAME, put.key.as_bytes());
    let value = element::element(id::TAG_STRING, &put.body);
    Ok(element::element(id::SIMPLE_TAG, &[name, value].concat()))
}

/// Whether metadata is read from an element of this name.
fn holds_texts(name: [u8; 4]) -> bool {
    matches!(&name, b"Atta" | b"Chap" | b"Info" | b"Tags" | b"Trac")
}

fn is_index(name: [u8; 4]) -> bool {
    matches!(&name, b"Seek" | b"Cues")
}

/// The first Segment of a file.
struct Segment {
    /// Its header.
    head: Span,
    /// Its body; up to where it ends if its size is not known.
    body: Span,
    /// Bytes of its size.
    width: usize,
    /// Whether its size is not known.
    is_open: bool,
    /// Its elements.
    parts: Vec<Part>,
    /// Number of parts before the first Cluster, with an empty one at the end to become free space.
    front: usize,
    /// Bytes that they had.
    front_len: u64,
    /// The part of a SeekHead that gets a new entry for Tags.
    told: Option<usize>,
}

impl Segment {
    fn read(source: &dyn Source, layout: &Layout) -> Result<Self, FormatError> {
        let missing = || FormatError::unsupported(0, "a change to a file without a Segment");
        let segments = &layout.segments;
        let first = segments.iter().position(|one| one.name == *b"Segm").ok_or_else(missing)?;
        let head = segments.get(first).ok_or_else(missing)?.span;
        let header = Header::read(Window::new(source).up_to(head.start, HEADER)?, head.start)?;
        let rest = segments.get(first + 1..).unwrap_or_default();
        let end = match header.size {
            Some(len) => head.end.saturating_add(len),
            None => {
                let next = rest.iter().find(|one| matches!(&one.name, b"Segm" | b"EBML"));
                next.map_or(source.size(), |next| next.span.start)
            }
        };
        let part = |one: &crate::Segment| {
            let mut part = Part { name: one.name, old: Some(one.span), pieces: vec![Piece::Keep(one.span)] };
            // A checksum over all of the Segment would take a look at all of it.
            if one.name == *b"CRC " {
                part.name = *b"Void";
                part.old = None;
                part.set_void(one.span.len());
                (part.name, part.old) = (*b"CRC ", Some(one.span));
            }
            part
        };
        let mut parts: Vec<Part> = rest.iter().take_while(|one| one.span.end <= end).map(part).collect();
        let front = parts.iter().position(|part| part.name == *b"Clus").unwrap_or(parts.len());
        let cluster = parts.get(front).and_then(|part| part.old).map_or(end, |old| old.start);
        let front_len = cluster.saturating_sub(head.end);
        parts.insert(front, Part { name: *b"Void", old: None, pieces: Vec::new() });
        let body = Span { start: head.end, end };
        let (width, is_open) = (header.width, header.size.is_none());
        Ok(Self { head, body, width, is_open, parts, front: front + 1, front_len, told: None })
    }

    /// Sees to it that new tags are put at the end of the first Tag that speaks of the whole file, else into one of
    /// their own. If there are no Tags at all, they are given back.
    fn append(
        &mut self,
        source: &dyn Source,
        new: Vec<u8>,
        edits: &mut Edits,
        limits: &Limits,
    ) -> Result<Vec<u8>, FormatError> {
        if new.is_empty() {
            return Ok(new);
        }
        let tag = |inside: &[u8]| {
            let targets = element::element(id::TARGETS, &[]);
            element::element(id::TAG, &[targets.as_slice(), inside].concat())
        };
        let tags = self.parts.iter().find(|part| part.name == *b"Tags").and_then(|part| part.old);
        let Some(tags) = tags else { return Ok(element::element(id::TAGS, &tag(&new))) };
        let mut window = Window::new(source);
        let element = Element::closed(&mut window, tags.start, self.body.end)?;
        for child in element.children(&mut window, limits)? {
            if child.id == id::TAG && texts::is_of_whole_file(&mut window, child)? {
                edits.appended.insert(child.span.start, new);
                return Ok(Vec::new());
            }
        }
        edits.appended.insert(tags.start, tag(&new));
        Ok(Vec::new())
    }

    /// Puts new or changed Tags before the first Cluster.
    fn bring_tags_forward(&mut self, new: Vec<u8>) {
        let place = self.front - 1;
        let mut forward = Vec::new();
        for part in self.parts.iter_mut().skip(self.front).filter(|part| part.name == *b"Tags") {
            if part.old.is_some_and(|old| part.pieces == [Piece::Keep(old)]) {
                continue;
            }
            let pieces = std::mem::take(&mut part.pieces);
            forward.push(Part { name: *b"Tags", old: part.old.take(), pieces });
            // Free space in its place could be taken for a part of a Cluster that does not say its size.
            part.name = *b"Void";
        }
        if !new.is_empty() {
            forward.push(Part { name: *b"Tags", old: None, pieces: vec![Piece::New(new)] });
        }
        self.front += forward.len();
        self.parts.splice(place..place, forward);
    }

    /// Lets free space take up what has grown, and sets all places anew until they fit.
    fn settle(&mut self, source: &dyn Source, limits: &Limits) -> Result<(), FormatError> {
        let mut indices = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            let Some(old) = part.old.filter(|_| is_index(part.name)) else { continue };
            let element = Element::closed(&mut Window::new(source), old.start, self.body.end)?;
            indices.push((at, element, positions::positions(source, element, limits)?));
        }
        self.choose_seek_head(source, &indices, limits)?;
        for _ in 0..ROUNDS {
            balance(&mut self.parts, self.front, self.front_len);
            let starts = starts(&self.parts, self.body.start);
            let places = self.places(&starts);
            let mut settled = true;
            for (at, element, positions) in &indices {
                let edits = self.edits(*at, *element, positions, &places, &starts);
                let Some(part) = self.parts.get_mut(*at) else { continue };
                let before = part.len();
                part.pieces = rewrite(source, *element, &edits, limits, 0)?;
                settled &= part.len() == before;
            }
            if settled {
                return self.move_clusters(source, &starts);
            }
        }
        Err(positions::unsettled())
    }

    /// New Tags get an entry in the first SeekHead, if free space follows it.
    fn choose_seek_head(
        &mut self,
        source: &dyn Source,
        indices: &[(usize, Element, Vec<Position>)],
        limits: &Limits,
    ) -> Result<(), FormatError> {
        if !self.parts.iter().any(|part| part.name == *b"Tags" && part.old.is_none()) {
            return Ok(());
        }
        for (at, element, _) in indices {
            if element.id != id::SEEK_HEAD {
                continue;
            }
            let spare = self.parts.get(at + 1).filter(|part| part.name == *b"Void");
            let is_roomy =
                spare.is_some_and(|part| part.len() > positions::seek(id::TAGS, 0).len() as u64 + 1);
            if is_roomy && !positions::tells_of(source, *element, id::TAGS, limits)? {
                self.told = Some(*at);
            }
            return Ok(());
        }
        Ok(())
    }

    /// Where each old element stands now and whether it is gone, in the order of the old places.
    fn places(&self, starts: &[u64]) -> Vec<(Span, u64, bool)> {
        let placed = self.parts.iter().zip(starts);
        let place = |(part, start): (&Part, &u64)| part.old.map(|old| (old, *start, part.pieces.is_empty()));
        let mut places: Vec<_> = placed.filter_map(place).collect();
        places.sort_unstable();
        places
    }

    /// What changes in one index.
    fn edits(
        &self,
        at: usize,
        index: Element,
        positions: &[Position],
        places: &[(Span, u64, bool)],
        starts: &[u64],
    ) -> Edits {
        let mut edits = Edits::default();
        let base = self.body.start;
        for position in positions {
            let Some(target) = base.checked_add(position.value) else { continue };
            let found = places.partition_point(|(old, ..)| old.start <= target).checked_sub(1);
            let Some((old, start, is_gone)) = found.and_then(|found| places.get(found)) else { continue };
            if target >= old.end {
                continue;
            }
            let moved = start + (target - old.start) - base;
            if *is_gone {
                edits.values.insert(position.site.start, None);
            } else if moved != position.value {
                let width = usize::try_from(position.site.len()).unwrap_or(0);
                edits.values.insert(position.site.start, Some(element::number(moved, width)));
            }
        }
        if self.told == Some(at) {
            let mut parts = self.parts.iter().zip(starts);
            let tags = parts.find(|(part, _)| part.name == *b"Tags" && part.old.is_none());
            if let Some((_, start)) = tags {
                edits.appended.insert(index.span.start, positions::seek(id::TAGS, start - base));
            }
        }
        edits
    }

    /// Clusters may tell of their own place.
    fn move_clusters(&mut self, source: &dyn Source, starts: &[u64]) -> Result<(), FormatError> {
        for (part, start) in self.parts.iter_mut().zip(starts) {
            let Some(old) = part.old.filter(|old| part.name == *b"Clus" && old.start != *start) else {
                continue;
            };
            part.pieces = moved_cluster(source, old, start - self.body.start)?;
        }
        Ok(())
    }

    fn pieces(self, source: &dyn Source, size: u64) -> Result<Vec<Piece>, FormatError> {
        let len: u64 = self.parts.iter().map(Part::len).sum();
        let mut pieces = vec![Piece::Keep(Span { start: 0, end: self.head.start })];
        let header = Header::read(Window::new(source).up_to(self.head.start, HEADER)?, self.head.start)?;
        if self.is_open || header.size == Some(len) {
            pieces.push(Piece::Keep(self.head));
        } else {
            pieces.push(Piece::New(element::header(id::SEGMENT, len, self.width)));
        }
        pieces.extend(self.parts.into_iter().flat_map(|part| part.pieces));
        pieces.push(Piece::Keep(Span { start: self.body.end, end: size }));
        Ok(joined(pieces))
    }
}
