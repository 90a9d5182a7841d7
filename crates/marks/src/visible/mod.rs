//! Notices drawn into pictures: how words become pixels that can be read, and how that is measured.
//!
//! All geometry is that of the picture as shown: [`geometry::Upright`] alone knows how it is stored.

pub(crate) mod contrast;
pub(crate) mod drawing;
pub(crate) mod font;
pub(crate) mod geometry;
pub(crate) mod layout;
pub(crate) mod mask;
pub(crate) mod place;
