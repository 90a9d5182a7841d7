//! The inside of a start tag.

use std::borrow::Cow;
use std::ops::Range;

use super::unescape;

/// An attribute of a start tag, in offsets of the text that the tag stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute<'t> {
    /// Its name with prefix.
    pub(crate) name: &'t str,
    /// Its value as written, without the quotes.
    pub(crate) raw: &'t str,
    /// Where the value stands, its quotes included.
    pub(crate) site: Range<usize>,
}

impl<'t> Attribute<'t> {
    /// Its value: white space is blanks, references are replaced.
    pub(crate) fn value(&self) -> Cow<'t, str> {
        if self.raw.contains(['\n', '\r', '\t']) {
            let raw = self.raw.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ");
            return Cow::Owned(unescape(&raw).into_owned());
        }
        unescape(self.raw)
    }
}

/// The part of a name before its colon, with the colon; empty if it has none.
pub(crate) fn prefix(name: &str) -> &str {
    name.find(':').and_then(|at| name.get(..=at)).unwrap_or_default()
}

/// The part of a name after its colon.
pub(crate) fn local(name: &str) -> &str {
    name.get(prefix(name).len()..).unwrap_or(name)
}

/// The attributes of the start tag at `tag` in `text`; `None` if not all of it can be read.
pub(crate) fn attributes(text: &str, tag: Range<usize>) -> Option<Vec<Attribute<'_>>> {
    let inner = text.get(tag.start + 1..tag.end.checked_sub(1)?)?;
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let mut found = Vec::new();
    let mut at = inner.find(is_space).unwrap_or(inner.len());
    loop {
        let rest = inner.get(at..)?;
        let bare = rest.trim_start_matches(is_space);
        if bare.is_empty() {
            return Some(found);
        }
        let (name, raw, len) = attribute(bare)?;
        at += rest.len() - bare.len() + len;
        let end = tag.start + 1 + at;
        found.push(Attribute { name, raw, site: end - raw.len() - 2..end });
    }
}

/// Name, raw value and length of the attribute at the start of `text`.
fn attribute(text: &str) -> Option<(&str, &str, usize)> {
    let (name, after) = text.split_once('=')?;
    let name = name.trim_end_matches(is_space);
    if name.is_empty() || name.contains(|sign: char| is_space(sign) || matches!(sign, '"' | '\'' | '<')) {
        return None;
    }
    let value = after.trim_start_matches(is_space);
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let value = value.get(1..)?;
    let raw = value.get(..value.find(quote)?)?;
    Some((name, raw, text.len() - value.len() + raw.len() + 1))
}

fn is_space(sign: char) -> bool {
    matches!(sign, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::{attributes, local, prefix};

    #[test]
    fn attributes_have_their_places_and_values() {
        let text = "x<a:b  c = \"1'>\"\n\td:e='2&quot;\n'/>y";
        let found = attributes(text, 1..text.len() - 1).unwrap();
        let read: Vec<_> =
            found.iter().map(|one| (one.name, one.value().into_owned(), &text[one.site.clone()])).collect();
        assert_eq!(
            read,
            [("c", "1'>".into(), "\"1'>\""), ("d:e", "2\" ".into(), "'2&quot;\n'")]
                as [(&str, String, &str); 2]
        );
    }

    #[test]
    fn what_is_no_attribute_is_said() {
        for tag in ["<a b>", "<a b=c>", "<a =\"1\">", "<a b=\"{\"L\":\"1\"}\">", "<a b=\"1>", ""] {
            assert!(attributes(tag, 0..tag.len()).is_none(), "{tag}");
        }
        for tag in ["<a>", "<a/>", "<a />", "<a b=''/>"] {
            assert!(attributes(tag, 0..tag.len()).is_some(), "{tag}");
        }
    }

    #[test]
    fn a_name_has_two_parts() {
        assert_eq!((prefix("a:b"), local("a:b"), prefix("b"), local("b")), ("a:", "b", "", "b"));
    }
}
