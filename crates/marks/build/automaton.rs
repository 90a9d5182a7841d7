//! An automaton that finds all words of a list in one pass over a text, worked out state by state.

use std::collections::HashMap;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::{Anchored, dfa::DFA};

/// What `Automaton` in `src/traces/automaton.rs` is made of; that module says what it means.
pub(crate) struct Tables {
    pub(crate) classes: Vec<usize>,
    pub(crate) class_count: usize,
    pub(crate) next: Vec<u8>,
    pub(crate) ends: Vec<Vec<(usize, usize)>>,
    pub(crate) start: usize,
}

/// Works it out for words, whose small and capital letters are taken for the same.
///
/// # Errors
/// In words, if there are too many of them.
pub(crate) fn tables(words: &[String]) -> Result<Tables, String> {
    let dfa = DFA::builder().ascii_case_insensitive(true).build(words).map_err(|err| err.to_string())?;
    let start = dfa.start_state(Anchored::No).map_err(|err| err.to_string())?;
    let mut states = vec![start];
    let mut known = HashMap::from([(start, 0)]);
    let mut rows: Vec<Vec<StateID>> = Vec::new();
    while let Some(&state) = states.get(rows.len()) {
        let row: Vec<_> = (0..=u8::MAX).map(|byte| dfa.next_state(Anchored::No, state, byte)).collect();
        for &next in &row {
            known.entry(next).or_insert_with(|| {
                states.push(next);
                states.len() - 1
            });
        }
        rows.push(row);
    }
    // Those in which words end come first, so that one comparison tells them.
    let mut order = states.clone();
    order.sort_by_key(|&state| !dfa.is_match(state));
    let number: HashMap<StateID, usize> = order.iter().zip(0..).map(|(&state, at)| (state, at)).collect();
    let (mut classes, mut columns) = (Vec::new(), Vec::new());
    for byte in 0..256 {
        let column: Vec<_> = rows.iter().map(|row| row.get(byte)).collect();
        let class = columns.iter().position(|known| *known == column).unwrap_or(columns.len());
        if class == columns.len() {
            columns.push(column);
        }
        classes.push(class);
    }
    let mut next = Vec::new();
    for state in &order {
        let from = known.get(state).copied().unwrap_or_default();
        for column in &columns {
            let to = column.get(from).copied().flatten().and_then(|to| number.get(to)).copied();
            let to = u16::try_from(to.unwrap_or_default()).map_err(|_| "more states than two bytes tell")?;
            next.extend(to.to_le_bytes());
        }
    }
    let matching = order.iter().copied().take_while(|&state| dfa.is_match(state));
    let ends = matching.map(|state| {
        let words = (0..dfa.match_len(state)).map(|at| dfa.match_pattern(state, at));
        words.map(|word| (word.as_usize(), dfa.pattern_len(word))).collect()
    });
    Ok(Tables {
        classes,
        class_count: columns.len(),
        next,
        ends: ends.collect(),
        start: number.get(&start).copied().unwrap_or_default(),
    })
}
