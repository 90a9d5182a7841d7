//! References: the five built-in names, numbers, and for words the names of XHTML. No other entity is expanded.

use std::borrow::Cow;

/// The names of XHTML 1.1 that words are commonly written with.
const NAMES: &[(&str, char)] = &[
    ("bull", '•'),
    ("copy", '©'),
    ("deg", '°'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("emsp", '\u{2003}'),
    ("ensp", '\u{2002}'),
    ("hellip", '…'),
    ("laquo", '«'),
    ("ldquo", '“'),
    ("lsquo", '‘'),
    ("mdash", '—'),
    ("middot", '·'),
    ("nbsp", '\u{A0}'),
    ("ndash", '–'),
    ("raquo", '»'),
    ("rdquo", '”'),
    ("reg", '®'),
    ("rsquo", '’'),
    ("sect", '§'),
    ("shy", '\u{AD}'),
    ("thinsp", '\u{2009}'),
    ("times", '×'),
    ("trade", '™'),
    ("zwj", '\u{200D}'),
    ("zwnj", '\u{200C}'),
];

/// Text with its references replaced; one that is not known stays as written.
pub(crate) fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::new();
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        text.push_str(before);
        let (sign, len) = resolve(reference).unwrap_or(('&', 1));
        text.push(sign);
        rest = reference.get(len..).unwrap_or_default();
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character that a reference at the start of `text` stands for, and the reference's length.
fn resolve(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(16).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let sign = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => match name.strip_prefix('#') {
            Some(number) => {
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code).filter(|sign| *sign != '\0')?
            }
            None => NAMES.iter().find(|(known, _)| *known == name)?.1,
        },
    };
    Some((sign, end + 1))
}

/// Text for the inside of an attribute in double quotes; `None` if XML cannot hold it.
pub(crate) fn quotable(text: &str) -> Option<String> {
    escape(text).map(|escaped| escaped.replace('"', "&quot;"))
}

/// Text for the inside of an element; `None` if XML cannot hold it.
pub(crate) fn escape(text: &str) -> Option<String> {
    let mut escaped = String::new();
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // Readers make blanks or line feeds of these where they stand as they are.
            '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(sign))),
            '\0'..' ' | '\u{FFFE}' | '\u{FFFF}' => return None,
            _ => escaped.push(sign),
        }
    }
    Some(escaped)
}

#[cfg(test)]
mod tests {
    use super::{escape, quotable, unescape};

    #[test]
    fn only_what_is_known_is_replaced() {
        assert_eq!(
            unescape("&quot;&#65;&#x4E2D;&amp;amp;&lt;&gt;&apos;&nbsp;&mdash;"),
            "\"A中&amp;<>'\u{A0}—"
        );
        for left in
            ["&foo;", "&", "a & b; c", "&#0;", "&#xD800;", "&#99999999999;", "&;", "&#;", "&中;", "&lol9;"]
        {
            assert_eq!(unescape(left), left);
        }
    }

    #[test]
    fn what_is_escaped_reads_as_it_was() {
        for text in ["<a b=\"&\">\r\n\t'x'", "中😀", "]]>"] {
            assert_eq!(unescape(&escape(text).unwrap()), text);
            assert_eq!(unescape(&quotable(text).unwrap()), text);
            assert!(!quotable(text).unwrap().contains('"'));
        }
        for text in ["\0", "a\u{B}", "\u{FFFE}", "\u{1F}"] {
            assert_eq!(escape(text), None, "{text:?}");
        }
    }
}
