use crate::boxes::IsoBox;
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Bytes of padding that are looked at after the last box of a list.
const PADDING: u64 = 1 << 16;

/// Reads the headers of boxes, as many as are allowed.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    /// The file.
    pub(super) window: Window<'a>,
    left: usize,
    limit: usize,
}

impl<'a> Walk<'a> {
    /// Nothing read yet.
    pub(super) fn new(source: &'a dyn Source, limits: &Limits) -> Self {
        Self { window: Window::new(source), left: limits.segments, limit: limits.segments }
    }

    /// Counts one more box or entry.
    ///
    /// # Errors
    /// [`Problem::OverLimit`] if there are too many.
    pub(super) fn count(&mut self, at: u64) -> Result<(), FormatError> {
        let problem = Problem::OverLimit { what: "boxes", limit: self.limit as u64 };
        self.left = self.left.checked_sub(1).ok_or(FormatError::new(at, problem))?;
        Ok(())
    }

    /// The box at `at` in a list that ends at `end`; `None` at the end, or where only zeros follow: QuickTime ends
    /// some lists with them.
    ///
    /// # Errors
    /// If the box does not fit, there are too many, or other bytes follow the zeros.
    pub(super) fn child(&mut self, at: u64, end: u64) -> Result<Option<IsoBox>, FormatError> {
        if at >= end {
            return Ok(None);
        }
        self.count(at)?;
        let near = usize::try_from(end - at).unwrap_or(8).min(8);
        if self.window.up_to(at, near)?.iter().all(|byte| *byte == 0) {
            self.zeros(Span { start: at, end })?;
            return Ok(None);
        }
        if near < 8 {
            return Err(FormatError::malformed(at, "bytes after the last box of a list"));
        }
        IsoBox::read(&mut self.window, at, end).map(Some)
    }

    /// The boxes of a list, without looking into them.
    ///
    /// # Errors
    /// As [`Walk::child`].
    pub(super) fn children(&mut self, list: Span) -> Result<Vec<IsoBox>, FormatError> {
        let mut found = Vec::new();
        self.children_into(list, &mut found)?;
        Ok(found)
    }

    /// The boxes of a list, as far as they can be read.
    ///
    /// # Errors
    /// As [`Walk::child`]; the boxes before that were found.
    pub(super) fn children_into(&mut self, list: Span, found: &mut Vec<IsoBox>) -> Result<(), FormatError> {
        let mut at = list.start;
        while let Some(one) = self.child(at, list.end)? {
            at = one.span.end;
            found.push(one);
        }
        Ok(())
    }

    /// Whether nothing but zeros stands there; of long padding, only the start is looked at.
    fn zeros(&mut self, span: Span) -> Result<(), FormatError> {
        let (mut at, end) = (span.start, span.end.min(span.start.saturating_add(PADDING)));
        while at < end {
            let len = usize::try_from(end - at).unwrap_or(4096).min(4096);
            if self.window.bytes(at, len)?.iter().any(|byte| *byte != 0) {
                return Err(FormatError::malformed(at, "bytes after the last box of a list"));
            }
            at += len as u64;
        }
        Ok(())
    }
}
