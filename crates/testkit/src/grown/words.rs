//! Words.

use super::find_last;

/// A line that says nothing.
const LINE: &[u8] = b"The river runs on and on, past the mill and under the bridge, to the sea. ";

/// More words before a part that ends the file.
pub(super) fn before(file: &[u8], end: &[u8], by: usize) -> Option<Vec<u8>> {
    super::inserted(file, find_last(file, end)?, &words(by))
}

/// More words at the end.
pub(super) fn after(file: &[u8], by: usize) -> Option<Vec<u8>> {
    // Words in 16 bits a letter are others.
    let is_plain = !file.starts_with(&[0xFF, 0xFE]) && !file.starts_with(&[0xFE, 0xFF]);
    is_plain.then(|| [file, &words(by), b"\n"].concat())
}

fn words(by: usize) -> Vec<u8> {
    LINE.repeat(by.div_ceil(LINE.len()))
}
