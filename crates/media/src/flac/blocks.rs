//! A FLAC file cut up: tags, signature, metadata blocks, frames, tags.

use super::checksum::crc16;
use super::frame::{FrameHeader, HEADER};
use super::stream_info::StreamInfo;
use crate::mpeg_audio::sections::{Origin, Sections};
use crate::vorbis_comment::Comments;
use crate::{Body, Carrier, Layout, Packet, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Starts the metadata blocks.
pub(super) const SIGNATURE: &[u8; 4] = b"fLaC";
/// Bytes before a block's body: type and size.
pub(super) const BLOCK_HEADER: u64 = 4;
/// Longest last frame looked for to see that the file is whole.
const LAST: usize = 1 << 20;
/// Most places at which the last frame may seem to start.
const LIKELY: usize = 64;

/// A metadata block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: Kind,
    /// Whether the header says that no other follows.
    pub(super) is_last: bool,
    /// Header and body.
    pub(super) span: Span,
    pub(super) body: Span,
}

/// What a metadata block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    StreamInfo,
    Padding,
    Application,
    SeekTable,
    Comment,
    CueSheet,
    Picture,
    /// Not defined yet.
    Other(u8),
}

impl Kind {
    fn numbered(number: u8) -> Self {
        match number {
            0 => Self::StreamInfo,
            1 => Self::Padding,
            2 => Self::Application,
            3 => Self::SeekTable,
            4 => Self::Comment,
            5 => Self::CueSheet,
            6 => Self::Picture,
            other => Self::Other(other),
        }
    }

    pub(super) fn number(self) -> u8 {
        match self {
            Self::StreamInfo => 0,
            Self::Padding => 1,
            Self::Application => 2,
            Self::SeekTable => 3,
            Self::Comment => 4,
            Self::CueSheet => 5,
            Self::Picture => 6,
            Self::Other(number) => number,
        }
    }

    fn segment(self) -> ([u8; 4], Role) {
        match self {
            Self::StreamInfo => (*b"INFO", Role::Structure),
            Self::Padding => (*b"PAD ", Role::Structure),
            Self::Application => (*b"APPL", Role::Metadata),
            Self::SeekTable => (*b"SEEK", Role::Structure),
            Self::Comment => (*b"VORB", Role::Metadata),
            Self::CueSheet => (*b"CUES", Role::Metadata),
            Self::Picture => (*b"PICT", Role::Metadata),
            Self::Other(_) => (*b"????", Role::Unknown),
        }
    }
}

/// A file cut up.
#[derive(Debug)]
pub(crate) struct Flac {
    /// Tags before the signature.
    pub(super) head: Sections,
    /// The signature.
    pub(super) signature: Span,
    pub(super) blocks: Vec<Block>,
    pub(super) info: Option<StreamInfo>,
    pub(super) frames: Span,
    /// Tags after the frames.
    pub(super) tail: Sections,
    /// The packets in file order, by the start of the tag or block they stand in.
    pub(super) packets: Vec<(Origin, Packet)>,
    damage: Option<FormatError>,
    /// Where reading stopped, if not at the end.
    stopped: Option<u64>,
}

impl Flac {
    /// Cuts a file up.
    ///
    /// # Errors
    /// If the source cannot be read, or has no signature.
    pub(crate) fn read(source: &dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let mut window = Window::new(source);
        let (mut head, start) = Sections::read_head(source, &mut window, limits)?;
        if window.up_to(start, 4)? != SIGNATURE {
            return Err(FormatError::malformed(start, "no FLAC signature"));
        }
        let signature = Span { start, end: start + 4 };
        let packets = std::mem::take(&mut head.packets);
        let frames = Span { start: signature.end, end: signature.end };
        let damage = head.damage.take();
        let (tail, blocks) = (Sections::default(), Vec::new());
        let mut flac =
            Self { head, signature, blocks, info: None, frames, tail, packets, damage, stopped: None };
        match flac.fill(source, &mut window, limits) {
            Err(err) if !matches!(err.problem, Problem::Io(_)) => {
                let end = flac.blocks.last().map_or(signature.end, |block| block.span.end);
                flac.stopped = Some(end);
                flac.damage.get_or_insert(err);
            }
            filled => filled?,
        }
        Ok(flac)
    }

