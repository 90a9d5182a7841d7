//! A HEIF file cut into segments and packets, with what is needed to change it.

use super::items::{Meta, within};
use super::packets::{self, Origin};
use super::tracks;
use crate::boxes::IsoBox;
use crate::{Layout, Packet, Role, Segment, box_packets, samsung_trailer};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// A file that was read.
#[derive(Debug)]
pub(super) struct File {
    /// What everybody gets to know of it.
    pub(super) layout: Layout,
    /// For each packet of the layout, what it is part of.
    pub(super) origins: Vec<Origin>,
    /// The boxes at the top.
    pub(super) boxes: Vec<IsoBox>,
    /// The items.
    pub(super) meta: Option<Meta>,
    /// The tracks of an image sequence.
    pub(super) movie: Option<IsoBox>,
}

/// Cuts the file into segments.
///
/// # Errors
/// If nothing can be said of it.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    Ok(File::read(source, limits)?.layout)
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// If nothing can be said of it.
    pub(super) fn read(source: &dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let size = source.size();
        let mut window = Window::new(source);
        let mut file = Self {
            layout: Layout::default(),
            origins: Vec::new(),
            boxes: Vec::new(),
            meta: None,
            movie: None,
        };
        let mut found = Vec::new();
        let (mut at, mut damage) = (0, None);
        while at < size && !box_packets::is_filling(&mut window, at)? {
            let read =
                within(limits, at, file.boxes.len()).and_then(|()| IsoBox::read(&mut window, at, size));
            match read.and_then(|one| file.enter(&mut window, one, limits, &mut found).map(|()| one)) {
                Ok(one) => {
                    file.boxes.push(one);
                    at = one.span.end;
                }
                Err(FormatError { problem: Problem::Io(kind), at }) => {
                    return Err(FormatError::new(at, Problem::Io(kind)));
                }
                Err(err) => {
                    damage = Some(err);
                    break;
                }
            }
        }
        let is_filled = damage.is_none() && at < size;
        if let Some(meta) = &file.meta {
            damage = damage.or(meta.damage.clone());
            if let Err(err) = packets::of_meta(source, &mut window, meta, limits, &mut found) {
                damage = damage.or(Some(err));
            }
        } else if file.movie.is_none() {
            damage = damage.or(Some(FormatError::malformed(at, "neither items nor tracks")));
        }
        if let Some(movie) = &file.movie
            && let Err(err) = tracks::packets(&mut window, movie, limits, &mut found)
        {
            damage = damage.or(Some(err));
        }
        found.sort_by_key(|(packet, _)| packet.span.start);
        (file.layout.packets, file.origins) = found.into_iter().unzip();
        file.tile(size);
        let broken = FormatError::new(at, Problem::Truncated);
        if is_filled {
            let span = Span { start: at, end: size };
            file.layout.segments.push(Segment { name: *b"zero", span, role: Role::Unknown });
        } else if at < size {
            file.layout = file.layout.damaged(size, damage.clone().unwrap_or(broken));
        }
        file.layout.damage = damage;
        Ok(file)
    }

    /// Notes what a box at the top holds.
    fn enter(
        &mut self,
        window: &mut Window<'_>,
        one: IsoBox,
        limits: &Limits,
        found: &mut Vec<(Packet, Origin)>,
    ) -> Result<(), FormatError> {
        match &one.kind {
            b"meta" if self.meta.is_some() => {
                return Err(FormatError::malformed(one.span.start, "a second meta box"));
            }
            b"meta" => self.meta = Some(Meta::read(window, one, limits)),
            b"moov" if self.movie.is_some() => {
                return Err(FormatError::malformed(one.span.start, "a second moov box"));
            }
            b"moov" => self.movie = Some(one),
            _ => {
                // Samsung's blocks, as behind the end of a JPEG; without them it is a box like others.
                let blocks = match &one.kind {
                    b"sefd" => samsung_trailer::packets(window, one.body),
                    _ => Vec::new(),
                };
                if blocks.is_empty()
                    && let Some(packet) = packets::of_box(window, &one)?
                {
                    found.push((packet, Origin::Box(self.boxes.len())));
                }
                found.extend(blocks.into_iter().map(|block| (block, Origin::Fixed)));
            }
        }
        Ok(())
    }

    /// Cuts the file: whole boxes, but media data by what its bytes are for.
    fn tile(&mut self, size: u64) {
        let mut cut = Cut { segments: Vec::new(), metadata: Vec::new(), pictures: Vec::new() };
        if let Some(meta) = &self.meta {
            let data = meta.data.map(|data| data.body);
            let mut kinds: Vec<_> = meta.items.iter().map(|item| (item.id, item.is_metadata())).collect();
            kinds.sort_unstable();
            for location in &meta.locations.list {
                let Ok(Some(spans)) = location.spans(size, data) else { continue };
                let kind = kinds.binary_search_by_key(&location.item, |(id, _)| *id);
                let is_metadata = kind.ok().and_then(|index| kinds.get(index)).is_some_and(|(_, is)| *is);
                if is_metadata { &mut cut.metadata } else { &mut cut.pictures }.extend(spans);
            }
        }
        if self.movie.is_some() {
            // Which bytes a track uses is not looked at.
            cut.pictures = vec![Span { start: 0, end: size }];
        }
        cut.metadata = merged(cut.metadata);
        cut.pictures = merged(cut.pictures);
        for one in &self.boxes {
            let role = match &one.kind {
                b"mdat" => {
                    cut.media(one);
                    continue;
                }
                b"meta" | b"uuid" | b"jumb" => Role::Metadata,
                b"mpvd" | b"imda" => Role::Essence,
                b"ftyp" | b"moov" | b"free" | b"skip" | b"wide" | b"moof" | b"sidx" | b"mfra" | b"styp" => {
                    Role::Structure
                }
                _ => Role::Unknown,
            };
            cut.segments.push(Segment { name: one.kind, span: one.span, role });
        }
        self.layout.segments = cut.segments;
    }
}

