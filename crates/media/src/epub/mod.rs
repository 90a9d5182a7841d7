//! EPUB: an archive with a container file that names the package document, and that the order of what is read.

mod book;
mod package_document;
#[cfg(test)]
mod tests;
mod words;

use crate::Head;
use crate::zip;

pub(crate) use book::parse;
pub(crate) use package_document::splice;
pub(crate) use words::{BLOCKS, decode, is_hiding};

/// Where metadata with a name and a value stands.
pub(crate) const METADATA: &str = "OPF metadata";

/// What the first entry holds.
const MIME: &[u8] = b"application/epub+zip";
/// File name endings.
pub(crate) const EXTENSIONS: &[&str] = &["epub"];

/// How surely a file that starts like this is a book.
pub(crate) fn recognize(head: &Head<'_>) -> u32 {
    let seen = zip::names(head);
    if seen.is_empty() {
        return if zip::look(head, EXTENSIONS) { 2 } else { 0 };
    }
    if let Some(mime) = seen.iter().find(|one| one.name == b"mimetype") {
        let sure = 12 + u32::try_from(MIME.len()).unwrap_or(0);
        return if mime.words().starts_with(MIME) { sure } else { 0 };
    }
    let named = head.extension.is_some_and(|extension| EXTENSIONS.contains(&extension));
    if named { 4 } else { 0 }
}
