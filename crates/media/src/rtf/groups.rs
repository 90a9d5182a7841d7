//! One walk over the groups of a document.

use super::words::{Words, code_page};
use crate::{Body, Carrier, Layout, Packet, Role, Segment, text};
use encoding_rs::Encoding;
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// How often [`Limits::depth`] groups may stand in each other; nothing here recurses.
const DEPTH: usize = 16;

/// Texts of the information group (specification 1.9.1, "Information group").
const TEXTS: &[&[u8]] = &[
    b"title",
    b"subject",
    b"author",
    b"manager",
    b"company",
    b"operator",
    b"category",
    b"keywords",
    b"comment",
    b"doccomm",
    b"hlinkbase",
];

/// What a group is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Not yet said: its first control word is to come.
    Fresh,
    /// Nothing that is read.
    Other,
    /// Holds texts about the document.
    Info,
    /// Holds properties that users gave it.
    Properties,
    /// Holds a variable of it: a name and a value.
    Variable,
    /// The name of a property or variable.
    Name,
    /// A value: its key and its place.
    Value(String, &'static str),
}

#[derive(Debug)]
struct Group {
    kind: Kind,
    start: usize,
    /// Characters that stand in for one in Unicode.
    fallback: usize,
}

/// Reads all of the file, up to [`Limits::text`]: a group can stand anywhere.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let bytes = text::take(source, limits)?;
    let mut walk = Walk {
        bytes: &bytes,
        at: 0,
        open: Vec::new(),
        page: encoding_rs::WINDOWS_1252,
        words: Words::default(),
        name: String::new(),
        skip: 0,
        packets: Vec::new(),
        sites: Vec::new(),
    };
    let damage = text::within(source, limits).and_then(|()| walk.run(limits)).err();
    // What can be read of a file over the limit is read all the same.
    if damage.is_some() && walk.at == 0 {
        drop(walk.run(limits));
    }
    let (packets, sites, end) = (walk.packets, walk.sites, walk.at as u64);
    let mut layout = Layout { packets, damage, ..Layout::default() };
    let mut start = 0;
    let mut cut = |end: u64, name: [u8; 4], role| {
        if start < end {
            layout.segments.push(Segment { name, span: Span { start, end }, role });
            start = end;
        }
    };
    for site in sites {
        cut(site.start, *b"TEXT", Role::Essence);
        cut(site.end, *b"INFO", Role::Metadata);
    }
    cut(end.min(source.size()), *b"TEXT", Role::Essence);
    cut(source.size(), *b"TAIL", Role::Unknown);
    Ok(layout)
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    open: Vec<Group>,
    page: &'static Encoding,
    words: Words,
    /// The name that the next value has.
    name: String,
    /// Characters still to be left out, since one in Unicode stands for them.
    skip: usize,
    packets: Vec<Packet>,
    /// Groups with metadata, in file order.
    sites: Vec<Span>,
}

