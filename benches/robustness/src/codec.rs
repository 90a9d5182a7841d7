//! Coding and decoding again, as files go through it.

use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Stdio};

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::picture::Rgb;

/// As JPEG of this quality, 1 to 100: the tables of ITU-T T.81 Annex K, colours at half the size each way.
///
/// # Errors
/// In words, if it cannot be coded.
pub fn jpeg(picture: &Rgb, quality: u8) -> Result<Rgb, String> {
    decode_jpeg(&encode_jpeg(picture, quality)?)
}

/// The bytes of a JPEG file.
///
/// # Errors
/// If a side is longer than JPEG can say.
pub fn encode_jpeg(picture: &Rgb, quality: u8) -> Result<Vec<u8>, String> {
    let side = |len: usize| u16::try_from(len).map_err(|_| "too large for JPEG".to_owned());
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder
        .encode(&picture.samples, side(picture.width)?, side(picture.height)?, ColorType::Rgb)
        .map_err(|err| err.to_string())?;
    Ok(bytes)
}

/// The picture in a JPEG file.
///
/// # Errors
/// If it cannot be decoded.
pub fn decode_jpeg(bytes: &[u8]) -> Result<Rgb, String> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let samples = decoder.decode().map_err(|err| err.to_string())?;
    let (width, height) = decoder.dimensions().ok_or("no size")?;
    Ok(Rgb::new(width, height, samples))
}

/// As lossy WebP of this quality, 0 to 100.
///
/// # Errors
/// In words, if it cannot be coded.
pub fn webp(picture: &Rgb, quality: u8) -> Result<Rgb, String> {
    let side = |len: usize| u32::try_from(len).map_err(|_| "too large for WebP".to_owned());
    let encoder = webp::Encoder::from_rgb(&picture.samples, side(picture.width)?, side(picture.height)?);
    let bytes = encoder.encode_simple(false, f32::from(quality)).map_err(|err| format!("{err:?}"))?;
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(&*bytes)).map_err(|err| err.to_string())?;
    let mut samples = vec![0; picture.samples.len()];
    decoder.read_image(&mut samples).map_err(|err| err.to_string())?;
    Ok(Rgb::new(picture.width, picture.height, samples))
}

/// As AVIF at this quantizer, 0 (best) to 63, by `avifenc` and `avifdec` of libavif, which have to be installed.
///
/// # Errors
/// If they are not, or one of them fails.
pub fn avif(picture: &Rgb, quantizer: u8) -> Result<Rgb, String> {
    let folder = tempfile::tempdir().map_err(|err| err.to_string())?;
    let [source, coded, decoded] = ["a.png", "a.avif", "b.png"].map(|name| folder.path().join(name));
    write_png(picture, &source)?;
    let level = quantizer.to_string();
    let constant = format!("cq-level={level}");
    let coding = ["-s", "8", "-j", "1", "-y", "420", "--min", "0", "--max", "63"];
    run(Command::new("avifenc")
        .args(coding)
        .args(["-a", "end-usage=q", "-a", &constant])
        .args([&source, &coded]))?;
    run(Command::new("avifdec").args(["-j", "1", "-d", "8"]).args([&coded, &decoded]))?;
    Rgb::open(&decoded)
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let ended = command.stdin(Stdio::null()).output().map_err(|err| format!("{name}: {err}"))?;
    let why = || format!("{name}: {}", String::from_utf8_lossy(&ended.stderr).trim());
    ended.status.success().then_some(()).ok_or_else(why)
}

/// Writes a PNG file.
///
/// # Errors
/// What the system or the encoder says.
pub fn write_png(picture: &Rgb, path: &Path) -> Result<(), String> {
    let file = std::fs::File::create(path).map_err(|err| err.to_string())?;
    let side = |len: usize| u32::try_from(len).map_err(|_| "too large for PNG".to_owned());
    let mut encoder =
        png::Encoder::new(std::io::BufWriter::new(file), side(picture.width)?, side(picture.height)?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(|err| err.to_string())?;
    writer.write_image_data(&picture.samples).map_err(|err| err.to_string())?;
    writer.finish().map_err(|err| err.to_string())
}

#[cfg(test)]
mod tests {
    use super::{jpeg, webp, write_png};
    use crate::picture::{Rgb, made_up};
    use crate::quality::psnr;

    /// Bands that a coder of the same standard stays in, whatever its author: a wrong scale of quality is not.
    #[test]
    fn coders_lose_what_their_quality_says() {
        // Without colours, which are coded at half the size.
        let scene = crate::tone::grey(&made_up::scene(256, 192));
        let of_jpeg = [90, 75, 50, 30].map(|quality| psnr(&scene, &jpeg(&scene, quality).unwrap()));
        assert!(of_jpeg.is_sorted_by(|one, two| one > two), "{of_jpeg:?}");
        let bands = [34.0..45.0, 30.0..40.0, 28.0..37.0, 26.0..36.0];
        assert!(of_jpeg.iter().zip(bands).all(|(one, band)| band.contains(one)), "{of_jpeg:?}");
        let of_webp = [80, 50].map(|quality| psnr(&scene, &webp(&scene, quality).unwrap()));
        assert!(of_webp[0] > of_webp[1] && (26.0..36.0).contains(&of_webp[1]), "{of_webp:?}");
    }

    #[test]
    fn sizes_that_fit_no_block_stay_as_they_are() {
        let odd = made_up::scene(61, 35);
        for coded in [jpeg(&odd, 90), webp(&odd, 90)] {
            let coded = coded.unwrap();
            assert_eq!((coded.width, coded.height), (61, 35));
        }
        assert!(jpeg(&Rgb::from_fn(70_000, 1, |_, _| [0; 3]), 90).is_err());
    }

    #[test]
    fn png_keeps_every_sample() {
        let (scene, folder) = (made_up::scene(50, 40), tempfile::tempdir().unwrap());
        let path = folder.path().join("a.png");
        write_png(&scene, &path).unwrap();
        assert_eq!(Rgb::open(&path).unwrap(), scene);
    }
}
