//! Changes to a text file: new words and front matter in the file's own encoding and line breaks, all other
//! bytes as they were.

use crate::text::{UNDECODABLE, Verdict, decode, detect, encode, line_break, narrow, take, unit, within};
use crate::text_front::{is_blank, lines};
use crate::{
    Body, Carrier, Changes, Ends, Layout, NewContent, Packet, Piece, Role, Sites, Text, TextEncoding,
};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Name of the segment that holds a byte-order mark.
pub(crate) const MARK: [u8; 4] = *b"BOM ";

/// Where front matter in JSON stands: it reads as YAML does, but it is not written here.
pub(crate) const JSON: &str = "JSON front matter";

/// A run of bytes to be replaced by others; either may be empty.
#[derive(Debug)]
pub(crate) struct Edit {
    /// What goes.
    pub(crate) span: Span,
    /// What comes instead.
    pub(crate) bytes: Vec<u8>,
}

/// What is known of a text before it is changed.
struct Writer<'a> {
    source: &'a dyn Source,
    layout: &'a Layout,
    encoding: TextEncoding,
    line_break: &'static str,
    /// The words, without byte-order mark and front matter; empty at the end of the file if there are none.
    body: Span,
    /// Whether words put before and after are paragraphs of their own, as Markdown has them.
    paragraphs: bool,
}

/// The words of a text: what its layout calls essence.
pub(crate) fn body(layout: &Layout, size: u64) -> Span {
    let mut words = layout.segments.iter().filter(|segment| segment.role == Role::Essence);
    let start = words.next().map_or(size, |segment| segment.span.start);
    Span { start, end: size }
}

/// The pieces of a text file with changes made to it. `paragraphs` is for formats in which a blank line
/// parts one block of words from the next.
pub(crate) fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
    paragraphs: bool,
) -> Result<Vec<Piece>, FormatError> {
    let size = source.size();
    if changes.is_empty() {
        return weave(size, Vec::new());
    }
    let head = take(source, limits)?;
    let encoding = match detect(&head, head.len() as u64 == size) {
        Verdict::Text(coding) => coding.encoding,
        Verdict::Damaged(_, at) => return Err(FormatError::malformed(at, UNDECODABLE)),
        Verdict::Binary => return Err(FormatError::malformed(0, "not text")),
    };
    let line_break = line_break(&narrow(&head, encoding));
    let body = body(layout, size);
    let writer = Writer { source, layout, encoding, line_break, body, paragraphs };
    let mut edits = writer.packets(changes, limits)?;
    for cut in &changes.cuts {
        if cut.start < body.start || cut.end > body.end {
            return Err(FormatError::malformed(cut.start, "a cut outside of the words"));
        }
        edits.push(Edit { span: *cut, bytes: Vec::new() });
    }
    for (at, words) in &changes.inserts {
        if *at < body.start || *at > body.end {
            return Err(FormatError::malformed(*at, "words to be put outside of the words"));
        }
        edits.push(Edit { span: Span { start: *at, end: *at }, bytes: encode(words, encoding)? });
    }
    match &changes.content {
        Some(NewContent::Text(ends)) => edits.extend(writer.words(ends, &changes.cuts)?),
        Some(_) => return Err(FormatError::unsupported(0, "pictures and sound in a text")),
        None => {}
    }
    weave(size, edits)
}

