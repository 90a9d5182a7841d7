//! Marks: claims to marks, and back. Knows how marks are spelled; knows no container and no law.

mod notice_chinese;
mod notice_english;
mod notice_line;
mod scheme;
pub mod schemes;
mod sound;
mod survey;
mod visible;
pub mod words;
mod xmp;

pub use scheme::{Change, Confirm, Find, MarkError, Scheme, Write};
pub use schemes::SCHEMES;
pub use survey::survey;
