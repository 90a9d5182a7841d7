//! A frame after the mildest loss that pictures meet on their way: JPEG of quality 75.

use indicia_core::FormatError;
use indicia_media::{Colour, Frame, Picture, Samples};
use jpeg_encoder::{ColorType, Encoder};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// The quality that is tried.
pub(super) const QUALITY: u8 = 75;

/// The luminance of a frame, put on white where it is transparent, coded as JPEG and decoded again; `None` where the
/// picture is larger than JPEG can be.
///
/// # Errors
/// If the frame has not as many samples as its size says, or cannot be coded.
pub(super) fn luminance(picture: &Picture, frame: &Frame) -> Result<Option<Vec<u8>>, FormatError> {
    let (Ok(width), Ok(height)) = (u16::try_from(picture.width), u16::try_from(picture.height)) else {
        return Ok(None);
    };
    let failed = |_| FormatError::unsupported(0, "coding a frame as JPEG");
    let grey = grey(picture.colour, frame);
    let mut coded = Vec::new();
    Encoder::new(&mut coded, QUALITY).encode(&grey, width, height, ColorType::Luma).map_err(failed)?;
    // It would give red, green and blue unasked.
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let decoded = JpegDecoder::new_with_options(ZCursor::new(&coded), options).decode();
    let decoded = decoded.map_err(|_| FormatError::unsupported(0, "decoding a frame coded as JPEG"))?;
    Ok(Some(decoded))
}

fn grey(colour: Colour, frame: &Frame) -> Vec<u8> {
    match &frame.samples {
        Samples::Eight(all) => all.chunks_exact(colour.channels()).map(|pixel| luma(colour, pixel)).collect(),
        Samples::Sixteen(all) => {
            let mut high = [0; 4];
            let pixels = all.chunks_exact(colour.channels()).map(|pixel| {
                high.iter_mut().zip(pixel).for_each(|(to, from)| *to = from.to_be_bytes()[0]);
                luma(colour, &high)
            });
            pixels.collect()
        }
    }
}

/// ITU-R BT.601, over white.
fn luma(colour: Colour, pixel: &[u8]) -> u8 {
    let rgb = |red: u8, green: u8, blue: u8| {
        let sum = 19_595 * u32::from(red) + 38_470 * u32::from(green) + 7_471 * u32::from(blue);
        ((sum + (1 << 15)) >> 16).to_le_bytes()[0]
    };
    let over_white = |one: u8, alpha: u8| {
        let (one, alpha) = (u32::from(one), u32::from(alpha));
        ((one * alpha + 255 * (255 - alpha) + 127) / 255).to_le_bytes()[0]
    };
    match (colour, pixel) {
        (Colour::Gray | Colour::YCbCr, [first, ..]) => *first,
        (Colour::GrayAlpha, [first, alpha, ..]) => over_white(*first, *alpha),
        (Colour::Rgb, [red, green, blue, ..]) => rgb(*red, *green, *blue),
        (Colour::Rgba, [red, green, blue, alpha, ..]) => over_white(rgb(*red, *green, *blue), *alpha),
        _ => 0,
    }
}