impl Writer<'_> {
    /// The edits that packets need.
    fn packets(&self, changes: &Changes, limits: &Limits) -> Result<Vec<Edit>, FormatError> {
        let mut edits = Vec::new();
        // First what is new, so that it stands before what is changed at the same place.
        for put in &changes.added {
            if put.carrier != Carrier::FrontMatter || !self.paragraphs || changes.added.len() > 1 {
                return Err(FormatError::unsupported(0, "this metadata in a text"));
            }
            let kept = |(at, packet): (usize, &Packet)| {
                packet.carrier == Carrier::FrontMatter && !matches!(changes.replaced.get(&at), Some(None))
            };
            if self.layout.packets.iter().enumerate().any(kept) {
                return Err(FormatError::unsupported(0, "a second front matter"));
            }
            edits.push(Edit { span: self.head(), bytes: self.front_matter(&put.body)? });
        }
        for (at, body) in &changes.replaced {
            let packet = self.layout.packets.get(*at);
            let packet = packet.ok_or(FormatError::malformed(0, "a change to metadata that is not there"))?;
            edits.push(match (packet.carrier, body) {
                (Carrier::FrontMatter, Some(body)) => self.replace_front_matter(packet, body, limits)?,
                (Carrier::FrontMatter, None) => Edit { span: self.block(packet), bytes: Vec::new() },
                (_, Some(body)) => self.replace_comment(packet, body)?,
                (_, None) => Edit { span: self.comment(packet)?, bytes: Vec::new() },
            });
        }
        Ok(edits)
    }

    /// Where the file begins, after its byte-order mark.
    fn head(&self) -> Span {
        let mark = self.layout.segments.first().filter(|segment| segment.name == MARK);
        let at = mark.map_or(0, |segment| segment.span.end);
        Span { start: at, end: at }
    }

    fn front_matter(&self, body: &[u8]) -> Result<Vec<u8>, FormatError> {
        let body = yaml(body, 0)?.replace("\r\n", "\n");
        let end = if body.is_empty() || body.ends_with('\n') { "" } else { "\n" };
        encode(&format!("---\n{body}{end}---\n").replace('\n', self.line_break), self.encoding)
    }

    fn replace_front_matter(
        &self,
        packet: &Packet,
        body: &[u8],
        limits: &Limits,
    ) -> Result<Edit, FormatError> {
        let at = packet.span.start;
        if packet.place == JSON {
            return Err(FormatError::unsupported(at, "changes to front matter that is not YAML"));
        }
        let old = String::from_utf8_lossy(&packet.read(self.source, limits)?).replace("\r\n", "");
        let mut body = yaml(body, at)?.to_owned();
        if !body.is_empty() && !body.ends_with(['\n', '\r']) {
            body.push_str(self.line_break);
        }
        // Whoever put lines in may have used line feeds; what stood there as a line feed stays one.
        if self.line_break == "\r\n" && !old.contains('\n') {
            body = body.replace("\r\n", "\n").replace('\n', "\r\n");
        }
        Ok(Edit { span: packet.span, bytes: encode(&body, self.encoding)? })
    }

    /// The whole block that a front matter stands in.
    fn block(&self, packet: &Packet) -> Span {
        let inside = |span: &Span| span.start <= packet.span.start && packet.span.end <= span.end;
        let segments = self.layout.segments.iter().filter(|segment| segment.role == Role::Metadata);
        segments.map(|segment| segment.span).find(inside).unwrap_or(packet.span)
    }

    fn replace_comment(&self, packet: &Packet, body: &[u8]) -> Result<Edit, FormatError> {
        let at = packet.span.start;
        let body = std::str::from_utf8(body)
            .map_err(|_| FormatError::malformed(at, "a comment that is not UTF-8"))?;
        if body.contains("-->") || body.starts_with('>') || body.starts_with("->") {
            return Err(FormatError::unsupported(at, "the end of a comment within a comment"));
        }
        Ok(Edit { span: packet.span, bytes: encode(body, self.encoding)? })
    }

    /// A comment with its signs, and with its line if it stands alone there.
    fn comment(&self, packet: &Packet) -> Result<Span, FormatError> {
        let unit = unit(self.encoding) as u64;
        let start = packet.span.start.saturating_sub(4 * unit);
        let end = (packet.span.end + 3 * unit).min(self.body.end);
        let before = self.unit_before(start)?;
        let (after, next) = (self.unit_at(end)?, self.unit_at(end + unit)?);
        let fresh = start <= self.body.start || matches!(before, Some(b'\n' | b'\r'));
        let tail = match (after, next) {
            (Some(b'\r'), Some(b'\n')) => 2 * unit,
            (Some(b'\r' | b'\n'), _) => unit,
            _ => 0,
        };
        Ok(Span { start, end: if fresh { end + tail } else { end } })
    }

    fn unit_before(&self, at: u64) -> Result<Option<u8>, FormatError> {
        match at.checked_sub(unit(self.encoding) as u64).filter(|before| *before >= self.body.start) {
            Some(before) => self.unit_at(before),
            None => Ok(None),
        }
    }

    fn unit_at(&self, at: u64) -> Result<Option<u8>, FormatError> {
        let mut window = Window::new(self.source);
        Ok(narrow(window.up_to(at, unit(self.encoding))?, self.encoding).first().copied())
    }

    /// The edits for words before and after, given what is cut out of the rest.
    fn words(&self, ends: &Ends<String>, cuts: &[Span]) -> Result<Vec<Edit>, FormatError> {
        let mut rest = self.body;
        for cut in cuts {
            if cut.start <= rest.start {
                rest.start = rest.start.max(cut.end);
            }
        }
        for cut in cuts.iter().rev() {
            if cut.end >= rest.end {
                rest.end = rest.end.min(cut.start).max(rest.start);
            }
        }
        let insert = |at: u64, words: String| {
            Ok(Edit { span: Span { start: at, end: at }, bytes: encode(&words, self.encoding)? })
        };
        let mut edits = Vec::new();
        if let Some(words) = &ends.start {
            let mut words = self.line_break.repeat(self.unended_head()?) + &self.lines_of(words);
            if self.paragraphs && !rest.is_empty() && !self.starts_blank(rest)? {
                words.push_str(self.line_break);
            }
            edits.push(insert(self.body.start, words)?);
        }
        if let Some(words) = &ends.end {
            let gap = match (rest.is_empty(), &ends.start) {
                (false, _) => self.gap(rest)?,
                (true, Some(_)) => usize::from(self.paragraphs),
                (true, None) => self.unended_head()?,
            };
            edits.push(insert(self.body.end, self.line_break.repeat(gap) + &self.lines_of(words))?);
        }
        Ok(edits)
    }

    /// Line breaks needed after front matter whose last line has none, since the file ends there.
    fn unended_head(&self) -> Result<usize, FormatError> {
        let before = self.body.start.checked_sub(unit(self.encoding) as u64);
        match before.filter(|before| *before >= self.head().end) {
            Some(before) => Ok(usize::from(!matches!(self.unit_at(before)?, Some(b'\n' | b'\r')))),
            None => Ok(0),
        }
    }

    /// Words with the file's line breaks, the last of them ended.
    fn lines_of(&self, words: &str) -> String {
        let mut words = words.replace("\r\n", "\n");
        if !words.ends_with('\n') {
            words.push('\n');
        }
        words.replace('\n', self.line_break)
    }

    fn starts_blank(&self, rest: Span) -> Result<bool, FormatError> {
        let mut window = Window::new(self.source);
        let head = narrow(window.up_to(rest.start, 512)?, self.encoding).into_owned();
        Ok(lines(&head, 0).next().is_some_and(|line| is_blank(&head, &line)))
    }

    /// Line breaks needed before words that follow `rest`.
    fn gap(&self, rest: Span) -> Result<usize, FormatError> {
        let len = rest.len().min(512);
        let mut window = Window::new(self.source);
        let tail = window.up_to(rest.end - len, usize::try_from(len).unwrap_or_default())?;
        let tail = narrow(tail, self.encoding).into_owned();
        let lines: Vec<_> = lines(&tail, 0).collect();
        let last = lines.last().and_then(|line| tail.get(line.clone())).unwrap_or_default();
        let ended = last.ends_with(b"\n") || last.ends_with(b"\r");
        let blank = lines.last().is_some_and(|line| is_blank(&tail, line));
        Ok(usize::from(!ended) + usize::from(self.paragraphs && !(ended && blank)))
    }
}

