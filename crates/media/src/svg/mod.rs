//! Scalable vector graphics: what is said of a drawing in its `metadata`, `title` and `desc` elements and comments.

mod drawing;
mod recognize;
mod splice;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use drawing::parse;
pub(crate) use recognize::recognize;
pub(crate) use splice::splice;

/// Where a drawing says things about itself.
pub(crate) const METADATA: &str = "metadata element";
