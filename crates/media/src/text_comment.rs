//! HTML comments in Markdown.

use std::ops::Range;

use crate::text_front::lines;

/// The insides of the HTML comments of a text, between `<!--` and `-->`, in offsets of the narrowed text.
///
/// At most `most` of them; the flag says whether there are more. What stands in a fenced code block or
/// between backticks is shown to the reader, so it is no comment (CommonMark 0.31, 4.5, 4.6 and 6.1).
pub(crate) fn comments(text: &[u8], from: usize, most: usize) -> (Vec<Range<usize>>, bool) {
    let mut found = Vec::new();
    let head = text.get(from..).unwrap_or_default();
    // Most texts have none, and are not looked at line by line.
    if memchr::memmem::find(head, b"<!--").is_none() {
        return (found, false);
    }
    let mut fence: Option<Fence> = None;
    let mut next = from;
    for line in lines(text, from) {
        if line.end <= next {
            continue;
        }
        let start = line.start.max(next);
        if start == line.start {
            let words = text.get(line.clone()).unwrap_or_default();
            match (&fence, Fence::of(words)) {
                (Some(open), Some(close)) if close.ends(open) => {
                    fence = None;
                    continue;
                }
                (None, Some(open)) if !open.is_inline => {
                    fence = Some(open);
                    continue;
                }
                _ => {}
            }
        }
        if fence.is_some() {
            continue;
        }
        let mut at = start;
        while let Some(open) = find(text, at, line.end, b"<!--") {
            if is_quoted(text.get(start..open).unwrap_or_default()) {
                at = open + 4;
                continue;
            }
            // One without an end is no comment, and there is none after it either.
            let Some(end) = find(text, open + 4, text.len(), b"-->") else { return (found, false) };
            if found.len() == most {
                return (found, true);
            }
            found.push(open + 4..end);
            at = end + 3;
            next = at;
        }
    }
    (found, false)
}

fn find(text: &[u8], from: usize, to: usize, what: &[u8]) -> Option<usize> {
    memchr::memmem::find(text.get(from..to)?, what).map(|at| from + at)
}

/// Whether a backtick before this point of the line is still open.
fn is_quoted(before: &[u8]) -> bool {
    memchr::memchr_iter(b'`', before).count() % 2 == 1
}

/// The line that opens or closes a code block.
#[derive(Debug)]
struct Fence {
    sign: u8,
    len: usize,
    /// It has words after its signs, so it can only open.
    has_info: bool,
    /// Backticks follow its words: it is code within a line.
    is_inline: bool,
}

impl Fence {
    fn of(line: &[u8]) -> Option<Self> {
        let indent = line.iter().take_while(|byte| **byte == b' ').count();
        let rest = line.get(indent..)?;
        let sign = *rest.first().filter(|sign| matches!(sign, b'`' | b'~'))?;
        let len = rest.iter().take_while(|byte| **byte == sign).count();
        if indent > 3 || len < 3 {
            return None;
        }
        let info = rest.get(len..).unwrap_or_default().trim_ascii();
        let is_inline = sign == b'`' && info.contains(&b'`');
        Some(Self { sign, len, has_info: !info.is_empty(), is_inline })
    }

    fn ends(&self, open: &Self) -> bool {
        self.sign == open.sign && self.len >= open.len && !self.has_info
    }
}

#[cfg(test)]
mod tests {
    use super::comments;

    fn found(text: &str) -> Vec<&str> {
        comments(text.as_bytes(), 0, 100).0.into_iter().map(|inside| &text[inside]).collect()
    }

    #[test]
    fn comments_are_found_where_they_hide_something() {
        assert_eq!(
            found("a <!-- one --> b <!--two-->\n<!--\nthree\n--> <!-- four -->"),
            [" one ", "two", "\nthree\n", " four "]
        );
        assert_eq!(found("<!---->"), [""]);
        assert_eq!(found("no comment -->"), [""; 0]);
        assert_eq!(found("<!-- open"), [""; 0]);
    }

    #[test]
    fn code_is_no_comment() {
        assert_eq!(found("```html\n<!-- shown -->\n```\n<!-- hidden -->"), [" hidden "]);
        assert_eq!(found("~~~~\n<!-- shown -->\n~~~\n<!-- shown -->\n~~~~\n<!--h-->"), ["h"]);
        assert_eq!(found("````\n```\n<!-- shown -->\n````\n<!--h-->"), ["h"]);
        assert_eq!(found("write `<!-- x -->` so\n<!--h-->"), ["h"]);
        assert_eq!(found("``` a ``` <!--h-->\n<!--i-->"), ["h", "i"]);
        assert_eq!(found("```\n<!-- never closed code -->"), [""; 0]);
        assert_eq!(found("    ```\n<!--h-->"), ["h"]);
    }

    /// A fence inside a comment fences nothing.
    #[test]
    fn a_fence_in_a_comment_is_part_of_it() {
        assert_eq!(found("<!--\n```\n-->\n<!--h-->"), ["\n```\n", "h"]);
    }

    #[test]
    fn there_is_a_bound() {
        let text = "<!--x-->".repeat(5);
        assert_eq!(
            comments(text.as_bytes(), 0, 5),
            ((0..5).map(|at| at * 8 + 4..at * 8 + 5).collect(), false)
        );
        let (few, more) = comments(text.as_bytes(), 0, 4);
        assert!(few.len() == 4 && more);
        assert_eq!(comments(text.as_bytes(), 8, 9).0.len(), 4);
    }
}
