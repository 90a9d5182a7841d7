//! One walk over tags, comments and words, as browsers tell them apart (HTML, 13.2.5).

use std::ops::Range;

use super::{part, says};

/// HTML elements in which there are no tags but their own end.
const RAW: &[&str] =
    &["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"];

/// By whose rules a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// HTML: scripts and the like hold no tags.
    Html,
    /// HTML written as XML: the same, but `<script/>` is ended.
    Xhtml,
    /// XML.
    Xml,
}

/// What comes next, in offsets of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A start tag.
    Start {
        /// Its name.
        name: Range<usize>,
        /// All of it.
        tag: Range<usize>,
        /// Whether it says that no end follows: `<a/>`.
        is_single: bool,
    },
    /// An end tag.
    End {
        /// Its name.
        name: Range<usize>,
        /// All of it.
        tag: Range<usize>,
    },
    /// A comment.
    Comment {
        /// What stands between its signs.
        inner: Range<usize>,
        /// All of it.
        all: Range<usize>,
    },
    /// A CDATA section, where there are such.
    Cdata {
        /// What stands between its signs.
        inner: Range<usize>,
    },
    /// `<!DOCTYPE ...>`.
    Doctype(Range<usize>),
    /// `<?...?>`, or what else browsers pass over.
    Instruction(Range<usize>),
    /// Words, references and all.
    Words(Range<usize>),
}

/// A walk over a text.
#[derive(Debug)]
pub(crate) struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    notation: Notation,
    /// The raw element that is open.
    raw: Option<&'static str>,
    /// `svg` and `math` elements open in a page.
    foreign: usize,
    /// Where something begins that has no end.
    pub(crate) unended: Option<usize>,
}

impl<'t> Scanner<'t> {
    /// At an offset.
    pub(crate) fn new(text: &'t [u8], at: usize, notation: Notation) -> Self {
        Self { text, at, notation, raw: None, foreign: 0, unended: None }
    }

    /// Whether `<a/>` is ended here: in HTML it is only within drawings and formulas.
    pub(crate) fn ends_single(&self) -> bool {
        self.foreign > 0 || self.notation != Notation::Html
    }

