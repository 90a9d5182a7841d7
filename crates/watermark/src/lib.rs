//! Invisible watermarks that outlive metadata: a payload of 64 bits in the pixels of a picture or the samples of sound.
//!
//! This crate knows no file, no label and no law. Samples and a [`Key`] go in, samples come out; samples and keys go in, a
//! [`Payload`] comes out with the [`Evidence`] for it: how likely chance alone would have shown as much.
//!
//! Shared by pictures and sound:
//! - [`Key`] and [`Stream`]: one key, one named stream of numbers for each purpose;
//! - [`Code`]: the polar code that carries the payload;
//! - [`Evidence`]: the statistic, and the bound on false alarms, which holds for any content whatsoever;
//! - [`Payload`]: what the 64 bits mean;
//! - [`Detection`]: present, absent or unable, each with its figure or reason.
//!
//! Text has no samples: [`text`] marks words as they are written, [`sampling`] is what a language model's sampling leaves.

mod binomial;
mod code;
mod crc;
mod detection;
mod evidence;
mod key;
mod payload;
pub mod picture;
pub mod sampling;
pub mod sound;
mod stream;
pub mod text;

pub use code::{Code, CodeError, Decoded, Workspace};
pub use crc::crc16;
pub use detection::{Detection, Found, Route, Unable};
pub use evidence::{DEFAULT_LOG10_THRESHOLD, Evidence, statistic};
pub use key::{Key, KeyId};
pub use payload::{Id, Meaning, Payload, Status};
pub use stream::Stream;
