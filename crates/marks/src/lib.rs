//! Marks: claims to marks, and back. Knows how marks are spelled; knows no container and no law.

pub mod aigc;
mod front_matter;
pub mod iptc;
mod scheme;
pub mod schemes;
#[cfg(test)]
mod stage;
mod survey;
mod xmp;

pub use scheme::{Change, Confirm, Find, MarkError, Scheme, Write};
pub use schemes::SCHEMES;
pub use survey::survey;
