//! Which styles of a Word document are headings.

use std::collections::BTreeMap;

use crate::xml::{Tree, local};

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
    /// Those of a part of styles (ECMA-376 part 1, 17.7).
    pub(super) fn read(tree: &Tree<'_>) -> Self {
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
        Self { known }
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

/// Whether a style is a heading's by the name or identifier that Word gives it in English.
fn names_heading(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    style.starts_with("heading") || style == "title" || style == "subtitle"
}

#[cfg(test)]
mod tests {
    use super::Styles;
    use crate::xml;
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
        let styles = Styles::read(&xml::tree(text, &Limits::default()).unwrap());
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
}
