use crate::{FormatError, Problem, Source};

/// Least number of bytes fetched at a time: a header and what usually stands beside it.
const BLOCK: usize = 4096;

/// A view of a [`Source`] that fetches a block at a time, so that parsers may ask for a few bytes at once.
///
/// It belongs to one function: no reader depends on where another left it.
pub struct Window<'a> {
    source: &'a dyn Source,
    start: u64,
    block: Vec<u8>,
}

impl std::fmt::Debug for Window<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Window").field("start", &self.start).finish_non_exhaustive()
    }
}

impl<'a> Window<'a> {
    /// Nothing fetched yet.
    pub fn new(source: &'a dyn Source) -> Self {
        Self { source, start: 0, block: Vec::new() }
    }

    /// Size of the source.
    pub fn size(&self) -> u64 {
        self.source.size()
    }

    /// The `len` bytes from `at`. Meant for headers: `len` should be a constant, not a size from the file.
    ///
    /// # Errors
    /// [`Problem::Truncated`] if fewer follow, [`Problem::Io`] if the system cannot read.
    pub fn bytes(&mut self, at: u64, len: usize) -> Result<&[u8], FormatError> {
        let truncated = FormatError::new(at, Problem::Truncated);
        let end = at.checked_add(len as u64).ok_or(truncated.clone())?;
        if end > self.source.size() {
            return Err(truncated);
        }
        if at < self.start || end > self.start + self.block.len() as u64 {
            self.fetch(at, len)?;
        }
        let from = usize::try_from(at - self.start).map_err(|_| truncated.clone())?;
        self.block.get(from..from + len).ok_or(truncated)
    }

    /// As many bytes from `at` as follow, at most `len`; empty at the end.
    ///
    /// # Errors
    /// [`Problem::Io`] if the system cannot read.
    pub fn up_to(&mut self, at: u64, len: usize) -> Result<&[u8], FormatError> {
        let left = self.source.size().saturating_sub(at);
        let len = usize::try_from(left).map_or(len, |left| left.min(len));
        if len == 0 {
            return Ok(&[]);
        }
        self.bytes(at, len)
    }

    /// All that is held from `at` on; if that is nothing, up to `len` bytes are fetched first. Empty at the end.
    ///
    /// # Errors
    /// [`Problem::Io`] if the system cannot read.
    pub fn held(&mut self, at: u64, len: usize) -> Result<&[u8], FormatError> {
        if at < self.start || at >= self.start + self.block.len() as u64 {
            return self.up_to(at, len);
        }
        let from = usize::try_from(at - self.start).unwrap_or(usize::MAX);
        Ok(self.block.get(from..).unwrap_or_default())
    }

    /// The `N` bytes from `at`.
    ///
    /// # Errors
    /// As [`Window::bytes`].
    pub fn array<const N: usize>(&mut self, at: u64) -> Result<[u8; N], FormatError> {
        let bytes = self.bytes(at, N)?;
        bytes.try_into().map_err(|_| FormatError::new(at, Problem::Truncated))
    }

    fn fetch(&mut self, at: u64, len: usize) -> Result<(), FormatError> {
        let left = usize::try_from(self.source.size() - at).unwrap_or(usize::MAX);
        self.block.resize(len.max(BLOCK).min(left), 0);
        self.start = at;
        self.source.read_at(at, &mut self.block).map_err(|err| {
            self.block.clear();
            FormatError::new(at, Problem::Io(err.kind()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Window};
    use crate::Problem;

    #[test]
    fn it_reads_anywhere_and_never_past_the_end() {
        let bytes: Vec<u8> = (0..3 * BLOCK).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let mut window = Window::new(&bytes);
        for at in [0, BLOCK - 2, 2 * BLOCK + 7, 5, 3 * BLOCK - 4] {
            assert_eq!(window.bytes(at as u64, 4).unwrap(), &bytes[at..at + 4], "{at}");
        }
        assert_eq!(window.bytes(3 * BLOCK as u64 - 3, 4).unwrap_err().problem, Problem::Truncated);
        assert_eq!(window.bytes(u64::MAX, 4).unwrap_err().problem, Problem::Truncated);
        assert_eq!(window.up_to(3 * BLOCK as u64 - 3, 4).unwrap().len(), 3);
        assert_eq!(window.up_to(3 * BLOCK as u64, 4).unwrap(), [0; 0], "at the end");
        assert_eq!(window.up_to(u64::MAX, 4).unwrap(), [0; 0], "far past it");
        assert_eq!(window.up_to(7, 4).unwrap(), [7, 8, 9, 10], "no more than was asked for");
        assert_eq!(window.array::<2>(1).unwrap(), [1, 2]);
        assert_eq!(window.held(5, 9).unwrap(), &bytes[5..1 + BLOCK], "what was fetched for others too");
        assert_eq!(window.held(2 * BLOCK as u64, 9).unwrap(), &bytes[2 * BLOCK..2 * BLOCK + 9]);
        assert_eq!(window.held(3 * BLOCK as u64, 9).unwrap(), [0; 0], "at the end");
    }
}
