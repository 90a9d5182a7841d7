//! What stands where in a drawing.

use std::borrow::Cow;
use std::ops::Range;

use super::METADATA;
use crate::markup::{Letters, Notation, Scanner, Token, attributes, base64, part};
use crate::text;
use crate::text_splice::MARK;
use crate::xml::unescape;
use crate::{Body, Carrier, Layout, Packet, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// How often [`Limits::depth`] elements may stand in each other: groups go deep, and nothing here recurses.
const DEPTH: usize = 16;

/// A drawing whose every piece of metadata is found.
#[derive(Debug)]
pub(super) struct Drawing {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// How they are coded.
    pub(super) letters: Letters,
    /// Size of the byte-order mark, in bytes.
    pub(super) mark: u64,
    /// The metadata, each with where and how it stands.
    pub(super) found: Vec<Found>,
    /// The outermost element.
    pub(super) root: Option<Element>,
    /// The `metadata` elements directly in the root.
    pub(super) metadata: Vec<Element>,
    /// What cannot be read.
    pub(super) damage: Option<FormatError>,
}

/// An element.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) name: Range<usize>,
    /// Its start tag.
    pub(super) tag: Range<usize>,
    /// Where its end tag starts; where it ends if it is a single tag.
    pub(super) end: usize,
    /// All of it.
    pub(super) all: Range<usize>,
    pub(super) is_single: bool,
}

/// A piece of metadata in a drawing.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) packet: Packet,
    /// The element, attribute or comment that it stands in.
    pub(super) all: Range<usize>,
    pub(super) form: Form,
}

/// How a piece of metadata stands in a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As an attribute's value.
    Attribute,
    /// As words in an element.
    Words,
    /// Within a comment.
    Comment,
    /// As one or more elements.
    Markup,
}

/// Reads all of the file, up to [`Limits::text`]: metadata and comments can stand anywhere.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let drawing = survey(source, limits)?;
    let size = source.size();
    let mut layout = Layout { damage: drawing.damage.clone(), ..Layout::default() };
    let mut cuts = vec![(MARK, drawing.mark, Role::Structure)];
    if let Some(root) = &drawing.root {
        cuts.push((*b"HEAD", drawing.span(&root.tag).end, Role::Structure));
        for element in &drawing.metadata {
            let span = drawing.span(&element.all);
            cuts.push((*b"DRAW", span.start, Role::Essence));
            cuts.push((*b"META", span.end, Role::Metadata));
        }
        cuts.push((*b"DRAW", drawing.span(&root.all).end, Role::Essence));
    }
    let tail = if drawing.damage.is_some() { Role::Unknown } else { Role::Structure };
    cuts.push((*b"TAIL", size, tail));
    let mut start = 0;
    for (name, end, role) in cuts {
        let end = end.min(size);
        if start < end {
            layout.segments.push(Segment { name, span: Span { start, end }, role });
            start = end;
        }
    }
    layout.packets = drawing.found.into_iter().map(|found| found.packet).collect();
    Ok(layout)
}

/// Finds every piece of metadata of a drawing.
///
/// # Errors
/// If it cannot be read, or is no text.
pub(super) fn survey(source: &dyn Source, limits: &Limits) -> Result<Drawing, FormatError> {
    let bytes = text::take(source, limits)?;
    let whole = bytes.len() as u64 == source.size();
    let (letters, mark, mut damage) = Letters::of(&bytes, Some(&declared(&bytes)), whole)?;
    // What comes after the limit was not looked at, and there may be a label in it.
    if damage.is_none() {
        damage = text::within(source, limits).err();
    }
    let narrowed = letters.narrow(&bytes).into_owned();
    let first = usize::try_from(mark).unwrap_or_default() / letters.unit();
    let drawing = Drawing {
        bytes: Vec::new(),
        letters,
        mark,
        found: Vec::new(),
        root: None,
        metadata: Vec::new(),
        damage,
    };
    let mut walk =
        Walk { drawing, text: &narrowed, bytes: &bytes, open: Vec::new(), within: Vec::new(), sheet: None };
    if let Err(err) = walk.run(first, limits) {
        walk.drawing.damage.get_or_insert(err);
        walk.close();
    }
    let mut drawing = walk.drawing;
    drawing.bytes = bytes;
    Ok(drawing)
}

/// The name of the encoding that the XML declaration names; UTF-8 if there is none.
fn declared(bytes: &[u8]) -> Vec<u8> {
    let head = bytes.get(..bytes.len().min(256)).unwrap_or_default();
    let found = || {
        let end = memchr::memmem::find(head, b"?>").filter(|_| head.starts_with(b"<?xml"))?;
        let head = head.get(..end)?;
        let after = head.get(memchr::memmem::find(head, b"encoding")? + 8..)?.trim_ascii_start();
        let quoted = after.strip_prefix(b"=")?.trim_ascii_start();
        let (quote, name) = quoted.split_first()?;
        name.split(|byte| byte == quote).next()
    };
    found().unwrap_or(b"utf-8").to_vec()
}

