//! From boxes to a layout.

use super::items::Meta;
use super::walk::Walk;
use crate::boxes::IsoBox;
use crate::{Body, Carrier, Layout, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// XMP (XMP Specification Part 3, 1.3).
const XMP: [u8; 16] = *b"\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC";
/// C2PA (C2PA 2.1, A.5.1).
const C2PA: [u8; 16] = *b"\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81";

/// Whose metadata it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// The movie's, in its user data.
    Movie,
    /// The movie's, in `moov` itself.
    Direct,
    /// A track's.
    Track,
    /// A fragment's.
    Fragment,
    /// The file's.
    File,
}

/// Where a packet stands, for whoever changes it.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// The boxes around its value, the outermost first.
    pub(super) chain: Vec<IsoBox>,
    /// What goes when it is taken out.
    pub(super) removed: Span,
    /// How many boxes of the chain stay when it is taken out.
    pub(super) kept: usize,
    /// Whether something else stands beside it in the same item.
    pub(super) inner: bool,
    /// For a named item of the movie: which `meta` box, and which name, counted from 0.
    pub(super) entry: Option<(usize, usize)>,
    /// How its value is written.
    pub(super) style: Style,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// With a zero at its end.
    Ended,
    /// It is not.
    Fixed,
    /// With its length and language.
    International,
    /// In an item, whose type stands here if it is not that of UTF-8.
    Item {
        /// Offset of the type.
        typed: Option<u64>,
    },
    /// As it is.
    Raw,
}

impl Origin {
    /// A value that the last box of the chain is there for.
    pub(super) fn whole(chain: Vec<IsoBox>, style: Style) -> Self {
        let removed = chain.last().map_or(Span { start: 0, end: 0 }, |last| last.span);
        let kept = chain.len().saturating_sub(1);
        Self { chain, removed, kept, inner: false, entry: None, style }
    }
}

/// The `moov` box.
#[derive(Clone, Debug)]
pub(super) struct Moov {
    /// The box.
    pub(super) boxed: IsoBox,
    /// Where the last box in it ends.
    pub(super) end: u64,
    /// Its user data, and where the last box in it ends.
    pub(super) user_data: Option<(IsoBox, u64)>,
    /// Unused space in it.
    pub(super) free: Vec<IsoBox>,
    /// Whether media may follow in fragments, or in other files.
    is_open: bool,
}

/// A file being cut up.
pub(super) struct Parser<'a> {
    pub(super) source: &'a dyn Source,
    pub(super) limits: &'a Limits,
    pub(super) walk: Walk<'a>,
    pub(super) layout: Layout,
    /// One for each packet of the layout.
    pub(super) origins: Vec<Origin>,
    /// The `meta` boxes in the movie's user data.
    pub(super) metas: Vec<Meta>,
    /// The first `meta` box with named items in the movie box itself.
    pub(super) direct: Option<Meta>,
    /// The first `moov` box.
    pub(super) moov: Option<Moov>,
    /// Whether a box says by offset where pieces of metadata stand.
    pub(super) has_locations: bool,
}

/// Cuts a file into its boxes, and notes the metadata in them.
///
/// # Errors
/// If not even the first box can be read.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    Parser::read(source, limits).map(|parser| parser.layout)
}

impl<'a> Parser<'a> {
    /// Reads all headers that describe the file.
    ///
    /// # Errors
    /// If not even the first box can be read.
    pub(super) fn read(source: &'a dyn Source, limits: &'a Limits) -> Result<Self, FormatError> {
        let mut parser = Self {
            source,
            limits,
            walk: Walk::new(source, limits),
            layout: Layout::default(),
            origins: Vec::new(),
            metas: Vec::new(),
            direct: None,
            moov: None,
            has_locations: false,
        };
        let (size, mut at) = (source.size(), 0);
        while at < size {
            let one = match parser.next(at, size) {
                Ok(Some(one)) => one,
                Ok(None) => {
                    let span = Span { start: at, end: size };
                    parser.layout.segments.push(Segment { name: *b"????", span, role: Role::Unknown });
                    break;
                }
                Err(err) if at == 0 => return Err(err),
                Err(err) => {
                    // The first damage is the one that is told.
                    let err = parser.layout.damage.take().unwrap_or(err);
                    parser.layout = parser.layout.damaged(size, err);
                    return Ok(parser);
                }
            };
            let role = parser.top(one);
            parser.layout.segments.push(Segment { name: one.kind, span: one.span, role });
            at = one.span.end;
        }
        if let Some(missing) = parser.missing() {
            parser.damage(FormatError::new(size, missing));
        }
        Ok(parser)
    }

    /// The next box of the file; `None` where no box follows, but all that a file needs was there.
    fn next(&mut self, at: u64, size: u64) -> Result<Option<IsoBox>, FormatError> {
        self.walk.count(at)?;
        let whole = self.moov.is_some() && self.missing().is_none();
        let near = self.walk.window.up_to(at, 8)?;
        if whole && near.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let kind: [u8; 4] = near.get(4..).and_then(|kind| kind.try_into().ok()).unwrap_or_default();
        let known = role(kind) != Role::Unknown;
        match IsoBox::read(&mut self.walk.window, at, size) {
            Ok(one) if known || (one.kind.iter().all(|byte| (0x20..0x7F).contains(byte))) => Ok(Some(one)),
            Ok(_) if whole => Ok(None),
            Ok(_) => Err(FormatError::malformed(at, "the type of a box")),
            Err(err)
                if matches!(err.problem, Problem::Io(_)) || !whole || known || self.size_left(at) < 8 =>
            {
                Err(err)
            }
            Err(_) => Ok(None),
        }
    }

    fn size_left(&self, at: u64) -> u64 {
        self.source.size().saturating_sub(at)
    }

