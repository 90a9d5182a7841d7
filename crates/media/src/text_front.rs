//! Front matter: the block of metadata at the head of a Markdown text.

use std::ops::Range;

/// Most blocks that are looked for one after another; a few programs write a second one.
const BLOCKS: usize = 4;

/// A block of front matter, in offsets of the narrowed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// All of it, with the lines that fence it in.
    pub(crate) all: Range<usize>,
    /// What stands between those lines.
    pub(crate) body: Range<usize>,
    /// In which notation.
    pub(crate) notation: Notation,
    /// Whether the line that ends it is there.
    pub(crate) closed: bool,
}

/// How front matter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// An object in braces, as Hugo has it.
    Json,
    /// Between `+++` lines, as Hugo has it.
    Toml,
    /// Between a `---` line and a `---` or `...` line.
    Yaml,
}

/// The blocks at the head of a text, from `from` on.
///
/// The first counts even after blank lines, and a second one right after it, since both are found in
/// labelled files. What stands between two `---` lines but does not begin like YAML is no front matter:
/// there the lines are thematic breaks.
pub(crate) fn blocks(text: &[u8], from: usize) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut at = from;
    while found.len() < BLOCKS {
        let start = lines(text, at).find(|line| !is_blank(text, line)).map_or(text.len(), |line| line.start);
        let Some(block) = yaml(text, start) else { break };
        // A rule without an end later in the text is a thematic break.
        if !block.closed && !found.is_empty() {
            break;
        }
        at = block.all.end;
        found.push(block);
    }
    if found.is_empty() {
        found.extend(toml(text, from).or_else(|| json(text, from)));
    }
    found
}

/// Whether a text begins with YAML front matter, which only Markdown has. Its end may be out of sight.
pub(crate) fn is_at_head(text: &[u8], from: usize) -> bool {
    yaml(text, from).is_some()
}

fn yaml(text: &[u8], start: usize) -> Option<Block> {
    let mut rest = lines(text, start);
    let first = rest.next()?;
    if trimmed(text, &first) != b"---" || text.get(first.start) != Some(&b'-') {
        return None;
    }
    let body = first.end;
    let mut begins = false;
    let mut blank = None;
    for line in rest {
        let words = trimmed(text, &line);
        let at_margin = !matches!(text.get(line.start), Some(b' ' | b'\t'));
        if at_margin && (words == b"---" || words == b"...") {
            let (all, body) = (start..line.end, body..line.start);
            return Some(Block { all, body, notation: Notation::Yaml, closed: true });
        }
        if words.is_empty() {
            blank = blank.or(Some(line.start));
        } else if !begins && !words.starts_with(b"#") {
            if !begins_mapping(words) {
                return None;
            }
            (begins, blank) = (true, None);
        }
    }
    // Without its end: what there is of it ends at the first blank line.
    let end = blank.unwrap_or(text.len());
    begins.then_some(Block { all: start..end, body: body..end, notation: Notation::Yaml, closed: false })
}

/// Whether a line begins a YAML mapping: `key:`, `"key":`, or a flow mapping.
fn begins_mapping(line: &[u8]) -> bool {
    if line.starts_with(b"{") || line.starts_with(b"? ") {
        return true;
    }
    let colon = line.iter().enumerate().find(|(at, byte)| {
        **byte == b':' && line.get(at + 1).is_none_or(|next| matches!(next, b' ' | b'\t'))
    });
    colon.is_some_and(|(at, _)| {
        // Prose with a colon in it is no key, nor is a list item or a quotation.
        at > 0 && at <= 128 && !matches!(line.first(), Some(b'-' | b'>' | b'|' | b'*' | b'['))
    })
}

fn toml(text: &[u8], start: usize) -> Option<Block> {
    let mut rest = lines(text, start);
    let first = rest.next().filter(|line| trimmed(text, line) == b"+++")?;
    let last = rest.find(|line| trimmed(text, line) == b"+++")?;
    let (all, body) = (start..last.end, first.end..last.start);
    Some(Block { all, body, notation: Notation::Toml, closed: true })
}

fn json(text: &[u8], start: usize) -> Option<Block> {
    let rest = text.get(start..)?;
    let inner = rest.strip_prefix(b"{")?.trim_ascii_start();
    if !inner.starts_with(b"\"") {
        return None;
    }
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    let end = start + at + 1;
                    // It stands on lines of its own.
                    let line = lines(text, end).next().unwrap_or(end..end);
                    let all = start..line.end;
                    let alone = is_blank(text, &line);
                    return alone.then_some(Block {
                        all,
                        body: start..end,
                        notation: Notation::Json,
                        closed: true,
                    });
                }
            }
            _ => {}
        }
    }
    None
}

