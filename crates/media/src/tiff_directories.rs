//! The directories of a TIFF file, and which bytes of the file belong to what.

use std::collections::BTreeSet;

use crate::{Body, Carrier, Layout, Packet, Role, Segment, tiff_values};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Where the XMP specification has the packet.
pub(crate) const XMP_PLACE: &str = "IFD0 tag 700";
/// Tag of the XMP packet.
pub(crate) const XMP: u16 = 0x02BC;
/// Tag that only DNG has.
pub(crate) const DNG_VERSION: u16 = 0xC612;
/// Tag of the maker's own data.
pub(crate) const MAKER_NOTE: u16 = 0x927C;
/// Tag of the offsets of further directories.
pub(crate) const SUB_DIRECTORIES: u16 = 0x014A;
const EXIF_DIRECTORY: u16 = 0x8769;
pub(crate) const MANIFEST: u16 = 0xCD41;
/// Tags of the offsets and the lengths of coded pixels: strips and tiles.
const CHUNKS: [(u16, u16); 2] = [(0x0111, 0x0117), (0x0144, 0x0145)];

/// How the numbers of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// High byte first.
    pub(crate) big_endian: bool,
    /// BigTIFF: offsets of 64 bits.
    pub(crate) wide: bool,
}

impl Numbers {
    /// Reads the header: how numbers are written, and the offset of the first directory.
    fn of(header: &[u8]) -> Option<(Self, u64)> {
        let (big_endian, wide) = match header.get(..4)? {
            b"II*\0" => (false, false),
            b"MM\0*" => (true, false),
            b"II+\0" => (false, true),
            b"MM\0+" => (true, true),
            _ => return None,
        };
        let numbers = Self { big_endian, wide };
        let first = if wide { header.get(8..16)? } else { header.get(4..8)? };
        (!wide || numbers.read(header.get(4..6)?) == 8).then_some((numbers, numbers.read(first)))
    }

    /// An unsigned number of as many bytes as there are.
    pub(crate) fn read(self, bytes: &[u8]) -> u64 {
        let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        if self.big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    }

    /// A number in `len` bytes; what does not fit is cut off.
    pub(crate) fn write(self, value: u64, len: usize) -> Vec<u8> {
        let little = value.to_le_bytes();
        let mut bytes = little.get(..len).unwrap_or(&little).to_vec();
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }

    /// Bytes of an offset.
    pub(crate) fn offset(self) -> usize {
        if self.wide { 8 } else { 4 }
    }

    /// Bytes of the number of entries.
    pub(crate) fn count(self) -> usize {
        if self.wide { 8 } else { 2 }
    }

    /// Bytes of an entry.
    pub(crate) fn entry(self) -> usize {
        if self.wide { 20 } else { 12 }
    }

    /// Bytes of the header.
    pub(crate) fn header(self) -> u64 {
        if self.wide { 16 } else { 8 }
    }
}

/// One entry of a directory.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) tag: u16,
    pub(crate) kind: u16,
    /// Its value: within the entry if it fits there.
    pub(crate) value: Span,
    pub(crate) is_inline: bool,
    /// As it stands in the file.
    pub(crate) raw: Vec<u8>,
}

/// Where a directory hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The first of the file.
    First,
    /// A later page, or a directory below one.
    Further,
    /// The Exif directory.
    Exif,
}

/// A directory.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    pub(crate) place: Place,
    /// Number of entries, entries, offset of the next directory.
    pub(crate) span: Span,
    pub(crate) entries: Vec<Entry>,
    /// The offset of the next directory, as it stands in the file.
    pub(crate) next: Vec<u8>,
}

/// All that was read of a file.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) numbers: Numbers,
    pub(crate) directories: Vec<Directory>,
    /// What belongs to what: not sorted, may overlap.
    pub(crate) regions: Vec<Segment>,
    /// The packets, each with its directory and entry.
    pub(crate) packets: Vec<(Packet, usize, usize)>,
    damage: Option<FormatError>,
}

