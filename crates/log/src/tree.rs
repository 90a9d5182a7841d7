//! The Merkle tree of RFC 9162, section 2.1: where its hashes are stored, its root, and its proofs.
//!
//! Every hash over a full subtree is stored, behind the hash of the last entry under it: so storing only ever appends, two
//! hashes an entry, and any proof reads a few dozen of them.

use crate::hash::Hash;

/// How many hashes are stored for this many entries.
pub(crate) fn stored(entries: u64) -> u64 {
    (2 * entries).saturating_sub(u64::from(entries.count_ones()))
}

/// Where the hash over the entries from `n << level` is stored, `1 << level` of them, in numbers of hashes.
pub(crate) fn position(level: u32, n: u64) -> u64 {
    stored(((n + 1) << level).saturating_sub(1)) + u64::from(level)
}

/// The right edge of a tree: the hashes over its full subtrees, largest first, which is all that appending needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    size: u64,
    hashes: Vec<Hash>,
}

impl Edge {
    /// That of a tree of this size, read from where its hashes are stored.
    pub(crate) fn read<E>(size: u64, mut at: impl FnMut(u64) -> Result<Hash, E>) -> Result<Self, E> {
        let mut hashes = Vec::new();
        let mut start = 0;
        for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
            hashes.push(at(position(level, start >> level))?);
            start += 1 << level;
        }
        Ok(Self { size, hashes })
    }

    /// Adds the hash of an entry, and passes on all that is to be stored, in order.
    pub(crate) fn push(&mut self, leaf: Hash, mut store: impl FnMut(Hash)) {
        store(leaf);
        let mut top = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.hashes.pop() {
                top = Hash::node(&left, &top);
                store(top);
            }
        }
        self.hashes.push(top);
        self.size += 1;
    }

    /// The root of the tree.
    pub(crate) fn root(&self) -> Hash {
        let mut hashes = self.hashes.iter().rev();
        let Some(last) = hashes.next() else { return Hash::of(b"") };
        hashes.fold(*last, |right, left| Hash::node(left, &right))
    }
}

/// The largest power of two below a number above one: where a tree divides.
fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - size.saturating_sub(1).leading_zeros())
}

/// The hash over the entries of a range that is a subtree.
fn subtree<E>(start: u64, end: u64, at: &mut impl FnMut(u64) -> Result<Hash, E>) -> Result<Hash, E> {
    let size = end - start;
    if size.is_power_of_two() {
        let level = size.trailing_zeros();
        return at(position(level, start >> level));
    }
    let middle = start + split(size);
    Ok(Hash::node(&subtree(start, middle, at)?, &subtree(middle, end, at)?))
}