    /// What the file has not but needs.
    fn missing(&self) -> Option<Problem> {
        let Some(moov) = &self.moov else {
            return Some(Problem::Malformed("no moov box"));
        };
        let has_media = self.layout.segments.iter().any(|segment| segment.role == Role::Essence);
        (!moov.is_open && !has_media).then_some(Problem::Truncated)
    }

    /// Says what a box of the file is for, and notes the metadata in it. What is broken in it is damage, but the
    /// boxes after it can still be read.
    fn top(&mut self, one: IsoBox) -> Role {
        let read = match &one.kind {
            b"moov" => {
                self.movie(one);
                Ok(())
            }
            b"moof" => self.fragment(one),
            b"meta" => self.meta(&[one], Level::File),
            b"udta" => {
                self.user_data(&[one], Level::File);
                Ok(())
            }
            b"ID32" => self.id3(vec![one], one),
            b"uuid" => self.top_uuid(one),
            _ => Ok(()),
        };
        self.note(read);
        role(one.kind)
    }

    /// Notes as damage why something could not be read; what stands beside it still can.
    pub(super) fn note(&mut self, read: Result<(), FormatError>) {
        if let Err(err) = read {
            self.damage(err);
        }
    }

    /// The boxes of a list, as far as they can be read, and where the last of them ends.
    pub(super) fn list(&mut self, list: Span) -> (Vec<IsoBox>, u64) {
        let mut found = Vec::new();
        let read = self.walk.children_into(list, &mut found);
        self.note(read);
        let end = found.last().map_or(list.start, |last| last.span.end);
        (found, end)
    }

    fn damage(&mut self, err: FormatError) {
        self.layout.damage.get_or_insert(err);
    }

    fn movie(&mut self, one: IsoBox) {
        let (parts, end) = self.list(one.body);
        let is_open = parts.iter().any(|part| matches!(&part.kind, b"mvex" | b"rmra" | b"cmov" | b"moov"))
            || !parts.iter().any(|part| &part.kind == b"trak");
        let free = parts.iter().copied().filter(|part| matches!(&part.kind, b"free" | b"skip")).collect();
        let first = self.moov.is_none();
        if first {
            self.moov = Some(Moov { boxed: one, end, user_data: None, free, is_open });
        }
        for part in parts {
            let read = match &part.kind {
                b"trak" => self.track(&[one, part]),
                b"meta" => self.meta(&[one, part], Level::Direct),
                b"udta" => {
                    let end = self.user_data(&[one, part], Level::Movie);
                    if first && let Some(moov) = &mut self.moov {
                        moov.user_data.get_or_insert((part, end));
                    }
                    Ok(())
                }
                b"uuid" => {
                    self.uuid(&[one], part);
                    Ok(())
                }
                b"cmov" => Err(FormatError::unsupported(part.span.start, "compressed moov boxes")),
                b"moov" => Err(FormatError::malformed(part.span.start, "a moov box in a moov box")),
                _ => Ok(()),
            };
            self.note(read);
        }
    }

    /// Notes the texts in a user data box, the last of `chain`; returns where its last box ends.
    pub(super) fn user_data(&mut self, chain: &[IsoBox], level: Level) -> u64 {
        let Some(list) = chain.last().map(|one| one.body) else {
            return 0;
        };
        let (parts, end) = self.list(list);
        for part in parts {
            let read = match &part.kind {
                b"meta" => {
                    let within: Vec<_> = chain.iter().copied().chain([part]).collect();
                    self.meta(&within, level)
                }
                b"uuid" => {
                    self.uuid(chain, part);
                    Ok(())
                }
                _ => self.user_text(chain, part),
            };
            self.note(read);
        }
        end
    }

    /// Notes a box of somebody's own.
    pub(super) fn uuid(&mut self, chain: &[IsoBox], one: IsoBox) {
        let Some(uuid) = one.uuid.filter(|_| !one.body.is_empty()) else {
            return;
        };
        let origin = Origin::whole(chain.iter().copied().chain([one]).collect(), Style::Raw);
        if uuid == XMP {
            self.put(Carrier::Xmp, String::new(), "uuid box", one.body, Body::Verbatim, origin);
        } else {
            let key = uuid.iter().map(|byte| format!("{byte:02x}")).collect();
            self.put(Carrier::Blob, key, "uuid box", one.body, Body::Verbatim, origin);
        }
    }

    /// Notes a box of somebody's own, or a manifest.
    fn top_uuid(&mut self, one: IsoBox) -> Result<(), FormatError> {
        if one.uuid != Some(C2PA) {
            self.uuid(&[], one);
            return Ok(());
        }
        // Version and flags, what it is for as a text that ends in a zero, and for a store where its proofs stand.
        let head = self.walk.window.up_to(one.body.start, 64)?;
        let purpose = head.get(4..).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default();
        let store = one.body.start + 4 + purpose.len() as u64 + 1 + 8;
        if purpose == b"merkle" {
            return Ok(());
        }
        let origin = Origin::whole(vec![one], Style::Fixed);
        let span = Span { start: store.min(one.body.end), end: one.body.end };
        self.put(Carrier::Manifest, String::new(), "uuid box", span, Body::Verbatim, origin);
        Ok(())
    }
}

/// What a box of the file is for.
fn role(kind: [u8; 4]) -> Role {
    match &kind {
        b"mdat" | b"imda" => Role::Essence,
        b"moov" | b"meta" | b"udta" | b"uuid" | b"ID32" | b"jumb" => Role::Metadata,
        b"ftyp" | b"styp" | b"pdin" | b"sidx" | b"ssix" | b"moof" | b"mfra" | b"prft" | b"emsg" | b"pnot"
        | b"free" | b"skip" | b"wide" => Role::Structure,
        _ => Role::Unknown,
    }
}
