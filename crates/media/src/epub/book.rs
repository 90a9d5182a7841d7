//! A book read: its container file, its package documents and the metadata in them.

use super::{METADATA, MIME};
use crate::package::{Form, Found, Opening, Package};
use crate::xml::{self, Tree, local};
use crate::zip;
use crate::{Layout, Role};
use indicia_core::{FormatError, Limits, Problem, Source, Window};

/// The part that names the package documents.
const CONTAINER: &str = "META-INF/container.xml";
/// Most package documents read: one for each rendition of a book.
const RENDITIONS: usize = 16;

/// A book, and where its package documents are.
pub(super) struct Book {
    /// The archive.
    pub(super) package: Package,
    /// The indices of the package documents; the first counts.
    pub(super) documents: Vec<usize>,
}

/// What a part is for.
fn role(name: &str) -> Role {
    match name {
        "mimetype" => Role::Structure,
        _ if name.ends_with(".c2pa") || name.ends_with(".opf") => Role::Metadata,
        _ if name.starts_with("meta-inf/") || name.ends_with('/') => Role::Structure,
        _ => Role::Essence,
    }
}

/// Reads the directory and the metadata.
///
/// # Errors
/// If it is no book, or cannot be read.
pub(super) fn survey(source: &dyn Source, limits: &Limits) -> Result<Book, FormatError> {
    let mut opening = Opening::new(source, limits, role)?;
    let archive = &opening.package.archive;
    let container = opening.index(CONTAINER);
    match archive.find("mimetype") {
        Some(entry) => match zip::read(&mut Window::new(source), source, archive, entry, 256, limits) {
            Ok(mime) if mime.trim_ascii() == MIME => {}
            Ok(_) => return Err(FormatError::new(entry.at, Problem::Unrecognized)),
            Err(err) if matches!(err.problem, Problem::Io(_)) => return Err(err),
            Err(err) => opening.damaged(err),
        },
        None if container.is_none() => return Err(FormatError::new(0, Problem::Unrecognized)),
        None => {}
    }
    let paths = match container {
        None => Err(FormatError::malformed(0, "a book without META-INF/container.xml")),
        Some(index) => {
            let at = opening.package.archive.entries.get(index).map_or(0, |entry| entry.at);
            opening.text(index).and_then(|decoded| {
                let tree = xml::tree(&decoded.text, limits);
                tree.map(|tree| rootfiles(&tree)).map_err(|problem| FormatError::new(at, problem))
            })
        }
    };
    let mut documents = Vec::new();
    match paths {
        Ok(paths) => {
            for path in paths.iter().take(RENDITIONS) {
                match opening.index(path) {
                    Some(index) if !documents.contains(&index) => documents.push(index),
                    Some(_) => {}
                    None => opening.damaged(FormatError::malformed(0, "a book without its package document")),
                }
            }
        }
        Err(err) if matches!(err.problem, Problem::Io(_)) => return Err(err),
        Err(err) => opening.damaged(err),
    }
    if documents.is_empty() {
        opening.damaged(FormatError::malformed(0, "a book without a package document"));
        // What is called so may be it all the same.
        documents = opening.indices(|name| name.ends_with(".opf"));
    }
    for index in &documents {
        opening.fields(*index, METADATA, fields)?;
    }
    Ok(Book { package: opening.package, documents })
}

/// As [`survey`], for [`crate::Format::parse`].
///
/// # Errors
/// As there.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    survey(source, limits).map(|book| book.package.layout)
}

/// The paths of the package documents.
fn rootfiles(tree: &Tree<'_>) -> Vec<String> {
    let roots = tree.elements.iter().filter(|one| local(one.name) == "rootfile");
    let roots = roots.filter(|one| {
        tree.attribute(one, "media-type").is_none_or(|mime| mime == "application/oebps-package+xml")
    });
    roots.filter_map(|one| tree.attribute(one, "full-path")).collect()
}

/// The metadata of a package document.
fn fields(tree: &Tree<'_>) -> Vec<Found> {
    let Some((metadata, _)) = tree.find("metadata") else { return Vec::new() };
    // Books of before EPUB 2 have one level more.
    let wrapped = |parent: usize| {
        tree.elements.get(parent).is_some_and(|one| {
            one.parent == metadata && ["dc-metadata", "x-metadata"].contains(&local(one.name))
        })
    };
    let mut found = Vec::new();
    for (element, one) in tree.elements.iter().enumerate().skip(metadata + 1) {
        if one.parent != metadata && !wrapped(one.parent) {
            continue;
        }
        let attribute = |name: &str| {
            tree.attributes(one).into_iter().find(|one| one.name == name).map(|one| one.value().into_owned())
        };
        let words = tree.all_words(element);
        let (key, value, place, form) = match (local(one.name), attribute("name"), attribute("property")) {
            ("meta", Some(name), _) if attribute("content").is_some() => {
                (name, attribute("content").unwrap_or_default(), METADATA, Form::Attribute)
            }
            ("meta", Some(name), _) => (name, words, "OPF words", Form::Words),
            ("meta", None, Some(property)) => (property, words, "OPF property", Form::Words),
            (name, ..) => (name.to_owned(), words, "OPF Dublin Core", Form::Words),
        };
        if !value.trim().is_empty() || place == METADATA {
            found.push(Found { key, value, place, element, form });
        }
    }
    found
}
