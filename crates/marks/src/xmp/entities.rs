//! Character references of XML: the five built-in names and numbers. No other entity is ever expanded.

/// Text with its references replaced; one that is not known stays as written.
pub(super) fn unescape(raw: &str) -> String {
    let mut text = String::new();
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        text.push_str(before);
        match resolve(reference) {
            Some((character, len)) => {
                text.push(character);
                rest = reference.get(len..).unwrap_or_default();
            }
            None => {
                text.push('&');
                rest = reference.get(1..).unwrap_or_default();
            }
        }
    }
    text.push_str(rest);
    text
}

/// The character that a reference at the start of `text` stands for, and the reference's length.
fn resolve(text: &str) -> Option<(char, usize)> {
    // The longest is `&#x0010FFFF;`, give or take some zeros.
    let end = text.bytes().take(16).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|character| *character != '\0')?
        }
    };
    Some((character, end + 1))
}

/// Line ends as XML reads them: CR LF and CR alone become LF.
pub(super) fn with_plain_line_ends(raw: &str) -> String {
    if raw.contains('\r') { raw.replace("\r\n", "\n").replace('\r', "\n") } else { raw.to_owned() }
}

/// The value of an attribute: white space becomes blanks, references are replaced.
pub(super) fn attribute_value(raw: &str) -> String {
    unescape(&with_plain_line_ends(raw).replace(['\n', '\t'], " "))
}

/// Text for the inside of an element. Quotes are escaped too, as most writers of XMP have them.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Readers may turn these into LF.
            '\r' => escaped.push_str("&#xD;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{attribute_value, escape, unescape};

    #[test]
    fn only_built_in_references_are_replaced() {
        assert_eq!(unescape("&quot;&#65;&#x4E2D;&amp;amp;&lt;&gt;&apos;"), "\"A中&amp;<>'");
        for left in ["&foo;", "&", "a & b; c", "&#0;", "&#xD800;", "&#99999999999;", "&;", "&#;", "&中;"] {
            assert_eq!(unescape(left), left);
        }
    }

    #[test]
    fn attributes_have_blanks_for_line_ends() {
        assert_eq!(attribute_value("a\r\nb\tc&#10;d"), "a b c\nd");
        assert_eq!(unescape(&escape("<a b=\"&\">\r\n")), "<a b=\"&\">\r\n");
    }
}
