//! Looks at a file: the line from left to right, from bytes to a report.

mod contradiction;
mod court;
mod difference;
mod likeness;
mod report;
mod verdict;

pub use contradiction::{Contradiction, Side, contradictions};
pub use court::Court;
pub use difference::{Change, Difference, difference, is_loss};
pub use likeness::{Likeness, likeness, words_of};
pub use report::{Report, Terms, scan};
pub use verdict::{Statement, Verdict};
