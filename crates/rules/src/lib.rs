//! Rules: marks to findings, and back to a plan. Knows what each regime asks; knows no byte.

mod assess;
mod binding;
mod changes;
mod check;
pub mod checks;
#[cfg(test)]
mod china_tests;
#[cfg(test)]
mod claims_tests;
mod condition;
mod conflicts;
mod date;
mod docket;
mod findings;
mod labels;
mod manifests;
mod outline;
mod pack;
mod plan;
mod profile;
mod regime;
pub mod regimes;
mod rule;
#[cfg(test)]
mod specimen;
mod watermarks;

pub use assess::{Finding, Outcome, assess};
pub use binding::{Binding, Question, Situation};
pub use changes::{RuleChange, What, changes};
pub use check::{Case, Check, Judge, Judgement, Waiver};
pub use checks::CHECKS;
pub use condition::{Condition, Truth};
pub use conflicts::{Conflict, conflicts};
pub use date::Date;
pub use docket::Docket;
pub use findings::Findings;
pub use outline::{is_outline, outline};
pub use pack::{Pack, PackError, SourceText};
pub use plan::{CanHold, Open, Plan, plan};
pub use profile::{FACTS, Fact, Profile, Sort, Value};
pub use regime::{Force, Regime, Standing};
pub use regimes::{PACKS, SelectError, load, regimes_of, select};
pub use rule::{Bound, Decidable, Later, Rule, Severity};
