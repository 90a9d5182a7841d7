//! Custom properties put in, with what makes the package point to them.

use super::{CONTENT_TYPES, CUSTOM, Kind, Links, RELATIONSHIPS, UNLINKED, survey, words};
use crate::package::{Revision, UNWRITABLE, has, refuse_others, words as utf8};
use crate::xml::{Edit, Tree, escape, local, quotable};
use crate::{Changes, Layout, NewContent, Piece, Put};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// The format identifier of custom properties (ECMA-376 part 1, 22.3).
const FMTID: &str = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}";
/// The first number that a custom property may have.
const FIRST: u32 = 2;
/// The content type of the part.
const CONTENT_TYPE: &str = "application/vnd.openxmlformats-officedocument.custom-properties+xml";

/// Namespaces and relationship type, of ECMA-376 and of ISO/IEC 29500 Strict.
struct Words {
    properties: &'static str,
    types: &'static str,
    relationship: &'static str,
}

const TRANSITIONAL: Words = Words {
    properties: "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
    types: "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes",
    relationship: "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
};

const STRICT: Words = Words {
    properties: "http://purl.oclc.org/ooxml/officeDocument/customProperties",
    types: "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes",
    relationship: "http://purl.oclc.org/ooxml/officeDocument/relationships/customProperties",
};

/// Says how a package reads with changes made to it.
///
/// # Errors
/// If it is signed, or cannot hold what is put.
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
    if let Some(entry) = has(&package.archive, |name| name.starts_with("_xmlsignatures/")) {
        let why = "changes to a document with a digital signature, which they would break: sign it again after labelling";
        return Err(FormatError::unsupported(entry.at, why));
    }
    let mut revision = Revision::new(source, limits, package);
    revision.replace(changes)?;
    let rels =
        revision.index(RELATIONSHIPS).ok_or(FormatError::malformed(0, "a package without _rels/.rels"))?;
    let text = revision.part(rels)?.text;
    let links = crate::xml::tree(&text, limits).map(|tree| Links::read(&tree));
    let links = links.map_err(|problem| FormatError::new(0, problem))?;
    let spelling = if links.strict { STRICT } else { TRANSITIONAL };
    let linked = links.target("customproperties").map(str::to_owned);
    let part = linked.as_deref().and_then(|part| revision.index(part));
    let unlinked = if part.is_none() { revision.index(CUSTOM) } else { None };
    if !changes.added.is_empty() {
        match part.or(unlinked) {
            Some(part) => revision.edit(part, |tree| added(tree, &changes.added, &spelling))?,
            None => {
                let name = linked.as_deref().unwrap_or(CUSTOM);
                let text =
                    fresh(&changes.added, &spelling).map_err(|problem| FormatError::new(0, problem))?;
                revision.add(name, text);
            }
        }
    }
    let home = linked.clone().unwrap_or_else(|| CUSTOM.to_owned());
    if linked.is_none() && (!changes.added.is_empty() || revives(&revision, changes)) {
        revision.edit(rels, |tree| relationship(tree, &home, &spelling))?;
    }
    if part.is_none() && (!changes.added.is_empty() || revives(&revision, changes)) {
        let types = revision.index(CONTENT_TYPES);
        let types = types.ok_or(FormatError::malformed(0, "a package without [Content_Types].xml"))?;
        revision.edit(types, |tree| content_type(tree, &home))?;
    }
    match &changes.content {
        None => {}
        Some(NewContent::Text(ends)) if kind.folder == "word/" => {
            words::extend(&mut revision, &links, ends, limits)?
        }
        Some(_) => return Err(FormatError::unsupported(0, "new content in this sort of document")),
    }
    revision.finish()
}

/// Whether a value is given to a property that no program would read as it stands.
fn revives(revision: &Revision<'_>, changes: &Changes) -> bool {
    changes.replaced.iter().any(|(at, value)| {
        let packet = revision.package.layout.packets.get(*at);
        value.is_some() && packet.is_some_and(|packet| packet.place == UNLINKED)
    })
}

