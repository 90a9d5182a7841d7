//! Changing one property of a packet, byte for byte nothing else.

use std::ops::Range;

use super::coding::{Decoded, decode};
use super::entities::escape;
use super::scan::{Room, Scan, scan};
use super::{Damage, Level, Name, Property};
use indicia_core::{Limits, Problem};

/// White space in front of the end of a wrapper that shows it was put there to be written into; a
/// packet without is not given any. ISO 16684-1 7.3.2 has 2 to 4 KB.
const PADDING: usize = 100;

/// The exact name of a property to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PropertyName {
    /// Its namespace.
    pub(crate) uri: &'static str,
    /// The prefix to declare where there is none for the namespace.
    pub(crate) prefix: &'static str,
    /// Its local name.
    pub(crate) local: &'static str,
}

/// The value of a property to write.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    /// A simple one.
    Simple(&'a str),
    /// A language alternative with one text, for whoever has no better (ISO 16684-1, 8.2.2.4).
    ForAllLanguages(&'a str),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Simple(value)
    }
}

impl Value<'_> {
    /// As it stands in an element.
    fn xml(self) -> String {
        match self {
            Self::Simple(value) => escape(value),
            // Which prefix the packet has for RDF makes no difference to it.
            Self::ForAllLanguages(value) => format!(
                "<rdf:Alt xmlns:rdf=\"{}\"><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt>",
                super::RDF,
                escape(value)
            ),
        }
    }
}

/// A packet with one property and nothing else.
pub(crate) fn fresh<'a>(name: &PropertyName, value: impl Into<Value<'a>>) -> Vec<u8> {
    let description = description(name, value.into(), "rdf", " rdf:about=\"\"");
    format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"{}\">{description}</rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>",
        super::RDF
    )
    .into_bytes()
}

/// Sets a property: every property for which `same` holds goes, and one with the value stands instead.
///
/// # Errors
/// If the packet cannot be read to its end, or has no `rdf:RDF`.
pub(crate) fn set<'a>(
    packet: &[u8],
    name: &PropertyName,
    value: impl Into<Value<'a>>,
    limits: &Limits,
    same: &dyn Fn(&Property) -> bool,
    wanted: &dyn Fn(&Name<'_>) -> bool,
) -> Result<Vec<u8>, Damage> {
    if packet.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Ok(fresh(name, value));
    }
    edit(packet, limits, name.uri, wanted, same, Some((name, value.into())))
}