/// The part of a name after its colon.
pub(super) fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b':').next().unwrap_or(name)
}

impl Drawing {
    /// The bytes in the file of a range of units.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        let at = |unit: usize| (unit * self.letters.unit()) as u64;
        Span { start: at(range.start), end: at(range.end) }
    }

    /// The words of a range of units, as written.
    pub(super) fn written(&self, bytes: &[u8], range: &Range<usize>) -> String {
        let unit = self.letters.unit();
        self.letters.decode(part(bytes, &(range.start * unit..range.end * unit)))
    }
}

/// An element that is followed to its end, since it is metadata or holds some.
#[derive(Debug)]
struct Sheet {
    /// Number of elements open around it.
    depth: usize,
    kind: Kind,
    words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A `title` or `desc`.
    Title,
    /// XMP, or RDF without its wrapper.
    Xmp,
    /// A C2PA manifest store.
    Manifest,
    /// Something else within `metadata`.
    Other,
}

/// What stands directly in a `metadata` element.
#[derive(Debug)]
struct Metadata {
    depth: usize,
    words: String,
    /// Where a packet wrapper begins.
    wrapper: Option<usize>,
    /// The XMP found last in it: its index, and whether only white space followed.
    last: Option<usize>,
    has_elements: bool,
}

struct Walk<'a> {
    drawing: Drawing,
    text: &'a [u8],
    bytes: &'a [u8],
    open: Vec<Element>,
    /// The `metadata` elements open.
    within: Vec<Metadata>,
    sheet: Option<Sheet>,
}

