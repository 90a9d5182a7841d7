//! One walk over a drawing.

use std::borrow::Cow;
use std::ops::Range;

use super::METADATA;
use super::drawing::{Drawing, Element, Form, Found, local};
use crate::markup::{Notation, Scanner, Token, attributes, base64, part};
use crate::xml::unescape;
use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Limits, Problem, Span};

/// How often [`Limits::depth`] elements may stand in each other: groups go deep, and nothing here recurses.
const DEPTH: usize = 16;

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

/// A walk over a drawing that notes what stands where.
pub(super) struct Walk<'a> {
    pub(super) drawing: Drawing,
    text: &'a [u8],
    bytes: &'a [u8],
    open: Vec<Element>,
    /// The `metadata` elements open.
    within: Vec<Metadata>,
    sheet: Option<Sheet>,
}

impl<'a> Walk<'a> {
    /// At the start.
    pub(super) fn new(drawing: Drawing, text: &'a [u8], bytes: &'a [u8]) -> Self {
        Self { drawing, text, bytes, open: Vec::new(), within: Vec::new(), sheet: None }
    }

    /// Goes over the drawing from an offset on.
    ///
    /// # Errors
    /// If it is not well-formed or over a limit; what was found before is kept.
    pub(super) fn run(&mut self, first: usize, limits: &Limits) -> Result<(), FormatError> {
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
    pub(super) fn close(&mut self) {
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
