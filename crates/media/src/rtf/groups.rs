//! One walk over the groups of a document.

use std::collections::HashMap;

use super::words::{Words, code_page, of_characters};
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
    /// Whether its words are those of the document.
    is_body: bool,
    /// The code page of its font.
    page: Option<&'static Encoding>,
}

/// Groups that hold other things than words of the document (specification 1.9.1); more begin with `\*`.
const OTHERS: &[&[u8]] = &[
    b"annotation",
    b"atnauthor",
    b"atnid",
    b"colortbl",
    b"filetbl",
    b"fldinst",
    b"fonttbl",
    b"generator",
    b"info",
    b"listtable",
    b"nonshppict",
    b"objdata",
    b"pict",
    b"rxe",
    b"stylesheet",
    b"tc",
    b"xe",
];

/// Reads all of the file, up to [`Limits::text`]: a group can stand anywhere.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let bytes = text::take(source, limits)?;
    let mut walk = Walk::new(&bytes);
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

/// The words of the document, as far as it can be read: to tell one from another.
///
/// # Errors
/// If it breaks off, or is over a limit.
pub(crate) fn words(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<String, FormatError> {
    text::within(source, limits)?;
    let bytes = text::take(source, limits)?;
    let mut walk = Walk { body: Some(Words::default()), ..Walk::new(&bytes) };
    walk.run(limits)?;
    Ok(walk.body.unwrap_or_default().finish(walk.page))
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
    /// The words of the document, if they are asked for.
    body: Option<Words>,
    /// The code pages of fonts, by their numbers, and the font that is being described.
    fonts: HashMap<i32, &'static Encoding>,
    font: i32,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            open: Vec::new(),
            page: encoding_rs::WINDOWS_1252,
            words: Words::default(),
            name: String::new(),
            skip: 0,
            packets: Vec::new(),
            sites: Vec::new(),
            body: None,
            fonts: HashMap::new(),
            font: 0,
        }
    }

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
        let is_body = self.open.last().is_none_or(|group| group.is_body);
        let page = self.open.last().and_then(|group| group.page);
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
        self.open.push(Group { kind, start: self.at - 1, fallback, is_body, page });
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
                b'*' => self.leave_body(),
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
                let page = self.page_here();
                if let (Some(words), Ok(unit)) = (self.words_here(), u16::try_from(unit)) {
                    words.unit(unit, page);
                }
                self.skip = self.open.last().map_or(1, |group| group.fallback);
            }
            (b"f", Some(number)) => self.set_font(number),
            (b"fcharset", Some(number)) => {
                // Zero and one leave it to the document.
                if let Some(page) = of_characters(number) {
                    self.fonts.insert(self.font, page);
                }
            }
            (b"tab" | b"line" | b"par", None) => self.letter(if word == b"tab" { b'\t' } else { b'\n' }),
            _ => self.first(word),
        }
        Ok(())
    }

    /// A font, being described or used.
    fn set_font(&mut self, number: i32) {
        self.font = number;
        let page = self.fonts.get(&number).copied();
        if let Some(group) = self.open.last_mut() {
            group.page = page;
        }
    }

    fn leave_body(&mut self) {
        if let Some(group) = self.open.last_mut() {
            group.is_body = false;
        }
    }

    /// The first control word of a group says what it is.
    fn first(&mut self, word: &[u8]) {
        if OTHERS.contains(&word) {
            self.leave_body();
        }
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

    /// The words that a letter here belongs to, if any are read.
    fn words_here(&mut self) -> Option<&mut Words> {
        if matches!(self.kind(), Kind::Name | Kind::Value(..)) {
            return Some(&mut self.words);
        }
        let is_body = self.open.last().is_some_and(|group| group.is_body);
        self.body.as_mut().filter(|_| is_body)
    }

    /// The code page of a letter here.
    fn page_here(&self) -> &'static Encoding {
        let of_font = self.open.last().and_then(|group| group.page);
        of_font.filter(|_| self.body.is_some()).unwrap_or(self.page)
    }

    fn letter(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        let page = self.page_here();
        if let Some(words) = self.words_here() {
            words.byte(byte, page);
        }
        if *self.kind() == Kind::Fresh
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
