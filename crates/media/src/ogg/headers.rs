//! The header pages of an Ogg file and the comments in them.

use super::extents::Extents;
use super::page::{CAPTURE, FIRST, HEADER, LAST, LONGEST, NO_POSITION, Page};
use crate::vorbis_comment::Comments;
use crate::{Body, Carrier, Layout, Packet, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Most bytes of header pages whose checksums are looked at while parsing; comments with pictures have more.
const CHECKED: u64 = 1 << 18;
/// Bytes in which the last page is looked for first.
const NEAR: u64 = 8192;

/// What a logical stream holds, by its first packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Vorbis,
    Opus,
    Speex,
    Flac,
    /// A C2PA manifest store (C2PA 2.3, A.3.5).
    Manifest,
    Video,
    /// Not known, or no sound: an Ogg Skeleton, subtitles.
    Other,
}

impl Codec {
    fn of(packet: &[u8]) -> Self {
        let starts = |known: &[&[u8]]| known.iter().any(|known| packet.starts_with(known));
        match () {
            () if starts(&[b"\x01vorbis"]) => Self::Vorbis,
            () if starts(&[b"OpusHead"]) => Self::Opus,
            () if starts(&[b"Speex   "]) => Self::Speex,
            () if starts(&[b"\x7FFLAC"]) => Self::Flac,
            () if starts(&[b"\0c2pa"]) => Self::Manifest,
            () if starts(&[b"\x80theora", b"\x80daala", b"BBCD\0", b"OVP80", b"\x01video"]) => Self::Video,
            () => Self::Other,
        }
    }

    /// What stands before the comments in the second packet; any four bytes in FLAC, nothing in Speex.
    fn comment_prefix(self) -> (&'static [u8], u64) {
        match self {
            Self::Vorbis => (b"\x03vorbis", 7),
            Self::Opus => (b"OpusTags", 8),
            Self::Flac => (b"", 4),
            _ => (b"", 0),
        }
    }

    fn is_sound(self) -> bool {
        matches!(self, Self::Vorbis | Self::Opus | Self::Speex | Self::Flac)
    }
}

/// The codec of the first sound, by the first bytes of a file; `None` if it is no Ogg file.
pub(crate) fn codec_at_head(bytes: &[u8]) -> Option<Codec> {
    let mut found = Codec::Other;
    let mut rest = bytes;
    rest.starts_with(CAPTURE).then_some(())?;
    while let Some([b'O', b'g', b'g', b'S', 0, flags]) = rest.first_chunk::<6>() {
        let count = rest.get(HEADER - 1).map_or(0, |count| usize::from(*count));
        let Some(lacing) = rest.get(HEADER..HEADER + count).filter(|_| flags & FIRST != 0) else {
            break;
        };
        let len: usize = lacing.iter().map(|len| usize::from(*len)).sum();
        let body = rest.get(HEADER + count..).unwrap_or_default();
        let codec = Codec::of(body.get(..len).unwrap_or(body));
        if codec.is_sound() || codec == Codec::Video {
            found = codec;
            break;
        }
        rest = body.get(len..).unwrap_or_default();
    }
    Some(found)
}

/// A stretch of a file in which the logical streams are the same. Most files have one; a chained file has more.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) codec: Codec,
    /// Of the sound.
    pub(super) serial: u32,
    /// Pages at its start in file order: those with first packets, those of comments, others among them.
    pub(super) pages: Vec<Page>,
    /// Which of the pages hold the comments and what other packets begin on them.
    pub(super) own: Vec<usize>,
    /// Of all its streams.
    serials: Vec<u32>,
    /// The parts of the packet with the comments.
    pub(super) parts: Vec<Span>,
    /// After `pages`.
    pub(super) rest: Span,
}

/// An Ogg file cut up.
#[derive(Debug)]
pub(crate) struct Ogg {
    pub(super) links: Vec<Link>,
    /// The packets, each with the index of its link and its number among the comments; none for manifests.
    pub(super) packets: Vec<(Option<(usize, usize)>, Packet)>,
    /// Bytes after the last page.
    junk: Span,
    pub(super) damage: Option<FormatError>,
    /// The position on the last page.
    pub(super) last: Option<u64>,
}

