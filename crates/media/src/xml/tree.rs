//! All elements of a small part, with their places.

use std::ops::Range;

use super::{Attribute, Edit, Event, Walk, attributes, escape, local, prefix};
use indicia_core::{Limits, Problem};

/// Most elements listed of one part. Real parts of metadata have some hundreds; lists of files some thousands.
const ELEMENTS: usize = 1 << 16;

/// The elements of a part, in the order of their start tags.
#[derive(Debug)]
pub(crate) struct Tree<'t> {
    /// The part.
    pub(crate) text: &'t str,
    /// At least one: the root.
    pub(crate) elements: Vec<Element<'t>>,
}

/// An element of a part.
#[derive(Debug)]
pub(crate) struct Element<'t> {
    /// Its name with prefix.
    pub(crate) name: &'t str,
    /// Its start tag, or all of it if it is a single tag.
    pub(crate) tag: Range<usize>,
    /// All of it.
    pub(crate) site: Range<usize>,
    /// Index of the element that it stands in; the root's own is its own.
    pub(crate) parent: usize,
    /// Whether elements stand in it.
    pub(crate) has_children: bool,
    /// The words directly in it.
    pub(crate) words: String,
    /// Where its end tag starts; `None` if it is a single tag.
    end: Option<usize>,
}

/// Lists the elements of a part.
///
/// # Errors
/// If it is not well-formed or over a limit.
pub(crate) fn tree<'t>(text: &'t str, limits: &Limits) -> Result<Tree<'t>, Problem> {
    let mut walk = Walk::new(text, limits);
    let mut elements: Vec<Element<'t>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    while let Some(event) = walk.next()? {
        match event {
            Event::Start { name, tag, is_empty } => {
                if elements.len() >= ELEMENTS {
                    let limit = ELEMENTS as u64;
                    return Err(Problem::OverLimit { what: "elements in an XML part", limit });
                }
                let parent = open.last().copied().unwrap_or_default();
                if let Some(parent) = elements.get_mut(parent) {
                    parent.has_children = true;
                }
                if !is_empty {
                    open.push(elements.len());
                }
                let (site, words) = (tag.clone(), String::new());
                elements.push(Element { name, tag, site, parent, has_children: false, words, end: None });
            }
            Event::End { tag } => {
                if let Some(element) = open.pop().and_then(|at| elements.get_mut(at)) {
                    element.site.end = tag.end;
                    element.end = Some(tag.start);
                }
            }
            Event::Words(words) => {
                if let Some(element) = open.last().and_then(|at| elements.get_mut(*at)) {
                    element.words.push_str(&words);
                }
            }
        }
    }
    Ok(Tree { text, elements })
}

