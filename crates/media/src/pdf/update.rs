//! Incremental updates (ISO 32000-2, 7.5.6): the file stays as it is, and what changes is appended.

use std::collections::{BTreeMap, BTreeSet};

use super::entries::Entries;
use super::file::File;
use super::lexer::is_space;
use super::object::{Dictionary, Id, Object};
use super::text_string::{hexadecimal, name};
use crate::Piece;
use indicia_core::{FormatError, Problem, Span};

/// The largest offset that a row of a cross-reference table can hold.
const FARTHEST: u64 = 9_999_999_999;

/// Objects about to be appended.
#[derive(Debug)]
pub(crate) struct Update {
    objects: BTreeMap<Id, Vec<u8>>,
    next: u64,
    /// What the trailer will say of the Info dictionary, if that is to change.
    pub(crate) info: Option<Id>,
}

impl Update {
    /// Nothing yet.
    ///
    /// # Errors
    /// If the file cannot be updated, and why.
    pub(crate) fn new(file: &File<'_>) -> Result<Self, FormatError> {
        if file.cipher.is_some() {
            return Err(FormatError::unsupported(0, "writing to an encrypted PDF; decrypt it first"));
        }
        let size =
            file.xref.sections.iter().filter_map(|section| section.trailer.count(b"Size")).max().unwrap_or(0);
        let end = file.xref.sections.iter().map(|section| section.entries.end()).max().unwrap_or(0);
        Ok(Self { objects: BTreeMap::new(), next: size.max(end), info: None })
    }

    /// A number that no object has.
    ///
    /// # Errors
    /// If all are taken.
    pub(crate) fn fresh(&mut self) -> Result<Id, FormatError> {
        // The largest number that common readers take (ISO 32000-1, annex C).
        let number = u32::try_from(self.next).ok().filter(|number| *number < 8_388_607);
        let number =
            number.ok_or(FormatError::new(0, Problem::OverLimit { what: "objects", limit: 8_388_607 }))?;
        self.next += 1;
        Ok(Id { number, generation: 0 })
    }

    /// Sets an object.
    pub(crate) fn put(&mut self, id: Id, body: Vec<u8>) {
        self.objects.insert(id, body);
    }

    /// Sets a stream; `dictionary` is what stands between its brackets, without the length.
    pub(crate) fn put_stream(&mut self, id: Id, dictionary: &str, data: &[u8]) {
        let head = format!("<<{dictionary} /Length {}>>\nstream\n", data.len());
        self.put(id, [head.as_bytes(), data, b"\nendstream"].concat());
    }

    /// The file with the update.
    ///
    /// # Errors
    /// If the file is too large for its cross-references, or cannot be read.
    pub(crate) fn pieces(mut self, file: &File<'_>) -> Result<Vec<Piece>, FormatError> {
        let size = file.bytes.size();
        let whole = Piece::Keep(Span { start: 0, end: size });
        if self.objects.is_empty() {
            return Ok(vec![whole]);
        }
        let newest = file.xref.sections.first().ok_or(FormatError::malformed(size, "no cross-references"))?;
        let last = file.bytes.up_to(size.saturating_sub(1), 1)?;
        let mut out =
            if last.iter().all(|byte| matches!(byte, b'\r' | b'\n')) { Vec::new() } else { vec![b'\n'] };
        let mut rows: Vec<(Id, u64)> = Vec::new();
        for (id, body) in std::mem::take(&mut self.objects) {
            rows.push((id, size + out.len() as u64));
            out.extend(format!("{} {} obj\n", id.number, id.generation).bytes());
            out.extend(body);
            out.extend(b"\nendobj\n");
        }
        let start = size + out.len() as u64;
        if start > FARTHEST {
            return Err(FormatError::unsupported(size, "appending to a PDF of ten gigabytes or more"));
        }
        let trailer =
            |end: u64| self.trailer(file, &newest.trailer, &newest.source, end, crc32fast::hash(&out));
        match newest.entries {
            Entries::Table(_) => {
                let trailer = trailer(self.next);
                out.extend(b"xref\n");
                for run in runs(&rows) {
                    let first = run.first().map_or(0, |(id, _)| id.number);
                    out.extend(format!("{first} {}\n", run.len()).bytes());
                    for (id, at) in run {
                        out.extend(format!("{at:010} {:05} n\r\n", id.generation).bytes());
                    }
                }
                out.extend(b"trailer\n<<");
                out.extend(trailer);
                out.extend(b" >>\n");
            }
            Entries::Stream(..) => {
                let own = self.fresh()?;
                rows.push((own, start));
                let head =
                    self.trailer(file, &newest.trailer, &newest.source, self.next, crc32fast::hash(&out));
                let (mut index, mut data) = (String::new(), Vec::new());
                for run in runs(&rows) {
                    let first = run.first().map_or(0, |(id, _)| id.number);
                    index.push_str(&format!("{first} {} ", run.len()));
                    for (id, at) in run {
                        data.push(1);
                        data.extend(at.to_be_bytes());
                        data.extend(id.generation.to_be_bytes());
                    }
                }
                out.extend(
                    format!("{} 0 obj\n<< /Type /XRef /W [1 8 2] /Index [{}]", own.number, index.trim_end())
                        .bytes(),
                );
                out.extend(head);
                out.extend(format!(" /Length {} >>\nstream\n", data.len()).bytes());
                out.extend(data);
                out.extend(b"\nendstream\nendobj\n");
            }
        }
        out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        Ok(vec![whole, Piece::New(out)])
    }

