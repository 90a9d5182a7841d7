//! From bytes to objects (ISO 32000-2, 7.2 and 7.3).

use super::object::{Dictionary, Entry, Id, Object};
use indicia_core::{FormatError, Limits, Problem};

/// Reads objects from bytes in memory.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'a> {
    bytes: &'a [u8],
    /// Where it stands in the bytes.
    pub(crate) at: usize,
    /// Offset of the first byte in the file, for errors.
    base: u64,
    /// Whether nothing follows the bytes: else a word that reaches their end may go on.
    whole: bool,
    depth: usize,
    left: usize,
}

/// Whether a byte is white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

/// Whether a byte ends a word.
fn is_delimiter(byte: u8) -> bool {
    is_space(byte) || b"()<>[]{}/%".contains(&byte)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

impl<'a> Lexer<'a> {
    /// At the first of these bytes, which stand at `base` in the file.
    pub(crate) fn new(bytes: &'a [u8], base: u64, whole: bool, limits: &Limits) -> Self {
        Self { bytes, at: 0, base, whole, depth: limits.depth, left: limits.segments }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// An error where it stands.
    pub(crate) fn malformed(&self, what: &'static str) -> FormatError {
        FormatError::malformed(self.base.saturating_add(self.at as u64), what)
    }

    fn truncated(&self) -> FormatError {
        FormatError::new(self.base.saturating_add(self.at as u64), Problem::Truncated)
    }

    /// Goes past white space and comments.
    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                let rest = self.rest();
                self.at += rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
            } else if is_space(byte) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// The word that stands next, without going past it.
    fn word(&self) -> Result<&'a [u8], FormatError> {
        let rest = self.rest();
        match rest.iter().position(|byte| is_delimiter(*byte)) {
            Some(len) => Ok(rest.get(..len).unwrap_or_default()),
            None if self.whole => Ok(rest),
            None => Err(self.truncated()),
        }
    }

    /// Goes past a word if it stands next.
    pub(crate) fn takes(&mut self, word: &[u8]) -> Result<bool, FormatError> {
        self.skip_space();
        let fits = self.word()? == word;
        self.at += if fits { word.len() } else { 0 };
        Ok(fits)
    }

    /// Goes past a whole number that is not negative, if one stands next.
    pub(crate) fn count(&mut self) -> Result<Option<u64>, FormatError> {
        self.skip_space();
        let word = self.word()?;
        if word.is_empty() || word.len() > 19 || !word.iter().all(u8::is_ascii_digit) {
            return Ok(None);
        }
        self.at += word.len();
        Ok(std::str::from_utf8(word).ok().and_then(|digits| digits.parse().ok()))
    }

    /// Goes past `N G obj`.
    ///
    /// # Errors
    /// If something else stands next.
    pub(crate) fn header(&mut self) -> Result<Id, FormatError> {
        let start = self.clone();
        let number = self.count()?.and_then(|number| u32::try_from(number).ok());
        let generation = self.count()?.and_then(|number| u16::try_from(number).ok());
        let (Some(number), Some(generation)) = (number, generation) else {
            return Err(start.malformed("no object where one should be"));
        };
        // Some writers leave no space between `obj` and what follows, which only letters forbid.
        self.skip_space();
        if !self.rest().starts_with(b"obj") {
            return Err(match self.rest().len() < 3 && !self.whole {
                true => self.truncated(),
                false => start.malformed("no object where one should be"),
            });
        }
        self.at += 3;
        Ok(Id { number, generation })
    }

    /// The object that stands next.
    ///
    /// # Errors
    /// If it is broken, nested too deeply or reaches past the bytes.
    pub(crate) fn object(&mut self) -> Result<Object, FormatError> {
        self.skip_space();
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            let at = self.base.saturating_add(self.at as u64);
            FormatError::new(at, Problem::OverLimit { what: "objects in one", limit: 0 })
        })?;
        let next = self.bytes.get(self.at + 1).copied();
        match self.peek().ok_or_else(|| self.truncated())? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal().map(Object::String),
            b'<' if next == Some(b'<') => self.nested(Self::dictionary),
            b'<' => self.hexadecimal().map(Object::String),
            b'[' => self.nested(Self::array),
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number(),
            _ => self.keyword(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Object, FormatError>) -> Result<Object, FormatError> {
        if self.depth == 0 {
            return Err(self.malformed("objects are nested too deeply"));
        }
        self.depth -= 1;
        let object = read(self);
        self.depth += 1;
        object
    }

    fn keyword(&mut self) -> Result<Object, FormatError> {
        let word = self.word()?;
        let object = match word {
            b"null" => Object::Null,
            b"true" => Object::Boolean(true),
            b"false" => Object::Boolean(false),
            _ => return Err(self.malformed("no object where one should be")),
        };
        self.at += word.len();
        Ok(object)
    }

    fn number(&mut self) -> Result<Object, FormatError> {
        let word = self.word()?;
        let text = std::str::from_utf8(word).unwrap_or_default();
        if let Ok(number) = text.parse::<i64>() {
            let start = self.at;
            let digits = word.iter().all(u8::is_ascii_digit);
            if digits
                && let Ok(number) = u32::try_from(number)
                && let Some(id) = self.reference(number)?
            {
                return Ok(Object::Reference(id));
            }
            self.at = start + word.len();
            return Ok(Object::Integer(number));
        }
        let plain = word.iter().all(|byte| byte.is_ascii_digit() || b"+-.".contains(byte));
        let number = text.parse::<f64>().ok().filter(|number| plain && number.is_finite());
        // Readers take a number that is spelled wrongly for zero.
        let object = if plain {
            Object::Real(number.unwrap_or(0.0))
        } else {
            return Err(self.malformed("a number is not spelled as one"));
        };
        self.at += word.len();
        Ok(object)
    }

    /// The rest of `N G R`, if that is what stands here.
    fn reference(&mut self, number: u32) -> Result<Option<Id>, FormatError> {
        self.at += self.word()?.len();
        self.skip_space();
        if self.at == self.bytes.len() && !self.whole {
            return Err(self.truncated());
        }
        let generation = self.count()?.and_then(|count| u16::try_from(count).ok());
        let Some(generation) = generation else { return Ok(None) };
        Ok(self.takes(b"R")?.then_some(Id { number, generation }))
    }

    fn name(&mut self) -> Result<Vec<u8>, FormatError> {
        self.at += 1;
        let word = self.word()?;
        self.at += word.len();
        let mut name = Vec::new();
        let mut rest = word;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            let digits = (after.first().copied().and_then(hex), after.get(1).copied().and_then(hex));
            match (byte, digits) {
                (b'#', (Some(high), Some(low))) => {
                    name.push(high << 4 | low);
                    rest = after.get(2..).unwrap_or_default();
                }
                _ => name.push(byte),
            }
        }
        Ok(name)
    }

    fn hexadecimal(&mut self) -> Result<Vec<u8>, FormatError> {
        self.at += 1;
        let (mut bytes, mut high) = (Vec::new(), None);
        loop {
            let byte = self.peek().ok_or_else(|| self.truncated())?;
            let digit = hex(byte);
            match (byte, digit, high) {
                (b'>', ..) => break,
                (_, Some(digit), None) => high = Some(digit),
                (_, Some(digit), Some(first)) => {
                    bytes.push(first << 4 | digit);
                    high = None;
                }
                (byte, None, _) if is_space(byte) => {}
                _ => return Err(self.malformed("a hexadecimal string has another character")),
            }
            self.at += 1;
        }
        self.at += 1;
        bytes.extend(high.map(|high| high << 4));
        Ok(bytes)
    }

    fn literal(&mut self) -> Result<Vec<u8>, FormatError> {
        self.at += 1;
        let (mut bytes, mut open) = (Vec::new(), 1_u32);
        loop {
            let byte = self.next_byte()?;
            match byte {
                b'(' => open = open.saturating_add(1),
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(bytes);
                    }
                }
                b'\\' => {
                    bytes.extend(self.escape()?);
                    continue;
                }
                b'\r' => {
                    self.skip_feed();
                    bytes.push(b'\n');
                    continue;
                }
                _ => {}
            }
            bytes.push(byte);
        }
    }

    fn next_byte(&mut self) -> Result<u8, FormatError> {
        let byte = self.peek().ok_or_else(|| self.truncated())?;
        self.at += 1;
        Ok(byte)
    }

    fn skip_feed(&mut self) {
        self.at += usize::from(self.peek() == Some(b'\n'));
    }

    fn escape(&mut self) -> Result<Option<u8>, FormatError> {
        let byte = self.next_byte()?;
        Ok(match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\n' => None,
            b'\r' => {
                self.skip_feed();
                None
            }
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    match self.peek() {
                        Some(digit @ b'0'..=b'7') => code = code * 8 + u32::from(digit - b'0'),
                        _ => break,
                    }
                    self.at += 1;
                }
                // High-order overflow is ignored (7.3.4.2).
                u8::try_from(code & 0xFF).ok()
            }
            other => Some(other),
        })
    }

    fn array(&mut self) -> Result<Object, FormatError> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(Object::Array(items));
            }
            items.push(self.object()?);
        }
    }

    fn dictionary(&mut self) -> Result<Object, FormatError> {
        let from = self.at;
        self.at += 2;
        let mut entries = Vec::new();
        loop {
            self.skip_space();
            match self.peek().ok_or_else(|| self.truncated())? {
                b'>' if self.bytes.get(self.at + 1) == Some(&b'>') => {
                    self.at += 2;
                    return Ok(Object::Dictionary(Dictionary { entries, range: from..self.at }));
                }
                b'>' if self.at + 1 == self.bytes.len() => return Err(self.truncated()),
                b'/' => {}
                _ => return Err(self.malformed("a dictionary has something other than a name")),
            }
            let start = self.at;
            let key = self.name()?;
            self.skip_space();
            let value_at = self.at;
            let value = self.object()?;
            entries.push(Entry { key, value, start, site: value_at..self.at });
        }
    }

    /// Where the data of a stream begins, if `stream` stands next.
    pub(crate) fn stream(&mut self) -> Result<Option<usize>, FormatError> {
        self.skip_space();
        let rest = self.rest();
        if rest.len() < 8 && !self.whole {
            return Err(self.truncated());
        }
        let Some(after) = rest.strip_prefix(b"stream") else { return Ok(None) };
        let end_of_line = match after {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        Ok(Some(self.at + 6 + end_of_line))
    }
}