impl<'t> Tree<'t> {
    /// The outermost element.
    pub(crate) fn root(&self) -> Option<&Element<'t>> {
        self.elements.first()
    }

    /// The elements directly in another, each with its index.
    pub(crate) fn children(&self, parent: usize) -> impl Iterator<Item = (usize, &Element<'t>)> {
        // Those within it follow it: thousands of small elements are not looked through once for each.
        let end = self.elements.get(parent).map_or(0, |element| element.site.end);
        let within = self.elements.iter().enumerate().skip(parent + 1);
        within.take_while(move |(_, one)| one.site.start < end).filter(move |(_, one)| one.parent == parent)
    }

    /// The first element of this local name.
    pub(crate) fn find(&self, name: &str) -> Option<(usize, &Element<'t>)> {
        self.elements.iter().enumerate().find(|(_, one)| local(one.name) == name)
    }

    /// The value of an attribute, by its local name.
    pub(crate) fn attribute(&self, element: &Element<'t>, name: &str) -> Option<String> {
        let found = self.attributes(element).into_iter().find(|one| local(one.name) == name)?;
        Some(found.value().into_owned())
    }

    /// The attributes of an element; none if they cannot be read.
    pub(crate) fn attributes(&self, element: &Element<'t>) -> Vec<Attribute<'t>> {
        attributes(self.text, element.tag.clone()).unwrap_or_default()
    }

    /// All words in an element and in the elements within it, in order of their elements.
    pub(crate) fn all_words(&self, at: usize) -> String {
        let Some(element) = self.elements.get(at) else { return String::new() };
        let mut words = element.words.clone();
        if !element.has_children {
            return words;
        }
        let inside = self.elements.iter().skip(at + 1).take_while(|one| one.site.start < element.site.end);
        for one in inside {
            words.push_str(&one.words);
        }
        words.trim().to_owned()
    }

    /// The prefix, with its colon, that stands for a namespace in the tags from the root to an element.
    pub(crate) fn prefix_of(&self, at: usize, uris: &[&str]) -> Option<String> {
        let mut at = at;
        loop {
            let element = self.elements.get(at)?;
            for one in self.attributes(element) {
                let value = one.value();
                match one.name.strip_prefix("xmlns:") {
                    Some(prefix) if uris.contains(&&*value) => return Some(format!("{prefix}:")),
                    None if one.name == "xmlns" && uris.contains(&&*value) => return Some(String::new()),
                    _ => {}
                }
            }
            if at == element.parent {
                return None;
            }
            at = element.parent;
        }
    }

    /// Puts text before the end of an element.
    pub(crate) fn append(&self, element: &Element<'t>, inner: &str) -> Edit {
        self.open(element, element.end, inner)
    }

    fn open(&self, element: &Element<'t>, at: Option<usize>, inner: &str) -> Edit {
        match at {
            Some(at) => (at..at, inner.to_owned()),
            None => {
                let tag = self.text.get(element.tag.clone()).unwrap_or_default();
                let tag = tag.strip_suffix("/>").unwrap_or(tag).trim_end();
                (element.tag.clone(), format!("{tag}>{inner}</{}>", element.name))
            }
        }
    }

    /// Gives an element these words in place of all that stands in it; `None` if XML cannot hold them.
    pub(crate) fn set_words(&self, element: &Element<'t>, words: &str) -> Option<Edit> {
        let words = escape(words)?;
        Some(match element.end {
            Some(end) => (element.tag.end..end, words),
            None => self.open(element, None, &words),
        })
    }

    /// Takes an element out, with the blanks before it if it has a line of its own.
    pub(crate) fn remove(&self, element: &Element<'t>) -> Edit {
        let before = self.text.get(..element.site.start).unwrap_or_default();
        let blank = before.trim_end_matches([' ', '\t']);
        let blank = blank.strip_suffix('\n').map(|rest| rest.strip_suffix('\r').unwrap_or(rest));
        let next = self.text.get(element.site.end..).unwrap_or_default();
        let start = match blank {
            Some(before) if next.starts_with(['\n', '\r', '<']) => before.len(),
            _ => element.site.start,
        };
        (start..element.site.end, String::new())
    }

    /// The prefix, with its colon, of an element's name.
    pub(crate) fn own_prefix(element: &Element<'t>) -> &'t str {
        prefix(element.name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::edited;
    use super::tree;
    use indicia_core::{Limits, Problem};

    const PART: &str = "<?xml version=\"1.0\"?>\n<!DOCTYPE r [<!ENTITY e \"boom\">]>\n<a:r xmlns:a='u'>\n  \
                        <a:b k=\"1\">x<!-- y -->&amp;<![CDATA[<]]>&e;</a:b>\n  <c/>\n</a:r>\n";

    #[test]
    fn elements_have_words_places_and_prefixes() {
        let tree = tree(PART, &Limits::default()).unwrap();
        assert_eq!(tree.elements.len(), 3);
        let (at, b) = tree.find("b").unwrap();
        assert_eq!(b.words, "x&<&e;", "an entity of the part's own is not expanded");
        assert_eq!(tree.attribute(b, "k").as_deref(), Some("1"));
        assert_eq!(tree.prefix_of(at, &["u"]).as_deref(), Some("a:"));
        assert_eq!(tree.prefix_of(at, &["v"]), None);
        assert!(PART[b.site.clone()].ends_with("</a:b>"));
    }

    #[test]
    fn edits_touch_nothing_else() {
        let tree = tree(PART, &Limits::default()).unwrap();
        let (_, b) = tree.find("b").unwrap();
        let (_, c) = tree.find("c").unwrap();
        let root = tree.root().unwrap();
        let end = format!("{}<d/></a:r>\n", PART.strip_suffix("</a:r>\n").unwrap());
        assert_eq!(edited(PART, vec![tree.append(root, "<d/>")]), end);
        assert_eq!(edited(PART, vec![tree.append(c, "z")]), PART.replace("<c/>", "<c>z</c>"));
        assert_eq!(edited(PART, vec![tree.set_words(c, "<").unwrap()]), PART.replace("<c/>", "<c>&lt;</c>"));
        assert_eq!(edited(PART, vec![tree.remove(c)]), PART.replace("\n  <c/>", ""));
        let without = edited(PART, vec![tree.remove(b), tree.append(b, "late")]);
        assert!(!without.contains("a:b") && !without.contains("late") && without.contains("\n  <c/>"));
    }

    #[test]
    fn what_is_broken_deep_or_endless_is_said() {
        let limits = Limits { depth: 1, ..Limits::default() };
        let nested = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        assert!(tree(&nested(16), &limits).is_ok());
        assert!(matches!(tree(&nested(17), &limits), Err(Problem::OverLimit { .. })));
        assert!(matches!(tree(&"<a>".repeat(5), &limits), Err(Problem::Truncated)));
        for broken in ["<a><b></a>", "<a", "<a></b>", "</a>", "<a/><b/>", "<a><![CDATA[</a>"] {
            assert!(tree(broken, &Limits::default()).is_err(), "{broken}");
        }
        assert!(matches!(tree("", &limits), Err(Problem::Truncated)));
        let many = format!("<a>{}</a>", "<b/>".repeat(1 << 16));
        assert!(matches!(tree(&many, &Limits::default()), Err(Problem::OverLimit { limit: 65_536, .. })));
    }
}
