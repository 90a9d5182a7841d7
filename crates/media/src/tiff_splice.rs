//! Changes to a TIFF file. No byte moves, since offsets may point anywhere: new values and a first directory that
//! grows go to the end of the file.

use std::collections::BTreeMap;

use crate::tiff_directories::{
    DNG_VERSION, Directory, MAKER_NOTE, Numbers, Place, SUB_DIRECTORIES, Tree, XMP,
};
use crate::{Carrier, Changes, Layout, NewContent, Piece, tiff_encode, tiff_picture, tiff_values};
use indicia_core::{FormatError, Limits, Source, Span};

/// Says how the file reads with these changes.
///
/// # Errors
/// If the file cannot hold what is put, or cannot be read.
pub(crate) fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    let picture = match &changes.content {
        None if changes.cuts.is_empty() => None,
        Some(NewContent::Picture(picture)) => Some(picture),
        _ => return Err(FormatError::unsupported(0, "new words or sound in TIFF")),
    };
    let tree = Tree::read(source, limits)?;
    if is_raw(source, &tree, limits)? {
        return Err(FormatError::unsupported(0, "changes to a raw picture"));
    }
    let mut edit =
        Edit { numbers: tree.numbers, size: source.size(), patches: BTreeMap::new(), tail: Vec::new() };
    let mut pages = Vec::new();
    if picture.is_some() {
        // The picture must not stay behind without what was drawn on it.
        pages = tiff_picture::pages(source, &tree, limits)?;
        let (strips, size) = tiff_encode::old_strips(&tree, &pages, edit.size)?;
        edit.size = size;
        for strip in strips {
            edit.blank(strip)?;
        }
    }
    let mut directories: BTreeMap<usize, Directory> = BTreeMap::new();
    let mut removed: Vec<(usize, usize)> = Vec::new();
    for (at, body) in &changes.replaced {
        let missing = || FormatError::unsupported(0, "a change to a packet that is not there");
        let (packet, directory, index) = tree.packets.get(*at).ok_or_else(missing)?;
        if packet.carrier == Carrier::Manifest {
            return Err(FormatError::unsupported(packet.span.start, "a change to a manifest"));
        }
        let whole = tree.directories.get(*directory).ok_or_else(missing)?;
        let copy = directories.entry(*directory).or_insert_with(|| whole.clone());
        let entry = copy.entries.get_mut(*index).ok_or_else(missing)?;
        if !entry.is_inline && tree.is_shared(entry.value) {
            return Err(FormatError::unsupported(entry.value.start, "a change to bytes that two tags share"));
        }
        let room = if entry.is_inline { Span { end: entry.value.start, ..entry.value } } else { entry.value };
        match body {
            None => {
                edit.blank(room)?;
                removed.push((*directory, *index));
            }
            Some(body) => {
                let value = tiff_values::coded(entry.tag, entry.kind, body);
                entry.raw = edit.entry(entry.tag, entry.kind, &value, room)?;
            }
        }
    }
    // From the last, so that places stay right.
    removed.sort_unstable();
    for (directory, index) in removed.into_iter().rev() {
        if let Some(copy) = directories.get_mut(&directory) {
            copy.entries.remove(index);
        }
    }
    for put in &changes.added {
        if put.carrier != Carrier::Xmp {
            return Err(FormatError::unsupported(0, "this sort of metadata in TIFF"));
        }
        let missing = || FormatError::malformed(4, "no directory");
        let first = tree.directories.iter().position(|one| one.place == Place::First).ok_or_else(missing)?;
        let whole = tree.directories.get(first).ok_or_else(missing)?;
        let copy = directories.entry(first).or_insert_with(|| whole.clone());
        let Some(model) = copy.entries.first().cloned() else { return Err(missing()) };
        let raw = edit.entry(XMP, 7, &put.body, Span { start: 0, end: 0 })?;
        // Entries stand in the order of their tags.
        let place = copy.entries.iter().position(|entry| entry.tag > XMP).unwrap_or(copy.entries.len());
        copy.entries.insert(place, crate::tiff_directories::Entry { tag: XMP, raw, ..model });
    }
    if let Some(picture) = picture {
        tiff_encode::put(&mut edit, &tree, &pages, picture, &mut directories)?;
    }
    // Pages from the last, since the one before says where a page went.
    let chain: Vec<usize> = pages.iter().map(|page| page.directory).collect();
    let mut order: Vec<usize> = directories.keys().copied().filter(|index| !chain.contains(index)).collect();
    order.extend(chain.iter().rev());
    for index in order {
        let Some(directory) = directories.get(&index) else { continue };
        if tree.is_shared(directory.span) {
            return Err(FormatError::unsupported(directory.span.start, "a directory that shares its bytes"));
        }
        let Some(at) = edit.directory(directory)? else { continue };
        if picture.is_some() {
            // It tells where the old pixels were.
            edit.blank(directory.span)?;
        }
        let link = tree.numbers.write(at, tree.numbers.offset());
        let place = chain.iter().position(|page| *page == index).and_then(|place| place.checked_sub(1));
        match place.and_then(|place| chain.get(place)).and_then(|before| directories.get_mut(before)) {
            Some(before) => before.next = link,
            None => {
                edit.patches.insert(tree.numbers.header() - tree.numbers.offset() as u64, link);
            }
        }
    }
    Ok(edit.pieces())
}