/// The lines from an offset on, each with its line break.
pub(crate) fn lines(text: &[u8], from: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = from;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let len = match memchr::memchr2(b'\r', b'\n', rest) {
            Some(end) if rest.get(end..end + 2) == Some(b"\r\n") => end + 2,
            Some(end) => end + 1,
            None => rest.len(),
        };
        let line = at..at + len;
        at = line.end;
        Some(line)
    })
}

/// A line without the white space around it.
fn trimmed<'a>(text: &'a [u8], line: &Range<usize>) -> &'a [u8] {
    text.get(line.clone()).unwrap_or_default().trim_ascii()
}

/// Whether a line holds nothing but white space.
pub(crate) fn is_blank(text: &[u8], line: &Range<usize>) -> bool {
    trimmed(text, line).is_empty()
}

#[cfg(test)]
mod tests {
    use super::{Block, Notation, blocks, is_at_head, lines};

    fn bodies(text: &str) -> Vec<&str> {
        blocks(text.as_bytes(), 0).into_iter().map(|block| &text[block.body]).collect()
    }

    #[test]
    fn yaml_stands_between_its_lines() {
        assert_eq!(bodies("---\na: 1\n---\nbody"), ["a: 1\n"]);
        assert_eq!(bodies("---\r\na: 1\r\n...\r\nbody"), ["a: 1\r\n"]);
        assert_eq!(bodies("--- \na: 1\n---"), ["a: 1\n"]);
        assert_eq!(bodies("---\n# note\n\n\"a b\": {\"x\": 1}\n---\n"), ["# note\n\n\"a b\": {\"x\": 1}\n"]);
        assert_eq!(bodies("---\nAIGC: {\"Label\":\"1\"}\n---\n"), ["AIGC: {\"Label\":\"1\"}\n"]);
        assert_eq!(bodies("---\n---\n"), [""]);
        assert_eq!(bodies("---\ntext: |\n  ---\n  more\n---\n"), ["text: |\n  ---\n  more\n"]);
        assert_eq!(blocks(b"---\na: 1\n---\nbody", 0)[0].all, 0..13);
    }

    #[test]
    fn thematic_breaks_are_no_front_matter() {
        for text in [
            "---\nJust words here\n---\n",
            "---\n本内容由AI生成\n---\n",
            "----\na: 1\n----\n",
            " ---\na: 1\n---\n",
            "---\n- item: 1\n---\n",
            "---\n\nhello\n",
            "---\nhttp://example.org\n---\n",
            "words\n---\na: 1\n---\n",
            "---",
            "",
        ] {
            assert!(blocks(text.as_bytes(), 0).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn a_second_block_counts_and_so_does_one_after_blank_lines() {
        assert_eq!(
            bodies("---\na: 1\n---\n\n---\nAIGC:\n  Label: '1'\n---\nbody"),
            ["a: 1\n", "AIGC:\n  Label: '1'\n"]
        );
        assert_eq!(bodies("\n \n---\na: 1\n---\n"), ["a: 1\n"]);
        assert_eq!(bodies("---\na: 1\n---\nwords\n\n---\nb: 1\n---\n"), ["a: 1\n"]);
        assert_eq!(bodies("---\na: 1\n---\n---\nb: 1\n"), ["a: 1\n"]);
    }

    #[test]
    fn a_block_without_its_end_goes_to_the_first_blank_line() {
        let block = &blocks(b"---\nAIGC:\n  Label: '1'\n\nwords\n", 0)[0];
        assert_eq!(*block, Block { all: 0..23, body: 4..23, notation: Notation::Yaml, closed: false });
    }

    #[test]
    fn other_notations_are_known() {
        assert_eq!(blocks(b"+++\na = 1\n+++\nbody", 0)[0].notation, Notation::Toml);
        let block = &blocks(b"{\n \"a}\": {\"b\": \"\\\"}\"}\n}\nbody", 0)[0];
        assert_eq!((block.notation, block.all.clone()), (Notation::Json, 0..24));
        for text in
            ["{{ shortcode }}\n", "{% liquid %}\n", "{\"a\": 1", "+++\na = 1\n", "{\"a\":1} and words\n"]
        {
            assert!(blocks(text.as_bytes(), 0).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn the_head_tells_it_without_the_end() {
        assert!(is_at_head(b"---\ntitle: x\nmore", 0));
        assert!(!is_at_head(b"---\nwords\n", 0));
        assert!(!is_at_head(b"--- a/file\n+++ b/file\n", 0));
    }

    #[test]
    fn lines_keep_their_breaks_and_leave_nothing_out() {
        let text = b"a\r\nb\rc\n\nd";
        let cut: Vec<_> = lines(text, 0).map(|line| &text[line]).collect();
        assert_eq!(cut, [&b"a\r\n"[..], b"b\r", b"c\n", b"\n", b"d"]);
    }
}
