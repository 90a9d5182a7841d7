//! Which styles of a Word document are headings.

use std::collections::{BTreeMap, BTreeSet};

use crate::xml::{Event, Walk, local};
use indicia_core::Limits;

/// Styles that one may be based on, one after the other.
const MOST_BASES: usize = 16;
/// The level of words that are in no outline (ECMA-376 part 1, 17.3.1.20); those below are headings'.
pub(super) const BODY_LEVEL: u32 = 9;

/// The styles of paragraphs, by identifier.
#[derive(Debug, Default)]
pub(super) struct Styles {
    known: BTreeMap<String, Style>,
}

#[derive(Debug, Default)]
struct Style {
    /// What the style says of itself, if anything.
    is_heading: Option<bool>,
    based_on: Option<String>,
}

impl Styles {
    /// Those of a part of styles (ECMA-376 part 1, 17.7), or of its start, up to where all that are used are known with
    /// what they are based on; and whether they are. What is broken or cut off ends the reading.
    pub(super) fn read(part: &str, used: &BTreeSet<&str>, limits: &Limits) -> (Self, bool) {
        let mut styles = Self::default();
        let mut wanted: Vec<&str> = used.iter().copied().collect();
        let mut walk = Walk::new(part, limits);
        let mut open: Vec<&str> = Vec::new();
        let mut next: Option<(String, Style)> = None;
        while let Ok(Some(event)) = walk.next() {
            match event {
                Event::Start { name, tag, is_empty } => {
                    let value = |name: &str| {
                        let attributes = walk.attributes(&tag).unwrap_or_default();
                        attributes
                            .iter()
                            .find(|one| local(one.name) == name)
                            .map(|one| one.value().into_owned())
                    };
                    match (open.as_slice(), local(name)) {
                        ([_], "style") => {
                            next = value("styleId").map(|identifier| (identifier, Style::default()))
                        }
                        ([_, "style"], "name") => {
                            // The name of a style that Word brings is English in every language of Word; its
                            // identifier is not.
                            if let Some((_, style)) = &mut next
                                && value("val").is_some_and(|name| names_heading(&name))
                            {
                                style.is_heading = Some(true);
                            }
                        }
                        ([_, "style"], "basedOn") => {
                            if let Some((_, style)) = &mut next {
                                style.based_on = value("val");
                            }
                        }
                        ([_, "style", "pPr"], "outlineLvl") => {
                            if let Some((_, style)) = &mut next {
                                let level: Option<u32> = value("val").and_then(|level| level.parse().ok());
                                style.is_heading = style.is_heading.or(level.map(|level| level < BODY_LEVEL));
                            }
                        }
                        _ => {}
                    }
                    if !is_empty {
                        open.push(local(name));
                    }
                }
                Event::End { .. } => {
                    open.pop();
                }
                Event::Words(_) => {}
            }
            if open.len() == 1
                && let Some((identifier, style)) = next.take()
            {
                styles.known.insert(identifier, style);
                while wanted.pop_if(|one| styles.settles(one)).is_some() {}
                if wanted.is_empty() {
                    return (styles, true);
                }
            }
        }
        (styles, false)
    }

    /// What a style is based on, one after the other, itself first.
    fn bases(&self, identifier: &str) -> impl Iterator<Item = &Style> {
        let based = |style: &&Style| style.based_on.as_ref().and_then(|base| self.known.get(base));
        std::iter::successors(self.known.get(identifier), based).take(MOST_BASES)
    }

    /// Whether what is known tells of a style all that its part can tell.
    fn settles(&self, identifier: &str) -> bool {
        let mut bases = self.bases(identifier).enumerate();
        bases
            .any(|(at, style)| style.is_heading.is_some() || style.based_on.is_none() || at + 1 == MOST_BASES)
    }

    /// Whether a style is a heading's; one that is not told of is known by its identifier alone.
    pub(super) fn is_heading(&self, identifier: &str) -> bool {
        if !self.known.contains_key(identifier) {
            return names_heading(identifier);
        }
        self.bases(identifier).find_map(|style| style.is_heading).unwrap_or(false)
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
    use indicia_core::Limits;
    use std::collections::BTreeSet;

    const PART: &str = r#"<w:styles xmlns:w="w">
            <w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
            <w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Own"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
            <w:style w:type="paragraph" w:styleId="Child"><w:name w:val="Child"/><w:basedOn w:val="Own"/></w:style>
            <w:style w:type="paragraph" w:styleId="Early"><w:basedOn w:val="Late"/></w:style>
            <w:style w:type="paragraph" w:styleId="Flat"><w:basedOn w:val="Own"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
            <w:style w:type="paragraph" w:styleId="Ring"><w:basedOn w:val="Ring2"/></w:style>
            <w:style w:type="paragraph" w:styleId="Ring2"><w:basedOn w:val="Ring"/></w:style>
            <w:style w:type="paragraph" w:styleId="Plain"><w:name w:val="Normal"/></w:style>
            <w:style w:type="paragraph" w:styleId="Heading9x"><w:name w:val="Not one"/></w:style>
            <w:style w:type="paragraph" w:styleId="Late"><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
            <w:style w:type="paragraph" w:styleId="Bare"/>
        </w:styles>"#;

    #[test]
    fn headings_are_known_by_name_level_or_what_they_are_based_on() {
        for (identifier, wanted) in [
            ("berschrift1", true),
            ("Own", true),
            ("Child", true),
            ("Early", true),
            ("Flat", false),
            ("Ring", false),
            ("Plain", false),
            ("Heading9x", false),
            ("Bare", false),
            ("Heading3", true),
            ("Title", true),
            ("Unknown", false),
        ] {
            for part in [PART.to_owned(), PART.replace("w:", "x:"), PART.replace("w:", "")] {
                let (styles, all) = Styles::read(&part, &BTreeSet::from([identifier]), &Limits::default());
                assert_eq!(styles.is_heading(identifier), wanted, "{identifier}");
                assert_eq!(all, PART.contains(&format!("Id=\"{identifier}\"")), "{identifier}");
            }
        }
    }

    #[test]
    fn styles_are_read_to_the_last_that_is_used() {
        let limits = Limits::default();
        for used in
            [&["Own", "berschrift1"][..], &["Child"], &["Early", "Own"], &["Ring"], &["Bare", "Plain"]]
        {
            let used: BTreeSet<&str> = used.iter().copied().collect();
            let mut before = false;
            for cut in 0..=PART.len() {
                let (styles, all) = Styles::read(&PART[..cut], &used, &limits);
                assert!(all || !before, "{used:?} to {cut}: more of a part tells no less");
                let (whole, _) = Styles::read(PART, &BTreeSet::from(["nothing"]), &limits);
                for one in used.iter().filter(|_| all) {
                    assert_eq!(styles.is_heading(one), whole.is_heading(one), "{one} to {cut}");
                }
                before = all;
            }
            assert!(before, "{used:?}");
        }
    }
}
