//! The parts of PDF (ISO 32000-1 and -2): objects, where they stand, the metadata among them, updates.

mod cipher;
mod content;
mod ending;
mod entries;
mod file;
mod filter;
mod lexer;
mod mark;
mod metadata;
mod object;
mod object_stream;
mod pages;
mod read;
mod rebuild;
mod sections;
mod signature;
mod splice;
#[cfg(test)]
mod tests;
mod text_string;
mod update;
mod xref;

pub(crate) use metadata::{INFO, METADATA};
pub(crate) use pages::words;
pub(crate) use splice::splice;

use crate::Layout;
use file::File;
use indicia_core::{FormatError, Limits, Source};
use metadata::Metadata;

/// Cuts the file up and finds its metadata.
///
/// # Errors
/// If it is no PDF or the system cannot read.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let file = File::open(source, limits)?;
    let metadata = Metadata::read(&file)?;
    let segments = sections::segments(&file, &metadata);
    let packets = metadata.held.into_iter().map(|held| held.packet).collect();
    Ok(Layout { segments, packets, damage: file.damage.or(metadata.damage) })
}
