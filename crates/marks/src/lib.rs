//! Marks: claims to marks, and back. Knows how marks are spelled; knows no container and no law.

pub mod aigc;
mod alternative_text;
pub mod c2pa;
mod front_matter;
pub mod iptc;
mod notice_chinese;
mod notice_english;
mod notice_line;
pub mod notices;
mod scheme;
pub mod schemes;
mod sound;
#[cfg(test)]
mod stage;
mod survey;
pub mod traces;
mod visible;
mod watermark;
pub mod words;
mod written_pages;
mod written_words;
mod xmp;

pub use alternative_text::ALTERNATIVE_TEXT;
pub use scheme::{Change, Confirm, Find, MarkError, Scheme, Write};
pub use schemes::SCHEMES;
pub use survey::{survey, text_length};
