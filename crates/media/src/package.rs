//! A document that is an archive of parts, most of them XML: what OOXML, ODF and EPUB have in common.

use std::collections::BTreeMap;

use crate::xml::{self, Decoded, Edit, Tree};
use crate::zip::{self, Archive, Change, Entry};
use crate::{Body, Carrier, Changes, Layout, Packet, Piece, Role};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// How often [`Limits::inflated`] all parts of metadata together may take.
const PARTS: u64 = 4;
/// Most fields listed of one document.
const FIELDS: usize = 1 << 16;

/// An archive with the metadata found in its parts.
#[derive(Debug)]
pub(crate) struct Package {
    /// The archive.
    pub(crate) archive: Archive,
    /// Its segments and packets.
    pub(crate) layout: Layout,
    /// Where each packet of the layout stands.
    pub(crate) origins: Vec<Origin>,
}

/// Where a packet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It is the comment of the archive.
    Comment,
    /// It is an element of a part: index of the entry, index of the element, and how its value stands in it.
    Element(usize, usize, Form),
    /// It cannot be changed.
    Fixed,
}

/// How a value stands in its element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// In the attribute `content`.
    Attribute,
    /// As the words of the element within it.
    Typed,
    /// As its words; the element is never taken out, since others count on it.
    Slot,
    /// As its words.
    Words,
}

/// A field found in a part.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its key.
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: String,
    /// The format's words for where it stands.
    pub(crate) place: &'static str,
    /// The element that it stands in.
    pub(crate) element: usize,
    /// How it stands in there.
    pub(crate) form: Form,
}

/// A package being read.
pub(crate) struct Opening<'a> {
    source: &'a dyn Source,
    limits: &'a Limits,
    window: Window<'a>,
    spent: u64,
    /// What was read so far.
    pub(crate) package: Package,
}

impl<'a> Opening<'a> {
    /// Reads the directory; `role` says what a part is for, by its name in lower case.
    ///
    /// # Errors
    /// If it is no archive that can be read.
    pub(crate) fn new(
        source: &'a dyn Source,
        limits: &'a Limits,
        role: fn(&str) -> Role,
    ) -> Result<Self, FormatError> {
        let archive = zip::open(source, limits)?;
        let layout = zip::layout(&archive, source.size(), |entry| role(&entry.name.to_ascii_lowercase()));
        let origins = layout.packets.iter().map(|_| Origin::Comment).collect();
        let package = Package { archive, layout, origins };
        let mut opening = Self { source, limits, window: Window::new(source), spent: 0, package };
        opening.manifests()?;
        Ok(opening)
    }

    /// C2PA manifests stand in entries of their own (C2PA 2.4, A.8).
    fn manifests(&mut self) -> Result<(), FormatError> {
        for index in 0..self.package.archive.entries.len() {
            let Some(entry) = self.package.archive.entries.get(index) else { break };
            if !entry.name.to_ascii_lowercase().ends_with(".c2pa") {
                continue;
            }
            let (body, span) = match zip::local(&mut self.window, &self.package.archive, entry) {
                Ok(local) if entry.method == 0 => (Body::Verbatim, local.data),
                Ok(local) => (Body::Coded(zip::inflated), local.data),
                Err(err) => {
                    let span = Span { start: entry.at, end: entry.at };
                    (Body::Broken(self.tolerable(err)?), span)
                }
            };
            self.add(Carrier::Manifest, String::new(), "C2PA manifest entry", span, body, Origin::Fixed);
        }
        Ok(())
    }

    /// The index of the entry of this name, give or take the case of letters.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.package.archive.entries.iter().position(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The indices of the entries whose name in lower case is wanted.
    pub(crate) fn indices(&self, wanted: impl Fn(&str) -> bool) -> Vec<usize> {
        let entries = self.package.archive.entries.iter().enumerate();
        entries
            .filter(|(_, entry)| wanted(&entry.name.to_ascii_lowercase()))
            .map(|(index, _)| index)
            .collect()
    }