    /// What comes next; `None` at the end.
    pub(crate) fn next(&mut self) -> Option<Token> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        if let Some(name) = self.raw.take() {
            let end = raw_end(rest, name).map(|len| start + len);
            if end.is_none() {
                self.unended = self.unended.or(Some(start));
            }
            self.at = end.unwrap_or(self.text.len());
            if self.at > start {
                return Some(Token::Words(start..self.at));
            }
            return self.next_token(start, rest);
        }
        self.next_token(start, rest)
    }

    fn next_token(&mut self, start: usize, rest: &[u8]) -> Option<Token> {
        let token = match rest {
            [b'<', b'!', b'-', b'-', ..] => self.comment(start),
            [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..]
                if self.notation != Notation::Html || self.foreign > 0 =>
            {
                let end = self.find(start + 9, b"]]>");
                let inner = start + 9..end;
                self.at = (end + 3).min(self.text.len());
                Token::Cdata { inner }
            }
            [b'<', b'!', ..] => {
                let is_type = rest.get(2..9).is_some_and(|word| word.eq_ignore_ascii_case(b"doctype"));
                let end = self.declaration(start);
                self.at = end;
                if is_type { Token::Doctype(start..end) } else { Token::Instruction(start..end) }
            }
            [b'<', b'?', ..] => {
                let sign: &[u8] = if self.notation == Notation::Xml { b"?>" } else { b">" };
                let end = self.find(start + 2, sign);
                self.at = (end + sign.len()).min(self.text.len());
                Token::Instruction(start..self.at)
            }
            [b'<', b'/', first, ..] if self.begins_name(*first) => {
                let (name, tag, _) = self.tag(start, start + 2);
                let is_foreign = says(self.text, &name, "svg") || says(self.text, &name, "math");
                self.foreign = self.foreign.saturating_sub(usize::from(is_foreign));
                Token::End { name, tag }
            }
            [b'<', b'/', b'>', ..] => {
                self.at = start + 3;
                Token::Instruction(start..self.at)
            }
            [b'<', b'/', _, ..] => {
                let end = self.find(start + 2, b">");
                self.at = (end + 1).min(self.text.len());
                Token::Instruction(start..self.at)
            }
            [b'<', first, ..] if self.begins_name(*first) => {
                let (name, tag, is_single) = self.tag(start, start + 1);
                self.open(&name, is_single);
                Token::Start { name, tag, is_single }
            }
            _ => {
                let after = rest.get(1..).unwrap_or_default();
                self.at = memchr::memchr(b'<', after).map_or(self.text.len(), |len| start + 1 + len);
                Token::Words(start..self.at)
            }
        };
        Some(token)
    }

    fn begins_name(&self, first: u8) -> bool {
        first.is_ascii_alphabetic() || (self.notation == Notation::Xml && (first == b'_' || first >= 0x80))
    }

    /// Notes what a start tag opens.
    fn open(&mut self, name: &Range<usize>, is_single: bool) {
        if self.notation == Notation::Xml {
            return;
        }
        if !is_single && (says(self.text, name, "svg") || says(self.text, name, "math")) {
            self.foreign += 1;
        }
        if !(is_single && self.ends_single()) {
            self.raw = RAW.iter().find(|raw| says(self.text, name, raw)).copied();
        }
    }

    /// Where a sign stands from an offset on; the end of the text if it does not.
    fn find(&mut self, from: usize, sign: &[u8]) -> usize {
        let found = self.text.get(from..).and_then(|rest| memchr::memmem::find(rest, sign));
        if found.is_none() {
            self.unended = self.unended.or(Some(from));
        }
        found.map_or(self.text.len(), |len| from + len)
    }

    fn comment(&mut self, start: usize) -> Token {
        let inner = start + 4;
        let rest = self.text.get(inner..).unwrap_or_default();
        if self.notation == Notation::Html && (rest.starts_with(b">") || rest.starts_with(b"->")) {
            self.at = inner + if rest.starts_with(b">") { 1 } else { 2 };
            return Token::Comment { inner: inner..inner, all: start..self.at };
        }
        let mut end = self.find(inner, b"-->");
        let mut len = 3;
        if self.notation == Notation::Html
            && let Some(odd) = memchr::memmem::find(part(self.text, &(inner..end)), b"--!>")
        {
            (end, len) = (inner + odd, 4);
            self.unended = self.unended.filter(|at| *at != inner);
        }
        self.at = (end + len).min(self.text.len());
        Token::Comment { inner: inner..end, all: start..self.at }
    }

    /// Where a declaration ends: in XML, after the declarations within it.
    fn declaration(&mut self, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        let (mut quote, mut within) = (None, false);
        let mut at = 0;
        while let Some(byte) = rest.get(at) {
            match (quote, byte) {
                (Some(open), byte) if open == *byte => quote = None,
                (Some(_), _) => {}
                (None, b'<') if within && rest.get(at..at + 4) == Some(b"<!--") => {
                    let after = rest.get(at + 4..).unwrap_or_default();
                    let Some(len) = memchr::memmem::find(after, b"-->") else { break };
                    at += 4 + len + 2;
                }
                (None, b'"' | b'\'') if self.notation != Notation::Html => quote = Some(*byte),
                (None, b'[') if self.notation == Notation::Xml => within = true,
                (None, b']') => within = false,
                (None, b'>') if !within => return start + at + 1,
                _ => {}
            }
            at += 1;
        }
        self.unended = self.unended.or(Some(start));
        self.text.len()
    }

    /// Name, extent and kind of the tag at `start`, whose name begins at `name`.
    fn tag(&mut self, start: usize, name: usize) -> (Range<usize>, Range<usize>, bool) {
        let mut inside = Inside::new(self.text, name);
        while inside.attribute().is_some() {}
        if !inside.is_ended {
            self.unended = self.unended.or(Some(start));
        }
        self.at = inside.at;
        (inside.name, start..inside.at, inside.is_single)
    }
}

/// Length of a raw element up to its end tag.
fn raw_end(rest: &[u8], name: &str) -> Option<usize> {
    let ends = memchr::memmem::find_iter(rest, b"</");
    let mut ends = ends.filter(|at| {
        let tag = rest.get(at + 2..).unwrap_or_default();
        let is_name = tag.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()));
        let next = tag.get(name.len());
        is_name
            && name != "plaintext"
            && next.is_some_and(|next| next.is_ascii_whitespace() || b"/>".contains(next))
    });
    ends.next()
}

/// An attribute of a tag, in offsets of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// Its name.
    pub(crate) name: Range<usize>,
    /// Its value without quotes; empty, after the name, if it has none.
    pub(crate) value: Range<usize>,
    /// All of it, quotes included.
    pub(crate) site: Range<usize>,
}

/// The attributes of the start tag at `tag`. Of two of the same name, the first counts.
pub(crate) fn attributes(text: &[u8], tag: &Range<usize>) -> Vec<Attribute> {
    let mut inside = Inside::new(text, tag.start + 1);
    let mut found = Vec::new();
    while let Some(attribute) = inside.attribute() {
        found.push(attribute);
    }
    found
}

/// A walk over the inside of a tag.
struct Inside<'t> {
    text: &'t [u8],
    name: Range<usize>,
    at: usize,
    is_ended: bool,
    is_single: bool,
}

impl<'t> Inside<'t> {
    fn new(text: &'t [u8], name: usize) -> Self {
        let mut inside = Self { text, name: name..name, at: name, is_ended: false, is_single: false };
        inside.pass(|byte| !byte.is_ascii_whitespace() && !b"/>".contains(&byte));
        inside.name.end = inside.at;
        inside
    }

