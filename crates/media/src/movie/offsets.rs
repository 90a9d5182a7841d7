//! Offsets that depend on where media stand in the file, set right when bytes before them grow or shrink.

use super::fragments::{fragment, index};
use super::parse::Parser;
use super::patch::{Patches, Shifts, growth};
use crate::Role;
use crate::boxes::IsoBox;
use indicia_core::{FormatError, Problem, Source, Span};

/// A table of offsets from the start of the file.
#[derive(Debug)]
struct Table {
    boxed: IsoBox,
    /// The boxes it stands in, the outermost first.
    chain: Vec<IsoBox>,
    /// Offset of the first entry.
    start: u64,
    entries: Vec<u8>,
    /// Bytes of an entry.
    width: usize,
    /// Bytes from one entry to the next.
    stride: usize,
    /// Whether its entries become twice as long.
    widened: bool,
}

impl Table {
    /// Where each of its entries points.
    fn targets(&self) -> impl Iterator<Item = u64> {
        self.entries
            .chunks_exact(self.stride)
            .map(|entry| number(entry.get(..self.width).unwrap_or_default()))
    }

    /// Whether an entry would not fit any more.
    fn overflows(&self, shifts: &Shifts) -> Result<bool, FormatError> {
        if self.width == 8 || self.widened {
            return Ok(false);
        }
        for target in self.targets() {
            if shifts.moved(target)? > u64::from(u32::MAX) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The box with entries twice as long.
    fn wide_len(&self) -> u64 {
        16 + 2 * self.entries.len() as u64
    }

    fn patch(self, shifts: &Shifts, patches: &mut Patches) -> Result<(), FormatError> {
        let mut new = Vec::new();
        if self.widened {
            let count = self.entries.len() / self.stride;
            let too_many = FormatError::unsupported(self.start, "so many offsets");
            let len = u32::try_from(self.wide_len()).map_err(|_| too_many.clone())?;
            let count = u32::try_from(count).map_err(|_| too_many)?;
            new.extend([len.to_be_bytes(), *b"co64", [0; 4], count.to_be_bytes()].concat());
            for target in self.targets() {
                new.extend(shifts.moved(target)?.to_be_bytes());
            }
            patches.put(self.boxed.span, new, &self.chain);
            return Ok(());
        }
        for (entry, target) in self.entries.chunks_exact(self.stride).zip(self.targets()) {
            let moved = shifts.moved(target)?.to_be_bytes();
            new.extend(moved.get(8 - self.width..).unwrap_or_default());
            new.extend(entry.get(self.width..).unwrap_or_default());
        }
        if new != self.entries {
            patches.put(Span { start: self.start, end: self.start + new.len() as u64 }, new, &[]);
        }
        Ok(())
    }
}

/// A number of any width, high byte first.
pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// Sets right every offset that the changes made so far would leave pointing elsewhere.
///
/// # Errors
/// If an offset stands where it cannot be set right, or there are more of them than may be held in memory.
pub(super) fn correct(parser: &mut Parser<'_>, patches: &mut Patches) -> Result<(), FormatError> {
    let mut shifts = patches.shifts();
    let is_target = |name: &[u8; 4], role: Role| {
        role == Role::Essence
            || role == Role::Unknown
            || matches!(name, b"moof" | b"meta" | b"uuid" | b"jumb")
    };
    let segments = parser.layout.segments.clone();
    let media = || segments.iter().filter(|one| is_target(&one.name, one.role));
    if media().all(|one| shifts.at(one.span.start) == 0 && shifts.at(one.span.end - 1) == 0) {
        return Ok(());
    }
    if parser.has_locations {
        return Err(FormatError::unsupported(0, "moving media in a file with an iloc box"));
    }
    // Fragments tell where their media stand from where they stand themselves.
    for step in shifts.steps() {
        let before = segments.iter().rev().find(|one| {
            one.span.start < step.start.max(1) && (one.role == Role::Essence || &one.name == b"moof")
        });
        if before.is_some_and(|one| &one.name == b"moof") && media().any(|one| one.span.start >= step.end) {
            return Err(FormatError::unsupported(
                step.start,
                "changes between a movie fragment and its media",
            ));
        }
    }
    let mut tables = Tables { left: parser.limits.block, limit: parser.limits.block, list: Vec::new() };
    for segment in &segments {
        let at = segment.span.start;
        match &segment.name {
            b"moov" => tables.movie(parser, at)?,
            b"moof" => fragment(parser, at, &shifts, patches)?,
            b"mfra" => tables.access(parser, at)?,
            b"sidx" => index(parser, at, &shifts, patches)?,
            _ => {}
        }
    }
    // Longer entries move the media again, so until no more of them are needed.
    loop {
        let mut changed = false;
        for table in &mut tables.list {
            if table.overflows(&shifts)? {
                if &table.boxed.kind != b"stco" {
                    return Err(FormatError::unsupported(table.start, "media moved past 4 GB in this table"));
                }
                table.widened = true;
                changed = true;
                shifts.add(table.boxed.span, growth(table.wide_len(), table.boxed.span.len()));
            }
        }
        if !changed {
            break;
        }
    }
    tables.list.into_iter().try_for_each(|table| table.patch(&shifts, patches))
}

/// The tables of a file, read as far as memory is allowed for them.
#[derive(Debug)]
struct Tables {
    left: u64,
    limit: u64,
    list: Vec<Table>,
}

impl Tables {
    /// Reads the tables of offsets in a `moov` box.
    fn movie(&mut self, parser: &mut Parser<'_>, at: u64) -> Result<(), FormatError> {
        let source = parser.source;
        let walk = &mut parser.walk;
        let moov = IsoBox::read(&mut walk.window, at, source.size())?;
        for track in of(walk.children(moov.body)?, b"trak") {
            for media in of(walk.children(track.body)?, b"mdia") {
                for info in of(walk.children(media.body)?, b"minf") {
                    for part in walk.children(info.body)? {
                        match &part.kind {
                            b"dinf" => references(walk, part)?,
                            b"stbl" => {
                                let chain = [moov, track, media, info, part];
                                for table in walk.children(part.body)? {
                                    self.table(source, walk, table, &chain)?;
                                }
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn table(
        &mut self,
        source: &dyn Source,
        walk: &mut super::walk::Walk<'_>,
        one: IsoBox,
        chain: &[IsoBox],
    ) -> Result<(), FormatError> {
        let at = one.body.start;
        let (skip, width) = match &one.kind {
            b"stco" => (4, 4),
            b"co64" => (4, 8),
            b"saio" => {
                let [version, _, _, flags] = walk.window.array(at)?;
                let skip = if flags & 1 == 1 { 12 } else { 4 };
                (skip, if version == 0 { 4 } else { 8 })
            }
            _ => return Ok(()),
        };
        let count = u64::from(u32::from_be_bytes(walk.window.array(at + skip)?));
        self.read(source, one, chain, at + skip + 4, count, (width, width))
    }

    /// Reads the table of random access points of each track: where its fragments stand.
    fn access(&mut self, parser: &mut Parser<'_>, at: u64) -> Result<(), FormatError> {
        let source = parser.source;
        let walk = &mut parser.walk;
        let mfra = IsoBox::read(&mut walk.window, at, source.size())?;
        for one in of(walk.children(mfra.body)?, b"tfra") {
            let start = one.body.start;
            let [version, _, _, _] = walk.window.array(start)?;
            let [_, _, _, lengths] = walk.window.array(start + 8)?;
            let count = u64::from(u32::from_be_bytes(walk.window.array(start + 12)?));
            let width = if version == 1 { 8 } else { 4 };
            let numbers: usize = [lengths >> 4 & 3, lengths >> 2 & 3, lengths & 3]
                .map(|len| usize::from(len) + 1)
                .iter()
                .sum();
            // Its entries start with a time; from each offset it is as far to the next.
            let stride = 2 * width + numbers;
            let first = start + 16 + width as u64;
            if count > 0 {
                let last = (count - 1).checked_mul(stride as u64);
                let end = last
                    .and_then(|last| first.checked_add(last))
                    .and_then(|end| end.checked_add(width as u64));
                if end.is_none_or(|end| end > one.body.end) {
                    return Err(FormatError::malformed(start, "fewer entries than are counted"));
                }
                // The last stride is cut short by what precedes the first.
                self.read_strided(source, one, (first, count), (width, stride))?;
            }
        }
        Ok(())
    }

    fn read_strided(
        &mut self,
        source: &dyn Source,
        one: IsoBox,
        (first, count): (u64, u64),
        (width, stride): (usize, usize),
    ) -> Result<(), FormatError> {
        let len = count.saturating_mul(stride as u64) - (stride - width) as u64;
        let mut entries = self.take(source, one, Span { start: first, end: first + len })?;
        // What the last entry lacks of a stride is not there to be patched: it is left as it is.
        let tail = entries.split_off(entries.len() - width);
        let last = Table {
            boxed: one,
            chain: Vec::new(),
            start: first + len - width as u64,
            entries: tail,
            width,
            stride: width,
            widened: false,
        };
        let rest =
            Table { boxed: one, chain: Vec::new(), start: first, entries, width, stride, widened: false };
        self.list.extend([rest, last]);
        Ok(())
    }

    fn take(&mut self, source: &dyn Source, one: IsoBox, span: Span) -> Result<Vec<u8>, FormatError> {
        let limit = self.limit;
        let over = FormatError::new(
            one.span.start,
            Problem::OverLimit { what: "bytes in tables of offsets", limit },
        );
        self.left = self.left.checked_sub(span.len()).ok_or(over)?;
        indicia_core::Limits { block: limit, ..Default::default() }.take(source, span)
    }

    fn read(
        &mut self,
        source: &dyn Source,
        boxed: IsoBox,
        chain: &[IsoBox],
        start: u64,
        count: u64,
        (width, stride): (usize, usize),
    ) -> Result<(), FormatError> {
        let span = count.checked_mul(stride as u64).and_then(|len| Span::new(start, len));
        let short = FormatError::malformed(boxed.span.start, "fewer entries than are counted");
        let span = span.filter(|span| span.end <= boxed.span.end).ok_or(short)?;
        let entries = self.take(source, boxed, span)?;
        let chain = chain.to_vec();
        self.list.push(Table { boxed, chain, start, entries, width, stride, widened: false });
        Ok(())
    }
}

/// Those of one type.
pub(super) fn of(boxes: Vec<IsoBox>, kind: &[u8; 4]) -> impl Iterator<Item = IsoBox> {
    boxes.into_iter().filter(move |one| &one.kind == kind)
}

/// Refuses tracks whose media stand in another file, so that their offsets are not of this one.
fn references(walk: &mut super::walk::Walk<'_>, info: IsoBox) -> Result<(), FormatError> {
    for list in of(walk.children(info.body)?, b"dref") {
        let entries = Span { start: (list.body.start + 8).min(list.body.end), end: list.body.end };
        for entry in walk.children(entries)? {
            let [_, _, _, flags] = walk.window.array(entry.body.start)?;
            if flags & 1 == 0 {
                return Err(FormatError::unsupported(
                    entry.span.start,
                    "moving media where some are in another file",
                ));
            }
        }
    }
    Ok(())
}
