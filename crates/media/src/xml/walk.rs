//! One walk over the tags and words of a part, with the place of each.

use std::borrow::Cow;
use std::ops::Range;

use super::{Attribute, attributes, unescape};
use indicia_core::{Limits, Problem};
use quick_xml::Reader;
use quick_xml::events::Event as Token;

/// How often [`Limits::depth`] tags may stand in each other: tables in tables in text boxes go deep, and nothing
/// here recurses.
const DEPTH: usize = 16;

/// What comes next in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event<'t> {
    /// A start tag, or a whole empty element.
    Start {
        /// The name with its prefix.
        name: &'t str,
        /// Where the tag stands.
        tag: Range<usize>,
        /// Whether it is a single tag, `<a/>`: no end follows.
        is_empty: bool,
    },
    /// An end tag.
    End {
        /// Where it stands.
        tag: Range<usize>,
    },
    /// Words, with references replaced.
    Words(Cow<'t, str>),
}

/// A walk over a part.
pub(crate) struct Walk<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    depth: usize,
    deepest: usize,
    has_root: bool,
}

impl<'t> Walk<'t> {
    /// At the start.
    pub(crate) fn new(text: &'t str, limits: &Limits) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().allow_dangling_amp = true;
        let deepest = limits.depth.saturating_mul(DEPTH);
        Self { text, reader, depth: 0, deepest, has_root: false }
    }

    /// Number of elements open.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// The attributes of a start tag.
    ///
    /// # Errors
    /// [`Problem::Malformed`] if they cannot be read.
    pub(crate) fn attributes(&self, tag: &Range<usize>) -> Result<Vec<Attribute<'t>>, Problem> {
        attributes(self.text, tag.clone()).ok_or(Problem::Malformed("an attribute in an XML part"))
    }

    /// What comes next; `None` at the end.
    ///
    /// # Errors
    /// If it is not well-formed, ends too early or nests too deeply.
    pub(crate) fn next(&mut self) -> Result<Option<Event<'t>>, Problem> {
        loop {
            let start = self.at();
            let token =
                self.reader.read_event().map_err(|_| Problem::Malformed("XML that is not well-formed"))?;
            let site = start..self.at();
            let raw = self.text.get(site.clone()).unwrap_or_default();
            let event = match token {
                Token::Start(_) | Token::Empty(_) => {
                    let is_empty = matches!(token, Token::Empty(_));
                    if self.depth == 0 && self.has_root {
                        return Err(Problem::Malformed("a second root element in an XML part"));
                    }
                    self.has_root = true;
                    if self.depth >= self.deepest {
                        let limit = self.deepest as u64;
                        return Err(Problem::OverLimit { what: "XML elements in each other", limit });
                    }
                    self.depth += usize::from(!is_empty);
                    let name = raw.get(1..).unwrap_or_default();
                    let end = name.find([' ', '\t', '\r', '\n', '/', '>']).unwrap_or(name.len());
                    Event::Start { name: name.get(..end).unwrap_or_default(), tag: site, is_empty }
                }
                Token::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Event::End { tag: site }
                }
                Token::Text(_) if raw.contains('\r') => {
                    Event::Words(Cow::Owned(raw.replace("\r\n", "\n").replace('\r', "\n")))
                }
                Token::Text(_) => Event::Words(Cow::Borrowed(raw)),
                Token::GeneralRef(_) => Event::Words(unescape(raw)),
                Token::CData(_) => {
                    let inner = raw.strip_prefix("<![CDATA[").and_then(|raw| raw.strip_suffix("]]>"));
                    Event::Words(Cow::Borrowed(inner.unwrap_or_default()))
                }
                Token::Eof if self.depth > 0 || !self.has_root => return Err(Problem::Truncated),
                Token::Eof => return Ok(None),
                _ => continue,
            };
            return Ok(Some(event));
        }
    }

    fn at(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }
}
