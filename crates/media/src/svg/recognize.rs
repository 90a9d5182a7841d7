//! Which files are drawings.

use super::drawing::local;
use crate::Head;
use crate::markup::{Notation, Scanner, Token, may_begin, part};
use crate::text::{self, Verdict, detect, narrow};

/// How surely a file is a drawing: its first element is `svg`.
pub(crate) fn recognize(head: &Head<'_>) -> u32 {
    if !may_begin(head, &["svg"]) {
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
    while let Some(token) = scanner.next() {
        match token {
            Token::Doctype(all) => {
                let name = part(&narrowed, &all).get(9..).unwrap_or_default().trim_ascii_start();
                if name.starts_with(b"svg") {
                    return 12;
                }
            }
            Token::Start { name, .. } => return if local(part(&narrowed, &name)) == b"svg" { 6 } else { 0 },
            Token::Words(words) if part(&narrowed, &words).trim_ascii().is_empty() => {}
            Token::Comment { .. } | Token::Instruction(_) => {}
            _ => return 0,
        }
    }
    // Its first element is further on: then its name decides.
    u32::from(head.extension == Some("svg") && narrowed.trim_ascii_start().starts_with(b"<"))
}
