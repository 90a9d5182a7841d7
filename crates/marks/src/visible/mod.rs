//! Notices drawn into pictures: how words become pixels that can be read, and how that is measured.
//!
//! All geometry is that of the picture as shown: [`geometry::Upright`] alone knows how it is stored.

mod contrast;
mod drawing;
mod finding;
mod font;
mod geometry;
mod label_words;
mod layout;
mod mask;
mod measuring;
pub(crate) mod notice;
mod outline;
mod place;
mod scene;
mod spelling;

pub(crate) use finding::find;
pub(crate) use label_words::says_label;
pub(crate) use outline::outline;

#[cfg(test)]
mod finding_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod written_tests;