/// Takes out every property for which `same` holds. The packet stays, even if nothing is left in it.
///
/// # Errors
/// If the packet cannot be read to its end.
pub(crate) fn remove(
    packet: &[u8],
    limits: &Limits,
    same: &dyn Fn(&Property) -> bool,
    wanted: &dyn Fn(&Name<'_>) -> bool,
) -> Result<Vec<u8>, Damage> {
    edit(packet, limits, "", wanted, same, None)
}

fn edit(
    packet: &[u8],
    limits: &Limits,
    home: &str,
    wanted: &dyn Fn(&Name<'_>) -> bool,
    same: &dyn Fn(&Property) -> bool,
    put: Option<(&PropertyName, Value<'_>)>,
) -> Result<Vec<u8>, Damage> {
    let decoded = decode(packet);
    if let Some(damage) = decoded.damage {
        return Err(damage);
    }
    let mut scan = scan(&decoded.text, limits, home, wanted);
    if let Some(damage) = scan.damage {
        let at = decoded.site(damage.at..damage.at).start;
        return Err(Damage { at, problem: damage.problem });
    }
    scan.properties.retain(|property| same(property));
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    let in_place = put.and_then(|(name, _)| in_place(&scan, name));
    for (at, property) in scan.properties.iter().enumerate() {
        // What stands inside of another that goes is gone already.
        if changes.last().is_some_and(|(last, _)| last.end >= property.site.end) {
            continue;
        }
        let new = match put {
            Some((name, value)) if in_place == Some(at) => {
                element(name, value, property.outer_prefix.as_deref())
            }
            _ => String::new(),
        };
        changes.push((property.site.clone(), new));
    }
    if let (Some((name, value)), None) = (put, in_place) {
        changes.push(insertion(&decoded.text, &scan, name, value)?);
        changes.sort_by_key(|(site, _)| site.start);
    }
    if changes.is_empty() {
        return Ok(packet.to_vec());
    }
    let mut text = String::new();
    let mut at = 0;
    for (site, new) in &changes {
        text.push_str(decoded.text.get(at..site.start).unwrap_or_default());
        text.push_str(new);
        at = site.end;
    }
    let tail = decoded.text.get(at..).unwrap_or_default();
    let growth = decoded.len(&text).cast_signed()
        - decoded.len(decoded.text.get(..at).unwrap_or_default()).cast_signed();
    text.push_str(&repadded(&decoded, tail, scan.root_end.unwrap_or(0).saturating_sub(at), growth));
    Ok(decoded.encode(&text, packet))
}

/// The property that can be given its new value where it stands.
fn in_place(scan: &Scan, name: &PropertyName) -> Option<usize> {
    scan.properties.iter().enumerate().position(|(at, property)| {
        let is_element = property.level == Level::Top && property.uri.as_deref() == Some(name.uri);
        let local = property.name.rsplit(':').next();
        let within = scan.properties.iter().take(at).any(|other| other.site.end > property.site.start);
        is_element && local == Some(name.local) && property.is_element && !within
    })
}

/// The property as an element of its own.
fn element(name: &PropertyName, value: Value<'_>, prefix: Option<&str>) -> String {
    let value = value.xml();
    let PropertyName { uri, local, .. } = name;
    match prefix {
        Some(prefix) => format!("<{prefix}:{local}>{value}</{prefix}:{local}>"),
        None => {
            let prefix = name.prefix;
            format!("<{prefix}:{local} xmlns:{prefix}=\"{uri}\">{value}</{prefix}:{local}>")
        }
    }
}

/// A description that holds the property and declares its namespace.
fn description(name: &PropertyName, value: Value<'_>, rdf: &str, about: &str) -> String {
    let element = element(name, value, Some(name.prefix));
    let PropertyName { uri, prefix, .. } = name;
    format!("<{rdf}:Description{about} xmlns:{prefix}=\"{uri}\">{element}</{rdf}:Description>")
}

/// Where a property that is not there yet goes, and what is put there.
fn insertion(
    text: &str,
    scan: &Scan,
    name: &PropertyName,
    value: Value<'_>,
) -> Result<(Range<usize>, String), Damage> {
    if let Some((at, prefix)) = &scan.home {
        return Ok((*at..*at, element(name, value, Some(prefix))));
    }
    let Some(Room { tag, name: rdf, is_empty }) = &scan.rdf else {
        return Err(Damage { at: 0, problem: Problem::Malformed("XMP packet without rdf:RDF") });
    };
    let prefix = rdf.split_once(':').map_or("rdf", |(prefix, _)| prefix);
    let about = scan.about.clone().unwrap_or_else(|| format!(" {prefix}:about=\"\""));
    let new = description(name, value, prefix, &about);
    if !is_empty {
        return Ok((tag.start..tag.start, new));
    }
    let open = text.get(tag.clone()).unwrap_or_default().trim_end_matches('>').trim_end_matches('/');
    Ok((tag.clone(), format!("{}>{new}</{rdf}>", open.trim_end())))
}

/// The rest of the packet, with its padding changed by `growth` bytes so that the packet keeps its size.
///
/// `from` is where the outermost element ends in it. A packet without padding stays without.
fn repadded(decoded: &Decoded, tail: &str, from: usize, growth: isize) -> String {
    let unchanged = || tail.to_owned();
    let Some(after) = tail.get(from..) else { return unchanged() };
    let Some(wrapper) = after.rfind("<?xpacket end=").filter(|at| is_writable(after.get(*at..))) else {
        return unchanged();
    };
    let padding = after.get(..wrapper).unwrap_or_default();
    let unit = decoded.len(" ");
    let room = decoded.len(padding);
    let is_padding = padding.bytes().all(|byte| byte.is_ascii_whitespace());
    if !is_padding || room < PADDING || !growth.unsigned_abs().is_multiple_of(unit) {
        return unchanged();
    }
    let count = growth.unsigned_abs() / unit;
    let (before, end) = (tail.get(..from).unwrap_or_default(), after.get(wrapper..).unwrap_or_default());
    if growth <= 0 {
        return format!("{before}{}{padding}{end}", " ".repeat(count));
    }
    // Padding is ASCII, so every byte of it is a character.
    match padding.get(count..) {
        Some(left) => format!("{before}{left}{end}"),
        None => unchanged(),
    }
}

/// Whether the instruction that ends a wrapper says that the packet may be written into.
fn is_writable(end: Option<&str>) -> bool {
    let mode = end.and_then(|end| end.strip_prefix("<?xpacket end="));
    mode.is_some_and(|mode| mode.starts_with("\"w\"") || mode.starts_with("'w'"))
}
