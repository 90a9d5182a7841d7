//! Looks at a file: the line from left to right, from bytes to a report.

mod report;
mod verdict;

pub use report::{Report, Terms, scan};
pub use verdict::{Statement, Verdict};
