//! Single entries of an archive, for whoever keeps files in one.

use super::{open, read};
use indicia_core::{FormatError, Limits, Source, Window};

/// The first entry of a ZIP archive whose name without folders is this one, inflated; `None` if there is none.
///
/// # Errors
/// If the archive cannot be read, or the entry is larger than `most` bytes or damaged.
pub fn zip_entry(
    source: &dyn Source,
    name: &str,
    most: u64,
    limits: &Limits,
) -> Result<Option<Vec<u8>>, FormatError> {
    let archive = open(source, limits)?;
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let Some(entry) = archive.entries.iter().find(|entry| last(&entry.name) == name) else { return Ok(None) };
    let limits = Limits { block: limits.block.max(most), inflated: limits.inflated.max(most), ..*limits };
    read(&mut Window::new(source), source, &archive, entry, most, &limits).map(Some)
}
