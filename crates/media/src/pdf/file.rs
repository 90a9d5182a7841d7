//! A file as its objects, found by number.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::cipher::Cipher;
use super::ending::{EDGE, ending};
use super::entries::Place;
use super::filter;
use super::lexer::{Lexer, is_space};
use super::object::{Dictionary, Id, Object};
use super::object_stream::ObjectStream;
use super::read::{Bytes, Read};
use super::rebuild;
use super::xref::Xref;
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// References followed from one to the next.
const HOPS: usize = 16;

/// A file whose cross-references have been read.
pub(crate) struct File<'a> {
    /// Its bytes.
    pub(crate) bytes: Bytes<'a>,
    /// Where its objects stand.
    pub(crate) xref: Xref,
    /// The document's catalog.
    pub(crate) root: Option<Id>,
    /// What the trailer says of the Info dictionary.
    pub(crate) info: Option<Object>,
    /// Offset of `%PDF-`.
    pub(crate) header: u64,
    /// Offset of the newest cross-reference section, as the file counts.
    pub(crate) newest: u64,
    /// What is wrong with it.
    pub(crate) damage: Option<FormatError>,
    /// What may be spent.
    pub(crate) limits: Limits,
    /// How strings and streams are encrypted; an error says why they cannot be read.
    pub(crate) cipher: Option<Result<Cipher, FormatError>>,
    pub(super) streams: RefCell<BTreeMap<u32, Rc<ObjectStream>>>,
    pub(super) held: Cell<u64>,
}

/// An object, and where it was found.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// Its number.
    pub(crate) id: Id,
    /// It.
    pub(crate) object: Object,
    /// The bytes that its ranges refer to.
    pub(crate) bytes: Vec<u8>,
    /// Offset of the first of these bytes in the file, unless they stand in an object stream.
    pub(crate) base: Option<u64>,
    /// The bytes in the file that it, or the object stream that holds it, stands in.
    pub(crate) span: Span,
    /// Offset of its data, if it is a stream.
    pub(crate) stream: Option<u64>,
}

impl Loaded {
    /// The bytes in the file of a range of it, as near as can be told.
    pub(crate) fn site(&self, range: &std::ops::Range<usize>) -> Span {
        match self.base {
            Some(base) => Span {
                start: base.saturating_add(range.start as u64),
                end: base.saturating_add(range.end as u64),
            },
            None => self.span,
        }
    }
}

impl<'a> File<'a> {
    /// Reads the cross-references, or looks for the objects where these are of no use.
    ///
    /// # Errors
    /// If the system cannot read, or it is no PDF at all.
    pub(crate) fn open(source: &'a dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let plain = Bytes::new(source, 0, limits);
        let head = plain.up_to(0, EDGE + 5)?;
        let header =
            memchr::memmem::find(&head, b"%PDF-").ok_or(FormatError::new(0, Problem::Unrecognized))?;
        let header = header as u64;
        let (newest, mut damage) = ending(&plain)?;
        if header > 0 {
            damage = damage.or(Some(FormatError::malformed(0, "other bytes stand before %PDF-")));
        }
        let mut tried = Err(FormatError::malformed(source.size(), "no startxref near the end of the file"));
        for shift in [header, 0] {
            let Some(newest) = newest else { break };
            tried = Self::chained(source, shift, newest, limits);
            match &tried {
                Err(err) if matches!(err.problem, Problem::Io(_)) => break,
                Err(_) if header > 0 => {}
                _ => break,
            }
        }
        let mut file = match tried {
            Ok(file) => file,
            Err(err) if matches!(err.problem, Problem::Io(_)) => return Err(err),
            Err(err) => {
                damage = Some(err);
                Self::rebuilt(source, limits, &mut damage)?
            }
        };
        file.header = header;
        file.damage = damage.or(file.damage);
        if file.damage.is_none() {
            file.damage = file.cut_short()?;
        }
        Ok(file)
    }

    fn new(bytes: Bytes<'a>, xref: Xref, limits: &Limits) -> Self {
        Self {
            bytes,
            root: xref.trailer(b"Root").and_then(|(_, root)| match root {
                Object::Reference(id) => Some(*id),
                _ => None,
            }),
            info: xref.trailer(b"Info").map(|(_, info)| info.clone()),
            xref,
            header: 0,
            newest: 0,
            damage: None,
            limits: *limits,
            cipher: None,
            streams: RefCell::default(),
            held: Cell::new(0),
        }
    }