/// Whether the first directory has a tag, as far as the head of the file shows it.
pub(crate) fn head_has(head: &[u8], tag: u16) -> bool {
    let look = || {
        let (numbers, first) = Numbers::of(head)?;
        let rest = head.get(usize::try_from(first).ok()?..)?;
        let count = usize::try_from(numbers.read(rest.get(..numbers.count())?)).ok()?;
        let entries = rest.get(numbers.count()..)?.chunks_exact(numbers.entry()).take(count);
        Some(entries.filter_map(|entry| entry.get(..2)).any(|bytes| numbers.read(bytes) == u64::from(tag)))
    };
    look().unwrap_or(false)
}

/// Cuts the file into header, directories, values, coded pixels and what belongs to nothing.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let tree = Tree::read(source, limits)?;
    let mut layout = Layout::default();
    let mut regions = tree.regions;
    regions.sort_by_key(|region| (region.span.start, region.span.end));
    let mut next = 0;
    let mut push = |name, start, end, role| {
        let segment = Segment { name, span: Span { start, end }, role };
        match layout.segments.last_mut() {
            // Strips that touch are one run of pixels.
            Some(last) if role == Role::Essence && last.role == role => last.span.end = end,
            _ => layout.segments.push(segment),
        }
    };
    for region in regions {
        // What overlaps belongs to what came first.
        let (start, end) = (region.span.start.max(next), region.span.end);
        if start >= end {
            continue;
        }
        if start > next {
            push(*b"gap ", next, start, Role::Unknown);
        }
        push(region.name, start, end, region.role);
        next = end;
    }
    if next < source.size() {
        push(*b"gap ", next, source.size(), Role::Unknown);
    }
    layout.packets = tree.packets.into_iter().map(|(packet, ..)| packet).collect();
    layout.damage = tree.damage;
    Ok(layout)
}

impl Tree {
    /// Reads all directories; no values but offsets.
    ///
    /// # Errors
    /// If there is no header.
    pub(crate) fn read(source: &dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let mut window = Window::new(source);
        let header = window.up_to(0, 16)?;
        let (numbers, first) = Numbers::of(header).ok_or(FormatError::new(0, Problem::Truncated))?;
        let end = numbers.header().min(source.size());
        let header = Segment { name: *b"HEAD", span: Span { start: 0, end }, role: Role::Structure };
        let tree = Self {
            numbers,
            directories: Vec::new(),
            regions: vec![header],
            packets: Vec::new(),
            damage: None,
        };
        let mut walk =
            Walk { tree, window, limits, todo: vec![(first, Place::First)], seen: BTreeSet::new() };
        if first == 0 {
            walk.damage(FormatError::malformed(4, "no directory"));
            walk.todo.clear();
        }
        while let Some((at, place)) = walk.todo.pop() {
            if let Err(err) = walk.directory(at, place) {
                walk.damage(err);
            }
        }
        let mut tree = walk.tree;
        tree.packets.sort_by_key(|(packet, ..)| packet.span.start);
        Ok(tree)
    }

    /// Whether a region shares bytes with another.
    pub(crate) fn is_shared(&self, span: Span) -> bool {
        let touches = |region: &&Segment| region.span.start < span.end && span.start < region.span.end;
        self.regions.iter().filter(touches).count() > 1
    }
}

struct Walk<'a> {
    tree: Tree,
    window: Window<'a>,
    limits: &'a Limits,
    todo: Vec<(u64, Place)>,
    seen: BTreeSet<u64>,
}

