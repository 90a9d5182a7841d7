//! XMP packets (ISO 16684-1): finding a property and changing it without touching anything else.
//!
//! A property is known by its namespace and local name, never by its prefix. Packets in the wild break
//! the rules of XML in small ways, so a namespace that is not declared and a broken packet wrapper are
//! read over; what cannot be read over is [`Damage`], and a damaged packet is never changed.

mod coding;
mod edit;
mod entities;
mod scan;
mod tag;

use std::fmt;
use std::ops::Range;

use indicia_core::{Limits, Problem};

pub(crate) use edit::{PropertyName, Value, fresh, remove, set};

/// Namespace of RDF, in which XMP is written.
pub(crate) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// Where a name stands in the tree of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// A property of the file itself.
    Top,
    /// Part of another property, which may speak of something else than the file.
    Nested,
    /// Not within `rdf:RDF`.
    Stray,
}

/// The name of an element or attribute, with its namespace looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    /// The namespace; `None` if the prefix is not declared.
    pub(crate) uri: Option<&'a str>,
    /// The prefix; empty if there is none.
    pub(crate) prefix: &'a str,
    /// The name without prefix.
    pub(crate) local: &'a str,
    /// Where it stands.
    pub(crate) level: Level,
}

/// One property of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Property {
    /// The namespace; `None` if the prefix is not declared.
    pub(crate) uri: Option<String>,
    /// The name as written, with its prefix.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) level: Level,
    /// Its value, or one for each item of a list or each language.
    pub(crate) values: Vec<String>,
    /// Its bytes in the packet: the whole element, or the attribute with the white space before it.
    pub(crate) site: Range<usize>,
    /// Whether it is an element; else it is an attribute.
    is_element: bool,
    /// The prefix that stands outside of the element for the namespace that new content would be in.
    outer_prefix: Option<String>,
}

/// What is wrong with a packet, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Offset in the packet.
    pub(crate) at: usize,
    /// What it is.
    pub(crate) problem: Problem,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {} of the packet)", self.problem, self.at)
    }
}

/// What was found in a packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The properties that were wanted, in the order of the packet.
    pub(crate) properties: Vec<Property>,
    /// Where the packet stops being readable, if it does.
    pub(crate) damage: Option<Damage>,
}

/// The properties of a packet whose name is wanted.
pub(crate) fn properties(packet: &[u8], limits: &Limits, wanted: &dyn Fn(&Name<'_>) -> bool) -> Found {
    let decoded = coding::decode(packet);
    let mut scan = scan::scan(&decoded.text, limits, "", wanted);
    for property in &mut scan.properties {
        property.site = decoded.site(property.site.clone());
    }
    let damage = scan.damage.map(|damage| Damage { at: decoded.site(damage.at..damage.at).start, ..damage });
    Found { properties: scan.properties, damage: decoded.damage.or(damage) }
}

/// The words of a packet as decoded, for a search that needs no structure.
pub(crate) fn words(packet: &[u8]) -> String {
    coding::decode(packet).text
}

#[cfg(test)]
mod tests;