    fn fill(
        &mut self,
        source: &dyn Source,
        window: &mut Window<'_>,
        limits: &Limits,
    ) -> Result<(), FormatError> {
        let size = source.size();
        let mut at = self.signature.end;
        loop {
            if self.blocks.len() >= limits.segments {
                let problem = Problem::OverLimit { what: "metadata blocks", limit: limits.segments as u64 };
                return Err(FormatError::new(at, problem));
            }
            let [kind, len @ ..] = window.array::<4>(at)?;
            let [high, middle, low] = len;
            let len = u32::from_be_bytes([0, high, middle, low]);
            let body = Span { start: at + BLOCK_HEADER, end: at + BLOCK_HEADER + u64::from(len) };
            if body.end > size {
                return Err(FormatError::new(at, Problem::Truncated));
            }
            if kind & 0x7F == 0x7F {
                return Err(FormatError::malformed(at, "the type of a FLAC metadata block"));
            }
            let (kind, is_last) = (Kind::numbered(kind & 0x7F), kind & 0x80 != 0);
            let block = Block { kind, is_last, span: Span { start: at, end: body.end }, body };
            if self.blocks.is_empty() != (kind == Kind::StreamInfo) {
                return Err(FormatError::malformed(
                    at,
                    "a FLAC file whose first block alone is not STREAMINFO",
                ));
            }
            self.blocks.push(block);
            self.read_block(window, block, limits)?;
            at = body.end;
            if is_last {
                break;
            }
        }
        let (mut tail, end) = Sections::read_tail(source, at, limits)?;
        self.packets.append(&mut tail.packets);
        self.damage = self.damage.take().or(tail.damage.take());
        self.tail = tail;
        self.frames = Span { start: at, end };
        if let Err(err) = self.check_frames(source, window, size) {
            if matches!(err.problem, Problem::Io(_)) {
                return Err(err);
            }
            self.damage.get_or_insert(err);
        }
        Ok(())
    }

