//! The metadata of a document: its Info dictionary, its metadata stream, its C2PA manifests.

use super::file::{File, Loaded};
use super::filter;
use super::object::{Dictionary, Id, Object};
use super::text_string;
use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Problem, Span};

/// Where the fields of the Info dictionary stand.
pub(crate) const INFO: &str = "Info dictionary";
/// Where XMP stands.
pub(crate) const METADATA: &str = "Metadata stream";
/// Where C2PA manifests stand.
const ATTACHED: &str = "embedded file";

/// Most nodes of the tree of embedded files looked at.
const NODES: usize = 4096;

/// A piece of metadata, and what holds it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// It.
    pub(crate) packet: Packet,
    /// What holds it.
    pub(crate) holder: Holder,
}

/// What holds a piece of metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The pair of this index in the Info dictionary.
    Info(usize),
    /// The catalog's metadata stream.
    Metadata,
    /// An embedded file.
    Attached,
}

/// All metadata of a file, in file order.
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    /// The pieces.
    pub(crate) held: Vec<Held>,
    /// The Info dictionary.
    pub(crate) info: Option<Loaded>,
    /// The metadata stream.
    pub(crate) stream: Option<Id>,
    /// What could not be looked at.
    pub(crate) damage: Option<FormatError>,
}

impl Metadata {
    /// Reads what is there.
    ///
    /// # Errors
    /// If the system cannot read. What is broken otherwise is noted.
    pub(crate) fn read(file: &File<'_>) -> Result<Self, FormatError> {
        let mut all = Self::default();
        let info = all.info(file);
        all.note(info)?;
        let catalog = match file.root.map(|root| file.load(root)).transpose() {
            Ok(Some(Loaded { object: Object::Dictionary(catalog), .. })) => catalog,
            Ok(_) => Dictionary::default(),
            Err(err) => {
                all.note(Err(err))?;
                Dictionary::default()
            }
        };
        let stream = all.stream(file, &catalog);
        all.note(stream)?;
        let manifests = all.manifests(file, &catalog);
        all.note(manifests)?;
        all.held.sort_by_key(|held| held.packet.span);
        Ok(all)
    }