impl Ogg {
    /// Cuts a file up.
    ///
    /// # Errors
    /// If the source cannot be read, or no sound is in it.
    pub(crate) fn read(source: &dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let size = source.size();
        let mut window = Window::new(source);
        let mut ogg = Self {
            links: Vec::new(),
            packets: Vec::new(),
            junk: Span { start: size, end: size },
            damage: None,
            last: None,
        };
        let first = ogg.read_link(source, &mut window, 0, limits)?;
        if ogg.damage.is_some() {
            return Ok(ogg);
        }
        let serials = ogg.links.first().map(|link| link.serials.clone()).unwrap_or_default();
        let end = match last_page(source, &mut window, first)? {
            Ok(page) if serials.contains(&page.serial) => {
                ogg.last = Some(page.position);
                ogg.check_end(&mut window, &page)?;
                page.span.end
            }
            // Sound of other streams comes later: the places where it starts are found only on the way.
            Ok(_) => {
                let mut at = first;
                while let Some(next) = ogg.walk_link(&mut window, at, limits)? {
                    at = ogg.read_link(source, &mut window, next, limits)?;
                    if ogg.damage.is_some() {
                        break;
                    }
                }
                ogg.junk.start
            }
            Err(damage) => {
                ogg.damage = Some(damage);
                size
            }
        };
        ogg.junk.start = end;
        if let Some(link) = ogg.links.last_mut() {
            link.rest.end = end;
        }
        Ok(ogg)
    }

    /// Reads the header pages of the link at `at`; gives where they end.
    fn read_link(
        &mut self,
        source: &dyn Source,
        window: &mut Window<'_>,
        at: u64,
        limits: &Limits,
    ) -> Result<u64, FormatError> {
        let mut link = Link {
            codec: Codec::Other,
            serial: 0,
            pages: Vec::new(),
            own: Vec::new(),
            serials: Vec::new(),
            parts: Vec::new(),
            rest: Span { start: at, end: source.size() },
        };
        let mut manifests = Vec::new();
        match link.fill(window, limits, &mut manifests) {
            Err(err @ FormatError { problem: Problem::Io(_), .. }) => return Err(err),
            Err(err) if self.links.is_empty() && link.pages.is_empty() => return Err(err),
            Err(err @ FormatError { problem: Problem::Unsupported(_), .. }) if self.links.is_empty() => {
                return Err(err);
            }
            Err(err) => self.damage = Some(err),
            Ok(()) => {}
        }
        let packets = manifests.into_iter().map(|span| {
            let (key, place) = (String::new(), "Ogg stream of a C2PA manifest");
            (None, Packet { carrier: Carrier::Manifest, key, place, span, body: Body::Verbatim })
        });
        self.packets.extend(packets);
        if !link.parts.is_empty()
            && let Err(err) = self.read_comments(source, &link, limits)
        {
            self.damage.get_or_insert(err);
        }
        let end = link.rest.start;
        self.links.push(link);
        Ok(end)
    }

    fn read_comments(
        &mut self,
        source: &dyn Source,
        link: &Link,
        limits: &Limits,
    ) -> Result<(), FormatError> {
        let extents = Extents::new(source, &link.parts);
        let read = link.comments(&extents, limits)?;
        let at = self.links.len();
        for (item, mut packet) in read.packets() {
            let (place, whole) = extents.place(packet.span);
            if !whole {
                packet.body = match limits.take(&extents, packet.span) {
                    Ok(value) => Body::Decoded(value),
                    Err(err) => Body::Broken(err),
                };
            }
            packet.span = place;
            self.packets.push((Some((at, item)), packet));
        }
        if let Some(mut damage) = read.damage {
            damage.at = extents.place(Span { start: damage.at, end: damage.at }).0.start;
            return Err(damage);
        }
        let own = || link.own.iter().filter_map(|at| link.pages.get(*at));
        if own().map(|page| page.span.len()).sum::<u64>() <= CHECKED {
            own().try_for_each(|page| page.checked_body(source).map(|_| ()))?;
        }
        Ok(())
    }