    /// What stands in the new trailer, between its brackets.
    fn trailer(&self, file: &File<'_>, old: &Dictionary, source: &[u8], size: u64, sum: u32) -> Vec<u8> {
        const OWN: [&[u8]; 12] = [
            b"Type",
            b"W",
            b"Index",
            b"Filter",
            b"DecodeParms",
            b"Length",
            b"Prev",
            b"Size",
            b"XRefStm",
            b"Info",
            b"Root",
            b"ID",
        ];
        let reference = |id: Id| format!("{} {} R", id.number, id.generation);
        let mut out = format!(" /Size {size} /Prev {}", file.newest).into_bytes();
        out.extend(file.root.map(|root| format!(" /Root {}", reference(root))).unwrap_or_default().bytes());
        let info = match (self.info, &file.info) {
            (Some(id), _) => Some(id),
            (None, Some(Object::Reference(id))) => Some(*id),
            _ => None,
        };
        out.extend(info.map(|info| format!(" /Info {}", reference(info))).unwrap_or_default().bytes());
        if let Some(Object::Array(id)) = old.find(b"ID")
            && let [Object::String(first), Object::String(second)] = id.as_slice()
        {
            out.extend(b" /ID [");
            out.extend(hexadecimal(first));
            out.extend(hexadecimal(&changed(second, sum)));
            out.push(b']');
        }
        // An Info dictionary that stands in the trailer itself, where it should not, stays there.
        let stays = |key: &[u8]| !OWN.contains(&key) || (key == b"Info" && info.is_none());
        for entry in old.entries.iter().filter(|entry| stays(&entry.key)) {
            out.push(b' ');
            out.extend(name(&entry.key));
            out.push(b' ');
            out.extend(source.get(entry.site.clone()).unwrap_or_default());
        }
        out
    }
}

/// Another identifier for a changed file (14.4): it need only differ.
fn changed(old: &[u8], sum: u32) -> Vec<u8> {
    let mut out = Vec::new();
    for round in 0..4_u8 {
        let part = crc32fast::hash(&[old, &sum.to_be_bytes(), &[round]].concat());
        out.extend(part.to_be_bytes());
    }
    out
}

/// Rows whose numbers follow one another.
fn runs(rows: &[(Id, u64)]) -> impl Iterator<Item = &[(Id, u64)]> {
    rows.chunk_by(|(one, _), (two, _)| one.number.checked_add(1) == Some(two.number))
}

/// New spellings of a dictionary's pairs.
#[derive(Debug, Default)]
pub(crate) struct Edit {
    /// New values, by the index of the pair.
    pub(crate) replaced: BTreeMap<usize, Vec<u8>>,
    /// Pairs to leave out.
    pub(crate) removed: BTreeSet<usize>,
    /// New pairs, by name.
    pub(crate) added: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Edit {
    /// Sets what stands under a name.
    pub(crate) fn set(&mut self, dictionary: &Dictionary, key: &[u8], value: Vec<u8>) {
        match dictionary.entries.iter().rposition(|entry| entry.key == key) {
            Some(at) => {
                self.replaced.insert(at, value);
            }
            None => self.added.push((key.to_vec(), value)),
        }
    }

    /// The dictionary as it is to be spelled; everything else in it stays byte for byte.
    pub(crate) fn apply(&self, dictionary: &Dictionary, source: &[u8]) -> Vec<u8> {
        let end = dictionary.range.end.saturating_sub(2);
        let (mut out, mut at) = (Vec::new(), dictionary.range.start);
        for (index, entry) in dictionary.entries.iter().enumerate() {
            if self.removed.contains(&index) {
                out.extend(source.get(at..entry.start).unwrap_or_default());
                at = entry.site.end;
            } else if let Some(value) = self.replaced.get(&index) {
                out.extend(source.get(at..entry.site.start).unwrap_or_default());
                if source.get(entry.site.start.saturating_sub(1)).is_some_and(|byte| !is_space(*byte)) {
                    out.push(b' ');
                }
                out.extend(value);
                at = entry.site.end;
                if source.get(at).is_some_and(|byte| !is_space(*byte)) {
                    out.push(b' ');
                }
            }
        }
        out.extend(source.get(at..end).unwrap_or_default());
        for (key, value) in &self.added {
            out.push(b'\n');
            out.extend(name(key));
            out.push(b' ');
            out.extend(value);
        }
        // After a comment, which a line break ends, the brackets would not be read.
        out.extend(if self.added.is_empty() { b"\n>>".as_slice() } else { b" >>" });
        out
    }
}
