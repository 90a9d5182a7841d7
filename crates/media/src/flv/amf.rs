//! AMF 0, in which script tags are written: a name, then values that may hold named values.

use indicia_core::{FormatError, Limits, Problem};

/// What kind of value a leaf is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number of eight bytes that is a place in the file.
    Place,
    /// A number of eight bytes that is the size of the file.
    Size,
    /// A text of this many bytes, at the end of the value.
    Text(usize),
}

/// A text somewhere in a script tag, or a number that depends on the file. Offsets are those in the body of the tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Its name; empty if it has none, such as in lists.
    pub(super) key: String,
    /// Number of values that it stands in.
    pub(super) depth: usize,
    /// Where its name starts, or itself if it has none.
    pub(super) start: usize,
    /// Where its type marker stands.
    pub(super) marker: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a script tag says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    /// Its name.
    pub(super) name: String,
    /// Its texts, and the numbers that depend on the file, in order.
    pub(super) leaves: Vec<Leaf>,
    /// Where the first value that holds named values has its count, if it has one.
    pub(super) count: Option<usize>,
    /// Where the named values of that value end, before its end marker.
    pub(super) end: Option<usize>,
    /// Where and why it cannot be read further.
    pub(super) damage: Option<FormatError>,
}

/// Reads the body of a script tag that stands at `at` of the file.
pub(super) fn read(bytes: &[u8], at: u64, limits: &Limits) -> Script {
    let mut reader = Reader { bytes, base: at, at: 0, limits, path: Vec::new(), script: Script::default() };
    if let Err(err) = reader.script() {
        reader.script.damage = Some(err);
    }
    reader.script
}

struct Reader<'a> {
    bytes: &'a [u8],
    base: u64,
    at: usize,
    limits: &'a Limits,
    path: Vec<String>,
    script: Script,
}

impl Reader<'_> {
    fn script(&mut self) -> Result<(), FormatError> {
        if self.take::<1>()? != [2] {
            return Err(self.wrong("a script tag without a name"));
        }
        self.script.name = self.name()?;
        while self.at < self.bytes.len() {
            self.value(self.at, 0)?;
        }
        Ok(())
    }

    fn value(&mut self, start: usize, depth: usize) -> Result<(), FormatError> {
        if depth > self.limits.depth {
            let limit = self.limits.depth as u64;
            return Err(self.error(Problem::OverLimit { what: "levels of values", limit }));
        }
        let marker = self.at;
        match self.take::<1>()? {
            [0] => {
                self.skip(8)?;
                let path: Vec<&str> = self.path.iter().map(String::as_str).take(4).collect();
                match path.as_slice() {
                    ["keyframes", "filepositions", ""] | ["lastkeyframelocation"] => {
                        self.leaf(start, marker, Kind::Place)
                    }
                    ["filesize"] => self.leaf(start, marker, Kind::Size),
                    _ => Ok(()),
                }
            }
            [1] => self.skip(1),
            [2] => {
                let len = usize::from(u16::from_be_bytes(self.take()?));
                self.skip(len)?;
                self.leaf(start, marker, Kind::Text(len))
            }
            [12 | 15] => {
                let len = u32::from_be_bytes(self.take()?) as usize;
                self.skip(len)?;
                self.leaf(start, marker, Kind::Text(len))
            }
            [3] => self.members(None, depth),
            // Movie clip, null, undefined, unsupported.
            [4..=6 | 13] => Ok(()),
            [7] => self.skip(2),
            [8] => {
                let count = self.at;
                self.skip(4)?;
                self.members(Some(count), depth)
            }
            [10] => {
                let count = u32::from_be_bytes(self.take()?);
                self.path.push(String::new());
                let read = (0..count).try_for_each(|_| self.value(self.at, depth + 1));
                self.path.pop();
                read
            }
            [11] => self.skip(10),
            [16] => {
                self.name()?;
                self.members(None, depth)
            }
            _ => {
                self.at = marker;
                Err(self.wrong("a value of a type that script data does not have"))
            }
        }
    }

    /// Named values up to the end marker. Some writers forget it in the outermost.
    fn members(&mut self, count: Option<usize>, depth: usize) -> Result<(), FormatError> {
        let is_outermost = depth == 0 && self.script.end.is_none();
        loop {
            let start = self.at;
            let is_over = is_outermost && start == self.bytes.len();
            if is_over || self.bytes.get(start..).is_some_and(|rest| rest.starts_with(&[0, 0, 9])) {
                if is_outermost {
                    self.script.count = count;
                    self.script.end = Some(start);
                }
                return if is_over { Ok(()) } else { self.skip(3) };
            }
            let name = self.name()?;
            self.path.push(name);
            let read = self.value(start, depth + 1);
            self.path.pop();
            read?;
        }
    }

    fn leaf(&mut self, start: usize, marker: usize, kind: Kind) -> Result<(), FormatError> {
        if self.script.leaves.len() >= self.limits.segments {
            let limit = self.limits.segments as u64;
            return Err(self.error(Problem::OverLimit { what: "values in a script tag", limit }));
        }
        let key = self.path.last().cloned().unwrap_or_default();
        self.script.leaves.push(Leaf { key, depth: self.path.len(), start, marker, end: self.at, kind });
        Ok(())
    }

    fn name(&mut self) -> Result<String, FormatError> {
        let len = usize::from(u16::from_be_bytes(self.take()?));
        let start = self.at;
        self.skip(len)?;
        Ok(String::from_utf8_lossy(self.bytes.get(start..self.at).unwrap_or_default()).into_owned())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        let start = self.at;
        self.skip(N)?;
        let bytes = self.bytes.get(start..self.at).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| self.wrong("a value"))
    }

    fn skip(&mut self, len: usize) -> Result<(), FormatError> {
        match self.at.checked_add(len).filter(|end| *end <= self.bytes.len()) {
            Some(end) => {
                self.at = end;
                Ok(())
            }
            None => Err(self.wrong("a value longer than its script tag")),
        }
    }

    fn wrong(&self, what: &'static str) -> FormatError {
        self.error(Problem::Malformed(what))
    }

    fn error(&self, problem: Problem) -> FormatError {
        FormatError::new(self.base + self.at as u64, problem)
    }
}

/// A name, or a short text without its marker.
///
/// # Errors
/// [`Problem::OverLimit`] if it is longer than 65535 bytes.
pub(super) fn name(text: &[u8]) -> Result<Vec<u8>, FormatError> {
    let limit = u64::from(u16::MAX);
    let problem = Problem::OverLimit { what: "bytes in a name", limit };
    let len = u16::try_from(text.len()).map_err(|_| FormatError::new(0, problem))?;
    Ok([len.to_be_bytes().as_slice(), text].concat())
}

/// A text as a value: of the long kind if it must be.
///
/// # Errors
/// [`Problem::OverLimit`] if it is longer than a long text can be.
pub(super) fn text(text: &[u8]) -> Result<Vec<u8>, FormatError> {
    if let Ok(short) = name(text) {
        return Ok([&[2], short.as_slice()].concat());
    }
    let problem = Problem::OverLimit { what: "bytes in a text", limit: u64::from(u32::MAX) };
    let len = u32::try_from(text.len()).map_err(|_| FormatError::new(0, problem))?;
    Ok([&[12], len.to_be_bytes().as_slice(), text].concat())
}