/// The proof that an entry is in a tree of `size`, above `index`: from the leaf's sibling up (RFC 9162, 2.1.3.1).
pub(crate) fn inclusion<E>(
    index: u64,
    size: u64,
    mut at: impl FnMut(u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(subtree(middle, end, &mut at)?);
            end = middle;
        } else {
            path.push(subtree(start, middle, &mut at)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that a tree of `size` begins with the tree of `old`, from 1 to `size` (RFC 9162, 2.1.4.1).
pub(crate) fn consistency<E>(
    old: u64,
    size: u64,
    mut at: impl FnMut(u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(subtree(middle, end, &mut at)?);
            end = middle;
        } else {
            path.push(subtree(start, middle, &mut at)?);
            start = middle;
        }
    }
    if start > 0 {
        path.push(subtree(start, end, &mut at)?);
    }
    path.reverse();
    Ok(path)
}

/// The root that an inclusion proof leads to from the hash of an entry; `None` if the proof has not the length that
/// index and size ask (RFC 9162, 2.1.3.2).
pub fn inclusion_root(index: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut root = leaf;
    for hash in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            root = Hash::node(hash, &root);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            root = Hash::node(&root, hash);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}

/// Whether a consistency proof shows that the tree of `size` begins with the tree of `old` (RFC 9162, 2.1.4.2).
pub fn consistency_holds(old: u64, old_root: &Hash, size: u64, root: &Hash, path: &[Hash]) -> bool {
    if old == 0 {
        return path.is_empty() && *old_root == Hash::of(b"");
    }
    if old == size {
        return path.is_empty() && old_root == root;
    }
    if old > size {
        return false;
    }
    let mut hashes = path.iter();
    let (mut node, mut last) = (old - 1, size - 1);
    while node & 1 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    let first = if old.is_power_of_two() { Some(old_root) } else { hashes.next() };
    let Some(first) = first else { return false };
    let (mut was, mut is) = (*first, *first);
    for hash in hashes {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            was = Hash::node(hash, &was);
            is = Hash::node(hash, &is);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            is = Hash::node(&is, hash);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && was == *old_root && is == *root
}

#[cfg(test)]
mod tests {
    use super::{Edge, consistency, consistency_holds, inclusion, inclusion_root, position, stored};
    use crate::hash::Hash;

    /// The root by the definition of RFC 9162, 2.1.1, word for word.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::of(b""),
            [one] => *one,
            _ => {
                let mut half = 1;
                while half * 2 < leaves.len() {
                    half *= 2;
                }
                Hash::node(&defined(&leaves[..half]), &defined(&leaves[half..]))
            }
        }
    }

    fn leaves(count: u8) -> Vec<Hash> {
        (0..count).map(|number| Hash::leaf(&[number])).collect()
    }

    fn grown(leaves: &[Hash]) -> (Edge, Vec<Hash>) {
        let (mut edge, mut hashes) = (Edge::default(), Vec::new());
        for leaf in leaves {
            edge.push(*leaf, |hash| hashes.push(hash));
        }
        (edge, hashes)
    }

    fn at(hashes: &[Hash]) -> impl FnMut(u64) -> Result<Hash, ()> + '_ {
        |position| hashes.get(usize::try_from(position).unwrap()).copied().ok_or(())
    }

    #[test]
    fn every_tree_has_the_root_that_the_rfc_defines() {
        let leaves = leaves(130);
        for size in 0..=leaves.len() {
            let (edge, hashes) = grown(&leaves[..size]);
            let root = defined(&leaves[..size]);
            assert_eq!(edge.root(), root, "{size}");
            assert_eq!(stored(size as u64), hashes.len() as u64, "{size}");
            let again = Edge::read(size as u64, at(&hashes)).unwrap();
            assert_eq!(again.root(), root, "{size}");
        }
        assert_eq!((position(0, 0), position(0, 1), position(1, 0), position(2, 0)), (0, 1, 2, 6));
    }

    #[test]
    fn every_entry_of_every_tree_is_proved_and_no_other() {
        let leaves = leaves(70);
        let (_, hashes) = grown(&leaves);
        for size in 1..=70_u8 {
            let root = defined(&leaves[..usize::from(size)]);
            let size = u64::from(size);
            for index in 0..size {
                let path = inclusion(index, size, at(&hashes)).unwrap();
                let leaf = leaves[usize::try_from(index).unwrap()];
                assert_eq!(inclusion_root(index, size, leaf, &path), Some(root), "{index} of {size}");
                assert_ne!(inclusion_root(index, size, Hash::leaf(b"else"), &path), Some(root));
                for other in (0..size).filter(|other| *other != index) {
                    assert_ne!(inclusion_root(other, size, leaf, &path), Some(root), "{other} for {index}");
                }
                let longer = [path.clone(), vec![root]].concat();
                assert_eq!(inclusion_root(index, size, leaf, &longer), None);
                if let Some((_, shorter)) = path.split_last() {
                    assert_eq!(inclusion_root(index, size, leaf, shorter), None);
                }
            }
            assert_eq!(inclusion_root(size, size, leaves[0], &[]), None);
        }
    }

    #[test]
    fn every_tree_begins_with_every_earlier_one_and_with_no_other() {
        let leaves = leaves(70);
        let (_, hashes) = grown(&leaves);
        for size in 1..=70_u8 {
            let root = defined(&leaves[..usize::from(size)]);
            for old in 1..=size {
                let old_root = defined(&leaves[..usize::from(old)]);
                let path = consistency(u64::from(old), u64::from(size), at(&hashes)).unwrap();
                let holds = |old_root: &Hash, root: &Hash, path: &[Hash]| {
                    consistency_holds(u64::from(old), old_root, u64::from(size), root, path)
                };
                assert!(holds(&old_root, &root, &path), "{old} of {size}");
                assert!(!holds(&Hash::leaf(b"else"), &root, &path), "{old} of {size}");
                assert!(!holds(&old_root, &Hash::leaf(b"else"), &path), "{old} of {size}");
                assert!(!holds(&old_root, &root, &[path.clone(), vec![root]].concat()), "{old} of {size}");
                for number in 0..path.len() {
                    let mut bent = path.clone();
                    bent[number].0[0] ^= 1;
                    assert!(!holds(&old_root, &root, &bent), "{old} of {size}, hash {number}");
                }
            }
        }
        assert!(consistency_holds(0, &Hash::of(b""), 3, &leaves[0], &[]));
        assert!(!consistency_holds(4, &leaves[0], 3, &leaves[1], &[]));
    }
}