/// A whole part.
fn fresh(puts: &[Put], words: &Words) -> Result<String, Problem> {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n<Properties xmlns=\"{}\" xmlns:vt=\"{}\">",
        words.properties, words.types
    );
    for (pid, put) in (FIRST..).zip(puts) {
        text.push_str(&property("", "vt:", "", pid, put)?);
    }
    text.push_str("</Properties>");
    Ok(text)
}

/// New properties in a part that is there.
fn added(tree: &Tree<'_>, puts: &[Put], words: &Words) -> Result<Vec<Edit>, Problem> {
    let root = tree.root().filter(|root| local(root.name) == "Properties");
    let root = root.ok_or(Problem::Malformed("a part of custom properties without its root"))?;
    let taken: Vec<u32> =
        tree.children(0).filter_map(|(_, one)| tree.attribute(one, "pid")?.trim().parse().ok()).collect();
    let highest = taken.iter().copied().max().unwrap_or_default();
    let mut free: Box<dyn Iterator<Item = u32>> =
        match highest.checked_add(1 + u32::try_from(puts.len()).unwrap_or(0)) {
            Some(_) => Box::new(FIRST.max(highest.saturating_add(1))..),
            None => Box::new((FIRST..).filter(|pid| !taken.contains(pid))),
        };
    let known = tree.prefix_of(0, &[words.types]).filter(|prefix| !prefix.is_empty());
    let declared = if known.is_some() { String::new() } else { format!(" xmlns:vt=\"{}\"", words.types) };
    let types = known.as_deref().unwrap_or("vt:");
    let mut inner = String::new();
    for put in puts {
        let pid = free.next().ok_or(Problem::Unsupported("so many custom properties"))?;
        inner.push_str(&property(Tree::own_prefix(root), types, &declared, pid, put)?);
    }
    Ok(vec![tree.append(root, &inner)])
}

fn property(prefix: &str, types: &str, declared: &str, pid: u32, put: &Put) -> Result<String, Problem> {
    let value = utf8(&put.body, 0).map_err(|err| err.problem)?;
    let (name, value) = (quotable(&put.key).ok_or(UNWRITABLE)?, escape(value).ok_or(UNWRITABLE)?);
    Ok(format!(
        "<{prefix}property fmtid=\"{FMTID}\" pid=\"{pid}\" name=\"{name}\">\
         <{types}lpwstr{declared}>{value}</{types}lpwstr></{prefix}property>"
    ))
}

/// Makes the package point to the part.
fn relationship(tree: &Tree<'_>, part: &str, words: &Words) -> Result<Vec<Edit>, Problem> {
    let root = tree.root().ok_or(Problem::Malformed("relationships without their root"))?;
    let ids: Vec<String> = tree.children(0).filter_map(|(_, one)| tree.attribute(one, "Id")).collect();
    let id = (1_u32..).map(|number| format!("rId{number}")).find(|id| !ids.contains(id)).unwrap_or_default();
    let prefix = Tree::own_prefix(root);
    let part = quotable(part).ok_or(UNWRITABLE)?;
    let one =
        format!("<{prefix}Relationship Id=\"{id}\" Type=\"{}\" Target=\"{part}\"/>", words.relationship);
    Ok(vec![tree.append(root, &one)])
}

/// Lists the part among those of the package.
fn content_type(tree: &Tree<'_>, part: &str) -> Result<Vec<Edit>, Problem> {
    let root = tree.root().ok_or(Problem::Malformed("content types without their root"))?;
    let name = format!("/{part}");
    for (_, one) in tree.children(0) {
        if tree.attribute(one, "PartName").is_some_and(|there| there.eq_ignore_ascii_case(&name)) {
            return match tree.attribute(one, "ContentType") {
                Some(there) if there == CONTENT_TYPE => Ok(Vec::new()),
                _ => Err(Problem::Unsupported(
                    "custom properties where the package has a part of another type",
                )),
            };
        }
    }
    let (prefix, name) = (Tree::own_prefix(root), quotable(&name).ok_or(UNWRITABLE)?);
    let one = format!("<{prefix}Override PartName=\"{name}\" ContentType=\"{CONTENT_TYPE}\"/>");
    Ok(vec![tree.append(root, &one)])
}
