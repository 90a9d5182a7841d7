//! The words of a notice as outlines, for pages that are drawn rather than stored as pixels.

use super::font::NoticeFont;
use crate::MarkError;
use indicia_media::{PageMark, PathStep};

/// The outlines of all letters in one line.
///
/// # Errors
/// If the font cannot be read, lacks a letter, or draws one larger than any letter is.
pub(crate) fn outline(words: &str, font: Option<&[u8]>) -> Result<PageMark, MarkError> {
    let font = NoticeFont::open(font)?;
    font.check(words)?;
    let mut mark = PageMark { words: words.to_owned(), outline: Vec::new(), width: 0.0 };
    for letter in words.chars() {
        let (steps, advance) = font.steps(letter)?;
        let pen = mark.width;
        let moved = |[x, y]: [f32; 2]| [x + pen, y];
        mark.outline.extend(steps.into_iter().map(|step| match step {
            PathStep::Move(to) => PathStep::Move(moved(to)),
            PathStep::Line(to) => PathStep::Line(moved(to)),
            PathStep::Curve(points) => PathStep::Curve(points.map(moved)),
            PathStep::Close => PathStep::Close,
        }));
        mark.width += advance;
    }
    Ok(mark)
}
