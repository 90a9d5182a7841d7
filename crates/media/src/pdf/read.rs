//! The bytes of a file, and the objects that stand in them.

use std::cell::{Cell, RefCell};

use super::lexer::Lexer;
use super::object::{Id, Object};
use indicia_core::{FormatError, Limits, Problem, Source, Window};

/// Bytes that most objects fit in.
const FIRST: usize = 2048;

/// How often [`Limits::block`] all objects read from one file may hold together: a hostile file has many
/// ways to have the same bytes read again and again.
const BLOCKS: u64 = 8;

/// A file, a few thousand bytes at a time.
pub(crate) struct Bytes<'a> {
    /// All of it.
    pub(crate) source: &'a dyn Source,
    /// What must be added to the offsets that the file names: the bytes before `%PDF-`, where they are not counted.
    pub(crate) shift: u64,
    window: RefCell<Window<'a>>,
    spent: Cell<u64>,
    limit: u64,
}

/// An object and where it was read.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// Its number, if it has one.
    pub(crate) id: Option<Id>,
    /// It.
    pub(crate) object: Object,
    /// The bytes that its ranges refer to.
    pub(crate) bytes: Vec<u8>,
    /// Offset of the first of these bytes in the file.
    pub(crate) base: u64,
    /// Offset of the byte after it.
    pub(crate) end: u64,
    /// Offset of its data, if it is a stream.
    pub(crate) stream: Option<u64>,
}

impl<'a> Bytes<'a> {
    /// Nothing read yet.
    pub(crate) fn new(source: &'a dyn Source, shift: u64, limits: &Limits) -> Self {
        let limit = limits.block.saturating_mul(BLOCKS);
        Self { source, shift, window: RefCell::new(Window::new(source)), spent: Cell::new(0), limit }
    }

    /// Size of the file.
    pub(crate) fn size(&self) -> u64 {
        self.source.size()
    }

    /// As many bytes from `at` as follow, at most `len`.
    ///
    /// # Errors
    /// If the system cannot read.
    pub(crate) fn up_to(&self, at: u64, len: usize) -> Result<Vec<u8>, FormatError> {
        self.window.borrow_mut().up_to(at, len).map(<[u8]>::to_vec)
    }

    /// The `len` bytes from `at`; `len` is small.
    ///
    /// # Errors
    /// If fewer follow or the system cannot read.
    pub(crate) fn exactly(&self, at: u64, len: u64) -> Result<Vec<u8>, FormatError> {
        let len = usize::try_from(len).map_err(|_| FormatError::new(at, Problem::Truncated))?;
        self.window.borrow_mut().bytes(at, len).map(<[u8]>::to_vec)
    }

    /// Counts bytes that were looked at.
    ///
    /// # Errors
    /// If they are too many, all objects read so far together.
    pub(crate) fn spend(&self, at: u64, bytes: u64) -> Result<(), FormatError> {
        let (limit, spent) = (self.limit, self.spent.get().saturating_add(bytes));
        self.spent.set(spent);
        if spent <= limit {
            return Ok(());
        }
        Err(FormatError::new(at, Problem::OverLimit { what: "bytes in objects together", limit }))
    }

    /// The object at `at`, with its number before it if it should have one.
    ///
    /// # Errors
    /// If there is none, it is broken or over a limit.
    pub(crate) fn object(&self, at: u64, limits: &Limits, numbered: bool) -> Result<Read, FormatError> {
        let mut len = FIRST;
        loop {
            let bytes = self.up_to(at, len)?;
            self.spend(at, bytes.len() as u64)?;
            let whole = at.saturating_add(bytes.len() as u64) >= self.size();
            match Self::parse(&bytes, at, whole, limits, numbered) {
                Err(err) if err.problem == Problem::Truncated && !whole => {
                    let most = usize::try_from(limits.block).unwrap_or(usize::MAX);
                    if len >= most {
                        let problem = Problem::OverLimit { what: "bytes in one block", limit: limits.block };
                        return Err(FormatError::new(at, problem));
                    }
                    len = len.saturating_mul(4).min(most);
                }
                Err(err) => return Err(err),
                Ok(read) => return Ok(Read { bytes, ..read }),
            }
        }
    }

    fn parse(
        bytes: &[u8],
        at: u64,
        whole: bool,
        limits: &Limits,
        numbered: bool,
    ) -> Result<Read, FormatError> {
        let mut lexer = Lexer::new(bytes, at, whole, limits);
        let id = if numbered { Some(lexer.header()?) } else { None };
        let object = lexer.object()?;
        let end = at.saturating_add(lexer.at as u64);
        let stream = match object {
            Object::Dictionary(_) if numbered => lexer.stream()?.map(|data| at.saturating_add(data as u64)),
            _ => None,
        };
        Ok(Read { id, object, bytes: Vec::new(), base: at, end, stream })
    }
}
