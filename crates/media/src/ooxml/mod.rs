//! Office Open XML (ECMA-376): packages of Word, Excel and PowerPoint, and the metadata in them.

mod kind;
mod properties;
mod styles;
#[cfg(test)]
mod tests;
mod words;

use crate::package::{Form, Found, Opening, Package};
use crate::xml::{Tree, local};
use crate::{Layout, Role};
use indicia_core::{FormatError, Limits, Problem, Source};

pub(crate) use kind::{EXCEL, Kind, POWERPOINT, WORD, recognize};
pub(crate) use properties::splice;
pub(crate) use words::decode;

/// Where custom properties stand.
pub(crate) const CUSTOM: &str = "docProps/custom.xml";
/// The same, in a part that the package does not point to, so that no program reads it.
pub(crate) const UNLINKED: &str = "docProps/custom.xml without relationship";

/// The part that lists what a package consists of.
const CONTENT_TYPES: &str = "[Content_Types].xml";
/// The part that tells which part is what.
const RELATIONSHIPS: &str = "_rels/.rels";

/// The parts that the package points to, by the last part of the relationship's type.
#[derive(Debug, Default)]
struct Links {
    /// Type without hyphens in lower case, and the part's name.
    targets: Vec<(String, String)>,
    /// Whether the types are those of ISO/IEC 29500 Strict.
    strict: bool,
}

impl Links {
    fn read(tree: &Tree<'_>) -> Self {
        let mut links = Self::default();
        for (_, one) in tree.children(0) {
            let external = tree.attribute(one, "TargetMode").is_some_and(|mode| mode == "External");
            let (Some(kind), Some(target)) = (tree.attribute(one, "Type"), tree.attribute(one, "Target"))
            else {
                continue;
            };
            if external {
                continue;
            }
            let last = kind.rsplit('/').next().unwrap_or_default().replace('-', "").to_ascii_lowercase();
            links.strict |= last == "officedocument" && kind.starts_with("http://purl.oclc.org/");
            let target = target.trim_start_matches("./").trim_start_matches('/').to_owned();
            links.targets.push((last, target));
        }
        links
    }

    /// The part of this type.
    fn target(&self, kind: &str) -> Option<&str> {
        self.targets.iter().find(|(one, _)| one == kind).map(|(_, target)| target.as_str())
    }
}

/// What a part is for.
fn role(name: &str) -> Role {
    let metadata = ["docprops/", "customxml/", "docmetadata/"];
    match name {
        _ if name.ends_with(".rels") || name.ends_with('/') => Role::Structure,
        _ if metadata.iter().any(|folder| name.starts_with(folder)) => Role::Metadata,
        _ if name.ends_with(".c2pa") => Role::Metadata,
        "[content_types].xml" => Role::Structure,
        _ if name.starts_with("_xmlsignatures/") => Role::Structure,
        _ => Role::Essence,
    }
}

/// Reads the directory and the parts of metadata.
///
/// # Errors
/// If it is no package of this kind, or cannot be read.
pub(crate) fn survey(source: &dyn Source, limits: &Limits, kind: &Kind) -> Result<Package, FormatError> {
    let mut opening = Opening::new(source, limits, role)?;
    let own = opening.indices(|name| name.starts_with(kind.folder));
    let rels = opening.index(RELATIONSHIPS);
    if opening.index(CONTENT_TYPES).is_none() {
        if own.is_empty() && rels.is_none() {
            return Err(FormatError::new(0, Problem::Unrecognized));
        }
        opening.damaged(FormatError::malformed(0, "a package without [Content_Types].xml"));
    }
    let mut links = Links::default();
    match rels {
        None => opening.damaged(FormatError::malformed(0, "a package without _rels/.rels")),
        Some(rels) => {
            let at = opening.package.archive.entries.get(rels).map_or(0, |entry| entry.at);
            let read = opening.text(rels).and_then(|decoded| {
                let tree = crate::xml::tree(&decoded.text, limits);
                tree.map(|tree| Links::read(&tree)).map_err(|problem| FormatError::new(at, problem))
            });
            match read {
                Ok(read) => links = read,
                Err(err) if matches!(err.problem, Problem::Io(_)) => return Err(err),
                Err(err) => opening.damaged(err),
            }
        }
    }
    let linked = |part: &str, kind: &str| {
        links.targets.iter().any(|(one, target)| one == kind && target.eq_ignore_ascii_case(part))
    };
    for index in 0..opening.package.archive.entries.len() {
        let Some(name) = opening.package.archive.entries.get(index).map(|entry| entry.name.clone()) else {
            break;
        };
        let lower = name.to_ascii_lowercase();
        if linked(&name, "customproperties") {
            opening.fields(index, CUSTOM, |tree| custom(tree, CUSTOM))?;
        } else if lower == CUSTOM.to_ascii_lowercase() {
            opening.fields(index, UNLINKED, |tree| custom(tree, UNLINKED))?;
        } else if linked(&name, "coreproperties") || lower == "docprops/core.xml" {
            opening.fields(index, "docProps/core.xml", |tree| plain(tree, "docProps/core.xml"))?;
        } else if linked(&name, "extendedproperties") || lower == "docprops/app.xml" {
            opening.fields(index, "docProps/app.xml", |tree| plain(tree, "docProps/app.xml"))?;
        } else if lower.starts_with("customxml/item")
            && lower.ends_with(".xml")
            && !lower.contains("itemprops")
        {
            opening.fields(index, "customXml item", items)?;
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

/// The custom properties of a part.
fn custom(tree: &Tree<'_>, place: &'static str) -> Vec<Found> {
    let properties = tree.children(0).filter(|(_, one)| local(one.name) == "property");
    let found = properties.filter_map(|(element, one)| {
        let (key, value) = (tree.attribute(one, "name")?, tree.all_words(element));
        Some(Found { key, value, place, element, form: Form::Typed })
    });
    found.collect()
}

/// The elements of a part that holds one element for each property.
fn plain(tree: &Tree<'_>, place: &'static str) -> Vec<Found> {
    let found = tree.children(0).filter_map(|(element, one)| {
        let value = tree.all_words(element);
        let filled = !value.trim().is_empty();
        filled.then(|| Found { key: local(one.name).to_owned(), value, place, element, form: Form::Words })
    });
    found.collect()
}

/// The words of an item of custom XML: each with the names of its element and of that around it.
fn items(tree: &Tree<'_>) -> Vec<Found> {
    let leaves = tree.elements.iter().enumerate().filter(|(_, one)| !one.has_children);
    let found = leaves.filter(|(_, one)| !one.words.trim().is_empty()).map(|(element, one)| {
        let around =
            tree.elements.get(one.parent).filter(|_| element > 0).map_or("item", |one| local(one.name));
        let (key, value) = (format!("{around}/{}", local(one.name)), one.words.clone());
        Found { key, value, place: "customXml item", element, form: Form::Slot }
    });
    found.collect()
}
