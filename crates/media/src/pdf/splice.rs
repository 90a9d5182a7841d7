//! Changes to a document's metadata and marks on its pages.

use super::file::{File, Loaded};
use super::mark;
use super::metadata::{Holder, Metadata};
use super::object::{Dictionary, Object};
use super::signature;
use super::text_string::spelled;
use super::update::{Edit, Update};
use crate::{Carrier, Changes, Layout, NewContent, Piece};
use indicia_core::{FormatError, Limits, Source, Span};

/// Says how the file reads with these changes.
///
/// # Errors
/// If the file cannot be changed so, and why.
pub(crate) fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    if !changes.cuts.is_empty() {
        return Err(FormatError::unsupported(0, "cutting bytes out of a PDF"));
    }
    let file = File::open(source, limits)?;
    if let Some(damage) = &file.damage {
        return Err(damage.clone());
    }
    let metadata = Metadata::read(&file)?;
    if let Some(damage) = metadata.damage {
        return Err(damage);
    }
    let mut update = Update::new(&file)?;
    signature::allow_metadata(&file)?;
    let none = Dictionary::default();
    let held = metadata.info.as_ref();
    let info = held.and_then(|loaded| loaded.object.dictionary()).unwrap_or(&none);
    let (mut edit, mut xmp) = (Edit::default(), None);
    for (at, value) in &changes.replaced {
        let there = metadata.held.get(*at);
        let there = there.ok_or(FormatError::unsupported(0, "a change to a packet that is not there"))?;
        match (there.holder, value) {
            (Holder::Info(at), Some(value)) => {
                edit.replaced.insert(at, spelled(text(value)?));
            }
            (Holder::Info(at), None) => {
                edit.removed.insert(at);
            }
            (Holder::Metadata, value) => xmp = Some(value.as_deref()),
            (Holder::Attached, _) => {
                return Err(FormatError::unsupported(there.packet.span.start, "changing a C2PA manifest"));
            }
        }
    }
    for put in &changes.added {
        match put.carrier {
            Carrier::Field if !put.key.is_empty() => {
                edit.added.push((put.key.clone().into_bytes(), spelled(text(&put.body)?)));
            }
            Carrier::Xmp => xmp = Some(Some(put.body.as_slice())),
            _ => return Err(FormatError::unsupported(0, "this sort of metadata in a PDF")),
        }
    }
    if !(edit.replaced.is_empty() && edit.removed.is_empty() && edit.added.is_empty()) {
        put_info(&file, &mut update, held, info, &edit)?;
    }
    if let Some(xmp) = xmp {
        put_xmp(&file, &mut update, &metadata, xmp)?;
    }
    match &changes.content {
        None => {}
        Some(NewContent::Pages(ends)) => mark::draw(&file, &mut update, ends)?,
        Some(_) => return Err(FormatError::unsupported(0, "this sort of content in a PDF")),
    }
    update.pieces(&file)
}

fn text(value: &[u8]) -> Result<&str, FormatError> {
    std::str::from_utf8(value).map_err(|_| FormatError::unsupported(0, "a value that is not UTF-8"))
}

fn put_info(
    file: &File<'_>,
    update: &mut Update,
    held: Option<&Loaded>,
    info: &Dictionary,
    edit: &Edit,
) -> Result<(), FormatError> {
    let body = match held {
        Some(loaded) => edit.apply(info, &loaded.bytes),
        None => edit.apply(&Dictionary { range: 0..4, ..Dictionary::default() }, b"<<>>"),
    };
    let id = match (held, &file.info) {
        (Some(loaded), Some(Object::Reference(_))) => loaded.id,
        // None yet, or one that stands in the trailer itself, where it should not.
        _ => update.fresh()?,
    };
    update.info = Some(id);
    update.put(id, body);
    Ok(())
}

fn put_xmp(
    file: &File<'_>,
    update: &mut Update,
    metadata: &Metadata,
    xmp: Option<&[u8]>,
) -> Result<(), FormatError> {
    let root = file.root.ok_or(FormatError::malformed(0, "the trailer names no catalog"))?;
    if let (Some(id), Some(xmp)) = (metadata.stream, xmp) {
        update.put_stream(id, " /Type /Metadata /Subtype /XML", xmp);
        return Ok(());
    }
    let loaded = file.load(root)?;
    let Some(catalog) = loaded.object.dictionary() else {
        return Err(FormatError::malformed(loaded.span.start, "the catalog is no dictionary"));
    };
    let mut edit = Edit::default();
    match xmp {
        Some(xmp) => {
            let id = update.fresh()?;
            update.put_stream(id, " /Type /Metadata /Subtype /XML", xmp);
            edit.set(catalog, b"Metadata", format!("{} {} R", id.number, id.generation).into_bytes());
        }
        None => {
            let there = catalog.entries.iter().enumerate().filter(|(_, entry)| entry.key == b"Metadata");
            edit.removed = there.map(|(at, _)| at).collect();
        }
    }
    update.put(loaded.id, edit.apply(catalog, &loaded.bytes));
    Ok(())
}
