//! Marks: claims to marks, and back. Knows how marks are spelled; knows no container and no law.

pub mod aigc;
mod front_matter;
mod notice_chinese;
mod notice_english;
mod notice_line;
mod scheme;
pub mod schemes;
mod sound;
pub mod iptc;
mod scheme;
pub mod schemes;
#[cfg(test)]
mod stage;
mod survey;
mod visible;
pub mod words;
mod xmp;

pub use scheme::{Change, Confirm, Find, MarkError, Scheme, Write};
pub use schemes::SCHEMES;
pub use survey::survey;
