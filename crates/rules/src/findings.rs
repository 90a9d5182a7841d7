//! What came of all rules for one file.

use std::sync::Arc;

use crate::Finding;

/// The findings of a file, in the order of the rules. What many files have in common is held once for all of them.
#[derive(Clone, Debug, Default)]
pub struct Findings<'r> {
    shared: Arc<[Finding<'r>]>,
    /// Those of this file alone, each with its place among all.
    own: Vec<(usize, Finding<'r>)>,
}

impl<'r> Findings<'r> {
    /// Of findings that other files have too, and of those of this file alone, each with its place among all; in order.
    pub fn new(shared: Arc<[Finding<'r>]>, own: Vec<(usize, Finding<'r>)>) -> Self {
        Self { shared, own }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.shared.len() + self.own.len()
    }

    /// Whether no rule was judged.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All, in the order of the rules.
    pub fn iter(&self) -> impl Iterator<Item = &Finding<'r>> {
        let (mut shared, mut own) = (self.shared.iter(), self.own.iter().peekable());
        (0..self.len()).filter_map(move |place| match own.next_if(|(at, _)| *at == place) {
            Some((_, finding)) => Some(finding),
            None => shared.next(),
        })
    }
}

impl<'r> FromIterator<Finding<'r>> for Findings<'r> {
    fn from_iter<I: IntoIterator<Item = Finding<'r>>>(findings: I) -> Self {
        Self::new(findings.into_iter().collect(), Vec::new())
    }
}
