//! Pages: the words that a document says its marked shapes stand for, and marks to draw on it.

/// What the first and the last page say their spans of marked content stand for (ISO 32000-2, 14.9.4).
///
/// This is not the text of the pages: words set in fonts are not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageWords {
    /// On the first page, in the order they are drawn.
    pub first: Vec<String>,
    /// On the last page; `None` if the first page is the only one.
    pub last: Option<Vec<String>>,
}

/// Words to draw on a page, as the outlines of their letters: they look the same wherever the file is shown.
///
/// One unit is the size of the letters (an em); the baseline is at y 0, y grows upwards, the pen starts at x 0.
#[derive(Clone, Debug, PartialEq)]
pub struct PageMark {
    /// The words, for whoever copies, searches or listens to the page.
    pub words: String,
    /// Their outline, to be filled by the nonzero winding rule.
    pub outline: Vec<PathStep>,
    /// Where the pen stands after the last letter.
    pub width: f32,
}

/// One step of an outline. Closed by nature: what every page description has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PathStep {
    /// Begins a new shape.
    Move([f32; 2]),
    /// A straight line from where it stands.
    Line([f32; 2]),
    /// A cubic Bézier curve from where it stands: two control points, then its end.
    Curve([[f32; 2]; 3]),
    /// Back to where the shape began.
    Close,
}

impl PathStep {
    /// The points it names.
    pub fn points(&self) -> &[[f32; 2]] {
        match self {
            Self::Move(point) | Self::Line(point) => std::slice::from_ref(point),
            Self::Curve(points) => points,
            Self::Close => &[],
        }
    }
}