    /// Walks the pages from `at` to the next link and gives where it starts; `None` at the end.
    fn walk_link(
        &mut self,
        window: &mut Window<'_>,
        at: u64,
        limits: &Limits,
    ) -> Result<Option<u64>, FormatError> {
        let (mut at, mut pages, mut last) = (at, 0, None);
        while at < window.size() {
            let page = match Page::read(window, at) {
                Ok(page) => page,
                Err(err @ FormatError { problem: Problem::Io(_), .. }) => return Err(err),
                Err(err) => {
                    self.damage = Some(err);
                    return Ok(None);
                }
            };
            if page.flags & FIRST != 0 {
                if let Some(link) = self.links.last_mut() {
                    link.rest.end = at;
                }
                return Ok(Some(at));
            }
            pages += 1;
            if pages > limits.segments {
                let problem =
                    Problem::OverLimit { what: "pages in an Ogg file", limit: limits.segments as u64 };
                self.damage = Some(FormatError::new(at, problem));
                return Ok(None);
            }
            at = page.span.end;
            last = Some(page);
        }
        if let Some(page) = last {
            self.check_end(window, &page)?;
        }
        Ok(None)
    }

    /// Whether the file ends after this page, its last.
    fn check_end(&mut self, window: &mut Window<'_>, page: &Page) -> Result<(), FormatError> {
        let end = page.span.end;
        let follows = window.up_to(end, CAPTURE.len())?;
        let begins = !follows.is_empty() && CAPTURE.starts_with(follows);
        if page.flags & LAST == 0 || begins {
            self.damage.get_or_insert(FormatError::new(window.size(), Problem::Truncated));
        }
        Ok(())
    }

    /// As the layout that other parts of the program see.
    pub(crate) fn into_layout(self, size: u64) -> Layout {
        let mut layout = Layout::default();
        for link in &self.links {
            for (at, page) in link.pages.iter().enumerate() {
                let own = link.own.contains(&at);
                let (name, role) = if own { (*b"TAGS", Role::Metadata) } else { (*b"HEAD", Role::Structure) };
                layout.segments.push(Segment { name, span: page.span, role });
            }
            if !link.rest.is_empty() && link.rest.end <= self.junk.start {
                layout.segments.push(Segment { name: *b"PAGE", span: link.rest, role: Role::Essence });
            }
        }
        layout.packets = self.packets.into_iter().map(|(_, packet)| packet).collect();
        let end = layout.segments.last().map_or(0, |last| last.span.end);
        match self.damage {
            Some(damage) => layout.damaged(size, damage),
            None if end < size => {
                let span = Span { start: end, end: size };
                layout.segments.push(Segment { name: *b"????", span, role: Role::Unknown });
                layout
            }
            None => layout,
        }
    }
}

impl Link {
    /// Reads pages up to the one that ends with or after the comments, with a packet.
    fn fill(
        &mut self,
        window: &mut Window<'_>,
        limits: &Limits,
        manifests: &mut Vec<Span>,
    ) -> Result<(), FormatError> {
        let (mut taken, mut complete) = (0, false);
        loop {
            let at = self.rest.start;
            let page = Page::read(window, at)?;
            let is_first = page.flags & FIRST != 0;
            if self.pages.len() >= limits.segments {
                let problem = Problem::OverLimit { what: "header pages", limit: limits.segments as u64 };
                return Err(FormatError::new(at, problem));
            }
            if is_first {
                let near = usize::try_from(page.body.len()).unwrap_or(16).min(16);
                let codec = Codec::of(window.up_to(page.body.start, near)?);
                match codec {
                    Codec::Video => return Err(FormatError::unsupported(at, "video in Ogg")),
                    Codec::Manifest => manifests.push(page.span),
                    _ if codec.is_sound() && !self.codec.is_sound() => {
                        (self.codec, self.serial) = (codec, page.serial);
                        let packets = page.lacing.iter().filter(|len| **len < 255).count();
                        if packets != 1 || !page.ends_packet() {
                            let what = "an Ogg page with more or less than the first packet of its stream";
                            return Err(FormatError::malformed(at, what));
                        }
                    }
                    _ => {}
                }
                self.serials.push(page.serial);
            } else if !self.codec.is_sound() {
                let what = "Ogg streams other than Vorbis, Opus, FLAC and Speex";
                return Err(FormatError::unsupported(at, what));
            } else if page.serial == self.serial {
                taken += page.span.len();
                if taken > limits.block {
                    let problem = Problem::OverLimit { what: "bytes in header pages", limit: limits.block };
                    return Err(FormatError::new(at, problem));
                }
                let mut start = page.body.start;
                for len in &page.lacing {
                    if complete {
                        break;
                    }
                    let end = start + u64::from(*len);
                    match self.parts.last_mut() {
                        Some(last) if last.end == start => last.end = end,
                        _ => self.parts.push(Span { start, end }),
                    }
                    start = end;
                    complete = *len < 255;
                }
                self.own.push(self.pages.len());
            }
            let ends = page.serial == self.serial && page.ends_packet();
            self.rest.start = page.span.end;
            self.pages.push(page);
            if complete && ends {
                return Ok(());
            }
        }
    }

