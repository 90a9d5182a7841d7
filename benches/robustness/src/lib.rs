//! What the picture watermark survives, how often it errs and what it costs: attacks, measures of quality, tables.
//!
//! `cargo run --release -p indicia-robustness -- --help` says what can be asked.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    reason = "a measuring program over pictures of its own: it may fail loudly"
)]

pub mod attack;
pub mod codec;
pub mod false_alarms;
pub mod filter;
pub mod geometry;
pub mod list;
pub mod method;
pub mod ours;
pub mod overlay;
pub mod peer;
pub mod picture;
pub mod quality;
pub mod random;
pub mod resize;
pub mod run;
pub mod speed;
pub mod table;
pub mod tone;
