//! Which files are text, and which of them are Markdown.

use crate::text::{Verdict, detect, narrow};
use crate::{Head, text_front};

/// What other text formats begin with, after white space and in lower case.
const FOREIGN: &[&[u8]] = &[b"<!doctype", b"<?xml", b"<html", b"<svg", b"%pdf-", b"%!ps", b"{\\rtf"];

/// Whether the file is Markdown: by its name, or without one by its front matter.
pub(crate) fn is_markdown(head: &Head<'_>, extensions: &[&str]) -> bool {
    match head.extension {
        Some(extension) => extensions.contains(&extension) && is_text(head),
        None => is_text(head) && has_front_matter(head),
    }
}

/// Whether the file is plain text: by its name, or without one if it begins like nothing else.
pub(crate) fn is_plain(head: &Head<'_>, extensions: &[&str]) -> bool {
    match head.extension {
        Some(extension) => extensions.contains(&extension) && is_text(head),
        None => {
            let decodes = matches!(verdict(head), Verdict::Text(_));
            decodes && !has_front_matter(head) && !is_foreign(head)
        }
    }
}

fn verdict(head: &Head<'_>) -> Verdict {
    detect(head.bytes, head.bytes.len() as u64 == head.size)
}

fn is_text(head: &Head<'_>) -> bool {
    // What has a signature of its own is no text, whatever its name says.
    !matches!(verdict(head), Verdict::Binary) && !head.bytes.starts_with(b"%PDF-")
}

fn has_front_matter(head: &Head<'_>) -> bool {
    let Verdict::Text(coding) = verdict(head) else { return false };
    let mark = usize::try_from(coding.mark).unwrap_or_default();
    let text = narrow(head.bytes.get(mark..).unwrap_or_default(), coding.encoding);
    text_front::is_at_head(&text, 0)
}

fn is_foreign(head: &Head<'_>) -> bool {
    let start = head.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head.bytes).trim_ascii_start();
    FOREIGN.iter().any(|sign| start.get(..sign.len()).is_some_and(|start| start.eq_ignore_ascii_case(sign)))
}
