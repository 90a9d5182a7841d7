//! Notices drawn into pictures: how words become pixels that can be read, and how that is measured.
//!
//! All geometry is that of the picture as shown: [`geometry::Upright`] alone knows how it is stored.

mod contrast;
mod drawing;
mod font;
mod geometry;
mod layout;
mod mask;
pub(crate) mod notice;
mod outline;
mod place;

pub(crate) use outline::outline;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod written_tests;