/// Whether the file is a camera's raw picture in TIFF's clothes, which its own programs read by rules of their own.
fn is_raw(source: &dyn Source, tree: &Tree, limits: &Limits) -> Result<bool, FormatError> {
    let start = limits.take(source, Span { start: 0, end: source.size().min(10) })?;
    let has = |place: Place, tag: u16| {
        let of_place = tree.directories.iter().filter(move |directory| directory.place == place);
        of_place.flat_map(|directory| &directory.entries).any(|entry| entry.tag == tag)
    };
    let developed = has(Place::First, SUB_DIRECTORIES) && has(Place::Exif, MAKER_NOTE);
    Ok(start.get(8..) == Some(b"CR") || has(Place::First, DNG_VERSION) || developed)
}

/// The changes so far.
pub(crate) struct Edit {
    numbers: Numbers,
    /// Size of the file as it was.
    size: u64,
    /// New bytes in place of as many old ones, by their offset.
    patches: BTreeMap<u64, Vec<u8>>,
    /// What is appended.
    tail: Vec<u8>,
}

impl Edit {
    /// Appends bytes at an even offset, and says at which.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<u64, FormatError> {
        if (self.size + self.tail.len() as u64) % 2 == 1 {
            self.tail.push(0);
        }
        let at = self.size + self.tail.len() as u64;
        self.tail.extend_from_slice(bytes);
        if !self.numbers.wide && at + bytes.len() as u64 > u64::from(u32::MAX) {
            return Err(FormatError::unsupported(at, "more than 4 GiB in TIFF that is not BigTIFF"));
        }
        Ok(at)
    }

    /// Overwrites a value that is no longer wanted, so that nobody finds it there.
    pub(crate) fn blank(&mut self, room: Span) -> Result<(), FormatError> {
        let len = usize::try_from(room.len())
            .map_err(|_| FormatError::malformed(room.start, "a value longer than memory"))?;
        if len > 0 {
            self.patches.insert(room.start, vec![0; len]);
        }
        Ok(())
    }

    /// An entry with a new value: within it, in the room of the old value, or at the end of the file.
    pub(crate) fn entry(
        &mut self,
        tag: u16,
        kind: u16,
        value: &[u8],
        room: Span,
    ) -> Result<Vec<u8>, FormatError> {
        let offset = self.numbers.offset();
        self.blank(room)?;
        let mut raw = self.numbers.write(tag.into(), 2);
        raw.extend(self.numbers.write(kind.into(), 2));
        raw.extend(self.numbers.write(value.len() as u64, offset));
        if value.len() <= offset {
            raw.extend(value.iter().copied().chain([0; 8]).take(offset));
            return Ok(raw);
        }
        let at = match self.patches.get_mut(&room.start).and_then(|old| old.get_mut(..value.len())) {
            Some(old) if !room.is_empty() => {
                old.copy_from_slice(value);
                room.start
            }
            _ => self.append(value)?,
        };
        raw.extend(self.numbers.write(at, offset));
        Ok(raw)
    }

    /// Writes a directory where it was if it fits there, else at the end: then whoever points to it must know where.
    fn directory(&mut self, directory: &Directory) -> Result<Option<u64>, FormatError> {
        let count = directory.entries.len() as u64;
        if !self.numbers.wide && count > u64::from(u16::MAX) {
            return Err(FormatError::unsupported(
                directory.span.start,
                "more tags in a directory than TIFF counts",
            ));
        }
        let mut bytes = self.numbers.write(count, self.numbers.count());
        bytes.extend(directory.entries.iter().flat_map(|entry| &entry.raw));
        bytes.extend(&directory.next);
        let room = usize::try_from(directory.span.len()).unwrap_or(usize::MAX);
        if bytes.len() <= room {
            bytes.resize(room, 0);
            self.patches.insert(directory.span.start, bytes);
            return Ok(None);
        }
        self.append(&bytes).map(Some)
    }

    fn pieces(self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut next = 0;
        for (start, bytes) in self.patches {
            if start > next {
                pieces.push(Piece::Keep(Span { start: next, end: start }));
            }
            next = start + bytes.len() as u64;
            pieces.push(Piece::New(bytes));
        }
        pieces.push(Piece::Keep(Span { start: next, end: self.size }));
        pieces.push(Piece::New(self.tail));
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }
}