    /// The comments, in the packet that holds them.
    pub(super) fn comments(&self, packet: &Extents<'_>, limits: &Limits) -> Result<Comments, FormatError> {
        let (prefix, len) = self.codec.comment_prefix();
        let mut window = Window::new(packet);
        let at = self.parts.first().map_or(0, |part| part.start);
        if window.up_to(0, prefix.len())? != prefix {
            return Err(FormatError::malformed(at, "an Ogg stream whose second packet holds no comments"));
        }
        let mut end = packet.size();
        if self.codec == Codec::Flac {
            // A FLAC metadata block with its header.
            let [kind, size @ ..] = window.array::<4>(0)?;
            let [high, middle, low] = size;
            let body_end = len + u64::from(u32::from_be_bytes([0, high, middle, low]));
            if kind & 0x7F != 4 || body_end != end {
                return Err(FormatError::malformed(
                    at,
                    "a FLAC stream in Ogg whose second packet holds no comments",
                ));
            }
            end = body_end;
        }
        Comments::read(&mut window, Span { start: len.min(end), end }, limits)
    }

    /// Refuses to put anything between the headers and the sound where one page has both, against the mappings of all codecs.
    ///
    /// # Errors
    /// If a page with comments ends with sound.
    pub(super) fn check_headers(&self) -> Result<(), FormatError> {
        let mut own = self.own.iter().filter_map(|at| self.pages.get(*at));
        match own.find(|page| page.position != 0 && page.position != NO_POSITION) {
            Some(page) => {
                Err(FormatError::unsupported(page.span.start, "sound on the header pages of an Ogg file"))
            }
            None => Ok(()),
        }
    }

    /// Whether it has no stream but the sound.
    pub(super) fn is_alone(&self) -> bool {
        self.serials.len() == 1
    }

    /// Bytes before the comments in their packet.
    pub(super) fn prefix(&self) -> u64 {
        self.codec.comment_prefix().1
    }
}

/// The last page that starts at or after `from`; the damage if none is whole.
fn last_page(
    source: &dyn Source,
    window: &mut Window<'_>,
    from: u64,
) -> Result<Result<Page, FormatError>, FormatError> {
    let size = source.size();
    let truncated = FormatError::new(size, Problem::Truncated);
    if from >= size {
        return Ok(Err(truncated));
    }
    for reach in [NEAR, LONGEST as u64 + NEAR] {
        let start = size.saturating_sub(reach).max(from);
        let mut bytes = vec![0; usize::try_from(size - start).unwrap_or(0)];
        source.read_at(start, &mut bytes).map_err(|err| FormatError::new(start, Problem::Io(err.kind())))?;
        for at in memchr::memmem::rfind_iter(&bytes, CAPTURE) {
            let read = Page::read(window, start + at as u64);
            match read.and_then(|page| page.checked_body(source).map(|_| page)) {
                Ok(page) => return Ok(Ok(page)),
                Err(err @ FormatError { problem: Problem::Io(_), .. }) => return Err(err),
                Err(err) if err.problem == Problem::Truncated => return Ok(Err(err)),
                _ => {}
            }
        }
    }
    Ok(Err(truncated))
}