    /// By the chain of cross-references, which must lead to a catalog and to the Info dictionary.
    fn chained(
        source: &'a dyn Source,
        shift: u64,
        newest: u64,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        let bytes = Bytes::new(source, shift, limits);
        let xref = Xref::read(&bytes, newest.saturating_add(shift), limits)?;
        let mut file = Self::new(bytes, xref, limits);
        file.newest = newest;
        file.decipher();
        if let Some(Err(err)) = &file.cipher {
            // Objects in streams cannot be reached, and looking for them would not help.
            file.damage = Some(err.clone());
            return Ok(file);
        }
        let root = file.root.ok_or(FormatError::malformed(newest, "the trailer names no catalog"))?;
        let catalog = file.load(root)?;
        if catalog.object.dictionary().is_none_or(|catalog| catalog.find(b"Pages").is_none()) {
            return Err(FormatError::malformed(catalog.span.start, "the catalog has no pages"));
        }
        if let Some(Object::Reference(id)) = file.info {
            let info = file.load(id)?;
            // Nothing where the trailer names something is a slip, and no statement that there is nothing.
            if info.object.dictionary().is_none() {
                return Err(FormatError::malformed(
                    info.span.start,
                    "the Info dictionary is not where it should be",
                ));
            }
        }
        Ok(file)
    }

    /// By looking at every byte.
    fn rebuilt(
        source: &'a dyn Source,
        limits: &Limits,
        damage: &mut Option<FormatError>,
    ) -> Result<Self, FormatError> {
        let bytes = Bytes::new(source, 0, limits);
        let scan = rebuild::scan(&bytes, limits)?;
        if let Some(cut) = scan.cut {
            *damage = Some(cut);
        }
        let xref = Xref { sections: scan.trailers, found: Some(scan.places) };
        let mut file = Self::new(bytes, xref, limits);
        file.root = file.root.or(scan.catalog);
        file.decipher();
        for number in scan.streams {
            // What cannot be read stays unfound: the file is known to be damaged.
            let Ok(stream) = file.object_stream(number) else { continue };
            let found = file.xref.found.get_or_insert_default();
            for (at, (inner, _)) in stream.index.iter().enumerate() {
                let place = Place::Within(number, u32::try_from(at).unwrap_or(u32::MAX));
                found.entry(*inner).or_insert(place);
            }
        }
        let unread = file
            .info
            .as_ref()
            .is_none_or(|info| file.resolve(info).is_ok_and(|info| info.dictionary().is_none()));
        if unread {
            file.info = scan.info.map(Object::Reference);
        }
        Ok(file)
    }

    /// The key to its strings and streams, if it is encrypted.
    fn decipher(&mut self) {
        let Some((section, object)) = self.xref.trailer(b"Encrypt") else { return };
        let at = section.span.start;
        let (object, id) = (object.clone(), section.trailer.find(b"ID").cloned());
        let id = match id.as_ref().map(Object::items).and_then(<[Object]>::first) {
            Some(Object::String(id)) => id.clone(),
            _ => Vec::new(),
        };
        let encrypt = match &object {
            Object::Reference(id) => self.load(*id).map(|loaded| loaded.object),
            direct => Ok(direct.clone()),
        };
        self.cipher = Some(encrypt.and_then(|encrypt| match encrypt.dictionary() {
            Some(encrypt) => Cipher::open(encrypt, &id).map_err(|problem| FormatError::new(at, problem)),
            None => Err(FormatError::malformed(at, "the dictionary of the encryption is none")),
        }));
    }

    /// Whether a file that was arranged for the web is shorter than it says.
    fn cut_short(&self) -> Result<Option<FormatError>, FormatError> {
        let head = self.bytes.up_to(self.header, EDGE)?;
        if memchr::memmem::find(&head, b"/Linearized").is_none() {
            return Ok(None);
        }
        let mut lexer = Lexer::new(&head, self.header, true, &self.limits);
        let Ok(Object::Dictionary(first)) = lexer.header().and_then(|_| lexer.object()) else {
            return Ok(None);
        };
        let whole = first.count(b"L").filter(|_| first.find(b"Linearized").is_some());
        let cut = whole.is_some_and(|whole| whole > self.bytes.size());
        Ok(cut.then(|| FormatError::new(self.bytes.size(), Problem::Truncated)))
    }

