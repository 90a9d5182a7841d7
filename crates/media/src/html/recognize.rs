//! Which files are pages.

use super::EXTENSIONS;
use crate::Head;
use crate::markup::{Notation, Scanner, Token, may_begin, part, says};
use crate::text::{self, Verdict, detect, narrow};

/// How surely a file is a page: by what it begins with, or by its name if there are tags in it.
pub(crate) fn recognize(head: &Head<'_>) -> u32 {
    if !may_begin(head, EXTENSIONS) {
        return 0;
    }
    let whole = head.bytes.len() as u64 == head.size;
    let (narrowed, mark) = match detect(head.bytes, whole) {
        Verdict::Text(coding) | Verdict::Damaged(coding, _) => {
            let mark = usize::try_from(coding.mark).unwrap_or_default() / text::unit(coding.encoding);
            (narrow(head.bytes, coding.encoding), mark)
        }
        Verdict::Binary => return 0,
    };
    let mut scanner = Scanner::new(&narrowed, mark, Notation::Xml);
    loop {
        match scanner.next() {
            Some(Token::Doctype(all)) => {
                let name = part(&narrowed, &all).get(9..).unwrap_or_default().trim_ascii_start();
                if name.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"html")) {
                    return 14;
                }
                return 0;
            }
            Some(Token::Start { name, .. }) if says(&narrowed, &name, "html") => return 5,
            Some(Token::Start { name, .. }) if says(&narrowed, &name, "head") => return 5,
            Some(Token::Start { .. }) => break,
            Some(Token::Words(words)) if part(&narrowed, &words).trim_ascii().is_empty() => {}
            Some(Token::Comment { .. } | Token::Instruction(_)) => {}
            _ => break,
        }
    }
    let has_tags = || {
        let mut scanner = Scanner::new(&narrowed, mark, Notation::Html);
        std::iter::from_fn(|| scanner.next()).any(|token| !matches!(token, Token::Words(_)))
    };
    let is_named = head.extension.is_some_and(|extension| EXTENSIONS.contains(&extension));
    u32::from(is_named && has_tags())
}
