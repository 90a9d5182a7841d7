//! Reading words in pictures: pixels in, lines of text with their places and confidence out.
//!
//! Two networks of PP-OCR do it, run by a pure Rust engine: one finds where text stands ([`Reader::regions`]), one spells
//! out a line of it ([`Reader::line`]). The networks are no part of this crate: [`MODELS`] names them, where they come
//! from and by which digest they are known. Nothing here knows files, labels or laws.

mod detector;
mod models;
mod pixels;
mod reader;
mod recognizer;
mod regions;

pub use models::{MODELS, Model, ModelError, PACKAGE};
pub use pixels::{Pixels, WrongSize};
pub use reader::{ReadError, Reader};
pub use recognizer::{Letter, Line};
pub use regions::Region;