    /// Notes the packets of a block.
    fn read_block(
        &mut self,
        window: &mut Window<'_>,
        block: Block,
        limits: &Limits,
    ) -> Result<(), FormatError> {
        let tag = block.span.start;
        match block.kind {
            Kind::StreamInfo => self.info = Some(StreamInfo::read(window, block.body)?),
            Kind::Comment => {
                let comments = Comments::read(window, block.body, limits)?;
                let packets = comments.packets().map(|(item, packet)| (Origin { tag, item }, packet));
                self.packets.extend(packets);
                self.damage = self.damage.take().or(comments.damage);
            }
            Kind::Application if block.body.len() > 4 => {
                let id = window.array::<4>(block.body.start)?;
                let span = Span { start: block.body.start + 4, end: block.body.end };
                let key = String::from_utf8_lossy(&id).into_owned();
                let (carrier, place) = (Carrier::Blob, "FLAC APPLICATION block");
                let packet = Packet { carrier, key, place, span, body: Body::Verbatim };
                self.packets.push((Origin { tag, item: 0 }, packet));
            }
            Kind::Picture => {
                if let Some(span) = picture_description(window, block.body)? {
                    let (carrier, key, place) = (Carrier::Comment, String::new(), "FLAC PICTURE description");
                    let packet = Packet { carrier, key, place, span, body: Body::Verbatim };
                    self.packets.push((Origin { tag, item: 0 }, packet));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether frames start where they should, and the last is whole.
    ///
    /// The frames between are not walked: nothing in the file needs it, and a scanner would have to read all.
    fn check_frames(
        &self,
        source: &dyn Source,
        window: &mut Window<'_>,
        size: u64,
    ) -> Result<(), FormatError> {
        let Some(info) = &self.info else { return Ok(()) };
        let Span { start, end } = self.frames;
        if start == end {
            // Without sound there are no frames; with some, they are missing.
            let missing = if end == size {
                FormatError::new(size, Problem::Truncated)
            } else {
                FormatError::malformed(start, "no FLAC frame")
            };
            return if info.total == 0 && info.md5 != [0; 16] { Ok(()) } else { Err(missing) };
        }
        let near = usize::try_from(end - start).unwrap_or(HEADER).min(HEADER);
        if FrameHeader::at(window.up_to(start, near)?).is_none() {
            return Err(FormatError::malformed(start, "no FLAC frame"));
        }
        let told = usize::try_from(info.max_frame).unwrap_or(LAST);
        let most = if told > 0 { told } else { info.longest_frame() }.min(LAST);
        let len = usize::try_from(end - start).unwrap_or(usize::MAX).min(most);
        let mut bytes = vec![0; len];
        let from = end - len as u64;
        source.read_at(from, &mut bytes).map_err(|err| FormatError::new(from, Problem::Io(err.kind())))?;
        // From the end: the last frame is the first that is found.
        let header = |at: usize| FrameHeader::at(bytes.get(at..).unwrap_or_default());
        let mut likely = memchr::memrchr_iter(0xFF, &bytes)
            .filter(|at| header(*at).is_some_and(|header| self.ends(&header, info)))
            .take(LIKELY);
        // A frame followed by its checksum has the checksum zero.
        let whole = likely.any(|at| crc16(0, bytes.get(at..).unwrap_or_default()) == 0);
        if whole {
            Ok(())
        } else {
            Err(FormatError::malformed(end, "a last FLAC frame that is cut off or broken"))
        }
    }

    /// Whether a frame can be the last, by the number of samples in all.
    fn ends(&self, header: &FrameHeader, info: &StreamInfo) -> bool {
        let block = u64::from(header.block);
        let last = match header.variable {
            true => header.number.saturating_add(block),
            // Frames before it were as long as a block can be.
            false => header.number.saturating_mul(u64::from(info.max_block)).saturating_add(block),
        };
        info.total == 0 || last >= info.total
    }

    /// As the layout that other parts of the program see.
    pub(crate) fn into_layout(self, size: u64) -> Layout {
        let mut layout = Layout::default();
        layout.segments.extend(self.head.parts.iter().map(|part| part.segment()));
        layout.segments.push(Segment { name: *SIGNATURE, span: self.signature, role: Role::Structure });
        for block in &self.blocks {
            let (name, role) = block.kind.segment();
            layout.segments.push(Segment { name, span: block.span, role });
        }
        layout.packets = self.packets.into_iter().map(|(_, packet)| packet).collect();
        if self.stopped.is_some() {
            let damage = self.damage.unwrap_or(FormatError::new(size, Problem::Truncated));
            return layout.damaged(size, damage);
        }
        if !self.frames.is_empty() {
            layout.segments.push(Segment { name: *b"FRAM", span: self.frames, role: Role::Essence });
        }
        layout.segments.extend(self.tail.parts.iter().map(|part| part.segment()));
        layout.damage = self.damage;
        layout
    }

    /// What holds for all frames.
    ///
    /// # Errors
    /// If there is no STREAMINFO block that can be read.
    pub(super) fn info(&self) -> Result<&StreamInfo, FormatError> {
        let missing = || FormatError::malformed(self.signature.end, "no STREAMINFO block");
        self.info.as_ref().ok_or_else(|| self.damage.clone().unwrap_or_else(missing))
    }
}

/// The description in a PICTURE block, if there is one (RFC 9639, 8.8).
fn picture_description(window: &mut Window<'_>, body: Span) -> Result<Option<Span>, FormatError> {
    let mut at = body.start + 4;
    let mut text = Span { start: at, end: at };
    for _ in ["media type", "description"] {
        let broken = FormatError::malformed(at, "a text in a FLAC PICTURE block");
        if body.end.saturating_sub(at) < 4 {
            return Err(broken);
        }
        let len = u32::from_be_bytes(window.array(at)?);
        text = Span::new(at + 4, len.into()).filter(|text| text.end <= body.end).ok_or(broken)?;
        at = text.end;
    }
    Ok((!text.is_empty()).then_some(text))
}
