//! Streams that hold other objects (ISO 32000-2, 7.5.7).

use std::rc::Rc;

use super::entries::Place;
use super::file::File;
use super::lexer::Lexer;
use super::object::{Id, Object};
use indicia_core::{FormatError, Problem, Span};

/// How often [`Limits::inflated`] the object streams of one file may hold together.
const INFLATIONS: u64 = 4;

/// An object stream, inflated.
pub(crate) struct ObjectStream {
    /// Its objects, after their index.
    pub(crate) bytes: Vec<u8>,
    /// Number and offset of each object in it.
    pub(crate) index: Vec<(u32, usize)>,
    /// Where it stands in the file.
    pub(crate) span: Span,
}

impl File<'_> {
    /// The object stream of a number, inflated at the first call.
    ///
    /// # Errors
    /// If there is none, it is broken, or all of them together are over a limit.
    pub(crate) fn object_stream(&self, number: u32) -> Result<Rc<ObjectStream>, FormatError> {
        if let Some(stream) = self.streams.borrow().get(&number) {
            return Ok(Rc::clone(stream));
        }
        let at = match self.xref.place(&self.bytes, number)? {
            Place::Offset(at) => at,
            _ => return Err(FormatError::malformed(0, "an object stream is not in the file itself")),
        };
        let loaded = self.load(Id { number, generation: 0 })?;
        let wrong = |what| FormatError::malformed(at, what);
        let Some(dictionary) = loaded.object.dictionary().filter(|found| found.says(b"Type", b"ObjStm"))
        else {
            return Err(wrong("no object stream where one should be"));
        };
        let limit = self.limits.inflated.saturating_mul(INFLATIONS);
        if self.held.get() > limit {
            let what = "bytes in object streams together";
            return Err(FormatError::new(at, Problem::OverLimit { what, limit }));
        }
        let count = |key: &[u8]| -> Result<u64, FormatError> {
            let found = dictionary.find(key).map(|found| self.resolve(found)).transpose()?;
            found.as_ref().and_then(Object::count).ok_or(wrong("an object stream does not say what it holds"))
        };
        let (many, first) = (count(b"N")?, count(b"First")?);
        let first =
            usize::try_from(first).map_err(|_| wrong("an object stream does not say what it holds"))?;
        let bytes = self.decoded(&loaded)?;
        self.held.set(self.held.get().saturating_add(bytes.len() as u64));
        let head = bytes.get(..first).ok_or(wrong("an object stream is shorter than its index"))?;
        let (mut lexer, mut index) = (Lexer::new(head, at, true, &self.limits), Vec::new());
        for _ in 0..many {
            let (Some(number), Some(offset)) = (lexer.count()?, lexer.count()?) else {
                return Err(wrong("the index of an object stream ends too early"));
            };
            let number = u32::try_from(number).map_err(|_| wrong("an object has no sensible number"))?;
            let start = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(first));
            index.push((number, start.ok_or(wrong("an object stands outside of its stream"))?));
        }
        let span = self.data(&loaded)?;
        let stream = Rc::new(ObjectStream { bytes, index, span });
        self.streams.borrow_mut().insert(number, Rc::clone(&stream));
        Ok(stream)
    }
}