    /// A part of metadata as text.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn text(&mut self, index: usize) -> Result<Decoded, FormatError> {
        let entry = self.package.archive.entries.get(index);
        let entry = entry.ok_or(FormatError::malformed(0, "a part that is not there"))?;
        let limit = self.limits.inflated.saturating_mul(PARTS);
        self.spent = self.spent.saturating_add(entry.size);
        if self.spent > limit {
            let problem = Problem::OverLimit { what: "bytes of metadata in a document", limit };
            return Err(FormatError::new(entry.at, problem));
        }
        let most = self.limits.inflated;
        let bytes =
            zip::read(&mut self.window, self.source, &self.package.archive, entry, most, self.limits)?;
        xml::decode(bytes).map_err(|problem| FormatError::new(entry.at, problem))
    }

    /// Lists the fields of a part. One that cannot be read becomes a packet that says so.
    ///
    /// # Errors
    /// If the system cannot read.
    pub(crate) fn fields(
        &mut self,
        index: usize,
        place: &'static str,
        find: impl FnOnce(&Tree<'_>) -> Vec<Found>,
    ) -> Result<(), FormatError> {
        let at = self.package.archive.entries.get(index).map_or(0, |entry| entry.at);
        let found = match self.text(index) {
            Ok(decoded) => xml::tree(&decoded.text, self.limits)
                .map(|tree| find(&tree))
                .map_err(|problem| FormatError::new(at, problem)),
            Err(err) => Err(self.tolerable(err)?),
        };
        match found {
            Ok(found) => {
                let span = self.span(index);
                for one in found {
                    let origin = Origin::Element(index, one.element, one.form);
                    let body = Body::Decoded(one.value.into_bytes());
                    self.add(Carrier::Field, one.key, one.place, span, body, origin);
                }
            }
            Err(err) => self.broken(place, err),
        }
        Ok(())
    }

    /// Notes a place of metadata that cannot be read.
    pub(crate) fn broken(&mut self, place: &'static str, err: FormatError) {
        let start = err.at.min(self.source.size());
        self.add(
            Carrier::Field,
            String::new(),
            place,
            Span { start, end: start },
            Body::Broken(err),
            Origin::Fixed,
        );
    }

    /// Notes damage to the document as a whole.
    pub(crate) fn damaged(&mut self, err: FormatError) {
        self.package.layout.damage.get_or_insert(err);
    }

    /// The bytes of an entry's data, or of its header if that cannot be read.
    fn span(&mut self, index: usize) -> Span {
        let archive = &self.package.archive;
        let Some(entry) = archive.entries.get(index) else { return Span { start: 0, end: 0 } };
        let local = zip::local(&mut self.window, archive, entry);
        local.map_or(Span { start: entry.at, end: entry.at }, |local| local.data)
    }

    /// An error that speaks of one part only; what the system says ends all reading.
    fn tolerable(&self, err: FormatError) -> Result<FormatError, FormatError> {
        if matches!(err.problem, Problem::Io(_)) { Err(err) } else { Ok(err) }
    }

    fn add(
        &mut self,
        carrier: Carrier,
        key: String,
        place: &'static str,
        span: Span,
        body: Body,
        origin: Origin,
    ) {
        if self.package.layout.packets.len() >= FIELDS {
            let problem = Problem::OverLimit { what: "fields in a document", limit: FIELDS as u64 };
            return self.damaged(FormatError::new(span.start, problem));
        }
        self.package.layout.packets.push(Packet { carrier, key, place, span, body });
        self.package.origins.push(origin);
    }
}

/// A package being changed.
pub(crate) struct Revision<'a> {
    source: &'a dyn Source,
    limits: &'a Limits,
    /// What is there.
    pub(crate) package: Package,
    parts: BTreeMap<usize, Decoded>,
    edits: BTreeMap<usize, Vec<Edit>>,
    change: Change,
}

impl<'a> Revision<'a> {
    /// Nothing changed yet.
    pub(crate) fn new(source: &'a dyn Source, limits: &'a Limits, package: Package) -> Self {
        let (parts, edits, change) = Default::default();
        Self { source, limits, package, parts, edits, change }
    }

