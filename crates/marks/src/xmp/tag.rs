//! The inside of a start tag.

use std::ops::Range;

/// An attribute of a start tag, in offsets of the text that the tag stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute<'t> {
    /// Its name with prefix.
    pub(super) name: &'t str,
    /// Its value as written, without the quotes.
    pub(super) raw: &'t str,
    /// All of it, with the white space before it.
    pub(super) site: Range<usize>,
}

/// Prefix and local name.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// The name and the attributes of the start tag at `tag` in `text`, as far as they can be read.
///
/// The flag says whether all could be read.
pub(super) fn attributes(text: &str, tag: Range<usize>) -> (&str, Vec<Attribute<'_>>, bool) {
    let inner = text.get(tag.start + 1..tag.end.saturating_sub(1)).unwrap_or_default();
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let name_len = inner.find(is_space).unwrap_or(inner.len());
    let name = inner.get(..name_len).unwrap_or_default();
    let mut found = Vec::new();
    let mut at = name_len;
    loop {
        let rest = inner.get(at..).unwrap_or_default();
        let bare = rest.trim_start_matches(is_space);
        if bare.is_empty() {
            return (name, found, true);
        }
        let Some((attribute, raw, len)) = attribute(bare) else { return (name, found, false) };
        let end = at + (rest.len() - bare.len()) + len;
        let start = tag.start + 1 + at;
        found.push(Attribute { name: attribute, raw, site: start..tag.start + 1 + end });
        at = end;
    }
}

/// Name, raw value and length of the attribute at the start of `text`.
fn attribute(text: &str) -> Option<(&str, &str, usize)> {
    let equals = text.find('=')?;
    let name = text.get(..equals)?.trim_end_matches(is_space);
    if name.is_empty() || name.contains(|sign: char| is_space(sign) || matches!(sign, '"' | '\'' | '<')) {
        return None;
    }
    let after = text.get(equals + 1..)?;
    let value = after.trim_start_matches(is_space);
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let value = value.get(1..)?;
    let len = value.find(quote)?;
    let raw = value.get(..len)?;
    let end = text.len() - value.len() + len + 1;
    Some((name, raw, end))
}

fn is_space(sign: char) -> bool {
    matches!(sign, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::attributes;

    #[test]
    fn attributes_have_their_places() {
        let text = "x<a:b  c = \"1'>\"\n\td:e='2\"'/>y";
        let (name, found, whole) = attributes(text, 1..text.len() - 1);
        assert_eq!((name, whole), ("a:b", true));
        let read: Vec<_> = found.iter().map(|one| (one.name, one.raw, &text[one.site.clone()])).collect();
        assert_eq!(read, [("c", "1'>", "  c = \"1'>\""), ("d:e", "2\"", "\n\td:e='2\"'")]);
    }

    #[test]
    fn what_is_no_attribute_is_said() {
        for tag in ["<a b>", "<a b=c>", "<a =\"1\">", "<a b=\"{\"L\":\"1\"}\">", "<a b=\"1>"] {
            assert!(!attributes(tag, 0..tag.len()).2, "{tag}");
        }
        for tag in ["<a>", "<a/>", "<a />", "<a b=''/>", "<", ">", ""] {
            assert!(attributes(tag, 0..tag.len()).2, "{tag}");
        }
    }
}
