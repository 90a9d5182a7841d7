//! Two trees over one log: that of its lines, and that of its stored hashes. The signed root says which is to be believed.

use crate::error::LogError;
use crate::fault::Fault;
use crate::hash::{Hash, LENGTH};
use crate::reader::Reader;
use crate::tree::{Edge, position, stored};

/// Most that is remembered of what differs.
const MOST: usize = 1000;

#[derive(Default)]
pub(super) struct Trees {
    lines: Edge,
    hashes: Edge,
    /// The hashes that are stored for the entry at hand.
    at_hand: Vec<Hash>,
    differs_from_lines: Vec<Fault>,
    differs_from_hashes: Vec<Fault>,
    /// Whether lines were put in or taken out, so that the tree of the lines cannot be the signed one.
    pub(super) lines_differ: bool,
}

impl Trees {
    /// Reads what is stored for an entry.
    pub(super) fn store(&mut self, reader: &mut Reader, index: u64) -> Result<(), LogError> {
        self.at_hand.clear();
        let (from, to) = (stored(index), stored(index + 1));
        let mut bytes = vec![0; usize::try_from(to - from).unwrap_or_default() * LENGTH];
        reader.files.hashes.read(from * LENGTH as u64, &mut bytes)?;
        self.at_hand.extend(bytes.chunks_exact(LENGTH).filter_map(Hash::of_slice));
        Ok(())
    }

    /// Adds the hash of the line of an entry, and the one stored for it.
    pub(super) fn push(&mut self, index: u64, line: Hash, hash: Hash) {
        let from = stored(index);
        compare(&mut self.lines, index, line, &self.at_hand, from, &mut self.differs_from_lines);
        compare(&mut self.hashes, index, hash, &self.at_hand, from, &mut self.differs_from_hashes);
    }

    pub(super) fn lines_root(&self) -> Hash {
        self.lines.root()
    }

    pub(super) fn hashes_root(&self) -> Hash {
        self.hashes.root()
    }

    /// Stored hashes that are not those of the lines.
    pub(super) fn against_lines(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.differs_from_lines)
    }

    /// Stored hashes that are not those of the stored hashes below them.
    pub(super) fn against_hashes(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.differs_from_hashes)
    }
}

fn compare(edge: &mut Edge, index: u64, leaf: Hash, stored: &[Hash], from: u64, differs: &mut Vec<Fault>) {
    let mut level = 0_u32;
    edge.push(leaf, |hash| {
        let held = usize::try_from(level).ok().and_then(|level| stored.get(level));
        if held != Some(&hash) && differs.len() < MOST {
            let first = index + 1 - (1 << level);
            let byte = (from + u64::from(level)) * LENGTH as u64;
            differs.push(Fault::HashAltered { first, last: index, byte });
        }
        level += 1;
    });
}

/// The smallest ranges of entries over which a stored hash is the signed one, and those below it are not: what was
/// rewritten is in them. All of the log if not even its edge is.
pub(super) fn lowest_true(reader: &mut Reader) -> Result<Vec<(u64, u64)>, LogError> {
    let (size, root) = (reader.size(), reader.head().root);
    if Edge::read(size, |at| reader.files.hash(at))?.root() != root {
        return Ok(vec![(0, size.saturating_sub(1))]);
    }
    let mut ranges = Vec::new();
    let (mut start, mut open) = (0, Vec::new());
    for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
        open.push((level, start >> level));
        start += 1 << level;
    }
    while let Some((level, n)) = open.pop() {
        if ranges.len() >= MOST {
            break;
        }
        let Some(below) = level.checked_sub(1) else { continue };
        let whole = reader.files.hash(position(level, n))?;
        let (left, right) =
            (reader.files.hash(position(below, 2 * n))?, reader.files.hash(position(below, 2 * n + 1))?);
        if Hash::node(&left, &right) == whole {
            open.extend([(below, 2 * n + 1), (below, 2 * n)]);
        } else {
            ranges.push((n << level, ((n + 1) << level) - 1));
        }
    }
    Ok(ranges)
}
