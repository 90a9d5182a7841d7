//! One walk over the elements of a packet.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::entities::{attribute_value, unescape, with_plain_line_ends};
use super::tag::{Attribute, attributes, split};
use super::{Damage, Level, Name, Property, RDF};
use indicia_core::{Limits, Problem};

/// Namespace of the `x:xmpmeta` element.
const META: &str = "adobe:ns:meta/";
/// Most namespace declarations in force at one place; real packets have some dozens.
const BINDINGS: usize = 1024;

/// What one walk over a packet found, in offsets of its text.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The properties that were wanted.
    pub(super) properties: Vec<Property>,
    /// The tag at which new content of the first `rdf:RDF` goes.
    pub(super) rdf: Option<Room>,
    /// The first description in which a prefix for the namespace in question is declared: where its
    /// end tag starts, and the prefix.
    pub(super) home: Option<(usize, String)>,
    /// The `rdf:about` attribute of the first description, as written.
    pub(super) about: Option<String>,
    /// Where the outermost element ends.
    pub(super) root_end: Option<usize>,
    /// Where the text stops being readable.
    pub(super) damage: Option<Damage>,
}

/// Where new content of an element goes.
#[derive(Clone, Debug)]
pub(super) struct Room {
    /// Its end tag, or the whole of it if it is empty.
    pub(super) tag: Range<usize>,
    /// Its name with prefix.
    pub(super) name: String,
    /// Whether it is a single tag, `<a/>`.
    pub(super) is_empty: bool,
}

/// Walks over a packet. `home` is the namespace that new content would be in.
pub(super) fn scan(text: &str, limits: &Limits, home: &str, wanted: &dyn Fn(&Name<'_>) -> bool) -> Scan {
    let mut walk = Walk::new(text, limits, home, wanted);
    walk.run(0);
    // A packet instruction that does not end hides all that follows.
    if walk.scan.root_end.is_none() && walk.open.is_empty() && walk.scan.properties.is_empty() {
        let start = ["<x:xmpmeta", "<rdf:RDF"].iter().filter_map(|tag| text.find(tag)).min();
        if let Some(start) = start {
            walk = Walk::new(text, limits, home, wanted);
            walk.run(start);
        }
    }
    walk.scan
}

struct Walk<'t> {
    text: &'t str,
    limits: &'t Limits,
    home: &'t str,
    wanted: &'t dyn Fn(&Name<'_>) -> bool,
    open: Vec<Element<'t>>,
    bindings: Vec<(&'t str, String)>,
    captures: Vec<Capture>,
    scan: Scan,
}

/// An element that has begun.
struct Element<'t> {
    name: &'t str,
    kind: Kind,
    /// Bindings in force outside of it.
    outer: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rdf,
    Description { top: bool },
    Item,
    Other,
}

/// A wanted property that has begun.
struct Capture {
    /// Number of elements open in it, itself included.
    depth: usize,
    property: Property,
    direct: String,
    /// Depth of the list item being read.
    item: Option<usize>,
    items: Vec<String>,
}

