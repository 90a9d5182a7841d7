//! All words of a list, looked for in one pass over a text.

use std::ops::Range;

/// An automaton over bytes that `build.rs` has worked out (Aho and Corasick's): building it takes longer than most runs look.
pub(super) struct Automaton {
    /// By byte: bytes of one class lead everywhere to the same state.
    pub(super) classes: [u8; 256],
    /// How many classes there are.
    pub(super) class_count: usize,
    /// By state, and class in it: the next state, in two bytes, the low one first.
    pub(super) next: &'static [u8],
    /// By state, for the states in which words end, which are the first: the words, and how many bytes each has.
    pub(super) ends: &'static [&'static [(usize, usize)]],
    /// The state before any byte.
    pub(super) start: u16,
}

impl Automaton {
    /// Each word that stands in a text, small and capital letters taken for the same, and where; by their ends.
    pub(super) fn find(&self, text: &[u8]) -> impl Iterator<Item = (usize, Range<usize>)> {
        let mut state = usize::from(self.start);
        text.iter().zip(1..).flat_map(move |(&byte, end)| {
            let class = self.classes.get(usize::from(byte)).copied().unwrap_or_default();
            let at = 2 * (state * self.class_count + usize::from(class));
            let next = self.next.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
            state = u16::from_le_bytes(next).into();
            let words = self.ends.get(state).copied().unwrap_or_default();
            words.iter().map(move |&(word, length)| (word, end - length..end))
        })
    }
}
