//! Rules: marks to findings, and back to a plan. Knows what each regime asks; knows no byte.

mod assess;
mod check;
pub mod checks;
#[cfg(test)]
mod china_tests;
mod date;
mod labels;
mod plan;
mod regime;
pub mod regimes;
#[cfg(test)]
mod specimen;

pub use assess::{Finding, Outcome, assess};
pub use check::{Case, Check, Judge, Judgement};
pub use checks::CHECKS;
pub use date::Date;
pub use plan::{Plan, plan};
pub use regime::{Bound, Decidable, Pack, PackError, Regime, Rule, Severity, SourceText};
pub use regimes::{PACKS, SelectError, regimes_of, select};