impl<'t> Walk<'t> {
    fn new(text: &'t str, limits: &'t Limits, home: &'t str, wanted: &'t dyn Fn(&Name<'_>) -> bool) -> Self {
        let (open, bindings, captures) = (Vec::new(), Vec::new(), Vec::new());
        Self { text, limits, home, wanted, open, bindings, captures, scan: Scan::default() }
    }

    fn run(&mut self, from: usize) {
        if self.text.len() as u64 > self.limits.block {
            let problem = Problem::OverLimit { what: "bytes of XMP", limit: self.limits.block };
            self.scan.damage = Some(Damage { at: 0, problem });
            return;
        }
        let mut reader = Reader::from_str(self.text.get(from..).unwrap_or_default());
        reader.config_mut().allow_dangling_amp = true;
        let offset = |at: u64| from + usize::try_from(at).unwrap_or(usize::MAX - from);
        loop {
            let start = offset(reader.buffer_position());
            let event = reader.read_event();
            let site = start..offset(reader.buffer_position());
            let done = match event {
                Ok(Event::Start(_)) => self.start(site, false),
                Ok(Event::Empty(_)) => self.start(site, true),
                Ok(Event::End(_)) => {
                    self.end(site);
                    Ok(())
                }
                Ok(Event::Text(_)) => {
                    self.words(with_plain_line_ends, site);
                    Ok(())
                }
                Ok(Event::GeneralRef(_)) => {
                    self.words(unescape, site);
                    Ok(())
                }
                Ok(Event::CData(_)) => {
                    let inner = site.start + "<![CDATA[".len()..site.end.saturating_sub("]]>".len());
                    self.words(with_plain_line_ends, inner);
                    Ok(())
                }
                Ok(Event::Eof) => break,
                Ok(_) => Ok(()),
                // What follows the outermost element is padding and the wrapper's end, broken or not.
                Err(_) if self.scan.root_end.is_some() && self.open.is_empty() => break,
                Err(_) => Err(Damage {
                    at: offset(reader.error_position()).max(start),
                    problem: Problem::Malformed("XML of an XMP packet"),
                }),
            };
            if let Err(damage) = done {
                self.scan.damage = Some(damage);
                break;
            }
        }
        if self.scan.damage.is_none() && !self.open.is_empty() {
            self.scan.damage = Some(Damage { at: self.text.len(), problem: Problem::Truncated });
        }
        // What had begun where it broke off was there, too.
        while let Some(capture) = self.captures.pop() {
            self.close(capture, self.text.len());
        }
        self.scan.properties.sort_by_key(|property| property.site.start);
    }

    fn start(&mut self, site: Range<usize>, is_empty: bool) -> Result<(), Damage> {
        if self.open.len() >= self.limits.depth {
            let problem =
                Problem::OverLimit { what: "elements of XMP in each other", limit: self.limits.depth as u64 };
            return Err(Damage { at: site.start, problem });
        }
        let (name, found, whole) = attributes(self.text, site.clone());
        let outer = self.bindings.len();
        let outer_prefix = self.prefix_of_home();
        for attribute in &found {
            match split(attribute.name) {
                ("xmlns", prefix) => self.bindings.push((prefix, attribute_value(attribute.raw))),
                ("", "xmlns") => self.bindings.push(("", attribute_value(attribute.raw))),
                _ => {}
            }
        }
        if self.bindings.len() > BINDINGS {
            let problem = Problem::OverLimit { what: "namespaces of XMP", limit: BINDINGS as u64 };
            return Err(Damage { at: site.start, problem });
        }
        let (prefix, local) = split(name);
        let kind = self.kind(prefix, local);
        let level = self.level();
        self.open.push(Element { name, kind, outer });
        let depth = self.open.len();
        if kind == (Kind::Description { top: true }) && self.scan.about.is_none() {
            let about = found.iter().find(|one| self.is_rdf(one.name, "about"));
            self.scan.about = about.and_then(|about| self.text.get(about.site.clone())).map(str::to_owned);
        }
        if kind == Kind::Item
            && let Some(capture) = self.captures.last_mut()
            && capture.item.is_none()
        {
            capture.item = Some(depth);
            capture.items.push(String::new());
        }
        if kind == Kind::Other && self.uri(prefix) != Some(META) {
            let name = Name { uri: self.uri(prefix), prefix, local, level };
            if (self.wanted)(&name) {
                let mut property = self.property(&name, site.clone(), outer_prefix);
                property.is_element = true;
                let (direct, items) = (String::new(), Vec::new());
                self.captures.push(Capture { depth, property, direct, item: None, items });
            }
        }
        self.resources(&found);
        self.attributes_as_properties(&found, kind, level);
        // An attribute that cannot be read makes the packet one that must not be changed.
        if !whole && self.scan.damage.is_none() {
            let problem = Problem::Malformed("attribute in an XMP packet");
            self.scan.damage = Some(Damage { at: site.start, problem });
        }
        if is_empty {
            self.end_of(site, true);
        }
        Ok(())
    }

    /// `rdf:resource` and `rdf:value` given as attributes are the value of the property they stand in.
    fn resources(&mut self, found: &[Attribute<'t>]) {
        let value = found
            .iter()
            .find(|one| self.is_rdf(one.name, "resource") || self.is_rdf(one.name, "value"))
            .map(|one| attribute_value(one.raw));
        if let (Some(value), Some(capture)) = (value, self.captures.last_mut()) {
            capture.items.push(value);
        }
    }

    fn attributes_as_properties(&mut self, found: &[Attribute<'t>], kind: Kind, level: Level) {
        let level = match (kind, level) {
            (_, Level::Stray) => Level::Stray,
            (Kind::Description { top: true }, _) => Level::Top,
            _ => Level::Nested,
        };
        for attribute in found {
            let (prefix, local) = split(attribute.name);
            if matches!(prefix, "xmlns" | "xml") || local == "xmlns" || self.uri(prefix) == Some(RDF) {
                continue;
            }
            // An attribute without a prefix is in no namespace.
            let uri = if prefix.is_empty() { None } else { self.uri(prefix) };
            let name = Name { uri, prefix, local, level };
            if (self.wanted)(&name) {
                let mut property = self.property(&name, attribute.site.clone(), None);
                property.values = vec![attribute_value(attribute.raw)];
                self.scan.properties.push(property);
            }
        }
    }

    fn property(&self, name: &Name<'_>, site: Range<usize>, outer_prefix: Option<String>) -> Property {
        let separator = if name.prefix.is_empty() { "" } else { ":" };
        Property {
            uri: name.uri.map(str::to_owned),
            name: format!("{}{separator}{}", name.prefix, name.local),
            level: name.level,
            values: Vec::new(),
            site,
            is_element: false,
            outer_prefix,
        }
    }

    fn words(&mut self, read: impl Fn(&str) -> String, site: Range<usize>) {
        let depth = self.open.len();
        let Some(capture) = self.captures.last_mut() else { return };
        let raw = self.text.get(site).unwrap_or_default();
        if capture.depth == depth {
            capture.direct.push_str(&read(raw));
        } else if capture.item == Some(depth)
            && let Some(item) = capture.items.last_mut()
        {
            item.push_str(&read(raw));
        }
    }

    fn end(&mut self, site: Range<usize>) {
        self.end_of(site, false);
    }

    /// Closes the innermost element, whose last tag stands at `site`.
    fn end_of(&mut self, site: Range<usize>, is_empty: bool) {
        let depth = self.open.len();
        while self.captures.last().is_some_and(|capture| capture.depth == depth) {
            if let Some(capture) = self.captures.pop() {
                self.close(capture, site.end);
            }
        }
        if let Some(capture) = self.captures.last_mut().filter(|capture| capture.item == Some(depth)) {
            capture.item = None;
        }
        let home = self.prefix_of_home();
        let Some(element) = self.open.pop() else { return };
        match element.kind {
            Kind::Rdf if self.scan.rdf.is_none() => {
                self.scan.rdf = Some(Room { tag: site.clone(), name: element.name.to_owned(), is_empty });
            }
            Kind::Description { top: true } if self.scan.home.is_none() && !is_empty => {
                self.scan.home = home.map(|prefix| (site.start, prefix));
            }
            _ => {}
        }
        self.bindings.truncate(element.outer);
        if self.open.is_empty() {
            self.scan.root_end = self.scan.root_end.or(Some(site.end));
        }
    }

    fn close(&mut self, capture: Capture, end: usize) {
        let Capture { mut property, direct, items, .. } = capture;
        property.site.end = end;
        let is_listed = direct.trim().is_empty() && !items.is_empty();
        property.values = if is_listed { items } else { vec![direct] };
        self.scan.properties.push(property);
    }

    fn kind(&self, prefix: &str, local: &str) -> Kind {
        if self.uri(prefix) != Some(RDF) {
            return Kind::Other;
        }
        match local {
            "RDF" => Kind::Rdf,
            "Description" => {
                Kind::Description { top: self.open.last().is_some_and(|parent| parent.kind == Kind::Rdf) }
            }
            "li" | "value" => Kind::Item,
            "Bag" | "Seq" | "Alt" => Kind::Description { top: false },
            _ => Kind::Other,
        }
    }

    /// Where a child of the innermost open element stands.
    fn level(&self) -> Level {
        match self.open.last() {
            Some(parent) if parent.kind == (Kind::Description { top: true }) => Level::Top,
            _ if self.open.iter().any(|element| element.kind == Kind::Rdf) => Level::Nested,
            _ => Level::Stray,
        }
    }

    fn is_rdf(&self, name: &str, local: &str) -> bool {
        let (prefix, found) = split(name);
        found == local && !prefix.is_empty() && self.uri(prefix) == Some(RDF)
    }

    /// The namespace of a prefix. `rdf` and `x` are known even where nobody declared them.
    fn uri(&self, prefix: &str) -> Option<&str> {
        let bound = self.bindings.iter().rev().find(|(bound, _)| *bound == prefix);
        match (bound, prefix) {
            (Some((_, uri)), _) => Some(uri.as_str()).filter(|uri| !uri.is_empty()),
            (None, "rdf") => Some(RDF),
            (None, "x") => Some(META),
            _ => None,
        }
    }

    /// The prefix that stands for the namespace of new content here.
    fn prefix_of_home(&self) -> Option<String> {
        if self.home.is_empty() {
            return None;
        }
        let stands = |(prefix, uri): &&(&str, String)| {
            !prefix.is_empty() && uri == self.home && self.uri(prefix) == Some(self.home)
        };
        self.bindings.iter().rev().find(stands).map(|(prefix, _)| (*prefix).to_owned())
    }
}