impl Walk<'_> {
    fn damage(&mut self, damage: FormatError) {
        self.tree.damage.get_or_insert(damage);
    }

    fn region(&mut self, name: [u8; 4], span: Span, role: Role) -> Result<(), FormatError> {
        if self.tree.regions.len() >= self.limits.segments {
            let problem = Problem::OverLimit { what: "values", limit: self.limits.segments as u64 };
            return Err(FormatError::new(span.start, problem));
        }
        if !span.is_empty() {
            self.tree.regions.push(Segment { name, span, role });
        }
        Ok(())
    }

    fn directory(&mut self, at: u64, place: Place) -> Result<(), FormatError> {
        if !self.seen.insert(at) {
            return Err(FormatError::malformed(at, "directories in a loop"));
        }
        let numbers = self.tree.numbers;
        let truncated = FormatError::new(at, Problem::Truncated);
        let count = numbers.read(self.window.bytes(at, numbers.count())?);
        let first = at + numbers.count() as u64;
        let len = count.checked_mul(numbers.entry() as u64).ok_or(truncated.clone())?;
        let span =
            Span::new(first, len).filter(|span| span.end <= self.window.size()).ok_or(truncated.clone())?;
        if len > self.limits.block {
            let problem = Problem::OverLimit { what: "bytes in one directory", limit: self.limits.block };
            return Err(FormatError::new(at, problem));
        }
        let raw = self.window.bytes(first, usize::try_from(len).map_err(|_| truncated)?)?.to_vec();
        // The Exif directory has no successor, and some writers leave its pointer out.
        let next = match self.window.bytes(span.end, numbers.offset()) {
            Ok(next) => next.to_vec(),
            Err(_) if place == Place::Exif => Vec::new(),
            Err(err) => return Err(err),
        };
        let whole = Span { start: at, end: span.end + next.len() as u64 };
        self.region(*b"IFD ", whole, Role::Structure)?;
        let mut directory = Directory { place, span: whole, entries: Vec::new(), next };
        for (raw, index) in raw.chunks_exact(numbers.entry()).zip(0..) {
            let start = first + index * numbers.entry() as u64;
            match self.entry(start, raw) {
                Ok(entry) => directory.entries.push(entry),
                Err(err) => self.damage(err),
            }
        }
        let following = numbers.read(&directory.next);
        if following != 0 && place != Place::Exif {
            self.todo.push((following, Place::Further));
        }
        self.contents(&directory)?;
        self.tree.directories.push(directory);
        Ok(())
    }

    fn entry(&mut self, start: u64, raw: &[u8]) -> Result<Entry, FormatError> {
        let numbers = self.tree.numbers;
        let part = |from: usize, to: usize| numbers.read(raw.get(from..to).unwrap_or_default());
        let offset = numbers.offset();
        let tag = u16::try_from(part(0, 2)).unwrap_or(0);
        let kind = u16::try_from(part(2, 4)).unwrap_or(0);
        let count = part(4, 4 + offset);
        let size = match kind {
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            // Types not known are passed over, as TIFF 6.0 asks: their length cannot be told.
            0 | 14.. if kind != 129 => 0,
            _ => 1,
        };
        let too_long = || FormatError::malformed(start, "a value longer than any file");
        let len = count.checked_mul(size).ok_or_else(too_long)?;
        let is_inline = len <= offset as u64;
        let at = if is_inline { start + 4 + offset as u64 } else { part(4 + offset, 4 + 2 * offset) };
        let value = Span::new(at, len).ok_or_else(too_long)?;
        if value.end > self.window.size() {
            return Err(FormatError::new(start, Problem::Truncated));
        }
        Ok(Entry { tag, kind, value, is_inline, raw: raw.to_vec() })
    }

    /// Notes what the values of a directory are: text, pixels, further directories.
    fn contents(&mut self, directory: &Directory) -> Result<(), FormatError> {
        for (index, entry) in directory.entries.iter().enumerate() {
            match entry.tag {
                EXIF_DIRECTORY => {
                    for at in self.numbers(entry)? {
                        self.todo.push((at, Place::Exif));
                    }
                }
                SUB_DIRECTORIES => {
                    for at in self.numbers(entry)? {
                        self.todo.push((at, Place::Further));
                    }
                }
                _ => {}
            }
            let packet = packet(self.tree.numbers, directory.place, entry);
            let is_text = packet.is_some();
            if let Some(packet) = packet {
                self.tree.packets.push((packet, self.tree.directories.len(), index));
            }
            if !entry.is_inline {
                let role = if is_text { Role::Metadata } else { Role::Structure };
                let name = if is_text { *b"text" } else { *b"val " };
                self.region(name, entry.value, role)?;
            }
        }
        for (offsets, counts) in CHUNKS {
            let find = |tag| directory.entries.iter().find(|entry| entry.tag == tag);
            if let (Some(offsets), Some(counts)) = (find(offsets), find(counts)) {
                self.pixels(offsets, counts)?;
            }
        }
        Ok(())
    }

    /// The whole numbers that a value holds; none if it holds something else.
    fn numbers(&mut self, entry: &Entry) -> Result<Vec<u64>, FormatError> {
        let size = match entry.kind {
            3 => 2,
            4 | 13 => 4,
            16 | 18 => 8,
            _ => return Ok(Vec::new()),
        };
        if entry.value.len() > self.limits.block {
            let problem = Problem::OverLimit { what: "bytes of offsets", limit: self.limits.block };
            return Err(FormatError::new(entry.value.start, problem));
        }
        let len = usize::try_from(entry.value.len()).unwrap_or(usize::MAX);
        let numbers = self.tree.numbers;
        let bytes = self.window.bytes(entry.value.start, len)?;
        Ok(bytes.chunks_exact(size).map(|bytes| numbers.read(bytes)).collect())
    }

    fn pixels(&mut self, offsets: &Entry, counts: &Entry) -> Result<(), FormatError> {
        let (offsets, counts) = (self.numbers(offsets)?, self.numbers(counts)?);
        let mut run: Option<Span> = None;
        for (start, len) in offsets.into_iter().zip(counts) {
            let truncated = FormatError::new(start, Problem::Truncated);
            let span =
                Span::new(start, len).filter(|span| span.end <= self.window.size()).ok_or(truncated)?;
            match &mut run {
                Some(run) if run.end == span.start => run.end = span.end,
                _ => {
                    if let Some(run) = run.replace(span) {
                        self.region(*b"pix ", run, Role::Essence)?;
                    }
                }
            }
        }
        match run {
            Some(run) => self.region(*b"pix ", run, Role::Essence),
            None => Ok(()),
        }
    }
}

