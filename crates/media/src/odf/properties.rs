//! Fields of the user's own put in.

use super::{Kind, MANIFEST, META, survey, words};
use crate::package::{Revision, UNWRITABLE, has, refuse_others, words as utf8};
use crate::xml::{Tree, escape, quotable};
use crate::{Body, Changes, Layout, NewContent, Piece, Put};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// The namespace of metadata.
const URI: &str = "urn:oasis:names:tc:opendocument:xmlns:meta:1.0";
/// The namespace of what all parts have in common.
const OFFICE: &str = "urn:oasis:names:tc:opendocument:xmlns:office:1.0";

/// Says how a package reads with changes made to it.
///
/// # Errors
/// If it is signed or encrypted, or cannot hold what is put.
pub(crate) fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
    kind: &Kind,
) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    refuse_others(changes)?;
    let package = survey(source, limits, kind)?;
    if let Some(entry) = has(&package.archive, |name| name == "meta-inf/documentsignatures.xml") {
        let why = "changes to a document with a digital signature, which they would break: sign it again after labelling";
        return Err(FormatError::unsupported(entry.at, why));
    }
    // Where the metadata is encrypted, all else is.
    let unread = package.layout.packets.iter().find_map(|packet| match &packet.body {
        Body::Broken(err) => Some(err.clone()),
        _ => None,
    });
    if let Some(err) = unread {
        return Err(err);
    }
    let mut revision = Revision::new(source, limits, package);
    revision.replace(changes)?;
    if !changes.added.is_empty() {
        match revision.index(META) {
            Some(meta) => revision.edit(meta, |tree| {
                let (at, element) =
                    tree.find("meta").ok_or(Problem::Malformed("meta.xml without office:meta"))?;
                let known = tree.prefix_of(at, &[URI]).filter(|prefix| !prefix.is_empty());
                let inner = fields(&changes.added, known.as_deref())?;
                Ok(vec![tree.append(element, &inner)])
            })?,
            None => create(&mut revision, &changes.added)?,
        }
    }
    match &changes.content {
        None => {}
        Some(NewContent::Text(ends)) if kind.extensions.contains(&"odt") => {
            words::extend(&mut revision, ends, limits)?;
        }
        Some(_) => return Err(FormatError::unsupported(0, "new content in this sort of document")),
    }
    revision.finish()
}

/// The elements of new fields. Without a prefix for their namespace, each brings one along.
fn fields(puts: &[Put], known: Option<&str>) -> Result<String, Problem> {
    let declared = if known.is_some() { String::new() } else { format!(" xmlns:meta=\"{URI}\"") };
    let p = known.unwrap_or("meta:");
    let mut inner = String::new();
    for put in puts {
        let value = utf8(&put.body, 0).map_err(|err| err.problem)?;
        let (name, value) = (quotable(&put.key).ok_or(UNWRITABLE)?, escape(value).ok_or(UNWRITABLE)?);
        inner.push_str(&format!(
            "<{p}user-defined{declared} {p}name=\"{name}\" {p}value-type=\"string\">{value}</{p}user-defined>"
        ));
    }
    Ok(inner)
}

/// A part of metadata where there is none.
fn create(revision: &mut Revision<'_>, puts: &[Put]) -> Result<(), FormatError> {
    let inner = fields(puts, Some("meta:")).map_err(|problem| FormatError::new(0, problem))?;
    let manifest =
        revision.index(MANIFEST).ok_or(FormatError::malformed(0, "a package without its manifest"))?;
    let mut version = String::new();
    revision.edit(manifest, |tree| {
        let root = tree.root().ok_or(Problem::Malformed("a manifest without its root"))?;
        version = tree.attribute(root, "version").unwrap_or_else(|| "1.2".to_owned());
        let p = Tree::own_prefix(root);
        // An attribute has a namespace only through a prefix.
        let a = if p.is_empty() { "manifest:" } else { p };
        let declared = match p {
            "" => " xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"",
            _ => "",
        };
        let one = format!("<{p}file-entry{declared} {a}full-path=\"{META}\" {a}media-type=\"text/xml\"/>");
        Ok(vec![tree.append(root, &one)])
    })?;
    let version = quotable(&version).ok_or(FormatError::new(0, UNWRITABLE))?;
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document-meta xmlns:office=\"{OFFICE}\" \
         xmlns:meta=\"{URI}\" office:version=\"{version}\"><office:meta>{inner}</office:meta></office:document-meta>"
    );
    revision.add(META, text);
    Ok(())
}
