//! Which styles of a Word document are headings.

use std::collections::BTreeMap;

use crate::xml::{self, local};
use indicia_core::Limits;
use memchr::memmem;

/// Styles that one may be based on, one after the other.
const MOST_BASES: usize = 16;
/// The level of words that are in no outline (ECMA-376 part 1, 17.3.1.20); those below are headings'.
pub(super) const BODY_LEVEL: u32 = 9;

/// The styles of paragraphs, by identifier.
#[derive(Debug, Default)]
pub(super) struct Styles {
    known: BTreeMap<String, Style>,
}

#[derive(Debug)]
struct Style {
    /// What the style says of itself, if anything.
    is_heading: Option<bool>,
    based_on: Option<String>,
}

impl Styles {
    /// Those of a part of styles (ECMA-376 part 1, 17.7); `None` if it is broken.
    pub(super) fn read(part: &str, limits: &Limits) -> Option<Self> {
        let part = without_tables(part);
        let tree = xml::tree(&part, limits).ok()?;
        let mut known = BTreeMap::new();
        for (at, style) in tree.children(0).filter(|(_, one)| local(one.name) == "style") {
            let Some(identifier) = tree.attribute(style, "styleId") else { continue };
            let value = |parent: usize, name: &str| {
                let found = tree.children(parent).find(|(_, one)| local(one.name) == name);
                found.and_then(|(_, one)| tree.attribute(one, "val"))
            };
            let properties = tree.children(at).find(|(_, one)| local(one.name) == "pPr");
            let level = properties.and_then(|(at, _)| value(at, "outlineLvl"));
            let level = level.and_then(|level| level.parse().ok()).map(|level: u32| level < BODY_LEVEL);
            // The name of a style that Word brings is English in every language of Word; its identifier is not.
            let named = value(at, "name").is_some_and(|name| names_heading(&name));
            let is_heading = if named { Some(true) } else { level };
            known.insert(identifier, Style { is_heading, based_on: value(at, "basedOn") });
        }
        Some(Self { known })
    }

    /// Whether a style is a heading's; one that is not told of is known by its identifier alone.
    pub(super) fn is_heading(&self, identifier: &str) -> bool {
        if !self.known.contains_key(identifier) {
            return names_heading(identifier);
        }
        let based = |style: &&Style| style.based_on.as_ref().and_then(|base| self.known.get(base));
        let mut styles = std::iter::successors(self.known.get(identifier), based).take(MOST_BASES);
        styles.find_map(|style| style.is_heading).unwrap_or(false)
    }
}

/// A part of styles without those of tables as Word and LibreOffice write them: they are nine tenths of most parts, and no
/// paragraph has them.
fn without_tables(part: &str) -> String {
    let (mut kept, mut rest) = (String::new(), part);
    while let Some(start) = memmem::find(rest.as_bytes(), b"<w:style ") {
        let (before, style) = rest.split_at(start);
        let tag = style.find('>').and_then(|end| style.get(..=end)).unwrap_or(style);
        let end = memmem::find(style.as_bytes(), END.as_bytes()).map_or(style.len(), |end| end + END.len());
        let is_table = tag.contains("w:type=\"table\"") && !tag.ends_with("/>");
        kept.push_str(before);
        let (style, after) = style.split_at(if is_table { end } else { tag.len() });
        kept.push_str(if is_table { "" } else { style });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

const END: &str = "</w:style>";

/// Whether a style is a heading's by the name or identifier that Word gives it in English.
fn names_heading(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    style.starts_with("heading") || style == "title" || style == "subtitle"
}

#[cfg(test)]
mod tests {
    use super::{Styles, without_tables};
    use indicia_core::Limits;

    #[test]
    fn headings_are_known_by_name_level_or_what_they_are_based_on() {
        let text = r#"<w:styles xmlns:w="w">
            <w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
            <w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Own"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
            <w:style w:type="paragraph" w:styleId="Child"><w:name w:val="Child"/><w:basedOn w:val="Own"/></w:style>
            <w:style w:type="paragraph" w:styleId="Flat"><w:basedOn w:val="Own"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
            <w:style w:type="paragraph" w:styleId="Ring"><w:basedOn w:val="Ring2"/></w:style>
            <w:style w:type="paragraph" w:styleId="Ring2"><w:basedOn w:val="Ring"/></w:style>
            <w:style w:type="paragraph" w:styleId="Plain"><w:name w:val="Normal"/></w:style>
            <w:style w:type="paragraph" w:styleId="Heading9x"><w:name w:val="Not one"/></w:style>
        </w:styles>"#;
        let styles = Styles::read(text, &Limits::default()).unwrap();
        for (identifier, wanted) in [
            ("berschrift1", true),
            ("Own", true),
            ("Child", true),
            ("Flat", false),
            ("Ring", false),
            ("Plain", false),
            ("Heading9x", false),
            ("Heading3", true),
            ("Title", true),
            ("Unknown", false),
        ] {
            assert_eq!(styles.is_heading(identifier), wanted, "{identifier}");
        }
    }

    #[test]
    fn styles_of_tables_are_passed_over_and_no_others() {
        let table =
            r#"<w:style w:type="table" w:styleId="T"><w:name w:val="heading 1"/><w:tblPr/></w:style>"#;
        let own = r#"<w:style w:type="paragraph" w:styleId="Own"><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>"#;
        let empty = r#"<w:style w:type="table" w:styleId="E"/>"#;
        let part = format!(r#"<w:styles xmlns:w="w">{table}{empty}{own}{table}</w:styles>"#);
        assert_eq!(without_tables(&part), format!(r#"<w:styles xmlns:w="w">{empty}{own}</w:styles>"#));
        let styles = Styles::read(&part, &Limits::default()).unwrap();
        assert!(styles.is_heading("Own") && !styles.is_heading("T"));
        let other = part.replace("w:", "x:");
        assert_eq!(without_tables(&other), other, "another prefix costs time, and nothing else");
        assert!(Styles::read(&other, &Limits::default()).unwrap().is_heading("Own"));
        for cut in 0..part.len() {
            assert!(Styles::read(&part[..cut], &Limits::default()).is_none(), "{cut}");
        }
    }
}