impl Walk<'_> {
    fn run(&mut self, limits: &Limits) -> Result<(), FormatError> {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            let at = self.at as u64;
            self.at += 1;
            match byte {
                b'{' => self.begin(limits)?,
                b'}' => {
                    self.end();
                    if self.open.is_empty() {
                        return Ok(());
                    }
                }
                b'\\' => self.control()?,
                b'\r' | b'\n' => {}
                _ => self.letter(byte),
            }
            let over = |what, limit| Err(FormatError::new(at, Problem::OverLimit { what, limit }));
            if self.words.len() as u64 > limits.block {
                return over("bytes in one block", limits.block);
            }
            if self.packets.len() > limits.segments {
                return over("texts about a document", limits.segments as u64);
            }
        }
        Err(FormatError::new(self.at as u64, Problem::Truncated))
    }

    fn kind(&self) -> &Kind {
        self.open.last().map_or(&Kind::Other, |group| &group.kind)
    }

    fn begin(&mut self, limits: &Limits) -> Result<(), FormatError> {
        let limit = limits.depth.saturating_mul(DEPTH);
        if self.open.len() >= limit {
            let problem = Problem::OverLimit { what: "groups in each other", limit: limit as u64 };
            return Err(FormatError::new(self.at as u64, problem));
        }
        let fallback = self.open.last().map_or(1, |group| group.fallback);
        // In a variable the first group is its name, the second its value.
        let kind = match self.kind() {
            Kind::Variable if self.name.is_empty() => Kind::Name,
            Kind::Variable => Kind::Value(std::mem::take(&mut self.name), "document variable"),
            // What is in a value is part of it.
            Kind::Name | Kind::Value(..) => Kind::Other,
            _ => Kind::Fresh,
        };
        if matches!(kind, Kind::Name | Kind::Value(..)) {
            self.words = Words::default();
        }
        self.skip = 0;
        self.open.push(Group { kind, start: self.at - 1, fallback });
        Ok(())
    }

    fn end(&mut self) {
        self.skip = 0;
        let Some(group) = self.open.pop() else { return };
        let span = Span { start: group.start as u64, end: self.at as u64 };
        match group.kind {
            Kind::Name => self.name = std::mem::take(&mut self.words).finish(self.page),
            Kind::Value(key, place) => {
                let words = std::mem::take(&mut self.words).finish(self.page);
                // A generator ends in a semicolon that is none of its own.
                let words = words.strip_suffix(';').filter(|_| key == "generator").unwrap_or(&words).trim();
                let body = Body::Decoded(words.as_bytes().to_vec());
                let inner = Span { start: span.start + 1, end: span.end - 1 };
                self.packets.push(Packet { carrier: Carrier::Field, key, place, span: inner, body });
                let is_apart = self.open.iter().all(|outer| !is_site(&outer.kind));
                if is_apart {
                    self.sites.push(span);
                }
            }
            kind if is_site(&kind) && self.open.iter().all(|outer| !is_site(&outer.kind)) => {
                self.sites.push(span)
            }
            _ => {}
        }
    }

    /// What stands after a backslash.
    fn control(&mut self) -> Result<(), FormatError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let len = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if len == 0 {
            let Some(sign) = rest.first() else { return Ok(()) };
            self.at += 1;
            match sign {
                b'\'' => {
                    let digits = rest.get(1..3).and_then(|two| std::str::from_utf8(two).ok());
                    if let Some(byte) = digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
                        self.at += 2;
                        self.letter(byte);
                    }
                }
                b'\\' | b'{' | b'}' => self.letter(*sign),
                b'~' => self.letter(b' '),
                _ => {}
            }
            return Ok(());
        }
        let (word, rest) = rest.split_at(len);
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).count();
        let number = if digits == 0 { 0 } else { sign + digits };
        let value = rest.get(..number).and_then(|text| std::str::from_utf8(text).ok()?.parse::<i32>().ok());
        let blank = usize::from(rest.get(number) == Some(&b' '));
        self.at += len + number + blank;
        self.word(word, value)
    }

    fn word(&mut self, word: &[u8], value: Option<i32>) -> Result<(), FormatError> {
        match (word, value) {
            (b"bin", Some(len)) => {
                let len = usize::try_from(len).unwrap_or_default();
                if len > self.bytes.len().saturating_sub(self.at) {
                    return Err(FormatError::new(self.at as u64, Problem::Truncated));
                }
                self.at += len;
            }
            (b"ansicpg", Some(number)) => self.page = code_page(number),
            (b"mac", _) if self.open.len() == 1 => self.page = encoding_rs::MACINTOSH,
            (b"uc", Some(count)) => {
                if let Some(group) = self.open.last_mut() {
                    group.fallback = usize::try_from(count).unwrap_or_default();
                }
            }
            (b"u", Some(unit)) => {
                let unit = if unit < 0 { unit + 0x1_0000 } else { unit };
                if self.is_read()
                    && let Ok(unit) = u16::try_from(unit)
                {
                    self.words.unit(unit, self.page);
                }
                self.skip = self.open.last().map_or(1, |group| group.fallback);
            }
            (b"tab" | b"line" | b"par", None) => self.letter(if word == b"tab" { b'\t' } else { b'\n' }),
            _ => self.first(word),
        }
        Ok(())
    }

    /// The first control word of a group says what it is.
    fn first(&mut self, word: &[u8]) {
        if *self.kind() != Kind::Fresh {
            return;
        }
        let outer = self.open.len().checked_sub(2).and_then(|at| self.open.get(at)).map(|group| &group.kind);
        let kind = match (outer, word) {
            (Some(Kind::Info), word) if TEXTS.contains(&word) => {
                Kind::Value(String::from_utf8_lossy(word).into_owned(), "information group")
            }
            (Some(Kind::Properties), b"propname") => Kind::Name,
            (Some(Kind::Properties), b"staticval") => {
                Kind::Value(std::mem::take(&mut self.name), "user property")
            }
            (Some(_), b"generator") => Kind::Value("generator".into(), "generator group"),
            (Some(_), b"info") => Kind::Info,
            (Some(_), b"userprops") => Kind::Properties,
            (Some(_), b"docvar") => Kind::Variable,
            _ => Kind::Other,
        };
        if matches!(kind, Kind::Name | Kind::Value(..)) {
            self.words = Words::default();
        }
        if matches!(kind, Kind::Variable | Kind::Properties) {
            self.name.clear();
        }
        if let Some(group) = self.open.last_mut() {
            group.kind = kind;
        }
    }

    fn is_read(&self) -> bool {
        matches!(self.kind(), Kind::Name | Kind::Value(..))
    }

    fn letter(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_read() {
            self.words.byte(byte, self.page);
        } else if *self.kind() == Kind::Fresh
            && !byte.is_ascii_whitespace()
            && let Some(group) = self.open.last_mut()
        {
            group.kind = Kind::Other;
        }
    }
}

/// Whether a group is metadata as a whole.
fn is_site(kind: &Kind) -> bool {
    matches!(kind, Kind::Info | Kind::Properties | Kind::Variable)
}
