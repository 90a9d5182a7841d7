//! Watermarks in pictures.
//!
//! A periodic pattern of 1024 payload frequencies and 44 sync frequencies lies over the luminance, shaped so that it does not
//! show. It is defined at *reference scale*, where every picture has about 640,000 pixels, so that resizing does not hide it.
//! Detection whitens the luminance, lays all periods over each other and looks at the spectrum.
#![allow(
    clippy::indexing_slicing,
    reason = "places are computed from the picture's size, which its constructor checked, and from constants"
)]
#![allow(
    clippy::cast_possible_truncation,
    reason = "places lie within a picture, samples are clamped to their range, and f32 is as exact as pixels need"
)]

mod detect;
mod embed;
mod fold;
mod geometry;
mod jpeg;
mod lattice;
mod mask;
mod pixels;
mod plane;
mod reference;
mod region;
mod search;
mod seen;
mod spectrum;
mod tile;
mod view;
mod whiten;

pub use detect::{Detector, Effort};
pub use embed::{Embedded, Fitting, Refusal, Strength, embed};
pub use geometry::Geometry;
pub use pixels::{Layout, Picture, PictureMut, Samples, SamplesMut, ShapeError};
pub use region::Region;