    /// Goes on while `fits` holds.
    fn pass(&mut self, fits: impl Fn(u8) -> bool) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| fits(**byte)).count();
    }

    /// The next attribute; `None` at the end of the tag, or of the text.
    fn attribute(&mut self) -> Option<Attribute> {
        loop {
            self.pass(|byte| byte.is_ascii_whitespace());
            match self.text.get(self.at)? {
                b'>' => {
                    self.at += 1;
                    self.is_ended = true;
                    return None;
                }
                b'/' => {
                    self.at += 1;
                    self.is_single = self.text.get(self.at) == Some(&b'>');
                }
                _ => break,
            }
        }
        let start = self.at;
        self.at += 1;
        self.pass(|byte| !byte.is_ascii_whitespace() && !b"/>=".contains(&byte));
        let name = start..self.at;
        self.pass(|byte| byte.is_ascii_whitespace());
        if self.text.get(self.at) != Some(&b'=') {
            self.at = name.end;
            return Some(Attribute { value: name.end..name.end, site: name.clone(), name });
        }
        self.at += 1;
        self.pass(|byte| byte.is_ascii_whitespace());
        let value = match self.text.get(self.at) {
            Some(quote @ (b'"' | b'\'')) => {
                let inner = self.at + 1;
                let rest = self.text.get(inner..).unwrap_or_default();
                let Some(len) = memchr::memchr(*quote, rest) else {
                    self.at = self.text.len();
                    return Some(Attribute { value: inner..self.at, site: start..self.at, name });
                };
                self.at = inner + len + 1;
                inner..inner + len
            }
            _ => {
                let inner = self.at;
                self.pass(|byte| !byte.is_ascii_whitespace() && byte != b'>');
                inner..self.at
            }
        };
        Some(Attribute { name, value, site: start..self.at })
    }
}

#[cfg(test)]
mod tests {
    use super::{Notation, Scanner, Token, attributes};

    fn tokens(text: &str, notation: Notation) -> (Vec<String>, Option<usize>) {
        let mut scanner = Scanner::new(text.as_bytes(), 0, notation);
        let mut found = Vec::new();
        while let Some(token) = scanner.next() {
            found.push(match token {
                Token::Start { name, is_single, .. } => {
                    format!("<{}{}", &text[name], if is_single { "/" } else { "" })
                }
                Token::End { name, .. } => format!("</{}", &text[name]),
                Token::Comment { inner, .. } => format!("#{}", &text[inner]),
                Token::Cdata { inner } => format!("[{}", &text[inner]),
                Token::Doctype(all) => format!("!{}", all.len()),
                Token::Instruction(all) => format!("?{}", all.len()),
                Token::Words(words) => text[words].to_owned(),
            });
        }
        (found, scanner.unended)
    }

    #[test]
    fn tags_are_told_from_what_looks_like_them() {
        let (found, unended) = tokens(
            "<!doctype html>a < b<script>if (a<b) '<p>'</SCRIPT ><!-- <i> --><b c='>' d=\">\" e=f/>x</b>",
            Notation::Html,
        );
        // `f/` is the value of `e`, so the tag of `b` is not a single one.
        let expected =
            ["!15", "a ", "< b", "<script", "if (a<b) '<p>'", "</SCRIPT", "# <i> ", "<b", "x", "</b"];
        assert_eq!((found, unended), (expected.map(str::to_owned).to_vec(), None));
    }

    #[test]
    fn xml_has_its_own_rules() {
        let (found, unended) = tokens(
            "<?xml a='>'?><!DOCTYPE s [<!ENTITY e \"]>\"><!-- ' -->]><s:v><script/><![CDATA[<a>]]></s:v>",
            Notation::Xml,
        );
        assert_eq!(found, ["?13", "!41", "<s:v", "<script/", "[<a>", "</s:v"]);
        assert_eq!(unended, None);
    }

    #[test]
    fn odd_comments_end_where_browsers_say() {
        assert_eq!(tokens("<!-->a<!--->b<!--c--!>d", Notation::Html).0, ["#", "a", "#", "b", "#c", "d"]);
        assert_eq!(tokens("<![CDATA[x]]>", Notation::Html).0, ["?13"]);
        assert_eq!(
            tokens("<svg><title/><![CDATA[<]]></svg><b>", Notation::Html).0,
            ["<svg", "<title/", "[<", "</svg", "<b"]
        );
    }

    #[test]
    fn what_has_no_end_is_said() {
        for text in
            ["<a b", "<a b='c>", "<!-- c", "<script>x", "<!doctype", "<?xml", "<title>t</titles>", "</a"]
        {
            assert!(tokens(text, Notation::Html).1.is_some(), "{text}");
        }
        for text in ["a <", "<p>words", "< a"] {
            assert!(tokens(text, Notation::Html).1.is_none(), "{text}");
        }
    }

    #[test]
    fn attributes_need_no_quotes() {
        let text = "<meta name=a content='{\"b\": 1}' c d = \"\"/>";
        let found = attributes(text.as_bytes(), &(0..text.len()));
        let read: Vec<_> = found.into_iter().map(|one| (&text[one.name], &text[one.value])).collect();
        assert_eq!(read, [("name", "a"), ("content", "{\"b\": 1}"), ("c", ""), ("d", "")]);
    }
}
