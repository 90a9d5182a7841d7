//! Metadata put into a book.
//!
//! A field is written as `<meta name="…" content="…"/>`: EPUB 2 asks for that form, and EPUB 3 still allows it for any
//! name, while the form of its own, `<meta property="…">`, may hold only names from a vocabulary that is declared.

use super::book::{Book, survey};
use super::words;
use crate::package::{Revision, UNWRITABLE, has, refuse_others, words as utf8};
use crate::xml::{Tree, quotable};
use crate::{Changes, Layout, NewContent, Piece};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// Says how a book reads with changes made to it.
///
/// # Errors
/// If it is signed, or cannot hold what is put.
pub(crate) fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    refuse_others(changes)?;
    let Book { package, documents } = survey(source, limits)?;
    if let Some(entry) = has(&package.archive, |name| name == "meta-inf/signatures.xml") {
        let why = "changes to a book with a digital signature, which they would break: sign it again after labelling";
        return Err(FormatError::unsupported(entry.at, why));
    }
    let mut revision = Revision::new(source, limits, package);
    revision.replace(changes)?;
    let first = documents.first().copied();
    let first = first.ok_or(FormatError::malformed(0, "a book without a package document"))?;
    if !changes.added.is_empty() {
        revision.edit(first, |tree| {
            let (_, metadata) = tree.find("metadata").ok_or(Problem::Malformed("a book without metadata"))?;
            let p = Tree::own_prefix(metadata);
            let mut inner = String::new();
            for put in &changes.added {
                let value = utf8(&put.body, 0).map_err(|err| err.problem)?;
                let (name, value) =
                    (quotable(&put.key).ok_or(UNWRITABLE)?, quotable(value).ok_or(UNWRITABLE)?);
                inner.push_str(&format!("<{p}meta name=\"{name}\" content=\"{value}\"/>"));
            }
            Ok(vec![tree.append(metadata, &inner)])
        })?;
    }
    match &changes.content {
        None => {}
        Some(NewContent::Text(ends)) => words::extend(&mut revision, first, ends, limits)?,
        Some(_) => return Err(FormatError::unsupported(0, "new content in this sort of document")),
    }
    revision.finish()
}
