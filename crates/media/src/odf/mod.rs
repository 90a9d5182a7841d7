//! `OpenDocument` (ISO/IEC 26300): packages of texts, spreadsheets and presentations, and the metadata in them.

mod kind;
mod properties;
#[cfg(test)]
mod tests;
mod words;

use crate::package::{Form, Found, Opening, Package};
use crate::xml::{Tree, local};
use crate::zip;
use crate::{Body, Carrier, Layout, Packet, Role};
use indicia_core::{FormatError, Limits, Problem, Source, Window};

pub(crate) use kind::{Kind, PRESENTATION, SPREADSHEET, TEXT, recognize};
pub(crate) use properties::splice;
pub(crate) use words::decode;

/// Where fields of the user's own stand.
pub(crate) const USER_DEFINED: &str = "meta.xml user-defined";

/// The part of metadata.
const META: &str = "meta.xml";
/// The part that lists what a package consists of.
const MANIFEST: &str = "META-INF/manifest.xml";
/// What an encrypted document is told by.
const ENCRYPTED: &str = "an encrypted document: open it with its password and save it without one first";

/// What a part is for.
fn role(name: &str) -> Role {
    match name {
        "meta.xml" | "manifest.rdf" => Role::Metadata,
        "mimetype" => Role::Structure,
        _ if name.ends_with(".c2pa") => Role::Metadata,
        _ if name.starts_with("meta-inf/") || name.ends_with('/') => Role::Structure,
        _ => Role::Essence,
    }
}

/// Reads the directory and the metadata.
///
/// # Errors
/// If it is no package of this kind, or cannot be read.
pub(crate) fn survey(source: &dyn Source, limits: &Limits, kind: &Kind) -> Result<Package, FormatError> {
    let mut opening = Opening::new(source, limits, role)?;
    let archive = &opening.package.archive;
    match archive.find("mimetype") {
        Some(entry) => {
            let mut window = Window::new(source);
            let mime = zip::read(&mut window, source, archive, entry, 256, limits);
            match mime {
                Ok(mime) if kind.holds(&mime) => {}
                Ok(_) => return Err(FormatError::new(entry.at, Problem::Unrecognized)),
                Err(err) if matches!(err.problem, Problem::Io(_)) => return Err(err),
                Err(err) => opening.damaged(err),
            }
        }
        None if archive.find(MANIFEST).is_none() => return Err(FormatError::new(0, Problem::Unrecognized)),
        None => {}
    }
    if let Some(meta) = opening.index(META) {
        opening.fields(meta, META, fields)?;
    }
    // Encrypted parts stand there as they are, and only the manifest says so; a document may also be one
    // encrypted part (`OpenDocument` 1.4).
    let unread = opening.package.layout.packets.iter().position(is_unread);
    if (unread.is_some() || opening.index(META).is_none())
        && let Some(manifest) = opening.index(MANIFEST)
    {
        let at = opening.package.archive.entries.get(manifest).map_or(0, |entry| entry.at);
        match opening.text(manifest) {
            Ok(decoded) if encrypts(&decoded.text, limits) => {
                let err = FormatError::unsupported(at, ENCRYPTED);
                match unread.and_then(|unread| opening.package.layout.packets.get_mut(unread)) {
                    Some(packet) => packet.body = Body::Broken(err),
                    None => opening.broken(META, err),
                }
            }
            Ok(_) => {}
            Err(err) if matches!(err.problem, Problem::Io(_)) => return Err(err),
            Err(err) => opening.broken(META, err),
        }
    }
    Ok(opening.package)
}

/// As [`survey`], for [`crate::Format::parse`].
///
/// # Errors
/// As there.
pub(crate) fn parse(source: &dyn Source, limits: &Limits, kind: &Kind) -> Result<Layout, FormatError> {
    survey(source, limits, kind).map(|package| package.layout)
}

/// Whether it is metadata that cannot be read.
fn is_unread(packet: &Packet) -> bool {
    packet.carrier == Carrier::Field && matches!(packet.body, Body::Broken(_))
}

/// Whether a manifest says that parts are encrypted.
fn encrypts(text: &str, limits: &Limits) -> bool {
    let tree = crate::xml::tree(text, limits);
    tree.is_ok_and(|tree| tree.find("encryption-data").is_some())
}

/// The elements of `office:meta`.
fn fields(tree: &Tree<'_>) -> Vec<Found> {
    let Some((meta, _)) = tree.find("meta") else { return Vec::new() };
    let mut found = Vec::new();
    for (element, one) in tree.children(meta) {
        let (value, form) = (tree.all_words(element), Form::Words);
        if local(one.name) == "user-defined" {
            let key = tree.attribute(one, "name").unwrap_or_default();
            found.push(Found { key, value, place: USER_DEFINED, element, form });
        } else if !value.trim().is_empty() {
            found.push(Found { key: local(one.name).to_owned(), value, place: META, element, form });
        }
    }
    found
}