    /// The entry of this name, give or take the case of letters.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.package.archive.entries.iter().position(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// A part as it was.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn part(&mut self, index: usize) -> Result<Decoded, FormatError> {
        if let Some(decoded) = self.parts.get(&index) {
            return Ok(decoded.clone());
        }
        let entry = self.package.archive.entries.get(index);
        let entry = entry.ok_or(FormatError::malformed(0, "a part that is not there"))?;
        let mut window = Window::new(self.source);
        let archive = &self.package.archive;
        let bytes = zip::read(&mut window, self.source, archive, entry, self.limits.text, self.limits)?;
        let decoded = xml::decode(bytes).map_err(|problem| FormatError::new(entry.at, problem))?;
        self.parts.insert(index, decoded.clone());
        Ok(decoded)
    }

    /// The elements of a part, for `edit` to say what is to change.
    ///
    /// # Errors
    /// If it cannot be read, or what `edit` says.
    pub(crate) fn edit(
        &mut self,
        index: usize,
        edit: impl FnOnce(&Tree<'_>) -> Result<Vec<Edit>, Problem>,
    ) -> Result<(), FormatError> {
        let at = self.package.archive.entries.get(index).map_or(0, |entry| entry.at);
        let decoded = self.part(index)?;
        let edits = xml::tree(&decoded.text, self.limits).and_then(|tree| edit(&tree));
        self.splice(index, edits.map_err(|problem| FormatError::new(at, problem))?);
        Ok(())
    }

    /// Edits of a part's text.
    pub(crate) fn splice(&mut self, index: usize, edits: Vec<Edit>) {
        self.edits.entry(index).or_default().extend(edits);
    }

    /// A new part.
    pub(crate) fn add(&mut self, name: &str, text: String) {
        self.change.added.push((name.to_owned(), text.into_bytes()));
    }

    /// Gives packets that are there their new values.
    ///
    /// # Errors
    /// If they cannot have them.
    pub(crate) fn replace(&mut self, changes: &Changes) -> Result<(), FormatError> {
        for (packet, value) in &changes.replaced {
            let missing = FormatError::unsupported(0, "a change to metadata that is not there");
            let origin = self.package.origins.get(*packet).copied().ok_or(missing)?;
            let at = self.package.layout.packets.get(*packet).map_or(0, |packet| packet.span.start);
            match (origin, value) {
                (Origin::Comment, None) => self.change.without_comment = true,
                (Origin::Element(entry, element, form), value) => {
                    let words = value.as_deref().map(|value| words(value, at)).transpose()?;
                    self.edit(entry, |tree| revised(tree, element, form, words))?;
                }
                _ => {
                    return Err(FormatError::unsupported(
                        at,
                        "changes to this sort of metadata in a document",
                    ));
                }
            }
        }
        Ok(())
    }

    /// How the document reads then.
    ///
    /// # Errors
    /// If the archive cannot hold it.
    pub(crate) fn finish(mut self) -> Result<Vec<Piece>, FormatError> {
        for (index, edits) in self.edits {
            if let Some(decoded) = self.parts.get(&index) {
                let text = xml::edited(&decoded.text, edits);
                self.change.replaced.insert(index, decoded.encode(&text));
            }
        }
        zip::rewritten(self.source, &self.package.archive, &self.change)
    }
}

/// A value as text.
///
/// # Errors
/// If it is not UTF-8.
pub(crate) fn words(value: &[u8], at: u64) -> Result<&str, FormatError> {
    str::from_utf8(value).map_err(|_| FormatError::malformed(at, "a value that is not UTF-8"))
}

/// What XML has no characters for.
pub(crate) const UNWRITABLE: Problem = Problem::Unsupported("these characters in XML");

fn revised(tree: &Tree<'_>, element: usize, form: Form, words: Option<&str>) -> Result<Vec<Edit>, Problem> {
    let missing = Problem::Malformed("an element that is not there");
    let found = tree.elements.get(element).ok_or(missing.clone())?;
    let Some(words) = words else {
        return Ok(vec![match form {
            Form::Slot => tree.set_words(found, "").ok_or(UNWRITABLE)?,
            _ => tree.remove(found),
        }]);
    };
    let edit = match form {
        Form::Words | Form::Slot => tree.set_words(found, words).ok_or(UNWRITABLE)?,
        Form::Typed => {
            let typed = tree.children(element).next().filter(|(_, one)| xml::local(one.name) == "lpwstr");
            let (_, typed) =
                typed.ok_or(Problem::Unsupported("a text in place of a value of another type"))?;
            tree.set_words(typed, words).ok_or(UNWRITABLE)?
        }
        Form::Attribute => {
            let attributes = tree.attributes(found);
            let site = attributes.iter().find(|one| one.name == "content").map(|one| one.site.clone());
            (site.ok_or(missing)?, format!("\"{}\"", xml::quotable(words).ok_or(UNWRITABLE)?))
        }
    };
    Ok(vec![edit])
}

/// Refuses what no document of this kind can take: cuts, and content other than words.
///
/// # Errors
/// [`Problem::Unsupported`], with what it was.
pub(crate) fn refuse_others(changes: &Changes) -> Result<(), FormatError> {
    if let Some(cut) = changes.cuts.first() {
        return Err(FormatError::unsupported(
            cut.start,
            "cutting words out of a document: take them out by hand",
        ));
    }
    match changes.added.iter().find(|put| put.carrier != Carrier::Field) {
        Some(_) => Err(FormatError::unsupported(0, "this sort of metadata in a document")),
        None => Ok(()),
    }
}

/// Whether an archive has an entry whose name in lower case is so.
pub(crate) fn has(archive: &Archive, is_it: impl Fn(&str) -> bool) -> Option<&Entry> {
    archive.entries.iter().find(|entry| is_it(&entry.name.to_ascii_lowercase()))
}