impl Walk<'_> {
    fn run(&mut self, first: usize, limits: &Limits) -> Result<(), FormatError> {
        let deepest = limits.depth.saturating_mul(DEPTH);
        let mut scanner = Scanner::new(self.text, first, Notation::Xml);
        while let Some(token) = scanner.next() {
            // Broken is not absent: what has no end is not taken for what it seems to be.
            if let Some(at) = scanner.unended {
                return Err(FormatError::new(self.drawing.span(&(at..at)).start, Problem::Truncated));
            }
            let over = |what, limit: usize, at: Span| {
                FormatError::new(at.start, Problem::OverLimit { what, limit: limit as u64 })
            };
            if self.drawing.found.len() >= limits.segments {
                return Err(over(
                    "pieces of metadata in a drawing",
                    limits.segments,
                    Span { start: 0, end: 0 },
                ));
            }
            match token {
                Token::Start { name, tag, is_single } => {
                    if self.open.len() >= deepest {
                        return Err(over("XML elements in each other", deepest, self.drawing.span(&tag)));
                    }
                    self.start(name, tag, is_single)?;
                }
                Token::End { name, tag } => self.end(&name, &tag)?,
                Token::Comment { inner, all } => {
                    let body = self.drawing.letters.plain(self.raw(&inner));
                    self.find((Carrier::Comment, "", "XML comment"), (inner, all, Form::Comment), body);
                }
                Token::Words(words) => self.words(&words, true)?,
                Token::Cdata { inner } => self.words(&inner, false)?,
                Token::Instruction(all) => self.instruction(&all),
                Token::Doctype(_) => {}
            }
        }
        if self.drawing.root.is_none() || !self.open.is_empty() {
            return Err(FormatError::new(self.bytes.len() as u64, Problem::Truncated));
        }
        Ok(())
    }

    fn raw(&self, range: &Range<usize>) -> &[u8] {
        let unit = self.drawing.letters.unit();
        part(self.bytes, &(range.start * unit..range.end * unit))
    }

    /// Ends all that is open where the text stops being readable.
    fn close(&mut self) {
        let end = self.text.len();
        for element in self.open.drain(..) {
            let whole = Element { end, all: element.all.start..end, ..element };
            self.drawing.root.get_or_insert(whole);
        }
    }

    fn find(
        &mut self,
        (carrier, key, place): (Carrier, &str, &'static str),
        (inner, all, form): (Range<usize>, Range<usize>, Form),
        body: Body,
    ) {
        let packet = Packet { carrier, key: key.to_owned(), place, span: self.drawing.span(&inner), body };
        self.drawing.found.push(Found { packet, all, form });
    }

    fn start(&mut self, name: Range<usize>, tag: Range<usize>, is_single: bool) -> Result<(), FormatError> {
        let at = self.drawing.span(&tag).start;
        let text = self.text;
        let word = local(part(text, &name));
        if self.open.is_empty() {
            if self.drawing.root.is_some() {
                return Err(FormatError::malformed(at, "a second root element"));
            }
            if word != b"svg" {
                return Err(FormatError::malformed(at, "a root element that is not svg"));
            }
            self.root_attributes(&tag);
        }
        let in_metadata = self.within.last().is_some_and(|metadata| metadata.depth + 1 == self.open.len());
        if let Some(metadata) = self.within.last_mut().filter(|_| in_metadata) {
            metadata.has_elements = true;
        }
        if self.sheet.is_none() {
            let is_rdf = part(text, &name) == b"rdf:RDF";
            let kind = match word {
                b"xmpmeta" | b"xapmeta" => Some(Kind::Xmp),
                b"RDF" if in_metadata || is_rdf => Some(Kind::Xmp),
                b"manifest" if part(text, &name).starts_with(b"c2pa:") || in_metadata => Some(Kind::Manifest),
                b"title" | b"desc" if !in_metadata => Some(Kind::Title),
                _ if in_metadata => Some(Kind::Other),
                _ => None,
            };
            if let Some(kind) = kind {
                let depth = self.open.len();
                self.sheet = Some(Sheet { depth, kind, words: String::new() });
            } else if word == b"metadata" && !is_single {
                self.within.push(Metadata {
                    depth: self.open.len(),
                    words: String::new(),
                    wrapper: None,
                    last: None,
                    has_elements: false,
                });
            }
        }
        let element = Element { name, end: tag.end, all: tag.clone(), tag, is_single };
        if is_single {
            self.finish(element);
        } else {
            self.open.push(element);
        }
        Ok(())
    }

    fn end(&mut self, name: &Range<usize>, tag: &Range<usize>) -> Result<(), FormatError> {
        let wrong =
            || FormatError::malformed(self.drawing.span(tag).start, "an end tag without its start tag");
        let mut element = self.open.pop().ok_or_else(wrong)?;
        if part(self.text, &element.name) != part(self.text, name) {
            let err = wrong();
            self.open.push(element);
            return Err(err);
        }
        element.end = tag.start;
        element.all.end = tag.end;
        self.finish(element);
        Ok(())
    }

    /// An element has ended.
    fn finish(&mut self, element: Element) {
        let depth = self.open.len();
        if self.sheet.as_ref().is_some_and(|sheet| sheet.depth == depth)
            && let Some(sheet) = self.sheet.take()
        {
            self.end_sheet(&element, sheet);
        }
        if self.within.last().is_some_and(|metadata| metadata.depth == depth)
            && let Some(metadata) = self.within.pop()
            && !metadata.has_elements
            && !metadata.words.trim().is_empty()
        {
            let body = Body::Decoded(metadata.words.into_bytes());
            let at = (element.tag.end..element.end, element.all.clone(), Form::Words);
            self.find((Carrier::Field, "metadata", "words in a metadata element"), at, body);
        }
        if depth == 1 && local(part(self.text, &element.name)) == b"metadata" {
            self.drawing.metadata.push(element);
        } else if depth == 0 {
            self.drawing.root = Some(element);
        }
    }

    fn end_sheet(&mut self, element: &Element, sheet: Sheet) {
        let in_metadata = self.within.last().is_some_and(|metadata| metadata.depth + 1 == self.open.len());
        let is_home = in_metadata && self.open.len() == 2;
        let (inner, all) = (element.tag.end..element.end, element.all.clone());
        let name = String::from_utf8_lossy(part(self.text, &element.name)).into_owned();
        match sheet.kind {
            Kind::Title if inner.is_empty() => {}
            Kind::Title => {
                let is_own = self.open.len() == 1;
                let place = match (name.as_str(), is_own) {
                    ("title", true) => "title element",
                    ("desc", true) => "desc element",
                    ("title", false) => "title element within the drawing",
                    _ => "desc element within the drawing",
                };
                let key = local(name.as_bytes());
                let key = String::from_utf8_lossy(key).into_owned();
                let body = Body::Decoded(sheet.words.into_bytes());
                self.find((Carrier::Field, &key, place), (inner, all, Form::Words), body);
            }
            Kind::Manifest => {
                let body = Body::Decoded(Vec::new());
                self.find((Carrier::Manifest, "", "c2pa:manifest element"), (inner, all, Form::Markup), body);
                if let Some(found) = self.drawing.found.last_mut() {
                    let decoded = base64(sheet.words.as_bytes());
                    let at = found.packet.span.start;
                    found.packet.body = match decoded {
                        Ok(bytes) => Body::Decoded(bytes),
                        Err(problem) => Body::Broken(FormatError::new(at, problem)),
                    };
                }
            }
            Kind::Other => {
                let body = self.drawing.letters.plain(self.raw(&all));
                let key = String::from_utf8_lossy(local(name.as_bytes())).into_owned();
                let site = (all.clone(), all, Form::Markup);
                self.find((Carrier::Blob, &key, "other metadata element"), site, body);
            }
            Kind::Xmp => {
                let place = if is_home { METADATA } else { "XMP elsewhere in the drawing" };
                let start = self.within.last_mut().and_then(|metadata| metadata.wrapper.take());
                let site = start.unwrap_or(all.start)..all.end;
                let body = self.xmp(element, &site);
                if let Some(metadata) = self.within.last_mut() {
                    metadata.last = start.map(|_| self.drawing.found.len());
                }
                self.find((Carrier::Xmp, "", place), (site.clone(), site, Form::Markup), body);
            }
        }
    }

    /// How XMP is read. What it takes over from the elements around it is declared in it, too.
    fn xmp(&self, element: &Element, site: &Range<usize>) -> Body {
        let plain = self.drawing.letters.plain(self.raw(site));
        let inside = part(self.text, &element.all);
        let mut declarations = String::new();
        for outer in self.open.iter().rev() {
            for attribute in attributes(self.text, &outer.tag) {
                let name = part(self.text, &attribute.name);
                let Some(prefix) = name.strip_prefix(b"xmlns:") else { continue };
                let used = [prefix, b":"].concat();
                let is_used = memchr::memmem::find(inside, &used).is_some();
                let is_declared = memchr::memmem::find_iter(inside, name).any(|at| {
                    matches!(inside.get(at + name.len()), Some(b'=' | b' ' | b'\n' | b'\r' | b'\t'))
                });
                let written = String::from_utf8_lossy(name).into_owned();
                if is_used && !is_declared && !declarations.contains(&format!(" {written}=")) {
                    let value = self.drawing.written(self.bytes, &attribute.value).replace('"', "&quot;");
                    declarations.push_str(&format!(" {written}=\"{value}\""));
                }
            }
        }
        if declarations.is_empty() {
            return plain;
        }
        let head = self.drawing.written(self.bytes, &(site.start..element.name.end));
        let rest = self.drawing.written(self.bytes, &(element.name.end..site.end));
        Body::Decoded(format!("{head}{declarations}{rest}").into_bytes())
    }

    fn instruction(&mut self, all: &Range<usize>) {
        let depth = self.open.len();
        let Some(metadata) = self.within.last_mut().filter(|metadata| metadata.depth + 1 == depth) else {
            return;
        };
        let raw = part(self.text, all);
        if raw.starts_with(b"<?xpacket begin") {
            metadata.wrapper = Some(all.start);
        } else if raw.starts_with(b"<?xpacket end")
            && let Some(found) = metadata.last.take().and_then(|last| self.drawing.found.get_mut(last))
        {
            let unit = self.drawing.letters.unit();
            let tail = part(self.bytes, &(found.all.end * unit..all.end * unit));
            if let Body::Decoded(body) = &mut found.packet.body {
                body.extend(self.drawing.letters.decode(tail).into_bytes());
            }
            found.all.end = all.end;
            found.packet.span.end = (all.end * unit) as u64;
        }
    }

    fn words(&mut self, site: &Range<usize>, with_references: bool) -> Result<(), FormatError> {
        let is_blank = part(self.text, site).trim_ascii().is_empty();
        if self.open.is_empty() && !is_blank {
            let at = self.drawing.span(site).start;
            return Err(FormatError::malformed(at, "words outside of the root element"));
        }
        let depth = self.open.len();
        let sheet = self.sheet.as_mut().filter(|sheet| matches!(sheet.kind, Kind::Title | Kind::Manifest));
        let metadata = self.within.last_mut().filter(|metadata| metadata.depth + 1 == depth);
        let words = match (sheet, metadata) {
            (Some(sheet), _) => &mut sheet.words,
            (None, Some(metadata)) => {
                if !is_blank {
                    metadata.last = None;
                }
                &mut metadata.words
            }
            (None, None) => return Ok(()),
        };
        let written = self.drawing.written(self.bytes, site);
        words.push_str(&if with_references { unescape(&written) } else { Cow::Borrowed(written.as_str()) });
        Ok(())
    }

    /// What programs note of themselves on the root element.
    fn root_attributes(&mut self, tag: &Range<usize>) {
        for attribute in attributes(self.text, tag) {
            let name = String::from_utf8_lossy(part(self.text, &attribute.name)).into_owned();
            let is_own = match name.split_once(':') {
                Some((prefix, _)) => !["xmlns", "xml", "xlink"].contains(&prefix),
                None => name.starts_with("data-"),
            };
            // One without quotes is not well-formed, and is left alone.
            if is_own && attribute.site.end > attribute.value.end {
                let body = self.drawing.letters.escaped(self.raw(&attribute.value));
                let site = (attribute.value, attribute.site, Form::Attribute);
                self.find((Carrier::Field, &name, "attribute of the root element"), site, body);
            }
        }
    }
}