fn packet(numbers: Numbers, place: Place, entry: &Entry) -> Option<Packet> {
    let is_bytes = matches!(entry.kind, 1 | 2 | 7 | 129);
    if !is_bytes || entry.value.is_empty() {
        return None;
    }
    let bare = |carrier, place| (carrier, String::new(), place, Body::Verbatim);
    let (carrier, key, place, body) = match entry.tag {
        XMP if place == Place::First => bare(Carrier::Xmp, XMP_PLACE),
        XMP => bare(Carrier::Xmp, "tag 700 of another directory"),
        MANIFEST => bare(Carrier::Manifest, "tag 0xCD41"),
        0x83BB => (Carrier::Blob, "IPTC".into(), "tag 33723", Body::Verbatim),
        0x8649 => (Carrier::Blob, "Photoshop".into(), "tag 34377", Body::Verbatim),
        tiff_values::USER_COMMENT => {
            let block =
                if numbers.big_endian { tiff_values::comment::<true> } else { tiff_values::comment::<false> };
            (Carrier::Exif, String::new(), "Exif directory", Body::Coded(block))
        }
        tag if matches!(entry.kind, 2 | 129) || crate::exif::text_name(tag).is_some() => {
            let place = match place {
                Place::First => "IFD0 tag",
                Place::Further => "tag of another directory",
                Place::Exif => "Exif tag",
            };
            let read = if tiff_values::is_wide(tag) { tiff_values::wide } else { tiff_values::text };
            (Carrier::Field, tiff_values::name(tag), place, Body::Coded(read))
        }
        _ => return None,
    };
    Some(Packet { carrier, key, place, span: entry.value, body })
}