/// A new front matter, checked for what would end it too early.
fn yaml(body: &[u8], at: u64) -> Result<&str, FormatError> {
    let text = std::str::from_utf8(body).map_err(|_| FormatError::malformed(at, "YAML that is not UTF-8"))?;
    let ends = |line: &str| matches!(line.trim_ascii_end(), "---" | "...");
    if text.split(['\n', '\r']).any(ends) {
        return Err(FormatError::unsupported(at, "a line that ends front matter within it"));
    }
    Ok(text)
}

/// The pieces of a file with edits made to it.
///
/// # Errors
/// If two edits are of the same bytes, or one is past the end.
pub(crate) fn weave(size: u64, mut edits: Vec<Edit>) -> Result<Vec<Piece>, FormatError> {
    edits.sort_by_key(|edit| edit.span);
    let mut pieces = Vec::new();
    let mut at = 0;
    for edit in edits {
        if edit.span.start < at || edit.span.end > size {
            return Err(FormatError::malformed(edit.span.start, "two changes to the same bytes"));
        }
        if at < edit.span.start {
            pieces.push(Piece::Keep(Span { start: at, end: edit.span.start }));
        }
        if !edit.bytes.is_empty() {
            pieces.push(Piece::New(edit.bytes));
        }
        at = edit.span.end;
    }
    if at < size {
        pieces.push(Piece::Keep(Span { start: at, end: size }));
    }
    Ok(pieces)
}

/// How metadata in an encoding is read: its value is UTF-8.
pub(crate) fn body_of(encoding: TextEncoding) -> Body {
    fn to_utf8(bytes: &[u8], encoding: TextEncoding) -> Result<Vec<u8>, Problem> {
        match decode(bytes, encoding) {
            (words, false) => Ok(words.into_bytes()),
            _ => Err(Problem::Malformed(UNDECODABLE)),
        }
    }
    match encoding {
        TextEncoding::Utf8 => Body::Verbatim,
        TextEncoding::Gb18030 => Body::Coded(|bytes, _| to_utf8(bytes, TextEncoding::Gb18030)),
        TextEncoding::Utf16Be => Body::Coded(|bytes, _| to_utf8(bytes, TextEncoding::Utf16Be)),
        TextEncoding::Utf16Le => Body::Coded(|bytes, _| to_utf8(bytes, TextEncoding::Utf16Le)),
    }
}

/// The words of a text file; what cannot be decoded becomes U+FFFD.
///
/// # Errors
/// If the file is over [`Limits::text`], cannot be read, or is not text.
pub(crate) fn words(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Text, FormatError> {
    within(source, limits)?;
    let bytes = take(source, limits)?;
    let encoding = match detect(&bytes, true) {
        Verdict::Text(coding) | Verdict::Damaged(coding, _) => coding.encoding,
        Verdict::Binary => return Err(FormatError::malformed(0, "not text")),
    };
    let start = body(layout, source.size()).start;
    let from = usize::try_from(start).unwrap_or(usize::MAX);
    let (words, _) = decode(bytes.get(from..).unwrap_or_default(), encoding);
    Ok(Text { words, sites: Sites::Coded { encoding, start }, standing_out: Vec::new() })
}