/// Media data being cut.
struct Cut {
    segments: Vec<Segment>,
    /// Where metadata stands; sorted, not overlapping.
    metadata: Vec<Span>,
    /// Where everything else stands that is used; sorted, not overlapping.
    pictures: Vec<Span>,
}

impl Cut {
    /// Cuts a box of media data.
    fn media(&mut self, one: &IsoBox) {
        let header = Span { start: one.span.start, end: one.body.start };
        self.segments.push(Segment { name: one.kind, span: header, role: Role::Structure });
        let mut at = one.body.start;
        let first = self.metadata.partition_point(|span| span.end <= at);
        let marks: Vec<Span> =
            self.metadata.iter().skip(first).copied().take_while(|span| span.start < one.body.end).collect();
        for mark in marks {
            self.pictures(Span { start: at, end: mark.start }, one.kind);
            let span = Span { start: mark.start.max(at), end: mark.end.min(one.body.end) };
            self.segment(span, Role::Metadata, one.kind);
            at = at.max(span.end);
        }
        self.pictures(Span { start: at, end: one.body.end }, one.kind);
    }

    /// Cuts what is not metadata.
    fn pictures(&mut self, whole: Span, name: [u8; 4]) {
        let mut at = whole.start;
        let first = self.pictures.partition_point(|span| span.end <= at);
        let used: Vec<Span> =
            self.pictures.iter().skip(first).copied().take_while(|span| span.start < whole.end).collect();
        for span in used {
            self.segment(Span { start: at, end: span.start }, Role::Unknown, name);
            let span = Span { start: span.start.max(at), end: span.end.min(whole.end) };
            self.segment(span, Role::Essence, name);
            at = at.max(span.end);
        }
        self.segment(Span { start: at, end: whole.end }, Role::Unknown, name);
    }

    fn segment(&mut self, span: Span, role: Role, name: [u8; 4]) {
        if !span.is_empty() {
            self.segments.push(Segment { name, span, role });
        }
    }
}

/// The same bytes in spans that are sorted and do not touch.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::new();
    for span in spans.into_iter().filter(|span| !span.is_empty()) {
        match out.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => out.push(span),
        }
    }
    out
}