    fn note(&mut self, done: Result<(), FormatError>) -> Result<(), FormatError> {
        match done {
            Err(err) if matches!(err.problem, Problem::Io(_)) => Err(err),
            Err(err) => {
                self.damage.get_or_insert(err);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn info(&mut self, file: &File<'_>) -> Result<(), FormatError> {
        let loaded = match &file.info {
            Some(Object::Reference(id)) => file.load(*id)?,
            Some(direct @ Object::Dictionary(_)) => {
                let Some((section, _)) = file.xref.trailer(b"Info") else { return Ok(()) };
                let (bytes, span) = (section.source.clone(), section.span);
                Loaded { id: Id::default(), object: direct.clone(), bytes, base: None, span, stream: None }
            }
            _ => return Ok(()),
        };
        let Some(info) = loaded.object.dictionary() else { return Ok(()) };
        for (at, entry) in info.entries.iter().enumerate() {
            let key = String::from_utf8_lossy(&entry.key).into_owned();
            let span = loaded.site(&entry.site);
            let packet = |span, body| Packet { carrier: Carrier::Field, key, place: INFO, span, body };
            let packet = match &entry.value {
                Object::Null => continue,
                Object::Reference(id) => match file.load(*id) {
                    Ok(target) => {
                        let source = target.bytes.clone();
                        packet(target.span, value(file, &target, &target.object, &source)?)
                    }
                    Err(err) if matches!(err.problem, Problem::Io(_)) => return Err(err),
                    Err(err) => packet(span, Body::Broken(err)),
                },
                direct => {
                    let source = loaded.bytes.get(entry.site.clone()).unwrap_or_default();
                    packet(span, value(file, &loaded, direct, source)?)
                }
            };
            self.held.push(Held { packet, holder: Holder::Info(at) });
        }
        self.info = Some(loaded);
        Ok(())
    }

    fn stream(&mut self, file: &File<'_>, catalog: &Dictionary) -> Result<(), FormatError> {
        let Some(Object::Reference(id)) = catalog.find(b"Metadata") else { return Ok(()) };
        let loaded = file.load(*id)?;
        if loaded.object == Object::Null {
            return Ok(());
        }
        self.stream = Some(*id);
        let packet = data(file, &loaded, Carrier::Xmp, METADATA)?;
        self.held.push(Held { packet, holder: Holder::Metadata });
        Ok(())
    }

    fn manifests(&mut self, file: &File<'_>, catalog: &Dictionary) -> Result<(), FormatError> {
        let mut seen = Vec::new();
        if let Some(associated) = catalog.find(b"AF") {
            for file_specification in file.resolve(associated)?.items() {
                self.manifest(file, file_specification, &mut seen)?;
            }
        }
        // Where a certification forbids other changes, a manifest is attached to a page (C2PA 2.2, annex A.4).
        if catalog.find(b"Perms").is_some() {
            self.annotated(file, catalog, &mut seen)?;
        }
        let Some(names) = file.inner(catalog, b"Names")? else { return Ok(()) };
        let Some(root) = names.find(b"EmbeddedFiles") else { return Ok(()) };
        let (mut nodes, mut looked) = (vec![root.clone()], 0);
        while let Some(node) = nodes.pop() {
            looked += 1;
            if looked > NODES || nodes.len() > NODES {
                let problem = Problem::OverLimit { what: "nodes of embedded files", limit: NODES as u64 };
                return Err(FormatError::new(0, problem));
            }
            let node = file.resolve(&node)?;
            let Some(node) = node.dictionary() else { continue };
            if let Some(kids) = node.find(b"Kids") {
                nodes.extend(file.resolve(kids)?.items().iter().take(NODES + 1).cloned());
            }
            if let Some(names) = node.find(b"Names") {
                for pair in file.resolve(names)?.items().chunks(2) {
                    if let [_, file_specification] = pair {
                        self.manifest(file, file_specification, &mut seen)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Manifests that are attached to pages.
    fn annotated(
        &mut self,
        file: &File<'_>,
        catalog: &Dictionary,
        seen: &mut Vec<Id>,
    ) -> Result<(), FormatError> {
        let mut nodes: Vec<Object> = catalog.find(b"Pages").cloned().into_iter().collect();
        let mut looked = 0;
        while let Some(node) = nodes.pop() {
            looked += 1;
            if looked > NODES || nodes.len() > NODES {
                let problem =
                    Problem::OverLimit { what: "pages looked at for attachments", limit: NODES as u64 };
                return Err(FormatError::new(0, problem));
            }
            let Object::Dictionary(node) = file.resolve(&node)? else { continue };
            if let Some(kids) = node.find(b"Kids") {
                nodes.extend(file.resolve(kids)?.items().iter().take(NODES + 1).cloned());
            }
            let Some(annotations) = node.find(b"Annots") else { continue };
            for annotation in file.resolve(annotations)?.items() {
                let annotation = file.resolve(annotation)?;
                if let Some(file_specification) = annotation.dictionary().and_then(|found| found.find(b"FS"))
                {
                    self.manifest(file, file_specification, seen)?;
                }
            }
        }
        Ok(())
    }

    fn manifest(&mut self, file: &File<'_>, object: &Object, seen: &mut Vec<Id>) -> Result<(), FormatError> {
        let resolved = file.resolve(object)?;
        let Some(specification) = resolved.dictionary() else { return Ok(()) };
        if !specification.says(b"AFRelationship", b"C2PA_Manifest") {
            return Ok(());
        }
        let files = file.inner(specification, b"EF")?.unwrap_or_default();
        let embedded = files.find(b"F").or_else(|| files.find(b"UF"));
        let Some(Object::Reference(id)) = embedded else {
            return Err(FormatError::malformed(0, "a C2PA manifest has no file"));
        };
        if !seen.contains(id) {
            seen.push(*id);
            let packet = data(file, &file.load(*id)?, Carrier::Manifest, ATTACHED)?;
            self.held.push(Held { packet, holder: Holder::Attached });
        }
        Ok(())
    }
}

/// A value as text.
fn value(file: &File<'_>, holder: &Loaded, value: &Object, source: &[u8]) -> Result<Body, FormatError> {
    let text = match value {
        Object::String(bytes) => {
            // What stands in an object stream is encrypted along with it, and the trailer never is.
            let cipher = file.cipher.as_ref().filter(|_| holder.base.is_some());
            match cipher {
                None => text_string::decode(bytes),
                Some(Err(err)) => return Ok(Body::Broken(err.clone())),
                Some(Ok(cipher)) => match cipher.string(holder.id, bytes) {
                    Ok(bytes) => text_string::decode(&bytes),
                    Err(problem) => return Ok(Body::Broken(FormatError::new(holder.span.start, problem))),
                },
            }
        }
        Object::Name(name) => String::from_utf8_lossy(name).into_owned(),
        // No text by the standard; as it is spelled, it still tells a reader what is there.
        _ => String::from_utf8_lossy(source).into_owned(),
    };
    Ok(Body::Decoded(text.into_bytes()))
}

/// The data of a stream as a packet.
fn data(
    file: &File<'_>,
    loaded: &Loaded,
    carrier: Carrier,
    place: &'static str,
) -> Result<Packet, FormatError> {
    let packet = |span: Span, body| Packet { carrier, key: String::new(), place, span, body };
    let span = match file.data(loaded) {
        Ok(span) => span,
        Err(err) if matches!(err.problem, Problem::Io(_)) => return Err(err),
        Err(err) => return Ok(packet(loaded.span, Body::Broken(err))),
    };
    let dictionary = loaded.object.dictionary();
    let filter = dictionary.and_then(|dictionary| dictionary.find(b"Filter"));
    let parameters = dictionary.and_then(|dictionary| dictionary.find(b"DecodeParms"));
    let plain = file.cipher.is_none() && parameters.is_none();
    let body = match filter {
        None if plain => Body::Verbatim,
        Some(Object::Name(name)) if plain && name == b"FlateDecode" => Body::Coded(filter::inflate),
        _ => match file.decoded(loaded) {
            Ok(bytes) => Body::Decoded(bytes),
            Err(err) if matches!(err.problem, Problem::Io(_)) => return Err(err),
            Err(err) => Body::Broken(err),
        },
    };
    Ok(packet(span, body))
}
