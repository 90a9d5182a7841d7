//! Watermarks in pictures.

mod pixels;

pub use pixels::{Layout, Picture, PictureMut, Samples, SamplesMut, ShapeError};