    /// The object of a number; `null` where there is none.
    ///
    /// # Errors
    /// If it is not where it should be, or is broken.
    pub(crate) fn load(&self, id: Id) -> Result<Loaded, FormatError> {
        let nothing = |at| Loaded {
            id,
            object: Object::Null,
            bytes: Vec::new(),
            base: None,
            span: Span { start: at, end: at },
            stream: None,
        };
        self.bytes.spend(0, self.xref.runs() as u64 + 64)?;
        match self.xref.place(&self.bytes, id.number)? {
            Place::Free => Ok(nothing(0)),
            Place::Offset(at) => {
                let Read { id: found, object, bytes, base, end, stream } =
                    self.bytes.object(at, &self.limits, true)?;
                // A wrong generation means no object by the letter, and a slip of the writer in life.
                if found.map(|found| found.number) != Some(id.number) {
                    return Err(FormatError::malformed(
                        at,
                        "another object stands where the cross-references point",
                    ));
                }
                let id = found.unwrap_or(id);
                Ok(Loaded { id, object, bytes, base: Some(base), span: Span { start: at, end }, stream })
            }
            Place::Within(number, index) => {
                let stream = self.object_stream(number)?;
                let at = stream.span.start;
                let missing =
                    FormatError::malformed(at, "an object is not in the object stream it should be in");
                let there = usize::try_from(index).ok().and_then(|index| stream.index.get(index));
                let there = there.filter(|(number, _)| *number == id.number);
                let there = there.or_else(|| stream.index.iter().find(|(number, _)| *number == id.number));
                let start = there.ok_or(missing.clone())?.1;
                let bytes = stream.bytes.get(start..).ok_or(missing)?;
                let mut lexer = Lexer::new(bytes, at, true, &self.limits);
                let object = lexer.object().map_err(|err| FormatError::new(at, err.problem))?;
                self.bytes.spend(at, lexer.at as u64)?;
                let bytes = bytes.get(..lexer.at).unwrap_or_default().to_vec();
                Ok(Loaded { id, object, bytes, base: None, span: stream.span, stream: None })
            }
        }
    }

    /// What an object stands for, if it is a reference.
    ///
    /// # Errors
    /// As [`File::load`].
    pub(crate) fn resolve(&self, object: &Object) -> Result<Object, FormatError> {
        let mut object = object.clone();
        for _ in 0..HOPS {
            match object {
                Object::Reference(id) => object = self.load(id)?.object,
                other => return Ok(other),
            }
        }
        Err(FormatError::malformed(0, "a reference leads to itself"))
    }

    /// What stands under a name, as a dictionary.
    ///
    /// # Errors
    /// As [`File::load`].
    pub(crate) fn inner(&self, outer: &Dictionary, key: &[u8]) -> Result<Option<Dictionary>, FormatError> {
        let Some(object) = outer.find(key) else { return Ok(None) };
        Ok(match self.resolve(object)? {
            Object::Dictionary(inner) => Some(inner),
            _ => None,
        })
    }

    /// The bytes of a stream's data as they stand in the file.
    ///
    /// # Errors
    /// If it is no stream, or does not lie within the file.
    pub(crate) fn data(&self, loaded: &Loaded) -> Result<Span, FormatError> {
        let wrong = |what| FormatError::malformed(loaded.span.start, what);
        let (Some(start), Some(dictionary)) = (loaded.stream, loaded.object.dictionary()) else {
            return Err(wrong("no stream where one should be"));
        };
        let len = dictionary.find(b"Length").map(|len| self.resolve(len)).transpose()?;
        let len = len.as_ref().and_then(Object::count).ok_or(wrong("a stream has no length"))?;
        let span = Span::new(start, len).filter(|span| span.end <= self.bytes.size());
        let span = span.ok_or(wrong("a stream runs past the end of the file"))?;
        let tail = self.bytes.up_to(span.end, 16)?;
        let blank = tail.iter().take_while(|byte| is_space(**byte)).count();
        match tail.get(blank..).is_some_and(|tail| tail.starts_with(b"endstream")) {
            true => Ok(span),
            false => Err(wrong("a stream does not end where its length says")),
        }
    }

    /// The data of a stream, decrypted and without its filters.
    ///
    /// # Errors
    /// As [`File::data`], and if a filter cannot be undone.
    pub(crate) fn decoded(&self, loaded: &Loaded) -> Result<Vec<u8>, FormatError> {
        let span = self.data(loaded)?;
        let problem = |problem| FormatError::new(span.start, problem);
        let mut bytes = self.limits.take(self.bytes.source, span)?;
        let dictionary = self.direct(loaded.object.dictionary().cloned().unwrap_or_default())?;
        if let Some(cipher) = &self.cipher {
            let cipher = cipher.as_ref().map_err(Clone::clone)?;
            if cipher.covers(&dictionary) {
                bytes = cipher.stream(loaded.id, &bytes).map_err(problem)?;
            }
        }
        filter::decode(&dictionary, &bytes, &self.limits).map_err(problem)
    }

    /// The same dictionary, its filters and their parameters spelled out.
    fn direct(&self, mut dictionary: Dictionary) -> Result<Dictionary, FormatError> {
        for entry in &mut dictionary.entries {
            if [b"Filter".as_slice(), b"DecodeParms"].contains(&entry.key.as_slice()) {
                entry.value = self.resolve(&entry.value)?;
                if let Object::Array(items) = &mut entry.value {
                    for item in items.iter_mut().take(8) {
                        *item = self.resolve(item)?;
                    }
                }
            }
        }
        Ok(dictionary)
    }
}
