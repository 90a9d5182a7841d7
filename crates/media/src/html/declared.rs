//! The encoding that a page declares.

use crate::markup::{Attribute, Notation, Scanner, Token, attributes, part, says};

/// How far into a page its declaration of an encoding is looked for (HTML, 13.2.3.2).
const DECLARED_WITHIN: usize = 1024;

/// The name of the encoding that a page declares in its first bytes.
pub(super) fn declared(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = bytes.get(..bytes.len().min(DECLARED_WITHIN)).unwrap_or_default();
    let mut scanner = Scanner::new(head, 0, Notation::Html);
    while let Some(token) = scanner.next() {
        match token {
            Token::Instruction(all) => {
                let head = part(head, &all);
                if let Some(at) =
                    memchr::memmem::find(head, b"encoding").filter(|_| head.starts_with(b"<?xml"))
                {
                    return Some(label(head.get(at + 8..)?));
                }
            }
            Token::Start { name, tag, .. } if says(head, &name, "meta") => {
                let all = attributes(head, &tag);
                if let Some(charset) = charset(head, &all) {
                    return Some(charset);
                }
            }
            _ => {}
        }
    }
    None
}

/// The encoding that a `meta` element declares.
pub(super) fn charset(text: &[u8], all: &[Attribute]) -> Option<Vec<u8>> {
    let of =
        |name: &str| all.iter().find(|one| says(text, &one.name, name)).map(|one| part(text, &one.value));
    if let Some(charset) = of("charset") {
        return Some(charset.trim_ascii().to_vec());
    }
    let content =
        of("http-equiv").filter(|kind| kind.eq_ignore_ascii_case(b"content-type")).and(of("content"))?;
    let lower = content.to_ascii_lowercase();
    let at = memchr::memmem::find(&lower, b"charset")?;
    Some(label(content.get(at + 7..)?))
}

/// The name after a sign of equality, in quotes or without.
fn label(text: &[u8]) -> Vec<u8> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"=").unwrap_or_default().trim_ascii_start();
    let text = text.strip_prefix(b"\"").or(text.strip_prefix(b"'")).unwrap_or(text);
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_:.+".contains(byte);
    text.iter().take_while(is_name).copied().collect()
}
