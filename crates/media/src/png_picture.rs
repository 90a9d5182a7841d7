//! The pixels of PNG and APNG: every frame decoded onto the full canvas, and coded again in the file's own terms.

mod canvas;
mod coded;
mod decode;
mod encode;
mod filter;
mod rows;
mod stream;
mod unfilter;

use crate::Layout;
use indicia_core::{FormatError, Limits, Problem};

pub(crate) use decode::decode;
pub(crate) use encode::encode;
pub(crate) use rows::decode_rows;

fn animated(layout: &Layout) -> bool {
    layout.segments.iter().any(|segment| segment.name == *b"acTL")
}

fn problem(err: png::DecodingError, limits: &Limits) -> FormatError {
    match err {
        png::DecodingError::IoError(err) if err.kind() == std::io::ErrorKind::UnexpectedEof => {
            FormatError::new(0, Problem::Truncated)
        }
        png::DecodingError::IoError(err) => FormatError::new(0, Problem::Io(err.kind())),
        png::DecodingError::LimitsExceeded => {
            FormatError::new(0, Problem::OverLimit { what: "pixels", limit: limits.pixels })
        }
        png::DecodingError::Format(_) => FormatError::malformed(0, "the pixels cannot be decoded"),
        png::DecodingError::Parameter(_) => {
            FormatError::malformed(0, "there are fewer frames than the file says")
        }
    }
}

#[cfg(test)]
mod tests;
